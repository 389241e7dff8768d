"""mediawatch.yaml, accounts.yaml and the rulebooks → frozen values, or the whole list of what is wrong, with places.

It must never start anything, open the network or show a secret. A set of files with one problem is not used at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mediawatch.core.content.screen import Screens
from mediawatch.core.model import Account, Severity, Unit
from mediawatch.core.register_change import JournalEntry
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.workdays import Calendar
from mediawatch.register.accounts_file import Register, read_accounts
from mediawatch.register.origin import origin, stands
from mediawatch.rulebook_file import load_rulebook
from mediawatch.settings_file import read_settings
from mediawatch.settings_values import DaemonSettings, Platform, ReceiverSettings, Settings, WireSettings
from mediawatch.strict_yaml import Problem
from mediawatch.wordlist_file import read_screens

__all__ = [
    "ACCOUNTS_FILE",
    "SETTINGS_FILE",
    "DaemonSettings",
    "Loaded",
    "Platform",
    "Problem",
    "ReceiverSettings",
    "Settings",
    "SettingsError",
    "WireSettings",
    "load",
    "load_rulebook",
]

SETTINGS_FILE = "mediawatch.yaml"
ACCOUNTS_FILE = "accounts.yaml"


@dataclass(frozen=True)
class Loaded:
    """Everything the program is told: settings, accounts (canaries among them), rulebooks by id; what to be wary of;
    what new posts are screened for; the units that answer for accounts; what commands changed in the register."""

    settings: Settings
    accounts: tuple[Account, ...]
    rulebooks: Mapping[str, Rulebook]
    warnings: tuple[Problem, ...]
    screens: Screens = field(default_factory=Screens)
    units: tuple[Unit, ...] = ()
    journal: tuple[JournalEntry, ...] = ()
    origin: str = ""  # what the register was read from
    unread: bool = False  # the store holds the register as its files say it: `accounts` are the canaries alone


class SettingsError(Exception):
    """The settings cannot be used. `problems` are all of them, by file and place; `str()` is the list."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def load(
    accounts_path: Path | None = None,
    settings_path: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    entered: Callable[[Settings], str] = lambda settings: "",
    progress: Callable[[int], None] = lambda done: None,
    apart: Callable[[], object] | None = None,
) -> Loaded:
    """Reads and checks all files. Raises SettingsError with every problem of all of them.

    Without `settings_path`, `mediawatch.yaml` of the working folder is read if it is there, else the defaults hold.
    Without `accounts_path`, `accounts.yaml` of the working folder is read; it must be there. `env` gives `${NAME}`.
    entered: the origin of the register that a store holds already. Where that stands, the register is not read again.
    progress: called with how many accounts are read so far. apart: has the register entered by somebody else, where it
    must be read: then it stands.
    """
    if settings_path is None and Path(SETTINGS_FILE).exists():
        settings_path = Path(SETTINGS_FILE)
    read = read_settings(settings_path, env or {})
    path, told = accounts_path or Path(ACCOUNTS_FILE), read.settings
    asked = (read.books, read.rulebook, told.receivers, read.canaries)
    kept = "" if read.problems else entered(told)
    unread = bool(kept) and stands(kept, path, *asked)
    if apart is not None and not unread:
        apart()
        kept = "" if read.problems else entered(told)
        unread = bool(kept) and stands(kept, path, *asked)
    register = Register(read.rulebook, read.books)
    if not unread:
        register = read_accounts(path, read.rulebook, read.books, told.receivers, progress)
    screens, wrong = read_screens(told.word_lists, told.ignore_words, told.blocked_hosts, told.approved_sources)
    problems = tuple(sorted({*read.problems, *register.problems, *read.books.problems, *wrong}))
    if problems:
        raise SettingsError(problems)
    return Loaded(
        settings=read.settings,
        accounts=(*register.accounts, *read.canaries),
        rulebooks={
            name: _as_set(book, lambda one: _seen_twice(_counting(one, told.calendar), told.second_vantage))
            for name, book in read.books.loaded.items()
        },
        warnings=tuple(sorted({*read.warnings, *register.warnings})),
        screens=screens,
        units=tuple(register.units.found.values()),
        journal=tuple(register.journal),
        origin=kept if unread else origin(path, register.files, *asked),
        unread=unread,
    )


def _as_set(book: Rulebook, setting: Callable[[Rulebook], Rulebook]) -> Rulebook:
    """The book and every edition before it with what the settings add to them."""
    before = None if book.earlier is None else _as_set(book.earlier, setting)
    return setting(book) if before is None else setting(book).model_copy(update={"earlier": before})


def _seen_twice(book: Rulebook, severities: Collection[Severity]) -> Rulebook:
    """The book whose lines of these severities want two exits that agree: that, too, is part of its edition."""
    if not any(line.severity in severities for line in book.indicators):
        return book
    lines = (
        line.model_copy(update={"vantages": 2}) if line.severity in severities else line for line in book.indicators
    )
    return book.model_copy(update={"indicators": tuple(lines)})


def _counting(book: Rulebook, calendar: Calendar) -> Rulebook:
    """The book with the working days that the settings name: they are part of the edition a verdict rests on."""
    if calendar == Calendar():
        return book
    both = Calendar(
        holidays=(*book.calendar.holidays, *calendar.holidays),
        workdays=(*book.calendar.workdays, *calendar.workdays),
        years=(*book.calendar.years, *calendar.years),
    )
    return book.model_copy(update={"calendar": both})
