"""The app ladder, rung by rung: listed in a store, not long outdated, package downloads, is one a phone can install,
its back end answers, opens on a device.

Source: 国办秘函〔2019〕19号, new-media veto 2.2 (移动客户端无法下载或使用), wording from memory. Each rung is its own
finding. No rung may speak of an app from a store or a server that refused us.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from mediawatch.core.calendar import FOREVER, day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Finality, Finding, Launch, Listing, Look, Outcome, Package, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import reasons
from mediawatch.core.rules.rule import Rule, Values, a_pass_for_the_day, found, unknown, unless_it_counts, whatever

MONTH = timedelta(days=30)
SeenT = TypeVar("SeenT", Listing, Package, Launch, Page)


class ListedParams(Value):
    """days: on how many different Shanghai days a store must answer "no such app", with no other answer between.

    times: at how many looks in a row, the last of them `apart_hours` after the first. again: how many times as many
    looks, and hours, where the store listed it again after such an answer in the month before. See `gone` for how
    often is enough.
    """

    days: int = 2
    times: int = 1
    apart_hours: int = 0
    again: int = 1


class CurrentParams(Value):
    """days: how old the newest listed version may be. Our own number: the standard names none."""

    days: int = 730


class BackEndParams(Value):
    """days: on how many different Shanghai days the address must not answer. The number is our own."""

    days: int = 2


class RungParams(Value):
    """The other rungs have no threshold."""


def listed(evidence: Evidence, indicator: Indicator, params: ListedParams) -> Finding:
    """Fails only where every registered store says so; one store that lists the app is enough. What a store said more
    than a month ago is no answer. Where one of them never says it in words, a person decides: an interface that has
    changed answers nothing, too."""
    watched = {target.id for target in evidence.account.targets if "listing" in target.covers}
    stores: dict[str, list[tuple[Look, Listing]]] = {}
    for look in evidence.looks:
        # an untrusted look may pass an app, never fail one
        if look.target in watched and isinstance(look.seen, Listing) and (look.trusted or look.seen.present):
            stores.setdefault(look.target, []).append((look, look.seen))
    if not stores:
        return unknown(evidence, indicator, "never_seen")
    stores = {target: looks for target, looks in stores.items() if evidence.now <= looks[-1][0].at + MONTH}
    if not stores:
        return unknown(evidence, indicator, "not_seen_lately")
    runs = {target: _same_tail(looks, lambda listing: listing.present) for target, looks in stores.items()}
    for run in runs.values():
        look, listing = run[-1]
        if listing.present:
            values: Values = {"version": listing.version, "store": look.adapter}
            if listing.updated_at is not None:
                values["updated"] = day_of(listing.updated_at).isoformat()
            return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=run[0][0].at)

    absent = {target: [look for look, _ in run] for target, run in runs.items()}
    short = [target for target in watched if len({day_of(look.at) for look in absent.get(target, [])}) < params.days]
    first = max((looks[0] for looks in absent.values()), key=lambda look: look.at)
    more = params.again if any(_was_back(looks, absent[target][0]) for target, looks in stores.items()) else 1
    lacks = more * params.times - min(len(looks) for looks in absent.values())
    apart = more * timedelta(hours=params.apart_hours)
    if short or lacks > 0 or min(looks[-1].at - looks[0].at for looks in absent.values()) < apart:
        asked: Values = {"days": params.days}
        if lacks > 1:  # the looks until it may be believed are as many
            asked["lacks"] = lacks
        unseen = watched - set(absent)
        until = first.at + apart if apart and not unseen else None
        missing = None if unseen else ()
        return unknown(evidence, indicator, "absent_once", asked, missing=missing, deadline=until)
    values = {
        "stores": len(absent),
        "times": min(len(looks) for looks in absent.values()),
        "first": day_of(first.at).isoformat(),
    }
    blank = any(all(listing.blank for _, listing in run) for run in runs.values())
    doubts = reasons({"store_blank": {}} if blank else {}, indicator)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values | doubts,
        holds_until=evidence.now,
        since=first.at,
        finality=Finality.CANDIDATE if doubts else indicator.finality,
        proof=_ends(list(absent.values())),
    )


def _for_a_month(evidence: Evidence, params: ListedParams, finding: Finding) -> datetime | None:
    """`Rule.keeps`: until the next store's last answer is a month old."""
    last = {look.target: look.at for look in evidence.looks if isinstance(look.seen, Listing)}
    return min((at + MONTH for at in last.values() if evidence.now <= at + MONTH), default=FOREVER)


def _was_back(looks: list[tuple[Look, Listing]], run: Look) -> bool:
    """Whether a store listed the app again after it had said that there is none, in the month before this run."""
    before = [listing.present for look, listing in looks if run.at - MONTH <= look.at < run.at]
    return False in before and True in before[before.index(False) :]


def current(evidence: Evidence, indicator: Indicator, params: CurrentParams) -> Finding:
    """The newest version that any registered store lists, by the store's own date; a store without one says nothing."""
    newest: dict[str, tuple[list[Look], datetime]] = {}
    listings = False
    for look in evidence.looks:
        if isinstance(look.seen, Listing) and look.trusted:
            listings = True
            said = newest.pop(look.target, None)  # what a store said before its last answer is over
            if look.seen.present and (at := look.seen.updated_at) is not None:
                newest[look.target] = ([*(said[0] if said is not None and said[1] == at else ()), look], at)
    if not newest:
        return unknown(
            evidence, indicator, "no_version_date" if listings else "never_seen", missing=() if listings else None
        )
    run, updated = max(newest.values(), key=lambda one: one[1])
    days = days_between(updated, evidence.now)
    values: Values = {"days": params.days, "age": days, "updated": day_of(updated).isoformat(), "store": run[0].adapter}
    deadline = midnight_after(day_of(updated) + timedelta(days=params.days))
    old = evidence.now >= deadline
    return found(
        evidence,
        indicator,
        Outcome.FAIL if old else Outcome.PASS,
        values,
        holds_until=evidence.now,
        since=deadline if old else updated,
        deadline=deadline,
        proof=_ends([run]) if old else (),
    )


def downloads(evidence: Evidence, indicator: Indicator, params: RungParams) -> Finding:
    """The package's own address answers with bytes. 404 and 410 are the server's word; any refusal is our blindness."""
    runs = [_same_tail(answers, _absent) for answers in _answers(evidence, _absent)]
    if not runs:
        return unknown(evidence, indicator, "never_seen")
    run = min(runs, key=lambda run: run[-1][1].present)  # one dead address of several is a dead address
    package = run[-1][1]
    values: Values = {"status": package.status, "size": package.size}
    return _rung(evidence, indicator, [look for look, _ in run], values, good=package.present)


def installs(evidence: Evidence, indicator: Indicator, params: RungParams) -> Finding:
    """The bytes are a package that a phone can read, of the registered name, signed, with something to open."""
    told = [_with_age(given) for given in _answers(evidence, _faulty)]
    runs = [
        _same_tail([(look, package) for look, package in given if package.present], _faulty)
        for given in told
        if given[-1][1].present
    ]
    run = max(runs, key=lambda run: _faulty(run[-1][1]), default=None)
    # where one address gives no package any more, another's good one does not speak for it
    if run is None or (len(runs) < len(told) and not _faulty(run[-1][1])):
        return unknown(evidence, indicator, "not_downloaded")
    package = run[-1][1]
    values: Values = {"package": package.package, "version": package.version, "size": package.size}
    if package.problem:
        values["problem"] = package.problem
    return _rung(evidence, indicator, [look for look, _ in run], values, good=not package.problem)


def answers(evidence: Evidence, indicator: Indicator, params: BackEndParams) -> Finding:
    """The address that the app opens answers with something. One dead address of several is a dead address.

    Always a candidate: there is one place from which we ask, and a person looks what the app itself shows.
    """
    pages: dict[str, list[tuple[Look, Page]]] = {}
    for look in evidence.looks:
        if isinstance(look.seen, Page) and "back_end" in look.covers and (look.trusted or look.seen.opened):
            pages.setdefault(look.target, []).append((look, look.seen))
    runs = [_same_tail(given, lambda page: page.opened) for given in pages.values()]
    if not runs:
        return unknown(evidence, indicator, "never_seen")
    run = min(runs, key=lambda run: run[-1][1].opened)
    page = run[-1][1]
    values: Values = {"status": page.status}
    if not page.opened:
        values["problem"] = page.problem
        if len({day_of(look.at) for look, _ in run}) < params.days:
            return unknown(evidence, indicator, "unanswered_once", {**values, "days": params.days}, missing=())
    return _rung(
        evidence, indicator, [look for look, _ in run], values, good=page.opened, finality=_candidate(page.opened)
    )


def _candidate(good: bool) -> Finality | None:
    return None if good else Finality.CANDIDATE


def opens(evidence: Evidence, indicator: Indicator, params: RungParams) -> Finding:
    """What a device or a person's signed word last decided. An attempt that decides nothing changes nothing.

    Devices that contradict one another within a month accuse nobody. Always a candidate: a person confirms on a real
    device.
    """
    decided: dict[str, list[tuple[Look, Launch]]] = {}
    tried = False
    for look in evidence.looks:
        if isinstance(look.seen, Launch):
            tried = True
            if look.seen.opened or (look.trusted and look.seen.opened is False and look.seen.blame == "app"):
                decided.setdefault(look.target, []).append((look, look.seen))
    runs = [_same_tail(looks, lambda launch: launch.opened) for looks in decided.values()]
    if not runs:
        return unknown(evidence, indicator, "not_tried", missing=() if tried else None)
    last = max(run[-1][0].at for run in runs)
    runs = [run for run in runs if last <= run[-1][0].at + MONTH]
    if len({run[-1][1].opened for run in runs}) > 1:
        return unknown(evidence, indicator, "contradicted", missing=())
    run = max(runs, key=lambda run: run[-1][0].at)
    launch = run[-1][1]
    values: Values = {"device": launch.device, "os": launch.os}
    if launch.attested_by:
        values["attested_by"] = launch.attested_by
    if not launch.opened:
        values["problem"] = launch.problem
    good = bool(launch.opened)
    return _rung(evidence, indicator, [look for look, _ in run], values, good=good, finality=_candidate(good))


def _rung(
    evidence: Evidence,
    indicator: Indicator,
    run: list[Look],
    values: Values,
    *,
    good: bool,
    finality: Finality | None = None,
) -> Finding:
    """What a run of looks that agree makes of a rung; a fail says since when and how often."""
    since = run[0].at
    if not good:
        values = values | {"first": day_of(since).isoformat(), "times": len(run)}
    return found(
        evidence,
        indicator,
        Outcome.PASS if good else Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=since,
        finality=finality,
        proof=() if good else _ends([run]),
    )


def _with_age(given: list[tuple[Look, Package]]) -> list[tuple[Look, Package]]:
    """The same answers; a sound package whose version is lower than one the address gave before has that as its fault.

    No phone that has the newer one takes it. A package of another name has a count of its own.
    """
    highest: dict[str, int] = {}
    told: list[tuple[Look, Package]] = []
    for look, package in given:
        code = package.version_code
        if code is not None and not package.problem:
            if code < highest.get(package.package, code):
                package = package.model_copy(update={"problem": "older_version"})
            highest[package.package] = max(code, highest.get(package.package, code))
        told.append((look, package))
    return told


def _absent(package: Package) -> bool:
    return not package.present


def _faulty(package: Package) -> bool:
    return bool(package.problem)


def _answers(evidence: Evidence, bad: Callable[[Package], bool]) -> list[list[tuple[Look, Package]]]:
    """Every answer of each download address; one that an incident covers counts only where it is not bad."""
    answers: dict[str, list[tuple[Look, Package]]] = {}
    for look in evidence.looks:
        if isinstance(look.seen, Package) and (look.trusted or not bad(look.seen)):
            answers.setdefault(look.target, []).append((look, look.seen))
    return list(answers.values())


def _same_tail(looks: list[tuple[Look, SeenT]], fact: Callable[[SeenT], object]) -> list[tuple[Look, SeenT]]:
    """The longest run of looks at the end that agree on a fact."""
    tail: list[tuple[Look, SeenT]] = []
    for look, seen in reversed(looks):
        if tail and fact(seen) != fact(tail[-1][1]):
            break
        tail.append((look, seen))
    return tail[::-1]


def _ends(runs: list[list[Look]]) -> tuple[tuple[str, datetime], ...]:
    """The first and the last look of each run, once where they are one."""
    return tuple(dict.fromkeys((look.target, look.at) for run in runs for look in (run[0], run[-1])))


LISTED = Rule(
    name="app_listed", params=ListedParams, judge=listed, last_word=True, stands=a_pass_for_the_day, keeps=_for_a_month
)
DOWNLOADS = Rule(name="app_downloads", params=RungParams, judge=downloads, last_word=True, keeps=whatever)
PACKAGE = Rule(name="app_package", params=RungParams, judge=installs, last_word=True, keeps=whatever)
CURRENT = Rule(
    name="app_current",
    params=CurrentParams,
    judge=current,
    last_word=True,
    stands=a_pass_for_the_day,
    keeps=unless_it_counts("age"),
)
BACK_END = Rule(name="app_back_end", params=BackEndParams, judge=answers, last_word=True, keeps=whatever)
OPENS = Rule(name="app_opens", params=RungParams, judge=opens, last_word=True, keeps=whatever)
