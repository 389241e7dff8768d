"""The console on a stage of a given size: run over a world, waited for, and read off as lines of text."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.segment import Segment
from textual import _wait
from textual.pilot import Pilot
from textual.widgets import Input

from mediawatch.core.rulebook import Language
from mediawatch.tui.app import Console
from mediawatch.tui.lines import Lines
from mediawatch.tui.screens.board import BoardPane
from tests.tui_world import World

UPDATE = bool(os.environ.get("MEDIAWATCH_UPDATE"))
"""Set it to write snapshots, pictures and the compiled catalogue anew instead of comparing them."""

# Textual waits after each key until a while has passed in which nothing was done: five milliseconds are enough.
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.005, 0.0005

NEVER = 3600.0  # the refresh of a test: only a key reads again
SNAPSHOTS = Path(__file__).parent / "snapshots"


@asynccontextmanager
async def stage(
    world: World,
    size: tuple[int, int] = (80, 24),
    language: Language = "zh_CN",
    *,
    console: type[Console] = Console,
    read_only: bool = False,
    by: str = "",
    **more: Any,
) -> AsyncIterator[Pilot[None]]:
    """The running console, its first page read."""
    title = "云溪市登记册" if language == "zh_CN" else "Yunxi register"
    app = console(
        world,
        world.acts,
        world.clock,
        language,
        title=title,
        refresh=NEVER,
        read_only=read_only,
        by=by,
        **more,
    )
    app.animation_level = "none"  # what glides is drawn many times on its way, and every test waits for its end
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[None]) -> None:
    """Waits until nothing is being read any more and everything is drawn."""
    for _round in range(200):
        await pilot.pause()
        if _still(pilot):
            break
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def _still(pilot: Pilot[None]) -> bool:
    """Textual waits for a while without work, which on a busy machine is no sign of anything: so it is asked."""
    app, screen_ = pilot.app, pilot.app.screen
    waits = any(not pump._message_queue.empty() for pump in (app, screen_, *screen_.walk_children()))
    reads = any(not worker.is_finished for worker in app.workers)
    draws = bool(screen_._dirty_widgets) or screen_._layout_required or app._batch_count
    return not (waits or reads or draws)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys, each one waited for; letters typed into a field together."""
    for place, key in enumerate(keys):
        typing = len(key) == 1 and isinstance(pilot.app.focused, Input)
        await pilot.press(key)
        if not typing or place == len(keys) - 1:
            await settle(pilot)


def segments(pilot: Pilot[None]) -> list[list[Segment]]:
    """What the terminal is given, line by line."""
    return [list(strip) for strip in pilot.app.screen._compositor.render_strips()]


def screen(pilot: Pilot[None]) -> list[str]:
    """The screen as lines of text, without blanks at their ends."""
    return ["".join(segment.text for segment in line).rstrip() for line in segments(pilot)]


def shown(pilot: Pilot[None]) -> str:
    """The screen as one text."""
    return "\n".join(screen(pilot))


def board(pilot: Pilot[None]) -> BoardPane:
    """The board, whether or not it is what is shown."""
    return next(pane for pane in pilot.app._panes.values() if isinstance(pane, BoardPane))


def lines(pilot: Pilot[None]) -> Lines:
    """The list of the present screen."""
    return pilot.app.screen.query_one(Lines)


def same_as_kept(name: str, text: str) -> None:
    """Compares a screen with the one kept under that name."""
    kept = SNAPSHOTS / name
    if UPDATE:
        kept.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == kept.read_text(encoding="utf-8"), f"{name} differs; MEDIAWATCH_UPDATE=1 keeps the new one"
