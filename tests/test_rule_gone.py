"""账号状态变化: the platform itself says, twice, that there is no such account. Nobody else can say so."""

from __future__ import annotations

import pytest

from mediawatch.core.model import Reason
from mediawatch.core.rules import judge_one
from tests.tables import DAY, GONE, account, at, counts, evidence, look, post, verdict

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
    seen = evidence("2026-03-20", looks).model_copy(update={"gone_with": others})
    assert verdict(GONE, seen) == expected
    with_canary = seen.model_copy(update={"canary_gone": True})
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
