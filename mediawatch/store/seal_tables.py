"""The tables of what proves the record: the trail over people's acts, the seals, and with what looks were made. As
`tables.py` in all else.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, table_of


class TrailRow(SQLModel, table=True):
    """One link over rows `first` to `last` of one table of acts: see `core.seals.Link`. Rows are only added."""

    __tablename__: ClassVar[str] = "trail"
    __table_args__ = (UniqueConstraint("of", "first"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    of: str
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    digest: str
    prev_hash: str
    hash: str


class SealRow(SQLModel, table=True):
    """A seal over the record: see `core.seals.Seal`. Rows are only added. stamp: a time stamp by others, base64."""

    __tablename__: ClassVar[str] = "seal"
    __table_args__ = (UniqueConstraint("prev_hash"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    at: datetime
    upto: int = Field(sa_type=BigInteger)
    looks: int = Field(sa_type=BigInteger)
    records: str
    link: int = Field(sa_type=BigInteger)
    trail: str
    prev_hash: str
    hash: str
    stamp: str


class SetupRow(SQLModel, table=True):
    """With what looks were made: see `core.seals.Setup`. Rows are only added; the trail covers them."""

    __tablename__: ClassVar[str] = "setup"

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    at: datetime
    program: str
    books: str
    settings: str
    boot: str
    uptime: int = Field(sa_type=BigInteger)


TRAIL = table_of(TrailRow)
SEAL = table_of(SealRow)
SETUP = table_of(SetupRow)
