"""What goes out: the messages that are due are claimed, sent side by side within each robot's pace, and settled.

No receiver waits for another. It must not decide whom to tell.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from mediawatch import deliver
from mediawatch.clock import Clock
from mediawatch.core.outbox import Backoff
from mediawatch.deliver import Paces
from mediawatch.desk import InStore
from mediawatch.policy import Policy
from mediawatch.store.outbox import Delivery
from mediawatch.store.store import Store
from mediawatch.telling import Configured
from mediawatch.wires.sending import Sender

log = logging.getLogger("mediawatch")
Receivers = Mapping[str, Configured]


class Outgoing:
    """The messages under way of one process. lease: how long a message is ours to try."""

    def __init__(
        self, store: Store, sender: Sender, clock: Clock, backoff: Backoff, lease: timedelta, in_store: InStore
    ) -> None:
        self._store, self._sender, self._clock = store, sender, clock
        self._backoff, self._lease, self._in_store = backoff, lease, in_store
        self._sends: set[asyncio.Task[None]] = set()
        self._paces: Paces | None = None

    async def begin(
        self,
        receivers: Receivers,
        policy: Policy,
        *,
        at_once: bool = False,
        only: Collection[str] | None = None,
        token: str | None = None,
    ) -> list[asyncio.Task[None]]:
        """Begins to send what is promised and due, within each robot's own pace. Returns the tries.

        at_once: no group waits for company. only, token: for a fleet, as `deliver.next_messages`.
        """
        now = self._clock()
        if self._paces is None or only is not None:  # of a fleet: others have sent as well
            tried = await self._in_store(self._store.tried_since, now - deliver.MINUTE)
            resting = await self._in_store(self._store.resting, now)
            self._paces = self._paces or Paces()
            self._paces.recount(tried)
            for name, until in resting.items():
                if name in receivers:
                    self._paces.rest(receivers[name], until)
        room = self._paces.room(receivers, now)
        claimed = await self._in_store(
            deliver.next_messages,
            *(self._store, policy, receivers, room, now, self._lease),
            at_once=at_once,
            only=only,
            token=token,
        )
        begun, unsent = [], []
        for delivery in claimed:
            configured = receivers.get(delivery.receiver)
            if configured is not None and not self._paces.take(configured, now):
                unsent.append(delivery)
                continue
            task = asyncio.create_task(self._send(configured, delivery, policy, now))
            self._sends.add(task)
            task.add_done_callback(self._ended)
            begun.append(task)
        if unsent:
            await self._in_store(self._store.hand_back, unsent, now + deliver.MINUTE / 20)
        return begun

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a message could not be settled; it is tried again after its lease", exc_info=error)

    async def settled(self, patience: float | None = None) -> None:
        """Waits until all that was begun is settled, no longer than so many seconds."""
        if self._sends:
            await asyncio.wait(self._sends, timeout=patience)

    async def end(self, patience: float) -> None:
        """What was sent is written down; what hangs for so many seconds is tried again after its lease."""
        await self.settled(patience)
        for task in self._sends:
            task.cancel()

    async def _send(self, configured: Configured | None, delivery: Delivery, policy: Policy, now: datetime) -> None:
        attempt = await deliver.deliver(configured, delivery.message, self._sender, policy, now)
        if configured is not None and self._paces is not None:
            self._paces.heed(configured, attempt)
        await self._in_store(deliver.settle, self._store, delivery, attempt, self._backoff, self._clock())
