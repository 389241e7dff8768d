"""The polling plan at full size, beside plans of others: `make bench-plan`. It prints figures and asserts nothing.

Ours is the scheduling decision of the program itself (`core.schedule.next_due`) on findings as the 14-day rule gives
them. Latency is counted from the deadline to the first look that can see the breach. Two parts: every account by itself
with no limit on the pace, and one host behind one request a second, served as the store serves it (most urgent first).
Looks count after a month in which each plan has found its rhythm; the first sweep is not among them.
"""

from __future__ import annotations

import argparse
import heapq
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from mediawatch.core.model import Finding, Outcome
from mediawatch.core.schedule import Cadence, next_due, spread
from tests.bench.traces import DAY, DAYS, END, HOUR, LIMIT_DAYS, START, Life, deadline_of, lives, moment

PLAN, BARE = Cadence(), Cadence(latest=timedelta(days=36500))
WARNS = (7, 10, 12, 13)
FIRST = -28 * DAY  # from when on there are looks; they count from 0 on


def finding_of(newest: float, now: float, reminders: bool) -> Finding:
    """What the 14-day rule says of an account whose newest post is known and which was looked at `now`."""
    deadline = float(deadline_of(newest))
    ahead = [warn for days in WARNS if (warn := deadline - (LIMIT_DAYS + 1 - days) * DAY) > now] if reminders else []
    late = now >= deadline
    return Finding.model_construct(
        account="",
        indicator="U1",
        outcome=Outcome.FAIL if late else Outcome.PASS,
        judged_at=moment(now),
        holds_until=moment(now if late else deadline),
        warns_at=moment(ahead[0]) if ahead and not late else None,
        values={},
        proof=(),
    )


def ours(life: Life, cadence: Cadence, reminders: bool) -> Iterator[float]:
    """When the program looks at an account, with no limit on the pace."""
    now, first = FIRST + spread(life.name) * DAY, True
    while now < END:
        yield now
        newest = float(life.posts[np.searchsorted(life.posts, now, side="right") - 1])
        due = next_due(life.name, (finding_of(newest, now, reminders),), moment(now), cadence, first=first)
        now, first = (due.at - START).total_seconds(), False


def bound(life: Life) -> Iterator[float]:
    """The fewest looks that no plan can beat which does not see the future and tells within the hour: as late as it
    may be, an hour after each deadline; what is silent is looked at each day, as ours does."""
    now = FIRST + spread(life.name) * DAY
    while now < END:
        yield now
        newest = float(life.posts[np.searchsorted(life.posts, now, side="right") - 1])
        deadline = float(deadline_of(newest))
        now = deadline + HOUR if now < deadline else now + DAY


def fixed(life: Life, hours: float) -> Iterator[float]:
    yield from np.arange(FIRST + spread(life.name) * hours * HOUR, END, hours * HOUR)


def by_rhythm(life: Life) -> Iterator[float]:
    """As feed readers do it: the mean gap of the last week's posts, between one hour and a day."""
    now = FIRST + spread(life.name) * DAY
    while now < END:
        yield now
        lately = int(np.searchsorted(life.posts, now) - np.searchsorted(life.posts, now - 7 * DAY))
        now += min(max(7 * DAY / max(lately, 1), HOUR), DAY)


PLANS = {
    "fixed 1 h": lambda life: fixed(life, 1),
    "fixed 6 h": lambda life: fixed(life, 6),
    "fixed 24 h": lambda life: fixed(life, 24),
    "by rhythm, 1-24 h": by_rhythm,
    "lower bound (14 days, within 1 h)": bound,
    "ours, 14-day rule alone": lambda life: ours(life, BARE, reminders=False),
    "ours, with the weekly safety look": lambda life: ours(life, PLAN, reminders=False),
    "ours, with reminders of days 7 to 13": lambda life: ours(life, PLAN, reminders=True),
}


def measure(part: tuple[int, int]) -> dict[str, tuple[int, list[float], int, Counter[int]]]:
    """By plan: looks, the latency of each breach that was seen, breaches that were not, looks by hour."""
    totals: dict[str, tuple[int, list[float], int, Counter[int]]] = {name: (0, [], 0, Counter()) for name in PLANS}
    for life in lives(*part):
        spells = list(life.breaches())
        for name, plan in PLANS.items():
            looks = np.fromiter(plan(life), float)
            number, late, missed, hours = totals[name]
            for deadline, ended in spells:
                first = int(np.searchsorted(looks, deadline))
                if first < looks.size and looks[first] < ended:
                    late.append(float(looks[first]) - deadline)
                else:
                    missed += 1
            looks = looks[looks >= 0]
            hours.update((looks // HOUR).astype(int).tolist())
            totals[name] = (number + looks.size, late, missed, hours)
    return totals


def unlimited(accounts: int, processes: int) -> None:
    """The first part: what each plan costs and how late it is."""
    size = 500
    parts = [(first, min(size, accounts - first)) for first in range(0, accounts, size)]
    sums: dict[str, tuple[int, list[float], int, Counter[int]]] = {name: (0, [], 0, Counter()) for name in PLANS}
    with multiprocessing.Pool(processes) as pool:
        for found in pool.imap_unordered(measure, parts):
            for name, (number, late, missed, hours) in found.items():
                old = sums[name]
                sums[name] = (old[0] + number, old[1] + late, old[2] + missed, old[3] + hours)
    rates = {name: total[0] / accounts / DAYS for name, total in sums.items()}
    hourly, least = rates["fixed 1 h"], rates["lower bound (14 days, within 1 h)"]
    print(f"{accounts:,} accounts, {DAYS} days, {len(sums['fixed 1 h'][1]) + sums['fixed 1 h'][2]:,} breaches")
    print(f"{'plan':38} {'looks/day':>9} {'of bound':>8} {'fewer':>7} {'missed':>7} {'late h':>8} {'max':>6} peak/mean")
    for name, (_, late, missed, hours) in sums.items():
        mean = float(np.mean(late)) / HOUR if late else 0.0
        peak = max(hours.values()) / (sum(hours.values()) / (DAYS * 24))
        print(
            f"{name:38} {rates[name]:9.3f} {rates[name] / least:8.2f} {hourly / rates[name]:6.0f}x {missed:7} "
            f"{mean:8.2f} {max(late, default=0.0) / HOUR:6.2f} {peak:9.1f}"
        )


def queue(accounts: int, rate: float, away: tuple[float, float] | None) -> tuple[float, list[float], int]:
    """One host that takes `rate` looks a second; `away`: from when to when nothing can be asked.

    Returns the share of the pace that was used after the first sweep, the latency of each breach, and how many were
    not seen. Latency is counted from the end of the time away where the deadline lies in it.
    """
    known = list(lives(0, accounts))
    due = [(spread(life.name) * accounts / rate - 40 * DAY, number) for number, life in enumerate(known)]
    heapq.heapify(due)
    by = {number: at for at, number in due}
    ready: list[tuple[float, float, int]] = []
    looks: list[list[float]] = [[] for _ in known]
    now, served = -40 * DAY, 0
    while now < END:
        while due and due[0][0] <= now:
            at, number = heapq.heappop(due)
            heapq.heappush(ready, (by[number], at, number))
        if away is not None and away[0] <= now < away[1]:
            now = away[1]
            continue
        if not ready:
            now = due[0][0]
            continue
        _, _, number = heapq.heappop(ready)
        life = known[number]
        looks[number].append(now)
        served += now >= 0
        newest = float(life.posts[np.searchsorted(life.posts, now, side="right") - 1])
        found = (finding_of(newest, now, reminders=False),)
        then = next_due(life.name, found, moment(now), PLAN, first=len(looks[number]) == 1)
        by[number] = (then.by - START).total_seconds()
        heapq.heappush(due, ((then.at - START).total_seconds(), number))
        now += 1 / rate
    late, missed = [], 0
    for life, seen in zip(known, looks, strict=True):
        for deadline, ended in life.breaches():
            first = int(np.searchsorted(seen, deadline))
            if first < len(seen) and seen[first] < ended:
                since = away[1] if away is not None and away[0] <= deadline < away[1] else deadline
                late.append(max(seen[first] - since, 0.0))
            else:
                missed += 1
    return served / rate / END, late, missed


def limited(accounts: int, rate: float) -> None:
    """The second part: one host behind one address."""
    print(f"\n{accounts:,} accounts behind one host at {rate:g} request(s) a second, holiday of eight days included")
    for name, away in (("no outage", None), ("a day's outage on day 20", (20 * DAY, 21 * DAY))):
        used, late, missed = queue(accounts, rate, away)
        within = sum(one <= HOUR for one in late) / max(len(late), 1)
        print(
            f"{name:26} pace used {used:4.0%}, {len(late):,} breaches, within the hour {within:.2%}, "
            f"latest {max(late, default=0.0) / 60:.1f} min, not seen {missed}"
        )


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--accounts", type=int, default=250_000)
    reading.add_argument("--behind-one-host", type=int, default=140_000)
    reading.add_argument("--rate", type=float, default=1.0)
    reading.add_argument("--processes", type=int, default=2)
    given = reading.parse_args()
    began = time.perf_counter()
    if given.accounts:
        unlimited(given.accounts, given.processes)
    if given.behind_one_host:
        limited(given.behind_one_host, given.rate)
    print(f"\n({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
