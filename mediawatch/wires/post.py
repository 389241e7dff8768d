"""Posts one message to one receiver and brings back the answer. It must never retry, judge, follow or log.

Addresses of receivers hold tokens: no exception raised here names one.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp

from mediawatch.core.model import Reason
from mediawatch.core.outbox import read_retry_after
from mediawatch.core.outgoing import Answered, Post
from mediawatch.core.wire import Failed, Unsent
from mediawatch.wires.guard import Blocked, Network, socket_factory

BODY_LIMIT = 64 * 1024  # bytes of an answer, after decompression; the rest is not read
_CHUNK = 16 * 1024
_AT_ONCE = 4  # messages under way to one host


class Poster:
    """One session for all receivers: `async with Poster() as poster: await poster.send(…)`.

    allow_private: networks that a receiver may be in although they are private. timeout: seconds for a whole attempt.
    """

    def __init__(self, allow_private: Iterable[Network] = (), timeout: float = 20.0) -> None:
        self._allow_private = tuple(allow_private)
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A connection per message: one kept open may be closed by the receiver just as the next message goes out.
        # No limit over all: a receiver that hangs must not hold up another.
        connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=_AT_ONCE, force_close=True, socket_factory=socket_factory(self._allow_private)
        )
        # No cookies and no proxy from the environment: a message goes where the settings say, with nothing added.
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            headers={"User-Agent": "mediawatch", "Accept-Encoding": "gzip"},
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, message: Post, now: datetime) -> Answered:
        """The answer, whatever its status, its body cut off at 64 KiB; a redirect is returned, never followed.

        A status that has arrived is an answer, even where its body breaks off or does not end in time. `now` serves
        to read a Retry-After date. Raises `Failed` where no status came back.
        """
        assert self._session is not None, "the poster is used inside its `async with`"
        answer = bytearray()
        status, asked = 0, ""
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.post(
                    message.url, headers=list(message.headers), data=message.body, allow_redirects=False
                ) as response,
            ):
                status, asked = response.status, response.headers.get("Retry-After", "")
                async for chunk in response.content.iter_chunked(_CHUNK):
                    answer += chunk
                    if len(answer) >= BODY_LIMIT:
                        response.close()
                        break
        except (aiohttp.ClientError, OSError, ValueError) as error:  # OSError covers TimeoutError
            if not status:
                raise _failed(error) from None  # the cause would name the address
        wait = read_retry_after(asked, now) if asked else None
        return Answered(status=status, body=bytes(answer[:BODY_LIMIT]), retry_after=wait)


def _failed(error: Exception) -> Failed:
    if isinstance(error, TimeoutError):
        return Failed(Reason.TIMEOUT)
    if isinstance(error, Blocked) or isinstance(getattr(error, "os_error", None), Blocked):
        return Failed(Reason.NOT_ALLOWED, "the receiver's address is not allowed")
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return Unsent(Reason.OWN_NETWORK, "the receiver's name does not resolve")
    if isinstance(error, aiohttp.ClientSSLError):
        return Unsent(Reason.PLATFORM_DOWN, "no trusted TLS connection")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unsent(Reason.PLATFORM_DOWN, "no connection")
    if isinstance(error, aiohttp.InvalidURL) or not isinstance(error, aiohttp.ClientError | OSError):
        return Failed(Reason.NOT_ALLOWED, "the request cannot be sent as it is")
    return Failed(Reason.PLATFORM_DOWN, type(error).__name__)
