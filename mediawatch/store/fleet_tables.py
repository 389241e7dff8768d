"""The table of a fleet's workers. As in `tables.py`; rows never leave the store."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from mediawatch.store.columns import table_of, words


class WorkerRow(SQLModel, table=True):
    """A worker of a fleet, as it last told of itself. Rows of those that ended in order are removed."""

    __tablename__: ClassVar[str] = "worker"

    name: str = Field(primary_key=True)  # its own, for one run
    site: str
    exit: str
    seat: int
    platforms: str = words()  # JSON list of kinds
    host: str = words()
    pid: int
    edition: str  # of the settings, register and books it was started with
    started_at: datetime
    seen_at: datetime


WORKER = table_of(WorkerRow)
