"""Owe what is owed; deliver what is owed. Whom to tell is decided in core; here it is promised and sent.

A promise is written in the same transaction as the change it speaks of, before the first attempt to send it. Sending
comes later, at least once, with an id that never changes.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from mediawatch.core import alerting, incidents
from mediawatch.core.alerting import Alert, Owed, State
from mediawatch.core.views import Notice
from mediawatch.core.wording import say
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger


def owe(ledger: Ledger, alert: Alert, policy: Policy, now: datetime) -> int:
    """Promises everything that is owed about one alert by now. May run any number of times; returns what was new."""
    promised = 0
    for owed in alerting.owed(alert, ledger.said((alert.id,)), policy.ladder, now, policy.reminders):
        promised += ledger.promise(owed, notice_of(ledger, alert, owed, policy), now)
    return promised


def owe_all(ledger: Ledger, policy: Policy, now: datetime) -> int:
    """The same for every live alert: what has come due since, such as the next rung of the ladder."""
    return sum(owe(ledger, alert, policy, now) for alert in ledger.all_live_alerts())


def notice_of(ledger: Ledger, alert: Alert, owed: Owed, policy: Policy) -> Notice:
    """The promise in words, frozen now, so that every attempt says the same."""
    account = ledger.account(alert.subject)
    indicator = policy.book_of(account).indicator(alert.indicator) if account and alert.finding else None
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
        outcome=alert.finding.outcome.value if alert.finding else "",
        since=alert.since,
        opened_at=alert.opened_at,
        resolved_at=alert.resolved_at,
        says=say(indicator, alert.finding, policy.language) if indicator and alert.finding else alert.detail,
        values=alert.finding.values if alert.finding else {},
        rulebook=account.rulebook if account else "",
    )


def watch_platform(ledger: Ledger, platform: str, policy: Policy, now: datetime) -> None:
    """Own fault first: opens or ends the platform's incident before anything is concluded from its looks."""
    looks = ledger.recent_looks(platform, now - policy.incident_window)
    canaries = frozenset(look.target for look in looks if look.target.startswith("canary/"))
    live = next((alert for alert in ledger.live_alerts(f"platform:{platform}") if alert.level == "incident"), None)
    incident = incidents.assess(platform, looks, canaries, now, policy.canary_quiet, live is not None)
    if incident is not None and live is None:
        ledger.open_incident(platform, incident.since, f"{incident.kind}: {incident.detail}")
        alert = Alert(
            id=alerting.alert_id(f"platform:{platform}", incident.kind, "incident", now),
            subject=f"platform:{platform}",
            indicator=incident.kind,
            level="incident",
            state=State.OPEN,
            since=incident.since,
            opened_at=now,
            confirmed_at=now,
            detail=f"{platform} {incident.kind}: {incident.detail}",
        )
    elif incident is None and live is not None:
        ledger.close_incident(platform, now)
        alert = live.model_copy(update={"state": State.RESOLVED, "resolved_at": now})
    else:
        return
    ledger.save_alert(alert)
    owe(ledger, alert, policy, now)
