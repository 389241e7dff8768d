"""What a list shows of a row: its columns, fitted into a width; their headings, cells and values. Pure.

A column says three things of a row: the cell that is drawn, the value that is sorted, copied and exported, and how much
room it needs. It must not know where rows come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from rich.cells import cell_len

from mediawatch.core.rulebook import Language
from mediawatch.locale import Words
from mediawatch.tui.cells import WINDOW, Piece, fit

Row = TypeVar("Row")

_GAP = "  "
_LEAST = 4  # cells of a column that takes what is left


@dataclass(frozen=True)
class Scene:
    """What drawing depends on beside the row: the instant, the language, and whether only ASCII may be drawn."""

    now: datetime
    words: Words
    language: Language = "zh_CN"
    plain: bool = False
    window: timedelta = WINDOW  # of the looks that the health of platforms is counted from


@dataclass(frozen=True, eq=False)
class Column(Generic[Row]):
    """title: a text of the catalogue. cell: text and style. value: what it stands for, `None` for nothing.

    samples: the longest cells there can be, in the language; a column without any takes a `share` of what room is left.
    wide: the width of the list from which on it is shown. order: the name by which the source sorts; the key, if empty.
    """

    key: str
    title: str
    cell: Callable[[Row, Scene], Piece]
    value: Callable[[Row], Any]
    samples: Callable[[Words], Sequence[str]] | None = None
    share: int = 1
    right: bool = False
    wide: int = 0


@dataclass(frozen=True)
class Sorted:
    """By which column a list is sorted, and whether the other way round than usual."""

    key: str
    reverse: bool = False


@lru_cache(maxsize=64)  # asked for every row that is drawn
def fitted(columns: tuple[Column[Row], ...], width: int, _: Words) -> tuple[tuple[Column[Row], int], ...]:
    """The columns that are shown in that many cells, each with its width; together they fill the line."""
    shown = [column for column in columns if width >= column.wide]
    sizes = {
        column.key: max(map(cell_len, (_(column.title) + " ^", *column.samples(_))))
        for column in shown
        if column.samples
    }
    flexible = [column for column in shown if column.samples is None]
    room = width - sum(sizes.values()) - len(_GAP) * (len(shown) - 1)
    shares = sum(column.share for column in flexible)
    for column in flexible:
        sizes[column.key] = max(_LEAST, room * column.share // shares)
    if flexible:
        spare = room - sum(sizes[column.key] for column in flexible)
        last = flexible[-1].key
        sizes[last] = max(_LEAST, sizes[last] + spare)
    return tuple((column, sizes[column.key]) for column in shown)


def heading(columns: tuple[Column[Row], ...], width: int, order: Sorted, chosen: str, _: Words) -> list[Piece]:
    """The heading line: the sorted column carries `^` or `v`, the chosen one another style."""
    pieces: list[Piece] = [(" ", "")]
    for place, (column, cells) in enumerate(fitted(columns, width - 1, _)):
        mark = (" v" if order.reverse else " ^") if column.key == order.key else ""
        pieces += [(_GAP, "")] if place else []
        pieces.append((fit(_(column.title) + mark, cells, column.right), "chosen" if column.key == chosen else ""))
    return pieces


def line(columns: tuple[Column[Row], ...], row: Row, width: int, scene: Scene) -> list[Piece]:
    """The cells of a row."""
    pieces: list[Piece] = []
    for column, cells in fitted(columns, width, scene.words):
        if pieces:
            pieces.append((_GAP, ""))
        text, style = column.cell(row, scene)
        pieces.append((fit(text, cells, column.right), style))
    return pieces


def column_at(columns: tuple[Column[Row], ...], width: int, x: int, _: Words) -> str:
    """The key of the column that stands at that cell of the line."""
    edge = 1
    for column, cells in fitted(columns, width - 1, _):
        edge += cells + len(_GAP)
        if x < edge:
            return column.key
    return columns[-1].key


def comparable(value: Any) -> tuple[bool, Any]:
    """A key to sort by: nothing comes last, texts without regard to case."""
    if isinstance(value, str):
        return not value, value.casefold()
    return value is None, 0 if value is None else value
