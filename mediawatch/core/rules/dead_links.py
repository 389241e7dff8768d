"""错链: links on a website's home page that lead nowhere. 404 and 410 are certain, every other failure is a suspicion.

Indicator A7. Only a sample of the links is asked at each look; what was not asked is not known.
"""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Evidence, Finding, Link, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown

MOST_NAMES = 5


class Params(Value):
    """most: how many dead links are tolerated."""

    most: int = 0


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """A link is dead since the first of the looks in a row that found it so, and as long as the page still shows it."""
    pages = [(look, look.seen) for look in evidence.looks if "links" in look.covers and isinstance(look.seen, Page)]
    if not pages:
        return unknown(evidence, indicator, "never_seen")
    states: dict[tuple[str, str], list[tuple[Look, Link]]] = {}
    for look, page in pages:
        shown = {(look.target, link.url) for link in page.links}
        states = {key: run for key, run in states.items() if key in shown or key[0] != look.target}
        for link in page.links:
            if link.state == "unasked" or not (look.trusted or link.state == "alive"):
                continue
            run = states.setdefault((look.target, link.url), [])
            if run and run[-1][1].state != link.state:
                run.clear()
            run.append((look, link))
    dead = [run for run in states.values() if run and run[-1][1].state == "dead"]
    values: Values = {
        "dead": len(dead),
        "suspected": sum(run[-1][1].state == "suspected" for run in states.values() if run),
        "asked": len(states),
        "links": "、".join(run[-1][1].url for run in dead[:MOST_NAMES]) + ("…" if len(dead) > MOST_NAMES else ""),
    }
    if len(dead) <= params.most:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    sure = sorted(dead, key=lambda run: (run[-1][0].at - run[0][0].at, run[-1][1].url))[-params.most - 1 :]
    proof: dict[tuple[str, datetime], None] = {}
    for run in sure:
        proof |= dict.fromkeys(((look.target, look.at) for look, _ in (run[0], run[-1])))
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=max(run[0][0].at for run in sure),
        proof=tuple(sorted(proof, key=lambda item: (item[1], item[0]))),
    )


RULE = Rule(name="dead_links", params=Params, judge=judge, last_word=True)
