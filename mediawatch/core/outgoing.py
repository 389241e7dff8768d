"""What a receiver may ask to be sent, and what comes back: the seam between receivers and the wires that send.

A receiver only says what is to be sent; a wire only sends it. Nothing here touches a network or reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, Field, SecretStr

from mediawatch.core.model import Value
from mediawatch.core.redaction import HIDDEN, SHORTEST, hide

_MARKS = re.compile(r"[/:@?&=]+")
MOST_SHOWN = 4_000  # letters of a request or of an answer that are kept to be looked at
_SECRET_HEADERS = frozenset({"authorization", "cookie", "webhook-signature", "x-signature"})


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


def shown(outgoing: Outgoing, secrets: Iterable[str] = ()) -> str:
    """The request as people may see it: of an address the host only, no secret, at most 4,000 letters."""
    hidden = (*secrets, *outgoing.hidden)
    if isinstance(outgoing, Post):
        parts = urlsplit(outgoing.url)
        head = [f"POST {parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/{HIDDEN}"]
        head += [
            f"{name}: {HIDDEN if name.lower() in _SECRET_HEADERS else value}" for name, value in outgoing.headers
        ]
        text = "\n".join((*head, "", outgoing.body.decode(errors="replace")))
        hidden = (*hidden, *pieces(outgoing.url))
    elif isinstance(outgoing, Letter):
        login = f", user {outgoing.user}" if outgoing.user else ""
        head = [
            f"SMTP {outgoing.host}:{outgoing.port} {outgoing.security}{login}",
            f"From: {outgoing.sender}",
            f"To: {', '.join(outgoing.to)}",
            f"Message-ID: <{outgoing.message_id}>",
            f"Subject: {outgoing.subject}",
        ]
        text = "\n".join((*head, "", outgoing.text))
    else:
        kinds = ", ".join(f"{url.get_secret_value().partition('://')[0]}://{HIDDEN}" for url in outgoing.urls)
        text = f"Apprise {kinds}\nTitle: {outgoing.title}\n\n{outgoing.text}"
        hidden = (*hidden, *(piece for url in outgoing.urls for piece in pieces(url.get_secret_value())))
    return bounded(hide(text, hidden))


def bounded(text: str) -> str:
    """At most `MOST_SHOWN` letters, printable and line by line; what is cut off is counted."""
    kept = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text[:MOST_SHOWN])
    return kept if len(text) <= MOST_SHOWN else f"{kept}\n… {len(text) - MOST_SHOWN} more letters"


def secrets_of(settings: BaseModel) -> tuple[str, ...]:
    """Every secret in a receiver's settings, and of those that are addresses every part that may be one."""
    found: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, SecretStr):
                found += [one.get_secret_value(), *pieces(one.get_secret_value())]
    return tuple(dict.fromkeys(found))


def pieces(address: str) -> tuple[str, ...]:
    """The parts of an address that an answer could repeat: its path, its query, and what stands in them."""
    if "://" not in address:
        return ()
    try:
        parts = urlsplit(address)
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https"):  # an Apprise address: even its host may be a token
        return tuple(piece for piece in (address, *_MARKS.split(unquote(address))) if len(piece) >= SHORTEST)
    found = [address, *(value for _, value in parse_qsl(parts.query)), parts.query, parts.password or ""]
    found += [piece for raw in parts.path.split("/") for piece in (raw, unquote(raw)) if _telling(piece)]
    return tuple(piece for piece in dict.fromkeys(found) if len(piece) >= SHORTEST)


def _telling(piece: str) -> bool:
    """Whether a step of a path could be a token: words of an interface, such as `webhook`, are none."""
    return any(letter.isdigit() for letter in piece) and len(piece) >= 2 * SHORTEST
