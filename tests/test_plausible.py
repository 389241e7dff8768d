"""What an answer cannot truly say: a post of after we asked."""

from __future__ import annotations

import pytest

from mediawatch.core.model import Feed, Post, Reason
from mediawatch.core.plausible import plausible
from mediawatch.core.wire import Failed
from tests.tables import DAY, HOUR, at

NOW = at("2026-03-01 12:00")


def _feed(*ahead: object) -> Feed:
    return Feed(posts=tuple(Post(key=str(number), at=NOW + by) for number, by in enumerate(ahead)))  # type: ignore[operator]


@pytest.mark.parametrize("ahead", [-40 * DAY, 0 * DAY, 14 * HOUR, DAY])
def test_a_date_that_a_clock_or_another_zone_explains_is_believed(ahead: object) -> None:
    """A list in the time of the Line Islands, read as UTC, is fourteen hours ahead."""
    feed = _feed(ahead, -50 * DAY)
    assert plausible(feed, NOW) is feed


def test_a_post_of_the_days_to_come_has_no_date_and_its_list_proves_no_silence() -> None:
    """It may be the newest, or an old one with a slip of the pen; the others still show that the account publishes."""
    seen = plausible(_feed(-20 * DAY, 25 * HOUR, -3 * DAY), NOW)
    assert isinstance(seen, Feed)
    assert [post.at for post in seen.posts] == [NOW - 20 * DAY, None, NOW - 3 * DAY]
    assert not seen.complete


def test_a_list_whose_dates_all_lie_ahead_was_not_seen() -> None:
    with pytest.raises(Failed, match="implausible time: a post of 2126-02-05") as failed:
        plausible(_feed(36500 * DAY, 3 * DAY), NOW)
    assert failed.value.failure.reason is Reason.UNREADABLE
