"""What columns are made of: text that cannot break a batch, row ids, and the plain `Table` of a row's class; and how a
column is asked for a whole batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Integer, Select, Table, Text, any_, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


def storable(words: str) -> str:
    """The text without what only one of the engines would take: NUL and lone surrogates."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """Text that came from outside. It was cleaned at ingest; this keeps one bad character from losing a batch."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


# Weibo ids do not fit 32 bits, and a row count may not either; SQLite counts rows only in its own INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


def words(**more: Any) -> Any:
    return Field(sa_type=Words, **more)


def table_of(row: type[SQLModel]) -> Table:
    table: Table = row.__table__  # type: ignore[attr-defined]
    return table


def by_ids(statement: Select[Any], column: Column[Any]) -> dict[str, Select[Any]]:
    """The statement, of the rows whose column is one of the list `:ids`, by the engine's name.

    PostgreSQL takes the list as one parameter, so that batches of any length are one prepared statement.
    """
    return {
        "sqlite": statement.where(column.in_(bindparam("ids", expanding=True))),
        "postgresql": statement.where(column == any_(bindparam("ids", type_=ARRAY(Text)))),
    }
