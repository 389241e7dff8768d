"""Answers by the link in a message: looking never acts, one answer acts once, and the record says who, when and how."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mediawatch import people
from mediawatch.core.alerting import Alert
from mediawatch.core.filtering import read
from mediawatch.core.reading import ALERT_KEYS
from mediawatch.core.views import ActView
from mediawatch.store.silences import acts
from mediawatch.web.answers import MOST_ASKED, MOST_WRONG
from mediawatch.web.face import Face
from tests.stories import TELLING_ALL, Story, weibo

SECRET = "the secret of the links of the tests"
WEB = {"listen": "127.0.0.1:0", "url": "http://watch.example", "link_secret": SECRET}
WORLD = {"accounts": [weibo("a", "day -14 09:00", number=1), weibo("b", "day -14 09:00", number=2)]}


@dataclass
class Told:
    """A story in which two accounts have fallen silent, whose listener serves: ask it as people and robots do."""

    story: Story
    base: str
    session: aiohttp.ClientSession

    def link(self, which: str = "notice") -> str:
        """The newest link that was sent, at the address where it is served here."""
        data = self.story.bodies[-1]["data"]
        sent = data["link"] if which == "message" else data["notices"][0]["link"]
        assert sent.startswith("http://watch.example/answers/")
        return sent.replace("http://watch.example", self.base)

    async def ask(self, url: str, method: str = "GET", **more: Any) -> tuple[int, Any, str]:
        async with self.session.request(method, url, allow_redirects=False, **more) as response:
            return response.status, response.headers, await response.text()

    @property
    def alert(self) -> Alert:
        """The alert of the newest message."""
        [found] = [one for one in self.story.alerts() if one.id == self.story.bodies[-1]["data"]["notices"][0]["alert"]]
        return found

    def acts(self) -> tuple[ActView, ...]:
        with self.story.store.reading() as connection:
            return acts(connection, [alert.id for alert in self.story.alerts()])


@asynccontextmanager
async def telling(folder: Path, **settings: Any) -> AsyncIterator[Told]:
    async with Story(folder, WORLD, web=WEB, review=TELLING_ALL, **settings) as story:
        await story.until("day 1 02:00")
        web = story.loaded.settings.web
        assert web is not None
        face = Face(
            web, story.daemon.desk, lambda: story.query, lambda: story.now,
            tick_age=lambda: 0.0, problems=tuple, language="en",
        )  # fmt: skip
        async with face, aiohttp.ClientSession() as session:
            yield Told(story, f"http://127.0.0.1:{face.port}", session)


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    async with telling(tmp_path) as made:
        yield made


async def test_looking_at_a_link_shows_what_it_is_about_and_acknowledges_nothing(told: Told) -> None:
    for method, headers in (
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"Sec-Fetch-Site": "cross-site"}),
        ("GET", {"Accept": "application/json"}),
    ):
        status, answer, text = await told.ask(told.link("message"), method, headers=headers)
        assert status == 200
        assert method == "HEAD" or "某县第" in text
        assert answer["Cache-Control"] == "no-store"
    assert told.alert.acknowledged_at is None
    assert told.acts() == ()


async def test_an_answer_acknowledges_and_the_record_says_who_when_and_by_what(told: Told) -> None:
    _, _, page = await told.ask(told.link("message"))
    [chosen] = re.findall(r'name="alert" value="(\w+)"', page)
    form = {"by": " 王五 ", "note": "今日补发", "alert": chosen}
    status, _, text = await told.ask(told.link("message"), "POST", data=form)
    assert status == 200
    assert "Acknowledged: 1." in text
    receiver = told.story.heard[-1].receiver
    assert (told.alert.acknowledged_by, told.alert.note) == (f"王五 (link, {receiver})", "今日补发")
    [act] = told.acts()
    assert (act.at, act.by, act.act) == (told.story.now, f"王五 (link, {receiver})", "acknowledge")


async def test_the_same_answer_twice_acts_once_and_the_first_stays(told: Told) -> None:
    said = {"by": "王五"}
    _, _, first = await told.ask(told.link("message"), "POST", json=said)
    told.story.now += timedelta(hours=1)
    _, _, again = await told.ask(told.link("message"), "POST", json=said | {"by": "李四"})
    assert f'"acknowledged": ["{told.alert.id}"]' in first
    assert '"acknowledged": []' in again
    assert f'"already": ["{told.alert.id}"]' in again
    assert told.alert.acknowledged_by.startswith("王五")
    assert len(told.acts()) == 1


async def test_a_robot_is_answered_in_json_from_end_to_end(told: Told) -> None:
    status, headers, text = await told.ask(told.link(), headers={"Accept": "application/json"})
    assert (status, headers.getone("Content-Type")) == (200, "application/json; charset=utf-8")
    assert f'"id": "{told.alert.id}"' in text
    for body, status in (({}, 400), ({"by": ""}, 400), ({"by": "x", "alerts": ["0000"]}, 400), ({"by": "x"}, 200)):
        assert (await told.ask(told.link(), "POST", json=body))[0] == status
    assert told.alert.acknowledged_by == "x (link)"


async def test_a_link_holds_for_its_time_and_no_other_text_is_one(told: Told) -> None:
    link = told.link()
    told.story.now += timedelta(days=8)
    assert (await told.ask(link))[0] == (await told.ask(link, "POST", json={"by": "x"}))[0] == 410
    assert (await told.ask(link[:-1] + "."))[0] == 404
    assert (await told.ask(f"{told.base}/answers/msg_0.ffffffffff.{'A' * 32}", "POST", json={"by": "x"}))[0] == 404
    assert told.alert.acknowledged_at is None


async def test_who_guesses_is_soon_not_listened_to(told: Told) -> None:
    good = told.link()
    for _ in range(MOST_WRONG):
        assert (await told.ask(f"{told.base}/answers/guess"))[0] == 404
    status, headers, _ = await told.ask(good)
    assert status == 429
    assert 0 < int(headers["Retry-After"]) <= 61


async def test_one_link_is_not_asked_without_end(told: Told) -> None:
    answers = [(await told.ask(told.link(), headers={"Accept": "application/json"}))[0] for _ in range(MOST_ASKED + 1)]
    assert answers == [200] * MOST_ASKED + [429]


async def test_no_page_of_another_origin_can_answer(told: Told) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert (await told.ask(told.link(), "POST", data={"by": "x"}, headers=headers))[0] == 403
    ours = {"Origin": told.base, "Sec-Fetch-Site": "same-origin"}
    form = {"by": "x", "alert": told.alert.id}
    assert (await told.ask(told.link(), "POST", data=form, headers=ours))[0] == 200


async def test_the_page_loads_nothing_leads_nowhere_and_can_be_framed_by_nobody(told: Told) -> None:
    _, headers, text = await told.ask(told.link() + "?next=https://evil.example", headers={"Host": "watch.example"})
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Server"] == "mediawatch"
    assert not re.findall(r"(?:href|src|action)=", text)
    assert "evil.example" not in text


async def test_a_hostile_name_is_text_on_the_page(tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    async with telling(tmp_path) as told:
        answered = {"by": hostile, "note": hostile, "alert": told.alert.id}
        _, _, text = await told.ask(told.link("message"), "POST", data=answered)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


async def test_without_a_secret_no_message_holds_a_link_and_none_is_believed(tmp_path: Path) -> None:
    async with Story(tmp_path, WORLD, web={"listen": "127.0.0.1:0"}) as story:
        await story.until("day 1 02:00")
        assert [body["data"]["link"] for body in story.bodies] == [""] * len(story.bodies)
        assert story.bodies


async def test_an_acknowledgement_that_has_ended_may_be_given_again_by_the_same_link(told: Told) -> None:
    alert = told.alert
    until = told.story.now + timedelta(hours=1)
    people.acknowledge(told.story.store, told.story.policy, alert.id, "王五", "", told.story.now, until=until)
    [held] = [one for one in told.story.query.alerts(told.story.now, True) if one.id == alert.id]
    [ended] = [one for one in told.story.query.alerts(until, True) if one.id == alert.id]
    assert (held.answered, ended.answered) == (True, False)
    asked = read("-l acknowledged=yes", ALERT_KEYS)
    assert told.story.query.alert_page(told.story.now, only=asked).matching == 1
    assert told.story.query.alert_page(until, only=asked).matching == 0
    link = told.link()
    assert '"waiting": 0' in (await told.ask(link, headers={"Accept": "application/json"}))[2]
    await told.story.until("day 1 03:30")
    status, _, said = await told.ask(link, "POST", json={"by": "赵六"})
    assert (status, f'"acknowledged": ["{alert.id}"]' in said) == (200, True)
    assert told.alert.acknowledged_by.startswith("赵六")
