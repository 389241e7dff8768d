"""What proves that nothing of the record was changed afterwards: links over people's acts, and a seal over each day.

Each seal covers the hash of every look since the one before it (so also every target's head), the last link of the
acts, and that seal itself. Who kept one seal's hash can prove all that came before it. Pure; it must not read or
write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import AwareDatetime

from mediawatch.core.value import Value, canonical


class Link(Value):
    """One link of the trail: rows `first` to `last` of one table of acts. digest: SHA-256 of those rows."""

    id: int
    of: str
    first: int
    last: int
    digest: str
    prev_hash: str
    hash: str


class Seal(Value):
    """at: when it was made. upto: the last look that it covers (a row id), of which there are `looks` since the seal
    before. records: the SHA-256 over their hashes. link: the last link of the trail, and trail: its hash."""

    id: int
    at: AwareDatetime
    upto: int
    looks: int
    records: str
    link: int
    trail: str
    prev_hash: str
    hash: str


class Setup(Value):
    """With what looks are made: version of the program, SHA-256 of the books' editions and of the settings, and which
    run of the machine it is, `uptime` seconds after its start, by a clock that nobody sets."""

    program: str
    books: str
    settings: str
    boot: str
    uptime: int


class Flaw(Value):
    """Something in a store that is not as it was written. where: a target, a row, a file; why: in a few words."""

    where: str
    why: str


def linked(of: str, first: int, last: int, digest: str, prev_hash: str) -> str:
    """The hash of a link."""
    return _hash({"of": of, "first": first, "last": last, "digest": digest, "prev_hash": prev_hash})


def sealed(at: datetime, upto: int, looks: int, records: str, link: int, trail: str, prev_hash: str) -> str:
    """The hash of a seal: SHA-256 over the canonical JSON of all that it says."""
    says = {"upto": upto, "looks": looks, "records": records, "link": link, "trail": trail, "prev_hash": prev_hash}
    return _hash({**says, "at": _text(at)})


def spelled(seal: Seal) -> bytes:
    """The bytes whose SHA-256 is the seal's hash: what a time stamp is asked for."""
    says = seal.model_dump(exclude={"id", "hash"})
    return canonical({**says, "at": _text(seal.at)}).encode()


def digest_of_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over rows in their order, one line of canonical JSON each."""
    total = hashlib.sha256()
    for row in rows:
        total.update(canonical({name: _text(value) for name, value in row.items()}).encode() + b"\n")
    return total.hexdigest()


def digest_of_looks(hashes: Iterable[tuple[int, str]]) -> tuple[int, str]:
    """How many looks, and the SHA-256 over their row ids and hashes, in the order in which they were written."""
    total, count = hashlib.sha256(), 0
    for count, (id_, hash_) in enumerate(hashes, start=1):  # noqa: B007
        total.update(f"{id_} {hash_}\n".encode())
    return count, total.hexdigest()


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _hash(says: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(says).encode()).hexdigest()
