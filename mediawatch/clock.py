"""Clocks: the only place besides the faces' entry points where time is read. Everything else receives `now`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mediawatch.core.faults import Doubt

LEAP = timedelta(seconds=60)  # more than this at once is no correction of a clock, it is another time
APART = timedelta(minutes=10)  # how far the clocks of most hosts may be from ours
DOWN = timedelta(days=30)  # whoever was off for longer first asks what day it is
PATIENCE = 600.0  # seconds for which that is asked
MOST_HOSTS = 200  # whose clocks are remembered
ENOUGH = 3  # hosts that decide, where so many are known

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def fast_clock(starts_at: datetime, speed: float) -> Clock:
    """A clock that starts at `starts_at` now and runs `speed` times as fast as the monotonic clock (for the demo)."""
    began = time.monotonic()
    return lambda: starts_at + timedelta(seconds=(time.monotonic() - began) * speed)


def stopped_clock(at: datetime) -> Clock:
    """A clock that always shows one instant (for `once --now`)."""
    return lambda: at


class SteadyClock:
    """The present instant, counted on by the machine's monotonic clock: a wall clock that leaps does not move it.

    Corrections of up to a minute are followed, and never backwards. After a leap, what hosts say in their answers
    decides: the wall clock is believed again where most of them are nearer to it than to our count. Until then, and
    where most hosts have quite another time than we, the clock is in doubt: nothing is to be judged by it.
    """

    def __init__(self, wall: Clock = wall_clock, elapsed: Callable[[], float] | None = None) -> None:
        self._wall, self._elapsed = wall, elapsed or _elapsed
        self._base = self._last = wall()
        self._mark = self._elapsed()
        self._leap: timedelta | None = None  # the wall clock minus ours, while it has leapt
        self._hosts: dict[str, timedelta] = {}  # by host, its clock minus ours; of those heard since the leap
        self._known: set[str] = set()
        self._asking_until: float | None = None  # while the time at the start is doubted
        self._lock = threading.RLock()

    def __call__(self) -> datetime:
        with self._lock:
            ticked = self._elapsed()
            ours, wall = self._base + timedelta(seconds=ticked - self._mark), self._wall()
            if abs(wall - ours) <= LEAP:
                ours, self._base, self._mark, self._leap = wall, wall, ticked, None
            else:
                if self._leap is None:
                    self._hosts = {}
                self._leap = wall - ours
            self._last = max(self._last, ours)
            return self._last

    def begin(self, alive_at: datetime | None) -> None:
        """Says when the record last heard of a daemon: a present before that, or long after, is asked for at hosts."""
        with self._lock:
            off = None if alive_at is None else self() - alive_at
            if off is not None and not (-LEAP <= off <= DOWN) and not self._hosts:
                self._asking_until = self._elapsed() + PATIENCE

    def heard(self, host: str, said: datetime) -> None:
        """Takes what a host says the time is."""
        with self._lock:
            self._hosts.pop(host, None)
            self._hosts[host] = said - self()
            self._known.add(host)
            if len(self._hosts) > MOST_HOSTS:
                self._hosts.pop(next(iter(self._hosts)))
            if len(self._known) > MOST_HOSTS:
                self._known = set(self._hosts)
            if self._leap is not None and self._decided() and self._most_nearer(self._leap):
                self._base = self._last = self._wall()
                self._mark, self._leap, self._hosts = self._elapsed(), None, {}

    def doubt(self) -> Doubt | None:
        """What is wrong with the clock; `None` where nothing is."""
        with self._lock:
            self()
            if self._leap is not None:
                return Doubt(off=self._leap, held=not self._decided() or self._apart() is not None)
            if (apart := self._apart()) is not None:
                return Doubt(off=apart, held=True)
            if self._asking_until is not None:
                if self._hosts or self._elapsed() > self._asking_until:
                    self._asking_until = None
                else:
                    return Doubt(off=timedelta(), held=True)
            return None

    def _decided(self) -> bool:
        return len(self._hosts) >= max(1, min(ENOUGH, len(self._known)))

    def _most_nearer(self, other: timedelta) -> bool:
        return sum(abs(off - other) < abs(off) for off in self._hosts.values()) * 2 > len(self._hosts)

    def _apart(self) -> timedelta | None:
        """How far most hosts are from us, where that is too far; of several the one in the middle."""
        away = sorted(off for off in self._hosts.values() if abs(off) > APART)
        return away[len(away) // 2] if len(away) * 2 > len(self._hosts) else None


def boot() -> tuple[str, int]:
    """Which run of the machine this is ("" where it gives none a name), and the seconds since its start."""
    try:
        name = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        name = ""
    return name, int(_elapsed())


def _elapsed() -> float:
    """Seconds that pass while the machine sleeps, too, where the system counts them."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
