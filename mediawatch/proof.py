"""The record proves itself: a seal a day over all that was seen and done, and all of it checked again, on a copy too.

What cannot be proven is told as a flaw with its place. It must never mend anything, and never judge an account.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mediawatch.core.calendar import day_of
from mediawatch.core.seals import Flaw, Seal, digest_of_looks, digest_of_rows, linked, sealed
from mediawatch.store import chain, seals
from mediawatch.store.retention import Retention
from mediawatch.store.store import Ledger, Store

Stamped = Callable[[bytes, Seal], datetime]
CLOCKS_APART = timedelta(minutes=10)  # how far the clocks of two machines may be apart


def seal_daily(ledger: Ledger, now: datetime) -> Seal | None:
    """Seals the record at the first call of a Shanghai day."""
    last = ledger.seal()
    return ledger.add_seal(now) if last is None or day_of(last.at) < day_of(now) else None


@dataclass
class Verified:
    """What was checked: looks of how many targets, acts, seals, time stamps, kept answers; how many answers were let go
    of on purpose; the newest seal, to be kept elsewhere; the newest instant that a time stamp proves, and how many
    stamps could not be checked for want of roots; every flaw; and what is no flaw, but should be explained."""

    targets: int = 0
    looks: int = 0
    acts: int = 0
    seals: int = 0
    stamps: int = 0
    answers: int = 0
    let_go: int = 0
    newest: Seal | None = None
    stamped_at: datetime | None = None
    unchecked: int = 0
    flaws: list[Flaw] = field(default_factory=list)
    warnings: list[Flaw] = field(default_factory=list)


def verify(
    store: Store,
    recall: Callable[[str], bytes | None],
    *,
    let_go: Collection[str] = (),
    expected: Collection[str] = (),
    stamped: Stamped | None = None,
    progress: Callable[[int], None] = lambda looks: None,
) -> Verified:
    """Walks all of a store, read-only.

    recall: gives a kept answer by its digest, `None` where it is missing or changed. let_go: digests of answers that
    the record says are gone on purpose. expected: hashes of seals that were kept elsewhere, or their first letters;
    each must be there. stamped: reads a time stamp: the instant at which that seal was stamped, or ValueError with why
    it proves none; without it stamps are counted and not checked. progress: called with the looks that were walked.
    """
    found = Verified()
    answers: set[str] = set()
    trail: dict[int, str] = {}
    with store.reading() as connection:
        with _readable(found, "looks"):
            _walk_looks(connection, found, answers, progress)
        with _readable(found, "acts"):
            trail = _walk_trail(connection, found)
        with _readable(found, "prunings"):
            found.flaws += [Flaw(where="prunings", why=says) for says in Retention(connection).wrong()]
        with _readable(found, "seals"):
            _walk_seals(connection, found, trail, expected)
        with _readable(found, "time stamps"):
            _walk_stamps(connection, found, stamped)
    for digest in sorted(answers):
        if digest in let_go:
            found.let_go += 1
        elif recall(digest) is None:
            found.flaws.append(Flaw(where=f"answer {digest}", why="is missing, or was changed"))
        else:
            found.answers += 1
    return found


@contextmanager
def _readable(found: Verified, where: str) -> Iterator[None]:
    """A value that the database gives back as none it can be is a flaw, not the end of the check."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as error:
        found.flaws.append(Flaw(where=where, why=f"a value cannot be read; nothing behind it was checked ({error})"))


def _walk_looks(connection: Any, found: Verified, answers: set[str], progress: Callable[[int], None]) -> None:
    heads, setups = seals.heads(connection), seals.setups(connection)
    for target, looks in seals.looks_by_target(connection):
        whole = chain.verify(target, heads.pop(target, ""), _noting(looks, answers, setups, found))
        found.targets, found.looks = found.targets + 1, found.looks + whole.length
        if not whole.whole:
            found.flaws.append(Flaw(where=target, why=f"look {whole.broken} {whole.why}"))
        progress(found.looks)
    found.flaws += [Flaw(where=one, why="all its looks are missing") for one, head in heads.items() if head]


def _noting(
    looks: Iterable[dict[str, Any]], answers: set[str], setups: Collection[int], found: Verified
) -> Iterator[dict[str, Any]]:
    """The looks, with their answers written down. `saw` is no part of the chain: it repeats what `facts` says."""
    flaws, before = found.flaws, None
    for look in looks:
        with suppress(ValueError, TypeError):  # a text that is no list any more breaks the chain, which says so
            answers.update(json.loads(look["digests"]))
        if look["saw"] != (look["facts"] is not None):
            flaws.append(Flaw(where=look["target"], why=f"look of {look['at']}: whether it saw anything was changed"))
        if look["setup"] not in setups:
            flaws.append(Flaw(where=look["target"], why=f"look of {look['at']}: with what it was made is missing"))
        if look["asked"]:  # what a person brings in has the time at which he saw it
            if before is not None and _went_back(before, look):
                why = f"the clock went back between the looks of {before['at']} and {look['at']}"
                found.warnings.append(Flaw(where=look["target"], why=why))
            before = look
        yield look


def _went_back(before: Mapping[str, Any], look: Mapping[str, Any]) -> bool:
    """Whether a look was made, by the clock, before the one that was written down before it."""
    here = all(before[name] == look[name] for name in ("site", "exit"))
    back: timedelta = before["at"] - look["at"]
    return back > (timedelta() if here else CLOCKS_APART)


def _walk_trail(connection: Any, found: Verified) -> dict[int, str]:
    """The hash of each link by its number."""
    before, trail = "", {0: ""}
    ends = dict.fromkeys(seals.ACTS, 0)
    for link in seals.links(connection):
        where = f"trail {link.id}"
        trail[link.id] = link.hash
        if link.prev_hash != before or link.of not in ends or link.first <= ends[link.of]:
            found.flaws.append(Flaw(where=where, why="does not follow the link before it"))
        elif link.hash != linked(link.of, link.first, link.last, link.digest, link.prev_hash):
            found.flaws.append(Flaw(where=where, why="was changed after it was written"))
        else:
            rows = list(seals.rows_of(connection, seals.ACTS[link.of], ends[link.of] + 1, link.last))
            found.acts += len(rows) if link.of in seals.PEOPLES else 0
            if digest_of_rows(rows) != link.digest:
                why = "an act was changed, removed or added after it was written"
                found.flaws.append(Flaw(where=f"{link.of} {link.first}-{link.last}", why=why))
        before = link.hash
        if link.of in ends:
            ends[link.of] = max(ends[link.of], link.last)
    for name, table in seals.ACTS.items():
        if extra := seals.newest_row(connection, table) - ends[name]:
            found.flaws.append(Flaw(where=name, why=f"rows were added that no link covers, up to {ends[name] + extra}"))
    return trail


def _walk_seals(connection: Any, found: Verified, trail: Mapping[int, str], expected: Collection[str]) -> None:
    before: Seal | None = None
    missing = set(expected)
    for seal in seals.all_of(connection):
        where = f"seal {seal.id}"
        found.seals, found.newest = found.seals + 1, seal
        missing = {one for one in missing if not seal.hash.startswith(one)}
        says = seal.model_dump(exclude={"id", "hash"})
        if seal.prev_hash != (before.hash if before else "") or (before and seal.at <= before.at):
            found.flaws.append(Flaw(where=where, why="does not follow the seal before it"))
        elif seal.hash != sealed(**says):
            found.flaws.append(Flaw(where=where, why="was changed after it was made"))
        elif trail.get(seal.link) != seal.trail:
            found.flaws.append(Flaw(where=where, why="the trail of acts is not the one that was sealed"))
        else:
            since = before.upto if before else 0
            if digest_of_looks(seals.hashes(connection, since, seal.upto)) != (seal.looks, seal.records):
                found.flaws.append(Flaw(where=where, why="the looks are not those that were sealed"))
        before = seal
    found.flaws += [Flaw(where=f"seal {one[:12]}…", why="is not in this record") for one in sorted(missing)]


def _walk_stamps(connection: Any, found: Verified, stamped: Stamped | None) -> None:
    sealed_ = {seal.id: seal for seal in seals.all_of(connection)}
    for number, stamp in seals.stamps(connection).items():
        if stamped is None:
            found.unchecked += 1
            continue
        try:
            at = stamped(base64.b64decode(stamp, validate=True), sealed_[number])
        except ValueError as error:
            found.flaws.append(Flaw(where=f"seal {number}", why=f"its time stamp proves nothing: {error}"))
            continue
        found.stamps, found.stamped_at = found.stamps + 1, at
        if at < sealed_[number].at - CLOCKS_APART:
            why = f"was stamped at {at.isoformat()}, before it was made: our clock was wrong"
            found.flaws.append(Flaw(where=f"seal {number}", why=why))
