"""A second vantage: a grave fail counts once two exits, each by its own looks alone, would have found it.

A platform may show one address what it shows no other: a wall, an old copy, an empty list. Until another exit agrees
the answer is `unknown`, and accuses nobody. Pure. Looks that name no exit (a house on one machine) agree with nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from mediawatch.core.model import Evidence, Finding, Outcome

WAITS = "second_vantage"


def agreed(finding: Finding, evidence: Evidence, wanted: int, judge: Callable[[Evidence], Finding]) -> Finding:
    """The fail with the proof of all exits that agree on it, or `unknown` while they are fewer than `wanted`.

    judge: the rule that found it, asked again of what each exit saw. What is counted in visits is no exit's own, so
    that a fail that rests on it stays unknown.
    """
    exits = sorted({look.exit for look in evidence.looks if look.exit})
    alone = {exit_: judge(_seen_from(evidence, exit_)) for exit_ in exits}
    agree = {exit_: own for exit_, own in alone.items() if own.outcome is Outcome.FAIL}
    sites = sorted({look.site for look in evidence.looks if look.exit in agree})
    values = {**finding.values, "sites": ", ".join(sites)}
    if len(agree) < wanted:
        left = {"outcome": Outcome.UNKNOWN, "proof": (), "holds_until": evidence.now}
        return finding.model_copy(update={**left, "values": {**values, "why": WAITS}})
    proof = {one for own in agree.values() for one in own.proof} | set(finding.proof)
    in_order = tuple(sorted(proof, key=lambda one: (one[1], one[0])))
    return finding.model_copy(update={"values": values, "proof": in_order})


def waits(findings: tuple[Finding, ...]) -> bool:
    """Whether another exit is to look."""
    return any(finding.values.get("why") == WAITS for finding in findings)


def _seen_from(evidence: Evidence, exit_: str) -> Evidence:
    looks = tuple(look for look in evidence.looks if look.exit == exit_)
    return evidence.model_copy(update={"looks": looks, "visits": ()})
