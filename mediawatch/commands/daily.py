"""What a running daemon does once a Shanghai day: the public snapshot, through a connection of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from mediawatch.clock import Clock
from mediawatch.commands.options import language
from mediawatch.snapshot import is_due, write_snapshot
from mediawatch.store.errors import StoreError
from mediawatch.store.query import Query
from mediawatch.store.store import Store

if TYPE_CHECKING:
    from mediawatch.commands.reloading import Renews
    from mediawatch.settings import Loaded

log = logging.getLogger("mediawatch")
EVERY = 60.0  # seconds between two questions whether it is due


def write_if_due(found: Loaded, now: datetime) -> bool:
    """Writes the snapshot where the settings name a folder that holds none of today. Returns whether it did.

    Raises OSError, StoreError.
    """
    folder = found.settings.snapshot
    if folder is None or not is_due(folder, now):
        return False
    with closing(Store.open(found.settings.database, now=now, read_only=True)) as store:
        total, failing = write_snapshot(Query(store, found.rulebooks, language(None, found)), folder, now)
    log.info("snapshot of %d accounts, %d of them fail: %s", total, failing, folder)
    return True


@asynccontextmanager
async def daily_snapshot(found: Loaded, clock: Clock) -> AsyncIterator[Renews]:
    """Writes it when it falls due, as long as the block runs; a failure is logged once and tried again."""
    current = found
    over = asyncio.Event()

    async def watch() -> None:
        said = ""
        while True:
            try:
                await asyncio.to_thread(write_if_due, current, clock())
                said = ""
            except (OSError, StoreError) as error:
                if said != str(error):
                    log.error("the snapshot could not be written; it is tried again: %s", error)
                said = str(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await over.wait()
                    return

    def renew(again: Loaded) -> None:
        nonlocal current
        current = again

    watching = asyncio.create_task(watch())
    try:
        yield renew
    finally:
        over.set()
        await watching
