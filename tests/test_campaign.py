"""What an inspection makes of findings and decisions, and the arithmetic of a circular."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.campaign import (
    STAGES,
    Line,
    Member,
    Result,
    Stage,
    Statement,
    Tally,
    Verdict,
    by_clause,
    next_stage,
    percent,
    settled,
    standing_of,
    tallies,
    tally,
    verdict_of,
)
from mediawatch.core.model import Account, Finality, Finding, Outcome
from mediawatch.core.review import Review
from mediawatch.office import ACTS
from tests.test_docs import rows, section, ticked

T = datetime(2020, 10, 31, 10, tzinfo=UTC)
FAIL, PASS, RISK, UNKNOWN = Outcome.FAIL, Outcome.PASS, Outcome.AT_RISK, Outcome.UNKNOWN
AUTO, CANDIDATE = Finality.AUTO, Finality.CANDIDATE


def finding(outcome: Outcome, severity: str = "veto", finality: Finality = AUTO, indicator: str = "U1") -> Finding:
    said = {"account": "a", "indicator": indicator, "outcome": outcome, "judged_at": T, "holds_until": T}
    return Finding.model_validate({**said, "severity": severity, "finality": finality})


def line(outcome: Outcome, severity: str = "veto", *, twice: bool = True, **more: Any) -> Line:
    found = finding(outcome, severity, more.pop("finality", AUTO), more.pop("indicator", "U1"))
    return Line(finding=found, standing=standing_of(found, twice=twice), twice=twice, **more)


@pytest.mark.parametrize(
    ("outcome", "finality", "twice", "review", "excused", "stands"),
    [
        (PASS, AUTO, True, Review.NOT_NEEDED, False, "not_failed"),
        (UNKNOWN, AUTO, True, Review.NOT_NEEDED, False, "not_failed"),
        (FAIL, AUTO, True, Review.NOT_NEEDED, False, "stands"),
        (FAIL, AUTO, False, Review.NOT_NEEDED, False, "once"),
        (FAIL, AUTO, True, Review.NOT_NEEDED, True, "excused"),
        (FAIL, AUTO, True, Review.WAITING, False, "waiting"),  # somebody has dismissed it before
        (FAIL, AUTO, True, Review.DISMISSED, False, "dismissed"),
        (FAIL, AUTO, False, Review.CONFIRMED, False, "confirmed"),
        (FAIL, CANDIDATE, True, Review.NOT_NEEDED, False, "waiting"),
        (FAIL, CANDIDATE, True, Review.WAITING, False, "waiting"),
        (FAIL, CANDIDATE, False, Review.CONFIRMED, False, "confirmed"),
        (FAIL, CANDIDATE, True, Review.DISMISSED, False, "dismissed"),
        (FAIL, CANDIDATE, True, Review.CONFIRMED, True, "excused"),
    ],
)
def test_what_holds_of_a_finding(
    outcome: Outcome, finality: Finality, twice: bool, review: Review, excused: bool, stands: str
) -> None:
    found = finding(outcome, finality=finality)
    assert standing_of(found, twice=twice, review=review, excused=excused) == stands


@pytest.mark.parametrize("finality", [AUTO, CANDIDATE])
def test_a_hint_stands_for_nothing_and_waits_for_nobody(finality: Finality) -> None:
    found = finding(FAIL, "notice", finality)
    assert {standing_of(found, twice=twice) for twice in (True, False)} == {"hint"}


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ((line(PASS), line(RISK)), Verdict.PASSED),
        ((line(PASS), line(FAIL)), Verdict.FAILED),  # one veto is enough
        ((line(UNKNOWN), line(FAIL)), Verdict.FAILED),
        ((line(PASS), line(UNKNOWN)), Verdict.UNDETERMINED),  # never a fail
        ((line(PASS), line(FAIL, twice=False)), Verdict.UNDETERMINED),  # seen once only
        ((line(PASS), line(FAIL, finality=CANDIDATE)), Verdict.UNDECIDED),
        ((line(PASS), line(FAIL, "serious")), Verdict.PASSED),  # a fault, but no veto
        ((line(PASS), line(FAIL, "notice")), Verdict.PASSED),
        ((line(UNKNOWN, "serious"), line(PASS)), Verdict.PASSED),
        ((line(FAIL, "serious"),), Verdict.UNDETERMINED),  # no veto was asked: not inspected
        ((), Verdict.UNDETERMINED),
    ],
)
def test_one_veto_fails_an_account_and_what_was_not_seen_fails_nobody(
    lines: tuple[Line, ...], verdict: Verdict
) -> None:
    assert verdict_of(lines) is verdict


def result(*lines: Line, account: str = "a", **known: Any) -> Result:
    return Result(
        account=Account(id=account, name=account, kind="weibo", **known), lines=lines, verdict=verdict_of(lines)
    )


def said(**more: Any) -> Statement:
    return Statement(**{"number": 1, "account": "a", "text": "…", "by": "u", "at": T, **more})


def test_an_upheld_statement_takes_its_line_out_and_a_rejected_or_open_one_does_not() -> None:
    failed = result(line(FAIL), line(FAIL, indicator="I1"))
    assert settled(failed, {}, [said(upheld=True)]).verdict is Verdict.PASSED
    assert settled(failed, {}, [said(upheld=True, indicator="U1")]).verdict is Verdict.FAILED, "the other line stands"
    assert settled(failed, {}, [said(upheld=False)]).verdict is Verdict.FAILED
    assert settled(failed, {}, [said()]).verdict is Verdict.FAILED
    assert settled(failed, {}, [said(upheld=True, account="b")]).verdict is Verdict.FAILED


def test_what_people_decided_about_a_candidate_counts_and_what_they_left_is_counted_apart() -> None:
    waits = result(line(FAIL, finality=CANDIDATE, alert="x"))
    assert settled(waits, {"x": Review.CONFIRMED}, ()).verdict is Verdict.FAILED
    assert settled(waits, {"x": Review.DISMISSED}, ()).verdict is Verdict.PASSED
    left = settled(waits, {"x": Review.WAITING}, (), leave=True)
    assert (left.lines[0].standing, left.verdict) == ("left", Verdict.UNDECIDED)


def test_a_campaign_goes_from_stage_to_stage_and_a_frozen_one_nowhere() -> None:
    stage = Stage.PLANNED
    for act in ("draw", "look", "look", "judge", "statement", "judge", "freeze"):
        stage = next_stage(stage, act)
    assert stage is Stage.FROZEN
    for act in {act for acts in STAGES.values() for act in acts}:
        with pytest.raises(ValueError, match="nothing any more"):
            next_stage(stage, act)
    with pytest.raises(ValueError, match="judge is not possible now; what is: draw"):
        next_stage(Stage.PLANNED, "judge")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 3, "33.3"), (2, 3, "66.7"), (1, 8, "12.5"), (1, 16, "6.3"), (5, 1000, "0.5"), (5, 10000, "0.1"), (0, 0, "-")],
)
def test_shares_are_rounded_half_up_from_the_exact_number(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


# --- the national circular of 2020 ------------------------------------------------------------------------------------


def inspected(count: int, failed: int, **known: Any) -> list[tuple[Member, Result]]:
    rows = []
    for number in range(count):
        one = result(line(FAIL if number < failed else PASS), account=f"{known.get('kind', 'm')}{number:04d}")
        account = one.account.model_copy(update=known)
        member = Member(account=account, because="drawn", place=number + 1)
        rows.append((member, one.model_copy(update={"account": account})))
    return rows


def test_the_arithmetic_of_the_national_circular_of_2020_comes_out() -> None:
    """328 websites, 91.8 %; 728 new media, of them 417 local and 311 of departments, 91.9 %."""
    sites = tally("", inspected(328, 27, kind="website"))
    assert (sites.checked, sites.failed, sites.pass_rate) == (328, 27, "91.8")
    running = [Member(account=Account(id=f"w{number}", name="", kind="website")) for number in range(14260 - 328)]
    of_all = tally("", [*inspected(328, 27, kind="website"), *((one, None) for one in running)])
    assert (of_all.registered, of_all.checked, of_all.share, of_all.pass_rate) == (14260, 328, "2.3", "91.8")
    media = [*inspected(417, 40, level="province", kind="weibo"), *inspected(311, 19, level="national", kind="wechat")]
    whole = tally("", media)
    assert (whole.checked, whole.failed, whole.pass_rate) == (728, 59, "91.9")
    by_level = tallies(media, lambda member: member.account.level)
    assert [(one.key, one.checked) for one in by_level] == [("national", 311), ("province", 417)]
    assert sum(one.failed for one in by_level) == 59
    assert {key: len(names) for key, names in by_clause(one for _, one in media).items()} == {"U1": 59}


def test_what_could_not_be_seen_is_in_no_rate() -> None:
    unseen = [(one, result(line(UNKNOWN), account=one.account.id)) for one, _ in inspected(50, 0, kind="app")]
    counted = tally("", [*inspected(100, 10, kind="weibo"), *unseen])
    assert (counted.checked, counted.failed, counted.undetermined, counted.pass_rate) == (150, 10, 50, "90.0")
    assert Tally(key="").pass_rate == "-", "nothing determined is no rate"


def test_failing_again_is_told_apart() -> None:
    rows = [
        (member.model_copy(update={"failed_before": number < 4}), one)
        for number, (member, one) in enumerate(inspected(20, 3))
    ]
    assert tally("", rows).again == 3


def test_the_document_names_every_act_and_what_must_be_said() -> None:
    told = {ticked(row[0])[0]: ticked(row[1]) for row in rows(section("docs/inspections.md", "## Acts"))}
    assert told == {name: list(act.given.model_fields) for name, act in ACTS.items()}


def test_the_digest_of_a_campaign_is_the_same_in_every_process() -> None:
    """Sets have an order of their own in each process; nothing of it may enter what is frozen."""
    code = "from tests.frozen_digest import digest; print(digest())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
