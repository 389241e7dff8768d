"""What the console reads and what it may do: two seams, so that it runs over a store, a remote daemon or a recording.

The console must not reach around them: it never opens a database and never sees a row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediawatch.core.reading import EVERYTHING, Source
from mediawatch.core.reconcile import Difference
from mediawatch.core.review import Choice

__all__ = ["EVERYTHING", "Acts", "Clock", "Past", "Source"]

Acknowledges = Callable[[str, str, str], Awaitable[None]]
"""`acknowledge(alert_id, by, note)`."""

Decides = Callable[[str, Choice, str, str], Awaitable[None]]
"""`decide(alert_id, choice, by, reason)`: confirms or dismisses a candidate."""

Mutes = Callable[[str, str, str], Awaitable[None]]
"""`mute(account_id, by, reason)`, for a day."""

Office = Callable[[str, dict[str, Any], str, bool], Awaitable[dict[str, Any]]]
"""`office(act, said, by, dry_run)`: an act with an account, an inspection or a case by its name, such as `case.close`;
what it answers, or would."""

Differences = Callable[[Path], tuple[Difference, ...]]
"""`differences(file)`: an export of the national filing against the register. Called in the reader's thread."""

Keeps = Callable[[bytes], str]
"""`keep(body)`: keeps a file of proof beside the answers, and returns its digest. Called in the reader's thread."""

Clock = Callable[[], datetime]
"""The current instant, with a zone. The console reads no other clock."""

Past = Callable[[datetime], AbstractContextManager[Source]]
"""The record as it stood at an instant, for as long as the block lasts. Entered and left in the reader's thread; it may
take long. Raises what is to be shown as a message."""


@dataclass(frozen=True)
class Acts:
    """What the console may do; what is `None` is not offered. Whatever an act raises is shown as a message.

    Every act carries the name of who acts, for the record. register: acts with the register's files, which lie on this
    machine, such as `accounts.add`; told and tried like those of the office.
    """

    acknowledge: Acknowledges | None = None
    decide: Decides | None = None
    mute: Mutes | None = None
    office: Office | None = None
    keep: Keeps | None = None
    register: Office | None = None
    differences: Differences | None = None
