"""The daily seal gets a time stamp of somebody else (RFC 3161): proof that the record stood so on that day.

An authority is told 32 bytes of hash and nothing of the record. It must never hold up the daemon, and an answer that
does not prove what was asked for is not kept. The library is the extra `mediawatch[stamp]`.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediawatch.clock import Clock
from mediawatch.core.model import Reason
from mediawatch.core.outgoing import Answered, Post
from mediawatch.core.seals import Seal, spelled
from mediawatch.core.text import clean
from mediawatch.core.wire import Failed
from mediawatch.store.store import Store

log = logging.getLogger("mediawatch")


class NotStamped(ValueError):
    """A time stamp that proves nothing, or cannot be read. `str()` says why, without the authority's address."""


@dataclass(frozen=True)
class Authority:
    """Whose stamps are believed. Every method raises NotStamped where the library is missing or the file unreadable.

    roots: a file of PEM certificates that the authority's own certificate leads up to. Where the file holds that one,
    too, the authority is asked to send none: of several that are out of order the library can read nothing.
    """

    roots: Path

    def question(self, seal: Seal) -> tuple[bytes, int]:
        """The request for a stamp on that seal, DER, and the nonce by which its answer is known."""
        own, _ = self._certificates()
        rfc3161, _ = _library()
        asking = rfc3161.TimestampRequestBuilder(cert_req=own is None).hash_algorithm(rfc3161.HashAlgorithm.SHA256)
        asked: Any = asking.data(spelled(seal)).build()
        return bytes(asked.as_bytes()), int(asked.nonce)

    def read(self, stamp: bytes, seal: Seal, nonce: int | None = None) -> datetime:
        """The instant at which that seal was stamped. Raises NotStamped where the bytes do not prove one.

        nonce: of the question, where this is its answer.
        """
        own, roots = self._certificates()
        rfc3161, _ = _library()
        try:
            answer = rfc3161.decode_timestamp_response(stamp)
            verifier = rfc3161.VerifierBuilder(roots=roots, tsa_certificate=own, nonce=nonce).build()
            verifier.verify(answer, bytes.fromhex(seal.hash))
            at: datetime = answer.tst_info.gen_time
        except rfc3161.VerificationError as error:
            raise NotStamped(clean(str(error), 200)) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise NotStamped(f"no time stamp: {clean(str(error), 120)}") from None
        return at

    def _certificates(self) -> tuple[Any, list[Any]]:
        """The authority's own, where the file holds it, and what it leads up to."""
        _, x509 = _library()
        try:
            all_of_them = x509.load_pem_x509_certificates(self.roots.read_bytes())
            own = [one for one in all_of_them if _stamps(one, x509)]
        except (OSError, ValueError) as error:
            raise NotStamped(f"the roots cannot be read: {type(error).__name__}") from None
        return next(iter(own), None), [one for one in all_of_them if one not in own] or own


class Stamper:
    """`await stamper.tick()` now and then: the newest seal is stamped once, and tried again while it is not.

    url: of the authority; it may hold a token, so it is never logged.
    """

    def __init__(
        self,
        url: str,
        authority: Authority,
        store: Store,
        send: Callable[[Post, datetime], Awaitable[Answered]],
        clock: Clock,
    ) -> None:
        self._url, self._authority, self._store, self._send, self._clock = url, authority, store, send, clock
        self._told = ""

    async def tick(self) -> int:
        """1 where a seal was stamped. Raises StoreError; a failure of the authority is logged once, when it begins."""
        with self._store.recalling() as ledger:
            seal = ledger.unstamped()
        if seal is None:
            return 0
        try:
            at = await self._stamped(seal)
        except (NotStamped, Failed) as error:
            if str(error) != self._told:
                log.warning("seal %d has no time stamp yet: %s", seal.id, error)
            self._told = str(error)
            return 0
        self._told = ""
        log.info("seal %d is stamped at %s", seal.id, at.isoformat())
        return 1

    async def _stamped(self, seal: Seal) -> datetime:
        asked, nonce = self._authority.question(seal)
        headers = (("Content-Type", "application/timestamp-query"), ("Accept", "application/timestamp-reply"))
        answer = await self._send(Post(url=self._url, headers=headers, body=asked), self._clock())
        if answer.status != 200:
            raise Failed(Reason.PLATFORM_DOWN, f"the authority answered HTTP {answer.status}")
        at = await asyncio.to_thread(self._authority.read, answer.body, seal, nonce)
        stamp = base64.b64encode(answer.body).decode()
        await asyncio.to_thread(self._keep, seal.id, stamp)
        return at

    def _keep(self, seal: int, stamp: str) -> None:
        with self._store.writing() as ledger:
            ledger.add_stamp(seal, stamp)


def _stamps(certificate: Any, x509: Any) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return x509.ExtendedKeyUsageOID.TIME_STAMPING in uses


def _library() -> tuple[Any, Any]:
    try:
        import rfc3161_client
        from cryptography import x509
    except ImportError:
        raise NotStamped("the library for time stamps is missing: pip install 'mediawatch[stamp]'") from None
    return rfc3161_client, x509
