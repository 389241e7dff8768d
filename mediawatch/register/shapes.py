"""What the columns of the two tables of a register are: accounts with their targets, units with their contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args, get_origin

from mediawatch.adapters import ADAPTERS
from mediawatch.register.entry import ContactEntry, Entry, FilingEntry, UnitEntry
from mediawatch.register.sheet import Shape

_ADDRESS = {name: one for adapter in ADAPTERS.values() for name, one in adapter.address.model_fields.items()}
_LISTS = frozenset(name for name, one in _ADDRESS.items() if get_origin(one.annotation) is tuple)
_WORDS = frozenset(name for name in _LISTS if not hasattr(get_args(_ADDRESS[name].annotation)[0], "model_fields"))
_TARGET = ("adapter", *_ADDRESS, "covers")

ACCOUNTS = Shape(
    own=frozenset(Entry.model_fields) - {"targets", "filing"},
    within=dict.fromkeys(FilingEntry.model_fields, "filing"),
    parts="targets",
    part={name: name for name in _TARGET},
    needed=("id", "name", "kind"),
    lists=frozenset({"tags", "covers", "app_stores"}) | _WORDS,
    numbers=frozenset(name for name, one in _ADDRESS.items() if one.annotation is int),
    structured=_LISTS - _WORDS,
    bare=True,
)

UNITS = Shape(
    own=frozenset(UnitEntry.model_fields) - {"contacts"},
    parts="contacts",
    part={f"contact_{name}": name for name in ContactEntry.model_fields},
    needed=("id", "name"),
    lists=frozenset({"receivers"}),
    bare=True,
)

_UNITS_SHEETS = ("units", "单位")
_UNITS_ALONE = UNITS.columns - ACCOUNTS.columns


def shape_of(head: Iterable[str], sheet: str = "") -> Shape:
    """Units where the sheet is called so, or a column is only theirs and none says what an account is."""
    names = set(head)
    if sheet.casefold() in _UNITS_SHEETS:
        return UNITS
    return UNITS if names & _UNITS_ALONE and not names & {"kind", "adapter"} else ACCOUNTS
