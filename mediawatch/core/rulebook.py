"""The standard as data: indicators, and which rule, thresholds, coverage and words apply to whom.

A rulebook is a frozen value; its digest names the edition that a verdict rests on. This module must never read a
file: `settings.py` does that.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any, Literal

from pydantic import Field

from mediawatch.core.model import Finality, Value

Language = Literal["zh_CN", "en"]
Confidence = Literal["verified", "corroborated", "from_memory", "ours"]


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
    params: the rule's own thresholds, checked by the rule's `Params` model.
    severity: `veto` (one fails the account), `serious`, `notice`.
    if_watched: judged only for accounts that have a channel for what it needs (a rung of the app ladder).
    """

    id: str
    number: str = ""
    title: Words
    rule: str
    applies_to: tuple[str, ...]
    needs: dict[str, tuple[str, ...]] = {}
    params: dict[str, Any] = {}
    severity: Literal["veto", "serious", "notice"]
    finality: Finality = Finality.AUTO
    if_watched: bool = False
    cites: tuple[Citation, ...]
    says: Sentences

    def needs_for(self, kind: str) -> tuple[str, ...]:
        """The coverage this indicator needs of an account of that kind before it may fail it."""
        return self.needs.get(kind, self.needs.get("any", ()))


class Rulebook(Value):
    """A named edition of the standard."""

    id: str
    title: Words
    in_force_from: date
    in_force_to: date | None = None
    indicators: tuple[Indicator, ...]

    @property
    def edition(self) -> str:
        """SHA-256 of the whole book in canonical JSON: what a stored verdict names."""
        canonical = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def indicator(self, indicator_id: str) -> Indicator:
        """The indicator of that id. Raises KeyError."""
        for indicator in self.indicators:
            if indicator.id == indicator_id:
                return indicator
        raise KeyError(indicator_id)
