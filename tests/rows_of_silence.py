"""Rows of how long an account has been silent, by every limit that a book may set. See `indicator_rows.py`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from mediawatch.core.calendar import day_of, midnight_after, months_after
from mediawatch.core.model import (
    Feed,
    Profile,
    Reason,
    SeenPost,
)
from tests.row import AT_RISK, FAIL, PASS, UNKNOWN, Line, Rows
from tests.tables import DAY, HOUR, SECOND, at, post


def stale(of: Line) -> Rows:
    published = at("2026-03-01 09:00")
    yield from _silence(of, published, _after(of, published))
    for says, begin in (("year", at("2025-12-25 09:00")), ("leap day", at("2028-02-20 23:59:59"))):
        end, posts = _after(of, begin), [post(begin)]
        yield of.row(
            f"over a {says}, the last instant", AT_RISK, end - SECOND, [of.look(end - SECOND)], posts, edge=True
        )
        yield of.row(f"over a {says}, the first too late", FAIL, end, [of.look(end)], posts, edge=True)
    ahead = [post(published + 20 * DAY, seen=published)]
    end = _after(of, published)
    yield of.row("a post dated ahead by the platform's clock", FAIL, end, [of.look(end)], ahead, edge=True)


def _after(of: Line, published: datetime) -> datetime:
    day = day_of(published)
    return midnight_after(months_after(day, of.months) if of.months else day + timedelta(days=of.days))


def _silence(of: Line, published: datetime, end: datetime) -> Rows:
    posts, first = [post(published)], of.look(published)
    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("looked, and was not shown anything", UNKNOWN, end, [of.look(end, Reason.CAPTCHA)], posts)
    yield of.row("published today", PASS, published, [first], posts)
    yield of.row(
        "the last instant of the last day", AT_RISK, end - SECOND, [first, of.look(end - SECOND)], posts, edge=True
    )
    yield of.row("the first instant too late", FAIL, end, [first, of.look(end)], posts, edge=True)
    yield of.row("too late, and last seen in time", UNKNOWN, end, [first, of.look(end - SECOND)], posts, edge=True)
    yield of.row("too late, seen in an incident only", UNKNOWN, end, [first, of.look(end, trusted=False)], posts)
    yield of.row("a newer post by then", PASS, end, [first, of.look(end)], [*posts, post(end - HOUR)])


def weekly(of: Line) -> Rows:
    yield from _silence(of, at("2026-03-04 09:00"), at("2026-03-16"))
    posts = [post("2025-12-24 09:00")]  # a Wednesday; the week after it ends with Sunday 4 January
    yield of.row(
        "the Sunday over the turn of the year",
        AT_RISK,
        "2026-01-04 23:59:59",
        [of.look("2026-01-04")],
        posts,
        edge=True,
    )
    yield of.row("the Monday after it", FAIL, "2026-01-05", [of.look("2026-01-05")], posts, edge=True)
    posts = [post("2028-02-25 09:00")]  # a Friday; the week of the leap day ends with Sunday 5 March
    yield of.row("the week of a leap day", FAIL, "2028-03-06", [of.look("2028-03-06")], posts, edge=True)


def monthly(of: Line) -> Rows:
    def own(when: str, until: str = "", original: bool = True) -> SeenPost:
        return post(when, until=until or None).model_copy(update={"original": original})

    original, others = (
        own("2026-02-10"),
        [own("2026-02-26", "2026-04-02", False), own("2026-03-10", "2026-04-02", False)],
    )
    yield of.row("nobody has looked", UNKNOWN, "2026-04-02")
    yield of.row("an original last month", PASS, "2026-03-05", [of.look("2026-03-05")], [original])
    yield of.row("none so far on the 25th", AT_RISK, "2026-03-25", [of.look("2026-03-25")], [original, others[0]])
    yield of.row(
        "the last instant of the month", AT_RISK, "2026-03-31 23:59:59", [of.look("2026-03-31")], [original], edge=True
    )
    for says, before, last in (
        ("year", "2025-11-10", "2025-12-31 23:59:59"),
        ("leap day", "2028-01-10", "2028-02-29 23:59:59"),
    ):
        month = [of.look(last)], [own(before)]
        yield of.row(f"the last instant of the month of a {says}", AT_RISK, last, *month, edge=True)
        pushed = [own(f"{before[:8]}28", last[:10], False), own(f"{last[:8]}05", last[:10], False)]
        shown = [post_.model_copy(update={"last_seen_at": at(last) + DAY}) for post_ in pushed]
        after = [of.look(at(last) + SECOND)], [own(before), *shown]
        yield of.row(f"a month of a {says} without one", FAIL, at(last) + SECOND, *after, edge=True)
    yield of.row("a month without one", FAIL, "2026-04-02", [of.look("2026-04-02")], [original, *others], edge=True)
    yield of.row(
        "a month of which a part was not seen", UNKNOWN, "2026-04-02", [of.look("2026-04-02")], [original, others[1]]
    )


def zero(of: Line) -> Rows:
    none, some = (
        Feed(profile=Profile(posts=0, followers=0, following=0)),
        Feed(profile=Profile(posts=0, followers=1, following=0)),
    )
    first, end = of.look("2026-03-01", none, posts=0), at("2026-03-31")
    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("one follower", PASS, end, [of.look(end, some, posts=0)])
    yield of.row("nothing, on day 30", AT_RISK, end - SECOND, [first], edge=True)
    yield of.row("nothing, after 30 days", FAIL, end, [first, of.look(end, none, posts=0)], edge=True)
    yield of.row("after 30 days, last seen before", UNKNOWN, end, [first], edge=True)


def shell(of: Line) -> Rows:
    none = Feed(profile=Profile(posts=0, followers=10))
    first, end = of.look("2026-03-01", none, posts=0), midnight_after(date(2026, 3, 1) + (of.days - 1) * DAY)
    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("a single post", PASS, end, [of.look(end)], [post("2026-03-05")])
    yield of.row("no post on the last day", AT_RISK, end - SECOND, [first], edge=True)
    yield of.row("no post in all that time", FAIL, end, [first, of.look(end, none, posts=0)], edge=True)
    yield of.row("last seen before the end", UNKNOWN, end, [first, of.look(end - SECOND, none, posts=0)], edge=True)
