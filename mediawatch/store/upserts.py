"""Insert-or-update, which both engines spell alike and SQLAlchemy keeps in a class for each. Built once, run often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, case
from sqlalchemy.dialects import postgresql, sqlite

from mediawatch.store.keeping_tables import ANSWER, LOOK_HOUR
from mediawatch.store.tables import ALERT, META, POST, PROFILE, PROFILE_DAY, STANDING
from mediawatch.store.telling_tables import MESSAGE, NOTIFICATION, TOLD


@dataclass(frozen=True)
class Upserts:
    """The statements of one engine, to be run with one row or with a list of rows.

    promise, message: insert and return the key, or do nothing and return nothing where the key is there.
    """

    post: Any
    profile: Any
    profile_day: Any
    standing: Any
    alert: Any
    promise: Any
    message: Any
    told: Any
    meta: Any
    counted: Any
    answer: Any


def _replace(insert: Any, table: Table, *key: str) -> Any:
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changed)


def _post(insert: Any) -> Any:
    """A post that is shown again. The first date that was claimed stays: a platform's later rounding, or a new date
    on an old post, is no news."""
    statement = insert(POST)
    new = statement.excluded
    undated = POST.c.at.is_(None) & new.at.is_not(None)
    copied = ("target", "title", "url", "pinned", "repost", "original", "digest")
    return statement.on_conflict_do_update(
        index_elements=["account", "key"],
        set_={
            **{name: new[name] for name in copied},
            "at": case((undated, new.at), else_=POST.c.at),
            "order_at": case((undated, new.at), else_=POST.c.order_at),
            "first_seen_at": case(
                (new.first_seen_at < POST.c.first_seen_at, new.first_seen_at), else_=POST.c.first_seen_at
            ),
            "last_seen_at": case((new.last_seen_at > POST.c.last_seen_at, new.last_seen_at), else_=POST.c.last_seen_at),
        },
    )


def _profile_day(insert: Any) -> Any:
    """Of several looks on one day the first counts, in whatever order they are written."""
    statement = insert(PROFILE_DAY)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["target", "day"],
        set_={name: new[name] for name in ("at", "followers", "posts", "following")},
        where=new.at < PROFILE_DAY.c.at,
    )


def _counted(insert: Any) -> Any:
    """More looks of an hour are added to those that it has."""
    statement = insert(LOOK_HOUR)
    return statement.on_conflict_do_update(
        index_elements=list(LOOK_HOUR.primary_key.columns.keys()),
        set_={"looks": LOOK_HOUR.c.looks + statement.excluded.looks},
    )


def _answer(insert: Any) -> Any:
    """An answer that came again: what holds it holds on."""
    statement = insert(ANSWER)
    new = statement.excluded.last_at
    return statement.on_conflict_do_update(
        index_elements=["digest"], set_={"last_at": new}, where=new > ANSWER.c.last_at
    )


def _of(insert: Any) -> Upserts:
    return Upserts(
        post=_post(insert),
        profile=_replace(insert, PROFILE, "target", "at"),
        profile_day=_profile_day(insert),
        standing=_replace(insert, STANDING, "account", "indicator"),
        alert=_replace(insert, ALERT, "id"),
        promise=insert(NOTIFICATION).on_conflict_do_nothing(index_elements=["key"]).returning(NOTIFICATION.c.key),
        message=insert(MESSAGE).on_conflict_do_nothing(index_elements=["key"]).returning(MESSAGE.c.key),
        told=_replace(insert, TOLD, "receiver", "unit"),
        meta=_replace(insert, META, "key"),
        counted=_counted(insert),
        answer=_answer(insert),
    )


OF = {"sqlite": _of(sqlite.insert), "postgresql": _of(postgresql.insert)}
