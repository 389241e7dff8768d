"""The tables of what is kept beside the record: raw answers that are there, and those that are there no more.

As `tables.py` in all else. The looks themselves are never pruned: their chain names answers by digest, kept or not.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, Words, table_of


class AnswerRow(SQLModel, table=True):
    """A raw answer that is kept. last_at: the last look that brought it. held: the last pruning that found something
    resting on it; 0 for none."""

    __tablename__: ClassVar[str] = "answer"
    __table_args__ = (Index("answer_oldest", "last_at"), {"sqlite_with_rowid": False})

    digest: str = Field(primary_key=True)
    last_at: datetime
    held: int = Field(sa_type=BigInteger)


class PruningRow(SQLModel, table=True):
    """One time that answers were taken away: who had it done and why, how many, and a hash over all their digests.

    root: over the root of the pruning before and the digests in order, so that no tombstone can be added or lost
    unseen; empty while it is under way.
    """

    __tablename__: ClassVar[str] = "pruning"

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    at: datetime
    by: str = Field(sa_type=Words)
    why: str = Field(sa_type=Words)
    before: datetime | None  # answers of looks before it; NULL where they were named otherwise
    answers: int
    size: int = Field(sa_type=BigInteger)  # bytes on the disk
    root: str
    ended_at: datetime | None


class TombstoneRow(SQLModel, table=True):
    """An answer that was taken away. Rows are only added; the same bytes may come back, and go again."""

    __tablename__: ClassVar[str] = "tombstone"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: str = Field(primary_key=True)
    pruning: int = Field(primary_key=True, foreign_key="pruning.id", sa_type=BigInteger)


class LookHourRow(SQLModel, table=True):
    """How many looks of an hour ended so: what charts and counts read instead of the looks themselves.

    hour: its first instant, UTC. reason: empty where something was seen. slot: who counts, so that two that write at
    once do not wait for each other; readers add up.
    """

    __tablename__: ClassVar[str] = "look_hour"
    __table_args__ = (Index("look_hour_last", "platform", "reason", "hour"),)

    hour: datetime = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    adapter: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    slot: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    looks: int


ANSWER = table_of(AnswerRow)
PRUNING = table_of(PruningRow)
TOMBSTONE = table_of(TombstoneRow)
LOOK_HOUR = table_of(LookHourRow)
