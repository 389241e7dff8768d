"""Every key of the console is pressed; keys can be changed, and none acts while one types."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.widgets import Input

from mediawatch.tui.app import key_ids
from mediawatch.tui.dialogs import HelpDialog
from mediawatch.tui.keys import faults
from mediawatch.tui.look import Look
from mediawatch.tui.pane import Pane
from tests.tui_stage import board, lines, press, screen, shown, stage
from tests.tui_world import Waiting, World

WAYS = {
    "board": ("2",),
    "account": ("2", "enter"),
    "finding": ("2", "enter", "enter", "1"),
    "answer": ("2", "enter", "enter", "1", "enter", "1"),
    "pulse": ("1",),
    "alerts": ("3",),
    "review": ("4",),
    "inspections": ("5",),
    "inspection": ("5", "enter"),
    "cases": ("6",),
    "case": ("6", "enter"),
    "platforms": ("7",),
    "receivers": ("8",),
    "log": ("9",),
    "areas": ("0",),
    "differences": ("2", "colon", *"reconcile x.csv", "enter"),
}
"""How to come to each kind of screen from anywhere."""


def own(pilot) -> dict[str, Binding]:
    """The keys of ours that work on the present screen, by id."""
    found = {}
    for active in pilot.app.screen.active_bindings.values():
        if active.binding.id and active.enabled:
            found.setdefault(active.binding.id, active.binding)
    return found


async def test_every_key_is_pressed_on_a_screen_that_has_it_and_leaves_the_console_alive(tmp_path):
    """Walks all screens and presses their keys; a binding that was not pressed anywhere fails the test."""
    pressed: set[str] = set()
    world = Waiting(300)
    async with stage(world, (110, 30), by="wang", folder=tmp_path) as pilot:
        for name, way in WAYS.items():
            await press(pilot, *way)
            assert pilot.app.pane.place.screen == name
            for key_id, binding in own(pilot).items():
                if key_id == "app.quit" or (key_id in pressed and not key_id.startswith("act.")):
                    continue
                await press(pilot, binding.key)
                while not isinstance(pilot.app.screen, Pane) or isinstance(pilot.app.focused, Input):
                    await press(pilot, "escape")
                pressed.add(key_id)
                assert pilot.app.is_running
                assert "控制台内部错误" not in shown(pilot), (name, key_id)
                if pilot.app.pane.place.screen != name:
                    await press(pilot, *way)
        await pilot.press("q")
        pressed.add("app.quit")
        assert pilot.app.return_code == 0
    assert key_ids().keys() - pressed == {"time.back", "time.on"}  # pressed in test_tui_past


async def test_the_number_keys_the_history_and_the_view_before():
    async with stage(World()) as pilot:
        await press(pilot, "enter", "3", "7")
        been = [place.screen for place in pilot.app.been.places]
        assert been == ["board", "account", "alerts", "platforms"]
        await press(pilot, "left_square_bracket", "left_square_bracket")
        assert pilot.app.pane.place.screen == "account"
        await press(pilot, "right_square_bracket")
        assert pilot.app.pane.place.screen == "alerts"
        await press(pilot, "minus")
        assert pilot.app.pane.place.screen == "account"
        await press(pilot, "minus", "ctrl+o", "9")
        assert pilot.app.pane.place.screen == "log"
        await press(pilot, "escape", "escape", "escape")
        assert pilot.app.screen is board(pilot)


async def test_the_way_down_from_a_province_to_the_evidence_and_back_up():
    async with stage(World(), (120, 24)) as pilot:
        await press(pilot, "0", *["enter"] * 6, "1", "enter", "1")
        trail = [place.screen for place in pilot.app.pane.place.trail]
        assert trail == ["areas", "areas", "areas", "areas", "board", "account", "finding", "answer"]
        way = "地区 > 浙江 > 浙江 3307 > 浙江 330700 > 西塘市人民政府办公室 > 西塘发布 > 内容更新"
        assert way in screen(pilot)[4].replace("~", "")
        for _level in trail[1:]:
            await press(pilot, "escape")
        assert pilot.app.pane.place.screen == "areas"
        assert not pilot.app.pane.place.subject
        await press(pilot, "2", "o")  # from an account to all accounts of its unit, and no other's
        assert {row.sponsor for row in lines(pilot).given} == {"西塘市应急管理局"}
        await press(pilot, "2", "u")
        assert {row.account for row in lines(pilot).given} == {"acc-0207"}


async def test_a_keymap_gives_an_action_other_keys_and_takes_its_own_away():
    look = Look(keymap={"list.filter": "ctrl+f,f5", "app.pause": "P"})
    async with stage(World(), look=look) as pilot:
        await press(pilot, "slash")
        assert not isinstance(pilot.app.focused, Input)
        await press(pilot, "f5")
        assert isinstance(pilot.app.focused, Input)
        await press(pilot, "escape", "P")
        assert "[已暂停]" in screen(pilot)[0]


@pytest.mark.parametrize(
    ("keymap", "says"),
    [({"list.filtr": "f5"}, "no action"), ({"list.filter": "/ or so"}, "no key"), ({"list.filter": "ctrl+f,f5"}, "")],
)
def test_a_keymap_that_is_wrong_is_refused_in_words(keymap, says):
    assert [says in line for line in faults(keymap, key_ids())] == ([True] if says else [])


async def test_full_width_punctuation_of_an_input_method_works_as_keys_too():
    async with stage(World()) as pilot:
        await press(pilot, "ideographic_comma")
        assert isinstance(pilot.app.focused, Input)
        await press(pilot, "escape", "fullwidth_colon")
        assert pilot.app.focused.id == "command"
        await press(pilot, "escape", "fullwidth_question_mark")
        assert isinstance(pilot.app.screen, HelpDialog)


@pytest.mark.parametrize(("key", "field"), [("slash", "filter"), ("colon", "command")])
async def test_what_is_typed_in_one_burst_with_the_key_of_a_field_belongs_to_the_field(key, field):
    async with stage(World()) as pilot:
        for one in (key, *"qfp"):
            pilot.app.simulate_key(one)
        await press(pilot, "1")
        assert (pilot.app.focused.id, pilot.app.focused.value) == (field, "qfp1")
        assert pilot.app.pane.place.screen == "board"


async def test_enter_and_backspace_in_a_burst_come_behind_the_letters_before_them():
    async with stage(World()) as pilot:
        for key in ("slash", *"108", "backspace", "7", "enter", "space"):
            pilot.app.simulate_key(key)
        await press(pilot, "left")
        pane = pilot.app.pane
        assert (pane.typed, pilot.app.focused, len(pane.marks)) == ("107", lines(pilot), 1)
        for key in ("escape", "escape", "colon", *"alerts", "enter"):
            pilot.app.simulate_key(key)
        await press(pilot, "down")
        assert pilot.app.pane.place.screen == "alerts"


async def test_no_single_letter_does_anything_while_one_types():
    world = Waiting(30)
    async with stage(world, by="wang") as pilot:
        await press(pilot, "colon", *"qaxvzRft1")
        assert pilot.app.focused.value == "qaxvzRft1"
        await press(pilot, "enter")
        assert "没有此命令：qaxvzRft1" in shown(pilot)
        await press(pilot, "3", "a", *"qx1")
        assert pilot.app.screen.query_one("#note", Input).value == "qx1"
        assert not world.acknowledged
        assert pilot.app.is_running
