"""What a server says the time is. It must not believe it: see `clock.SteadyClock`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache


def time_said(headers: Mapping[str, str]) -> datetime | None:
    """Its `Date`; of an answer out of a cache, with the age that it has there. `None` where it says none."""
    try:
        said = _read(headers.get("Date", ""))
        return said + timedelta(seconds=int(headers.get("Age", "0"))) if said.tzinfo is not None else None
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


@lru_cache(maxsize=64)  # many answers come within one second
def _read(date: str) -> datetime:
    return parsedate_to_datetime(date)
