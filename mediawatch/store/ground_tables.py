"""The tables of what verdicts rest on beside the looks: the editions of the rulebooks. As `tables.py` in all else."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, table_of, words


class BookEditionRow(SQLModel, table=True):
    """A rulebook as the house judged by it from `at` on, whole. Rows are only added."""

    __tablename__: ClassVar[str] = "book_edition"
    __table_args__ = (Index("book_edition_of", "book", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    book: str
    edition: str
    at: datetime
    content: str = words()  # JSON of the book, with the editions before it


BOOK_EDITION = table_of(BookEditionRow)
