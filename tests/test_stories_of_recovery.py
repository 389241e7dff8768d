"""Stories of platforms and bridges that lie for some days and then tell the truth: what returns accuses nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediawatch.sim.trouble import APPLIES, Channel, Mode
from tests.stories import Story, wechat, weibo
from tests.test_stories_of_sight import trouble

OFTEN = {"latest": "1d", "soonest": "12h"}
# The answers that are whole and wrong: what is refused shows no list to come back behind.
LIES = {
    *(Mode.STALE, Mode.LAGGING, Mode.OLD_LIST, Mode.SECOND_PAGE, Mode.PINNED_ONLY, Mode.WRONG_ACCOUNT, Mode.WRONG_LIST),
    *(Mode.SOFT_EMPTY, Mode.HIDDEN_POSTS, Mode.EMPTY_SHELL, Mode.EMPTY_PROFILE, Mode.COUNT_DROP, Mode.NOT_COUNTED),
    *(Mode.DATES_1970, Mode.DATES_2099, Mode.LAST_YEAR, Mode.NO_DATES, Mode.ADS_ONLY),
}


def modes(channel: Channel) -> list[Mode]:
    return sorted(mode for mode in LIES if channel in APPLIES[mode])


@pytest.mark.parametrize("mode", modes(Channel.WEIBO))
async def test_what_weibo_shows_again_after_some_days_accuses_nobody(tmp_path: Path, mode: Mode) -> None:
    accounts = [weibo("daily", every="1d"), weibo("weekly", every="5d", number=2)]
    world = {"accounts": accounts, "troubles": [trouble(mode, "weibo", "day 3", "day 7")]}
    async with Story(tmp_path, world, cadence=OFTEN) as story:
        await story.until("day 9")
        assert {(alert.subject, alert.indicator) for alert in story.alerts()} == set()


@pytest.mark.parametrize("mode", modes(Channel.BRIDGE))
async def test_what_a_bridge_shows_again_after_some_days_accuses_nobody(tmp_path: Path, mode: Mode) -> None:
    world = {
        "bridges": {"hub": {"flavour": "mp_we_rss"}},
        "accounts": [
            wechat("daily", feeds=[{"bridge": "hub", "id": "one"}], every="1d"),
            wechat("weekly", feeds=[{"bridge": "hub", "id": "two"}], every="5d"),
        ],
        "troubles": [trouble(mode, "hub", "day 3", "day 7")],
    }
    async with Story(tmp_path, world, cadence=OFTEN) as story:
        await story.until("day 9")
        assert {(alert.subject, alert.indicator) for alert in story.alerts()} == set()
