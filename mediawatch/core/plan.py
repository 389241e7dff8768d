"""What the watched targets ask of a platform, what its pace allows, and when what waits is through. Pure arithmetic.

It must not decide anything: when to look is `schedule.py`'s. Here the same due times are served on paper, those that
must be looked at first before the others, as `store.claim` serves them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Outcome, Value
from mediawatch.core.schedule import Cadence, long_standing

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
AVERAGE = 0.925  # of `Cadence.latest`: safety looks fall at 0.85 to 1 of it
PROOF_LOOKS = 2  # of a deadline that comes near: one a little before it, and one on it

Need = Literal["proof", "canary", "visit", "standing", "regular"]
KEPT_FIRST: tuple[Need, ...] = ("proof", "canary", "visit", "standing", "regular")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One target as it waits for its next look.

    every: of a channel whose looks are counted. deadline: of its account, where one is known. new: never looked at.
    """

    due_at: datetime
    look_by: datetime
    canary: bool = False
    every: timedelta | None = None
    outcome: Outcome = Outcome.PASS
    deadline: datetime | None = None
    new: bool = False


class PlatformPlan(Value):
    """A platform's budget, in looks a day.

    questions: that one look asks, as measured. allowed: what its pace allows. wanted: by what a look is for, those that
    are kept first before the others: `proof` (a deadline that comes), `canary`, `visit` (looks that are counted),
    `standing` (a fail or unknown that stands), `regular` (deletions, back-dating, renames, comments: whatever only
    looking again shows). gives: what of that does not fit. regular_every: how often the regular looks could fall with
    all that is left; `None` where nothing is. waiting: due now. clears_at: when nothing waits any more; `None` where
    that never is. late, latest: how many of the looks until then come later than they should, and by how many seconds
    at most. new: targets that were never looked at, which are wanted as those are of which nothing is wrong, and whose
    first look is never late; covered_at: when the last of them is.
    """

    platform: str
    targets: int
    questions: float
    allowed: float
    wanted: dict[str, float]
    gives: dict[str, float]
    regular_every: float | None
    waiting: int
    clears_at: AwareDatetime | None
    late: int
    latest: float
    new: int
    covered_at: AwareDatetime | None

    @property
    def demand(self) -> float:
        """All looks that are wanted a day."""
        return sum(self.wanted.values())

    @property
    def used(self) -> float:
        """The share of the pace that they take; above 1 they do not fit."""
        return self.demand / self.allowed


def plan(
    platform: str,
    targets: Sequence[Wanted],
    per_minute: float,
    cadence: Cadence,
    now: datetime,
    *,
    questions: float = 1.0,
    outage: timedelta = timedelta(),
) -> PlatformPlan:
    """The budget of one platform. outage: nothing can be looked at for so long from `now` on."""
    allowed = per_minute * 1440 / questions
    wanted = _wanted(targets, cadence, now)
    demand = sum(wanted.values())
    regulars = sum(_need(one, now) in ("regular", "proof") for one in targets)
    left = allowed - demand + wanted.get("regular", 0.0)
    served = None
    if demand < allowed:
        served = _serve(targets, cadence, 86400 / allowed, now, now + outage)
    return PlatformPlan(
        platform=platform,
        targets=len(targets),
        questions=questions,
        allowed=allowed,
        wanted=wanted,
        gives=_gives(wanted, allowed),
        regular_every=regulars / left * 86400 if left > 0 and regulars else None,
        waiting=sum(one.due_at <= now for one in targets),
        clears_at=served.clears_at if served else None,
        late=served.late if served else 0,
        latest=served.latest if served else 0.0,
        new=sum(one.new for one in targets),
        covered_at=served.covered_at if served else None,
    )


def _need(one: Wanted, now: datetime) -> Need:
    if one.canary:
        return "canary"
    if one.every is not None:
        return "visit"
    if one.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and not one.new:
        return "standing"
    return "proof" if one.deadline is not None and now < one.deadline <= now + WEEK else "regular"


def _again(one: Wanted, need: Need, cadence: Cadence, now: datetime) -> timedelta:
    """How long after a look the next one falls, in the normal course."""
    if need == "canary":
        return cadence.canary
    if need == "visit" and one.every is not None:
        return one.every
    if need != "standing":
        return cadence.latest * AVERAGE
    failed_at = one.deadline if one.outcome is Outcome.FAIL else None
    return cadence.soonest * (2 if failed_at is not None and long_standing(failed_at, now, cadence) else 1)


def _wanted(targets: Iterable[Wanted], cadence: Cadence, now: datetime) -> dict[str, float]:
    found = dict.fromkeys(KEPT_FIRST, 0.0)
    for one in targets:
        need = _need(one, now)
        if need == "proof":
            found["proof"] += PROOF_LOOKS * (DAY / WEEK)
        else:
            found[need] += DAY / _again(one, need, cadence, now)
    return {need: looks for need, looks in found.items() if looks}


def _gives(wanted: Mapping[str, float], allowed: float) -> dict[str, float]:
    """What does not fit, from what is kept last."""
    over = sum(wanted.values()) - allowed
    found: dict[str, float] = {}
    for need in reversed(KEPT_FIRST):
        if over > 0 and need in wanted:
            found[need] = min(over, wanted[need])
            over -= found[need]
    return found


@dataclass(frozen=True)
class _Served:
    clears_at: datetime
    late: int
    latest: float
    covered_at: datetime | None


def _serve(targets: Sequence[Wanted], cadence: Cadence, each: float, now: datetime, begins: datetime) -> _Served:
    """Serves the due times on paper from `begins` on, one look in `each` seconds, until nothing waits.

    Each target comes again as it would in the normal course. There is an end: less is wanted than is allowed.
    """
    start = begins.timestamp()
    coming = sorted(
        (
            one.due_at.timestamp(),
            one.look_by.timestamp(),
            _again(one, _need(one, now), cadence, now).total_seconds(),
            one.new,
        )
        for one in targets
    )
    heapq.heapify(coming)
    waits: list[tuple[float, float, bool]] = []
    at, late, latest, covered = start, 0, 0.0, None
    while True:
        while coming and coming[0][0] <= at:
            _, by, again, new = heapq.heappop(coming)
            heapq.heappush(waits, (by, again, new))
        if not waits:
            break
        by, again, new = heapq.heappop(waits)
        if not new and (at > max(by, start) + each or by < start):
            late, latest = late + 1, max(latest, at - by)
        if new:
            covered = at
        at += each
        heapq.heappush(coming, (at + again, at + 2 * again, again, False))
    ahead = [due for due, _, _, new in coming if new]  # spread over time on purpose
    covered = max(ahead) if ahead else covered
    zone = begins.tzinfo
    ends = datetime.fromtimestamp(at, zone)
    return _Served(ends, late, latest, datetime.fromtimestamp(covered, zone) if covered is not None else None)
