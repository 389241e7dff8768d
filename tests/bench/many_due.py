"""`core.schedule.next_due` for many accounts at once, by arrays, as far as the 14-day rule needs it.

A nation of 250,000 takes millions of decisions: one by one they take an hour. It must decide as the program does;
`prove` holds it against the program's own decision, look by look, and ends the bench where one differs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from mediawatch.core.model import Finding, Outcome
from mediawatch.core.schedule import Cadence, next_due
from tests.bench.traces import DAY, END, HOUR, LIMIT_DAYS, START, Nation, deadline_of, moment

WARNS = (7, 10, 12, 13)
FIRST = -28 * DAY  # from when on there are looks; they count from 0 on


@dataclass(frozen=True)
class Plan:
    """A cadence, in days, and whether reminders are looked for."""

    latest: float = 7.0
    reminders: bool = False

    @property
    def cadence(self) -> Cadence:
        return Cadence(latest=Cadence().latest / 7.0 * self.latest)


@dataclass(frozen=True)
class Own:
    """What is each account's own for ever: its places in a day and in a week (`schedule.spread`)."""

    share: np.ndarray
    other: np.ndarray

    @classmethod
    def of(cls, names: list[str]) -> Own:
        digests = [hashlib.sha256(name.encode()).digest() for name in names]
        places = ([int.from_bytes(one[at : at + 4], "big") / 2**32 for one in digests] for at in (0, 4))
        return cls(*(np.array(one) for one in places))

    def some(self, accounts: np.ndarray) -> Own:
        return Own(self.share[accounts], self.other[accounts])


def due(plan: Plan, own: Own, now: np.ndarray, newest: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From when on and by when each is looked at again."""
    deadline = deadline_of(newest)
    late = now >= deadline
    safety = _beside_midnight(now + plan.latest * DAY * (1 - np.where(first, 0.85, 0.15) * own.other), -1, own.other)
    early = deadline - DAY * (0.05 + 0.75 * own.share)
    ahead = np.minimum(deadline, np.where(early >= now + DAY, early, np.inf))
    bound = deadline
    if plan.reminders:
        reminded, bound = _reminded(plan, own, now, deadline)
        ahead = np.minimum(ahead, reminded)
    old = np.where(now - deadline >= 8 * plan.latest * DAY, 2 * DAY, DAY)
    earliest = now + old / 2
    again = _beside_midnight(earliest + np.mod(own.share * old - (earliest + START.timestamp()), old), 1, own.other)
    at = np.minimum(safety, np.where(late, again, ahead))
    by = np.where(late, np.inf, np.minimum(bound, deadline))
    return at, np.maximum(at, np.minimum(2 * at - now, by))


def _reminded(plan: Plan, own: Own, now: np.ndarray, deadline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    evening, last_days = 0.7 * DAY * (1 - own.share), deadline - 3 * DAY
    first_day = deadline - (LIMIT_DAYS + 1 - WARNS[0]) * DAY
    shared = now + np.where(now >= first_day, 1.0, 0.7 * plan.latest) * DAY
    at, by = np.full_like(now, np.inf), np.full_like(now, np.inf)
    for days in reversed(WARNS):  # the next one is what counts
        day = deadline - (LIMIT_DAYS + 1 - days) * DAY
        early = np.maximum(shared, day + DAY * (0.5 + 1.45 * (1 - own.share)))
        early = np.minimum(early, np.maximum(now + DAY, last_days + evening))
        last = day >= last_days
        looked = np.where(last, np.maximum(now + DAY, day + evening), early)
        at = np.where(day > now, looked, at)
        by = np.where(day > now, np.where(last, day, looked) + DAY, by)
    return at, by


def _beside_midnight(at: np.ndarray, way: int, share: np.ndarray) -> np.ndarray:
    return np.where(np.mod(at, DAY) < HOUR, at + way * HOUR * (1 + 5 * share), at)


def finding_of(newest: float, now: float, reminders: bool) -> Finding:
    """What the 14-day rule says of an account whose newest post is known and which was looked at `now`."""
    deadline = float(deadline_of(newest))
    ahead = [warn for days in WARNS if (warn := deadline - (LIMIT_DAYS + 1 - days) * DAY) > now] if reminders else []
    late, first_day = now >= deadline, deadline - (LIMIT_DAYS + 1 - WARNS[0]) * DAY
    return Finding.model_construct(
        account="",
        indicator="U1",
        outcome=Outcome.FAIL if late else Outcome.AT_RISK if reminders and now >= first_day else Outcome.PASS,
        judged_at=moment(now),
        since=moment(deadline) if late else None,
        holds_until=moment(now if late else deadline),
        warns_at=moment(ahead[0]) if ahead and not late else None,
        values={},
        proof=(),
    )


def prove(nation: Nation, plan: Plan, sample: int) -> int:
    """Walks some accounts look by look and asks both: how many decisions were the same. Ends the run otherwise."""
    own, count = Own.of(nation.names), 0
    for number in range(min(sample, len(nation.names))):
        now, first, one = FIRST + own.share[number] * DAY, True, np.array([number])
        while now < END:
            newest = nation.newest(one, np.array([now]))
            at, by = due(plan, own.some(one), np.array([now]), newest, np.array([first]))
            found = (finding_of(float(newest[0]), now, plan.reminders),)
            theirs = next_due(nation.names[number], found, moment(now), plan.cadence, first=first)
            asked = ((theirs.at - START).total_seconds(), (theirs.by - START).total_seconds())
            if max(abs(asked[0] - at[0]), abs(asked[1] - by[0])) > 0.001:
                raise SystemExit(f"not as the program decides: {nation.names[number]} at {moment(now)}: {theirs}")
            now, first, count = asked[0], False, count + 1
    return count
