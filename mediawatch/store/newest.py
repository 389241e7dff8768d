"""The newest rows of each of many accounts or targets, in one statement on both engines.

A window function would walk through the whole history of each; this takes a step into an index for each, and then only
what it needs. It must not know what the rows mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select

from mediawatch.store.columns import among, bytewise, line_of, list_of
from mediawatch.store.tables import ACCOUNT, TARGET

_EVER = datetime(1, 1, 2, tzinfo=UTC)


def newest_of(table: Table, key: str, order: str, known: str, most: int, names: Sequence[str] = ()) -> Select[Any]:
    """Rows of `table` that were known by `now` (column `known`), for each `key` (`account` or `target`) the last
    `most` by `order`, and with them those of the same instant as the last of these.

    names: the columns that are asked for, without any all of them.

    Takes `accounts`, `targets` (lists of ids) and `now`; a row counts only where its target is among `targets`.
    """
    owner = ACCOUNT if key == "account" else TARGET
    inner, now = table.alias(), bindparam("now", type_=table.c[known].type)
    nth = (
        select(inner.c[order])
        .where(inner.c[key] == owner.c.id, inner.c[known] <= now)
        .correlate(owner)
        .order_by(inner.c[order].desc())
        .limit(1)
        .offset(most - 1)
    )
    if key == "account":
        nth = nth.where(among(inner.c.target, "targets"))
    ends = (
        select(owner.c.id, nth.scalar_subquery().label("since"))
        .where(among(owner.c.id, f"{key}s"))
        .cte("ends")
        .prefix_with("MATERIALIZED")
    )
    return (
        select(*(table.c[name] for name in names or table.c.keys()))
        .join(ends, table.c[key] == ends.c.id)
        .where(
            table.c[known] <= now,
            among(table.c.target, "targets"),
            table.c[order] >= func.coalesce(ends.c.since, bindparam("ever", _EVER, type_=table.c[order].type)),
        )
    )


def newest_listed(
    table: Table, key: str, order: Sequence[str], known: str, most: int, names: Sequence[str]
) -> Select[Any]:
    """For each `key` its id, and the last `most` rows by `order`, from new to old, as one text: a JSON list of lists. A
    row of its own for each costs several times as much. Takes what `newest_of` takes.

    order: the instant, and perhaps what tells apart those of one instant.
    """
    owner = ACCOUNT if key == "account" else TARGET
    inner, now = table.alias(), bindparam("now", type_=table.c[known].type)
    by = [bytewise(inner.c[name]) if name in ("key", "target") else inner.c[name] for name in order]
    newest = (
        select(line_of(*(inner.c[name] for name in names)).label("line"))
        .where(inner.c[key] == owner.c.id, inner.c[known] <= now)
        .correlate(owner)
        .order_by(*(one.desc() for one in by))
        .limit(most)
    )
    if key == "account":
        newest = newest.where(among(inner.c.target, "targets"))
    listed = select(list_of(newest.subquery().c.line)).scalar_subquery()
    return select(owner.c.id, listed).where(among(owner.c.id, f"{key}s"))
