"""What the screens found in new posts: written once, read with the evidence. It must never hold the text of a post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert

from mediawatch.core.content.hit import Hit
from mediawatch.store import batches
from mediawatch.store.newest import newest_of
from mediawatch.store.tables import HIT

MOST = 100  # the newest hits of an account that a rule may see
_NEWEST = newest_of(HIT, "account", "at", "at", MOST)


def save(connection: Connection, found: Sequence[tuple[str, Hit]]) -> None:
    """Writes hits down, each with its account."""
    if found:
        connection.execute(insert(HIT), [{"account": account, **hit.model_dump()} for account, hit in found])


def of(connection: Connection, asked: Mapping[str, Any]) -> dict[str, tuple[Hit, ...]]:
    """By account, the newest hits of its targets, from old to new.

    asked: `accounts`, `targets` (lists of ids) and `now`.
    """
    found: dict[str, list[Row[Any]]] = {}
    for row in batches.named(connection, _NEWEST, asked):
        found.setdefault(row.account, []).append(row)
    return {
        account: tuple(Hit(**{name: getattr(row, name) for name in Hit.model_fields}) for row in newest)
        for account, rows in found.items()
        if (newest := sorted(rows, key=lambda row: (row.at, row.id))[-MOST:])
    }
