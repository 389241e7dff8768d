"""What is owed becomes a promise in the outbox. Whom to tell is decided in core; here it is written down, in words.

A promise is written in the same transaction as the change it speaks of, before the first attempt to send it. It must
not send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mediawatch.core import faults
from mediawatch.core.alert_words import why
from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Account, Finding, Unit
from mediawatch.core.review import Review
from mediawatch.core.routing import Owed, Situation, Step, promises, recipients, rungs
from mediawatch.core.sessions import closed
from mediawatch.core.silences import Mutes, Silence, Spell, matches
from mediawatch.core.views import Notice
from mediawatch.core.wording import say
from mediawatch.core.worktime import Hours
from mediawatch.policy import Policy
from mediawatch.store.outbox import Promise
from mediawatch.store.store import Ledger

BATCH = 500  # alerts that are asked about in one transaction


@dataclass(frozen=True)
class Around:
    """What bears on many alerts at once: silences, platforms that cannot be seen, answers that come and go.

    accounts, said, standing: of a batch, what each alert needs: its account, what was promised about it, and the answer
    that stands. told: by unit, who is told on which rung, and who is reminded.
    """

    policy: Policy
    now: datetime
    silences: tuple[Silence, ...]
    incidents: dict[str, datetime]
    flapping: dict[tuple[str, str], datetime]
    accounts: dict[str, Account] = field(default_factory=dict)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    standing: dict[tuple[str, str], Finding] = field(default_factory=dict)
    told: dict[tuple[bool, str], tuple[tuple[Step, ...], tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of_batch(cls, ledger: Ledger, alerts: Sequence[Alert], policy: Policy, now: datetime) -> Around:
        """The same, with what each alert of a batch needs, read at once."""
        said: dict[str, dict[str, str]] = {alert.id: {} for alert in alerts}
        for key, state in ledger.outbox.said(said).items():
            said[key.partition("/")[0]][key] = state
        of = {alert.id: _account_of(ledger, alert) for alert in alerts}
        accounts = ledger.accounts({account for account in of.values() if account})
        standing = ledger.standing_of({(alert.subject, alert.indicator) for alert in alerts})
        known = {alert: accounts[account] for alert, account in of.items() if account in accounts}
        return replace(cls.of(ledger, policy, now), accounts=known, said=said, standing=standing)

    @classmethod
    def of(cls, ledger: Ledger, policy: Policy, now: datetime) -> Around:
        return cls(policy, now, ledger.silences(now), ledger.open_incidents(), ledger.flapping())

    def situation(self, alert: Alert, account: Account | None, said: dict[str, str]) -> Situation:
        """All that decides about one alert's words beside the alert. said: what was promised, and how it stands."""
        policy, telling = self.policy, self.policy.telling
        units = policy.chain_of(account)
        ladder, reminded = self._told(units, ours=alert.subject.startswith(faults.OURS))
        above = frozenset(unit.id for unit in units)
        return Situation(
            rungs=ladder,
            reminded=reminded,
            mutes=Mutes(
                silences=tuple(one for one in self.silences if matches(one, alert, account, above)),
                troubles=() if account is None or alert.level == "flapping" else self._troubles(alert, account),
                working=telling.working,
            ),
            hours=telling.hours,
            working=telling.working,
            repeat=telling.grouping.repeat or None,
            repeats={name: rule.repeat for name, rule in telling.groupings.items()},
            steps=telling.steps,
            weekly=telling.weekly,
            refused=frozenset(key for key, state in said.items() if state == "given_up"),
            tell_candidates=policy.tell_candidates,
        )

    def _told(self, units: tuple[Unit, ...], *, ours: bool) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        policy, key = self.policy, (ours, units[0].id if units else "")
        if key not in self.told:
            ladder = policy.ladder_of_ours() if ours else policy.ladder
            reminders = policy.telling.ours or policy.reminders if ours else policy.reminders
            self.told[key] = rungs(ladder, units), recipients(reminders, units)
        return self.told[key]

    def _troubles(self, alert: Alert, account: Account) -> tuple[Spell, ...]:
        platforms = {target.platform for target in account.targets}
        found = [Spell(at, None) for platform, at in self.incidents.items() if platform in platforms]
        for platform in platforms:
            if closed(self.policy.sessions, platform, self.now):
                ends = (one.expires_at for one in self.policy.sessions if one.platform == platform)
                found.append(Spell(max(ends), None))
        if (flaps := self.flapping.get((alert.subject, alert.indicator))) is not None:
            found.append(Spell(flaps, None))
        return tuple(found)


def owe(ledger: Ledger, alert: Alert, policy: Policy, now: datetime) -> int:
    """Promises everything that is owed about one alert by now. May run any number of times; returns what was new."""
    return owe_all(ledger, (alert,), policy, now)


def owe_due(ledger: Ledger, policy: Policy, now: datetime) -> tuple[int, int]:
    """The same for alerts whose time has come, at most `BATCH` of them. Returns of how many, and what was new."""
    alerts = ledger.alerts_to_tell(now, BATCH)
    return len(alerts), owe_all(ledger, alerts, policy, now)


def owe_all(ledger: Ledger, alerts: Sequence[Alert], policy: Policy, now: datetime) -> int:
    """The same for these; what bears on them is read once, and what is promised is written once."""
    if not alerts:
        return 0
    around = Around.of_batch(ledger, alerts, policy, now)
    borne = _Borne(ledger, policy, now)
    promised: list[Promise] = []
    times: dict[str, datetime | None] = {}
    for alert in alerts:
        account, said = around.accounts.get(alert.id), around.said[alert.id]
        situation = around.situation(alert, account, said)
        while (ahead := promises(alert, said, situation, now)) and ahead[0].due_at <= now:
            for owed in (one for one in ahead if one.due_at <= now):
                notice = notice_of(around, alert, account, owed)
                promised.append(Promise(owed, notice, borne.spares(owed, notice.unit)))
                said[owed.key] = "owed"
        times[alert.id] = ahead[0].due_at if ahead else None
    ledger.tell_at(times)
    return ledger.outbox.promise(promised, now)


def _account_of(ledger: Ledger, alert: Alert) -> str:
    """The account that an alert speaks of, if any; a case's reminder goes to whom its account's alerts go."""
    if alert.subject.startswith(faults.OURS):
        return ""
    kind, _, case = alert.subject.partition(":")
    return ledger.cases.one(case).account if kind == "case" else alert.subject


class _Borne:
    """How many reminders each unit has borne; those of this batch count."""

    def __init__(self, ledger: Ledger, policy: Policy, now: datetime) -> None:
        self._ledger, self._telling, self._now = ledger, policy.telling, now
        self._by_unit: dict[str, int] = {}

    def spares(self, owed: Owed, unit: str) -> bool:
        """Whether the unit has borne as many as it is to bear. Breaches and ends are always told."""
        most = self._telling.burden
        if most is None or not unit or owed.cause not in ("reminder", "repeat"):
            return False
        if unit not in self._by_unit:
            self._by_unit[unit] = self._ledger.outbox.reminded(unit, self._now - self._telling.burden_over)
        spared = self._by_unit[unit] >= most
        self._by_unit[unit] += not spared
        return spared


def notice_of(around: Around, alert: Alert, account: Account | None, owed: Owed) -> Notice:
    """The promise in words, frozen now, so that every attempt says the same; an old breach has the latest numbers."""
    policy = around.policy
    book = policy.books.get(account.rulebook) if account else None  # one that left the register may name an old book
    indicator = book.on(day_of(alert.finding.judged_at)).line(alert.indicator) if book and alert.finding else None
    finding = around.standing.get((alert.subject, alert.indicator)) or alert.finding if account else alert.finding
    unit = account.unit if account else ""
    confirmed = alert.review is Review.CONFIRMED
    return Notice(
        id="msg_" + hashlib.sha256(owed.key.encode()).hexdigest()[:32],
        alert=alert.id,
        cause=owed.cause,
        level=alert.level,
        account=account.id if account else "",
        name=account.name if account else "",
        kind=account.kind if account else "",
        sponsor=account.sponsor if account else "",
        unit=unit,
        unit_name=policy.units[unit].name if unit in policy.units else "",
        platform="" if account else alert.subject.removeprefix("platform:"),
        indicator=alert.indicator,
        number=indicator.number if indicator else "",
        outcome=finding.outcome.value if finding else "",
        finality="confirmed" if confirmed else finding.finality.value if finding else "",
        since=alert.since,
        opened_at=alert.opened_at,
        resolved_at=alert.resolved_at,
        acknowledged_by=alert.acknowledged_by,
        note=alert.note,
        says=say(indicator, finding, policy.language, confirmed=confirmed, ahead=True)
        if indicator and finding
        else alert.detail,
        why=why(owed, alert, _calendar_holds(owed, policy), policy.language),
        values=finding.values if finding else {},
        rulebook=account.rulebook if account else "",
    )


def _calendar_holds(owed: Owed, policy: Policy) -> bool:
    """Whether working days had no say, or are known."""
    telling = policy.telling
    waits = telling.hours.get(owed.receiver, Hours()).working or any(step.working for step in policy.ladder)
    return not waits or telling.working.known(owed.due_at)
