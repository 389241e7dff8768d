"""Menus, ways to interact, and articles that were there: what a channel tells, and what it must not be taken for."""

from __future__ import annotations

from typing import Any

import pytest

from mediawatch.core.model import Article, Articles, Feed, Finality, Look, MenuItem, Profile, Reason
from mediawatch.core.rules import judge_one
from mediawatch.core.wording import say
from mediawatch.rulebook_file import load_rulebook
from tests.tables import account, at, evidence, indicator, look, post, verdict

BOOK = load_rulebook("national-2019")
CANDIDATE: dict[str, Any] = {"if_watched": True, "finality": Finality.CANDIDATE}
MENU = indicator("menu", ["wechat"], needs={"any": ("menu",)}, **CANDIDATE)
TALK = indicator("interaction", ["wechat", "weibo"], needs={"wechat": ("menu",), "weibo": ("comments",)}, **CANDIDATE)
ARTICLES = indicator("articles", ["wechat"], needs={"any": ("articles",)}, **CANDIDATE)
MOVED = indicator("moved", ["wechat"], needs={"any": ("articles",)}, **CANDIDATE)

WECHAT = account("wechat", a=["menu", "articles"])
WEIBO = account("weibo", a=["posts", "comments"])

ABOUT = MenuItem(path="关于我们")
TALKS = MenuItem(path="互动/留言", url="https://x.example/talk")
DEAD = MenuItem(path="办事/指南", url="https://x.example/guide", dead=True)
DEAD_TALK = TALKS.model_copy(update={"dead": True})


def menu(*items: MenuItem, comments: bool | None = None) -> Feed:
    return Feed(menu=items, profile=Profile(comments_open=comments))


def judged(of: Any, looks: list, who: Any = WECHAT) -> str:
    return verdict(of, evidence("2026-04-01", looks, of=who))


FIRST, SECOND_ = "2026-03-01 09:00", "2026-03-02 09:00"


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look(FIRST, Reason.LOGIN_REQUIRED)], "unknown never_seen"),
        ([look(FIRST, Feed())], "unknown menu_not_told"),
        ([look(FIRST, menu(ABOUT))], "pass"),
        # once is not enough, twice in a row is
        ([look(FIRST, menu())], "unknown menu_once"),
        ([look(FIRST, menu()), look(SECOND_, menu())], "fail candidate"),
        ([look(FIRST, menu(ABOUT, DEAD)), look(SECOND_, menu(ABOUT, DEAD))], "fail candidate"),
        # two links that were dead once each are none that is dead
        ([look(FIRST, menu(ABOUT, DEAD)), look(SECOND_, menu(ABOUT, DEAD_TALK))], "unknown menu_once"),
        ([look(FIRST, menu(ABOUT, DEAD)), look(SECOND_, menu(DEAD, DEAD_TALK))], "fail candidate"),
        ([look(FIRST, menu()), look(SECOND_, menu(ABOUT))], "pass"),
        ([look(FIRST, menu()), look("2026-03-01 10:00", menu(ABOUT)), look(SECOND_, menu())], "unknown menu_once"),
        # a link that was not opened is not dead
        ([look(FIRST, menu(TALKS)), look(SECOND_, menu(TALKS))], "pass"),
        # a look that failed between, or that does not tell, changes nothing
        ([look(FIRST, menu()), look("2026-03-01 10:00", Reason.BLOCKED), look(SECOND_, menu())], "fail candidate"),
        ([look(FIRST, menu()), look("2026-03-01 10:00", Feed()), look(SECOND_, menu())], "fail candidate"),
        # what an incident covers proves nothing
        ([look(FIRST, menu()), look(SECOND_, menu(), trusted=False)], "unknown menu_once"),
    ],
)
def test_a_menu_is_empty_or_dead_when_two_looks_in_a_row_say_so(looks: list, expected: str) -> None:
    assert judged(MENU, looks) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # a living entry, or comments that are open
        (menu(TALKS, comments=False), menu(TALKS, comments=False), "pass"),
        (menu(comments=True), menu(comments=True), "pass"),
        # neither, on two days
        (menu(ABOUT, comments=False), menu(ABOUT, comments=False), "fail candidate"),
        (menu(comments=False), menu(comments=False), "fail candidate"),
        # the only entry is dead
        (menu(DEAD_TALK, comments=False), menu(DEAD_TALK, comments=False), "fail candidate"),
        # other names of an entry
        (
            menu(MenuItem(path="服务/12345热线"), comments=False),
            menu(MenuItem(path="民意征集"), comments=False),
            "pass",
        ),
        # what is not told is not missing
        (menu(ABOUT), menu(ABOUT), "unknown interaction_not_told"),
        (Feed(profile=Profile(comments_open=False)), Feed(profile=Profile()), "unknown interaction_not_told"),
        (Feed(), Feed(), "unknown interaction_not_told"),
        # opened again
        (menu(comments=False), menu(comments=True), "pass"),
        (menu(comments=True), menu(comments=False), "unknown interaction_once"),
    ],
)
def test_a_wechat_account_needs_comments_or_an_entry_of_its_menu(first: Feed, second: Feed, expected: str) -> None:
    assert judged(TALK, [look(FIRST, first), look(SECOND_, second)]) == expected


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look(FIRST, Feed(profile=Profile(comments_open=True)))], "pass"),
        ([look(FIRST, Feed(profile=Profile(comments_open=False)))], "unknown interaction_once"),
        # twice on one day is one day; the next begins at midnight in Shanghai
        ([look(t, Feed(profile=Profile(comments_open=False))) for t in ("2026-03-01", "2026-03-01 23:59:59")],
         "unknown interaction_once"),
        ([look(t, Feed(profile=Profile(comments_open=False))) for t in ("2026-03-01 23:59:59", "2026-03-02 00:00")],
         "fail candidate"),
        ([look(FIRST, Feed(profile=Profile(comments_open=False))),
          look(SECOND_, Feed(profile=Profile(comments_open=False)), trusted=False)], "unknown interaction_once"),
        ([look(FIRST, Feed(profile=Profile()))], "unknown interaction_not_told"),
    ],
)  # fmt: skip
def test_a_weibo_account_that_lets_nobody_comment_on_two_days(looks: list, expected: str) -> None:
    assert judged(TALK, looks, WEIBO) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ([], "fail candidate"),
        ([post("2026-02-20", target="b", until="2026-03-05")], "fail candidate"),
        # what is sent to all followers the list of the other way does not hold, nor whether it may be commented on
        ([post("2026-02-28", target="b")], "unknown interaction_not_told"),
        ([post("2026-03-01 20:00", target="b", seen="2026-03-01 21:00")], "unknown interaction_once"),
    ],
)
def test_comments_of_what_is_no_longer_published_say_nothing_of_what_is_sent(sent: list, expected: str) -> None:
    both = account("wechat", a=["menu", "published"], b=["mass_sent"])
    shut = menu(ABOUT, comments=False)
    looks = [look(when, shut, posts=3, newest="2026-02-27") for when in (FIRST, SECOND_)]
    assert verdict(TALK, evidence("2026-04-01", looks, sent, of=both)) == expected


def says(when: str, open_: bool, target: str) -> Look:
    return look(when, Feed(profile=Profile(comments_open=open_)), target=target)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        # looked at twice about midnight, between two looks at the other
        ([says("2026-03-01", True, "b"), says("2026-03-01 23:50", False, "a"), says("2026-03-02 00:10", False, "a")],
         "pass"),
        # the other has said nothing for more than a week
        ([says("2026-03-01", True, "b"), says("2026-03-08", False, "a"), says("2026-03-09", False, "a")],
         "fail candidate"),
        # the other took it back itself
        ([says("2026-03-01", True, "b"), says("2026-03-02", False, "b"), says("2026-03-03", False, "a")],
         "fail candidate"),
    ],
)  # fmt: skip
def test_what_another_channel_showed_lately_was_there(looks: list, expected: str) -> None:
    assert judged(TALK, looks, account("weibo", a=["comments"], b=["comments"])) == expected


def pages(*states: str, target: str = "") -> Articles:
    return Articles(
        articles=tuple(
            Article.model_validate({"url": f"https://x.example/{place}", "state": state, "target": target})
            for place, state in enumerate(states)
        )
    )


@pytest.mark.parametrize(
    ("looks", "articles", "moved"),
    [
        ([], "unknown never_seen", "unknown never_seen"),
        ([look(FIRST, Reason.CAPTCHA)], "unknown never_seen", "unknown never_seen"),
        ([look(FIRST, pages("alive", "alive"))], "pass", "pass"),
        ([look(FIRST, pages("alive", "deleted"))], "fail candidate", "pass"),
        ([look(FIRST, pages("violation"))], "fail candidate", "pass"),
        # a wrong address says nothing
        ([look(FIRST, pages("bad_link"))], "unknown never_seen", "unknown never_seen"),
        # put back, or passed the review
        ([look(FIRST, pages("reviewing")), look(SECOND_, pages("alive"))], "pass", "pass"),
        ([look(FIRST, pages("alive")), look(SECOND_, pages("deleted"))], "fail candidate", "pass"),
        # an incident covers it; a page that was not read this time keeps its last word
        ([look(FIRST, pages("alive")), look(SECOND_, pages("deleted"), trusted=False)], "pass", "pass"),
        ([look(FIRST, pages("deleted")), look(SECOND_, Reason.CAPTCHA)], "fail candidate", "pass"),
        ([look(FIRST, pages("moved"))], "pass", "fail candidate"),
        ([look(FIRST, pages("cancelled", "cancelled"))], "pass", "fail candidate"),
        # a later page that is alive contradicts
        ([look(FIRST, pages("moved", "alive")), look(SECOND_, pages("moved", "alive"))], "pass", "fail candidate"),
        ([look(FIRST, pages("moved")), look(SECOND_, Articles(articles=(
            Article(url="https://x.example/9", state="alive"),)))], "pass", "unknown contradicted"),
    ],
)  # fmt: skip
def test_the_last_word_on_each_article_counts(looks: list, articles: str, moved: str) -> None:
    assert (judged(ARTICLES, looks), judged(MOVED, looks)) == (articles, moved)


def test_a_migration_is_told_with_its_target_and_its_looks() -> None:
    seen = [look(FIRST, pages("moved", target="某市融媒")), look(SECOND_, pages("moved", target="某市融媒"))]
    found = judge_one(MOVED, evidence("2026-04-01", seen, of=WECHAT))
    assert found.values == {"asked": 1, "state": "moved", "target": "某市融媒", "first": "2026-03-01", "pages": 1}
    assert found.proof == (("a", at(FIRST)), ("a", at(SECOND_)))
    assert "已不在原处（已迁移），去向：某市融媒" in say(BOOK.indicator("A6M"), found, "zh_CN")


def test_how_it_can_be_interacted_with_is_said_in_words() -> None:
    found = judge_one(TALK, evidence("2026-04-01", [look(FIRST, menu(TALKS))], of=WECHAT))
    assert "the menu has an entry for it" in say(BOOK.indicator("I1"), found, "en")
