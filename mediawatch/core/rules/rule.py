"""What a rule is: one pure function from evidence to a finding, and the model of its thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediawatch.core.calendar import FOREVER as FOREVER
from mediawatch.core.model import Evidence, Feed, Finality, Finding, Look, Outcome, Reason, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.value import made

Values = dict[str, str | int | float | bool | None]


THREE = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN})
ALL_FOUR = frozenset(Outcome)


@dataclass(frozen=True)
class Rule:
    """params: the model of the thresholds in the rulebook; judge: evidence, the indicator, its thresholds → finding.

    outcomes: which answers it can give. last_word: whether it speaks of a state, so that the last answer of a channel
    decides (a store that lists an app again); without that answer the one before it stands. by_day: whether its pass,
    while looks show what they showed, ends with a Shanghai day or at what the finding itself says, and not within one.
    """

    name: str
    params: type[Value]
    judge: Callable[[Evidence, Indicator, Any], Finding]
    outcomes: frozenset[Outcome] = THREE
    last_word: bool = False
    by_day: bool = False


def last_reason(looks: Sequence[Look]) -> Reason | None:
    """Why the last look showed nothing, or `None` where it showed something (or there was none)."""
    failure = looks[-1].failure if looks else None
    return failure.reason if failure is not None else None


def shows_dates(look: Look) -> bool:
    """True for a whole list of posts with dates: the only kind of look that can speak of silence."""
    return isinstance(look.seen, Feed) and look.seen.complete and look.newest_at is not None


def reaches(look: Look) -> datetime:
    """Until when a look can speak: where a bridge says when it last read the platform, no later than that."""
    synced_at = look.seen.synced_at if isinstance(look.seen, Feed) else None
    return look.at if synced_at is None else min(look.at, synced_at)


def found(
    evidence: Evidence,
    indicator: Indicator,
    outcome: Outcome,
    values: Values,
    *,
    holds_until: datetime,
    since: datetime | None = None,
    warns_at: datetime | None = None,
    deadline: datetime | None = None,
    finality: Finality | None = None,
    proof: tuple[tuple[str, datetime], ...] = (),
) -> Finding:
    """An answer that was seen: pass, at_risk or fail."""
    return made(
        Finding,
        {
            "account": evidence.account.id,
            "indicator": indicator.id,
            "outcome": outcome,
            "judged_at": evidence.now,
            "since": since,
            "holds_until": holds_until,
            "warns_at": warns_at,
            "deadline": deadline,
            "values": values,
            "finality": finality or indicator.finality,
            "severity": indicator.severity,
            "proof": proof,
            "missing": (),
            "reason": None,
        },
    )


def unknown(
    evidence: Evidence,
    indicator: Indicator,
    why: str,
    values: Values | None = None,
    *,
    missing: tuple[str, ...] | None = None,
    since: datetime | None = None,
    deadline: datetime | None = None,
) -> Finding:
    """The answer that accuses nobody. `why` is a code of `wording.WHY`; nothing is proven ahead of `now`."""
    return made(
        Finding,
        {
            "account": evidence.account.id,
            "indicator": indicator.id,
            "outcome": Outcome.UNKNOWN,
            "judged_at": evidence.now,
            "since": since,
            "holds_until": evidence.now,
            "warns_at": None,
            "deadline": deadline,
            "values": {**(values or {}), "why": why},
            "finality": indicator.finality,
            "severity": indicator.severity,
            "proof": (),
            "missing": indicator.needs_for(evidence.account.kind) if missing is None else missing,
            "reason": last_reason(evidence.looks),
        },
    )


def not_excluded(evidence: Evidence, indicator: Indicator, why: str, values: Values, *, until: datetime) -> Finding:
    """The answer where a fault that only several looks together show was neither found nor excluded: the looks that
    would have told are missing. As a hint, whatever the line's severity: it hides nothing else of the account.

    until: when the question is over; another look does not answer it sooner.
    """
    answer = unknown(evidence, indicator, why, values, missing=())
    return answer.model_copy(update={"severity": "notice", "holds_until": max(until, evidence.now)})
