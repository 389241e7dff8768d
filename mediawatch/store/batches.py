"""Many rows by one statement, at the cost of the driver: written, and read.

SQLAlchemy prepares each row of a batch anew, which costs several times what SQLite does with it. Here the statement is
compiled once and its rows are handed over as they are stored, by the very types that SQLAlchemy would have asked; what
is read is made of what is stored column by column. It must not know a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite

_SQLITE = sqlite.dialect()
_Stored = Callable[[Any], Any] | None


def run(connection: Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> int:
    """The statement once for each row; every row names the same values. Returns how many rows an update touched.

    PostgreSQL is sent them as one batch, by its driver's own way.
    """
    if not rows:
        return 0
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, rows).rowcount
    text, values, fixed = _compiled(statement, tuple(rows[0]))
    if fixed:
        rows = [{**fixed, **row} for row in rows]
    stored = [tuple([row[name] if kept is None else kept(row[name]) for name, kept in values]) for row in rows]
    return connection.exec_driver_sql(text, stored).rowcount


def read(connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that is asked with these values: the same as `connection.execute` gives, without names.

    values: all that the statement asks for by name, and perhaps more.
    """
    if connection.dialect.name != "sqlite":
        return [tuple(row) for row in connection.execute(statement, values)]
    text, named, fixed = _compiled(statement, tuple(values))
    asked = {**fixed, **values}
    stored = tuple([asked[name] if kept is None else kept(asked[name]) for name, kept in named])
    result = connection.exec_driver_sql(text, stored)
    assert result.cursor is not None
    found: Any = result.cursor.fetchall()
    result.close()
    if not found:
        return []
    columns: list[Any] = list(zip(*found, strict=True))
    for place, told in _told(statement):
        columns[place] = map(told, columns[place])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=64)
def _told(statement: Select[Any]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """Of each column that is not stored as it is told, its place and what makes of it what is told."""
    processors = (one.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None) for one in statement.selected_columns)
    return tuple((place, told) for place, told in enumerate(processors) if told is not None)


@lru_cache(maxsize=64)
def _compiled(statement: Any, names: tuple[str, ...]) -> tuple[str, tuple[tuple[str, _Stored], ...], dict[str, Any]]:
    """The text for SQLite; in the order of its marks, the names of the values and what makes each of them stored; and
    the values that the statement brings itself."""
    compiled = statement.compile(dialect=_SQLITE, column_keys=list(names))
    assert not compiled.insert_prefetch, f"of a row that is written by the driver all is named: {compiled}"
    kept = (compiled.binds[name].type.dialect_impl(_SQLITE).bind_processor(_SQLITE) for name in compiled.positiontup)
    fixed = {name: compiled.binds[name].value for name in compiled.positiontup if name not in names}
    return str(compiled), tuple(zip(compiled.positiontup, kept, strict=True)), fixed
