"""Chinese working days: 调休 of 2026, terms over holidays and the year's end, and a refusal where nothing is known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.workdays import Workdays, WorkdaysUnknown
from tests.shell import call

DAYS = Workdays()
KNOWN = st.dates(date(2019, 1, 1), date(2026, 10, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-02-13", True),  # a Friday
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-15", False),
        ("2026-02-16", False),  # a Monday, and the eve of the Spring Festival
        ("2026-02-23", False),  # a Monday off, for the Saturdays worked
        ("2026-02-24", True),
        ("2026-02-28", True),  # a Saturday
        ("2026-03-01", False),
        ("2026-05-09", True),  # a Saturday, for May Day
        ("2026-09-20", True),  # a Sunday, for the National Day
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-01-04", True),  # a Sunday, for the New Year
    ],
)
def test_days_of_2026_with_those_that_are_worked_for_others(text: str, works: bool) -> None:
    assert DAYS.is_workday(day(text)) is works


@pytest.mark.parametrize(
    ("first", "term", "last"),
    [
        ("2026-03-02", 3, "2026-03-05"),
        ("2026-03-06", 5, "2026-03-13"),  # from a Friday
        ("2026-02-13", 1, "2026-02-14"),  # the next day is a Saturday that is worked
        ("2026-02-13", 3, "2026-02-25"),  # over the Spring Festival
        ("2026-09-30", 1, "2026-10-08"),
        ("2025-12-31", 1, "2026-01-04"),  # over the end of the year
        ("2026-02-16", 0, "2026-02-16"),
    ],
)
def test_the_last_day_of_a_term(first: str, term: int, last: str) -> None:
    assert DAYS.add_workdays(day(first), term) == day(last)
    assert DAYS.workdays_between(day(first), day(last)) == term


@given(KNOWN, st.integers(1, 30))
def test_a_term_ends_on_a_working_day_and_holds_as_many_as_it_says(first: date, term: int) -> None:
    last = DAYS.add_workdays(first, term)
    assert DAYS.is_workday(last)
    assert DAYS.next_workday(last) == last
    assert DAYS.workdays_between(first, last) == term
    assert DAYS.workdays_between(last, first) == 0


def test_a_year_that_nobody_has_named_is_refused_and_never_guessed() -> None:
    with pytest.raises(WorkdaysUnknown, match="the working days of 2027 are not known") as refused:
        DAYS.is_workday(day("2027-03-01"))
    assert refused.value.year == 2027
    with pytest.raises(WorkdaysUnknown):
        DAYS.add_workdays(day("2026-12-29"), 5)
    with pytest.raises(WorkdaysUnknown):
        DAYS.workdays_between(day("2026-12-29"), day("2027-01-04"))


def test_the_settings_may_name_a_year_or_a_single_day() -> None:
    named = Workdays([day("2027-01-01")], [day("2027-01-03")], [2027])
    assert [named.is_workday(day(f"2027-01-0{n}")) for n in (1, 2, 3, 4)] == [False, False, True, True]
    assert Workdays(workdays=[day("2026-03-07")]).is_workday(day("2026-03-07"))
    single = Workdays([day("2027-03-01")])
    assert not single.is_workday(day("2027-03-01"))
    with pytest.raises(WorkdaysUnknown):
        single.is_workday(day("2027-03-02"))


def test_the_command_answers_and_refuses(tmp_path: Path) -> None:
    target = {"adapter": "weibo", "uid": "99000001"}
    register = {"accounts": [{"id": "a", "name": "某市发布", "kind": "weibo", "targets": [target]}]}
    (tmp_path / "accounts.yaml").write_text(json.dumps(register), encoding="utf-8")
    (tmp_path / "mediawatch.yaml").write_text("{}", encoding="utf-8")
    asked = call(tmp_path, "workdays", "2026-02-13", "--add", "3", "--until", "2026-02-25", "--json")
    answer = {"day": "2026-02-13", "workday": True, "add": 3, "last": "2026-02-25", "until": "2026-02-25", "between": 3}
    assert json.loads(asked.stdout) == answer
    refused = call(tmp_path, "workdays", "2027-03-01")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "2027 are not known" in refused.stderr
    (tmp_path / "mediawatch.yaml").write_text("calendar: {years: [2027], holidays: ['2027-03-01']}", encoding="utf-8")
    assert call(tmp_path, "workdays", "2027-03-01").stdout == "day: 2027-03-01\nworkday: false\n"
