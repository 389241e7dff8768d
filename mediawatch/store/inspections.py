"""Inspection campaigns in the store: what was ordered, who was drawn, what was seen, what was said. It judges nothing.

What is frozen is never written again: every write refuses a frozen campaign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from mediawatch.core.alerting import Alert
from mediawatch.core.campaign import Member, Plan, Result, Stage, Statement
from mediawatch.core.model import Account, Value
from mediawatch.core.review import Review
from mediawatch.core.sampling import Draw
from mediawatch.core.schedule import Due, appointment
from mediawatch.store import batches, rows
from mediawatch.store.columns import among
from mediawatch.store.office_tables import CAMPAIGN, CAMPAIGN_MEMBER, CAMPAIGN_STATEMENT
from mediawatch.store.tables import ALERT, OBSERVATION, POST

_SOME = 500
_SIZE = CAMPAIGN_MEMBER.alias()
_WANTED = (
    select(
        *(CAMPAIGN.c.begins_at, CAMPAIGN.c.judged_at, CAMPAIGN_MEMBER.c.account, CAMPAIGN_MEMBER.c.place),
        select(func.max(_SIZE.c.place)).where(_SIZE.c.campaign == CAMPAIGN.c.id).scalar_subquery().label("size"),
    )
    .join(CAMPAIGN_MEMBER, CAMPAIGN_MEMBER.c.campaign == CAMPAIGN.c.id)
    .where(
        CAMPAIGN.c.stage == Stage.LOOKING.value,
        CAMPAIGN.c.judged_at > bindparam("now", type_=CAMPAIGN.c.judged_at.type),
    )
    .where(CAMPAIGN_MEMBER.c.place > 0, among(CAMPAIGN_MEMBER.c.account, "accounts"))
)


class Stored(Value):
    """A campaign as the store holds it. draw: the published text, empty before; digest: of all that was frozen."""

    plan: Plan
    stage: Stage
    population_digest: str
    draw: str = ""
    digest: str = ""
    frozen_at: datetime | None = None


class Campaigns:
    """The campaigns of one store, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- reading -------------------------------------------------------------------------------------------------

    def all(self) -> tuple[Stored, ...]:
        """Every campaign, the latest T first."""
        asked = select(CAMPAIGN).order_by(CAMPAIGN.c.judged_at.desc(), CAMPAIGN.c.id.desc())
        return tuple(map(_stored, self._connection.execute(asked)))

    def one(self, campaign: str) -> Stored:
        """Raises KeyError for one that was never ordered."""
        asked = select(CAMPAIGN).where(CAMPAIGN.c.id == campaign)
        row = self._connection.execute(asked).one_or_none()
        if row is None:
            raise KeyError(f"campaign {campaign}")
        return _stored(row)

    def members(self, campaign: str) -> tuple[tuple[Member, Result | None], ...]:
        """The population with what was seen of those that were drawn, in the order of account ids."""
        mine = CAMPAIGN_MEMBER.c.campaign == campaign
        asked = select(CAMPAIGN_MEMBER).where(mine).order_by(CAMPAIGN_MEMBER.c.account)
        return tuple(
            (
                Member.model_validate_json(row.member),
                None if row.result is None else Result.model_validate_json(row.result),
            )
            for row in self._connection.execute(asked)
        )

    def results(self, campaign: str) -> tuple[Result, ...]:
        """What was seen, in the order of the sample."""
        mine = (CAMPAIGN_MEMBER.c.campaign == campaign, CAMPAIGN_MEMBER.c.result.is_not(None))
        asked = select(CAMPAIGN_MEMBER.c.result).where(*mine).order_by(CAMPAIGN_MEMBER.c.place)
        return tuple(map(Result.model_validate_json, self._connection.execute(asked).scalars()))

    def statements(self, campaign: str) -> tuple[Statement, ...]:
        """What units said, in order."""
        mine = CAMPAIGN_STATEMENT.c.campaign == campaign
        asked = select(CAMPAIGN_STATEMENT.c.statement).where(mine).order_by(CAMPAIGN_STATEMENT.c.number)
        return tuple(map(Statement.model_validate_json, self._connection.execute(asked).scalars()))

    def heads(self, account: Account, at: datetime) -> dict[str, str]:
        """By target, the hash of the last look up to that instant; targets without a look are left out."""
        found = {}
        for target in account.targets:
            asked = select(OBSERVATION.c.hash).where(OBSERVATION.c.target == target.id, OBSERVATION.c.at <= at)
            last = self._connection.execute(asked.order_by(OBSERVATION.c.id.desc()).limit(1)).scalar()
            if last is not None:
                found[target.id] = str(last)
        return found

    def shown_since(self, account: str, after: datetime | None, until: datetime) -> bool:
        """Whether a post of the account that is of before `until`, and younger than `after`, was first seen later."""
        asked = select(POST.c.key).where(POST.c.account == account, POST.c.at <= until, POST.c.first_seen_at > until)
        younger = asked if after is None else asked.where(POST.c.at > after)
        return self._connection.execute(younger.limit(1)).scalar() is not None

    def has_look(self, target: str, hash_: str) -> bool:
        """Whether a look of the target has that hash."""
        asked = select(OBSERVATION.c.id).where(OBSERVATION.c.target == target, OBSERVATION.c.hash == hash_)
        return self._connection.execute(asked.limit(1)).first() is not None

    def standing_alert(self, account: str, indicator: str, at: datetime) -> Alert | None:
        """The candidate alert of the account's own book that stood at that instant, or was opened by then."""
        asked = (
            select(ALERT)
            .where(ALERT.c.subject == account, ALERT.c.indicator == indicator, ALERT.c.level == "breach")
            .where(ALERT.c.opened_at <= at, (ALERT.c.resolved_at.is_(None)) | (ALERT.c.resolved_at > at))
            .where(ALERT.c.review != Review.NOT_NEEDED.value)
            .order_by(ALERT.c.opened_at.desc())
        )
        row = self._connection.execute(asked.limit(1)).one_or_none()
        return None if row is None else rows.alert_of(row)

    def reviews(self, alerts: Collection[str]) -> dict[str, Review]:
        """What people have decided about these alerts, by id."""
        found: dict[str, Review] = {}
        ids = sorted(alerts)
        for start in range(0, len(ids), _SOME):
            asked = select(ALERT.c.id, ALERT.c.review).where(ALERT.c.id.in_(ids[start : start + _SOME]))
            found |= {row.id: Review(row.review) for row in self._connection.execute(asked)}
        return found

    def appointments(self, targets: Iterable[tuple[str, str]], now: datetime) -> dict[str, tuple[Due, ...]]:
        """By target, when campaigns that are open want it looked at; `targets` are pairs of target and account."""
        targets = tuple(targets)
        asked = {"accounts": sorted({account for _, account in targets}), "now": now}
        wanted: dict[str, list[Due]] = {}
        for begins_at, judged_at, account, place, size in batches.read(self._connection, _WANTED, asked):
            wanted.setdefault(account, []).append(appointment(place, size, begins_at, judged_at))
        return {target: tuple(wanted[account]) for target, account in targets if account in wanted}

    # --- writing -------------------------------------------------------------------------------------------------

    def add(self, plan: Plan, population_digest: str, members: Sequence[Member]) -> None:
        """Writes down a new campaign with its population. Raises ValueError where one of this id is there."""
        if self._connection.execute(select(CAMPAIGN.c.id).where(CAMPAIGN.c.id == plan.id)).first():
            raise ValueError(f"there is a campaign {plan.id} already")
        values = {
            "id": plan.id,
            "stage": Stage.PLANNED.value,
            "begins_at": plan.begins_at,
            "judged_at": plan.judged_at,
            "plan": plan.model_dump_json(by_alias=True),
            "population_digest": population_digest,
            "draw": "",
            "digest": "",
            "frozen_at": None,
        }
        self._connection.execute(insert(CAMPAIGN), values)
        written = [
            {
                "campaign": plan.id,
                "account": one.account.id,
                "place": 0,
                "member": one.model_dump_json(),
                "result": None,
            }
            for one in members
        ]
        self._connection.execute(insert(CAMPAIGN_MEMBER), written)

    def set_stage(self, campaign: str, stage: Stage, **more: Any) -> None:
        """Moves a campaign on. Raises ValueError for a frozen one."""
        self._check_open(campaign)
        self._connection.execute(update(CAMPAIGN).where(CAMPAIGN.c.id == campaign).values(stage=stage.value, **more))

    def save_draw(self, draw: Draw, members: Iterable[Member]) -> None:
        """Writes down the draw as it is published, and who is in the sample."""
        self.set_stage(draw.campaign, Stage.DRAWN, draw=draw.model_dump_json())
        for one in members:
            self._member(draw.campaign, one.account.id, place=one.place, member=one.model_dump_json())

    def save_results(self, campaign: str, results: Iterable[Result]) -> None:
        """Writes down what was seen; a later judgement, before the freeze, takes its place."""
        self._check_open(campaign)
        for result in results:
            self._member(campaign, result.account.id, result=result.model_dump_json())

    def save_statement(self, campaign: str, statement: Statement) -> None:
        """Writes down a statement, new or decided."""
        self._check_open(campaign)
        mine = (CAMPAIGN_STATEMENT.c.campaign == campaign, CAMPAIGN_STATEMENT.c.number == statement.number)
        text = statement.model_dump_json()
        if not self._connection.execute(update(CAMPAIGN_STATEMENT).where(*mine).values(statement=text)).rowcount:
            values = {"campaign": campaign, "number": statement.number, "account": statement.account}
            self._connection.execute(insert(CAMPAIGN_STATEMENT), {**values, "statement": text})

    def own_alerts(self, campaign: str) -> tuple[Alert, ...]:
        """The live alerts that this campaign opened for its candidates."""
        subject = ALERT.c.subject.startswith(f"inspection:{campaign}/", autoescape=True)
        found = self._connection.execute(select(ALERT).where(subject, ALERT.c.state != "resolved").with_for_update())
        return tuple(map(rows.alert_of, found))

    def _check_open(self, campaign: str) -> None:
        if self.one(campaign).stage is Stage.FROZEN:
            raise ValueError(f"campaign {campaign} is frozen: it is never changed")

    def _member(self, campaign: str, account: str, **values: Any) -> None:
        mine = (CAMPAIGN_MEMBER.c.campaign == campaign, CAMPAIGN_MEMBER.c.account == account)
        self._connection.execute(update(CAMPAIGN_MEMBER).where(*mine).values(**values))


def _stored(row: Any) -> Stored:
    return Stored(
        plan=Plan.model_validate_json(row.plan),
        stage=Stage(row.stage),
        population_digest=row.population_digest,
        draw=row.draw,
        digest=row.digest,
        frozen_at=row.frozen_at,
    )
