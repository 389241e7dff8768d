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
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import repeat
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
HARMLESS = frozenset({Mode.RELATIVE_DATES})  # it can be read
KNOWN = frozenset({Mode.STALE})  # old copies of always the same accounts, while the canaries are shown as they are
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
    """Lives through one lie and two cycles after it. warmed: a folder with the store as it was when it began."""
    seen = Seen(lie)
    zero = START + WARM * DAY if lie.warm else START
    ends = zero + timedelta(days=lie.days)
    begun = (warmed, zero) if lie.warm and warmed is not None else None
    async with Story(folder, world(lie.accounts, lie), cadence=CADENCE, grain=GRAIN, begun=begun) as story:
        await story.until(ends)
        for alert in story.alerts():
            sure = alert.confirmed_at is not None and alert.review is Review.NOT_NEEDED
            if sure and alert.resolved_at is not None and alert.resolved_at >= zero:
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
    if alert.review is not Review.NOT_NEEDED:
        seen.review.add(of)
    elif alert.confirmed_at is not None:
        seen.sure[of] = min(seen.sure.get(of, math.inf), (alert.confirmed_at - zero) / DAY)


def lived(lie: Lie, warmed: Path | None) -> Seen:
    """One run in a process of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return asyncio.run(run(Path(folder), lie, warmed))


@dataclass(frozen=True)
class Verdict:
    """What one lie did, held against the same days without it."""

    lie: Lie
    accused: frozenset[tuple[str, str]]  # without a person, and wrongly, or before its time
    missed: frozenset[tuple[str, str]]  # not found in twice the time (whole cycles); where most is hidden: by the end
    resolved: frozenset[tuple[str, str]]  # though they stand
    review: int
    notices: int
    back: bool  # two cycles after its end: everybody seen, no incident

    @classmethod
    def of(cls, seen: Seen, truth: Seen) -> Verdict:
        """Held against a run without a lie over the same days."""
        found = truth.sure
        early = {of for of, at in seen.sure.items() if of in found and at < found[of] - 0.3}
        last = seen.lie.days + AFTER
        twice = {of: 2 * max(1, math.ceil(at)) if seen.lie.rate <= 0.15 else last for of, at in found.items()}
        hidden = truth.resolved if seen.lie.rate > 0.15 else set()  # it was over before it could be seen
        slow = {of for of in found.keys() - hidden if seen.sure.get(of, math.inf) > min(twice[of], last)}
        return cls(
            lie=seen.lie,
            accused=frozenset((seen.sure.keys() - found.keys()) | early),
            missed=frozenset(slow),
            resolved=frozenset(seen.resolved - truth.resolved),
            review=len(seen.review - truth.review),
            notices=seen.notices.total(),
            back=seen.unseen == 0,
        )

    @property
    def found_all(self) -> bool:
        return not self.missed


def warmed(folder: Path, accounts: int) -> Path:
    """A house of that many accounts as it stands when a warm lie begins. Returns the folder with its store."""

    async def live() -> None:
        none = Lie(None, accounts=accounts)
        async with Story(folder, world(accounts, none), cadence=CADENCE, grain=GRAIN) as story:
            await story.until(START + WARM * DAY)

    folder.mkdir()
    asyncio.run(live())
    return folder


def verdicts(lies: Sequence[Lie], processes: int = 2) -> Iterator[Verdict]:
    """Every lie lived through and judged, in the order given."""
    accounts = lies[0].accounts
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, ProcessPoolExecutor(processes, get_context("fork")) as pool:
        begun = warmed(Path(folder) / "warm", accounts)
        kinds = sorted({(lie.warm, lie.days) for lie in lies})
        without = [Lie(None, warm=warm, days=days, accounts=accounts) for warm, days in kinds]
        truths = dict(zip(kinds, pool.map(lived, without, repeat(begun)), strict=True))
        for seen in pool.map(lived, lies, repeat(begun)):
            yield Verdict.of(seen, truths[seen.lie.warm, seen.lie.days])


def figures(full: bool) -> Iterator[Figure]:
    logging.disable(logging.CRITICAL)
    accounts = 500 if full else 24
    ways = WAYS if full else WAYS[::3]
    yield Figure.least(f"ways to lie (tried here: {len(ways)}), at {len(RATES)} rates, warm and cold", len(WAYS), 36)
    any_look = [Lie(mode, rate, warm, accounts=accounts) for mode in ways for rate in RATES for warm in (True, False)]
    done = list(verdicts(any_look))
    looks = f"{len(done)} outages of {accounts} accounts, {CYCLES} cycles"
    yield from _precision(looks, done)
    few = [one for one in done if one.lie.rate <= 0.15]
    yield Figure.all_of("outages of 15 % and 5 % in which all silent accounts were found in twice the time",
                        sum(one.found_all for one in few), len(few))  # fmt: skip
    yield from _missed(few)
    whole = [one for one in done if one.lie.rate == 1.0 and one.lie.mode not in HARMLESS]
    yield Figure.all_of("total outages with exactly one notice of the platform",
                        sum(one.notices == 1 for one in whole), len(whole))  # fmt: skip
    for one in whole:
        if one.notices != 1:
            yield Figure(f"  {one.lie.name}: {one.notices} notices", "", "", False)
    rest = [one for one in done if one.lie.rate < 1.0]
    yield Figure.most("notices of any other outage, at most", max(one.notices for one in rest), 1)
    day = list(verdicts([Lie(mode, days=1, accounts=accounts) for mode in ways]))
    yield from _precision(f"{len(day)} total outages of 24 hours", day)
    yield Figure.all_of("of these, all well two cycles after the end, every silent account found",
                        sum(one.back and one.found_all for one in day), len(day))  # fmt: skip
    yield from _missed(day)
    same = [Lie(mode, 0.15, warm, True, accounts=accounts) for mode in ways for warm in (True, False)]
    yield from _precision(f"{len(same)} outages of always the same 15 % of accounts", list(verdicts(same)), KNOWN)


def _precision(what: str, done: Sequence[Verdict], known: Collection[Mode] = ()) -> Iterator[Figure]:
    strict = [one for one in done if one.lie.mode not in known]
    yield Figure.none(f"{what}: accounts accused wrongly", sum(len(one.accused) for one in strict))
    yield Figure.none("  of them ended wrongly, by what could not be seen", sum(len(one.resolved) for one in strict))
    yield Figure("  left to a person", "-", str(sum(one.review for one in done)), True)
    for one in done:
        if one.accused or one.resolved:
            said = f"  {one.lie.name}: {sorted(one.accused)[:3]} {sorted(one.resolved)[:3]}"
            yield Figure(said[:76], "known limit" if one.lie.mode in known else "", "", one.lie.mode in known)


def _missed(done: Sequence[Verdict]) -> Iterator[Figure]:
    for one in done:
        if one.missed or not one.back:
            yield Figure(f"  {one.lie.name}: late {sorted(one.missed)[:3]}"[:76], "", "", False)
