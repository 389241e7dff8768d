"""长期零发布、零粉丝、零关注: an account for which its own platform counts nothing at all, and has for long.

Source: Beijing's circular for the fourth quarter of 2019, which names no number of days. A count that a channel does
not give proves nothing, and any post that was ever seen clears the account.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Feed, Finding, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, FOREVER, Rule, Values, ever_seen, found, unknown, unless_it_counts


class Params(Value):
    """counts: which counts must all be zero. days: for how long, from the first look of the run that says so."""

    counts: tuple[Literal["posts", "followers", "following"], ...] = Field(
        default=("posts", "followers", "following"), min_length=1
    )
    days: int = Field(default=30, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails after `days` days, counted from the first of the looks in a row that all say zero."""
    values: Values = {"days": params.days}
    if evidence.posts:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=FOREVER)
    runs: dict[str, list[Look]] = {}
    for look in evidence.looks:
        counted = _counts(look, params)
        if counted is None or not (look.trusted or any(counted)):
            continue  # a look that an incident covers may clear an account, never accuse it
        if any(counted):
            return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=look.at)
        runs.setdefault(look.target, []).append(look)
    if not runs:
        seen = ever_seen(evidence)
        return unknown(evidence, indicator, "counts_not_told" if seen else "never_seen", values)
    run = min(runs.values(), key=lambda looks: (looks[0].at, looks[0].target))
    deadline = midnight_after(day_of(run[0].at) + timedelta(days=params.days - 1))
    values |= {"first": day_of(run[0].at).isoformat(), "watched_days": days_between(run[0].at, evidence.now)}
    values |= dict.fromkeys(params.counts, 0)
    if evidence.now < deadline:
        return found(evidence, indicator, Outcome.AT_RISK, values, holds_until=deadline, deadline=deadline)
    if run[-1].at < deadline:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, deadline=deadline)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        proof=((run[0].target, run[0].at), (run[-1].target, run[-1].at)),
    )


def _counts(look: Look, params: Params) -> tuple[int, ...] | None:
    """The counts that are asked for, or `None` where the look does not give all of them."""
    profile = look.seen.profile if isinstance(look.seen, Feed) else None
    if profile is None:
        return None
    given: list[int | None] = [getattr(profile, name) for name in params.counts]
    counted = tuple(count for count in given if count is not None)
    return counted if len(counted) == len(given) else None


RULE = Rule(name="zero_counts", params=Params, judge=judge, outcomes=ALL_FOUR, keeps=unless_it_counts("watched_days"))
