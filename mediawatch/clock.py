"""Clocks: the only place besides the faces' entry points where time is read. Everything else receives `now`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

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
