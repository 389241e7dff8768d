"""What people do about alerts: acknowledge one, silence some for a time, end a silence. Each is an act in the record.

In one transaction with what follows from it. It must not judge, and it must not send.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch import notify
from mediawatch.core.alerting import Alert, acknowledged
from mediawatch.core.silences import Silence
from mediawatch.core.views import ActView
from mediawatch.policy import Policy
from mediawatch.store.store import Store


def acknowledge(
    store: Store,
    policy: Policy,
    alert_id: str,
    by: str,
    note: str,
    now: datetime,
    *,
    lasts: timedelta | None = None,
    sticky: bool = False,
) -> Alert:
    """Notes that somebody answers for an alert: for `lasts` or as the settings say, or (sticky) until it is healthy.

    Whoever does so already stays, unless the new word reaches further. Raises KeyError for an unknown alert,
    ValueError (in words) for one that is over.
    """
    until = None if sticky else now + (lasts or policy.telling.answered_for)
    with store.writing() as ledger:
        before = ledger.alert(alert_id)
        if lasts is None and not sticky and before.live and before.answered(now):
            return before
        alert = acknowledged(before, now, by, note, until)
        if alert is not before:
            ledger.save_alert(alert)
            ledger.note(ActView(at=now, by=by, act="acknowledge", subject=alert_id, note=note, until=until))
            notify.owe(ledger, alert, policy, now)
        return alert


def silence(store: Store, wanted: Silence, now: datetime) -> Silence:
    """Adds a silence or a maintenance window. Raises ValueError for one that is over before it begins."""
    if wanted.ends_at <= now:
        raise ValueError("it would be over already")
    if not wanted.by.strip() or not wanted.comment.strip():
        raise ValueError("a silence needs a name and a comment")
    with store.writing() as ledger:
        ledger.add_silence(wanted)
        ledger.note(
            ActView(at=now, by=wanted.by, act="silence", subject=wanted.id, note=wanted.comment, until=wanted.ends_at)
        )
        ledger.ask_again(now)
    return wanted


def end_silence(store: Store, id_: str, by: str, now: datetime) -> Silence:
    """Ends a silence now. Raises KeyError for an unknown one, ValueError where it is over already."""
    with store.writing() as ledger:
        ended = ledger.end_silence(id_, by, now)
        ledger.note(ActView(at=now, by=by, act="end_silence", subject=id_))
        ledger.ask_again(now)
    return ended
