"""Whose answers stand as they are, and who is to be judged again: found by one statement, without any evidence.

An account's answers last until the clock may change one of them, while nobody has looked at it since they were last
found to stand, and while the books, the rules and the incidents of its platforms are those they were given by. Whatever
else they rest on lets go of them (`enroll.UNSETTLED`). It must not judge.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select

from mediawatch.store.settled import incidents
from mediawatch.store.tables import ACCOUNT, ON_BOARD, REVIEW

_ON_BOARD = select(ACCOUNT.c.id).where(ON_BOARD).order_by(ACCOUNT.c.id)
_BY = select(ACCOUNT.c.kept_by).where(ACCOUNT.c.kept_by != "").distinct()


@dataclass(frozen=True)
class Lasting:
    """until: when judging the account again may give another answer than stands; `None` where any instant may. by:
    what the answers were given by, see `by`."""

    until: datetime | None = None
    by: str = ""


NOT_LASTING = Lasting()


def by(edition: str, incidents_of: dict[str, str]) -> str:
    """What answers are given by. edition: of the book, and of the rules. incidents_of: by each of the account's
    platforms, as `settled.incidents` gives it."""
    return " ".join((edition, *(f"{platform}={mark}" for platform, mark in sorted(incidents_of.items()))))


def to_judge(connection: Connection, editions: Collection[str], now: datetime) -> list[str]:
    """The accounts on the board whose answers may be others by `now`, in the order of their ids.

    editions: those that hold now, of the books and of the rules. What a person has decided of an alert may have an end
    of its own, so that such an account is always among them.
    """
    turned = case((_stays(connection, editions, now), 0), else_=1) == 1
    return list(connection.execute(_ON_BOARD.where(turned)).scalars())


def given_by(connection: Connection, edition: str, now: datetime) -> list[tuple[str, str]]:
    """The accounts whose answers still stand, but were given by that edition: the id and the kind of each."""
    asked = _ON_BOARD.add_columns(ACCOUNT.c.kind).where(_stays(connection, [edition], now))
    return [(id_, kind) for id_, kind in connection.execute(asked)]


def _stays(connection: Connection, editions: Collection[str], now: datetime) -> ColumnElement[bool]:
    return and_(
        ACCOUNT.c.kept_by.in_(_hold(connection, editions)),
        ACCOUNT.c.keeps_until > now,
        ACCOUNT.c.settled_at <= now,
        or_(ACCOUNT.c.tried_at.is_(None), ACCOUNT.c.tried_at <= ACCOUNT.c.settled_at),
        ACCOUNT.c.id.not_in(select(REVIEW.c.account)),
    )


def _hold(connection: Connection, editions: Collection[str]) -> list[str]:
    """Of all that answers were given by, what holds still."""
    told = list(connection.execute(_BY).scalars())
    marks = {one: dict(mark.split("=", 1) for mark in one.split(" ") if "=" in mark) for one in told}
    now = incidents(connection, {platform for of in marks.values() for platform in of})
    current = {one: {platform: now[platform] for platform in of} for one, of in marks.items()}
    return [one for one in told if any(one == by(edition, current[one]) for edition in editions)]
