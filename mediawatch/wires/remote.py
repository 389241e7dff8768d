"""A daemon's record over the network: the `Source` of a remote console. It must never act; that is `control.py`.

Synchronous, for one thread of its caller's own; one connection is kept between questions. Redirects are not followed
and no proxy is taken from the environment, so that the token goes nowhere else.
"""

from __future__ import annotations

import http.client
import json
import ssl
from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

from mediawatch import __version__
from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.core.text import clean
from mediawatch.core.travel import API, Greeting, address_of, understood
from mediawatch.wires.control import Remote

PATIENCE = 20.0  # seconds for one answer
PATIENCE_WITH_THE_PAST = 300.0  # all accounts are judged again first
_MOST = 64 * 1024 * 1024  # bytes of one answer
_AGAIN = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)  # a kept connection that has ended


class RemoteFailed(Exception):
    """The daemon is not there, refuses, or speaks another language; the text is for people."""


def open_source(remote: Remote, patience: float = PATIENCE) -> tuple[Source, Greeting]:
    """The record of a daemon, and how it greets. Raises RemoteFailed, also where its API is of another version."""
    wire = _Wire(remote, patience)
    try:
        greeting = Greeting.model_validate_json(wire.ask("/"))
    except ValueError:
        raise RemoteFailed(f"{remote.url} answers, but is no mediawatch of this version ({__version__})") from None
    missing = [name for name in QUESTIONS if name not in greeting.questions]
    if greeting.api != API or missing:
        older = "older" if missing or greeting.api < API else "newer"
        raise RemoteFailed(
            f"{remote.url} runs mediawatch {clean(greeting.version, 40)}, which is {older} than this console "
            f"({__version__}); use the same version on both sides"
        )
    return cast(Source, _Remote(wire)), greeting


def open_past(remote: Remote, at: datetime) -> Source:
    """The record of a daemon as it stood at an instant; the first question may take a minute."""
    return cast(Source, _Remote(_Wire(remote, PATIENCE_WITH_THE_PAST), (("as_of", at.isoformat()),)))


class _Remote:
    """Every question of `Source`, each by its name."""

    def __init__(self, wire: _Wire, always: tuple[tuple[str, str], ...] = ()) -> None:
        self._wire, self._always = wire, always

    def __getattr__(self, name: str) -> Any:
        if name not in QUESTIONS:
            raise AttributeError(name)
        return partial(self._ask, name)

    def _ask(self, name: str, *arguments: Any, **named: Any) -> Any:
        body = self._wire.ask(f"/{quote(name)}?{urlencode([*address_of(name, arguments, named), *self._always])}")
        try:
            return understood(name, body)
        except ValueError:
            raise RemoteFailed("the daemon's answer is not readable; use the same version on both sides") from None


class _Wire:
    def __init__(self, remote: Remote, patience: float) -> None:
        parts = urlsplit(remote.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RemoteFailed("the address must be http:// or https://")
        self._shown = remote.url
        self._prefix = f"{parts.path.rstrip('/')}/api/v{API}"
        self._headers = {
            "Authorization": f"Bearer {remote.token}",
            "Host": parts.netloc,
            "Accept": "application/json",
            "User-Agent": f"mediawatch/{__version__}",
        }
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=patience, context=context
            )  # fmt: skip
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)

    def ask(self, where: str) -> bytes:
        """The body of an answer. Raises KeyError for a 404, ValueError for a 400, RemoteFailed for all else."""
        status, body = self._exchange(where)
        if status == http.client.OK:
            return body
        said = _said(body) or f"HTTP {status}"
        if status == http.client.NOT_FOUND:
            raise KeyError(said)
        if status == http.client.BAD_REQUEST:
            raise ValueError(said)
        raise RemoteFailed(f"{self._shown}: {said}")

    def _exchange(self, where: str) -> tuple[int, bytes]:
        kept = self._connection.sock is not None
        try:
            try:
                return self._once(where)
            except _AGAIN:
                self._connection.close()
                if not kept:
                    raise
                return self._once(where)
        except TimeoutError:
            self._connection.close()
            raise RemoteFailed(f"{self._shown} did not answer in time") from None
        except ssl.SSLCertVerificationError as error:
            self._connection.close()
            raise RemoteFailed(f"{self._shown}: its certificate is not valid: {error.verify_message}") from None
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise RemoteFailed(f"{self._shown} cannot be reached: {type(error).__name__}") from None

    def _once(self, where: str) -> tuple[int, bytes]:
        self._connection.request("GET", self._prefix + where, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read(_MOST + 1)
        if len(body) > _MOST:
            raise http.client.HTTPException("too large")
        return answer.status, body


def _said(body: bytes) -> str:
    """What an error of ours says; nothing where it is somebody else's page."""

    try:
        answer = json.loads(body)
        return clean(str(answer["error"]), 300)
    except (ValueError, TypeError, KeyError):
        return ""
