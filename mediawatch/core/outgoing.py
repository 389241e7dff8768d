"""What a receiver may ask to be sent, and what comes back: the seam between receivers and the wires that send.

A receiver only says what is to be sent; a wire only sends it. Nothing here touches a network or reads a clock.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from mediawatch.core.model import Value


class Post(Value):
    """One HTTP POST. `url` may hold a token: it is never logged or stored as it is.

    hidden: what else of the request nobody may see afterwards, such as a signature in the body.
    """

    url: str = Field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes
    hidden: tuple[str, ...] = Field(default=(), repr=False)


class Letter(Value):
    """One letter by SMTP, as text and as HTML.

    message_id: without angle brackets; the same in every attempt. security: `starttls` begins in the open and must
    succeed; `tls` from the first byte; `none` only where the settings permit it.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: SecretStr | None = None
    sender: str
    to: tuple[str, ...]
    message_id: str
    date: str  # as in a header
    subject: str
    text: str
    html: str
    hidden: tuple[str, ...] = Field(default=(), repr=False)


class Call(Value):
    """One call of the Apprise library: it knows the services, and tells only whether it believes that they took it."""

    urls: tuple[SecretStr, ...]
    title: str
    text: str
    bad: bool  # whether it is bad news: services that have a colour or a sound for it use it
    hidden: tuple[str, ...] = Field(default=(), repr=False)


Outgoing = Post | Letter | Call


class Answered(Value):
    """An answer. status: of HTTP; of SMTP (250, 535, …); of a call 1 for done and 0 for not.

    `body` is bounded by the wire; retry_after: seconds, at most a day.
    """

    status: int
    body: bytes = b""
    retry_after: float | None = None
