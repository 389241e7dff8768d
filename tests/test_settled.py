"""Settled accounts: a look that shows nothing new is not judged, and everything stands as if it had been."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from mediawatch import conclude
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Finding, Look, Outcome, Profile
from mediawatch.core.rules import RULES, asked, judge_one
from mediawatch.core.schedule import Due
from mediawatch.core.settled import settles
from mediawatch.core.standing import standing_at
from mediawatch.rulebook_file import built_in, load_rulebook
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from mediawatch.store.tables import ALERT, STANDING
from tests.indicator_rows import rows
from tests.store_world import START, account, claim, enrolled, saw
from tests.stories import Story, app, weibo
from tests.tables import BOOK

BOOKS = [load_rulebook(name) for name in built_in()]
LINES = {line.model_dump_json(): line for book in BOOKS for line in book.indicators if RULES[line.rule].stands}
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


LATER = (*(timedelta(hours=hours) for hours in (0.1, 5, 14)), *(timedelta(days=days) for days in (1, 2, 6, 13, 40)))


def again(on: Evidence, later: timedelta, looks: int) -> Evidence:
    """The same, after so many looks that show what the last one showed, judged a moment after the last of them. Counts
    that are told are told again on each of their days."""
    last = on.looks[-1]
    now = last.at + later
    taken = tuple(last.model_copy(update={"at": last.at + later * (n + 1) / looks}) for n in range(looks))
    posts = [one.model_copy(update={"last_seen_at": now}) if one.last_seen_at >= last.at else one for one in on.posts]
    told = (*on.looks, *taken)
    known = (*[one for one in told[:-20] if one.seen is not None][:1], *told[-20:])
    more = {"now": now + SOON, "looks": known, "posts": tuple(posts)}
    return counted(on.model_copy(update=more), taken)


def counted(on: Evidence, looks: Iterable[Look]) -> Evidence:
    """The same, where counts that are told are told by these looks, too."""
    days = {one.day: one for one in on.series}
    for one in looks if on.series else ():
        days.setdefault(day_of(one.at), on.series[-1].model_copy(update={"day": day_of(one.at), "at": one.at}))
    return on.model_copy(update={"series": tuple(days.values())})


def test_looks_that_show_the_same_leave_every_line_that_is_settled_as_it_is_until_it_says() -> None:
    tried = set()
    for line in LINES.values():
        book = BOOK.model_copy(update={"indicators": (line,)})
        for row in rows(line):
            if row.expected is Outcome.FAIL or not row.on.looks:
                continue
            last = row.on.looks[-1].at
            shown = {"last_seen_at": last}  # nothing is missing
            posts = tuple(one.model_copy(update=shown) for one in row.on.posts if one.first_seen_at <= last)
            on = counted(row.on.model_copy(update={"now": last + SOON, "posts": posts}), row.on.looks[-1:])
            before = judge_one(line, on)
            stands = settles(book, on, (before,)) if asked(book, on) else None
            if stands is None:
                continue
            for later, looks in [(later, looks) for later in LATER for looks in (1, 25)]:
                now = last + later + SOON
                if now < stands.until and not ends(stands.ahead, now):
                    after = judge_one(line, again(on, later, looks))
                    tried.add(line.rule)
                    assert told(after, now) == told(before, now), (line.id, row.says, later, looks)
    assert tried == {line.rule for line in LINES.values()}


def ends(ahead: tuple[Finding, ...], now: Any) -> bool:
    moments = [one.holds_until for one in ahead if one.holds_until > one.judged_at]
    return any(moment <= now for moment in (*moments, *(one.warns_at for one in ahead if one.warns_at)))


def told(finding: Finding, now: datetime) -> dict[str, Any]:
    """All of it as it is shown at that instant, but when it was judged."""
    said = standing_at(finding, now).model_dump(exclude={"judged_at", "holds_until"})
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
                    said = [(row.account, Finding.model_validate_json(row.finding)) for row in found]
                    stood.append([(account, told(finding, story.now)) for account, finding in said])
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


async def test_on_other_days_only_the_daily_counts_are_asked_again_until_they_jump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []
    really = conclude.judge
    monkeypatch.setattr(conclude, "judge", lambda *given: (judged.append(1), really(*given))[1])
    jump = {"at": "day 11 08:00", "followers": 65_000}
    seen = []
    calm = weibo("calm", "day 0 08:00", "day 6 08:00", number=1, followers=5000, changes=[jump])
    async with Story(tmp_path, {"accounts": [calm]}) as story:
        for day in range(12):
            judged.clear()
            await story.until(f"{24 * day + 1}h")
            story.store.make_due(story.now)
            await story.until(story.now)
            with story.store.writing() as ledger:
                fans = ledger.standing("calm", "I5")
            assert fans is not None
            seen.append((len(judged), fans.outcome.value, fans.values["known"]))
    counted = [(0, "pass", day + 1) for day in range(12)]
    assert seen == [(1, "pass", 1), *counted[1:6], (1, "pass", 7), *counted[7:11], (1, "fail", 12)]


def test_followers_that_move_are_nothing_new_and_those_that_are_told_first_or_no_more_are(store: Store) -> None:
    enrolled(store, account("a"))
    told = []
    for hour, followers in enumerate((None, None, 0, 0, 7, 9, 0, None)):
        now = START + timedelta(hours=hour)
        store.make_due(now)
        one = claim(store, now)
        feed = Feed(profile=Profile(name="某市发布", followers=followers))
        with store.writing() as ledger:
            (kept,) = ledger.record_all([Looked(one, saw(one, now).model_copy(update={"seen": feed}), ())])
            assert ledger.reschedule(one, Due.exactly(now))
        told.append(kept is not None and kept.unchanged)
    assert told == [False, True, False, True, False, True, False, False]


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
