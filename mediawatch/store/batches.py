"""Many rows by one statement, at the cost of the driver: written, and read.

SQLAlchemy prepares each row of a batch anew, and each statement, which costs several times what SQLite does with it.
Here a statement is compiled once; its rows go to the driver as they are stored and come back as plain tuples, by the
very types that SQLAlchemy would have asked, column by column. It must not know a table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

_SQLITE = sqlite.dialect()
_Change = Callable[[Any], Any] | None


def run(connection: Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """The statement once for each row; every row names the same values. Returns how many rows an update touched.

    PostgreSQL is sent them as one batch, by its driver's own way.
    """
    if not rows:
        return 0
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, rows).rowcount
    text, values, fixed, _ = _compiled(statement, tuple(rows[0]))
    columns: list[Iterable[Any]] = []
    for name, stored in values:
        column = repeat(fixed[name]) if name in fixed else [row[name] for row in rows]
        columns.append(column if stored is None else map(stored, column))
    given = list(zip(*columns, strict=False))  # what the statement brings itself has no end
    return _at_driver(connection, text, given, lambda raw: raw.executemany(text, given)).rowcount


def read(connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that is asked with these values: the same as `connection.execute` gives, without names.

    values: all that the statement asks for by name, and perhaps more.
    """
    if connection.dialect.name != "sqlite":
        return [tuple(row) for row in connection.execute(statement, values)]
    text, names, fixed, changes = _compiled(statement, tuple(values))
    told = {**fixed, **values}
    given = [told[name] if stored is None else stored(told[name]) for name, stored in names]
    found: list[tuple[Any, ...]] = _at_driver(connection, text, given, lambda raw: raw.execute(text, given)).fetchall()
    if not found or not changes:
        return found
    columns: list[Iterable[Any]] = list(zip(*found, strict=True))
    for place, change in changes:
        columns[place] = map(change, columns[place])
    return list(zip(*columns, strict=True))


def _at_driver(
    connection: Connection, text: str, given: Any, act: Callable[[sqlite3.Connection], sqlite3.Cursor]
) -> sqlite3.Cursor:
    """Its errors are those that SQLAlchemy would have raised."""
    raw: Any = connection.connection.driver_connection
    try:
        return act(raw)
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            text, given, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@lru_cache(maxsize=128)
def _compiled(
    statement: Any, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, _Change], ...], dict[str, Any], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """The text for SQLite; in the order of its marks, the names of the values and what makes each of them stored; the
    values that the statement brings itself; and, by their places, what makes columns of its rows what they stand for.
    """
    compiled = statement.compile(dialect=_SQLITE, column_keys=list(names))
    assert not compiled.insert_prefetch, f"of a row that is written by the driver all is named: {compiled}"
    assert not compiled.post_compile_params, f"a list is asked for as one value (`columns.among`): {compiled}"
    stored = (compiled.binds[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE) for name in compiled.positiontup)
    fixed = {name: compiled.binds[name].value for name in compiled.positiontup if name not in names}
    kinds = [column.type for column in compiled._result_columns]
    changes = ((place, kind.dialect_impl(_SQLITE).result_processor(_SQLITE, None)) for place, kind in enumerate(kinds))
    marks = tuple(zip(compiled.positiontup, stored, strict=True))
    return str(compiled), marks, fixed, tuple((place, change) for place, change in changes if change is not None)
