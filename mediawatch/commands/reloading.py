"""SIGHUP: all files are read again and applied as a whole, or nothing of them is. One reload at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mediawatch.clock import wall_clock
from mediawatch.core import pinyin
from mediawatch.entering import enter_apart, is_large
from mediawatch.house import load_known, paces_of, policy_of, receivers_of
from mediawatch.memory import forget
from mediawatch.settings import SettingsError

if TYPE_CHECKING:
    from mediawatch.daemon import Daemon
    from mediawatch.settings import Loaded
    from mediawatch.store.store import Store
    from mediawatch.wires.http import Http

log = logging.getLogger("mediawatch")
Renews = Callable[["Loaded"], None]
"""Takes new settings, whole, after a reload."""


class Reloading:
    """The reloads of one process. enters: whether the register is its to enter; a worker's fleet has another for that.

    also: others that take the new settings; more may be added.
    """

    def __init__(
        self, daemon: Daemon, http: Http, store: Store, accounts: Path | None, settings: Path | None, *, enters: bool
    ) -> None:
        self.also: list[Renews] = []
        self._daemon, self._http, self._store = daemon, http, store
        self._accounts, self._settings, self._enters = accounts, settings, enters
        self._one = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    def on_signal(self) -> None:
        """From now on SIGHUP reloads."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._begin)

    def _begin(self) -> None:
        task = asyncio.create_task(self.reload())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def reload(self) -> None:
        """A bad one is logged and not applied; a good one replaces register, policy, receivers and logins."""
        async with self._one:
            try:
                await self._apply(await self._read())
            except SettingsError as error:
                log.error("the new settings are not applied; the old ones stay:\n%s", error)
            except Exception:
                log.exception("the new settings could not be applied; the old ones stay")

    async def _read(self) -> Loaded:
        daemon, files = self._daemon, (self._accounts, self._settings)
        if self._enters and is_large(self._accounts):  # while it is entered nothing else uses the store
            await daemon.change(daemon.policy, daemon.receivers, partial(enter_apart, *files, held=True))
        return await asyncio.to_thread(load_known, *files, os.environ)

    async def _apply(self, found: Loaded) -> None:
        from mediawatch.register.enroll import enroll
        from mediawatch.setup import setup_of

        def entered() -> None:
            if self._enters:
                enroll(self._store, found, wall_clock())
                forget(pinyin.LIBRARY)
            self._store.begin(setup_of(found), wall_clock())

        await self._daemon.change(policy_of(found), receivers_of(found.settings), entered)
        self._http.renew(paces_of(found.settings))
        for renew in self.also:
            renew(found)
        log.info("settings reloaded: %d accounts", self._store.watched())
