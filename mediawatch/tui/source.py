"""What the console reads and what it may do: two seams, so that it runs over a store, a remote daemon or a recording.

The console must not reach around them: it never opens a database and never sees a row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from mediawatch.core.model import Outcome
from mediawatch.core.review import Choice
from mediawatch.core.views import AccountView, AlertView, Counts, Page, PlatformView

Acts = Callable[[str, str, str], Awaitable[None]]
"""`acknowledge(alert_id, by, note)`. Whatever it raises is shown as a message."""

Decides = Callable[[str, Choice, str, str], Awaitable[None]]
"""`review(alert_id, choice, by, reason)`: confirms or dismisses a candidate. Whatever it raises is shown."""

Clock = Callable[[], datetime]
"""The current instant, with a zone. The console reads no other clock."""


class Source(Protocol):
    """Reads the record. Calls are synchronous and come from one thread of the console's own, one at a time.

    Whatever a call raises is shown as a message; the console lives on and asks again.
    """

    def page(
        self,
        now: datetime,
        *,
        offset: int,
        limit: int,
        contains: str = "",
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
    ) -> Page:
        """A window of the board. No `outcomes` means all of them; `contains` looks in name, id and sponsor.

        sort: `days_left` (problems first), `newest_post_at`, `looked_at` (the longest ago first) or `name`.
        """
        ...

    def counts(self, now: datetime) -> Counts:
        """The whole board in numbers."""
        ...

    def account(self, account_id: str, now: datetime) -> AccountView:
        """One account's page."""
        ...

    def alerts(self, now: datetime, live_only: bool) -> tuple[AlertView, ...]:
        """The alerts, the most pressing first."""
        ...

    def platforms(self, now: datetime, window: timedelta) -> tuple[PlatformView, ...]:
        """Each platform's health over the last `window`."""
        ...
