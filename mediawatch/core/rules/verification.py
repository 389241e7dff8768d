"""认证变化: an account that its platform once verified, as a government body, and does no longer.

Source: the sponsor is to stand in the verification (123号, R2); unverified accounts are criticised (Gansu, R9). An
account that was never seen verified has lost nothing, and what a channel does not say is no loss.
"""

from __future__ import annotations

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Look, Outcome, Profile, SeenProfile, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass_and, found, unknown, whatever
from mediawatch.core.rules.told import changes, channels, profiles


class Params(Value):
    """government: the platform's types of verification that stand for a government body (Weibo: 1)."""

    government: tuple[int, ...] = (1,)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """One channel that says so is a candidate; another whose later look shows the verification contradicts it."""
    now: dict[str, tuple[Look, Profile]] = {}
    seen = False
    for target in channels(evidence, indicator):
        for look, profile in profiles(evidence, target):
            seen = True
            if profile.verified is not None:
                now[target] = (look, profile)
    if not now:
        return unknown(evidence, indicator, "verification_not_told" if seen else "never_seen")
    lost = [
        (look, profile, before, since)
        for target, (look, profile) in now.items()
        if (found_ := _lost(changes(evidence, target), profile, params)) is not None
        for before, since in (found_,)
    ]
    if not lost:
        look, profile = max(now.values(), key=lambda told: told[0].at)
        return found(evidence, indicator, Outcome.PASS, _values(None, profile), holds_until=evidence.now)
    look, profile, before, since = min(lost, key=lambda one: (one[3].at, one[0].target))
    values = _values(before, profile) | {"changed": day_of(since.at).isoformat()}
    kept = {target for target in now if target not in {one[0].target for one in lost} and now[target][1].verified}
    if any(now[target][0].at > since.at for target in kept):
        return unknown(evidence, indicator, "contradicted", values, missing=())
    proof = tuple(dict.fromkeys(((since.target, since.at), (look.target, look.at))))
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=since.at, proof=proof)


def _lost(told: tuple[SeenProfile, ...], now: Profile, params: Params) -> tuple[SeenProfile, SeenProfile] | None:
    """What stood before, and the change that took it away; `None` where nothing was lost."""
    held = [place for place, one in enumerate(told) if _holds(one.verified, one.verified_type, params)]
    if not held or held[-1] + 1 >= len(told):
        return None
    before, since = told[held[-1]], told[held[-1] + 1]
    if now.verified and (before.verified_type not in params.government or now.verified_type is None):
        return None  # still verified, and no type that it could have fallen from is known
    return None if _holds(now.verified, now.verified_type, params) else (before, since)


def _holds(verified: bool | None, type_: int | None, params: Params) -> bool:
    """Verified, and as a government body where the platform tells types apart."""
    return bool(verified) and (type_ is None or type_ in params.government)


def _values(before: SeenProfile | None, now: Profile) -> Values:
    return {
        "verified": bool(now.verified),
        "type": now.verified_type,
        "reason": now.verified_reason,
        "type_before": before.verified_type if before else None,
        "reason_before": before.verified_reason if before else "",
    }


RULE = Rule(
    name="verification",
    params=Params,
    judge=judge,
    last_word=True,
    stands=a_pass_and("verification_not_told", "never_seen"),
    keeps=whatever,
    reads=frozenset({"profiles", "series"}),
)
