"""Owe what is owed; deliver what is owed. Whom to tell is decided in core; here it is promised and sent.

A promise is written in the same transaction as the change it speaks of, before the first attempt to send it. Sending
comes later, at least once, with an id that never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mediawatch.core import alerting, incidents, sessions
from mediawatch.core.alerting import Alert, Owed, State
from mediawatch.core.model import Finality
from mediawatch.core.outbox import Backoff, next_attempt
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Language
from mediawatch.core.schedule import spread
from mediawatch.core.views import Message, Notice
from mediawatch.core.wording import incident_says, say
from mediawatch.policy import Policy
from mediawatch.receivers import members as members_of
from mediawatch.receivers.receiver import Answer
from mediawatch.store.outbox import Delivery
from mediawatch.store.store import Ledger, Store
from mediawatch.telling import Attempt, Configured, tell
from mediawatch.wires.sending import Sender

LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """A time in which a platform could not be seen: looks from `since` to just before `to` prove nothing."""

    platform: str
    since: datetime
    to: datetime


def owe(ledger: Ledger, alert: Alert, policy: Policy, now: datetime, said: frozenset[str] | None = None) -> int:
    """Promises everything that is owed about one alert by now. May run any number of times; returns what was new.

    said: the keys that are promised already, where the caller knows them.
    """
    promised = 0
    known = ledger.said((alert.id,)) if said is None else said
    for owed in alerting.owed(
        alert, known, policy.ladder, now, policy.reminders, tell_candidates=policy.tell_candidates
    ):
        promised += ledger.promise(owed, notice_of(ledger, alert, owed, policy), now)
    return promised


def owe_all(ledger: Ledger, policy: Policy, now: datetime) -> int:
    """The same for every live alert: what has come due since, such as the next rung of the ladder.

    And for those that ended lately: an account that leaves the register ends its alerts without a look.
    """
    alerts = (*ledger.all_live_alerts(), *ledger.resolved_alerts(now - LATELY))
    said = ledger.said(alert.id for alert in alerts)
    return sum(owe(ledger, alert, policy, now, said) for alert in alerts)


def watch_sessions(ledger: Ledger, policy: Policy, now: datetime) -> int:
    """Logins that near their end, are over, or were renewed: alerts open and end. Returns how many promises are new."""
    changed = sessions.transition(ledger.live_alerts_under("session:"), policy.sessions, now, policy.language)
    for alert in changed:
        ledger.save_alert(alert)
    return sum(owe(ledger, alert, policy, now) for alert in changed)


def notice_of(ledger: Ledger, alert: Alert, owed: Owed, policy: Policy) -> Notice:
    """The promise in words, frozen now, so that every attempt says the same; an old breach has the latest numbers."""
    account = ledger.account(alert.subject)
    book = policy.books.get(account.rulebook) if account else None  # one that left the register may name an old book
    indicator = book.indicator(alert.indicator) if book and alert.finding else None
    finding = ledger.standing(alert.subject, alert.indicator) or alert.finding
    if finding is not None and alert.review is Review.CONFIRMED:  # people have spoken: it is a candidate no longer
        finding = finding.model_copy(update={"finality": Finality.AUTO})
    return Notice(
        id="msg_" + hashlib.sha256(owed.key.encode()).hexdigest()[:32],
        alert=alert.id,
        cause=owed.cause,
        level=alert.level,
        account=account.id if account else "",
        name=account.name if account else "",
        kind=account.kind if account else "",
        sponsor=account.sponsor if account else "",
        platform="" if account else alert.subject.removeprefix("platform:"),
        indicator=alert.indicator,
        number=indicator.number if indicator else "",
        outcome=finding.outcome.value if finding else "",
        finality="confirmed" if alert.review is Review.CONFIRMED else finding.finality.value if finding else "",
        since=alert.since,
        opened_at=alert.opened_at,
        resolved_at=alert.resolved_at,
        says=say(indicator, finding, policy.language) if indicator and finding else alert.detail,
        values=finding.values if finding else {},
        rulebook=account.rulebook if account else "",
    )


def watch_platforms(ledger: Ledger, platforms: Iterable[str], policy: Policy, now: datetime) -> tuple[Spell, ...]:
    """Own fault first: opens or ends each platform's incident before anything is concluded from its looks.

    Returns the spells that ended, or that show a sign of life: who was looked at in them is to be looked at again.
    """
    ended = (_watch_platform(ledger, platform, policy, now) for platform in sorted(platforms))
    return tuple(spell for spell in ended if spell is not None)


def look_again(ledger: Ledger, ended: Iterable[Spell], policy: Policy, now: datetime) -> None:
    """What was looked at while a platform was down waits for no other day, now that it is back."""
    for spell in ended:
        ledger.hasten(spell.platform, spell.since, spell.to, lambda id_: now + policy.cadence.retry * spread(id_))


def _watch_platform(ledger: Ledger, platform: str, policy: Policy, now: datetime) -> Spell | None:
    looks = ledger.recent_looks(platform, now - policy.incident_window)
    canaries = frozenset(look.target for look in looks if look.target.startswith("canary/"))
    standing = [alert for alert in ledger.live_alerts(f"platform:{platform}") if alert.level == "incident"]
    live = standing[0] if standing else None
    since = (live.since or live.opened_at) if live is not None else None
    sights = ledger.last_sights({look.target for look in looks})
    hidden = {target: ledger.post_seen_at(target, policy.hidden[target]) for target in canaries & policy.hidden.keys()}
    incident = incidents.assess(platform, looks, canaries, now, policy.quiet_of(platform), since, sights, hidden)
    ended = None
    if incident is not None and (live is None or _names_another_fault(incident, standing)):
        ledger.open_incident(platform, incident.since, f"{incident.kind}: {incident.detail}")
        opened = Alert(
            id=alerting.alert_id(f"platform:{platform}", incident.kind, "incident", now),
            subject=f"platform:{platform}",
            indicator=incident.kind,
            level="incident",
            state=State.OPEN,
            since=incident.since,
            opened_at=now,
            confirmed_at=now,
            detail=incident_says(incident, policy.language),
        )
        changed = [opened]
    elif incident is None and live is not None:
        ended = Spell(platform, live.since or live.opened_at, looks[-1].at if looks else now)
        ledger.close_incident(platform, ended.to)  # the look that cleared it is trusted
        changed = [one.model_copy(update={"state": State.RESOLVED, "resolved_at": now}) for one in standing]
    elif live is not None and (back := incidents.sign_of_life(looks, live.opened_at)) is not None:
        return Spell(platform, live.since or live.opened_at, back)
    else:
        return None
    for alert in changed:
        ledger.save_alert(alert)
        owe(ledger, alert, policy, now)
    return ended


def _names_another_fault(incident: incidents.Incident, standing: Sequence[Alert]) -> bool:
    """Whether an incident that stands has turned out to be our parser's or our login's: somebody else must act."""
    return incident.kind in ("drift", "login") and all(alert.indicator != incident.kind for alert in standing)


@dataclass(frozen=True)
class Sent:
    """What became of one message: its members, and what the attempt came to."""

    members: tuple[Delivery, ...]
    attempt: Attempt


def messages(
    deliveries: Sequence[Delivery], receivers: Mapping[str, Configured]
) -> tuple[tuple[Configured | None, tuple[Delivery, ...]], ...]:
    """Deliveries grouped into messages by receiver, in their order, as many to a message as the receiver takes.

    A receiver that the settings no longer name gets `None`: its deliveries are given up with a reason.
    """
    grouped: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        grouped.setdefault(delivery.receiver, []).append(delivery)
    found: list[tuple[Configured | None, tuple[Delivery, ...]]] = []
    for name, members in grouped.items():
        configured = receivers.get(name)
        size = members_of(configured.receiver, configured.settings) if configured else len(members)
        found += [(configured, tuple(members[start : start + size])) for start in range(0, len(members), size)]
    return tuple(found)


async def deliver(
    configured: Configured | None, members: tuple[Delivery, ...], sender: Sender, now: datetime, language: Language
) -> Sent:
    """Sends one message. Never raises for what a receiver does: an outage is an answer to try again on."""
    if configured is None:
        return Sent(members, Attempt(now, Answer.REFUSED, "the settings name no such receiver"))
    notices = tuple(delivery.notice for delivery in members)
    causes = {notice.cause for notice in notices}
    message = Message(
        id=members[0].message_id if len(members) == 1 else _joint_id(members),
        receiver=configured.name,
        at=now,
        cause=causes.pop() if len(causes) == 1 else "several",
        notices=notices,
        total=len(notices),
    )
    return Sent(members, await tell(configured, message, sender, now, language))


def settle(store: Store, sent: Sent, backoff: Backoff, now: datetime) -> None:
    """Writes down what became of a message: taken, to be tried again, or given up for good."""
    attempt = sent.attempt
    for delivery in sent.members:
        if attempt.answer is Answer.ACCEPTED:
            store.delivered(delivery, now, attempt.detail)
            continue
        again = None
        if attempt.answer is not Answer.REFUSED:
            again = next_attempt(delivery.attempts + 1, now, attempt.retry_after, delivery.message_id, backoff)
        if again is None:
            store.give_up(delivery, now, attempt.detail)
        else:
            store.put_off(delivery, again, attempt.detail)


def _joint_id(members: tuple[Delivery, ...]) -> str:
    """The id of a message with several members: the same members give the same id at every attempt."""
    return "msg_" + hashlib.sha256("\n".join(member.message_id for member in members).encode()).hexdigest()[:32]
