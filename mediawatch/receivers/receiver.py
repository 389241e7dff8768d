"""What a receiver is: one record of two pure functions. It must never send, wait or read a clock.

To add a service, write one file with its `Settings`, `render`, `accepted` and the record, and name the record in
`mediawatch/receivers/__init__.py`. See CONTRIBUTING.md.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from mediawatch.core.model import Value
from mediawatch.core.outgoing import Outgoing
from mediawatch.core.views import Message


class Answer(StrEnum):
    """What a receiver's answer means.

    accepted: taken. try_again: an outage; the same message may be taken later. too_fast: the same, and nothing is to
    be sent for the receiver's `rest`. refused: never; the address, the credentials or the message are wrong.
    """

    ACCEPTED = "accepted"
    TRY_AGAIN = "try_again"
    TOO_FAST = "too_fast"
    REFUSED = "refused"


@dataclass(frozen=True)
class Receiver:
    """One kind of receiver.

    settings: the model of its block in mediawatch.yaml; unknown fields are refused.
    render: a message, these settings, the instant of the attempt and the language → what is to be sent.
    accepted: status and body of the answer → what it means. Services that answer 200 to everything are read here.
    members: how many notices a message lists.
    whole: whether every notice must be listed in some message; otherwise what a message does not list is counted.
    per_minute, per_second: the service's own limits. rest: how long it takes nothing from one who was too fast.
    """

    kind: str
    settings: type[Value]
    render: Callable[[Message, Any, datetime, str], Outgoing]
    accepted: Callable[[int, bytes], Answer]
    members: int
    per_minute: float
    whole: bool = False
    per_second: float = 1_000.0
    rest: timedelta = timedelta(minutes=1)


_FOR_LATER = frozenset({408, 425})


def by_status(status: int) -> Answer:
    """What an HTTP status alone says. A redirect is a refusal: a signed message is never sent on to elsewhere."""
    if 200 <= status < 300:
        return Answer.ACCEPTED
    if status == 429:
        return Answer.TOO_FAST
    if status in _FOR_LATER or not 300 <= status < 500:
        return Answer.TRY_AGAIN
    return Answer.REFUSED


def check_address(url: str, allow_http: bool) -> None:
    """Raises ValueError where no message may go to that address; the text never repeats it (it may hold a token)."""
    if not url.isprintable() or " " in url:
        raise ValueError("must not hold spaces or line breaks")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be an https:// address")
    if parts.username is not None:
        raise ValueError("must not hold a user name or password")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ValueError("must be https (allow_http: true permits plain http)")


def is_loopback(host: str) -> bool:
    """Whether the name or address means this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
