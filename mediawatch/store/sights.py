"""What platforms last showed of each account: there, or gone by their own word. It must not guess from silence."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Reason
from mediawatch.core.profiles import Facts
from mediawatch.core.reconcile import FILED, Sight, Turned
from mediawatch.store import profiles
from mediawatch.store.evidence import Incidents
from mediawatch.store.tables import OBSERVATION, PROFILE, TARGET

BRIDGED = ("feed",)  # a bridge goes on serving what it kept: it proves no account to be there


def of_all(connection: Connection) -> dict[str, Sight]:
    """By account: from the last look of each channel that is in the register."""
    last = (
        select(func.max(OBSERVATION.c.id).label("id"))
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(TARGET.c.removed_at.is_(None), TARGET.c.adapter.not_in(BRIDGED))
        .group_by(OBSERVATION.c.target)
        .subquery()
    )
    asked = select(
        *(OBSERVATION.c[name] for name in ("account", "platform", "at", "reason", "facts")), TARGET.c.last_seen_at
    ).join(TARGET, TARGET.c.id == OBSERVATION.c.target)
    looks: list[Any] = list(connection.execute(asked.where(OBSERVATION.c.id.in_(select(last.c.id)))))
    blind = Incidents(connection, looks)
    found: dict[str, Sight] = {}
    for row in looks:
        there = _there(row)
        if there is None or (not there and blind.cover(row.platform, row.at)):
            continue
        name = "alive_at" if there else "gone_at"
        before = found.get(row.account, Sight())
        latest = max(filter(None, (getattr(before, name), row.at)))
        found[row.account] = before.model_copy(update={name: latest})
    for account, told in profiles.last_told(connection).items():
        names = tuple(dict.fromkeys(facts.name for facts in told if facts.name))
        found[account] = found.get(account, Sight()).model_copy(update={"names": names})
    for account, changes in _turned(connection).items():
        found[account] = found.get(account, Sight()).model_copy(update={"turned": tuple(changes)})
    return found


def _turned(connection: Connection) -> dict[str, list[Turned]]:
    """By account, from old to new, how what its channels tell for the filing has changed from look to look."""
    more = select(PROFILE.c.target).group_by(PROFILE.c.target).having(func.count() > 1)
    asked = (
        select(*(PROFILE.c[name] for name in ("account", "target", "platform", "at", "facts")))
        .join(TARGET, TARGET.c.id == PROFILE.c.target)
        .where(TARGET.c.removed_at.is_(None), PROFILE.c.target.in_(more))
        .order_by(PROFILE.c.at, PROFILE.c.target)
    )
    told = connection.execute(asked).all()
    blind = Incidents(connection, told)
    last: dict[str, Facts] = {}
    found: dict[str, list[Turned]] = {}
    for row in told:
        if blind.cover(row.platform, row.at):
            continue
        facts = Facts.model_validate_json(row.facts)
        before = last.get(row.target, facts)
        last[row.target] = facts
        for field in FILED:
            stood, stands = getattr(before, field), getattr(facts, field)
            if stood and stands and stood != stands:
                turned = Turned(field=field, before=stood, after=stands, on=day_of(row.at))
                found.setdefault(row.account, []).append(turned)
    return found


def _there(row: Row[Any]) -> bool | None:
    """Whether the look showed the account, or its platform said that there is none; `None` where it did neither."""
    if row.reason is not None:
        return False if row.reason == Reason.GONE.value else None
    facts = json.loads(row.facts or "{}")
    if "present" in facts:  # a store, or the address of a package
        return bool(facts["present"])
    return True if row.last_seen_at is not None and row.last_seen_at >= row.at else None
