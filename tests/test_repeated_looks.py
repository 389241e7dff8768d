"""A look that brings the same bytes as the one before is not read again, and leaves the record as if it had been."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, select

import tests.stories
from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.answers import digest_of, plain, read_text
from mediawatch.core.wire import Exchange
from mediawatch.store import tables
from tests.stories import Story, app, wechat, weibo

FEED = {"bridge": "b", "id": "f", "covers": ["mass_sent", "published"]}
WORLD: dict[str, Any] = {
    "bridges": {"b": {"flavour": "rsshub", "format": "rss", "zone": "gmt"}},
    "accounts": [
        weibo("pinned", {"at": "-200d", "pinned": True}, number=1, every="3d", silent_since="day -8", earlier=3),
        weibo("deletes", {"at": "day 1 10:00", "deleted": "day 3 12:00"}, "day 2 10:00", number=2),
        wechat("sent", every="26h", jitter="4h", silent_since="day -7", feeds=[FEED]),
        app("shop"),
    ],
}
NOT_COMPARED = {"lease_token", "essence"}  # drawn; what spares a reading


async def lived(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The record after nine days."""
    async with Story(folder, WORLD) as story:
        await story.until("day 9")
        return {name: rows_of(story, table) for name, table in RECORD.items()}


RECORD = {
    name: getattr(tables, name)
    for name in (
        "ACCOUNT",
        "TARGET",
        "OBSERVATION",
        "POST",
        "POST_WAS",
        "PROFILE",
        "PROFILE_DAY",
        "STANDING",
        "HIT",
        "ALERT",
    )
}


def rows_of(story: Story, table: Table) -> list[dict[str, Any]]:
    with story.store.reading() as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
    return [{name: value for name, value in row._asdict().items() if name not in NOT_COMPARED} for row in rows]


async def test_days_come_out_the_same_whether_or_not_unchanged_answers_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    really = tests.stories.read_here

    def counted(adapter: Any, address: Any, exchanges: tuple[Exchange, ...]) -> Any:
        read.append(1)
        return really(adapter, address, exchanges)

    monkeypatch.setattr(tests.stories, "read_here", counted)
    again = await lived(tmp_path_factory.mktemp("again"))
    few, read[:] = len(read), []
    for kind, adapter in ADAPTERS.items():
        monkeypatch.setitem(ADAPTERS, kind, replace(adapter, essence=None))
    anew = await lived(tmp_path_factory.mktemp("anew"))
    assert len(read) == len(anew["OBSERVATION"])
    assert few < len(read) - 5, "the looks that brought the same bytes were not read"
    for name, rows in anew.items():
        assert again[name] == rows, name


PIECES = (
    "<p>",
    "</p>",
    "字",
    "字字",
    "  ",
    " ",
    "\n",
    "&amp;",
    "&lt;",
    "&",
    "\u0301",
    "e",
    "<",
    ">",
    "\u200b",
    "\u3164",
    "é",
)


@given(
    st.lists(st.sampled_from(PIECES), max_size=8), st.lists(st.sampled_from(PIECES), max_size=40), st.integers(1, 400)
)
def test_an_item_is_read_once_for_its_text_and_its_digest(title: list[str], content: list[str], times: int) -> None:
    said, inside = "".join(title), "".join(content) * times
    assert read_text(said, inside) == (plain(inside, 4000), digest_of(f"{said}\n{inside[:100_000]}"))


async def test_what_a_list_shows_that_left_the_register_is_the_other_lists_from_its_next_look_on(
    tmp_path: Path,
) -> None:
    bridges = {name: {"flavour": "rsshub", "format": "rss", "zone": "gmt"} for name in ("b", "c")}
    feeds = [{"bridge": name, "id": "f", "covers": ["mass_sent", "published"]} for name in bridges]
    world = {"bridges": bridges, "accounts": [wechat("sent", "day -2 10:00", "day -3 10:00", feeds=feeds)]}
    async with Story(tmp_path, world) as story:
        await story.until("1h")
        (account,) = story.loaded.accounts
        (holds,) = {row["target"] for row in rows_of(story, tables.POST)}
        left = tuple(target for target in account.targets if target.id != holds)
        alone = account.model_copy(update={"targets": left})
        story.store.enroll([alone], story.now, lambda target: story.now)
        story.store.make_due(story.now)
        await story.until(story.now)
        assert {row["target"] for row in rows_of(story, tables.POST)} == {left[0].id}
