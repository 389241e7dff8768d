"""Where the operator is, where they came from, and what is remembered of it: places, their trail and the history. Pure.

A place is a value, so that going back is asking for the same place again; it must not hold a screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mediawatch.core.filtering import Filter, Label, level
from mediawatch.core.reading import EVERYTHING


@dataclass(frozen=True)
class Place:
    """One view. screen: its kind. subject: what it is about (an account, a region code). label: that, for people.

    within: the filter that the way here has set. up: one level higher.
    """

    screen: str
    subject: str = ""
    label: str = ""
    within: Filter = EVERYTHING
    up: Place | None = None

    @property
    def trail(self) -> tuple[Place, ...]:
        """From the highest level down to this one."""
        return (*(self.up.trail if self.up else ()), self)


def exactly(key: str, value: str) -> Filter:
    """The filter of a way down: exactly what has that label."""
    return Filter(terms=(Label(key=key, values=(level(value).casefold(),), exact=True),))


_KINDS = {"case": "case", "campaign": "inspection"}


def about(subject: str, name: str, up: Place) -> Place | None:
    """Where what an alert is about is shown: an account, a case, an inspection, a platform; `None` where nowhere is."""
    kind, _, what = subject.partition(":")
    if not what:
        return Place("account", subject, name, up=up) if subject else None
    if kind in _KINDS:
        return Place(_KINDS[kind], what, name, up=up)
    return Place("platforms") if kind in ("platform", "session") else None


@dataclass
class History:
    """Where we have been, in order, and where in it we are."""

    places: list[Place] = field(default_factory=list)
    at: int = -1
    last: Place | None = None  # the view before this one, however it was left

    @property
    def here(self) -> Place | None:
        """The present place."""
        return self.places[self.at] if self.places else None

    def go(self, place: Place) -> None:
        """A new view: what lay ahead in the history is forgotten."""
        if place == self.here:
            return
        self.last = self.here
        del self.places[self.at + 1 :]
        self.places.append(place)
        self.at = len(self.places) - 1

    def step(self, by: int) -> Place | None:
        """One step back (-1) or on (1) in the history, `None` at its end."""
        if not 0 <= self.at + by < len(self.places):
            return None
        self.last = self.here
        self.at += by
        return self.here
