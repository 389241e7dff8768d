"""The tables of what verdicts rest on beside the looks: the editions of the rulebooks, and what the register says of
accounts beside others. As `tables.py` in all else.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, table_of, words

_OPEN = text("until IS NULL")


class BookEditionRow(SQLModel, table=True):
    """A rulebook as the house judged by it from `at` on, whole. Rows are only added."""

    __tablename__: ClassVar[str] = "book_edition"
    __table_args__ = (Index("book_edition_of", "book", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    book: str
    edition: str
    at: datetime
    content: str = words()  # JSON of the book, with the editions before it


class RegisterMatterRow(SQLModel, table=True):
    """A matter of the register from one account's side, from `since` on, and no more from `until` on."""

    __tablename__: ClassVar[str] = "register_matter"
    __table_args__ = (
        Index("register_matter_of", "account", "id"),
        Index("register_matter_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    account: str
    code: str
    others: str = words()  # JSON list of ids
    shown: str = words()
    since: datetime
    until: datetime | None


REGISTER_MATTER = table_of(RegisterMatterRow)
BOOK_EDITION = table_of(BookEditionRow)
