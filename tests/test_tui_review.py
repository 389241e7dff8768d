"""Candidates in the console: marked, shown with their proof, and decided by keys; nothing else can be."""

from __future__ import annotations

from mediawatch.conclude import conclude
from mediawatch.policy import Policy
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.query import Query
from tests.empty_store import new_store
from tests.store_world import DAY, START, account, enrolled, look, post
from tests.test_tui_store import Stored
from tests.tui_stage import press, screen, shown, stage
from tests.tui_world import NOW, Waiting


async def test_a_candidate_stands_beside_its_evidence_and_is_confirmed_by_keys():
    world = Waiting()
    async with stage(world, size=(160, 40), by="wang") as pilot:
        await press(pilot, "4")
        assert "1 / 1" in screen(pilot)[4]
        assert "作为证据的查看" in shown(pilot)
        assert "days 51" in shown(pilot)
        assert "2026-11-23 14:25:05" in shown(pilot)  # the look that proves it
        await press(pilot, "tab", "down", "tab", "v", "enter")
        assert "记录须有姓名和理由" in shown(pilot)
        await press(pilot, *"seen", "enter")
        (alert,) = [one.id for one in world.alerts(NOW, True)][:1]
        assert world.decided == [(alert, "confirm", "wang", "seen")]
        assert "没有待人工核实的事项" in shown(pilot)
        await press(pilot, "x")
        assert len(world.decided) == 1, "what is decided is not asked for again"
        await press(pilot, "f")
        assert "1 / 1" in screen(pilot)[4]  # among what was decided


async def test_a_refusal_is_shown_and_what_does_not_wait_is_not_offered():
    world = Waiting()
    world.refuses = ValueError("a second person must")
    async with stage(world, size=(160, 30), by="wang") as pilot:
        await press(pilot, "3", "x", *"why", "enter")
        assert "a second person must" in shown(pilot)
        await press(pilot, "escape", "down")
        assert "排除" not in screen(pilot)[-1]
        await press(pilot, "x")
        assert "排除：" not in shown(pilot)


async def test_a_console_that_may_only_read_decides_nothing():
    async with stage(Waiting(), size=(120, 30), read_only=True) as pilot:
        await press(pilot, "4", "v")
        assert "确认: " not in shown(pilot)


async def test_the_officer_reads_beside_the_queue_why_a_person_must_decide_and_what_to_check(tmp_path):
    """Over a real store: a silence that began before it was watched."""
    store, books = new_store(tmp_path / "watch.db", START), {"national-2019": load_rulebook("national-2019")}
    try:
        enrolled(store, who := account("a"))
        for day in (0, 2):
            look(store, START + day * DAY, post("1", START - 90 * DAY))
            with store.writing() as ledger:
                conclude(ledger, [who], Policy(books=books), START + day * DAY)
        async with stage(Stored(Query(store, books, "zh_CN")), size=(160, 40)) as pilot:
            await press(pilot, "4")
            told = "".join(shown(pilot).split())
            assert "本系统自2026-03-01起才连续读取其列表" in told
            assert "请打开该账号核对" in told
            assert "2026-03-16起（含当日）再读到同样结果的，不再需要人工核实" in told
    finally:
        store.close()
