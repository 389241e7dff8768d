"""A wall clock that leaps moves no look, no verdict and no deadline; what is true is asked of the platforms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from mediawatch.clock import SteadyClock
from mediawatch.core.alerting import State
from mediawatch.core.faults import Doubt
from mediawatch.core.model import Outcome, Reason
from mediawatch.core.wire import Request
from mediawatch.store.blobs import Blobs
from mediawatch.store.store import Store
from mediawatch.tidying import DailyTidying
from tests.store_world import account, enrolled
from tests.stories import DAY, HOUR, MINUTE, SECOND, Story, weibo
from tests.test_retention import KEEP, watch
from tests.wire_server import NOW, door, serving

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
STEPS = {"-1 h": -HOUR, "+1 h": HOUR, "-1 d": -DAY, "+1 d": DAY, "+10 y": 3652 * DAY}


class Machine:
    """The two clocks of a machine: `pass_` lets time pass, `leap` sets the wall clock."""

    def __init__(self, at: datetime = AT) -> None:
        self.wall, self.true, self.ticked = at, at, 0.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.ticked)

    def pass_(self, time: timedelta) -> None:
        self.wall, self.true, self.ticked = self.wall + time, self.true + time, self.ticked + time.total_seconds()

    def leap(self, step: timedelta) -> None:
        self.wall += step


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_leap_does_not_move_our_count_and_holds_verdicts_until_hosts_have_spoken(step: timedelta) -> None:
    machine = Machine()
    for host in ("a", "b", "c", "d"):
        machine.clock.heard(host, machine.true)
    machine.pass_(HOUR)
    assert (machine.clock(), machine.clock.doubt()) == (machine.true, None)
    machine.leap(step)
    assert (machine.clock(), machine.clock.doubt()) == (machine.true, Doubt(off=step, held=True))
    machine.pass_(MINUTE)
    for host in ("a", "b"):
        machine.clock.heard(host, machine.true + SECOND)
    assert machine.clock.doubt() == Doubt(off=step, held=True), "three decide"
    machine.clock.heard("c", machine.true)
    assert machine.clock.doubt() == Doubt(off=step, held=False), "the machine's clock is wrong, ours is right"
    assert machine.clock() == machine.true
    machine.leap(-step)
    assert machine.clock.doubt() is None


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_leap_that_hosts_bear_out_is_followed(step: timedelta) -> None:
    machine = Machine(AT - step)  # it was wrong before
    machine.true = AT
    machine.leap(step)
    assert machine.clock() == AT - step
    machine.clock.heard("a", machine.true)
    assert (machine.clock(), machine.clock.doubt()) == (AT, None)
    machine.pass_(DAY)
    assert machine.clock() == machine.true


def test_small_corrections_are_followed_and_never_backwards() -> None:
    machine = Machine()
    for step in (5, -5, 30, -50, 59):
        before = machine.clock()
        machine.leap(step * SECOND)
        machine.pass_(SECOND)
        assert machine.clock() >= before
        assert machine.clock.doubt() is None
    assert machine.clock() == machine.wall


def test_a_clock_that_is_wrong_from_the_start_is_found_out_by_the_first_host_and_one_liar_changes_nothing() -> None:
    machine = Machine(AT + 3652 * DAY)
    machine.clock.heard("weibo.example", AT)
    doubt = machine.clock.doubt()
    assert doubt is not None
    assert (doubt.held, round(doubt.off / DAY)) == (True, -3652)
    machine = Machine()
    for host in ("a", "b", "c"):
        machine.clock.heard(host, machine.true + 9 * MINUTE)
    machine.clock.heard("liar", machine.true - 3652 * DAY)
    assert machine.clock.doubt() is None


@pytest.mark.parametrize(("away", "doubted"), [(-HOUR, True), (60 * DAY, True), (20 * DAY, False), (MINUTE, False)])
def test_a_start_before_the_last_sign_of_life_or_long_after_it_waits_for_a_host(away: timedelta, doubted: bool) -> None:
    machine = Machine()
    machine.clock.begin(AT - away)
    assert (machine.clock.doubt() is not None) == doubted
    machine.pass_(11 * MINUTE)
    assert machine.clock.doubt() is None, "where nobody can be heard, nobody is waited for"
    machine = Machine()
    machine.clock.begin(AT - away)
    machine.clock.heard("a", machine.true)
    assert machine.clock.doubt() is None


async def test_nothing_is_pruned_by_a_clock_in_doubt(tmp_path: Path) -> None:
    machine, store, blobs = Machine(), Store.open(f"sqlite:///{tmp_path}/m.db", now=AT), Blobs(tmp_path / "answers")
    enrolled(store, account("a"), now=AT - DAY)
    old = watch(store, blobs, "a", AT, b"old")
    tidying = DailyTidying(store, blobs, lambda: KEEP, machine.clock)
    machine.leap(3652 * DAY)
    assert await tidying.tick() == 0
    machine.clock.heard("a", AT + 3652 * DAY)
    assert await tidying.tick() == 1
    assert blobs.recall(old) is None
    store.close()


async def test_the_wire_tells_what_time_a_host_says_it_is() -> None:
    said = datetime(2026, 3, 2, 1, 0, 30, tzinfo=UTC)
    headers = [{"Date": format_datetime(said)}, {"Date": format_datetime(said), "Age": "90"}, {"Date": "yesterday"}]

    async def handler(request: web.Request) -> web.Response:
        return web.Response(headers=headers[int(request.path[1:])])

    heard: list[tuple[str, datetime]] = []
    async with serving(handler) as port, door() as http:
        http.heard = lambda host, at: heard.append((host, at))
        async with http.open("site:one.example", NOW) as wire:
            for number in range(3):
                await wire.ask(Request(url=f"http://one.example:{port}/{number}"))
    assert heard == [("one.example", said), ("one.example", said + 90 * SECOND)]


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_no_step_of_the_clock_causes_a_finding_or_a_gap(step: timedelta, tmp_path: Path) -> None:
    """One account posts each day, one fell silent: before, in and after a leap they stand as they do without one."""
    accounts = [weibo("alive", "day -1 10:00", *(f"day {day} 10:00" for day in range(30)), number=1),
                weibo("silent", "day -1 10:00", number=2)]  # fmt: skip
    async with Story(tmp_path, {"accounts": accounts}, cadence={"latest": "1d"}) as story:
        await story.until("day 13 12:00")
        machine = Machine(story.now)
        story.daemon.clock = machine.clock
        for host in ("a", "b", "c"):
            machine.clock.heard(host, machine.true)
        machine.leap(step)
        for _ in range(8):
            machine.pass_(6 * HOUR)
            story.now = machine.true
            await story.daemon.cycle()
        with story.store.recalling() as ledger:
            held = ledger.recent_looks("weibo", machine.true - 2 * DAY)
            (told,) = ledger.live_alerts("own:clock")
        looks = [look.at for look in held if look.target.startswith("alive")]
        assert all(later - sooner <= DAY + 6 * HOUR for sooner, later in pairwise(looks))
        assert {look.failure.reason for look in held if look.failure} == {Reason.OWN_CLOCK}
        assert told.state is State.OPEN
        assert story.accused() == set(), "the last day is over, and was not judged"
        for host in ("a", "b", "c"):
            machine.clock.heard(host, machine.true)
        machine.leap(-step)
        while machine.true < story.at("day 17 12:00"):
            machine.pass_(6 * HOUR)
            story.now = machine.true
            await story.daemon.cycle()
        with story.store.recalling() as ledger:
            assert ledger.live_alerts("own:clock") == ()
        assert story.outcome("alive") is Outcome.PASS
        assert story.accused() == {"silent"}
        (breach,) = story.alerts(subject="silent")
        assert breach.since == story.at("day 14 00:00")
        assert machine.clock() == machine.true


async def test_a_start_ten_years_ahead_accuses_nobody_and_leaves_nothing_put_off_for_ten_years(tmp_path: Path) -> None:
    accounts = [weibo("alive", "day -1 10:00", *(f"day {day} 10:00" for day in range(9)), number=1)]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("day 2 12:00")
        true = story.now
        machine = Machine(true + STEPS["+10 y"])
        story.daemon.clock = machine.clock
        for _ in range(3):
            story.now = machine.clock()
            machine.clock.heard("weibo.example", true)  # with the first answer
            await story.daemon.cycle()
            machine.pass_(DAY)
        assert story.accused() == set()
        with story.store.recalling() as ledger:
            (told,) = ledger.live_alerts("own:clock")
        assert "-3652d" in told.detail
        assert story.store.next_due_at() > true + 3000 * DAY
        machine.leap(true + 3 * DAY - machine.wall)
        machine.clock.heard("weibo.example", true + 3 * DAY)
        story.now = machine.clock()
        assert story.now == true + 3 * DAY
        for _ in range(2):
            await story.daemon.cycle()
        assert story.store.next_due_at() <= story.now + 8 * DAY
        assert (story.outcome("alive"), story.accused()) == (Outcome.PASS, set())
