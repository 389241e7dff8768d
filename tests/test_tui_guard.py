"""A fault of the console itself: one line on the screen, or a crash that gives nothing away and is no success."""

from __future__ import annotations

import subprocess
import sys

from textual.binding import Binding

from mediawatch.tui.app import Console
from tests.tui_stage import press, shown, stage
from tests.tui_world import World


class Faulty(Console):
    """A console with a fault behind a key."""

    BINDINGS = [Binding("x", "fault")]

    def action_fault(self) -> None:
        raise ZeroDivisionError("in a handler")


async def test_a_fault_in_a_handler_is_a_message():
    async with stage(World(), console=Faulty) as pilot:
        await press(pilot, "x")
        assert "控制台内部错误：ZeroDivisionError: in a handler" in shown(pilot)
        await press(pilot, "escape", "down", "enter")
        assert "所见发布" in shown(pilot)


async def test_a_row_that_cannot_be_drawn_takes_only_its_line():
    world = World(40)
    async with stage(world) as pilot:
        world.rows = (world.rows[7].model_copy(update={"days_left": "no number"}), *world.rows[8:])
        await press(pilot, "r")
        assert "TypeError" in shown(pilot)
        assert "江口应急" in shown(pilot)


CRASH = """
import sys
from tests.tui_world import World
from mediawatch.tui.app import Console

class Broken(Console):
    def on_mount(self):
        self.set_timer(0.01, self.fall)

    def fall(self):
        webhook_secret = "hunter2"
        raise RuntimeError("\\x1b]0;title\\x07fell over")

world = World(1)
app = Broken(world, world.acts, world.clock, "en")
app.run(headless=True)
sys.exit(app.return_code)
"""


def test_a_crash_shows_no_values_and_is_no_success():
    done = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "RuntimeError: ]0;title fell over" in said
    assert "in fall" in said
    assert "hunter2" not in said
    assert "\x1b]0" not in said
