"""The console over a real store: what the store answers is what is shown."""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.model import Account, Target
from mediawatch.store.query import SORTS, Query
from mediawatch.store.store import Store
from mediawatch.tui.board import _SORTS as OFFERED
from mediawatch.tui.source import Source
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
        self.page, self.counts, self.account = query.page, query.counts, query.account
        self.alerts, self.platforms = query.alerts, query.platforms


async def test_the_console_shows_a_real_store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'watch.db'}", now=NOW)
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
            await press(pilot, "escape", "a")
            assert lines(pilot).count == 0
            assert "失败：" not in shown(pilot)
    finally:
        store.close()


def test_every_order_that_is_offered_is_one_of_the_store():
    assert {key for key, _words in OFFERED} <= set(SORTS)
