"""Names from outside that want to be markup, escape sequences or very long: shown as what they are, or not at all."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tests.tui_stage import board, press, segments, shown, stage
from tests.tui_world import World

HOSTILE = {
    "closing tag": "[/nope]",
    "open bracket": "[/",
    "hidden": "[#000 on #000]secret[/]",
    "action": "[@click=app.quit]x[/]",
    "link": "[link=https://evil.example]x[/link]",
    "title": "\x1b]0;PWNED\x1b\\name",
    "clear": "\x1b[2J\x1b[HFAKE SCREEN",
    "c1": "\x9b2J\x9d0;x\x9cname",
    "bidi": "\u202eemos\u2066 eman\u061c",
    "invisible": "a\u200b\u2060\U000e0041b\x00\x7f",
    "surrogate": "a\ud800b",
    "marks": "Z" + "\u0301" * 400,
    "family": "👨‍👩‍👧‍👦 中文 👍🏽",
    "long": "很长的名字" * 2000,
    "newlines": "one\ntwo\r\nthree\u2028four",
    "braces": "{n} {0.__class__} %s",
}
FORBIDDEN = {"Cc", "Cs"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")


def world_of(text: str) -> World:
    world = World(40)
    changed = {"name": text, "sponsor": text, "says": text, "kind": text, "region": text, "level": text}
    world.rows = tuple(row.model_copy(update=changed) for row in world.rows)
    world.hostile = text
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


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_no_text_from_outside_can_act(text):
    world = world_of(text)
    async with stage(world, (100, 30), by=text[:20]) as pilot:
        inert(pilot)
        for keys in (
            ("down", "enter"),
            ("end",),
            ("escape", "a", "down"),
            ("a",),
            ("escape", "escape", "question_mark"),
        ):
            await press(pilot, *keys)
            inert(pilot)
        await press(pilot, "escape")
        board(pilot).query_one("#filter").value = text[:200]
        world.broken = RuntimeError(text)
        await press(pilot, "r")
        inert(pilot)
        assert pilot.app.is_running


async def test_markup_is_shown_letter_by_letter():
    async with stage(world_of("[@click=app.quit]x[/]"), (160, 30)) as pilot:
        assert "[@click=app.quit]x[/]" in shown(pilot)
        await pilot.click("#detail", offset=(3, 0))
        await pilot.click("Lines", offset=(30, 3))
        assert pilot.app.is_running
