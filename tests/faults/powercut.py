"""Power cuts, replayed: what a disk may hold that has lost everything which was not synced, or any part of it.

One life is lived with every change of a file written down. Then the current is cut after any of them: what a file held
at its last sync is there; of what came after, each 512 bytes may have reached the disk or not.
"""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.disk import Operation
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.life import damage, known
from tests.faults.log import File, Log, apply, happens, laid_out, lived
from tests.faults.progress import gathered

SECTOR = 512


def after_a_cut(file: File, chance: random.Random) -> bytes:
    """What the disk may hold of it: all that was synced, and of the rest everything, or any part."""
    body = bytearray(file.safe)
    kind = chance.random()
    for change in file.since:
        if change.what == "truncate" or kind < 0.2:
            if kind < 0.2 or chance.random() < 0.5:
                apply(body, change)
            continue
        for start in range(0, len(change.data), SECTOR):
            if chance.random() < 0.5:
                apply(body, Operation("write", "", change.at + start, change.data[start : start + SECTOR]))
    return bytes(body)


def images(log: Log, cuts: int, seed: int = 1) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many cuts at places drawn at random, in order: after how many changes, and what is then on the disk."""
    chance = random.Random(seed)  # noqa: S311
    files, at = log.files(), 0
    for place in sorted(chance.randrange(len(log.changes) + 1) for _ in range(cuts)):
        while at < place:
            happens(files, log.changes[at], log.folder)
            at += 1
        yield place, {name: after_a_cut(file, chance) for name, file in files.items()}


def cuts(many: int, seed: int = 1) -> Iterator[tuple[int, list[str]]]:
    """So many power cuts in one life: after how many changes, and what was wrong with what was left."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as root:
        log = lived(Path(root) / "life")
        for place, image in images(log, many, seed):
            shutil.rmtree(log.folder)
            laid_out(image, log.folder)
            yield (
                place,
                damage(log.folder) or [f"told and not kept: {x}" for x in log.told_by(place) - known(log.folder)],
            )


def figures(full: bool) -> Iterator[Figure]:
    logging.disable(logging.CRITICAL)
    many = 5000 if full else 150
    found = gathered(cuts(many), "cuts", many)
    corrupt = [(place, flaw) for place, flaws in found for flaw in flaws if not flaw.startswith("told and")]
    lost = [(place, flaw) for place, flaws in found for flaw in flaws if flaw.startswith("told and")]
    yield Figure.none(f"of {many} power cuts, those that left a damaged store, record or answer", len(corrupt))
    yield Figure.none("  facts that somebody was told and that were lost", len(lost))
    for place, flaw in (corrupt + lost)[:10]:
        yield Figure(f"  after {place} changes: {flaw}"[:76], "", "", False)
