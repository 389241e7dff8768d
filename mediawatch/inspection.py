"""An inspection campaign from the order to the freeze: draw, look, judge, hear the units, freeze.

Each step is one transaction and one line of the trace. It must never look by itself (it asks the scheduling decision
for looks), never judge by anything but the campaign's own book at T, and never change what is frozen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import AwareDatetime, Field

from mediawatch.core.alerting import State
from mediawatch.core.calendar import day_of, told_at
from mediawatch.core.campaign import (
    FAILING,
    NAMED,
    OPEN,
    Member,
    Plan,
    Result,
    Stage,
    Statement,
    Verdict,
    counts,
    impersonal,
    next_stage,
    sealed,
    unit_of,
)
from mediawatch.core.lifecycle import IN_USE
from mediawatch.core.lifecycle import State as Life
from mediawatch.core.model import Account, Value
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.sampling import By, Candidate, Draw, Ratio, population_digest
from mediawatch.core.sampling import draw as drawn_by
from mediawatch.core.schedule import Due
from mediawatch.core.text import clean
from mediawatch.core.trace import Move
from mediawatch.policy import Policy
from mediawatch.results import judged, refuted, settle, with_words
from mediawatch.store.inspections import Stored
from mediawatch.store.past import Past
from mediawatch.store.store import Ledger


class Order(Value):
    """A new campaign, as it is ordered. Fields as in `core.campaign.Plan`; without `population_at` the present.

    rulebook: the book itself, or the name of one that the house knows.
    """

    id: str = Field(pattern=NAMED)
    title: str = ""
    rulebook: Rulebook | str
    population_at: AwareDatetime | None = None
    begins_at: AwareDatetime
    judged_at: AwareDatetime
    by: tuple[By, ...] = ("level", "platform", "region")
    ratios: tuple[Ratio, ...]
    previous: str = ""


class Seed(Value):
    """The seed of a draw, published with it."""

    id: str
    seed: str = Field(min_length=1, max_length=200)


class Named(Value):
    """A step that needs nothing but the campaign."""

    id: str
    note: str = ""


class Objection(Value):
    """What a unit says against a result (申辩): to one line, or without `indicator` to all of the account."""

    id: str
    account: str
    indicator: str = ""
    text: str = Field(min_length=1, max_length=4000)
    proof: tuple[str, ...] = ()


class Ruling(Value):
    """What becomes of a statement, and why."""

    id: str
    number: int
    upheld: bool
    reason: str = Field(min_length=1, max_length=2000)


class Freeze(Value):
    """leave: candidates that nobody has decided are left open for good, counted apart."""

    id: str
    leave: bool = False
    note: str = ""


class Done(Value):
    """Where a campaign stands after a step, and the numbers to tell."""

    campaign: str
    stage: Stage
    told: dict[str, str] = {}


# --- the steps -------------------------------------------------------------------------------------------------------


def new(ledger: Ledger, policy: Policy, said: Order, by: str, now: datetime) -> Done:
    """Orders a campaign and freezes its population: accounts in use at that instant, canaries and unfiled ones not.

    Raises ValueError, in words; KeyError for an unknown previous campaign.
    """
    at = said.population_at or now
    if at > now:
        raise ValueError("the register is frozen at an instant that has come, not at one to come")
    if said.begins_at >= said.judged_at:
        raise ValueError("the look window must begin before T, the instant of judgement")
    book = _book(policy, said.rulebook).on(day_of(said.judged_at))
    if not book.in_force_on(day_of(said.judged_at)):
        raise ValueError(f"{book.id} is not in force on {day_of(said.judged_at)}, the day of judgement")
    before = _failed(ledger, said.previous)
    plan = Plan(**{**said.__dict__, "population_at": at, "rulebook": book.alone()}, ordered_by=by, ordered_at=now)
    members = tuple(
        Member(
            account=impersonal(one),
            unit=unit_of(one, ledger.unit_chain(one.id)),
            main=bool(one.filing.main),
            failed_before=one.id in before,
        )
        for one in _population(ledger, at)
    )
    if not members:
        raise ValueError(f"no account was in use in the register at {told_at(at)}")
    digest = population_digest(map(_candidate, members))
    drawn_by(map(_candidate, members), plan.by, plan.ratios, "try")  # the ratios must fit before there is a seed
    ledger.campaigns.add(plan, digest, members)
    _note(ledger, plan.id, "new", "", Stage.PLANNED, by, now, told={"population": str(len(members)), "digest": digest})
    return Done(campaign=plan.id, stage=Stage.PLANNED, told={"population": str(len(members)), "digest": digest})


def draw(ledger: Ledger, policy: Policy, said: Seed, by: str, now: datetime) -> Done:
    """Draws the sample from a seed. Raises ValueError, in words; KeyError for an unknown campaign."""
    stored, stage = _step(ledger, said.id, "draw")
    members = {member.account.id: member for member, _ in ledger.campaigns.members(said.id)}
    population = tuple(map(_candidate, members.values()))
    sample, strata = drawn_by(population, stored.plan.by, stored.plan.ratios, said.seed)
    published = Draw(
        campaign=said.id,
        population_at=stored.plan.population_at.isoformat(),
        population_digest=stored.population_digest,
        by=stored.plan.by,
        ratios=stored.plan.ratios,
        seed=said.seed,
        population=population,
        drawn=sample,
    )
    placed = [
        members[one.account].model_copy(update={"because": one.because, "place": place})
        for place, one in enumerate(sample, start=1)
    ]
    ledger.campaigns.save_draw(published, placed)
    told = {"seed": said.seed, "drawn": str(len(sample)), "strata": str(len(strata))}
    _note(ledger, said.id, "draw", stored.stage, stage, by, now, told=told)
    return Done(campaign=said.id, stage=stage, told=told)


def look(ledger: Ledger, policy: Policy, said: Named, by: str, now: datetime) -> Done:
    """Opens the look window: the scheduling decision looks at every target of the sample within it."""
    stored, stage = _step(ledger, said.id, "look")
    if now >= stored.plan.judged_at:
        raise ValueError(f"the look window closed at {told_at(stored.plan.judged_at)}; judge by what was seen")
    ledger.campaigns.set_stage(said.id, stage)
    drawn = [member.account.id for member, _ in ledger.campaigns.members(said.id) if member.because is not None]
    current = (ledger.account(one) for one in drawn)
    targets = [(target.id, one.id) for one in current if one is not None for target in one.targets]
    wanted = ledger.campaigns.appointments(targets, now)
    first = {target: min(times, key=lambda one: one.at) for target, times in wanted.items()}
    ledger.bring_forward({target: Due(at=max(now, one.at), by=one.by) for target, one in first.items()})
    told = {"accounts": str(len(drawn)), "targets": str(len(targets))}
    _note(ledger, said.id, "look", stored.stage, stage, by, now, said.note, told)
    return Done(campaign=said.id, stage=stage, told=told)


def judge(ledger: Ledger, policy: Policy, said: Named, by: str, now: datetime) -> Done:
    """Judges the sample at T, by the campaign's own book, from the record; candidates enter the review queue."""
    stored, stage = _step(ledger, said.id, "judge")
    plan = stored.plan
    if now < plan.judged_at:
        raise ValueError(f"T is {told_at(plan.judged_at)}: it has not come yet")
    members = sorted((one for one, _ in ledger.campaigns.members(said.id) if one.because), key=lambda one: one.place)
    known = Past(ledger).many([one.account.id for one in members], plan.judged_at)
    results = tuple(judged(ledger, policy, plan, account, evidence, now) for account, evidence in known)
    statements = ledger.campaigns.statements(said.id)
    results = settle(ledger, results, statements)
    ledger.campaigns.save_results(said.id, results)
    ledger.campaigns.set_stage(said.id, stage)
    told = _told(results)
    _note(ledger, said.id, "judge", stored.stage, stage, by, now, said.note, told)
    return Done(campaign=said.id, stage=stage, told=told)


def state(ledger: Ledger, policy: Policy, said: Objection, by: str, now: datetime) -> Done:
    """Takes down what a unit says against a result. Raises ValueError where the account did not fail."""
    stored, stage = _step(ledger, said.id, "statement")
    results = {one.account.id: one for one in ledger.campaigns.results(said.id)}
    if said.account not in results:
        raise ValueError(f"{said.account} is not in the sample of {said.id}")
    against = [one.finding.indicator for one in results[said.account].lines if counts(one.finding)]
    if said.indicator not in ("", *against) or not against:
        found = f"; there is: {', '.join(against)}" if against else ""
        raise ValueError(f"nothing was found against {' '.join((said.account, said.indicator)).strip()}{found}")
    number = len(ledger.campaigns.statements(said.id)) + 1
    known = {"account": said.account, "indicator": said.indicator, "text": said.text, "proof": said.proof}
    ledger.campaigns.save_statement(said.id, Statement(number=number, by=by, at=now, **known))
    told = {"statement": str(number), "account": said.account}
    _note(ledger, said.id, "statement", stored.stage, stage, by, now, said.text, told, said.proof)
    return Done(campaign=said.id, stage=stage, told=told)


def rule(ledger: Ledger, policy: Policy, said: Ruling, by: str, now: datetime) -> Done:
    """Decides a statement, once. An upheld one takes its lines out of the count."""
    stored, stage = _step(ledger, said.id, "statement")
    known = {one.number: one for one in ledger.campaigns.statements(said.id)}
    if said.number not in known:
        raise ValueError(f"{said.id} has no statement {said.number}")
    if known[said.number].upheld is not None:
        raise ValueError(f"statement {said.number} is decided already")
    ruled = {"upheld": said.upheld, "decided_by": by, "decided_at": now, "reason": said.reason}
    ledger.campaigns.save_statement(said.id, known[said.number].model_copy(update=ruled))
    statements = ledger.campaigns.statements(said.id)
    ledger.campaigns.save_results(said.id, settle(ledger, ledger.campaigns.results(said.id), statements))
    told = {"statement": str(said.number), "upheld": "yes" if said.upheld else "no"}
    _note(ledger, said.id, "rule", stored.stage, stage, by, now, said.reason, told)
    return Done(campaign=said.id, stage=stage, told=told)


def freeze(ledger: Ledger, policy: Policy, said: Freeze, by: str, now: datetime) -> Done:
    """Ends a campaign: what people decided is written into its results, and a digest is taken over everything.

    Raises ValueError while candidates wait, statements are undecided, or posts of before T were first seen since the
    judgement, naming them.
    """
    stored, stage = _step(ledger, said.id, "freeze")
    statements = ledger.campaigns.statements(said.id)
    open_ = [str(one.number) for one in statements if one.upheld is None]
    if open_:
        raise ValueError(f"statements are not decided: {', '.join(open_)}")
    results = settle(ledger, ledger.campaigns.results(said.id), statements, leave=said.leave)
    late = [
        one.account.id
        for one in results
        if any(
            line.standing == "stands" and refuted(ledger, stored.plan, one.account, line.finding, one.newest_at)
            for line in one.lines
        )
    ]
    if late:
        raise ValueError(
            f"posts of before T were seen since of {', '.join(late[:8])}: judge again, for a person to decide"
        )
    waiting = [
        f"{one.account.id} {line.finding.indicator}{f' ({line.alert})' if line.alert else ''}"
        for one in results
        for line in one.lines
        if line.standing == "waiting"
    ]
    if waiting:
        raise ValueError(
            f"{len(waiting)} candidates wait for a person: {', '.join(waiting[:8])}; decide them (`mediawatch review`),"
            " judge again where one ended undecided, or leave them open for good (--leave-undecided)"
        )
    results = tuple(with_words(ledger, one, statements) for one in results)
    ledger.campaigns.save_results(said.id, results)
    members = tuple(member for member, _ in ledger.campaigns.members(said.id))
    digest = sealed(stored.plan, stored.draw, members, results, statements)
    ledger.campaigns.set_stage(said.id, stage, digest=digest, frozen_at=now)
    over = {"state": State.RESOLVED, "resolved_at": now}
    for alert in ledger.campaigns.own_alerts(said.id):
        ledger.save_alert(alert.model_copy(update=over))
    told = {**_told(results), "digest": digest}
    _note(ledger, said.id, "freeze", stored.stage, stage, by, now, said.note, told)
    return Done(campaign=said.id, stage=stage, told=told)


# --- what they are made of --------------------------------------------------------------------------------------------


def _book(policy: Policy, named: Rulebook | str) -> Rulebook:
    if isinstance(named, Rulebook):
        return named
    if named not in policy.books:
        raise ValueError(f"there is no rulebook {clean(named, 60)}; there are: {', '.join(sorted(policy.books))}")
    return policy.books[named]


def _population(ledger: Ledger, at: datetime) -> Iterable[Account]:
    found = Past(ledger).registered(at)
    return (one for one in found if one.state in IN_USE and one.state is not Life.UNREGISTERED)


def _candidate(member: Member) -> Candidate:
    account = member.account
    return Candidate(
        account=account.id,
        level=account.level,
        platform=account.kind,
        region=account.region,
        main=member.main,
        failed_before=member.failed_before,
    )


def _failed(ledger: Ledger, previous: str) -> frozenset[str]:
    if not previous:
        return frozenset()
    if ledger.campaigns.one(previous).stage is not Stage.FROZEN:
        raise ValueError(f"campaign {previous} is not frozen yet: its failures are not final")
    return frozenset(one.account.id for one in ledger.campaigns.results(previous) if one.verdict is Verdict.FAILED)


def _step(ledger: Ledger, campaign: str, act: str) -> tuple[Stored, Stage]:
    stored = ledger.campaigns.one(campaign)
    return stored, next_stage(stored.stage, act)


def _told(results: Iterable[Result]) -> dict[str, str]:
    results = tuple(results)
    told = {verdict.value: str(sum(one.verdict is verdict for one in results)) for verdict in Verdict}
    standings = [line.standing for one in results for line in one.lines]
    waiting = sum(standing in OPEN for standing in standings)
    return {**told, "against": str(sum(one in FAILING for one in standings)), "candidates_open": str(waiting)}


def _note(
    ledger: Ledger,
    campaign: str,
    act: str,
    before: str,
    after: Stage,
    by: str,
    at: datetime,
    note: str = "",
    told: dict[str, str] | None = None,
    proof: tuple[str, ...] = (),
) -> None:
    ledger.trace(
        Move(
            subject=f"campaign:{campaign}",
            act=act,
            before=before,
            after=after.value,
            by=by,
            at=at,
            note=note,
            proof=proof,
            told=told or {},
        )
    )
