"""Settled accounts: a look that shows nothing new is not judged, and everything stands as if it had been."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from mediawatch import conclude
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Outcome
from mediawatch.core.rules import RULES, judge_one
from mediawatch.core.settled import settles
from mediawatch.rulebook_file import built_in, load_rulebook
from mediawatch.store.tables import ALERT, STANDING
from tests.indicator_rows import rows
from tests.stories import Story, app, weibo
from tests.tables import BOOK

BOOKS = [load_rulebook(name) for name in built_in()]
LINES = {line.model_dump_json(): line for book in BOOKS for line in book.indicators if RULES[line.rule].by_day}
SOON = timedelta(seconds=2)
WORLD: dict[str, Any] = {
    "accounts": [
        weibo("daily", number=1, every="7h", jitter="3h"),
        weibo("silent", number=2, every="3d", silent_since="day -12"),
        weibo("deletes", {"at": "day 1 10:00", "deleted": "day 1 20:00"}, "day 0 12:00", number=3, earlier=3),
        weibo("renamed", "day 0 10:00", number=4, changes=[{"at": "day 2 11:00", "name": "另一个名字"}]),
        weibo("dated", {"at": "day -5 10:00", "shown": "day 2 10:00"}, "day -1 12:00", number=5, every="2d"),
        app("shop"),
    ],
    "troubles": [{"where": "weibo", "mode": "captcha", "from": "day 2 09:00", "to": "day 2 19:00"}],
}


def again(on: Evidence, later: timedelta) -> Evidence:
    """The same, after one more look that shows what the last one showed, judged a moment after it was taken."""
    last = on.looks[-1]
    now = last.at + later
    posts = [one.model_copy(update={"last_seen_at": now}) if one.last_seen_at >= last.at else one for one in on.posts]
    look = last.model_copy(update={"at": now})
    return on.model_copy(update={"now": now + SOON, "looks": (*on.looks, look), "posts": tuple(posts)})


def test_a_look_that_shows_the_same_on_the_same_day_leaves_every_line_that_is_settled_as_it_is() -> None:
    tried = set()
    for line in LINES.values():
        book = BOOK.model_copy(update={"indicators": (line,)})
        for row in rows(line):
            if row.expected is not Outcome.PASS or not row.on.looks:
                continue
            last = row.on.looks[-1].at
            shown = {"last_seen_at": last}  # nothing is missing
            posts = tuple(one.model_copy(update=shown) for one in row.on.posts if one.first_seen_at <= last)
            on = row.on.model_copy(update={"now": last + SOON, "posts": posts})
            before = judge_one(line, on)
            ahead = settles(book, on, (before,))
            for later in (timedelta(minutes=1), timedelta(hours=5), timedelta(hours=14)):
                if ahead is None or day_of(last + later + SOON) != day_of(last) or ends(ahead, last + later + SOON):
                    continue
                after = judge_one(line, again(on, later))
                tried.add(line.rule)
                assert told(after) == told(before), (line.id, row.says)
    assert tried == {line.rule for line in LINES.values()}


def ends(ahead: tuple[Finding, ...], now: Any) -> bool:
    moments = [one.holds_until for one in ahead if one.holds_until > one.judged_at]
    return any(moment <= now for moment in (*moments, *(one.warns_at for one in ahead if one.warns_at)))


def told(finding: Finding) -> dict[str, Any]:
    """All of it but when it was judged."""
    said = finding.model_dump(exclude={"judged_at", "holds_until"})
    return said | {"until": finding.holds_until if finding.holds_until > finding.judged_at else None}


async def lived(folder: Path) -> tuple[list[list[Any]], list[Any]]:
    """What stood at noon and at the end of each of some days that were looked at every three hours."""
    stood = []
    async with Story(folder, WORLD) as story:
        for hour in range(0, 75, 3):
            await story.until(f"{hour}h")
            story.store.make_due(story.now)
            await story.until(story.now)
            if hour % 12 == 3:
                with story.store.reading() as connection:
                    found = connection.execute(select(STANDING).order_by(STANDING.c.account, STANDING.c.indicator))
                    stood.append([(row.account, told(Finding.model_validate_json(row.finding))) for row in found])
        with story.store.reading() as connection:
            names = [column.name for column in ALERT.c if column.name not in ("finding", "tell_at")]
            alerts = connection.execute(select(*(ALERT.c[name] for name in names)).order_by(ALERT.c.id)).all()
    return stood, [tuple(row) for row in alerts]


async def test_days_come_out_the_same_whether_or_not_settled_accounts_are_judged(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []
    really = conclude.judge

    def counted(*given: Any) -> Any:
        judged.append(1)
        return really(*given)

    monkeypatch.setattr(conclude, "judge", counted)
    settled = await lived(tmp_path_factory.mktemp("settled"))
    few, judged[:] = len(judged), []
    monkeypatch.setattr(conclude, "settles", lambda *_: None)
    every = await lived(tmp_path_factory.mktemp("every"))
    assert few < len(judged) - 40, "looks that showed nothing new were not judged"
    assert settled[1] == every[1]
    for one, other in zip(settled[0], every[0], strict=True):
        assert one == other


async def test_an_account_is_settled_no_more_once_the_register_says_another_thing_of_it(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("calm", "day 0 08:00", number=1)]}) as story:
        await story.until("1h")
        settled = text("SELECT settled FROM account")
        with story.store.reading() as connection:
            assert connection.execute(settled).scalar() is not None
        (told_,) = story.loaded.accounts
        other = told_.model_copy(update={"sponsor": "another office"})
        story.store.enroll([other], story.now, lambda target: story.now)
        with story.store.reading() as connection:
            assert connection.execute(settled).scalar() is None


async def test_what_another_version_wrote_settles_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    really = conclude.judge
    async with Story(tmp_path, {"accounts": [weibo("calm", "day 0 08:00", number=1)]}) as story:
        await story.until("1h")
        monkeypatch.setattr(conclude, "judge", lambda *given: (judged.append(1), really(*given))[1])

        async def looked(hour: int) -> int:
            judged.clear()
            await story.until(f"{hour}h")
            story.store.make_due(story.now)
            await story.until(story.now)
            return len(judged)

        assert await looked(2) == 0
        with story.store.copying() as connection:
            connection.execute(text('UPDATE account SET settled = \'{"another": "shape"}\''))
        assert await looked(3) == 1
        monkeypatch.setattr(conclude, "__version__", "99")
        assert await looked(4) == 1
        assert await looked(5) == 0
