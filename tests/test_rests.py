"""The pace of robots: so many a minute and a second, and nothing at all while one rests that we were too fast for."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.deliver import Paces
from mediawatch.receivers import RECEIVERS
from mediawatch.receivers.receiver import Answer
from mediawatch.telling import Attempt, Configured
from tests.messages import AT, SETTINGS
from tests.stories import Story, weibo

MINUTE = timedelta(minutes=1)


def sent(kind: str, paces: Paces, seconds: int, step: float = 1.0) -> list[int]:
    """At which seconds messages go out to a robot that has endlessly many waiting."""
    configured = Configured("duty", RECEIVERS[kind], SETTINGS[kind])
    found = []
    for tick in range(int(seconds / step)):
        while paces.take(configured, AT + timedelta(seconds=tick * step)):
            found.append(int(tick * step))
    return found


@pytest.mark.parametrize(("kind", "a_minute"), [("wecom", 20), ("dingtalk", 20), ("feishu", 60)])
def test_no_minute_holds_more_than_a_robot_takes(kind: str, a_minute: int) -> None:
    found = sent(kind, Paces(), 300)
    assert len(found) == 5 * a_minute
    assert all(sum(second <= one < second + 60 for one in found) <= a_minute for second in range(240))


def test_no_second_holds_more_than_feishu_takes() -> None:
    assert max(Counter(sent("feishu", Paces(), 120, step=0.5)).values()) <= 5


def test_a_robot_that_we_were_too_fast_for_is_left_alone_whatever_its_name() -> None:
    paces = Paces()
    one, other = (Configured(name, RECEIVERS["dingtalk"], SETTINGS["dingtalk"]) for name in ("duty", "office"))
    third = Configured("third", RECEIVERS["wecom"], SETTINGS["wecom"])
    for minutes in (10, 2):  # a shorter word does not end a longer rest
        paces.heed(one, Attempt(AT, Answer.TOO_FAST, "send too fast", retry_after=minutes * 60.0))
    paces.heed(third, Attempt(AT, Answer.TRY_AGAIN, "an outage is no reason to rest", retry_after=600.0))
    assert paces.room({"duty": one, "office": other, "third": third}, AT + 9 * MINUTE) == {
        "duty": 0,
        "office": 0,
        "third": 20,
    }
    assert not paces.take(other, AT + 9 * MINUTE)
    assert paces.take(other, AT + 10 * MINUTE)


async def test_a_storm_meets_a_robot_that_is_too_fast_for_it_and_loses_nothing(tmp_path: Path) -> None:
    world = {"accounts": [weibo(f"a{n}", "day -14 09:00", number=n) for n in range(1, 13)]}
    begun: list[str] = []

    def answers(receiver: str, at: object) -> int:
        begun.append(receiver)
        return 429 if begun.count("duty") == 1 and receiver == "duty" else 200

    async with Story(tmp_path, world, answers=answers, ladder=[{"after": "0s", "to": ["duty"]}]) as story:
        await story.until("day 1 02:00")
    assert {one.account for one in story.told} == {f"a{n}" for n in range(1, 13)}
    attempts = sorted({one.at for one in story.heard if one.status == 200})
    [refused] = {one.at for one in story.heard if one.status == 429}
    assert all(at == refused or at >= refused + MINUTE for at in attempts)
    assert any(at >= refused + MINUTE for at in attempts)
