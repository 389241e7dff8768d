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

from sqlalchemy import select

from mediawatch.adapters import ADAPTERS
from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.plausible import plausible
from mediawatch.core.review import Review
from mediawatch.core.wire import Failed
from mediawatch.sim.trouble import APPLIES, Channel, Mode
from mediawatch.sim.wire import SimWires
from mediawatch.sim.world import World
from mediawatch.store.tables import TARGET
from tests.faults.figure import Figure
from tests.faults.progress import Progress
from tests.stories import DAY, HOUR, START, Story, weibo

WAYS = tuple(sorted(mode for mode in Mode if Channel.WEIBO in APPLIES[mode] and mode is not Mode.POST_DELETED))
HARMLESS = frozenset({Mode.RELATIVE_DATES})  # it can be read
# Old copies of always the same accounts, while the canaries are shown as they are, to a house that has watched them for
# as long as is asked: nothing in one channel tells them from silence.
KNOWN = frozenset({Mode.STALE})
WORD = frozenset({Mode.GONE, Mode.BANNED})  # where it lies about who is gone, a person decides who is
RATES = (1.0, 0.5, 0.15, 0.05)
FEW = 0.15  # up to this rate whoever is silent must be found in twice the time
WARM, CYCLES, AFTER = 16, 10, 2  # days: before the lie, so that a whole silence was watched; of it; and after it
COLD = 1  # days more, in which a silence that nobody watched is watched
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
GRAIN = 8 * HOUR
CADENCE = {"soonest": "1d", "latest": "1d", "canary": "8h", "recheck": "30m", "unwatched": "1d"}
QUIET = "15h"  # the canaries post every six hours, give or take three


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
    def begins(self) -> int:
        """On which day of the house."""
        return WARM if self.warm else 0

    @property
    def closed_from(self) -> str:
        """When some accounts are closed in truth."""
        return f"day {self.begins + 2} 12:00"

    @property
    def name(self) -> str:
        how = "the same accounts" if self.fixed else "any look"
        return f"{self.mode} {self.rate:.0%} of {how}, {'warm' if self.warm else 'cold'}, {self.days:g} d"


@dataclass
class Seen:
    """What became of a run. Accounts with their indicator, and on which day of the lie it was told."""

    lie: Lie
    sure: dict[tuple[str, str], float] = field(default_factory=dict)  # without a person's word: people are told
    review: dict[tuple[str, str], float] = field(default_factory=dict)  # left to a person
    wrong: set[tuple[str, str]] = field(default_factory=set)  # of the sure ones: it had published by then
    resolved: set[tuple[str, str]] = field(default_factory=set)  # while the lie lasted, though it was silent still
    over: set[tuple[str, str]] = field(default_factory=set)  # while the lie lasted, for it had published
    notices: Counter[str] = field(default_factory=Counter)
    standing: bool = False  # whether an incident stands two cycles after the end
    unseen: int = 0  # accounts that were not seen in these two cycles
    looks: int = 0

    @property
    def found(self) -> dict[tuple[str, str], float]:
        """Who was found. A house that has just begun may ask a person, and must where a platform's word is all."""
        return self.sure if self.lie.warm else {**self.review, **self.sure}


def world(accounts: int, lie: Lie) -> dict[str, Any]:
    """Of a hundred accounts eighty post, of the others each is silent in a way of its own, and four are closed while it
    lasts."""
    made = [weibo(f"canary{n}", every="6h", jitter="3h", number=9000 + n, canary=True) for n in range(3)]
    for number in range(accounts):
        made.append(_account(number, lie.begins))
    troubles: list[dict[str, Any]] = []
    if lie.mode is not None:
        share = {"share": lie.rate} | ({} if lie.fixed else {"anew": "1m"})
        ends = f"{(lie.begins + lie.days) * 24:g}h"
        troubles.append({"mode": lie.mode, "where": "weibo", "from": f"{lie.begins * 24}h", "to": ends, **share})
    closed = [one["id"] for one in made if _closed(one["id"])]
    troubles += [{"mode": Mode.GONE, "where": closed, "from": lie.closed_from}] if closed else []
    return {"accounts": made, "troubles": troubles}


def _closed(account: str) -> bool:
    return account.startswith("a") and int(account.removeprefix("a")) % 25 == 14


def _account(number: int, begins: int) -> dict[str, Any]:
    """What an account is follows from its number alone. begins: the day on which the lie does."""
    id_, of = f"a{number}", number % 100
    offset = f"{number % 24:02}:{number * 7 % 60:02}"
    rhythm: dict[str, Any] = {"jitter": "5h", "since": f"day -{60 + number % 7} {offset}", "number": number + 1}
    if of % 10 == 3:  # silent for long: known before, or found at once
        return weibo(id_, *_weekly(-20 - number * 3 % 700, offset), number=number + 1)
    if of % 10 == 6:  # the deadline falls into the lie
        last = (begins + 1 + number // 10 % (CYCLES - 3)) - 15
        return weibo(id_, *_weekly(last, offset), number=number + 1)
    if of % 20 == 9:  # a pin, long ago, and little since
        return weibo(id_, {"at": "-2y", "pinned": True}, every="6d", **rhythm)
    if of % 50 == 17:  # silent, and speaks again during the lie
        return weibo(id_, *_weekly(-40, offset), f"day {begins + 4} {offset}", number=number + 1)
    every = ("1d", "1d", "12h", "2d", "4d", "11d")[number % 6]
    return weibo(id_, every=every, reposts=0.2 if of % 7 == 1 else 0.0, **rhythm)


def _weekly(last: int, offset: str) -> list[str]:
    """More than a page of posts, a week apart, up to that day."""
    return [f"day {last - 7 * week} {offset}" for week in range(12)]


async def run(folder: Path, lie: Lie, warmed: Path | None = None) -> Seen:
    """Lives through one lie and two cycles after it. warmed: a folder with the store as it was when it began."""
    seen = Seen(lie)
    zero = START + lie.begins * DAY
    ends = zero + timedelta(days=lie.days)
    begun = (warmed, zero) if lie.warm and warmed is not None else None
    async with _story(folder, lie, begun) as story:
        await story.until(ends)
        for alert in story.alerts():
            stood = alert.review is Review.NOT_NEEDED or alert.indicator == "U1"
            stood = stood and alert.confirmed_at is not None
            if stood and alert.resolved_at is not None and alert.resolved_at >= zero:
                ended = seen.resolved if _silent(story, alert.subject, alert.resolved_at) else seen.over
                ended.add((alert.subject, alert.indicator))
        await story.until(ends + (AFTER if lie.warm else AFTER + COLD) * DAY)
        told = {one.id for one in story.query.alerts(story.now, False) if one.told or one.owed}
        for alert in story.alerts():
            _note(seen, story, alert, zero, told)
        for alert in story.alerts("incident"):
            seen.notices[alert.indicator] += 1
            seen.standing |= alert.live
        with story.store.reading() as connection:
            late = TARGET.c.last_seen_at.is_(None) | (TARGET.c.last_seen_at < ends)
            asked = select(TARGET.c.account).where(TARGET.c.account.like("a%"), late)
            seen.unseen = sum(not _closed(id_) for id_ in connection.execute(asked).scalars())
        seen.looks = sum(story.wires.asked.values()) // 2
    return seen


def _story(folder: Path, lie: Lie, begun: tuple[Path, datetime] | None = None) -> Story:
    settings: dict[str, Any] = {"cadence": CADENCE, "canary_quiet": QUIET}
    return Story(folder, world(lie.accounts, lie), grain=GRAIN, begun=begun, **settings)


def _silent(story: Story, account: str, at: datetime) -> bool:
    """The truth: whether its last day without a post is over by then."""
    newest = max((post.at for post in story.world.posts(account, at)), default=START - 10_000 * DAY)
    return at >= midnight_after(day_of(newest) + 14 * DAY)


def _true(story: Story, closed_from: str, account: str, indicator: str, at: datetime) -> bool:
    if indicator == "A6":
        return _closed(account) and at >= story.at(closed_from) + DAY
    return indicator == "U1" and _silent(story, account, at)


def _note(seen: Seen, story: Story, alert: Alert, zero: datetime, told: Collection[str]) -> None:
    """told: alerts of which people were told; one of them may wait for a person again by the time that it ends."""
    if alert.confirmed_at is None:
        return
    of, at = (alert.subject, alert.indicator), (alert.confirmed_at - zero) / DAY
    kept = seen.sure if alert.review is Review.NOT_NEEDED or alert.id in told else seen.review
    kept[of] = min(kept.get(of, math.inf), at)
    if kept is seen.sure and not _true(story, seen.lie.closed_from, alert.subject, alert.indicator, alert.confirmed_at):
        seen.wrong.add(of)


async def _read(mode: Mode, accounts: int) -> tuple[object, ...]:
    """What the house makes of that way to lie, of every account, at its beginning and near its end; nothing of words.

    Where each look fails alike, there is only the failure.
    """
    lie = Lie(mode, accounts=accounts)
    wires, adapter = SimWires(World.of({"name": "lie", **world(accounts, lie)}, START)), ADAPTERS["weibo"]
    found: list[object] = []
    for player in (one for one in wires.world.by_uid.values() if not _closed(one.id)):
        for now in (START + WARM * DAY, START + (WARM + CYCLES) * DAY - HOUR):
            address = adapter.address.model_validate({"uid": player.weibo.uid if player.weibo else ""})
            try:
                async with wires.open("weibo", now) as wire:
                    answers = await wire.whole(await adapter.fetch(address, wire))
                found.append(plausible(adapter.parse(address, answers), now))
            except Failed as failed:
                found.append((failed.failure.reason, failed.failure.retry_after))
    alike = all(one == found[0] for one in found) and isinstance(found[0], tuple)
    return (found[0],) if alike else tuple(found)


def alike(ways: Sequence[Mode], accounts: int) -> list[tuple[Mode, ...]]:
    """The ways to lie, those together by which every look fails for the same reason: the house cannot tell them apart,
    so that one of them is lived through for all."""
    groups: dict[tuple[object, ...], list[Mode]] = {}
    for mode in ways:
        read = asyncio.run(_read(mode, accounts))
        groups.setdefault(read if len(read) == 1 else (mode,), []).append(mode)
    return [tuple(group) for group in groups.values()]


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
    resolved: frozenset[tuple[str, str]]  # though they were silent
    review: int
    notices: int
    back: bool  # two cycles after its end: everybody seen, no incident

    @classmethod
    def of(cls, seen: Seen, truth: Seen) -> Verdict:
        """Held against a run without a lie over the same days."""
        found, told = truth.found, seen.found
        if seen.lie.mode in WORD:
            told = {**{of: at for of, at in seen.review.items() if of[1] == "A6"}, **told}
        last = seen.lie.days + AFTER + (0 if seen.lie.warm else COLD)
        twice = {of: 2 * max(1, math.ceil(at)) if seen.lie.rate <= FEW else last for of, at in found.items()}
        hidden = set(truth.over) if seen.lie.rate > FEW else set()  # it was over before it could be seen
        if seen.lie.rate > FEW:  # nor is there a day to be gone at each look of it
            hidden |= {of for of in found if of[1] == "A6"}
        slow = {of for of in found.keys() - hidden if told.get(of, math.inf) > min(twice[of], last)}
        return cls(
            lie=seen.lie,
            accused=frozenset(seen.wrong),
            missed=frozenset(slow),
            resolved=frozenset(seen.resolved),
            review=len(seen.review.keys() - truth.review.keys()),
            notices=seen.notices.total(),
            back=seen.unseen == 0,
        )

    @property
    def found_all(self) -> bool:
        return not self.missed


def warmed(folder: Path, accounts: int) -> Path:
    """A house of that many accounts as it stands when a warm lie begins. Returns the folder with its store."""

    async def live() -> None:
        async with _story(folder, Lie(None, accounts=accounts)) as story:
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


def _judged(lies: Sequence[Lie]) -> list[Verdict]:
    """All of them; meanwhile it is said how many there are, and at once who was accused or cleared wrongly."""
    progress, done = Progress("outages", len(lies)), []
    for one in verdicts(lies):
        done.append(one)
        wrong = sorted(one.accused | one.resolved)
        progress.one(f"{one.lie.name}: {wrong[0]}" if wrong else "")
    return done


def figures(full: bool, only: str = "") -> Iterator[Figure]:
    """only: the ways to tell of, with commas between; whoever has many cores gives each some."""
    logging.disable(logging.CRITICAL)
    accounts = 60 if full else 24
    ways = tuple(map(Mode, only.split(","))) if only else WAYS if full else WAYS[::3]
    yield Figure.least(f"ways to lie (tried here: {len(ways)}), at {len(RATES)} rates, warm and cold", len(WAYS), 36)
    groups = alike(ways, accounts)
    for group in groups:
        if group[1:]:
            yield Figure(
                f"  {group[0]} stands for {len(group) - 1} others, of which each look fails alike", "", "", True
            )
    ways = tuple(group[0] for group in groups)
    any_look = [Lie(mode, rate, warm, accounts=accounts) for mode in ways for rate in RATES for warm in (True, False)]
    done = _judged(any_look)
    looks = f"{len(done)} outages of {accounts} accounts, {CYCLES} cycles"
    yield from _precision(looks, done)
    few = [one for one in done if one.lie.rate <= FEW]
    yield Figure.all_of("outages of 15 % and 5 % in which all silent accounts were found in twice the time",
                        sum(one.found_all for one in few), len(few))  # fmt: skip
    yield from _missed(few)
    yield from _noticed("total outages", [one for one in done if one.lie.rate == 1.0])
    rest = [one for one in done if one.lie.rate < 1.0]
    yield Figure.most("notices of any other outage, at most", max(one.notices for one in rest), 1)
    day = _judged([Lie(mode, days=1, accounts=accounts) for mode in ways])
    yield from _precision(f"{len(day)} total outages of 24 hours", day)
    yield Figure.all_of("of these, all well two cycles after the end, every silent account found",
                        sum(one.back and one.found_all for one in day), len(day))  # fmt: skip
    yield from _missed(day)
    yield from _noticed("of these", day)
    few_rates = [rate for rate in RATES if rate <= FEW]
    same = [Lie(mode, rate, warm, True, accounts=accounts)
            for mode in ways for rate in few_rates for warm in (True, False)]  # fmt: skip
    yield from _precision(f"{len(same)} outages of always the same 15 % and 5 % of accounts", _judged(same), KNOWN)


def _precision(what: str, done: Sequence[Verdict], known: Collection[Mode] = ()) -> Iterator[Figure]:
    strict = [one for one in done if not (one.lie.warm and one.lie.mode in known)]
    yield Figure.none(f"{what}: accounts accused wrongly", sum(len(one.accused) for one in strict))
    yield Figure.none("  of them ended wrongly, by what could not be seen", sum(len(one.resolved) for one in strict))
    yield Figure("  left to a person", "-", str(sum(one.review for one in done)), True)
    for one in done:
        if one.accused or one.resolved:
            said = f"  {one.lie.name}: {sorted(one.accused)[:3]} {sorted(one.resolved)[:3]}"
            yield Figure(said[:76], "" if one in strict else "known limit", "", one not in strict)


def _noticed(what: str, done: Sequence[Verdict]) -> Iterator[Figure]:
    lied = [one for one in done if one.lie.mode not in HARMLESS]
    once = sum(one.notices == 1 for one in lied)
    yield Figure.all_of(f"{what} with exactly one notice of the platform", once, len(lied))
    for one in lied:
        if one.notices != 1:
            yield Figure(f"  {one.lie.name}: {one.notices} notices", "", "", False)


def _missed(done: Sequence[Verdict]) -> Iterator[Figure]:
    for one in done:
        if one.missed or not one.back:
            yield Figure(f"  {one.lie.name}: late {sorted(one.missed)[:3]}"[:76], "", "", False)
