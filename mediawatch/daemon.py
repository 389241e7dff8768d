"""The clock of the house: a few ticks that claim, look, absorb, owe and deliver; a clean start and a clean end.

APScheduler only ticks; which account is due when is a column in the store. This module decides nothing: it calls the
verbs in order, keeps many looks in flight and one writer on the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from mediawatch import digests, followup, notify, poll, proof, watching
from mediawatch.beat import UnderWay, ticking
from mediawatch.clock import Clock, SteadyClock
from mediawatch.core.calendar import day_of, midnight_of
from mediawatch.core.faults import Doubt
from mediawatch.core.model import Reason
from mediawatch.core.outbox import Backoff
from mediawatch.core.sessions import budget_of, closed
from mediawatch.core.sites import HERE, Place
from mediawatch.core.wire import Wires
from mediawatch.desk import Desk
from mediawatch.isolation import Readers
from mediawatch.outgoing import Outgoing
from mediawatch.policy import Policy
from mediawatch.store.claim import Claim
from mediawatch.store.errors import StoreError, StoreUnavailable
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from mediawatch.telling import Configured
from mediawatch.ticks import Ticks
from mediawatch.wires.sending import Sender

log = logging.getLogger("mediawatch")
P = ParamSpec("P")
T = TypeVar("T")

MOST_CLAIMED = 1000  # looks at one platform that a tick begins; what is more waits for the next
MOST_BATCHED = 100  # looks at one platform that one job of a fleet leases
MOST_ABSORBED = 300  # looks in one transaction
GATHER = 0.05  # seconds that `cycle` and `sweep` wait for looks to come back together
FEW = 8  # looks that `cycle` and `sweep` write down without asking whether more are due
FORCED = 4  # looks at once at a platform that leaves no room
WELL = timedelta(minutes=1)
TO_FINISH, TO_CANCEL = 0.5, 0.75  # of the time for an orderly end: until then things under way may come to theirs
PATIENCE = 5.0  # seconds that `sweep` waits for room


class Daemon:
    """One running house. `run` returns after `stop()`; `cycle` does everything that is due once, for drills."""

    def __init__(
        self,
        store: Store,
        wires: Wires,
        readers: Readers,
        sender: Sender,
        policy: Policy,
        clock: Clock,
        *,
        receivers: Mapping[str, Configured] | None = None,
        backoff: Backoff | None = None,
        ticks: Ticks | None = None,
        free_disk: Callable[[], int] | None = None,
        place: Place = HERE,
    ) -> None:
        self.policy = policy
        self.receivers = dict(receivers or {})
        self.last_tick_at: datetime | None = None
        self.last_notify_at: datetime | None = None
        self.others_alive_at: datetime | None = None  # when the ticks of a fleet last ran, on whatever worker
        self._store, self._wires, self._readers = store, wires, readers
        self.clock, self._began = clock, clock()  # since when looks are read by this very program
        self._ticks = ticks or Ticks()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._looks: set[asyncio.Task[None]] = set()
        self._looked: asyncio.Queue[Looked] = asyncio.Queue()
        self._claims: dict[tuple[str, str], Claim] = {}  # by target and token: one token serves a whole batch
        self._stopping = asyncio.Event()
        self._ticks_under_way = UnderWay(self._stopping)
        self._signed: datetime | None = None  # our last sign of life
        self._reached = self._began  # the latest present that a tick was in, right or wrong
        self._failure: StoreError | None = None
        self._ended_at: float | None = None
        self._network_down = self._asked = False  # asked: whether all alerts were, since this policy holds
        self._free_disk, self.place = free_disk, place
        self.outgoing = Outgoing(store, sender, clock, backoff or Backoff(), self._ticks.lease, self.in_store)
        self.desk = Desk(store, lambda: self.policy, clock, self.in_store)
        self.more_ticks: list[tuple[Callable[[], Coroutine[Any, Any, int]], timedelta]] = []

    # --- the ticks ---------------------------------------------------------------------------------------------

    async def tick_polls(self, *, force: bool = False) -> int:
        """Claims what is due, as much as each platform's pace leaves free, and starts the looks. Returns how many.

        force: as many as there may be at once, whether there is room or not.
        """
        now = self.last_tick_at = self.clock()
        due = await self.in_store(self._store.due_platforms, now, self.place, 1)
        return len(await self._start_looks(due, MOST_CLAIMED, now, force=force))

    async def batch(self, platforms: Collection[str], token: str) -> int:
        """One batch of a fleet, from its leases to the record: what is due on these platforms, as far as the paces
        leave room. Returns how many looks. token: of the leases, by which others may free them if we die.
        """
        now = self.last_tick_at = self.clock()
        due = await self.in_store(self._store.due_platforms, now, self.place, 1)
        if looks := await self._start_looks(due.keys() & platforms, MOST_BATCHED, now, token=token):
            await asyncio.wait(looks)
            while await self.tick_absorb():
                pass
        return len(looks)

    async def _start_looks(
        self, due: Iterable[str], most: int, now: datetime, *, force: bool = False, token: str | None = None
    ) -> list[asyncio.Task[None]]:
        room = {name: min(most, FORCED if force else await self._room(name, now)) for name in sorted(due)}
        if not any(room.values()):
            return []
        claims = await self.in_store(self._store.claim_targets, room, now, self._ticks.lease, self.place, token)
        self._claims |= {(claim.target.id, claim.token): claim for claim in claims}
        begun = [asyncio.create_task(self._look(claim, now)) for claim in claims]
        self._looks.update(begun)
        for task in begun:
            task.add_done_callback(self._looks.discard)
        return begun

    async def tick_absorb(self) -> int:
        """Absorbs the looks that have come back, a few hundred in one transaction. Returns how many."""
        looked: list[Looked] = []
        while not self._looked.empty() and len(looked) < MOST_ABSORBED:
            looked.append(self._looked.get_nowait())
        if not looked:
            return 0
        self._note_network(looked)
        try:
            await self.in_store(poll.absorb, self._store, looked, self.policy, self.clock())
        except StoreUnavailable:  # what was seen is kept until it can be written, as long as the leases hold
            for one in looked:
                self._looked.put_nowait(one)
            raise
        for one in looked:
            self._claims.pop((one.claim.target.id, one.claim.token), None)
        return len(looked)

    async def tick_notify(self) -> int:
        """Promises what has come due about alerts since: the next rungs of the ladder. Returns how many."""
        now, free = self.clock(), self._free_disk() if self._free_disk is not None else None

        steady = self.clock if isinstance(self.clock, SteadyClock) else None

        def ourselves() -> bool:
            with self._store.writing() as ledger:
                if steady is not None and self._signed is None:
                    steady.begin(watching.alive_at(ledger))
                doubt = self._doubt()
                watching.watch_clock(ledger, self.policy, doubt, now)
                if doubt is not None and doubt.held:  # nothing comes due by a clock that may be wrong
                    return False
                if steady is not None and (self._signed is None or now < self._reached):
                    ledger.bring_back(now, self.policy.furthest)
                watching.sign_of_life(ledger, self.policy, now, starts=self._signed is None)
                watching.watch_ourselves(ledger, self.policy, now, free)
                followup.tick(ledger, self.policy, now)
                proof.seal_daily(ledger, now)
                if not self._asked:  # other settings, or another version of us, may owe other things
                    ledger.ask_again(now)
                return True

        def owe() -> tuple[int, int]:
            with self._store.writing() as ledger:
                return notify.owe_due(ledger, self.policy, now)

        trusted = await self.in_store(ourselves)
        self.last_notify_at, self._reached = now, max(now, self._reached)
        if not trusted:
            return 0
        self._reached = now
        self._asked, self._signed = True, now
        promised = await self.in_store(digests.owe_digests, self._store, self.policy, now)
        while True:
            asked, new = await self.in_store(owe)
            promised += new
            if asked < notify.BATCH or self._stopping.is_set():
                return promised

    async def tick_deliver(self, *, at_once: bool = False) -> int:
        """Begins to send what is promised and due. Returns how many messages it tries.

        at_once: no group waits for company.
        """
        return len(await self.outgoing.begin(self.receivers, self.policy, at_once=at_once))

    # --- running -----------------------------------------------------------------------------------------------

    async def cycle(self, *, at_once: bool = False) -> int:
        """Everything that is due now, once, to its end: looks, findings, promises, messages. Returns how much.

        at_once: no group of notices waits for company.
        """
        done = await self._drain()
        done += await self.tick_notify()
        done += await self.tick_deliver(at_once=at_once)
        await self.outgoing.settled()
        return done

    async def sweep(self, progress: Callable[[int, int], None]) -> None:
        """Looks at every target once, due or not, and tells nobody. Needs a clock that stands still.

        progress: called with how many targets are done, of how many.
        """
        await self.in_store(self._store.make_due, self.clock())
        total = left = await self._due()
        loop = asyncio.get_running_loop()
        moved_at = loop.time()
        while left and not self._stopping.is_set():
            # A pace leaves room again in a moment. A platform that rests after a refusal may not for half an hour:
            # its looks are then made all the same, and say at once that it was left alone.
            await self._drain(force=loop.time() - moved_at > PATIENCE)
            before, left = left, await self._due()
            moved_at = loop.time() if left < before else moved_at
            progress(total - left, total)
            await self.pause(timedelta(milliseconds=20))

    async def run(self, *, cycles: int | None = None, until_idle: bool = False) -> None:
        """Runs until `stop()`, for `cycles` rounds, or until nothing is due or owed. Raises what `fail` was given."""
        try:
            if cycles is not None or until_idle:
                await self._run_cycles(cycles, until_idle)
            else:
                await self._run_ticks()
        finally:
            await self.end()
        if self._failure is not None:
            raise self._failure

    def tick_also(self, tick: Callable[[], Coroutine[Any, Any, int]], every: timedelta) -> None:
        """One more tick beside our own, from the next `run` on."""
        self.more_ticks.append((tick, every))

    def well(self) -> bool:
        """Whether the ticks run and the store takes writes: the last promise tick is no older than it may be."""
        last = max((at for at in (self.last_notify_at, self.others_alive_at) if at is not None), default=None)
        return last is not None and self.clock() - last < WELL + self._ticks.notify * 3

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping.is_set()

    async def stopped(self) -> None:
        """Waits until it is asked to stop."""
        await self._stopping.wait()

    def stop(self) -> None:
        """Asks for an orderly end: no new looks, leases given back. Safe to call from a signal."""
        self._stopping.set()

    def fail(self, error: StoreError) -> None:
        """Asks for the same end; `run` then raises the error."""
        self._failure = self._failure or error
        self.stop()

    async def change(self, policy: Policy, receivers: Mapping[str, Configured], enroll: Callable[[], object]) -> None:
        """Applies a reload as a whole: the register first, in one transaction, then the policy."""
        await self.in_store(enroll)
        self.policy, self.receivers, self._asked = policy, dict(receivers), False

    async def _drain(self, *, force: bool = False) -> int:
        """Looks at what is due, as far as the paces leave room, and absorbs it. Returns how many looks were started."""
        done = 0
        while True:
            begun = await self.tick_polls(force=force)
            done += begun
            if self._looks:
                await asyncio.wait(self._looks, timeout=GATHER)
            many = self._looked.qsize() >= MOST_ABSORBED // 2  # one transaction costs little more than for one
            if (many or not (self._looks or begun > FEW)) and not await self.tick_absorb() and not self._looks:
                return done

    async def _run_cycles(self, cycles: int | None, until_idle: bool) -> None:
        left = cycles
        while not self._stopping.is_set() and left != 0:
            await self.cycle(at_once=True)
            left = None if left is None else left - 1
            if until_idle and await self._idle():
                return
            if left != 0:
                await self.pause(self._ticks.poll)

    async def _idle(self) -> bool:
        """Nothing is due that could be looked at, and nothing is owed."""
        now = self.clock()
        for platform in await self.in_store(self._store.due_platforms, now, HERE, 1):
            if not closed(self.policy.sessions, platform, now) and await self._allowance(platform, now) > 0:
                return False
        return not await self.in_store(self._store.owed_count)

    async def _due(self) -> int:
        return sum((await self.in_store(self._store.due_platforms, self.clock())).values())

    async def _run_ticks(self) -> None:
        ticks = (
            (self.tick_polls, self._ticks.poll),
            (self.tick_absorb, self._ticks.poll),
            (self.tick_notify, self._ticks.notify),
            (self.tick_deliver, self._ticks.deliver),
            *self.more_ticks,
        )
        await self._ticks_under_way.guarded(self.tick_polls)()  # what is due waits for no tick
        async with ticking((self._ticks_under_way.guarded(tick), every) for tick, every in ticks):
            try:
                await self._stopping.wait()
            finally:
                await self._ticks_under_way.finished(self._left(TO_FINISH))

    async def _look(self, claim: Claim, now: datetime) -> None:
        try:
            looked = await poll.look(claim, self._wires, self._readers, now, self._began)
        except Exception:
            log.exception("the look at %s died; its lease ends by time, and then it is tried again", claim.target.id)
            self._claims.pop((claim.target.id, claim.token), None)
            return
        doubt = self._doubt()
        self._looked.put_nowait(looked if doubt is None or not doubt.held else watching.unproven(looked))

    def _doubt(self) -> Doubt | None:
        return self.clock.doubt() if isinstance(self.clock, SteadyClock) else None

    async def end(self) -> None:
        """Gives back every lease that is still held, and waits for nothing longer than `ticks.shutdown` in all."""
        for task in self._looks:  # nobody was told anything of them yet: they are made again
            task.cancel()
        await self.outgoing.end(self._left(TO_FINISH))
        if self._looks:
            await asyncio.wait(self._looks, timeout=self._left(TO_CANCEL))
        while await self.tick_absorb():
            pass
        if self._claims:
            await self.in_store(self._store.release, tuple(self._claims.values()))
        self._writer.shutdown(wait=True)

    def _left(self, share: float) -> float:
        """Seconds until that share of the time for an orderly end is over, which begins when it is first asked for."""
        now = asyncio.get_running_loop().time()
        self._ended_at = now if self._ended_at is None else self._ended_at
        return max(0.0, self._ended_at + share * self._ticks.shutdown.total_seconds() - now)

    async def pause(self, wait: timedelta) -> None:
        """Waits, but not beyond `stop()`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds()):
                await self._stopping.wait()

    def holds(self, token: str) -> bool:
        """Whether a look is under way, or not written down yet, whose lease has that token."""
        return any(held == token for _, held in self._claims)

    async def in_store(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a call on the one thread that uses the store, so that the loop never waits for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, lambda: act(*args, **kwargs))

    async def _room(self, platform: str, now: datetime) -> int:
        """How many looks a platform takes now: none where all its logins are over, or their day's budget is spent."""
        room = 0 if closed(self.policy.sessions, platform, now) else self._wires.room(platform)
        return min(room, await self._allowance(platform, now)) if room else 0

    async def _allowance(self, platform: str, now: datetime) -> int:
        """How many looks the logins' budget leaves for today; looks under way count as made."""
        budget = budget_of(self.policy.sessions, platform, now)
        if budget is None:
            return MOST_ABSORBED
        midnight = midnight_of(day_of(now))
        made = await self.in_store(self._store.looks_since, platform, midnight)
        under_way = await self.in_store(self._store.leased, platform)
        return max(0, budget - made - under_way)

    def _note_network(self, looked: Sequence[Looked]) -> None:
        """Says once that our own network is down, and once that it is back."""
        down = all(
            one.observation.failure is not None and one.observation.failure.reason is Reason.OWN_NETWORK
            for one in looked
        )
        if down and not self._network_down:
            log.warning("own network down: no platform can be reached from here; nobody is accused")
        elif self._network_down and not down:
            log.info("own network is back")
        self._network_down = down
