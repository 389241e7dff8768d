"""账号状态变化: the platform itself says, again and again, that there is no such account. Nobody else can say so."""

from __future__ import annotations

import pytest

from mediawatch.core.beside import Beside
from mediawatch.core.model import Evidence, Finality, Look, Reason
from mediawatch.core.rules import judge_one
from tests.tables import DAY, GONE, HOUR, account, at, counts, evidence, look, post, verdict

ALIVE = look("2026-03-01")


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([ALIVE], "pass"),
        # said once is asked again
        ([ALIVE, look("2026-03-10", Reason.GONE)], "unknown said_once"),
        # said twice in a row is a change of state
        ([ALIVE, look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE)], "fail"),
        ([look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE)], "fail"),
        ([ALIVE, look("2026-03-10", Reason.BLOCKED_ACCOUNT), look("2026-03-11", Reason.BLOCKED_ACCOUNT)], "fail"),
        ([ALIVE, look("2026-03-10", Reason.MOVED), look("2026-03-11", Reason.GONE)], "fail"),
        # a row of less than a day may be a mood of the platform's
        ([ALIVE, look("2026-03-10 09:00", Reason.GONE), look("2026-03-11 08:59", Reason.GONE)], "unknown said_once"),
        # failures that blame somebody else neither count nor break the row
        ([look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.TIMEOUT)], "unknown said_once"),
        (
            [look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.TIMEOUT), look("2026-03-12", Reason.GONE)],
            "fail",
        ),
        # shown again: over, even if it was shown while the platform was in an incident
        ([look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE), look("2026-03-12")], "pass"),
        ([look("2026-03-10", Reason.GONE), look("2026-03-11"), look("2026-03-12", Reason.GONE)], "unknown said_once"),
        (
            [look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE), look("2026-03-12", trusted=False)],
            "pass",
        ),
        # an account without a post is there all the same
        ([look("2026-03-10", counts(0), posts=0)], "pass"),
    ],
)
def test_said_once_is_asked_again_and_said_twice_is_believed(looks: list, expected: str) -> None:
    assert verdict(GONE, evidence("2026-03-20", looks)) == expected


@pytest.mark.parametrize(
    ("others", "expected"), [(0, "fail"), (1, "fail"), (2, "fail candidate"), (25, "fail candidate")]
)
def test_what_a_platform_says_of_several_accounts_at_once_a_person_decides(others: int, expected: str) -> None:
    looks = [ALIVE, look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE)]
    seen = evidence("2026-03-20", looks).model_copy(update={"beside": Beside(gone_with=others)})
    assert verdict(GONE, seen) == expected
    with_canary = seen.model_copy(update={"beside": Beside(canary_gone=True)})
    assert verdict(GONE, with_canary) == "fail candidate", "one that was chosen because it is there is said to be gone"


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.blame != "account"])
def test_no_other_failure_ever_speaks_of_the_account(reason: Reason) -> None:
    """A 404 that is `unreadable`, a login wall, a captcha, our own network: ten times over, and still nothing."""
    looks = [look(at("2026-03-02") + day * DAY, reason) for day in range(10)]
    assert verdict(GONE, evidence("2026-03-20", looks)) == "unknown never_seen"
    assert verdict(GONE, evidence("2026-03-20", [ALIVE, *looks])) == "pass"


def test_what_is_said_in_a_platform_incident_is_not_believed() -> None:
    looks = [look("2026-03-10", Reason.GONE, trusted=False), look("2026-03-11", Reason.GONE, trusted=False)]
    assert verdict(GONE, evidence("2026-03-20", [ALIVE, *looks])) == "pass"
    assert (
        verdict(GONE, evidence("2026-03-20", [ALIVE, *looks, look("2026-03-12", Reason.GONE)])) == "unknown said_once"
    )


TWO = account("weibo", a=["posts"], b=["posts"])
SAID = [ALIVE, look("2026-03-10", Reason.GONE), look("2026-03-11", Reason.GONE)]


@pytest.mark.parametrize(
    ("published", "seen", "expected"),
    [
        # the other channel shows a post that is younger than the first such answer
        ("2026-03-12", "2026-03-12", "unknown contradicted"),
        # an older post that the other channel still shows contradicts nothing
        ("2026-03-05", "2026-03-12", "fail"),
        # a date in the future counts from when it was seen
        ("2027-01-01", "2026-03-05", "fail"),
        ("2027-01-01", "2026-03-12", "unknown contradicted"),
    ],
)
def test_a_newer_post_on_another_channel_contradicts(published: str, seen: str, expected: str) -> None:
    posts = [post(published, seen=seen, target="b")]
    assert verdict(GONE, evidence("2026-03-20", [*SAID, look(seen, target="b")], posts, of=TWO)) == expected


def test_each_channel_speaks_for_itself() -> None:
    """One answer each from two channels is said once, twice; not twice in a row by one."""
    looks = [look("2026-03-10", Reason.GONE), look("2026-03-10", Reason.GONE, target="b")]
    assert verdict(GONE, evidence("2026-03-20", looks, of=TWO)) == "unknown said_once"


def test_the_answer_keeps_the_first_and_the_last_time_it_was_said() -> None:
    found = judge_one(GONE, evidence("2026-03-20", [*SAID, look("2026-03-15", Reason.GONE)]))
    assert found.values == {"said": "gone", "times": 3, "first": "2026-03-10", "last": "2026-03-15"}
    assert found.proof == (("a", at("2026-03-10")), ("a", at("2026-03-15")))
    assert found.since == at("2026-03-10")


# --- enough looks of a day, as the book asks for them now ------------------------------------------------------------

ENOUGH = GONE.model_copy(
    update={"params": {"times": 7, "apart_hours": 24, "crowd": 2, "took_back": 2, "again": 2, "both": True}}
)


def said(times: int, hours: float, **beside: int) -> Evidence:
    """An account that was there, and of which its platform says so that often, as evenly as may be."""
    first, step = at("2026-03-10 08:00"), hours / max(times - 1, 1)
    looks = [ALIVE, *(look(first + number * step * HOUR, Reason.GONE) for number in range(times))]
    return evidence("2026-03-20", looks).model_copy(update={"beside": Beside(**beside)})


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (said(1, 0), "unknown said_once"),
        (said(6, 30), "unknown said_once"),
        (said(7, 23.9), "unknown said_once"),
        (said(7, 24), "fail"),
        # it was gone and back in the month before: twice as many looks, over twice the time
        (said(7, 24, was_back=True), "unknown said_once"),
        (said(13, 60, was_back=True), "unknown said_once"),
        (said(14, 47.9, was_back=True), "unknown said_once"),
        (said(14, 48, was_back=True), "fail"),
        # of others, too, the platform took it back
        (said(7, 24, were_back=1), "fail"),
        (said(7, 24, were_back=2), "fail candidate"),
        (said(14, 48, were_back=2, was_back=True), "fail candidate"),
    ],
)
def test_a_word_that_is_taken_back_lightly_must_be_said_more_often(seen: Evidence, expected: str) -> None:
    assert verdict(ENOUGH, seen) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (look("2026-03-10 09:00", target="b"), "fail candidate"),
        # shown before, it may have been closed since; what blames nobody shows nothing
        (look("2026-03-10 07:00", target="b"), "fail"),
        (look("2026-03-10 09:00", Reason.TIMEOUT, target="b"), "fail"),
        # a feed of another house may be a copy
        (look("2026-03-10 09:00", target="b").model_copy(update={"platform": "bridge"}), "fail"),
    ],
)
def test_where_another_channel_of_the_platform_still_shows_it_a_person_decides(other: Look, expected: str) -> None:
    looks = [*said(7, 24).looks, other]
    assert verdict(ENOUGH, evidence("2026-03-20", looks, of=TWO)) == expected
    before = evidence("2026-03-20", looks, of=TWO)
    assert judge_one(GONE, before).finality is Finality.AUTO, "books of the past did not ask"


def test_how_many_looks_it_lacks_is_told_so_that_they_fit_into_the_day() -> None:
    assert judge_one(ENOUGH, said(1, 0)).values["lacks"] == 6
    assert judge_one(ENOUGH, said(1, 0, was_back=True)).values["lacks"] == 13
    assert "lacks" not in judge_one(ENOUGH, said(6, 20)).values, "one more, and that at its time"


def test_an_edition_that_asked_for_less_judges_as_it_did() -> None:
    """Books of the past name no more than two looks; by them, what was taken back changes nothing."""
    before = evidence("2026-03-20", SAID)
    now = before.model_copy(update={"beside": Beside(were_back=9, was_back=True)})
    assert judge_one(GONE, now) == judge_one(GONE, before)
    once = evidence("2026-03-20", SAID[:2])
    assert judge_one(GONE, once).values.keys() == {"said", "times", "first", "last", "why"}
