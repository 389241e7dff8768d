"""Raw answers about one account go at once, because somebody must not be in them: what would go, and the proof of it.

What was seen stays, and so does each digest: the chain is as whole as before, and whoever holds the bytes can show by
their SHA-256 that these were taken away. It must not touch what an alert, a case or an inspection may rest on, or what
other accounts brought as well, unless that is asked for; and it decides nothing about who may ask.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mediawatch.core.views import ActView
from mediawatch.store.blobs import Blobs
from mediawatch.store.retention import Pruning
from mediawatch.store.store import Ledger, Store
from mediawatch.tidying import Keep, told

_WHY = "purge of "


class StillThere(Exception):
    """Files are not gone although they were taken away. `str()` names the first."""


@dataclass(frozen=True)
class Asked:
    """Whose answers are to go. before: only those last brought before it. only: only these digests, where any are
    named. all_of_it: also those that something rests on, and those that other accounts brought."""

    account: str
    before: datetime | None = None
    only: frozenset[str] = frozenset()
    all_of_it: bool = False


@dataclass(frozen=True)
class Found:
    """What a purge would take: answers with their bytes on the disk. resting, shared: how many stay because something
    rests on them, or others brought them too; where all is asked for, how many of those that go are such."""

    answers: tuple[tuple[str, int], ...]
    resting: int
    shared: int

    @property
    def size(self) -> int:
        return sum(size for _, size in self.answers)


def found(store: Store, blobs: Blobs, asked: Asked, keep: Keep, now: datetime) -> Found:
    """What would go; nothing is changed. Raises KeyError for an account that the record does not know, StoreError."""
    with store.recalling() as ledger:
        return _found(ledger, blobs, asked, keep, now)


def purge(
    store: Store, blobs: Blobs, asked: Asked, keep: Keep, now: datetime, by: str, why: str
) -> tuple[Found, Pruning | None]:
    """Takes the answers away: first in the record, then their files, then it is shown that none is left.

    Returns what went, and its pruning, which stands among people's acts; `None` where nothing was to go. One that was
    stopped half way is finished first. Raises KeyError, StoreError, OSError, StillThere.
    """
    _finish(store, blobs, now, by)
    with store.writing() as ledger:
        goes = _found(ledger, blobs, asked, keep, now)
        if not goes.answers:
            return goes, None
        number = ledger.retention.begin(now, asked.before, by, f"{_WHY}{asked.account}: {why}")
        ledger.retention.bury(number, [digest for digest, _ in goes.answers])
    return goes, _end(store, blobs, number, asked.account, now, by)


def _found(ledger: Ledger, blobs: Blobs, asked: Asked, keep: Keep, now: datetime) -> Found:
    if ledger.account(asked.account) is None:
        raise KeyError(asked.account)
    kept = ledger.retention.of_account(asked.account, asked.before)
    named = [digest for digest in kept if not asked.only or digest in asked.only]
    resting = ledger.retention.resting_on(asked.account, now - keep.proof).intersection(named)
    shared = ledger.retention.of_others(asked.account, named)
    stays: Collection[str] = () if asked.all_of_it else resting | shared
    goes = tuple((digest, blobs.size_of(digest)) for digest in named if digest not in stays)
    return Found(goes, len(resting), len(shared))


def _finish(store: Store, blobs: Blobs, now: datetime, by: str) -> None:
    with store.recalling() as ledger:
        begun = [one for one in ledger.retention.prunings() if one.ended_at is None and one.why.startswith(_WHY)]
    for one in begun:
        account = one.why.removeprefix(_WHY).partition(":")[0]
        _end(store, blobs, one.id, account, now, by)


def _end(store: Store, blobs: Blobs, number: int, account: str, now: datetime, by: str) -> Pruning:
    with store.recalling() as ledger:
        digests = list(ledger.retention.buried(number))
    size = sum(map(blobs.drop, digests))
    for digest in digests:
        if blobs.size_of(digest) or blobs.recall(digest) is not None:
            raise StillThere(f"answer {digest} is still there")
    with store.writing() as ledger:
        done = ledger.retention.end(number, now, size)
        ledger.note(ActView(at=now, by=by, act="purge", subject=account, note=told(done)))
    return done
