"""A quarter of a city's office: 300 accounts in the register, an inspection, its failures, and their cases to the end.

Names, units and figures are invented; the house is the real one, time is virtual.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mediawatch import frozen, reporting
from mediawatch.core.calendar import day_of
from mediawatch.core.campaign import Stage, Verdict, percent
from mediawatch.core.lifecycle import State as Life
from mediawatch.core.model import Outcome
from mediawatch.core.rectification import State
from mediawatch.core.sampling import Draw
from mediawatch.reports import circular
from mediawatch.reports.html import render
from mediawatch.rulebook_file import load_rulebook
from tests.office import BOOK, RHYTHM, Office, city, does
from tests.papers import issue
from tests.stories import DAY

START = datetime(2026, 4, 1, 1, tzinfo=UTC)  # the second quarter: day 0 is 1 April, day 90 is 30 June
SILENT = range(7, 300, 20)  # 15 of 300
RARE = {"every": "13d", "jitter": "0s", "since": "day -5 08:00"}
CADENCE = {"latest": "14d", "lead": "1h"}
PROOF = hashlib.sha256(b"a scanned report").hexdigest()


async def test_a_quarter_of_a_city_of_three_hundred_accounts(tmp_path: Path) -> None:
    back = {"at": ["day 56 10:00", "day 68 10:00", "day 80 10:00", "day 92 10:00"]}
    written = {f"a{number:03d}": back for number in SILENT}
    written |= {"a027": {"at": ["day 72 10:00", "day 84 10:00"]}, "a047": {}, "a067": {"at": ["day 56 10:00"]}}
    accounts = city(300, *SILENT, since="day 31 00:00", rhythm=RARE, **written)
    world = {"accounts": accounts, "troubles": [{"mode": "login_wall", "where": "a100", "from": "day -50"}]}
    house: dict[str, Any] = {"grain": 4 * DAY, "cadence": CADENCE, "reminders": ["duty"]}
    async with Office(tmp_path, world, starts_at=START, **house) as story:
        await story.until("day 32 09:00")
        told = story.orders("2026-q2", "day 33", "day 48 18:00", "40%", {"ratio": "60%", "level": "city"})
        assert told["told"]["population"] == "300"
        story.does("inspect.draw", id="2026-q2", seed="2026050512345680")
        story.does("inspect.look", id="2026-q2")
        await story.until("day 48 18:00")
        story.does("inspect.judge", id="2026-q2")
        view = story.campaign("2026-q2")
        assert (view.line.population, view.line.drawn) == (300, 140)  # 60 of 100, and 40 of each other 100
        drawn = {one.account for one in Draw.model_validate_json(story.query.published_draw("2026-q2")).drawn}
        silent = {f"a{number:03d}" for number in SILENT} & drawn
        assert {one.account for one in view.failures} == silent
        assert silent >= {"a027", "a047", "a067"}, "the seed draws some that do not mend as they should"
        assert view.line.overall.failed == len(silent)
        assert view.line.overall.undetermined == len({"a100"} & drawn), "what could not be seen fails nobody"
        assert view.line.overall.pass_rate == percent(
            140 - len(silent) - len({"a100"} & drawn), 140 - len({"a100"} & drawn)
        )
        assert sum(one.failed for one in view.by_level) == sum(one.failed for one in view.by_unit) == len(silent)
        assert [(one.number, len(one.accounts)) for one in view.by_clause] == [("2.1", len(silent))]

        row = next(one for one in view.failures if one.account not in ("a027", "a047", "a067"))
        story.does("inspect.statement", by=row.unit, id="2026-q2", account=row.account, text="账号已于上月申请关停。")
        with pytest.raises(ValueError, match="statements are not decided: 1"):
            story.does("inspect.freeze", id="2026-q2")
        story.does("inspect.rule", id="2026-q2", number=1, upheld=True, reason="有批复，核实无误")
        story.does("inspect.freeze", id="2026-q2", note="办公会审定")
        told = story.campaign("2026-q2")
        assert told.line.stage is Stage.FROZEN
        assert told.line.overall.failed == len(silent) - 1

        opened = {one["account"]: one["id"] for one in story.does("case.open", campaign="2026-q2")["cases"]}
        assert opened.keys() == silent - {row.account}
        for case in opened.values():
            story.does("case.notify", id=case, days=6)
        assert {str(story.case(case).line.due) for case in opened.values()} == {"2026-05-27"}  # from Tuesday the 19th
        late = {"a027", "a047"}
        await story.until("day 56 18:00")
        for account in opened.keys() - late:
            story.does("case.receive", by="某局", id=opened[account], measures="专人负责，每周更新", person="李娜")
            story.does("case.report", by="某局", id=opened[account], note="已恢复更新", proof=[PROOF])
        await story.until("day 57 18:00")
        for account in opened.keys() - late:
            assert story.case(opened[account]).line.fixed_at is not None
            story.does("case.close", id=opened[account], note="复查已更新")
        story.does("case.publish", campaign="2026-q2", note="第二季度通报")
        closed = [one for one in story.query.cases(story.now) if one.state is State.CLOSED]
        assert len(closed) == len(opened) - len(late)
        assert all(one.fixed_before_publication for one in closed)
        told = reporting.circular(story.store, story.query, story.policy, "2026-q2", issue(), story.now)
        page = render(circular.paper(told)).decode()
        assert all(one.name in page for one in view.failures if one.account in opened)

        await story.until("day 60 09:00")  # the term ended at the midnight after 27 May
        assert states(story, opened) == {**dict.fromkeys(opened, "closed"), **dict.fromkeys(late, "overdue")}
        overdue = {f"case:{opened[account]}" for account in late}
        assert {one.subject for one in story.alerts("reminder")} == overdue
        for account in late:
            story.does("case.escalate", id=opened[account], step="supervise", note="督办通知第3号")
        with pytest.raises(ValueError, match="accountability needs a person and one of"):
            story.does("case.escalate", id=opened["a047"], step="talk", person="赵强")
        story.does("case.escalate", id=opened["a047"], step="talk", person="赵强", form="talk")
        await story.until("day 74 09:00")
        assert states(story, opened)["a067"] == "reopened", "it fell silent again within the term of a relapse"
        story.does("case.report", by="某局", id=opened["a027"], note="已恢复更新", proof=[PROOF])
        story.does("case.escalate", id=opened["a047"], step="account", person="赵强", form="criticised")
        await story.until("day 75 09:00")
        story.does("case.close", id=opened["a027"], note="复查已更新")
        story.does("case.recheck", id=opened["a067"], cured=True, note="单位申请关停，平台已注销")
        await story.until("day 90 23:00")
        still = {"a047": "overdue", "a067": "reopened"}
        assert states(story, opened) == {**dict.fromkeys(opened, "closed"), **still}
        form = reporting.supervision_year(story.store, 2026, issue())
        assert (form.quarters[1].media.failed, form.quarters[1].held) == (len(opened), {"criticised": 1})
        assert frozen.verify(story.store, "2026-q2", story.kept.recall).problems == ()

        story.orders("2026-q3", "day 91", "day 95 18:00", "10%", previous="2026-q2")
        story.does("inspect.draw", id="2026-q3", seed="9")
        story.does("inspect.look", id="2026-q3")
        await story.until("day 95 18:00")
        story.does("inspect.judge", id="2026-q3")
        again = story.campaign("2026-q3")
        assert again.rechecked.checked == len(opened), "last time's failures are all looked at again"
        assert again.rechecked.failed == len(still)
        assert [one.key for one in again.trend] == ["2026-q2", "2026-q3"]


def states(story: Office, opened: dict[str, str]) -> dict[str, str]:
    """By account, where its case stands."""
    return {account: story.case(case).line.state.value for account, case in opened.items()}


async def test_nobody_has_a_case_whose_fault_was_taken_back_since_the_freeze(tmp_path: Path) -> None:
    """A wrong accusation: the case began as confirmed, by a confirmation that nobody stood by any more."""
    own = tmp_path / "own.yaml"
    own.write_text(BOOK.replace("severity: veto", "severity: veto\n    finality: candidate"), encoding="utf-8")
    accounts = city(4, 1, 2, since="day -20 00:00", rhythm={**RHYTHM, "since": "day -40 08:00"})
    async with Office(tmp_path, {"accounts": accounts}, starts_at=START, rulebook=str(own)) as story:
        await story.inspects("2026-q2", "day 2", "day 4 18:00")
        for alert in story.alerts():
            await story.daemon.desk.review(alert.id, "confirm", "王芳", "打开过页面", None)
        story.does("inspect.freeze", id="2026-q2")
        names = {one.account: one.name for one in story.campaign("2026-q2").failures}
        assert names.keys() == {"a001", "a002"}
        (wrong,) = (one for one in story.alerts() if one.subject == "a001")
        await story.daemon.desk.review(wrong.id, "dismiss", "李娜", "页面上有昨天的更新", None)
        (case,) = story.does("case.open", campaign="2026-q2")["cases"]
        assert case["account"] == "a002"
        told = reporting.circular(story.store, story.query, story.policy, "2026-q2", issue(), story.now)
        page = render(circular.paper(told)).decode()
        assert f"“{names['a001']}”" not in page
        assert f"“{names['a002']}”" in page
        assert "定稿后有1项经复核撤销认定" in page
        assert (told.view.line.overall.failed, len(told.view.taken_back)) == (2, 1), "what is frozen stays as it was"


async def test_nobody_fails_by_looks_of_before_the_look_window(tmp_path: Path) -> None:
    """A wrong accusation: last seen on day 20, said to be silent on day 30; it had posted again on day 25."""
    accounts = city(2, 1, a001={"at": ["day 25 10:00"]})
    walled = {"mode": "login_wall", "where": "a001", "from": "day 21"}
    async with Office(tmp_path, {"accounts": accounts, "troubles": [walled]}, starts_at=START) as story:
        await story.until("day 20 12:00")
        assert {one.subject for one in story.alerts("breach")} == {"a001"}
        await story.until("day 27")
        await story.inspects("2026-q2", "day 28", "day 30 18:00")
        view = story.campaign("2026-q2")
        assert view.failures == ()
        (unseen,) = view.unseen
        assert (unseen.account, unseen.verdict) == ("a001", Verdict.UNDETERMINED)
        assert "only before its looks" in unseen.why[0]


async def test_a_word_of_before_the_look_window_about_what_nobody_saw_since_is_asked_for_again(tmp_path: Path) -> None:
    """A wrong accusation: confirmed on day 5, hidden since day 8, and it had posted again on day 9."""
    own = tmp_path / "own.yaml"
    own.write_text(BOOK.replace("severity: veto", "severity: veto\n    finality: candidate"), encoding="utf-8")
    accounts = city(2, 1, since="day -20 00:00", rhythm={**RHYTHM, "since": "day -40 08:00"}, a001={"at": ["day 9"]})
    walled = {"mode": "login_wall", "where": "a001", "from": "day 8"}
    world = {"accounts": accounts, "troubles": [walled]}
    async with Office(tmp_path, world, starts_at=START, rulebook=str(own)) as story:
        await story.until("day 5")
        (alert,) = story.alerts()
        await story.daemon.desk.review(alert.id, "confirm", "王芳", "打开过页面", None)
        await story.until("day 11")
        await story.inspects("2026-q2", "day 12", "day 14 18:00")
        view = story.campaign("2026-q2")
        assert view.failures == ()
        assert [one.account for one in view.waiting] == ["a001"]
        await story.daemon.desk.review(view.waiting[0].evidence, "confirm", "李娜", "今天又打开过页面", None)
        assert [one.account for one in story.campaign("2026-q2").failures] == ["a001"]


async def test_no_silence_is_frozen_of_which_the_record_has_shown_posts_since(tmp_path: Path) -> None:
    """A wrong accusation: an old copy until T; two days later the list shows a post of three days before T."""
    copies = {"mode": "stale", "where": "a001", "from": "day 2", "to": "day 20 20:00"}
    world = {"accounts": city(4, 1, a001={"at": ["day 17 10:00"]}), "troubles": [copies]}
    async with Office(tmp_path, world, starts_at=START, cadence={"latest": "1d"}) as story:
        await story.until("day 16")
        await story.inspects("2026-q2", "day 17", "day 20 18:00")
        assert [one.account for one in story.campaign("2026-q2").failures] == ["a001"]
        await story.until("day 22 18:00")
        assert story.outcome("a001") is Outcome.PASS
        with pytest.raises(ValueError, match="posts of before T were seen since of a001: judge again"):
            story.does("inspect.freeze", id="2026-q2")
        story.does("inspect.judge", id="2026-q2")
        (row,) = story.campaign("2026-q2").waiting
        assert row.account == "a001"
        await story.daemon.desk.review(row.evidence, "dismiss", "李娜", "第17日已更新", None)
        story.does("inspect.freeze", id="2026-q2")
        assert story.campaign("2026-q2").failures == ()
        assert frozen.verify(story.store, "2026-q2", story.kept.recall).problems == ()


async def test_a_case_is_about_the_book_that_found_it_wherever_the_account_goes(tmp_path: Path) -> None:
    """A wrong acquittal: twelve days of silence are put right by a move to a place that allows fourteen."""
    strict = tmp_path / "strict.yaml"
    ten = BOOK.replace("id: city", "id: strict").replace("params: {", "params: {days: 10, ")
    strict.write_text(ten, encoding="utf-8")
    async with Office(tmp_path, {"accounts": city(1, 1)}, starts_at=START, rulebook=str(strict)) as story:
        story.policy.books["city"] = load_rulebook("./city.yaml", tmp_path)  # type: ignore[index]
        await story.until("day 12 06:00")
        (alert,) = story.alerts()
        (case,) = does(story, "case.open", alert=alert.id)
        await story.until("day 12 07:00")
        moved = story.loaded.accounts[0].model_copy(update={"rulebook": "city"})
        story.store.enroll([moved], story.now, lambda _: story.now)
        await story.until("day 13 12:00")
        assert story.outcome("a001") is Outcome.PASS, "fourteen days are not over"
        assert story.case(case).line.fixed_at is None


async def test_a_case_is_not_taken_back_on_what_is_asked_of_the_account_no_more(tmp_path: Path) -> None:
    """A wrong accusation: a unit closed its silent account, as it was told to, and was named as not having cured it."""
    async with Office(tmp_path, {"accounts": city(1, 1)}, starts_at=START) as story:
        await story.until("day 17")
        (alert,) = story.alerts()
        (case,) = does(story, "case.open", alert=alert.id)
        does(story, "case.notify", id=case, days=5)
        closed = {"state": Life.CLOSED, "state_since": day_of(story.now), "stop_announced": day_of(story.now)}
        story.store.enroll([story.loaded.accounts[0].model_copy(update=closed)], story.now, lambda _: story.now)
        await story.until("day 18")
        does(story, "case.report", id=case, note="账号已关停注销")
        await story.until("day 20")
        assert story.case(case).line.state is State.RECHECK, "a person says whether that puts it right"
        does(story, "case.recheck", id=case, cured=True, note="平台已注销")
        does(story, "case.close", id=case)


async def test_whoever_takes_an_account_over_does_not_answer_for_who_had_it_before(tmp_path: Path) -> None:
    """A wrong accusation: the former office's case was opened again, and the new one called a repeat offender."""
    async with Office(tmp_path, {"accounts": city(1, 1, a001={"at": ["day 18 10:00"]})}, starts_at=START) as story:
        await story.until("day 17")
        (case,) = does(story, "case.open", alert=story.alerts()[0].id)
        does(story, "case.notify", id=case, days=5)
        await story.until("day 19")
        does(story, "case.report", id=case, note="已更新")
        await story.until("day 20")
        does(story, "case.close", id=case)
        moved = story.loaded.accounts[0].model_copy(update={"sponsor": "某市新设局"})
        story.store.enroll([moved], story.now, lambda _: story.now)
        await story.until("day 35")
        (alert,) = (one for one in story.alerts() if one.live)
        assert story.case(case).line.state is State.CLOSED
        (other,) = does(story, "case.open", alert=alert.id)
        assert (story.case(other).line.unit, story.case(other).line.repeat) == ("某市新设局", 0)
