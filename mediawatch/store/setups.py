"""The setups that looks were made with, each written once; the trail covers them. It must not know what one means."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from mediawatch.core.seals import Setup
from mediawatch.store import seals
from mediawatch.store.seal_tables import SETUP

_SAME = ("program", "books", "settings", "boot")


def keep(connection: Connection, setup: Setup, now: datetime) -> int:
    """The number by which looks name that setup. Of one run of the machine the same setup is kept once."""
    values = setup.model_dump()
    same = select(SETUP.c.id).where(*(SETUP.c[name] == values[name] for name in _SAME)).order_by(SETUP.c.id).limit(1)
    known: int | None = connection.execute(same).scalar()
    if known is not None:
        return known
    added: int = connection.execute(insert(SETUP).returning(SETUP.c.id), {**values, "at": now}).scalar_one()
    seals.follow(connection, SETUP)
    return added


def named(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, str | int]]:
    """Those setups by their number, as text and numbers."""
    rows = connection.execute(select(SETUP).where(SETUP.c.id.in_(numbers)).order_by(SETUP.c.id))
    return {row.id: {**row._asdict(), "at": row.at.isoformat()} for row in rows}
