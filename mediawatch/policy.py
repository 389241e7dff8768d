"""What the house has decided: which books apply, how often to look, whom to tell. Frozen; reloaded as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from mediawatch.core.alerting import Step
from mediawatch.core.model import Account
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.schedule import Cadence


@dataclass(frozen=True)
class Policy:
    """books by id; cadence; the ladder of the breach and incident alerts; who gets reminders; in which language.

    canary_quiet: by platform key, how long a canary may show nothing new before we doubt the platform.
    incident_window: how far back looks speak of a platform's health.
    """

    books: Mapping[str, Rulebook]
    cadence: Cadence = field(default_factory=Cadence)
    ladder: tuple[Step, ...] = ()
    reminders: tuple[str, ...] = ()
    language: Language = "zh_CN"
    canary_quiet: Mapping[str, timedelta] = field(default_factory=dict)
    incident_window: timedelta = timedelta(days=1)

    def book_of(self, account: Account) -> Rulebook:
        """The book that applies to an account. Raises KeyError for one that is not loaded (settings refuse it)."""
        return self.books[account.rulebook]

    def quiet_of(self, platform: str) -> timedelta:
        """How long the platform's canaries may be silent."""
        return self.canary_quiet.get(platform, timedelta(days=2))
