"""The board and the alerts in use: the cursor, the window, filters, acknowledging, faults of the source."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from textual.widgets import Input

from mediawatch.core.model import Outcome
from mediawatch.tui.look import Look
from mediawatch.tui.memory import Memory
from mediawatch.tui.places import Place, about
from mediawatch.tui.themes import THEMES
from tests.tui_stage import board, lines, press, screen, segments, settle, shown, stage
from tests.tui_world import NOW, World


def failing(account: str, days: int):
    row = World(8).rows[7]
    return row.model_copy(
        update={
            "account": account,
            "name": account,
            "days_left": -days,
            "newest_post_at": NOW - timedelta(days=days + 14),
        }
    )


async def test_a_refresh_leaves_the_cursor_on_the_same_account():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "down", "down", "j")
        chosen = lines(pilot).row.account
        world.rows += (failing("new-1", 5000), failing("new-2", 4000))
        await press(pilot, "r")
        assert lines(pilot).row.account == chosen
        assert lines(pilot).cursor == 5
        assert "new-1" in screen(pilot)[6]  # the worst is in sight: the list did not scroll away from it


async def test_a_refresh_in_the_middle_of_the_list_keeps_the_account_on_its_line_of_the_screen():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, *["pagedown"] * 3)
        chosen, place = lines(pilot).row.account, lines(pilot).cursor - lines(pilot).scroll_offset.y
        world.rows += tuple(failing(f"new-{number}", 3000 + number) for number in range(30))
        await press(pilot, "r")
        assert lines(pilot).row.account == chosen
        assert lines(pilot).cursor - lines(pilot).scroll_offset.y == place


async def test_an_untouched_cursor_stays_on_the_worst():
    world = World()
    async with stage(world) as pilot:
        world.rows += (failing("new-1", 5000),)
        await press(pilot, "r")
        assert lines(pilot).row.account == "new-1"


async def test_an_account_that_recovers_does_not_drag_the_screen_with_it():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, "down")
        gone = lines(pilot).row.account
        better = {"outcome": Outcome.PASS, "days_left": 900}
        world.rows = tuple(row.model_copy(update=better) if row.account == gone else row for row in world.rows)
        await press(pilot, "r")
        assert lines(pilot).cursor == 1
        assert lines(pilot).row.account != gone
        assert lines(pilot).scroll_offset.y == 0


async def test_the_list_may_shrink_under_the_cursor():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, "end")
        assert lines(pilot).cursor == 299
        world.rows = world.rows[:5]
        await press(pilot, "r")
        assert lines(pilot).cursor == 4
        world.rows = ()
        await press(pilot, "r", "down", "enter")
        assert "尚未登记账号" in shown(pilot)


async def test_ten_thousand_accounts_are_read_through_a_window():
    world = World(10_000)
    async with stage(world) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, "end", "pageup", "home", "pagedown", "end")
        assert lines(pilot).cursor == 9_999
        assert lines(pilot).row is not None
        assert max(world.rows_asked) <= 120
        assert len(lines(pilot).given) <= 120


async def test_the_filter_counts_stays_and_is_cleared_by_escape():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, "slash", *"c-00", "enter")
        assert "100 / 300" in screen(pilot)[4]
        assert '筛选 "c-00"' in screen(pilot)[4]
        await press(pilot, "enter", "escape")
        assert "100 / 300" in screen(pilot)[4]
        await press(pilot, "escape")
        assert "300 / 300" in screen(pilot)[4]


async def test_chinese_text_reaches_the_filter():
    async with stage(World()) as pilot:
        await press(pilot, "f", "f")  # all accounts
        await press(pilot, "slash")
        pilot.app.screen.query_one(Input).insert_text_at_cursor("云溪市公安局")
        await settle(pilot)
        assert board(pilot).given.matching == sum("云溪市公安局" in row.sponsor for row in World().rows)


async def test_letters_typed_into_the_filter_are_no_commands():
    async with stage(World()) as pilot:
        await press(pilot, "slash", "q", "a", "f", "p")
        assert pilot.app.is_running
        assert board(pilot).typed == "qafp"
        assert "此处没有问题" in shown(pilot)


async def test_problems_are_shown_first_then_failed_only_then_all():
    async with stage(World()) as pilot:
        seen = []
        for _round in range(4):
            seen.append((board(pilot).given.matching, {row.outcome for row in board(pilot).given.rows}))
            await press(pilot, "f")
        assert seen[0] == seen[3] == (17, {Outcome.FAIL, Outcome.AT_RISK, Outcome.UNKNOWN})
        assert seen[1] == (3, {Outcome.FAIL})
        assert seen[2][0] == 300


async def test_any_column_sorts_both_ways_and_is_remembered(tmp_path):
    memory = Memory(tmp_path / "console.json")
    async with stage(World(), memory=memory) as pilot:
        await press(pilot, "right", "s")  # the column behind the deadline is the name
        names = [row.name for row in lines(pilot).given]
        assert names == sorted(names)
        assert "账号 ^" in screen(pilot)[5]
        await press(pilot, "s")
        assert [row.name for row in lines(pilot).given] == sorted(names, reverse=True)
        await press(pilot, "S")
        assert [row.name for row in lines(pilot).given] == names
    async with stage(World(), memory=Memory(tmp_path / "console.json")) as pilot:
        assert [row.name for row in lines(pilot).given] == names
        await pilot.click("Lines", offset=(3, 0))  # a heading
        await settle(pilot)
        assert "结论 ^" in screen(pilot)[5]


async def test_escape_never_leaves_the_board_and_q_does():
    async with stage(World()) as pilot:
        await press(pilot, "enter", "escape", "escape", "escape")
        assert pilot.app.is_running
        assert pilot.app.screen is board(pilot)
        await pilot.press("q")
        assert pilot.app.return_code == 0


async def test_an_account_opens_and_keeps_its_place_when_it_is_read_again():
    async with stage(World()) as pilot:
        await press(pilot, "enter", "end")
        place = pilot.app.screen.query_one("Paper").scroll_offset
        await press(pilot, "r")
        assert place.y > 0
        assert pilot.app.screen.query_one("Paper").scroll_offset == place


async def test_a_pause_stops_the_reading_and_says_so():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "p")
        asked = len(world.rows_asked)
        board(pilot).beat()
        await settle(pilot)
        assert len(world.rows_asked) == asked
        assert "[已暂停]" in screen(pilot)[0]
        await press(pilot, "p")
        board(pilot).beat()
        await settle(pilot)
        assert len(world.rows_asked) == asked + 1


async def test_an_alert_is_acknowledged_with_a_name_and_a_note():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "3", *["down"] * 3, "a", "enter")
        assert "记录须有姓名" in shown(pilot)
        await press(pilot, *"Li", "tab", *"ok", "enter")
        assert world.acknowledged == [("alert-acc-0011", "Li", "ok")]
        assert lines(pilot).row.account == "acc-0011"
        assert "Li 于 2026-11-23 14:32 受理：ok" in shown(pilot)
        await press(pilot, "a")  # the name is remembered
        assert pilot.app.screen.query_one("#by", Input).value == "Li"
        await press(pilot, "escape")
        assert len(world.acknowledged) == 1


async def test_all_alerts_include_those_that_are_over():
    async with stage(World()) as pilot:
        await press(pilot, "3")
        assert len(lines(pilot).given) == 8
        await press(pilot, "f", "end")
        assert len(lines(pilot).given) == 9
        assert "已解决" in shown(pilot)
        await press(pilot, "enter")  # an incident has no account's page, but its platform is shown
        assert pilot.app.pane.place.screen == "platforms"


def test_what_an_alert_is_about_has_a_place_of_its_own():
    here = Place("alerts")
    assert about("acc-1", "云溪", here) == Place("account", "acc-1", "云溪", up=here)
    assert about("case:2026-00007", "云溪", here) == Place("case", "2026-00007", "云溪", up=here)
    assert about("session:weibo-1", "", here) == Place("platforms")
    assert about("campaign:q3", "", here) == Place("inspection", "q3", up=here)
    assert about("disk:full", "", here) is None


async def test_a_console_that_may_only_read_offers_no_acknowledging():
    world = World()
    async with stage(world, read_only=True) as pilot:
        assert "[只读]" in screen(pilot)[0]
        await press(pilot, "3", "a")
        assert "经办人" not in shown(pilot)
        assert "a 受理" not in screen(pilot)[-1]


async def test_a_fault_of_the_source_is_a_message_and_the_console_lives_on():
    world = World()
    async with stage(world) as pilot:
        world.broken = OSError("disk\x1b[2J on fire\nsecond line")
        await press(pilot, "r")
        assert "读取失败：OSError: disk [2J on fire" in shown(pilot)
        assert "[14:32:05 起未读到数据]" in screen(pilot)[0]
        assert "西塘应急207" in shown(pilot)  # what was read stays
        await press(pilot, "escape", "r")
        assert "读取失败" not in shown(pilot)  # the same fault does not come back once it was closed
        assert "起未读到数据" in screen(pilot)[0]  # but its badge stays
        world.broken = None
        await press(pilot, "r")
        assert "起未读到数据" not in shown(pilot)


async def test_a_fault_at_the_start_is_a_message_too():
    world = World()
    world.broken = RuntimeError("no such table")
    async with stage(world) as pilot:
        assert "no such table" in shown(pilot)
        world.broken = None
        await press(pilot, "r")
        assert "西塘应急207" in shown(pilot)


async def test_an_acknowledgement_that_fails_is_a_message():
    world = World()
    async with stage(world, by="Li") as pilot:
        await press(pilot, "3", "a", *"x")
        world.broken = PermissionError("the daemon refused")
        await press(pilot, "enter")
        world.broken = None
        await press(pilot, "r")  # a good reading closes the message of a bad one, not this
        assert "受理：1 项中有 1 项失败：PermissionError: the daemon refused" in shown(pilot)
        assert "读取失败" not in shown(pilot)
        await press(pilot, "escape")
        assert "项失败" not in shown(pilot)


async def test_the_source_is_asked_from_one_thread_that_is_not_the_keyboards():
    world = World()
    async with stage(world) as pilot:
        await press(pilot, "enter", "escape", "3", "r")
        assert len(world.threads) == 1
        assert threading.get_ident() not in world.threads


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (200, 60)])
async def test_any_size_of_terminal_is_borne(size):
    async with stage(World(), size) as pilot:
        await press(pilot, "down", "enter", "escape", "3", "question_mark", "escape")
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert pilot.app.is_running


async def test_every_theme_is_reached_and_the_last_is_remembered(tmp_path):
    async with stage(World(), memory=Memory(tmp_path / "console.json")) as pilot:
        seen = []
        for _round in THEMES:
            seen.append(pilot.app.theme)
            await press(pilot, "t")
            assert "西塘应急207" in shown(pilot)
        assert seen == list(THEMES)
        await press(pilot, "t")
    async with stage(World(), memory=Memory(tmp_path / "console.json")) as pilot:
        assert pilot.app.theme == "textual-light"


async def test_sixteen_colours_have_a_cursor_that_needs_none_from_the_start():
    async with stage(World(30), look=Look(theme="ansi-dark")) as pilot:
        cursor = next(line for line in segments(pilot) if line[0].text.startswith(">"))
        assert all(one.style is not None and one.style.reverse for one in cursor[:3])


async def test_the_palette_knows_the_keys_of_the_screen():
    async with stage(World()) as pilot:
        await press(pilot, "ctrl+p")
        assert "搜索命令" in shown(pilot)
        await press(pilot, *"告警", "enter")
        await settle(pilot)
        assert "未解决的告警" in shown(pilot)
