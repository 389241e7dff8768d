"""Accounts and units → the data that a register's files hold, and that data → the rows of a table: exact both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mediawatch.adapters import ADAPTERS
from mediawatch.core.filing import Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Account, Unit
from mediawatch.register.entry import Entry, UnitEntry
from mediawatch.register.shapes import ACCOUNTS, UNITS
from mediawatch.register.sheet import Shape

Data = dict[str, Any]

_FIELDS = tuple(name for name in Entry.model_fields if name not in ("rulebook", "state", "filing", "targets"))
_ADDRESS = tuple(dict.fromkeys(name for adapter in ADAPTERS.values() for name in adapter.address.model_fields))
ORDER: Mapping[str, tuple[str, ...]] = {
    ACCOUNTS.parts: (
        *(name for name in Entry.model_fields if name not in ("filing", "targets")),
        *Filing.model_fields,
        *("adapter", *_ADDRESS, "covers"),
    ),
    UNITS.parts: (*(name for name in UnitEntry.model_fields if name != "contacts"), *UNITS.part),
}
"""The columns of each table, by what its records have parts of."""


def account_data(account: Account, rulebook: str) -> Data:
    """The account as a file of the register would hold it; `rulebook` is the one that needs no naming."""
    data = {name: _plain(value) for name in _FIELDS if (value := getattr(account, name)) not in ("", None, ())}
    if account.rulebook != rulebook:
        data["rulebook"] = account.rulebook
    if account.state is not State.RUNNING:
        data["state"] = account.state.value
    if filed := account.filing.model_dump(mode="json", exclude_defaults=True):
        data["filing"] = filed
    data["targets"] = [_target(account, index) for index in range(len(account.targets))]
    return data


def unit_data(unit: Unit) -> Data:
    """The unit as a file of the register would hold it."""
    return unit.model_dump(mode="json", exclude_defaults=True) | {
        "contacts": [contact.model_dump(exclude_defaults=True) for contact in unit.contacts]
    }


def table_of(records: Iterable[Data], shape: Shape) -> tuple[list[str], list[list[str]]]:
    """The head row and the rows: those columns that are needed or hold anything, in a fixed order."""
    rows = [row for record in records for row in _rows(record, shape)]
    used = set(shape.needed).union(*(row.keys() for row in rows), {"parent"} if shape is UNITS else ())
    head = [name for name in ORDER[shape.parts] if name in used]
    return head, [[row.get(name, "") for name in head] for row in rows]


def _target(account: Account, index: int) -> Data:
    target = account.targets[index]
    adapter = ADAPTERS[target.adapter]
    feed_of_wechat = (adapter.kind, account.kind) == ("feed", "wechat")
    usual = frozenset() if feed_of_wechat else adapter.covers
    covers = {} if target.covers == usual else {"covers": sorted(target.covers)}
    return {"adapter": target.adapter, **target.address, **covers}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value if isinstance(value, str) else value.isoformat()


def _rows(record: Data, shape: Shape) -> Iterator[dict[str, str]]:
    """One row for each part, each with the record's own cells."""
    whole = {name: value for name, value in record.items() if name in shape.own}
    for under in set(shape.within.values()):
        whole |= record.get(under) or {}
    cells = {name: text for name, value in whole.items() if (text := _cell(name, value, shape))}
    names = {key: column for column, key in shape.part.items()}
    parts = record.get(shape.parts) or [{}]
    for part in parts:
        own = {names[key]: _cell(names[key], value, shape) for key, value in part.items()}
        yield {**cells, **{name: text for name, text in own.items() if text}}


def _cell(column: str, value: Any, shape: Shape) -> str:
    """What `Shape.value` reads as that value again."""
    if column in shape.structured:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        plain = len(value) > 1 or (len(value) == 1 and not any(letter.isspace() for letter in value[0]))
        if plain and not any("|" in item or item != item.strip() or item[:1] == "[" for item in value):
            return "|".join(value)
        return json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
