"""Reply clocks: days of messages and replies against three months, five and three working days, 调休 included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.model import Letter, Letters, Look, Outcome
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.rules.replies import Params
from mediawatch.core.wording import say
from mediawatch.core.workdays import Calendar
from mediawatch.rulebook_file import load_rulebook
from mediawatch.settings import load
from tests.tables import account, at, evidence, indicator, look, outcome, verdict

SITE = account("website", box=["letters"], register=["corrections"])
KINDS = ["website"]
CLOCK: dict[str, Any] = {"needs": {"any": ("letters",)}, "finality": "candidate"}
MONTHS = indicator("replies", KINDS, **CLOCK, params={"months": 3, "warn_days": 14})
FIVE_DAYS = {"workdays": 5, "late_counts": True, "good": 1, "warn_days": 2}
FIVE = indicator("replies", KINDS, **CLOCK, params=FIVE_DAYS)
WAITS, TOLD = "waits", "?"


def box(
    when: str, *letters: tuple[str, str], trusted: bool = True, target: str = "box", numbers: list[str] | None = None
) -> Look:
    """A look at a letter box: the day of each letter, and the day of its reply, `waits` or `?`."""
    rows = tuple(
        Letter(
            key=numbers[number] if numbers else str(number),
            at=at(asked),
            replied_at=at(said) if said not in (WAITS, TOLD) else None,
            replied=None if said == TOLD else said != WAITS,
        )
        for number, (asked, said) in enumerate(letters)
    )
    seen = Letters(letters=rows, rows=len(rows))
    return look(when, seen, target=target, covers=["letters"], trusted=trusted)


LATE = [box("2026-06-03", ("2026-03-01", WAITS)), box("2026-06-05", ("2026-03-01", WAITS))]
OLD_COPY = [box("2026-07-03", ("2026-03-01", WAITS)), box("2026-07-04", ("2026-03-01", WAITS), trusted=False)]


@pytest.mark.parametrize(
    ("now", "looks", "expected"),
    [
        ("2026-06-01", [], "unknown never_seen"),
        ("2026-06-01", [box("2026-06-01")], "pass"),  # nobody wrote
        ("2026-06-01", [box("2026-06-01", ("2026-03-01", "2026-03-20"))], "pass"),
        # the day three months later is inside, the first instant of the next is not
        ("2026-06-01 23:59:59", [box("2026-06-01 23:00", ("2026-03-01", WAITS))], "at_risk"),
        ("2026-06-02", [box("2026-06-02", ("2026-03-01", WAITS))], "fail candidate"),
        ("2026-05-10", [box("2026-05-10", ("2026-03-01", WAITS))], "pass"),
        # nobody is reminded of a letter that the list shows no more, answered or not
        ("2026-05-25", [box("2026-05-10", ("2026-03-01", WAITS))], "at_risk"),
        ("2026-05-25", [box("2026-05-10", ("2026-03-01", WAITS)), box("2026-05-20")], "pass"),
        # leap day and the ends of months: 30 November → the last day of February
        ("2028-02-29 23:59:59", [box("2028-02-29 12:00", ("2027-11-30", WAITS))], "at_risk"),
        ("2028-03-01", [box("2028-03-01", ("2027-11-30", WAITS))], "fail candidate"),
        # nobody looked since the term ended, or an incident covers that look
        ("2026-06-05", [box("2026-05-30", ("2026-03-01", WAITS))], "unknown not_seen_since_deadline"),
        ("2026-06-05", [box("2026-06-03", ("2026-03-01", WAITS), trusted=False)], "unknown not_seen_since_deadline"),
        # a late reply cures it; a list that does not say proves nothing
        ("2026-07-05", [box("2026-07-03", ("2026-03-01", "2026-07-02"))], "pass"),
        ("2026-07-05", [box("2026-07-03", ("2026-03-01", TOLD))], "unknown reply_not_told"),
        # a reply stays one, also where an old copy of the list, or one of an incident, does not show it
        ("2026-07-05", [*LATE, box("2026-07-01", ("2026-03-01", "2026-06-30")), *OLD_COPY], "pass"),
        # an answer that is no longer among the looks: what the list does not show any more it does not accuse of
        ("2026-07-05", [*LATE, box("2026-07-01", ("2026-06-28", WAITS), numbers=["9"])], "unknown letter_not_shown"),
        ("2026-07-05", [*LATE, box("2026-07-01")], "unknown letter_not_shown"),
        # more than a year ago
        ("2027-03-03", [box("2027-03-03", ("2026-03-01", WAITS))], "pass"),
    ],
)
def test_three_months_without_a_reply(now: str, looks: list[Look], expected: str) -> None:
    assert verdict(MONTHS, evidence(now, looks, of=SITE)) == expected


@pytest.mark.parametrize(
    ("asked", "replied", "expected"),
    [
        ("2026-03-02", "2026-03-09 23:59:59", "pass"),  # a Monday, and the fifth working day after it
        ("2026-03-02", "2026-03-10", "fail candidate"),
        ("2026-03-06 17:00", "2026-03-13", "pass"),  # a Friday: the weekend does not count
        ("2026-03-06 17:00", "2026-03-14", "fail candidate"),
        # 春节 2026: off from 15 to 23 February; 14 and 28 February, both Saturdays, are worked
        ("2026-02-13", "2026-02-27", "pass"),
        ("2026-02-13", "2026-02-28", "fail candidate"),
        ("2026-02-24", "2026-03-02 10:00", "pass"),  # 28 February is the fourth
        ("2026-02-24", "2026-03-03 10:00", "fail candidate"),
        # over the turn of the year: 1 to 3 January 2026 are off, Sunday 4 January is worked
        ("2025-12-31", "2026-01-08", "pass"),
        ("2025-12-31", "2026-01-09", "fail candidate"),
    ],
)
def test_five_working_days_with_those_worked_for_others(asked: str, replied: str, expected: str) -> None:
    assert verdict(FIVE, evidence("2026-03-20", [box("2026-03-20", (asked, replied))], of=SITE)) == expected


def test_a_letter_that_left_the_list_unanswered_hides_nothing_else_of_the_site() -> None:
    """Lists of one page push letters out, answered or not; no later look can tell. So it is a hint while they count."""
    early = box("2026-03-02", ("2026-03-01", WAITS), ("2026-02-20", "2026-02-25"))
    later = box("2026-06-10", ("2026-06-01", "2026-06-03"), numbers=["7"])
    found = judge_one(MONTHS, evidence("2026-06-10", [early, later], of=SITE))
    assert (outcome(found), found.severity, found.values["letters"]) == ("unknown letter_not_shown", "notice", 3)
    assert found.holds_until == at("2027-03-02"), "then it is of more than a year ago"
    due = box("2026-06-10", ("2026-03-20", WAITS), numbers=["7"])
    assert verdict(MONTHS, evidence("2026-06-10", [early, due], of=SITE)) == "at_risk", "the next one is told of"
    both = box("2026-06-10", ("2026-06-01", TOLD), numbers=["7"])
    assert judge_one(MONTHS, evidence("2026-06-10", [early, both], of=SITE)).severity == "veto"


def test_a_letter_that_was_seen_answered_in_time_is_not_late_by_a_second_reply() -> None:
    looks = [box("2026-03-05", ("2026-03-02", "2026-03-04")), box("2026-03-20", ("2026-03-02", "2026-03-18"))]
    assert verdict(FIVE, evidence("2026-03-20", looks, of=SITE)) == "pass"


def test_what_is_answered_needs_no_calendar_where_only_the_unanswered_are_late() -> None:
    """The veto of three months counts good replies beside it, of years that are known."""
    veto = indicator("replies", KINDS, **CLOCK, params={"months": 3, "good": 1, "warn_days": 14})
    found = judge_one(veto, evidence("2031-03-20", [box("2031-03-20", ("2031-03-03", "2031-03-05"))], of=SITE))
    assert (outcome(found), found.values["good"]) == ("pass", 0)


def test_a_year_without_named_holidays_is_refused_and_the_office_may_name_them() -> None:
    on = evidence("2031-03-20", [box("2031-03-20", ("2031-03-03", "2031-03-05"))], of=SITE)
    found = judge_one(FIVE, on)
    assert outcome(found) == "unknown workdays_unknown"
    assert found.values["year"] == 2031
    assert "calendar" in say(FIVE, found, "en")
    named = Calendar(years=(2031,), holidays=tuple(at(f"2031-03-{day:02}").date() for day in (4, 5, 6)))
    assert outcome(judge_one(FIVE, on, calendar=named)) == "pass"


def test_the_calendar_of_a_book_is_part_of_its_edition_and_reaches_the_rule() -> None:
    book = load_rulebook("national-2019")
    named = book.model_copy(update={"calendar": Calendar(years=(2031,))})
    assert named.edition != book.edition
    on = evidence("2031-03-20", [box("2031-03-20", ("2031-03-03", "2031-03-05"))], of=SITE)
    told = [{one.indicator: one.outcome for one in judge(of, on)}["I3"] for of in (book, named)]
    assert told == [Outcome.UNKNOWN, Outcome.PASS]


def test_a_fail_names_the_looks_that_prove_it_and_counts_good_replies() -> None:
    rows = (("2026-03-02", WAITS), ("2026-03-03", "2026-03-04"), ("2026-03-03", "2026-03-06"))
    looks = [box(day, *rows) for day in ("2026-03-04", "2026-03-10", "2026-03-12")]
    found = judge_one(FIVE, evidence("2026-03-12", looks, of=SITE))
    assert outcome(found) == "fail candidate"
    assert found.proof == (("box", at("2026-03-10")), ("box", at("2026-03-12")))
    told = {name: found.values[name] for name in ("letters", "late", "good", "oldest")}
    assert told == {"letters": 3, "late": 1, "good": 1, "oldest": "2026-03-02"}


def test_a_list_of_error_reports_is_no_letter_box() -> None:
    """Each clock reads the channels that hold what it asks for."""
    wrong = [box("2026-03-20", ("2026-03-02", WAITS), target="register")]
    assert verdict(FIVE, evidence("2026-03-20", wrong, of=SITE)) == "unknown never_seen"


@pytest.mark.parametrize("wrong", [{}, {"months": 3, "workdays": 5}])
def test_a_term_is_in_months_or_in_working_days(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one of `months` and `workdays`"):
        Params.model_validate(wrong)


def test_the_settings_calendar_is_every_books_and_the_register_says_what_a_list_holds(tmp_path: Path) -> None:
    (tmp_path / "mediawatch.yaml").write_text("calendar: {years: [2031], holidays: [2031-01-01]}\n", encoding="utf-8")
    (tmp_path / "accounts.yaml").write_text(
        "accounts: [{id: a, name: 甲, kind: website, targets: ["
        "{adapter: letters, url: 'https://a.example/box/'}, "
        "{adapter: letters, url: 'https://a.example/zc.csv', covers: [corrections]}]}]\n",
        encoding="utf-8",
    )
    loaded = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    book = loaded.rulebooks["national-2019"]
    assert book.calendar == Calendar(years=(2031,), holidays=(at("2031-01-01").date(),))
    assert book.edition != load_rulebook("national-2019").edition
    (of,) = loaded.accounts
    assert [target.covers for target in of.targets] == [{"letters"}, {"corrections"}]
    asked = {one.indicator for one in judge(book, evidence("2026-03-20", of=of))}
    assert {name for name in asked if name.startswith("I")} == {"I2", "I3", "I4"}
