"""A rush of posts after a long silence, and items that had to be published by an hour. Candidates, never more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.model import Feed, Look, Outcome, SeenPost
from mediawatch.core.rules import judge_one
from mediawatch.core.rules.required_reposts import Task
from mediawatch.rulebook_file import load_rulebook
from tests.tables import MEDIA, account, at, evidence, indicator, look, outcome, post, verdict
from tests.test_docs import blocks

NEEDS = {"wechat": ("mass_sent", "published"), "any": ("posts",)}
RUSH = indicator("burst", MEDIA, needs=NEEDS, finality="candidate")
BEFORE = post("2026-03-01 09:00", key="before")


def rush(day: str, number: int = 5) -> list[SeenPost]:
    return [post(f"{day} {9 + n:02}:00", key=f"{day}/{n}") for n in range(number)]


def twice(day: str, number: int) -> list[SeenPost]:
    """Items with a title, each through two channels."""
    return [
        post(f"{day} {9 + n:02}:00", key=f"{target}/{n}", target=target).model_copy(update={"title": f"第{n}条"})
        for n in range(number)
        for target in "ab"
    ]


def sent(when: str, number: int) -> list[SeenPost]:
    """Articles of one mass-send."""
    return [post(when, key=f"{when}/{n}") for n in range(number)]


def whole(when: str, oldest: str, **more: Any) -> Look:
    return look(when, Feed(oldest_at=at(oldest)), posts=10, **more)


SAW = [whole("2026-03-17 20:00", "2026-03-01")]


@pytest.mark.parametrize(
    ("now", "looks", "posts", "expected"),
    [
        ("2026-03-17 20:00", [], [], "unknown never_seen"),
        ("2026-03-17 20:00", SAW, [BEFORE], "pass"),
        # 1 to 16 March are fifteen days, to the 15th fourteen
        ("2026-03-17 20:00", SAW, [BEFORE, *rush("2026-03-16")], "fail candidate"),
        ("2026-03-17 20:00", SAW, [BEFORE, *rush("2026-03-15")], "pass"),
        # five posts in two days, and no fewer
        ("2026-03-17 20:00", SAW, [BEFORE, *rush("2026-03-16", 4)], "pass"),
        (
            "2026-03-17 20:00",
            SAW,
            [BEFORE, *rush("2026-03-16", 4), post("2026-03-17 08:00")],
            "fail candidate",
        ),
        # three items that two channels show are three
        ("2026-03-17 20:00", SAW, [BEFORE, *twice("2026-03-16", 3)], "pass"),
        ("2026-03-17 20:00", SAW, [BEFORE, *twice("2026-03-16", 5)], "fail candidate"),
        # what one mass-send holds was put out at one instant, and is no rush
        ("2026-03-17 20:00", SAW, [BEFORE, *sent("2026-03-16 10:00", 8)], "pass"),
        ("2026-03-17 20:00", SAW, [BEFORE, *sent("2026-03-16 10:00", 8), *rush("2026-03-17", 4)], "fail candidate"),
        # days without hours say nothing of instants
        ("2026-03-17 20:00", SAW, [BEFORE, *sent("2026-03-16", 8)], "fail candidate"),
        # a new account has no silence behind it
        ("2026-03-17 20:00", SAW, rush("2026-03-16"), "pass"),
        # what no list reaches over, or only one in an incident, may hide posts
        ("2026-03-17 20:00", [whole("2026-03-17 20:00", "2026-03-10")], [BEFORE, *rush("2026-03-16")], "unknown gap"),
        (
            "2026-03-17 20:00",
            [whole("2026-03-17 20:00", "2026-03-01", trusted=False)],
            [BEFORE, *rush("2026-03-16")],
            "unknown gap",
        ),
        # told of for thirty days
        ("2026-04-15 23:59:59", SAW, [BEFORE, *rush("2026-03-16")], "fail candidate"),
        ("2026-04-16", SAW, [BEFORE, *rush("2026-03-16")], "pass"),
        # over the turn of the year
        (
            "2026-01-03",
            [whole("2026-01-03", "2025-12-10")],
            [post("2025-12-10"), *rush("2026-01-01")],
            "fail candidate",
        ),
    ],
)
def test_many_posts_after_a_long_silence(now: str, looks: list[Look], posts: list[SeenPost], expected: str) -> None:
    assert verdict(RUSH, evidence(now, looks, posts)) == expected


def test_where_inspections_are_named_only_their_eves_count() -> None:
    posts = [BEFORE, *rush("2026-03-16")]
    for day, expected in (("2026-03-16", "fail candidate"), ("2026-03-23", "fail candidate"), ("2026-03-24", "pass")):
        named = RUSH.model_copy(update={"params": {"inspections": [day]}})
        assert verdict(named, evidence("2026-03-17 20:00", SAW, posts)) == expected


def test_a_wechat_account_may_have_published_by_the_other_way() -> None:
    of = account("wechat", a=["mass_sent"], b=["published"])
    looks = [whole("2026-03-17", "2026-03-01", covers=["mass_sent"])]
    on = evidence("2026-03-17 20:00", looks, [BEFORE, *rush("2026-03-16")], of=of)
    found = judge_one(RUSH, on)
    assert outcome(found) == "unknown gap"


# --- C7: items that had to be published -------------------------------------------------------------------------------

TASK = {"name": "政府工作报告", "from": "2026-03-05T09:00:00+08:00", "hours": 24, "words": ["政府工作报告", "全文"]}
ITEMS = indicator("required_reposts", MEDIA, needs=NEEDS, finality="candidate", params={"tasks": [TASK]})


def titled(when: str, title: str, **more: Any) -> SeenPost:
    return post(when, key=title, **more).model_copy(update={"title": title})


MET = "（全文）2026年政府工作报告"
LATER = [whole("2026-03-07", "2026-02-20")]


@pytest.mark.parametrize(
    ("now", "looks", "posts", "expected"),
    [
        ("2026-03-04", [], [], "pass"),  # nothing is due yet
        ("2026-03-05 12:00", [], [], "at_risk"),
        ("2026-03-06 09:00", [], [], "at_risk"),  # the last instant is inside
        ("2026-03-06 09:00:01", [], [], "unknown not_seen_since_deadline"),
        ("2026-03-07", LATER, [titled("2026-03-06 09:00", MET)], "pass"),
        ("2026-03-07", LATER, [titled("2026-03-06 09:00:01", MET)], "fail candidate"),
        ("2026-03-07", LATER, [titled("2026-03-05 20:00", "2026年政府工作报告解读")], "fail candidate"),
        ("2026-03-07", LATER, [titled("2026-03-04 20:00", MET)], "fail candidate"),  # last year's would fit as well
        ("2026-03-07", LATER, [titled("2026-03-05 20:00", "#２０２６年政府 工作报告#　全文")], "pass"),  # other letters
        # a picture without a word may be the item, one of another day is none
        ("2026-03-07", LATER, [titled("2026-03-05 20:00", "")], "unknown title_not_told"),
        ("2026-03-07", LATER, [titled("2026-03-06 20:00", "")], "fail candidate"),
        ("2026-03-07", [whole("2026-03-07", "2026-03-06")], [], "unknown not_seen_since_deadline"),
        # a date that it claims and that lies before our first look at it counts; one put ahead does not
        ("2026-03-07", LATER, [titled("2026-03-05 20:00", MET, seen="2026-03-07")], "pass"),
        ("2026-06-04 09:00", LATER, [], "fail candidate"),
        ("2026-06-04 09:00:01", LATER, [], "pass"),  # ninety days later
    ],
)
def test_an_item_is_due_by_its_hour(now: str, looks: list[Look], posts: list[SeenPost], expected: str) -> None:
    assert verdict(ITEMS, evidence(now, looks, posts)) == expected


@pytest.mark.parametrize("url", ["https://a.example/1", "http://www.a.example/1/", "https://a.example/1#top"])
def test_an_item_may_be_known_by_its_address_and_must_be_known_by_something(url: str) -> None:
    by_address = {**TASK, "words": [], "url": "https://a.example/1"}
    line = ITEMS.model_copy(update={"params": {"tasks": [by_address]}})
    there = post("2026-03-05 20:00").model_copy(update={"url": url})
    assert verdict(line, evidence("2026-03-07", LATER, [there])) == "pass"
    assert verdict(line, evidence("2026-03-07", LATER, [post("2026-03-05 20:00")])) == "fail candidate"
    with pytest.raises(ValueError, match="needs `words` or `url`"):
        Task.model_validate({**TASK, "words": []})


def test_a_book_without_tasks_asks_nothing() -> None:
    assert verdict(ITEMS.model_copy(update={"params": {}}), evidence("2026-03-07")) == "pass"


def test_the_book_with_required_reposts_judges_as_its_page_says(tmp_path: Path) -> None:
    (tmp_path / "county.yaml").write_text(blocks("docs/rulebooks.md", "rulebook")["county"], encoding="utf-8")
    line = load_rulebook("./county.yaml", tmp_path).indicator("C7")
    after = look("2026-03-06 10:00", Feed(oldest_at=at("2026-02-20")), posts=10)
    report = post("2026-03-06 09:00").model_copy(update={"title": "政府工作报告（全文）"})
    assert judge_one(line, evidence("2026-03-05 10:00")).outcome is Outcome.AT_RISK
    assert judge_one(line, evidence("2026-03-06 10:00", [after], [report])).outcome is Outcome.PASS
    late = judge_one(line, evidence("2026-03-06 10:00", [after]))
    assert (late.outcome, late.values["names"], late.proof) == (Outcome.FAIL, "“政府工作报告”", (("a", after.at),))
    assert judge_one(line, evidence("2026-03-06 10:00")).outcome is Outcome.UNKNOWN
