"""县以下不建应用: an app whose registered sponsor stands at a level that in principle must not build one.

Source: 国办函〔2026〕12号. The level is what the register says, so that a person confirms; and an app that nobody could
see to exist is nobody's fault. A back end that answers is no app: it may be the sponsor's site.
"""

from __future__ import annotations

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Launch, Listing, Look, Outcome, Package, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import FOREVER, Rule, found, unknown, whatever


class Params(Value):
    """levels: the levels of the register that may have none."""

    levels: tuple[str, ...] = ("town",)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where a sponsor of such a level has an app that the last look of some channel saw alive."""
    level = evidence.account.level
    if not level:
        return unknown(evidence, indicator, "level_not_registered", missing=())
    if level not in params.levels:
        return found(evidence, indicator, Outcome.PASS, {"level": level}, holds_until=FOREVER)
    runs: dict[str, list[Look]] = {}
    for look in evidence.looks:
        if look.seen is None or not look.trusted:
            continue
        if _alive(look):
            runs.setdefault(look.target, []).append(look)
        else:
            runs.pop(look.target, None)
    if not runs:
        return unknown(evidence, indicator, "never_seen", {"level": level})
    run = min(runs.values(), key=lambda looks: (looks[0].at, looks[0].target))
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {"level": level, "sponsor": evidence.account.sponsor, "last": day_of(run[-1].at).isoformat()},
        holds_until=evidence.now,
        since=run[0].at,
        proof=tuple(dict.fromkeys(((run[0].target, run[0].at), (run[-1].target, run[-1].at)))),
    )


def _alive(look: Look) -> bool:
    seen = look.seen
    if isinstance(seen, Listing | Package):
        return seen.present
    return isinstance(seen, Launch) and bool(seen.opened)


RULE = Rule(name="sponsor_level", params=Params, judge=judge, last_word=True, keeps=whatever)
