"""What a message, or one alert, is about, for those who answer it by a link. It reads and never writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, not_, select

from mediawatch.core.alerting import State
from mediawatch.core.links import MESSAGE
from mediawatch.core.receiver_views import Answerable
from mediawatch.store import alert_views
from mediawatch.store.in_words import InWords
from mediawatch.store.tables import ALERT
from mediawatch.store.telling_tables import NOTIFICATION


def view(connection: Connection, words: InWords, subject: str, most: int, now: datetime) -> Answerable:
    """At most `most` of the alerts, those first that nobody answers for. Raises KeyError where there are none."""
    open_ = (ALERT.c.state == State.OPEN.value, not_(alert_views.answered(now)))
    receiver, about = "", ALERT.c.id == subject
    if subject.startswith(MESSAGE):
        told = NOTIFICATION.c.sent_in == subject
        receiver = connection.execute(select(NOTIFICATION.c.receiver).where(told).limit(1)).scalar() or ""
        about = ALERT.c.id.in_(select(NOTIFICATION.c.alert).where(told))
    total, waiting = alert_views.count(connection, [about]), alert_views.count(connection, [about, *open_])
    if not total:
        raise KeyError(subject)
    shown, _ = alert_views.window(connection, words, [about, *open_], alert_views.Asked(limit=most), now)
    if len(shown) < most:
        others = [about, ALERT.c.id.not_in([one.id for one in shown])]
        shown += alert_views.window(connection, words, others, alert_views.Asked(limit=most - len(shown)), now)[0]
    return Answerable(receiver=receiver, total=total, waiting=waiting, alerts=shown)
