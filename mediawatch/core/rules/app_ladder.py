"""The app ladder, rung by rung: listed in a store, package downloads, package is one a phone can install.

Source: 国办秘函〔2019〕19号, new-media veto 2.2 (移动客户端无法下载或使用), wording from memory. Each rung is its own
finding. No rung may speak of an app from a store or a server that refused us.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Listing, Look, Outcome, Package, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown

SeenT = TypeVar("SeenT", Listing, Package)


class ListedParams(Value):
    """days: on how many different Shanghai days a store must answer "no such app", with no other answer between."""

    days: int = 2


class RungParams(Value):
    """The other rungs have no threshold."""


def listed(evidence: Evidence, indicator: Indicator, params: ListedParams) -> Finding:
    """Fails only where every registered store says so; one store that lists the app is enough."""
    stores: dict[str, list[tuple[Look, Listing]]] = {}
    for look in evidence.looks:
        if look.trusted and isinstance(look.seen, Listing):
            stores.setdefault(look.target, []).append((look, look.seen))
    if not stores:
        return unknown(evidence, indicator, "never_seen")
    for looks in stores.values():
        look, listing = looks[-1]
        if listing.present:
            values: Values = {"version": listing.version, "store": look.adapter}
            if listing.updated_at is not None:
                values["updated"] = day_of(listing.updated_at).isoformat()
            return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=looks[0][0].at)

    watched = {target.id for target in evidence.account.targets if "listing" in target.covers}
    absent = {target: _absent(looks) for target, looks in stores.items()}
    short = [target for target in watched if len({day_of(look.at) for look in absent.get(target, [])}) < params.days]
    if short:
        why = "absent_once" if absent else "never_seen"
        return unknown(
            evidence, indicator, why, {"days": params.days}, missing=() if not watched - set(absent) else None
        )
    first = max((looks[0] for looks in absent.values()), key=lambda look: look.at)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {
            "stores": len(absent),
            "times": min(len(looks) for looks in absent.values()),
            "first": day_of(first.at).isoformat(),
        },
        holds_until=evidence.now,
        since=first.at,
        proof=_ends(list(absent.values())),
    )


def downloads(evidence: Evidence, indicator: Indicator, params: RungParams) -> Finding:
    """The package's own address answers with bytes. 404 and 410 are the server's word; any refusal is our blindness."""
    runs = _runs(evidence, lambda package: package.present)
    if not runs:
        return unknown(evidence, indicator, "never_seen")
    run = min(runs, key=lambda run: run[-1][1].present)  # one dead address of several is a dead address
    package = run[-1][1]
    values: Values = {"status": package.status, "size": package.size}
    since = run[0][0].at
    if package.present:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=since)
    values |= {"first": day_of(since).isoformat(), "times": len(run)}
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=since,
        proof=_ends([[look for look, _ in run]]),
    )


def installs(evidence: Evidence, indicator: Indicator, params: RungParams) -> Finding:
    """The bytes are a package that a phone can read, of the registered name, signed, with something to open."""
    runs = [run for run in _runs(evidence, lambda package: package.problem) if run[-1][1].present]
    if not runs:
        return unknown(evidence, indicator, "not_downloaded")
    run = max(runs, key=lambda run: bool(run[-1][1].problem))
    package = run[-1][1]
    values: Values = {"package": package.package, "version": package.version, "size": package.size}
    since = run[0][0].at
    if not package.problem:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=since)
    values |= {"problem": package.problem, "first": day_of(since).isoformat(), "times": len(run)}
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=since,
        proof=_ends([[look for look, _ in run]]),
    )


def _runs(evidence: Evidence, fact: Callable[[Package], object]) -> list[list[tuple[Look, Package]]]:
    """For each download address, the last looks in a row that agree on a fact."""
    packages: dict[str, list[tuple[Look, Package]]] = {}
    for look in evidence.looks:
        if look.trusted and isinstance(look.seen, Package):
            packages.setdefault(look.target, []).append((look, look.seen))
    return [_same_tail(looks, fact) for looks in packages.values()]


def _absent(looks: list[tuple[Look, Listing]]) -> list[Look]:
    """The last looks in a row that found the app absent, from old to new."""
    return [look for look, _ in _same_tail(looks, lambda listing: listing.present)]


def _same_tail(looks: list[tuple[Look, SeenT]], fact: Callable[[SeenT], object]) -> list[tuple[Look, SeenT]]:
    """The longest run of looks at the end that agree on a fact."""
    tail: list[tuple[Look, SeenT]] = []
    for look, seen in reversed(looks):
        if tail and fact(seen) != fact(tail[-1][1]):
            break
        tail.append((look, seen))
    return tail[::-1]


def _ends(runs: list[list[Look]]) -> tuple[tuple[str, datetime], ...]:
    """The first and the last look of each run."""
    return tuple((look.target, look.at) for run in runs for look in (run[0], run[-1]))


LISTED = Rule(name="app_listed", params=ListedParams, judge=listed)
DOWNLOADS = Rule(name="app_downloads", params=RungParams, judge=downloads)
PACKAGE = Rule(name="app_package", params=RungParams, judge=installs)
