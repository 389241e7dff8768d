"""账号 gone: the platform itself says, on two days, that the account does not exist, is banned or has moved.

A status code says nothing here, and a channel that cannot look says nothing either. It must never outvote a channel
that still shows posts published after the first such answer, and never take a platform's word alone where it says the
same of several accounts at once.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finality, Finding, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass, found, unknown


class Params(Value):
    """times: how many looks in a row must say so, the last of them `apart_hours` after the first.

    crowd: from how many other accounts on, gone from the platform in the same days, a person decides; so does one where
    a canary is said to be gone in those days.
    """

    times: int = 2
    apart_hours: int = 24
    crowd: int = 2


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Said once is `unknown` and is asked again; said `times` times in a row by one channel, a day apart, is a fail."""
    alive = [look for look in evidence.looks if look.seen is not None]
    said: list[Look] = []
    for target in dict.fromkeys(look.target for look in evidence.looks):
        run = _run(evidence, target)
        if len(run) > len(said):
            said = run
    if not said:
        if not alive:
            return unknown(evidence, indicator, "never_seen")
        return found(evidence, indicator, Outcome.PASS, {}, holds_until=evidence.now, since=alive[0].at)
    first, last = said[0], said[-1]
    if any(post.at is not None and min(post.at, post.first_seen_at) > first.at for post in evidence.posts):
        return unknown(evidence, indicator, "contradicted")
    assert last.failure is not None
    values: Values = {
        "said": last.failure.reason.value,
        "times": len(said),
        "first": day_of(first.at).isoformat(),
        "last": day_of(last.at).isoformat(),
    }
    believed_at = first.at + timedelta(hours=params.apart_hours)
    if len(said) < params.times or last.at < believed_at:
        return unknown(evidence, indicator, "said_once", values, missing=(), since=first.at, deadline=believed_at)
    crowd = evidence.canary_gone or evidence.gone_with >= params.crowd
    if crowd:
        values["others"] = evidence.gone_with
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=first.at,
        finality=Finality.CANDIDATE if crowd else indicator.finality,
        proof=((first.target, first.at), (last.target, last.at)),
    )


def _run(evidence: Evidence, target: str) -> list[Look]:
    """The looks of one channel since it last showed anything, that say the account itself is at fault."""
    run: list[Look] = []
    for look in evidence.looks:
        if look.target != target:
            continue
        if look.seen is not None:
            run = []
        elif look.trusted and says_gone(look):
            run.append(look)
    return run


RULE = Rule(name="gone", params=Params, judge=judge, last_word=True, stands=a_pass)
