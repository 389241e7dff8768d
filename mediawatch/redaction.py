"""What was sent to a receiver and what it answered, as people may see it: bounded, and with no secret of the settings.

It must not send, store or log. A secret is whatever stands in a `SecretStr`, and every part of it that is an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from mediawatch.core.outgoing import Letter, Outgoing, Post
from mediawatch.wires.secret import HIDDEN, SHORTEST, hide

MOST_SHOWN = 4_000  # letters of a request or of an answer
_MARKS = re.compile(r"[/:@?&=]+")
_SECRET_HEADERS = frozenset({"authorization", "cookie", "webhook-signature", "x-signature"})


def shown(outgoing: Outgoing, secrets: Iterable[str]) -> str:
    """The request as people may see it: of an address the host only, none of the secrets, at most 4,000 letters."""
    if isinstance(outgoing, Post):
        parts = urlsplit(outgoing.url)
        head = [f"POST {parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/{HIDDEN}"]
        head += [f"{name}: {HIDDEN if name.lower() in _SECRET_HEADERS else value}" for name, value in outgoing.headers]
        text = "\n".join((*head, "", outgoing.body.decode(errors="replace")))
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
    return bounded(hide(text, secrets))


def secrets_in(outgoing: Outgoing) -> tuple[str, ...]:
    """What of a request nobody may see afterwards: its address, its signatures."""
    if not isinstance(outgoing, Post):
        return outgoing.hidden
    signed = (value for name, value in outgoing.headers if name.lower() in _SECRET_HEADERS)
    return (*outgoing.hidden, *signed, *pieces(outgoing.url))


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
