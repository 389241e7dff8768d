"""Posts per day as columns of block characters. Pure.

It draws what was seen. A day without a column is a day on which nothing was seen, which is not "nothing there".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import day_of

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN = "  ..::###"  # the same steps, where only ASCII may be drawn
_PLAIN_LINE = "_.:-=+*#@"
EMPTY = "_"
"""The foot of a day on which nothing was seen."""


def per_day(moments: Iterable[datetime | None], now: datetime, days: int = 30) -> tuple[int, ...]:
    """How many of the moments fall on each of the last `days` Shanghai dates, from old to new, today last."""
    today = day_of(now)
    counted = Counter(day_of(moment) for moment in moments if moment is not None)
    return tuple(counted[today - timedelta(days=days - 1 - back)] for back in range(days))


def known_days(oldest: date | None, now: datetime, days: int = 30) -> int:
    """How many of the last `days` Shanghai dates, counted back from today, the posts at hand reach over."""
    return 0 if oldest is None else min(days, (day_of(now) - oldest).days + 1)


def bars(
    numbers: Sequence[int], known: int, height: int, width: int = 1, gap: int = 1, *, plain: bool = False
) -> tuple[str, ...]:
    """The numbers as columns, `height` lines from top to bottom, each column `width` cells and a gap.

    The highest fills the height; a number above zero always shows at least an eighth. Only the last `known` columns
    have a foot: before them the posts at hand say nothing. plain: drawn in ASCII.
    """
    steps = _PLAIN if plain else _EIGHTHS
    least = 2 if plain else 1
    top = max(numbers, default=0)
    eighths = [max(least, round(number * height * 8 / top)) if number else 0 for number in numbers]
    lines = []
    for level in range(height - 1, -1, -1):
        cells = [steps[max(0, min(8, amount - level * 8))] for amount in eighths]
        if level == 0:
            first = len(cells) - known
            cells = [EMPTY if cell == " " and place >= first else cell for place, cell in enumerate(cells)]
        lines.append((" " * gap).join(cell * width for cell in cells))
    return tuple(lines)


def spark(counts: Sequence[int], *, plain: bool = False) -> str:
    """A row of counts in one line, from the least of them to the greatest; all alike is a low line."""
    steps = _PLAIN_LINE if plain else _EIGHTHS
    low, span = min(counts), max(counts) - min(counts)
    return "".join(steps[1 + (round((count - low) * 7 / span) if span else 0)] for count in counts)
