"""What the house has decided: which books apply, how often to look, whom to tell. Frozen; reloaded as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr

from mediawatch.core.calendar import day_of
from mediawatch.core.content.screen import Screens
from mediawatch.core.digest import Plan
from mediawatch.core.grouping import Grouping
from mediawatch.core.links import Links
from mediawatch.core.model import Account, Severity, Unit
from mediawatch.core.rectification import Terms
from mediawatch.core.routing import Step, Weekly
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.schedule import Cadence
from mediawatch.core.sessions import Session
from mediawatch.core.units import chain
from mediawatch.core.workdays import Workdays
from mediawatch.core.worktime import Hours, Working


@dataclass(frozen=True)
class Telling:
    """How people are told: by the hour, in groups, and how much they are to bear.

    grouping: for all receivers, and by name where one has its own. hours: by receiver, when it is told. working: what
    working hours are. steps, weekly: whether reminders come on the warning days, and on which weekday. answered_for:
    how long an acknowledgement holds where it does not say. burden: the most reminders about one unit in `burden_over`;
    none for no limit. ours: who is told of platforms' trouble and our own faults; the named receivers of the ladder
    where nobody is. least_free: bytes of disk under which we warn. down_after: how long we may be silent before it is
    said that we were down. link: where the rest of a message is seen. links: by which
    messages are answered; none where nobody could follow them.
    """

    grouping: Grouping = field(default_factory=Grouping)
    groupings: Mapping[str, Grouping] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    working: Working = field(default_factory=Working)
    steps: bool = True
    weekly: Weekly | None = None
    answered_for: timedelta = timedelta(days=3)
    burden: int | None = None
    burden_over: timedelta = timedelta(days=30)
    ours: tuple[str, ...] = ()
    least_free: int = 0
    down_after: timedelta = timedelta(minutes=10)
    link: str = ""
    links: Links | None = None

    def grouping_of(self, receiver: str) -> Grouping:
        return self.groupings.get(receiver, self.grouping)


@dataclass(frozen=True)
class Policy:
    """books by id; cadence; the ladder of the alerts; who gets reminders; how people are told; in which language.
    units: the offices that answer for accounts, by id. digests: who is told now and then how all stands.
    sessions: the logins, without their secrets. hidden: by canary target, the key of a post that only a login may see.
    attestation_key: by which people's word on apps is checked. canaried: the platforms that have canaries; `None`: any
    may.

    canary_quiet: by platform key (`feed` also for `feed:host`), how long a canary may show nothing new before we doubt
    the platform.
    cadences: by platform key in the same way, where it is not `cadence`.
    incident_window: how far back looks speak of a platform's health. screens: what new posts are searched for.
    tell_candidates: whether receivers are told of a candidate before a person has confirmed it.
    two_person: severities of which two different people must confirm a candidate.
    workdays, terms: the calendar and the terms of rectification.
    """

    books: Mapping[str, Rulebook]
    cadence: Cadence = field(default_factory=Cadence)
    ladder: tuple[Step, ...] = ()
    reminders: tuple[str, ...] = ()
    digests: tuple[Plan, ...] = ()
    telling: Telling = field(default_factory=Telling)
    units: Mapping[str, Unit] = field(default_factory=dict)
    language: Language = "zh_CN"
    sessions: tuple[Session, ...] = ()
    attestation_key: SecretStr | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    canaried: frozenset[str] | None = None
    canary_quiet: Mapping[str, timedelta] = field(default_factory=dict)
    cadences: Mapping[str, Cadence] = field(default_factory=dict)
    incident_window: timedelta = timedelta(days=1)
    screens: Screens = field(default_factory=Screens)
    tell_candidates: bool = False
    two_person: frozenset[Severity] = frozenset()
    workdays: Workdays = field(default_factory=Workdays)
    terms: Terms = field(default_factory=Terms)

    def book_of(self, account: Account, now: datetime) -> Rulebook:
        """The edition that applies to an account. Raises KeyError for a book not loaded (settings refuse it)."""
        return self.books[account.rulebook].on(day_of(now))

    def cadence_at(self, platform: str) -> Cadence:
        """How often it is worth looking at that platform."""
        general = self.cadences.get(platform.partition(":")[0], self.cadence)
        return self.cadences.get(platform, general)

    @property
    def furthest(self) -> timedelta:
        """Longer than any look is put off."""
        longest = max(one.latest for one in (self.cadence, *self.cadences.values()))
        return 2 * longest + timedelta(days=1)

    def ladder_of_ours(self) -> tuple[Step, ...]:
        """Who is told of platforms' trouble and our own faults."""
        ours = self.telling.ours
        return (Step(after=timedelta(), to=ours),) if ours else self.ladder

    def chain_of(self, account: Account | None) -> tuple[Unit, ...]:
        """The account's unit and those above it, from the nearest to the top."""
        return chain(self.units, account.unit) if account is not None else ()

    def people_for(self, rulebook: str, indicator: str) -> int:
        """How many people must confirm a candidate; one where the book or its line is no longer there."""
        line = self.books[rulebook].line(indicator) if rulebook in self.books else None
        return 2 if line is not None and line.severity in self.two_person else 1

    def quiet_of(self, platform: str) -> timedelta:
        """How long the platform's canaries may be silent."""
        general = self.canary_quiet.get(platform.partition(":")[0], timedelta(days=2))
        return self.canary_quiet.get(platform, general)
