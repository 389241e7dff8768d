"""What a rule is: one pure function from evidence to a finding, and the model of its thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediawatch.core.calendar import FOREVER as FOREVER
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Evidence, Feed, Finality, Finding, Look, Outcome, Reason, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.value import made

Values = dict[str, str | int | float | bool | None]


Stands = Callable[[Evidence, Any, Finding], datetime | None]
Restated = Callable[[Finding, Evidence, Indicator, Any, Any], Finding | None]

LAST_LOOKS = 20
"""So many of the last looks of each target evidence holds, besides the first and the last that saw anything."""
PARTS = frozenset({"posts", "visits", "profiles", "series", "hits", "matters", "beside"})
"""What evidence holds beside the account and its looks, as `Evidence` names it."""


def a_pass_for_the_day(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
    """`Rule.stands` where days are counted: a pass, until the Shanghai day is over."""
    return midnight_after(day_of(evidence.now)) if finding.outcome is Outcome.PASS else None


def a_pass(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
    """`Rule.stands` where only what is new can end a pass."""
    return FOREVER if finding.outcome is Outcome.PASS else None


def a_pass_and(*open_: str) -> Stands:
    """The same, and where an `unknown` for one of these reasons is ended only by a look that shows more."""

    def stands(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
        untold = finding.outcome is Outcome.UNKNOWN and finding.values["why"] in open_
        return FOREVER if untold or finding.outcome is Outcome.PASS else None

    return stands


def whatever(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
    """`Rule.keeps` where the clock decides nothing."""
    return FOREVER


def unless_a_fail(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
    """`Rule.keeps` where time may end a fail, and nothing else that the finding does not say itself."""
    return None if finding.outcome is Outcome.FAIL else FOREVER


def unless_it_counts(*days: str) -> Stands:
    """`Rule.keeps` where an answer with one of these values counts days up to the present: until the day is over."""

    def keeps(evidence: Evidence, params: Any, finding: Finding) -> datetime | None:
        return FOREVER if finding.values.keys().isdisjoint(days) else midnight_after(day_of(evidence.now))

    return keeps


THREE = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN})
ALL_FOUR = frozenset(Outcome)


@dataclass(frozen=True)
class Rule:
    """params: the model of the thresholds in the rulebook; judge: evidence, the indicator, its thresholds → finding.

    outcomes: which answers it can give. last_word: whether it speaks of a state, so that the last answer of a channel
    decides (a store that lists an app again); without that answer the one before it stands. stands: until when an
    answer stands while looks go on showing what the last one showed, what the finding itself says (`holds_until`,
    `warns_at`) apart; `None` where the next look may change it. keeps: the same of any answer
    where nobody looks at all, and the clock alone goes on; `None` where any instant may change it. by_counts: whether
    its pass rests on nothing but the account and its daily counts, so that it can be asked again of these alone.
    restated: the answer by other thresholds of one that stands and that nobody has looked at since, of evidence that
    holds nothing but the account and the instant, the thresholds before and those now; `None` where the evidence is to
    be read. reads: of `PARTS` those that it rests on.
    """

    name: str
    params: type[Value]
    judge: Callable[[Evidence, Indicator, Any], Finding]
    outcomes: frozenset[Outcome] = THREE
    last_word: bool = False
    stands: Stands | None = None
    keeps: Stands | None = None
    by_counts: bool = False
    restated: Restated | None = None
    reads: frozenset[str] = PARTS


def last_reason(looks: Sequence[Look]) -> Reason | None:
    """Why the last look showed nothing, or `None` where it showed something (or there was none)."""
    failure = looks[-1].failure if looks else None
    return failure.reason if failure is not None else None


def ever_seen(evidence: Evidence) -> bool:
    """Whether any look showed anything."""
    for look in evidence.looks:  # noqa: SIM110 (a third of the cost of `any`, asked by half of the rules)
        if look.seen is not None:
            return True
    return False


def last_list(evidence: Evidence) -> datetime:
    """The instant of the last look that read a list; `evidence.now` where none did."""
    for look in reversed(evidence.looks):  # nearly always the last
        if isinstance(look.seen, Feed):
            return look.at
    return evidence.now


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
    return made(Finding, {**answer.__dict__, "severity": "notice", "holds_until": max(until, evidence.now)})
