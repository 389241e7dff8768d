"""The life of one worker of a fleet: it takes its seat, tells that it lives, works, and gives everything back.

A database that goes away ends nothing: the worker comes back with it. It must not decide what there is to do.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from contextlib import suppress
from datetime import datetime, timedelta

from procrastinate import App
from procrastinate.exceptions import ConnectorException

from mediawatch import watching
from mediawatch.adapters import ADAPTERS
from mediawatch.cluster.jobs import (
    HEARTBEAT,
    REPORTS,
    STALLED,
    TELL,
    TICKS,
    Part,
    give_back_unheard,
    looks_queue,
    make_app,
)
from mediawatch.core.sites import Seat, Site, Worker
from mediawatch.store import fleet
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.hold import Hold

log = logging.getLogger("mediawatch")
_BACK = timedelta(seconds=2)  # between two tries to come back to a database that is away
AWAY = (ConnectorException, *fleet.DRIVERS_OWN, OSError)


class Member:
    """One worker. site: as it serves here (perhaps fewer platforms than the settings say). edition: of what it was
    started with. tells, writes: whether it delivers messages, and writes reports."""

    def __init__(
        self, part: Part, hold: Hold, site: Site, seat: Seat, edition: str, *, tells: bool, writes: bool
    ) -> None:
        self._part, self._hold, self._site = part, hold, site
        self._tells, self._writes = tells, writes
        self._away = False
        now = part.clock()
        host = socket.gethostname()
        self._worker = Worker(
            name=f"{site.name}/{seat.number}/{host}/{os.getpid()}/{secrets.token_hex(3)}",
            site=site.name,
            exit=site.exit,
            seat=seat.number,
            platforms=self._kinds(),
            host=host,
            pid=os.getpid(),
            edition=edition,
            started_at=now,
            seen_at=now,
        )

    @property
    def edition(self) -> str:
        """Of what it works by."""
        return self._worker.edition

    def renew(self, edition: str) -> None:
        """It works by other settings, register or books from now on."""
        self._worker = self._worker.model_copy(update={"edition": edition})

    @property
    def queues(self) -> tuple[str, ...]:
        """Whose jobs it does."""
        looks = [looks_queue(self._site.name, kind) for kind in self._kinds()]
        return (TICKS, *looks, *([TELL] if self._tells else ()), *([REPORTS] if self._writes else ()))

    def _kinds(self) -> tuple[str, ...]:
        kinds = {adapter.platform or adapter.kind for adapter in ADAPTERS.values()}
        hosted = {name.partition(":")[0] for name in self._site.platforms if ":" in name}
        return tuple(sorted(kind for kind in kinds if self._site.serves(kind) or kind in hosted))

    async def run(self, address: str) -> None:
        """Works until the daemon is asked to stop. address: of the schema in which the jobs lie."""
        daemon = self._part.daemon
        beating = asyncio.create_task(self._beat())
        try:
            while not daemon.stopping:
                app = make_app(address, self._part)
                try:
                    async with app.open_async():
                        await self._work(app)
                except AWAY as error:
                    self._note(away=True, why=error.__cause__ or error)
                await daemon.pause(_BACK)
        finally:
            await beating
            with suppress(StoreUnavailable):  # its leases end by time, its row is seen to be old
                await daemon.in_store(fleet.gone, self._part.store, [self._worker.name])
            await daemon.end()

    async def _work(self, app: App) -> None:
        working = asyncio.create_task(
            app.run_worker_async(
                queues=list(self.queues),
                name=self._worker.name,
                concurrency=8 + 2 * len(self.queues),
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                shutdown_graceful_timeout=self._part.ticks.shutdown.total_seconds() / 2,
            )
        )
        over = asyncio.create_task(self._part.daemon.stopped())
        await asyncio.wait({working, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    async def _beat(self) -> None:
        """A sign of life now and then; whoever has lost its seat to another stops."""
        part, daemon = self._part, self._part.daemon
        while not daemon.stopping:
            try:
                if not await asyncio.to_thread(self._hold.renew):
                    log.error("another has this worker's seat, or the whole store; it stops")
                    daemon.stop()
                    return
                now = part.clock()
                await daemon.in_store(fleet.seen, part.store, self._worker.model_copy(update={"seen_at": now}))
                daemon.others_alive_at = await daemon.in_store(self._alive_at)
                daemon.last_tick_at = now
                while await daemon.tick_absorb():  # what a job could not write while the database was away
                    pass
                await give_back_unheard(part)
                self._note(away=False)
            except StoreUnavailable as error:
                self._note(away=True, why=error)
            await daemon.pause(timedelta(seconds=HEARTBEAT))

    def _alive_at(self) -> datetime | None:
        with self._part.store.recalling() as ledger:
            return watching.alive_at(ledger)

    def _note(self, *, away: bool, why: BaseException | None = None) -> None:
        """Says once that the database is away, and once that it is back."""
        if away and not self._away:
            log.warning("the database is away, and tried again: %s", next(iter(str(why).splitlines()), ""))
        elif self._away and not away:
            log.info("the database is back")
        self._away = away
