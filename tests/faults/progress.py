"""How far a long section is, said while it goes: one that is cut short has shown what was seen until then."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

EVERY = 10.0  # seconds between two lines
_One = TypeVar("_One", bound=tuple[Any, ...])


class Progress:
    """A line every ten seconds: how many of what are done, and of how many something was wrong."""

    def __init__(self, what: str, of: int | None = None) -> None:
        self._what, self._of, self._said = what, of, time.monotonic()
        self.done = self.wrong = 0

    def one(self, wrong: str = "") -> None:
        """One more is done. wrong: in words, which are printed at once."""
        self.done += 1
        if wrong:
            self.wrong += 1
            print(f"    wrong: {wrong}", flush=True)
        if time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            of = "" if self._of is None else f" of {self._of:,}"
            print(f"    {self.done:,}{of} {self._what}, {self.wrong} wrong", flush=True)


def gathered(found: Iterable[_One], what: str, of: int | None = None) -> list[_One]:
    """All that is found, each as `(where, what was wrong, …)`; meanwhile it is said how many there are."""
    progress, kept = Progress(what, of), []
    for one in found:
        flaws: Sequence[object] = one[1]
        progress.one(f"{one[0]}: {flaws[0]}" if flaws else "")
        kept.append(one)
    return kept
