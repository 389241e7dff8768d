"""文章状态: what a platform says of articles that were there: deleted, in violation, …; and accounts that have moved.

It must not speak of an article by a page that was not read, nor of a wrong address (`bad_link`). What a deletion or a
migration means a person decides.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from pydantic import Field

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Article, Articles, Evidence, Finding, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown, whatever
from mediawatch.core.rules.told import channels

FAULTY = ("deleted", "violation", "reviewing", "infringing", "blocked")
LEFT = ("moved", "cancelled")


class Params(Value):
    """most: how many such articles are let pass."""

    most: int = Field(default=0, ge=0)


class MovedParams(Value):
    """There is no threshold: the platform's own page says it or does not."""


Told = dict[str, list[tuple[Look, Article]]]


def articles(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The last word on each article counts, by whichever channel."""
    told = _told(evidence, indicator)
    if not told:
        return unknown(evidence, indicator, "never_seen")
    faulty = {url: said for url, said in told.items() if said[-1][1].state in FAULTY}
    counted: Counter[str] = Counter(said[-1][1].state for said in faulty.values())
    values: Values = {"asked": len(told), "found": len(faulty), **{state: counted[state] for state in FAULTY}}
    if len(faulty) <= params.most:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    runs = [_run(said) for said in faulty.values()]
    first = min((run[0] for run in runs), key=lambda look: look.at)
    values["first"] = day_of(first.at).isoformat()
    run = max(runs, key=lambda run: (len(run), run[0].target))
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=first.at, proof=_ends(run))


def moved(evidence: Evidence, indicator: Indicator, params: MovedParams) -> Finding:
    """An article's page that says its account has moved or was cancelled speaks of the account, not of the article."""
    told = _told(evidence, indicator)
    if not told:
        return unknown(evidence, indicator, "never_seen")
    left = [said for said in told.values() if said[-1][1].state in LEFT]
    alive = [said[-1][0].at for said in told.values() if said[-1][1].state == "alive"]
    if not left:
        return found(evidence, indicator, Outcome.PASS, {"asked": len(told)}, holds_until=evidence.now)
    said = max(left, key=lambda one: (one[-1][0].at, one[-1][1].state == "moved", one[-1][1].url))
    run = _run(said)
    values: Values = {
        "asked": len(told),
        "state": said[-1][1].state,
        "target": said[-1][1].target,
        "first": day_of(run[0].at).isoformat(),
        "pages": len(left),
    }
    if any(at > said[-1][0].at for at in alive):
        return unknown(evidence, indicator, "contradicted", values, missing=())
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=run[0].at, proof=_ends(run))


def _told(evidence: Evidence, indicator: Indicator) -> Told:
    """By address, what trusted looks said of it, from old to new."""
    watched = channels(evidence, indicator)
    told: Told = {}
    for look in evidence.looks:
        if look.target in watched and look.trusted and isinstance(look.seen, Articles):
            for article in look.seen.articles:
                if article.state != "bad_link":
                    told.setdefault(article.url, []).append((look, article))
    return told


def _run(said: list[tuple[Look, Article]]) -> list[Look]:
    """The last looks in a row that say the same."""
    run: list[Look] = []
    for look, article in reversed(said):
        if article.state != said[-1][1].state:
            break
        run.insert(0, look)
    return run


def _ends(looks: list[Look]) -> tuple[tuple[str, datetime], ...]:
    return tuple(dict.fromkeys((look.target, look.at) for look in (looks[0], looks[-1])))


ARTICLES = Rule(name="articles", params=Params, judge=articles, last_word=True, keeps=whatever)
MOVED = Rule(name="moved", params=MovedParams, judge=moved, last_word=True, keeps=whatever)
