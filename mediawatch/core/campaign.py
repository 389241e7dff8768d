"""An inspection campaign (检查): its stages, what became of each account that was drawn, and the counts of it.

Pure: findings, decisions and statements in, results and counts out. It must never count an account that could not be
seen as failed, nor rank apps by use. Source: 国办秘函〔2019〕19号: of new media one veto fails the account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from mediawatch.core.model import Account, Finality, Finding, Outcome, Unit, Value
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.sampling import Because, By, Ratio
from mediawatch.core.value import canonical

FORMAT = "mediawatch-inspection-1"
NAMED = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$"  # what a campaign may be called


class Stage(StrEnum):
    """Where a campaign stands. A frozen one is never changed."""

    PLANNED = "planned"  # the population is frozen
    DRAWN = "drawn"
    LOOKING = "looking"
    JUDGED = "judged"
    FROZEN = "frozen"


STAGES: dict[Stage, dict[str, Stage]] = {
    Stage.PLANNED: {"draw": Stage.DRAWN},
    Stage.DRAWN: {"look": Stage.LOOKING, "judge": Stage.JUDGED},  # without a window: by what was seen anyway
    Stage.LOOKING: {"look": Stage.LOOKING, "judge": Stage.JUDGED},
    Stage.JUDGED: {"judge": Stage.JUDGED, "statement": Stage.JUDGED, "freeze": Stage.FROZEN},
    Stage.FROZEN: {},
}
"""From each stage, what may be done and where it leads."""


class Verdict(StrEnum):
    """What an inspection says of an account. Only `failed` accuses.

    undetermined: something that the standard asks could not be seen, or only once. undecided: people left it open.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    UNDECIDED = "undecided"


Standing = Literal["not_failed", "hint", "stands", "once", "waiting", "confirmed", "dismissed", "left", "excused"]
"""What holds of one line: a `hint` only, about which nobody is asked; `stands` by itself (auto, seen twice); seen
`once` only, or only before the look window; `waiting` for a person; what people decided; `left` undecided at the
freeze; `excused` because the unit's statement was upheld."""

FAILING: frozenset[Standing] = frozenset({"stands", "confirmed"})
OPEN: frozenset[Standing] = frozenset({"waiting", "left"})


class Plan(Value):
    """What was ordered. id: as in `2026-q3`. rulebook: the edition by which it judges, whole.

    population_at: the instant at which the register was frozen. begins_at, judged_at: the look window; the second is T
    (监测时间点). previous: the campaign whose failures are looked at again first, and that the trend is told against.
    """

    id: str = Field(pattern=NAMED)
    title: str = ""
    rulebook: Rulebook
    population_at: AwareDatetime
    begins_at: AwareDatetime
    judged_at: AwareDatetime
    by: tuple[By, ...] = ("level", "platform", "region")
    ratios: tuple[Ratio, ...] = Field(min_length=1)
    previous: str = ""
    ordered_by: str
    ordered_at: AwareDatetime


class Member(Value):
    """One account of the population, as the register said at `Plan.population_at`; and whether it was drawn."""

    account: Account
    unit: str = ""  # who answers for it, as counts by unit name it
    main: bool = False
    failed_before: bool = False
    because: Because | None = None  # why it is in the sample; `None` where it is not
    place: int = 0  # in the order of the sample, from 1


class Line(Value):
    """One line of the standard for one account: the finding at T, and what holds of it.

    twice: whether every channel of its proof said so twice, and once within the look window. alert: the id under which
    people decide about a candidate, and about a fail that somebody has dismissed before.
    decided: who decided what, when and why, in order.
    """

    finding: Finding
    standing: Standing
    twice: bool = False
    alert: str = ""
    decided: tuple[str, ...] = ()


class Statement(Value):
    """What a unit says against a result (申辩), and what became of it. indicator: empty for all lines of the account.

    proof: digests of the files it brought.
    """

    number: int
    account: str
    indicator: str = ""
    text: str
    by: str
    at: AwareDatetime
    proof: tuple[str, ...] = ()
    upheld: bool | None = None
    decided_by: str = ""
    decided_at: AwareDatetime | None = None
    reason: str = ""


class Result(Value):
    """What the inspection saw of one account that was drawn.

    account: as the register said at T, with the channels of that time. heads: by target, the hash of its last look up
    to T, which covers all looks before it. answers: digests of the raw answers that fails rest on.
    newest_at: the newest post that was known at T.
    """

    account: Account
    lines: tuple[Line, ...]
    verdict: Verdict
    newest_at: AwareDatetime | None = None
    heads: dict[str, str] = {}
    answers: tuple[str, ...] = ()


class Tally(Value):
    """Counts of one group. registered: in the population; checked: drawn. again: how many of them failed last time.

    problems: accounts with a fault that is no veto.
    """

    key: str
    registered: int = 0
    checked: int = 0
    passed: int = 0
    failed: int = 0
    undetermined: int = 0
    undecided: int = 0
    problems: int = 0
    again: int = 0

    @property
    def share(self) -> str:
        """抽查比例: checked of registered, in percent; a dash where there is nothing."""
        return percent(self.checked, self.registered)

    @property
    def pass_rate(self) -> str:
        """合格率: passed of those that were determined, in percent. What could not be seen is in neither number."""
        return percent(self.passed, self.passed + self.failed)


def unit_of(account: Account, chain: Sequence[Unit]) -> str:
    """Who answers for an account, as counts by unit name it: its unit, else its sponsor. chain: nearest first."""
    return chain[0].name if chain else account.sponsor


def impersonal(account: Account) -> Account:
    """The account as it may be frozen: without the fields that name people."""
    return account.model_copy(update={"filing": account.filing.impersonal()})


def percent(part: int, whole: int, digits: int = 1) -> str:
    """A share in percent, rounded half up from the exact number; a dash of nothing."""
    if not whole:
        return "-"
    scale = 10**digits
    rounded = int(Fraction(part * 100 * scale, whole) + Fraction(1, 2))
    return f"{rounded // scale}.{rounded % scale:0{digits}d}" if digits else str(rounded)


def next_stage(stage: Stage, act: str) -> Stage:
    """Where an act leads. Raises ValueError, in words, where it is not allowed now."""
    if act not in STAGES[stage]:
        allowed = ", ".join(sorted(STAGES[stage])) or "nothing any more"
        raise ValueError(f"the campaign is {stage.value}: {act} is not possible now; what is: {allowed}")
    return STAGES[stage][act]


def in_window(finding: Finding, plan: Plan) -> bool:
    """Whether every channel of its proof said so within the look window too: what was seen before it alone may be over
    by now."""
    last: dict[str, datetime] = {}
    for target, at in finding.proof:
        last[target] = max(at, last.get(target, at))
    return all(at >= plan.begins_at for at in last.values())


def standing_of(
    finding: Finding, *, twice: bool, review: Review = Review.NOT_NEEDED, excused: bool = False
) -> Standing:
    """What holds of a finding. review: what people decided about it where they are asked, as of every candidate."""
    if finding.outcome is not Outcome.FAIL:
        return "not_failed"
    if not counts(finding):
        return "hint"
    if excused:
        return "excused"
    if finding.finality is Finality.AUTO and review is Review.NOT_NEEDED:
        return "stands" if twice else "once"
    if review is Review.CONFIRMED:
        return "confirmed"
    return "dismissed" if review is Review.DISMISSED else "waiting"


def settled(
    result: Result, reviews: Mapping[str, Review], statements: Collection[Statement], *, leave: bool = False
) -> Result:
    """The result as people's decisions have it by now. leave: what nobody decided is left open for good."""
    lines = []
    for line in result.lines:
        excused = any(excuses(one, result.account.id, line.finding.indicator) for one in statements)
        review = reviews.get(line.alert, Review.WAITING) if line.alert else Review.NOT_NEEDED
        standing = standing_of(line.finding, twice=line.twice, review=review, excused=excused)
        lines.append(line.model_copy(update={"standing": "left" if leave and standing == "waiting" else standing}))
    return result.model_copy(update={"lines": tuple(lines), "verdict": verdict_of(lines)})


def verdict_of(lines: Iterable[Line]) -> Verdict:
    """One veto that stands fails the account; otherwise what is open, then what could not be seen, keeps it from
    passing. An account of which no veto is asked at all was not inspected."""
    vetoes = [line for line in lines if line.finding.severity == "veto"]
    if any(line.standing in FAILING for line in vetoes):
        return Verdict.FAILED
    if any(line.standing in OPEN for line in vetoes):
        return Verdict.UNDECIDED
    unseen = any(line.finding.outcome is Outcome.UNKNOWN or line.standing == "once" for line in vetoes)
    return Verdict.UNDETERMINED if unseen or not vetoes else Verdict.PASSED


def failing(result: Result, severity: str = "veto") -> tuple[Line, ...]:
    """The lines of that severity that count against the account."""
    return tuple(line for line in result.lines if line.finding.severity == severity and line.standing in FAILING)


def counts(finding: Finding) -> bool:
    """Whether a fail of this line is more than a hint: people are asked about it, and a case may follow."""
    return finding.outcome is Outcome.FAIL and finding.severity != "notice"


def excuses(statement: Statement, account: str, indicator: str) -> bool:
    """Whether an upheld statement takes a line out of the count."""
    return bool(statement.upheld) and statement.account == account and statement.indicator in ("", indicator)


def tally(key: str, members: Iterable[tuple[Member, Result | None]]) -> Tally:
    """The counts of one group of the population."""
    members = tuple(members)
    results = [(member, result) for member, result in members if result is not None]
    verdicts = [result.verdict for _, result in results]
    return Tally(
        key=key,
        registered=len(members),
        checked=sum(member.because is not None for member, _ in members),
        passed=verdicts.count(Verdict.PASSED),
        failed=verdicts.count(Verdict.FAILED),
        undetermined=verdicts.count(Verdict.UNDETERMINED),
        undecided=verdicts.count(Verdict.UNDECIDED),
        problems=sum(bool(failing(result, "serious")) for _, result in results),
        again=sum(member.failed_before and result.verdict is Verdict.FAILED for member, result in results),
    )


def tallies(members: Sequence[tuple[Member, Result | None]], group: Callable[[Member], str]) -> tuple[Tally, ...]:
    """The counts by some property of the account, in the order of its keys."""
    groups: dict[str, list[tuple[Member, Result | None]]] = {}
    for member, result in members:
        groups.setdefault(group(member), []).append((member, result))
    return tuple(tally(key, found) for key, found in sorted(groups.items()))


def by_clause(results: Iterable[Result], severity: str = "veto") -> dict[str, tuple[str, ...]]:
    """By indicator, the accounts that it counts against; in the order of the accounts."""
    found: dict[str, list[str]] = {}
    for result in results:
        for line in failing(result, severity):
            found.setdefault(line.finding.indicator, []).append(result.account.id)
    return {indicator: tuple(accounts) for indicator, accounts in found.items()}


def sealed(
    plan: Plan, draw: str, members: Iterable[Member], results: Iterable[Result], statements: Iterable[Statement]
) -> str:
    """SHA-256 over everything that a campaign froze: one line of canonical JSON each, in this order.

    draw: the published draw, as it was written.
    """
    digest = hashlib.sha256()

    def add(kind: str, value: Any) -> None:
        for target in value.get("account", {}).get("targets", ()) if kind in ("member", "result") else ():
            target["covers"].sort()  # a set: its order is each process's own
        digest.update((canonical([kind, value]) + "\n").encode())

    add("format", FORMAT)
    add("plan", plan.model_dump(mode="json", by_alias=True))
    add("draw", json.loads(draw))
    for member in members:
        add("member", member.model_dump(mode="json"))
    for result in results:
        add("result", result.model_dump(mode="json"))
    for statement in statements:
        add("statement", statement.model_dump(mode="json"))
    return digest.hexdigest()
