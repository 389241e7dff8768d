"""The screens as they look, in both languages and two sizes; and that their lines hold in every terminal."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from tests.tui_stage import SNAPSHOTS, press, same_as_kept, segments, shown, stage
from tests.tui_world import Waiting

BLOCKS = set("▁▂▃▄▅▆▇█")  # the scroll bar and the chart, which have nothing to their right


SCREENS = (
    ("board", ()),
    ("help", ("question_mark",)),
    ("account", ("escape", "down", "down", "enter")),
    ("account-end", ("end",)),
    ("finding", ("enter", "1")),
    ("answer", ("enter", "1")),
    ("alerts", ("3", "down")),
    ("acknowledge", ("a",)),
    ("pulse", ("escape", "1")),
    ("review", ("4",)),
    ("dismiss", ("x",)),
    ("inspections", ("escape", "5", "down")),
    ("inspection", ("enter",)),
    ("cases", ("6",)),
    ("case", ("enter",)),
    ("step", ("w", "1", "enter")),
    ("platforms", ("escape", "7", "down", "down")),
    ("receivers", ("8", "down")),
    ("log", ("9",)),
    ("areas", ("0", "enter")),
    ("jump", ("ctrl+o",)),
    ("register", ("escape", "2", "n", "1")),
    ("differences", ("escape", "colon", *"reconcile filing.xlsx", "enter", "down")),
    ("filter", ("2", "slash", *"-l colour=red")),
)
"""Each screen, and the keys that lead there from the one before."""


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_every_screen_looks_as_it_was_agreed(language, size):
    async with stage(Waiting(300, language), size, language, by="值班员") as pilot:
        for name, keys in SCREENS:
            await press(pilot, *keys)
            for line in segments(pilot):
                assert sum(cell_len(segment.text) for segment in line) == size[0]
            same_as_kept(f"{name}-{size[0]}x{size[1]}-{language}.txt", shown(pilot))


KEPT = {file.name: file.read_text(encoding="utf-8") for file in sorted(SNAPSHOTS.glob("*.txt"))}  # as proven above


def kept(start: str) -> dict[str, str]:
    found = {name: text for name, text in KEPT.items() if name.startswith(start)}
    assert found
    return found


def test_no_glyph_of_ambiguous_width_stands_in_a_line_that_must_align():
    for name, text in KEPT.items():
        wide = {letter for letter in text if unicodedata.east_asian_width(letter) == "A" and letter not in BLOCKS}
        assert not wide, name


def test_outcomes_are_told_without_colour():
    for text in kept("board-80x24-zh_CN").values():
        rows = text.splitlines()
        assert any(row.startswith(">X 失败") for row in rows)
        assert any(row.startswith(" ! 临期") for row in rows)
        assert any(row.startswith(" ? 未知") for row in rows)


def test_the_age_of_the_data_and_the_platform_that_is_down_are_on_every_screen():
    for name in (
        name for name, keys in SCREENS if name not in ("help", "jump", "dismiss", "acknowledge", "step", "register")
    ):
        for text in kept(f"{name}-80x24-zh").values():
            top = "\n".join(text.splitlines()[:4])
            assert "数据 12秒前" in top
            assert "weibo 自 11-23 12:14 起看不到" in top
