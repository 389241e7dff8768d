"""Places in an order, to go on from there: what a page's marks hold, and what lies behind one. It must read nothing.

A mark is the values of a row by which it was ordered, as JSON; it stays good when the row itself has gone or moved.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TypeDecorator, and_, or_

Order = Sequence[tuple[ColumnElement[Any], bool]]
"""What rows are ordered by, one after another, each with whether it falls. None of them is ever NULL."""


def mark(values: Sequence[Any]) -> str:
    """The place of a row with these values."""
    return json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])


def place(told: str, columns: Sequence[ColumnElement[Any]], may_miss: Collection[ColumnElement[Any]] = ()) -> list[Any]:
    """The values of a mark, one for each column of the order. Raises ValueError for what is no such mark.

    may_miss: the columns that can be NULL.
    """
    try:
        values = json.loads(told)
        if not isinstance(values, list):
            raise ValueError
        return [_value(column, value, may_miss) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, RecursionError):
        raise ValueError("no such place in this order") from None


def _value(column: ColumnElement[Any], told: object, may_miss: Collection[ColumnElement[Any]]) -> object:
    if told is None and column in may_miss:
        return None
    kind: Any = column.type
    wanted = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    given = datetime.fromisoformat(told) if wanted is datetime and isinstance(told, str) else told
    if not isinstance(given, wanted) or isinstance(given, bool):
        raise ValueError
    if isinstance(given, datetime) and given.tzinfo is None:
        raise ValueError
    return given


def beyond(order: Order, values: Sequence[Any], backward: bool) -> ColumnElement[bool]:
    """What comes behind a place, or with `backward` in front of it."""
    found: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (column, falls), value in zip(order, values, strict=True):
        found.append(and_(*same, column < value if falls is not backward else column > value))
        same.append(column == value)
    return or_(*found)
