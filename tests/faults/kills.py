"""SIGKILL at every file operation of an alert's life, before it, in the middle of it and after it; and at any moment.

At operations: one life is lived and written down. What a process leaves that ends at one of its operations is laid out
on a disk and looked through, and a life that knows only this goes on from there. At any moment: each life is lived in a
process of its own, killed again and again, and let finish by another.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.empty_store import empty_store
from tests.faults.disk import OK, Before, Disk, Operation
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.life import Heard, damage, flaws, known, live, sink
from tests.faults.log import File, Log, happens, laid_out, lived, lived_on, standing
from tests.faults.progress import gathered
from tests.stories import START


class Life:
    """One life in a folder of its own, which may be lived in several processes, one after the other."""

    def __init__(self, folder: Path, heard: Heard, name: str) -> None:
        self.folder, self.name, self.heard = folder, name, heard
        self.now, self.facts, self.operations = START, set[str](), 0
        self.lost: list[str] = []
        folder.mkdir()
        empty_store(folder / "story.db", START)

    def on(self, each: Before, after: float | None = None) -> bool:
        """Lives on in a new process. after: seconds until it is killed from outside. Returns whether it finished."""
        out, into = os.pipe()
        if (child := os.fork()) == 0:
            os.close(out)
            self._child(into, each)
        os.close(into)
        if after is not None:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        said = b""
        while part := os.read(out, 65536):
            said += part
        os.close(out)
        _, status = os.waitpid(child, 0)
        for line in said.decode().splitlines():
            what, _, value = line.partition(" ")
            if what == "clock":
                self.now = max(self.now, datetime.fromisoformat(value))
            elif what == "count":
                self.operations = int(value)
            else:
                self.facts.add(value)
        if not os.WIFSIGNALED(status):
            return os.WEXITSTATUS(status) == 0 or bool(self.lost.append("its process failed"))
        self.lost += [f"told and not kept: {fact}" for fact in self.facts - known(self.folder)]
        return False

    def _child(self, into: int, each: Before) -> None:
        """Never returns."""
        try:
            with Disk(each).watched() as disk:
                asyncio.run(
                    live(
                        self.folder,
                        f"{self.heard.url}/{self.name}",
                        self.now,
                        lambda fact: _say(into, f"fact {fact}"),
                        lambda at: _say(into, f"clock {at}"),
                    )
                )
                _say(into, f"count {disk.count}")
            os._exit(0)
        except BaseException:
            logging.exception("a life failed")
            os._exit(3)

    def flaws(self) -> list[str]:
        return self.lost + flaws(self.folder, self.heard.taken.get(self.name, []))


def _say(into: int, words: str) -> None:
    os.write(into, f"{words}\n".encode())


def killed_at(point: int, mode: str) -> Before:
    """Ends the process at that operation, counted from 0."""
    passed = -1

    def each(operation: Operation, part: Callable[[int], None]) -> int:
        nonlocal passed
        passed += 1
        if passed == point:
            if mode != "before":
                part(len(operation.data) // (1 if mode == "after" else 2))
            os.kill(os.getpid(), signal.SIGKILL)
        return OK

    return each


def untouched(operation: Operation, part: Callable[[int], None]) -> int:
    return OK


def left(log: Log, stride: int, first: int) -> Iterator[tuple[int, str, dict[str, bytes]]]:
    """What is on the disk before, in the middle of and after every `stride`-th operation: place, mode, files."""
    files = log.files()
    for place, change in enumerate(log.changes):
        if chosen := place >= first and (place - first) % stride == 0:
            yield place, "before", _written(files)
            torn = copy.deepcopy(files)
            happens(torn, replace(change, data=change.data[: len(change.data) // 2]), log.folder)
            yield place, "torn", _written(torn)
        happens(files, change, log.folder)
        if chosen:
            yield place, "after", _written(files)


def _written(files: dict[str, File]) -> dict[str, bytes]:
    return {name: bytes(file.written()) for name, file in files.items()}


def sweep(stride: int, first: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Every `stride`-th operation in each mode: where it was killed, and what was wrong afterwards.

    Lives that stand alike, to the last row, file and word that was heard, go on alike: of those one goes on.
    """
    with sink() as heard, tempfile.TemporaryDirectory(dir=MEMORY) as root:
        log, known_to_end = lived(Path(root) / "life"), dict[bytes, list[str]]()
        for place, mode, image in left(log, stride, first):
            shutil.rmtree(log.folder)
            laid_out(image, log.folder)
            found = damage(log.folder) or [f"told and not kept: {x}" for x in log.told_by(place) - known(log.folder)]
            if not found:
                stands = standing(log, place)
                if stands not in known_to_end:
                    known_to_end[stands] = flaws(log.folder, lived_on(log, place, heard))
                found = known_to_end[stands]
            yield f"{mode} {place}", found


def at_random(kills: int, seed: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Lives that are killed again and again at any moment: how many kills each took, and what was wrong."""
    chance = random.Random(seed)  # noqa: S311
    with sink() as heard, tempfile.TemporaryDirectory(dir=MEMORY) as root:
        done = 0
        while done < kills:
            life, patience, here = Life(Path(root) / str(done), heard, str(done)), 0.4, 0
            while not life.on(untouched, chance.uniform(0.02, patience) if here < kills - done else None):
                here, patience = here + 1, patience * 1.3
                life.lost += damage(life.folder)
                if life.lost:
                    break
            done += max(here, 1)
            yield here, life.flaws()
            shutil.rmtree(life.folder)


def figures(full: bool, part: str = "") -> Iterator[Figure]:
    """part: `operations` or `moments`, where it is not both."""
    logging.disable(logging.CRITICAL)
    if part in ("operations", ""):
        swept = gathered(sweep(1 if full else 7), "kills")
        yield Figure.all_of(
            f"kills at {'each' if full else 'every 7th'} file operation, in 3 modes: nothing lost, no second id",
            sum(not found for _, found in swept), len(swept))  # fmt: skip
        wrong = [(where, flaw) for where, found in swept for flaw in found]
        for where, flaw in wrong[:10]:
            yield Figure(f"  {where}: {flaw}"[:76], "", "", False)
    if part in ("moments", ""):
        lives = gathered(at_random(1000 if full else 60), "lives, each killed again and again")
        kills = sum(here for here, _ in lives)
        bad = [found for _, found in lives if found]
        yield Figure.none(
            f"of {len(lives)} lives, killed {kills} times at any moment, those that lost anything", len(bad)
        )
        for found in bad[:5]:
            yield Figure(f"  {found[0]}"[:76], "", "", False)
