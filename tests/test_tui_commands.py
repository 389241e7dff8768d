"""What may be typed behind `:`, as tables, and what it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mediawatch.tui.commanding import Command, NoCommand, instant, read, stride
from tests.tui_stage import lines, press, screen, settle, shown, stage
from tests.tui_world import World


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("board /云溪", Command("board", filter="云溪")),
        (":alerts level=breach", Command("alerts", filter="-l level=breach")),
        ("alerts -l level=breach", Command("alerts", filter="-l level=breach")),
        ("：看板 ／云溪", Command("board", filter="云溪")),
        ("cas", Command("cases")),
        ("q", Command("quit")),
        ("sort name desc", Command("sort", ("name", "desc"))),
        ("截至 2026-06-30", Command("asof", ("2026-06-30",))),
        ("待核实", Command("review")),
    ],
)
def test_what_is_typed_is_a_command(typed, command):
    assert read(typed) == command


@pytest.mark.parametrize("typed", ["", ":", "nonsense", "a", "p", "co"])
def test_what_is_none_says_so(typed):
    with pytest.raises(NoCommand):
        read(typed)


def test_a_day_is_a_day_of_shanghai():
    assert instant("2026-06-30") == datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)
    assert instant("2026-06-30", begins=True) == datetime(2026, 6, 29, 16, tzinfo=UTC)
    assert instant("2026-06-30T09:00") == datetime(2026, 6, 30, 1, tzinfo=UTC)
    assert instant("2026-06-30T09:00Z") == datetime(2026, 6, 30, 9, tzinfo=UTC)
    assert stride("30m") == timedelta(minutes=30)
    for wrong in ("2026-06-31", "yesterday", "9999-12-31T23:00:00+99:00"):
        with pytest.raises(NoCommand):
            instant(wrong)
    with pytest.raises(NoCommand):
        stride("0h")


async def test_commands_do_what_keys_do(tmp_path):
    async with stage(World(), folder=tmp_path) as pilot:

        async def say(text: str) -> None:
            await press(pilot, "colon")
            pilot.app.focused.value = text
            await press(pilot, "enter")
            await settle(pilot)

        await say("board /西塘 公安")
        assert "1 / 300" in screen(pilot)[4]
        assert {row.name for row in lines(pilot).given} == {"西塘公安197"}
        await press(pilot, "escape")
        await say("sort name desc")
        assert "账号 v" in screen(pilot)[5]
        await say("sort colour")
        assert "colour：列表没有此列" in shown(pilot)
        await press(pilot, "escape")
        await say("account acc-0007")
        assert "西塘发布" in screen(pilot)[4] or "acc-0007" in shown(pilot)
        await say("theme light")
        assert pilot.app.theme == "textual-light"
        await say("theme 深色")
        assert pilot.app.theme == "textual-dark"
        await say("alerts level=reminder")
        assert {row.level for row in lines(pilot).given} == {"reminder"}
        await say("export csv")
        assert [file.suffix for file in tmp_path.iterdir()] == [".csv"]
        await say("pause")
        assert "[已暂停]" in screen(pilot)[0]
        await say("asof 2026-06-30")
        assert "不能回看" in shown(pilot)  # this world has no past
        await say("help")
        assert "本屏按键" in shown(pilot)
        await press(pilot, "escape")
        await say("q")
        assert pilot.app.return_code == 0
