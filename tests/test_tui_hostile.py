"""Names from outside that want to be markup, escape sequences or very long: shown as what they are, or not at all.

Each step of a walk through all screens and dialogs is shown in other names; `make faults` shows every screen in each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from mediawatch.tui.screens import SCREENS
from tests.hostile_names import CLASSES, NAMES, acts
from tests.tui_stage import press, segments, settle, shown, stage
from tests.tui_world import Waiting, World

WALK = (
    ("enter",), ("end",), ("enter", "1"), ("enter", "1"), ("end",), ("1",), ("end",),
    ("3",), ("a",), ("escape", "4"), ("x",), ("escape", "5"),
    ("n",), ("escape", "enter"), ("w",), ("2", "enter"), ("escape", "end"), ("6",), ("enter",), ("w", "1"), ("enter",),
    ("escape", "d", "1"), ("escape", "7"), ("down", "down", "down"), ("8",), ("down",), ("9",), ("f",),
    ("0",), ("enter",), ("enter",), ("enter",), ("2", "colon", *"reconcile x.csv", "enter"),
    ("question_mark",), ("escape", "ctrl+p"),
)  # fmt: skip
"""Keys that lead through every screen and every dialog."""
DIALOGS = {"ActDialog", "FormDialog", "ChooseDialog", "HelpDialog"}
FIELDS = ("name", "sponsor", "says", "kind", "region", "level")


def world_of(*texts: str) -> World:
    """Each account speaks one of the texts in every field."""
    world = Waiting(max(40, len(texts)))
    world.rows = tuple(
        row.model_copy(update=dict.fromkeys(FIELDS, texts[number % len(texts)]))
        for number, row in enumerate(sorted(world.rows, key=lambda row: row.days_left or 0))
    )
    return world


def inert(pilot: Pilot[None]) -> None:
    width = pilot.app.size.width
    for line in segments(pilot):
        assert sum(cell_len(segment.text) for segment in line) == width
        for text, style, control in line:
            assert not control
            assert not acts(text), ascii(text)
            assert style is None or style.link is None
            assert style is None or "@click" not in style.meta


async def walked(world: World, voices: Sequence[Sequence[str]]) -> int:
    """Walks through all screens; at step n what stands once on a screen speaks `voices[n]`, one after the other.

    Returns how often a screen was shown in a name, and found to be inert.
    """
    seen, met = 0, set[str]()
    async with stage(world, (100, 30), by=voices[0][0][:60]) as pilot:
        inert(pilot)
        met.add(pilot.app.pane.place.screen)
        for step, keys in enumerate(WALK):
            names = voices[step % len(voices)]
            world.hostile = names[0]
            await press(pilot, *keys)
            inert(pilot)
            for name in names[1:]:
                world.hostile = name
                pilot.app.pane.read()
                await settle(pilot)
                inert(pilot)
            seen += len(names)
            met |= {pilot.app.pane.place.screen, type(pilot.app.screen).__name__}
        await press(pilot, *["escape"] * 4, "2")
        pilot.app.pane.query_one("#filter").value = "".join(name[:150] for name in voices[0])[:150]
        await settle(pilot)
        inert(pilot)
        for name in voices[0]:
            pilot.app.obey(name[:2000])
            world.broken = RuntimeError(name)
            await press(pilot, "r")
            inert(pilot)
        assert pilot.app.is_running
    assert met >= SCREENS.keys() | DIALOGS, (SCREENS.keys() | DIALOGS) - met
    return seen


def test_there_are_ninety_nine_names_and_each_is_another() -> None:
    assert len(NAMES) == len(set(NAMES)) == 99


@pytest.mark.parametrize("first", [0, 50])
async def test_no_name_from_outside_can_act_on_any_screen(first: int) -> None:
    """On the lists all names at once; on each screen three of them, one after the other."""
    names = (*NAMES[first:], *NAMES[:first])
    voices = [names[(place := 3 * step % 99) : place + 3] for step in range(len(WALK))]
    assert await walked(world_of(*NAMES), voices) == 3 * len(WALK)


def test_no_name_is_without_a_class_that_says_why_it_is_there() -> None:
    assert all(any(unicodedata.name(letter, "control") for letter in name) or not name for name in NAMES)
    assert {"markup", "escapes", "directions", "broken", "formulas", "paths"} <= CLASSES.keys()


async def test_markup_is_shown_letter_by_letter() -> None:
    async with stage(world_of("[@click=app.quit]x[/]"), (160, 30)) as pilot:
        assert "[@click=app.quit]x[/]" in shown(pilot)
        await pilot.click("#detail", offset=(3, 0))
        await pilot.click("Lines", offset=(30, 3))
        assert pilot.app.is_running
