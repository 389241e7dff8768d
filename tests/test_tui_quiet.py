"""The console's whole rounds of garbage collection are made while nobody types."""

from __future__ import annotations

import gc

from mediawatch.tui.quiet import MOST, USUAL, Quiet
from tests.tui_stage import press, stage
from tests.tui_world import World


def test_a_whole_round_waits_until_nobody_types():
    before = gc.get_threshold()
    quiet = Quiet()
    quiet.begin()
    try:
        assert gc.get_threshold() == (*before[:2], MOST)
        gc.collect()
        assert not quiet.beat()  # there is nothing to collect yet
        for _round in range(USUAL):
            gc.collect(1)
        quiet.typed()
        assert not quiet.beat()
        assert quiet.beat()
        assert gc.get_count()[2] == 0
    finally:
        quiet.leave()
    assert gc.get_threshold() == before


async def test_a_key_is_typing_and_the_end_of_the_console_leaves_the_collector_as_it_was():
    before = gc.get_threshold()
    async with stage(World(30)) as pilot:
        assert gc.get_threshold()[2] == MOST
        await press(pilot, "down")
        assert pilot.app.quiet._typed
    assert gc.get_threshold() == before
