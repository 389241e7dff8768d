"""A rectification case (整改): the table of allowed moves, its clocks in working days, and what a re-check proves.

Pure: a case and an act in, the case as it then stands and a line of its trace out. It must never store, look or read a
clock. Source: the practice of the circulars (从发现到销号); no national text fixes the terms: they are the house's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from mediawatch.core.alerting import confirmed
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Evidence, Finality, Finding, Outcome, Value
from mediawatch.core.rulebook import Language, Words
from mediawatch.core.trace import Move
from mediawatch.core.wording import mark
from mediawatch.core.workdays import Workdays


class State(StrEnum):
    """Where a case stands."""

    DETECTED = "detected"  # 发现
    PENDING_REVIEW = "pending_review"  # 待复核
    CONFIRMED = "confirmed"  # 已确认
    DISMISSED = "dismissed"  # 误报
    NOTIFIED = "notified"  # 已交办/通报
    ACKNOWLEDGED = "acknowledged"  # 已签收
    RECTIFYING = "rectifying"  # 整改中
    REPORTED = "reported"  # 已反馈
    RECHECK = "recheck"  # 复查
    CLOSED = "closed"  # 销号
    OVERDUE = "overdue"  # 逾期
    REOPENED = "reopened"  # 整改不到位、反弹


class Act(StrEnum):
    """What may be done with a case: by people, or by the program itself where a clock or a look decides."""

    REVIEW = "review"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    NOTIFY = "notify"
    RECEIVE = "receive"
    PLAN = "plan"  # the unit's measures and who carries them out
    REPORT = "report"
    RECHECK = "recheck"
    CURED = "cured"  # a look, or a person, says that it is put right
    NOT_CURED = "not_cured"
    CLOSE = "close"
    PUBLISH = "publish"  # named in a circular
    LAPSE = "lapse"  # the term went by without a report
    ESCALATE = "escalate"
    RELAPSE = "relapse"
    FOUND = "found"  # an inspection found the same fault while the case was open


def _stays(state: State, *acts: Act) -> dict[Act, State]:
    return dict.fromkeys(acts, state)


_ANY = (Act.PUBLISH, Act.CURED, Act.FOUND)
MOVES: dict[State, dict[Act, State]] = {
    State.DETECTED: {
        Act.REVIEW: State.PENDING_REVIEW,
        Act.CONFIRM: State.CONFIRMED,
        Act.FOUND: State.CONFIRMED,  # what an inspection counts as failed is confirmed
        Act.DISMISS: State.DISMISSED,
    },
    State.PENDING_REVIEW: {
        Act.CONFIRM: State.CONFIRMED,
        Act.FOUND: State.CONFIRMED,
        Act.DISMISS: State.DISMISSED,
    },
    State.CONFIRMED: {
        Act.NOTIFY: State.NOTIFIED,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.CONFIRMED, *_ANY),
    },
    State.NOTIFIED: {
        Act.RECEIVE: State.ACKNOWLEDGED,
        Act.REPORT: State.REPORTED,
        Act.LAPSE: State.OVERDUE,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.NOTIFIED, *_ANY),
    },
    State.ACKNOWLEDGED: {
        Act.PLAN: State.RECTIFYING,
        Act.REPORT: State.REPORTED,
        Act.LAPSE: State.OVERDUE,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.ACKNOWLEDGED, *_ANY),
    },
    State.RECTIFYING: {
        Act.REPORT: State.REPORTED,
        Act.LAPSE: State.OVERDUE,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.RECTIFYING, Act.PLAN, *_ANY),
    },
    State.OVERDUE: {
        Act.NOTIFY: State.NOTIFIED,  # a new term
        Act.REPORT: State.REPORTED,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.OVERDUE, Act.RECEIVE, Act.PLAN, Act.ESCALATE, *_ANY),
    },
    State.REPORTED: {Act.RECHECK: State.RECHECK, **_stays(State.REPORTED, Act.PUBLISH, Act.FOUND)},
    State.RECHECK: {
        Act.NOT_CURED: State.REOPENED,
        Act.CLOSE: State.CLOSED,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.RECHECK, Act.RECHECK, *_ANY),
    },
    State.REOPENED: {
        Act.NOTIFY: State.NOTIFIED,
        Act.REPORT: State.REPORTED,
        Act.LAPSE: State.OVERDUE,
        Act.DISMISS: State.DISMISSED,
        **_stays(State.REOPENED, Act.RECEIVE, Act.PLAN, Act.ESCALATE, *_ANY),
    },
    State.CLOSED: {Act.RELAPSE: State.REOPENED, **_stays(State.CLOSED, Act.PUBLISH)},
    State.DISMISSED: {},
}
"""From each state, what may be done and where it leads."""

OVER = frozenset({State.CLOSED, State.DISMISSED})
UNCONFIRMED = frozenset({State.DETECTED, State.PENDING_REVIEW, State.DISMISSED})
"""Where nobody has found that the fault is one."""
ON_THE_CLOCK = frozenset({State.NOTIFIED, State.ACKNOWLEDGED, State.RECTIFYING, State.REOPENED})
"""Where the term of the notice runs."""
MAY_BE_DISMISSED = frozenset(state for state, moves in MOVES.items() if Act.DISMISS in moves)
MAY_BE_CURED = frozenset(state for state, moves in MOVES.items() if Act.CURED in moves)

STEPS = ("supervise", "name", "talk", "account", "close")
"""How an overdue case is escalated, from mild to hard: 督办 通报 约谈 问责 关停. No step may follow a harder one."""

FORMS = ("talk", "written", "criticised", "warning", "moved", "other")
"""Forms of accountability as the yearly form counts them: 约谈 书面检查 通报批评 警告或记过处分 调离岗位或免职 其他."""

ONE_LOOK = frozenset({"stale", "weekly", "monthly_original"})
"""Rules whose pass rests on a post that is there: one look proves it. Of all others two looks apart must agree."""

TOLD_FOR_A_TIME = frozenset(
    ("content_hits", "backdated", "burst", "required_reposts", "deletions", "bought_fans", "renamed")
)
"""Rules that tell of what happened for some days and then no more, whether it was put right or not: no pass of theirs
proves anything, and only a person can say so."""


class Terms(Value):
    """The house's terms, in working days: review of a detected case, receipt by the unit, rectification and report.

    relapse: calendar days after closing in which the same fault opens the case again. repeat: calendar days in which an
    earlier case makes a repeat offender.
    """

    review: int = Field(default=1, ge=1, le=60)
    receipt: int = Field(default=2, ge=1, le=60)
    report: int = Field(default=10, ge=1, le=250)
    relapse: int = Field(default=90, ge=0, le=366)
    repeat: int = Field(default=366, ge=0, le=1100)


class Case(Value):
    """One matter that a unit must put right. Dates are Shanghai days; instants have zones.

    indicator: empty where a person opened it for something that no line says. problem: in words of a person, or of the
    alert; says: of the standard, in both languages. campaign, alert: where it came from. also: campaigns that found the
    same fault while it was open.
    due: the last day of the running term. recheck_at: looks from then on count. good_at: the first of two looks that
    must agree. fixed_at: since when it is seen to be put right; cleared_at: when the re-check after the report said so.
    published_at: when a circular named it. step: how far it was escalated. earlier: the cases of the same account and
    indicator before this one.
    """

    id: str
    account: str
    name: str = ""
    unit: str = ""
    indicator: str = ""
    problem: str = ""
    says: Words | None = None
    campaign: str = ""
    also: tuple[str, ...] = ()
    alert: str = ""
    finding: Finding | None = None
    state: State
    opened_at: AwareDatetime
    opened_by: str
    due: date | None = None
    receipt_due: date | None = None
    notified_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    reported_at: AwareDatetime | None = None
    recheck_at: AwareDatetime | None = None
    good_at: AwareDatetime | None = None
    fixed_at: AwareDatetime | None = None
    cleared_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    checked_at: AwareDatetime | None = None
    step: str = ""
    earlier: tuple[str, ...] = ()

    def problem_in(self, language: Language) -> str:
        """What is wrong, in words; of a candidate also whether a person has confirmed it."""
        if self.says is None:
            return self.problem
        confirmed = self.state not in UNCONFIRMED
        return self.says.in_(language) + (mark(self.finding, language, confirmed=confirmed) if self.finding else "")

    @property
    def open(self) -> bool:
        return self.state not in OVER

    @property
    def fixed_before_publication(self) -> bool | None:
        """Whether it was put right before it was named; `None` where it was not named."""
        if self.published_at is None:
            return None
        return self.fixed_at is not None and self.fixed_at < self.published_at


def move(
    case: Case,
    act: Act,
    by: str,
    at: datetime,
    note: str = "",
    *,
    proof: tuple[str, ...] = (),
    told: dict[str, str] | None = None,
    **changes: Any,
) -> tuple[Case, Move]:
    """The case after an act, and the line of its trace. changes: other fields that become true with it.

    Raises ValueError, in words, for an act that the table does not allow, or that nobody does.
    """
    allowed = MOVES[case.state]
    if act not in allowed:
        names = ", ".join(sorted(one.value for one in allowed)) or "nothing any more"
        raise ValueError(f"case {case.id} is {case.state.value}: {act.value} is not possible now; what is: {names}")
    if not by.strip():
        raise ValueError("an act needs the name of who does it")
    after = case.model_copy(update={"state": allowed[act], **changes})
    line = Move(
        subject=f"case:{case.id}",
        act=act.value,
        before=case.state.value,
        after=after.state.value,
        by=by,
        at=at,
        note=note,
        proof=proof,
        told=told or {},
    )
    return after, line


def term(workdays: Workdays, at: datetime, days: int) -> date:
    """The last day of a term of so many working days that begins on the day after `at`. Raises WorkdaysUnknown."""
    return workdays.add_workdays(day_of(at), days)


def lapsed(case: Case, now: datetime) -> bool:
    """Whether the term is over without a report: from the midnight after its last day on."""
    return case.state in ON_THE_CLOCK and case.due is not None and now >= midnight_after(case.due)


def escalation(case: Case, step: str) -> str:
    """The step, where it may follow. Raises ValueError, in words."""
    if step not in STEPS:
        raise ValueError(f"no such step: {step}; there are {', '.join(STEPS)}")
    if case.step and STEPS.index(step) < STEPS.index(case.step):
        raise ValueError(f"case {case.id} was escalated to {case.step} already; {step} lies before it")
    return step


def proves(
    case: Case, finding: Finding, evidence: Evidence, rule: str, recheck: timedelta
) -> tuple[Act | None, dict[str, Any]]:
    """What a new look says of a case, by the line of the standard that it is about; and the fields that change.

    A pass must be seen after the re-check was asked for, of most rules twice, `recheck` apart, and must not have come
    by time alone. A fail takes a case back only where every channel of its proof was seen to say so twice, the last
    time after the re-check was asked for, and no person need confirm it. What could not be seen changes nothing.
    """
    checking = case.state is State.RECHECK
    since = case.recheck_at if checking else case.opened_at
    known = case.cleared_at if checking else case.fixed_at
    if since is None:
        return None, {}
    if finding.outcome is Outcome.FAIL:
        final = finding.finality is Finality.AUTO and confirmed(finding, recheck)
        if checking and final and max(at for _, at in finding.proof) >= since:
            return Act.NOT_CURED, {"good_at": None, "fixed_at": None, "cleared_at": None}
        again = {"good_at": None, **({"fixed_at": None} if final and not checking else {})}
        return None, {name: value for name, value in again.items() if getattr(case, name) is not None}
    if finding.outcome is Outcome.UNKNOWN or known is not None or rule in TOLD_FOR_A_TIME:
        return None, {}
    seen = [look.at for look in evidence.looks if look.trusted and look.seen is not None and look.at >= since]
    if not seen:
        return None, {}
    if rule in ONE_LOOK or (case.good_at is not None and seen[-1] - case.good_at >= recheck):
        cured: dict[str, Any] = {"fixed_at": case.fixed_at or case.good_at or seen[-1]}
        return Act.CURED, {**cured, "cleared_at": seen[-1]} if checking else cured
    return None, {} if case.good_at is not None else {"good_at": seen[-1]}


def repeats(case: Case, cases: Iterable[Case], days: int) -> tuple[str, ...]:
    """The ids of the account's cases about the same line in the days before, as they were opened; false ones not, nor
    those of a unit that had it before."""
    found = [
        one
        for one in cases
        if (one.account, one.unit, one.indicator) == (case.account, case.unit, case.indicator)
        and one.state is not State.DISMISSED
        and one.id != case.id
        and case.opened_at - timedelta(days=days) <= one.opened_at <= case.opened_at
    ]
    return tuple(one.id for one in sorted(found, key=lambda one: (one.opened_at, one.id)))
