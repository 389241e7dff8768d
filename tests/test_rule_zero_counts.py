"""长期零发布、零粉丝、零关注 (Beijing): when a platform's own counts say that an account never had anything."""

from __future__ import annotations

from datetime import date

import pytest

from mediawatch.core.model import DayCount, Feed, Profile
from mediawatch.rulebook_file import load_rulebook
from tests.tables import account, at, evidence, look, post, verdict

ZERO = load_rulebook("beijing").indicator("U6Z")


def counted(posts: int | None, followers: int | None = 0, following: int | None = 0) -> Feed:
    return Feed(profile=Profile(posts=posts, followers=followers, following=following))


@pytest.mark.parametrize(
    ("first", "last", "now", "expected"),
    [
        (counted(0), counted(0), "2026-03-30 23:59:59", "at_risk"),  # day 30 itself is inside
        (counted(0), counted(0), "2026-03-31", "fail candidate"),
        (counted(0), counted(0, followers=1), "2026-03-31", "pass"),
        (counted(0), counted(0, following=1), "2026-03-31", "pass"),
        (counted(3), counted(0), "2026-03-31", "pass"),
        (counted(0), counted(0, following=None), "2026-03-31", "unknown not_seen_since_deadline"),
        (counted(None), counted(None), "2026-03-31", "unknown counts_not_told"),
        (Feed(), Feed(), "2026-03-31", "unknown counts_not_told"),
    ],
)
def test_no_posts_no_followers_following_nobody(first: Feed, last: Feed, now: str, expected: str) -> None:
    """长期零发布、零粉丝、零关注, all three, by the platform's own counts, for thirty days from our first look."""
    looks = [look("2026-03-01", first, posts=0), look(now, last, posts=0)]
    assert verdict(ZERO, evidence(now, looks)) == expected


def test_any_post_that_was_seen_clears_an_account_of_nothing_at_all() -> None:
    looks = [look("2026-03-01", counted(0), posts=0), look("2026-04-10", counted(0), posts=0)]
    assert verdict(ZERO, evidence("2026-04-10", looks, [post("2026-03-02")])) == "pass"
    assert verdict(ZERO, evidence("2026-04-10", [looks[0], looks[1].model_copy(update={"trusted": False})])) == (
        "unknown not_seen_since_deadline"
    )
    assert verdict(ZERO, evidence("2026-04-10")) == "unknown never_seen"


def test_nothing_at_all_is_counted_from_the_last_look_that_showed_anything() -> None:
    """Also where that was between the looks that evidence holds: then the daily counts tell."""
    zero, one = counted(0), counted(0, followers=1)
    looks = [look("2026-03-01", one, posts=0), look("2026-03-02", zero, posts=0), look("2026-04-01", zero, posts=0)]
    assert verdict(ZERO, evidence("2026-04-01", looks)) == "fail candidate"
    assert verdict(ZERO, evidence("2026-03-31", looks)) == "at_risk"
    again = [looks[1], *(look(day, zero, posts=0) for day in ("2026-04-09", "2026-04-10"))]
    between = DayCount(target="a", day=date(2026, 3, 20), at=at("2026-03-20 09:00"), posts=0, followers=5, following=0)
    on = evidence("2026-04-10", again)
    assert verdict(ZERO, on) == "fail candidate"
    assert verdict(ZERO, on.model_copy(update={"series": (between,)})) == "at_risk"


def test_two_channels_that_contradict_make_no_account_of_nothing_at_all() -> None:
    zero, one = counted(0), counted(0, followers=1)
    looks = [look(f"2026-03-{day:02} 09:00", one, posts=0, target="b") for day in range(1, 32)]
    looks += [look(f"2026-03-{day:02} 10:00", zero, posts=0) for day in range(1, 32)]
    two = account("weibo", a=["profile"], b=["profile"])
    assert verdict(ZERO, evidence("2026-03-31 10:00", looks, of=two)) == "pass"
