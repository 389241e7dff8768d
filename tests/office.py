"""An invented city for the stories of the office: its accounts, its own short rulebook, and acts as people do them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mediawatch.core.office_views import CampaignView, CaseView
from mediawatch.office import act
from mediawatch.sim.wire import SimWires
from tests.stories import Story, weibo

BOOK = """
id: city
title: {zh_CN: 某市要求, en: A city's own}
in_force_from: 2026-01-01
indicators:
  - id: U1
    number: "2.1"
    title: {zh_CN: 内容不更新, en: Not updated}
    rule: stale
    applies_to: [weibo]
    needs: {any: [posts]}
    params: {warn_days: []}
    severity: veto
    cites: [{text: 监测时间点前2周内无更新, clause: 本市, confidence: ours}]
    says:
      pass: {zh_CN: "最近一次更新是 {newest}。", en: "Last updated on {newest}."}
      fail: {zh_CN: "已 {days_silent} 天未更新。", en: "No update for {days_silent} days."}
      unknown: {zh_CN: "无法判断：{why}。", en: "Cannot be told: {why}."}
"""


class Memory:
    """Keeps answers in memory: for stories of thousands of looks, which are not about the disk."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        self._kept[digest] = body
        return digest

    def recall(self, digest: str) -> bytes | None:
        return self._kept.get(digest)


class Office(Story):
    """A story in which people act as an office does."""

    def __init__(self, folder: Path, world: dict[str, Any], **more: Any) -> None:
        book = folder / "city.yaml"
        book.write_text(BOOK, encoding="utf-8")
        super().__init__(folder, world, **{"rulebook": str(book), **more})
        self.kept = Memory()
        self.wires = SimWires(self.world, keeper=self.kept)

    def does(self, name: str, by: str = "王芳", *, dry_run: bool = False, **said: Any) -> dict[str, Any]:
        """An act by its name, now."""
        body = json.dumps(said, ensure_ascii=False).encode()
        return act(self.store, self.policy, name, body, by, self.now, dry_run=dry_run)

    def orders(self, id_: str, begins: str, t: str, *ratios: str | dict[str, str], **more: Any) -> dict[str, Any]:
        """A new campaign by the first book of the settings."""
        book = next(iter(self.loaded.rulebooks.values()))
        given = {"begins_at": self.at(begins).isoformat(), "judged_at": self.at(t).isoformat()}
        asked = [{"ratio": one} if isinstance(one, str) else one for one in ratios or ("100%",)]
        whole = book.model_dump(mode="json", by_alias=True)
        return self.does("inspect.new", id=id_, rulebook=whole, ratios=asked, **given, **more)

    async def inspects(self, id_: str, begins: str, t: str, *ratios: str, seed: str = "7", **more: Any) -> None:
        """A campaign from its order to its judgement."""
        self.orders(id_, begins, t, *ratios, **more)
        self.does("inspect.draw", id=id_, seed=seed)
        self.does("inspect.look", id=id_)
        await self.until(t)
        self.does("inspect.judge", id=id_)

    def campaign(self, id_: str) -> CampaignView:
        return self.query.campaign(id_, self.now)

    def case(self, id_: str) -> CaseView:
        return self.query.case(id_, self.now)


def does(story: Story, name: str, **said: object) -> list[str]:
    """An act by its name; the cases that it is about."""
    body = json.dumps(said, ensure_ascii=False).encode()
    return [one["id"] for one in act(story.store, story.policy, name, body, "王芳", story.now)["cases"]]


RHYTHM = {"every": "4d", "jitter": "1d", "since": "day -5 08:00"}


def city(
    size: int, *silent: int, since: str = "day 1 00:00", rhythm: Mapping[str, str] = RHYTHM, **written: dict[str, Any]
) -> list[dict[str, Any]]:
    """Accounts `a001`…: those whose number is in `silent` post nothing from `since` on, or as `written` says."""
    accounts = []
    for number in range(1, size + 1):
        posts = {**rhythm, "silent_since": since} if number in silent else rhythm
        account = weibo(f"a{number:03d}", number=number, earlier=1, **posts)
        account["posts"] |= written.get(f"a{number:03d}", {})
        region, level = (("620700", "city"), ("620721", "county"), ("620722", "town"))[number % 3]
        accounts.append({**account, "region": region, "level": level, "sponsor": f"某市第{number % 40}局"})
    return accounts
