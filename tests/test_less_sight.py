"""Over all rules of all books: seeing less turns pass or fail into unknown, and never into the opposite.

Histories are made of the rows of `indicator_rows.py`: looks of several rows of a line, in any order, some in an
incident, some that could not see. Two things are said of what may be lost:

- rules that speak of a state (`Rule.last_word`) are as the last answer of their channel says; losing that one is
  looking less late, so that it is kept here, and all others may be lost;
- a count above zero, a reply, the newest date on a page are facts in favour of their account, as a post is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediawatch.core.model import Evidence, Failure, Feed, Letters, Look, Outcome, Page, Reason
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules import RULES, judge_one
from tests.indicator_rows import rows, with_tasks
from tests.tables import HOUR, SECOND
from tests.test_indicator_rows import LINES

BY_RULE: dict[str, Indicator] = {}
for _, each in LINES:
    BY_RULE.setdefault(each.rule, each)
GOOD = {Outcome.PASS, Outcome.AT_RISK}


def opposite(was: Outcome, is_: Outcome) -> bool:
    return (was in GOOD and is_ is Outcome.FAIL) or (was is Outcome.FAIL and is_ is Outcome.PASS)


@lru_cache(maxsize=2)
def begun(rule: str) -> tuple[tuple[Evidence, dict[datetime, Look], frozenset[datetime]], ...]:
    """What histories of a line are made of, once for all its examples: by row the evidence, its looks and those of all
    rows by their instants, and which are its own."""
    table = rows(BY_RULE[rule])
    pool = {
        moment: look.model_copy(update={"at": moment})
        for number, row in enumerate(table)
        for look in row.on.looks
        for hours in (0, 1, 30)
        for moment in (look.at - hours * HOUR - number * SECOND,)
    }
    found = []
    for of in (row.on for row in table):
        mine = {look.at: look for look in of.looks}
        by_then = {moment: look for moment, look in pool.items() if moment <= of.now}
        found.append((of, dict(sorted({**by_then, **mine}.items())), frozenset(mine)))
    return tuple(found)


@st.composite
def histories(draw: st.DrawFn, rule: str) -> tuple[Evidence, frozenset[int]]:
    """A history of a line, and which of its looks are lost."""
    of, all_looks, mine = draw(st.sampled_from(begun(rule)))
    looks: list[Look] = []
    for moment, look in all_looks.items():
        if moment in mine or draw(st.integers(0, 3)) == 0:
            change = draw(st.sampled_from(["as it was", "as it was", "as it was", "in an incident", "blind"]))
            looks.append(changed(look, change))
    lost = draw(st.sets(st.integers(0, len(looks) - 1))) if looks else set()
    kept = {id(look) for look in looks if in_favour(look, looks)}
    if RULES[rule].last_word:
        kept |= {id(look) for look in last_answers(with_tasks(BY_RULE[rule]), of, looks)}
    lost = {index for index in lost if id(looks[index]) not in kept}
    watched = next((look.at for look in looks if look.seen is not None), None)
    of = of.model_copy(update={"watched_since": watched})
    return of.model_copy(update={"looks": tuple(looks)}), frozenset(lost)


def changed(look: Look, how: str) -> Look:
    if how == "in an incident":
        return look.model_copy(update={"trusted": False})
    if how == "blind":
        failure = Failure(reason=Reason.RATE_LIMITED)
        return look.model_copy(update={"seen": None, "failure": failure, "posts": 0, "newest_at": None})
    return look


def last_answers(line: Indicator, of: Evidence, looks: Sequence[Look]) -> list[Look]:
    """The last trusted look that says anything by itself, and those of an incident, which may clear only."""
    nothing = _told(line, of, ())
    said = [look for look in looks if _told(line, of, (look,)) != nothing]
    return [look for look in looks if not look.trusted] + [look for look in said if look.trusted][-1:]


def _told(line: Indicator, of: Evidence, looks: tuple[Look, ...]) -> tuple[Outcome, object]:
    found = judge_one(line, of.model_copy(update={"looks": looks}))
    return found.outcome, found.values.get("why")


def in_favour(look: Look, looks: Sequence[Look]) -> bool:
    seen = look.seen
    if isinstance(seen, Page):
        return any(at is not None and at == max(_dates(looks, name)) for name, at in _named(look))
    if isinstance(seen, Letters):
        return any(letter.replied for letter in seen.letters)
    told = seen.profile if isinstance(seen, Feed) else None
    return told is not None and any((told.posts, told.followers, told.following))


def _named(look: Look) -> list[tuple[str, datetime | None]]:
    page = look.seen
    assert isinstance(page, Page)
    return [("", page.newest_at), *((column.url, column.newest_at) for column in page.columns)]


def _dates(looks: Sequence[Look], name: str) -> list[datetime]:
    return [
        at
        for look in looks
        if isinstance(look.seen, Page)
        for called, at in _named(look)
        if called == name and at is not None
    ]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_losing_looks_never_turns_an_answer_into_its_opposite(rule: str) -> None:
    line = with_tasks(BY_RULE[rule])

    @given(histories(rule))
    @settings(suppress_health_check=list(HealthCheck))
    def holds(history: tuple[Evidence, frozenset[int]]) -> None:
        on, lost = history
        kept = tuple(look for index, look in enumerate(on.looks) if index not in lost)
        was = judge_one(line, on).outcome
        is_ = judge_one(line, on.model_copy(update={"looks": kept})).outcome
        assert not opposite(was, is_), (was, is_)

    holds()


@pytest.mark.parametrize("rule", sorted(RULES))
def test_looks_that_could_not_see_change_no_answer_to_a_fail(rule: str) -> None:
    """An outage of a platform, before, between and after: nobody is accused who was not, and a fail stays proven."""
    line = with_tasks(BY_RULE[rule])
    for row in rows(BY_RULE[rule]):
        first = row.on.looks[:1]
        blind = [
            changed(look.model_copy(update={"at": moment}), "blind") for look in first for moment in outage(row.on)
        ]
        more = sorted((*row.on.looks, *blind), key=lambda look: look.at)
        assert judge_one(line, row.on.model_copy(update={"looks": tuple(more)})).outcome is row.expected, row.says


def outage(on: Evidence) -> list[datetime]:
    first = on.looks[0].at
    return [first + (on.now - first) * share / 7 for share in range(1, 8)]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_what_no_trusted_look_showed_fails_nobody(rule: str) -> None:
    """The same looks, all of them in an incident: it may pass, it is never a fail."""
    line = with_tasks(BY_RULE[rule])
    for row in rows(BY_RULE[rule]):
        blind = tuple(look.model_copy(update={"trusted": False}) for look in row.on.looks)
        on = row.on.model_copy(update={"looks": blind, "visits": (), "profiles": (), "series": ()})
        assert judge_one(line, on).outcome is not Outcome.FAIL, row.says
