"""The polling plan at full size, beside plans of others: `make bench-plan`. It prints figures and asserts nothing.

Ours is the scheduling decision of the program itself (`core.schedule.next_due`, by arrays and proven to be the same in
each run: `many_due.py`) on findings as the 14-day rule gives them. Latency is counted from the deadline to the first
look that can see the breach. Two parts: every account by itself with no limit on the pace, and one host behind one
request a second, served as the store serves it (most urgent first). Looks count after a month in which each plan has
found its rhythm; the first sweep is not among them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tests.bench.many_due import FIRST, Own, Plan, due, prove
from tests.bench.traces import DAY, DAYS, END, HOUR, Nation, deadline_of, key_of

SHIPPED, WEEKLY, BARE = Plan(reminders=True), Plan(), Plan(latest=36500.0)
SAMPLE = 100  # accounts whose looks are held against the program's own decision
MINUTE = 60.0
Looks = tuple[np.ndarray, np.ndarray]  # of which account, when
Next = Callable[[Nation, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def walk(nation: Nation, then: Next) -> Looks:
    """Every account by itself, look after look. then: the accounts, the instants of their looks, and whether these
    are their first → when each is looked at next."""
    accounts = np.arange(len(nation.names))
    now, first = FIRST + Own.of(nation.names).share * DAY, True
    seen: list[Looks] = []
    while accounts.size:
        seen.append((accounts, now))
        now, first = then(nation, accounts, now, np.full(accounts.size, first)), False
        accounts, now = accounts[now < END], now[now < END]
    return np.concatenate([one for one, _ in seen]), np.concatenate([at for _, at in seen])


def ours(plan: Plan) -> Callable[[Nation], Looks]:
    """When the program looks at accounts, with no limit on the pace."""

    def looks(nation: Nation) -> Looks:
        own = Own.of(nation.names)
        return walk(nation, lambda _, on, now, first: due(plan, own.some(on), now, nation.newest(on, now), first)[0])

    return looks


def bound(nation: Nation, on: np.ndarray, now: np.ndarray, _: np.ndarray) -> np.ndarray:
    """The fewest looks that no plan can beat which does not see the future and tells within the hour: as late as it
    may be, an hour after each deadline; what is silent is looked at each day."""
    deadline = deadline_of(nation.newest(on, now))
    return np.where(now < deadline, deadline + HOUR, now + DAY)


def by_rhythm(nation: Nation, on: np.ndarray, now: np.ndarray, _: np.ndarray) -> np.ndarray:
    """As feed readers do it: the mean gap of the last week's posts, between one hour and a day."""
    until, since = (np.searchsorted(nation.keys, key_of(on, at)) for at in (now, now - 7 * DAY))
    return now + np.clip(7 * DAY / np.maximum(until - since, 1), HOUR, DAY)


def fixed(hours: float) -> Callable[[Nation], Looks]:
    """One look in so many hours, each account at its own time."""

    def looks(nation: Nation) -> Looks:
        at = np.add.outer(Own.of(nation.names).share * hours * HOUR, np.arange(FIRST, END, hours * HOUR))
        return np.repeat(np.arange(len(nation.names)), at.shape[1]), at.ravel()

    return looks


PLANS: dict[str, Callable[[Nation], Looks]] = {
    "fixed 1 h": fixed(1),
    "fixed 6 h": fixed(6),
    "fixed 24 h": fixed(24),
    "by rhythm, 1-24 h": lambda nation: walk(nation, by_rhythm),
    "lower bound (14 days, within 1 h)": lambda nation: walk(nation, bound),
    "ours, 14-day rule alone": ours(BARE),
    "ours, with the weekly safety look": ours(WEEKLY),
    "ours as shipped, with reminders": ours(SHIPPED),
}


@dataclass
class Total:
    """Looks by hour, how late each breach was seen, and how many were not."""

    hours: np.ndarray = field(default_factory=lambda: np.zeros(DAYS * 24, dtype=int))
    late: list[float] = field(default_factory=list)
    missed: int = 0

    def add(self, other: Total) -> None:
        self.hours += other.hours
        self.late += other.late
        self.missed += other.missed


def total(nation: Nation, looks: Looks) -> Total:
    _, at = looks
    late, seen = lateness(nation, looks)
    hours = np.bincount((at[(at >= 0) & (at < END)] // HOUR).astype(int), minlength=DAYS * 24)
    return Total(hours, late[seen].tolist(), int((~seen).sum()))


def lateness(nation: Nation, looks: Looks) -> tuple[np.ndarray, np.ndarray]:
    """By breach: how long after its deadline it was seen first, and whether it was before it ended."""
    keys = np.append(np.sort(key_of(*looks)), np.inf)
    whose, deadlines, ended = nation.breaches()
    first = keys[np.searchsorted(keys, key_of(whose, deadlines) - 0.01)] - key_of(whose, np.zeros(whose.size))
    return np.maximum(first - deadlines, 0.0), first < np.minimum(ended, END)


def measure(part: tuple[int, int]) -> dict[str, Total]:
    nation = Nation.of_lives(*part)
    return {name: total(nation, plan(nation)) for name, plan in PLANS.items()}


def unlimited(accounts: int, processes: int) -> None:
    """The first part: what each plan costs and how late it is."""
    size = 2_000
    parts = [(first, min(size, accounts - first)) for first in range(0, accounts, size)]
    sums = {name: Total() for name in PLANS}
    with multiprocessing.Pool(processes) as pool:
        for found in pool.imap_unordered(measure, parts):
            for name, one in found.items():
                sums[name].add(one)
    rates = {name: one.hours.sum() / accounts / DAYS for name, one in sums.items()}
    hourly, least = rates["fixed 1 h"], rates["lower bound (14 days, within 1 h)"]
    print(f"{accounts:,} accounts, {DAYS} days, {len(sums['fixed 1 h'].late) + sums['fixed 1 h'].missed:,} breaches")
    print(f"{'plan':38} {'looks/day':>9} {'of bound':>8} {'fewer':>7} {'missed':>7} {'late h':>8} {'max':>6} peak/mean")
    for name, one in sums.items():
        print(
            f"{name:38} {rates[name]:9.3f} {rates[name] / least:8.2f} {hourly / rates[name]:6.0f}x {one.missed:7} "
            f"{np.mean(one.late) / HOUR:8.2f} {max(one.late) / HOUR:6.2f} {one.hours.max() / one.hours.mean():9.2f}"
        )


def served(nation: Nation, plan: Plan, rate: float, away: tuple[float, float] | None) -> Looks:
    """When one host that takes `rate` looks a second looks at accounts; `away`: from when to when it cannot be asked.

    Minute by minute: of what is due when a minute begins, the most urgent, as many as fit into it.
    """
    own, room = Own.of(nation.names), int(rate * MINUTE)
    begin = -40 * DAY
    minutes = int((END - begin) / MINUTE)
    at = begin + own.share * len(nation.names) / rate  # the first sweep
    by, first = at.copy(), np.ones(at.size, dtype=bool)
    comes: list[list[int]] = [[] for _ in range(minutes + 1)]

    def wait(accounts: np.ndarray) -> None:
        """Puts each where its minute is."""
        place = np.minimum(np.ceil((at[accounts] - begin) / MINUTE).astype(int), minutes)
        for one, there in zip(accounts.tolist(), place.tolist(), strict=True):
            comes[there].append(one)

    wait(np.arange(at.size))
    ready, seen = np.array([], dtype=int), []
    for minute in range(minutes):
        if comes[minute]:
            ready = np.append(ready, comes[minute])
        now = begin + minute * MINUTE
        if not ready.size or (away is not None and away[0] <= now < away[1]):
            continue
        ready = ready[np.argsort(by[ready], kind="stable")]
        taken, ready = ready[:room], ready[room:]
        looked = now + np.arange(taken.size) / rate
        seen.append((taken, looked))
        newest = nation.newest(taken, looked)
        at[taken], by[taken] = due(plan, own.some(taken), looked, newest, first[taken])
        first[taken] = False
        at[taken] = np.maximum(at[taken], now + MINUTE)
        wait(taken)
    return np.concatenate([one for one, _ in seen]), np.concatenate([when for _, when in seen])


def behind_one_host(part: tuple[str, int, Plan, float, tuple[float, float] | None]) -> str:
    name, accounts, plan, rate, away = part
    nation = Nation.of_lives(0, accounts)
    looks = served(nation, plan, rate, away)
    late, seen = lateness(nation, looks)
    _, deadlines, _ = nation.breaches()
    if away is not None:  # counted from its end
        in_it = (away[0] <= deadlines) & (deadlines < away[1])
        late = np.where(in_it, np.maximum(late - (away[1] - deadlines), 0.0), late)
    used = (looks[1] >= 0).sum() / rate / END
    return (
        f"{name:40} pace used {used:4.0%}, {seen.sum():,} breaches, within the hour {(late[seen] <= HOUR).mean():.2%}, "
        f"latest {late[seen].max() / MINUTE:.1f} min, not seen {(~seen).sum()}"
    )


def limited(accounts: int, rate: float, processes: int) -> None:
    """The second part: one host behind one address."""
    print(f"\n{accounts:,} accounts behind one host at {rate:g} request(s) a second, holiday of eight days included")
    outage = (20 * DAY, 21 * DAY)
    runs = [
        (f"{what}, {when}", accounts, plan, rate, away)
        for what, plan in (("weekly safety look", WEEKLY), ("as shipped", SHIPPED))
        for when, away in (("no outage", None), ("a day's outage", outage))
    ]
    with multiprocessing.Pool(processes) as pool:
        for told in pool.imap(behind_one_host, runs):
            print(told, flush=True)


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--accounts", type=int, default=250_000)
    reading.add_argument("--behind-one-host", type=int, default=140_000)
    reading.add_argument("--rate", type=float, default=1.0)
    reading.add_argument("--processes", type=int, default=2)
    given = reading.parse_args()
    began = time.perf_counter()
    nation = Nation.of_lives(0, SAMPLE)
    same = sum(prove(nation, plan, SAMPLE) for plan in (BARE, WEEKLY, SHIPPED))
    print(f"{same:,} decisions of {SAMPLE} accounts are those of the program")
    if given.accounts:
        unlimited(given.accounts, given.processes)
    if given.behind_one_host:
        limited(given.behind_one_host, given.rate, given.processes)
    print(f"\n({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
