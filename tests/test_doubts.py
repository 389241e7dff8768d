"""Why a fail needs a person: the reasons as tables of evidence, and in words that say what to check."""

from __future__ import annotations

import string
from datetime import datetime

import pytest

from mediawatch.core.beside import Beside
from mediawatch.core.doubt_words import DOUBTS, doubts
from mediawatch.core.model import (
    Account,
    Evidence,
    Feed,
    Finality,
    Listing,
    Look,
    Outcome,
    Page,
    Profile,
    Reason,
    SeenPost,
)
from mediawatch.core.rulebook import Indicator, Language
from mediawatch.core.rules import judge_one
from mediawatch.core.rules.doubts import NAMED, reasons, without_reasons
from mediawatch.core.wording import say
from mediawatch.frozen import agree
from tests.tables import DAY, EMPTY, GONE, LISTED, STALE, account, at, counts, evidence, indicator, look, post, verdict

CAREFUL = STALE.model_copy(update={"params": {"watched_throughout": True}})
STRICT = STALE.model_copy(update={"params": {"watched_throughout": True, "deleted_count": False}})
LONG_AGO, LANGUAGES = "2025-11-01", ("zh_CN", "en")


def told(of: Indicator, on: Evidence) -> dict[str, object]:
    """The reasons of an answer and what they name; nothing where it has none."""
    found = judge_one(of, on)
    assert (found.finality is Finality.CANDIDATE) is ("doubts" in found.values), "a reason for each, and none without"
    names = {"doubts", "final_from"}.union(*NAMED.values())
    return {name: value for name, value in found.values.items() if name in names}


# --- since when the channel was watched, whose looks are the proof ---------------------------------------------------

TWO = account("weibo", a=["posts"], b=["posts"])
WECHAT = account("wechat", sent=["mass_sent"], site=["published"])
P = "2026-03-01 09:00"  # the deadline is the first instant of 16 March
FORTNIGHTS = ("2026-01-01", "2026-01-15", "2026-01-29", "2026-02-12", "2026-02-26")


def seen(*looks: Look, now: str, of: Account = TWO) -> Evidence:
    """Every channel shows the same old post, which the first look found."""
    targets = dict.fromkeys(one.target for one in looks)
    first = min(one.at for one in looks)
    posts = [post(LONG_AGO, seen=first, target=target) for target in targets]
    return evidence(now, [one.model_copy(update={"newest_at": at(LONG_AGO)}) for one in looks], posts, of=of)


def other(when: str, saw: Reason | str = "posts", platform: str = "p", newest: str = P) -> Look:
    """A look by the second channel, which shows the newest post, too."""
    return look(when, saw, target="b", platform=platform, newest=None if isinstance(saw, Reason) else newest)


@pytest.mark.parametrize(
    ("looks", "expected", "final_from"),
    [
        # the channel that was watched since January shows nothing newer by the deadline
        ([look("2026-03-20"), other("2026-03-19"), other("2026-03-20")], "fail", None),
        # it cannot be seen any more, and the only one that can was added lately: it may show an old copy
        ([other("2026-03-19"), other("2026-03-20")], "fail candidate", "2026-04-03"),
        ([look("2026-03-20", Reason.CAPTCHA), other("2026-03-20")], "fail candidate", "2026-04-04"),
        ([look("2026-03-20", "pinned only"), other("2026-03-20")], "fail candidate", "2026-04-04"),
        # it showed something before there was a whole list: it is watched since then
        ([other("2026-03-05", "pinned only"), other("2026-03-20")], "fail", None),
        ([other("2026-03-06", "pinned only"), other("2026-03-20")], "fail candidate", "2026-03-21"),
        # and not since a look that showed nothing
        ([other("2026-02-01", Reason.TIMEOUT), other("2026-03-20")], "fail candidate", "2026-04-04"),
        # another platform than that of the channel that is blind is no second witness to a silence that it did not see
        ([other("2026-03-20", platform="bridge")], "fail candidate", "2026-04-04"),
        # one that shows the same, however young, is
        ([look("2026-03-20"), other("2026-03-20", platform="bridge")], "fail", None),
    ],
)
def test_a_silence_is_watched_since_the_channel_was_that_shows_it(
    looks: list[Look], expected: str, final_from: str | None
) -> None:
    """The account has been watched since January, and published on 1 March; judged on 20 March."""
    posts = [post(P, until="2026-03-10"), post(LONG_AGO, seen="2026-03-05", target="b")]
    watched = [look("2026-01-01", newest=LONG_AGO), look(P), look("2026-03-10")]
    on = evidence("2026-03-20 23:59", [*watched, *looks], posts, of=TWO)
    assert verdict(CAREFUL, on) == expected
    assert judge_one(CAREFUL, on).values.get("final_from") == final_from
    assert verdict(STALE, on) == "fail", "a book that does not ask for it"


@pytest.mark.parametrize(
    ("looks", "since"),
    [
        ([*FORTNIGHTS, "2026-03-10", "2026-03-20"], None),
        # from 12 February to 1 March is a silence, to the end of 27 February a day late would be none
        (["2026-01-29", "2026-02-12", "2026-02-28 09:00", "2026-03-05", "2026-03-11"], "2026-02-28"),
        (["2026-01-29", "2026-02-12", "2026-02-27 23:59", "2026-03-05", "2026-03-11"], None),
        # what happened in a pause nobody saw, of whichever the last one is
        (["2026-01-01", "2026-02-01", "2026-03-01", "2026-03-11"], "2026-03-01"),
        # by then it has been watched again for as long as is asked
        (["2026-01-01", "2026-03-01", "2026-03-09", "2026-03-16"], None),
        # evidence holds the first look and the last twenty: what lies between is no pause
        (["2026-01-01", *(f"2026-03-10 {hour:02}:00" for hour in range(20))], None),
    ],
)  # fmt: skip
def test_a_pause_in_which_a_silence_fits_is_not_watched(looks: list[str], since: str | None) -> None:
    found = told(CAREFUL, seen(*map(look, looks), now=looks[-1]))
    assert found.get("watched_since") == since
    assert (found.get("doubts") == "unwatched") == (since is not None)


@pytest.mark.parametrize(
    ("of", "newest", "expected"),
    [
        # a bridge that serves what it read in November, and another account's, show no silence
        (TWO, LONG_AGO, "fail candidate"),
        (TWO, "2026-02-28 08:59", "fail candidate"),
        # channels date a post in their own ways
        (TWO, "2026-02-28 09:00", "fail"),
        (TWO, P, "fail"),
        # one that shows it is there, however many do not
        (account("weibo", a=["posts"], b=["posts"], c=["posts"]), LONG_AGO, "fail"),
    ],
)
def test_a_channel_that_missed_what_another_one_showed_is_no_proof_alone(
    of: Account, newest: str, expected: str
) -> None:
    """Watched for as long as the other, which is blind since the 10th."""
    days = (*FORTNIGHTS, "2026-03-01 10:00", "2026-03-05")
    looks = [look(when, newest=P if when >= "2026-03-01" else LONG_AGO) for when in days]
    looks += [look(when, Reason.CAPTCHA) for when in ("2026-03-10", "2026-03-20")]
    looks += [other(when, newest=newest if when >= "2026-03-01" else LONG_AGO) for when in (*days, "2026-03-20")]
    looks += [look(when, newest=P, target="c") for when in (*days, "2026-03-20") if len(of.targets) == 3]
    posts = [post(P, seen="2026-03-01 10:00", until="2026-03-05"), post(LONG_AGO, seen="2026-01-01", target="b")]
    on = evidence("2026-03-20 23:59", sorted(looks, key=lambda one: one.at), posts, of=of)
    assert verdict(CAREFUL, on) == expected
    assert told(CAREFUL, on).get("unseen_post") == (None if expected == "fail" else "2026-03-01")


@pytest.mark.parametrize(("newest", "expected"), [(LONG_AGO, "pass"), (P, "at_risk")])
def test_nobody_is_reminded_by_a_channel_that_missed_what_another_one_showed(newest: str, expected: str) -> None:
    looks = [look(P, newest=P), look("2026-03-03", Reason.CAPTCHA), other("2026-03-12", newest=newest)]
    found = judge_one(CAREFUL, evidence("2026-03-12", looks, [post(P), post(LONG_AGO, seen=P, target="b")], of=TWO))
    assert found.outcome.value == expected


def test_a_list_of_another_kind_need_not_show_the_newest_post() -> None:
    """A mass-sent article is not in the list of those that were only published."""
    days = (*FORTNIGHTS, P, "2026-03-10", "2026-03-20")
    looks = [look(when, newest=P, target="sent", covers=["mass_sent"]) for when in days]
    looks += [look(when, newest=LONG_AGO, target="site", covers=["published"]) for when in days]
    posts = [post(P, target="sent"), post(LONG_AGO, seen="2026-01-01", target="site")]
    assert verdict(CAREFUL, evidence("2026-03-20", sorted(looks, key=lambda one: one.at), posts, of=WECHAT)) == "fail"


def test_of_two_young_channels_the_one_that_is_watched_throughout_first_is_waited_for() -> None:
    young = [look("2026-03-10"), look("2026-03-20"), other("2026-03-19"), other("2026-03-20")]
    assert told(CAREFUL, seen(*young, now="2026-03-20")) == {
        "doubts": "unwatched", "watched_since": "2026-03-10", "final_from": "2026-03-25"
    }  # fmt: skip
    blind = [look("2026-03-01"), other("2026-03-15"), other("2026-03-20")]
    assert told(CAREFUL, seen(*blind, now="2026-03-20"))["final_from"] == "2026-03-30", "and none that is blind by then"


@pytest.mark.parametrize(
    ("sent", "site", "expected"),
    [
        ("2026-01-01", "2026-01-01", {}),
        ("2026-01-01", "2026-03-19", {"watched_since": "2026-03-19", "final_from": "2026-04-03"}),
        ("2026-03-12", "2026-03-19", {"watched_since": "2026-03-19", "final_from": "2026-04-03"}),
        ("2026-03-19", "2026-03-12", {"watched_since": "2026-03-19", "final_from": "2026-04-03"}),
    ],
)
def test_every_kind_that_is_needed_was_watched_by_a_channel_of_its_own(
    sent: str, site: str, expected: dict[str, object]
) -> None:
    """A WeChat account whose mass-sent articles are watched for months, and whose site since yesterday."""
    looks = [
        look(when, target=target, covers=[covers])
        for target, covers, began in (("sent", "mass_sent", sent), ("site", "published", site))
        for when in (*FORTNIGHTS, "2026-03-12", "2026-03-19", "2026-03-20")
        if began <= when
    ]
    found = told(CAREFUL, seen(*looks, now="2026-03-20", of=WECHAT))
    assert found == ({"doubts": "unwatched", **expected} if expected else {})


def test_the_proof_is_of_the_channel_that_was_watched_throughout() -> None:
    """Though another one has looked for longer since the newest post is known."""
    looks = [other("2026-03-02"), look("2026-03-03"), other("2026-03-16"), look("2026-03-17")]
    looks = [*map(look, FORTNIGHTS), *looks]
    posts = [post("2026-02-28", seen="2026-03-02", target="b")]
    looks = [one.model_copy(update={"newest_at": at("2026-02-28")}) for one in looks]
    found = judge_one(CAREFUL, evidence("2026-03-17", looks, [*posts, post("2026-02-01", seen="2026-02-28")], of=TWO))
    assert found.finality is Finality.AUTO
    assert found.proof == (("a", at("2026-03-03")), ("a", at("2026-03-17")))


@pytest.mark.parametrize(
    ("began", "expected"),
    [("2026-03-14 23:00", {}), ("2026-03-15", {"doubts": "unwatched", "watched_since": "2026-03-15",
                                               "final_from": "2026-06-16"})],
)  # fmt: skip
def test_a_book_that_counts_months_asks_for_as_many_of_watching(began: str, expected: dict[str, object]) -> None:
    """Three months; the account's other channel, which is blind now, was watched for a year."""
    months = STALE.model_copy(update={"params": {"watched_throughout": True, "months": 3}})
    looks = [look("2025-06-01", Feed(complete=False), posts=0)]
    looks += [other(when, newest=LONG_AGO) for when in (began, "2026-06-15")]
    posts = [post(LONG_AGO, seen=began, target="b")]
    assert told(months, evidence("2026-06-15", looks, posts, of=TWO)) == expected


def test_it_is_final_at_the_first_look_of_the_day_that_was_named() -> None:
    looks = [look("2026-03-06 21:30"), look("2026-03-20 23:59:59")]
    before = judge_one(CAREFUL, seen(*looks, now="2026-03-20 23:59:59"))
    assert (before.finality, before.values["final_from"]) == (Finality.CANDIDATE, "2026-03-21")
    after = judge_one(CAREFUL, seen(*looks, look("2026-03-21"), now="2026-03-21"))
    assert (after.finality, after.values.get("doubts"), after.values.get("final_from")) == (Finality.AUTO, None, None)
    nobody_looked = judge_one(CAREFUL, seen(*looks, now="2026-04-03 23:59"))
    assert nobody_looked.values["final_from"] == "2026-03-21", "time alone proves nothing"


def test_nothing_is_said_to_become_final_by_itself_that_will_not() -> None:
    """Another reason stands, or the book wants a person in any case."""
    on = seen(look("2026-03-20"), now="2026-03-20")
    assert "final_from" in judge_one(CAREFUL, on).values
    always = CAREFUL.model_copy(update={"finality": Finality.CANDIDATE})
    assert told(always, on) == {"doubts": "unwatched", "watched_since": "2026-03-20"}
    dated_otherwise = [look("2026-03-19", newest="2025-02-28"), look("2026-03-20", newest="2026-02-28")]
    on = evidence("2026-03-20", dated_otherwise, [post("2025-02-28", seen="2026-03-19")])
    assert told(CAREFUL, on)["doubts"] == "unwatched,redated"
    assert "final_from" not in told(CAREFUL, on)


@pytest.mark.parametrize(
    ("young", "expected"),
    [("2026-01-15", {}), ("2026-02-20", {"doubts": "count_unwatched", "watched_since": "2026-02-20",
                                         "final_from": "2026-03-22"})],
)  # fmt: skip
def test_a_count_of_none_is_believed_of_the_time_in_which_its_own_channel_was_watched(
    young: str, expected: dict[str, object]
) -> None:
    """A feed is watched since January and shows no item; the page that counts none came later, and is years old."""
    page = counts(0, registered="2020-01-01")
    looks = [look("2026-01-01", "pinned only", target="b", posts=0)]
    looks += [look(when, page, posts=0) for when in (young, "2026-03-01")]
    assert told(EMPTY, evidence("2026-03-01", looks, of=TWO)) == expected


# --- each reason, by what was seen -----------------------------------------------------------------------------------


def _counted(when: str, posts: int, newest: str) -> Look:
    return look(when, Feed(profile=Profile(posts=posts)), newest=newest, posts=10)


def _deleted() -> Evidence:
    """A post of 5 March was shown once; those before and after it in the list are there still."""
    posts: list[SeenPost] = [post(P, until="2026-03-21"), post("2026-02-01", until="2026-03-21"), post("2026-03-05")]
    page = Feed(oldest_at=at("2026-02-01"))
    looks = [look("2026-02-02"), look("2026-03-05", page, newest="2026-03-05", posts=10)]
    looks += [look(day, page, newest=P, posts=10) for day in ("2026-03-19", "2026-03-21")]
    return evidence("2026-03-21", looks, posts)


def _gone(**beside: object) -> Evidence:
    looks = [look("2026-03-01"), look("2026-03-02", Reason.GONE), look("2026-03-03", Reason.GONE)]
    return evidence("2026-03-03", looks).model_copy(update={"beside": Beside.model_validate(beside)})


def _home(
    *, dates: int = 9, first: str = "2026-02-01", before: str = "2026-02-01", filled_in: bool = False
) -> Evidence:
    """A home page on the 1st of March and at its first look, and the newest date that it showed then."""
    late = Page(opened=True, newest_at=at("2026-02-01"), dates=dates, filled_in=filled_in)
    looks = [look(first, late.model_copy(update={"newest_at": at(before)}), covers=["home"])]
    looks.append(look("2026-03-01", late, covers=["home"]))
    return evidence("2026-03-01", looks, of=account("website", a=["home"]))


WENT_BACK = [look(P), look("2026-03-16", newest="2026-02-10"), look("2026-03-18", newest="2026-02-10")]
HOME = indicator("home_stale", ["website"], needs={"any": ("home",)})
CROWD = GONE.model_copy(update={"params": {"took_back": 2}})
BOTH = GONE.model_copy(update={"params": {"both": True}})

EACH = {
    "unwatched": (CAREFUL, seen(look("2026-03-20"), now="2026-03-20"), {"watched_since": "2026-03-20",
                                                                        "final_from": "2026-04-04"}),
    "went_back": (STALE, evidence("2026-03-20", WENT_BACK, [post(P, until="2026-03-07"),
                                                            post("2026-02-10", until="2026-03-19")]),
                  {"hidden_post": "2026-03-01", "last_shown": "2026-03-07"}),
    "deleted": (STRICT, _deleted(), {"deleted_post": "2026-03-05"}),
    "unseen_beside": (STALE, evidence("2026-03-20", [look(P, newest=P), other("2026-03-20", newest=LONG_AGO)],
                                      [post(P)], of=TWO), {"unseen_post": "2026-03-01"}),
    "counts_more": (STALE, evidence("2026-03-20", [_counted(P, 100, P), _counted("2026-03-20", 107, P)], [post(P)]),
                    {"counted_first": 100, "counted_last": 107}),
    "redated": (STALE, evidence("2026-03-03", [look("2026-03-01", newest="2025-02-28"),
                                               look("2026-03-03", newest="2026-02-28")],
                                [post("2025-02-28", seen="2026-03-01")]), {"dated_before": "2026-02-28"}),
    "count_unwatched": (EMPTY, evidence("2026-03-01", [look("2026-03-01", counts(0, registered="2020-01-01"),
                                                            posts=0)]),
                        {"watched_since": "2026-03-01", "final_from": "2026-03-31"}),
    "not_counted": (EMPTY, evidence("2026-04-01", [look(day, "blank") for day in ("2026-03-01", "2026-04-01")]), {}),
    "no_followers": (EMPTY, evidence("2026-04-01", [look(day, counts(0, followers=0), posts=0)
                                                    for day in ("2026-03-01", "2026-04-01")]), {}),
    "crowd": (CROWD, _gone(gone_with=4), {"others": 4}),
    "canary_gone": (CROWD, _gone(gone_with=4, canary_gone=True), {"others": 4}),
    "taken_back": (CROWD, _gone(were_back=3), {"back": 3}),
    "still_shown": (BOTH, evidence("2026-03-03", [look("2026-03-02", Reason.GONE), other("2026-03-02 20:00"),
                                                  look("2026-03-03", Reason.GONE)], of=TWO), {}),
    "page_unwatched": (HOME.model_copy(update={"params": {"watched_throughout": True}}), _home(first="2026-02-20"),
                       {"watched_since": "2026-02-20", "final_from": "2026-03-07"}),
    "page_back": (HOME, _home(first="2026-02-10", before="2026-02-09"),
                  {"hidden_post": "2026-02-09", "last_shown": "2026-02-10"}),
    "page_filled": (HOME, _home(filled_in=True), {}),
    "store_blank": (LISTED.model_copy(update={"params": {"days": 2}}),
                    evidence("2026-03-02", [look(day, Listing(present=False, blank=True), covers=["listing"])
                                            for day in ("2026-03-01", "2026-03-02")],
                             of=account("app", a=["listing"])), {}),
    "few_dates": (HOME, _home(dates=4), {"fewest": 4, "least_dates": 5}),
}  # fmt: skip


@pytest.mark.parametrize("code", list(NAMED))
def test_each_reason_is_told_with_what_its_words_name(code: str) -> None:
    of, on, expected = EACH[code]
    assert told(of, on) == {"doubts": code, **expected}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(NAMED))
def test_each_reason_is_said_behind_the_sentence_with_what_to_check(code: str, language: Language) -> None:
    of, on, expected = EACH[code]
    said = say(of, judge_one(of, on), language)
    because = doubts(judge_one(of, on), language, ahead=False)
    assert said.endswith(f"：{because}】" if language == "zh_CN" else f": {because}.]")
    assert (
        ("请" in because) if language == "zh_CN" else any(word in because for word in ("open", "check", "find", "log"))
    )
    assert not any(mark in because for mark in ("{", "}", " -", "- "))
    assert all(
        str(value) in because
        for name, value in expected.items()
        if name != "final_from" and (name != "others" or code == "crowd")
    )


def test_words_name_only_what_the_finding_holds() -> None:
    assert set(DOUBTS) == set(NAMED)
    for code, words in DOUBTS.items():
        for text in (words.zh_CN, words.en):
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} == set(NAMED[code])


def test_the_officer_reads_since_when_it_is_watched_and_when_none_need_look() -> None:
    found = judge_one(CAREFUL, seen(look("2026-03-20"), now="2026-03-20"))
    assert say(CAREFUL, found, "zh_CN", ahead=True).endswith(
        "【线索，须人工核实后方可通报：本系统自 2026-03-20 起才连续读取其列表，不足所要求的期限，也没有另一平台印证，"
        "所见可能是旧内容：请打开该账号核对；2026-04-04 起（含当日）再读到同样结果的，不再需要人工核实】"
    )
    assert say(CAREFUL, found, "en", ahead=True).endswith(
        "[A candidate: a person must confirm it first: its list has been read without a pause only since 2026-03-20, "
        "for less time than is asked about, and no other platform shows the same, so that it may be an old copy: open "
        "the account and see; "
        "from 2026-04-04 on, a look that shows the same needs no person.]"
    )
    assert say(CAREFUL, found, "en", confirmed=True).endswith("[A person has confirmed it.]")
    once = say(CAREFUL, found, "zh_CN")
    assert once.endswith("所见可能是旧内容：请打开该账号核对】"), (
        "an inspection or a paper is judged once: no waiting helps"
    )


@pytest.mark.parametrize("code", list(NAMED))
def test_a_finding_of_before_there_were_reasons_reads_as_it_did(code: str) -> None:
    of, on, _ = EACH[code]
    found = judge_one(of, on)
    old = without_reasons(found)
    assert "doubts" not in old.values
    assert say(of, old, "zh_CN").endswith("【线索，须人工核实后方可通报】")
    assert say(of, old, "en").endswith("[A candidate: a person must confirm it first.]")
    assert old.model_copy(update={"values": found.values}) == found, "nothing else of it is another"
    if code in ("crowd", "taken_back"):
        assert {"others", "back"} & old.values.keys(), "they were told before"


def test_what_was_frozen_without_reasons_is_held_against_the_answer_alone() -> None:
    """An inspection of before there were any is no forgery for that; one that has them is held against them, too."""
    of, on, _ = EACH["went_back"]
    found = judge_one(of, on)
    old, other_day = without_reasons(found), {**found.values, "last_shown": "2026-03-08"}
    assert agree([found], [found])
    assert agree([found], [old])
    assert not agree([old], [found])
    assert not agree([found], [found.model_copy(update={"values": other_day})])
    assert not agree([found], [old.model_copy(update={"finality": Finality.AUTO})])
    assert not agree([found], [])


def test_a_reason_that_is_not_known_any_more_is_left_out() -> None:
    found = judge_one(CAREFUL, seen(look("2026-03-20"), now="2026-03-20"))
    odd = found.model_copy(update={"values": {**found.values, "doubts": "moon_phase"}})
    assert doubts(odd, "en", ahead=True) == ""
    assert say(CAREFUL, odd, "en").endswith("[A candidate: a person must confirm it first.]")


def test_the_reasons_stay_the_same_from_one_look_to_the_next() -> None:
    """They name instants and not how long it has been, so that an answer is not another each day because of them."""
    days: list[datetime] = [at("2026-03-10") + number * DAY for number in range(10)]
    looks = [look(day) for day in days]
    said = {tuple(told(CAREFUL, seen(*looks[: n + 1], now=days[n].strftime("%Y-%m-%d"))).items()) for n in range(10)}
    assert said == {(("doubts", "unwatched"), ("watched_since", "2026-03-10"), ("final_from", "2026-03-25"))}


def test_where_no_reason_stands_none_is_told() -> None:
    assert reasons({}, STALE, at("2026-03-01")) == {}
    found = judge_one(STALE, seen(look("2026-03-20"), now="2026-03-20"))
    assert (found.outcome, doubts(found, "en", ahead=True)) == (Outcome.FAIL, "")
