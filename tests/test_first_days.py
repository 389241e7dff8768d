"""The first days of a demand: nobody is named for a week or a month that began before anybody asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediawatch.core.model import Evidence
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.rulebook_file import load_rulebook
from tests.tables import DAY, at, evidence, look, outcome, post

COUNTY = "id: county\ntitle: {{zh_CN: 新, en: new}}\nextends: {extends}\nin_force_from: {begins}\n"


def silent(now: str, last: str) -> Evidence:
    """An account that is looked at every three days, and whose last post is long ago."""
    moment, began = at(now), at("2024-12-01")
    looks = [look(began + 3 * DAY * number) for number in range((moment - began).days // 3 + 1)]
    kept = [post("2024-11-20", until=now), post(last, until=now)]
    return evidence(now, [*looks, look(moment)], [one.model_copy(update={"original": True}) for one in kept])


def answer(book: Rulebook, line: str, on: Evidence) -> str:
    (found,) = [found for found in judge(book, on) if found.indicator == line]
    return outcome(found)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-07-01 09:00", "pass"),  # a Tuesday: the week is half over
        ("2025-07-09 09:00", "pass"),
        ("2025-07-10 09:00", "at_risk 4"),  # the Thursday of the first whole week
        ("2025-07-13 23:59", "at_risk 4"),
        ("2025-07-14 00:00", "fail"),
    ],
)
def test_the_first_week_that_is_asked_is_the_first_that_begins_under_the_demand(now: str, expected: str) -> None:
    assert answer(load_rulebook("gansu"), "U4", silent(now, "2025-06-10")) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-01-01 09:00", "pass"),  # of December nobody had asked for an original
        ("2025-01-24 09:00", "pass"),
        ("2025-01-25 09:00", "at_risk 25"),
        ("2025-02-01 00:00", "fail candidate"),
    ],
)
def test_so_is_the_first_month(now: str, expected: str) -> None:
    assert answer(load_rulebook("yangling"), "U5", silent(now, "2024-11-25")) == expected


def test_a_week_that_a_book_takes_over_or_asked_before_is_asked_on_its_first_day(tmp_path: Path) -> None:
    """Neither an edition nor a county's own book acquits anybody of what its province has asked for long."""
    (tmp_path / "county.yaml").write_text(COUNTY.format(extends="gansu", begins="2025-09-03"), encoding="utf-8")
    (tmp_path / "next.yaml").write_text(
        COUNTY.format(extends="gansu", begins="2025-12-03") + "earlier: ./county.yaml\n", encoding="utf-8"
    )
    on, later = silent("2025-09-03 09:00", "2025-08-01"), silent("2025-12-03 09:00", "2025-11-10")
    assert answer(load_rulebook("./county.yaml", tmp_path), "U4", on) == "fail"
    following = load_rulebook("./next.yaml", tmp_path)
    assert answer(following, "U4", later) == answer(following.alone(), "U4", later) == "fail"
