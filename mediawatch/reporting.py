"""Gathers what a document is made of, as one frozen view: the record is read here, and put on paper in `reports/`.

It must not write to the record, nor publish anything: who issues a document is a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import day_of, midnight_after, midnight_of
from mediawatch.core.campaign import Member, Result, Stage, Tally, Verdict, tally
from mediawatch.core.office_views import CaseLine, TallyView
from mediawatch.core.rectification import OVER, term
from mediawatch.core.report_views import (
    Circular,
    Issue,
    Letter,
    Quarter,
    SupervisionYear,
    WorkYear,
    heaviest,
    summed,
)
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.workdays import WorkdaysUnknown
from mediawatch.policy import Policy
from mediawatch.store import report_reads
from mediawatch.store.inspections import Campaigns
from mediawatch.store.past import Past
from mediawatch.store.query import Query
from mediawatch.store.store import Store

SITE = "website"
_WEIGHT = (Verdict.UNDETERMINED, Verdict.UNDECIDED, Verdict.PASSED, Verdict.FAILED)
"""Of several results of one account in a quarter the last of these counts."""


def circular(
    store: Store, query: Query, policy: Policy, campaign: str, issue: Issue, now: datetime, due: date | None = None
) -> Circular:
    """A campaign as a circular tells of it. due: the end of the term; else that of its cases, else the house's from
    today. Raises KeyError for an unknown campaign, ValueError for one that was not judged."""
    view = query.campaign(campaign, now)
    if view.line.stage not in (Stage.JUDGED, Stage.FROZEN):
        raise ValueError(
            f"campaign {campaign} is {view.line.stage.value}: there is nothing to tell before it is judged"
        )
    known = max((row.due for row in view.failures if row.due), default=None)
    with store.reading() as connection:
        held = report_reads.held(connection, view.population_at, now)
    return Circular(
        issue=issue,
        view=view,
        due=due or known or _term(policy, now),
        proposed=not (due or known),
        held=heaviest(held),
    )


def supervision_year(store: Store, year: int, issue: Issue) -> SupervisionYear:
    """The yearly form of supervision, from the frozen campaigns and the cases of a Shanghai year."""
    with store.reading() as connection:
        campaigns = Campaigns(connection)
        frozen = [one for one in campaigns.all() if one.stage is Stage.FROZEN]
        quarters = []
        for number in (1, 2, 3, 4):
            first, last = date(year, 3 * number - 2, 1), _end(year, number)
            mine = [one for one in frozen if first <= day_of(one.plan.judged_at) <= last]
            mine.sort(key=lambda one: one.plan.judged_at)
            members = _merged(campaigns.members(one.plan.id) for one in mine)
            since, until = midnight_of(first), midnight_after(last)
            quarters.append(
                Quarter(
                    name=f"{year}Q{number}",
                    campaigns=tuple(one.plan.id for one in mine),
                    websites=_counted(members, site=True),
                    media=_counted(members, site=False),
                    held=heaviest(report_reads.held(connection, since, until - timedelta(microseconds=1))),
                )
            )
        opened, closed = report_reads.opened_and_closed(connection, date(year, 1, 1), date(year, 12, 31))
    return SupervisionYear(
        issue=issue, year=year, quarters=tuple(quarters), whole=_year(year, quarters), opened=opened, closed=closed
    )


def work_year(store: Store, year: int, issue: Issue, sponsor: str = "") -> WorkYear:
    """What polls know of the yearly form of work: the block on new media. Raises ValueError for an unknown sponsor."""
    with store.reading() as connection:
        outputs = report_reads.outputs(connection, date(year, 1, 1), date(year, 12, 31), sponsor)
    if not outputs:
        raise ValueError(f"no account of {sponsor or 'the register'} in use: nothing to fill in")
    return WorkYear(issue=issue, year=year, sponsor=sponsor, outputs=outputs)


def letter(store: Store, query: Query, policy: Policy, case: str, issue: Issue, now: datetime) -> Letter:
    """The notice about a case, with its line of the standard and the clauses whose wording may be shown as official.
    Raises KeyError; ValueError where it has no term yet, or is over."""
    view = query.case(case, now)
    if view.line.state in OVER:
        raise ValueError(f"case {case} is {view.line.state.value}: there is nothing more to ask for")
    if view.line.due is None:
        raise ValueError(
            f"case {case} has no term: note it with `mediawatch case notify {case}`, then write its letter"
        )
    book = _book_of(store, policy, view.line)
    line = next((one for one in book.indicators if one.id == view.line.indicator), None) if book else None
    if line is None:
        return Letter(issue=issue, case=view)
    verified = [one for one in line.cites if one.confidence == "verified"]
    return Letter(
        issue=issue,
        case=view,
        title=line.problem.in_(issue.language),
        number=line.number,
        veto=line.severity == "veto",
        clauses=tuple(f"{one.text}（{one.clause}）" if one.clause else one.text for one in verified),
    )


# --- what they are made of --------------------------------------------------------------------------------------------


def _book_of(store: Store, policy: Policy, case: CaseLine) -> Rulebook | None:
    """The book by which the fault was found: the inspection's own, or the account's as it held then."""
    if case.campaign:
        with store.reading() as connection:
            return Campaigns(connection).one(case.campaign).plan.rulebook
    past, at = Past(store), case.opened_at
    book = past.books(policy.books, at).get(past.account(case.account, at).rulebook)
    return book and book.on(day_of(at))


def _term(policy: Policy, now: datetime) -> date | None:
    try:
        return term(policy.workdays, now, policy.terms.report)
    except WorkdaysUnknown:
        return None


def _end(year: int, quarter: int) -> date:
    return date(year + quarter // 4, 3 * quarter % 12 + 1, 1) - timedelta(days=1)


def _merged(
    campaigns: Iterable[tuple[tuple[Member, Result | None], ...]],
) -> tuple[tuple[Member, Result | None], ...]:
    """The accounts of several campaigns, from old to new, each once: as last registered, drawn where it ever was."""
    found: dict[str, tuple[Member, Result | None]] = {}
    for members in campaigns:
        for member, result in members:
            before = found.get(member.account.id)
            if before is not None:
                member = member if member.because else member.model_copy(update={"because": before[0].because})
                known = [one for one in (before[1], result) if one is not None]
                result = max(known, key=lambda one: _WEIGHT.index(one.verdict), default=None)
            found[member.account.id] = (member, result)
    return tuple(found.values())


def _counted(members: Iterable[tuple[Member, Result | None]], *, site: bool) -> TallyView | None:
    mine = [one for one in members if (one[0].account.kind == SITE) is site]
    return _view(tally("", mine)) if mine else None


def _view(one: Tally) -> TallyView:
    return TallyView(**one.model_dump(), label=one.key, share=one.share, pass_rate=one.pass_rate)


def _year(year: int, quarters: list[Quarter]) -> Quarter:
    """The sum of the quarters; what is registered is what the last of them had."""

    def total(found: list[TallyView]) -> TallyView | None:
        if not found:
            return None
        others = [one.model_copy(update={"registered": 0}) for one in found[:-1]]
        return summed(str(year), [*others, found[-1]])

    held: dict[str, int] = {}
    for quarter in quarters:
        for form, count in quarter.held.items():
            held[form] = held.get(form, 0) + count
    return Quarter(
        name=str(year),
        campaigns=tuple(id_ for quarter in quarters for id_ in quarter.campaigns),
        websites=total([one.websites for one in quarters if one.websites]),
        media=total([one.media for one in quarters if one.media]),
        held=held,
    )
