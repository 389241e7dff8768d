"""Every line of every book answers as its rows say, and has a row for each answer that its rule can give."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

import pytest

from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Evidence, Finding, Look, Outcome, SeenPost
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules import RULES, judge_one
from mediawatch.core.wording import say
from mediawatch.rulebook_file import built_in, load_rulebook
from mediawatch.store.rows import finding_of, finding_text
from tests.indicator_rows import NEVER_WARNS, NO_LIMIT, Row, rows, with_tasks
from tests.indicators_page import MATTERS

BOOKS = {name: load_rulebook(name) for name in built_in()}
LINES = list(
    {(line.model_dump_json()): (name, line) for name, book in BOOKS.items() for line in book.indicators}.values()
)
NAMES = [f"{name}-{line.id}" for name, line in LINES]
TERMS = {"days", "months", "workdays"}
T = TypeVar("T", SeenPost, Look)


def _by_the_calendar(line: Indicator) -> bool:
    terms = {"months", "workdays"} & set(line.params)
    return line.rule in ("weekly", "monthly_original") or (bool(terms) and line.rule != "columns")


def moved(value: Any, by: timedelta) -> Any:
    """The same, all days and instants in it later by so many days."""
    if isinstance(value, date):
        return value + by
    if isinstance(value, dict):
        return {key: moved(one, by) for key, one in value.items()}
    return type(value)(moved(one, by) for one in value) if isinstance(value, list | tuple) else value


def _ahead(one: T, field: str, own: Container[datetime | None], ahead: timedelta) -> T:
    """The same, as it claims where the platform's clock is ahead."""
    claimed = getattr(one, field)
    return one.model_copy(update={field: claimed + ahead}) if claimed is not None and claimed in own else one


def judged(line: Indicator, row: Row) -> Outcome:
    return judge_one(with_tasks(line), row.on).outcome


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_line_of_every_book_answers_as_its_rows_say(book: str, line: Indicator) -> None:
    wrong = [(row.says, row.expected, got) for row in rows(line) if (got := judged(line, row)) is not row.expected]
    assert not wrong


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_answer_is_a_value_that_would_pass_its_checks_and_is_written_as_the_model_writes_it(
    book: str, line: Indicator
) -> None:
    """Rules and store make values of what they know, without checking it."""
    for row in rows(line):
        answer = judge_one(with_tasks(line), row.on)
        assert Finding.model_validate(answer.model_dump()) == answer
        assert (text := finding_text(answer.__dict__)) == answer.model_dump_json()
        assert finding_of(text) == Finding.model_validate_json(text)
        assert finding_of(text).model_dump_json() == text


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_answer_that_a_rule_can_give_has_a_row_and_no_other(book: str, line: Indicator) -> None:
    assert {row.expected for row in rows(line)} == RULES[line.rule].outcomes


def test_every_matter_that_is_judged_has_rows_that_pass_and_fail_and_are_not_known() -> None:
    """By its number, over all lines that ask it; and rows at the edge of a limit, or a rule that says it has none."""
    without = {rule for rules in NO_LIMIT.values() for rule in rules}
    for matter, asked in MATTERS.items():
        lines = [line for book, name in asked for line in BOOKS[book].indicators if line.id == name]
        found = [row for line in lines for row in rows(line)]
        if lines:
            assert {row.expected for row in found} >= {Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN}, matter
            assert any(row.edge for row in found) or {line.rule for line in lines} <= without, matter


def test_a_line_that_can_warn_has_words_for_it_and_no_other_has() -> None:
    for book in BOOKS.values():
        for line in book.indicators:
            assert (line.says.at_risk is not None) is (Outcome.AT_RISK in RULES[line.rule].outcomes), line.id


def test_a_rule_that_never_warns_says_why() -> None:
    silent = {name for name, rule in RULES.items() if Outcome.AT_RISK not in rule.outcomes}
    assert sorted(rule for rules in NEVER_WARNS.values() for rule in rules) == sorted(silent)


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_line_has_rows_at_the_edge_of_its_limit_or_says_that_it_has_none(book: str, line: Indicator) -> None:
    without = {rule for rules in NO_LIMIT.values() for rule in rules}
    assert any(row.edge for row in rows(line)) is (line.rule not in without)


@pytest.mark.parametrize(
    ("book", "line"), [each for each in LINES if {"days", "months", "workdays"} & set(each[1].params)]
)
def test_a_limit_in_days_turns_at_midnight_in_shanghai(book: str, line: Indicator) -> None:
    """A row at its very instant, or one second before; where days of looks are counted, one look more or less."""
    edges = [row.on.now for row in rows(line) if row.edge]
    clock = {now.astimezone(SHANGHAI).time().replace(tzinfo=None) for now in edges}
    assert clock & {time(0, 0), time(23, 59, 59)}


@pytest.mark.parametrize("last", ["2026-12-31", "2027-01-01", "2028-02-29", "2028-03-01"])
@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_the_turn_of_a_year_and_a_leap_day_change_no_answer(book: str, line: Indicator, last: str) -> None:
    """Every row again, moved so that it is judged on that day. Calendar weeks and months and working days have rows of
    their own over both: there a day is not a day like any other."""
    of = with_tasks(line)
    if _by_the_calendar(of):
        told = " ".join(row.says for row in rows(line))
        assert all(word in told for word in ("year", "leap day"))
        return
    params = RULES[of.rule].params.model_validate(of.params).model_dump(by_alias=True)
    for row in rows(line):
        by = timedelta(days=(date.fromisoformat(last) - day_of(row.on.now)).days)
        on = Evidence.model_validate(moved(row.on.model_dump(), by))
        assert judge_one(of.model_copy(update={"params": moved(params, by)}), on).outcome is row.expected, row.says


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_a_platform_whose_clock_is_ahead_changes_no_answer(book: str, line: Indicator) -> None:
    """Whatever a post claims, it counts from when it was first seen: an hour, a day and a year ahead."""
    for row in rows(line):
        for ahead in (timedelta(hours=1), timedelta(days=1), timedelta(days=366)):
            own = {one.at for one in row.on.posts if one.at == one.first_seen_at}
            posts = tuple(_ahead(one, "at", own, ahead) for one in row.on.posts)
            looks = tuple(_ahead(one, "newest_at", own, ahead) for one in row.on.looks)
            on = row.on.model_copy(update={"posts": posts, "looks": looks})
            assert judge_one(with_tasks(line), on).outcome is row.expected, (row.says, ahead)


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_answer_is_said_in_both_languages_and_proves_a_fail(book: str, line: Indicator) -> None:
    for row in rows(line):
        found = judge_one(with_tasks(line), row.on)
        assert say(line, found, "zh_CN")
        assert say(line, found, "en")
        assert (found.outcome is Outcome.FAIL) is bool(found.proof), row.says
