"""Candidates in the console: marked, shown with their proof, and decided by keys; nothing else can be."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Finality, Finding, Outcome
from mediawatch.core.views import AlertView
from tests.tui_stage import press, settle, shown, stage
from tests.tui_world import NOW, World


class Waiting(World):
    """A world in which the first alert waits for a person, and what people decided."""

    def __init__(self) -> None:
        super().__init__(30)
        self.decided: list[tuple[str, str, str, str]] = []
        self.refuses: Exception | None = None

    def alerts(self, now: datetime, live_only: bool) -> tuple[AlertView, ...]:
        first, *others = super().alerts(now, live_only)
        finding = Finding(
            account=first.account,
            indicator="A3P",
            outcome=Outcome.FAIL,
            judged_at=NOW,
            holds_until=NOW,
            finality=Finality.CANDIDATE,
            proof=(("city-app/apk/1", NOW),),
        )
        review = "confirmed" if self.decided else "waiting"
        return (first.model_copy(update={"review": review, "finding": finding}), *others)

    async def review(self, alert: str, choice: str, by: str, reason: str) -> None:
        if self.refuses:
            raise self.refuses
        self.decided.append((alert, choice, by, reason))


async def test_a_candidate_is_marked_shown_with_its_proof_and_confirmed_by_keys():
    world = Waiting()
    async with stage(world, size=(120, 30), by="wang") as pilot:
        pilot.app.decides = world.review
        await press(pilot, "a")
        await settle(pilot)
        assert "待核实" in shown(pilot)
        assert "证据：" in shown(pilot)
        assert "确认" in shown(pilot)
        await press(pilot, "c", "enter")
        assert "记录须有姓名和理由" in shown(pilot)
        await press(pilot, *"seen", "enter")
        await settle(pilot)
        (alert,) = [one.id for one in world.alerts(NOW, True)][:1]
        assert world.decided == [(alert, "confirm", "wang", "seen")]
        await press(pilot, "x")
        assert world.decided == [(alert, "confirm", "wang", "seen")], "what is decided is not asked for again"


async def test_a_refusal_is_shown_and_what_does_not_wait_is_not_offered():
    world = Waiting()
    world.refuses = ValueError("a second person must")
    async with stage(world, size=(120, 30), by="wang") as pilot:
        pilot.app.decides = world.review
        await press(pilot, "a")
        await settle(pilot)
        await press(pilot, "x", *"why", "enter")
        await settle(pilot)
        assert "a second person must" in shown(pilot)
        await press(pilot, "escape", "down")
        await settle(pilot)
        assert "排除" not in shown(pilot).splitlines()[-1]
        await press(pilot, "x")
        assert "排除：" not in shown(pilot)


async def test_a_console_that_may_only_read_decides_nothing():
    world = Waiting()
    async with stage(world, size=(120, 30), read_only=True) as pilot:
        pilot.app.decides = world.review
        await press(pilot, "a", "c")
        assert "确认：" not in shown(pilot)
