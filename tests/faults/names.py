"""Ninety-nine hostile names on every screen and in every dialog of the console, each on each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from tests.faults.figure import Figure
from tests.faults.progress import Progress
from tests.hostile_names import NAMES
from tests.test_tui_hostile import WALK, walked, world_of


def figures(full: bool) -> Iterator[Figure]:
    tried = NAMES if full else NAMES[::9]
    logging.getLogger("mediawatch").addHandler(logging.NullHandler())  # a console whose source fails says so
    logging.getLogger("mediawatch").propagate = False
    whole, broken, progress = 0, list[str](), Progress("names", len(tried))
    for name in tried:
        try:
            whole += asyncio.run(walked(world_of(name), [[name]])) == len(WALK)
        except Exception as error:
            broken.append(f"{name[:40]!a}: {type(error).__name__}")
        progress.one()
    yield Figure.all_of(
        f"names on {len(WALK)} screens and dialogs: inert, width exact, still running", whole, len(tried)
    )
    yield Figure("names that broke something", "none", ", ".join(broken) or "none", not broken)
