"""What the house has decided: which books apply, how often to look, whom to tell. Frozen; reloaded as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import SecretStr

from mediawatch.core.alerting import Step
from mediawatch.core.content.screen import Screens
from mediawatch.core.model import Account, Severity
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.schedule import Cadence
from mediawatch.core.sessions import Session


@dataclass(frozen=True)
class Policy:
    """books by id; cadence; the ladder of the breach and incident alerts; who gets reminders; in which language.
    sessions: the logins, without their secrets. hidden: by canary target, the key of a post that only a login may see.
    attestation_key: by which people's word on apps is checked.

    canary_quiet: by platform key, how long a canary may show nothing new before we doubt the platform.
    incident_window: how far back looks speak of a platform's health. screens: what new posts are searched for.
    tell_candidates: whether receivers are told of a candidate before a person has confirmed it.
    two_person: severities of which two different people must confirm a candidate.
    """

    books: Mapping[str, Rulebook]
    cadence: Cadence = field(default_factory=Cadence)
    ladder: tuple[Step, ...] = ()
    reminders: tuple[str, ...] = ()
    language: Language = "zh_CN"
    sessions: tuple[Session, ...] = ()
    attestation_key: SecretStr | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    canary_quiet: Mapping[str, timedelta] = field(default_factory=dict)
    incident_window: timedelta = timedelta(days=1)
    screens: Screens = field(default_factory=Screens)
    tell_candidates: bool = False
    two_person: frozenset[Severity] = frozenset()

    def book_of(self, account: Account) -> Rulebook:
        """The book that applies to an account. Raises KeyError for one that is not loaded (settings refuse it)."""
        return self.books[account.rulebook]

    def people_for(self, rulebook: str, indicator: str) -> int:
        """How many people must confirm a candidate; one where the book or its line is no longer there."""
        lines = self.books[rulebook].indicators if rulebook in self.books else ()
        return 2 if any(line.id == indicator and line.severity in self.two_person for line in lines) else 1

    def quiet_of(self, platform: str) -> timedelta:
        """How long the platform's canaries may be silent."""
        return self.canary_quiet.get(platform, timedelta(days=2))
