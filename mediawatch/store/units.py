"""The units of the register in the store. What changed is written and what left is deleted: nothing rests on a unit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from mediawatch.core.list_views import UnitView
from mediawatch.core.model import Contact, Unit
from mediawatch.core.standing import Standing, tallied
from mediawatch.core.units import chain
from mediawatch.store.tables import ACCOUNT, UNIT

_NAMES = tuple(column.name for column in UNIT.c)


def enroll(connection: Connection, units: Sequence[Unit]) -> None:
    """Makes these the units of the store; the same ones again write nothing."""
    wanted = {unit.id: _values(unit) for unit in units}
    known = {row.id: row._asdict() for row in connection.execute(select(UNIT))}
    stale = [one for one, values in known.items() if wanted.get(one) != values]
    for one in stale:
        connection.execute(delete(UNIT).where(UNIT.c.id == one))
    fresh = [values for one, values in wanted.items() if known.get(one) != values]
    if fresh:
        connection.execute(insert(UNIT), fresh)


def all_units(connection: Connection) -> dict[str, Unit]:
    """Every unit, by id, in the order of ids."""
    return {row.id: _unit(row) for row in connection.execute(select(UNIT).order_by(UNIT.c.id))}


def chain_of(connection: Connection, account_id: str) -> tuple[Unit, ...]:
    """The unit of that account and those above it, nearest first."""
    unit = connection.execute(select(ACCOUNT.c.unit).where(ACCOUNT.c.id == account_id)).scalar()
    found: dict[str, Unit] = {}
    while unit and unit not in found:
        row = connection.execute(select(UNIT).where(UNIT.c.id == unit)).one_or_none()
        if row is None:
            break
        found[unit] = _unit(row)
        unit = row.parent
    return tuple(found.values())


def tree(units: Mapping[str, Unit], own: Mapping[tuple[str, Standing], int]) -> tuple[UnitView, ...]:
    """Each unit followed by those below it. own: how many accounts of a unit alone stand how."""
    under: dict[str, list[Unit]] = {}
    for unit in units.values():
        under.setdefault(unit.parent if unit.parent in units else "", []).append(unit)
    total = {unit: Counter[Standing]() for unit in units}
    for (unit_id, standing), number in own.items():
        for above in chain(units, unit_id):
            total[above.id][standing] += number
    shown = []
    left = [(unit, 0) for unit in reversed(under.get("", []))]
    while left:
        unit, depth = left.pop()
        copied = {name: getattr(unit, name) for name in UnitView.model_fields if name in Unit.model_fields}
        alone = sum(own.get((unit.id, standing), 0) for standing in Standing)
        shown.append(UnitView(**copied, depth=depth, accounts=alone, **tallied(total[unit.id])))
        left += [(one, depth + 1) for one in reversed(under.get(unit.id, []))]
    return tuple(shown)


def _values(unit: Unit) -> dict[str, Any]:
    values = unit.model_dump(mode="json")
    return {**values, **{name: json.dumps(values[name], ensure_ascii=False) for name in ("contacts", "receivers")}}


def _unit(row: Row[Any]) -> Unit:
    values = {name: getattr(row, name) for name in _NAMES}
    contacts = tuple(Contact(**one) for one in json.loads(row.contacts))
    return Unit(**{**values, "contacts": contacts, "receivers": tuple(json.loads(row.receivers))})
