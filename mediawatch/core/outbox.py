"""When a delivery that was not accepted is tried again. Pure: it must never send, store, wait or read a clock."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pydantic import Field

from mediawatch.core.model import Value

LONGEST_RETRY_AFTER = timedelta(days=1)
_JITTER = 0.1  # of the interval, either way; enough that receivers back from an outage are not met by a wall


class Backoff(Value):
    """The schedule of attempts: doubling from `first` up to `most`, for at least `patience` in all.

    most: a receiver that is back is told within a minute; only `PROBES` messages try one that takes nothing.
    """

    first: timedelta = Field(default=timedelta(seconds=5), gt=timedelta())
    most: timedelta = Field(default=timedelta(seconds=45), gt=timedelta())
    patience: timedelta = Field(default=timedelta(days=3), ge=timedelta())


STANDARD = Backoff()


def next_attempt(
    attempts: int, now: datetime, retry_after: float | None, jitter_key: str, backoff: Backoff = STANDARD
) -> datetime | None:
    """When to try again after `attempts` (≥ 1) attempts of which the last ended at `now`; `None`: give up.

    `retry_after` is what the receiver asked for, in seconds; it is honoured up to one day and never shortens the
    wait. The same `jitter_key` and number of attempts give the same jitter. Patience counts planned waits only, so
    that a daemon which was off over a weekend gives nothing up for it.
    """
    if _waited(attempts, backoff) * (1 - _JITTER) >= backoff.patience.total_seconds():
        return None
    draw = int.from_bytes(hashlib.sha256(f"{jitter_key}\n{attempts}".encode()).digest()[:8]) / 2**64  # [0, 1)
    wait = timedelta(seconds=_interval(attempts, backoff) * (1 - _JITTER + 2 * _JITTER * draw))
    if retry_after is not None and math.isfinite(retry_after) and retry_after > 0:
        asked = timedelta(seconds=min(retry_after, LONGEST_RETRY_AFTER.total_seconds()))
        wait = max(wait, asked * (1 + _JITTER * draw))
    return now + wait


def read_retry_after(header: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, between 0 and one day; `None` where it says nothing readable."""
    header = header.strip()[:64]
    if header.isascii() and header.isdigit():
        seconds = float(header)
    else:
        try:
            until = parsedate_to_datetime(header)
        except (ValueError, IndexError, OverflowError):
            return None
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER.total_seconds())


def _doublings(backoff: Backoff) -> int:
    """After how many doublings the interval has reached `most`."""
    return max(0, math.ceil(math.log2(backoff.most / backoff.first)))


def _interval(attempt: int, backoff: Backoff) -> float:
    """The planned seconds after that attempt, without jitter."""
    doubled = math.ldexp(backoff.first.total_seconds(), min(attempt - 1, _doublings(backoff)))
    return min(backoff.most.total_seconds(), doubled)


def _waited(attempts: int, backoff: Backoff) -> float:
    """The planned seconds between the first of so many attempts and the last, without jitter."""
    doubling = min(attempts - 1, _doublings(backoff))
    first, most = backoff.first.total_seconds(), backoff.most.total_seconds()
    return math.ldexp(first, doubling) - first + most * (attempts - 1 - doubling)
