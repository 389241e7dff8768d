"""The trail over people's acts and the seals over the record are written here, and nowhere else.

Whoever adds a row to a table of acts calls `follow` in the same transaction. It must not know what an act means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, insert, select, update

from mediawatch.core.seals import Link, Seal, digest_of_looks, digest_of_rows, linked, sealed
from mediawatch.store import batches
from mediawatch.store.office_tables import TRACE
from mediawatch.store.seal_tables import SEAL, SETUP, TRAIL
from mediawatch.store.tables import OBSERVATION, REGISTER_CHANGE, REVIEW, TARGET
from mediawatch.store.telling_tables import ACT

PEOPLES: dict[str, Table] = {table.name: table for table in (ACT, REGISTER_CHANGE, REVIEW, TRACE)}
ACTS = {**PEOPLES, SETUP.name: SETUP}  # what the trail runs over: with what looks were made, too
# Looks younger than this are left to the next seal: on PostgreSQL a look with a lower id may still be on its way.
SETTLED = timedelta(minutes=15)
_WINDOW = 1000
_FIELDS = tuple(Seal.model_fields)
_LAST = select(*(SEAL.c[name] for name in _FIELDS)).order_by(SEAL.c.id.desc()).limit(1)
_LAST_LINK = select(TRAIL.c.id, TRAIL.c.hash).order_by(TRAIL.c.id.desc()).limit(1)
_SETTLED_LOOK = select(func.max(OBSERVATION.c.id)).where(
    OBSERVATION.c.at <= bindparam("by"), OBSERVATION.c.id > bindparam("since")
)
_HASHES = (
    select(OBSERVATION.c.id, OBSERVATION.c.hash)
    .where(OBSERVATION.c.id > bindparam("since"), OBSERVATION.c.id <= bindparam("upto"))
    .order_by(OBSERVATION.c.id)
)
_SEALED = insert(SEAL).returning(SEAL.c.id)
# By table of acts, its newest row and the last that has a link: on most days no table has a row more.
_REACHED = select(
    *(select(func.max(table.c.id)).scalar_subquery().label(f"newest_{name}") for name, table in ACTS.items()),
    *(
        select(func.max(TRAIL.c.last)).where(TRAIL.c.of == name).scalar_subquery().label(f"last_{name}")
        for name in ACTS
    ),
)


def follow(connection: Connection, table: Table) -> None:
    """Adds one link over all rows of the table that have none yet."""
    own = select(func.max(TRAIL.c.last)).where(TRAIL.c.of == table.name)
    done = connection.execute(own).scalar() or 0
    before = connection.execute(select(TRAIL.c.hash).order_by(TRAIL.c.id.desc()).limit(1).with_for_update()).scalar()
    first, last = connection.execute(select(func.min(table.c.id), func.max(table.c.id)).where(table.c.id > done)).one()
    if first is None:
        return
    digest = digest_of_rows(rows_of(connection, table, first, last))
    hash_ = linked(table.name, first, last, digest, before or "")
    values = {"of": table.name, "first": first, "last": last, "digest": digest}
    connection.execute(insert(TRAIL), {**values, "prev_hash": before or "", "hash": hash_})


def add(connection: Connection, now: datetime) -> Seal:
    """Seals all that stands in the record and is settled. The acts of older versions get their links first."""
    (reached,) = batches.read(connection, _REACHED, batches.NOTHING)
    for table, newest, linked_to in zip(ACTS.values(), reached, reached[len(ACTS) :], strict=False):
        if (newest or 0) > (linked_to or 0):
            follow(connection, table)
    before = last(connection)
    since = before.upto if before is not None else 0
    ((settled,),) = batches.read(connection, _SETTLED_LOOK, {"by": now - SETTLED, "since": since})
    upto = settled or since
    looks, records = digest_of_looks(hashes(connection, since, upto))
    links_ = batches.read(connection, _LAST_LINK, batches.NOTHING)
    link, trail = links_[0] if links_ else (0, "")
    says: dict[str, Any] = {
        "at": now,
        "upto": upto,
        "looks": looks,
        "records": records,
        "link": link,
        "trail": trail,
        "prev_hash": before.hash if before is not None else "",
    }
    values = {**says, "hash": sealed(**says), "stamp": ""}
    id_ = connection.execute(_SEALED, values).scalar_one()
    return Seal(id=id_, **{name: values[name] for name in Seal.model_fields if name != "id"})


def last(connection: Connection) -> Seal | None:
    """The newest seal."""
    found = batches.read(connection, _LAST, batches.NOTHING)
    return Seal(**dict(zip(_FIELDS, found[0], strict=True))) if found else None


def all_of(connection: Connection) -> tuple[Seal, ...]:
    """All seals, from old to new."""
    return tuple(map(_seal, connection.execute(select(SEAL).order_by(SEAL.c.id))))


def unstamped(connection: Connection) -> Seal | None:
    """The newest seal, where it has no time stamp yet: its stamp speaks for all before it."""
    row = connection.execute(select(SEAL).order_by(SEAL.c.id.desc()).limit(1)).one_or_none()
    return None if row is None or row.stamp else _seal(row)


def add_stamp(connection: Connection, seal: int, stamp: str) -> None:
    """Puts a time stamp beside a seal that has none; the seal's own hash does not cover it."""
    connection.execute(update(SEAL).where(SEAL.c.id == seal, SEAL.c.stamp == "").values(stamp=stamp))


def stamps(connection: Connection) -> dict[int, str]:
    """The time stamps by the number of their seal, base64."""
    return {row.id: row.stamp for row in connection.execute(select(SEAL.c.id, SEAL.c.stamp).where(SEAL.c.stamp != ""))}


def links(connection: Connection) -> Iterator[Link]:
    """All links of the trail, from old to new."""
    for row in _streamed(connection, select(TRAIL).order_by(TRAIL.c.id)):
        yield Link(**row._asdict())


def hashes(connection: Connection, since: int, upto: int) -> Iterator[tuple[int, str]]:
    """Row ids and hashes of the looks after `since` and up to `upto`, in the order in which they were written."""
    for row in _streamed(connection, _HASHES, {"since": since, "upto": upto}):
        yield row.id, row.hash


def rows_of(connection: Connection, table: Table, first: int, upto: int) -> Iterator[dict[str, Any]]:
    """The rows `first` to `upto` of a table of acts."""
    asked = select(table).where(table.c.id >= first, table.c.id <= upto).order_by(table.c.id)
    for row in _streamed(connection, asked):
        yield row._asdict()


def newest_row(connection: Connection, table: Table) -> int:
    """The number of the last row of a table of acts; 0 for none."""
    return connection.execute(select(func.max(table.c.id))).scalar() or 0


def setups(connection: Connection) -> frozenset[int]:
    """The numbers that a look may name: of the setups that are there, and 0 for none."""
    return frozenset({0, *connection.execute(select(SETUP.c.id)).scalars()})


def heads(connection: Connection) -> dict[str, str]:
    """By target, the hash that its last look must have; empty where it was never looked at."""
    return {row.id: row.head for row in connection.execute(select(TARGET.c.id, TARGET.c.head))}


def looks_by_target(connection: Connection) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    """Every look in the record, by target, in the order in which they were written."""
    found = _streamed(connection, select(OBSERVATION).order_by(OBSERVATION.c.target, OBSERVATION.c.id))
    for target, looks in groupby(found, lambda row: str(row.target)):
        yield target, (row._asdict() for row in looks)


def _streamed(connection: Connection, asked: Any, values: Mapping[str, Any] = batches.NOTHING) -> Iterator[Row[Any]]:
    yield from connection.execute(asked, values, execution_options={"yield_per": _WINDOW})


def _seal(row: Row[Any]) -> Seal:
    return Seal(**{name: getattr(row, name) for name in Seal.model_fields})
