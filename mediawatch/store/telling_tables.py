"""The tables of telling: promises, the messages that carry them, who is silenced, and what people did about it.

The rest of the schema, and the rules that hold for all of it, are in `tables.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Boolean, Index, text
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, table_of
from mediawatch.store.columns import words as _words

_OWED = text("state = 'owed'")


_WAITS = text("state = 'owed' AND sent_in IS NULL")


class NotificationRow(SQLModel, table=True):
    """The outbox: one promise to one receiver. It waits until a message takes it (`sent_in`), and is settled with it.

    state: `owed`, `sent` or `given_up`; `merged` where another notice of its message speaks for it; `spared` where the
    unit has borne enough reminders, so that it is counted and never told.
    """

    __tablename__: ClassVar[str] = "notification"
    __table_args__ = (
        Index("notification_waits", "receiver", "unit", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("notification_of_alert", "alert", "receiver"),
        Index("notification_of_message", "sent_in"),
        Index("notification_of_unit", "unit", "promised_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    key: str = Field(unique=True)
    message: str  # the notice's own id: stored before the first attempt, the same for all
    alert: str = Field(foreign_key="alert.id")
    receiver: str
    unit: str
    cause: str
    rank: int  # of several the lowest is listed first, and of these the one that began first
    order_at: datetime
    notice: str = _words()  # JSON
    state: str
    due_at: datetime
    promised_at: datetime
    sent_in: str | None
    done_at: datetime | None
    answer: str = _words()


class MessageRow(SQLModel, table=True):
    """A message as it was composed, before its first attempt. While it is leased, `next_try` is the end of the lease.

    key: the id that the receiver sees. state: `owed`, `sent` or `given_up`. doubtful: an attempt ended without a word,
    so that the receiver may have it already, and what it says is never changed again. answer: of the
    last attempt, in short, without secrets.
    """

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (
        Index("message_owed", "receiver", "next_try", sqlite_where=_OWED, postgresql_where=_OWED),
        Index("message_of_receiver", "receiver", "id"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    key: str = Field(unique=True)
    receiver: str
    unit: str
    cause: str
    total: int
    view: str = _words()  # JSON of `core.views.Message`
    state: str
    made_at: datetime
    attempts: int
    tried_at: datetime | None
    next_try: datetime
    lease_token: str | None
    doubtful: bool = Field(sa_type=Boolean)
    done_at: datetime | None
    answer: str = _words()


class ReceiverRow(SQLModel, table=True):
    """The last attempt at a receiver, as people may see it: bounded, and without secrets.

    answer: what it meant. sent_at: when it last took anything. failing_since: from when on it has taken nothing that
    was tried; `None` where the last attempt was taken. failed: how many attempts in a row. error: the last no.
    """

    __tablename__: ClassVar[str] = "receiver"

    name: str = Field(primary_key=True)
    tried_at: datetime
    answer: str
    detail: str = _words()
    request: str = _words()
    said: str = _words()
    sent_at: datetime | None
    failing_since: datetime | None
    failed: int
    error: str = _words()


class ToldRow(SQLModel, table=True):
    """When a receiver was last told of a unit: what keeps a group from speaking more often than it may."""

    __tablename__: ClassVar[str] = "told"

    receiver: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    at: datetime


class SilenceRow(SQLModel, table=True):
    """A silence or a maintenance window. It is ended, never deleted: who was not told, and why, stays in the record."""

    __tablename__: ClassVar[str] = "silence"
    __table_args__ = (Index("silence_end", "ends_at"),)

    id: str = Field(primary_key=True)
    kind: str
    matchers: str = _words()  # JSON list
    by: str = _words()
    comment: str = _words()
    starts_at: datetime
    ends_at: datetime
    every: str | None = _words(nullable=True)  # JSON of the recurrence
    made_at: datetime
    ended_at: datetime | None
    ended_by: str = _words()


class ActRow(SQLModel, table=True):
    """What a person did about an alert or a silence: who, when, and in what words. Rows are only added."""

    __tablename__: ClassVar[str] = "act"
    __table_args__ = (Index("act_of_subject", "subject", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    at: datetime
    by: str = _words()
    act: str
    subject: str
    note: str = _words()
    until: datetime | None


NOTIFICATION = table_of(NotificationRow)
MESSAGE = table_of(MessageRow)
RECEIVER = table_of(ReceiverRow)
TOLD = table_of(ToldRow)
SILENCE = table_of(SilenceRow)
ACT = table_of(ActRow)
