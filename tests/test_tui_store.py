"""The console over a real store: what the store answers is what is shown."""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.model import Account, Target
from mediawatch.core.reading import QUESTIONS
from mediawatch.store.query import SORTS, Query
from mediawatch.tui.screens.board import COLUMNS
from mediawatch.tui.source import Source
from tests.empty_store import new_store
from tests.tui_stage import lines, press, screen, shown, stage
from tests.tui_world import NOW, World


def account(number: int) -> Account:
    name = f"acc-{number:02}"
    target = Target(id=f"{name}-t", account=name, adapter="weibo", platform="weibo", address={"uid": f"5000{number}"})
    return Account(id=name, name=f"云溪{number}号", kind="weibo", sponsor="云溪市公安局", targets=(target,))


class Stored(World):
    """The world's clock and acts over a store's own answers."""

    def __init__(self, query: Source) -> None:
        super().__init__(0)
        for question in QUESTIONS:
            setattr(self, question, getattr(query, question))


async def test_the_console_shows_a_real_store(tmp_path):
    store = new_store(tmp_path / "watch.db", NOW)
    try:
        store.enroll([account(number) for number in range(30)], NOW, lambda target: NOW + timedelta(hours=1))
        source: Source = Query(store, {}, "zh_CN")
        async with stage(Stored(source)) as pilot:
            assert "30 / 30" in shown(pilot)
            assert "云溪0号" in shown(pilot)
            assert "数据：尚未查看" in screen(pilot)[0]
            await press(pilot, "slash", *"acc-2", "enter", "down", "enter")
            assert "云溪21号" in shown(pilot)
            assert "尚未查看。" in shown(pilot)
            await press(pilot, "end")
            assert "weibo" in shown(pilot)
            await press(pilot, "escape", "0", *["enter"] * 4)
            assert lines(pilot).count == 30  # through the areas, down to the accounts of one unit
            for key in "1346790":
                await press(pilot, key)
            await press(pilot, "3")
            assert lines(pilot).count == 0
            assert "失败：" not in shown(pilot)
    finally:
        store.close()


def test_every_column_is_an_order_of_the_store():
    assert {column.key for column in COLUMNS} <= set(SORTS)
