"""Text measured in terminal cells: fitted, padded, with ages and dates as an operator reads them. Pure.

Whatever goes to the terminal passes `fit` or `safe`, which clean it once more: a name must never move the cursor.
Nothing here may use a glyph of ambiguous width (● ✓ … · ─): Chinese terminals draw those one or two cells wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.text import clean
from mediawatch.locale import Words

Piece = tuple[str, str]
"""A text that is already safe and measured, and the name of its style (empty: the ordinary one)."""

WINDOW = timedelta(hours=1)
"""Over which looks the health of a platform is counted, where nothing else is said."""

_JOINERS = "\u200c\u200d"  # at an end they would join what stands beside, and it would be measured otherwise
_LONGEST = 2000  # characters of one text from outside that a page may show


def safe(text: str) -> str:
    """The text as one line without anything that could steer a terminal."""
    return clean(text, _LONGEST).strip(_JOINERS)


def fit(text: str, width: int, right: bool = False) -> str:
    """The text in exactly `width` cells: padded, or cut with a `~` at its end."""
    text = clean(text).strip(_JOINERS)
    used = cell_len(text)
    if used > width:
        return set_cell_size(text, width - 1) + "~" if width > 1 else set_cell_size(text, width)
    room = " " * (width - used)
    return room + text if right else text + room


def row_of(pieces: Sequence[Piece], styles: Mapping[str, Style]) -> Text:
    """One line of text from measured pieces."""
    return Text.assemble(*((text, styles.get(name, "")) for text, name in pieces), no_wrap=True, overflow="crop")


def day(moment: datetime | None) -> str:
    """The Shanghai date, `-` for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d") if moment else "-"


def minute(moment: datetime | None) -> str:
    """Shanghai date and time to the minute, `-` for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment else "-"


def second(moment: datetime | None) -> str:
    """Shanghai date and time to the second, `-` for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def span(length: timedelta, _: Words) -> str:
    """Whole hours, or days where there is no rest."""
    hours = int(length.total_seconds()) // 3600
    return _("{n}d").format(n=hours // 24) if hours and hours % 24 == 0 else _("{n}h").format(n=hours)


def age(moment: datetime | None, now: datetime, _: Words) -> str:
    """How long ago, in the largest whole unit: seconds, minutes, hours, days. `-` for never, never negative."""
    if moment is None:
        return "-"
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return _("{n}s ago").format(n=seconds)
    if seconds < 3600:
        return _("{n}m ago").format(n=seconds // 60)
    if seconds < 86_400:
        return _("{n}h ago").format(n=seconds // 3600)
    return _("{n}d ago").format(n=seconds // 86_400)


def left(days: int | None, _: Words) -> str:
    """Days until the deadline, or over it; `-` where none is known."""
    if days is None:
        return "-"
    return _("{n}d over").format(n=-days) if days < 0 else _("{n}d left").format(n=days)
