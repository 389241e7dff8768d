"""打卡、积分、排名等禁止事项: what a store says of an app speaks of what the measures forbid.

Source: 国办函〔2026〕12号 (P4). A description proves no function of the app, and its silence none either: a candidate,
and a person opens the app. It must never take a store that shows no description for one that found nothing.
"""

from __future__ import annotations

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Finding, Listing, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass_for_the_day, found, unknown, whatever
from mediawatch.core.seen import Mark

SHOWN = 3


class Params(Value):
    """There is nothing to set: the phrases are a list of their own (`wordlists/misuse.yaml`)."""


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where the last answer of a store that describes the app holds such a phrase."""
    runs: dict[str, list[tuple[Look, Listing]]] = {}
    for look in evidence.looks:
        if not look.trusted or not isinstance(look.seen, Listing):
            continue
        if not look.seen.present:
            runs.pop(look.target, None)
        elif look.seen.described:
            runs.setdefault(look.target, []).append((look, look.seen))
    if not runs:
        listed = any(look.trusted and isinstance(look.seen, Listing) and look.seen.present for look in evidence.looks)
        return unknown(evidence, indicator, "description_not_told" if listed else "never_seen")
    marked = [held for told in runs.values() if (held := _held(told))]
    if not marked:
        store = max((told[-1][0] for told in runs.values()), key=lambda look: look.at)
        values: Values = {"where": store.adapter, "last": day_of(store.at).isoformat()}
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    told = min(marked, key=lambda held: (held[0][0].at, held[0][0].target))
    first, last, marks = told[0][0], told[-1][0], told[-1][1].marks
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {"where": last.adapter, "last": day_of(last.at).isoformat(), **_words(marks)},
        holds_until=evidence.now,
        since=first.at,
        proof=tuple(dict.fromkeys(((first.target, first.at), (last.target, last.at)))),
    )


def _held(told: list[tuple[Look, Listing]]) -> list[tuple[Look, Listing]]:
    """The last answers in a row that hold such a phrase; none where the very last does not."""
    clean = next((place for place in range(len(told), 0, -1) if not told[place - 1][1].marks), 0)
    return told[clean:]


def _words(marks: tuple[Mark, ...]) -> Values:
    return {
        "terms": "、".join(dict.fromkeys(mark.term for mark in marks[:SHOWN])),
        "shown": "；".join(dict.fromkeys(f"“{mark.shown}”" for mark in marks[:SHOWN])),
        "source": "、".join(dict.fromkeys(mark.source for mark in marks[:SHOWN])),
    }


RULE = Rule(name="app_misuse", params=Params, judge=judge, last_word=True, stands=a_pass_for_the_day, keeps=whatever)
