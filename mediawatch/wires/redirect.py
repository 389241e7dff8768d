"""Where a redirect may lead: one decision, without IO. It must not ask, and it trusts no address to be what it says.

Whether the address behind the name may be connected to is the guard's question, at connect.
"""

from __future__ import annotations

from yarl import URL

from mediawatch.core.model import Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Failed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 5


def next_hop(asked: URL, location: str, home: str) -> URL | None:
    """The address to ask next, or `None` where the answer is left as it is, for the adapter to read.

    home: the platform's own host; a platform that sends us elsewhere (a login page, mostly) is telling us something.
    Empty where a target names its own address and may be moved to any host. Raises `Failed(not_allowed)` for a
    scheme that is no http or falls back from https to http, `Failed(unreadable)` for an address that is none.
    """
    try:
        hop = asked.join(URL(location))
    except ValueError as error:
        raise Failed(Reason.UNREADABLE, "redirect to a malformed address") from error
    if hop.scheme not in ("http", "https") or not hop.raw_host:
        raise Failed(Reason.NOT_ALLOWED, f"redirect to a {clean(hop.scheme, 20)} address")
    if home and hop.raw_host not in (home, asked.raw_host):
        return None
    if asked.scheme == "https" and hop.scheme == "http":
        raise Failed(Reason.NOT_ALLOWED, "redirect from https to http")
    return hop.with_user(None)  # a redirect's user and password would be sent as ours


def same_place(one: URL, other: URL) -> bool:
    """Whether secrets meant for one address may go to the other: the same host and port, or its own move to https."""
    if one.raw_host != other.raw_host:
        return False
    if (one.scheme, one.port) == (other.scheme, other.port):
        return True
    return (one.scheme, one.port, other.scheme, other.port) == ("http", 80, "https", 443)


def address_of(text: str) -> URL:
    """The address that is written there. Raises `Failed(not_allowed)` where none is that HTTP could reach."""
    try:
        url = URL(text)
    except ValueError as error:
        raise Failed(Reason.NOT_ALLOWED, "malformed address") from error
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise Failed(Reason.NOT_ALLOWED, "not an http address")
    return url


def shown(url: URL, text: str) -> str:
    """The address as it was written, without the user and password that it may carry."""
    return text if url.raw_user is None and url.raw_password is None else str(url.with_user(None))
