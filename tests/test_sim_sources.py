"""The simulated phone, websites, back ends and WeChat accounts: read by the real adapters, judged by the real rules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import ADAPTERS, launch
from mediawatch.core.model import Articles, Feed, Launch, Outcome, Page, Reason, Seen
from mediawatch.core.wire import Failed
from mediawatch.sim.adb import AdbServer, WorldPhone
from mediawatch.sim.definition import LaunchState
from mediawatch.sim.settings import settings_for
from mediawatch.sim.wechat import HOST, article
from mediawatch.sim.wire import BASE_URL, SimWires
from mediawatch.sim.world import World, load_world
from mediawatch.store.blobs import Blobs
from mediawatch.wires.device import Devices
from tests.sim_support import DAY, START
from tests.stories import HOUR, Story

APP: dict[str, Any] = {
    "id": "city-app",
    "name": "云溪办",
    "kind": "app",
    "store": {"track_id": "990000001", "bundle": "cn.gov.yunxi", "releases": [{"at": "-20d", "version": "1.0.0"}]},
    "package": {"package": "cn.gov.yunxi", "version": "1.0.0"},
    "launch": {"state": "crash"},
    "h5": {},
}
WECHAT: dict[str, Any] = {
    "id": "town-wx",
    "name": "云溪发布",
    "kind": "wechat",
    "feeds": [{"bridge": "hub", "id": "MP_WXS_990001"}],
    "wechat": {"fakeid": "Mzk5OTk5OTk5OQ=="},
    "posts": {"rhythm": {"every": "1d"}, "at": [{"at": "day -1 08:00", "deleted": "day 2 12:00"}]},
}
SITE: dict[str, Any] = {
    "id": "town-site",
    "name": "云溪县人民政府网",
    "kind": "website",
    "site": {"outages": [{"from": "day 1", "share": 0.2}], "links": False},
    "posts": {"rhythm": {"every": "1d"}},
}
LISTS: dict[str, Any] = {
    "id": "list-site",
    "name": "枫溪县人民政府网",
    "kind": "website",
    "site": {
        "visited": False,
        "dead_links": 2,
        "columns": [
            {"name": "通知公告", "path": "tzgg"},
            {"name": "应急管理", "path": "yjgl", "silent_since": "day -60"},
        ],
    },
    "posts": {"rhythm": {"every": "1d"}},
}


def world(*accounts: dict[str, Any], **more: Any) -> World:
    definition = {"name": "t", "bridges": {"hub": {"flavour": "mp_we_rss", "zone": "none"}}, "accounts": list(accounts)}
    return World.of({**definition, **more}, START)


async def look(sim: World, kind: str, number: int = 0, now: Any = START, **address: Any) -> Seen:
    """What the adapter makes of the target that the world's own settings give."""
    accounts, _ = settings_for(sim, BASE_URL)
    targets = accounts["accounts"][number]["targets"]
    given = next(target for target in targets if target["adapter"] == kind)
    fields = {key: value for key, value in given.items() if key not in ("adapter", "covers")} | address
    adapter = ADAPTERS[kind]
    checked = adapter.address.model_validate(fields)
    async with SimWires(sim).open(adapter.platform_of(fields), now) as wire:
        return adapter.parse(checked, await adapter.fetch(checked, wire))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("opens", (True, "none", "")),
        ("crash", (False, "app", "crash")),
        ("anr", (False, "app", "anr")),
        ("blank", (False, "app", "blank")),
        ("left_front", (False, "app", "left_front")),
    ],
)
async def test_the_phone_says_what_becomes_of_the_app(state: str, expected: tuple[bool, str, str]) -> None:
    seen = await look(world({**APP, "launch": {"state": state, "filing_no": "网政应20260001号"}}), "launch")
    assert isinstance(seen, Launch)
    assert (seen.opened, seen.blame, seen.problem) == expected
    assert {state.value for state in LaunchState} == {"opens", "crash", "anr", "blank", "left_front"}
    assert (seen.device, seen.filing_no) == ("Simulated Phone 1", "网政应20260001号")


@pytest.mark.parametrize(
    ("lies", "expected"),
    [
        ("unsigned", (False, "app", "install_failed")),
        ("no_manifest", (False, "app", "install_failed")),
        ("no_launcher", (False, "app", "no_launcher")),
        ("wrong_package", (None, "bench", "not_installed")),
    ],
)
async def test_a_package_that_no_phone_takes_does_not_get_as_far(lies: str, expected: tuple[Any, str, str]) -> None:
    seen = await look(world({**APP, "package": {"package": "cn.gov.yunxi", "state": lies}}), "launch")
    assert isinstance(seen, Launch)
    assert (seen.opened, seen.blame, seen.problem) == expected


async def test_a_world_without_its_phone_accuses_nobody() -> None:
    with pytest.raises(Failed) as raised:
        await look(world(APP, troubles=[{"mode": "offline", "where": "device", "from": "-1d"}]), "launch")
    assert raised.value.failure.reason is Reason.NO_DEVICE


async def test_a_back_end_answers_until_it_is_switched_off() -> None:
    sim = world({**APP, "h5": {"down": "day 3"}})
    up, down = await look(sim, "h5"), await look(sim, "h5", now=START + 5 * DAY)
    assert isinstance(up, Page)
    assert isinstance(down, Page)
    assert (up.opened, up.title, down.opened, down.problem) == (True, "云溪办", False, "status")


async def test_two_channels_of_a_wechat_account_show_the_same_articles() -> None:
    sim = world(WECHAT)
    feed, backend = await look(sim, "feed"), await look(sim, "wechat.backend")
    by_name = await look(sim, "wechat.backend", fakeid="", nickname="云溪发布")
    for seen in (feed, backend, by_name):
        assert isinstance(seen, Feed)
        assert seen.newest is not None
        assert seen.newest.url == feed.newest.url  # type: ignore[union-attr]
    assert backend.profile.uid == "Mzk5OTk5OTk5OQ=="  # type: ignore[union-attr]


async def test_a_deleted_article_says_so_on_its_own_page() -> None:
    sim = world(WECHAT)
    deleted = next(post for post in sim.written("town-wx", START, 60) if post.deleted_at)
    url = HOST + article(sim.players["town-wx"], deleted)
    states = []
    for now in (START, START + 4 * DAY):
        seen = await look(sim, "wechat.article", now=now, urls=[url])
        assert isinstance(seen, Articles)
        states.append(seen.articles[0].state)
    assert states == ["alive", "deleted"]


@pytest.mark.parametrize(("mode", "reason"), [("login_wall", "login_required"), ("rate_limited", "rate_limited")])
async def test_the_backend_says_in_its_own_codes_that_our_login_is_over(mode: str, reason: str) -> None:
    with pytest.raises(Failed) as raised:
        await look(world(WECHAT, troubles=[{"mode": mode, "where": "wechat", "from": "-1d"}]), "wechat.backend")
    assert raised.value.failure.reason == reason


async def test_a_site_shows_its_columns_and_its_dead_links() -> None:
    sim = world(LISTS)
    lists, links = await look(sim, "columns"), await look(sim, "links")
    assert isinstance(lists, Page)
    assert isinstance(links, Page)
    ages = {column.name: (START - column.newest_at).days for column in lists.columns if column.newest_at}
    assert ages["通知公告"] <= 3
    assert ages["应急管理"] >= 59
    assert sorted(link.url.rpartition("/")[2] for link in links.links if link.state == "dead") == ["0.html", "1.html"]


async def test_the_app_that_installs_but_does_not_open_fails_on_launch_and_not_before(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [APP]}, grain=HOUR) as story:
        await story.until("day 3")
        told = [one.finding for one in story.view("city-app").findings]
        ladder = [(one.indicator, one.outcome) for one in told if one.indicator.startswith("A")]
    rungs = ["A3L", "A3V", "A3D", "A3P", "A3B"]
    assert ladder == [*((rung, Outcome.PASS) for rung in rungs), ("A4", Outcome.FAIL)]


async def test_articles_that_a_bridge_showed_are_visited_and_their_deletion_is_told(tmp_path: Path) -> None:
    """Nothing about them stands in accounts.yaml."""
    everyday = {"latest": "1d", "soonest": "6h"}
    bridges = {"hub": {"flavour": "mp_we_rss", "zone": "none"}}
    async with Story(tmp_path, {"bridges": bridges, "accounts": [WECHAT]}, grain=HOUR, cadence=everyday) as story:
        await story.until("day 2")
        assert story.findings("town-wx")["A6D"].outcome is Outcome.PASS
        await story.until("day 5")
        assert story.findings("town-wx")["A6D"].outcome is Outcome.FAIL
        assert story.findings("town-wx")["U1"].outcome is Outcome.PASS


async def test_a_site_that_is_down_for_a_fifth_of_all_visits_fails_after_its_week(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [SITE]}, grain=timedelta(minutes=20)) as story:
        await story.until("day 7 23:00")
        assert story.findings("town-site")["A1"].outcome is Outcome.UNKNOWN
        await story.until("day 9 01:00")
        assert story.findings("town-site")["A1"].outcome is Outcome.FAIL


def test_the_demo_has_one_of_each() -> None:
    players = load_world("demo", START).definition.accounts
    assert any(player.launch and player.launch.state is LaunchState.CRASH for player in players)
    assert any(player.site and player.site.outages for player in players)
    assert any(player.site and any(column.silent_since for column in player.site.columns) for player in players)
    assert any(player.wechat and player.feeds for player in players)


async def test_the_phone_answers_the_same_over_the_adb_protocol(tmp_path: Path) -> None:
    sim = world(APP)
    async with AdbServer(WorldPhone(sim, lambda: START)) as server:
        devices = Devices(Blobs(tmp_path), SimWires(sim), server.address)
        address = launch.Address(package="cn.gov.yunxi", url=f"{BASE_URL}/packages/city-app.apk")
        async with devices.open("device", START) as wire:
            over_adb = launch.parse(address, await launch.fetch(address, wire))
    assert over_adb == await look(sim, "launch")
