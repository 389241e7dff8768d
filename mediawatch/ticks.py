"""How often the daemon wakes, for what, and how long its parts may take. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Ticks:
    """How often the daemon wakes for what, how long a lease lasts, and how long an orderly end may take."""

    poll: timedelta = timedelta(milliseconds=250)
    notify: timedelta = timedelta(seconds=5)
    deliver: timedelta = timedelta(seconds=1)
    lease: timedelta = timedelta(minutes=5)
    shutdown: timedelta = timedelta(seconds=4)
