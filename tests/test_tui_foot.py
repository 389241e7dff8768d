"""The line of keys: drawn when what is offered changes, and not when the cursor moves."""

from __future__ import annotations

from mediawatch.tui.foot import Foot
from tests.tui_stage import lines, press, screen, stage
from tests.tui_world import World


async def test_a_moving_cursor_does_not_draw_the_keys_anew():
    async with stage(World(), (160, 48)) as pilot:
        foot = pilot.app.screen.query_one(Foot)
        before = foot.drawn
        await press(pilot, "down", "down", "pagedown", "up")
        assert lines(pilot).cursor > 2
        assert foot.drawn == before
        await press(pilot, "slash")  # in the field other keys work
        assert foot.drawn > before


async def test_a_click_on_a_key_presses_it():
    async with stage(World(), (160, 48)) as pilot:
        at = screen(pilot)[-1].index("/ 筛选")
        await pilot.click(Foot, offset=(len(screen(pilot)[-1][:at].encode("gbk")), 0))
        assert pilot.app.focused.id == "filter"
