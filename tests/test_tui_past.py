"""Looking back: the record as of a day, a replay in steps, and the way home to the present."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from mediawatch.core.model import Outcome
from mediawatch.core.reading import Source
from mediawatch.tui.look import Look
from tests.tui_stage import press, screen, settle, shown, stage
from tests.tui_world import NOW, World


class Past:
    """The past of a world: on 30 June everything was in order. Keeps account of what was opened and closed."""

    def __init__(self) -> None:
        self.opened: list[datetime] = []
        self.closed: list[datetime] = []
        self.broken: Exception | None = None

    @contextmanager
    def __call__(self, at: datetime) -> Iterator[Source]:
        if self.broken:
            raise self.broken
        self.opened.append(at)
        then = World(40)
        then.rows = tuple(row.model_copy(update={"outcome": Outcome.PASS}) for row in then.rows)
        yield then
        self.closed.append(at)


async def say(pilot, text: str) -> None:
    await press(pilot, "colon")
    pilot.app.focused.value = text
    await press(pilot, "enter")
    await settle(pilot)


async def test_as_of_shows_the_board_as_it_stood_and_offers_no_act():
    past = Past()
    async with stage(World(), past=past) as pilot:
        await say(pilot, "asof 2026-06-30")
        assert past.opened == [datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)]
        assert "[截至 2026-06-30 23:59]" in screen(pilot)[0]
        assert "此处没有问题" in screen(pilot)[4]
        await press(pilot, "f", "f", "a")
        assert "40 / 40" in screen(pilot)[4]
        assert "经办人" not in shown(pilot)
        await say(pilot, "now")
        assert past.closed == past.opened
        assert "截至" not in screen(pilot)[0]
        assert "300 / 300" in screen(pilot)[4]
        await say(pilot, "asof 2030-01-01")
        assert "尚未到来" in shown(pilot)


async def test_a_replay_steps_through_a_day_and_ends_at_the_present():
    past = Past()
    async with stage(World(), past=past) as pilot:
        await say(pilot, "replay 2026-11-23 6h")
        begin = datetime(2026, 11, 22, 16, tzinfo=UTC)
        await press(pilot, "greater_than_sign", "greater_than_sign", "less_than_sign")
        steps = [begin, begin + timedelta(hours=6), begin + timedelta(hours=12), begin + timedelta(hours=6)]
        assert past.opened == steps
        assert "> 回放进一步" in screen(pilot)[-1] or "<" in screen(pilot)[-1]
        await say(pilot, "replay 2026-11-23T12:00")  # from change to change of the record
        await press(pilot, "greater_than_sign")
        assert past.opened[-1] == NOW - timedelta(hours=2, minutes=18)
        await press(pilot, "greater_than_sign")
        assert "前后30天内没有变化" in shown(pilot)


async def test_a_past_that_cannot_be_judged_is_a_message_and_the_present_stays():
    past = Past()
    past.broken = ValueError("no rulebook of that time")
    async with stage(World(), past=past) as pilot:
        await say(pilot, "asof 2026-06-30")
        assert "回看失败：ValueError: no rulebook of that time" in shown(pilot)
        assert "17 / 300" in screen(pilot)[4]


async def test_production_has_a_frame_of_colour_and_a_badge_and_plain_draws_ascii_only():
    async with stage(World(language="en"), language="en", look=Look(production=True, plain=True)) as pilot:
        assert "[PRODUCTION]" in screen(pilot)[0]
        edges = {line[0].style.bgcolor.triplet.hex for line in frame(pilot)} | {
            line[-1].style.bgcolor.triplet.hex for line in frame(pilot)
        }
        assert edges == {"#b00020"}
        for keys in (("1",), ("2", "enter"), ("end",)):
            await press(pilot, *keys)
            drawn = "".join(segment.text for line in frame(pilot) for segment in line)
            assert not set(drawn) & set("▁▂▃▄▅▆▇█▉▊▋▌▍▎▏●✓…─│")
    async with stage(World(), look=Look(window=timedelta(days=2))) as pilot:
        assert "正式环境" not in screen(pilot)[0]
        assert "平台近2天可见" in shown(pilot), "as in the demo, whose clock is fast"


def frame(pilot):
    return [list(strip) for strip in pilot.app.screen._compositor.render_strips()]
