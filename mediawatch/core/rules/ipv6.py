"""支持IPv6: a website or an app's back end that does not answer over IPv6.

Source: 国办发〔2018〕123号 (apps must support IPv6) and local circulars. A look without a way over IPv6 of our own
shows nothing (`adapters/ipv6.py`), so that it can never fail anybody; one place of ours is no proof for all of them: a
candidate.
"""

from __future__ import annotations

from pydantic import Field

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown


class Params(Value):
    """days: on how many different Shanghai days in a row it must not have answered."""

    days: int = Field(default=2, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The last word of each address counts; one that does not answer speaks for all."""
    runs: dict[str, list[tuple[Look, Page]]] = {}
    for look in evidence.looks:
        if isinstance(look.seen, Page) and "ipv6" in look.covers and (look.trusted or look.seen.opened):
            run = runs.setdefault(look.target, [])
            if run and run[-1][1].opened is not look.seen.opened:
                run.clear()
            run.append((look, look.seen))
    if not runs:
        return unknown(evidence, indicator, "never_seen")
    run = min(runs.values(), key=lambda run: (run[-1][1].opened, run[0][0].at, run[0][0].target))
    (first, _), (last, page) = run[0], run[-1]
    values: Values = {"status": page.status, "last": day_of(last.at).isoformat()}
    if page.opened:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=first.at)
    days = len({day_of(look.at) for look, _ in run})
    values |= {"problem": page.problem, "first": day_of(first.at).isoformat(), "days": days}
    if days < params.days:
        return unknown(evidence, indicator, "unanswered_once", values, missing=())
    proof = tuple(dict.fromkeys(((first.target, first.at), (last.target, last.at))))
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=first.at, proof=proof)


RULE = Rule(name="ipv6", params=Params, judge=judge, last_word=True)
