"""What every watched target waits for, read for the budget of its platform. It must not write."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection, select

from mediawatch.core.model import Outcome, Target
from mediawatch.core.plan import Wanted
from mediawatch.store.tables import ACCOUNT, OBSERVATION, TARGET

_TARGETS = (
    select(
        *(TARGET.c.platform, TARGET.c.adapter, TARGET.c.next_due, TARGET.c.look_by, TARGET.c.last_tried_at),
        *(ACCOUNT.c.canary, ACCOUNT.c.outcome, ACCOUNT.c.deadline),
    )
    .join(ACCOUNT, ACCOUNT.c.id == TARGET.c.account)
    .where(TARGET.c.removed_at.is_(None), TARGET.c.next_due.is_not(None))
    .order_by(TARGET.c.platform)
)
_PLATFORM = attrgetter("platform")
_SAMPLE = 20  # targets of a platform whose last look says how many questions a look asks


def demands(connection: Connection, every: Mapping[str, timedelta]) -> Iterator[tuple[str, list[Wanted]]]:
    """By platform, its targets. every: by adapter, where looks are counted."""
    for platform, found in groupby(connection.execute(_TARGETS), lambda row: str(row.platform)):
        yield (
            platform,
            [
                Wanted(
                    due_at=row.next_due,
                    look_by=row.look_by or row.next_due,
                    canary=row.canary,
                    every=every.get(row.adapter),
                    outcome=Outcome(row.outcome),
                    deadline=row.deadline,
                    new=row.last_tried_at is None,
                )
                for row in found
            ],
        )


def first_round(
    targets: Iterable[Target], canaries: Collection[str], every: Mapping[str, timedelta], now: datetime
) -> Iterator[tuple[str, list[Wanted], float]]:
    """By platform, targets of which no store knows anything yet, all of them due; and one question for each look.

    canaries: the ids of the accounts that are such. every: as in `demands`.
    """
    for platform, found in groupby(sorted(targets, key=_PLATFORM), _PLATFORM):
        waits = [
            Wanted(now, now, one.account in canaries, every.get(one.adapter), Outcome.UNKNOWN, new=True)
            for one in found
        ]
        yield platform, waits, 1.0


def questions(connection: Connection, platform: str) -> float:
    """How many questions a look of the platform asked lately, on the average; 1 where nothing is known."""
    newest = (
        select(TARGET.c.id)
        .where(TARGET.c.platform == platform, TARGET.c.removed_at.is_(None), TARGET.c.last_seen_at.is_not(None))
        .order_by(TARGET.c.last_seen_at.desc())
        .limit(_SAMPLE)
    )
    asked = []
    for target in connection.execute(newest).scalars().all():
        own = (OBSERVATION.c.target == target, OBSERVATION.c.saw)
        last = select(OBSERVATION.c.digests).where(*own).order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
        digests = connection.execute(last.limit(1)).scalar()
        asked.append(len(json.loads(digests)) if digests else 0)
    return max(1.0, sum(asked) / len(asked)) if asked else 1.0
