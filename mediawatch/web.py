"""The daemon's control face: a small HTTP API on a Unix socket that only its own user may open.

It must never open the store or read a clock: all it does is call what the daemon gave it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web
from pydantic import AwareDatetime, Field, ValidationError, field_validator

from mediawatch import __version__
from mediawatch.core.model import Value
from mediawatch.core.review import Choice
from mediawatch.core.text import clean
from mediawatch.wires.control import short_path

GivenT = TypeVar("GivenT", bound=Value)

_log = logging.getLogger(__name__)
_MOST_BODY = 16 * 1024
_BACKLOG = 16
STALLED = 60.0  # seconds without a tick after which the daemon calls itself unwell


class SocketTaken(Exception):
    """Another daemon already listens on the control socket, or what is there is no socket of ours to remove."""


class _Acknowledgement(Value):
    by: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=2000)

    @field_validator("by", "note", mode="after")
    @classmethod
    def _cleaned(cls, text: str) -> str:
        return clean(text)

    @field_validator("by", mode="after")
    @classmethod
    def _somebody(cls, by: str) -> str:
        if not by:
            raise ValueError("must name somebody")
        return by


class _Review(Value):
    choice: Choice
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)
    until: AwareDatetime | None = None

    @field_validator("by", "reason", mode="after")
    @classmethod
    def _cleaned(cls, text: str) -> str:
        if not (cleaned := clean(text)):
            raise ValueError("must not be empty")
        return cleaned


class _Word(Value):
    word: str = Field(max_length=_MOST_BODY)
    signature: str = Field(max_length=200)


class Control:
    """`async with Control(…):` serves while the block runs.

    path: where the socket is made; its folder must exist and belong to the daemon.
    tick_age: seconds since the daemon's last tick, `None` before the first.
    problems: why the daemon cannot do its work just now; empty where it can.
    acknowledge: called with alert id, by whom and a note; its answer is not used. Raises KeyError for an unknown
        alert, ValueError for one that is over.
    attest: called with account id, a person's word (JSON) and its signature; raises KeyError for an unknown account,
        ValueError (in words) where it is not taken.
    review: called with alert id, choice, by whom, the reason and until when; raises the same.

    Raises `SocketTaken` on entry.
    """

    def __init__(
        self,
        path: Path,
        *,
        tick_age: Callable[[], float | None],
        problems: Callable[[], tuple[str, ...]],
        acknowledge: Callable[[str, str, str], Awaitable[object]],
        review: Callable[[str, Choice, str, str, datetime | None], Awaitable[object]],
        attest: Callable[[str, str, str], Awaitable[object]],
    ) -> None:
        self._path = path
        self._tick_age = tick_age
        self._problems = problems
        self._acknowledge = acknowledge
        self._review = review
        self._attest = attest
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
        app = web.Application(middlewares=[_errors_as_json], client_max_size=_MOST_BODY)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_post(r"/alerts/{id:[0-9A-Za-z_-]{1,64}}/ack", self._ack)
        app.router.add_post(r"/alerts/{id:[0-9A-Za-z_-]{1,64}}/review", self._decide)
        app.router.add_post(r"/accounts/{id}/attest", self._take_word)
        return app

    async def _health(self, request: web.Request) -> web.Response:
        age = self._tick_age()
        ok = age is None or age < STALLED
        answer = {"ok": ok, "version": __version__, "last_tick_seconds": None if age is None else round(age, 3)}
        return web.json_response(answer, status=200 if ok else 503)

    async def _ready(self, request: web.Request) -> web.Response:
        problems = self._problems() if self._tick_age() is not None else ("starting",)
        return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)

    async def _ack(self, request: web.Request) -> web.Response:
        given = await _given(_Acknowledgement, request)
        try:
            await self._acknowledge(request.match_info["id"], given.by, given.note)
        except KeyError:
            raise web.HTTPNotFound(text="no alert has this id") from None
        except ValueError:
            raise web.HTTPConflict(text="this alert is over") from None
        return web.json_response({"ok": True})

    async def _decide(self, request: web.Request) -> web.Response:
        given = await _given(_Review, request)
        try:
            await self._review(request.match_info["id"], given.choice, given.by, given.reason, given.until)
        except KeyError:
            raise web.HTTPNotFound(text="no alert has this id") from None
        except ValueError as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.json_response({"ok": True})

    async def _take_word(self, request: web.Request) -> web.Response:
        given = await _given(_Word, request)
        try:
            await self._attest(request.match_info["id"], given.word, given.signature)
        except KeyError:
            raise web.HTTPNotFound(text="no account has this id") from None
        except ValueError as error:
            raise web.HTTPConflict(text=f"not taken: {error}") from None
        return web.json_response({"ok": True})


async def _given(model: type[GivenT], request: web.Request) -> GivenT:
    try:
        return model.model_validate_json(await request.read(), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise web.HTTPBadRequest(text=f"{place}: {first['msg']}") from None


@web.middleware
async def _errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        allowed = {key: value for key, value in error.headers.items() if key.lower() == "allow"}
        return web.json_response({"error": error.text or error.reason}, status=error.status, headers=allowed)
    except Exception:
        _log.exception("the control face failed to answer %s", request.rel_url.raw_path)
        return web.json_response({"error": "the daemon failed to do this; its log says why"}, status=500)


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
