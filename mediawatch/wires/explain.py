"""Why no whole answer came back: the one place where the network's errors become reasons. Pure.

It must never blame an account, and its details never hold an address's user, password or query.
"""

from __future__ import annotations

import errno

import aiohttp

from mediawatch.core.model import Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import NAME_UNKNOWN, TLS_EXPIRED, TLS_NAME, TLS_UNTRUSTED, Failed
from mediawatch.wires.guard import Blocked
from mediawatch.wires.tls import distrust

_DISTRUST = {"expired": TLS_EXPIRED, "name": TLS_NAME}

# The way out is missing, or we have run out of something of our own.
_OURS = frozenset(
    {
        errno.ENETUNREACH,
        errno.ENETDOWN,
        errno.EHOSTUNREACH,
        errno.EADDRNOTAVAIL,
        errno.EACCES,
        errno.EPERM,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
    }
)


def explain(error: Exception) -> Failed:
    """The failure that this error means. A `Failed` is its own explanation."""
    if isinstance(error, Failed):
        return error
    cause = getattr(error, "os_error", error)
    if isinstance(cause, Blocked):
        return Failed(Reason.NOT_ALLOWED, f"{cause.address} is not a public address")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return Failed(Reason.NOT_ALLOWED, "malformed address")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failed(Reason.OWN_NETWORK, _say(NAME_UNKNOWN, error.os_error))
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        distrusted = distrust(error)
        told = _DISTRUST.get(distrusted) or _say(TLS_UNTRUSTED if distrusted else "no TLS connection", error)
        return Failed(Reason.PLATFORM_DOWN, told)
    if isinstance(error, TimeoutError) or getattr(cause, "errno", None) == errno.ETIMEDOUT:
        return Failed(Reason.TIMEOUT, "no whole answer in time")
    if isinstance(error, aiohttp.ClientPayloadError):
        return Failed(Reason.UNREADABLE, "cut off")
    if isinstance(error, aiohttp.ClientResponseError):
        return Failed(Reason.UNREADABLE, "not HTTP")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Failed(Reason.PLATFORM_DOWN, "disconnected")  # its own text may hold the answer's headers
    if isinstance(error, aiohttp.ClientError | OSError):
        ours = isinstance(cause, OSError) and cause.errno in _OURS
        return Failed(Reason.OWN_NETWORK if ours else Reason.PLATFORM_DOWN, _say("no connection", cause))
    # What is left is a question that could not be put (a header with a line break, a host that is no name).
    return Failed(Reason.NOT_ALLOWED, _say("the question could not be asked", error))


def _say(what: str, error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return clean(f"{what}: {text}" if text else what, 200)
