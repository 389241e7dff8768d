"""Names from outside that want to be markup, escape sequences or very long: shown as what they are, or not at all."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.tui_stage import press, segments, settle, shown, stage
from tests.tui_world import Waiting, World

HOSTILE = {
    "markup": (
        "[/nope]",
        "[/",
        "[#000 on #000]secret[/]",
        "[@click=app.quit]x[/]",
        "[link=https://evil.example]x[/link]",
        "{n} {0.__class__} %s",
    ),
    "escapes": (
        "\x1b]0;PWNED\x1b\\name",
        "\x1b[2J\x1b[HFAKE SCREEN",
        "\x9b2J\x9d0;x\x9cname",
        "one\ntwo\r\nthree\u2028four",
    ),
    "invisible": ("\u202eemos\u2066 eman\u061c", "a\u200b\u2060\U000e0041b\x00\x7f", "a\ud800b"),
    "shapes": ("Z" + "\u0301" * 400, "👨‍👩‍👧‍👦 中文 👍🏽"),
    "long": ("很长的名字" * 2000,),
}
FORBIDDEN = {"Cc", "Cs"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")


WALK = (
    ("enter",), ("end",), ("enter", "1"), ("enter", "1"), ("end",), ("1",), ("end",),
    ("3",), ("a",), ("escape", "4"), ("x",), ("escape", "5"),
    ("n",), ("escape", "enter"), ("w",), ("2", "enter"), ("escape", "end"), ("6",), ("enter",), ("w", "1"), ("enter",),
    ("escape", "d", "1"), ("escape", "7"), ("down", "down", "down"), ("8",), ("down",), ("9",), ("f",),
    ("0",), ("enter",), ("enter",), ("enter",), ("question_mark",), ("escape", "ctrl+p"),
)  # fmt: skip
"""Keys that lead through every screen and every dialog."""


def world_of(*texts: str) -> World:
    """Each account speaks one of the texts in every field; what stands once on a screen speaks them all."""
    world = Waiting(40)
    fields = ("name", "sponsor", "says", "kind", "region", "level")
    world.rows = tuple(
        row.model_copy(update=dict.fromkeys(fields, texts[number % len(texts)]))
        for number, row in enumerate(sorted(world.rows, key=lambda row: row.days_left or 0))
    )
    world.hostile = "".join(texts)
    return world


def inert(pilot: Pilot[None]) -> None:
    width = pilot.app.size.width
    for line in segments(pilot):
        assert sum(cell_len(segment.text) for segment in line) == width
        for text, style, control in line:
            assert not control
            assert not any(unicodedata.category(letter) in FORBIDDEN or letter in BIDI for letter in text), ascii(text)
            assert style is None or style.link is None
            assert style is None or "@click" not in style.meta


@pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE.keys())
async def test_no_text_from_outside_can_act(texts):
    world = world_of(*texts)
    async with stage(world, (100, 30), by=world.hostile[:60]) as pilot:
        inert(pilot)
        for keys in WALK:
            await press(pilot, *keys)
            inert(pilot)
        await press(pilot, *["escape"] * 4, "2")
        pilot.app.pane.query_one("#filter").value = world.hostile[:150]
        await settle(pilot)
        inert(pilot)
        pilot.app.obey(world.hostile)
        world.broken = RuntimeError(world.hostile)
        await press(pilot, "r")
        inert(pilot)
        assert pilot.app.is_running


async def test_markup_is_shown_letter_by_letter():
    async with stage(world_of("[@click=app.quit]x[/]"), (160, 30)) as pilot:
        assert "[@click=app.quit]x[/]" in shown(pilot)
        await pilot.click("#detail", offset=(3, 0))
        await pilot.click("Lines", offset=(30, 3))
        assert pilot.app.is_running
