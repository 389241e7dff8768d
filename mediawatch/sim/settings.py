"""A world as the two settings files that would watch it: plain data in the shape of accounts.yaml and mediawatch.yaml.

It must not read or check settings: what the files may say is the settings' own business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from mediawatch.sim import bridges
from mediawatch.sim.definition import Player, SiteSide
from mediawatch.sim.world import World

WEBHOOK_SECRET = "whsec_bWVkaWF3YXRjaCBzaW11bGF0b3Igb25seQ=="
WORLDS = resources.files("mediawatch.sim") / "worlds"
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
        "cadence": {"unwatched": "1s"},  # a world shows in its first hour what it is about
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
    settings["platforms"] |= _more_platforms(players, base_url)
    return accounts, settings


def _more_platforms(players: Sequence[Player], base_url: str) -> dict[str, Any]:
    """Those that only some worlds have."""
    more: dict[str, Any] = {}
    if any(player.wechat for player in players):
        # What stands for the login is no secret: nobody is logged in to anything.
        login = {"cookie": "simulated=1", "secrets": {"token": "simulated"}}
        more["wechat.backend"] = {"base_url": f"{base_url}/wechat", **_FAST, **login}
        more["wechat.article"] = {"base_url": f"{base_url}/wechat", **_FAST}
    if any(player.site for player in players):
        more |= {name: dict(_FAST) for name in ("website", "columns", "links")}
    if any(player.h5 for player in players):
        more["h5"] = dict(_FAST)
    if any(player.launch for player in players):
        more["device"] = dict(_FAST)
    return more


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
        **({"rulebook": str(WORLDS / f"{player.book}.yaml")} if player.book else {}),
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
        if player.launch:
            targets.append({"adapter": "launch", "url": url, "package": player.package.package})
    if player.h5:
        address = {"url": f"{base_url}/site/{player.id}/h5/", "control": f"{base_url}/control"}
        targets.append({"adapter": "h5", **address, "expects": player.name})
    if player.wechat:
        targets.append({"adapter": "wechat.backend", "fakeid": player.wechat.fakeid})
        if player.wechat.articles:
            targets.append({"adapter": "wechat.article"})
    if player.site:
        targets += _site(player.site, f"{base_url}/site/{player.id}/", f"{base_url}/control")
    return targets


def _site(site: SiteSide, url: str, control: str) -> list[dict[str, Any]]:
    targets: list[dict[str, Any]] = []
    if site.visited:
        targets.append({"adapter": "website", "url": url, "control": control})
    if site.columns:
        columns = [{"name": one.name, "url": f"{url}{one.path}/", "interval": one.interval} for one in site.columns]
        targets.append({"adapter": "columns", "url": url, "columns": columns})
    if site.links:
        targets.append({"adapter": "links", "url": url})
    return targets
