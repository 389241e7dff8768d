"""Marks and acts on many, copies and exports: about what is shown, never about more, and never cut without a word."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from python_calamine import CalamineWorkbook
from textual.widgets import Input

from mediawatch.locale import catalogue
from mediawatch.tui import copying, listing
from mediawatch.tui.columns import Sorted
from mediawatch.tui.exporting import FORMATS, Sheet, export
from mediawatch.tui.memory import Memory
from tests.tui_stage import lines, press, screen, settle, shown, stage
from tests.tui_world import World

ZH = catalogue("zh_CN")
AT = datetime(2026, 11, 23, 6, 32, 5, tzinfo=UTC)
SHEET = Sheet(
    title="board",
    heads=("名称", "数"),
    keys=("name", "number"),
    rows=(("=cmd|'/c calc'!A0", 3), ("＋1", None), ("a|b\x1b[2J", 4.5)),
    matching=5717,
    at=AT,
)


async def test_an_act_is_about_what_is_marked_and_shown_and_names_it():
    world = World()
    async with stage(world, by="Li") as pilot:
        await press(pilot, "space", "space", "space")
        assert "已标记 3" in screen(pilot)[4]
        assert screen(pilot)[6].startswith("+X 失败")
        await press(pilot, "slash", *"107", "enter", "a")  # two of the three are hidden now
        assert "受理: 西塘交通107" in shown(pilot)
        await press(pilot, *"ok", "enter")
        assert world.acknowledged == [("alert-acc-0107", "Li", "ok")]
        assert "已标记" not in screen(pilot)[4]


async def test_marks_that_are_all_hidden_act_on_nothing():
    world = World()
    async with stage(world, by="Li") as pilot:
        await press(pilot, "space", "slash", *"107", "enter", "z")
        assert "所标记者均被筛选隐藏；未作任何处理" in shown(pilot)
        assert not world.done


async def test_an_act_on_many_wants_their_number_typed():
    world = World()
    async with stage(world, (100, 30), by="Li") as pilot:
        await press(pilot, "ctrl+a")
        assert "已标记 17" in screen(pilot)[4]
        await press(pilot, "R")
        assert "再次查看: 共 17 项" in shown(pilot)
        assert "，另有 9 个" in shown(pilot)
        await press(pilot, "enter")
        assert "数目不符" in shown(pilot)
        assert not world.done
        pilot.app.screen.query_one("#count", Input).value = "17"
        await press(pilot, "enter")
        assert len(world.done) == 17
        assert {name for name, *_rest in world.done} == {"account.look"}
        await press(pilot, "ctrl+a", "escape")
        assert "已标记" not in screen(pilot)[4]


async def test_what_is_copied_is_the_value_the_row_or_a_line_of_it():
    async with stage(World()) as pilot:
        await press(pilot, "c")
        assert pilot.app.clipboard == "-637"
        await press(pilot, "y")
        assert json.loads(pilot.app.clipboard)["account"] == "acc-0207"
        await press(pilot, "Y")
        assert pilot.app.clipboard.startswith("西塘应急207 (acc-0207) | 微博 | 西塘市应急管理局 | 已651天未更新")
        await press(pilot, "enter", "c")
        assert pilot.app.clipboard == "acc-0207"


class Terminal:
    """As much of an application as copying needs."""

    is_headless = False
    copied = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


async def test_a_terminal_that_cannot_copy_and_a_text_that_is_too_long_are_told(monkeypatch):
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    assert (await copying.copy(terminal, "云溪", ZH))[0]
    assert terminal.copied == "云溪"
    done, said = await copying.copy(terminal, "x" * 80_000, ZH)
    assert not done
    assert "80000" in said
    monkeypatch.setenv("TERM", "linux")
    assert (await copying.copy(terminal, "a", ZH)) == (False, "未复制：此终端（linux）没有剪贴板。")
    assert terminal.copied == "云溪"
    assert (await copying.copy(terminal, "", ZH))[0] is False


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_says_that_it_is_cut_and_holds_nothing_that_runs(form, tmp_path):
    path = export(SHEET, form, tmp_path, ZH)
    assert path.name == f"mediawatch-board-20261123-143205-first-3-of-5717.{form}"
    assert export(SHEET, form, tmp_path, ZH) != path  # never over another file
    body = path.read_bytes()
    if form == "json":
        whole = json.loads(body)
        assert (whole["shown"], whole["matching"], whole["rows"][0]["number"]) == (3, 5717, 3)
        return
    if form == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
        assert rows[1] == ["=cmd|'/c calc'!A0", 3.0]
        assert b"<f>" not in body
        assert rows[-1][0] == "前 3 条，共 5,717 条"
        return
    text = body.decode("utf-8-sig")
    assert "前 3 条，共 5,717 条" in text
    assert "\x1b" not in text
    if form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert [row[0] for row in rows[1:3]] == ["'=cmd|'/c calc'!A0", "'＋1"]
    else:
        assert "a\\|b" in text


async def test_an_export_is_what_is_shown_in_its_order_and_a_long_one_says_first_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MOST_EXPORTED", 5)
    async with stage(World(), folder=tmp_path) as pilot:
        await press(pilot, "right", "s", "e", "3")
        await settle(pilot)
        (path,) = tmp_path.iterdir()
        whole = json.loads(path.read_text(encoding="utf-8"))
        assert [row["account"] for row in whole["rows"]] == [row.account for row in lines(pilot).given[:5]]
        assert "前 5 条，共 17 条" in shown(pilot)
        await press(pilot, "ctrl+y")
        assert "前 5 条，共 17 条" in pilot.app.clipboard  # messages can be copied


def test_a_memory_that_cannot_be_read_or_written_is_begun_anew(tmp_path):
    file = tmp_path / "deep" / "console.json"
    memory = Memory(file, "here")
    memory.keep_order("board", Sorted("name", True))
    memory.keep_visit(AT)
    again = Memory(file, "here")
    assert (again.order("board"), again.last_visit, Memory(file, "there").last_visit) == (
        Sorted("name", True),
        AT,
        None,
    )
    for broken in ("{", "[]", '{"orders": 5, "visits": {"here": "never"}}', "[" * 70_000):
        file.write_text(broken, encoding="utf-8")
        assert Memory(file, "here").order("board") is None
        assert Memory(file, "here").last_visit is None
    Memory(tmp_path / "console.json" / "x", "here").keep_theme("contrast")  # no such folder can be made: let be
