"""Months in seconds: what the house tells, whom, and when; and whom it never accuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from mediawatch.core.alerting import State
from mediawatch.core.calendar import days_between
from mediawatch.core.model import Outcome
from mediawatch.core.review import Review
from tests.stories import DAY, HOUR, MINUTE, SECOND, START, TELLING_ALL, Story, weibo


def outage_world() -> dict[str, object]:
    """Thirty Weibo accounts and a canary; all of Weibo answers 432 from day 5 to day 55."""
    long_silent = [weibo(f"old-{n}", "day -60 10:00", number=n) for n in range(1, 4)]
    about_to_fail = [weibo(f"due-{n}", "day -6 10:00", "day -9 10:00", number=n) for n in range(4, 7)]
    fall_silent = [weibo(f"falls-{n}", every="1d", silent_since="day 20", number=n) for n in range(7, 10)]
    busy = [weibo(f"busy-{n}", every=f"{1 + n % 5}d", number=n) for n in range(10, 31)]
    canary = weibo("canary", every="4h", number=99, canary=True)
    return {
        "accounts": [*long_silent, *about_to_fail, *fall_silent, *busy, canary],
        "troubles": [{"mode": "http_432", "where": "weibo", "from": "day 5", "to": "day 55"}],
    }


async def test_a_fifty_day_outage_of_a_platform_accuses_nobody(tmp_path: Path) -> None:
    async with Story(tmp_path, outage_world(), grain=6 * HOUR) as story:
        await story.until("day 5")
        known = {"old-1", "old-2", "old-3"}
        assert story.accused() == known, "those are proven before it begins"
        told_before = len(story.told)

        await story.until("day 6")
        story.grain = DAY
        await story.until("day 54 23:00")
        story.grain = HOUR
        assert story.accused() == known
        assert all(alert.state is State.OPEN for alert in story.alerts()), "what was proven stays"
        assert {story.outcome(f"busy-{n}") for n in range(10, 31)} == {Outcome.UNKNOWN}
        during = [one.short for one in story.told[told_before:] if one.cause not in ("reminder", "escalated")]
        assert during == [("duty", "incident", "platform:weibo")]

        await story.until("day 56")
        silent = known | {f"due-{n}" for n in range(4, 7)} | {f"falls-{n}" for n in range(7, 10)}
        assert story.accused() == silent
        assert {story.outcome(f"busy-{n}") for n in range(10, 31)} == {Outcome.PASS}
        assert ("duty", "incident_over") not in story.told_of("platform:weibo"), "it might come back"
        story.grain = 3 * HOUR
        await story.until("day 58")
        assert story.told_of("platform:weibo").count(("duty", "incident_over")) == 1
        assert len(story.alerts("incident")) == 1


async def test_a_platform_that_shuts_out_most_accounts_is_not_asked_without_end(tmp_path: Path) -> None:
    accounts = [weibo(f"a{n}", every="1d", number=n) for n in range(1, 13)]
    accounts.append(weibo("canary", every="4h", number=99, canary=True))
    shut_out = {"mode": "http_432", "where": "weibo", "from": "day 2", "share": 0.7}
    often = {"latest": "1d", "soonest": "12h", "canary": "6h"}
    world = {"accounts": accounts, "troubles": [shut_out]}
    async with Story(tmp_path, world, grain=HOUR, cadence=often) as story:
        await story.until("day 4")
        assert story.alerts("incident")
        before = story.wires.asked["weibo"]
        await story.until("day 5")
        assert story.wires.asked["weibo"] - before < 2 * 13 * 3, "about two looks at each, of two questions"
        assert not story.accused()


async def test_an_account_that_falls_silent_is_told_at_the_first_second_after_the_last_day(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", every="1d", silent_since="day 11")]}) as story:
        last_day_ends = story.at("day 25")  # the last post is of day 10; day 24 is the last that is allowed
        await story.until(last_day_ends - SECOND)
        assert not story.accused()
        assert story.outcome("a") is Outcome.AT_RISK
        await story.until(last_day_ends)
        (alert,) = story.alerts()
        assert alert.state is State.OPEN
        assert alert.since == alert.opened_at == alert.confirmed_at == last_day_ends
        assert story.told[-1].short == ("duty", "first", "a")
        assert story.told[-1].at == last_day_ends
        assert story.row("a").days_silent == 15


async def test_reminders_come_four_times_those_of_the_last_days_on_their_day(tmp_path: Path) -> None:
    """Of days 7, 10, 12 and 13; the first shares the safety look, the second has its day and the next."""
    async with Story(tmp_path, {"accounts": [weibo("a", every="1d", silent_since="day 11")]}) as story:
        await story.until("day 24 23:59:59")
        assert [one.short for one in story.told] == 4 * [("duty", "reminder", "a")]
        assert [days_between(story.at("day 10"), one.at) for one in story.told] == [9, 11, 12, 13]


async def test_on_a_cold_start_a_long_silent_account_fails_at_once_and_is_for_a_person_after_a_second_look(
    tmp_path: Path,
) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", "day -40 10:00")]}) as story:
        await story.until("0s")
        assert story.outcome("a") is Outcome.FAIL
        (alert,) = story.alerts()
        assert alert.state is State.PENDING
        assert not story.told
        await story.until("10m")
        (alert,) = story.alerts()
        assert alert.state is State.OPEN
        assert alert.since == story.at("day -25")
        assert alert.confirmed_at == story.starts_at + 5 * MINUTE
        assert alert.review is Review.WAITING
        assert not story.told


async def test_what_was_silent_before_we_watched_is_told_when_we_have_watched_for_as_long_as_is_asked(
    tmp_path: Path,
) -> None:
    accounts = [weibo("long", "day -40 10:00"), weibo("just", "day -10 10:00", number=2)]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("day 14 23:59:59")
        assert {alert.subject for alert in story.alerts() if alert.review is Review.WAITING} == {"long", "just"}
        assert {one.cause for one in story.told} == {"reminder"}
        await story.until("day 15")
        assert {alert.review for alert in story.alerts()} == {Review.NOT_NEEDED}
        told = {one.short for one in story.told if one.cause != "reminder"}
        assert told == {("duty", "first", "just"), ("duty", "first", "long")}


async def test_a_new_post_between_the_two_looks_ends_the_matter_and_nobody_is_told(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", "day -40 10:00", "day 0 09:02")]}) as story:
        await story.until("1d")
        (alert,) = story.alerts()
        assert alert.state is State.RESOLVED
        assert not story.told


async def test_a_new_post_resolves_and_is_told_to_those_who_were_told_the_breach(tmp_path: Path) -> None:
    late = weibo("late", "day -40 10:00", "day 9 10:00")
    early = weibo("early", "day -40 10:00", "day 1 10:00", "day 7 10:00", number=2)
    async with Story(tmp_path, {"accounts": [late, early]}, review=TELLING_ALL) as story:
        await story.until("day 12")
        assert story.told_of("early") == [("duty", "first"), ("duty", "resolved")]
        assert story.told_of("late") == [
            ("duty", "first"),
            ("office", "escalated"),
            ("duty", "resolved"),
            ("office", "resolved"),
        ]
        assert {alert.state for alert in story.alerts()} == {State.RESOLVED}
        assert story.outcome("late") is story.outcome("early") is Outcome.PASS


async def test_a_breach_climbs_the_ladder_after_three_days_unless_somebody_answers_for_it(tmp_path: Path) -> None:
    accounts = [weibo("a", "day -40 10:00"), weibo("b", "day -40 10:00", number=2)]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("2d")
        answered = next(alert for alert in story.alerts() if alert.subject == "b")
        await story.daemon.desk.acknowledge(answered.id, "李", "已联系主办单位", sticky=True)
        await story.until("20d")
        assert story.told_of("b") == [("duty", "first"), ("duty", "acknowledged")]
        assert story.told_of("a") == [("duty", "first"), ("office", "escalated")]
        first, second = (one.at for one in story.told if one.account == "a")
        assert second - first == 3 * DAY


async def test_the_first_to_acknowledge_stands_and_an_alert_that_is_over_cannot_be(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", "day -40 10:00", "day 3 10:00")]}) as story:
        await story.until("1d")
        (alert,) = story.alerts()
        await story.daemon.desk.acknowledge(alert.id, "李", "")
        assert (await story.daemon.desk.acknowledge(alert.id, "王", "")).acknowledged_by == "李"
        await story.until("10d")
        with pytest.raises(ValueError, match="resolved"):
            await story.daemon.desk.acknowledge(alert.id, "王", "")


async def test_nobody_is_told_twice_or_not_at_all_however_often_the_daemon_restarts(tmp_path: Path) -> None:
    accounts = [
        weibo("a", every="1d", silent_since="day 3"),
        weibo("b", "day -40 10:00", "day 9 10:00", number=2),
        weibo("c", every="2d", number=3),
    ]
    heard = {}
    for restarts in (False, True):
        folder = tmp_path / str(restarts)
        folder.mkdir()
        async with Story(folder, {"accounts": accounts}, restarts=restarts, review=TELLING_ALL) as story:
            await story.until("day 20 12:00")
            heard[restarts] = story.heard
            assert len({one.message for one in story.told}) == len(story.told)
    calm, restless = ([(one.at, *one.short) for one in heard[restarts]] for restarts in (False, True))
    assert restless == calm
    assert len(calm) == 11, "two breaches on both rungs, the end of one, and five reminders"


async def test_a_receiver_that_is_ill_for_six_hours_gets_everything_afterwards_under_the_same_ids(
    tmp_path: Path,
) -> None:
    accounts = [weibo(f"a{n}", "day -40 10:00", number=n) for n in range(1, 4)]
    accounts.append(weibo("soon", "day -40 10:00", "day 0 11:00", number=9))

    well_again = START + 6 * HOUR

    def ill(receiver: str, at: datetime) -> int:
        return 500 if receiver == "duty" and at < well_again else 200

    async with Story(tmp_path, {"accounts": accounts}, answers=ill, grain=20 * MINUTE, review=TELLING_ALL) as story:
        await story.until(well_again - SECOND)
        assert not story.told
        refused = {one.message for one in story.heard}
        await story.until("2d")
        assert {one.message for one in story.told} >= refused
        assert len({one.message for one in story.told}) == len(story.told) == 5
        assert story.told_of("soon") == [("duty", "first"), ("duty", "resolved")], "in the order in which it was owed"
        assert max(one.at for one in story.told if one.cause == "first") <= well_again + 20 * MINUTE


async def test_who_was_told_of_a_breach_is_told_that_its_account_left_the_register(tmp_path: Path) -> None:
    accounts = [weibo("a", "day -40 10:00"), weibo("b", every="1d", number=2)]
    async with Story(tmp_path, {"accounts": accounts}, review=TELLING_ALL) as story:
        await story.until("1d")
        register = story.loaded
        story.loaded = replace(register, accounts=tuple(one for one in register.accounts if one.id != "a"))
        await story.restart()
        await story.until("2d")
        assert story.told_of("a") == [("duty", "first"), ("duty", "resolved")]
        await story.until("10d")
        assert story.told_of("a") == [("duty", "first"), ("duty", "resolved")], "nothing is left hanging"
        assert story.query.page(story.now).total == 1
