"""Who is not told for a time, and why: silences, maintenance windows, and what a platform's own trouble mutes. Pure.

A silence is a row that people write; it is ended, never deleted. What it mutes is seen by matchers, and every spell of
it has an end that can be named, so that whoever is told afterwards learns why it was quiet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator, model_validator

from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Account, Value
from mediawatch.core.text import clean
from mediawatch.core.worktime import Working

ONE = timedelta(days=1)
Place = Literal["account", "unit", "region", "level", "platform", "indicator", "tag", "kind"]


class Matcher(Value):
    """One condition. `region` and `unit` hold for all below them; `level` is the alert's (reminder, breach, …)."""

    place: Place
    value: str = Field(min_length=1, max_length=200)


class Recurrence(Value):
    """A window that comes again: on these weekdays (Monday is 0) or days of the month, from `begins` for `lasts`.

    skip_holidays: not on days on which offices do not work.
    """

    weekdays: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    begins: time
    lasts: timedelta = Field(gt=timedelta(), le=timedelta(days=7))
    skip_holidays: bool = False

    @model_validator(mode="after")
    def _some_days(self) -> Recurrence:
        if bool(self.weekdays) == bool(self.monthdays):
            raise ValueError("needs either weekdays or days of the month")
        return self

    def begins_on(self, day: datetime) -> bool:
        date = day_of(day)
        return date.weekday() in self.weekdays or date.day in self.monthdays


class Silence(Value):
    """Alerts for which all matchers hold are not told from `starts_at` to `ends_at`.

    kind: a maintenance window is announced work; it may recur (`every`), within `starts_at` and `ends_at`.
    ended_at, ended_by: where somebody ended it early.
    """

    id: str
    kind: Literal["silence", "maintenance"] = "silence"
    matchers: tuple[Matcher, ...] = Field(min_length=1)
    by: str
    comment: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    every: Recurrence | None = None
    made_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    ended_by: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Silence:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends before it starts")
        return self

    @property
    def over_at(self) -> datetime:
        return self.ends_at if self.ended_at is None else min(self.ended_at, self.ends_at)

    def spell(self, moment: datetime, working: Working) -> Spell | None:
        """The stretch of it that holds the instant, or `None`."""
        if not self.starts_at <= moment < self.over_at:
            return None
        if self.every is None:
            return Spell(self.starts_at, self.over_at, self)
        back = -(-self.every.lasts // ONE)
        for days in range(back + 1):
            day = moment - ONE * days
            if not self.every.begins_on(day) or (self.every.skip_holidays and not working.works(day_of(day))):
                continue
            begins = datetime.combine(day_of(day), self.every.begins, SHANGHAI)
            ends = min(begins + self.every.lasts, self.over_at)
            if max(begins, self.starts_at) <= moment < ends:
                return Spell(max(begins, self.starts_at), ends, self)
        return None


class Wanted(Value):
    """A silence as somebody asks for it. starts_at: at once where it does not say."""

    kind: Literal["silence", "maintenance"] = "silence"
    matchers: tuple[Matcher, ...] = Field(min_length=1, max_length=20)
    by: str = Field(min_length=1, max_length=200)
    comment: str = Field(min_length=1, max_length=2000)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime
    every: Recurrence | None = None

    @field_validator("by", "comment")
    @classmethod
    def _cleaned(cls, text: str) -> str:
        if not (cleaned := clean(text)):
            raise ValueError("must not be empty")
        return cleaned


def made(wanted: Wanted, now: datetime) -> Silence:
    """The silence that is wanted. Asked for twice in a minute it is the same one. Raises ValueError (pydantic's)."""
    minute = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    id_ = hashlib.sha256(f"{wanted.model_dump_json()}\n{minute}".encode()).hexdigest()[:8]
    values = {name: getattr(wanted, name) for name in Wanted.model_fields}
    return Silence(**{**values, "id": id_, "made_at": now, "starts_at": wanted.starts_at or now})


@dataclass(frozen=True)
class Spell:
    """A stretch of a silence, or of a platform's trouble (`silence` is `None`), that mutes; open while `until` is."""

    since: datetime
    until: datetime | None
    silence: Silence | None = None

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True)
class Mutes:
    """What mutes one alert: silences that match it, and the trouble of its platforms (or its own flapping)."""

    silences: tuple[Silence, ...] = ()
    troubles: tuple[Spell, ...] = ()
    working: Working = field(default_factory=Working)

    def at(self, moment: datetime) -> Spell | None:
        """What mutes it at that instant: the spell that ends last, an open one before all others."""
        found = [one for one in self.troubles if one.holds(moment)]
        found += [spell for one in self.silences if (spell := one.spell(moment, self.working)) is not None]
        return max(found, key=lambda one: (one.until is None, one.until or moment), default=None)

    def after(self, since: datetime) -> tuple[Silence, ...]:
        """Silences, not the windows that come again, that mute something after `since`."""
        own = (one for one in self.silences if one.every is None)
        return tuple(one for one in own if max(one.starts_at, since) < one.over_at)


def matches(silence: Silence, alert: Alert, account: Account | None, above: Iterable[str]) -> bool:
    """Whether a silence is about an alert. `above`: the ids of the account's unit and of those above it."""
    units = frozenset(above)
    return all(_holds(one, alert, account, units) for one in silence.matchers)


def _holds(matcher: Matcher, alert: Alert, account: Account | None, units: frozenset[str]) -> bool:
    value = matcher.value
    if matcher.place == "indicator":
        return alert.indicator == value
    if matcher.place == "level":
        return alert.level == value
    if account is None:
        return matcher.place == "platform" and alert.subject == f"platform:{value}"
    match matcher.place:
        case "account":
            return account.id == value
        case "unit":
            return value in units
        case "region":
            return account.region.startswith(_stem(value))
        case "tag":
            return value in account.tags
        case "kind":
            return account.kind == value
        case _:
            return any(target.platform == value for target in account.targets)


def _stem(region: str) -> str:
    """The digits that all regions below share: GB/T 2260 ends in pairs of noughts."""
    while len(region) > 2 and region.endswith("00"):
        region = region[:-2]
    return region
