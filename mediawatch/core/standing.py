"""How an account stands: which of its findings speaks for it, what that is worth later, and many accounts in numbers.

It must not judge: findings come in as they are, and of them one is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Finality, Finding, Outcome, Value, Values


class Standing(StrEnum):
    """How an account stands, as people read it, the most pressing first: its outcome, or, of a fail that waits for a
    person, that it is a `candidate` and accuses nobody yet."""

    FAIL = "fail"
    CANDIDATE = "candidate"
    AT_RISK = "at_risk"
    UNKNOWN = "unknown"
    PASS = "pass"


class Tallied(Value):
    """Accounts in numbers. candidates: how many of those that fail wait for a person."""

    by_outcome: dict[Outcome, int]
    candidates: int = 0

    @property
    def by_standing(self) -> dict[Standing, int]:
        """The same as people read it: a fail that waits for a person is counted as a candidate alone."""
        told = {Standing(code.value): number for code, number in self.by_outcome.items()}
        told |= {Standing.FAIL: told.get(Standing.FAIL, 0) - self.candidates, Standing.CANDIDATE: self.candidates}
        return {one: told.get(one, 0) for one in Standing}


_RANK = {Outcome.PASS: 0, Outcome.AT_RISK: 2, Outcome.UNKNOWN: 3, Outcome.FAIL: 4}
_HINT = {Outcome.UNKNOWN: -1, Outcome.PASS: 0, Outcome.AT_RISK: 1, Outcome.FAIL: 1}  # of a `notice`


def worst(findings: tuple[Finding, ...], told: frozenset[str] = frozenset()) -> Finding | None:
    """The finding that speaks for the account: fail (one that needs no person before a candidate, then a veto before
    others), unknown, at_risk, pass; the first among equals. told: indicators whose fail needs no person any more.

    A hint (of severity `notice`) stands behind every reminder, and one that could not be looked at behind everything:
    it hides nothing, and paints no account unknown of which anything else is known.
    """
    return max(findings, key=lambda one: _weight(one, told), default=None)


def _weight(finding: Finding, told: frozenset[str]) -> tuple[int, bool, bool]:
    rank = 0 if finding.outcome is Outcome.PASS else (_HINT if finding.severity == "notice" else _RANK)[finding.outcome]
    if finding.outcome is not Outcome.FAIL:
        return rank, False, False
    return rank, finding.finality is Finality.AUTO or finding.indicator in told, finding.severity == "veto"


def tallied(stand: Mapping[Standing, int]) -> dict[str, Any]:
    """The fields of a `Tallied`, by how many accounts stand how."""
    by_outcome = {one: stand.get(Standing(one.value), 0) for one in Outcome}
    candidates = stand.get(Standing.CANDIDATE, 0)
    return {"by_outcome": by_outcome | {Outcome.FAIL: by_outcome[Outcome.FAIL] + candidates}, "candidates": candidates}


def standing_of(finding: Finding, told: frozenset[str]) -> Standing:
    """What the finding that speaks for an account says of it. told: as for `worst`."""
    doubted = finding.finality is Finality.CANDIDATE and finding.indicator not in told
    return Standing.CANDIDATE if doubted and finding.counts_as is Outcome.FAIL else Standing(finding.counts_as.value)


def standing_at(finding: Finding, now: datetime) -> Finding:
    """A stored answer as it may be shown at `now`: a pass whose deadline went by without a look is unknown since."""
    good = finding.outcome in (Outcome.PASS, Outcome.AT_RISK)
    if not good or finding.deadline is None:
        return finding
    if now < finding.deadline:
        return finding.model_copy(update={"values": _counted_to(finding.values, now)})
    return finding.model_copy(
        update={
            "outcome": Outcome.UNKNOWN,
            "since": finding.deadline,
            "values": {**finding.values, "why": "not_seen_since_deadline"},
        }
    )


def _counted_to(values: Values, now: datetime) -> Values:
    """Days since and days left, which go on counting between two looks."""
    newest, last_day = values.get("newest"), values.get("last_day")
    if not isinstance(newest, str) or not isinstance(last_day, str):
        return values
    today = day_of(now)
    silent, left = today - date.fromisoformat(newest), date.fromisoformat(last_day) - today
    return {**values, "days_silent": silent.days, "days_left": left.days}
