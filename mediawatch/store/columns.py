"""What columns are made of: harmless text, instants, row ids, and the plain `Table` of a row's class; and how a column
is asked for a whole batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

_TEXT = len("2026-03-01 00:00:00.000000")
BETWEEN = "\x1e"  # the record separator: JSON never holds it as it is


def storable(words: str) -> str:
    """The text without what only one of the engines would take: NUL and lone surrogates."""
    if words.isascii() and "\0" not in words:
        return words
    return words.replace("\0", "").encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """Text that came from outside. It was cleaned at ingest; this keeps one bad character from losing a batch."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def _storable(value: str | None) -> str | None:
    return value if value is None or (value.isascii() and "\0" not in value) else storable(value)


class _PlainWords(Text):
    """`Words` for SQLite, without what a decorator costs for each value."""

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _storable


@lru_cache(maxsize=1024)
def _written(value: datetime | None) -> str | None:
    """Few instants are written by a batch, each of them often."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant has timezone information")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:_TEXT]


class _Instant(sqlite.DATETIME):
    """An instant as SQLite keeps it: text in UTC, always to the microsecond, so that text and time have one order.

    The same bytes as SQLAlchemy's own type writes, at a tenth of its cost: a batch of rows is mostly instants.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        return _written

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None]:
        return _read


@lru_cache(maxsize=1 << 13)
def _read(text: str | None) -> datetime | None:
    """Looks of a batch, and the posts they showed, name the same few instants over and over."""
    return None if text is None else datetime.fromisoformat(text + "+00:00")


class _JsonTexts(TypeDecorator[str]):
    """A list as one text: JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(list(value))


class _ArrayTexts(TypeDecorator[str]):
    """The same for PostgreSQL, whose driver takes a list apart text by text at several times the cost."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return array_of(value)


def array_of(texts: Collection[str]) -> str:
    """The texts as PostgreSQL writes an array of them."""
    listed = '","'.join(texts)
    if "\\" in listed or listed.count('"') != 2 * (len(texts) - 1):
        listed = '","'.join([one.replace("\\", r"\\").replace('"', r"\"") for one in texts])
    return f'{{"{listed}"}}' if texts else "{}"


def instants_of(instants: Iterable[datetime | None]) -> str:
    """The instants as PostgreSQL writes an array of them. Raises ValueError for one without a zone."""
    return "{" + ",".join([_spelled(at) for at in instants]) + "}"


@lru_cache(maxsize=1024)
def _spelled(at: datetime | None) -> str:
    if at is None:
        return "NULL"
    if at.tzinfo is None:
        raise ValueError("an instant has timezone information")
    return at.isoformat()


_TEXTS = Text().with_variant(_JsonTexts(), "sqlite").with_variant(_ArrayTexts(), "postgresql")

# Weibo ids do not fit 32 bits, and a row count may not either; SQLite counts rows only in its own INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


def words(**more: Any) -> Any:
    return Field(sa_type=Words, **more)


def table_of(row: type[SQLModel]) -> Table:
    table: Table = row.__table__  # type: ignore[attr-defined]
    for column in table.c:
        if isinstance(column.type, Words):
            column.type = column.type.with_variant(_PlainWords(), "sqlite")
        elif isinstance(getattr(column.type, "impl", None), DateTime):
            column.type = column.type.with_variant(_Instant(), "sqlite")  # type: ignore[no-untyped-call]
    return table


class among(FunctionElement[bool]):
    """Whether the column is one of the texts of the list `name`.

    Both engines take the list as one parameter, so that batches of any length are one prepared statement.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_TEXTS))

    def self_group(self, against: Any = None) -> Any:
        return self  # or SQLite would be asked whether it `= 1`, which no index answers


class pairs_among(FunctionElement[bool]):
    """The same of two columns together: whether they are one of the pairs of the list `name`."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, first: ColumnElement[Any], second: ColumnElement[Any], name: str) -> None:
        super().__init__(first, second, bindparam(name, type_=_JsonTexts()))

    def self_group(self, against: Any = None) -> Any:
        return self


class joined(FunctionElement[str]):
    """The texts of a column in all rows of a group, one behind the other with `BETWEEN` between them; of several
    columns of one statement in the same order. A row of its own for each costs several times what its texts do."""

    type = Text()
    inherit_cache = True


@compiles(joined, "sqlite")
def _group_concat(element: Any, compiler: Any, **how: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **how)}, char({ord(BETWEEN)}))"


@compiles(joined, "postgresql")
def _string_agg(element: Any, compiler: Any, **how: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **how)}, chr({ord(BETWEEN)}))"


class line_of(FunctionElement[str]):
    """The columns of a row as one JSON list, its instants with their zone. SQLite writes truth as 0 and 1."""

    type = Text()
    inherit_cache = True


@compiles(line_of, "sqlite")
def _json_array(element: Any, compiler: Any, **how: Any) -> str:
    instants = [isinstance(getattr(one.type, "impl", one.type), DateTime) for one in element.clauses]
    names = [compiler.process(one, **how) for one in element.clauses]
    told = [f"{name} || 'Z'" if instant else name for name, instant in zip(names, instants, strict=True)]
    return f"json_array({', '.join(told)})"


@compiles(line_of, "postgresql")
def _json_build_array(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(json_build_array({compiler.process(element.clauses, **how)}) AS text)"


class list_of(FunctionElement[str]):
    """The lines of a group as one JSON list of lists; NULL of none."""

    type = Text()
    inherit_cache = True


@compiles(list_of, "sqlite")
def _concatenated(element: Any, compiler: Any, **how: Any) -> str:
    return f"'[' || group_concat({compiler.process(element.clauses, **how)}) || ']'"


@compiles(list_of, "postgresql")
def _aggregated(element: Any, compiler: Any, **how: Any) -> str:
    return f"'[' || string_agg({compiler.process(element.clauses, **how)}, ',') || ']'"


class bytewise(FunctionElement[str]):
    """A text, to be put in the order of its bytes, which is that of its characters here."""

    type = Text()
    inherit_cache = True


@compiles(bytewise, "sqlite")
def _as_it_is(element: Any, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(bytewise, "postgresql")
def _collated(element: Any, compiler: Any, **how: Any) -> str:
    return f'{compiler.process(element.clauses, **how)} COLLATE "C"'


@compiles(pairs_among, "sqlite")
def _pair_in_json(element: Any, compiler: Any, **how: Any) -> str:
    first, second, listed = (compiler.process(one, **how) for one in element.clauses)
    return f"({first}, {second}) IN (SELECT value ->> 0, value ->> 1 FROM json_each({listed}))"


@compiles(pairs_among, "postgresql")
def _pair_in_array(element: Any, compiler: Any, **how: Any) -> str:
    first, second, listed = (compiler.process(one, **how) for one in element.clauses)
    pairs = f"json_array_elements(CAST({listed} AS json)) AS pair"
    return f"({first}, {second}) IN (SELECT pair ->> 0, pair ->> 1 FROM {pairs})"


@compiles(among, "sqlite")
def _in_json(element: Any, compiler: Any, **how: Any) -> str:
    column, listed = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"


@compiles(among, "postgresql")
def _in_array(element: Any, compiler: Any, **how: Any) -> str:
    column, listed = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} = ANY (CAST({listed} AS text[]))"


def changing(table: Table, *names: str) -> Update:
    """The update of those columns of the row `:one`. Statements are built once: building one costs more than running
    it."""
    return update(table).where(table.c.id == bindparam("one")).values({name: bindparam(name) for name in names})
