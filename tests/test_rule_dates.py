"""Deleted, back-dated, last-minute: what several looks at one list say of its posts. Candidates, never more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.model import DayCount, Evidence, Feed, Look, Outcome, Post, Profile, SeenPost
from mediawatch.core.rules import judge_one
from mediawatch.core.seen import reach
from tests.tables import DAY, MEDIA, STALE, at, evidence, indicator, look, post, verdict

GONE = indicator("deletions", MEDIA, finality="candidate")
BACK = indicator("backdated", MEDIA, finality="candidate")
LAST = indicator("last_minute", MEDIA, finality="candidate")


def whole(when: str, oldest: str | None, count: int | None = None, **more: Any) -> Look:
    """A look at a list that reaches back to `oldest`; the platform counts `count` posts."""
    told = Profile(posts=count) if count is not None else None
    return look(when, Feed(oldest_at=at(oldest) if oldest else None, profile=told), posts=10, **more)


# --- how far a list reaches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([5, 4, 3], 3),
        ([5, 5, 3], 3),
        ([1, 5, 4, 3], 3),  # a pin that the channel does not mark
        ([1, 2, 5, 4, 3], 3),
        ([3, 4, 5], None),  # the other way round: what the list would lack is not told
        ([5, 1, 4, 2], None),
        ([5], None),
        ([], None),
        ([5, None, 3], None),
    ],
)
def test_a_list_reaches_back_to_its_last_date_where_it_is_in_order(
    days: list[int | None], expected: int | None
) -> None:
    posts = tuple(
        Post(key=str(number), at=None if day is None else at(f"2026-03-0{day}")) for number, day in enumerate(days)
    )
    assert reach(Feed(posts=posts)) == (None if expected is None else at(f"2026-03-0{expected}"))
    assert reach(Feed(posts=posts, complete=False)) is None
    pinned = Post(key="pin", at=at("2020-01-01"), pinned=True)
    assert reach(Feed(posts=(pinned, *posts))) == reach(Feed(posts=posts))


# --- U7: deletions ----------------------------------------------------------------------------------------------------

OLD = post("2026-02-01", until="2026-03-20")
LOST = post("2026-03-10", until="2026-03-11")
SAW = whole("2026-03-11", "2026-01-20")
MISSED = [whole("2026-03-13", "2026-01-20"), whole("2026-03-14", "2026-01-20")]


@pytest.mark.parametrize(
    ("looks", "posts", "expected"),
    [
        ([], [], "unknown never_seen"),
        ([SAW, *MISSED], [OLD, LOST], "fail candidate"),
        # missing once, or twice within a day, is a list that hides a part of itself
        ([SAW, MISSED[0]], [OLD, LOST], "unknown not_shown_lately"),
        ([SAW, MISSED[0], whole("2026-03-13 20:00", "2026-01-20")], [OLD, LOST], "unknown not_shown_lately"),
        # a list that is cut before that day, or does not say how far it reaches, says nothing
        (
            [SAW, whole("2026-03-13", "2026-03-10"), whole("2026-03-14", "2026-03-12")],
            [OLD, LOST],
            "unknown not_shown_lately",
        ),
        ([SAW, whole("2026-03-13", None), whole("2026-03-14", None)], [OLD, LOST], "unknown not_shown_lately"),
        # nor does one of a platform incident, or of another channel
        ([SAW, MISSED[0], whole("2026-03-14", "2026-01-20", trusted=False)], [OLD, LOST], "unknown not_shown_lately"),
        ([SAW, *(one.model_copy(update={"target": "b"}) for one in MISSED)], [OLD, LOST], "unknown not_shown_lately"),
        # something else in the window remains
        ([SAW, *MISSED], [OLD, LOST, post("2026-03-12", until="2026-03-14")], "pass"),
        # nothing that was known is shown any more: another account's list
        ([SAW, *MISSED], [LOST, post("2026-02-01", until="2026-03-11")], "unknown not_shown_lately"),
        # the platform still counts it: hidden, not deleted
        (
            [
                whole("2026-03-11", "2026-01-20", 90),
                whole("2026-03-13", "2026-01-20", 90),
                whole("2026-03-14", "2026-01-20", 90),
            ],
            [OLD, LOST],
            "unknown not_shown_lately",
        ),
        (
            [
                whole("2026-03-11", "2026-01-20", 90),
                whole("2026-03-13", "2026-01-20", 89),
                whole("2026-03-14", "2026-01-20", 89),
            ],
            [OLD, LOST],
            "fail candidate",
        ),
        # the same item under a new key
        ([SAW, *MISSED], [OLD, LOST, post("2026-03-10", seen="2026-03-13", until="2026-03-14", key="new")], "pass"),
        # a pin is taken off its place without being deleted
        ([SAW, *MISSED], [OLD, post("2026-03-10", until="2026-03-11", pinned=True)], "unknown not_shown_lately"),
    ],
)
def test_only_two_whole_looks_a_day_apart_prove_a_deletion(looks: Any, posts: Any, expected: str) -> None:
    assert verdict(GONE, evidence("2026-03-15", looks, posts)) == expected


def test_a_deletion_long_ago_is_counted_out_by_the_daily_counts() -> None:
    looks = [whole(f"2026-03-{day:02}", "2026-01-20", 89) for day in range(12, 24)]
    for before, expected in ((90, "fail candidate"), (89, "unknown not_shown_lately")):
        told = DayCount(target="a", day=at("2026-03-11").date(), at=at("2026-03-11"), posts=before)
        on = evidence("2026-03-23", looks, [OLD.model_copy(update={"last_seen_at": looks[-1].at}), LOST])
        assert verdict(GONE, on.model_copy(update={"series": (told,)})) == expected


def test_a_count_that_fell_long_before_is_no_deletion_of_a_post_that_came_since() -> None:
    """Sixty old posts went in January; in March the list hides its newest part, and the platform counts on."""
    looks = [whole(day, "2026-01-20", 90) for day in ("2026-03-11", "2026-03-13", "2026-03-14")]
    cleared = [DayCount(target="a", day=at(day).date(), at=at(day), posts=150) for day in ("2026-01-05", "2026-01-06")]
    on = evidence("2026-03-15", looks, [OLD, LOST]).model_copy(update={"series": tuple(cleared)})
    assert verdict(GONE, on) == "unknown not_shown_lately"


def test_a_copy_that_another_channel_shows_is_no_second_post_to_count() -> None:
    """One came since, shown by two channels; the platform counts it, and what the list hides as well."""
    looks = [whole("2026-03-11", "2026-01-20", 90), *(whole(f"2026-03-{day}", "2026-01-20", 91) for day in (13, 14))]
    new = post("2026-02-20", seen="2026-03-12", until="2026-03-14", key="new")
    copy = new.model_copy(update={"target": "b", "key": "copy"})
    for posts in ([OLD, LOST, new], [OLD, LOST, new, copy]):
        assert verdict(GONE, evidence("2026-03-15", looks, posts)) == "unknown not_shown_lately"


@pytest.mark.parametrize(("now", "expected"), [("2026-03-24 23:59:59", "fail candidate"), ("2026-03-25", "pass")])
def test_day_fourteen_is_inside_the_window(now: str, expected: str) -> None:
    assert verdict(GONE, evidence(now, [SAW, *MISSED], [OLD, LOST])) == expected


def test_a_deleted_post_counts_unless_the_book_says_that_it_does_not() -> None:
    late = [whole(f"2026-03-{day}", "2026-01-20", newest="2026-02-01") for day in (13, 14, 20)]
    on = evidence("2026-03-20", [SAW, *late], [OLD, LOST])
    strict = STALE.model_copy(update={"params": {"deleted_count": False}})
    assert verdict(STALE, on) == "at_risk 7" or verdict(STALE, on) == "pass"
    assert verdict(strict, on) == "fail candidate"


# --- U8: back-dated ---------------------------------------------------------------------------------------------------


def synced(one: Look) -> Look:
    assert isinstance(one.seen, Feed)
    return one.model_copy(update={"seen": one.seen.model_copy(update={"synced_at": one.at})})


BETWEEN = [whole("2026-03-07", "2026-01-20"), whole("2026-03-08", "2026-01-20")]
FIRST = whole("2026-03-10", "2026-01-20")
FORGED = post("2026-03-05", seen="2026-03-10")
BESIDE = post("2026-02-01", until="2026-03-10")
YOUNGER = post("2026-03-06", until="2026-03-10")  # their lists are no old copies


@pytest.mark.parametrize(
    ("looks", "posts", "expected"),
    [
        ([], [], "unknown never_seen"),
        ([*BETWEEN, FIRST], [BESIDE, YOUNGER, FORGED], "fail candidate"),
        # lists that showed nothing younger may be old copies, and so may those of an account that is gone again
        ([*BETWEEN, FIRST], [BESIDE, FORGED], "unknown too_few_looks_between"),
        ([*BETWEEN, FIRST], [BESIDE, FORGED, post("2026-03-06", until="2026-03-08")], "unknown too_few_looks_between"),
        # a bridge says itself when it last read the platform
        ([*map(synced, BETWEEN), FIRST], [BESIDE, FORGED], "fail candidate"),
        # nobody looked in between, or once only
        ([FIRST], [BESIDE, YOUNGER, FORGED], "unknown too_few_looks_between"),
        ([BETWEEN[0], FIRST], [BESIDE, YOUNGER, FORGED], "unknown too_few_looks_between"),
        # those looks could not have shown it
        (
            [whole("2026-03-07", "2026-03-06"), whole("2026-03-08", "2026-03-05"), FIRST],
            [BESIDE, YOUNGER, FORGED],
            "unknown too_few_looks_between",
        ),
        (
            [whole("2026-03-07", None), whole("2026-03-08", None), FIRST],
            [BESIDE, YOUNGER, FORGED],
            "unknown too_few_looks_between",
        ),
        (
            [*(one.model_copy(update={"trusted": False}) for one in BETWEEN), FIRST],
            [BESIDE, YOUNGER, FORGED],
            "unknown too_few_looks_between",
        ),
        (
            [*(one.model_copy(update={"target": "b"}) for one in BETWEEN), FIRST],
            [BESIDE, YOUNGER, FORGED],
            "unknown too_few_looks_between",
        ),
        # within a day of its date a platform may still be behind
        (
            [whole("2026-03-05 12:00", "2026-01-20"), whole("2026-03-05 18:00", "2026-01-20"), FIRST],
            [BESIDE, YOUNGER, FORGED],
            "unknown too_few_looks_between",
        ),
        # two days late themselves are inside
        ([*BETWEEN], [post("2026-02-01", until="2026-03-07"), post("2026-03-05", seen="2026-03-07")], "pass"),
        # known before under another key
        ([*BETWEEN, FIRST], [BESIDE, post("2026-03-05", until="2026-03-08", key="old"), FORGED], "pass"),
        # another account's list, given to us for once: what was known before does not stand beside it
        ([*BETWEEN, FIRST], [post("2026-02-01", until="2026-03-11"), FORGED], "pass"),
        ([*BETWEEN, FIRST], [FORGED], "pass"),
        # no date, no claim
        ([*BETWEEN, FIRST], [post(None, seen="2026-03-10")], "pass"),
    ],
)
def test_a_post_is_back_dated_only_where_whole_lists_did_not_show_it(looks: Any, posts: Any, expected: str) -> None:
    assert verdict(BACK, evidence("2026-03-12", looks, posts)) == expected


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        # it came with the look that showed it, at once or a day later
        ((90, 90, 91), "fail candidate"),
        ((90, 90, 90, 91), "fail candidate"),
        # the platform had counted it all along: hidden from us before, and not back-dated
        ((90, 90, 90), "pass"),
        ((90, 90, 90, 90), "pass"),
        ((None, None, 90), "fail candidate"),
    ],
)
def test_what_the_platform_had_counted_was_there_before_a_list_showed_it(counted: Any, expected: str) -> None:
    """As where a look that is signed in comes after others that were not."""
    days = ("2026-03-07", "2026-03-08", "2026-03-10", "2026-03-11")
    looks = [whole(day, "2026-01-20", count) for day, count in zip(days, counted, strict=False)]
    assert verdict(BACK, evidence("2026-03-12", looks, [BESIDE, YOUNGER, FORGED])) == expected


def test_a_back_dated_post_is_told_of_for_a_month() -> None:
    looks = [*BETWEEN, FIRST]
    assert verdict(BACK, evidence("2026-04-09", looks, [BESIDE, YOUNGER, FORGED])) == "fail candidate"
    assert verdict(BACK, evidence("2026-04-10", looks, [BESIDE, YOUNGER, FORGED])) == "pass"


# --- U9: last minute --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], (0, 0, 0, 0)),
        (["2026-03-01"], (0, 0, 0, 0)),
        (["2026-03-01", "2026-03-13", "2026-03-27"], (2, 1, 1, 50)),  # 12 days, then 14
        (["2026-02-01", "2026-02-14", "2026-03-06"], (2, 2, 1, 100)),  # 13 days, then 20
        (["2026-03-01", "2026-03-01", "2026-03-02"], (1, 0, 0, 0)),
    ],
)
def test_gaps_are_counted_and_never_held_against_anybody(days: list[str], expected: tuple[int, ...]) -> None:
    posts = [post(day, key=str(number)) for number, day in enumerate(days)]
    found = judge_one(LAST, evidence("2026-04-01", [SAW], posts))
    assert found.outcome is Outcome.PASS
    assert tuple(found.values[name] for name in ("gaps", "long", "last", "percent")) == expected
    assert verdict(LAST, evidence("2026-04-01")) == "unknown never_seen"


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def records(draw: st.DrawFn) -> Evidence:
    start = at("2026-02-20")
    days = st.integers(0, 25)
    looks = [
        whole("2026-01-01", "2025-12-20").model_copy(
            update={
                "at": start + draw(days) * DAY,
                "trusted": draw(st.booleans()),
                "target": draw(st.sampled_from("ab")),
                "seen": Feed(oldest_at=start - draw(days) * DAY if draw(st.booleans()) else None),
            }
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    posts: list[SeenPost] = []
    for number in range(draw(st.integers(0, 5))):
        claimed = start + draw(days) * DAY
        first = max(claimed, start + draw(days) * DAY)
        one = post(claimed, seen=first, key=str(number), target=draw(st.sampled_from("ab")))
        posts.append(one.model_copy(update={"last_seen_at": max(first, start + draw(days) * DAY)}))
    return evidence(start + 26 * DAY, looks, posts)


@given(records(), st.data())
def test_fewer_looks_and_another_order_never_make_a_candidate(on: Evidence, data: st.DataObject) -> None:
    order = data.draw(st.permutations(on.posts))
    kept = tuple(one for one in on.looks if data.draw(st.booleans()))
    for asked in (GONE, BACK, LAST):
        answer = judge_one(asked, on)
        assert judge_one(asked, on.model_copy(update={"posts": tuple(order)})).outcome is answer.outcome
        fewer = judge_one(asked, on.model_copy(update={"looks": kept})).outcome
        assert fewer is not Outcome.FAIL or answer.outcome is Outcome.FAIL
