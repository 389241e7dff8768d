"""Data into words: each answer has its sentence in both languages, and what is unknown says why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mediawatch.adapters import apk, h5, ipv6, launch
from mediawatch.core.filling import filled
from mediawatch.core.incidents import Incident, assess
from mediawatch.core.model import Finding, Outcome, Reason
from mediawatch.core.problem_words import PROBLEMS
from mediawatch.core.rulebook import Language, Sentences, Words
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.wording import COVERAGE, REASONS, WHY, incident_in_short, incident_says, say, why
from tests.tables import BOOK, STALE, at, evidence, look, outcome, post, words

LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")
BOTH = Words(zh_CN="已 {days_silent} 天（{said}）{why}", en="{days_silent} days ({said}) {why}")
SPOKEN = STALE.model_copy(
    update={"says": Sentences.model_validate({"pass": words("ok"), "fail": BOTH, "unknown": BOTH})}
)
NOW = at("2026-03-01")


def _found(which: Outcome, **more: object) -> Finding:
    fields = {"account": "acc", "indicator": "stale", "outcome": which, "judged_at": NOW, "holds_until": NOW}
    return Finding.model_validate({**fields, **more})


def test_the_sentence_is_the_rulebooks_own_with_the_numbers_filled_in() -> None:
    found = _found(Outcome.FAIL, values={"days_silent": 15, "said": "gone"})
    assert say(SPOKEN, found, "zh_CN") == "已 15 天（平台称账号不存在）"
    assert say(SPOKEN, found, "en") == "15 days (the platform says there is no such account) "


def test_a_value_that_is_missing_or_empty_shows_as_a_dash_and_a_bracket_about_nothing_is_left_out() -> None:
    assert say(SPOKEN, _found(Outcome.FAIL, values={"days_silent": None}), "en") == "- days "
    told = "空白 {empty} 个（读取：{names}），未达到"
    assert filled(told, {"empty": 0, "names": "-"}) == "空白 0 个，未达到"
    assert filled(told, {"empty": 1, "names": "要闻（2026-01-02）"}) == "空白 1 个（读取：要闻（2026-01-02）），未达到"
    assert filled("{a}（{b}，{c}）", {"a": "（{c}）"}) == "（{c}）（-，-）", "nor is a value ever a template"


def test_a_book_without_a_sentence_for_at_risk_uses_the_one_for_pass() -> None:
    assert say(SPOKEN, _found(Outcome.AT_RISK), "en") == "ok"


def test_unknown_says_what_we_lack_and_what_kept_us_from_seeing() -> None:
    found = _found(
        Outcome.UNKNOWN,
        values={"why": "not_seen_since_deadline"},
        missing=("published",),
        reason=Reason.LOGIN_REQUIRED,
    )
    assert why(found, "zh_CN") == "期限届满后尚未经全部必要渠道成功读取；平台要求登录；缺少渠道：发布（未群发）文章"
    assert why(found, "en") == (
        "not every needed channel has been read since the deadline; the platform asks us to log in; "
        "not covered: published articles that were not mass-sent"
    )
    assert why(_found(Outcome.UNKNOWN), "en") == ""


def test_a_kind_of_coverage_without_a_word_shows_by_its_name() -> None:
    assert why(_found(Outcome.UNKNOWN, missing=("sound",)), "en") == "not covered: sound"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_why_has_its_words(language: Language) -> None:
    for table in (WHY, REASONS, COVERAGE):
        assert all(entry.in_(language).strip() for entry in table.values())
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_why_a_look_failed_can_be_said_of_an_unknown(reason: Reason) -> None:
    found = judge_one(STALE, evidence("2026-03-20", [look("2026-03-19", reason)]))
    assert outcome(found) == "unknown never_seen"
    assert REASONS[reason].en in why(found, "en")


def test_text_in_a_value_is_never_a_template() -> None:
    """A value with braces stays as it is: it is filled in once."""
    found = _found(Outcome.FAIL, values={"days_silent": "{why.__class__}"})
    assert say(SPOKEN, found, "en") == "{why.__class__} days "


def test_every_answer_of_every_rule_can_be_said() -> None:
    for now in ("2026-03-01", "2026-03-10", "2026-03-16", "2026-04-20"):
        for looks in ([], [look("2026-03-01", Reason.GONE)], [look("2026-03-01"), look(now)]):
            for found in judge(BOOK, evidence(now, looks, [post("2026-03-01")])):
                assert say(BOOK.indicator(found.indicator), found, "zh_CN")


@pytest.mark.parametrize(
    ("kind", "detail", "chinese", "english"),
    [
        ("blind", "platform_down (12 of 12 looks)", "最近 12 次读取中 12 次失败，多为：平台或服务器无法正常应答",
         "12 of 12 looks: the platform or server did not answer properly"),
        ("blind", "blank (4 of 6 looks)", "最近 6 次读取中 4 次失败，多为：没有显示任何内容",
         "4 of 6 looks: showed nothing at all"),
        ("stale", "canary silent: canary/x", "常更新的对照账号 canary/x 没有新内容",
         "canary/x, known to post often, shows nothing new"),
        ("login", "hidden post not shown: canary/x", "canary/x 仅登录可见的内容没有显示",
         "the post of canary/x that only a login may see is not shown"),
        ("drift", "weibo_open unreadable (5 looks in a row)", "连续 5 次返回内容无法识别",
         "5 answers in a row could not be read"),
    ],
)  # fmt: skip
def test_an_incident_is_told_in_words_of_both_languages(kind: str, detail: str, chinese: str, english: str) -> None:
    found = Incident.model_validate({"platform": "weibo", "kind": kind, "since": NOW, "detail": detail})
    assert chinese in incident_says(found, "zh_CN")
    assert english in incident_says(found, "en")
    assert incident_in_short(f"{kind}: {detail}", "zh_CN").endswith("：" + chinese)
    assert incident_in_short(f"{kind}: {detail}", "en").endswith(": " + english)


def test_an_old_incident_of_another_form_is_shown_as_it_was_kept() -> None:
    assert incident_in_short("whatever", "zh_CN") == "whatever"


def test_what_is_found_to_be_an_incident_has_words() -> None:
    looks = tuple(look(f"2026-03-01 0{hour}:00", Reason.PLATFORM_DOWN, target=f"t{hour}") for hour in range(4))
    found = assess("weibo", looks, frozenset(), at("2026-03-01 05:00"), timedelta(days=1))
    assert found is not None
    assert incident_says(found, "zh_CN") == (
        "weibo：平台当前无法读取（最近 4 次读取中 4 次失败，多为：平台或服务器无法正常应答），"
        "其间的读取不影响任何账号的评价"
    )


def test_whatever_is_wrong_with_an_app_or_a_page_is_said_in_words() -> None:
    """And no word is kept for what no reader finds."""
    found = {*apk.PROBLEMS, *h5.PROBLEMS, *ipv6.PROBLEMS, *launch.PROBLEMS, "older_version", "slow"}
    assert set(PROBLEMS) == found
