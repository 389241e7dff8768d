"""The daemon's control face: a small HTTP API on a Unix socket that only its own user may open.

It must never open the store or read a clock: all it does is call what the daemon gave it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from mediawatch.web.acts import Acts, act_routes
from mediawatch.web.answering import MOST_BODY, errors_as_json
from mediawatch.web.health import health_routes
from mediawatch.wires.control import short_path

_BACKLOG = 16


class SocketTaken(Exception):
    """Another daemon already listens on the control socket, or what is there is no socket of ours to remove."""


class Control:
    """`async with Control(…):` serves while the block runs.

    path: where the socket is made; its folder must exist and belong to the daemon.
    acts: the desk of a daemon. tick_age, problems: as `health_routes` wants them.

    Raises `SocketTaken` on entry.
    """

    def __init__(
        self,
        path: Path,
        acts: Acts,
        *,
        tick_age: Callable[[], float | None],
        problems: Callable[[], tuple[str, ...]],
    ) -> None:
        self._path, self._acts = path, acts
        self._tick_age, self._problems = tick_age, problems
        self._runner: web.AppRunner | None = None
        self._inode = 0

    async def __aenter__(self) -> Self:
        with short_path(self._path) as name:
            _remove_stale(self._path, name)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                listener.bind(name)
                os.chmod(name, 0o600)  # before it listens: until then nobody can connect
                self._inode = os.stat(name).st_ino
                self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=2.0)
                await self._runner.setup()
                await web.SockSite(self._runner, listener, backlog=_BACKLOG).start()
            except BaseException:
                listener.close()
                if self._runner is not None:
                    await self._runner.cleanup()
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        with contextlib.suppress(FileNotFoundError):
            if self._path.lstat().st_ino == self._inode:  # not one that a later daemon has put there
                self._path.unlink()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[errors_as_json], client_max_size=MOST_BODY)
        app.add_routes(health_routes(self._tick_age, self._problems))
        app.add_routes(act_routes(self._acts, lambda request, by: by))  # who may open the socket may say who he is
        return app


def _remove_stale(path: Path, name: str) -> None:
    """Removes the socket of a daemon that is gone. `name` is a short name of `path`."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise SocketTaken(f"{path} is not a socket; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(name)
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except FileNotFoundError:
            return
        except OSError:  # full backlog or too slow: somebody is there
            pass
    raise SocketTaken(f"another daemon listens on {path}")
