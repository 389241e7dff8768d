"""The rulebook that comes with the program, and what is said of one that cannot be used."""

from __future__ import annotations

import string
import textwrap
from pathlib import Path

import pytest

from mediawatch.core.model import Finality
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules import RULES
from mediawatch.rulebook_file import RulebookError, UnknownRulebook, built_in, load_rulebook

BOOK = load_rulebook("national-2019")

# What each rule puts into `Finding.values`, by outcome; `why` is made for every unknown.
STALE = {"days", "days_silent", "days_left", "newest", "last_day"}
REACH = {"days", "visits", "failed", "percent", "need", "missing", "notice_days"}
COLUMNS = {"columns", "stale", "long", "empty", "unread", "stale_names", "empty_names"}
PARTS = {"parts", "grounds", "score", "asked", "verified", "menu", "comments"}
SHELL = {"days", "posts", "followers", "watched_days", "registered"} | PARTS
NAME = {"days", "name", "before", "changed", "last_day"}
VERIFIED = {"verified", "type", "reason", "type_before", "reason_before"}
MENU = {"entries", "dead", "links"}
ARTICLES = {"asked", "found", "deleted", "violation", "reviewing", "infringing", "blocked"}
WEEK = STALE - {"days"} | {"week", "monday"}
MONTH = {"month", "newest_original", "last_day", "posts"}
ZERO = {"days", "first", "watched_days", "posts", "followers", "following"}
TASKS = {"tasks", "late", "waiting", "names"}
REPLIES = {"term", "letters", "late", "waiting", "good", "oldest", "last_day"}
TWICE = {"shown", "others", "count", "since"}
VALUES = {
    "stale": {"pass": STALE, "at_risk": STALE | {"step"}, "fail": STALE | {"klass"}},
    "empty_shell": {"pass": {"days"} | PARTS - {"grounds"}, "at_risk": SHELL, "fail": SHELL | {"klass"}},
    "renamed": dict.fromkeys(("pass", "at_risk", "fail"), NAME),
    "verification": {"pass": VERIFIED, "fail": VERIFIED | {"changed"}},
    "bought_fans": {
        "pass": {"known", "followers"},
        "fail": {"known", "followers", "day", "before", "after", "rise", "limit"},
    },
    "menu": {"pass": MENU, "fail": MENU | {"first", "times"}},
    "interaction": {"pass": {"by"}, "fail": {"by", "first", "days"}},
    "articles": {"pass": ARTICLES, "fail": ARTICLES | {"first"}},
    "moved": {"pass": {"asked"}, "fail": {"asked", "state", "target", "first", "pages"}},
    "gone": {"pass": set[str](), "fail": {"said", "times", "first", "last"}},
    "app_listed": {"pass": {"version", "store", "updated"}, "fail": {"stores", "times", "first"}},
    "app_downloads": {"pass": {"status", "size"}, "fail": {"status", "size", "first", "times"}},
    "app_package": {
        "pass": {"package", "version", "size"},
        "fail": {"package", "version", "size", "problem", "first", "times"},
    },
    "app_current": {key: {"days", "age", "updated", "store"} for key in ("pass", "fail")},
    "app_back_end": {"pass": {"status"}, "fail": {"status", "problem", "first", "times"}},
    "certificate": {"pass": {"state", "ends"}, "fail": {"state", "ends", "left", "first"}},
    "app_opens": {"pass": {"device", "os"}, "fail": {"device", "os", "problem", "first", "times"}},
    "unreachable": dict.fromkeys(("pass", "at_risk", "fail", "unknown"), REACH),
    "home_stale": {key: {"days", "days_silent", "newest", "last_day", "dates"} for key in ("pass", "fail")},
    "columns": dict.fromkeys(("pass", "at_risk", "fail"), COLUMNS),
    "dead_links": {key: {"dead", "suspected", "asked", "links"} for key in ("pass", "fail")},
    "registered_twice": {"fail": TWICE | {"last"}, "unknown": TWICE},
    "look_alike": {"pass": {"shown"}, "fail": TWICE | {"last"}, "unknown": TWICE},
    "unverified": {"pass": {"reason"}, "fail": {"last"}},
    "shown_in_state": {"pass": {"since"}, "fail": {"since", "last"}, "unknown": {"since"}},
    "weekly": {"pass": WEEK, "at_risk": WEEK | {"step"}, "fail": WEEK},
    "monthly_original": {"pass": MONTH, "at_risk": MONTH | {"step"}, "fail": MONTH},
    "zero_counts": {"pass": {"days"}, "at_risk": ZERO, "fail": ZERO},
    "filing_number": {"pass": {"number", "where"}, "fail": {"first", "times"}},
    "sponsor_level": {"pass": {"level"}, "fail": {"level", "sponsor", "last"}},
    "content_hits": {
        "pass": {"days"},
        "fail": {"days", "posts", "terms", "shown", "first", "source"},
        "unknown": {"days"},
    },
    "repost_share": {key: {"days", "posts", "reposts", "percent"} for key in ("pass", "fail")},
    "deletions": {
        "pass": {"days", "deleted", "left"},
        "fail": {"days", "deleted", "left", "first", "newest"},
        "unknown": {"days"},
    },
    "backdated": {"pass": {"days"}, "fail": {"days", "posts", "claimed", "first", "looks"}, "unknown": {"days"}},
    "hijacked_links": {"pass": {"asked", "found"}, "fail": {"asked", "found", "links", "first"}},
    "burst": {"pass": {"gap"}, "fail": {"gap", "posts", "before", "first", "last"}},
    "required_reposts": {"pass": {"tasks", "late", "waiting"}, "at_risk": TASKS, "fail": TASKS},
    "replies": dict.fromkeys(("pass", "at_risk", "fail"), REPLIES),
    "app_closing": {"pass": {"announced", "notice", "gone"}, "fail": {"announced", "notice", "gone", "fault"}},
    "ipv6": {"pass": {"status", "last"}, "fail": {"status", "last", "problem", "first", "days"}},
    "app_misuse": {"pass": {"where", "last"}, "fail": {"where", "last", "terms", "shown", "source"}},
    "app_feedback": {key: {"who", "day"} for key in ("pass", "fail")},
    "last_minute": {"pass": {"gaps", "long", "last", "percent", "most"}},
    "posts_again": {"pass": {"closed"}, "fail": {"closed", "posts", "first", "last"}},
    "still_alive": {"pass": {"closed", "last_day"}, "fail": {"closed", "days", "last_day", "last"}},
    "unannounced": {"pass": {"notice", "announced"}, "fail": {"state", "posts", "last"}},
    "migration_notice": {"pass": {"kept", "days"}, "fail": {"kept", "days", "first", "last", "until"}},
}


def sentences(indicator: Indicator) -> list[tuple[str, str]]:
    says = indicator.says
    said = {"pass": says.pass_, "at_risk": says.at_risk, "fail": says.fail, "unknown": says.unknown}
    return [(name, text) for name, words in said.items() if words for text in (words.zh_CN, words.en)]


def test_the_book_holds_the_vetoes_that_the_rules_serve() -> None:
    assert "national-2019" in built_in()
    assert [(one.id, one.number, one.rule, one.severity, one.finality) for one in BOOK.indicators] == [
        ("U1", "N2.1", "stale", "veto", Finality.AUTO),
        ("U6", "", "empty_shell", "serious", Finality.AUTO),
        ("A6", "", "gone", "serious", Finality.AUTO),
        ("R5", "", "posts_again", "serious", Finality.CANDIDATE),
        ("R6", "", "still_alive", "serious", Finality.CANDIDATE),
        ("R8S", "", "unannounced", "notice", Finality.CANDIDATE),
        ("U7", "", "deletions", "notice", Finality.CANDIDATE),
        ("U8", "W1", "backdated", "serious", Finality.CANDIDATE),
        ("U9", "", "last_minute", "notice", Finality.CANDIDATE),
        ("U9E", "", "burst", "notice", Finality.CANDIDATE),
        ("C2", "N1.3", "content_hits", "serious", Finality.CANDIDATE),
        ("C3", "", "content_hits", "serious", Finality.CANDIDATE),
        ("C4", "", "content_hits", "serious", Finality.CANDIDATE),
        ("C5", "", "repost_share", "notice", Finality.CANDIDATE),
        ("C6", "", "content_hits", "notice", Finality.CANDIDATE),
        ("I6", "N3.2", "content_hits", "serious", Finality.CANDIDATE),
        ("CW", "", "content_hits", "notice", Finality.CANDIDATE),
        ("A3L", "N2.2", "app_listed", "veto", Finality.AUTO),
        ("A3V", "", "app_current", "notice", Finality.CANDIDATE),
        ("A3D", "N2.2", "app_downloads", "veto", Finality.CANDIDATE),
        ("A3P", "N2.2", "app_package", "veto", Finality.CANDIDATE),
        ("A3B", "N2.2", "app_back_end", "veto", Finality.CANDIDATE),
        ("A4", "N2.2", "app_opens", "veto", Finality.CANDIDATE),
        ("A1", "W2", "unreachable", "veto", Finality.CANDIDATE),
        ("T1", "", "certificate", "notice", Finality.AUTO),
        ("U10", "W3", "home_stale", "veto", Finality.AUTO),
        ("U11", "W4", "columns", "veto", Finality.CANDIDATE),
        ("A7", "", "dead_links", "notice", Finality.AUTO),
        ("C2H", "N1.3", "hijacked_links", "serious", Finality.CANDIDATE),
        ("R8", "", "migration_notice", "serious", Finality.CANDIDATE),
        ("A6M", "", "moved", "serious", Finality.CANDIDATE),
        ("A6D", "", "articles", "notice", Finality.CANDIDATE),
        ("A7M", "", "menu", "notice", Finality.CANDIDATE),
        ("I1", "N3.1", "interaction", "veto", Finality.CANDIDATE),
        ("I2", "W5", "replies", "veto", Finality.CANDIDATE),
        ("I3", "", "replies", "notice", Finality.CANDIDATE),
        ("I4", "", "replies", "notice", Finality.CANDIDATE),
        ("I5", "N3.2", "bought_fans", "veto", Finality.CANDIDATE),
        ("R2", "", "verification", "notice", Finality.CANDIDATE),
        ("R3N", "", "renamed", "notice", Finality.CANDIDATE),
        ("R1", "", "registered_twice", "notice", Finality.CANDIDATE),
        ("R9", "", "registered_twice", "notice", Finality.CANDIDATE),
        ("R9V", "", "unverified", "notice", Finality.CANDIDATE),
        ("R9L", "", "shown_in_state", "serious", Finality.CANDIDATE),
        ("R4U", "", "shown_in_state", "serious", Finality.CANDIDATE),
        ("R4E", "", "shown_in_state", "serious", Finality.CANDIDATE),
        ("R10", "", "look_alike", "notice", Finality.CANDIDATE),
        ("A8", "", "ipv6", "notice", Finality.CANDIDATE),
    ]
    assert {one.rule for one in BOOK.indicators} <= set(RULES)
    assert len(BOOK.edition) == 64


def test_fourteen_days_and_their_warnings_are_in_the_book() -> None:
    update = BOOK.indicator("U1")
    assert update.params["days"] == 14
    assert update.params["warn_days"] == [7, 10, 12, 13]
    assert update.params["classes"] == {"STALE": 14, "SLEEPING": 30, "ZOMBIE": 90, "DEEP_ZOMBIE": 365}
    assert update.needs_for("wechat") == ("mass_sent", "published")
    assert update.needs_for("weibo") == update.needs_for("video") == ("posts",)


PUBLISHED = {
    "监测时间点前2周内无更新": "S6",
    "对长期零发布、零粉丝、零关注的，要加快清理整合": "S19",
    "超过1年不更新，成为僵尸号": "S19",
    "2020年全国检查通报点名的应用“安装后无法打开”": "S0b",
    "超过三个月未更新": "S6",
    "更新间隔时间不得超过14天": "S23",
}
"""What may be quoted as official text: read where its own publisher published it (no ◇ in the list of sources)."""


def test_nothing_is_quoted_as_official_text_that_only_others_have_copied() -> None:
    """No vetoes of websites and no 互动回应差: self-checks and circulars of others repeat them."""
    cited = [
        one
        for name in built_in()
        if name != "template"
        for line in load_rulebook(name).indicators
        for one in line.cites
    ]
    assert {one.text for one in cited if one.confidence == "verified"} == PUBLISHED.keys()


def test_only_wording_that_was_checked_is_marked_verified() -> None:
    marks = {one.id: [citation.confidence for citation in one.cites] for one in BOOK.indicators}
    assert marks["U1"] == ["verified", "ours", "ours"]
    assert marks["A6"] == ["corroborated", "ours"]
    for app in ("A3L", "A3D", "A3P", "A3B"):
        assert marks[app] == ["from_memory", "ours"]
    assert marks["A3V"] == ["ours"]
    assert marks["A4"] == ["from_memory", "verified", "ours"]


@pytest.mark.parametrize("indicator", BOOK.indicators, ids=lambda one: one.id)
def test_every_sentence_names_only_what_its_rule_provides(indicator: Indicator) -> None:
    for outcome, text in sentences(indicator):
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        provided = {"why"} if outcome == "unknown" else set[str]()
        provided |= VALUES[indicator.rule].get(outcome, set())
        assert named <= provided, (outcome, text)


@pytest.mark.parametrize("indicator", BOOK.indicators, ids=lambda one: one.id)
def test_an_unknown_says_that_it_accuses_nobody(indicator: Indicator) -> None:
    words = indicator.says.unknown
    assert "不是该" in words.zh_CN
    assert "问题结论" in words.zh_CN
    assert "This is no finding against the" in words.en


def test_the_label_of_a_class_is_in_no_sentence() -> None:
    assert not any("klass" in text or "僵尸" in text for one in BOOK.indicators for _, text in sentences(one))


MINIMAL = """\
id: mine
title: {zh_CN: 我, en: mine}
in_force_from: 2024-01-01
indicators:
  - id: X
    title: {zh_CN: 甲, en: x}
    rule: stale
    applies_to: [weibo]
    params: {days: 7}
    severity: veto
    cites: [{text: t, confidence: ours}]
    says:
      pass: {zh_CN: "{newest}", en: ok}
      fail: {zh_CN: 不, en: no}
      unknown: {zh_CN: "{why}", en: "{why}"}
"""


def refused(folder: Path, text: str) -> str:
    (folder / "b.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        load_rulebook("b.yaml", folder)
    return str(caught.value).replace(f"{folder}/", "")


def test_a_rulebook_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(MINIMAL, encoding="utf-8")
    assert load_rulebook("./b.yaml", tmp_path).indicator("X").params == {"days": 7}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: mine", "idd: mine", "b.yaml:1:1: `id` is missing\nb.yaml:1:1: unknown key `idd`; did you mean `id`?"),
        ("2024-01-01", "soon", "b.yaml:3:16: in_force_from: must be a date like 2019-04-01"),
        ("rule: stale", "rule: stael", "b.yaml:7:11: indicators[0].rule: unknown rule `stael`; did you mean `stale`?"),
        ("[weibo]", "[wiebo]", "b.yaml:8:18: indicators[0].applies_to[0]: unknown kind `wiebo`; did you mean `weibo`?"),
        ("{days: 7}", "{day: 7}", "b.yaml:9:14: indicators[0].params: unknown key `day`; did you mean `days`?"),
        ("{days: 7}", "{days: x}", "b.yaml:9:20: indicators[0].params.days: must be a whole number"),
        ("severity: veto", "severity: bad", "b.yaml:10:15: indicators[0].severity: must be one of 'veto', 'serious', "
         "'notice'"),
        ("{newest}", "{newest.__class__}", "b.yaml:13:21: indicators[0].says.pass.zh_CN: may hold {name} of a value "
         "only"),
        ("{newest}", "{newest!r}", "b.yaml:13:21: indicators[0].says.pass.zh_CN: may hold {name} of a value only"),
        ("{newest}", "{newest", "b.yaml:13:21: indicators[0].says.pass.zh_CN: is no template; write {{ and }} for "
         "braces"),
        ("  - id: X", "  - id: X\n    pid: 1", "b.yaml:6:5: indicators[0]: unknown key `pid`"),
    ],
)  # fmt: skip
def test_a_wrong_rulebook_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert refused(tmp_path, MINIMAL.replace(old, new, 1)) == said


def test_an_indicator_may_stand_once_only(tmp_path: Path) -> None:
    twice = MINIMAL + MINIMAL.partition("indicators:\n")[2]
    assert refused(tmp_path, twice) == "b.yaml:16:9: indicators[1].id: `X` is used twice"


def test_a_rulebook_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownRulebook, match=r"unknown rulebook `xizang`; known: .*national-2019"):
        load_rulebook("xizang")
    with pytest.raises(RulebookError, match="there is no such file"):
        load_rulebook("none.yaml", tmp_path)
