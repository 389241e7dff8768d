"""Many rows by one statement, at the cost of the driver: written, and read.

SQLAlchemy prepares each row of a batch anew, and each statement, which costs several times what the database does with
it. Here a statement is compiled once; its rows go to the driver as they are stored and come back as plain tuples, by
the very types that SQLAlchemy would have asked, column by column. It must not know a table.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, DateTime, Executable, Select
from sqlalchemy.dialects import registry, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

_SQLITE = sqlite.dialect()
_Change = Callable[[Any], Any] | None
NOTHING: Mapping[str, Any] = {}  # for a statement that asks for no values


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
    return int(_at_driver(connection, text, given, lambda raw: raw.executemany(text, given)).rowcount)


def read(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that is asked with these values: the same as `connection.execute` gives, without names.

    values: all that the statement asks for by name, and perhaps more.
    """
    if connection.dialect.name != "sqlite":
        return _asked_of_postgresql(connection, statement, values).fetchall()  # type: ignore[no-any-return]
    text, names, fixed, changes = _compiled(statement, tuple(values))
    told = {**fixed, **values}
    given = [told[name] if stored is None else stored(told[name]) for name, stored in names]
    found: list[tuple[Any, ...]] = _at_driver(connection, text, given, lambda raw: raw.execute(text, given)).fetchall()
    return _changed(found, changes)


def named(connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[Any]:
    """`read`, but each row names its columns, as those of SQLAlchemy do."""
    return list(map(_row_of(statement)._make, read(connection, statement, values)))


@lru_cache(maxsize=128)
def _row_of(statement: Select[Any]) -> Any:
    return namedtuple("Row", [column.name for column in statement.selected_columns])


def change(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> int:
    """One statement for PostgreSQL that changes many rows; how many. values: as for `read`."""
    return int(_asked_of_postgresql(connection, statement, values).rowcount)


def tell(connection: Connection, text: str) -> None:
    """A statement without values, of which no answer is awaited."""
    _at_driver(connection, text, (), lambda raw: raw.execute(text))


def _asked_of_postgresql(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> Any:
    """A cursor over what it answers, in the driver's own binary way. A session of ours tells instants in UTC
    (`engine.py`)."""
    text, names, fixed = _compiled_for_postgresql(statement, tuple(values))
    told = {**fixed, **values}
    given = {name: told[name] if stored is None else stored(told[name]) for name, stored in names}
    return _at_driver(connection, text, given, lambda raw: raw.cursor(binary=True).execute(text, given))


def _changed(
    found: list[tuple[Any, ...]], changes: Sequence[tuple[int, Callable[[Any], Any]]]
) -> list[tuple[Any, ...]]:
    if not found or not changes:
        return found
    columns: list[Iterable[Any]] = list(zip(*found, strict=True))
    for place, to in changes:
        columns[place] = map(to, columns[place])
    return list(zip(*columns, strict=True))


def _at_driver(connection: Connection, text: str, given: Any, act: Callable[[Any], Any]) -> Any:
    """What `act` does with the driver's connection. Its errors are those that SQLAlchemy would have raised, and a
    connection that is lost is one that SQLAlchemy knows to be lost."""
    raw: Any = connection.connection.driver_connection
    dialect = connection.dialect
    errors = dialect.loaded_dbapi.Error
    try:
        return act(raw)
    except errors as error:
        if lost := dialect.is_disconnect(error, raw, None):
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, given, error, errors, hide_parameters=True, connection_invalidated=lost, dialect=dialect
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


@cache
def _postgresql() -> Dialect:
    return registry.load("postgresql.psycopg")()  # type: ignore[no-any-return]


@lru_cache(maxsize=128)
def _compiled_for_postgresql(
    statement: Any, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, _Change], ...], dict[str, Any]]:
    """The text for psycopg; the names of its values and what makes each of them stored; those that it brings itself."""
    dialect = _postgresql()
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert not compiled.post_compile_params, f"a list is asked for as one value (`columns.among`): {compiled}"
    marks = tuple(
        (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in compiled.binds.items()
    )
    fixed = {name: bind.value for name, bind in compiled.binds.items() if name not in names}
    for column in compiled._result_columns:
        kind = column.type.dialect_impl(dialect)
        instant = isinstance(getattr(kind, "impl", kind), DateTime)
        assert instant or kind.result_processor(dialect, None) is None, f"{column.type!r} does not come as it is read"
    return str(compiled), marks, fixed
