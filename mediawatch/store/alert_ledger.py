"""The alerts' part of a write transaction: alerts, what is owed about them, silences, and what people decided.

`Ledger` is the whole of it. It must not judge, and it must not read a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, select, update

from mediawatch.core.alerting import Alert, State
from mediawatch.core.model import Finding
from mediawatch.core.receiver_views import Tried
from mediawatch.core.review import Decision
from mediawatch.core.silences import Silence
from mediawatch.core.views import ActView
from mediawatch.store import batches, digests, receivers, reviews, rows, silences, upserts
from mediawatch.store.batches import NOTHING
from mediawatch.store.columns import among
from mediawatch.store.digests import Tally
from mediawatch.store.outbox import Outbox
from mediawatch.store.tables import ALERT, INCIDENT, META

_LIVE = ALERT.c.state != State.RESOLVED.value
_ALERTS = select(*(ALERT.c[name] for name in rows.OF_ALERT))
_ONE = _ALERTS.where(ALERT.c.id == bindparam("one")).with_for_update()
_LIVE_OF = _ALERTS.where(among(ALERT.c.subject, "subjects"), _LIVE).with_for_update()
_ALL_LIVE = _ALERTS.where(_LIVE)
_RESOLVED = _ALERTS.where(ALERT.c.resolved_at >= bindparam("since"))
_TO_TELL = (
    _ALERTS.where(ALERT.c.tell_at <= bindparam("now"))
    .order_by(ALERT.c.tell_at, ALERT.c.id)
    .limit(bindparam("most", type_=Integer))
)
_ALL = 2**31 - 1  # more than there will be, and the most that an INTEGER of PostgreSQL holds
_BLIND = select(INCIDENT.c.platform, INCIDENT.c.opened_at).where(INCIDENT.c.closed_at.is_(None))
_TELL = update(ALERT).where(ALERT.c.id == bindparam("one")).values(tell_at=bindparam("tell_at"))


@lru_cache(maxsize=16)
def _live_under(prefix: str) -> Select[Any]:
    """Few beginnings are asked for, each of them at every tick."""
    return _ALERTS.where(ALERT.c.subject.startswith(prefix, autoescape=True), _LIVE)


class AlertLedger:
    """What is written and read about alerts in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._upsert = upserts.OF[connection.dialect.name]
        self.outbox = Outbox(connection, self._upsert)

    def alert(self, alert_id: str) -> Alert:
        """The alert of that id, live or not. Raises KeyError."""
        found = self._alerts(_ONE, {"one": alert_id})
        if not found:
            raise KeyError(f"alert {alert_id}")
        return found[0]

    def receiver_tried(self, name: str, attempt: Tried) -> None:
        """Keeps what was last said to a receiver, and by it."""
        receivers.tried(self._connection, name, attempt)

    def live_alerts(self, subject: str) -> tuple[Alert, ...]:
        """The subject's alerts that are not resolved, oldest first."""
        return self._alerts(_LIVE_OF, {"subjects": [subject]})

    def live_alerts_of(self, subjects: Collection[str]) -> dict[str, tuple[Alert, ...]]:
        """By subject, its alerts that are not resolved, oldest first; subjects without any are left out."""
        found: dict[str, list[Alert]] = {}
        for alert in self._alerts(_LIVE_OF, {"subjects": sorted(subjects)}):
            found.setdefault(alert.subject, []).append(alert)
        return {subject: tuple(alerts) for subject, alerts in found.items()}

    def all_live_alerts(self) -> tuple[Alert, ...]:
        """Every alert that is not resolved, oldest first."""
        return self._alerts(_ALL_LIVE)

    def live_alerts_under(self, prefix: str) -> tuple[Alert, ...]:
        """Those whose subject begins so, oldest first."""
        return self._alerts(_live_under(prefix))

    def resolved_alerts(self, since: datetime) -> tuple[Alert, ...]:
        """Alerts that were resolved at or after `since`, oldest first."""
        return self._alerts(_RESOLVED, {"since": since})

    def _alerts(self, asked: Select[Any], values: Mapping[str, Any] = NOTHING) -> tuple[Alert, ...]:
        found = map(rows.alert_in, batches.read(self._connection, asked, values))
        return tuple(sorted(found, key=lambda alert: (alert.opened_at, alert.id)))

    def save_alert(self, alert: Alert) -> None:
        """Writes an alert, new or changed; what is owed about it is to be asked.

        Raises IntegrityError for a second live one of the same key.
        """
        self.save_alerts((alert,))

    def save_alerts(self, alerts: Iterable[Alert]) -> None:
        """`save_alert` of many, in one statement."""
        batches.run(self._connection, self._upsert.alert, [rows.alert_values(alert) for alert in alerts])

    def decisions(self, alert_id: str) -> tuple[Decision, ...]:
        """What people decided about an alert, from old to new."""
        return reviews.of_alert(self._connection, alert_id)

    def dismissed(self, account_id: str, findings: Sequence[Finding], at: datetime) -> frozenset[str]:
        """The indicators whose fail a person has dismissed: see `core.review.keeps_dismissed`."""
        return reviews.dismissed(self._connection, {account_id: (findings, at)})[account_id]

    def decide(self, decision: Decision) -> None:
        """Adds one decision to the record."""
        reviews.add(self._connection, decision)

    # --- telling -------------------------------------------------------------------------------------------------

    def alerts_to_tell(self, now: datetime, most: int | None) -> tuple[Alert, ...]:
        """Alerts about which something may be owed by now, at most so many, the longest waiting first."""
        return self._alerts(_TO_TELL, {"now": now, "most": _ALL if most is None else most})

    def tell_at(self, times: Mapping[str, datetime | None]) -> None:
        """When something may next be owed about alerts; `None` while nothing can be."""
        batches.run(self._connection, _TELL, [{"one": alert, "tell_at": at} for alert, at in times.items()])

    def ask_again(self, now: datetime, subject: str | None = None) -> None:
        """What is owed about live alerts (of one subject) is asked anew: something else than they has changed."""
        live = update(ALERT).where(_LIVE).values(tell_at=now)
        self._connection.execute(live if subject is None else live.where(ALERT.c.subject == subject))

    def open_incidents(self) -> dict[str, datetime]:
        """By platform: since when it cannot be seen."""
        return dict(batches.read(self._connection, _BLIND, NOTHING))

    def blind_until(self, platforms: Collection[str]) -> dict[str, datetime]:
        """By platform: when its last spell of blindness ended."""
        if not platforms:
            return {}
        ended = select(INCIDENT.c.platform, func.max(INCIDENT.c.closed_at).label("at")).group_by(INCIDENT.c.platform)
        found = self._connection.execute(ended.where(INCIDENT.c.platform.in_(platforms)))
        return {row.platform: row.at for row in found if row.at is not None}

    def flapping(self) -> dict[tuple[str, str], datetime]:
        """By subject and indicator: since when an answer comes and goes."""
        asked = select(ALERT.c.subject, ALERT.c.indicator, ALERT.c.opened_at).where(ALERT.c.level == "flapping", _LIVE)
        return {(row.subject, row.indicator): row.opened_at for row in self._connection.execute(asked)}

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """The silences that hold, will hold, or may still explain why something was quiet."""
        return silences.known(self._connection, now)

    def add_silence(self, silence: Silence) -> None:
        silences.add(self._connection, silence)

    def end_silence(self, id_: str, by: str, now: datetime) -> Silence:
        """Ends a silence now. Raises KeyError, or ValueError where it is over already."""
        return silences.end(self._connection, id_, by, now)

    def tally(self, units: Collection[str] | None, since: datetime, to: datetime) -> Tally:
        """What a digest counts of these units (`None` for all) in a period."""
        return digests.tally(self._connection, units, since, to)

    def answers(self, accounts: Collection[str], now: datetime) -> dict[str, tuple[str, str]]:
        """By account: who answers for its breach, and their note."""
        return digests.answers(self._connection, accounts, now)

    def note(self, act: ActView) -> None:
        """Adds to the record what a person did."""
        silences.note(self._connection, act)

    def acts(self, subject: str | None, most: int) -> tuple[ActView, ...]:
        """What people did, the newest first; about one subject where it is named."""
        return silences.all_acts(self._connection, subject, most)

    def remember(self, key: str, value: str) -> None:
        """Keeps a fact about this house itself."""
        batches.run(self._connection, self._upsert.meta, [{"key": key, "value": value}])

    def remembered(self, key: str) -> str | None:
        found: str | None = self._connection.execute(select(META.c.value).where(META.c.key == key)).scalar()
        return found
