"""Who is told of an alert, when, and why: the one place where that is decided.

`promises` is asked of state, never of events, so that asking again after a crash, or a year later, gives the same
answer. Whatever holds a word back (a silence, a platform's trouble, quiet hours) moves the instant at which it is owed;
it never loses it. Pure: it must never send, store or read a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from pydantic import AwareDatetime

from mediawatch.core.alerting import Alert, Cause, State
from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Value
from mediawatch.core.review import Review
from mediawatch.core.silences import Mutes, Silence
from mediawatch.core.units import Unit
from mediawatch.core.worktime import Hours, Working

LEVELS = ("county", "city", "province")
ROLES = ("unit:operator", "unit:office", *(f"unit:{level}" for level in LEVELS))
_MOVES = 60  # times that one word is moved on before it is told after all


class Step(Value):
    """A rung of the ladder: so long after confirmation, these are told, if nobody has acknowledged.

    to: names of receivers, or roles (`ROLES`), which each account's units fill. working: `after` counts working hours.
    """

    after: timedelta
    to: tuple[str, ...]
    working: bool = False


class Weekly(Value):
    """A weekday (Monday is 0) and a time in Shanghai."""

    weekday: int
    at: time = time(9)


class Owed(Value):
    """One thing that one receiver is owed. `key` is unique for ever: the promise is inserted once.

    due_at: when it is told. silence: by which it was held back until now.
    """

    key: str
    alert: str
    receiver: str
    cause: Cause
    due_at: AwareDatetime
    silence: Silence | None = None


@dataclass(frozen=True)
class Situation:
    """All that decides about one alert's words beside the alert itself.

    rungs: the ladder with receivers in the place of roles. reminded: who is told before a deadline. repeat: how often
    what still stands is told again, and `repeats` for single receivers (zero for never). steps, weekly: whether
    reminders come on the rule's warning days, and on which weekday. refused: keys of promises that their receivers
    refused for good: they were told nothing.
    """

    rungs: tuple[Step, ...] = ()
    reminded: tuple[str, ...] = ()
    mutes: Mutes = field(default_factory=Mutes)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    working: Working = field(default_factory=Working)
    repeat: timedelta | None = None
    repeats: Mapping[str, timedelta] = field(default_factory=dict)
    steps: bool = True
    weekly: Weekly | None = None
    refused: Collection[str] = ()
    tell_candidates: bool = False

    def after(self, moment: datetime, step: Step) -> datetime:
        """When a rung has its turn, if its time runs from `moment`."""
        return self.working.after(moment, step.after) if step.working else moment + step.after

    def free(
        self, moment: datetime, receiver: str, level: str, *, mutable: bool
    ) -> tuple[datetime | None, Silence | None]:
        """When the receiver may be told, from `moment` on; `None` while no end is known. And what silence held it."""
        hours, held = self.hours.get(receiver, Hours()), None
        for _ in range(_MOVES):
            spell = self.mutes.at(moment) if mutable else None
            if spell is not None:
                held = spell.silence or held
                if spell.until is None:
                    return None, held
                moment = spell.until
                continue
            free = hours.free(moment, level, self.working)
            if free == moment:
                break
            moment = free
        return moment, held


def rungs(ladder: Iterable[Step], units: tuple[Unit, ...]) -> tuple[Step, ...]:
    """The ladder with receivers in the place of roles. `units`: the account's unit and those above it (`chain`).

    `unit:operator`: the account's own unit; `unit:office`: the one above it; where that one names no receiver, the next
    above it that does. `unit:county`, `unit:city`, `unit:province`: the highest unit of that level. Nobody is told
    twice because he fills two roles.
    """
    asked: set[str] = set()
    found = []
    for step in ladder:
        to: list[str] = []
        for name in step.to:
            if name not in ROLES:
                to.append(name)
                continue
            unit = _unit_of(name, units)
            if unit is not None and unit.id not in asked:
                asked.add(unit.id)
                to += unit.receivers
        found.append(step.model_copy(update={"to": tuple(dict.fromkeys(to))}))
    return tuple(found)


def recipients(to: Iterable[str], units: tuple[Unit, ...]) -> tuple[str, ...]:
    """Receivers in the place of roles, as in a rung."""
    return rungs((Step(after=timedelta(), to=tuple(to)),), units)[0].to


def _unit_of(role: str, units: tuple[Unit, ...]) -> Unit | None:
    level = role.removeprefix("unit:")
    if level in LEVELS:
        return next((unit for unit in reversed(units) if unit.level == level), None)
    return next((unit for unit in units[ROLES.index(role) :] if unit.receivers), None)


def promises(alert: Alert, said: Iterable[str], situation: Situation, now: datetime) -> tuple[Owed, ...]:
    """All that is owed about this alert and has not been promised yet, now or later, in order of time.

    said: keys that are promised already. A pending alert owes nothing, nor does one that waits for a person, unless
    `tell_candidates`. Higher rungs are owed only while nobody answers for it; the end of a breach is owed to exactly
    those who were promised its beginning, and once it is over its beginning is owed to nobody.
    """
    if alert.state is State.PENDING or alert.confirmed_at is None:
        return ()
    words = _Words(alert, frozenset(said), situation, now)
    if alert.level == "reminder":
        _reminders(words)
    elif alert.resolved_at is not None:
        _end(words, alert.resolved_at)
    elif situation.tell_candidates or alert.review not in (Review.WAITING, Review.DISMISSED):
        _standing(words, alert.confirmed_at)
    return tuple(sorted(words.owed, key=lambda promise: promise.due_at))


def owed(alert: Alert, said: Iterable[str], situation: Situation, now: datetime) -> tuple[Owed, ...]:
    """What is owed about this alert by `now` and has not been promised. May be asked any number of times."""
    return tuple(promise for promise in promises(alert, said, situation, now) if promise.due_at <= now)


class _Words:
    """What is being found out about one alert."""

    def __init__(self, alert: Alert, known: frozenset[str], situation: Situation, now: datetime) -> None:
        self.alert, self.known, self.situation, self.now = alert, known, situation, now
        self.owed: list[Owed] = []
        self.told = self._told()

    def _told(self) -> tuple[str, ...]:
        """Who was promised a beginning, whatever the ladder says by now."""
        found = []
        for key in self.known - frozenset(self.situation.refused):
            alert, _, rest = key.partition("/")
            number, _, receiver = rest.partition("/")
            if alert == self.alert.id and number.isdigit():
                found.append((int(number), receiver))
        return tuple(dict.fromkeys(receiver for _, receiver in sorted(found)))

    def owe(
        self,
        name: str,
        receiver: str,
        cause: Cause,
        due_at: datetime,
        *,
        mutable: bool = True,
        silence: Silence | None = None,
    ) -> bool:
        """Whether it has not been promised before, and may be told at a time that is known."""
        key = f"{self.alert.id}/{name}/{receiver}"
        if key in self.known:
            return False
        at, held = self.situation.free(due_at, receiver, self.alert.level, mutable=mutable)
        if at is not None and at < self.now:  # it is told now, if it may be told now
            at, later = self.situation.free(self.now, receiver, self.alert.level, mutable=mutable)
            held = later or held
        if at is None:
            return False
        silence = held or silence
        if silence is not None and cause in ("first", "escalated", "repeat"):
            cause = "silence_expired"
        self.owed.append(Owed(key=key, alert=self.alert.id, receiver=receiver, cause=cause, due_at=at, silence=silence))
        return True


def _reminders(words: _Words) -> None:
    alert, situation = words.alert, words.situation
    if not alert.live or alert.confirmed_at is None:
        return
    step = alert.finding.values.get("step") if alert.finding is not None else None
    for receiver in situation.reminded:
        if situation.steps or alert.finding is None:  # a login has no weekly round
            words.owe(f"day{step}", receiver, "reminder", alert.confirmed_at)
        if situation.weekly is not None and alert.finding is not None:
            for due_at in _weekly(situation.weekly, alert.opened_at, words.now):
                words.owe(f"week{day_of(due_at).isoformat()}", receiver, "reminder", due_at)


def _weekly(weekly: Weekly, since: datetime, now: datetime) -> tuple[datetime, ...]:
    """The last such instant by `now`, where it lies after `since`, and the next one."""
    day = day_of(now)
    last = datetime.combine(day - timedelta(days=(day.weekday() - weekly.weekday) % 7), weekly.at, SHANGHAI)
    last = last if last <= now else last - timedelta(days=7)
    return tuple(at for at in (last, last + timedelta(days=7)) if at >= since)


def _end(words: _Words, resolved_at: datetime) -> None:
    alert = words.alert
    over_at_once = alert.confirmed_at is not None and resolved_at <= alert.confirmed_at
    if alert.level == "fault" and over_at_once:  # it is known only since it is over: we were down ourselves
        for receiver in words.situation.rungs[0].to if words.situation.rungs else ():
            words.owe("0", receiver, "back", resolved_at)
        return
    for receiver in words.told:
        end: Cause = "incident_over" if alert.level == "incident" else "resolved"
        words.owe("resolved", receiver, end, resolved_at, mutable=False)


def _standing(words: _Words, confirmed_at: datetime) -> None:
    alert, situation = words.alert, words.situation
    decided_at = None if situation.tell_candidates else alert.reviewed_at
    begins_at = max(confirmed_at, decided_at or confirmed_at)
    begin: Cause = "incident" if alert.level == "incident" else "first"
    told_at: dict[str, datetime] = {}
    for number, rung in enumerate(situation.rungs):
        if number and alert.level == "flapping":
            break
        due_at = situation.after(begins_at, rung)
        if number and alert.acknowledged_at is not None and alert.acknowledged_at <= due_at:
            if alert.acknowledged_until is None:
                continue
            due_at = situation.after(alert.acknowledged_until, rung)  # nobody has answered since: its time runs anew
        for receiver in rung.to:
            if f"{alert.id}/{number}/{receiver}" in words.known:
                told_at.setdefault(receiver, situation.free(due_at, receiver, alert.level, mutable=True)[0] or due_at)
            if not (number and alert.answered(words.now)):
                words.owe(str(number), receiver, begin if number == 0 else "escalated", due_at)
    for receiver in words.told:
        _again(words, receiver, told_at.get(receiver, begins_at))


def _again(words: _Words, receiver: str, told_at: datetime) -> None:
    """What whoever knows of it already is told: it is answered for, is so no longer, is quiet no longer, stands."""
    alert, situation, now = words.alert, words.situation, words.now
    acked_at, until = alert.acknowledged_at, alert.acknowledged_until
    if acked_at is not None:
        stamp = int(acked_at.timestamp())
        if alert.answered(now):
            words.owe(f"ack{stamp}", receiver, "acknowledged", acked_at)
        if until is not None and told_at < until:
            words.owe(f"unack{stamp}", receiver, "ack_expired", until)
    if alert.answered(now) or alert.level == "flapping":
        return
    for silence in situation.mutes.after(told_at):
        promised = words.owe(f"mute{silence.id}", receiver, "silence_expired", silence.over_at, silence=silence)
        if promised and silence.over_at <= now:
            return
    if repeat := situation.repeats.get(receiver, situation.repeat):
        times = max(1, (now - told_at) // repeat)
        for number in (times, times + 1):
            words.owe(f"repeat{number}", receiver, "repeat", told_at + repeat * number)
