"""栏目不更新: columns of a website that are stale or empty, counted as the standard counts them.

Source: 国办秘函〔2019〕19号, website veto 4 (indicators W4, U11). A column that could not be read, or whose items
carry no dates, is neither fresh nor stale. It must never be counted against the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediawatch.core.calendar import day_of, midnight_after, months_after
from mediawatch.core.model import Column, Evidence, Finding, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule, Values, found, unknown

MOST_NAMES = 12


class Params(Value):
    """days, months: how long a column of that interval may be without update; long_days: one of no fixed interval. What
    was read more than `days` days ago accuses nobody.

    stale: how many columns of the two fixed intervals together fail the site; long: how many of any interval;
    empty: how many without an item. exempt_while_closing: a site that is being closed is not asked at all.
    """

    days: int = 14
    months: int = 6
    long_days: int = 365
    stale: int = 5
    long: int = 10
    empty: int = 5
    exempt_while_closing: bool = False


@dataclass
class Known:
    """All that the looks say of one column. `reads` are the trusted looks that read it, from old to new."""

    column: Column
    newest_at: datetime | None = None
    reads: list[tuple[Look, Column]] = field(default_factory=list)


@dataclass(frozen=True)
class Bad:
    """A column that counts against the site, and the looks that show it."""

    known: Known
    proof: tuple[Look, ...]


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """A column is stale only where it was read after its own deadline, empty only where its last reading says so."""
    columns = _known(evidence)
    if not columns:
        return unknown(evidence, indicator, "never_seen")
    ends = [(known, _end(known, params)) for known in columns]
    lately = [(known, end) for known, end in ends if _read_lately(known, evidence.now, params)]
    empty = [Bad(known, run) for known, _ in lately if (run := _empty_run(known))]
    stale = [Bad(known, run) for known, end in lately if end and (run := _stale_run(known, end, evidence.now))]
    fixed = [bad for bad in stale if bad.known.column.interval != "none"]
    fresh = [end for _, end in ends if end is not None and evidence.now < end]
    doubtful = len(columns) - len(stale) - len(empty) - len(fresh)
    values: Values = {
        "columns": len(columns),
        "stale": len(fixed),
        "long": len(stale),
        "empty": len(empty),
        "unread": doubtful,
        "stale_names": _names((bad.known.column.name, bad.known.newest_at) for bad in stale),
        "empty_names": _names((bad.known.column.name, bad.proof[-1].at) for bad in empty),
    }
    counts = ((fixed, params.stale), (stale, params.long), (empty, params.empty))
    failed = next(((bad, most) for bad, most in counts if len(bad) >= most), None)
    if failed is not None:
        proof = _proof(*failed)
        return found(
            evidence,
            indicator,
            Outcome.FAIL,
            values,
            holds_until=evidence.now,
            since=max(at for _, at in proof[::2]),
            proof=proof,
        )
    if doubtful and any(len(bad) + doubtful >= most for bad, most in counts):
        return unknown(evidence, indicator, "columns_unread", values, missing=())
    holds_until = min(fresh, default=evidence.now)
    outcome = Outcome.AT_RISK if stale or empty else Outcome.PASS
    return found(evidence, indicator, outcome, values, holds_until=holds_until)


def _known(evidence: Evidence) -> list[Known]:
    """What is known of each column that the last reading of its target still asks for."""
    columns: dict[tuple[str, str], Known] = {}
    for look in evidence.looks:
        if "columns" not in look.covers or not isinstance(look.seen, Page):
            continue
        asked = {(look.target, column.url) for column in look.seen.columns}
        columns = {key: known for key, known in columns.items() if key in asked or key[0] != look.target}
        for column in look.seen.columns:
            known = columns.setdefault((look.target, column.url), Known(column))
            known.column = column
            if column.newest_at is not None:  # also one that an incident covers: it may pass, never fail
                known.newest_at = max(known.newest_at or column.newest_at, column.newest_at)
            if column.read and look.trusted:
                known.reads.append((look, column))
    return list(columns.values())


def _end(known: Known, params: Params) -> datetime | None:
    """The first instant at which the column is stale; `None` where its last reading shows nothing dated."""
    empty = known.reads and not known.reads[-1][1].items
    if known.newest_at is None or empty:
        return None
    day = day_of(known.newest_at)
    match known.column.interval:
        case "two_weeks":
            return midnight_after(day + timedelta(days=params.days))
        case "six_months":
            return midnight_after(months_after(day, params.months))
        case _:
            return midnight_after(day + timedelta(days=params.long_days))


def _read_lately(known: Known, now: datetime, params: Params) -> bool:
    """Whether the last reading still says anything of the column: it may have been filled since."""
    return bool(known.reads) and now < midnight_after(day_of(known.reads[-1][0].at) + timedelta(days=params.days))


def _stale_run(known: Known, end: datetime, now: datetime) -> tuple[Look, ...]:
    """The looks at or after the end of the column's time that read it with dates: they show nothing newer."""
    return tuple(look for look, column in known.reads if end <= look.at <= now and column.newest_at is not None)


def _empty_run(known: Known) -> tuple[Look, ...]:
    """The looks since which every reading found no item."""
    run: list[Look] = []
    for look, column in reversed(known.reads):
        if column.items:
            break
        run.append(look)
    return tuple(reversed(run))


def _proof(bad: Sequence[Bad], most: int) -> tuple[tuple[str, datetime], ...]:
    """For each target, the look from which on enough columns were bad, and the last one."""
    enough = sorted(bad, key=lambda one: one.proof[0].at)[:most]
    proof: list[tuple[str, datetime]] = []
    for target in sorted({one.proof[0].target for one in enough}):
        own = [one for one in enough if one.proof[0].target == target]
        first = max(one.proof[0].at for one in own)
        proof += [(target, first), (target, max(first, min(one.proof[-1].at for one in own)))]
    return tuple(proof)


def _names(named: Iterable[tuple[str, datetime | None]]) -> str:
    """Columns, each with a day: of the newest item of a stale one, of the last reading of an empty one."""
    shown = [name if at is None else f"{name}（{day_of(at).isoformat()}）" for name, at in named]
    return "、".join(shown[:MOST_NAMES]) + ("…" if len(shown) > MOST_NAMES else "") or "-"


RULE = Rule(name="columns", params=Params, judge=judge, outcomes=ALL_FOUR, last_word=True)
