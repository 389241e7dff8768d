"""Inspections and cases as people are shown them: a part of `query.py`, under the same rules. It must never write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, func, select

from mediawatch.core import office_views as views
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.campaign import (
    STAGES,
    Line,
    Member,
    Result,
    Stage,
    Tally,
    Verdict,
    by_clause,
    failing,
    settled,
    tallies,
    tally,
)
from mediawatch.core.model import Outcome
from mediawatch.core.office_words import ACTS, BECAUSE, LEVELS, PLATFORMS, STANDINGS
from mediawatch.core.office_words import STATES as STATE_WORDS
from mediawatch.core.rectification import MOVES, Act, Case, State
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Rulebook, Words
from mediawatch.core.sampling import Draw, Ratio
from mediawatch.core.trace import Move
from mediawatch.core.wording import say, why
from mediawatch.store import traces
from mediawatch.store.inspections import Campaigns, Stored
from mediawatch.store.office_tables import TRACE
from mediawatch.store.outbox import SENT
from mediawatch.store.places import own_place
from mediawatch.store.rectifications import Cases
from mediawatch.store.tables import ALERT, NOTIFICATION

if TYPE_CHECKING:
    from mediawatch.store.in_words import InWords
    from mediawatch.store.store import Store

Members = Sequence[tuple[Member, Result | None]]
Group = Literal["all", "platform", "region", "level", "unit", "because"]
_BY_PEOPLE = frozenset(Act) - {Act.LAPSE, Act.RELAPSE, Act.REVIEW, Act.FOUND}


class OfficeQuery:
    """The part of `Query` that shows the office's own work."""

    _store: Store
    _words: InWords

    def campaigns(self, now: datetime) -> tuple[views.CampaignLine, ...]:
        """Every inspection, the latest T first."""
        with self._store.reading() as connection:
            campaigns = Campaigns(connection)
            return tuple(self._campaign_line(campaigns, one, _members(campaigns, one)) for one in campaigns.all())

    def campaign(self, campaign: str, now: datetime) -> views.CampaignView:
        """One inspection, whole. Raises KeyError."""
        with self._store.reading() as connection:
            campaigns = Campaigns(connection)
            stored = campaigns.one(campaign)
            members = _members(campaigns, stored)
            cases = {(one.account, one.indicator): one for one in Cases(connection).find(campaign=campaign)}
            line = self._campaign_line(campaigns, stored, members)
            plan, book = stored.plan, stored.plan.rulebook
            seen = sorted(
                ((member, result) for member, result in members if result is not None), key=lambda one: one[0].place
            )
            trend = [
                tally(one.plan.id, _members(campaigns, one))
                for one in sorted(campaigns.all(), key=lambda one: one.plan.judged_at)
                if one.stage is Stage.FROZEN and one.plan.judged_at < plan.judged_at
            ]

            gone = _taken_back(campaigns, stored, [result for _, result in seen], cases)

            def listed(*choose: str, back: bool = False) -> tuple[views.FindingRow, ...]:
                return tuple(
                    self._finding(stored, member, result, one, cases.get((result.account.id, one.finding.indicator)))
                    for member, result in seen
                    for one in chain.from_iterable(_lines(result, what) for what in choose)
                    if ((result.account.id, one.finding.indicator) in gone) is back
                )

            return views.CampaignView(
                line=line,
                edition=book.edition,
                rulebook_title=book.title.in_(self._words.language),
                population_at=plan.population_at,
                population_digest=stored.population_digest,
                by=plan.by,
                ratios=tuple(map(_ratio, plan.ratios)),
                seed=Draw.model_validate_json(stored.draw).seed if stored.draw else "",
                previous=plan.previous,
                ordered_by=plan.ordered_by,
                ordered_at=plan.ordered_at,
                by_platform=self._tallies(members, lambda one: one.account.kind, "platform"),
                by_region=self._tallies(members, lambda one: one.account.region, "region"),
                by_level=self._tallies(members, lambda one: one.account.level, "level"),
                by_unit=self._tallies(members, lambda one: one.unit, "unit"),
                by_reason=self._tallies(
                    [one for one in members if one[0].because], lambda one: str(one.because), "because"
                ),
                by_clause=self._clauses(book, [result for _, result in seen]),
                rechecked=self._tally(tally("", [one for one in members if one[0].failed_before]), "all"),
                trend=tuple(self._tally(one, "unit") for one in (*trend, tally(plan.id, members))),
                failures=listed("failures"),
                problems=listed("problems"),
                taken_back=listed("failures", "problems", back=True),
                waiting=listed("waiting"),
                unseen=tuple(
                    self._unseen(book, member, result)
                    for member, result in seen
                    if result.verdict in (Verdict.UNDETERMINED, Verdict.UNDECIDED)
                ),
                statements=self._statements(campaigns, campaign, members),
                trace=self._trace(connection, f"campaign:{campaign}"),
                work=_work(connection, plan.population_at, plan.judged_at),
                acts=tuple(STAGES[stored.stage]),
            )

    def published_draw(self, campaign: str) -> str:
        """The draw as it is published (JSON), empty before there is one. Raises KeyError."""
        with self._store.reading() as connection:
            return Campaigns(connection).one(campaign).draw

    def cases(
        self, now: datetime, *, live_only: bool = False, campaign: str = "", account: str = ""
    ) -> tuple[views.CaseLine, ...]:
        """The cases, those with the earliest end of their term first."""
        with self._store.reading() as connection:
            found = Cases(connection).find(campaign=campaign, account=account)
            return tuple(self._case_line(connection, one, now) for one in found if one.open or not live_only)

    def case(self, case: str, now: datetime) -> views.CaseView:
        """One case with its trace. Raises KeyError."""
        with self._store.reading() as connection:
            found = Cases(connection).one(case)
            copied = ("alert", "opened_by", "receipt_due", "notified_at", "received_at", "reported_at")
            late = found.receipt_due is not None and (found.received_at or now) >= midnight_after(found.receipt_due)
            return views.CaseView(
                line=self._case_line(connection, found, now),
                **{name: getattr(found, name) for name in (*copied, "recheck_at", "cleared_at", "earlier", "also")},
                problem=found.problem_in(self._words.language),
                receipt_late=late and found.state is not State.DISMISSED,
                trace=self._trace(connection, f"case:{case}"),
                acts=tuple(act.value for act in MOVES[found.state] if act in _BY_PEOPLE),
            )

    # --- values into views -----------------------------------------------------------------------------------------

    def _campaign_line(self, campaigns: Campaigns, stored: Stored, members: Members) -> views.CampaignLine:
        waiting = sum(line.standing == "waiting" for _, result in members if result for line in result.lines)
        open_ = sum(one.upheld is None for one in campaigns.statements(stored.plan.id))
        return views.CampaignLine(
            id=stored.plan.id,
            title=stored.plan.title,
            stage=stored.stage,
            rulebook=stored.plan.rulebook.id,
            population=len(members),
            drawn=sum(member.because is not None for member, _ in members),
            overall=self._tally(tally("", members), "all"),
            begins_at=stored.plan.begins_at,
            judged_at=stored.plan.judged_at,
            waiting=waiting + open_,
            digest=stored.digest,
            frozen_at=stored.frozen_at,
        )

    def _tallies(self, members: Members, group: Callable[[Member], str], kind: Group) -> tuple[views.TallyView, ...]:
        return tuple(self._tally(one, kind) for one in tallies(members, group))

    def _tally(self, one: Tally, group: Group) -> views.TallyView:
        return views.TallyView(
            **one.model_dump(), label=self._label(one.key, group), share=one.share, pass_rate=one.pass_rate
        )

    def _label(self, key: str, group: Group) -> str:
        words: Mapping[str, Words] = {"platform": PLATFORMS, "level": LEVELS, "because": BECAUSE}.get(group, {})
        if group == "all":
            return "合计" if self._words.language == "zh_CN" else "all"
        return words[key].in_(self._words.language) if key in words else key or "-"

    def _clauses(self, book: Rulebook, results: Iterable[Result]) -> tuple[views.ClauseView, ...]:
        results = tuple(results)
        found = {severity: by_clause(results, severity) for severity in ("veto", "serious")}
        return tuple(
            views.ClauseView(
                indicator=one.id,
                number=one.number,
                title=one.problem.in_(self._words.language),
                severity=one.severity,
                accounts=found[one.severity][one.id],
                cites=one.cites,
            )
            for one in book.indicators
            if one.severity in found and one.id in found[one.severity]
        )

    def _finding(
        self, stored: Stored, member: Member, result: Result, line: Line, case: Case | None
    ) -> views.FindingRow:
        finding, account = line.finding, result.account
        indicator = stored.plan.rulebook.indicator(finding.indicator)
        silent, limit = finding.values.get("days_silent"), finding.values.get("days")
        over = silent - limit if isinstance(silent, int) and isinstance(limit, int) else None
        return views.FindingRow(
            place_in_sample=member.place,
            account=account.id,
            name=account.name,
            kind=account.kind,
            unit=member.unit,
            sponsor=account.sponsor,
            supervisor=account.supervisor,
            region=account.region,
            level=account.level,
            place=own_place(account),
            filing_no=account.filing.filing_no or account.filing.cac_no,
            because=str(member.because),
            indicator=indicator.id,
            number=indicator.number,
            title=indicator.problem.in_(self._words.language),
            severity=indicator.severity,
            says=say(indicator, finding, self._words.language, confirmed=line.standing == "confirmed"),
            standing=line.standing,
            judged_at=finding.judged_at,
            newest_at=result.newest_at,
            days_over=over,
            first_found_at=finding.since,
            evidence=line.alert or next((result.heads[to][:16] for to, _ in finding.proof if to in result.heads), ""),
            reviewed=line.standing == "confirmed",
            decided=line.decided,
            case=case.id if case else "",
            case_state=case.state if case else None,
            due=case.due if case else None,
        )

    def _unseen(self, book: Rulebook, member: Member, result: Result) -> views.UnseenRow:
        told = []
        for line in result.lines:
            indicator = book.indicator(line.finding.indicator)
            open_ = line.standing in ("once", "waiting", "left")
            if line.finding.severity == "veto" and (line.finding.outcome is Outcome.UNKNOWN or open_):
                spoken = self._words.language
                said = why(line.finding, spoken) or say(indicator, line.finding, spoken)
                reason = f"{STANDINGS[line.standing].in_(spoken)}: {said}" if open_ else said
                told.append(f"{indicator.title.in_(self._words.language)}: {reason}")
        account = result.account
        return views.UnseenRow(
            account=account.id,
            name=account.name,
            kind=account.kind,
            unit=member.unit,
            verdict=result.verdict,
            why=tuple(told),
        )

    def _statements(self, campaigns: Campaigns, campaign: str, members: Members) -> tuple[views.StatementView, ...]:
        names = {member.account.id: member.account.name for member, _ in members}
        return tuple(
            views.StatementView(**one.model_dump(), name=names.get(one.account, ""))
            for one in campaigns.statements(campaign)
        )

    def _case_line(self, connection: Connection, case: Case, now: datetime) -> views.CaseLine:
        copied = ("id", "account", "name", "unit", "indicator", "campaign", "state", "opened_at", "due", "step")
        later = ("fixed_at", "published_at", "closed_at", "fixed_before_publication")
        return views.CaseLine(
            **{name: getattr(case, name) for name in (*copied, *later)},
            title=case.problem_in(self._words.language),
            says=STATE_WORDS[case.state].in_(self._words.language),
            days_left=None if case.due is None else (case.due - day_of(now)).days,
            repeat=len(case.earlier),
        )

    def _trace(self, connection: Connection, subject: str) -> tuple[views.MoveView, ...]:
        return tuple(self._move(one) for one in traces.of(connection, subject))

    def _move(self, one: Move) -> views.MoveView:
        does = ACTS[one.act].in_(self._words.language) if one.act in ACTS else one.act
        return views.MoveView(**one.model_dump(exclude={"subject"}), does=does)


def _members(campaigns: Campaigns, stored: Stored) -> Members:
    """The population; what people decided since is in the results of a campaign that is not frozen yet."""
    members = campaigns.members(stored.plan.id)
    if stored.stage is not Stage.JUDGED:
        return members
    statements = campaigns.statements(stored.plan.id)
    reviews = campaigns.reviews({line.alert for _, one in members if one for line in one.lines if line.alert})
    return [(member, one and settled(one, reviews, statements)) for member, one in members]


def _lines(result: Result, choose: str) -> Collection[Line]:
    if choose == "failures":
        return failing(result)
    if choose == "problems":
        return failing(result, "serious")
    return tuple(line for line in result.lines if line.standing == "waiting")


def _taken_back(
    campaigns: Campaigns, stored: Stored, results: Iterable[Result], cases: Mapping[tuple[str, str], Case]
) -> set[tuple[str, str]]:
    """By account and indicator, what people have dismissed since the freeze: the alert, or the case."""
    if stored.stage is not Stage.FROZEN:
        return set()
    alerts = {
        (one.account.id, line.finding.indicator): line.alert for one in results for line in one.lines if line.alert
    }
    reviews = campaigns.reviews(set(alerts.values()))
    back = {place for place, alert in alerts.items() if reviews.get(alert) is Review.DISMISSED}
    return back | {place for place, case in cases.items() if case.state is State.DISMISSED}


def _ratio(ratio: Ratio) -> str:
    asked = [f"{name}={text}" for name in ("level", "platform", "region") if (text := getattr(ratio, name))]
    return f"{','.join(asked)}:{ratio.ratio}" if asked else ratio.ratio


def _work(connection: Connection, since: datetime, until: datetime) -> views.WorkView:
    reminders = select(func.count()).where(
        NOTIFICATION.c.cause == "reminder", NOTIFICATION.c.state == SENT, NOTIFICATION.c.done_at.between(since, until)
    )
    alerts = select(func.count()).where(ALERT.c.level == "breach", ALERT.c.confirmed_at.between(since, until))
    reports = select(func.count()).where(TRACE.c.act == Act.REPORT.value, TRACE.c.at.between(since, until))
    return views.WorkView(
        since=since,
        until=until,
        reminders=connection.execute(reminders).scalar_one(),
        alerts=connection.execute(alerts).scalar_one(),
        reports=connection.execute(reports).scalar_one(),
    )
