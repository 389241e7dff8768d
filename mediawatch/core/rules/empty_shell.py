"""空壳: an account that never published anything, though it has been registered or watched for long enough.

It must never take an empty answer for an empty account: a channel that shows no item and says no number saw nothing,
unless it has said so for the whole time and for an account that nobody ever saw publish.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Feed, Finality, Finding, Look, Outcome, Profile, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import FOREVER, Rule, Values, found, unknown


class Params(Value):
    """days: how long an account may stay without its first post, counted from registration or from our first look."""

    days: int = 30


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Zero posts by the platform's own count is final; zero followers as well, or no count at all, make a candidate."""
    if evidence.posts:
        return found(evidence, indicator, Outcome.PASS, {"days": params.days}, holds_until=FOREVER)
    empty = [look for look in evidence.looks if look.trusted and isinstance(look.seen, Feed) and look.posts == 0]
    if not empty:
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    profile = _profile(empty[-1])
    counted = profile is not None and profile.posts == 0
    if profile is not None and profile.posts:
        return unknown(evidence, indicator, "hidden", {"days": params.days})
    registered = profile.registered_at if profile is not None else None
    watched_since = evidence.watched_since or empty[0].at
    deadline = midnight_after(day_of(registered or watched_since) + timedelta(days=params.days - 1))
    values: Values = {
        "days": params.days,
        "posts": 0,
        "followers": profile.followers if profile is not None else None,
        "watched_days": days_between(watched_since, evidence.now),
        "registered": day_of(registered).isoformat() if registered else "",
    }
    if evidence.now < deadline:
        if counted:
            return found(evidence, indicator, Outcome.AT_RISK, values, holds_until=evidence.now, deadline=deadline)
        return unknown(evidence, indicator, "too_early", values, deadline=deadline)
    late = [look for look in empty if look.at >= deadline]
    covered: frozenset[str] = frozenset().union(*(look.covers for look in late))
    missing = tuple(kind for kind in indicator.needs_for(evidence.account.kind) if kind not in covered)
    if missing or not late:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, missing=missing, deadline=deadline)
    nobody = profile is not None and profile.followers == 0
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        finality=indicator.finality if counted and not nobody else Finality.CANDIDATE,
        proof=tuple((look.target, look.at) for look in (empty[0], late[-1])),
    )


def _profile(look: Look) -> Profile | None:
    return look.seen.profile if isinstance(look.seen, Feed) else None


RULE = Rule(name="empty_shell", params=Params, judge=judge)
