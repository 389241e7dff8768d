"""Every line of every book answers as its rows say, and has a row for each answer that its rule can give."""

from __future__ import annotations

import pytest

from mediawatch.core.model import Outcome
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules import RULES, judge_one
from mediawatch.core.wording import say
from mediawatch.rulebook_file import built_in, load_rulebook
from tests.indicator_rows import Row, rows, with_tasks

BOOKS = {name: load_rulebook(name) for name in built_in()}
LINES = list(
    {(line.model_dump_json()): (name, line) for name, book in BOOKS.items() for line in book.indicators}.values()
)
NAMES = [f"{name}-{line.id}" for name, line in LINES]


def judged(line: Indicator, row: Row) -> Outcome:
    return judge_one(with_tasks(line), row.on).outcome


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_line_of_every_book_answers_as_its_rows_say(book: str, line: Indicator) -> None:
    wrong = [(row.says, row.expected, got) for row in rows(line) if (got := judged(line, row)) is not row.expected]
    assert not wrong


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_answer_that_a_rule_can_give_has_a_row_and_no_other(book: str, line: Indicator) -> None:
    assert {row.expected for row in rows(line)} == RULES[line.rule].outcomes


def test_a_line_that_can_warn_has_words_for_it_and_no_other_has() -> None:
    for book in BOOKS.values():
        for line in book.indicators:
            assert (line.says.at_risk is not None) is (Outcome.AT_RISK in RULES[line.rule].outcomes), line.id


def test_every_line_with_a_limit_in_days_has_rows_at_its_edge() -> None:
    for _, line in LINES:
        if {"days", "months", "workdays"} & set(line.params):
            assert any(row.edge for row in rows(line)), line.id


@pytest.mark.parametrize(("book", "line"), LINES, ids=NAMES)
def test_every_answer_is_said_in_both_languages_and_proves_a_fail(book: str, line: Indicator) -> None:
    for row in rows(line):
        found = judge_one(with_tasks(line), row.on)
        assert say(line, found, "zh_CN")
        assert say(line, found, "en")
        assert (found.outcome is Outcome.FAIL) is bool(found.proof), row.says
