"""Every regular expression of the package on texts that were made to hold it up: as long as any that is searched."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import mediawatch

LONGEST = 4000  # letters: `clean` and `plain` cut before anything is searched
TEXTS = ("a", " ", "[", "<", "1", "https://a/", "a@")
SECONDS = 1.0  # of CPU for one search; a quadratic one takes a tenth of it, one that backtracks for ever all there is


def patterns() -> dict[tuple[Any, int], str]:
    """Each compiled pattern of a module, by what it is, with the name of one place."""
    found: dict[tuple[Any, int], str] = {}
    for module in pkgutil.walk_packages(mediawatch.__path__, "mediawatch."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in _in(value):
                found.setdefault((pattern.pattern, pattern.flags), f"{module.name}.{name}")
    return found


def _in(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for one in value:
            yield from _in(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _in(one)


def test_no_pattern_can_be_held_up() -> None:
    known, slow = patterns(), []
    assert len(known) > 150
    for (pattern, flags), name in known.items():
        compiled = re.compile(pattern, flags)
        for text in TEXTS:
            hostile: Any = (text * LONGEST)[:LONGEST] + "\x00!"
            began = time.process_time()
            compiled.search(hostile.encode() if isinstance(pattern, bytes) else hostile)
            if time.process_time() - began > SECONDS:
                slow.append(f"{name} on {text!r}")
    assert slow == []
