"""空壳: an account that never published anything, though it has been registered or watched for long enough.

It must never take an empty answer for an empty account: a channel that shows no item and says no number saw nothing,
unless it has said so for the whole time and for an account that nobody ever saw publish.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Feed, Finality, Finding, Look, Outcome, Profile, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import reasons, watched_from
from mediawatch.core.rules.rule import (
    ALL_FOUR,
    FOREVER,
    Rule,
    Values,
    a_pass,
    found,
    reaches,
    unknown,
    unless_it_counts,
)
from mediawatch.core.rules.shell_parts import shell_parts


class Params(Value):
    """days: how long an account may stay without its first post, counted from registration or from our first look."""

    days: int = 30


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Zero posts by the platform's own count, watched for `days`, is final; what it says of a time before we watched,
    zero followers as well, or no count at all, make a candidate."""
    if evidence.posts:
        passed: Values = {"days": params.days, **shell_parts(evidence)}
        del passed["grounds"]  # it accuses nobody, and would change with the day of every look
        return found(evidence, indicator, Outcome.PASS, passed, holds_until=FOREVER)
    if _hidden(evidence):
        return unknown(evidence, indicator, "hidden", {"days": params.days})
    empty = [look for look in evidence.looks if look.trusted and _shows_none(look)]
    if not empty:
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    needs = indicator.needs_for(evidence.account.kind) or ("posts",)
    channels = {kind: _channels(empty, kind) for kind in needs}
    profile = next((profile for look in reversed(empty) if (profile := _counted(look)) is not None), None)
    watched_since = evidence.watched_since or empty[0].at
    if profile is not None:
        begin = profile.registered_at or watched_since
    else:  # every channel must have been watched for the whole time
        begin = max((looks[0][0].at for looks in channels.values() if looks), default=watched_since)
    deadline = _end(begin, params)
    values: Values = {
        "days": params.days,
        "posts": 0,
        "followers": profile.followers if profile is not None else None,
        "watched_days": days_between(watched_since, evidence.now),
        "registered": day_of(profile.registered_at).isoformat() if profile and profile.registered_at else "",
        **shell_parts(evidence),
    }
    if evidence.now < deadline:
        if profile is not None:
            return found(evidence, indicator, Outcome.AT_RISK, values, holds_until=deadline, deadline=deadline)
        return unknown(evidence, indicator, "too_early", values, deadline=deadline)
    proof: list[tuple[str, datetime]] = []
    missing: list[str] = []
    proving: list[list[Look]] = []
    late: list[Look] = []
    for kind, runs in channels.items():
        run = next(
            (run for run in runs if reaches(run[-1]) >= (deadline if profile else _end(run[0].at, params))), None
        )
        if run is None:
            missing.append(kind)
        else:
            proving.append(run)
            proof += [(look.target, look.at) for look in (run[0], run[-1])]
            late += [look for look in run if look.at >= deadline]
    if missing:
        return unknown(
            evidence, indicator, "not_seen_since_deadline", values, missing=tuple(missing), deadline=deadline
        )
    seen = min(max(reaches(run[-1]) for run in runs) for runs in channels.values())
    if evidence.now >= (lost := _end(seen, params)):  # who knows what it has done since
        return unknown(evidence, indicator, "not_seen_lately", values, missing=needs, since=lost, deadline=deadline)
    told: dict[str, Values] = {}
    if profile is None or not any(_counted(look) is not None for look in late):
        told["not_counted"] = {}
    elif profile.followers == 0:
        told["no_followers"] = {}
    begun = [watched_from(evidence, run[0].target) for run in proving]  # of each channel, not of the account
    began = max(begun)
    if any(reaches(run[-1]) < _end(one, params) for run, one in zip(proving, begun, strict=True)):
        told["count_unwatched"] = {"watched_since": day_of(began).isoformat()}
    doubts = reasons(told, indicator, _end(began, params) if "count_unwatched" in told else None)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {**values, "klass": "EMPTY_SHELL", **doubts},
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        finality=Finality.CANDIDATE if doubts else indicator.finality,
        proof=tuple(dict.fromkeys(proof)),
    )


def _end(begin: datetime, params: Params) -> datetime:
    """The first instant at which an account that was opened (or first seen) at `begin` has had its days."""
    return midnight_after(day_of(begin) + timedelta(days=params.days - 1))


def _counted(look: Look) -> Profile | None:
    """The profile, where the platform itself counts no posts in it."""
    profile = look.seen.profile if isinstance(look.seen, Feed) else None
    return profile if profile is not None and profile.posts == 0 else None


def _shows_none(look: Look) -> bool:
    """True for a list without an item, if it is the whole list or the platform's own count agrees."""
    return isinstance(look.seen, Feed) and look.posts == 0 and (look.seen.complete or _counted(look) is not None)


def _hidden(evidence: Evidence) -> bool:
    """True where the last count of some channel is above zero, though no post was ever shown."""
    counts: dict[str, int] = {}
    for look in evidence.looks:
        if isinstance(look.seen, Feed) and look.seen.profile is not None and look.seen.profile.posts is not None:
            counts[look.target] = look.seen.profile.posts
    return any(counts.values())


def _channels(empty: list[Look], kind: str) -> list[list[Look]]:
    """The empty looks of each channel that covers the kind, the channel that is watched longest first."""
    channels: dict[str, list[Look]] = {}
    for look in empty:
        if kind in look.covers:
            channels.setdefault(look.target, []).append(look)
    return sorted(channels.values(), key=lambda looks: (looks[0].at, looks[0].target))


RULE = Rule(
    name="empty_shell",
    params=Params,
    judge=judge,
    outcomes=ALL_FOUR,
    stands=a_pass,
    keeps=unless_it_counts("watched_days"),
)
