"""The register from the console: shown before it is written, written with who and why, never more than was shown."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

from mediawatch.commands.register_acts import RegisterActs
from mediawatch.register.folder import Folder
from mediawatch.settings import load
from mediawatch.tui.source import Acts
from tests.test_register_edit import BY_HAND
from tests.tui_stage import lines, press, screen, settle, shown, stage
from tests.tui_world import World

FILING = """\
序号,账号名称,平台类型,链接,主办单位,状态
1,某市发布旧名,新浪微博,https://weibo.com/u/5000609535,某市,正常
2,某县发布,新浪微博,https://weibo.com/u/1895096900,某县政府,正常
"""


class Registered(World):
    """The usual world, with the files of a register in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(30)
        (folder / "accounts.yaml").write_text(BY_HAND, encoding="utf-8")
        path = folder / "accounts.yaml"
        self.acts_on = RegisterActs(path, None, "zh_CN", lambda: load(path, None, os.environ))

    @property
    def acts(self) -> Acts:
        return replace(super().acts, register=self.acts_on.act, differences=self.acts_on.differences)


class Far(World):
    """A daemon's record, attached to from elsewhere."""

    @property
    def acts(self) -> Acts:
        return replace(super().acts, register=None, differences=None)


async def typed(pilot, **fields: str) -> None:
    """Fills the form in."""
    for key, text in fields.items():
        pilot.app.screen.query_one(f"#field-{key}").value = text
    await settle(pilot)


async def test_an_account_is_registered_by_its_address_after_it_was_shown(tmp_path):
    async with stage(Registered(tmp_path), (100, 36), by="王") as pilot:
        await press(pilot, "n", "1")
        await typed(pilot, url="https://weibo.com/u/1895096900", name="某区发布", sponsor="某区政府", note="新开")
        await press(pilot, "enter")
        assert "新增账号 1" in shown(pilot)
        assert "weibo-1895096900  账号: - -> 某区发布" in shown(pilot)
        assert not (tmp_path / "accounts.d").exists()  # shown is not done
        await press(pilot, "enter")
        assert "已写入登记册；守护进程重新载入后生效" in next(iter(pilot.app._notifications)).message
        table = (tmp_path / "accounts.d" / "accounts.csv").read_text(encoding="utf-8-sig")
        assert [row["id"] for row in csv.DictReader(table.splitlines())] == ["weibo-1895096900"]
        (entry,) = Folder(tmp_path / "accounts.yaml").journal([])
        assert (entry.by, entry.note) == ("王", "新开")
        await press(pilot, "n", "1")
        await typed(pilot, url="weibo.com/u/5000609535")
        await press(pilot, "enter")
        assert "gov: is registered already" in shown(pilot)


async def test_a_table_is_taken_in_whole_or_not_at_all_and_the_register_is_written_to_a_new_file(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(FILING, encoding="utf-8")
    bad.write_text(FILING.replace("https://weibo.com/u/1895096900", "nowhere"), encoding="utf-8")
    async with stage(Registered(tmp_path), (110, 36), by="王") as pilot:
        await press(pilot, *f":import {bad}", "enter", "enter")
        assert "bad.csv:3:4:filing.link" in "".join(shown(pilot).split())  # each problem, with its place
        assert "nothing was changed" in shown(pilot)
        await press(pilot, "escape", *"n3")
        await typed(pilot, file=str(tmp_path / "out.xlsx"))
        await press(pilot, "enter", "enter")
        assert (tmp_path / "out.xlsx").stat().st_size
        await press(pilot, *"n3")
        await typed(pilot, file=str(tmp_path / "out.xlsx"))
        await press(pilot, "enter")
        assert "nothing is written over" in shown(pilot)
        assert not (tmp_path / "accounts.d").exists()


async def test_the_filing_held_against_the_register_is_a_list_like_any_other(tmp_path):
    (tmp_path / "filing.csv").write_text(FILING, encoding="utf-8")
    async with stage(Registered(tmp_path), (110, 30), by="王") as pilot:
        await press(pilot, *f":reconcile {tmp_path / 'filing.csv'}", "enter")
        codes = [row.code for row in lines(pilot).given]
        assert {"missing", "extra", "renamed"} <= set(codes)
        assert "已备案、未登记" in shown(pilot)
        assert "filing.csv" in screen(pilot)[4]
        await press(pilot, "slash", *"-l code=extra", "enter")
        assert [row.name for row in lines(pilot).given] == ["某县发布"]
        await press(pilot, "escape", "escape")
        assert pilot.app.pane.place.screen == "board"


async def test_where_the_files_are_elsewhere_or_nobody_may_act_nothing_is_offered(tmp_path):
    async with stage(Far(30), by="王") as pilot:
        await press(pilot, "n", *":add weibo.com/u/1", "enter")
        assert "此处不能改动登记册" in shown(pilot)
    async with stage(Registered(tmp_path), read_only=True) as pilot:
        await press(pilot, "n", *":add weibo.com/u/1", "enter")
        assert "此处不能改动登记册" in shown(pilot)
