"""Candidates wait for a person: nobody is told before, and what people decide stays in the record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from mediawatch.core.alerting import Alert, State
from mediawatch.core.filtering import read
from mediawatch.core.model import Outcome
from mediawatch.core.rectification import State as Case
from mediawatch.core.review import Choice, Review
from mediawatch.core.standing import Standing
from tests.office import does
from tests.stories import DAY, Story, app

NAMED = ("失败", "待核实")
NOT_AN_APP = {"changes": [{"at": "day 2", "state": "html_page"}]}
AGAIN = {"changes": [{"at": at, "state": to} for at, to in (("day 2", "html_page"), ("day 9", "good"))]}


def story_of(folder: Path, package: dict[str, object] | None = None, **settings: object) -> Story:
    """An app whose package is a web page from day 2 on: a candidate, of a veto."""
    return Story(folder, {"accounts": [app(package=package or NOT_AN_APP)]}, **settings)


async def waiting(story: Story, until: str = "day 5") -> Alert:
    await story.until(until)
    (alert,) = story.alerts()
    assert (alert.indicator, alert.state, alert.review) == ("A3P", State.OPEN, Review.WAITING)
    return alert


async def decides(
    story: Story, alert: Alert, choice: Choice, by: str = "王芳", reason: str = "在手机上看过", until: str | None = None
) -> Alert:
    ends: datetime | None = None if until is None else story.at(until)
    return await story.daemon.desk.review(alert.id, choice, by, reason, ends)


async def test_a_candidate_waits_and_is_told_once_a_person_has_confirmed_it(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        alert = await waiting(story)
        assert story.told_of("city-app") == []
        (shown,) = story.query.alerts(story.now, True)
        assert shown.says.endswith("[A candidate: a person must confirm it first.]")
        assert story.query.counts(story.now).alerts_open == 0, "what waits is no open breach yet"
        confirmed = await decides(story, alert, "confirm")
        assert (confirmed.review, confirmed.reviewed_at) == (Review.CONFIRMED, story.now)
        at = story.now
        await story.until(at + DAY)
        (told,) = story.told
        assert (told.short, told.at) == (("duty", "first", "city-app"), at)
        (notice,) = story.bodies[-1]["data"]["notices"]
        assert notice["says"].endswith("[A person has confirmed it.]"), "and no longer that somebody must"
        await story.until(at + 4 * DAY)
        assert story.told_of("city-app") == [("duty", "first"), ("office", "escalated")]
        assert story.told[-1].at == at + 3 * DAY, "the ladder begins with the confirmation"
        (made,) = story.view("city-app").decisions
        assert (made.choice, made.by, made.reason, made.at) == ("confirm", "王芳", "在手机上看过", at)


def seen(story: Story) -> tuple[Standing, int, int, tuple[str, ...], tuple[str, ...]]:
    """How the board has the app: its standing, who fails and who waits, and whom the filters of the two find."""
    query, now = story.query, story.now
    (row,) = query.page(now).rows
    counts = query.counts(now).by_standing
    (group,) = query.groups(now, "kind")
    assert group.by_standing == counts
    found = (tuple(one.account for one in query.page(now, only=read(f"-l 结果={name}")).rows) for name in NAMED)
    return row.standing, counts[Standing.FAIL], counts[Standing.CANDIDATE], *found


async def test_the_board_calls_nobody_failed_of_whom_a_person_has_still_to_say_so(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        alert = await waiting(story)
        assert seen(story) == (Standing.CANDIDATE, 0, 1, (), ("city-app",))
        (judged,) = [one for one in story.query.findings(story.now) if one.finding.indicator == "A3P"]
        assert (judged.standing, judged.finding.outcome) == (Standing.CANDIDATE, Outcome.FAIL)
        assert story.query.alerts(story.now, True)[0].read_as == "candidate"
        await decides(story, alert, "confirm")
        assert seen(story) == (Standing.FAIL, 1, 0, ("city-app",), ())
        (judged,) = [one for one in story.query.findings(story.now) if one.finding.indicator == "A3P"]
        assert judged.standing is Standing.FAIL
        assert story.query.alerts(story.now, True)[0].read_as == "breach"


async def test_a_dismissed_candidate_is_told_to_nobody_and_does_not_speak_for_its_account(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        alert = await waiting(story)
        assert story.outcome("city-app") is Outcome.FAIL
        over = await decides(story, alert, "dismiss", reason="下载页有跳转")
        assert (over.state, over.review, over.detail) == (
            State.RESOLVED,
            Review.DISMISSED,
            "dismissed by 王芳: 下载页有跳转",
        )
        assert story.outcome("city-app") is not Outcome.FAIL
        assert seen(story)[1:] == (0, 0, (), ())
        assert story.query.alerts(story.now, False)[0].read_as == "candidate", "nor is it called failed afterwards"
        await story.until("day 40")
        assert story.findings("city-app")["A3P"].outcome is Outcome.FAIL, "the finding itself is not hidden"
        assert story.outcome("city-app") is not Outcome.FAIL
        assert story.told_of("city-app") == []
        assert len(story.alerts()) == 1
        assert [one.choice for one in story.view("city-app").decisions] == ["dismiss"]


async def test_a_dismissal_ends_with_the_evidence_it_was_about(tmp_path: Path) -> None:
    changes = {"changes": [*AGAIN["changes"], {"at": "day 20", "state": "html_page"}]}
    async with story_of(tmp_path, changes) as story:
        await decides(story, await waiting(story), "dismiss")
        await story.until("day 18")
        assert len(story.alerts()) == 1
        await story.until("day 25")
        first, second = story.alerts()
        assert (first.review, second.review) == (Review.DISMISSED, Review.WAITING)
        assert story.told_of("city-app") == []


async def test_a_dismissal_until_a_day_ends_on_that_day(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        await decides(story, await waiting(story), "dismiss", until="day 12")
        await story.until("day 12")
        assert len(story.alerts()) == 1
        await story.until("day 14")
        first, second = story.alerts()
        assert first.review is Review.DISMISSED
        assert second.review is Review.WAITING
        assert story.at("day 12") <= second.opened_at <= story.at("day 13 12:00")
        assert story.outcome("city-app") is Outcome.FAIL


async def test_a_veto_may_ask_for_two_people_and_the_same_one_twice_is_one(tmp_path: Path) -> None:
    async with story_of(tmp_path, review={"two_person": ["veto"]}) as story:
        alert = await waiting(story)
        await decides(story, alert, "confirm", "Wang Fang")
        for again in ("Wang Fang", " wang  fang"):
            with pytest.raises(ValueError, match="second person"):
                await decides(story, alert, "confirm", again)
        await story.until("day 8")
        assert story.told_of("city-app") == []
        assert story.alerts()[0].review is Review.WAITING
        assert (await decides(story, alert, "confirm", "Li Na")).review is Review.CONFIRMED
        await story.until("day 8 12:00")
        assert story.told_of("city-app") == [("duty", "first")]
        assert [one.by for one in story.view("city-app").decisions] == ["Wang Fang", "Li Na"]


async def test_what_was_confirmed_in_error_can_still_be_dismissed_and_that_is_told(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        alert = await waiting(story)
        await decides(story, alert, "confirm")
        await story.until("day 6")
        await decides(story, alert, "dismiss", "李娜", "换了一部手机，可以安装")
        await story.until("day 7")
        assert story.told_of("city-app") == [("duty", "first"), ("duty", "resolved")]


@pytest.mark.parametrize("reported", [False, True])
async def test_no_case_goes_on_about_what_people_have_taken_back(tmp_path: Path, reported: bool) -> None:
    """A wrong accusation: it became overdue by the clock, its unit was reminded of it, and a circular could name it."""
    async with story_of(tmp_path, reminders=["duty"]) as story:
        alert = await waiting(story)
        await decides(story, alert, "confirm")
        (case,) = does(story, "case.open", alert=alert.id)
        does(story, "case.notify", id=case, days=2)
        if reported:
            does(story, "case.report", id=case, note="换了一部手机，可以安装")
        await decides(story, alert, "dismiss", "李娜", "换了一部手机，可以安装")
        await story.until("day 20")
        line = story.query.case(case, story.now).line
        assert (line.state, line.due) == (Case.DISMISSED, None)
        assert story.alerts("reminder") == []
        with pytest.raises(ValueError, match="no case to publish"):
            does(story, "case.publish", id=case)


async def test_a_candidate_that_ends_by_itself_is_never_told(tmp_path: Path) -> None:
    async with story_of(tmp_path, AGAIN) as story:
        alert = await waiting(story)
        await story.until("day 14")
        assert story.alerts()[0].state is State.RESOLVED
        assert story.told_of("city-app") == []
        for choice in ("confirm", "dismiss"):
            with pytest.raises(ValueError, match="is over"):
                await decides(story, alert, choice)


async def test_the_settings_may_have_candidates_told_at_once(tmp_path: Path) -> None:
    async with story_of(tmp_path, review={"tell_candidates": True}) as story:
        await waiting(story)
        assert story.told_of("city-app") == [("duty", "first")]


async def test_a_decision_needs_a_candidate_a_name_a_reason_and_a_time_to_come(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        alert = await waiting(story)
        with pytest.raises(KeyError):
            await story.daemon.desk.review("nothing", "confirm", "王芳", "看过", None)
        for by, reason, until in ((" ", "看过", None), ("王芳", "", None), ("王芳", "看过", "day 1")):
            with pytest.raises(ValueError):
                await decides(story, alert, "dismiss", by, reason, until)
        with pytest.raises(ValueError, match="only a dismissal"):
            await decides(story, alert, "confirm", until="day 30")
        assert story.view("city-app").decisions == ()
