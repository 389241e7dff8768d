"""Raw answers that nothing rests on go when they are old: in small steps, so that nobody waits for them.

First all that is still needed is marked, then what is left is buried in the record, then its files go; a stop between
two steps loses nothing and is made good by the next step. Last go strays: answers that a look brought which was never
written down, because we were killed before. It must not decide what rests on what: see `store/retention.py`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mediawatch.clock import Clock, SteadyClock
from mediawatch.core.calendar import day_of
from mediawatch.core.views import ActView
from mediawatch.store.blobs import Blobs
from mediawatch.store.retention import Pruning
from mediawatch.store.store import Ledger, Store

log = logging.getLogger("mediawatch")

ACCOUNTS = 50  # whose needs are marked in one step
ANSWERS = 250  # that go in one step
STEPS = 40  # of one tick
YOUNG = timedelta(days=1)  # so long after an answer came a look may be about to name it
PLACES = tuple(f"{number:03x}" for number in range(16**3))  # first letters of digests; those of one place are one step
PARTS = 8  # a daemon goes through one part of the places a day
AT_HOUR = 3  # of the Shanghai day: who looks at much looks by day
US = "mediawatch"
_PRUNED_ON = "pruned_on"


@dataclass(frozen=True)
class Keep:
    """answers: how long raw answers are kept. proof: how long, after an alert has ended, what it rested on is."""

    answers: timedelta
    proof: timedelta


class Tidying:
    """One pruning, step by step. by, why: who has it done. places: where it looks for strays."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        keep: Keep,
        now: datetime,
        by: str = US,
        why: str = "age",
        places: Sequence[str] = PLACES,
    ) -> None:
        self._store, self._blobs, self._keep, self._by, self._now = store, blobs, keep, by, now
        self._before = now - keep.answers
        self._marked: str | None = ""  # the last account whose needs are marked; `None` when all are
        self._reached = datetime(1, 1, 2, tzinfo=UTC)
        self._buried, self._places = False, list(places)
        self._size = self.answers = self.strays = self.strays_size = 0
        with store.writing() as ledger:
            self._number = ledger.retention.begin(now, self._before, by, why)
            left = tuple(ledger.retention.buried(self._number))
        self._drop(left)  # of one that was stopped between record and files

    def step(self) -> Pruning | None:
        """A few milliseconds' work. Returns the pruning once it is done. Raises StoreError, OSError."""
        if self._marked is not None:
            with self._store.writing() as ledger:
                proof = self._now - self._keep.proof
                self._marked = ledger.retention.hold(self._number, self._before, proof, self._marked, ACCOUNTS)
            return None
        if not self._buried:
            self._buried = not self._bury()
            return None
        if self._places:
            for digest in _strays(self._store, self._blobs, self._now, self._places.pop()):
                if (size := self._blobs.drop_older(digest, self._now - YOUNG)) is not None:
                    self.strays, self.strays_size = self.strays + 1, self.strays_size + size
            return None
        with self._store.writing() as ledger:
            return ended(ledger, self._number, self._by, self._now, self._size)

    def _bury(self) -> bool:
        """Some more of the old ones. Returns whether there were any."""
        with self._store.writing() as ledger:
            found = ledger.retention.old(self._number, self._reached, self._before, ANSWERS)
            digests = [digest for digest, _ in found]
            ledger.retention.bury(self._number, digests)
        if digests:
            self._reached = found[-1][1]
            self._drop(digests)
            self.answers += len(digests)
        return bool(digests)

    def _drop(self, digests: Iterable[str]) -> None:
        """Their files; one that has just come again stays: a look is about to name it, else it is a stray."""
        self._size += sum(self._blobs.drop_older(digest, self._now - YOUNG) or 0 for digest in digests)


def would_go(store: Store, blobs: Blobs, keep: Keep, now: datetime) -> tuple[int, int]:
    """How many answers, of how many bytes, a pruning would take away now; nothing is changed."""
    with store.trying() as ledger:
        before, marked = now - keep.answers, ""
        number = ledger.retention.begin(now, before, US, "dry run")
        while (last := ledger.retention.hold(number, before, now - keep.proof, marked, ACCOUNTS)) is not None:
            marked = last
        old = ledger.retention.old(number, datetime(1, 1, 2, tzinfo=UTC), before, None)
    return len(old), sum(blobs.size_of(digest) for digest, _ in old)


def stray_answers(store: Store, blobs: Blobs, now: datetime) -> tuple[int, int]:
    """How many answers, of how many bytes, no look names, and are old enough for none to be about to."""
    found = [digest for place in PLACES for digest in _strays(store, blobs, now, place)]
    return len(found), sum(map(blobs.size_of, found))


def _strays(store: Store, blobs: Blobs, now: datetime, place: str) -> set[str]:
    old = blobs.older(place, now - YOUNG)
    if not old:
        return set()
    with store.recalling() as ledger:
        return ledger.retention.nameless(old)


def ended(ledger: Ledger, number: int, by: str, now: datetime, size: int) -> Pruning:
    """Closes a pruning, and writes among people's acts what was taken away; nothing where it was nothing."""
    done = ledger.retention.end(number, now, size)
    if done.answers:
        ledger.note(ActView(at=now, by=by, act="prune", subject="store", note=told(done)))
    return done


def told(done: Pruning) -> str:
    """A pruning as its act tells of it."""
    says = {"answers": done.answers, "bytes": done.size, "root": done.root, "why": done.why}
    return json.dumps(says, ensure_ascii=False)


class DailyTidying:
    """A tick of the daemon: once a Shanghai day, a few steps at each tick until it is done."""

    def __init__(self, store: Store, blobs: Blobs, keep: Callable[[], Keep], clock: Clock) -> None:
        self._store, self._blobs, self._keep, self._clock = store, blobs, keep, clock
        self._running: Tidying | None = None

    async def tick(self) -> int:
        """Returns how many answers went; none while the clock is in doubt, for none might be as old as it seems.

        Raises StoreError, OSError: what was begun goes on with the next tick.
        """
        if isinstance(self._clock, SteadyClock) and (doubt := self._clock.doubt()) is not None and doubt.held:
            return 0
        return await asyncio.to_thread(self._some)

    def _some(self) -> int:
        if self._running is None:
            now = self._clock()
            today = day_of(now - timedelta(hours=AT_HOUR)).isoformat()
            with self._store.recalling() as ledger:
                if ledger.remembered(_PRUNED_ON) == today:
                    return 0
            places = PLACES[day_of(now).toordinal() % PARTS :: PARTS]
            self._running = Tidying(self._store, self._blobs, self._keep(), now, places=places)
            self._today = today
        before = self._running.answers
        for _ in range(STEPS):
            done = self._running.step()
            if done is not None:
                with self._store.writing() as ledger:
                    ledger.remember(_PRUNED_ON, self._today)
                if done.answers:
                    log.info("pruned %d old answers, %.1f MB", done.answers, done.size / 1e6)
                if strays := self._running.strays:
                    size = self._running.strays_size / 1e6
                    log.info("swept away %d answers that no look names, %.1f MB", strays, size)
                went, self._running = self._running.answers - before, None
                return went
        return self._running.answers - before
