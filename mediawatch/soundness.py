"""The store's file is read through beside the running house: soon after the start, and once a Shanghai day.

A start does not wait for it. A file that does not hold together ends the house: whatever is written to it from then on
may be lost. It must not write.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date

from mediawatch.clock import Clock
from mediawatch.core.calendar import day_of
from mediawatch.store.errors import Damaged, StoreError
from mediawatch.store.store import Store

log = logging.getLogger("mediawatch")


class Soundness:
    """A tick of the daemon. fail: ends the house with the error."""

    def __init__(self, store: Store, fail: Callable[[StoreError], None], clock: Clock) -> None:
        self._store, self._fail, self._clock = store, fail, clock
        self._read_on: date | None = None

    async def tick(self) -> int:
        """Returns 1 where the file was read, 0 where it was today already. Raises StoreUnavailable."""
        today = day_of(self._clock())
        if self._read_on == today:
            return 0
        try:
            await asyncio.to_thread(self._store.check)
        except Damaged as error:
            log.critical("%s; nothing more is written to it", error)
            self._fail(error)
        self._read_on = today
        return 1
