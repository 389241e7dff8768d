"""Inspections where people must decide: candidates in the queue, what is left open, and what nobody could see."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch import frozen
from mediawatch.core.alerting import State as AlertState
from mediawatch.core.campaign import Verdict
from mediawatch.core.model import Outcome
from mediawatch.core.rectification import State
from mediawatch.core.review import Review
from mediawatch.core.sampling import Draw
from mediawatch.store.query import Query
from tests.office import Office, city
from tests.stories import DAY, HOUR, app, weibo

SILENT = {"at": ["day -20 10:00"]}
NOT_AN_APP = {"changes": [{"at": "day 2", "state": "html_page"}]}


def office(folder: Path, **more: Any) -> Office:
    """An app whose package is a web page from day 2 on: a candidate, of a veto, by the national book."""
    return Office(folder, {"accounts": [app(package=NOT_AN_APP)]}, rulebook="national-2019", **more)


async def test_a_candidate_that_its_own_book_asks_too_is_decided_once_for_both(tmp_path: Path) -> None:
    async with office(tmp_path) as story:
        await story.until("day 3 09:00")
        await story.inspects("q", "day 3 10:00", "day 6 18:00")
        (own,) = story.alerts()
        view = story.campaign("q")
        assert view.line.overall.undecided == 1
        assert [(one.indicator, one.evidence) for one in view.waiting] == [("A3P", own.id)]
        with pytest.raises(ValueError, match=rf"1 candidates wait for a person: city-app A3P \({own.id}\)"):
            story.does("inspect.freeze", id="q")
        await story.daemon.desk.review(own.id, "confirm", "王芳", "手机上打不开", None)
        assert story.campaign("q").line.overall.failed == 1
        story.does("inspect.freeze", id="q")
        (failure,) = story.campaign("q").failures
        assert (failure.reviewed, failure.standing) == (True, "confirmed")
        assert failure.decided[0].endswith("王芳: confirm: 手机上打不开")
        assert frozen.verify(story.store, "q", story.kept.recall).problems == ()


async def test_an_inspection_fails_nobody_whom_a_person_has_found_alive(tmp_path: Path) -> None:
    """Both are silent for longer than was watched at first; by T neither needs a person any more, by time alone."""
    accounts = [weibo("alive", "day -40 10:00"), weibo("silent", "day -40 11:00", number=2)]
    async with Office(tmp_path, {"accounts": accounts}, rulebook="national-2019") as story:
        await story.until("day 2")
        (own,) = story.alerts(subject="alive")
        await story.daemon.desk.review(own.id, "dismiss", "王芳", "打开看过，昨天还有更新", None)
        await story.inspects("q", "day 16 10:00", "day 20 18:00")
        view = story.campaign("q")
        assert [(one.account, one.standing) for one in view.failures] == [("silent", "stands")]
        (asked,) = view.waiting
        assert (asked.account, asked.indicator) == ("alive", "U1"), "who decides is a person again"
        await story.daemon.desk.review(asked.evidence, "dismiss", "李娜", "再看，今天有更新", None)
        assert (story.campaign("q").line.overall.failed, story.campaign("q").line.overall.undecided) == (1, 0)
        story.does("inspect.freeze", id="q")
        assert frozen.verify(story.store, "q", story.kept.recall).problems == ()


async def test_two_people_confirm_a_candidate_that_only_the_inspection_asks(tmp_path: Path) -> None:
    async with office(tmp_path, review={"two_person": ["veto"]}) as story:
        await story.until("day 3 09:00")
        book = next(iter(story.loaded.rulebooks.values())).model_copy(update={"id": "other"})
        given = {"begins_at": story.at("day 3 10:00").isoformat(), "judged_at": story.at("day 6 18:00").isoformat()}
        whole = book.model_dump(mode="json", by_alias=True)
        story.does("inspect.new", id="q", rulebook=whole, ratios=[{"ratio": "1"}], **given)
        story.does("inspect.draw", id="q", seed="1")
        story.does("inspect.look", id="q")
        await story.until("day 6 18:00")
        story.does("inspect.judge", id="q")
        (waiting,) = {one.evidence for one in story.campaign("q").waiting}
        await story.daemon.desk.review(waiting, "confirm", "王芳", "手机上打不开", None)
        with pytest.raises(ValueError, match="a second person must"):
            await story.daemon.desk.review(waiting, "confirm", "王芳", "又试了一次", None)
        with pytest.raises(ValueError, match="1 candidates wait"):
            story.does("inspect.freeze", id="q")
        await story.daemon.desk.review(waiting, "confirm", "李娜", "另一部手机也打不开", None)
        story.does("inspect.freeze", id="q")
        assert [one.standing for one in story.campaign("q").failures] == ["confirmed"]


async def test_another_book_asks_in_its_own_name_and_tells_nobody(tmp_path: Path) -> None:
    async with office(tmp_path) as story:
        await story.until("day 3 09:00")
        book = next(iter(story.loaded.rulebooks.values()))
        stricter = book.indicator("A3P").model_copy(update={"severity": "veto", "number": "9"})
        lines = tuple(stricter if one.id == "A3P" else one for one in book.indicators)
        other = book.model_copy(update={"id": "other", "indicators": lines})
        given = {"begins_at": story.at("day 3 10:00").isoformat(), "judged_at": story.at("day 6 18:00").isoformat()}
        whole = other.model_dump(mode="json", by_alias=True)
        story.does("inspect.new", id="q", rulebook=whole, ratios=[{"ratio": "1"}], **given)
        story.does("inspect.draw", id="q", seed="1")
        story.does("inspect.look", id="q")
        await story.until("day 6 18:00")
        story.does("inspect.judge", id="q")
        (asked,) = [one for one in story.alerts() if one.subject.startswith("inspection:")]
        assert asked.subject == "inspection:q/city-app"
        shown = {one.id: one for one in story.query.alerts(story.now, True)}
        assert shown[asked.id].review == "waiting"
        await story.daemon.desk.review(asked.id, "confirm", "王芳", "看过", None)
        await story.until("day 8")
        assert story.told == [], "what an inspection asks is for those who read the queue alone"
        story.does("inspect.freeze", id="q")
        over = next(one for one in story.alerts() if one.id == asked.id)
        assert (over.state, over.review) == (AlertState.RESOLVED, Review.CONFIRMED)
        assert story.campaign("q").line.overall.failed == 1


async def test_what_people_explicitly_leave_open_is_counted_apart(tmp_path: Path) -> None:
    async with office(tmp_path) as story:
        await story.until("day 3 09:00")
        await story.inspects("q", "day 3 10:00", "day 6 18:00")
        tried = story.does("inspect.freeze", dry_run=True, id="q", leave=True)
        assert tried["stage"] == "frozen"
        assert story.campaign("q").line.digest == "", "a trial changes nothing"
        story.does("inspect.freeze", id="q", leave=True, note="待技术部门鉴定")
        overall = story.campaign("q").line.overall
        assert (overall.failed, overall.undecided, overall.pass_rate) == (0, 1, "-")
        (left,) = story.campaign("q").unseen
        assert (left.verdict, "left open" in left.why[0]) == (Verdict.UNDECIDED, True), (
            "the why says that nobody decided"
        )
        with pytest.raises(ValueError, match="nothing any more"):
            story.does("inspect.judge", id="q")
        with pytest.raises(ValueError, match="no failure without a case"):
            story.does("case.open", campaign="q")


async def test_a_platform_that_cannot_be_seen_fails_nobody_in_an_inspection(tmp_path: Path) -> None:
    down = {"mode": "http_432", "where": "weibo", "from": "day 3"}
    world = {"accounts": city(4, 1, 2, 3, since="day -3 00:00"), "troubles": [down]}
    async with Office(tmp_path, world, grain=timedelta(hours=12)) as story:
        await story.until("day 2 09:00")
        await story.inspects("q", "day 4", "day 14 18:00")
        view = story.campaign("q")
        assert view.line.overall.failed == 0
        assert view.line.overall.undetermined == len(view.unseen) >= 3
        assert all(one.verdict is Verdict.UNDETERMINED and one.why for one in view.unseen)


async def test_everybody_in_the_sample_is_looked_at_within_the_window(tmp_path: Path) -> None:
    cadence = {"latest": "14d", "lead": "1h"}
    async with Office(tmp_path, {"accounts": city(12)}, cadence=cadence) as story:
        await story.until("day 1 09:00")
        await story.inspects("q", "day 2", "day 5 18:00", "50%")
        begins, ends = story.at("day 2"), story.at("day 5 18:00")
        middle = begins + (ends - begins) / 2
        assert [one.act for one in story.campaign("q").trace] == ["new", "draw", "look", "judge"]
        drawn = [one.account for one in Draw.model_validate_json(story.query.published_draw("q")).drawn]
        assert len(drawn) == 6
        for account in drawn:
            looks = [one.at for one in story.view(account).looks]
            assert any(begins <= at <= middle + HOUR for at in looks), account
        others = {f"a{number:03d}" for number in range(1, 13)} - set(drawn)
        assert any(not any(begins <= one.at <= ends for one in story.view(account).looks) for account in others)


async def test_a_case_that_is_open_already_belongs_to_the_campaign_that_finds_its_fault_again(tmp_path: Path) -> None:
    world = {"accounts": city(2, 1, 2, since="day -10 00:00", a001=SILENT, a002=SILENT)}
    async with Office(tmp_path, world) as story:
        await story.until("day 1 09:00")
        alert = next(one for one in story.alerts() if one.subject == "a001")
        story.does("case.open", alert=alert.id)
        await story.inspects("q", "day 1 10:00", "day 3 18:00")
        story.does("inspect.freeze", id="q")
        opened, linked = story.does("case.open", campaign="q")["cases"]
        assert [(one["account"], one["campaign"], one["also"]) for one in (opened, linked)] == [
            ("a002", "q", []),
            ("a001", "", ["q"]),
        ]
        assert [one.act for one in story.case(linked["id"]).trace] == ["open", "found"]
        assert {one.account for one in story.query.cases(story.now, campaign="q")} == {"a001", "a002"}
        assert {one.case for one in story.campaign("q").failures} == {opened["id"], linked["id"]}
        with pytest.raises(ValueError, match="no failure without a case"):
            story.does("case.open", campaign="q")
        named = story.does("case.publish", campaign="q")["cases"]
        assert {one["id"] for one in named} == {opened["id"], linked["id"]}
        chinese, english = (
            Query(story.store, story.loaded.rulebooks, one).case(opened["id"], story.now) for one in ("zh_CN", "en")
        )
        assert ("天未更新" in chinese.problem, "No update for" in english.problem) == (True, True)
        with pytest.raises(KeyError, match="alert nonsense"):
            story.does("case.open", alert="nonsense")


async def test_a_unit_that_does_not_report_in_time_is_reminded_and_escalated(tmp_path: Path) -> None:
    world = {"accounts": city(2, 1, since="day -10 00:00", a001=SILENT)}
    async with Office(tmp_path, world, reminders=["duty"]) as story:
        await story.until("day 1 09:00")
        (alert,) = story.alerts()
        (opened,) = story.does("case.open", alert=alert.id)["cases"]
        assert opened["state"] == "confirmed"
        with pytest.raises(ValueError, match="is open already"):
            story.does("case.open", alert=alert.id)
        story.does("case.notify", id=opened["id"], days=2)
        await story.until("day 8 09:00")
        case = story.case(opened["id"])
        assert case.line.state is State.OVERDUE
        assert ("duty", "reminder") in story.told_of("a001"), "the account's own people hear of its case"
        story.does("case.escalate", id=opened["id"], step="talk", person="李某", form="talk")
        with pytest.raises(ValueError, match="lies before it"):
            story.does("case.escalate", id=opened["id"], step="supervise")
        with pytest.raises(ValueError, match="accountability needs a person"):
            story.does("case.escalate", id=opened["id"], step="account", form="warning")
        acts = [one.act for one in story.case(opened["id"]).trace]
        assert acts == ["open", "notify", "lapse", "escalate"]


async def test_a_report_that_the_next_looks_contradict_reopens_the_case_and_it_cannot_be_closed(tmp_path: Path) -> None:
    world = {"accounts": city(2, 1, since="day -10 00:00", a001=SILENT)}
    async with Office(tmp_path, world) as story:
        await story.until("day 1 09:00")
        (opened,) = story.does("case.open", alert=story.alerts()[0].id)["cases"]
        story.does("case.notify", id=opened["id"])
        story.does("case.report", id=opened["id"], note="已整改")
        with pytest.raises(ValueError, match="cannot be closed: no look since its report"):
            story.does("case.close", id=opened["id"])
        await story.until("day 4 09:00")
        case = story.case(opened["id"])
        assert case.line.state is State.REOPENED
        assert [one.act for one in case.trace][-1] == "not_cured"
        assert case.trace[-1].by == "mediawatch"


async def test_a_fault_that_comes_back_after_closing_opens_the_same_case_again(tmp_path: Path) -> None:
    back = {"at": [*SILENT["at"], "day 3 10:00"]}
    world = {"accounts": city(2, 1, since="day -10 00:00", a001=back)}
    async with Office(tmp_path, world, grain=timedelta(hours=2)) as story:
        await story.until("day 1 09:00")
        (opened,) = story.does("case.open", alert=story.alerts()[0].id)["cases"]
        story.does("case.notify", id=opened["id"])
        await story.until("day 3 18:00")
        story.does("case.report", id=opened["id"], note="已更新")
        await story.until("day 4 09:00")
        story.does("case.close", id=opened["id"])
        await story.until("day 20 09:00")
        case = story.case(opened["id"])
        assert case.line.state is State.REOPENED, "silent again for two weeks"
        assert [one.act for one in case.trace][-1] == "relapse"


async def test_a_case_of_a_candidate_follows_its_review(tmp_path: Path) -> None:
    async with office(tmp_path) as story:
        await story.until("day 5 09:00")
        (alert,) = story.alerts()
        (opened,) = story.does("case.open", alert=alert.id)["cases"]
        assert opened["state"] == "pending_review"
        await story.daemon.desk.review(alert.id, "dismiss", "王芳", "下载页有跳转", None)
        await story.until(story.now + DAY)
        assert story.case(opened["id"]).line.state is State.DISMISSED


async def test_what_a_person_has_dismissed_takes_no_case_back_because_time_goes_by(tmp_path: Path) -> None:
    """An old copy of the account is all that is shown; from day 15 on its silence has been watched for as long as is
    asked, and another look says the same."""
    world = {"accounts": [weibo("a", "day -40 10:00"), weibo("b", "day -40 10:00", number=2)]}
    async with Office(tmp_path, world, rulebook="national-2019") as story:
        await story.until("day 2")
        cases = {}
        for who in ("a", "b"):
            (case,) = story.does("case.open", account=who, indicator="U1", problem="停更")["cases"]
            cases[who] = case["id"]
            story.does("case.notify", id=case["id"], days=20)
            story.does("case.receive", id=case["id"], measures="整改", person="李娜")
            story.does("case.report", id=case["id"], note="已更新", proof=["0" * 64])
        (asked,) = [one for one in story.alerts(subject="a") if one.indicator == "U1"]
        await story.daemon.desk.review(asked.id, "dismiss", "王芳", "打开看过，昨天还有更新", None)
        await story.until("day 25")
        stand = {who: story.query.case(case, story.now).line.state.value for who, case in cases.items()}
        assert stand == {"a": "recheck", "b": "reopened"}


async def test_whoever_was_seen_long_ago_is_unknown_on_the_board_and_to_an_inspection(tmp_path: Path) -> None:
    """Silent on day 16, and told of; from day 17 on nobody can see it. At T, weeks later, it may have published."""
    away = {"mode": "captcha", "where": "a", "from": "day 17"}
    world = {"accounts": [weibo("a", "day 1 10:00"), weibo("b", "day 1 10:00", number=2)], "troubles": [away]}
    async with Office(tmp_path, world, rulebook="national-2019") as story:
        await story.until("day 30 09:00")
        assert {one.account for one in story.told if one.cause == "first"} == {"a", "b"}
        assert story.outcome("a") is Outcome.FAIL
        await story.inspects("q", "day 30 10:00", "day 38 18:00")
        assert (story.outcome("a"), story.outcome("b")) == (Outcome.UNKNOWN, Outcome.FAIL)
        overall = story.campaign("q").line.overall
        assert (overall.failed, overall.undetermined) == (1, 1)
