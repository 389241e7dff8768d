"""What an office does in the demo: one inspection, and cases of what is found, so that no screen is empty.

It acts as anybody would, by the office's acts and their names. It must never invent a finding: the record gives them.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from mediawatch.clock import Clock
from mediawatch.core.campaign import Stage
from mediawatch.core.office_views import CampaignLine, CaseLine
from mediawatch.core.reading import Source
from mediawatch.core.rectification import State

log = logging.getLogger("mediawatch")
BY = "office (demo)"
_DAY = timedelta(days=1)
_FIRST, _PAUSE = 3.0, 0.5  # seconds of this world before the first round (the first looks come first), and between two
_MOST = 8  # cases from alerts
_INSPECTION = "demo"
_WINDOW = timedelta(days=10)  # of looks, from the second day on
_PLAN = (
    (State.CONFIRMED, 1, 1, "notify", {"note": "demo 1"}),
    (State.NOTIFIED, 2, 4, "receive", {"measures": "posts every week from now on", "person": "the editor"}),
    (State.RECTIFYING, 6, 3, "report", {"note": "it is put right"}),
    (State.RECHECK, 7, 1, "close", {"note": "seen by the re-check"}),
)
"""In which state, from which day on and for all but every how manieth case (1: all), what is done."""

Act = Callable[[str, bytes, str, bool], Awaitable[dict[str, Any]]]


async def keep_office(source: Source, act: Act, clock: Clock) -> None:
    """Works until it is cancelled. `source` is asked in threads, never twice at a time."""
    begun, done = clock(), set[tuple[str, str]]()
    await asyncio.sleep(_FIRST)
    while True:
        await asyncio.sleep(_PAUSE)
        now = clock()
        lines = await asyncio.to_thread(source.campaigns, now)
        for name, said in [*_inspecting(lines, begun, now), *await asyncio.to_thread(_working, source, now)]:
            if (name, said.get("id") or said.get("alert") or "") in done and name != "case.close":
                continue
            try:
                await act(name, json.dumps(said).encode(), BY, False)
                done.add((name, said.get("id") or said.get("alert") or ""))
            except (ValueError, KeyError) as error:  # not now: a candidate waits, a look is still to come
                log.info("demo office: %s: %s", name, error)


def _inspecting(lines: tuple[CampaignLine, ...], begun: datetime, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """The next step of the one inspection."""
    if not lines:
        if now < begun + 2 * _DAY:
            return []
        times = {"begins_at": now.isoformat(), "judged_at": (now + _WINDOW).isoformat()}
        ratios = [{"ratio": "40%"}]
        order = {"id": _INSPECTION, "title": "演示抽查 demo", "rulebook": "national-2019", "ratios": ratios, **times}
        return [("inspect.new", order)]
    (line,) = lines
    over = now >= line.judged_at
    steps: dict[Stage, list[tuple[str, dict[str, Any]]]] = {
        Stage.PLANNED: [("inspect.draw", {"id": line.id, "seed": "20260101"})],
        Stage.DRAWN: [("inspect.look", {"id": line.id})],
        Stage.LOOKING: [("inspect.judge", {"id": line.id})] if over else [],
        Stage.JUDGED: [("inspect.freeze", {"id": line.id, "leave": True})] if now > line.judged_at + 2 * _DAY else [],
        Stage.FROZEN: [],
    }
    return steps[line.stage]


def _working(source: Source, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Cases that are to be opened from alerts, and what is next with those that are open."""
    cases = source.cases(now)
    known = {(one.account, one.indicator) for one in cases}
    breaches = [one for one in source.alerts(now, True) if one.level == "breach" and one.state == "open"]
    wanted = [one for one in breaches if one.review != "waiting" and (one.account, one.indicator) not in known]
    opened = [("case.open", {"alert": one.id}) for one in wanted[: max(0, _MOST - len(cases))]]
    return opened + [found for one in cases if (found := _next(one, now)) is not None]


def _next(case: CaseLine, now: datetime) -> tuple[str, dict[str, Any]] | None:
    number = sum(map(ord, case.id))  # which ones are left to lapse is the same in every run
    for state, days, leaves, act, said in _PLAN:
        if case.state is state and now >= case.opened_at + days * _DAY and (leaves == 1 or number % leaves):
            return f"case.{act}", {"id": case.id, **said}
    return None
