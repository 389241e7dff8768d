"""Rows of apps, from the store to the first screen and their closing. See `indicator_rows.py`."""

from __future__ import annotations

from datetime import date
from typing import Any

from mediawatch.core.lifecycle import State
from mediawatch.core.model import (
    Launch,
    Listing,
    Look,
    Package,
    Page,
    Reason,
)
from mediawatch.core.seen import Mark
from tests.row import FAIL, PASS, UNKNOWN, Line, Rows
from tests.tables import DAY, SECOND, at


def listed(of: Line) -> Rows:
    good, bad = Listing(present=True, version="1"), Listing(present=False)
    looks = [of.look(at("2026-03-01 08:00") + n * DAY / 6, bad) for n in range(7)]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("a store has it", PASS, "2026-03-05", [of.look("2026-03-01", good)])
    yield of.row("no store has it, at six looks of a day", UNKNOWN, "2026-03-05", looks[1:], edge=True)
    yield of.row("no store has it, at seven looks of a day", FAIL, "2026-03-05", looks, edge=True)
    seen = of.look("2026-03-01", good)
    refused = [of.look(at("2026-03-02") + n * DAY, Reason.BLOCKED) for n in range(29)]
    yield of.row("a store had it thirty days ago", PASS, "2026-03-31", [seen, *refused], edge=True)
    later = at("2026-03-31") + SECOND
    yield of.row("a store had it longer ago, and refuses since", UNKNOWN, later, [seen, *refused], edge=True)
    later = looks[-1].at + 30 * DAY
    yield of.row("none had it thirty days ago", FAIL, later, looks, edge=True)
    yield of.row("none had it longer ago, and nobody could ask since", UNKNOWN, later + SECOND, looks, edge=True)


def back_end(of: Line) -> Rows:
    yield from _twice(of, Page(opened=True, status=200), Page(opened=False, problem="status", status=500), "no answer")


def _twice(of: Line, good: Any, bad: Any, says: str) -> Rows:
    looks = [of.look(when, bad) for when in ("2026-03-01 01:00", "2026-03-01 23:59:59", "2026-03-02")]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("good", PASS, "2026-03-05", [of.look("2026-03-01", good)])
    yield of.row(f"{says}, twice on one day", UNKNOWN, "2026-03-05", looks[:2], edge=True)
    yield of.row(f"{says}, on two days", FAIL, "2026-03-05", looks, edge=True)


def downloads(of: Line) -> Rows:
    yield from _once(of, Package(present=True, status=200, size=1, valid=True), Package(present=False, status=404))


def package(of: Line) -> Rows:
    bad = Package(present=True, status=200, size=1, problem="not_zip")
    yield from _once(of, Package(present=True, status=200, size=1, valid=True), bad)


def opens(of: Line) -> Rows:
    yield from _once(of, Launch(opened=True, blame="none"), Launch(opened=False, blame="app", problem="crash"))
    bench = Launch(opened=None, blame="bench", problem="locked")
    yield of.row("the device was locked", UNKNOWN, "2026-03-05", [of.look("2026-03-01", bench)])


def feedback(of: Line) -> Rows:
    yield from _once(
        of, Launch(opened=True, blame="none", complaints=True), Launch(opened=True, blame="none", complaints=False)
    )


def misuse(of: Line) -> Rows:
    mark = Mark(term="打卡", shown="每日打卡", source="misuse@1")
    good = Listing(present=True, version="1", described="misuse@1")
    yield from _once(of, good, good.model_copy(update={"marks": (mark,)}))
    bare = of.look("2026-03-01", Listing(present=True, version="1"))
    yield of.row("a store that shows no description", UNKNOWN, "2026-03-05", [bare])
    bad = of.look("2026-03-01", good.model_copy(update={"marks": (mark,)}))
    yield of.row("taken out since", PASS, "2026-03-05", [bad, of.look("2026-03-02", good)])
    yield of.row("no longer listed", UNKNOWN, "2026-03-05", [bad, of.look("2026-03-02", Listing(present=False))])


def _once(of: Line, good: Any, bad: Any) -> Rows:
    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("good", PASS, "2026-03-05", [of.look("2026-03-01", good)])
    yield of.row("bad", FAIL, "2026-03-05", [of.look("2026-03-01", bad)])
    yield of.row("bad, in an incident only", UNKNOWN, "2026-03-05", [of.look("2026-03-01", bad, trusted=False)])


def current(of: Line) -> Rows:
    def shows(age: int) -> list[Look]:
        return [of.look("2026-03-05", Listing(present=True, version="1", updated_at=at("2026-03-05") - age * DAY))]

    yield of.row("nobody has looked", UNKNOWN, "2026-03-05")
    yield of.row("the last day", PASS, "2026-03-05", shows(of.days), edge=True)
    yield of.row("the day after", FAIL, "2026-03-05", shows(of.days + 1), edge=True)


def filing(of: Line) -> Rows:
    number = "政应备1号" if of.lacks else "云ICP备1号"

    def shows(when: str, number: str = "") -> Look:
        seen: Any = Page(opened=True, status=200, filing_no=number)
        return of.look(when, Listing(present=True, filing_no=number) if of.contains else seen)

    there = [shows("2026-01-01")]
    yield of.row("nobody has looked", UNKNOWN, "2026-08-05")
    yield of.row("a number", PASS, "2026-08-05", [*there, shows("2026-08-01", number)])
    yield of.row("none on one day", UNKNOWN, "2026-01-05", there, edge=True)
    yield of.row("none on two days", FAIL, "2026-08-05", [*there, shows("2026-08-01"), shows("2026-08-02")], edge=True)


def level(of: Line) -> Rows:
    looks = [of.look("2026-03-01", Listing(present=True))]
    town, county = (of.of.model_copy(update={"level": level}) for level in (of.levels[0], "county"))
    yield of.row("no level in the register", UNKNOWN, "2026-03-05", looks)
    yield of.row("the county itself", PASS, "2026-03-05", looks, of=county, edge=True)
    yield of.row("below the county", FAIL, "2026-03-05", looks, of=town, edge=True)


def closing(of: Line) -> Rows:
    closed = of.of.model_copy(update={"state": State.CLOSED})
    told = closed.model_copy(update={"stop_announced": date(2026, 3, 3)})
    was = {day: of.look(f"2026-03-0{day}", Listing(present=True)) for day in (1, 2, 3)}
    gone = {day: of.look(f"2026-03-0{day} 12:00", Listing(present=False)) for day in (2, 3, 4)}
    late = [gone[3], gone[4]]
    yield of.row("nobody has looked", UNKNOWN, "2026-03-10", of=closed)
    yield of.row("there, and gone on the day of the notice", PASS, "2026-03-10", [was[3], *late], of=told, edge=True)
    yield of.row("gone the day before", FAIL, "2026-03-10", [was[1], gone[2], *late], of=told, edge=True)
    yield of.row("gone since the day of the notice, or before", UNKNOWN, "2026-03-10", [was[2], *late], of=told)
    yield of.row("nobody saw it there", UNKNOWN, "2026-03-10", [gone[2], *late], of=told)
    yield of.row("gone without a notice", FAIL, "2026-03-10", late, of=closed)
