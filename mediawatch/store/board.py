"""The board in SQL: its orders, its windows, its numbers, and what its accounts have in common. It must never write.

A window is found in two steps: first the ids, by columns that an index holds, then the whole rows of those few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, or_, select, tuple_

from mediawatch.core.filtering import Filter
from mediawatch.core.list_views import Group
from mediawatch.core.model import Outcome
from mediawatch.core.regions import DIGITS, named
from mediawatch.core.rulebook import Language
from mediawatch.core.standing import Standing, tallied
from mediawatch.store import keyset
from mediawatch.store.enroll import RANK
from mediawatch.store.narrowing import account_labels, conditions, shown_outcome
from mediawatch.store.tables import ACCOUNT, ON_BOARD

_STANDS = {rank: standing for standing, rank in RANK.items()}
_GOOD = (RANK[Standing.PASS], RANK[Standing.AT_RISK])
_MAY_MISS = frozenset((ACCOUNT.c.newest_post_at, ACCOUNT.c.looked_at, ACCOUNT.c.tried_at))


SORTS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "days_left": (ACCOUNT.c.rank, ACCOUNT.c.order_at, ACCOUNT.c.id),
    "deadline": (ACCOUNT.c.order_at, ACCOUNT.c.id),
    "outcome": (ACCOUNT.c.rank, ACCOUNT.c.id),
    "name": (ACCOUNT.c.name, ACCOUNT.c.id),
    "kind": (ACCOUNT.c.kind, ACCOUNT.c.id),
    "level": (ACCOUNT.c.level, ACCOUNT.c.id),
    "region": (ACCOUNT.c.region, ACCOUNT.c.id),
    "sponsor": (ACCOUNT.c.sponsor, ACCOUNT.c.id),
    "state": (ACCOUNT.c.state, ACCOUNT.c.id),
    "indicator": (ACCOUNT.c.indicator, ACCOUNT.c.id),
    "newest_post_at": (ACCOUNT.c.newest_post_at, ACCOUNT.c.id),
    "looked_at": (ACCOUNT.c.looked_at, ACCOUNT.c.id),
    "tried_at": (ACCOUNT.c.tried_at, ACCOUNT.c.id),
    "account": (ACCOUNT.c.id,),
}
"""The orders of the board; each ends with the id, so that no two accounts share a place. What is not there comes first,
and in the other direction last."""


class NoSuchOrder(ValueError):
    """The board has no such order."""

    def __init__(self, sort: str) -> None:
        super().__init__(f"no such order: {sort}; there are {', '.join(SORTS)}")


GROUPS: dict[str, ColumnElement[str]] = {
    **dict.fromkeys(DIGITS, ACCOUNT.c.region),  # whole, as an index holds it: the digits are cut behind it
    **{
        name: ACCOUNT.c[name]
        for name in ("unit", "sponsor", "supervisor", "kind", "level", "state", "indicator", "rulebook")
    },
}
"""What accounts may be counted by."""


def narrowed(only: Filter, outcomes: Iterable[Outcome], now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of the accounts that are asked for."""
    found = conditions(only, ACCOUNT.c.search, account_labels(now))
    wanted = sorted(outcomes)
    return [shown_outcome(now).in_(wanted), *_reaching(wanted, now), *found] if wanted else found


def _reaching(wanted: Sequence[Outcome], now: datetime) -> list[ColumnElement[bool]]:
    """How far down the board's own order accounts with these outcomes stand: below, no index need be read.

    What is shown as unknown because its deadline has passed still stands where it stood before.
    """
    if Outcome.PASS in wanted:
        return []
    if Outcome.UNKNOWN not in wanted:
        last = Standing.CANDIDATE if wanted == [Outcome.FAIL] else max(map(Standing, wanted), key=RANK.__getitem__)
        return [ACCOUNT.c.rank <= RANK[last]]
    place = (RANK[Standing.PASS], now)
    columns = (ACCOUNT.c.rank, ACCOUNT.c.order_at)
    return [
        tuple_(*columns) <= tuple_(*(literal(value, column.type) for value, column in zip(place, columns, strict=True)))
    ]


def window(
    connection: Connection,
    where: Sequence[ColumnElement[bool]],
    sort: str,
    *,
    descending: bool,
    offset: int,
    limit: int,
    after: str,
    before: str,
    matching: int,
) -> list[Row[Any]]:
    """The rows of one window, in the order asked for. Raises ValueError for an order or a mark that is none.

    after, before: marks of rows (`mark_of`) behind or in front of which the window begins or ends; `offset` counts only
    without them. matching: how many accounts there are, so that a window near the end is found from there.
    """
    if sort not in SORTS:
        raise NoSuchOrder(sort)
    columns = SORTS[sort]
    backward = bool(before) and not after
    if not after and not before and offset * 2 > matching:
        limit = max(0, min(limit, matching - offset))
        offset, backward = max(0, matching - offset - limit), True
    asked = select(ACCOUNT.c.id).where(ON_BOARD, *where)
    mark = after or before
    if mark:
        asked, offset = (
            asked.where(_beyond(columns, keyset.place(mark, columns, _MAY_MISS), descending is not backward)),
            0,
        )
    down = descending is not backward
    asked = asked.order_by(*_order(sort, down))
    ids = connection.execute(asked.limit(max(limit, 0)).offset(max(offset, 0))).scalars().all()
    return rows_of(connection, ids[::-1] if backward else ids)


def ids(
    connection: Connection,
    where: Sequence[ColumnElement[bool]],
    sort: str,
    descending: bool,
    offset: int = 0,
    limit: int | None = None,
) -> Sequence[str]:
    """The ids of the accounts that are asked for, in an order. Raises ValueError for an order that is none."""
    asked = select(ACCOUNT.c.id).where(ON_BOARD, *where).order_by(*_order(sort, descending))
    return connection.execute(asked.offset(offset).limit(limit)).scalars().all()


def rows_of(connection: Connection, ids: Sequence[str]) -> list[Row[Any]]:
    """The whole rows of some accounts, in the order of the ids."""
    whole = select(ACCOUNT).where(ACCOUNT.c.id.in_(ids))
    rows = {row.id: row for row in connection.execute(whole)} if ids else {}
    return [rows[one] for one in ids if one in rows]


def mark_of(row: Row[Any], sort: str) -> str:
    """The row's place in an order, to go on from there."""
    return keyset.mark([getattr(row, str(column.key)) for column in SORTS[sort]])


def _order(sort: str, down: bool) -> list[ColumnElement[Any]]:
    if sort not in SORTS:
        raise NoSuchOrder(sort)
    return [_ordered(column, down) for column in SORTS[sort]]


def _ordered(column: ColumnElement[Any], down: bool) -> ColumnElement[Any]:
    if column in _MAY_MISS:
        return column.desc().nulls_last() if down else column.nulls_first()
    return column.desc() if down else column


def _beyond(columns: Sequence[ColumnElement[Any]], place: Sequence[Any], down: bool) -> ColumnElement[bool]:
    """What comes behind a place, in an order that goes up or down."""
    if not _MAY_MISS.intersection(columns):
        here = tuple_(*columns)
        there = tuple_(*(literal(value, column.type) for value, column in zip(place, columns, strict=True)))
        return here < there if down else here > there
    (column, last), (value, name) = columns, place
    missing = column.is_(None)
    if value is None:
        rest = and_(missing, last < name if down else last > name)
        return rest if down else or_(rest, ~missing)
    rest = and_(column == value, last < name if down else last > name)
    return or_(rest, column < value, missing) if down else or_(rest, column > value)


def count(connection: Connection, asked: Select[Any]) -> int:
    """How many rows a question has."""
    return int(connection.execute(select(func.count()).select_from(asked.subquery())).scalar_one())


def by_standing(connection: Connection, where: Sequence[ColumnElement[bool]], now: datetime) -> Mapping[Standing, int]:
    """How many accounts stand how."""
    return _counted(connection, where, now, None).get("", {})


def by_unit(connection: Connection, now: datetime) -> dict[tuple[str, Standing], int]:
    """How many accounts of each unit stand how; of an account without one the unit is empty."""
    found = _counted(connection, (), now, ACCOUNT.c.unit)
    return {(unit, one): number for unit, numbers in found.items() for one, number in numbers.items()}


def _counted(
    connection: Connection, where: Sequence[ColumnElement[bool]], now: datetime, by: ColumnElement[str] | None
) -> dict[str, Counter[Standing]]:
    """How many accounts stand how, by what they share, or all in one.

    Counted as it is stored, which an index has in order; then the few are moved that a deadline has overtaken
    (`shown_outcome`).
    """
    key = () if by is None else (by,)
    asked = select(ACCOUNT.c.rank, func.count(), *key).where(ON_BOARD, *where).group_by(*key, ACCOUNT.c.rank)
    found: dict[str, Counter[Standing]] = {}
    for rank, number, *shared in connection.execute(asked):
        found.setdefault(shared[0] or "" if shared else "", Counter())[_STANDS[rank]] = number
    late = asked.where(ACCOUNT.c.rank.in_(_GOOD), ACCOUNT.c.deadline <= now)
    for rank, number, *shared in connection.execute(late):
        numbers = found[shared[0] or "" if shared else ""]
        numbers[_STANDS[rank]] -= number
        numbers[Standing.UNKNOWN] += number
    return found


def groups(
    connection: Connection, where: Sequence[ColumnElement[bool]], by: str, now: datetime, language: Language
) -> tuple[Group, ...]:
    """The accounts counted by what they share, the most fails first. Raises ValueError for what is not in `GROUPS`."""
    if by not in GROUPS:
        raise ValueError(f"accounts are not counted by {by}; there are {', '.join(GROUPS)}")
    found: dict[str, Counter[Standing]] = {}
    for key, numbers in _counted(connection, where, now, GROUPS[by]).items():
        found.setdefault(key[: DIGITS.get(by)], Counter()).update(numbers)
    made = (_group(group, numbers, by, language) for group, numbers in found.items())
    return tuple(sorted(made, key=lambda one: (-one.by_standing[Standing.FAIL], -one.candidates, one.key)))


def _group(key: str, numbers: Mapping[Standing, int], by: str, language: Language) -> Group:
    return Group(
        key=key,
        name=named(key, language) if by in DIGITS else key,
        total=sum(numbers.values()),
        **tallied(numbers),
    )
