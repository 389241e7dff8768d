"""What people and documents are told of inspections and cases: frozen views, in words where words are needed."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from mediawatch.core.campaign import Stage, Standing, Verdict
from mediawatch.core.model import Value
from mediawatch.core.rectification import State
from mediawatch.core.rulebook import Citation


class TallyView(Value):
    """One line of a table of counts. share: checked of registered; pass_rate: passed of determined; both in percent.

    undetermined: could not be seen; undecided: left open by people. Neither is in the rate. problems: accounts with a
    fault that is no veto; again: failed now and last time.
    """

    key: str
    label: str
    registered: int
    checked: int
    share: str
    passed: int
    failed: int
    undetermined: int
    undecided: int
    problems: int
    again: int
    pass_rate: str


class ClauseView(Value):
    """One line of the standard, and the accounts that it counts against."""

    indicator: str
    number: str
    title: str
    severity: str
    accounts: tuple[str, ...]
    cites: tuple[Citation, ...] = ()


class FindingRow(Value):
    """One line of the list of failed accounts (the export row of a circular's annex), or of other problems.

    place: its addresses. judged_at: T (监测时间点). days_over: days of silence beyond the limit, where the line
    counts days. first_found_at: since when it holds, as far as the record reaches. evidence: the first look of the
    proof, by the hash under which the record holds it, or the alert. reviewed: whether people confirmed it.
    """

    place_in_sample: int
    account: str
    name: str
    kind: str
    unit: str
    sponsor: str
    supervisor: str
    region: str
    level: str
    place: str
    filing_no: str = ""
    because: str
    indicator: str
    number: str
    title: str
    severity: str
    says: str
    standing: Standing
    judged_at: AwareDatetime
    newest_at: AwareDatetime | None = None
    days_over: int | None = None
    first_found_at: AwareDatetime | None = None
    evidence: str = ""
    reviewed: bool = False
    decided: tuple[str, ...] = ()
    case: str = ""
    case_state: State | None = None
    due: date | None = None


class UnseenRow(Value):
    """An account of the sample that could not be judged, and why."""

    account: str
    name: str
    kind: str
    unit: str
    verdict: Verdict
    why: tuple[str, ...]


class StatementView(Value):
    """What a unit said, and what was decided about it."""

    number: int
    account: str
    name: str
    indicator: str
    text: str
    by: str
    at: AwareDatetime
    proof: tuple[str, ...] = ()
    upheld: bool | None = None
    decided_by: str = ""
    decided_at: AwareDatetime | None = None
    reason: str = ""


class MoveView(Value):
    """One line of a trace. does: the act in words."""

    at: AwareDatetime
    by: str
    act: str
    does: str
    before: str
    after: str
    note: str = ""
    proof: tuple[str, ...] = ()
    told: dict[str, str] = {}


class CampaignLine(Value):
    """A campaign in one line. waiting: candidates and statements that keep it from being frozen."""

    id: str
    title: str
    stage: Stage
    rulebook: str
    population: int
    drawn: int
    overall: TallyView
    begins_at: AwareDatetime
    judged_at: AwareDatetime
    waiting: int = 0
    digest: str = ""
    frozen_at: AwareDatetime | None = None


class WorkView(Value):
    """What the office did from one instant to another: what circulars print of it."""

    since: AwareDatetime
    until: AwareDatetime
    reminders: int
    alerts: int
    reports: int


class CampaignView(Value):
    """An inspection, whole. Counts of one that is not frozen are provisional.

    rechecked: of those that failed last time. previous, trend: the campaign before, and the overall counts of all
    frozen ones in order of T, this one last. taken_back: what counts in it, and people have dismissed since the freeze
    (the alert, or its case): in none of the lists beside it. acts: what may be done now.
    """

    line: CampaignLine
    edition: str
    rulebook_title: str
    population_at: AwareDatetime
    population_digest: str
    by: tuple[str, ...]
    ratios: tuple[str, ...]
    seed: str = ""
    previous: str = ""
    ordered_by: str
    ordered_at: AwareDatetime
    by_platform: tuple[TallyView, ...]
    by_region: tuple[TallyView, ...]
    by_level: tuple[TallyView, ...]
    by_unit: tuple[TallyView, ...]
    by_reason: tuple[TallyView, ...]
    by_clause: tuple[ClauseView, ...]
    rechecked: TallyView
    trend: tuple[TallyView, ...]
    failures: tuple[FindingRow, ...]
    problems: tuple[FindingRow, ...]
    taken_back: tuple[FindingRow, ...] = ()
    unseen: tuple[UnseenRow, ...]
    waiting: tuple[FindingRow, ...]
    statements: tuple[StatementView, ...]
    trace: tuple[MoveView, ...]
    work: WorkView
    acts: tuple[str, ...]


class CaseLine(Value):
    """A case in one line. days_left: calendar days to the end of the term, negative when over; `None` without one."""

    id: str
    account: str
    name: str
    unit: str
    indicator: str
    title: str
    campaign: str
    state: State
    says: str
    opened_at: AwareDatetime
    due: date | None = None
    days_left: int | None = None
    step: str = ""
    repeat: int = 0
    fixed_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    fixed_before_publication: bool | None = None


class CaseView(Value):
    """A case, whole, with its trace. also: campaigns that found it again. acts: what people may do now."""

    line: CaseLine
    problem: str
    alert: str
    opened_by: str
    receipt_due: date | None = None
    receipt_late: bool = False
    notified_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    reported_at: AwareDatetime | None = None
    recheck_at: AwareDatetime | None = None
    cleared_at: AwareDatetime | None = None
    earlier: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    trace: tuple[MoveView, ...]
    acts: tuple[str, ...]
