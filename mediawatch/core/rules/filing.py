"""备案号: whether an app shows the number under which it was filed. Two numbers are asked for, by two authorities.

Source: 国办函〔2026〕12号 (the unified number of the CAC, shown in the app) and the notice of July 2023 (the number of
the industry ministry, `…ICP备…`). A place that has no field for a number says nothing by not showing one: only a
channel that covers the field may support a fail, which a person confirms; a page that scripts fill in shows no missing
number.
"""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Launch, Listing, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown, whatever


class Params(Value):
    """contains, lacks: words that tell the number that is meant from the other one.

    days: on how many different Shanghai days a channel must show the field empty. there_before: asked only of apps that
    were there before that day, by our first look or a store's date; of others nothing is asked. registered: a number of
    the CAC in the register (`cac_no`) is enough.
    """

    contains: str = ""
    lacks: str = ""
    days: int = Field(default=2, ge=1)
    there_before: date | None = None
    registered: bool = False


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Passes where the last word of any channel is such a number; fails where all that cover the field show none."""
    filed = evidence.account.filing.cac_no if params.registered else ""
    if _meant(filed, params):
        return found(
            evidence, indicator, Outcome.PASS, {"number": filed, "where": "register"}, holds_until=evidence.now
        )
    last: dict[str, list[Look]] = {}
    for look in evidence.looks:
        number = _number(look)
        told = _meant(number or "", params)
        if number is None or not (told or (look.trusted and not isinstance(look.seen, Launch))):
            continue  # the first screen of an app may show the number, and never shows that there is none
        runs = last.setdefault(look.target, [])
        if runs and _meant(_number(runs[-1]) or "", params) != told:
            runs.clear()
        runs.append(look)
    for runs in last.values():
        number = _number(runs[-1]) or ""
        if _meant(number, params):
            values: Values = {"number": number, "where": runs[-1].adapter}
            return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=runs[0].at)
    if not last:
        if any(isinstance(look.seen, Launch | Page) and look.seen.opened for look in evidence.looks):
            return unknown(evidence, indicator, "number_not_told", missing=())
        return unknown(evidence, indicator, "never_seen")
    if params.there_before is not None and not _there(evidence, params.there_before):
        return unknown(evidence, indicator, "age_not_told", missing=())
    proof: list[tuple[str, datetime]] = []
    missing: list[str] = []
    first: list[datetime] = []
    for kind in indicator.needs_for(evidence.account.kind):
        fields = [runs for runs in last.values() if kind in runs[-1].covers]
        if not fields:
            missing.append(kind)
        for runs in fields:
            if len({day_of(look.at) for look in runs}) < params.days:
                return unknown(evidence, indicator, "number_missing_once", {"days": params.days}, missing=())
            proof += [(look.target, look.at) for look in (runs[0], runs[-1])]
            first.append(runs[0].at)
    if missing or not proof:
        return unknown(evidence, indicator, "number_not_told", missing=tuple(missing))
    values = {"first": day_of(max(first)).isoformat(), "times": len(proof) // 2}
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=max(first),
        proof=tuple(dict.fromkeys(proof)),
    )


def _number(look: Look) -> str | None:
    """What stands in the field, or `None` where the look shows no place for one."""
    seen = look.seen
    if isinstance(seen, Listing):
        return seen.filing_no if seen.present else None
    if isinstance(seen, Page) and seen.filled_in and not seen.filing_no:
        return None
    return seen.filing_no if isinstance(seen, Launch | Page) and seen.opened else None


def _there(evidence: Evidence, before: date) -> bool:
    """Whether the app was seen, or put into a store, before that day."""
    listed = (look.seen.updated_at for look in evidence.looks if isinstance(look.seen, Listing))
    known = [evidence.watched_since, *listed]
    return any(at is not None and day_of(at) < before for at in known)


def _meant(number: str, params: Params) -> bool:
    return bool(number) and params.contains in number and not (params.lacks and params.lacks in number)


RULE = Rule(name="filing_number", params=Params, judge=judge, last_word=True, keeps=whatever)
