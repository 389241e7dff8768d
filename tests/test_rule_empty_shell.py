"""空壳, an account that never published: what may be said, after how long, and with whose word for it."""

from __future__ import annotations

import pytest

from mediawatch.core.model import Feed, Outcome, Reason
from mediawatch.core.rules import judge_one
from tests.tables import EMPTY, SECOND, account, at, counts, evidence, look, post, verdict

DAY_1 = "2026-03-01 09:00"  # the first look; 30 days of watching end with 30 March, so the deadline is 31 March
DAY_30 = "2026-03-31"


def _none(when: str, saw: Feed | str = "blank", **more: object):  # type: ignore[no-untyped-def]
    return look(when, saw, posts=0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "saw", "expected"),
    [
        # zero posts by the platform's own count: in good time a warning, after 30 days final
        ("2026-03-01 10:00", counts(0), "at_risk"),
        ("2026-03-30 23:59:59", counts(0), "at_risk"),
        ("2026-03-31 00:00", counts(0), "fail"),
        ("2026-05-01", counts(0), "fail"),
        # nobody follows it either: perhaps another account than the registered one, a person must look
        ("2026-03-31 00:00", counts(0, followers=0), "fail candidate"),
        ("2026-03-31 00:00", counts(0, followers=None), "fail"),
        # registered long ago: the 30 days run from then; as long as we did not watch it ourselves, a person must look
        ("2026-03-01 10:00", counts(0, registered="2026-01-31"), "at_risk"),
        ("2026-03-01 10:00", counts(0, registered="2026-01-30"), "fail candidate"),
        ("2026-03-30 23:59:59", counts(0, registered="2026-01-30"), "fail candidate"),
        ("2026-03-31 00:00", counts(0, registered="2026-01-30"), "fail"),
        ("2026-03-01 10:00", counts(0, registered="2026-02-20"), "at_risk"),
        # a blank list without any count: a candidate, and only after 30 days of watching
        ("2026-03-30 23:59:59", "blank", "unknown too_early"),
        ("2026-03-31 00:00", "blank", "fail candidate"),
        ("2026-03-31 00:00", counts(None), "fail candidate"),
        ("2026-03-01 10:00", counts(None, registered="2020-01-01"), "unknown too_early"),
        # the platform counts posts that it does not show
        ("2026-05-01", counts(3), "unknown hidden"),
        # pinned posts only, none of them shown: no word on the rest
        ("2026-05-01", "pinned only", "unknown never_seen"),
    ],
)
def test_zero_posts_for_thirty_days(now: str, saw: Feed | str, expected: str) -> None:
    """Registered (or watched) ≥ 30 days and never a post; looked at on the first day and now."""
    assert verdict(EMPTY, evidence(now, [_none(DAY_1, saw), _none(now, saw)])) == expected


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look(DAY_1, Reason.LOGIN_REQUIRED)], "unknown never_seen"),
        ([look(DAY_1, Reason.GONE)], "unknown never_seen"),
        # a look before the 30 days are over proves nothing about their end
        ([_none(DAY_1, counts(0)), _none("2026-03-30 23:59", counts(0))], "unknown not_seen_since_deadline"),
        ([_none(DAY_1), _none("2026-03-30 23:59")], "unknown not_seen_since_deadline"),
        ([_none(DAY_1, counts(0)), look("2026-04-01", Reason.TIMEOUT)], "unknown not_seen_since_deadline"),
        # what an incident covers proves nothing
        ([_none(DAY_1, counts(0)), _none("2026-04-01", counts(0), trusted=False)], "unknown not_seen_since_deadline"),
        # the count was on the first day only: what came later is a blank list, so a person must look
        ([_none(DAY_1, counts(0)), _none("2026-04-01")], "fail candidate"),
        # a count above zero by any look speaks for the account
        ([_none(DAY_1), _none("2026-04-01"), _none("2026-04-02", counts(5), trusted=False)], "unknown hidden"),
        # counted again as zero: the last count stands
        ([_none(DAY_1, counts(5)), _none("2026-04-02", counts(0))], "fail"),
    ],
)
def test_an_empty_answer_is_not_an_empty_account(looks: list, expected: str) -> None:
    """Judged on 15 April."""
    assert verdict(EMPTY, evidence("2026-04-15", looks)) == expected


@pytest.mark.parametrize("seen", ["2015-06-01", "2026-03-20"])
def test_one_post_ever_seen_is_enough_for_ever(seen: str) -> None:
    found = judge_one(EMPTY, evidence("2026-05-01", [_none(DAY_1), _none("2026-05-01")], [post(seen, seen=DAY_1)]))
    assert found.outcome is Outcome.PASS
    assert found.holds_until.year == 9999


def test_a_post_without_a_date_is_a_post() -> None:
    seen = evidence("2026-05-01", [look(DAY_1, "no dates"), _none("2026-05-01")], [post(None, seen=DAY_1)])
    assert verdict(EMPTY, seen) == "pass"


WECHAT = account("wechat", sent=["mass_sent"], site=["published"])


def _sent(when: str):  # type: ignore[no-untyped-def]
    return _none(when, target="sent", covers=["mass_sent"])


def _site(when: str):  # type: ignore[no-untyped-def]
    return _none(when, target="site", covers=["published"])


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([_sent(DAY_1), _sent("2026-04-01")], "unknown not_seen_since_deadline"),
        ([_sent(DAY_1), _sent("2026-04-01"), _site(DAY_1), _site("2026-04-01")], "fail candidate"),
        # the second channel is young: each must have been watched for the whole time
        ([_sent(DAY_1), _sent("2026-04-01"), _site("2026-03-28"), _site("2026-04-01")], "unknown too_early"),
        ([_sent(DAY_1), _sent("2026-04-01"), _site(DAY_1)], "unknown not_seen_since_deadline"),
    ],
)
def test_a_blank_wechat_account_needs_both_kinds_watched_for_the_whole_time(looks: list, expected: str) -> None:
    """Judged on 2 April. A blank feed of a bridge may be a fault of the bridge: at most a candidate, never sooner."""
    assert verdict(EMPTY, evidence("2026-04-02", looks, of=WECHAT)) == expected


def test_a_young_channel_does_not_take_over_the_days_of_one_that_fell_silent() -> None:
    two = account("weibo", a=["posts"], b=["posts"])
    looks = [_none(DAY_1), _none("2026-03-28", target="b"), _none("2026-04-01", target="b")]
    assert verdict(EMPTY, evidence("2026-04-02", looks, of=two)) == "unknown not_seen_since_deadline"
    later = _none("2026-04-27", target="b")
    assert verdict(EMPTY, evidence("2026-04-28", [*looks, later], of=two)) == "fail candidate"


def test_a_count_on_one_channel_outweighs_a_blank_list_on_another() -> None:
    """The feed shows nothing, the platform counts 12 posts: hidden, not empty; in either order of looks."""
    two = account("weibo", a=["posts"], feed=["posts"])
    for later, earlier in (("2026-04-10", "2026-04-11"), ("2026-04-11", "2026-04-10")):
        looks = [_none(DAY_1, target="feed"), _none(later, target="feed"), _none(earlier, counts(12))]
        assert verdict(EMPTY, evidence("2026-04-15", looks, of=two)) == "unknown hidden"


def test_the_proof_is_two_looks_of_the_same_channel() -> None:
    """Otherwise no second look could ever confirm it."""
    two = account("weibo", a=["posts"], b=["posts"])
    looks = [_none(DAY_1), _none("2026-03-02", target="b"), _none("2026-04-01"), _none("2026-04-02", target="b")]
    found = judge_one(EMPTY, evidence("2026-04-02", looks, of=two))
    assert found.proof == (("a", at(DAY_1)), ("a", at("2026-04-01")))


def test_the_warning_holds_until_the_thirty_days_are_over() -> None:
    """Before that instant no look can make it a fail, so none is owed for its sake."""
    found = judge_one(EMPTY, evidence("2026-03-05", [_none(DAY_1, counts(0)), _none("2026-03-05", counts(0))]))
    assert found.holds_until == found.deadline == at(DAY_30)
    assert found.values["watched_days"] == 4
    last = at(DAY_30) - SECOND
    assert verdict(EMPTY, evidence(last, [_none(DAY_1, counts(0)), look(last, counts(0), posts=0)])) == "at_risk"


def test_the_answer_says_how_long_it_was_watched_and_what_was_counted() -> None:
    looks = [_none(DAY_1, counts(0, registered="2026-01-01")), _none("2026-04-10", counts(0, registered="2026-01-01"))]
    values = judge_one(EMPTY, evidence("2026-04-10", looks)).values
    assert {name: values[name] for name in ("days", "posts", "followers", "watched_days", "registered")} == {
        "days": 30,
        "posts": 0,
        "followers": 10,
        "watched_days": 40,
        "registered": "2026-01-01",
    }
    assert values["klass"] == "EMPTY_SHELL"


@pytest.mark.parametrize(("now", "expected"), [("2026-05-02 23:59", "fail"), ("2026-05-03", "unknown not_seen_lately")])
def test_whoever_was_empty_long_ago_may_have_published_since(now: str, expected: str) -> None:
    """Counted at zero from 1 March to 3 April, and behind a captcha since."""
    none = [look(when, counts(0, followers=5), posts=0) for when in ("2026-03-01", "2026-03-15", "2026-04-03")]
    assert verdict(EMPTY, evidence(now, [*none, look(now, Reason.CAPTCHA)])) == expected
