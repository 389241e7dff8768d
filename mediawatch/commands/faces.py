"""The faces of a running daemon: its control socket, and where the settings say `web:` the listener for people.

The listener reads the store through a connection of its own, so that nobody who looks keeps the daemon waiting.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, closing
from datetime import datetime
from typing import TYPE_CHECKING

from mediawatch.clock import wall_clock
from mediawatch.commands.options import language
from mediawatch.commands.reloading import Renews
from mediawatch.core.reading import Source
from mediawatch.hindsight import Pasts, as_it_stood
from mediawatch.house import bodies_of, receiver_views, sessions_of, socket_path
from mediawatch.store.query import Query
from mediawatch.store.store import Store

if TYPE_CHECKING:
    from mediawatch.daemon import Daemon
    from mediawatch.settings import Loaded

log = logging.getLogger("mediawatch")


@asynccontextmanager
async def open_faces(found: Loaded, daemon: Daemon) -> AsyncIterator[Renews]:
    """Serves while the block runs. Raises SocketTaken, CannotListen, StoreError."""
    from mediawatch.web.control import Control

    def tick_age() -> float | None:
        last = daemon.last_tick_at
        return None if last is None else (wall_clock() - last).total_seconds()

    async with AsyncExitStack() as faces:
        control = Control(socket_path(found.settings), daemon.desk, tick_age=tick_age, problems=tuple)
        await faces.enter_async_context(control)
        if found.settings.web is None:
            yield _nothing
            return
        from mediawatch.web.face import Face

        store = Store.open(found.settings.database, now=wall_clock(), read_only=True)
        faces.enter_context(closing(store))
        shown, settings_now = _query(store, found), found

        def stood(at: datetime) -> AbstractContextManager[Source]:
            return stood_at(store, settings_now, at)

        pasts = Pasts(stood)
        faces.callback(pasts.close)
        face = Face(
            found.settings.web, daemon.desk, lambda: shown, wall_clock,
            tick_age=tick_age, problems=tuple, language=language(None, found), past=pasts.at,
        )  # fmt: skip

        def renew(again: Loaded) -> None:
            nonlocal shown, settings_now
            shown, settings_now = _query(store, again), again
            if again.settings.web is not None:
                face.renew(again.settings.web, language(None, again))
            if again.settings.web is None or again.settings.web.listen != found.settings.web.listen:  # type: ignore[union-attr]
                log.warning("web.listen changes with the next start; until then the old address is served")

        await faces.enter_async_context(face)
        log.info("listening on http://%s", found.settings.web.listen)
        yield renew


def _query(store: Store, found: Loaded) -> Query:
    told = sessions_of(found.settings), receiver_views(found.settings)
    return Query(store, found.rulebooks, language(None, found), *told, bodies=bodies_of(found, store))


def stood_at(store: Store, found: Loaded, at: datetime, lang: str | None = None) -> AbstractContextManager[Source]:
    """The record of a store as it stood at an instant, in the language asked for or that of the settings."""
    spoken, sessions = language(lang, found), sessions_of(found.settings)
    return as_it_stood(store, found.rulebooks, spoken, sessions, at, bodies=bodies_of(found, store))


def _nothing(found: Loaded) -> None:
    if found.settings.web is not None:
        log.warning("web: is new in the settings; the listener starts with the next start")
