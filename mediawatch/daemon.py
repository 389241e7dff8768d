"""The clock of the house: a few ticks that claim, look, absorb, owe and deliver; a clean start and a clean end.

APScheduler only ticks; which account is due when is a column in the store. This module decides nothing: it calls the
verbs in order, keeps many looks in flight and one writer on the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from mediawatch import attest, deliver, digests, followup, notify, office, people, poll, proof, review, watching
from mediawatch.adapters.attestation import Attestation
from mediawatch.clock import Clock
from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Reason
from mediawatch.core.outbox import Backoff
from mediawatch.core.review import Choice
from mediawatch.core.seen import Launch
from mediawatch.core.sessions import budget_of, closed
from mediawatch.core.silences import Silence, Wanted
from mediawatch.core.wire import Wires
from mediawatch.deliver import Paces
from mediawatch.isolation import Readers
from mediawatch.policy import Policy
from mediawatch.store.claim import Claim
from mediawatch.store.looks import Looked
from mediawatch.store.outbox import Delivery
from mediawatch.store.store import Store
from mediawatch.telling import Configured
from mediawatch.ticks import Ticks
from mediawatch.wires.sending import Sender

log = logging.getLogger("mediawatch")
P = ParamSpec("P")
T = TypeVar("T")

MOST_ABSORBED = 300  # looks in one transaction
GATHER = 0.02  # seconds that `cycle` and `sweep` wait for looks to come back together
FORCED = 4  # looks at once at a platform that leaves no room
WELL = timedelta(minutes=1)
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
    ) -> None:
        self.policy = policy
        self.receivers = dict(receivers or {})
        self.last_tick_at: datetime | None = None
        self.last_notify_at: datetime | None = None
        self._store, self._wires, self._readers, self._sender = store, wires, readers, sender
        self._clock, self._began = clock, clock()  # since when looks are read by this very program
        self._backoff, self._ticks = backoff or Backoff(), ticks or Ticks()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._looks: set[asyncio.Task[None]] = set()
        self._looked: asyncio.Queue[Looked] = asyncio.Queue()
        self._claims: dict[tuple[str, str], Claim] = {}  # by target and token: one token serves a whole batch
        self._ticking: set[asyncio.Task[int]] = set()
        self._stopping = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._paces: Paces | None = None
        self._network_down = self._asked = False  # asked: whether all alerts were, since this policy holds
        self._free_disk = free_disk
        self._more_ticks: list[tuple[Callable[[], Coroutine[Any, Any, int]], timedelta]] = []

    # --- the ticks ---------------------------------------------------------------------------------------------

    async def tick_polls(self, *, force: bool = False) -> int:
        """Claims what is due, as much as each platform's pace leaves free, and starts the looks. Returns how many.

        force: as many as there may be at once, whether there is room or not.
        """
        now = self.last_tick_at = self._clock()
        due = await self._in_store(self._store.due_platforms, now)
        room = {
            platform: min(count, FORCED if force else await self._room(platform, now))
            for platform, count in due.items()
        }
        if not any(room.values()):
            return 0
        claims = await self._in_store(self._store.claim_targets, room, now, self._ticks.lease)
        for claim in claims:
            self._claims[claim.target.id, claim.token] = claim
            task = asyncio.create_task(self._look(claim, now))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)
        return len(claims)

    async def tick_absorb(self) -> int:
        """Absorbs the looks that have come back, a few hundred in one transaction. Returns how many."""
        looked: list[Looked] = []
        while not self._looked.empty() and len(looked) < MOST_ABSORBED:
            looked.append(self._looked.get_nowait())
        if not looked:
            return 0
        self._note_network(looked)
        await self._in_store(poll.absorb, self._store, looked, self.policy, self._clock())
        for one in looked:
            self._claims.pop((one.claim.target.id, one.claim.token), None)
        return len(looked)

    async def tick_notify(self) -> int:
        """Promises what has come due about alerts since: the next rungs of the ladder. Returns how many."""
        now, free = self._clock(), self._free_disk() if self._free_disk is not None else None

        def ourselves() -> None:
            with self._store.writing() as ledger:
                watching.sign_of_life(ledger, self.policy, now, starts=self.last_notify_at is None)
                watching.watch_ourselves(ledger, self.policy, now, free)
                followup.tick(ledger, self.policy, now)
                proof.seal_daily(ledger, now)
                if not self._asked:  # other settings, or another version of us, may owe other things
                    ledger.ask_again(now)

        def owe() -> tuple[int, int]:
            with self._store.writing() as ledger:
                return notify.owe_due(ledger, self.policy, now)

        await self._in_store(ourselves)
        self._asked, self.last_notify_at = True, now
        promised = await self._in_store(digests.owe_digests, self._store, self.policy, now)
        while True:
            asked, new = await self._in_store(owe)
            promised += new
            if asked < notify.BATCH or self._stopping.is_set():
                return promised

    async def tick_deliver(self, *, at_once: bool = False) -> int:
        """Begins to send what is promised and due, within each robot's own pace. Returns how many messages it tries.

        at_once: no group waits for company.
        """
        now = self._clock()
        if self._paces is None:
            self._paces = Paces(await self._in_store(self._store.tried_since, now - deliver.MINUTE))
        room = self._paces.room(self.receivers, now)
        claimed = await self._in_store(
            deliver.next_messages,
            self._store,
            self.policy,
            self.receivers,
            room,
            now,
            self._ticks.lease,
            at_once=at_once,
        )
        unsent = []
        for delivery in claimed:
            configured = self.receivers.get(delivery.receiver)
            if configured is not None and not self._paces.take(configured, now):
                unsent.append(delivery)
                continue
            task = asyncio.create_task(self._send(configured, delivery, now))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        if unsent:
            await self._in_store(self._store.hand_back, unsent, now + deliver.MINUTE / 20)
        return len(claimed) - len(unsent)

    async def _send(self, configured: Configured | None, delivery: Delivery, now: datetime) -> None:
        attempt = await deliver.deliver(configured, delivery.message, self._sender, self.policy, now)
        if configured is not None and self._paces is not None:
            self._paces.heed(configured, attempt)
        await self._in_store(deliver.settle, self._store, delivery, attempt, self._backoff, self._clock())

    # --- running -----------------------------------------------------------------------------------------------

    async def cycle(self, *, at_once: bool = False) -> int:
        """Everything that is due now, once, to its end: looks, findings, promises, messages. Returns how much.

        at_once: no group of notices waits for company.
        """
        done = await self._drain()
        done += await self.tick_notify()
        done += await self.tick_deliver(at_once=at_once)
        if self._sends:
            await asyncio.wait(self._sends)
        return done

    async def sweep(self, progress: Callable[[int, int], None]) -> None:
        """Looks at every target once, due or not, and tells nobody. Needs a clock that stands still.

        progress: called with how many targets are done, of how many.
        """
        await self._in_store(self._store.make_due, self._clock())
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
            await self._pause(timedelta(milliseconds=20))

    async def run(self, *, cycles: int | None = None, until_idle: bool = False) -> None:
        """Runs until `stop()`, for `cycles` cycles, or until nothing is due and nothing is owed."""
        try:
            if cycles is not None or until_idle:
                await self._run_cycles(cycles, until_idle)
            else:
                await self._run_ticks()
        finally:
            await self.end()

    def tick_also(self, tick: Callable[[], Coroutine[Any, Any, int]], every: timedelta) -> None:
        """One more tick beside our own, from the next `run` on."""
        self._more_ticks.append((tick, every))

    def well(self) -> bool:
        """Whether the ticks run and the store takes writes: the last promise tick is no older than it may be."""
        return self.last_notify_at is not None and self._clock() - self.last_notify_at < WELL + self._ticks.notify * 3

    def stop(self) -> None:
        """Asks for an orderly end: no new looks, leases given back. Safe to call from a signal."""
        self._stopping.set()

    async def acknowledge(
        self, alert_id: str, by: str, note: str, until: datetime | None = None, sticky: bool = False
    ) -> Alert:
        """Acknowledges a live alert. Raises KeyError for an unknown one, ValueError for one that is over."""
        return await self._in_store(
            people.acknowledge, self._store, self.policy, alert_id, by, note, self._clock(), until=until, sticky=sticky
        )

    async def silence(self, wanted: Wanted) -> Silence:
        """Adds a silence or a maintenance window. Raises ValueError as `people.silence`."""
        return await self._in_store(people.silence, self._store, wanted, self._clock())

    async def end_silence(self, id_: str, by: str) -> Silence:
        """Ends a silence now. Raises KeyError for an unknown one, ValueError for one that is over."""
        return await self._in_store(people.end_silence, self._store, id_, by, self._clock())

    async def review(self, alert_id: str, choice: Choice, by: str, reason: str, until: datetime | None) -> Alert:
        """Notes what a person decided about a candidate. Raises KeyError for an unknown one, ValueError as `decide`."""
        said = (alert_id, choice, by, reason, self._clock(), until)
        return await self._in_store(review.decide, self._store, self.policy, *said)

    async def attest(self, account: str, word: str, signature: str) -> Launch:
        """Takes a person's word on an app (JSON). Raises KeyError for an unknown account, ValueError as `attest`."""
        said = Attestation.model_validate_json(word)
        return await self._in_store(attest.attest, self._store, self.policy, account, said, signature, self._clock())

    async def office(self, name: str, said: bytes, by: str, dry_run: bool) -> dict[str, Any]:
        """An act with an inspection or a case, by its name. Raises KeyError, ValueError as `office.act`."""
        return await self._in_store(office.act, self._store, self.policy, name, said, by, self._clock(), dry_run)

    async def change(self, policy: Policy, receivers: Mapping[str, Configured], enroll: Callable[[], object]) -> None:
        """Applies a reload as a whole: the register first, in one transaction, then the policy."""
        await self._in_store(enroll)
        self.policy, self.receivers, self._asked = policy, dict(receivers), False

    async def _drain(self, *, force: bool = False) -> int:
        """Looks at what is due, as far as the paces leave room, and absorbs it. Returns how many looks were started."""
        done = 0
        while True:
            done += await self.tick_polls(force=force)
            if self._looks:
                await asyncio.wait(self._looks, timeout=GATHER)
            many = self._looked.qsize() >= MOST_ABSORBED // 3  # one transaction costs little more than for one
            if (many or not self._looks) and not await self.tick_absorb() and not self._looks:
                return done

    async def _run_cycles(self, cycles: int | None, until_idle: bool) -> None:
        left = cycles
        while not self._stopping.is_set() and left != 0:
            await self.cycle(at_once=True)
            left = None if left is None else left - 1
            if until_idle and await self._idle():
                return
            if left != 0:
                await self._pause(self._ticks.poll)

    async def _idle(self) -> bool:
        """Nothing is due that could be looked at, and nothing is owed."""
        now = self._clock()
        for platform in await self._in_store(self._store.due_platforms, now):
            if not closed(self.policy.sessions, platform, now) and await self._allowance(platform, now) > 0:
                return False
        return not await self._in_store(self._store.owed_count)

    async def _due(self) -> int:
        return sum((await self._in_store(self._store.due_platforms, self._clock())).values())

    async def _run_ticks(self) -> None:
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for tick, every in (
            (self.tick_polls, self._ticks.poll),
            (self.tick_absorb, self._ticks.poll),
            (self.tick_notify, self._ticks.notify),
            (self.tick_deliver, self._ticks.deliver),
            *self._more_ticks,
        ):
            scheduler.add_job(self._guarded(tick), "interval", seconds=every.total_seconds())
        scheduler.start()
        try:
            await self._stopping.wait()
        finally:
            scheduler.pause()
            if self._ticking:  # a tick is let finish: what it has claimed or sent is written down
                await asyncio.wait(self._ticking, timeout=self._ticks.shutdown.total_seconds() / 2)
            scheduler.shutdown(wait=False)

    def _guarded(self, tick: Callable[[], Coroutine[Any, Any, int]]) -> Callable[[], Coroutine[Any, Any, None]]:
        """A tick that fails is logged and tried again at the next one; the daemon lives on."""

        async def guarded() -> None:
            if self._stopping.is_set():
                return
            running = asyncio.create_task(tick())
            self._ticking.add(running)
            try:
                await asyncio.shield(running)
            except Exception:
                log.exception("%s failed; it is tried again at the next tick", tick.__name__)
            finally:
                self._ticking.discard(running)

        return guarded

    async def _look(self, claim: Claim, now: datetime) -> None:
        self._looked.put_nowait(await poll.look(claim, self._wires, self._readers, now, self._began))

    async def end(self) -> None:
        """Gives back every lease that is still held, and lets nothing hang on for longer than `ticks.shutdown`."""
        if self._sends:  # what was sent is written down; what hangs is tried again after its lease
            await asyncio.wait(self._sends, timeout=self._ticks.shutdown.total_seconds() / 2)
        for task in [*self._looks, *self._sends]:
            task.cancel()
        if self._looks:
            await asyncio.wait(self._looks, timeout=self._ticks.shutdown.total_seconds() / 2)
        while await self.tick_absorb():
            pass
        if self._claims:
            await self._in_store(self._store.release, tuple(self._claims.values()))
        self._writer.shutdown(wait=True)

    async def _pause(self, wait: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds()):
                await self._stopping.wait()

    async def _in_store(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
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
        midnight = midnight_after(day_of(now) - timedelta(days=1))
        made = await self._in_store(self._store.looks_since, platform, midnight)
        under_way = sum(claim.target.platform == platform for claim in self._claims.values())
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
