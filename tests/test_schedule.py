"""The one scheduling decision, as a table; and 70 days of a mixed register under it, counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from mediawatch.core import alerting
from mediawatch.core.alerting import Alert, State
from mediawatch.core.calendar import FOREVER, SHANGHAI, day_of, midnight_after
from mediawatch.core.model import Evidence, Finding, Look, Outcome, SeenPost
from mediawatch.core.rules import judge
from mediawatch.core.schedule import Cadence, Due, next_due, retry_due, spread
from mediawatch.core.standing import worst
from tests.tables import BOOK, DAY, HOUR, MINUTE, account, at, counts, evidence, listed, look, post

CADENCE = Cadence()
NOW = at("2026-03-01 12:00")
NAMES = [f"account-{number}" for number in range(50)]


def found(outcome: Outcome, holds: timedelta = timedelta(), warns: timedelta | None = None, **more: object) -> Finding:
    fields = {"account": "acc", "indicator": "stale", "outcome": outcome, "judged_at": NOW, "holds_until": NOW + holds}
    return Finding.model_validate({**fields, "warns_at": None if warns is None else NOW + warns, **more})


def a_day_or_so(waited: timedelta) -> bool:
    """Once in every `soonest`, at a time of the target's own."""
    return CADENCE.soonest / 2 <= waited <= 1.5 * CADENCE.soonest


def wait(name: str, *findings: Finding, **more: bool) -> timedelta:
    return next_due(name, findings, NOW, CADENCE, **more).at - NOW


@pytest.mark.parametrize("name", NAMES)
def test_an_account_that_posted_today_is_looked_at_for_safety_within_the_longest_interval(name: str) -> None:
    assert 0.85 * CADENCE.latest <= wait(name, found(Outcome.PASS, 14 * DAY)) <= CADENCE.latest


def test_the_safety_looks_of_a_register_that_was_swept_at_once_are_spread_over_all_their_time() -> None:
    fresh = [found(Outcome.PASS, 14 * DAY)]
    days = [(next_due(f"target-{number}", fresh, NOW, CADENCE, first=True).at - NOW).days for number in range(700)]
    assert min(days.count(day) for day in range(1, 7)) > 60
    assert max(days) < CADENCE.latest.days


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("left", [timedelta(milliseconds=1), MINUTE, HOUR, 0.5 * DAY, DAY, 1.04 * DAY])
def test_the_deadline_itself_is_looked_at_to_the_instant(name: str, left: timedelta) -> None:
    """However near it is; only where an early look has its day, it comes first."""
    assert wait(name, found(Outcome.AT_RISK, left)) == left


@pytest.mark.parametrize("name", NAMES)
def test_one_early_look_falls_a_part_of_the_lead_before_the_deadline(name: str) -> None:
    before = 3 * DAY - wait(name, found(Outcome.AT_RISK, 3 * DAY))
    assert 0.05 * CADENCE.lead <= before <= 0.8 * CADENCE.lead


@pytest.mark.parametrize("name", NAMES)
def test_a_reminder_of_the_last_days_is_looked_for_on_its_day_by_the_evening(name: str) -> None:
    """Also where the look on day 12 came some seconds late, so that day 13 begins less than a day later."""
    assert 2 * DAY <= wait(name, found(Outcome.PASS, 4 * DAY, 2 * DAY)) <= 2.7 * DAY
    late = wait(name, found(Outcome.AT_RISK, 2.5 * DAY, 0.5 * DAY))
    assert late == pytest.approx(max(DAY, wait(name, found(Outcome.PASS, 4 * DAY, 2 * DAY)) - 1.5 * DAY), abs=HOUR)


@pytest.mark.parametrize("name", NAMES)
def test_a_reminder_long_before_the_deadline_is_looked_for_on_its_day_after_noon_or_on_the_next(name: str) -> None:
    assert 5.5 * DAY <= wait(name, found(Outcome.PASS, 13 * DAY, 5 * DAY)) <= 6.95 * DAY
    assert 2.5 * DAY <= wait(name, found(Outcome.AT_RISK, 9 * DAY, 2 * DAY)) <= 3.95 * DAY


@pytest.mark.parametrize("name", NAMES)
def test_the_first_reminder_shares_the_safety_look_but_comes_when_the_last_days_begin(name: str) -> None:
    assert wait(name, found(Outcome.PASS, 9 * DAY, 1 * DAY)) >= 0.7 * CADENCE.latest
    assert 3 * DAY <= wait(name, found(Outcome.PASS, 6 * DAY, 1 * DAY)) <= 3.7 * DAY


@pytest.mark.parametrize(
    "findings",
    [
        (found(Outcome.FAIL),),
        (found(Outcome.UNKNOWN),),
        (found(Outcome.FAIL), found(Outcome.PASS, 3000 * DAY)),
        (found(Outcome.UNKNOWN), found(Outcome.PASS, 10 * DAY)),
        (found(Outcome.PASS), found(Outcome.PASS)),  # an app: nothing is proven ahead
        (found(Outcome.PASS), found(Outcome.PASS).model_copy(update={"holds_until": FOREVER})),  # what no look can undo
        (),
    ],
)
def test_what_is_not_proven_ahead_is_looked_at_every_day(findings: tuple[Finding, ...]) -> None:
    assert a_day_or_so(wait("a", *findings))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("since", [timedelta(), 100 * DAY])
def test_a_fail_that_will_need_no_person_is_looked_at_at_that_instant(name: str, since: timedelta) -> None:
    """However near it is, and however seldom a fail of long ago is; as late as a reminder where others come first."""
    final, held = {"doubts": "unwatched", "final_from": "2026-03-02"}, {"since": NOW - since}
    due = next_due(name, [found(Outcome.FAIL, values=final, **held)], NOW, CADENCE)
    assert due.at == at("2026-03-02") < due.by <= due.at + CADENCE.lead
    later = found(Outcome.FAIL, values={**final, "final_from": "2026-03-09"}, **held)
    assert wait(name, later) == wait(name, found(Outcome.FAIL, **held)), "till then as any other"
    over = found(Outcome.FAIL, values={**final, "final_from": "2026-03-01"}, **held)
    assert wait(name, over) == wait(name, found(Outcome.FAIL, **held))


def test_standing_fails_are_looked_at_once_a_day_each_at_its_own_time() -> None:
    """They all began at midnight. If each were asked a day later, midnight would be ever busier."""
    midnight = at("2026-03-02")
    hours = set()
    for number in range(300):
        first = next_due(f"target-{number}", [found(Outcome.FAIL)], midnight, CADENCE).at
        again = next_due(f"target-{number}", [found(Outcome.FAIL)], first + HOUR, CADENCE).at  # that look came late
        assert again - first == DAY
        hours.add(first.astimezone(SHANGHAI).hour)
    assert hours == set(range(1, 24)), "the hour after midnight is left to what falls due there"


def test_what_has_failed_for_eight_weeks_is_looked_at_every_other_day() -> None:
    """It seldom ends. What is younger, or cannot be seen, is looked at each day whatever stands beside it."""
    old = found(Outcome.FAIL, since=NOW - 56 * DAY)
    first = next_due("a", [old], NOW, CADENCE).at
    assert next_due("a", [old], first + HOUR, CADENCE).at - first == 2 * DAY
    for beside in (found(Outcome.FAIL, since=NOW - 55 * DAY), found(Outcome.UNKNOWN, since=NOW - 90 * DAY)):
        assert a_day_or_so(wait("a", old, beside))


def test_a_pass_that_is_proven_only_as_of_now_costs_nothing_beside_one_that_is_proven_ahead() -> None:
    """`gone` passes without a promise: it must not drag every Weibo account to a daily look."""
    alone = wait("a", found(Outcome.PASS, 14 * DAY))
    assert wait("a", found(Outcome.PASS, 14 * DAY), found(Outcome.PASS)) == alone


def test_the_first_of_several_deadlines_counts() -> None:
    assert wait("a", found(Outcome.PASS, 3000 * DAY), found(Outcome.AT_RISK, HOUR)) == HOUR


ONCE = (("a", NOW),)
TWICE = (("a", NOW - HOUR), ("a", NOW))


@pytest.mark.parametrize(
    ("proof", "soon"),
    [
        (ONCE, True),
        ((("a", NOW - MINUTE), ("a", NOW)), True),
        ((("a", NOW - CADENCE.recheck), ("a", NOW)), False),
        # this target has given its second look: what is still missing is another's
        (TWICE, False),
        ((*TWICE, ("b", NOW)), False),
        ((("b", NOW),), False),
    ],
)
def test_a_second_look_follows_soon_where_an_alert_waits_for_it(proof: tuple, soon: bool) -> None:
    """Only from a target that is part of the proof; otherwise a channel that is down would have its twin hammered."""
    waited = wait("a", found(Outcome.FAIL, proof=proof), confirming=True)
    assert waited == CADENCE.recheck if soon else a_day_or_so(waited)


@pytest.mark.parametrize(
    ("watched", "waited"),
    [(0, 6), (6, 6), (20, 4), (23.99, CADENCE.recheck / HOUR)],
)
def test_a_silence_that_nobody_watched_is_looked_at_in_quarters_of_a_day_until_it_is_confirmed(
    watched: float, waited: float
) -> None:
    """Its first look came after the deadline: it takes a day of looks that agree, so one that lies changes nothing."""
    first = NOW - watched * HOUR
    silent = found(Outcome.FAIL, proof=tuple(dict.fromkeys((("a", first), ("a", NOW)))))
    silent = silent.model_copy(update={"deadline": first - DAY})
    assert wait("a", silent, confirming=True) == waited * HOUR
    assert a_day_or_so(wait("a", silent.model_copy(update={"proof": (("a", NOW - DAY), ("a", NOW))}), confirming=True))


def test_an_alert_that_waits_while_nothing_can_be_seen_hammers_nobody() -> None:
    assert a_day_or_so(wait("a", found(Outcome.UNKNOWN), confirming=True))
    assert a_day_or_so(wait("a", found(Outcome.FAIL, proof=ONCE)))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_look_always_falls_in_the_future_and_within_the_longest_interval(outcome: Outcome) -> None:
    for name in NAMES:
        for hours in range(0, 20 * 24, 7):
            due = wait(name, found(outcome, hours * HOUR, (hours % 50) * HOUR))
            assert timedelta() < due <= CADENCE.latest
            assert due >= CADENCE.soonest / 2 or due == hours * HOUR  # sooner only on the deadline itself


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_channel_that_must_be_looked_at_often_is_whatever_is_proven(outcome: Outcome) -> None:
    """Visits to a website are counted: an hour is an hour, also after failures, and a deadline still comes first."""
    assert next_due("a", [found(outcome, 14 * DAY)], NOW, CADENCE, every=HOUR).at == NOW + HOUR
    assert next_due("a", [found(outcome, MINUTE)], NOW, CADENCE, every=HOUR).at == NOW + MINUTE
    assert next_due("a", [found(outcome)], NOW, CADENCE, every=30 * DAY).at <= NOW + CADENCE.latest
    waits = [retry_due("a", fails, NOW, CADENCE, every=HOUR) - NOW for fails in range(1, 20)]
    assert max(waits) == HOUR
    assert waits[0] < HOUR
    assert retry_due("a", 1, NOW, CADENCE, retry_after=7200, every=HOUR) == NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("findings", "by"),
    [
        # the safety look may wait as long again as it has waited, but never for a deadline or for a reminder's day
        ([found(Outcome.PASS, 40 * DAY)], None),
        ([found(Outcome.PASS, 9 * DAY)], 9 * DAY),
        ([found(Outcome.PASS, 7 * DAY, 5 * DAY)], 6 * DAY),
        # the early look has until the deadline; the look at the deadline has no time at all
        ([found(Outcome.AT_RISK, 2 * DAY)], 2 * DAY),
        ([found(Outcome.AT_RISK, HOUR)], HOUR),
        # a standing fail is looked at each day, and may be as late again
        ([found(Outcome.FAIL)], None),
    ],
)
def test_a_look_must_be_made_by_the_first_deadline_and_the_rest_may_wait(findings: list[Finding], by: object) -> None:
    due = next_due("a", findings, NOW, CADENCE)
    assert due.by - NOW == (2 * (due.at - NOW) if by is None else by)
    assert due.by >= due.at


def test_a_second_look_that_an_alert_waits_for_may_not_wait() -> None:
    due = next_due("a", [found(Outcome.FAIL, proof=ONCE)], NOW, CADENCE, confirming=True)
    assert due == Due.exactly(NOW + CADENCE.recheck)


def test_targets_do_not_fall_due_at_once() -> None:
    shares = sorted(spread(f"target-{number}") for number in range(1000))
    assert 0 <= shares[0] < 0.01
    assert 0.99 < shares[-1] < 1
    assert max(b - a for a, b in pairwise(shares)) < 0.02


def test_a_failed_look_is_tried_again_after_ten_minutes_and_then_twice_as_long_up_to_a_day() -> None:
    waits = [retry_due("a", fails, NOW, CADENCE) - NOW for fails in range(1, 80)]
    for fails, waited in enumerate(waits, start=1):
        base = min(CADENCE.retry * 2 ** min(fails - 1, 10), CADENCE.soonest / 1.25)
        assert base <= waited <= 1.25 * base


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (None, 10 * MINUTE, 12.5 * MINUTE),
        (0, 10 * MINUTE, 12.5 * MINUTE),
        (-5, 10 * MINUTE, 12.5 * MINUTE),
        (float("nan"), 10 * MINUTE, 12.5 * MINUTE),
        (1, 10 * MINUTE, 12.5 * MINUTE),  # never shorter than our own patience
        (3600, HOUR, HOUR),
        (3 * 86400, 3 * DAY, 3 * DAY),
        (1e9, 7 * DAY, 7 * DAY),  # honoured up to the longest interval
        (float("inf"), 7 * DAY, 7 * DAY),
    ],
)
def test_retry_after_is_honoured_and_capped(asked: float | None, least: timedelta, most: timedelta) -> None:
    assert least <= retry_due("a", 1, NOW, CADENCE, retry_after=asked) - NOW <= most


def test_a_cadence_of_milliseconds_keeps_its_proportions() -> None:
    """Drills run fast: every interval may be given down to a millisecond."""
    quick = Cadence.model_validate({name: getattr(CADENCE, name) / 86400 for name in Cadence.model_fields})
    slow = next_due("a", [found(Outcome.PASS, 9 * DAY, 2 * DAY)], NOW, CADENCE).at - NOW
    fast = next_due("a", [found(Outcome.PASS, 9 * DAY / 86400, 2 * DAY / 86400)], NOW, quick).at - NOW
    assert abs(slow / 86400 - fast) < timedelta(milliseconds=1)


def test_an_app_is_looked_at_daily_and_an_empty_account_when_its_thirty_days_are_over() -> None:
    of = account("app", apple=["listing"])
    seen = evidence(NOW, [look(NOW, listed(True), target="apple", covers=["listing"])], of=of)
    assert a_day_or_so(next_due("apple", judge(BOOK, seen), NOW, CADENCE).at - NOW)
    eve = at("2026-03-30 18:00")
    findings = judge(BOOK, evidence(eve, [look("2026-03-01", counts(0), posts=0), look(eve, counts(0), posts=0)]))
    assert next_due("a", findings, eve, CADENCE).at == at("2026-03-31")


# --- a register over 70 days, each account looked at whenever next_due says -------------------------------------------

START = at("2026-01-05 08:00")
END = START + 70 * DAY
DELAY = timedelta(seconds=3)  # a look is never exactly on time


class Life:
    """One simulated account: it posts, it is looked at, and every look is counted."""

    def __init__(self, name: str, posts: list[datetime]) -> None:
        self.account = account("weibo", **{name: ("posts", "profile")})
        self.name = name
        self.published = sorted(posts)
        self.looks: list[Look] = []
        self.seen: dict[str, SeenPost] = {}
        self.live: dict[str, Alert] = {}
        self.standing = 0  # looks that found a standing, confirmed fail: once a day, by choice
        self.steps: list[tuple[object, datetime]] = []

    def live_through(self) -> None:
        due = START + spread(self.name) * DAY
        while due < END:
            due = self._look(due + DELAY)

    def _look(self, now: datetime) -> datetime:
        shown = [moment for moment in self.published if moment <= now][-10:]
        for moment in shown:
            key = moment.isoformat()
            self.seen.setdefault(key, post(moment, seen=now, key=key, target=self.name))
        self.looks.append(look(now, newest=shown[-1] if shown else None, target=self.name))
        seen = [self.seen[moment.isoformat()] for moment in shown]
        on = Evidence(
            account=self.account,
            now=now,
            watched_since=self.looks[0].at,
            looks=tuple(self.looks[-20:]),
            posts=tuple(seen),
        )
        findings = judge(BOOK, on)
        if any(alert.state is State.OPEN and alert.level == "breach" for alert in self.live.values()):
            self.standing += 1
        for alert in alerting.transition(self.live.values(), findings, now, CADENCE.recheck, "x"):
            self.live[alert.id] = alert
        speaks = worst(findings)
        assert speaks is not None
        self.steps.append((speaks.values.get("step"), now))
        waiting = any(alert.state is State.PENDING for alert in self.live.values())
        return next_due(self.name, findings, now, CADENCE, confirming=waiting).at


def _office_hours(day: datetime, draw: random.Random) -> datetime:
    return day + draw.uniform(9, 18) * HOUR


def _posts(kind: str, draw: random.Random) -> Iterator[datetime]:
    """Posts from 30 days before the start on. The mix and its meaning are those of the polling plan."""
    midnight = midnight_after(day_of(START)) - DAY
    gap = {"daily": 0.5, "weekly": 7.0, "sporadic": 12.0}.get(kind)
    if gap is None:  # dead: one post long ago
        yield midnight - draw.uniform(20, 400) * DAY
        return
    moment = midnight - 30 * DAY
    while moment < END:
        moment += draw.expovariate(1 / gap) * DAY if kind != "weekly" else draw.uniform(5, 9) * DAY
        day = midnight_after(day_of(moment)) - DAY
        if kind == "daily" and day.weekday() >= 5 and draw.random() < 0.55:
            continue
        yield _office_hours(day, draw)


def _register(size: int) -> list[Life]:
    draw = random.Random(20260105)  # noqa: S311
    mix = ["daily"] * 60 + ["weekly"] * 25 + ["sporadic"] * 10 + ["dead"] * 5
    return [Life(f"{mix[number % 100]}-{number}", list(_posts(mix[number % 100], draw))) for number in range(size)]


@pytest.fixture(scope="module")
def register() -> list[Life]:
    lives = _register(200)
    for life in lives:
        life.live_through()
    return lives


def test_a_mixed_register_costs_less_than_a_quarter_look_a_day(register: list[Life]) -> None:
    """0.24 looks per account-day without the daily looks at standing fails (performance.md: two looks and safety)."""
    per_day = [(len(life.looks) - life.standing) / 70 for life in register]
    daily = [rate for rate, life in zip(per_day, register, strict=True) if life.name.startswith("daily")]
    assert sum(daily) / len(daily) <= 0.20  # little more than the weekly safety look
    assert sum(per_day) / len(per_day) <= 0.24


def _breaches(life: Life) -> Iterator[datetime]:
    """Every deadline that passed without a post, after the first look."""
    for moment, after in zip(life.published, [*life.published[1:], END], strict=True):
        deadline = midnight_after(day_of(moment) + 14 * DAY)
        if life.looks[0].at < deadline < min(after, END - HOUR):
            yield deadline


def test_every_breach_is_seen_at_its_deadline_and_confirmed_there(register: list[Life]) -> None:
    """Looked at in the first seconds after the last allowed day; an earlier look that saw the same confirms it."""
    breaches = 0
    for life in register:
        opened = {alert.since: alert for alert in life.live.values() if alert.level == "breach"}
        for deadline in _breaches(life):
            breaches += 1
            assert opened[deadline].opened_at == opened[deadline].confirmed_at == deadline + DELAY
    assert breaches >= 20


def test_nobody_is_accused_who_published_in_time(register: list[Life]) -> None:
    for life in register:
        true = {midnight_after(day_of(moment) + 14 * DAY) for moment in life.published}
        for alert in life.live.values():
            if alert.level == "breach":
                assert alert.since in true
                assert not any(alert.since - 14 * DAY <= moment < alert.since for moment in life.published)


def test_a_silent_account_is_reminded_as_long_as_it_can_still_post() -> None:
    """Of days 12 and 13 on these days; of days 7 and 10 on them or a day later."""
    stopped = Life("stops", [START - 2 * DAY, START + 3 * DAY])
    stopped.live_through()
    last = day_of(START + 3 * DAY)
    first = {step: (day_of(moment) - last).days for step, moment in reversed(stopped.steps) if step is not None}
    assert first.keys() == {7, 10, 12, 13}
    assert all(first[step] in (step, step + 1) for step in (7, 10))
    assert (first[12], first[13]) == (12, 13)


def test_what_a_list_that_was_cut_short_did_not_tell_at_the_deadline_is_asked_again_soon_and_then_ever_later() -> None:
    untold = found(Outcome.UNKNOWN, missing=("posts",), deadline=NOW)
    now, waits = NOW, []
    while now < NOW + DAY:
        at_ = next_due("a", [untold.model_copy(update={"holds_until": now})], now, CADENCE, partial=True).at
        waits.append(at_ - now)
        now = at_
    minutes = [round(one / MINUTE) for one in waits]
    assert minutes[:8] == [10, 10, 20, 40, 80, 160, 320, 640]
    assert len(minutes) <= 10
    assert a_day_or_so(wait("a", untold)), "a look that told all it could is another matter"
    long_ago = found(Outcome.UNKNOWN, missing=("posts",), deadline=NOW - 30 * DAY)
    assert a_day_or_so(wait("a", long_ago, partial=True))


def test_what_a_first_list_did_not_tell_is_asked_once_more_soon() -> None:
    untold = found(Outcome.UNKNOWN, missing=("posts",))
    assert wait("a", untold, partial=True, first=True) == CADENCE.retry
    assert a_day_or_so(wait("a", untold, partial=True))
    assert wait("a", found(Outcome.PASS, 14 * DAY), partial=True, first=True) > DAY, "nothing is missing"
