"""链接被劫持: a link of a website to a government host that lands on a host that is none, as when a domain has expired.

Indicator C2. A candidate, never more: an office may have moved a service to another host, and a person opens the link.
Only what was asked and answered is known.
"""

from __future__ import annotations

import re
from datetime import datetime

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Link, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown
from mediawatch.core.rules.told import channels

MOST_NAMES = 5
_HOST = re.compile(r"https?://([A-Za-z0-9.-]{1,253})")


class Params(Value):
    """under: a host under one of these that lands outside all of them is told."""

    under: tuple[str, ...] = ("gov.cn",)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The last answer of each link counts, for as long as the page still shows it."""
    watched = channels(evidence, indicator)
    pages = [(look, look.seen) for look in evidence.looks if look.target in watched and isinstance(look.seen, Page)]
    if not pages:
        return unknown(evidence, indicator, "never_seen")
    runs: dict[tuple[str, str], list[tuple[Look, Link]]] = {}
    for look, page in pages:
        shown = {(look.target, link.url) for link in page.links}
        runs = {key: run for key, run in runs.items() if key in shown or key[0] != look.target}
        for link in page.links:
            if link.state == "unasked" or not (look.trusted or not _elsewhere(link, params)):
                continue
            run = runs.setdefault((look.target, link.url), [])
            if run and run[-1][1].lands != link.lands:
                run.clear()
            run.append((look, link))
    bad = [run for run in runs.values() if _elsewhere(run[-1][1], params)]
    values: Values = {"asked": len(runs), "found": len(bad)}
    if not bad:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    named = [f"{run[-1][1].url} → {run[-1][1].lands}" for run in bad]
    values["links"] = "、".join(named[:MOST_NAMES]) + ("…" if len(named) > MOST_NAMES else "")
    values["first"] = day_of(min(run[0][0].at for run in bad)).isoformat()
    run = max(bad, key=lambda one: (one[-1][0].at - one[0][0].at, one[-1][1].url))
    proof: tuple[tuple[str, datetime], ...] = tuple(
        dict.fromkeys((look.target, look.at) for look, _ in (run[0], run[-1]))
    )
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=run[0][0].at, proof=proof)


def _elsewhere(link: Link, params: Params) -> bool:
    host = _HOST.match(link.url)
    return (
        host is not None
        and bool(link.lands)
        and _under(host[1].lower(), params.under)
        and not _under(link.lands, params.under)
    )


def _under(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


RULE = Rule(name="hijacked_links", params=Params, judge=judge, last_word=True)
