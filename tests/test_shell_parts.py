"""The parts of an empty shell: each told by what was seen, and none by what no channel tells."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mediawatch.core.lifecycle import State
from mediawatch.core.model import Feed, MenuItem, Outcome, Profile, Reason, SeenPost
from mediawatch.core.rules import judge_one
from mediawatch.core.rules.shell_parts import PARTS, shell_parts
from mediawatch.core.wording import SHELL, say
from mediawatch.rulebook_file import load_rulebook
from tests.tables import EMPTY, account, evidence, look, post

BOOK = load_rulebook("national-2019")
DAY_1, LAST = "2026-03-01 09:00", "2026-04-10 09:00"


def shell(*, posts: list[SeenPost] | None = None, menu: tuple[MenuItem, ...] | None = None, **told: Any) -> Any:
    seen = Feed(profile=Profile(**told), menu=menu)
    return evidence(LAST, [look(DAY_1, seen, posts=0), look(LAST, seen, posts=0)], posts or [])


def repost(day: str) -> SeenPost:
    return post(day).model_copy(update={"repost": True})


@pytest.mark.parametrize(
    ("on", "parts", "asked"),
    [
        # all of it
        (shell(posts=None, menu=(), followers=0, verified=False, comments_open=False),
         "never_posted,unverified,incomplete,no_menu,no_comments,no_followers", 6),
        # a channel that tells only whether there are posts, and its profile page
        (shell(description="某县发布"), "never_posted", 2),
        (shell(), "never_posted,incomplete", 2),
        # told, and well
        (shell(menu=(MenuItem(path="办事"),), followers=5, verified=True, comments_open=True, description="x"),
         "never_posted", 6),
        # it posts: its own words, or only those of others
        (shell(posts=[post("2026-03-02")], description="x"), "", 3),
        (shell(posts=[repost("2026-03-02"), repost("2026-03-03")], description="x"), "reposts_only", 3),
        (shell(posts=[repost("2026-03-02"), post("2026-03-03")], description="x"), "", 3),
        # the platform counts posts that it does not show
        (shell(posts=None, description="x").model_copy(update={"looks": (
            look(LAST, Feed(profile=Profile(posts=3, description="x")), posts=0),)}), "", 2),
        # nothing was read: nothing is told
        (evidence(LAST, [look(LAST, Reason.CAPTCHA)]), "", 0),
        (evidence(LAST), "", 0),
    ],
)  # fmt: skip
def test_a_part_holds_only_where_a_channel_tells_it(on: Any, parts: str, asked: int) -> None:
    found = shell_parts(on)
    assert (found["parts"], found["asked"]) == (parts, asked)
    assert found["score"] == len(list(filter(None, parts.split(","))))


def test_what_an_incident_covers_tells_no_part() -> None:
    bad = Feed(profile=Profile(verified=False, followers=0))
    good = Feed(profile=Profile(verified=True, followers=9, description="x"))
    on = evidence(LAST, [look(DAY_1, good, posts=0), look(LAST, bad, posts=0, trusted=False)])
    assert shell_parts(on)["parts"] == "never_posted"


def test_a_feed_that_shows_no_description_does_not_make_a_profile_incomplete() -> None:
    on = evidence(LAST, [look(LAST, Feed(profile=Profile(name="x")), posts=0, covers=["posts"])])
    assert shell_parts(on)["parts"] == "never_posted"


def test_the_sentence_lists_the_parts_in_both_languages() -> None:
    found = judge_one(EMPTY, shell(posts=None, followers=3, verified=False, description="x"))
    assert (found.outcome, found.values["klass"]) == (Outcome.FAIL, "EMPTY_SHELL")
    line = BOOK.indicator("U6")
    told = "可查的 4 项特征中有 2 项：从未发布 [2026-04-10 a]、未认证 [2026-04-10 a]。"
    assert told in say(line, found, "zh_CN")
    marks = "Of 4 marks that can be told 2 hold (never posted [2026-04-10 a], not verified [2026-04-10 a])."
    assert marks in say(line, found, "en")
    assert set(SHELL) == set(PARTS)


def test_each_part_names_the_look_that_told_it_last() -> None:
    """A profile read on one day by one channel, a list on another by a second one."""
    page = look("2026-03-05", Feed(profile=Profile(verified=False, description="", followers=0)), posts=0)
    feed = look("2026-04-10", Feed(), posts=0, target="b", covers=["posts"])
    found = shell_parts(evidence("2026-04-10", [page, feed.model_copy(update={"adapter": "feed"})]))
    assert found["parts"] == "never_posted,unverified,incomplete,no_followers"
    assert found["grounds"] == "2026-04-10 feed,2026-03-05 a,2026-03-05 a,2026-03-05 a"


def test_silent_asleep_empty_and_stopped_but_still_there_are_labels_apart() -> None:
    """A label is a value of the finding it belongs to; none stands in another's."""
    closed = account().model_copy(update={"state": State.CLOSED, "state_since": date(2026, 1, 1)})
    there = evidence(LAST, [look(LAST, Feed(profile=Profile(name="x")))], of=closed)
    silent = [(age, evidence(LAST, [look(LAST)], [post(day)])) for age, day in (
        ("STALE", "2026-03-20"), ("SLEEPING", "2026-03-01"), ("ZOMBIE", "2026-01-01"), ("DEEP_ZOMBIE", "2025-01-01"),
    )]  # fmt: skip
    classes = [judge_one(BOOK.indicator("U1"), on).values["klass"] for _, on in silent]
    assert classes == [age for age, _ in silent]
    assert judge_one(BOOK.indicator("R6"), there).values["klass"] == "STOPPED_NOT_CANCELLED"
    assert judge_one(EMPTY, shell()).values["klass"] == "EMPTY_SHELL"
