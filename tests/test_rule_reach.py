"""An index that lags is not a silent account: a look through a bridge reaches no further than the bridge's own."""

from __future__ import annotations

import pytest

from mediawatch.core.model import Feed
from tests.tables import EMPTY, STALE, at, evidence, look, post, verdict

P = "2026-03-01 09:00"  # the deadline is midnight after 15 March


@pytest.mark.parametrize(
    ("synced", "expected"),
    [
        (None, "fail"),
        ("2026-03-16 00:00", "fail"),
        ("2026-03-20 00:00", "fail"),  # a bridge whose clock is ahead
        ("2026-03-15 23:59:59", "unknown not_seen_since_deadline"),
        ("2026-03-02 00:00", "unknown not_seen_since_deadline"),
    ],
)
def test_silence_is_proven_only_as_far_as_the_bridge_has_looked(synced: str | None, expected: str) -> None:
    now = "2026-03-18 12:00"
    feed = Feed(synced_at=at(synced) if synced else None)
    assert verdict(STALE, evidence(now, [look(P), look(now, feed, posts=1)], [post(P)])) == expected


def test_a_reminder_waits_for_a_bridge_that_lags() -> None:
    now = "2026-03-09 12:00"
    for synced, expected in ((P, "pass"), (now, "at_risk 7")):
        feed = Feed(synced_at=at(synced))
        assert verdict(STALE, evidence(now, [look(P), look(now, feed, posts=1)], [post(P)])) == expected


def test_an_empty_feed_of_a_bridge_that_stopped_looking_makes_no_empty_shell() -> None:
    looks = [(day, Feed(synced_at=at("2026-03-02"))) for day in ("2026-03-01", "2026-04-10")]
    assert "unknown" in verdict(EMPTY, evidence("2026-04-11", [look(day, feed, posts=0) for day, feed in looks]))
    looks = [(day, Feed(synced_at=at(day))) for day in ("2026-03-01", "2026-04-10")]
    assert verdict(EMPTY, evidence("2026-04-11", [look(day, feed, posts=0) for day, feed in looks])) == "fail candidate"
