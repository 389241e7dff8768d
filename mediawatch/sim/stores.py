"""The world's apps as Apple's lookup and a package host answer for them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mediawatch.sim import package
from mediawatch.sim.definition import PackageState, Player
from mediawatch.sim.reply import NOT_FOUND, Reply, page, seen_at
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import Standing, World

CONTROL = "414478124"
"""An app that is no account's and that the store always lists: 微信, by its own number."""

_APK = "application/vnd.android.package-archive"


def whose_listing(world: World, query: Mapping[str, str]) -> Player | None:
    """The app that the lookup names by `id` or `bundleId`, or `None` where the store never had it."""
    return world.by_track.get(query.get("id", "")) or world.by_bundle.get(query.get("bundleId", ""))


def listing(
    world: World, path: str, query: Mapping[str, str], player: Player | None, standing: Standing | None, now: datetime
) -> Reply:
    """The answer of `/lookup`: one result, or none, with Apple's blank lines around it."""
    if path.rpartition("/")[2] != "lookup":
        return NOT_FOUND
    mode = standing.mode if standing else None
    if mode is Mode.CHANGED_PAGE:
        return _lookup({"data": [], "meta": {"total": 0}})
    if player is not None and mode is Mode.WRONG_ACCOUNT:
        ids = sorted(held.id for held in world.by_track.values())
        player = world.players[ids[(ids.index(player.id) + 1) % len(ids)]]
    if player is None and query.get("id") == CONTROL and mode is not Mode.GONE:
        app = {"kind": "software", "trackId": int(CONTROL), "bundleId": "com.tencent.xin", "trackName": "微信"}
        return _lookup({"resultCount": 1, "results": [app]})
    if player is None or player.store is None or mode is Mode.GONE:
        return _lookup({"resultCount": 0, "results": []})
    release = world.release(player.id, seen_at(now, standing))
    if release is None:
        return _lookup({"resultCount": 0, "results": []})
    store = player.store
    result = {
        "kind": "software",
        "wrapperType": "software",
        "trackId": int(store.track_id),
        "trackName": player.name,
        "trackCensoredName": player.name,
        "bundleId": store.bundle,
        "sellerName": store.seller or player.sponsor,
        "artistName": store.seller or player.sponsor,
        "version": release.version,
        "releaseDate": _utc(min(one.at.at(world.starts_at) for one in store.releases)),
        "currentVersionReleaseDate": _utc(release.at.at(world.starts_at)),
        "minimumOsVersion": "12.0",
        "fileSizeBytes": "48234496",
        "trackViewUrl": f"https://apps.apple.com/cn/app/id{store.track_id}?uo=4",
        "releaseNotes": "修复已知问题。",
        "description": store.describes or f"{player.name}，提供办事指南和咨询投诉。",
        "primaryGenreName": "Utilities",
        "price": 0.0,
        "currency": "CNY",
    }
    return _lookup({"resultCount": 1, "results": [result]})


def whose_package(world: World, path: str) -> Player | None:
    """The app whose package lies at `/<account id>.apk`, or `None`."""
    player = world.players.get(path.removeprefix("/").removesuffix(".apk"))
    return player if player and player.package and path.endswith(".apk") else None


def download(world: World, player: Player | None, standing: Standing | None, now: datetime) -> Reply:
    """The answer of the package host."""
    mode = standing.mode if standing else None
    if player is None or player.package is None or mode is Mode.GONE:
        return NOT_FOUND
    state = world.package_state(player.id, now)
    if mode is Mode.CHANGED_PAGE:
        return page("请在手机浏览器中打开此页面下载客户端", title="下载中心")
    if mode is Mode.WRONG_ACCOUNT:
        state = PackageState.WRONG_PACKAGE
    if state is PackageState.MISSING:
        return NOT_FOUND
    side = player.package
    body = package.in_state(state, side.package, side.version, side.version_code)
    return Reply(200, body, (("Content-Type", _APK),))


def _lookup(answer: dict[str, Any]) -> Reply:
    body = "\n\n\n" + json.dumps(answer, ensure_ascii=False, indent=1) + "\n\n\n"
    return Reply(200, body.encode(), (("Content-Type", "text/javascript; charset=utf-8"),))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
