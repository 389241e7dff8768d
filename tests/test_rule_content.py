"""Hits and the share of reposts, judged: candidates while they are young, and never more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.model import Evidence, Hit, Outcome, Reason
from mediawatch.core.rules import judge_one
from tests.tables import DAY, MEDIA, at, evidence, indicator, look, outcome, post

PERSONAL = indicator("content_hits", MEDIA, finality="candidate", params={"category": "personal"})
MIX = indicator("repost_share", MEDIA, finality="candidate")
LOOKS = [look("2026-03-01"), look("2026-03-02")]


def hit(when: str = "2026-03-01", category: str = "personal", target: str = "a", **more: Any) -> Hit:
    said = {"post": "1", "term": "mobile", "place": "text", "start": 3, "shown": "138******78", "source": "x@1"}
    return Hit(target=target, category=category, at=at(when), **{**said, **more})


def told(now: str, hits: list[Hit], looks: Any = None) -> str:
    on = evidence(now, LOOKS if looks is None else looks).model_copy(update={"hits": tuple(hits)})
    return outcome(judge_one(PERSONAL, on))


@pytest.mark.parametrize(
    ("now", "hits", "expected"),
    [
        ("2026-03-05", [], "pass"),
        ("2026-03-05", [hit()], "fail candidate"),
        ("2026-03-05", [hit(category="forced")], "pass"),
        ("2026-03-30 23:59:59", [hit()], "fail candidate"),
        ("2026-03-31", [hit()], "pass"),  # thirty days after it was first seen
    ],
)
def test_a_hit_is_a_candidate_for_thirty_days(now: str, hits: list[Hit], expected: str) -> None:
    assert told(now, hits) == expected


def test_of_an_account_that_nobody_could_see_nothing_is_said() -> None:
    assert told("2026-03-05", [], []) == "unknown never_seen"
    assert told("2026-03-05", [], [look("2026-03-01", Reason.CAPTCHA)]) == "unknown never_seen"


def test_a_hit_names_its_posts_and_spans_and_is_confirmed_by_the_next_look() -> None:
    hits = (hit(), hit(post="2", term="id_number", shown="110******56"))
    found = judge_one(PERSONAL, evidence("2026-03-05", LOOKS).model_copy(update={"hits": hits}))
    assert found.values["posts"] == 2
    assert found.values["shown"] == "“138******78”；“110******56”"
    assert found.proof == (("a", at("2026-03-01")), ("a", at("2026-03-02")))
    assert found.since == at("2026-03-01")


def test_what_two_channels_show_of_one_post_is_one_post() -> None:
    shown = [
        (post("2026-03-01 08:00", key="1"), "https://weibo.com/7/P0001"),
        (post("2026-03-01 08:00", key="p1", target="b"), "https://m.weibo.cn/status/P0001"),
        (post("2026-03-02 08:00", key="2"), "https://weibo.com/7/P0002"),
    ]
    posts = [one.model_copy(update={"url": url}) for one, url in shown]
    hits = (hit(), hit(post="p1", target="b"), hit("2026-03-02", post="2"))
    looks = [look("2026-03-02"), look("2026-03-02", target="b")]
    found = judge_one(PERSONAL, evidence("2026-03-05", looks, posts).model_copy(update={"hits": hits}))
    assert (found.values["posts"], found.values["shown"]) == (2, "“138******78”")


def test_posts_that_the_record_no_longer_hands_out_are_counted_by_one_channel() -> None:
    hits = (hit(), hit(post="2"), hit(post="p1", target="b"), hit(post="p2", target="b"))
    found = judge_one(PERSONAL, evidence("2026-03-05", LOOKS).model_copy(update={"hits": hits}))
    assert found.values["posts"] == 2


@pytest.mark.parametrize(
    ("reposts", "own", "expected"),
    [
        (0, 0, "pass"),
        (9, 0, "pass"),  # too few to say
        (10, 0, "fail candidate"),
        (19, 1, "fail candidate"),  # 95 % itself
        (18, 1, "pass"),
        (0, 20, "pass"),
    ],
)
def test_nothing_but_reposts(reposts: int, own: int, expected: str) -> None:
    posts = [post("2026-03-01", key=f"r{n}").model_copy(update={"repost": True}) for n in range(reposts)]
    posts += [post("2026-03-01", key=f"o{n}") for n in range(own)]
    assert outcome(judge_one(MIX, evidence("2026-03-05", LOOKS, posts))) == expected
    assert outcome(judge_one(MIX, evidence("2026-04-01", LOOKS, posts))) == "pass", "a month later"
    assert outcome(judge_one(MIX, evidence("2026-03-05"))) == "unknown never_seen"


@given(
    st.lists(st.builds(hit, st.sampled_from(["2026-02-01", "2026-03-01", "2026-03-04"]), post=st.sampled_from("123"))),
    st.randoms(use_true_random=False),
    st.sets(st.integers(0, 9)),
)
def test_fewer_looks_and_another_order_never_make_a_candidate(hits: list[Hit], dice: Any, kept: set[int]) -> None:
    looks = [look(at("2026-02-01") + n * 3 * DAY) for n in range(10)]
    shuffled = list(hits)
    dice.shuffle(shuffled)
    on: Evidence = evidence("2026-03-05", looks).model_copy(update={"hits": tuple(hits)})
    answer = judge_one(PERSONAL, on)
    assert judge_one(PERSONAL, on.model_copy(update={"hits": tuple(shuffled)})).outcome is answer.outcome
    fewer = on.model_copy(update={"looks": tuple(one for n, one in enumerate(on.looks) if n in kept)})
    assert judge_one(PERSONAL, fewer).outcome is not Outcome.FAIL or answer.outcome is Outcome.FAIL
