"""投诉建议功能: whether an app offers a way to complain and suggest, by the signed word of a person who tried.

Source: 国办函〔2026〕12号 (P5), known from the press. No channel sees all screens of an app, so that nothing is ever
held to be missing but what a person looked for; and another person confirms.
"""

from __future__ import annotations

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Launch, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown, whatever
from mediawatch.core.rules.told import channels


class Params(Value):
    """There is no threshold."""


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The last word counts; two people who contradict one another on the same day accuse nobody."""
    watched = channels(evidence, indicator)
    said = [
        (look, look.seen)
        for look in evidence.looks
        if look.target in watched
        and look.trusted
        and isinstance(look.seen, Launch)
        and look.seen.complaints is not None
    ]
    if not said:
        return unknown(evidence, indicator, "feedback_not_told", missing=())
    look, last = said[-1]
    values: Values = {"who": last.attested_by or look.adapter, "day": day_of(look.at).isoformat()}
    same_day = {launch.complaints for other, launch in said if day_of(other.at) == day_of(look.at)}
    if len(same_day) > 1:
        return unknown(evidence, indicator, "contradicted", values, missing=())
    run: list[Look] = []
    for other, launch in reversed(said):
        if launch.complaints != last.complaints:
            break
        run.insert(0, other)
    outcome = Outcome.PASS if last.complaints else Outcome.FAIL
    proof = () if last.complaints else tuple(dict.fromkeys((one.target, one.at) for one in (run[0], run[-1])))
    return found(evidence, indicator, outcome, values, holds_until=evidence.now, since=run[0].at, proof=proof)


RULE = Rule(name="app_feedback", params=Params, judge=judge, last_word=True, keeps=whatever)
