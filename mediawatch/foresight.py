"""What will be told if nothing changes: of one account, or of all that stands; and what units have borne so far.

It asks the same pure decision that the daemon asks, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mediawatch.core.alert_words import why
from mediawatch.core.alerting import BEGINNINGS, Alert, State
from mediawatch.core.alerting_views import BurdenView, ForeseenMessage, ForeseenView
from mediawatch.core.grouping import RANK, Gathered, Group, Grouping, Room, drafts
from mediawatch.core.links import linked
from mediawatch.core.model import Account
from mediawatch.core.routing import promises, rungs
from mediawatch.core.views import Notice
from mediawatch.deliver import AT_ONCE, composer, members_in
from mediawatch.notify import Around, notice_of
from mediawatch.policy import Policy
from mediawatch.store.outbox import SPARED
from mediawatch.store.store import Store
from mediawatch.telling import Configured, as_shown


def route(store: Store, policy: Policy, account_id: str, now: datetime) -> tuple[ForeseenView, ...]:
    """Who would be told of a breach that is confirmed now, and what is still to be told of alerts that stand.

    A rung that names nobody is shown with no receiver. Raises KeyError for an unknown account.
    """
    with store.recalling() as ledger:
        account = ledger.account(account_id)
        if account is None:
            raise KeyError(account_id)
        around = Around.of(ledger, policy, now)
        supposed = Alert(
            id="",
            subject=account.id,
            indicator="",
            level="breach",
            state=State.OPEN,
            since=now,
            opened_at=now,
            confirmed_at=now,
        )
        found = [*_ahead(supposed, account, {}, around, policy, now)]
        told = {view.receiver for view in found}
        for step in rungs(policy.ladder, policy.chain_of(account)):
            for receiver in step.to:
                if receiver not in told:  # held back with no end in sight
                    found.append(_view(supposed, account, policy, receiver, "first", None))
            if not step.to:
                at = around.situation(supposed, account, {}).after(now, step)
                found.append(_view(supposed, account, policy, "", "escalated", at))
        for alert in ledger.all_live_alerts():
            if alert.subject == account.id:
                found += _ahead(alert, account, ledger.outbox.said((alert.id,)), around, policy, now)
    return tuple(found)


def preview(store: Store, policy: Policy, now: datetime, within: timedelta) -> tuple[ForeseenView, ...]:
    """What waits to be told, and what falls due until then, in order of time."""
    shared = ("cause", "level", "account", "name", "unit", "unit_name", "alert", "why")
    return tuple(
        ForeseenView(
            at=one.at, receiver=one.receiver, waits=one.waits, **{name: getattr(one.notice, name) for name in shared}
        )
        for one in _words(store, policy, now, within)
    )


def messages(
    store: Store, policy: Policy, receivers: Mapping[str, Configured], now: datetime, within: timedelta
) -> tuple[ForeseenMessage, ...]:
    """The same as the receivers would get it: one message for each group, at its latest word, without secrets.

    A message may be split or joined otherwise when its time comes: by the pace left then, by what came in between.
    """
    groups: dict[tuple[str, str], list[_Word]] = {}
    for word in _words(store, policy, now, within):
        groups.setdefault((word.receiver, word.notice.unit), []).append(word)
    by_receiver = {name: receivers[name] for name, _ in groups if name in receivers}
    counts = [Group(*key, len(own), own[0].at) for key, own in groups.items() if key[0] in by_receiver]
    rules = {name: Grouping(wait=timedelta(), most=policy.telling.grouping_of(name).most) for name in by_receiver}
    listed = {name: members_in(one, policy.telling.grouping_of(name)) for name, one in by_receiver.items()}
    rooms = {name: Room(AT_ONCE, listed[name], 0, one.receiver.whole) for name, one in by_receiver.items()}
    left = dict(groups)
    found: list[ForeseenMessage] = []
    for draft in drafts(counts, rules, rooms, now + within):
        words = [word for unit in draft.units for word in left[draft.receiver, unit]]
        if draft.most is not None:  # each must be listed: the next draft of the group goes on where this one ends
            left[draft.receiver, draft.units[0]] = words[draft.most :]
            words = words[: draft.most]
        at = max(word.at for word in words)
        message = composer(policy, draft.receiver, at)("msg_preview", _gathered(words, listed[draft.receiver]))
        message = linked(message, policy.telling.links)
        text = as_shown(by_receiver[draft.receiver], message, at, policy.language)
        found.append(ForeseenMessage(at=at, receiver=draft.receiver, notices=len(words), text=text))
    return tuple(sorted(found, key=lambda one: (one.at, one.receiver)))


def burden(store: Store, policy: Policy, since: datetime) -> tuple[BurdenView, ...]:
    """What was promised about each unit from `since` on, the most first."""
    counts: dict[str, dict[str, int]] = {}
    with store.recalling() as ledger:
        for unit, cause, state, number in ledger.outbox.promised(since):
            kind = "breaches" if cause in BEGINNINGS else "ends" if cause in ("resolved", "back") else "other"
            if cause in ("reminder", "repeat"):
                kind = "spared" if state == SPARED else "reminders"
            own = counts.setdefault(unit, {})
            own[kind] = own.get(kind, 0) + number
    names = {unit: policy.units[unit].name if unit in policy.units else "" for unit in counts}
    views = (BurdenView(unit=unit, name=names[unit], **own) for unit, own in counts.items())
    return tuple(sorted(views, key=lambda view: (-view.reminders - view.spared, -view.breaches, view.unit)))


@dataclass(frozen=True)
class _Word:
    """One word that will be told. waits: it is promised already."""

    at: datetime
    receiver: str
    notice: Notice
    waits: bool


def _words(store: Store, policy: Policy, now: datetime, within: timedelta) -> list[_Word]:
    found: list[_Word] = []
    with store.recalling() as ledger:
        found += [_Word(now, receiver, notice, True) for notice, receiver in ledger.outbox.waiting()]
        alerts = ledger.alerts_to_tell(now + within, None)
        around = Around.of_batch(ledger, alerts, policy, now)
        for alert in alerts:
            account, said = around.accounts.get(alert.id), around.said[alert.id]
            for owed in promises(alert, said, around.situation(alert, account, said), now):
                if owed.due_at <= now + within:
                    found.append(_Word(owed.due_at, owed.receiver, notice_of(around, alert, account, owed), False))
    return sorted(found, key=lambda one: (one.at, one.receiver, one.notice.account))


def _gathered(words: list[_Word], listed: int) -> Gathered:
    counts: dict[str, int] = {}
    for word in words:
        counts[word.notice.cause] = counts.get(word.notice.cause, 0) + 1
    worst = sorted(words, key=lambda word: (RANK[word.notice.cause], word.at))[:listed]
    units = sorted({word.notice.unit for word in words})
    return Gathered(tuple(word.notice for word in worst), counts, tuple(units))


def _ahead(
    alert: Alert, account: Account | None, said: dict[str, str], around: Around, policy: Policy, now: datetime
) -> Iterable[ForeseenView]:
    for owed in promises(alert, said, around.situation(alert, account, said), now):
        says = why(owed, alert, True, policy.language)
        yield _view(alert, account, policy, owed.receiver, owed.cause, owed.due_at, says)


def _view(
    alert: Alert,
    account: Account | None,
    policy: Policy,
    receiver: str,
    cause: str,
    at: datetime | None,
    says: str = "",
) -> ForeseenView:
    unit = account.unit if account else ""
    return ForeseenView.model_validate(
        {
            "at": at,
            "receiver": receiver,
            "cause": cause,
            "level": alert.level,
            "account": account.id if account else alert.subject,
            "name": account.name if account else "",
            "unit": unit,
            "unit_name": policy.units[unit].name if unit in policy.units else "",
            "alert": alert.id,
            "why": says,
        }
    )
