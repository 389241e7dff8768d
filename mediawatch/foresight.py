"""What will be told if nothing changes: of one account, or of all that stands; and what units have borne so far.

It asks the same pure decision that the daemon asks, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mediawatch.core import faults
from mediawatch.core.alert_words import why
from mediawatch.core.alerting import BEGINNINGS, Alert, State
from mediawatch.core.alerting_views import BurdenView, ForeseenView
from mediawatch.core.model import Account
from mediawatch.core.routing import promises, rungs
from mediawatch.notify import Around
from mediawatch.policy import Policy
from mediawatch.store.outbox import SPARED
from mediawatch.store.store import Store


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
    found: list[ForeseenView] = []
    with store.recalling() as ledger:
        around = Around.of(ledger, policy, now)
        for notice, receiver in ledger.outbox.waiting():
            shared = ("cause", "level", "account", "name", "unit", "unit_name", "alert", "why")
            values = {name: getattr(notice, name) for name in shared}
            found.append(ForeseenView(at=now, receiver=receiver, waits=True, **values))
        for alert in ledger.alerts_to_tell(now + within, None):
            account = None if alert.subject.startswith(faults.OURS) else ledger.account(alert.subject)
            said = ledger.outbox.said((alert.id,))
            ahead = _ahead(alert, account, said, around, policy, now)
            found += [one for one in ahead if one.at is not None and one.at <= now + within]
    return tuple(sorted(found, key=lambda one: (one.at or now, one.receiver, one.account)))


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
