"""The simulator in process: it keeps to the wire's contract, and the adapters read what it shows."""

from __future__ import annotations

import contextlib
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.core.model import Feed, Listing, Package, Reason, Seen
from mediawatch.core.wire import Failed, Request, Wires
from mediawatch.sim.definition import PackageState
from mediawatch.sim.server import SimServer
from mediawatch.sim.settings import settings_for
from mediawatch.sim.trouble import APPLIES, Channel, Mode
from mediawatch.sim.wire import BASE_URL, SimWires
from mediawatch.sim.world import World, load_world
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace
from tests.sim_support import DAY, START, account, world
from tests.wire_server import Shelf

FEED_URL = f"{BASE_URL}/bridge/hub/wechat/ce/hub1"
TARGETS: dict[Channel, tuple[str, dict[str, Any]]] = {
    Channel.WEIBO: ("weibo", {"uid": "9900000001"}),
    Channel.BRIDGE: ("feed", {"url": FEED_URL, "zone": "Asia/Shanghai"}),
    Channel.STORE: ("appstore", {"track_id": "9910000001", "country": "cn"}),
    Channel.PACKAGES: ("apk", {"url": f"{BASE_URL}/packages/one.apk", "package": "cn.gov.c1"}),
}


async def look(wires: Wires, kind: str, given: dict[str, Any], now: datetime = START) -> Seen:
    adapter = ADAPTERS[kind]
    address = adapter.address.model_validate(given)
    async with wires.open(adapter.platform_of(given), now) as wire:
        return adapter.parse(address, await adapter.fetch(address, wire))


async def reason(sim: World, channel: Channel, now: datetime = START) -> Reason | None:
    """Why a look at that channel of `one` shows nothing, or `None` where it shows something."""
    try:
        await look(SimWires(sim), *TARGETS[channel], now)
    except Failed as failed:
        return failed.failure.reason
    return None


async def test_every_channel_of_a_sound_world_is_read_as_it_is() -> None:
    sim = world()
    wires = SimWires(sim)
    posts = sim.posts("one", START)
    seen = await look(wires, *TARGETS[Channel.WEIBO])
    assert isinstance(seen, Feed)
    assert seen.profile is not None
    assert (seen.profile.posts, seen.profile.followers) == (140, 1455000)
    assert [post.at for post in seen.posts] == [post.at for post in posts[:10]]
    listing = await look(wires, *TARGETS[Channel.STORE])
    assert isinstance(listing, Listing)
    assert (listing.present, listing.version, listing.updated_at) == (True, "1.1", START - 90 * DAY)
    package = await look(wires, *TARGETS[Channel.PACKAGES])
    assert isinstance(package, Package)
    assert (package.problem, package.signed, package.schemes) == ("", True, ("v1", "v2"))
    assert wires.asked == {"weibo": 2, "store": 1, "packages": 1}


@pytest.mark.parametrize("bridge", ["hub", "mp"])
@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize("zone", ["gmt", "offset", "none"])
async def test_every_handwriting_of_a_bridge_gives_the_same_dates(bridge: str, form: str, zone: str) -> None:
    flavour = "rsshub" if bridge == "hub" else "mp_we_rss"
    held = {"flavour": flavour, "format": form, "zone": zone}
    sim = world(bridges={"hub": held, "mp": held})
    urls = [target["url"] for target in settings_for(sim, BASE_URL)[0]["accounts"][0]["targets"] if "url" in target]
    url = next(url for url in urls if f"/bridge/{bridge}/" in url)
    seen = await look(SimWires(sim), "feed", {"url": url, "zone": "Asia/Shanghai"})
    assert isinstance(seen, Feed)
    assert [post.at for post in seen.posts] == [post.at for post in sim.posts("one", START, 20)]
    assert len({post.key for post in seen.posts}) == 20


_MEANS: dict[Mode, Reason] = {
    Mode.LOGIN_WALL: Reason.LOGIN_REQUIRED,
    Mode.REDIRECT_TO_PASSPORT: Reason.LOGIN_REQUIRED,
    Mode.HTTP_432: Reason.BLOCKED,
    Mode.HTTP_418: Reason.BLOCKED,
    Mode.RATE_LIMITED: Reason.RATE_LIMITED,
    Mode.CAPTCHA: Reason.CAPTCHA,
    Mode.SERVER_ERROR: Reason.PLATFORM_DOWN,
    Mode.SLOW: Reason.TIMEOUT,
    Mode.RESET: Reason.PLATFORM_DOWN,
    Mode.OFFLINE: Reason.OWN_NETWORK,
    Mode.CUT_OFF: Reason.UNREADABLE,
    Mode.CUT_OFF_GZIP: Reason.UNREADABLE,
    Mode.CHANGED_PAGE: Reason.UNREADABLE,
}


@pytest.mark.parametrize("mode", list(_MEANS))
async def test_a_misbehaving_platform_is_read_as_its_own_fault(mode: Mode) -> None:
    for channel in APPLIES[mode] & TARGETS.keys():
        if channel is Channel.PACKAGES and mode in (Mode.CAPTCHA, Mode.CHANGED_PAGE, Mode.CUT_OFF):
            continue  # a page or a short file at the address of a package is a finding, told below
        assert await reason(world({"mode": mode}), channel) is _MEANS[mode], channel


async def test_weibos_own_tricks_are_never_read_as_silence() -> None:
    for mode, expected in (
        ("gone", Reason.GONE),
        ("banned", Reason.BLOCKED_ACCOUNT),
        ("hidden_posts", Reason.LOGIN_REQUIRED),
        ("count_drop", Reason.UNREADABLE),
        ("wrong_account", Reason.UNREADABLE),
        ("no_dates", Reason.UNREADABLE),
    ):
        assert await reason(world({"mode": mode}), Channel.WEIBO) is expected, mode
    assert await reason(world({"mode": "soft_empty"}), Channel.WEIBO) is not None


@pytest.mark.parametrize("state", list(PackageState))
async def test_every_state_of_a_package_is_read_as_it_is(state: PackageState) -> None:
    one = account("one", 1)
    one["package"]["state"] = state
    sim = world(accounts=[one])
    if state is PackageState.EMPTY:
        assert await reason(sim, Channel.PACKAGES) is Reason.UNREADABLE
        return
    package = await look(SimWires(sim), *TARGETS[Channel.PACKAGES])
    assert isinstance(package, Package)
    assert package.present is (state is not PackageState.MISSING)
    assert package.problem == {"good": "", "missing": ""}.get(state, state.value)


async def test_an_unchanged_feed_is_the_body_that_was_kept() -> None:
    sim, shelf = world(), Shelf()
    wires = SimWires(sim, keeper=shelf)
    async with wires.open("feed:sim.test", START) as wire:
        first = await wire.ask(Request(url=FEED_URL))
    assert shelf.recall(first.digest) == first.body
    soon = START + timedelta(minutes=1)
    async with wires.open("feed:sim.test", soon, wire.validators) as wire:
        again = await wire.ask(Request(url=FEED_URL))
        assert wire.exchanges == (again,)
    assert (again.unchanged, again.status, again.body, again.at) == (True, 200, first.body, soon)
    async with wires.open("feed:sim.test", START + DAY, wire.validators) as wire:
        assert not (await wire.ask(Request(url=FEED_URL))).unchanged
    shelf.bodies.clear()  # what is no longer kept is asked for anew
    async with wires.open("feed:sim.test", soon, wire.validators) as wire:
        assert not (await wire.ask(Request(url=FEED_URL))).unchanged


async def test_the_world_has_an_edge_and_answers_a_limit() -> None:
    wire = SimWires(world()).open("feed:elsewhere", START)
    with pytest.raises(Failed, match="not_allowed"):
        await wire.ask(Request(url="http://sim.test.elsewhere/feed"))
    with pytest.raises(Failed, match="unreadable"):
        await wire.ask(Request(url=FEED_URL, max_body=100))


async def test_two_months_of_the_demo_are_answered_in_seconds() -> None:
    sim = load_world("demo", START)
    told = [target for account in settings_for(sim, BASE_URL)[0]["accounts"] for target in account["targets"]]
    wires = SimWires(sim)
    began = time.process_time()
    for day in range(60):
        for target in told:
            adapter = ADAPTERS[target["adapter"]]
            given = {name: value for name, value in target.items() if name not in ("adapter", "covers")}
            async with wires.open(adapter.platform_of(given), START + day * DAY) as wire:
                with contextlib.suppress(Failed):
                    await adapter.fetch(adapter.address.model_validate(given), wire)
    assert wires.asked.total() > 60 * len(told)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("mode", [None, *(mode for mode in Mode if mode is not Mode.OFFLINE)])
async def test_the_wire_in_process_says_what_the_http_wire_says(mode: Mode | None) -> None:
    """Our own line cannot be cut over loopback; every other trouble must look alike to an adapter."""
    sim = world(*([{"mode": mode.value}] if mode else []))
    async with SimServer(sim, lambda: START) as server:
        pace = {
            "weibo": PlatformPace(server.urls["weibo"], 60_000, 9),
            "appstore": PlatformPace(server.urls["store"], 60_000, 9),
            "feed": PlatformPace("", 60_000, 9),
            "apk": PlatformPace("", 60_000, 9),
        }
        http = Http(pace, Shelf(), allow_private=["127.0.0.0/8"], timeout=timedelta(seconds=0.3), jitter=0)
        within = SimWires(sim, server.base_url)
        for kind, given in TARGETS.values():
            at = {name: str(value).replace(BASE_URL, server.base_url) for name, value in given.items()}
            assert await outcome(http, kind, at) == await outcome(within, kind, at), kind
        await http.close()


async def outcome(wires: Wires, kind: str, given: dict[str, Any]) -> Seen | tuple[Reason, float | None]:
    try:
        return await look(wires, kind, given)
    except Failed as failed:
        return failed.failure.reason, failed.failure.retry_after
