"""A receiver that is away for hours, beside one that sends elsewhere and others that are well: real HTTP, virtual time.

What was promised to it meanwhile is there within a minute of its return; nobody else waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from mediawatch.core.grouping import PROBES, Grouping
from mediawatch.core.outbox import Backoff
from mediawatch.policy import Telling
from mediawatch.store.outbox import OWED
from mediawatch.store.store import Ledger
from mediawatch.store.tables import ALERT
from mediawatch.store.telling_tables import MESSAGE
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.progress import Progress
from tests.stories import START
from tests.telling_world import MINUTE, Room

STEP = timedelta(seconds=1)  # between two ticks, at the least
WELL = ("one", "two")


async def lived(folder: Path, away: timedelta, alerts: int, *, ill: bool) -> Room:
    """So many breaches over the time that `duty` is away and `moved` sends elsewhere; and what each was told."""
    back = START + away

    def answers(name: str, at: datetime) -> int:
        return 302 if name == "moved" else 503 if name == "duty" and at < back else 200

    hooks = ("duty", "moved", *WELL) if ill else WELL
    alone = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta()))  # no company is waited for
    progress = Progress("alerts", alerts)
    async with Room(folder, robots=(), hooks=hooks, telling=alone, answers=answers) as room:
        for number in range(alerts):
            room.breach(str(number))
            await _until(room, START + (number + 1) * away / alerts)
            progress.one()
        await _until(room, max(room.now, back) + 3 * MINUTE)
    return room


async def _until(room: Room, moment: datetime) -> None:
    """Lives on to that instant, waking whenever there may be something to tell or to try again."""
    while True:
        await room.daemon.cycle()
        with room.store.reading() as connection:
            tried = connection.execute(select(func.min(MESSAGE.c.next_try)).where(MESSAGE.c.state == OWED)).scalar()
            told = connection.execute(select(func.min(ALERT.c.tell_at))).scalar()
            failing, groups = Ledger(connection).outbox.failing(), Ledger(connection).outbox.groups()
        free = (group for group in groups if failing.get(group.receiver, 0) < PROBES)
        ready = min((group.ready_at(room.policy.telling.grouping_of(group.receiver)) for group in free), default=None)
        following = min((at for at in (tried, told, ready) if at is not None), default=moment)
        if room.now >= moment:
            return
        room.now = min(max(following, room.now + STEP), moment)


def off_schedule(attempts: list[datetime], back: datetime) -> int:
    """How many attempts of one message, before its receiver was back, were not when the schedule says, ± a tenth."""
    backoff, wrong, planned = Backoff(), 0, Backoff().first
    for before, at in pairwise(attempts):
        if at < back:
            wrong += not planned * 0.9 <= at - before <= planned * 1.1 + STEP
        planned = min(planned * 2, backoff.most)
    return wrong


def figures(full: bool) -> Iterator[Figure]:
    logging.disable(logging.CRITICAL)
    away, alerts = (timedelta(hours=6), 200) if full else (timedelta(minutes=20), 30)
    with tempfile.TemporaryDirectory(dir=MEMORY) as calm_folder, tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        calm = asyncio.run(lived(Path(calm_folder), away, alerts, ill=False))
        room = asyncio.run(lived(Path(folder), away, alerts, ill=True))
    back, told = START + away, first_told(room, "duty")
    late = max(told.values(), default=back + away) - back
    tried, ids = dict[str, list[datetime]](), dict[str, set[str]]()
    for at, name, message in room.tries:
        if name == "duty":
            tried.setdefault(message, []).append(at)
    for message, notice in room.ids:
        ids.setdefault(notice, set()).add(message)
    waits = sum(len(one) - 1 for one in tried.values())
    yield Figure.all_of(f"alerts while a receiver was away for {away}, told to it", len(told), alerts)
    yield Figure.most("  the last of them so long after its return", late.total_seconds(), 60, "s")
    yield Figure.all_of("  waits between attempts as the schedule has them, ± 10 %",
                        waits - sum(off_schedule(one, back) for one in tried.values()), waits)  # fmt: skip
    yield Figure.none("notices that came under two ids", sum(len(one) > 1 for one in ids.values()))
    yield Figure.all_of("attempts whose signature is right", room.signed, len(room.tries))
    yield Figure.none("redirects that were followed", sum(name == "elsewhere" for _, name in room.attempts))
    others = sum(first_told(room, name) == first_told(calm, name) for name in WELL)
    yield Figure.all_of("other receivers that were told each thing at the same second as without it", others, len(WELL))


def first_told(room: Room, receiver: str) -> dict[str, datetime]:
    """When a receiver took the first word of each breach."""
    told = [(at, *text.partition(" ")) for at, who, text in room.heard if who == receiver]
    return {account: at for at, account, _, cause in reversed(told) if account.isdigit() and cause == "first"}
