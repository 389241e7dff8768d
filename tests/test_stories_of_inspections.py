"""A quarter of a city's office: 300 accounts in the register, an inspection, its failures, and their cases to the end.

Names, units and figures are invented; the house is the real one, time is virtual.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch import frozen
from mediawatch.core.campaign import Stage, percent
from mediawatch.core.rectification import State
from mediawatch.core.sampling import Draw
from tests.office import Office, city

SILENT = range(7, 300, 20)  # 15 of 300
CADENCE = {"latest": "14d", "lead": "1h"}
PROOF = hashlib.sha256(b"a scanned report").hexdigest()


async def test_a_quarter_of_a_city_of_three_hundred_accounts(tmp_path: Path) -> None:
    back = {"at": ["day 26 10:00", "day 38 10:00"]}
    accounts = city(300, *SILENT, **{f"a{number:03d}": back for number in SILENT if number not in (27, 47)})
    lost = {"mode": "login_wall", "where": "a100", "from": "day -50"}
    world = {"accounts": accounts, "troubles": [lost]}
    async with Office(tmp_path, world, grain=timedelta(hours=8), cadence=CADENCE, reminders=["duty"]) as story:
        await story.until("day 2 09:00")
        told = story.orders("2026-q1", "day 3", "day 18 18:00", "40%", {"ratio": "60%", "level": "city"})
        assert told["told"]["population"] == "300"
        story.does("inspect.draw", id="2026-q1", seed="2026030612345678")
        story.does("inspect.look", id="2026-q1")
        await story.until("day 18 18:00")
        story.does("inspect.judge", id="2026-q1")
        view = story.campaign("2026-q1")
        assert (view.line.population, view.line.drawn) == (300, 140)  # 60 of 100, and 40 of each other 100
        drawn = {one.account for one in Draw.model_validate_json(story.query.published_draw("2026-q1")).drawn}
        silent = {f"a{number:03d}" for number in SILENT} & drawn
        assert {one.account for one in view.failures} == silent
        assert silent, "the seed draws some of those that fell silent"
        assert view.line.overall.failed == len(silent)
        assert view.line.overall.undetermined == len({"a100"} & drawn), "what could not be seen fails nobody"
        assert view.line.overall.pass_rate == percent(
            140 - len(silent) - len({"a100"} & drawn), 140 - len({"a100"} & drawn)
        )
        assert sum(one.failed for one in view.by_level) == sum(one.failed for one in view.by_unit) == len(silent)
        assert [(one.number, len(one.accounts)) for one in view.by_clause] == [("2.1", len(silent))]

        (row, *_) = view.failures
        story.does("inspect.statement", by=row.unit, id="2026-q1", account=row.account, text="账号已于上月申请关停。")
        with pytest.raises(ValueError, match="statements are not decided: 1"):
            story.does("inspect.freeze", id="2026-q1")
        story.does("inspect.rule", id="2026-q1", number=1, upheld=True, reason="有批复，核实无误")
        story.does("inspect.freeze", id="2026-q1", note="办公会审定")
        told = story.campaign("2026-q1")
        assert told.line.stage is Stage.FROZEN
        assert told.line.overall.failed == len(silent) - 1
        assert frozen.verify(story.store, "2026-q1", story.kept.recall).problems == ()

        opened = story.does("case.open", campaign="2026-q1")["cases"]
        assert len(opened) == len(silent) - 1
        for case in opened:
            story.does("case.notify", id=case["id"], days=6)
        assert {story.case(one["id"]).line.due.isoformat() for one in opened} == {"2026-03-30"}  # from Friday the 20th
        never = {"a027", "a047"} & {case["account"] for case in opened}
        await story.until("day 26 18:00")
        for case in opened:
            if case["account"] not in never:
                story.does("case.receive", by="某局", id=case["id"], measures="专人负责，每周更新", person="李娜")
                story.does("case.report", by="某局", id=case["id"], note="已恢复更新", proof=[PROOF])
        await story.until("day 27 18:00")
        for case in opened:
            if case["account"] not in never:
                assert story.case(case["id"]).line.fixed_at is not None
                story.does("case.close", id=case["id"], note="复查已更新")
        story.does("case.publish", campaign="2026-q1")
        await story.until("day 30 09:00")
        left = story.query.cases(story.now, live_only=True)
        assert {one.account for one in left} == never
        assert {one.state for one in left} <= {State.OVERDUE}
        closed = [one for one in story.query.cases(story.now) if one.state is State.CLOSED]
        assert all(one.fixed_before_publication for one in closed)
        assert len(closed) == len(opened) - len(never)

        story.orders("2026-q2", "day 31", "day 35 18:00", "10%", previous="2026-q1")
        story.does("inspect.draw", id="2026-q2", seed="9")
        story.does("inspect.look", id="2026-q2")
        await story.until("day 35 18:00")
        story.does("inspect.judge", id="2026-q2")
        again = story.campaign("2026-q2")
        assert again.rechecked.checked == len(opened), "last time's failures are all looked at again"
        assert again.rechecked.failed == len(never)
        assert [one.key for one in again.trend] == ["2026-q1", "2026-q2"]
        assert frozen.verify(story.store, "2026-q1", story.kept.recall).problems == ()
        overdue = {case["id"] for case in opened if case["account"] in never}
        assert {one.subject for one in story.alerts("reminder")} == {f"case:{id_}" for id_ in overdue}
