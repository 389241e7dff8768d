"""The only scheduling decision: when a target is looked at next, and by when. Pure; due-ness is a column, never a
timer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pydantic import AwareDatetime

from mediawatch.core.alerting import apart
from mediawatch.core.calendar import FOREVER, hour_of, midnight_of
from mediawatch.core.model import Finding, Outcome, Value
from mediawatch.core.value import made

_QUARTER = timedelta(hours=6)
_OF_ITSELF = frozenset({"said_once", "absent_once"})  # that it is gone is said of the account itself, and asked again
_LONG = 8  # times `Cadence.latest`: a fail that has stood for so long seldom ends
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cadence(Value):
    """How often it is worth looking, whatever the deadline.

    soonest: the least time between two looks in the normal course; a standing fail or unknown is looked at this often,
        each target at its own time of that day: they would all fall due at midnight, where their deadlines were. Half
        as often where nothing but fails stands that have stood for eight weeks (of `latest`).
    latest: the most time between two looks; the safety look that finds deletions and renames.
    lead: how long before a deadline the early look falls (between 0.05 and 0.8 of it, spread over targets). Deadlines
        are midnights: by then most of those that post in office hours have.
    recheck: how long after a first fail the second look falls that confirms it.
    unwatched: how long looks, in quarters of a day, must agree where the first one came after the deadline.
    retry: the first wait after a failed look; it doubles with each further failure, up to `soonest`.
    canary: how often a canary account is looked at.
    """

    soonest: timedelta = timedelta(days=1)
    latest: timedelta = timedelta(days=7)
    lead: timedelta = timedelta(days=1)
    recheck: timedelta = timedelta(minutes=5)
    unwatched: timedelta = timedelta(days=1)
    retry: timedelta = timedelta(minutes=10)
    canary: timedelta = timedelta(hours=1)


class Due(Value):
    """at: from when on the next look is worth its question. by: until when it should have been made.

    Where a platform's pace is less than what is due, whoever must be looked at first is (earliest deadline first): a
    safety look may wait for a week, the look that proves a breach may not wait for a minute.
    elsewhere: the exit that need not look, because another one is to agree with it.
    """

    at: AwareDatetime
    by: AwareDatetime
    elsewhere: str = ""

    @classmethod
    def exactly(cls, at: datetime) -> Due:
        """A look that has no time to spare."""
        return cls(at=at, by=at)


def spread(target_id: str) -> float:
    """A number in [0, 1) that is the target's own for ever: what keeps 10,000 targets from falling due at once."""
    return _spreads(target_id)[0]


def _spreads(target_id: str) -> tuple[float, float]:
    """Two of them, that have nothing to do with each other."""
    digest = hashlib.sha256(target_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32, int.from_bytes(digest[4:8], "big") / 2**32


def next_due(
    target_id: str,
    findings: Iterable[Finding],
    now: datetime,
    cadence: Cadence,
    *,
    confirming: bool = False,
    every: timedelta | None = None,
    wanted: Iterable[Due] = (),
    first: bool = False,
    partial: bool = False,
) -> Due:
    """When to look again after a look that answered, and by when.

    Looks fall on the deadline itself (the first of all `holds_until`), once a little before it, for reminders, and at
    the safety interval; never sooner than `soonest`, except on a deadline. A standing fail or unknown, and an account
    of which nothing is proven ahead (an app), is looked at once in every `soonest`, at its own time.
    What needs a person until it has been watched for longer is looked at when it has been (`final_from`), to the
    instant, and there as late as a reminder may be: till then somebody answers for it.
    `confirming` is true while an alert waits for its second look; this target gives one only if it is part of a proof
    that lacks it. `every` is the most that the channel lets pass between two looks, whatever is proven (visits to a
    website are counted). `wanted`: when somebody wants it looked at, whatever is proven (see `appointment`). `first`:
    the look before showed nothing, or there was none; the safety looks after a first sweep, or after an outage, are
    spread over all their time. `partial`: it showed a list that cannot speak of silence; see `_untold`.

    The look must be made by the first deadline; a reminder's may be a day late, and whatever is only repeated (the
    safety look, a standing fail) as late again as it has waited.
    """
    findings = tuple(findings)
    believed = [at for one in findings if confirming and (at := _confirms(target_id, one, cadence)) is not None]
    said_once = [one for one in findings if one.deadline is not None and one.values.get("why") in _OF_ITSELF]
    believed += [max(one.deadline, now) for one in said_once if one.deadline is not None]
    finals = [at for one in findings if (at := _final_at(one)) is not None and at > now]
    if believed:  # asked again soon, in quarters of a day, or more often, until it may be believed
        at = max(min(believed), now + cadence.recheck)
        steps = (_step(one, now) for one in said_once)
        return Due.exactly(min(at, now + max(cadence.recheck, min(steps, default=_QUARTER)), *finals))
    share, other = _spreads(target_id)
    now = now.astimezone(UTC)  # and so all others: instants of two zones are dear to compare
    soonest = now + cadence.soonest
    ends = {end for one in findings if now < (end := one.holds_until.astimezone(UTC)) < FOREVER}  # most end together
    warned = [(one, one.warns_at.astimezone(UTC)) for one in findings if one.warns_at is not None]
    reminders = [_reminder(finding, moment, ends, now, cadence, share) for finding, moment in warned]
    wait = cadence.latest * (1 - (0.85 if first else 0.15) * other)  # not a day's own time over again
    safety = _beside_midnight(now + wait, -1, other)
    looks = [safety, *ends]
    looks += [now + wait for wait in _untold(findings, now, cadence, first=first) if partial]
    if every is not None:
        looks.append(now + every)
    asked = [*reminders, *[_due(at, at + cadence.lead) for at in finals], *[one for one in wanted if one.at > now]]
    looks += [one.at for one in asked]
    lead = cadence.lead * (0.05 + 0.75 * share)
    looks += [end - lead for end in ends if end - lead >= soonest]
    stand = [finding for finding in findings if _stands_open(finding, now)]
    if not ends or stand:
        looks.append(_beside_midnight(_own_time(now, _again(stand, now, cadence), share), 1, other))
    at = min(looks)
    bounds = [at + (at - now), *ends, *[one.by for one in asked]]
    return _due(at, max(at, min(bounds)))


def _due(at: datetime, by: datetime) -> Due:
    return made(Due, {"at": at, "by": by, "elsewhere": ""})


def _final_at(finding: Finding) -> datetime | None:
    """When a fail that needs a person has been watched for long enough to need none: the day begins in Shanghai."""
    day = finding.values.get("final_from") if finding.outcome is Outcome.FAIL else None
    return midnight_of(date.fromisoformat(day)) if isinstance(day, str) else None


def _step(finding: Finding, now: datetime) -> timedelta:
    """How soon to ask again what a platform has said of an account, so that as many looks as it `lacks` fit in."""
    lacks = finding.values.get("lacks")
    if not isinstance(lacks, int) or finding.deadline is None:
        return _QUARTER
    return min(_QUARTER, (finding.deadline - now) / lacks)


def _untold(findings: Iterable[Finding], now: datetime, cadence: Cadence, *, first: bool) -> Iterator[timedelta]:
    """How soon to ask again what a deadline wanted to know and a list that was cut short, or went back, did not tell:
    first after `retry`, then whenever as much time again has gone by since the deadline, until that is `soonest`. What
    a first list did not tell is asked once more as soon."""
    for one in findings:
        if one.outcome is Outcome.UNKNOWN and one.missing and one.holds_until <= now:
            late = cadence.soonest if one.deadline is None else now - one.deadline
            if first or late < cadence.soonest:
                yield cadence.retry if first else max(cadence.retry, late)


def _reminder(
    finding: Finding, moment: datetime, ends: Collection[datetime], now: datetime, cadence: Cadence, share: float
) -> Due:
    """When the reminder of `moment` is looked for, at the target's own time.

    In the last days (three, as a rule) before its deadline on its day, by early evening. An earlier one is a courtesy:
    on its day after noon or on the next; and the first, where nobody was reminded yet, shares the safety look where
    that is near. Never later than the last days begin.
    """
    soonest, day = now + cadence.soonest, min(cadence.soonest, cadence.lead)
    evening = day * 0.7 * (1 - share)
    last_days = min([end for end in ends if end > moment], default=FOREVER) - 2 * cadence.lead - cadence.soonest
    if moment >= last_days:
        return _due(max(soonest, moment + evening), moment + cadence.lead)
    shared = soonest if finding.outcome is Outcome.AT_RISK else now + cadence.latest * 0.7
    at = min(max(shared, moment + day * (0.5 + 1.45 * (1 - share))), max(soonest, last_days + evening))
    return _due(at, at + cadence.lead)


def _again(stand: Collection[Finding], now: datetime, cadence: Cadence) -> timedelta:
    """How often what stands, if anything, is looked at."""
    old = [
        one.outcome is Outcome.FAIL and one.since is not None and long_standing(one.since, now, cadence)
        for one in stand
    ]
    return cadence.soonest * (2 if old and all(old) else 1)


def long_standing(since: datetime, now: datetime, cadence: Cadence) -> bool:
    """Whether what has failed since then is looked at half as often."""
    return now - since >= _LONG * cadence.latest


def _stands_open(finding: Finding, now: datetime) -> bool:
    """True for a fail, and for what is unknown until somebody looks."""
    return finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and finding.holds_until <= now


def _beside_midnight(at: datetime, way: int, share: float) -> datetime:
    """A look that may fall at any time leaves the hour after midnight to the deadlines, which all fall there: it comes
    one to six hours sooner (`way` -1) or later (1)."""
    return at if hour_of(at) else at + way * timedelta(hours=1 + 5 * share)


def _own_time(now: datetime, every: timedelta, share: float) -> datetime:
    """The target's own place in each span of `every` (of Unix time), half a span ahead at least and one and a half at
    most."""
    earliest = now + every / 2
    return earliest + (share * every - (earliest - _EPOCH)) % every


def appointment(place: int, of: int, begins_at: datetime, ends_at: datetime) -> Due:
    """When an inspection that looks from `begins_at` to `ends_at` wants an account looked at: in the order of its
    sample, `place` from 1, spread over the first half, so that second looks and trouble on the way have the other."""
    return Due(at=begins_at + (ends_at - begins_at) * 0.5 * ((place - 1) / max(of, 1)), by=ends_at)


def _confirms(target_id: str, finding: Finding, cadence: Cadence) -> datetime | None:
    """When another look at this target confirms a fail that rests on its word; `None` where none has to."""
    times = [at for target, at in finding.proof if target == target_id]
    needed = apart(finding, cadence.recheck, cadence.unwatched)
    lacks = finding.outcome is Outcome.FAIL and bool(times) and max(times) - min(times) < needed
    return min(times) + needed if lacks else None


def retry_due(
    target_id: str,
    fails: int,
    now: datetime,
    cadence: Cadence,
    *,
    retry_after: float | None = None,
    every: timedelta | None = None,
) -> datetime:
    """When to look again after the `fails`-th failure in a row (1 for the first), `retry_after` in seconds honoured.

    `every`: as in `next_due`; only what the platform asked for may be longer.
    """
    wait = min(cadence.retry * (1 << min(fails - 1, 20)), cadence.soonest / 1.25)  # with its spread, at most `soonest`
    wait = wait * (1 + 0.25 * spread(f"{target_id}#{fails}"))
    wait = wait if every is None else min(wait, every)
    if retry_after is not None and retry_after > 0:
        wait = max(wait, timedelta(seconds=min(retry_after, cadence.latest.total_seconds())))
    return now + wait
