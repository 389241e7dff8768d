"""The demo's world, lived through in full: whoever is accused deserves it, and whoever deserves it is accused."""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from pathlib import Path

import yaml

from mediawatch.core.alerting import State
from mediawatch.core.calendar import days_between
from mediawatch.core.model import Outcome
from tests.stories import DAY, Story

LIMIT = 14
CANNOT_BE_SEEN = {
    "lanzhou-archive",  # hides its posts from visitors
    "bailu-legal",  # its only feed does not carry what was sent to all
}


def truly_silent(story: Story, account: str, at: datetime) -> int | None:
    """Days of silence by the truth of the world; deleted posts are no part of it."""
    newest = story.world.profile(account, at).newest_at
    return None if newest is None else days_between(newest, at)


async def test_two_months_of_the_demo_accuse_those_who_deserve_it_and_nobody_else(tmp_path: Path) -> None:
    world = yaml.safe_load((resources.files("mediawatch.sim") / "worlds" / "demo.yaml").read_text("utf-8"))
    slow = {"canary": "12h", "soonest": "1d", "latest": "7d", "recheck": "5m"}
    async with Story(tmp_path, world, grain=DAY, cadence=slow) as story:
        await story.until("day 13 20:00")
        during = {alert.subject for alert in story.alerts("incident")}
        assert during == {"platform:weibo"}, "two days without Weibo are one incident"

        await story.until("day 37")
        silences = [alert for alert in story.alerts() if alert.indicator == "U1"]
        for alert in silences:
            days = truly_silent(story, alert.subject, alert.opened_at)
            assert days is not None
            assert days > LIMIT, f"{alert.subject} was accused wrongly on {alert.opened_at}"

        players = [
            player
            for player in story.world.definition.accounts
            if not player.canary and player.kind in ("weibo", "wechat")
        ]
        silent = {
            player.id
            for player in players
            if (days := truly_silent(story, player.id, story.now)) is not None and days > LIMIT + 1
        }
        standing = {alert.subject for alert in silences if alert.state is State.OPEN}
        assert silent - CANNOT_BE_SEEN <= standing
        assert standing <= silent
        assert not CANNOT_BE_SEEN & story.accused()
        assert {story.outcome(account) for account in CANNOT_BE_SEEN} == {Outcome.UNKNOWN}

        cases = {(alert.subject, alert.indicator) for alert in story.alerts()}
        assert ("yunze-highway", "U1") in cases, "silent for three years"
        assert ("wangchuan-app", "A3P") in cases, "its package is a web page"
        assert ("wangchuan-seal", "U6") in cases, "never posted"
        assert ("wangchuan-library", "U6") in cases, "never posted, and no platform counts"
        assert ("fengxi-fire", "U1") in cases, "it was about to miss its deadline"
        assert ("shipu-tourism", "A6") in cases, "gone"
        assert {subject for subject, indicator in cases if indicator == "A6"} == {"shipu-tourism"}
        assert {subject for subject, indicator in cases if indicator == "U6"} == {"wangchuan-seal", "wangchuan-library"}
        assert {indicator for subject, indicator in cases if subject == "fengxi-app"} >= {"A3L", "A3D"}

        back = [alert for alert in silences if alert.subject == "bailu-water"]
        assert [alert.state for alert in back] == [State.RESOLVED], "it was silent, and came back on day 9"
        assert story.world.trouble("shuiyun", story.at("day 30")) is not None
        dark = {player.id for player in players if any(feed.bridge == "shuiyun" for feed in player.feeds)}
        assert not dark & story.accused(), "a bridge that went blank for three weeks is no one's silence"
