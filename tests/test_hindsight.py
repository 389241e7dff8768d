"""The record as it stood: what the board, the pages and the alerts showed then comes out again, and nothing later."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.filtering import read
from mediawatch.core.model import Outcome
from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.core.views import AlertView, Row
from mediawatch.hindsight import as_it_stood
from mediawatch.rejudge import as_of
from mediawatch.store.past import Past
from mediawatch.store.store import Store
from tests.stories import DAY, HOUR, START, Story, weibo
from tests.test_judge_as_of import BOOKS
from tests.test_judge_as_of import lived as lived

MOMENTS = ("day 0 12:00", "day 3 12:00", "day 5 12:00", "day 7 12:00", "day 9 12:00")
OFTEN = {"latest": "1d", "soonest": "12h", "canary": "6h"}
WORLD: dict[str, Any] = {
    "accounts": [
        weibo("old", "day -60 10:00", number=1),
        weibo("wakes", "day -11 10:00", "day 8 10:00", number=2),
        weibo("busy", every="1d", number=3),
        weibo("canary", every="12h", number=99, canary=True),
    ],
    "troubles": [{"mode": "http_432", "where": "weibo", "from": "day 4", "to": "day 6"}],
}


def row(one: Row) -> dict[str, Any]:
    """A row without how long it was proven: that depends on when it was judged."""
    return one.model_dump(exclude={"holds_until", "says"})


def alert(one: AlertView) -> dict[str, Any]:
    return one.model_dump(exclude={"finding", "says", "told", "owed"})


def shown(source: Source, at: datetime) -> dict[str, Any]:
    counts = source.counts(at)
    pages = {one.account: source.account(one.account, at) for one in source.page(at).rows}
    return {
        "board": [row(one) for one in source.page(at).rows],
        "counts": counts.model_dump(exclude={"due"}),
        "fails": [one.account for one in source.page(at, only=read("-l outcome=fail")).rows],
        "groups": source.groups(at, "kind"),
        "alerts": [alert(one) for one in source.alerts(at, False)],
        "looks": {name: [look.at for look in page.looks] for name, page in pages.items()},
        "posts": {name: [post.title for post in page.posts] for name, page in pages.items()},
        "answers": {
            name: [(f.finding.indicator, f.finding.outcome) for f in page.findings] for name, page in pages.items()
        },
        "incidents": [(one.platform, one.incident_since, one.looks, one.seen) for one in source.platforms(at, DAY)],
        "log": [(one.account, one.at) for one in source.log(at, limit=20)],
        "changes": source.changes(START - DAY, at),
    }


async def test_every_moment_of_a_fortnight_is_shown_again_as_it_was_shown_then(tmp_path: Path) -> None:
    told: dict[datetime, dict[str, Any]] = {}
    async with Story(tmp_path, WORLD, grain=6 * HOUR, cadence=OFTEN) as story:
        for moment in MOMENTS:
            await story.until(moment)
            told[story.now] = shown(story.query, story.now)
        await story.until("day 11")
        store, books = story.store, story.loaded.rulebooks
        for at, then in told.items():
            with as_it_stood(store, books, "en", (), at) as source:
                again = await asyncio.to_thread(shown, source, story.now)
            for part in then:
                assert again[part] == then[part], (at, part)
    outcomes = [[one["outcome"] for one in then["board"]] for then in told.values()]
    assert len({tuple(one) for one in outcomes}) >= 3, "otherwise the time shows nothing"
    assert any(since for then in told.values() for _, since, _, _ in then["incidents"])
    assert {one["state"] for then in told.values() for one in then["alerts"]} >= {"open", "resolved"}


@pytest.fixture
def store(lived: tuple[Path, Any]) -> Any:
    opened = Store.open(f"sqlite:///{lived[0]}", now=START)
    yield opened
    opened.close()


def test_the_board_of_the_past_says_what_judge_says(store: Store) -> None:
    for day in (0, 6, 13, 15, 39):
        at = datetime.fromisoformat("2026-03-01T04:00:00+00:00") + day * DAY + 3 * HOUR
        verdicts = list(as_of(Past(store), BOOKS, at))
        with as_it_stood(store, BOOKS, "en", (), at) as source:
            for verdict in verdicts:
                page = source.account(verdict.account.id, at)
                answers = {one.finding.indicator: one.finding for one in page.findings}
                assert answers == {one.indicator: one for one in verdict.findings}
            assert source.counts(at).total == len(verdicts)


def test_all_questions_are_answered_as_of_that_instant_whatever_instant_is_asked_for(store: Store) -> None:
    at = START + 5 * DAY
    with as_it_stood(store, BOOKS, "en", (), at) as source:
        assert source.page(at + 90 * DAY).rows == source.page(at).rows
        assert max(source.instants(START - DAY, at + 90 * DAY)) <= at
        assert source.counts(at + 90 * DAY).due == 0
        assert source.units(at) == ()
        for name in QUESTIONS:
            assert callable(getattr(source, name))
        with pytest.raises(AttributeError):
            _ = source.rows  # type: ignore[attr-defined]


def test_the_record_is_not_touched_and_nothing_is_left_behind(
    store: Store,
    lived: tuple[Path, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = lived[0].read_bytes()
    seen: list[tuple[int, int]] = []
    with as_it_stood(store, BOOKS, "en", (), START + DAY, lambda done, total: seen.append((done, total))) as source:
        assert {one.outcome for one in source.page(START).rows} <= set(Outcome)
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []
    assert lived[0].read_bytes() == before
    assert seen[-1] == (3, 3)


def test_an_instant_before_all_record_shows_an_empty_board(store: Store) -> None:
    with as_it_stood(store, BOOKS, "en", (), START - 400 * DAY) as source:
        assert source.page(START).total == 0
        assert source.alerts(START, False) == ()
