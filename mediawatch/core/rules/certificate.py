"""证书有效期: the certificate of a website, or of an app's back end, has ended or will soon.

No national text names it: a hint to the office. What an ended certificate does to visitors is counted elsewhere, as
visits that did not open or a back end that does not answer. It must never speak of a certificate that only we distrust,
nor of one that was last seen before it was to be told of: it may have been renewed since.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import Field

from mediawatch.core.calendar import day_of, days_between
from mediawatch.core.model import Evidence, Finding, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown
from mediawatch.core.rules.told import channels

ENDED = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the end of a certificate that was refused because it is over: the refusal does not show when."""


class Params(Value):
    """days: how long before its end a certificate is told of. Our own number."""

    days: int = Field(default=14, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The last word of each address counts; the certificate that ends first speaks for all.

    A certificate that is renewed in time is a new one: what is told of an end goes with it.
    """
    runs = _runs(evidence, indicator)
    if not runs:
        if any(isinstance(look.seen, Page) and look.seen.opened for look in evidence.looks):
            return found(evidence, indicator, Outcome.PASS, {"state": "none", "ends": None}, holds_until=evidence.now)
        return unknown(evidence, indicator, "never_seen")
    run = min(runs, key=_ends)
    ends, now = _ends(run), evidence.now
    proof = tuple(dict.fromkeys((look.target, look.at) for look in (run[0], run[-1])))
    last_day = None if ends == ENDED else day_of(ends).isoformat()
    values: Values = {"ends": last_day, "first": day_of(run[0].at).isoformat()}
    if ends == ENDED:
        values |= {"state": "ended", "left": 0}
        return found(evidence, indicator, Outcome.FAIL, values, holds_until=now, since=run[0].at, proof=proof)
    told = ends - timedelta(days=params.days)
    values |= {"state": "good" if now < told else "soon", "left": max(0, days_between(now, ends))}
    if now < told:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=now, since=run[0].at)
    if run[-1].at < (told if now < ends else ends):  # nobody has looked whether it was renewed
        return unknown(evidence, indicator, "not_seen_since_deadline", values, deadline=told)
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=now, since=told, proof=proof)


def _runs(evidence: Evidence, indicator: Indicator) -> list[list[Look]]:
    """For each address, the last trusted looks in a row that showed the same certificate.

    A look without one (no TLS, no answer) neither ends a run nor belongs to it.
    """
    watched = channels(evidence, indicator)
    runs: dict[str, list[Look]] = {}
    for look in evidence.looks:
        if look.target in watched and look.trusted and isinstance(look.seen, Page) and _tells(look.seen):
            run = runs.setdefault(look.target, [])
            if run and _ends(run) != _ends([look]):
                run.clear()
            run.append(look)
    return list(runs.values())


def _tells(page: Page) -> bool:
    return page.tls_expires_at is not None or page.problem == "tls_expired"


def _ends(run: list[Look]) -> datetime:
    page = run[-1].seen
    return page.tls_expires_at if isinstance(page, Page) and page.tls_expires_at is not None else ENDED


RULE = Rule(name="certificate", params=Params, judge=judge, last_word=True)
