"""What people do about alerts: acknowledge one, silence some for a time, end a silence. Each is an act in the record.

And to have an account looked at again, or a receiver that is mended told what it refused. In one transaction with what
follows from it. It must not judge or send.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from mediawatch import notify
from mediawatch.core.alerting import Alert, acknowledged
from mediawatch.core.model import Value
from mediawatch.core.schedule import Due
from mediawatch.core.silences import Silence, Wanted, made
from mediawatch.core.views import ActView
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger, Store

NEWS = timedelta(hours=12)  # a digest that was refused longer ago is not told: the next one serves better


def acknowledge(
    store: Store,
    policy: Policy,
    alert_id: str,
    by: str,
    note: str,
    now: datetime,
    *,
    until: datetime | None = None,
    sticky: bool = False,
) -> Alert:
    """Notes that somebody answers for an alert: until then, or as the settings say, or (sticky) until it is healthy.

    Whoever does so already stays, unless the new word reaches further. Raises KeyError for an unknown alert,
    ValueError (in words) for one that is over.
    """
    with store.writing() as ledger:
        before = ledger.alert(alert_id)
        if until is None and not sticky and before.live and before.answered(now):
            return before
        until = None if sticky else until or now + policy.telling.answered_for
        alert = acknowledged(before, now, by, note, until)
        if alert is not before:
            ledger.save_alert(alert)
            ledger.note(ActView(at=now, by=by, act="acknowledge", subject=alert_id, note=note, until=until))
            notify.owe(ledger, alert, policy, now)
        return alert


def silence(store: Store, asked: Wanted, now: datetime) -> Silence:
    """Adds a silence or a maintenance window. Raises ValueError for one that is over before it begins."""
    if asked.ends_at <= now:
        raise ValueError("it would be over already")
    if asked.starts_at is not None and asked.ends_at <= asked.starts_at:
        raise ValueError("it ends before it starts")
    wanted = made(asked, now)
    with store.writing() as ledger:
        if any(one.id == wanted.id for one in ledger.silences(now)):  # asked twice, for an answer that was lost
            return wanted
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


class Retry(Value):
    """receiver: one that takes messages again, after its token or address was mended."""

    receiver: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=2000)


class Retried(Value):
    """messages: how many are owed again."""

    messages: int


def retry_receiver(ledger: Ledger, policy: Policy, asked: Retry, by: str, now: datetime) -> Retried:
    """What a receiver refused is owed to it again, under the same ids; what has ended meanwhile is told as ended."""
    messages, alerts = ledger.outbox.owe_again(asked.receiver, now, NEWS)
    for id_ in alerts:
        notify.owe(ledger, ledger.alert(id_), policy, now)
    ledger.note(ActView(at=now, by=by, act="retry_receiver", subject=asked.receiver, note=asked.note))
    return Retried(messages=messages)


class Again(Value):
    """id: an account that is to be looked at again. note: why."""

    id: str = Field(max_length=200)
    note: str = Field(default="", max_length=2000)


class Hastened(Value):
    """targets: how many of the account's targets are due at once now; those that are being looked at are not."""

    targets: int


def look_again(ledger: Ledger, policy: Policy, asked: Again, by: str, now: datetime) -> Hastened:
    """Makes an account's targets due at once; each platform's pace still holds. Raises KeyError for an unknown one."""
    account = ledger.account(asked.id)
    if account is None:
        raise KeyError(f"account {asked.id}")
    targets = ledger.bring_forward({target.id: Due(at=now, by=now) for target in account.targets})
    ledger.note(ActView(at=now, by=by, act="look_again", subject=asked.id, note=asked.note))
    return Hastened(targets=targets)
