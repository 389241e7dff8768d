"""Changes of the record, each of which `verify` must find: ten thousand of them, of eight kinds."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.progress import gathered
from tests.tampering import check, record, tamperings


def figures(full: bool) -> Iterator[Figure]:
    times = 10_000 if full else 1_000
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        database = asyncio.run(record(Path(folder)))
        overlooked = ((done, [] if flaws else ["not found"]) for done, flaws in tamperings(database, 1, times))
        found = Counter(not wrong for _, wrong in gathered(overlooked, "changes", times))
        after = len(check(database).flaws)
    yield Figure.all_of(f"changes of a record of ten days ({times} drawn, those refused left out), found",
                        found[True], found.total())  # fmt: skip
    yield Figure.none("flaws found where nothing was changed", after)
