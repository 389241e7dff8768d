"""The offices that answer for accounts, as a tree: whom to turn to, and who stands above. Pure values.

A unit's contacts are personal data: they are shown to the office itself, and leave it in no notice, page, roll-up or
snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mediawatch.core.value import Value


class Contact(Value):
    """A person to turn to, with as little about them as serves. `role`: what they answer for."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""


class Unit(Value):
    """One office (单位): who answers for accounts, or stands above those that do.

    parent: the unit above, empty for the top. level: as an account's. region: GB/T 2260 code. uscc: its unified social
    credit code (统一社会信用代码). receivers: names of the receivers that are told for this unit.
    """

    id: str
    name: str
    parent: str = ""
    level: str = ""
    region: str = ""
    uscc: str = ""
    contacts: tuple[Contact, ...] = ()
    receivers: tuple[str, ...] = ()


def chain(units: Mapping[str, Unit], unit: str) -> tuple[Unit, ...]:
    """The unit and those above it, from the nearest to the top; empty for a unit that is not there.

    A circle ends where it closes: a tree that was checked has none.
    """
    found: dict[str, Unit] = {}
    while unit in units and unit not in found:
        found[unit] = units[unit]
        unit = units[unit].parent
    return tuple(found.values())


def below(units: Mapping[str, Unit], unit: str) -> frozenset[str]:
    """The unit and every unit under it, by id; empty for a unit that is not there."""
    under: dict[str, list[str]] = {}
    for one in units.values():
        under.setdefault(one.parent, []).append(one.id)
    found, left = set[str](), [unit] if unit in units else []
    while left:
        one_id = left.pop()
        if one_id not in found:
            found.add(one_id)
            left += under.get(one_id, ())
    return frozenset(found)


def circles(units: Iterable[Unit]) -> frozenset[str]:
    """The units that stand above themselves, by id."""
    parents = {unit.id: unit.parent for unit in units}
    done, wrong = set[str](), set[str]()
    for start in parents:
        path: dict[str, None] = {}
        one = start
        while one in parents and one not in done and one not in path:
            path[one] = None
            one = parents[one]
        if one in path:
            wrong |= set(list(path)[list(path).index(one) :])
        done |= path.keys()
    return frozenset(wrong)
