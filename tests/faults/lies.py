"""A platform that lies in every way the simulator knows, at four rates, to a house that knows its accounts and to one
that has just begun: whom it accuses, whom it finds, and how often it says that the platform is in trouble.

The path is the real one, from the adapters to the store; the platform answers in process (`SimWires`), byte for byte as
over HTTP. A cycle is a day: every account is looked at once in it. What a run without a lie finds is the truth.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mediawatch.core.alerting import Alert
from mediawatch.core.review import Review
from mediawatch.sim.trouble import APPLIES, Channel, Mode
from mediawatch.store.tables import TARGET
from tests.faults.figure import Figure
from tests.stories import DAY, HOUR, START, Story, weibo

WAYS = tuple(sorted(mode for mode in Mode if Channel.WEIBO in APPLIES[mode] and mode is not Mode.POST_DELETED))
RATES = (1.0, 0.5, 0.15, 0.05)
WARM, CYCLES, AFTER = 3, 10, 2  # days: before the lie, of it, and after it
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
GRAIN = 4 * HOUR
CADENCE = {"soonest": "1d", "latest": "1d", "canary": "4h", "recheck": "30m"}


@dataclass(frozen=True)
class Lie:
    """One run. rate: of all looks, or (`fixed`) of all accounts, always the same; warm: the house knew them before.

    days: how long it lasts.
    """

    mode: Mode | None
    rate: float = 1.0
    warm: bool = True
    fixed: bool = False
    days: float = CYCLES
    accounts: int = 60

    @property
    def name(self) -> str:
        how = "the same accounts" if self.fixed else "any look"
        return f"{self.mode} {self.rate:.0%} of {how}, {'warm' if self.warm else 'cold'}, {self.days:g} d"


@dataclass
class Seen:
    """What became of a run. Accounts with their indicator, and on which day of the lie it was sure."""

    lie: Lie
    sure: dict[tuple[str, str], float] = field(default_factory=dict)  # without a person's word: people are told
    review: set[tuple[str, str]] = field(default_factory=set)
    resolved: set[tuple[str, str]] = field(default_factory=set)  # while the lie lasted
    notices: Counter[str] = field(default_factory=Counter)
    standing: bool = False  # whether an incident stands two cycles after the end
    unseen: int = 0  # accounts that were not seen in these two cycles
    looks: int = 0


def world(accounts: int, lie: Lie) -> dict[str, Any]:
    """Of a hundred accounts eighty post, of the others each is silent in a way of its own. The lie begins on day 0."""
    made = [weibo(f"canary{n}", every="6h", jitter="3h", number=9000 + n, canary=True) for n in range(3)]
    for number in range(accounts):
        made.append(_account(number))
    troubles = []
    if lie.mode is not None:
        share = {"share": lie.rate} | ({} if lie.fixed else {"anew": "1m"})
        begins = WARM if lie.warm else 0
        ends = f"{(begins + lie.days) * 24:g}h"
        troubles = [{"mode": lie.mode, "where": "weibo", "from": f"{begins * 24}h", "to": ends, **share}]
    return {"accounts": made, "troubles": troubles}


def _account(number: int) -> dict[str, Any]:
    """What an account is follows from its number alone."""
    id_, of = f"a{number}", number % 100
    offset = f"{number % 24:02}:{number * 7 % 60:02}"
    rhythm = {"jitter": "5h", "since": f"day -{60 + number % 7} {offset}", "number": number + 1}
    if of % 10 == 3:  # silent for long: known before, or found at once
        return weibo(id_, f"day -{20 + number * 3 % 700} {offset}", number=number + 1)
    if of % 10 == 6:  # the deadline falls into the lie
        last = (WARM + 1 + number // 10 % (CYCLES - 3)) - 15
        return weibo(id_, f"day {last} {offset}", number=number + 1)
    if of % 20 == 9:  # a pin, long ago, and little since
        return weibo(id_, {"at": "-2y", "pinned": True}, every="6d", **rhythm)
    if of % 50 == 17:  # silent, and speaks again during the lie
        return weibo(id_, "day -40 10:00", f"day {WARM + 4} {offset}", number=number + 1)
    every = ("1d", "1d", "12h", "2d", "4d", "11d")[number % 6]
    return weibo(id_, every=every, reposts=0.2 if of % 7 == 1 else 0.0, **rhythm)


async def run(folder: Path, lie: Lie, warmed: Path | None = None) -> Seen:
    """Lives through one lie and two cycles after it. warmed: a folder with the store as it was when a warm lie began."""
    seen = Seen(lie)
    zero = START + WARM * DAY if lie.warm else START
    ends = zero + timedelta(days=lie.days)
    begun = (warmed, zero) if lie.warm and warmed is not None else None
    async with Story(folder, world(lie.accounts, lie), cadence=CADENCE, grain=GRAIN, begun=begun) as story:
        await story.until(ends)
        for alert in story.alerts():
            if alert.resolved_at is not None and alert.confirmed_at is not None and alert.resolved_at >= zero:
                seen.resolved.add((alert.subject, alert.indicator))
        await story.until(ends + AFTER * DAY)
        for alert in story.alerts():
            _note(seen, alert, zero)
        for alert in story.alerts("incident"):
            seen.notices[alert.indicator] += 1
            seen.standing |= alert.live
        with story.store.reading() as connection:
            late = TARGET.c.last_seen_at.is_(None) | (TARGET.c.last_seen_at < ends)
            asked = select(func.count()).where(TARGET.c.account.like("a%"), late)
            seen.unseen = connection.execute(asked).scalar_one()
        seen.looks = sum(story.wires.asked.values()) // 2
    return seen


def _note(seen: Seen, alert: Alert, zero: datetime) -> None:
    of = (alert.subject, alert.indicator)
    if alert.review is Review.WAITING:
        seen.review.add(of)
    elif alert.confirmed_at is not None:
        seen.sure[of] = min(seen.sure.get(of, math.inf), (alert.confirmed_at - zero) / DAY)


def lived(lie: Lie, warmed: Path | None) -> Seen:
    """One run in a process of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return asyncio.run(run(Path(folder), lie, warmed))


if __name__ == "__main__":
    import sys, time

    logging.disable(logging.CRITICAL)
    n = int(sys.argv[1])
    with tempfile.TemporaryDirectory(dir=MEMORY) as f:
        t = time.process_time()
        truth = lived(Lie(None, accounts=n), None)
        print(
            "truth",
            truth.looks,
            time.process_time() - t,
            len(truth.sure),
            truth.review,
            truth.resolved,
            truth.notices,
            truth.unseen,
        )
        print(sorted(truth.sure.items(), key=lambda x: x[1]))
        for mode in sys.argv[2].split(","):
            t = time.process_time()
            seen = lived(
                Lie(
                    Mode(mode), float(sys.argv[3]), accounts=n, fixed="f" in sys.argv[4:], warm="c" not in sys.argv[4:]
                ),
                None,
            )
            print(
                mode,
                seen.looks,
                round(time.process_time() - t, 1),
                "false",
                {k: v for k, v in seen.sure.items() if k not in truth.sure},
                "missed",
                {k for k in truth.sure if k not in seen.sure},
                "review",
                seen.review - truth.review,
                "resolved",
                seen.resolved - truth.resolved,
                dict(seen.notices),
                seen.standing,
                seen.unseen,
            )
