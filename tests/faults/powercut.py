"""Power cuts, replayed: what a disk may hold that has lost everything which was not synced, or any part of it.

One life is lived with every change of a file written down. Then the current is cut after any of them: what a file held
at its last sync is there; of what came after, each 512 bytes may have reached the disk or not. Names (of new, renamed
and removed files) are held to be safe at once, as in the file systems' ordered modes.
"""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.empty_store import empty_store
from tests.faults.disk import OK, Disk, Operation
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.life import damage, known, live, sink
from tests.stories import START

SECTOR = 512
_NEVER = ("-shm",)  # made anew by whoever opens the store


@dataclass
class Log:
    """The changes of all files in a folder, and what the outside was told after how many of them."""

    folder: Path
    changes: list[Operation] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)

    def each(self, operation: Operation, part: Callable[[int], None]) -> int:
        if Path(operation.path).is_relative_to(self.folder):
            self.changes.append(operation)
        return OK

    def fact(self, name: str) -> None:
        self.told.append((len(self.changes), name))


def lived(folder: Path) -> Log:
    """A whole life in that folder, written down."""
    log = Log(folder)
    with sink(lambda life, cause: log.fact(f"told {cause}")) as heard, Disk(log.each).watched():
        asyncio.run(live(folder, f"{heard.url}/life", START, log.fact))
    return log


class _Held:
    """A file: what it held when it was last synced, and what was changed since."""

    def __init__(self, body: bytes = b"") -> None:
        self.safe, self.since = bytearray(body), list[Operation]()

    def sync(self, whole: bytes | None) -> None:
        if whole is not None:
            self.safe = bytearray(whole)
        for change in self.since:
            _apply(self.safe, change)
        self.since = []

    def after_a_cut(self, chance: random.Random) -> bytes:
        body = bytearray(self.safe)
        kind = chance.random()
        for change in self.since:
            if change.what == "truncate" or kind < 0.2:
                if kind < 0.2 or chance.random() < 0.5:
                    _apply(body, change)
                continue
            for start in range(0, len(change.data), SECTOR):
                if chance.random() < 0.5:
                    _apply(body, Operation("write", "", change.at + start, change.data[start : start + SECTOR]))
        return bytes(body)


def _apply(body: bytearray, change: Operation) -> None:
    if change.what == "truncate":
        del body[change.at :]
        return
    if len(body) < change.at:
        body.extend(bytes(change.at - len(body)))
    body[change.at : change.at + len(change.data)] = change.data


def images(log: Log, before: dict[str, bytes], cuts: int, seed: int = 1) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many cuts at places drawn at random, in order: after how many changes, and what is then on the disk.

    before: the files as they were, safe, when the life began.
    """
    chance = random.Random(seed)  # noqa: S311
    files = {name: _Held(body) for name, body in before.items()}
    at = 0
    for place in sorted(chance.randrange(len(log.changes) + 1) for _ in range(cuts)):
        while at < place:
            _happens(files, log.changes[at], log.folder)
            at += 1
        yield place, {name: held.after_a_cut(chance) for name, held in files.items()}


def _happens(files: dict[str, _Held], change: Operation, folder: Path) -> None:
    name = str(Path(change.path).relative_to(folder))
    if name.endswith(_NEVER):
        return
    if change.what == "delete":
        files.pop(name, None)
    elif change.what == "rename":
        if name in files:
            files[str(Path(change.to).relative_to(folder))] = files[name]
    elif change.what == "sync":
        if not Path(change.path).is_dir():
            files.setdefault(name, _Held()).sync(change.data or None)
    else:
        files.setdefault(name, _Held()).since.append(change)


def wrong_after(image: dict[str, bytes], told: set[str], folder: Path) -> list[str]:
    """What is damaged on such a disk, and what the outside was told that it does not hold."""
    for name, body in image.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    found = damage(folder)
    if not found:
        held = known(folder)
        if (folder / "pack.zip").exists() and (folder / "pack.zip").read_bytes().startswith(b"PK"):
            held.add("pack")
        found = [f"told and not kept: {fact}" for fact in told - held]
    return found


def cuts(many: int, seed: int = 1) -> Iterator[tuple[int, list[str]]]:
    """So many power cuts in one life: after how many changes, and what was wrong with what was left."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as root:
        folder = Path(root) / "life"
        folder.mkdir()
        empty_store(folder / "story.db", START)
        before = {"story.db": (folder / "story.db").read_bytes()}
        log = lived(folder)
        for place, image in images(log, before, many, seed):
            told = {fact for at, fact in log.told if at <= place}
            where = Path(root) / "image"
            where.mkdir()
            yield place, wrong_after(image, told, where)
            shutil.rmtree(where)


def figures(full: bool) -> Iterator[Figure]:
    logging.disable(logging.CRITICAL)
    many = 5000 if full else 150
    found = list(cuts(many))
    corrupt = [(place, flaw) for place, flaws in found for flaw in flaws if not flaw.startswith("told and")]
    lost = [(place, flaw) for place, flaws in found for flaw in flaws if flaw.startswith("told and")]
    yield Figure.none(f"of {many} power cuts, those that left a damaged store, record or answer", len(corrupt))
    yield Figure.none("  facts that somebody was told and that were lost", len(lost))
    for place, flaw in (corrupt + lost)[:10]:
        yield Figure(f"  after {place} changes: {flaw}"[:76], "", "", False)
