"""Alerts as timelines: when one opens, is confirmed, ends, and what is owed to whom by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mediawatch.core.alerting import Alert, State, alert_id, transition
from mediawatch.core.model import Evidence, Finality, Finding, Look, Outcome, Reason, SeenPost
from mediawatch.core.review import Review
from mediawatch.core.routing import Owed, Situation, Step, owed, promises
from mediawatch.core.rules import judge_one
from tests.tables import DAY, GONE, HOUR, MINUTE, SECOND, STALE, account, at, evidence, look, post

RECHECK = 5 * MINUTE
P = at("2026-03-01 09:00")
DEADLINE = at("2026-03-16")
LADDER = (
    Step(after=timedelta(), to=("duty", "office")),
    Step(after=2 * DAY, to=("head",)),
    Step(after=5 * DAY, to=("minister", "duty")),
)
SITUATION = Situation(rungs=LADDER, reminded=("reminded",))


class Story:
    """One account's evidence and alerts, moved on look by look; what was owed is said and remembered."""

    def __init__(self, posts: Sequence[SeenPost] = (post(P),)) -> None:
        self.looks: list[Look] = []
        self.posts = list(posts)
        self.alerts: dict[str, Alert] = {}
        self.said: list[str] = []

    def see(self, one: Look, *new: SeenPost) -> tuple[Alert, ...]:
        self.posts += new
        self.looks.append(one)
        findings = (judge_one(STALE, self.evidence(one.at)), judge_one(GONE, self.evidence(one.at)))
        changed = transition(self.alerts.values(), findings, one.at, RECHECK, "edition", unwatched=DAY)
        self.alerts |= {alert.id: alert for alert in changed}
        return changed

    def evidence(self, now: datetime) -> Evidence:
        return evidence(now, self.looks, self.posts)

    def tell(self, now: datetime) -> list[str]:
        """What is owed by now, as `receiver cause`; saying it is remembered."""
        told: list[Owed] = []
        for alert in self.alerts.values():
            told += owed(alert, self.said, SITUATION, now)
        self.said += [one.key for one in told]
        return [f"{one.receiver} {one.cause}" for one in told]

    def acknowledge(self, now: datetime) -> None:
        for alert in self.alerts.values():
            self.alerts[alert.id] = alert.model_copy(update={"acknowledged_at": now, "acknowledged_by": "li"})


def _states(changed: Sequence[Alert]) -> list[str]:
    return [f"{alert.level} {alert.state}" for alert in changed]


def test_a_silence_that_nobody_watched_is_pending_until_looks_a_day_apart_agree() -> None:
    """Watched for the first time when it is silent already: what one moment shows accuses nobody aloud."""
    story = Story([post(P, seen=DEADLINE + HOUR)])
    assert _states(story.see(look(DEADLINE + HOUR))) == ["breach pending"]
    assert story.tell(DEADLINE + 10 * DAY) == []
    # too soon after the first to be a second word
    assert _states(story.see(look(DEADLINE + HOUR + RECHECK))) == []
    assert _states(story.see(look(DEADLINE + HOUR + DAY - SECOND))) == []
    assert _states(story.see(look(DEADLINE + HOUR + DAY))) == ["breach open"]
    (alert,) = story.alerts.values()
    assert (alert.since, alert.opened_at, alert.confirmed_at) == (
        DEADLINE,
        DEADLINE + HOUR,
        DEADLINE + HOUR + DAY,
    )
    assert story.tell(DEADLINE + 2 * DAY) == ["duty first", "office first"]
    assert _states(story.see(look(DEADLINE + 2 * DAY))) == []


def test_an_earlier_look_that_saw_the_same_newest_post_confirms_at_the_deadline_itself() -> None:
    """The alert stands at the first second after the last allowed day."""
    story = Story()
    story.see(look(P))
    assert story.see(look(P + 6 * DAY)) == ()
    (alert,) = story.see(look(DEADLINE))
    assert (alert.state, alert.opened_at, alert.confirmed_at) == (State.OPEN, DEADLINE, DEADLINE)
    assert story.tell(DEADLINE) == ["duty first", "office first"]


@pytest.mark.parametrize("blind", [Reason.TIMEOUT, Reason.LOGIN_REQUIRED, Reason.OWN_NETWORK, Reason.UNREADABLE])
def test_what_could_not_be_seen_neither_raises_nor_resolves(blind: Reason) -> None:
    story = Story()
    story.see(look(P))
    assert [story.see(look(DEADLINE + day * DAY, blind)) for day in range(50)] == [()] * 50
    assert story.alerts == {}
    story.see(look(DEADLINE + 50 * DAY))
    (alert,) = story.alerts.values()
    assert alert.state is State.OPEN
    assert [story.see(look(DEADLINE + day * DAY, blind)) for day in range(51, 60)] == [()] * 9


def test_a_doubtful_list_resolves_nothing() -> None:
    """`unknown` after a fail: the alert stands as it was."""
    found = _finding(Outcome.FAIL, proof=(("a", P), ("a", DEADLINE)))
    (alert,) = transition((), [found], DEADLINE, RECHECK, "x")
    assert transition([alert], [_finding(Outcome.UNKNOWN)], DEADLINE + DAY, RECHECK, "x") == ()


def _finding(outcome: Outcome, **more: object) -> Finding:
    fields = {"account": "acc", "indicator": "stale", "outcome": outcome, "judged_at": P, "holds_until": P}
    return Finding.model_validate({**fields, **more})


def test_each_channel_of_the_proof_must_have_looked_twice() -> None:
    """WeChat: the one channel's second look does not speak for the other."""
    once = _finding(Outcome.FAIL, proof=(("sent", P), ("sent", P + HOUR), ("site", P + HOUR)))
    both = _finding(Outcome.FAIL, proof=(("sent", P), ("sent", P + HOUR), ("site", P), ("site", P + HOUR)))
    (alert,) = transition((), [once], P + HOUR, RECHECK, "x")
    assert alert.state is State.PENDING
    assert _states(transition([alert], [both], P + HOUR, RECHECK, "x")) == ["breach open"]
    assert _states(transition((), [both], P + HOUR, RECHECK, "x")) == ["breach open"]


def test_the_end_is_told_to_those_who_were_promised_the_beginning_and_to_nobody_else() -> None:
    story = Story()
    story.see(look(P))
    story.see(look(DEADLINE))
    story.tell(DEADLINE)
    new = post(DEADLINE + 3 * DAY)
    story.tell(DEADLINE + 2 * DAY)
    assert _states(story.see(look(DEADLINE + 3 * DAY), new)) == ["breach resolved"]
    assert story.tell(DEADLINE + 3 * DAY) == ["duty resolved", "office resolved", "head resolved"]
    assert story.tell(DEADLINE + 30 * DAY) == []


def test_a_breach_that_ends_before_it_was_confirmed_is_nobodys_news() -> None:
    story = Story([post(P, seen=DEADLINE)])
    story.see(look(DEADLINE))
    story.see(look(DEADLINE + MINUTE), post(DEADLINE + MINUTE))
    assert [alert.state for alert in story.alerts.values()] == [State.RESOLVED]
    assert story.tell(DEADLINE + 30 * DAY) == []


def test_the_next_breach_is_another_alert() -> None:
    story = Story()
    story.see(look(P))
    story.see(look(DEADLINE))
    story.see(look(DEADLINE + DAY), post(DEADLINE + DAY))
    again = at("2026-04-01")
    story.see(look(again))
    breaches = [alert for alert in story.alerts.values() if alert.level == "breach"]
    assert [alert.since for alert in breaches] == [DEADLINE, again]
    assert len({alert.id for alert in breaches}) == 2


def _open() -> Story:
    story = Story()
    story.see(look(P))
    story.see(look(DEADLINE))
    return story


def test_the_rungs_of_the_ladder_are_owed_one_after_the_other() -> None:
    story = _open()
    assert story.tell(DEADLINE) == ["duty first", "office first"]
    assert story.tell(DEADLINE + 2 * DAY - SECOND) == []
    assert story.tell(DEADLINE + 2 * DAY) == ["head escalated"]
    assert story.tell(DEADLINE + 5 * DAY) == ["minister escalated", "duty escalated"]
    assert story.tell(DEADLINE + 500 * DAY) == []


def test_what_was_missed_while_we_were_down_is_owed_afterwards() -> None:
    """Asked from state, not from events: after a week away all three rungs are owed at once, in order of time."""
    told = _open().tell(DEADLINE + 7 * DAY)
    assert told == ["duty first", "office first", "head escalated", "minister escalated", "duty escalated"]


@pytest.mark.parametrize(
    ("acknowledged", "still"),
    [
        (HOUR, []),
        (2 * DAY, []),  # at the very instant of the rung
        (2 * DAY + SECOND, ["head escalated"]),
        (4 * DAY, ["head escalated"]),
        (6 * DAY, ["head escalated", "minister escalated", "duty escalated"]),
    ],
)
def test_acknowledging_stops_the_rungs_that_are_still_to_come(acknowledged: timedelta, still: list[str]) -> None:
    story = _open()
    story.tell(DEADLINE)
    told = [word for day in range(1, 101) for word in _asked_hourly(story, day, acknowledged)]
    assert [word for word in told if "acknowledged" not in word] == still
    knew = {"duty", "office", *(word.split()[0] for word in still)}
    assert {word.split()[0] for word in told if "acknowledged" in word} == knew


def _asked_hourly(story: Story, day: int, acknowledged: timedelta) -> list[str]:
    """What is told on that day after the deadline; somebody acknowledges at his instant, before anything is asked."""
    begins = DEADLINE + (day - 1) * DAY
    moments = sorted({begins + hour * HOUR for hour in range(1, 25)} | {DEADLINE + acknowledged})
    told: list[str] = []
    for moment in moments:
        if not begins < moment <= begins + DAY:
            continue
        if moment == DEADLINE + acknowledged:
            story.acknowledge(moment)
        told += story.tell(moment)
    return told


def test_what_somebody_answers_for_by_the_time_it_could_be_told_goes_no_higher() -> None:
    """We were down when two rungs fell due, and somebody has acknowledged before we were back."""
    story = _open()
    story.tell(DEADLINE)
    story.acknowledge(DEADLINE + 6 * DAY)
    assert story.tell(DEADLINE + 6 * DAY) == ["duty acknowledged", "office acknowledged"]


def test_the_end_is_told_though_it_was_acknowledged() -> None:
    story = _open()
    story.tell(DEADLINE)
    story.acknowledge(DEADLINE + HOUR)
    story.tell(DEADLINE + HOUR)
    story.see(look(DEADLINE + DAY), post(DEADLINE + DAY))
    assert story.tell(DEADLINE + 9 * DAY) == ["duty resolved", "office resolved"]


def test_what_is_over_before_anybody_was_promised_it_is_nobodys_news() -> None:
    story = _open()
    story.see(look(DEADLINE + DAY), post(DEADLINE + DAY))
    assert story.tell(DEADLINE + 9 * DAY) == []


@pytest.mark.parametrize("ends", [False, True])
def test_asking_again_owes_nothing_new_and_half_told_owes_the_rest(ends: bool) -> None:
    story, now = _open(), DEADLINE + 9 * DAY
    said: list[str] = []
    if ends:
        story.tell(DEADLINE)
        said = list(story.said)
        story.see(look(DEADLINE + 3 * DAY), post(DEADLINE + 3 * DAY))
    for alert in story.alerts.values():
        keys = [one.key for one in promises(alert, said, SITUATION, now)]
        assert len(keys) == len(set(keys))
        assert promises(alert, [*said, *keys], SITUATION, now) == ()
        for cut in range(len(keys)):
            assert [one.key for one in promises(alert, [*said, *keys[:cut]], SITUATION, now)] == keys[cut:]


def test_an_end_without_a_promised_beginning_is_not_told() -> None:
    """Nobody hears "it is over" who was not promised "it began": here the ladder was empty all the time."""
    story = _open()
    story.see(look(DEADLINE + DAY), post(DEADLINE + DAY))
    nobody = Situation()
    assert [promises(alert, (), nobody, DEADLINE + DAY) for alert in story.alerts.values()] == [()]


def test_reminders_are_told_once_for_each_step() -> None:
    story = Story()
    heard: list[tuple[int, list[str]]] = []
    for day in range(15):
        story.see(look(P + day * DAY))
        for _ in range(3):
            told = story.tell(P + day * DAY)
            if told:
                heard.append((day, told))
    assert heard == [(day, ["reminded reminder"]) for day in (7, 10, 12, 13)]
    assert [alert.level for alert in story.alerts.values()] == ["reminder"]
    assert story.said == [f"{next(iter(story.alerts))}/day{day}/reminded" for day in (7, 10, 12, 13)]


def test_a_reminder_ends_with_a_new_post_and_with_the_breach() -> None:
    story = Story()
    story.see(look(P))
    assert _states(story.see(look(P + 8 * DAY))) == ["reminder open"]
    assert _states(story.see(look(P + 9 * DAY), post(P + 9 * DAY))) == ["reminder resolved"]
    assert _states(story.see(look(P + 17 * DAY))) == ["reminder open"]
    assert _states(story.see(look(P + 25 * DAY))) == ["breach open", "reminder resolved"]
    assert "reminded" not in " ".join(story.tell(P + 30 * DAY))


def test_a_post_that_moves_the_deadline_but_leaves_a_warning_begins_the_reminders_anew() -> None:
    """Reminded on day 12, then a post of eight days ago appears: day 7 of the new period was never told."""
    story = Story()
    story.see(look(P))
    story.see(look(P + 12 * DAY))
    assert story.tell(P + 12 * DAY) == ["reminded reminder"]
    late = post(P + 5 * DAY, seen=P + 13 * DAY)
    assert _states(story.see(look(P + 13 * DAY), late)) == ["reminder resolved", "reminder open"]
    assert story.tell(P + 13 * DAY) == ["reminded reminder"]
    assert sum(alert.live for alert in story.alerts.values()) == 1


def test_ids_and_keys_are_the_same_for_the_same_breach_however_the_instant_is_written() -> None:
    here = alert_id("acc", "stale", "breach", DEADLINE)
    assert here == alert_id("acc", "stale", "breach", DEADLINE.astimezone(UTC))
    assert here == "44f57aea1f6e1b49"  # kept in stores and by receivers: it may never change
    assert len({here, alert_id("acc", "stale", "reminder", DEADLINE), alert_id("b", "stale", "breach", DEADLINE)}) == 3


@pytest.mark.parametrize(
    ("doubts", "review"), [("counts_more", Review.WAITING), ("went_back,redated", Review.WAITING), ("unwatched", None)]
)
def test_what_speaks_against_a_fail_that_was_told_makes_it_wait_for_a_person(
    doubts: str, review: Review | None
) -> None:
    """That we see less than before does not: it would take back every silence after each outage of ours."""
    story = Story()
    story.see(look(P))
    (opened,) = story.see(look(DEADLINE))
    assert (opened.state, opened.review) == (State.OPEN, Review.NOT_NEEDED)
    assert story.tell(DEADLINE) == ["duty first", "office first"]
    assert opened.finding is not None
    values = {**opened.finding.values, "doubts": doubts}
    doubted = opened.finding.model_copy(update={"finality": Finality.CANDIDATE, "values": values})
    changed = transition([opened], [doubted], DEADLINE + DAY, RECHECK, "edition")
    assert [one.review for one in changed] == ([] if review is None else [review])
    story.alerts |= {one.id: one for one in changed}
    assert story.tell(DEADLINE + 3 * DAY) == ([] if review else ["head escalated"])
    again = transition(story.alerts.values(), [opened.finding], DEADLINE + 4 * DAY, RECHECK, "edition")
    story.alerts |= {one.id: one for one in again}
    assert story.tell(DEADLINE + 6 * DAY) == (
        ["head escalated"] if review else ["minister escalated", "duty escalated"]
    )


def test_an_account_that_is_gone_is_one_alert_when_it_was_said_for_a_day() -> None:
    story = Story()
    story.see(look(P))
    assert story.see(look(P + DAY, Reason.GONE)) == ()
    assert story.see(look(P + DAY + 10 * MINUTE, Reason.GONE)) == ()
    assert _states(story.see(look(P + 2 * DAY, Reason.GONE))) == ["breach open"]
    assert _states(story.see(look(P + 3 * DAY))) == ["breach resolved"]


def _incident(**more: object) -> Alert:
    fields = {"id": "i", "subject": "platform:weibo", "indicator": "blind", "level": "incident", "state": State.OPEN}
    times = {"since": P, "opened_at": P, "confirmed_at": P}
    return Alert.model_validate({**fields, **times, **more})


def test_a_platform_incident_climbs_the_same_ladder_and_says_that_it_is_over() -> None:
    told = [f"{one.receiver} {one.cause}" for one in owed(_incident(), (), SITUATION, P)]
    assert told == ["duty incident", "office incident"]
    over = _incident(state=State.RESOLVED, resolved_at=P + HOUR)
    keys = [one.key for one in owed(_incident(), (), SITUATION, P)]
    assert [one.cause for one in owed(over, keys, SITUATION, P + HOUR)] == ["incident_over", "incident_over"]


def test_an_account_of_another_kind_of_proof_keeps_its_edition() -> None:
    """The alert names the rulebook edition that the verdict rests on."""
    found = judge_one(STALE, evidence(DEADLINE, [look(P), look(DEADLINE)], [post(P)], of=account()))
    (alert,) = transition((), [found], DEADLINE, RECHECK, "sha-of-the-book")
    assert alert.edition == "sha-of-the-book"
    assert alert.finding == found
