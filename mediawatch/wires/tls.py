"""How long a server's certificate is good, as the connection itself showed it. It must not connect, nor trust anything.

aiohttp lets a connection go as soon as its answer has arrived whole, so the certificate is read when the answer begins.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Any

import aiohttp

_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED: of the server's own certificate, or of one that it was signed with
_OTHER_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH


class Answer(aiohttp.ClientResponse):
    """An answer that knows until when its server's certificate holds; `None` without TLS."""

    tls_ends_at: datetime | None = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Reads the certificate before the connection can go back to the pool."""
        self.tls_ends_at = certificate_end(connection.transport)
        return await super().start(connection)


def certificate_end(transport: Any) -> datetime | None:
    """The last instant (UTC) of the certificate behind a connection that was verified, else `None`."""
    socket = transport.get_extra_info("ssl_object") if transport is not None else None
    end = (socket.getpeercert() or {}).get("notAfter") if socket is not None else None
    return None if end is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)


def distrust(error: BaseException) -> str:
    """Why a certificate was not trusted: `expired`, `name`, `untrusted` for all that may be our own ignorance.

    "" where there is no TLS connection for another reason.

    A missing certificate between the server's and a root, or a root that we do not know, looks alike from here, and a
    browser may well trust it.
    """
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return ""
    code = cause.verify_code
    return "expired" if code == _EXPIRED else "name" if code == _OTHER_NAME else "untrusted"
