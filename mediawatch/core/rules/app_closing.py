"""关停前公告: an app that is closed is announced first, and then leaves the stores. The register against the stores.

Source: 国办函〔2026〕12号 and the opinions of 2023 (P7), known from the press. Either side may be wrong: a person
confirms. How the data of its users was disposed of only a person can find out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Evidence, Finding, Listing, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, not_excluded, unknown
from mediawatch.core.rules.told import channels


class Params(Value):
    """days: on how many Shanghai days a store must answer "no such app". listed: how many days after its closing an
    app may still be in a store, the day of the closing not counted."""

    days: int = Field(default=2, ge=1)
    listed: int = Field(default=30, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where no notice is known, where the app was gone before it, or where it is still listed long after.

    Gone before it is what was there and was gone; gone after it is what was still there on the day of the notice.
    """
    account = evidence.account
    announced = account.stop_announced or (account.state_since if account.state is State.ANNOUNCED else None)
    runs = _runs(evidence, indicator)
    gone = {target: run for target, run in runs.items() if not _present(run[-1])}
    there = {target: run for target, run in runs.items() if _present(run[-1])}
    left = {target: run for target, run in gone.items() if len({day_of(look.at) for look in run}) >= params.days}
    values: Values = {
        "announced": announced.isoformat() if announced else None,
        "notice": account.stop_notice or None,
        "gone": min((day_of(run[0].at).isoformat() for run in left.values()), default=None),
    }
    if not runs:
        return unknown(evidence, indicator, "never_seen", values)
    if gone and not left and not there:
        return unknown(evidence, indicator, "absent_once", values, missing=())
    if announced is None and not account.stop_notice:
        return _fail(evidence, indicator, {**values, "fault": "unannounced"}, [*left.values(), *there.values()])
    shown = {target: _last_shown(evidence, target) for target in gone}
    if announced is not None:
        early = [run for target, run in left.items() if shown[target] and day_of(run[0].at) < announced]
        if early:
            return _fail(evidence, indicator, {**values, "fault": "gone_first"}, early)
    if account.state is State.CLOSED and account.state_since is not None and there:
        deadline = midnight_after(account.state_since + timedelta(days=params.listed))
        late = [[look for look in run if look.at >= deadline] for run in there.values()]
        if any(late):
            return _fail(evidence, indicator, {**values, "fault": "still_listed"}, [run for run in late if run])
        if evidence.now >= deadline:
            return unknown(evidence, indicator, "not_seen_since_deadline", values, deadline=deadline)
    if announced is not None and any(last is None or day_of(last.at) < announced for last in shown.values()):
        return not_excluded(evidence, indicator, "notice_in_between", values, until=evidence.now)
    return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)


def _runs(evidence: Evidence, indicator: Indicator) -> dict[str, list[Look]]:
    """For each store, the trusted answers at the end that agree."""
    runs: dict[str, list[Look]] = {}
    watched = channels(evidence, indicator)
    for look in evidence.looks:
        if look.target in watched and look.trusted and isinstance(look.seen, Listing):
            run = runs.setdefault(look.target, [])
            if run and _present(run[-1]) != _present(look):
                run.clear()
            run.append(look)
    return runs


def _present(look: Look) -> bool:
    return isinstance(look.seen, Listing) and look.seen.present


def _last_shown(evidence: Evidence, target: str) -> Look | None:
    """The last trusted look at a store that found the app there."""
    looks = (look for look in reversed(evidence.looks) if look.target == target and look.trusted and _present(look))
    return next(looks, None)


def _fail(evidence: Evidence, indicator: Indicator, values: Values, runs: list[list[Look]]) -> Finding:
    proof: set[tuple[str, datetime]] = {(look.target, look.at) for run in runs for look in (run[0], run[-1])}
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=min(run[0].at for run in runs),
        proof=tuple(sorted(proof, key=lambda item: (item[1], item[0]))),
    )


RULE = Rule(name="app_closing", params=Params, judge=judge, last_word=True)
