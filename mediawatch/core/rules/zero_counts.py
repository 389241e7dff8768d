"""长期零发布、零粉丝、零关注: an account for which its own platform counts nothing at all, and has for long.

Source: Beijing's circular for the fourth quarter of 2019, which names no number of days. A count that a channel does
not give proves nothing, and any post that was ever seen clears the account.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import DayCount, Evidence, Feed, Finding, Look, Outcome, Profile, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, FOREVER, Rule, Values, ever_seen, found, unknown, unless_it_counts


class Params(Value):
    """counts: which counts must all be zero. days: for how long, from the first look of the run that says so."""

    counts: tuple[Literal["posts", "followers", "following"], ...] = Field(
        default=("posts", "followers", "following"), min_length=1
    )
    days: int = Field(default=30, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails after `days` days, counted from the first of the looks in a row that all say zero, of every channel.

    Any post that was ever counted clears the account, and so does a channel whose last word is another. What was
    counted between the looks that evidence holds the daily counts tell.
    """
    values: Values = {"days": params.days}
    if evidence.posts:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=FOREVER)
    told = [(look.target, look.at, _counts(_profile(look), params)) for look in evidence.looks]
    told += [(one.target, one.at, _counts(one, params)) for one in evidence.series]
    something = [(target, at, counts) for target, at, counts in told if counts and any(counts.values())]
    shown = {target: at for target, at, _ in sorted(something, key=lambda one: one[1])}
    zero = [look for look in evidence.looks if look.trusted and _is_zero(look, params)]  # an incident accuses nobody
    last = {look.target: look.at for look in zero}
    posted = any(counts.get("posts") for _, _, counts in something)
    if posted or any(last.get(target, at) <= at for target, at in shown.items()):
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=max(shown.values()))
    runs: dict[str, list[Look]] = {}
    for look in zero:
        if all(look.at > at for at in shown.values()):
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


def _profile(look: Look) -> Profile | None:
    return look.seen.profile if isinstance(look.seen, Feed) else None


def _counts(told: Profile | DayCount | None, params: Params) -> dict[str, int] | None:
    """The counts that are asked for, or `None` where not all of them are told."""
    given: dict[str, int] = {name: count for name in params.counts if (count := getattr(told, name, None)) is not None}
    return given if len(given) == len(params.counts) else None


def _is_zero(look: Look, params: Params) -> bool:
    counts = _counts(_profile(look), params)
    return counts is not None and not any(counts.values())


RULE = Rule(name="zero_counts", params=Params, judge=judge, outcomes=ALL_FOUR, keeps=unless_it_counts("watched_days"))
