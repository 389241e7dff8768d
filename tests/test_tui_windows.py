"""Windows of long lists are found from a row at hand; marks and acts reach rows that no window holds."""

from __future__ import annotations

from mediawatch.core.filtering import Filter
from mediawatch.tui.columns import Sorted
from mediawatch.tui.windows import Asked, Window, spans
from tests.tui_stage import lines, press, shown, stage
from tests.tui_world import World

BY_NAME = Sorted("name")


def asked(offset: int, limit: int = 10, order: Sorted = BY_NAME) -> Asked:
    return Asked(Filter(), 0, order, offset, limit)


def given(offset: int, size: int = 10, after: str = "") -> Window[int]:
    numbers = range(offset, offset + size)
    return Window(tuple(numbers), offset, 100, 100, tuple(f"m{number}" for number in numbers), BY_NAME, after)


def test_the_next_window_is_found_from_the_row_beside_it():
    for offset, held, after, before in (
        (25, given(20), "m24", ""),  # further down
        (30, given(20), "m29", ""),  # right behind
        (15, given(20), "", "m25"),  # further up
        (20, given(20, after="m19"), "m19", ""),  # the same once more
        (0, given(20), "", ""),  # the beginning is the beginning, whatever came to stand there
        (80, given(20), "", ""),  # far away
    ):
        near = asked(offset).near(held)
        assert (near.after, near.before, near.offset) == (after, before, offset), offset
    assert asked(25, order=Sorted("name", True)).near(given(20)) == asked(25, order=Sorted("name", True))
    assert asked(25).near(None) == asked(25)


def test_a_window_that_was_jumped_to_is_read_again_from_its_first_row_and_then_from_the_same_place():
    jumped = asked(20).near(given(20))
    assert (jumped.after, jumped.offset, jumped.limit) == ("m20", 21, 9)
    again = asked(20).near(given(21, 9, after="m20"))
    assert (again.after, again.offset, again.limit) == ("m20", 21, 9)


def test_a_window_that_comes_to_an_end_of_the_list_knows_where_it_is():
    assert asked(95).near(given(90)).found(range(3), 80, 100).offset == 77  # rows have gone above
    assert asked(15).near(given(20)).found(range(7), 80, 100).offset == 0
    assert asked(95).found(range(3), 98, 100).offset == 95


def test_places_far_apart_are_read_in_several_stretches():
    assert list(spans([907, 3, 4, 40, 900], 50)) == [(3, 41), (900, 908)]
    assert list(spans([], 50)) == []


async def test_scrolling_asks_from_row_to_row_and_never_misses_or_repeats_one():
    world = World(600)
    async with stage(world) as pilot:
        await press(pilot, "f", "f")
        seen: list[str] = []
        world.marks_asked.clear()
        while len(seen) < 600:
            first = int(lines(pilot).scroll_offset.y)
            for line in range(first, first + lines(pilot).lines_shown):
                row = lines(pilot).row_at(line)
                if row is not None and row.account not in seen:
                    seen.append(row.account)
            await press(pilot, "pagedown")
        assert seen == list(world.ids(world.clock(), limit=600))
        deep = [both for both in world.marks_asked if both != ("", "")]
        assert len(deep) >= len(world.marks_asked) - 1  # the first alone begins at the top
        await press(pilot, *["pageup"] * 8)
        assert world.marks_asked[-1][1]  # and back up from the row below
        assert lines(pilot).row.account == seen[lines(pilot).cursor]


async def test_marks_far_down_a_long_list_are_acted_on_without_reading_what_lies_between():
    world = World(600)
    async with stage(world, by="Li") as pilot:
        await press(pilot, "f", "f", "space", "end", "space")
        world.rows_asked.clear()
        await press(pilot, "R")
        assert "再次查看: 共 2 项" in shown(pilot)
        assert sum(world.rows_asked) <= 2
        await press(pilot, "enter")
        assert len(world.done) == 2
