"""答复时限: messages to an office that were answered late, or are not answered yet, by lists that show both days.

Source: 国办秘函〔2019〕19号, website veto 5 (unanswered for more than three months, I2); the national circular of 2020
(five working days, I3); Liaoning (error reports: three working days, I4). Working days are Chinese ones; a year whose
holidays nobody has named is `unknown`, never guessed. Whether a reply answers anything only a person can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pydantic import Field, model_validator

from mediawatch.core.calendar import day_of, midnight_after, months_after
from mediawatch.core.model import Evidence, Finding, Letter, Letters, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule, Values, found, not_excluded, unknown
from mediawatch.core.rules.told import channels
from mediawatch.core.workdays import Calendar, Workdays, WorkdaysUnknown


class Params(Value):
    """months, workdays: the term of a reply, one of the two; the day of the message is not counted.

    late_counts: a reply that came after its term counts as well as none. good: a reply within so many working days is
    counted as a good one; 0 counts none. most: how many may be late. warn_days: days before the end of a term from
    which on it is told. within: how many days back messages count. calendar: the book's working days.
    """

    months: int = Field(default=0, ge=0, le=24)
    workdays: int = Field(default=0, ge=0, le=200)
    late_counts: bool = False
    good: int = Field(default=0, ge=0)
    most: int = Field(default=0, ge=0)
    warn_days: int = Field(default=3, ge=0)
    within: int = Field(default=365, ge=1)
    calendar: Calendar = Calendar()

    @model_validator(mode="after")
    def _one_term(self) -> Params:
        if bool(self.months) == bool(self.workdays):
            raise ValueError("needs one of `months` and `workdays`")
        return self


@dataclass
class Told:
    """One message: what its list says last, and the trusted looks that showed it, from old to new.

    answered: when it had been answered at the latest, by the first that any look says of it. shown: whether the last
    trusted look at its list still shows it.
    """

    letter: Letter
    looks: list[tuple[Look, Letter]] = field(default_factory=list)
    answered: datetime | None = None
    shown: bool = False


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where more than `most` messages were, by a look after their term, not answered within it."""
    watched = channels(evidence, indicator)
    lists = [look for look in evidence.looks if look.target in watched and isinstance(look.seen, Letters)]
    asked: Values = {"term": params.months or params.workdays}
    if not lists:
        return unknown(evidence, indicator, "never_seen", asked)
    days = params.calendar.days
    since = day_of(evidence.now) - timedelta(days=params.within)
    told = [one for one in _told(lists).values() if day_of(one.letter.at) >= since]
    late: list[tuple[Told, datetime]] = []
    waiting: list[datetime] = []
    soon = False
    doubtful: list[str] = []
    left: list[Told] = []  # the list without an answer that anybody saw
    good = 0
    for one in told:
        letter = one.letter
        good += _good(letter, params, days)
        after = letter.replied_at is not None and day_of(letter.replied_at) > day_of(letter.at)
        if letter.replied and not (params.late_counts and after):
            continue
        try:
            end = midnight_after(_last_day(day_of(letter.at), params, days))
        except WorkdaysUnknown as error:
            doubtful.append("workdays_unknown")
            asked["year"] = error.year
            continue
        if letter.replied:
            if one.answered is not None and one.answered >= end:
                late.append((one, end))
        elif letter.replied is None:
            doubtful.append("reply_not_told")
        elif evidence.now < end:
            waiting.append(end)
            soon |= one.shown and end <= evidence.now + timedelta(days=params.warn_days)
        elif one.looks and not one.shown:
            left.append(one)
        elif not _late_looks(one, end):
            doubtful.append("not_seen_since_deadline")
        else:
            late.append((one, end))
    values: Values = {
        **asked,
        "letters": len(told),
        "late": len(late),
        "waiting": len(waiting),
        "good": good,
        "oldest": min((day_of(one.letter.at).isoformat() for one, _ in late), default=None),
        "last_day": (day_of(min(waiting)) - timedelta(days=1)).isoformat() if waiting else None,
    }
    if len(late) > params.most:
        return _fail(evidence, indicator, values, sorted(late, key=lambda one: one[1])[: params.most + 1])
    if len(late) + len(doubtful) > params.most:
        missing = None if doubtful[0] == "not_seen_since_deadline" else ()
        return unknown(evidence, indicator, doubtful[0], values, missing=missing)
    if not soon and len(late) + len(left) > params.most:
        until = midnight_after(max(day_of(one.letter.at) for one in left) + timedelta(days=params.within))
        return not_excluded(evidence, indicator, "letter_not_shown", values, until=until)
    ends = sorted(waiting)[params.most - len(late) :]  # from here on one more would be one too many
    return found(
        evidence,
        indicator,
        Outcome.AT_RISK if soon else Outcome.PASS,
        values,
        holds_until=ends[0] if ends else evidence.now,
        deadline=ends[0] if ends else None,
    )


def _last_day(asked: date, params: Params, days: Workdays) -> date:
    return months_after(asked, params.months) if params.months else days.add_workdays(asked, params.workdays)


def _good(letter: Letter, params: Params, days: Workdays) -> bool:
    """Whether a reply counts as a good one; not where the working days of its year are not known."""
    if letter.replied_at is None or not params.good:
        return False
    try:
        return letter.replied_at < midnight_after(days.add_workdays(day_of(letter.at), params.good))
    except WorkdaysUnknown:
        return False


def _told(lists: list[Look]) -> dict[tuple[str, str], Told]:
    """Every message by its list and place. A look that an incident covers may show a reply, never the lack of one."""
    told: dict[tuple[str, str], Told] = {}
    whole = {look.target: look.seen for look in lists if isinstance(look.seen, Letters) and look.seen.brought_by}
    still = {target: {letter.key for letter in last.letters} for target, last in whole.items()}
    for look, letter in _letters(lists):
        if letter.key not in still.get(look.target, {letter.key}):
            continue  # the office's own register names it no more
        one = told.setdefault((look.target, letter.key), Told(letter))
        if not (one.letter.replied and letter.replied_at is None):
            one.letter = letter
        if letter.replied:
            by = letter.replied_at or look.at
            one.answered = min(by, one.answered or by)
        if look.trusted:
            one.looks.append((look, letter))
    last = {look.target: look for look in lists if look.trusted}
    for one in told.values():
        one.shown = bool(one.looks) and last[one.looks[-1][0].target] is one.looks[-1][0]
    return told


def _letters(lists: list[Look]) -> Iterator[tuple[Look, Letter]]:
    for look in lists:
        assert isinstance(look.seen, Letters)
        for letter in look.seen.letters:
            yield look, letter


def _late_looks(one: Told, end: datetime) -> list[Look]:
    """The looks that show the message late: at or after the end of its term, or with the day of a late reply."""
    if one.letter.replied_at is not None:
        return [look for look, letter in one.looks if letter.replied_at is not None]
    return [look for look, letter in one.looks if look.at >= end and letter.replied is False]


def _fail(evidence: Evidence, indicator: Indicator, values: Values, late: list[tuple[Told, datetime]]) -> Finding:
    proof: set[tuple[str, datetime]] = set()
    for one, end in late:
        looks = _late_looks(one, end)
        if not looks:  # an incident covers the only look that showed the late reply
            return unknown(evidence, indicator, "not_seen_since_deadline", values)
        proof |= {(look.target, look.at) for look in (looks[0], looks[-1])}
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=max(end for _, end in late),
        proof=tuple(sorted(proof, key=lambda item: (item[1], item[0]))),
    )


RULE = Rule(name="replies", params=Params, judge=judge, outcomes=ALL_FOUR)
