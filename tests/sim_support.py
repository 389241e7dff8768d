"""Small worlds for the simulator's tests: one account on every channel, one trouble."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mediawatch.sim import platforms
from mediawatch.sim.reply import Reply
from mediawatch.sim.world import World

START = datetime(2026, 8, 24, 16, 0, tzinfo=UTC)  # midnight in Shanghai
DAY = timedelta(days=1)

GETINDEX = "/weibo/api/container/getIndex"


def account(id_: str, number: int, **more: Any) -> dict[str, Any]:
    """An account with Weibo, two feeds, a store listing and a package."""
    return {
        "id": id_,
        "name": f"某县第{number}号",
        "kind": "weibo",
        "weibo": {"uid": str(9900000000 + number), "followers": 1455000},
        "feeds": [{"bridge": "hub", "id": f"hub{number}"}, {"bridge": "mp", "id": f"mp{number}"}],
        "store": {
            "track_id": str(9910000000 + number),
            "bundle": f"cn.gov.c{number}",
            "releases": [{"at": "-2y", "version": "1.0"}, {"at": "-90d", "version": f"1.{number}"}],
        },
        "package": {"package": f"cn.gov.c{number}", "version": f"1.{number}", "version_code": 10 + number},
        "posts": {"earlier": 100, "rhythm": {"every": "1d", "since": "day -40 09:00", "jitter": "2h"}},
    } | more


def world(*troubles: dict[str, Any], accounts: list[dict[str, Any]] | None = None, **more: Any) -> World:
    """A world of two such accounts (`one`, `two`) and those troubles, each from the start on unless it says so."""
    return World.of(
        {
            "name": "small",
            "bridges": {"hub": {"flavour": "rsshub"}, "mp": {"flavour": "mp_we_rss", "zone": "none"}},
            "accounts": accounts if accounts is not None else [account("one", 1), account("two", 2)],
            "troubles": [{"where": "one", "from": "0s", **trouble} for trouble in troubles],
            **more,
        },
        START,
    )


def profile(sim: World, now: datetime = START, uid: str = "9900000001") -> Reply:
    return platforms.answer(sim, GETINDEX, {"type": "uid", "value": uid}, now)


def timeline(sim: World, now: datetime = START, uid: str = "9900000001", **query: str) -> Reply:
    return platforms.answer(sim, GETINDEX, {"type": "uid", "value": uid, "containerid": f"107603{uid}"} | query, now)


def feed(sim: World, now: datetime = START, bridge: str = "hub", number: int = 1, **query: str) -> Reply:
    path = f"/bridge/{bridge}/wechat/ce/{bridge}{number}"
    return platforms.answer(sim, path, query, now)


def lookup(sim: World, now: datetime = START, number: int = 1) -> Reply:
    return platforms.answer(sim, "/store/lookup", {"id": str(9910000000 + number), "country": "cn"}, now)


def download(sim: World, now: datetime = START, id_: str = "one") -> Reply:
    return platforms.answer(sim, f"/packages/{id_}.apk", {}, now)
