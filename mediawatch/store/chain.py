"""The chain of a target's observations: each record's hash covers the record and the hash before it. Pure.

Whoever changes, removes or inserts an old row must rewrite every later one and the target's `head`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec

_COVERED = ("target", "account", "platform", "reason", "detail", "facts", "posts", "digests", "prev_hash")
encoded = msgspec.json.Encoder(order="sorted").encode  # of texts and whole numbers the bytes of `canonical`, in a third
_covered = itemgetter(*_COVERED)
_WHENCE = ("site", "exit", "setup")


@dataclass(frozen=True)
class Chain:
    """The result of a check. `broken` is the number of the first bad record (from 1), 0 where all is well.

    head: the hash of the last good record, empty where there is none.
    """

    target: str
    length: int
    head: str
    broken: int = 0
    why: str = ""

    @property
    def whole(self) -> bool:
        return not self.broken


@lru_cache(maxsize=1024)
def _utc(moment: datetime | None) -> str | None:
    """Looks of a batch name the same few instants over and over."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def link(record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the record (sorted keys, UTC to the microsecond), in hexadecimal."""
    covered: dict[str, Any] = dict(zip(_COVERED, _covered(record), strict=True))
    if record["asked"]:  # looks from before it was kept have their hash without it
        covered["asked"] = record["asked"]
    covered |= {name: record[name] for name in _WHENCE if record[name]}  # on one machine no place, of old no setup
    for name in ("at", "newest_at"):
        covered[name] = _utc(record[name])
    return hashlib.sha256(encoded(covered)).hexdigest()


def verify(target: str, head: str, records: Iterable[Mapping[str, Any]]) -> Chain:
    """Walks the records in the order they were written; `head` is what the last one must be."""
    before, count = "", 0
    for count, record in enumerate(records, start=1):
        if record["prev_hash"] != before:
            return Chain(target, count, before, count, "does not follow the record before it")
        if link(record) != record["hash"]:
            return Chain(target, count, before, count, "was changed after it was written")
        before = record["hash"]
    if before != head:
        return Chain(target, count, before, count + 1, "is missing: the chain ends before its head")
    return Chain(target, count, before)
