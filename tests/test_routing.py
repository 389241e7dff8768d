"""Who is told when and why, as tables: ladders by unit, working hours, silences, acknowledgements, rounds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mediawatch.core import faults, flapping
from mediawatch.core.alerting import Alert, State, acknowledged
from mediawatch.core.grouping import Draft, Group, Grouping, Room, drafts
from mediawatch.core.model import Finding, Outcome
from mediawatch.core.routing import Situation, Step, Weekly, owed, promises, rungs
from mediawatch.core.silences import Matcher, Mutes, Recurrence, Silence, Spell, matches
from mediawatch.core.units import Unit, chain
from mediawatch.core.workdays import Workdays
from mediawatch.core.worktime import Hours, Span, Working
from tests.tables import DAY, HOUR, MINUTE, account, at

MONDAY = at("2026-03-02 10:00")
WORKING = Working(days=Workdays(years=[2026], holidays=[date(2026, 3, 5)], workdays=[date(2026, 3, 7)]))
LADDER = (
    Step(after=timedelta(), to=("unit:operator",)),
    Step(after=4 * HOUR, to=("unit:office",), working=True),
    Step(after=16 * HOUR, to=("unit:county",), working=True),
    Step(after=40 * HOUR, to=("unit:city", "archive"), working=True),
)
UNITS = {
    unit.id: unit
    for unit in (
        Unit(id="desk", name="新媒体科", parent="bureau", level="county", receivers=("desk",)),
        Unit(id="bureau", name="某县公路局", parent="office", level="county", receivers=("bureau",)),
        Unit(id="office", name="县政府办", parent="city", level="county", receivers=("county",)),
        Unit(id="city", name="市政府办", parent="province", level="city", receivers=("city",)),
        Unit(id="province", name="省政府办", level="province", receivers=("province",)),
    )
}


def breach(opened_at: datetime = MONDAY, **more: object) -> Alert:
    fields = {"id": "b", "subject": "acc", "indicator": "stale", "level": "breach", "state": State.OPEN}
    times = {"since": opened_at, "opened_at": opened_at, "confirmed_at": opened_at}
    return Alert.model_validate({**fields, **times, **more})


def silence(since: datetime, until: datetime, **more: object) -> Silence:
    matchers = (Matcher(place="account", value="acc"),)
    words = {"id": "s1", "matchers": matchers, "by": "李", "comment": "迁移机房", "made_at": since}
    return Silence.model_validate({**words, "starts_at": since, "ends_at": until, **more})


def timeline(alert: Alert, situation: Situation, until: datetime, step: timedelta = HOUR) -> list[str]:
    """What is told to whom at which minute: `03-02 10:00 desk first`, asked once a step."""
    said: list[str] = []
    lines = []
    now = alert.opened_at
    while now <= until:
        for one in owed(alert, said, situation, now):
            said.append(one.key)
            lines.append(f"{now:%m-%d %H:%M} {one.receiver} {one.cause}")
        now += step
    return lines


def by_unit(**more: object) -> Situation:
    situation = Situation(rungs=rungs(LADDER, chain(UNITS, "desk")), working=WORKING)
    return replace(situation, **more)  # type: ignore[arg-type]


# --- the ladder -------------------------------------------------------------------------------------------------------


def test_each_superior_hears_once_after_working_hours_in_which_nobody_answered() -> None:
    """Monday ten o'clock; Thursday is a holiday, Saturday is worked for it. A day has eight hours."""
    assert timeline(breach(), by_unit(), MONDAY + 60 * DAY) == [
        "03-02 10:00 desk first",
        "03-02 14:00 bureau escalated",
        "03-04 10:00 county escalated",
        "03-09 10:00 city escalated",
        "03-09 10:00 archive escalated",
    ]


def test_a_breach_of_the_night_begins_its_hours_in_the_morning() -> None:
    assert timeline(breach(at("2026-03-02 23:00")), by_unit(), at("2026-03-03 20:00"))[1:] == [
        "03-03 13:00 bureau escalated"
    ]


def test_an_answer_stops_the_ladder_and_its_end_begins_it_anew() -> None:
    alert = acknowledged(breach(), MONDAY, "王", "在改", MONDAY + 2 * HOUR)
    told = timeline(alert, by_unit(), MONDAY + 2 * DAY)
    assert told == [
        "03-02 10:00 desk first",
        "03-02 11:00 desk acknowledged",
        "03-02 12:00 desk ack_expired",
        "03-02 16:00 bureau escalated",
    ]


def test_an_answer_until_it_is_healthy_stops_it_for_good_and_the_next_breach_has_none() -> None:
    alert = acknowledged(breach(), MONDAY, "王", "在改", None)
    assert timeline(alert, by_unit(), MONDAY + 90 * DAY)[1:] == ["03-02 11:00 desk acknowledged"]
    assert not breach(MONDAY + 99 * DAY).answered(MONDAY + 99 * DAY)


def test_a_shorter_answer_changes_nothing_and_one_that_is_over_is_refused() -> None:
    alert = acknowledged(breach(), MONDAY, "王", "", MONDAY + 2 * DAY)
    assert acknowledged(alert, MONDAY + HOUR, "李", "", MONDAY + DAY) is alert
    assert acknowledged(alert, MONDAY + HOUR, "李", "", None).acknowledged_by == "李"
    with pytest.raises(ValueError, match="passed"):
        acknowledged(alert, MONDAY, "李", "", MONDAY)
    with pytest.raises(ValueError, match="resolved"):
        acknowledged(breach(state=State.RESOLVED, resolved_at=MONDAY), MONDAY, "李", "", None)


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("desk", [("desk",), ("bureau",), ("county",), ("city", "archive")]),
        ("bureau", [("bureau",), ("county",), (), ("city", "archive")]),  # the office is the county: told once
        ("city", [("city",), ("province",), (), ("archive",)]),
        ("nowhere", [(), (), (), ("archive",)]),
    ],
)
def test_roles_are_filled_by_climbing_the_units(unit: str, told: list[tuple[str, ...]]) -> None:
    assert [rung.to for rung in rungs(LADDER, chain(UNITS, unit))] == told


def test_a_unit_without_receivers_is_spoken_for_by_the_next_above_it() -> None:
    mute = {**UNITS, "desk": UNITS["desk"].model_copy(update={"receivers": ()})}
    assert [rung.to for rung in rungs(LADDER, chain(mute, "desk"))][:2] == [("bureau",), ()]


# --- hours ------------------------------------------------------------------------------------------------------------


def test_quiet_hours_and_working_time_move_a_word_and_lose_none() -> None:
    night = at("2026-03-04 23:30")  # before a holiday
    hours = {
        "a": Hours(quiet=Span(begins=time(22), ends=time(7))),
        "b": Hours(working=True),
        "c": Hours(working=True, always=frozenset({"breach"})),
        "d": Hours(),
    }
    situation = Situation(rungs=(Step(after=timedelta(), to=tuple(hours)),), hours=hours, working=WORKING)
    assert timeline(breach(night), situation, night + 3 * DAY, 30 * MINUTE) == [
        "03-04 23:30 c first",
        "03-04 23:30 d first",
        "03-05 07:00 a first",
        "03-06 09:00 b first",
    ]


def test_a_year_without_a_calendar_is_told_at_once() -> None:
    far = at("2031-03-01 23:30")
    working = Situation(rungs=(Step(after=timedelta(), to=("b",)),), hours={"b": Hours(working=True)}, working=WORKING)
    assert timeline(breach(far), working, far) == ["03-01 23:30 b first"]
    assert not WORKING.known(far)


def test_what_began_and_ended_in_quiet_hours_is_nobodys_news() -> None:
    night = at("2026-03-02 23:00")
    hours = {"a": Hours(quiet=Span(begins=time(22), ends=time(7)))}
    situation = Situation(rungs=(Step(after=timedelta(), to=("a",)),), hours=hours)
    over = breach(night, state=State.RESOLVED, resolved_at=night + HOUR)
    assert owed(breach(night), (), situation, night) == ()
    assert promises(over, (), situation, night + DAY) == ()


# --- silences ---------------------------------------------------------------------------------------------------------


def test_a_silence_holds_back_and_says_so_when_it_is_over() -> None:
    """To whoever was told before, and to whoever would have been: the county's turn came while it was quiet."""
    quiet = silence(at("2026-03-02 12:00"), at("2026-03-06 12:00"))
    situation = by_unit(mutes=Mutes(silences=(quiet,), working=WORKING))
    assert timeline(breach(), situation, MONDAY + 8 * DAY) == [
        "03-02 10:00 desk first",
        "03-06 12:00 bureau silence_expired",
        "03-06 12:00 county silence_expired",
        "03-06 12:00 desk silence_expired",
        "03-09 10:00 city escalated",
        "03-09 10:00 archive escalated",
    ]
    words = owed(breach(), ["b/0/desk"], situation, at("2026-03-06 12:00"))
    assert {word.silence for word in words} == {quiet}


def test_a_silence_that_is_ended_early_holds_back_no_longer() -> None:
    quiet = silence(MONDAY, MONDAY + 9 * DAY, ended_at=MONDAY + HOUR, ended_by="王")
    assert timeline(breach(), by_unit(mutes=Mutes(silences=(quiet,))), MONDAY + HOUR) == [
        "03-02 11:00 desk silence_expired"
    ]


def test_the_end_of_what_was_told_is_told_in_a_silence_too() -> None:
    situation = by_unit(mutes=Mutes(silences=(silence(MONDAY, MONDAY + 9 * DAY),)))
    over = breach(state=State.RESOLVED, resolved_at=MONDAY + DAY)
    assert [one.cause for one in owed(over, ["b/0/desk"], situation, MONDAY + DAY)] == ["resolved"]


def test_a_window_comes_again_on_its_days_but_not_on_holidays() -> None:
    every = Recurrence(weekdays=frozenset({3}), begins=time(23), lasts=2 * HOUR, skip_holidays=True)
    window = silence(MONDAY, MONDAY + 60 * DAY, kind="maintenance", every=every)
    assert window.spell(at("2026-03-05 23:30"), WORKING) is None  # a Thursday, and a holiday
    spell = window.spell(at("2026-03-13 00:59"), WORKING)
    assert spell is not None
    assert (spell.since, spell.until) == (at("2026-03-12 23:00"), at("2026-03-13 01:00"))
    assert window.spell(at("2026-03-13 01:00"), WORKING) is None
    opened = at("2026-03-12 23:30")
    told = timeline(breach(opened), by_unit(mutes=Mutes(silences=(window,), working=WORKING)), opened + 3 * HOUR)
    assert told == ["03-13 01:30 desk silence_expired"]


@pytest.mark.parametrize(
    ("place", "value", "holds"),
    [
        ("account", "acc", True), ("account", "other", False), ("unit", "bureau", True), ("unit", "elsewhere", False),
        ("region", "620000", True), ("region", "620100", True), ("region", "630000", False), ("tag", "重点", True),
        ("level", "breach", True), ("level", "reminder", False), ("indicator", "stale", True), ("kind", "weibo", True),
        ("platform", "weibo", True), ("platform", "wechat", False),
    ],
)  # fmt: skip
def test_matchers_find_accounts_by_what_they_are(place: str, value: str, holds: bool) -> None:
    one = silence(MONDAY, MONDAY + DAY, matchers=(Matcher.model_validate({"place": place, "value": value}),))
    whose = account().model_copy(update={"region": "620102", "tags": ("重点",)})
    assert matches(one, breach(), whose, {"desk", "bureau"}) is holds


def test_a_platforms_trouble_mutes_its_accounts_until_it_is_over() -> None:
    trouble = Spell(MONDAY - HOUR, None)
    muted = by_unit(mutes=Mutes(troubles=(trouble,)))
    assert promises(breach(), (), muted, MONDAY + 9 * DAY) == ()
    assert [one.cause for one in owed(breach(), (), by_unit(), MONDAY)] == ["first"]


# --- reminders, repetitions, faults -----------------------------------------------------------------------------------


def test_what_still_stands_is_repeated_and_only_the_last_one_after_a_pause() -> None:
    situation = replace(Situation(rungs=(Step(after=timedelta(), to=("a",)),)), repeat=7 * DAY)
    assert timeline(breach(), situation, MONDAY + 15 * DAY, DAY) == [
        "03-02 10:00 a first",
        "03-09 10:00 a repeat",
        "03-16 10:00 a repeat",
    ]
    late = owed(breach(), ["b/0/a"], situation, MONDAY + 50 * DAY)
    assert [one.key for one in late] == ["b/repeat7/a"]


def test_a_receiver_of_its_own_repeat_is_told_again_at_it_and_one_of_none_never() -> None:
    rung = Step(after=timedelta(), to=("a", "often", "never"))
    situation = Situation(rungs=(rung,), repeat=7 * DAY, repeats={"often": 3 * DAY, "never": timedelta()})
    told = [line for line in timeline(breach(), situation, MONDAY + 8 * DAY, DAY) if line.endswith("repeat")]
    assert told == ["03-05 10:00 often repeat", "03-08 10:00 often repeat", "03-09 10:00 a repeat"]


def test_a_round_on_a_weekday_tells_all_that_nears_its_deadline() -> None:
    reminder = breach(level="reminder", finding=_at_risk(7))
    weekly = Situation(reminded=("a",), steps=False, weekly=Weekly(weekday=3, at=time(9)))
    assert timeline(reminder, weekly, MONDAY + 11 * DAY) == ["03-05 09:00 a reminder", "03-12 09:00 a reminder"]


def _at_risk(step: int) -> Finding:
    return Finding.model_validate(
        {
            "account": "acc", "indicator": "stale", "outcome": "at_risk", "judged_at": MONDAY,
            "holds_until": MONDAY, "values": {"step": step},
        }
    )  # fmt: skip


def test_that_we_were_down_is_told_once_as_something_that_is_over() -> None:
    alert = faults.was_down(MONDAY - 3 * HOUR, MONDAY, 10 * MINUTE, "en")
    assert alert is not None
    assert "from 2026-03-02 07:00 to 2026-03-02 10:00" in alert.detail
    situation = Situation(rungs=(Step(after=timedelta(), to=("a",)),))
    (word,) = owed(alert, (), situation, MONDAY)
    assert (word.receiver, word.cause) == ("a", "back")
    assert owed(alert, [word.key], situation, MONDAY + DAY) == ()
    assert faults.was_down(MONDAY - 9 * MINUTE, MONDAY, 10 * MINUTE, "en") is None


def test_a_disk_that_fills_is_a_fault_of_ours_until_there_is_room_to_spare() -> None:
    (alert,) = faults.disk((), 90, 100, MONDAY, "en")
    assert (alert.level, alert.state) == ("fault", State.OPEN)
    assert faults.disk((alert,), 105, 100, MONDAY, "en") == ()
    (over,) = faults.disk((alert,), 110, 100, MONDAY, "en")
    assert over.state is State.RESOLVED


# --- flapping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "share"),
    [("", 0.0), ("p" * 21, 0.0), ("pf" * 10 + "p", 0.975), ("p" * 20 + "f", 0.0575), ("f" + "p" * 20, 0.04)],
)
def test_younger_changes_weigh_more(history: str, share: float) -> None:
    assert flapping.share(history) == pytest.approx(share)


def test_it_takes_more_to_begin_to_flap_than_to_go_on() -> None:
    history = "p" * 15
    flaps, turned = False, []
    for number, outcome in enumerate([Outcome.FAIL, Outcome.PASS] * 5 + [Outcome.PASS] * 20):
        history = flapping.remembered(history, outcome)
        before, flaps = flaps, flapping.flaps(history, flaps)
        if flaps != before:
            turned.append((number, flaps))
    assert turned == [(5, True), (24, False)]
    assert flapping.remembered(history, Outcome.UNKNOWN) == history


# --- grouping ---------------------------------------------------------------------------------------------------------


def group(unit: str, waiting: int = 1, since: datetime = MONDAY, told_at: datetime | None = None) -> Group:
    return Group("duty", unit, waiting, since, told_at)


def made(
    groups: Sequence[Group], now: datetime, *, whole: bool = False, failing: int = 0, room: int = 20
) -> list[Draft]:
    rules = {"duty": Grouping(wait=30 * timedelta(seconds=1), interval=5 * MINUTE, most=5)}
    return list(drafts(groups, rules, {"duty": Room(room, 20, failing, whole)}, now))


def test_a_group_waits_a_little_for_company_and_then_speaks_at_most_once_an_interval() -> None:
    half = timedelta(seconds=30)
    assert made([group("u")], MONDAY + half - timedelta(seconds=1)) == []
    assert made([group("u")], MONDAY + half) == [Draft("duty", ("u",))]
    told = group("u", told_at=MONDAY - MINUTE)
    assert made([told], MONDAY + 3 * MINUTE) == []
    assert made([told], MONDAY + 4 * MINUTE) == [Draft("duty", ("u",))]


def test_many_groups_at_once_become_one_message() -> None:
    units = [group(f"u{number:03}", 100) for number in range(300)]
    assert made(units[:5], MONDAY + HOUR) == [Draft("duty", (unit.unit,)) for unit in units[:5]]
    (storm,) = made(units, MONDAY + HOUR)
    assert len(storm.units) == 300
    assert made(units[:4], MONDAY + HOUR, room=3) == [Draft("duty", tuple(unit.unit for unit in units[:4]))]
    assert made(units, MONDAY + HOUR, room=0) == []


def test_where_each_notice_must_be_listed_there_are_as_many_messages_as_the_pace_leaves_room() -> None:
    assert made([group("u", 45)], MONDAY + HOUR, whole=True) == [Draft("duty", ("u",), 20)] * 3
    assert len(made([group("u", 4500)], MONDAY + HOUR, whole=True, room=7)) == 7


def test_a_receiver_that_takes_nothing_is_only_tried() -> None:
    units = [group("u"), group("v"), group("w")]
    assert len(made(units, MONDAY + HOUR, failing=1)) == 1
    assert made(units, MONDAY + HOUR, failing=2) == []
