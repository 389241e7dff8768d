"""A fixture from a live answer: `make record ARGS="--adapter weibo --address uid=… --to FILE"`.

It asks through the real wire, with the paces and logins of the settings, and cuts every secret out. What it writes is a
draft: names, texts and numbers of real accounts are replaced by invented ones before it enters the repository.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.clock import wall_clock
from mediawatch.core.model import Feed, Seen, Value
from mediawatch.core.wire import Exchange, Failed
from mediawatch.house import wires_of
from mediawatch.isolation import read_here
from mediawatch.settings_file import read_settings
from mediawatch.settings_values import Settings
from mediawatch.store.blobs import Blobs
from mediawatch.wires.secret import hide, hide_bytes

KEPT = ("content-type", "retry-after", "last-modified", "date")  # headers that a reading may depend on


async def record(adapter: Adapter, address: Mapping[str, Any], settings: Settings, now: datetime) -> dict[str, Any]:
    """Asks once and describes what came: the fixture as data. A refusal is an answer like any other."""
    checked = adapter.address.model_validate(dict(address))
    fields = checked.model_dump(mode="json", exclude_defaults=True)
    exchanges: tuple[Exchange, ...] = ()
    expect: dict[str, Any]
    with tempfile.TemporaryDirectory(prefix="mw-record-") as folder:
        http = wires_of(settings, Blobs(Path(folder)))
        try:
            async with http.open(adapter.platform_of(fields), now) as wire:
                try:
                    expect = {"seen": _described(read_here(adapter, checked, await adapter.fetch(checked, wire)))}
                except Failed as failed:
                    found = failed.failure
                    expect = {"failure": found.reason.value}
                    expect |= {"retry_after": found.retry_after} if found.retry_after is not None else {}
                exchanges, base = wire.exchanges, wire.base
        finally:
            await http.close()
    if len(exchanges) != 1:
        expect["asked"] = len(exchanges)
    secrets = _secrets(settings)
    return {
        "what": "Recorded; say here in one sentence what it shows, and invent its values.",
        "address": fields,
        "at": now.isoformat(),
        "exchanges": [_written(_at_home(exchange, base, adapter), secrets) for exchange in exchanges],
        "expect": expect,
    }


def _at_home(exchange: Exchange, base: str, adapter: Adapter) -> Exchange:
    """The exchange as the platform's public address would have it, where it was asked at another (a simulator's)."""
    if not base or not adapter.base_url:
        return exchange
    moved = {name: getattr(exchange, name).replace(base, adapter.base_url, 1) for name in ("url", "final_url")}
    return exchange.model_copy(update=moved)


def _written(exchange: Exchange, secrets: Sequence[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"url": hide(exchange.url, secrets)}
    if exchange.method != "GET":
        entry["method"] = exchange.method
    if exchange.status != 200:
        entry["status"] = exchange.status
    headers = {name: hide(value, secrets) for name, value in exchange.headers if name.lower() in KEPT}
    if headers:
        entry["headers"] = headers
    if exchange.final_url not in ("", exchange.url):
        entry["final_url"] = hide(exchange.final_url, secrets)
    body = hide_bytes(exchange.body, secrets)
    try:
        return {**entry, "body": body.decode()}
    except UnicodeDecodeError:
        return {**entry, "body_base64": base64.b64encode(body).decode()}


def _secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, and every cookie of a login by itself."""
    found: list[str] = []
    for login in (*settings.platforms.values(), *settings.sessions.values()):
        found += [secret.get_secret_value() for secret in login.secrets.values()]
        if login.cookie is not None:
            whole = login.cookie.get_secret_value()
            found += [whole, *(part.partition("=")[2].strip() for part in whole.split(";"))]
    return tuple(secret for secret in found if secret)


def _described(seen: Seen) -> dict[str, Any]:
    """What was seen, as `tests/test_adapters.py` compares it."""
    if not isinstance(seen, Feed):
        plain: dict[str, Any] = seen.model_dump(mode="json")
        return plain
    newest = seen.newest
    shown: dict[str, Any] = {
        "kind": "feed",
        "posts": len(seen.posts),
        "newest": newest.at.isoformat() if newest is not None and newest.at is not None else None,
        "newest_key": newest.key if newest is not None else None,
        "titles": [post.title for post in seen.posts],
        "complete": seen.complete,
    }
    profile = _said(seen.profile) if seen.profile is not None else {}
    return {**shown, "profile": profile} if profile else shown


def _said(value: Value) -> dict[str, Any]:
    plain = value.model_dump(mode="json")
    return {name: plain[name] for name in ("name", "posts", "followers") if plain.get(name) is not None}


def main(words: Sequence[str] | None = None) -> int:
    """The command. Exit 2 for wrong settings or an address that the adapter refuses."""
    parser = argparse.ArgumentParser(prog="make record", description=__doc__)
    parser.add_argument("--adapter", required=True, choices=sorted(ADAPTERS))
    parser.add_argument("--address", required=True, nargs="+", metavar="FIELD=VALUE")
    parser.add_argument("--to", required=True, type=Path)
    parser.add_argument("--settings", type=Path, default=None)
    given = parser.parse_args(words)
    path = given.settings or (Path("mediawatch.yaml") if Path("mediawatch.yaml").exists() else None)
    read = read_settings(path, os.environ)
    if read.problems:
        sys.stderr.write("\n".join(map(str, read.problems)) + "\n")
        return 2
    address = dict(pair.partition("=")[::2] for pair in given.address)
    try:
        made = asyncio.run(record(ADAPTERS[given.adapter], address, read.settings, wall_clock()))
    except ValueError as error:
        sys.stderr.write(f"{given.adapter}: {error}\n")
        return 2
    given.to.parent.mkdir(parents=True, exist_ok=True)
    given.to.write_text(yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")
    sys.stderr.write(f"{given.to}: {made['expect']}\nIts values are real: invent others before it is committed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
