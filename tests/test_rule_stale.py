"""内容不更新, veto 2.1: 监测时间点前2周内无更新. Tables of what was published, what was seen, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mediawatch.core.model import DayCount, Feed, Outcome, Profile, Reason
from mediawatch.core.rules import judge_one
from tests.tables import DAY, HOUR, SECOND, STALE, account, at, evidence, look, post, verdict

P = "2026-03-01 09:00"  # the newest post; day 14 is 15 March, the deadline midnight after it


@pytest.mark.parametrize(
    ("published", "now", "expected"),
    [
        # the same day, and the days before the first reminder
        ("2026-03-01 09:00", "2026-03-01 10:00", "pass"),
        ("2026-03-01 09:00", "2026-03-07 23:59:59", "pass"),
        # day 14 is inside to its last second, whatever the hour of the post
        ("2026-03-01 00:00", "2026-03-15 23:59:59", "at_risk 13"),
        ("2026-03-01 23:59:59", "2026-03-15 23:59:59", "at_risk 13"),
        # the first second after midnight in Shanghai is outside
        ("2026-03-01 00:00", "2026-03-16 00:00", "fail"),
        ("2026-03-01 23:59:59", "2026-03-16 00:00", "fail"),
        # over the end of a year
        ("2025-12-20 12:00", "2026-01-03 23:59:59", "at_risk 13"),
        ("2025-12-20 12:00", "2026-01-04 00:00", "fail"),
        # over the end of February: 2028 has a 29th, 2026 has not
        ("2028-02-20 12:00", "2028-03-05 23:59:59", "at_risk 13"),
        ("2028-02-20 12:00", "2028-03-06 00:00", "fail"),
        ("2026-02-20 12:00", "2026-03-06 23:59:59", "at_risk 13"),
        ("2026-02-20 12:00", "2026-03-07 00:00", "fail"),
        ("2028-02-29 12:00", "2028-03-14 23:59:59", "at_risk 13"),
        ("2028-02-29 12:00", "2028-03-15 00:00", "fail"),
        # years of silence, over years in which Shanghai kept summer time
        ("1986-05-03 23:30", "2026-03-01", "fail"),
    ],
)
def test_day_14_itself_is_inside(published: str, now: str, expected: str) -> None:
    """前2周内: 14 calendar days in Beijing time; the account was seen at the instant of judgement."""
    assert verdict(STALE, evidence(now, [look(published), look(now)], [post(published)])) == expected


def test_the_deadline_is_the_first_instant_after_day_14_in_shanghai() -> None:
    """The finding says until when the answer holds, to the second, and what a reader needs to check it."""
    found = judge_one(STALE, evidence("2026-03-01 10:00", [look("2026-03-01 10:00")], [post(P)]))
    assert found.holds_until == found.deadline == at("2026-03-16")
    assert found.warns_at == at("2026-03-08")
    assert found.values == {
        "days": 14,
        "days_silent": 0,
        "days_left": 14,
        "newest": "2026-03-01",
        "last_day": "2026-03-15",
    }


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        # nothing was ever read
        ([], "unknown not_seen_since_deadline"),
        # a look before the deadline proves nothing about the time after it
        ([look("2026-03-15 23:59:59")], "unknown not_seen_since_deadline"),
        # one look at the deadline itself does
        ([look("2026-03-16 00:00")], "fail"),
        ([look("2026-03-16 00:00:01")], "fail"),
        # could not look is never nothing there
        ([look("2026-03-16 08:00", Reason.LOGIN_REQUIRED)], "unknown not_seen_since_deadline"),
        ([look("2026-03-16 08:00", Reason.BLOCKED)], "unknown not_seen_since_deadline"),
        ([look("2026-03-16 08:00", Reason.TIMEOUT)], "unknown not_seen_since_deadline"),
        ([look("2026-03-16 08:00", Reason.UNREADABLE)], "unknown not_seen_since_deadline"),
        # gone is another indicator's business
        ([look("2026-03-16 08:00", Reason.GONE)], "unknown not_seen_since_deadline"),
        # a list without an item, without dates, or with pinned posts only may hide a newer post
        ([look("2026-03-16 08:00", "blank")], "unknown not_seen_since_deadline"),
        ([look("2026-03-16 08:00", "pinned only", newest=P)], "unknown not_seen_since_deadline"),
        # a look while the platform was in an incident may have seen an old copy
        ([look("2026-03-16 08:00", trusted=False)], "unknown not_seen_since_deadline"),
        # after one good look, later failures take nothing back
        ([look("2026-03-16 08:00"), look("2026-03-17", Reason.TIMEOUT)], "fail"),
        ([look("2026-03-16 08:00"), look("2026-03-17", "blank")], "fail"),
        ([look("2026-03-16 08:00"), look("2026-03-17", trusted=False)], "fail"),
    ],
)
def test_only_a_whole_trusted_look_at_or_after_the_deadline_can_fail(looks: list, expected: str) -> None:
    """The newest post is of 1 March, the judgement of 20 March: the period is over, but was the account seen?"""
    assert verdict(STALE, evidence("2026-03-20", [look(P), *looks], [post(P)])) == expected


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        # an old pinned post above newer ones does not age the account
        ([post("2020-01-01", pinned=True), post("2026-03-18")], "pass"),
        # a newer pinned post counts as any other
        ([post("2026-03-18", pinned=True), post("2026-02-01")], "pass"),
        # posts out of order: the newest counts, wherever it stands
        ([post("2026-02-01"), post("2026-03-18"), post("2026-01-01")], "pass"),
        ([post("2026-02-01"), post("2026-02-20"), post("2026-01-01")], "fail"),
        # posts without a date say nothing beside posts with one
        ([post(None, seen="2026-03-19"), post("2026-02-01")], "fail"),
        # dated in the future (the platform's clock, or a trick): counts from when we first saw it
        ([post("2027-01-01", seen="2026-03-18")], "pass"),
        ([post("2027-01-01", seen="2026-03-01")], "fail"),
        ([post("2027-01-01", seen="2026-03-01", pinned=True), post("2026-03-18")], "pass"),
    ],
)
def test_the_newest_date_counts_wherever_it_stands(posts: list, expected: str) -> None:
    """Judged and seen on 20 March."""
    assert verdict(STALE, evidence("2026-03-20", [look("2026-03-01"), look("2026-03-20")], posts)) == expected


def test_a_post_seen_only_in_a_platform_incident_passes_all_the_same() -> None:
    """An incident may pass an account and may never fail one."""
    looks = [look("2026-03-01 09:00"), look("2026-03-18", trusted=False)]
    assert verdict(STALE, evidence("2026-03-20", looks, [post(P), post("2026-03-18")])) == "pass"


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look("2026-03-01", Reason.CAPTCHA)], "unknown never_seen"),
        ([look("2026-01-01", "blank"), look("2026-03-01", "blank")], "unknown no_posts"),
        ([look("2026-01-01", "no dates"), look("2026-03-01", "no dates")], "unknown no_dates"),
    ],
)
def test_an_account_of_which_no_dated_post_was_seen_is_unknown(looks: list, expected: str) -> None:
    """Nothing dated was seen; whether it is an empty shell is another indicator."""
    assert verdict(STALE, evidence("2026-03-20", looks)) == expected


CAREFUL = STALE.model_copy(update={"params": {"watched_throughout": True}})
LONG_AGO = [post("2025-11-01")]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        # what one moment shows of a time before anybody looked
        ([look("2026-03-20")], "fail candidate"),
        ([look("2026-03-06"), look("2026-03-20 23:59:59")], "fail candidate"),
        # whoever had published on the day of the first look would be too late by the last one
        ([look("2026-03-06 09:00"), look("2026-03-21")], "fail"),
        ([look("2026-03-05 23:59:59"), look("2026-03-20")], "fail"),
        # a look that showed nothing begins no watch, and a late one that shows nothing ends none
        ([look("2026-03-01", Reason.CAPTCHA), look("2026-03-20")], "fail candidate"),
        ([look("2026-03-06"), look("2026-03-20"), look("2026-03-22", Reason.CAPTCHA)], "fail candidate"),
        # two channels of one platform show one copy of it
        ([look("2026-03-20"), look("2026-03-20", target="b", newest="2025-11-01")], "fail candidate"),
        # a second platform that shows the same is a second witness
        ([look("2026-03-20"), look("2026-03-20", target="b", platform="bridge", newest="2025-11-01")], "fail"),
        # unless its list is not whole
        (
            [look("2026-03-20"), look("2026-03-20", "pinned only", target="b", platform="bridge", newest="2025-11-01")],
            "fail candidate",
        ),
    ],
)
def test_a_silence_that_we_have_not_watched_throughout_is_for_a_person(looks: list, expected: str) -> None:
    """The newest post is of November; a book that leaves the question to nobody accuses at once."""
    on = evidence("2026-03-25", looks, LONG_AGO)
    assert verdict(CAREFUL, on) == expected
    assert verdict(STALE, on) == "fail"


def test_who_published_while_we_watched_needs_no_person() -> None:
    """By its deadline we have watched for longer than is asked."""
    looks = [look("2026-03-01 08:00"), look(P), look("2026-03-16")]
    assert verdict(CAREFUL, evidence("2026-03-16", looks, [post(P)])) == "fail"


OLDER = "2026-02-10"


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        # the list shows an older post as its newest: deleted, or an old copy?
        ([look("2026-03-16 08:00", newest=OLDER)], "unknown regressed"),
        ([look("2026-03-16 08:00", newest=OLDER), look("2026-03-16 20:00", newest=OLDER)], "unknown regressed"),
        # still so a day later: a candidate for a person to confirm
        ([look("2026-03-16 08:00", newest=OLDER), look("2026-03-17 08:00", newest=OLDER)], "fail candidate"),
        # the list is whole again after the deadline
        ([look("2026-03-16 08:00", newest=OLDER), look("2026-03-16 20:00")], "fail"),
        # it went back only after a sound look had proved the silence
        ([look("2026-03-16 00:00"), look("2026-03-16 20:00", newest=OLDER)], "fail"),
        # going back before the deadline, and still a day later but not yet a day after it
        ([look("2026-03-14", newest=OLDER), look("2026-03-16 08:00", newest=OLDER)], "unknown regressed"),
        # the same day at another hour: the platform shows only the date by now
        ([look("2026-03-16 08:00", newest="2026-03-01 00:00")], "fail"),
    ],
)
def test_a_list_that_goes_back_behind_what_it_showed_is_not_believed_for_a_day(looks: list, expected: str) -> None:
    """Evidence of a deletion or of an old copy; the deadline stays that of the post that was seen."""
    assert (
        verdict(STALE, evidence("2026-03-20", [look(P), *looks], [post(P), post(OLDER, until="2026-03-19")]))
        == expected
    )


def _counted(when: str, posts: int, newest: str):  # type: ignore[no-untyped-def]
    return look(when, Feed(profile=Profile(posts=posts)), newest=newest, posts=10)


@pytest.mark.parametrize(
    ("posts", "count", "expected"),
    [
        ([post(P), post(OLDER, until="2026-03-19")], 99, "fail candidate"),
        ([post(P), post(OLDER, until="2026-03-19")], 100, "unknown regressed"),
        ([post(P), post(OLDER)], 99, "unknown regressed"),
        (
            [post(P), post(OLDER), post(OLDER, seen="2026-03-16", until="2026-03-19", key="theirs")],
            99,
            "unknown regressed",
        ),
    ],
    ids=["deleted", "no fewer counted", "nothing kept", "another list"],
)
def test_a_list_that_goes_back_is_a_deletion_only_where_the_rest_is_kept_and_fewer_are_counted(
    posts: list, count: int, expected: str
) -> None:
    """A list that hides its newest part, or that of another account, never becomes evidence of silence."""
    looks = [_counted(P, 100, P), _counted("2026-03-16", count, OLDER), _counted("2026-03-19", count, OLDER)]
    assert verdict(STALE, evidence("2026-03-20", looks, posts)) == expected


@pytest.mark.parametrize(("count", "expected"), [(99, "fail candidate"), (100, "unknown regressed")])
def test_a_list_that_went_back_more_than_twenty_looks_ago_is_measured_by_the_daily_counts(
    count: int, expected: str
) -> None:
    """By then the looks that are kept are the first, with a count of long ago, and those since it went back."""
    late = [_counted(f"2026-04-{day:02}", count, OLDER) for day in range(1, 21)]
    looks = [_counted("2026-01-01", 40, "2026-01-01"), *late]
    told = DayCount(target="a", day=at(P).date(), at=at(P), posts=100)
    posts = [post(P), post(OLDER, seen="2026-02-10", until="2026-04-20")]
    on = evidence("2026-04-20", looks, posts).model_copy(update={"series": (told,)})
    assert verdict(STALE, on) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((100, 101, 101), "fail"), ((100, 101, 102), "fail candidate"), ((100, 100, 99), "fail"), ((100,), "fail")],
    ids=["lagged on the first day", "more than shown", "fewer", "once"],
)
def test_a_list_that_stands_while_the_platform_counts_on_is_for_a_person(counts: tuple, expected: str) -> None:
    """An old list under a new count hides what was published since; so do posts that are for some readers only."""
    days = (P, "2026-03-01 20:00", "2026-03-20")[-len(counts) :]
    looks = [_counted(when, count, P) for when, count in zip(days, counts, strict=True)]
    assert verdict(STALE, evidence("2026-03-20", looks, [post(P)])) == expected


@pytest.mark.parametrize(("now", "expected"), [(120, "fail candidate"), (100, "fail")])
def test_what_was_counted_more_than_twenty_looks_ago_is_told_by_the_daily_counts(now: int, expected: str) -> None:
    """Else a person would be needed for three weeks of daily looks, and the account accused after them by itself."""
    looks = [_counted("2026-01-01", 40, "2026-01-01")]
    looks += [_counted(f"2026-04-{day:02}", now, P) for day in range(1, 21)]
    told = [DayCount(target="a", day=at(day).date(), at=at(day), posts=count)
            for day, count in (("2026-02-10", 80), ("2026-03-02", 100), ("2026-04-01", now))]  # fmt: skip
    theirs = DayCount(target="b", day=at(P).date(), at=at(P), posts=7)
    on = evidence("2026-04-20", looks, [post(P, until="2026-04-20")]).model_copy(update={"series": (*told, theirs)})
    assert verdict(STALE, on) == expected


WECHAT = account("wechat", sent=["mass_sent"], site=["published"])


def _sent(when: str, **more: object):  # type: ignore[no-untyped-def]
    return look(when, target="sent", covers=["mass_sent"], **more)  # type: ignore[arg-type]


def _site(when: str, **more: object):  # type: ignore[no-untyped-def]
    return look(when, target="site", covers=["published"], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("looks", "expected", "missing"),
    [
        ([_sent("2026-03-16")], "unknown not_seen_since_deadline", ("published",)),
        ([_site("2026-03-16")], "unknown not_seen_since_deadline", ("mass_sent",)),
        ([_sent("2026-03-16"), _site("2026-03-15 23:00")], "unknown not_seen_since_deadline", ("published",)),
        ([_sent("2026-03-16"), _site("2026-03-16")], "fail", ()),
        ([_sent("2026-03-16"), _site("2026-03-18", trusted=False)], "unknown not_seen_since_deadline", ("published",)),
    ],
)
def test_wechat_needs_mass_sent_and_published_articles_seen(
    looks: list, expected: str, missing: tuple[str, ...]
) -> None:
    """Never a zombie on 群发 evidence alone: an account may publish daily without sending to all."""
    posts = [post(P, target="sent"), post("2026-02-01", target="site")]
    seen = evidence("2026-03-20", [_sent(P), _site(P), *looks], posts, of=WECHAT)
    assert verdict(STALE, seen) == expected
    assert judge_one(STALE, seen).missing == missing


def test_one_newer_article_on_either_channel_passes() -> None:
    posts = [post(P, target="sent"), post("2026-03-15", target="site")]
    assert verdict(STALE, evidence("2026-03-20", [_sent("2026-03-20")], posts, of=WECHAT)) == "pass"


def test_one_feed_that_covers_both_kinds_is_enough() -> None:
    both = account("wechat", feed=["mass_sent", "published"])
    looks = [look(P, target="feed", covers=["mass_sent", "published"])]
    looks += [look("2026-03-16", target="feed", covers=["mass_sent", "published"])]
    assert verdict(STALE, evidence("2026-03-20", looks, [post(P, target="feed")], of=both)) == "fail"


def test_of_two_channels_with_the_same_cover_one_sound_look_is_enough() -> None:
    """The other may fail or lag; the proof names the one that was seen."""
    two = account("weibo", a=["posts"], b=["posts"])
    looks = [look(P), look("2026-03-16", Reason.TIMEOUT), look("2026-03-17", newest=OLDER, target="b")]
    posts = [post(P), post(OLDER, target="b")]
    found = judge_one(STALE, evidence("2026-03-20", looks, posts, of=two))
    assert found.outcome is Outcome.FAIL
    assert found.proof == (("b", at("2026-03-17")),)


def test_a_sound_channel_outweighs_a_doubtful_one_of_the_same_cover() -> None:
    """The list that went back is no part of the proof, so the answer is final and no candidate."""
    two = account("weibo", a=["posts"], b=["posts"])
    looks = [look(P), look(P, target="b"), look("2026-03-16", newest=OLDER), look("2026-03-18", newest=OLDER)]
    posts = [post(P), post(OLDER, until="2026-03-18"), post(OLDER, target="b")]
    assert verdict(STALE, evidence("2026-03-20", looks, posts, of=two)) == "fail candidate"
    sound = evidence("2026-03-20", [*looks, look("2026-03-17", target="b", newest=P)], posts, of=two)
    assert verdict(STALE, sound) == "fail"
    assert judge_one(STALE, sound).proof == (("b", at(P)), ("b", at("2026-03-17")))


@pytest.mark.parametrize(
    ("now", "expected"), [("2026-04-03 23:59:59", "fail"), ("2026-04-04", "unknown not_seen_lately")]
)
def test_what_was_seen_long_ago_says_nothing_of_the_time_that_is_asked_about(now: str, expected: str) -> None:
    """Silent at the last look that showed anything, of the 20th; it may have published in the fourteen days since."""
    looks = [look(P), look("2026-03-16"), look("2026-03-20"), look(now, Reason.CAPTCHA)]
    assert verdict(STALE, evidence(now, looks, [post(P)])) == expected


def test_a_kind_that_is_not_seen_any_more_is_not_known_whatever_another_one_shows() -> None:
    both = account("wechat", sent=["mass_sent"], site=["published"])
    looks = [look(when, target="sent", covers=["mass_sent"]) for when in (P, "2026-03-16")]
    looks += [look(when, target="site", covers=["published"], newest=OLDER) for when in (P, "2026-03-16", "2026-04-10")]
    looks.append(look("2026-04-10", Reason.LOGIN_REQUIRED, target="sent", covers=["mass_sent"]))
    on = evidence("2026-04-10", sorted(looks, key=lambda one: one.at), [post(P, target="sent")], of=both)
    assert verdict(STALE, on) == "unknown not_seen_lately"


def test_a_look_is_measured_by_what_its_channel_had_shown_by_then() -> None:
    """What the same channel showed only later does not make an earlier look an old copy."""
    two = account("weibo", a=["posts"], b=["posts"])
    posts = [post(P), post("2026-02-28 10:00", target="b"), post("2026-03-01 08:00", seen="2026-03-18", target="b")]
    looks = [
        look(P),
        look(P, target="b"),
        look("2026-03-16", target="b", newest="2026-02-28 10:00"),
        look("2026-03-18", target="b", trusted=False),
    ]
    assert verdict(STALE, evidence("2026-03-20", looks, posts, of=two)) == "fail"


@pytest.mark.parametrize(
    ("now", "looked", "expected"),
    [
        ("2026-03-07 12:00", "2026-03-07 12:00", "pass"),
        ("2026-03-08 00:00", "2026-03-08 00:00", "at_risk 7"),  # the first second of day 7
        ("2026-03-08 12:00", "2026-03-07 23:59", "pass"),  # day 7, but last seen on day 6
        ("2026-03-10 12:00", "2026-03-10 12:00", "at_risk 7"),
        ("2026-03-11 12:00", "2026-03-11 12:00", "at_risk 10"),
        ("2026-03-12 12:00", "2026-03-10 12:00", "at_risk 7"),  # day 11, last seen on day 9
        ("2026-03-13 12:00", "2026-03-13 12:00", "at_risk 12"),
        ("2026-03-14 12:00", "2026-03-14 12:00", "at_risk 13"),
        ("2026-03-15 23:59", "2026-03-15 23:59", "at_risk 13"),
        ("2026-03-15 23:59", "2026-03-02 12:00", "pass"),  # long not seen: nobody is warned on a guess
    ],
)
def test_a_reminder_needs_a_look_on_its_day_or_later(now: str, looked: str, expected: str) -> None:
    """Reminders at 7, 10, 12 and 13 days of silence (ours; the circulars count them)."""
    assert verdict(STALE, evidence(now, [look(P), look(looked)], [post(P)])) == expected


@pytest.mark.parametrize(
    "seen_on_day_8",
    [
        look("2026-03-09", trusted=False),
        look("2026-03-09", "pinned only", newest=P),
        look("2026-03-09", "blank"),
        look("2026-03-09", Reason.RATE_LIMITED),
        look("2026-03-09", newest=OLDER),
    ],
)
def test_a_look_that_could_not_prove_silence_reminds_nobody(seen_on_day_8: object) -> None:
    looks = [look(P), seen_on_day_8]
    assert verdict(STALE, evidence("2026-03-09", looks, [post(P), post(OLDER)])) == "pass"  # type: ignore[list-item]


def test_half_the_coverage_reminds_nobody() -> None:
    """A WeChat account may publish every day without sending to all: 群发 evidence alone is no warning either."""
    posts = [post(P, target="sent"), post(OLDER, target="site")]
    looks = [_sent(P), _site(P), _sent("2026-03-09")]
    assert verdict(STALE, evidence("2026-03-09", looks, posts, of=WECHAT)) == "pass"
    assert verdict(STALE, evidence("2026-03-09", [*looks, _site("2026-03-09")], posts, of=WECHAT)) == "at_risk 7"


@pytest.mark.parametrize(
    ("days", "klass"),
    [
        (15, "STALE"),
        (30, "STALE"),
        (31, "SLEEPING"),
        (90, "SLEEPING"),
        (91, "ZOMBIE"),
        (365, "ZOMBIE"),
        (366, "DEEP_ZOMBIE"),
        (1100, "DEEP_ZOMBIE"),
    ],
)
def test_the_class_follows_the_days_of_silence(days: int, klass: str) -> None:
    """Our own labels, more than 14, 30, 90 and 365 days; the official word stays 内容不更新."""
    now = at("2026-03-01 12:00")
    found = judge_one(STALE, evidence(now, [look(now)], [post(now - days * DAY)]))
    assert found.values["klass"] == klass
    assert found.values["days_silent"] == days
    assert found.since == found.deadline == at("2026-03-01") - (days - 15) * DAY


@pytest.mark.parametrize(("days", "last_day"), [(7, "2026-03-08"), (10, "2026-03-11"), (14, "2026-03-15")])
def test_a_local_rulebook_may_ask_for_more(days: int, last_day: str) -> None:
    """Gansu asks for a week, Fujian for ten days; a warning never falls after the deadline."""
    local = STALE.model_copy(update={"params": {"days": days, "warn_days": (days, days + 1)}})
    end = at(last_day) + DAY
    found = judge_one(local, evidence(end - SECOND, [look(P), look(end - SECOND)], [post(P)]))
    assert (found.outcome, found.deadline, found.warns_at) == (Outcome.AT_RISK, end, None)
    assert verdict(local, evidence(end, [look(P), look(end)], [post(P)])) == "fail"


def test_the_proof_names_the_first_and_the_last_look_that_showed_nothing_newer() -> None:
    """Two looks apart confirm an alert; an earlier look that saw the same newest post is the first of them."""
    looks = [look(P), look("2026-03-10"), look("2026-03-16"), look("2026-03-18"), look("2026-03-19", Reason.TIMEOUT)]
    found = judge_one(STALE, evidence("2026-03-20", looks, [post(P)]))
    assert found.proof == (("a", at(P)), ("a", at("2026-03-18")))


def test_a_post_that_is_shown_late_counts_by_its_own_date_and_older_looks_prove_nothing() -> None:
    """A back-dated or delayed post: the looks that should have shown it and did not are no part of the proof."""
    posts = [post("2026-02-01"), post(P, seen="2026-03-20")]
    found = judge_one(
        STALE, evidence("2026-03-20", [look("2026-02-01"), look("2026-03-18"), look("2026-03-20")], posts)
    )
    assert found.values["newest"] == "2026-03-01"
    assert found.proof == (("a", at("2026-03-20")),)


@pytest.mark.parametrize("hour", [0, 7, 8, 15, 16, 23])
def test_an_instant_is_the_same_day_however_its_zone_is_written(hour: int) -> None:
    """Dates are Shanghai's: 16:00 UTC is the next day there."""
    moment = datetime(2026, 3, 1, hour, tzinfo=UTC)
    found = judge_one(STALE, evidence(moment + HOUR, [look(moment + HOUR)], [post(moment)]))
    day = (moment + timedelta(hours=8)).date()
    assert found.values["newest"] == day.isoformat()
    assert found.deadline == at(day.isoformat()) + 15 * DAY


def test_a_silence_by_dates_that_a_list_now_shows_otherwise_is_for_a_person() -> None:
    """The first answer dated all posts a year too early; the next one has them right, and they were read as known."""
    seen = evidence("2026-03-03", [look("2026-03-01", newest="2025-02-28"), look("2026-03-03", newest="2026-02-28")],
                    [post("2025-02-28", seen="2026-03-01")])  # fmt: skip
    assert verdict(STALE, seen) == "fail candidate"
