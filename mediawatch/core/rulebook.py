"""The standard as data: indicators, and which rule, thresholds, coverage and words apply to whom.

A rulebook is a frozen value; its digest names the edition that a verdict rests on. One that builds on another is
resolved before it gets here: it holds every line it asks for. This module must never read a file:
`rulebook_file.py` does that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from mediawatch.core.lifecycle import IN_USE, State
from mediawatch.core.model import Finality, Severity, Value
from mediawatch.core.workdays import Calendar

Language = Literal["zh_CN", "en"]
Confidence = Literal["verified", "corroborated", "from_memory", "ours"]

SWITCHES = ("reposts_count", "published_counts", "deleted_count", "exempt_while_closing", "watched_throughout")
"""What the national text leaves open, so that a book must say: `Rulebook.switches`. A rule that needs one has a
threshold of that name; an indicator's own `params` go before the book's switch."""

CLOSING = "closing"
"""The tag of an account whose closing is under way, for `exempt_while_closing`."""


class Words(Value):
    """One text in both languages."""

    zh_CN: str
    en: str

    def in_(self, language: Language) -> str:
        return self.zh_CN if language == "zh_CN" else self.en


class Citation(Value):
    """Where a clause stands, and how sure we are of its wording. Only `verified` text may be shown as official."""

    text: str
    clause: str = ""
    confidence: Confidence


class Sentences(Value):
    """The sentence for each outcome, a template over `Finding.values`."""

    pass_: Words = Field(alias="pass")
    at_risk: Words | None = None
    fail: Words
    unknown: Words


class Indicator(Value):
    """One line of the standard.

    applies_to: kinds of accounts. needs: per kind (or `any`), the coverage a fail needs.
    title: what it is about. fault: what its failing is called, where that is another thing to say.
    params: the rule's own thresholds, checked by the rule's `Params` model.
    severity: `veto` (one fails the account), `serious`, `notice`.
    if_watched: judged only for accounts that have a channel for what it needs (a rung of the app ladder).
    boundary: which day or number is still inside and which is outside (含/不含).
    vantages: how many exits must show a fail before it is one (see `core.vantage`); more than one in a fleet only.
    in_force_from, in_force_to: first and last Shanghai day on which it is asked; the book's where they are not given.
    states: where in its life an account is asked; empty for every state in which it is in use.
    """

    id: str
    number: str = ""
    title: Words
    fault: Words | None = Field(default=None, exclude_if=lambda words: words is None)
    rule: str
    applies_to: tuple[str, ...]
    needs: dict[str, tuple[str, ...]] = {}
    params: dict[str, Any] = {}
    severity: Severity
    finality: Finality = Finality.AUTO
    if_watched: bool = False
    vantages: int = Field(default=1, strict=True, ge=1, le=2, exclude_if=lambda number: number == 1)
    boundary: Words | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    states: tuple[State, ...] = ()
    cites: tuple[Citation, ...]
    says: Sentences

    def in_force_on(self, day: date) -> bool:
        """Whether it is asked on that day, as far as it names days of its own."""
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_to is None or day <= self.in_force_to)

    @property
    def problem(self) -> Words:
        """What it is called on a list of problems."""
        return self.fault or self.title

    def asked_in(self, state: State) -> bool:
        """Whether it is asked of an account in that state of its life."""
        return state in (self.states or IN_USE)

    def needs_for(self, kind: str) -> tuple[str, ...]:
        """The coverage this indicator needs of an account of that kind before it may fail it."""
        return self.needs.get(kind, self.needs.get("any", ()))


class Manual(Value):
    """A line of the standard that no channel decides: shown as needing a person, never judged.

    asks: what the person looks at, and how.
    """

    id: str
    number: str = ""
    title: Words
    applies_to: tuple[str, ...]
    severity: Severity
    boundary: Words | None = None
    cites: tuple[Citation, ...]
    asks: Words


class Switch(Value):
    """How a book answers one question that the national text leaves open, and why."""

    value: bool
    title: Words
    reason: Words


class Rulebook(Value):
    """A named edition of the standard, whole.

    extends: the id of the book it was built on, empty where it stands alone. It changes no verdict and no edition.
    earlier: the edition that holds until this one comes into force, with its own days; see `on`.
    calendar: working days beside the program's own, for what is counted in them.
    manual: what needs a person. switches: answers to `SWITCHES`; a rule's own default holds where one is not given.
    """

    id: str
    title: Words
    in_force_from: date
    in_force_to: date | None = None
    extends: str = ""
    earlier: Rulebook | None = Field(default=None, exclude_if=lambda book: book is None)
    switches: dict[str, Switch] = {}
    calendar: Calendar = Calendar()
    indicators: tuple[Indicator, ...]
    manual: tuple[Manual, ...] = ()

    @property
    def text(self) -> str:
        """All that this edition says, in canonical JSON; not how it came to say it, nor what was said before."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"extends", "earlier"})
        return json.dumps(content, sort_keys=True, ensure_ascii=False)

    @cached_property
    def edition(self) -> str:
        """SHA-256 of its text: what a stored verdict names."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Rulebook:
        """A copy, which has an edition of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("edition", None)
        return copied

    def on(self, day: date) -> Rulebook:
        """The edition that holds on that day: the last that has come into force, the first where none has."""
        return self if self.earlier is None or self.in_force_from <= day else self.earlier.on(day)

    def alone(self) -> Rulebook:
        """This edition without those before it."""
        return self if self.earlier is None else self.model_copy(update={"earlier": None})

    def in_force_on(self, day: date) -> bool:
        """Whether the book holds on that day."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)

    def indicator(self, indicator_id: str) -> Indicator:
        """The indicator of that id. Raises KeyError."""
        for indicator in self.indicators:
            if indicator.id == indicator_id:
                return indicator
        raise KeyError(indicator_id)

    def line(self, indicator_id: str) -> Indicator | None:
        """The indicator of that id, or the one that an earlier edition had; `None` where there never was one."""
        mine = next((one for one in self.indicators if one.id == indicator_id), None)
        return self.earlier.line(indicator_id) if mine is None and self.earlier is not None else mine

    def manual_for(self, kind: str) -> tuple[Manual, ...]:
        """What needs a person for an account of that kind."""
        return tuple(one for one in self.manual if kind in one.applies_to)
