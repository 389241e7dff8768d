"""The evidence on many accounts at once, as it stood at an instant: the same as `evidence.py` gives one by one, in a
dozen questions for hundreds of accounts. It must never judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from mediawatch.core.calendar import day_of
from mediawatch.core.content.hit import Hit
from mediawatch.core.model import Account, DayCount, Evidence
from mediawatch.store import hits, profiles
from mediawatch.store.evidence import LOOKS, POSTS, Incidents, Rows, made, visits_of
from mediawatch.store.tables import HIT, OBSERVATION, POST, PROFILE, PROFILE_DAY

_NEW_FIRST = (OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
_OLD_FIRST = (OBSERVATION.c.at, OBSERVATION.c.id)


def evidence_of(connection: Connection, accounts: Sequence[Account], now: datetime) -> Iterator[Evidence]:
    """For each account, in their order, all that a rule may look at; the accounts hold the targets that count."""
    owner = {target.id: account.id for account in accounts for target in account.targets}
    looks = _by(connection, _looks(connection, list(owner), now), owner)
    posts = _by(connection, _newest(POST, list(owner), now, POSTS, POST.c.order_at, POST.c.key), owner)
    changes = _by(
        connection, _newest(PROFILE, list(owner), now, profiles.CHANGES, PROFILE.c.at, PROFILE.c.target), owner
    )
    series = _by(connection, _series(list(owner), now), owner)
    found = _by(connection, _newest(HIT, list(owner), now, hits.MOST, HIT.c.at, HIT.c.id), owner)
    told = (looks, changes, series)
    blind = Incidents(connection, [row for one in told for lines in one.values() for row in lines])
    for account in accounts:
        mine = account.id
        given = Rows(looks.get(mine, ()), posts.get(mine, ()), changes.get(mine, ()), series.get(mine, ()))
        hit = reversed(found.get(mine, ())) if given.looks else ()
        screened = tuple(Hit(**{name: getattr(row, name) for name in Hit.model_fields}) for row in hit)
        yield made(account, now, given, visits_of(connection, account.targets, now), screened, blind)


def _by(connection: Connection, asked: Sequence[Select[Any]], owner: dict[str, str]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for question in asked:
        for row in connection.execute(question):
            found.setdefault(owner[row.target], []).append(row)
    return found


def _looks(connection: Connection, targets: list[str], now: datetime) -> list[Select[Any]]:
    """The last looks of each target; where there may be older ones, the first that saw anything, and the last where
    none of these did."""
    if not targets:
        return []
    mine = (OBSERVATION.c.target.in_(targets), OBSERVATION.c.at <= now)
    last = _ranked(mine, _NEW_FIRST)
    recent = select(last.c.id, last.c.target, last.c.saw).where(last.c.nth <= LOOKS)
    ids: set[int] = set()
    counted: dict[str, int] = {}
    seen: set[str] = set()
    for row in connection.execute(recent):
        ids.add(row.id)
        counted[row.target] = counted.get(row.target, 0) + 1
        if row.saw:
            seen.add(row.target)
    long = [target for target, number in counted.items() if number == LOOKS]
    dark = [target for target in long if target not in seen]
    for some, order in ((long, _OLD_FIRST), (dark, _NEW_FIRST)):
        if some:
            ranked = _ranked((OBSERVATION.c.target.in_(some), OBSERVATION.c.at <= now, OBSERVATION.c.saw), order)
            ids.update(connection.execute(select(ranked.c.id).where(ranked.c.nth == 1)).scalars())
    wanted = sorted(ids)
    return [select(OBSERVATION).where(OBSERVATION.c.id.in_(some)) for some in _chunks(wanted)]


def _ranked(where: Sequence[Any], order: Sequence[Any]) -> Any:
    place = func.row_number().over(partition_by=OBSERVATION.c.target, order_by=order).label("nth")
    return select(OBSERVATION.c.id, OBSERVATION.c.target, OBSERVATION.c.saw, place).where(*where).subquery()


def _newest(table: Any, targets: list[str], now: datetime, most: int, at: Any, then: Any) -> list[Select[Any]]:
    """The newest rows of each account through these targets, from new to old."""
    if not targets:
        return []
    seen_at = table.c.first_seen_at if table is POST else table.c.at
    place = func.row_number().over(partition_by=table.c.account, order_by=(at.desc(), then.desc())).label("nth")
    ranked = select(table, place).where(table.c.target.in_(targets), seen_at <= now).subquery()
    return [select(ranked).where(ranked.c.nth <= most).order_by(ranked.c.account, ranked.c.nth)]


def _series(targets: list[str], now: datetime) -> list[Select[Any]]:
    if not targets:
        return []
    since = day_of(now) - timedelta(days=profiles.SERIES_DAYS)
    asked = select(*(PROFILE_DAY.c[name] for name in (*DayCount.model_fields, "platform")))
    asked = asked.where(PROFILE_DAY.c.target.in_(targets), PROFILE_DAY.c.day > since, PROFILE_DAY.c.at <= now)
    return [asked.order_by(PROFILE_DAY.c.day, PROFILE_DAY.c.target)]


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), 5000):
        yield ids[start : start + 5000]
