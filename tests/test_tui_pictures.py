"""The pictures of the console for the README: made here, from the running console, so that they cannot grow stale."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

import mediawatch
from mediawatch.tui.app import Console
from tests.tui_stage import UPDATE, press, stage
from tests.tui_world import World

DOCS = Path(mediawatch.__file__).parent.parent / "docs"
_FONT = re.compile(r",\s*url\([^)]*\) format\([^)]*\)")
_FAMILY = "Fira Code, Menlo, Consolas, DejaVu Sans Mono, Noto Sans Mono CJK SC, Sarasa Mono SC, monospace"


_TEXT = re.compile(r'<text class="([^"]*-r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" ([^>]*)>([^<]*)</text>')
_RUN = re.compile(r"[!-~]+(?: [!-~]+)*|[^\u0000-\u00a0]+")
_CELL = 12.2  # how wide Rich draws a cell


def placed(match: re.Match[str]) -> str:
    """One text as several, each run of letters of one width where its first cell is: right without `textLength` too."""
    style, left, y, rest, escaped = match.groups()
    text = html.unescape(escaped).replace("\u00a0", " ")
    runs = []
    for run in _RUN.finditer(text):
        x = float(left) + cell_len(text[: run.start()]) * _CELL
        length = cell_len(run.group()) * _CELL
        words = html.escape(run.group(), quote=False).replace(" ", "&#160;")
        runs.append(f'<text class="{style}" x="{x:g}" y="{y}" textLength="{length:g}" {rest}>{words}</text>')
    return "".join(runs)


def picture(app: Console, title: str) -> str:
    """The screen as SVG that fetches nothing and shows Chinese wherever a Chinese font is."""
    drawn = _TEXT.sub(placed, _FONT.sub("", app.export_screenshot(title=title, simplify=True)))
    return drawn.replace("font-family: Fira Code, monospace", f"font-family: {_FAMILY}")


@pytest.mark.parametrize(
    ("name", "language", "keys"),
    [
        ("console.svg", "en", ("down",)),
        ("console.zh-CN.svg", "zh_CN", ("down",)),
        ("console-account.svg", "en", (*["down"] * 4, "enter")),
        ("console-account.zh-CN.svg", "zh_CN", (*["down"] * 4, "enter")),
    ],
)
async def test_the_pictures_in_the_documents_show_the_console_as_it_is(name, language, keys):
    async with stage(World(language=language), (120, 32), language) as pilot:
        await press(pilot, *keys)
        drawn = picture(pilot.app, "mediawatch tui")
    kept = DOCS / name
    if UPDATE:
        DOCS.mkdir(exist_ok=True)
        kept.write_text(drawn, encoding="utf-8")
    assert drawn == kept.read_text(encoding="utf-8"), "MEDIAWATCH_UPDATE=1 draws it anew"
    assert "url(http" not in drawn
