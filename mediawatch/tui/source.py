"""What the console reads and what it may do: two seams, so that it runs over a store, a remote daemon or a recording.

The console must not reach around them: it never opens a database and never sees a row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from mediawatch.core.reading import Source
from mediawatch.core.review import Choice

__all__ = ["Acts", "Clock", "Decides", "Source"]

Acts = Callable[[str, str, str], Awaitable[None]]
"""`acknowledge(alert_id, by, note)`. Whatever it raises is shown as a message."""

Decides = Callable[[str, Choice, str, str], Awaitable[None]]
"""`review(alert_id, choice, by, reason)`: confirms or dismisses a candidate. Whatever it raises is shown."""

Clock = Callable[[], datetime]
"""The current instant, with a zone. The console reads no other clock."""
