"""What documents need of the record beside the views: who was held to account, what was put out, the chain itself.

Every function reads within a transaction of its caller. It must not judge, and never give a document a person's name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mediawatch.core.calendar import day_of, midnight_after, midnight_of
from mediawatch.core.copies import once
from mediawatch.core.lifecycle import AFTER, BEFORE
from mediawatch.core.model import Account
from mediawatch.core.rectification import Act, Case
from mediawatch.core.report_views import Held, LookRecord, Output
from mediawatch.store import rows
from mediawatch.store.office_tables import RECTIFICATION, TRACE
from mediawatch.store.tables import ACCOUNT, OBSERVATION, POST, PROFILE_DAY

_SOME = 500


def held(connection: Connection, since: datetime, until: datetime) -> tuple[Held, ...]:
    """Who was held to account in cases after `since` and up to `until`. A person is one unit's: told by a digest."""
    asked = (
        select(TRACE.c.at, TRACE.c.told, RECTIFICATION.c.file)
        .join(RECTIFICATION, TRACE.c.subject == "case:" + RECTIFICATION.c.id)
        .where(TRACE.c.act == Act.ESCALATE.value, TRACE.c.at > since, TRACE.c.at <= until)
        .order_by(TRACE.c.id)
    )
    found = []
    for row in connection.execute(asked):
        told = json.loads(row.told)
        if told.get("form"):
            unit = Case.model_validate_json(row.file).unit
            person = "".join(told["person"].split())
            who = hashlib.sha256(f"{unit}\n{person}".encode()).hexdigest()
            found.append(Held(who=who, form=told["form"], at=row.at))
    return tuple(found)


def registered(connection: Connection) -> tuple[Account, ...]:
    """Every account that is or was in the register, canaries left out, by its id; without targets."""
    asked = select(ACCOUNT).where(~ACCOUNT.c.canary).order_by(ACCOUNT.c.id)
    return tuple(rows.account_of(row, ()) for row in connection.execute(asked))


def opened_and_closed(connection: Connection, first: date, last: date) -> tuple[int, int]:
    """How many accounts were opened, and closed or moved, from one day to another, as the register says."""
    opened = closed = 0
    for account in registered(connection):
        began = account.filing.opened_on
        ended = account.filing.cancelled_on or (account.state_since if account.state in AFTER else None)
        opened += began is not None and first <= began <= last
        closed += ended is not None and first <= ended <= last
    return opened, closed


def outputs(connection: Connection, first: date, last: date, sponsor: str = "") -> tuple[Output, ...]:
    """What accounts in use put out in those days, by sponsor and name. sponsor: of one alone."""
    since, until = midnight_of(first), midnight_after(last)
    known = [
        one
        for one in registered(connection)
        if one.state not in BEFORE and sponsor in ("", one.sponsor) and one.kind not in ("website", "app")
    ]
    ids = [one.id for one in known]
    counts, oldest = _posts(connection, ids, since, until)
    followers = _followers(connection, ids, until)
    watched = _watched(connection, ids)
    found = []
    for account in sorted(known, key=lambda one: (one.sponsor, one.kind, one.name, one.id)):
        seen = watched.get(account.id)
        count, on = followers.get(account.id, (None, None))
        back = oldest.get(account.id)
        whole = seen is not None and (seen < since or (back is not None and back < since))
        found.append(
            Output(
                account=account.id,
                name=account.name,
                kind=account.kind,
                sponsor=account.sponsor,
                posts=counts.get(account.id, 0) if seen is not None and seen <= until else None,
                followers=count,
                counted_on=on,
                since=None if whole or seen is None else day_of(back or seen),
            )
        )
    return tuple(found)


def _posts(
    connection: Connection, ids: Sequence[str], since: datetime, until: datetime
) -> tuple[dict[str, int], dict[str, datetime]]:
    """By account, the posts of the days and the oldest post that was ever seen; reposts are posts, undated ones not.

    What two channels show of an account is one post.
    """
    counts: dict[str, int] = {}
    oldest: dict[str, datetime] = {}
    for start in range(0, len(ids), _SOME):
        some = POST.c.account.in_(ids[start : start + _SOME])
        asked = select(*(POST.c[name] for name in ("account", "target", "key", "at", "title", "url")))
        shown: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(asked.where(some, POST.c.at >= since, POST.c.at < until)):
            shown.setdefault(row.account, []).append(row)
        counts |= {account: len(once(posts)) for account, posts in shown.items()}
        back = select(POST.c.account, func.min(POST.c.at)).where(some, POST.c.at.is_not(None))
        oldest |= {str(row[0]): row[1] for row in connection.execute(back.group_by(POST.c.account))}
    return counts, oldest


def _followers(connection: Connection, ids: Sequence[str], until: datetime) -> dict[str, tuple[int, date]]:
    found: dict[str, tuple[int, date]] = {}
    for start in range(0, len(ids), _SOME):
        asked = (
            select(PROFILE_DAY.c.account, PROFILE_DAY.c.followers, PROFILE_DAY.c.day)
            .where(PROFILE_DAY.c.account.in_(ids[start : start + _SOME]), PROFILE_DAY.c.followers.is_not(None))
            .where(PROFILE_DAY.c.at < until)
            .order_by(PROFILE_DAY.c.day)
        )
        found |= {row.account: (row.followers, row.day) for row in connection.execute(asked)}
    return found


def _watched(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for start in range(0, len(ids), _SOME):
        asked = select(ACCOUNT.c.id, ACCOUNT.c.watched_since).where(ACCOUNT.c.id.in_(ids[start : start + _SOME]))
        found |= {row.id: row.watched_since for row in connection.execute(asked) if row.watched_since is not None}
    return found


def chain(connection: Connection, targets: Sequence[str], until: datetime) -> tuple[LookRecord, ...]:
    """Every look of these targets up to the instant, target by target, in the order it was written."""
    asked = (
        select(OBSERVATION)
        .where(OBSERVATION.c.target.in_(targets), OBSERVATION.c.at <= until)
        .order_by(OBSERVATION.c.target, OBSERVATION.c.id)
    )
    return tuple(_look(row) for row in connection.execute(asked))


def _look(row: Any) -> LookRecord:
    """As the hash covers it: instants in UTC to the microsecond."""
    moments = {
        name: None if (at := getattr(row, name)) is None else at.astimezone(UTC).isoformat(timespec="microseconds")
        for name in ("at", "newest_at")
    }
    names = (
        "target",
        "account",
        "platform",
        "reason",
        "detail",
        "facts",
        "posts",
        "digests",
        "asked",
        "prev_hash",
        "hash",
        "site",
        "exit",
        "setup",
    )
    return LookRecord(**{name: getattr(row, name) for name in names}, **moments)
