"""Wires of several kinds behind one door: the part of a platform key before its colon says which. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mediawatch.core.wire import Validator, Wire, Wires


class ByPlatform:
    """Opens each look through the wires of its platform (`core.wire.Wires`); `others` serves all the rest."""

    def __init__(self, others: Wires, named: Mapping[str, Wires]) -> None:
        self._others = others
        self._named = dict(named)

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> Wire:
        """A wire for one look. Raises as the wires of that platform do."""
        return self._of(platform).open(platform, now, validators)

    def room(self, platform: str) -> int:
        """How many looks this platform's pace leaves free just now."""
        return self._of(platform).room(platform)

    def _of(self, platform: str) -> Wires:
        return self._named.get(platform.partition(":")[0], self._others)
