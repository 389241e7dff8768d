"""The collector of garbage does its whole round while nobody types: one takes as long as a key may take altogether.

Young objects are collected as always. It must not let garbage grow for ever under a hand that never rests.
"""

from __future__ import annotations

import gc

USUAL = 10
"""Rounds over young objects after which a whole one is worth it, as Python has it by itself."""
MOST = 200
"""Rounds after which it is made whoever types."""


class Quiet:
    """From `begin` to `leave` whole rounds are made by `beat` alone."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._typed = False

    def begin(self) -> None:
        """No whole round comes by itself any more, but for a hand that never rests."""
        gc.set_threshold(*self._before[:2], MOST)

    def typed(self) -> None:
        """A key was pressed, or the pointer moved."""
        self._typed = True

    def beat(self) -> bool:
        """Called now and then; whether it made a whole round: it does where nothing was typed since the last beat."""
        typed, self._typed = self._typed, False
        due = not typed and gc.get_count()[2] >= USUAL
        if due:
            gc.collect()
        return due

    def leave(self) -> None:
        """As it was before."""
        gc.set_threshold(*self._before)
