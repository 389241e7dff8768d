"""Rows of websites: visits, dates, columns, links, letters. See `indicator_rows.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mediawatch.core.calendar import day_of, midnight_after, months_after
from mediawatch.core.model import (
    Column,
    DayVisits,
    Letter,
    Letters,
    Link,
    Look,
    Page,
    Reason,
)
from mediawatch.core.workdays import Workdays
from tests.row import AT_RISK, FAIL, PASS, UNKNOWN, Line, Rows
from tests.tables import DAY, HOUR, SECOND, at


def unreachable(of: Line) -> Rows:
    def week(failed: int, days: int) -> tuple[DayVisits, ...]:
        start = at("2026-03-02")
        return tuple(
            DayVisits(
                target="a",
                day=day_of(start + number * DAY),
                total=of.visits,
                spaced=of.visits,
                failed=failed if not number else 0,
                opened=of.visits - (failed if not number else 0),
                first_failed_at=start if failed and not number else None,
                last_failed_at=start + HOUR if failed and not number else None,
            )
            for number in range(days)
        )

    most = int(of.days * of.visits * of.fail_percent / 100)
    yield of.row("nobody has visited", UNKNOWN, "2026-03-09")
    yield of.row("every visit opened", PASS, "2026-03-09", visits=week(0, of.days))
    yield of.row("four in a hundred", AT_RISK, "2026-03-09", visits=week(most - 1, of.days), edge=True)
    yield of.row("five in a hundred", FAIL, "2026-03-09", visits=week(most, of.days), edge=True)
    yield of.row("a day too few", UNKNOWN, "2026-03-09", visits=week(most, of.days - 1), edge=True)


def ipv6(of: Line) -> Rows:
    good, bad = Page(opened=True, status=200), Page(opened=False, problem="no_address")
    twice = [of.look(when, bad) for when in ("2026-03-01 01:00", "2026-03-01 23:59:59")]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("we have no way over IPv6", UNKNOWN, "2026-03-05", [of.look("2026-03-01", Reason.OWN_NETWORK)])
    yield of.row("it answers", PASS, "2026-03-05", [of.look("2026-03-01", good)])
    yield of.row("no answer, twice on one day", UNKNOWN, "2026-03-05", twice, edge=True)
    yield of.row("no answer, on two days", FAIL, "2026-03-05", [*twice, of.look("2026-03-02 00:00", bad)], edge=True)
    yield of.row("it answers again", PASS, "2026-03-05", [*twice, of.look("2026-03-03", good)])


def home(of: Line) -> Rows:
    def shows(when: datetime) -> Look:
        return of.look(when, Page(opened=True, status=200, newest_at=at("2026-03-01"), dates=9))

    end = midnight_after(date(2026, 3, 1) + of.days * DAY)
    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("the last instant of the last day", PASS, end - SECOND, [shows(end - SECOND)], edge=True)
    yield of.row("the first instant too late", FAIL, end, [shows(end)], edge=True)
    yield of.row("last seen in time", UNKNOWN, end, [shows(end - SECOND)], edge=True)


def columns(of: Line) -> Rows:
    def shows(stale: int, when: str = "2026-03-20") -> list[Look]:
        lists = tuple(
            Column(
                name=f"栏目{n}",
                url=f"https://a.example/{n}/",
                items=9,
                newest_at=at("2026-03-05" if n < stale else "2026-03-18"),
            )
            for n in range(10)
        )
        return [of.look(when, Page(opened=True, columns=lists))]

    yield of.row("nobody has looked", UNKNOWN, "2026-03-20")
    yield of.row("all in time", PASS, "2026-03-20", shows(0))
    yield of.row("the last instant of their day 14", PASS, "2026-03-19 23:59:59", shows(5, "2026-03-19"), edge=True)
    yield of.row("four are stale", AT_RISK, "2026-03-20", shows(of.stale - 1), edge=True)
    yield of.row("five are stale", FAIL, "2026-03-20", shows(of.stale), edge=True)


def links(of: Line) -> Rows:
    def shows(state: Any) -> list[Look]:
        return [of.look("2026-03-01", Page(opened=True, links=(Link(url="https://x.example/", state=state),)))]

    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("a link that refuses us", PASS, "2026-03-05", shows("suspected"))
    yield of.row("not found", FAIL, "2026-03-05", shows("dead"))


def hijacked(of: Line) -> Rows:
    def shows(lands: str, url: str = "https://old.yunxi.gov.cn/a", state: Any = "alive") -> list[Look]:
        return [of.look("2026-03-01", Page(opened=True, links=(Link(url=url, state=state, lands=lands),)))]

    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("it stays where it says", PASS, "2026-03-05", shows(""))
    yield of.row("under the same name", PASS, "2026-03-05", shows("www.yunxi.gov.cn"), edge=True)
    yield of.row("a name that only looks the same", FAIL, "2026-03-05", shows("yunxi-gov.cn"), edge=True)
    yield of.row("no government host to begin with", PASS, "2026-03-05", shows("b.example", "https://a.example/"))


def notice(of: Line) -> Rows:
    def days(noticed: int, bare: int) -> tuple[DayVisits, ...]:
        start = at("2026-03-01")
        return tuple(
            DayVisits(
                target="a",
                day=day_of(start + n * DAY),
                total=24,
                spaced=24,
                failed=0,
                opened=24,
                noticed=24 * (n < noticed),
            )
            for n in range(noticed + bare)
        )

    bare = [of.look("2026-03-20 08:00", Page(opened=True)), of.look("2026-03-20 09:00", Page(opened=True))]
    yield of.row("nobody has visited", UNKNOWN, "2026-03-20")
    yield of.row("no notice at all", PASS, "2026-03-20 10:00", bare, visits=days(0, 20))
    yield of.row("taken down after nine days", FAIL, "2026-03-20 10:00", bare, visits=days(9, 11))
    yield of.row(
        "thirty days", PASS, "2026-03-31", [of.look("2026-03-31", Page(opened=True))], visits=days(30, 1), edge=True
    )


def certificate(of: Line) -> Rows:
    def shows(ends: datetime) -> list[Look]:
        return [of.look("2026-03-01", Page(opened=True, tls_expires_at=ends))]

    end = at("2026-03-01") + of.days * DAY
    yield of.row("nobody has looked", UNKNOWN, "2026-03-01")
    yield of.row("more than its days", PASS, "2026-03-01", shows(end + SECOND), edge=True)
    yield of.row("its days and no more", FAIL, "2026-03-01", shows(end), edge=True)
    away = [*shows(end + DAY), of.look("2026-03-02", Reason.OWN_NETWORK)]
    yield of.row("nobody has looked since it was to be renewed", UNKNOWN, "2026-03-02", away)
    yield of.row("nobody has looked since it ended", UNKNOWN, end, shows(end))


def replies(of: Line) -> Rows:
    asked = at("2026-03-02 10:00")
    end = _term(of, asked)

    def shows(when: datetime, replied: datetime | None = None, of_: datetime = asked) -> Look:
        told = Letter(key="1", at=of_, replied_at=replied, replied=replied is not None)
        return of.look(when, Letters(letters=(told,), rows=1))

    yield of.row("nobody has looked", UNKNOWN, end)
    yield of.row("answered the next day", PASS, end, [shows(end, asked + DAY)])
    yield of.row("the last instant of the term", AT_RISK, end - SECOND, [shows(end - SECOND)], edge=True)
    yield of.row("the first instant too late", FAIL, end, [shows(end)], edge=True)
    yield of.row("last seen in time", UNKNOWN, end, [shows(end - SECOND)], edge=True)
    days = {"year": "2025-12-29 10:00", "leap day": "2023-11-29 10:00" if of.months else "2024-02-28 10:00"}
    for says, day in days.items():
        sent, end = at(day), _term(of, at(day))
        last = [shows(end - SECOND, of_=sent)]
        yield of.row(f"over a {says}, the last instant of the term", AT_RISK, end - SECOND, last, edge=True)
        yield of.row(f"over a {says}, the first too late", FAIL, end, [shows(end, of_=sent)], edge=True)


def _term(of: Line, asked: datetime) -> datetime:
    day = day_of(asked)
    return midnight_after(months_after(day, of.months) if of.months else Workdays().add_workdays(day, of.workdays))
