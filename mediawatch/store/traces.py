"""Who did what with a campaign or a case, as rows that are only added. It must not decide anything."""

from __future__ import annotations

import json

from sqlalchemy import Connection, insert, select

from mediawatch.core.trace import Move
from mediawatch.store import seals
from mediawatch.store.office_tables import TRACE
from mediawatch.store.rows import canonical


def add(connection: Connection, move: Move) -> None:
    """Adds one line to the trace of what it is about."""
    values = {**move.model_dump(), "proof": canonical(move.proof), "told": canonical(move.told)}
    connection.execute(insert(TRACE), values)
    seals.follow(connection, TRACE)


def of(connection: Connection, subject: str) -> tuple[Move, ...]:
    """The trace of one campaign or case, from old to new."""
    asked = select(TRACE).where(TRACE.c.subject == subject).order_by(TRACE.c.id)
    return tuple(
        Move(
            **{name: getattr(row, name) for name in ("subject", "act", "before", "after", "by", "at", "note")},
            proof=tuple(json.loads(row.proof)),
            told=json.loads(row.told),
        )
        for row in connection.execute(asked)
    )
