"""A list that is short enough to be read whole: it is filtered and sorted here, in the reader's thread.

It must not touch the screen: everything it is asked for stands in `Asked`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Generic, TypeVar

from mediawatch.core.filtering import matches
from mediawatch.tui.columns import Sorted, comparable
from mediawatch.tui.listing import Listing
from mediawatch.tui.source import Source
from mediawatch.tui.windows import Asked, Window

Row = TypeVar("Row")


class MemoryListing(Listing[Row], Generic[Row]):
    """A list that is short enough to be read whole; it is filtered and sorted in the reader's thread."""

    def rows(self, source: Source, now: datetime) -> Iterable[Row]:
        """All rows there are."""
        raise NotImplementedError

    def in_scope(self, row: Row, scope: int) -> bool:
        """Whether a row belongs to the scope of that number."""
        return True

    def searched(self, row: Row) -> str:
        """What a filter looks into: made by `searchable`."""
        raise NotImplementedError

    def labels(self, row: Row) -> dict[str, tuple[str, ...]]:
        """The labels of a row."""
        return {}

    def natural(self, row: Row) -> Any:
        """The order where another does not decide; the first column sorts by it."""
        return 0

    def window(self, source: Source, now: datetime, asked: Asked) -> Window[Row]:
        every = tuple(self.rows(source, now))
        found = [
            row
            for row in every
            if self.in_scope(row, asked.scope)
            and (not asked.only.terms or matches(asked.only, self.searched(row), self.labels(row)))
        ]
        found.sort(key=self.natural)
        usual = self.ORDER or Sorted(self.COLUMNS[0].key)
        if asked.order.key != usual.key:
            column = next(column for column in self.COLUMNS if column.key == asked.order.key)
            found.sort(key=lambda row: comparable(column.value(row))[1], reverse=asked.order.reverse)
            found.sort(key=lambda row: comparable(column.value(row))[0])
        elif asked.order.reverse is not usual.reverse:
            found.reverse()
        return Window(tuple(found), 0, len(found), len(every), order=asked.order)
