"""A window of a list: what is asked for, what was found, and from which row at hand the next one is found. Pure.

Rows are found from a place in the order, not by counting from the top: it costs the same however deep the list, and
what comes or goes above moves nothing that is being read. It must not know what rows are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from mediawatch.core.filtering import Filter
from mediawatch.tui.columns import Sorted

Row = TypeVar("Row")


@dataclass(frozen=True)
class Asked:
    """What a list is asked for: everything that its answer depends on."""

    only: Filter
    scope: int
    order: Sorted
    offset: int
    limit: int
    after: str = ""  # the mark of the row behind which the window begins, or
    before: str = ""  # in front of which it ends; `offset` is then where it is thought to be

    def found(self, rows: Sequence[Row], matching: int, total: int, marks: tuple[str, ...] = ()) -> Window[Row]:
        """The window that was found. One that came to an end of the list is known to lie there."""
        offset = self.offset
        if (self.after or self.before) and len(rows) < self.limit:
            offset = max(0, matching - len(rows)) if self.after else 0
        return Window(tuple(rows), offset, matching, total, marks, self.order, self.after)

    def near(self, given: Window[Row] | None) -> Asked:
        """The same, from a row at hand where there is one beside the window; as it is where the list begins anew."""
        if given is None or not self.offset or not given.marks or given.order != self.order:
            return self
        above, shift = self.offset - 1 - given.offset, given.offset - self.offset
        if 0 <= above < len(given.marks):
            return replace(self, after=given.marks[above])
        if shift in (0, 1) and given.after:  # the same window once more
            return replace(self, after=given.after, offset=given.offset, limit=self.limit - shift)
        if shift == 0:
            return replace(self, after=given.marks[0], offset=self.offset + 1, limit=self.limit - 1)
        below = self.offset + self.limit - given.offset
        return replace(self, before=given.marks[below]) if 0 <= below < len(given.marks) else self

    def behind(self, given: Window[Row]) -> Asked:
        """As many rows again, behind the last ones."""
        last = given.marks[-1] if given.marks else ""
        return replace(self, offset=given.offset + len(given.rows), after=last, before="")


@dataclass(frozen=True)
class Window(Generic[Row]):
    """Rows `[offset, offset + len(rows))` of the `matching` ones, out of `total`.

    marks: where each row lies in the `order`; none where the whole list was read. after: the mark it was read from.
    """

    rows: tuple[Row, ...]
    offset: int
    matching: int
    total: int
    marks: tuple[str, ...] = ()
    order: Sorted | None = None
    after: str = ""


def spans(places: Iterable[int], most: int) -> Iterator[tuple[int, int]]:
    """Stretches `[first, end)` of a list of at most so many rows, in which all these places lie, in order."""
    first = end = -1
    for place in sorted(places):
        if first >= 0 and place >= first + most:
            yield first, end
            first = -1
        first, end = (place if first < 0 else first), place + 1
    if first >= 0:
        yield first, end
