"""Stories of lists that change behind one's back: posts that are deleted, and posts that claim an earlier date."""

from __future__ import annotations

from pathlib import Path

from mediawatch.core.model import Finality
from tests.stories import DAY, Story, weibo

OFTEN = {"latest": "1d", "soonest": "6h"}


async def test_all_that_a_window_held_is_deleted_and_a_person_is_asked_why(tmp_path: Path) -> None:
    old = [f"day -{day} 10:00" for day in (30, 24, 18)]
    lost = [{"at": f"day {day} 10:00", "deleted": "day 5 12:00"} for day in (1, 2)]
    kept = [{"at": "day 1 10:00", "deleted": "day 5 12:00"}, "day 2 10:00"]
    accounts = [weibo("each", *old, *lost), weibo("one", *old, *kept, number=2)]
    async with Story(tmp_path, {"accounts": accounts}, cadence=OFTEN) as story:
        await story.until("day 10")
        found = story.findings("each")["U7"]
        assert (found.outcome, found.finality) == ("fail", Finality.CANDIDATE)
        assert (found.values["deleted"], found.values["left"]) == (2, 0)
        assert story.outcomes("each")["U1"] == "pass", "the deleted post counts: the lenient reading"
        assert story.outcomes("one")["U7"] == "pass"
        assert story.findings("one")["U7"].values["deleted"] == 1


async def test_a_post_that_claims_a_day_on_which_the_list_did_not_show_it(tmp_path: Path) -> None:
    old = [f"day -{day} 10:00" for day in (30, 24, 5)]
    accounts = [
        weibo("honest", *old, "day 8 10:00"),
        weibo("forger", *old, {"at": "day 3 10:00", "shown": "day 8 10:00"}, "day 4 10:00", number=2),
        weibo("silent", *old, {"at": "day 3 10:00", "shown": "day 8 10:00"}, number=4),
        weibo("slow", *old, {"at": "day 3 10:00", "shown": "day 4 20:00"}, number=3),
    ]
    async with Story(tmp_path, {"accounts": accounts}, cadence=OFTEN) as story:
        await story.until("day 12")
        assert {alert.subject for alert in story.alerts() if alert.indicator == "U8"} == {"forger"}
        hint = story.findings("silent")["U8"]
        assert hint.values["why"] == "too_few_looks_between", "it looks like a list that stood still"
        found = story.findings("forger")["U8"]
        assert found.finality is Finality.CANDIDATE
        assert found.values["claimed"] == "2026-03-05"
        assert found.values["first"] in ("2026-03-10", "2026-03-11")
        assert found.proof[0][1] >= story.at("day 4 10:00"), "the first look that should have shown it"
        story.grain = 2 * DAY
        await story.until("day 50")
        assert story.outcomes("forger")["U8"] == "pass", "told of for a month"
