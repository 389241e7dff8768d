"""A life with every change of a file written down, and what a disk holds after any of them.

What a process has written outlives its end by SIGKILL; what it has synced outlives a power cut. Names (of new, renamed
and removed files) are held to be safe at once, as in the file systems' ordered modes.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.empty_store import empty_store
from tests.faults.disk import OK, Disk, Operation
from tests.faults.life import Heard, Taken, live, sink
from tests.stories import START

_NEVER = ("-shm",)  # made anew by whoever opens the store


@dataclass
class Log:
    """The changes of all files in a folder; and after how many of them the outside was told what, took what, and what
    time it was. before: the files as they were when the life began."""

    folder: Path
    before: dict[str, bytes]
    changes: list[Operation] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    taken: list[tuple[int, Taken]] = field(default_factory=list)
    clock: list[tuple[int, datetime]] = field(default_factory=list)

    def each(self, operation: Operation, part: Callable[[int], None]) -> int:
        if Path(operation.path).is_relative_to(self.folder):
            self.changes.append(operation)
        return OK

    def fact(self, name: str) -> None:
        self.told.append((len(self.changes), name))

    def take(self, one: Taken) -> None:
        self.fact(f"told {one[2]}")
        self.taken.append((len(self.changes), one))

    def time(self, at: str) -> None:
        self.clock.append((len(self.changes), datetime.fromisoformat(at)))

    def told_by(self, place: int) -> set[str]:
        """What the outside knew after so many changes."""
        return {fact for at, fact in self.told if at <= place}

    def taken_by(self, place: int) -> list[Taken]:
        return [one for at, one in self.taken if at <= place]

    def time_of(self, place: int) -> datetime:
        return max((now for at, now in self.clock if at <= place), default=START)

    def files(self) -> dict[str, File]:
        """The files as they were when the life began, all of them safe."""
        return {name: File(body) for name, body in self.before.items()}


def lived(folder: Path) -> Log:
    """A whole life in that folder, written down."""
    folder.mkdir()
    empty_store(folder / "story.db", START)
    log = Log(folder, {"story.db": (folder / "story.db").read_bytes()})
    with sink(lambda life, one: log.take(one)) as heard, Disk(log.each).watched():
        asyncio.run(live(folder, _address(heard), START, log.fact, log.time))
    return log


def lived_on(log: Log, place: int, heard: Heard) -> list[Taken]:
    """Lives that life to its end from what stands in its folder, as begun again after so many changes.

    Returns what receivers took before and then.
    """
    heard.taken["life"] = log.taken_by(place)
    asyncio.run(live(log.folder, _address(heard), log.time_of(place), lambda fact: None))
    return heard.taken["life"]


def standing(log: Log, place: int) -> bytes:
    """All that a life goes on from that is begun again there: rows, other files, the time, what receivers took."""
    stands = hashlib.sha256(f"{log.time_of(place)} {log.taken_by(place)}".encode())
    with closing(sqlite3.connect(log.folder / "story.db")) as connection:
        for line in connection.iterdump():
            stands.update(line.encode())
    for path in sorted(log.folder.rglob("*")):
        if path.is_file() and not path.name.startswith("story.db"):
            stands.update(f"{path} ".encode() + path.read_bytes())
    return stands.digest()


def _address(heard: Heard) -> str:
    return f"{heard.url}/life"


class File:
    """A file: what it held when it was last synced, and what was changed since."""

    def __init__(self, body: bytes = b"") -> None:
        self.safe, self.since = bytearray(body), list[Operation]()

    def sync(self, whole: bytes) -> None:
        """whole: its bytes, where they are known at its syncs alone."""
        self.safe = bytearray(whole) if whole else self.written()
        self.since = []

    def written(self) -> bytearray:
        """What it holds for as long as the current is on."""
        body = bytearray(self.safe)
        for change in self.since:
            apply(body, change)
        return body


def apply(body: bytearray, change: Operation) -> None:
    """Changes these bytes as a file was changed."""
    if change.what == "truncate":
        del body[change.at :]
        return
    if len(body) < change.at:
        body.extend(bytes(change.at - len(body)))
    body[change.at : change.at + len(change.data)] = change.data


def happens(files: dict[str, File], change: Operation, folder: Path) -> None:
    """One change of the files of that folder."""
    name = str(Path(change.path).relative_to(folder))
    if name.endswith(_NEVER):
        return
    if change.what == "delete":
        files.pop(name, None)
    elif change.what in ("rename", "link"):
        files[str(Path(change.to).relative_to(folder))] = files.pop(name) if change.what == "rename" else files[name]
    elif change.what == "sync":
        if name in files or change.data:  # it is no folder's
            files.setdefault(name, File()).sync(change.data)
    else:
        files.setdefault(name, File()).since.append(change)


def laid_out(image: dict[str, bytes], folder: Path) -> None:
    """Writes such a disk into that folder, which it makes."""
    folder.mkdir(exist_ok=True)
    for name, body in image.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
