"""What a platform says of the account itself: names, verification, followers; what may be concluded, and what not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mediawatch.core.calendar import day_of
from mediawatch.core.model import DayCount, Evidence, Feed, Finality, Profile, Reason, SeenProfile
from mediawatch.core.rules import judge_one
from tests.tables import account, at, evidence, indicator, look, outcome, verdict

NEEDS = {"any": ("profile",)}
RENAMED = indicator("renamed", ["weibo"], needs=NEEDS, if_watched=True, finality=Finality.CANDIDATE)
VERIFICATION = indicator("verification", ["weibo"], needs=NEEDS, if_watched=True, finality=Finality.CANDIDATE)
FANS = indicator("bought_fans", ["weibo"], needs=NEEDS, if_watched=True, finality=Finality.CANDIDATE)

REGISTERED = "某市发布"  # the name that the register carries


def told(when: str, target: str = "a", *, trusted: bool = True, **facts: Any) -> SeenProfile:
    return SeenProfile(target=target, at=at(when), trusted=trusted, **facts)


def shown(when: str, target: str = "a", *, trusted: bool = True, **facts: Any):  # type: ignore[no-untyped-def]
    return look(when, Feed(profile=Profile(**facts)), target=target, trusted=trusted)


def seen(now: str, looks: list, *history: SeenProfile, of: Any = None) -> Evidence:
    return evidence(now, looks, of=of).model_copy(update={"profiles": history})


# --- the name ------------------------------------------------------------------------------------------

OLD, NEW = told("2026-03-01 09:00", name=REGISTERED), told("2026-03-10 09:00", name="某市融媒")


@pytest.mark.parametrize(
    ("now", "last", "expected"),
    [
        # changed on 10 March; day 7 after it, 17 March, is inside
        ("2026-03-10 09:00", "2026-03-10 09:00", "at_risk"),
        ("2026-03-17 23:59:59", "2026-03-17 23:00", "at_risk"),
        ("2026-03-18 00:00", "2026-03-18 00:00", "fail candidate"),
        # not seen since the days were over
        ("2026-03-18 00:00", "2026-03-17 23:59:59", "unknown not_seen_since_deadline"),
        ("2026-04-01", "2026-03-20", "fail candidate"),
        # sixty days later only the history keeps it
        ("2026-05-09 23:59:59", "2026-05-09", "fail candidate"),
        ("2026-05-10 00:00", "2026-05-10 00:00", "pass"),
    ],
)
def test_a_rename_is_to_be_filed_within_seven_days(now: str, last: str, expected: str) -> None:
    assert verdict(RENAMED, seen(now, [shown(last, name="某市融媒")], OLD, NEW)) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], "unknown never_seen"),
        # the first name is no change, whatever the register says
        ([told("2026-03-01", name="别的名字")], "pass"),
        ([OLD], "pass"),
        # renamed back to what the register says; or the register carries the new name
        ([OLD, NEW, told("2026-03-12", name=REGISTERED)], "pass"),
        ([told("2026-03-01", name="旧名"), told("2026-03-02", name=REGISTERED)], "pass"),
        # something else changed: the name did not
        ([OLD, told("2026-03-10", name=REGISTERED, verified=True)], "pass"),
        # an incident covers it: it counts from the first look after that; or a channel that is not asked said it
        ([OLD, told("2026-03-10", name="某市融媒", trusted=False)], "at_risk"),
        ([OLD, told("2026-03-10", name="又一名", trusted=False), told("2026-03-30", name=REGISTERED)], "pass"),
        ([OLD, told("2026-03-10", "other", name="某市融媒")], "pass"),
        # two channels with two names are no change
        ([OLD, told("2026-03-10", "b", name="某市融媒")], "pass"),
        ([OLD, NEW], "fail candidate"),
    ],
)
def test_only_a_change_that_the_register_does_not_carry_is_told(history: list, expected: str) -> None:
    """Judged on 1 April, looked at just before."""
    two = account("weibo", a=["profile"], b=["profile"])
    looks = [shown("2026-03-31", name="某市融媒"), shown("2026-03-31", "b", name="某市融媒")]
    assert verdict(RENAMED, seen("2026-04-01", looks, *history, of=two)) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # the register writes it otherwise, and has from the first look on: another bracket or letter is no other name
        (["某市发布（官方）", "某市发布(官方)"], "pass"),
        (["某市Ａ发布", "某市a发布"], "pass"),
        # for some days under another name, and back to the one that it had at first
        (["市发布", "市发布过年好", "市发布"], "pass"),
        (["市发布", "市发布过年好", "市融媒"], "fail candidate"),
    ],
)
def test_a_name_that_it_had_at_first_is_no_change(names: list[str], expected: str) -> None:
    history = [told(f"2026-03-{number:02}", name=name) for number, name in enumerate(names, 1)]
    on = seen("2026-04-01", [shown("2026-03-31", name=names[-1])], *history)
    assert verdict(RENAMED, on) == expected


@pytest.mark.parametrize(
    ("when", "expected"), [("2026-03-30", "unknown contradicted"), ("2026-03-17 23:59", "fail candidate")]
)
def test_a_second_channel_that_shows_the_registered_name_contradicts(when: str, expected: str) -> None:
    two = account("weibo", a=["profile"], b=["profile"])
    looks = [shown("2026-03-31", name="某市融媒"), shown(when, "b", name=REGISTERED)]
    on = seen("2026-04-01", looks, OLD, NEW, told("2026-03-01", "b", name=REGISTERED), of=two)
    assert verdict(RENAMED, on) == expected


def test_a_rename_is_told_with_both_names_and_since_when() -> None:
    found = judge_one(RENAMED, seen("2026-04-01", [shown("2026-03-31", name="某市融媒")], OLD, NEW))
    assert found.values == {
        "days": 7,
        "name": "某市融媒",
        "before": REGISTERED,
        "changed": "2026-03-10",
        "last_day": "2026-03-17",
    }
    assert found.deadline == at("2026-03-18")
    assert found.proof == (("a", at("2026-03-10 09:00")), ("a", at("2026-03-31")))


# --- the verification ------------------------------------------------------------------------------------------

HELD = told("2026-03-01", verified=True, verified_type=1, verified_reason="某市人民政府办公室官方微博")
LOST = told("2026-03-10", verified=False, verified_type=-1)
COMPANY = told("2026-03-10", verified=True, verified_type=2, verified_reason="某某传媒公司")
NO: dict[str, Any] = {"verified": False, "verified_type": -1}


@pytest.mark.parametrize(
    ("history", "now", "expected"),
    [
        ([HELD], {"verified": True, "verified_type": 1}, "pass"),
        ([HELD, LOST], NO, "fail candidate"),
        # verified again
        ([HELD, LOST, told("2026-03-20", verified=True, verified_type=1)], {"verified": True, "verified_type": 1},
         "pass"),
        # still verified, but no longer as a government body
        ([HELD, COMPANY], {"verified": True, "verified_type": 2}, "fail candidate"),
        # never seen verified, or never as a government body: nothing was lost
        ([LOST], NO, "pass"),
        ([COMPANY], {"verified": True, "verified_type": 2}, "pass"),
        ([COMPANY, told("2026-03-11", verified=False)], NO, "pass"),
        # a platform that tells no types
        ([told("2026-03-01", verified=True), LOST], NO, "fail candidate"),
        # an incident covers the loss, which a look after it shows as well; or what was before
        ([HELD, LOST.model_copy(update={"trusted": False})], NO, "fail candidate"),
        ([HELD, LOST.model_copy(update={"trusted": False})], {"verified": True, "verified_type": 1}, "pass"),
        ([HELD.model_copy(update={"trusted": False}), LOST], NO, "pass"),
        # the channel does not say
        ([HELD, LOST], {}, "unknown verification_not_told"),
        ([], {"name": "x"}, "unknown verification_not_told"),
        # the reason alone was reworded
        ([HELD, told("2026-03-10", verified=True, verified_type=1, verified_reason="新的说明")],
         {"verified": True, "verified_type": 1}, "pass"),
    ],
)  # fmt: skip
def test_only_a_loss_after_it_was_seen_verified_counts(history: list, now: dict, expected: str) -> None:
    assert verdict(VERIFICATION, seen("2026-04-01", [shown("2026-03-31", **now)], *history)) == expected


def test_blind_looks_and_those_during_an_incident_take_no_verification_away() -> None:
    blind = [shown("2026-03-05", verified=True, verified_type=1), look("2026-03-31", Reason.LOGIN_REQUIRED)]
    assert verdict(VERIFICATION, seen("2026-04-01", blind, HELD)) == "pass"
    assert verdict(VERIFICATION, seen("2026-04-01", blind[1:], HELD)) == "unknown never_seen"
    covered = [*blind[:1], shown("2026-03-31", trusted=False, **NO)]
    assert verdict(VERIFICATION, seen("2026-04-01", covered, HELD)) == "pass"


def test_a_second_channel_that_shows_the_verification_later_contradicts() -> None:
    two = account("weibo", a=["profile"], b=["profile"])
    other = shown("2026-03-20", "b", verified=True, verified_type=1)
    looks = [shown("2026-03-31", **NO), other]
    assert verdict(VERIFICATION, seen("2026-04-01", looks, HELD, LOST, of=two)) == "unknown contradicted"
    older = shown("2026-03-09", "b", verified=True, verified_type=1)
    assert verdict(VERIFICATION, seen("2026-04-01", [looks[0], older], HELD, LOST, of=two)) == "fail candidate"


def test_a_loss_says_what_stood_before_and_since_when() -> None:
    found = judge_one(VERIFICATION, seen("2026-04-01", [shown("2026-03-31", **NO)], HELD, LOST))
    assert found.values["reason_before"] == "某市人民政府办公室官方微博"
    assert (found.values["changed"], found.since) == ("2026-03-10", at("2026-03-10"))
    assert found.proof == (("a", at("2026-03-10")), ("a", at("2026-03-31")))


# --- the followers ------------------------------------------------------------------------------------------


def series(*counts: int | None, last: str = "2026-03-31", step: int = 1) -> tuple[DayCount, ...]:
    """One count a day, the last of them on that day."""
    days = [at(f"{last} 09:00") - timedelta(days=step * back) for back in range(len(counts) - 1, -1, -1)]
    return tuple(
        DayCount(target="a", day=day_of(day), at=day, followers=number)
        for day, number in zip(days, counts, strict=True)
    )


def fans(*counts: int | None, now: str = "2026-03-31 10:00", **more: Any) -> str:
    known = evidence(now, [look("2026-03-31 09:00")]).model_copy(update={"series": series(*counts, **more)})
    return outcome(judge_one(FANS, known))


QUIET = [10_000 + 10 * day for day in range(8)]  # seven rises of ten a day, up to 10,070


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # 30 % of 10,070 is 3,021, and ten a day are usual: 3,031 are the limit and themselves no jump
        ([*QUIET, 10_070 + 3_031], "pass"),
        ([*QUIET, 10_070 + 3_032], "fail candidate"),
        # six earlier rises are too few
        ([*QUIET[1:], 90_000], "pass"),
        # a small account: a thousand people
        ([100] * 8 + [1_100], "pass"),
        ([100] * 8 + [1_101], "fail candidate"),
        # a fall is none, nor is the fall after a jump that is told
        ([*QUIET, 500], "pass"),
        ([*QUIET, 90_000, 90_010], "fail candidate"),
        # an account that always goes up and down by thousands
        ([10_000, 14_000] * 4 + [10_000, 15_000], "pass"),
        # nor is what comes back after a count that fell, or that was not there for some days
        ([*QUIET, 0, 10_080], "pass"),
        ([*QUIET, 7, 7, 7, 10_070 + 3_031], "pass"),
        ([*QUIET, 7, 7, 7, 10_070 + 3_032], "fail candidate"),
        # counts that were not told are left out
        ([None] * 8, "unknown counts_not_told"),
        ([*QUIET, None, 10_070 + 6_060], "pass"),  # over two days, half of it a day
        ([*QUIET, None, 10_070 + 6_064], "fail candidate"),
    ],
)
def test_a_jump_is_held_against_the_accounts_own_history(counts: list, expected: str) -> None:
    assert fans(*counts) == expected


@pytest.mark.parametrize(("now", "expected"), [("2026-04-29 23:59:59", "fail candidate"), ("2026-04-30 00:00", "pass")])
def test_a_jump_is_told_for_thirty_days(now: str, expected: str) -> None:
    assert fans(*QUIET, 90_000, now=now) == expected


def test_a_jump_is_told_with_its_numbers_and_its_two_looks() -> None:
    known = evidence("2026-03-31 10:00", [look("2026-03-31 09:00")])
    found = judge_one(FANS, known.model_copy(update={"series": series(*QUIET, 90_000)}))
    assert found.values == {
        "known": 9, "followers": 90_000, "day": "2026-03-31", "before": 10_070, "after": 90_000, "rise": 79_930,
        "limit": 3_031,
    }  # fmt: skip
    assert found.proof == (("a", at("2026-03-30 09:00")), ("a", at("2026-03-31 09:00")))
    assert found.since == at("2026-03-31")


def test_without_any_look_nothing_is_told_of_followers() -> None:
    assert outcome(judge_one(FANS, evidence("2026-03-31"))) == "unknown never_seen"
