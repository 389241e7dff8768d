"""The table of moves of a rectification case, and its clocks in working days: rows that a clerk can read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mediawatch.core.model import Finality, Finding, Outcome
from mediawatch.core.rectification import (
    MOVES,
    OVER,
    Act,
    Case,
    State,
    escalation,
    lapsed,
    move,
    proves,
    repeats,
    term,
)
from mediawatch.core.rulebook import Words
from mediawatch.core.workdays import Workdays, WorkdaysUnknown
from tests.tables import evidence, look

NOW = datetime(2026, 3, 20, 1, tzinfo=UTC)  # a Friday, nine in the morning in Shanghai
DAY, RECHECK = timedelta(days=1), timedelta(minutes=5)


def case(state: State = State.CONFIRMED, **known: Any) -> Case:
    return Case(id="2026-00001", account="a", indicator="U1", state=state, opened_at=NOW, opened_by="w", **known)


# The way of a case that goes well, and the ways off it: state, act, state after.
TABLE = """
detected        review      pending_review
detected        confirm     confirmed
detected        found       confirmed
detected        dismiss     dismissed
pending_review  confirm     confirmed
pending_review  found       confirmed
notified        found       notified
recheck         found       recheck
pending_review  dismiss     dismissed
confirmed       notify      notified
confirmed       dismiss     dismissed
confirmed       publish     confirmed
confirmed       cured       confirmed
notified        receive     acknowledged
notified        report      reported
notified        lapse       overdue
acknowledged    plan        rectifying
acknowledged    report      reported
acknowledged    lapse       overdue
rectifying      plan        rectifying
rectifying      report      reported
rectifying      lapse       overdue
overdue         receive     overdue
overdue         escalate    overdue
overdue         report      reported
overdue         notify      notified
reported        recheck     recheck
recheck         recheck     recheck
recheck         cured       recheck
recheck         not_cured   reopened
recheck         close       closed
reopened        notify      notified
reopened        report      reported
reopened        escalate    reopened
reopened        lapse       overdue
closed          publish     closed
closed          relapse     reopened
"""


@pytest.mark.parametrize("row", TABLE.strip().splitlines())
def test_a_case_moves_as_the_table_says(row: str) -> None:
    before, act, after = row.split()
    moved, line = move(case(State(before)), Act(act), "王芳", NOW, "因为")
    assert moved.state == after
    assert (line.subject, line.act, line.before, line.after) == ("case:2026-00001", act, before, after)
    assert (line.by, line.at, line.note) == ("王芳", NOW, "因为")


@pytest.mark.parametrize("state", State)
def test_what_the_table_does_not_name_is_refused_and_says_what_is_possible(state: State) -> None:
    for act in set(Act) - MOVES[state].keys():
        with pytest.raises(ValueError, match=f"is {state.value}: {act.value} is not possible now; what is: "):
            move(case(state), act, "王芳", NOW)


def test_every_state_can_be_reached_and_only_two_end_a_case() -> None:
    reached = {after for moves in MOVES.values() for after in moves.values()} | {State.DETECTED}
    assert reached == set(State) == set(MOVES)
    assert {State.CLOSED, State.DISMISSED} == OVER
    assert MOVES[State.DISMISSED] == {}


def test_no_case_is_closed_but_from_its_recheck() -> None:
    assert [state for state, moves in MOVES.items() if Act.CLOSE in moves] == [State.RECHECK]


def test_nobody_acts_without_a_name() -> None:
    with pytest.raises(ValueError, match="needs the name"):
        move(case(), Act.NOTIFY, "  ", NOW)


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notified", "days", "due"),
    [
        ("2026-03-20", 5, "2026-03-27"),  # from a Friday: a week of working days
        ("2026-03-21", 1, "2026-03-23"),  # from a Saturday
        ("2026-09-29", 3, "2026-10-09"),  # over the National Day holiday
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked for the Spring Festival (调休)
    ],
)
def test_terms_are_counted_in_working_days(notified: str, days: int, due: str) -> None:
    at = datetime.fromisoformat(f"{notified}T09:00:00+08:00")
    assert term(Workdays(), at, days).isoformat() == due


def test_a_term_into_a_year_nobody_has_named_is_refused() -> None:
    with pytest.raises(WorkdaysUnknown, match="the working days of 2091 are not known"):
        term(Workdays(years=(2090,)), datetime(2090, 12, 28, tzinfo=UTC), 10)


@pytest.mark.parametrize(
    ("state", "at", "over"),
    [
        (State.NOTIFIED, "2026-03-27T23:59:59+08:00", False),  # the last day is inside
        (State.NOTIFIED, "2026-03-28T00:00:00+08:00", True),
        (State.RECTIFYING, "2026-03-28T00:00:00+08:00", True),
        (State.RECHECK, "2026-04-28T00:00:00+08:00", False),  # who has reported is not late
        (State.CLOSED, "2026-04-28T00:00:00+08:00", False),
    ],
)
def test_a_term_lapses_at_the_midnight_after_its_last_day(state: State, at: str, over: bool) -> None:
    assert lapsed(case(state, due=date(2026, 3, 27)), datetime.fromisoformat(at)) is over


def test_an_escalation_goes_one_way() -> None:
    assert escalation(case(State.OVERDUE), "supervise") == "supervise"
    assert escalation(case(State.OVERDUE, step="supervise"), "talk") == "talk"
    with pytest.raises(ValueError, match="lies before it"):
        escalation(case(State.OVERDUE, step="talk"), "supervise")
    with pytest.raises(ValueError, match="no such step"):
        escalation(case(State.OVERDUE), "shout")


# --- what a re-check proves -------------------------------------------------------------------------------------------


def finding(outcome: Outcome, *proof: timedelta, finality: Finality = Finality.AUTO) -> Finding:
    return Finding(
        account="a",
        indicator="U1",
        outcome=outcome,
        judged_at=NOW,
        holds_until=NOW,
        finality=finality,
        proof=tuple(("a/w", NOW + offset) for offset in proof),
    )


PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
LATER = 10 * RECHECK


@pytest.mark.parametrize(
    ("says", "looks", "rule", "good_at", "act"),
    [
        (finding(PASS), [RECHECK], "stale", None, Act.CURED),  # a post that is there is there
        (finding(PASS), [-RECHECK], "stale", None, None),  # nothing was looked at since the report
        (finding(PASS), [RECHECK], "app_listed", None, None),  # once is not enough of an app
        (finding(PASS), [RECHECK, LATER], "app_listed", NOW + RECHECK, Act.CURED),
        (finding(PASS), [RECHECK], "app_listed", NOW + RECHECK, None),  # the second look is the first
        (finding(UNKNOWN), [RECHECK], "stale", None, None),  # could not look is never an answer
        (finding(FAIL, RECHECK, LATER), [LATER], "stale", None, Act.NOT_CURED),
        (finding(FAIL, RECHECK), [LATER], "stale", None, None),  # seen once only
        (finding(FAIL, -LATER, -RECHECK), [LATER], "stale", None, None),  # both before the report
        (finding(FAIL, RECHECK, LATER, finality=Finality.CANDIDATE), [LATER], "stale", None, None),  # a person says so
    ],
)
def test_a_recheck_proves_what_was_seen_since_the_report(
    says: Finding, looks: list[timedelta], rule: str, good_at: datetime | None, act: Act | None
) -> None:
    seen = evidence(NOW + LATER, [look(NOW + offset) for offset in looks])
    found, _ = proves(case(State.RECHECK, recheck_at=NOW, good_at=good_at), says, seen, rule, RECHECK)
    assert found is act


def test_a_fix_before_the_report_is_noted_and_a_relapse_before_it_takes_it_back() -> None:
    seen = evidence(NOW + LATER, [look(NOW + RECHECK)])
    act, changes = proves(case(State.NOTIFIED), finding(PASS), seen, "stale", RECHECK)
    assert (act, changes) == (Act.CURED, {"fixed_at": NOW + RECHECK})
    fixed = case(State.NOTIFIED, fixed_at=NOW)
    assert proves(fixed, finding(PASS), seen, "stale", RECHECK) == (None, {})
    assert proves(fixed, finding(FAIL, RECHECK, LATER), seen, "stale", RECHECK) == (None, {"fixed_at": None})


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.PENDING_REVIEW, "打不开。【线索，须人工核实后方可通报】"),
        (State.CONFIRMED, "打不开。【线索已经人工核实】"),
        (State.DISMISSED, "打不开。【线索，须人工核实后方可通报】"),
    ],
)
def test_the_problem_of_a_case_says_whether_a_person_has_confirmed_the_candidate(state: State, shown: str) -> None:
    words = Words(zh_CN="打不开。", en="It does not open.")
    assert case(state, says=words, finding=finding(FAIL, finality=Finality.CANDIDATE)).problem_in("zh_CN") == shown
    assert case(state, says=words, finding=finding(FAIL)).problem_in("zh_CN") == "打不开。"


def test_what_was_put_right_before_it_was_named_is_told_apart() -> None:
    assert case().fixed_before_publication is None
    assert case(published_at=NOW).fixed_before_publication is False
    assert case(published_at=NOW, fixed_at=NOW - DAY).fixed_before_publication is True
    assert case(published_at=NOW, fixed_at=NOW + DAY).fixed_before_publication is False


def test_a_repeat_offender_had_a_case_of_the_same_kind_within_the_year() -> None:
    def before(days: int, **more: Any) -> Case:
        return case(State.CLOSED).model_copy(update={"id": f"c{days}", "opened_at": NOW - days * DAY, **more})

    others = [before(400), before(200), before(30), before(20, indicator="A4"), before(10, state=State.DISMISSED)]
    assert repeats(case(), others, 366) == ("c200", "c30")
