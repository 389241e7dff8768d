"""The units of a register as its files hold them → a tree of values, or problems with places."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from mediawatch.complaints import Place, about, explain, unknown_name
from mediawatch.core.units import Contact, Unit, circles
from mediawatch.register.entry import UnitEntry
from mediawatch.strict_yaml import Path_, Problem, quoted


class Units:
    """The units so far, and who named which. `receivers`: the names that may be told; `None` where they are not known.

    Which units there are is known only at the end: `problems` is asked then.
    """

    def __init__(self, receivers: Collection[str] | None) -> None:
        self.found: dict[str, Unit] = {}
        self.places: dict[str, tuple[Place, Path_]] = {}
        self._receivers = receivers
        self._problems: list[Problem] = []
        self._broken: set[str] = set()
        self._asked: list[tuple[str, Place, Path_]] = []

    def add(self, raw: Any, place: Place, path: Path_) -> None:
        """One unit as a file holds it, at `path` of `place`."""
        try:
            entry = UnitEntry.model_validate(raw)
        except ValidationError as error:
            self._problems += explain(error, place, path, UnitEntry)
            if isinstance(raw, dict):
                self._broken.add(str(raw.get("id")))
            return
        if entry.id in self.found:
            first = self._here(entry.id)
            message = f"{quoted(entry.id)} is used already, at {first.file}:{first.line}"
            self._problems.append(about(place, (*path, "id"), message))
            return
        contacts = tuple(Contact(**contact.model_dump()) for contact in entry.contacts)
        self.found[entry.id] = Unit(**{**entry.model_dump(exclude={"contacts"}), "contacts": contacts})
        self.places[entry.id] = (place, path)
        if entry.parent:
            self.ask(entry.parent, place, (*path, "parent"))
        for index, name in enumerate(entry.receivers):
            if self._receivers is not None and name not in self._receivers:
                here = (*path, "receivers", index)
                self._problems.append(about(place, here, unknown_name("receiver", name, self._receivers)))

    def ask(self, unit: str, place: Place, path: Path_) -> None:
        """The value at that place names a unit, which must be there in the end."""
        if unit not in self.found or unit in self._broken:
            self._asked.append((unit, place, path))

    def problems(self) -> list[Problem]:
        """All that is wrong, now that every file has been read."""
        missing = [
            about(place, path, unknown_name("unit", unit, self.found))
            for unit, place, path in self._asked
            if unit not in self.found and unit not in self._broken
        ]
        around = []
        for unit in sorted(circles(self.found.values())):
            place, path = self.places[unit]
            around.append(about(place, (*path, "parent"), f"{quoted(unit)} would stand above itself"))
        return [*self._problems, *missing, *around]

    def _here(self, unit: str) -> Problem:
        place, path = self.places[unit]
        return place.problem((*path, "id"), "")
