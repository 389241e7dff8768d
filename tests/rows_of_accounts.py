"""Rows of what is told of an account, and of what several looks at a list say. See `indicator_rows.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.lifecycle import State
from mediawatch.core.model import (
    Article,
    Articles,
    DayCount,
    Feed,
    Hit,
    Look,
    MenuItem,
    Profile,
    Reason,
    SeenPost,
    SeenProfile,
)
from mediawatch.core.rules import RULES
from mediawatch.core.workdays import Workdays
from tests.row import AT_RISK, FAIL, PASS, TASKS, UNKNOWN, Line, Rows
from tests.tables import DAY, SECOND, at, post


def gone(of: Line) -> Rows:
    there, gone = of.look("2026-03-01"), [of.look(at("2026-03-02") + n * DAY / 6, Reason.GONE) for n in range(7)]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("it is there", PASS, "2026-03-05", [there])
    yield of.row("said once", UNKNOWN, "2026-03-05", [there, gone[0]], edge=True)
    yield of.row("said six times", UNKNOWN, "2026-03-05", [there, *gone[:5], gone[6]], edge=True)
    yield of.row("said seven times", FAIL, "2026-03-05", [there, *gone], edge=True)
    yield of.row("a timeout says nothing", PASS, "2026-03-05", [there, of.look("2026-03-02", Reason.TIMEOUT)])


def renamed(of: Line) -> Rows:
    def named(day: date) -> tuple[SeenProfile, ...]:
        """Another name since that day."""
        changed = midnight_after(day - DAY)
        before = SeenProfile(target="a", at=changed - 9 * DAY, name="某市发布")
        return before, SeenProfile(target="a", at=changed, name="新名")

    def term(day: date) -> datetime:
        return midnight_after(Workdays().add_workdays(day, of.workdays) if of.workdays else day + of.days * DAY)

    history, end = named(date(2026, 3, 10)), term(date(2026, 3, 10))

    def shows(when: datetime) -> Look:
        return of.look(when, Feed(profile=Profile(name="新名")))

    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("never another name", PASS, end, [shows(end)], profiles=history[:1])
    for says, day in {
        "": date(2026, 3, 10),
        " over a year": date(2025, 12, 30),
        " over a leap day": date(2024, 2, 28),
    }.items():
        told, last = named(day), term(day)
        in_time = [shows(last - SECOND)]
        yield of.row(f"the last day to file it{says}", AT_RISK, last - SECOND, in_time, profiles=told, edge=True)
        yield of.row(f"not filed in time{says}", FAIL, last, [shows(last)], profiles=told, edge=True)
    yield of.row("not seen since", UNKNOWN, end, [shows(end - SECOND)], profiles=history, edge=True)


def verification(of: Line) -> Rows:
    yes: dict[str, Any] = {"verified": True, "verified_type": of.government[0], "verified_reason": "某市政府"}
    no: dict[str, Any] = {"verified": False, "verified_type": -1}
    held, lost = SeenProfile(target="a", at=at("2026-03-01"), **yes), SeenProfile(target="a", at=at("2026-03-10"), **no)
    yield of.row("nobody has looked", UNKNOWN, "2026-03-20")
    yield of.row(
        "verified", PASS, "2026-03-20", [of.look("2026-03-20", Feed(profile=Profile(**yes)))], profiles=(held,)
    )
    yield of.row(
        "never verified is no loss",
        PASS,
        "2026-03-20",
        [of.look("2026-03-20", Feed(profile=Profile(**no)))],
        profiles=(lost,),
    )
    yield of.row(
        "verified no more",
        FAIL,
        "2026-03-20",
        [of.look("2026-03-20", Feed(profile=Profile(**no)))],
        profiles=(held, lost),
    )


def fans(of: Line) -> Rows:
    def days(*rises: int) -> tuple[DayCount, ...]:
        count, told = 10_000, []
        for number, rise in enumerate((0, *rises)):
            count += rise
            day = at("2026-03-01") + number * DAY
            told.append(DayCount(target="a", day=day_of(day), at=day, followers=count))
        return tuple(told)

    looks, usual = [of.look("2026-03-01"), of.look("2026-03-12")], [10, 12, 9, 11, 10, 12, 10, 11, 10]
    yield of.row("no count is known", UNKNOWN, "2026-03-12", looks)
    yield of.row("a usual day", PASS, "2026-03-12", looks, series=days(*usual, 10))
    yield of.row("a rise of 30 % itself", PASS, "2026-03-12", looks, series=days(*usual, 3028), edge=True)
    yield of.row("a rise far beyond it", FAIL, "2026-03-12", looks, series=days(*usual, 9000), edge=True)


def menu(of: Line) -> Rows:
    def shows(when: str, *items: MenuItem) -> Look:
        return of.look(when, Feed(menu=items))

    entry = MenuItem(path="关于我们")
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("a menu", PASS, "2026-03-05", [shows("2026-03-01", entry)])
    yield of.row("empty once", UNKNOWN, "2026-03-05", [shows("2026-03-01")], edge=True)
    yield of.row("empty twice", FAIL, "2026-03-05", [shows("2026-03-01"), shows("2026-03-02")], edge=True)


def interaction(of: Line) -> Rows:
    def shows(when: str, open_: bool | None) -> Look:
        return of.look(when, Feed(profile=Profile(comments_open=open_)))

    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("the channel does not say", UNKNOWN, "2026-03-05", [shows("2026-03-01", None)])
    yield of.row("comments are open", PASS, "2026-03-05", [shows("2026-03-01", True)])
    yield of.row("closed on one day", UNKNOWN, "2026-03-05", [shows("2026-03-01", False)], edge=True)
    yield of.row(
        "closed on two days", FAIL, "2026-03-05", [shows("2026-03-01", False), shows("2026-03-02", False)], edge=True
    )


def articles(of: Line) -> Rows:
    yield from _states(of, "deleted")


def moved(of: Line) -> Rows:
    yield from _states(of, "moved")


def _states(of: Line, bad: str) -> Rows:
    def shows(when: str, state: Any) -> Look:
        return of.look(when, Articles(articles=(Article(url="https://x.example/1", state=state),)))

    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("it can be read", PASS, "2026-03-05", [shows("2026-03-01", "alive")])
    yield of.row("its page says so", FAIL, "2026-03-05", [shows("2026-03-01", "alive"), shows("2026-03-02", bad)])
    yield of.row("a wrong link says nothing", UNKNOWN, "2026-03-05", [shows("2026-03-01", "bad_link")])


def posts_again(of: Line) -> Rows:
    yield of.row("nobody has looked since", UNKNOWN, "2026-03-10")
    yield of.row("silent since", PASS, "2026-03-10", [of.look("2026-03-09")], [post("2026-02-01")])
    last = post("2026-03-01 23:59:59")
    yield of.row("a post of the closing day", PASS, "2026-03-10", [of.look("2026-03-09")], [last], edge=True)
    yield of.row(
        "a post of the day after", FAIL, "2026-03-10", [of.look("2026-03-09")], [post("2026-03-02")], edge=True
    )


def still_alive(of: Line) -> Rows:
    shown = Feed(profile=Profile(name="某市发布"))
    closed = of.of.model_copy(update={"state": State.CLOSED})
    end = midnight_after(date(2026, 3, 1) + of.days * DAY)
    yield of.row("nobody has looked since", UNKNOWN, end, of=closed)
    yield of.row("there on the last day", PASS, end - SECOND, [of.look(end - SECOND, shown)], of=closed, edge=True)
    yield of.row("still there", FAIL, end, [of.look(end, shown)], of=closed, edge=True)
    yield of.row("gone", PASS, end, [of.look(end, Reason.GONE)], of=closed)


def unannounced(of: Line) -> Rows:
    notice = post("2026-03-01").model_copy(update={"title": "停更公告"})
    yield of.row("nobody has looked", UNKNOWN, "2026-03-10")
    yield of.row("a notice among the posts", PASS, "2026-03-10", [of.look("2026-03-09")], [notice])
    yield of.row("no notice", FAIL, "2026-03-10", [of.look("2026-03-09")], [post("2026-03-01")])


def _whole(of: Line, when: str, oldest: str) -> Look:
    return of.look(when, Feed(oldest_at=at(oldest)), posts=10)


def deletions(of: Line) -> Rows:
    posts = [post("2026-02-01", until="2026-03-20"), post("2026-03-10", until="2026-03-11")]
    looks = [_whole(of, f"2026-03-{day}", "2026-01-20") for day in ("11", "13", "14")]
    end = midnight_after(date(2026, 3, 10) + of.days * DAY)
    yield of.row("nobody has looked", UNKNOWN, "2026-03-15")

    def seen(until: str) -> list[SeenPost]:
        return [posts[0], post("2026-03-10", until=until)]

    yield of.row("shown a day before the last list", PASS, "2026-03-15", looks[1:], seen("2026-03-13"), edge=True)
    later = _whole(of, "2026-03-14 00:00:01", "2026-01-20")
    yield of.row("not shown for a day", UNKNOWN, "2026-03-15", [looks[1], later], seen("2026-03-13"), edge=True)
    yield of.row("nobody has looked since it was shown", PASS, "2026-03-20", looks[:1], seen("2026-03-11"))
    yield of.row("missing on one look", UNKNOWN, "2026-03-15", looks[:2], posts, edge=True)
    yield of.row("missing on two, a day apart", FAIL, "2026-03-15", looks, posts, edge=True)
    yield of.row("the last day of the window", FAIL, end - SECOND, looks, posts, edge=True)
    yield of.row("the day after it", PASS, end, looks, posts, edge=True)


def backdated(of: Line) -> Rows:
    claimed = at("2026-03-01 12:00")
    known = post("2026-02-20", until="2026-03-20")
    younger = post("2026-03-02", until="2026-03-20")
    looks = [_whole(of, f"2026-03-{day:02}", "2026-02-10") for day in (3, 4, 5, 20)]

    def late(seen: datetime) -> SeenPost:
        return post(claimed, seen=seen, key="late").model_copy(update={"last_seen_at": at("2026-03-20")})

    yield of.row("nobody has looked", UNKNOWN, "2026-03-20")
    yield of.row("seen when it claims", PASS, "2026-03-20", looks, [known, late(claimed)])
    yield of.row(
        "first seen two days later", PASS, "2026-03-20", looks, [known, late(claimed + of.days * DAY)], edge=True
    )
    yield of.row(
        "one look in between did not show it",
        UNKNOWN,
        "2026-03-20",
        [looks[0], looks[3]],
        [known, younger, late(at("2026-03-10"))],
        edge=True,
    )
    yield of.row("nobody looked in between", UNKNOWN, "2026-03-20", looks[3:], [known, late(at("2026-03-10"))])
    proven = [known, younger, late(at("2026-03-10"))]
    yield of.row("two looks that may be old copies", UNKNOWN, "2026-03-20", looks, [known, late(at("2026-03-10"))])
    yield of.row("two looks in between did not show it", FAIL, "2026-03-20", looks, proven, edge=True)
    end = at("2026-03-10") + of.within * DAY
    yield of.row("told of until then", FAIL, end, looks, proven, edge=True)
    yield of.row("and no longer", PASS, end + SECOND, looks, proven, edge=True)
    yield of.row("not excluded as of the last list", UNKNOWN, end + 20 * DAY, looks[3:], proven)


def last_minute(of: Line) -> Rows:
    yield of.row("nobody has looked", UNKNOWN, "2026-03-20")
    yield of.row(
        "gaps of thirteen days are counted",
        PASS,
        "2026-03-20",
        [of.look("2026-03-20")],
        [post("2026-03-01"), post("2026-03-14")],
    )


def burst(of: Line) -> Rows:
    def rush(gap: int) -> list[SeenPost]:
        day = at("2026-03-01 09:00") + gap * DAY
        return [post("2026-03-01"), *(post(day + n * SECOND, key=str(n)) for n in range(of.least))]

    over, short = [_whole(of, "2026-03-20", "2026-03-01")], [_whole(of, "2026-03-20", "2026-03-10")]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-20")
    yield of.row("fourteen days are no long silence", PASS, "2026-03-20", over, rush(of.gap), edge=True)
    yield of.row("many posts after fifteen", FAIL, "2026-03-20", over, rush(of.gap + 1), edge=True)
    yield of.row("a silence that no list reaches over", UNKNOWN, "2026-03-20", short, rush(of.gap + 1))


def reposts(of: Line) -> Rows:
    def mix(reposts: int, own: int) -> list[SeenPost]:
        return [post("2026-03-01", key=str(n)).model_copy(update={"repost": n < reposts}) for n in range(reposts + own)]

    looks = [of.look("2026-03-02")]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("one in ten is its own", PASS, "2026-03-05", looks, mix(18, 2), edge=True)
    yield of.row("one in twenty is its own", FAIL, "2026-03-05", looks, mix(19, 1), edge=True)
    end = midnight_after(date(2026, 3, 1) + of.days * DAY)
    yield of.row("told of while they lie in the days of the present", FAIL, end - SECOND, looks, mix(20, 0), edge=True)
    yield of.row("and no longer, though nobody has looked since", PASS, end, looks, mix(20, 0), edge=True)


def hits(of: Line) -> Rows:
    hit = Hit(
        post="1",
        target="a",
        category=of.category,
        term="x",
        place="text",
        start=0,
        shown="x",
        source="x@1",
        at=at("2026-03-01"),
    )
    looks, end = [of.look("2026-03-01")], at("2026-03-01") + of.days * DAY
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("nothing was found", PASS, "2026-03-05", looks)
    yield of.row("found, and young", FAIL, end - SECOND, looks, hits=(hit,), edge=True)
    yield of.row("found long ago", PASS, end, looks, hits=(hit,), edge=True)


def required(of: Line) -> Rows:
    line = of.line.model_copy(update={"params": TASKS})
    told = Line(line, RULES["required_reposts"].params.model_validate(line.params), of.of)
    met = post("2026-03-06 09:00").model_copy(update={"title": "报告全文"})
    after = [_whole(told, "2026-03-07", "2026-02-20")]
    yield told.row("before its hour", AT_RISK, "2026-03-06 09:00", edge=True)
    yield told.row("met at the last instant", PASS, "2026-03-07", after, [met], edge=True)
    yield told.row("not met", FAIL, "2026-03-07", after, edge=True)
    yield told.row("nobody has looked since", UNKNOWN, "2026-03-07")
