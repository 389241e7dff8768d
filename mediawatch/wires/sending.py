"""Sends whatever a receiver asks to be sent, each by its own wire. It must never retry, judge, follow or log."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

from mediawatch.core.outgoing import Answered, Call, Letter, Outgoing
from mediawatch.wires.call import Caller
from mediawatch.wires.guard import Network
from mediawatch.wires.mail import Mailer
from mediawatch.wires.post import Poster


class Sender:
    """`async with Sender() as sender: await sender.send(…)`.

    allow_private: networks that receivers may be in although they are private. timeout: seconds for a whole attempt.
    tls: what certificates of mail servers are trusted; the machine's own where it is not given.
    """

    def __init__(
        self, allow_private: Iterable[Network] = (), timeout: float = 20.0, tls: ssl.SSLContext | None = None
    ) -> None:
        allowed = tuple(allow_private)
        self._poster = Poster(allowed, timeout)
        self._mailer = Mailer(allowed, timeout, tls)
        self._caller = Caller(timeout)

    async def __aenter__(self) -> Self:
        await self._poster.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._poster.__aexit__(kind, error, trace)

    async def send(self, message: Outgoing, now: datetime) -> Answered:
        """The answer, as each wire gives it. Raises `Failed` where none came."""
        if isinstance(message, Letter):
            return await self._mailer.send(message)
        if isinstance(message, Call):
            return await self._caller.send(message)
        return await self._poster.send(message, now)
