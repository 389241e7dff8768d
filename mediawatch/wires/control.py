"""The client of a running daemon for the other faces: through its control socket, or over the network with a token.
It must never open the store.

One thing is asked per call; nothing is retried. Where no daemon listens, `NoDaemon` tells the caller that it may take
the store's lock itself.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp

from mediawatch.core.travel import API

_LONGEST_PATH = 100  # bytes; the kernel takes 107 in the name of a Unix socket (103 on some systems)


class NoDaemon(Exception):
    """no daemon listens on this control socket"""

    def __init__(self, door: Path | str) -> None:
        super().__init__(f"no daemon listens on {door}")


@dataclass(frozen=True)
class Remote:
    """A daemon's API on the network: `url` as people know it, and the token of who asks."""

    url: str
    token: str = field(repr=False)


Door = Path | Remote
"""Where a daemon is reached: its control socket, or its API."""


class ControlRefused(Exception):
    """The daemon is there and said no, or did not answer; the text is for people. `status` is 0 without an answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def acknowledge(
    door: Door,
    alert: str,
    by: str,
    note: str,
    until: str | None = None,
    sticky: bool = False,
    patience: float = 10.0,
) -> None:
    """Tells the daemon that `by` takes care of the alert, until then (ISO 8601). `patience` is in seconds.

    Raises `NoDaemon` where nobody listens, `ControlRefused` where the daemon declines (`status` 404: no such alert,
    409: it is over).
    """
    said = {"by": by, "note": note, "until": until, "sticky": sticky}
    await _ask(door, "POST", f"/alerts/{quote(alert, safe='')}/ack", said, patience)


async def silence(door: Door, wanted: dict[str, Any], patience: float = 10.0) -> str:
    """Asks for a silence (JSON of `core.silences.Wanted`). Returns its id. Raises as `acknowledge` does."""
    return str((await _ask(door, "POST", "/silences", wanted, patience)).get("id", ""))


async def end_silence(door: Door, id_: str, by: str, patience: float = 10.0) -> None:
    """Ends a silence now. Raises as `acknowledge` does."""
    await _ask(door, "POST", f"/silences/{quote(id_, safe='')}/end", {"by": by}, patience)


async def review(
    door: Door, alert: str, choice: str, by: str, reason: str, until: str | None, patience: float = 10.0
) -> None:
    """Tells the daemon what `by` decided about a candidate; `until` is an ISO 8601 instant. Raises as `acknowledge`."""
    said = {"choice": choice, "by": by, "reason": reason, "until": until}
    await _ask(door, "POST", f"/alerts/{quote(alert, safe='')}/review", said, patience)


async def attest(door: Door, account: str, word: str, signature: str, patience: float = 10.0) -> None:
    """Gives the daemon a person's signed word (JSON) on an account's app. Raises as `acknowledge` does."""
    said = {"word": word, "signature": signature}
    await _ask(door, "POST", f"/accounts/{quote(account, safe='')}/attest", said, patience)


async def office(
    door: Door, name: str, said: object, by: str, dry_run: bool, patience: float = 300.0
) -> dict[str, Any]:
    """Has the daemon do an act of the office by its name, and returns its answer. Raises as `acknowledge` does."""
    body = {"by": by, "said": said, "dry_run": dry_run}
    return await _ask(door, "POST", f"/office/{quote(name, safe='')}", body, patience)


async def health(path: Path, patience: float = 10.0) -> dict[str, Any]:
    """What `/healthz` says: `ok`, `version`, `last_tick_seconds`. Raises as `acknowledge` does."""
    return await _ask(path, "GET", "/healthz", None, patience)


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name of the socket that the kernel accepts: the path itself, or a way through its folder where it is long."""
    if len(os.fsencode(path)) <= _LONGEST_PATH or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


async def _ask(door: Door, method: str, where: str, body: object, patience: float) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=patience)
    try:
        if isinstance(door, Remote):
            headers = {"Authorization": f"Bearer {door.token}"}
            return await _exchange(
                aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=False),
                *(method, f"{door.url.rstrip('/')}/api/v{API}{where}", body),
            )
        with short_path(door) as name:
            connector = aiohttp.UnixConnector(path=name)
            session = aiohttp.ClientSession(connector=connector, timeout=timeout)
            return await _exchange(session, method, f"http://control{where}", body)
    except (aiohttp.ClientError, OSError) as error:
        shown = door.url if isinstance(door, Remote) else door
        cause = getattr(error, "os_error", error)
        if isinstance(cause, FileNotFoundError | ConnectionRefusedError):
            raise NoDaemon(shown) from None
        if isinstance(cause, PermissionError):
            raise ControlRefused(0, f"no permission to use {shown}: it belongs to another user") from None
        if isinstance(cause, TimeoutError):
            raise ControlRefused(0, f"the daemon did not answer within {patience:g} s") from None
        raise ControlRefused(0, f"no answer from the daemon: {type(cause).__name__}") from None


async def _exchange(session: aiohttp.ClientSession, method: str, url: str, body: object) -> dict[str, Any]:
    async with session, session.request(method, url, json=body, allow_redirects=False) as response:
        return _read(response.status, await response.read())


def _read(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ControlRefused(status, f"the daemon's answer is not readable (HTTP {status})")
    if "error" in answer:
        raise ControlRefused(status, str(answer["error"]))
    return answer
