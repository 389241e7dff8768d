"""The only scheduling decision: when a target is looked at next. Pure; due-ness is a column, never a timer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from mediawatch.core.model import Finding, Value


class Cadence(Value):
    """How often it is worth looking, whatever the deadline.

    soonest: the least time between two looks in the normal course; a standing fail or unknown is looked at this often.
    latest: the most time between two looks; the safety look that finds deletions and renames.
    lead: how long before a deadline the early look falls (between 0.6 and 1 of it, spread over targets).
    recheck: how long after a first fail the second look falls that confirms it.
    retry: the first wait after a failed look; it doubles with each further failure, up to `soonest`.
    canary: how often a canary account is looked at.
    """

    soonest: timedelta = timedelta(days=1)
    latest: timedelta = timedelta(days=7)
    lead: timedelta = timedelta(days=1)
    recheck: timedelta = timedelta(minutes=5)
    retry: timedelta = timedelta(minutes=10)
    canary: timedelta = timedelta(hours=1)


def spread(target_id: str) -> float:
    """A number in [0, 1) that is the target's own for ever: what keeps 10,000 targets from falling due at once."""
    return int.from_bytes(hashlib.sha256(target_id.encode()).digest()[:4], "big") / 2**32


def next_due(
    target_id: str, findings: Iterable[Finding], now: datetime, cadence: Cadence, *, confirming: bool = False
) -> datetime:
    """When to look again after a look that answered.

    Looks fall on the deadline itself (the first of all `holds_until`), once a little before it, at the warning days,
    and at the safety interval; never sooner than `soonest`, except on a deadline. `confirming` is true while an alert
    waits for its second look.
    """
    if confirming:
        return now + cadence.recheck
    findings = tuple(findings)
    share = spread(target_id)
    safety = now + cadence.latest * (1 - 0.15 * share)
    ends = [finding.holds_until for finding in findings if finding.holds_until > now]
    early = [end - cadence.lead * (0.6 + 0.4 * share) for end in ends]
    early += [
        finding.warns_at + min(cadence.soonest, cadence.lead) * (0.5 * share)
        for finding in findings
        if finding.warns_at is not None
    ]
    if len(ends) < len(findings):  # something is proven only as of now: a fail may end, an unknown may clear
        early.append(now + cadence.soonest)
    due: datetime = min([safety, *ends, *(moment for moment in early if moment >= now + cadence.soonest)])
    return due


def retry_due(
    target_id: str, fails: int, now: datetime, cadence: Cadence, *, retry_after: float | None = None
) -> datetime:
    """When to look again after the `fails`-th failure in a row (1 for the first), `retry_after` in seconds honoured."""
    wait = min(cadence.retry * (1 << min(fails - 1, 20)), cadence.soonest)
    wait = wait * (1 + 0.25 * spread(f"{target_id}#{fails}"))
    if retry_after is not None and retry_after > 0:
        wait = max(wait, timedelta(seconds=min(retry_after, cadence.latest.total_seconds())))
    return now + wait
