"""Candidates in the console: marked, shown with their proof, and decided by keys; nothing else can be."""

from __future__ import annotations

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
