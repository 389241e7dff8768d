"""Where a question may go, at first and by redirects: one decision, without IO. It must not ask, and it trusts no
address to be what it says.

Whether the address behind a name may be connected to is the guard's question, at connect.
"""

from __future__ import annotations

from collections.abc import Set

from yarl import URL

from mediawatch.core.model import Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Failed, Request
from mediawatch.wires.pace import PlatformPace

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_HOPS = 5
_LOOKING = frozenset({"GET", "HEAD"})


def own_hosts(platform: str, pace: PlatformPace) -> frozenset[str]:
    """The hosts that are the platform's: of its base address, of its entrance, and the one that its key names."""
    named = platform.partition(":")[2]
    entrance = pace.entrance.base_url if pace.entrance is not None else ""
    return frozenset(_host(url) for url in (pace.base_url, f"http://{named}", entrance)) - {""}


def admit(request: Request, url: URL, own: frozenset[str]) -> None:
    """Lets a question to the platform's own hosts pass, and a mere look at a page elsewhere that it, or the register,
    points to (`aside`). Raises `Failed(not_allowed)` for every other: no answer may make us ask a stranger anything.
    """
    if request.aside:
        if request.method not in _LOOKING or request.body or request.secret_headers or request.secret_query:
            raise Failed(Reason.NOT_ALLOWED, "a page elsewhere is looked at, and told nothing")
    elif not _among(url, own):
        raise Failed(Reason.NOT_ALLOWED, f"{clean(url.raw_host or '', 100)} is no host of this platform")


def next_hop(asked: URL, location: str, *, roams: bool, leave: bool) -> URL | None:
    """The address to ask next, or `None` where the answer is left as it is, for the adapter to read.

    roams: whether it may lead to any host (a page elsewhere, a site that is followed as a visitor's browser would).
    leave: whether an answer that leads to another host (a login page, mostly) tells the adapter something. Raises
    `Failed(not_allowed)` for another host, a scheme that is no http or a fall back from https to http,
    `Failed(unreadable)` for an address that is none.
    """
    try:
        hop = asked.join(URL(location))
    except ValueError as error:
        raise Failed(Reason.UNREADABLE, "redirect to a malformed address") from error
    if hop.scheme not in ("http", "https") or not hop.raw_host:
        raise Failed(Reason.NOT_ALLOWED, f"redirect to a {clean(hop.scheme, 20)} address")
    if not roams and not _among(hop, {asked.raw_host or ""}):
        if leave:
            return None
        raise Failed(Reason.NOT_ALLOWED, f"redirect to another host: {clean(hop.raw_host, 100)}")
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


def _among(url: URL, own: Set[str]) -> bool:
    """Whether that host is one of them, with or without `www.` before it."""
    host = (url.raw_host or "").removeprefix("www.")
    return any(host == one.removeprefix("www.") for one in own)


def _host(url: str) -> str:
    try:
        return URL(url).raw_host or ""
    except ValueError:
        return ""


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
