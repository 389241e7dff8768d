"""What is put down for a time that no plan of ours reaches was put down by a clock that was wrong: it is due now.

It must not touch what is leased by somebody whose clock is right: such a lease ends within minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from mediawatch.store.outbox import OWED
from mediawatch.store.tables import TARGET
from mediawatch.store.telling_tables import MESSAGE

_RETRIES = timedelta(days=2)  # no receiver is waited for as long between two attempts


def bring_back(connection: Connection, now: datetime, most: timedelta) -> int:
    """Makes looks due that lie further ahead than `most`, and messages that wait longer than any. Returns how many."""
    looks = update(TARGET).where(TARGET.c.next_due > now + most).values(next_due=now, look_by=now, lease_token=None)
    waiting = (MESSAGE.c.state == OWED, MESSAGE.c.next_try > now + _RETRIES)
    messages = update(MESSAGE).where(*waiting).values(next_try=now, lease_token=None)
    return connection.execute(looks).rowcount + connection.execute(messages).rowcount
