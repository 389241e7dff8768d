"""A world as the two settings files that would watch it: plain data in the shape of accounts.yaml and mediawatch.yaml.

It must not read or check settings: what the files may say is the settings' own business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediawatch.sim import bridges
from mediawatch.sim.definition import Player
from mediawatch.sim.world import World

WEBHOOK_SECRET = "whsec_bWVkaWF3YXRjaCBzaW11bGF0b3Igb25seQ=="
_FAST = {"per_minute": 60_000, "at_once": 16}


def settings_for(
    world: World, base_url: str, bridge_urls: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(accounts.yaml, mediawatch.yaml) for a world whose platforms lie under `base_url`.

    bridge_urls: base address by bridge, where bridges have addresses of their own (`SimServer.urls`).
    """
    base_url = base_url.rstrip("/")
    players = [player for player in world.definition.accounts if not player.canary]
    canaries = [player.weibo.uid for player in world.definition.accounts if player.canary and player.weibo]
    accounts = {"accounts": [_account(world, player, base_url, bridge_urls or {}) for player in players]}
    settings: dict[str, Any] = {
        "rulebook": "national-2019",
        "wire": {"allow_private": ["127.0.0.0/8"], "max_body": "8MiB", "timeout": "5s"},
        "platforms": {
            "weibo": {"base_url": f"{base_url}/weibo", **_FAST, "canaries": canaries},
            "appstore": {"base_url": f"{base_url}/store", **_FAST},
            "feed": dict(_FAST),
            "apk": dict(_FAST),
        },
        "receivers": {
            "city-duty": {"type": "webhook", "url": f"{base_url}/webhook", "secret": WEBHOOK_SECRET},
            "province-office": {"type": "wecom", "url": f"{base_url}/wecom"},
        },
        "ladder": [{"after": "0s", "to": ["city-duty"]}, {"after": "3d", "to": ["province-office"]}],
    }
    return accounts, settings


def _account(world: World, player: Player, base_url: str, bridge_urls: Mapping[str, str]) -> dict[str, Any]:
    told = {
        "sponsor": player.sponsor,
        "region": player.region,
        "level": player.level,
    }
    return {
        "id": player.id,
        "name": player.name,
        "kind": player.kind,
        **{key: value for key, value in told.items() if value},
        "targets": _targets(world, player, base_url, bridge_urls),
    }


def _targets(world: World, player: Player, base_url: str, bridge_urls: Mapping[str, str]) -> list[dict[str, Any]]:
    targets: list[dict[str, Any]] = []
    if player.weibo:
        targets.append({"adapter": "weibo", "uid": player.weibo.uid})
    for feed in player.feeds:
        bridge = world.definition.bridges[feed.bridge]
        bridge_url = bridge_urls.get(feed.bridge, f"{base_url}/bridge/{feed.bridge}")
        url = bridge_url + bridges.feed_path(bridge, feed.id)
        targets.append({"adapter": "feed", "url": url, "covers": list(feed.covers), "zone": feed.zone})
    if player.store:
        targets.append({"adapter": "appstore", "track_id": player.store.track_id, "country": "cn"})
    if player.package:
        url = f"{base_url}/packages/{player.id}.apk"
        targets.append({"adapter": "apk", "url": url, "package": player.package.package})
    return targets
