"""The three lines that stand above every screen: what is wrong, how old the data is, which platform is down. Pure.

They must never hide the age of the data: a board that looks calm because nothing is read any more is the worst lie.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from mediawatch.core.model import Value
from mediawatch.core.standing import Standing
from mediawatch.core.views import Counts, PlatformView
from mediawatch.locale import Words
from mediawatch.tui.cells import WINDOW, Piece, age, fit, minute, row_of, safe, second, span
from mediawatch.tui.terms import MARKS, reason, standing, tone
from mediawatch.tui.tones import Toned

_OLD = timedelta(minutes=15)  # data older than this is pointed at


class Vitals(Value):
    """What the head shows, as it was read at `read_at`."""

    counts: Counts
    platforms: tuple[PlatformView, ...]
    read_at: datetime


class Head(Toned):
    """The lines above every screen."""

    _height = 0

    def show(self, lines: Text) -> None:
        """Draws them; the screen is laid out anew only where their number has changed."""
        height = lines.plain.count("\n") + 1
        self.update(lines, layout=height != self._height)
        self._height = height


def head_text(
    vitals: Vitals | None,
    now: datetime,
    width: int,
    styles: dict[str, Style],
    _: Words,
    *,
    title: str,
    badges: tuple[str, ...] = (),
    window: timedelta = WINDOW,
    framed: bool = False,
) -> Text:
    """All lines of the head for that width. framed: the first is the top of a frame."""
    last = vitals.counts.last_look_at if vitals is not None else None
    first = _title(title, badges, _data_age(last, now, _) if vitals is not None else ("", ""), now, width, _)
    lines = [[(text, "frame") for text, _tone in first] if framed else first]
    if vitals is None:
        lines += [[(_("Reading..."), "dim")], [("", "")]]
    else:
        lines += [_counts(vitals.counts, width, _), *_platforms(vitals.platforms, now, width, window, _)]
    return Text("\n").join(row_of(line, styles) for line in lines)


def _title(title: str, badges: tuple[str, ...], data_age: Piece, now: datetime, width: int, _: Words) -> list[Piece]:
    clock = f"{second(now)} {_('Beijing time')}"
    flags = "".join(f"[{badge}] " for badge in badges)
    room = width - sum(map(cell_len, (clock, flags, data_age[0]))) - 4
    name = fit(f"mediawatch {title}", max(0, room))
    return [(name + "  ", "strong"), (flags, "at_risk"), data_age, ("  ", ""), (clock, "")]


def _counts(counts: Counts, width: int, _: Words) -> list[Piece]:
    rest: list[Piece] = [(_("alerts {n}").format(n=f"{counts.alerts_open:,}"), "strong" if counts.alerts_open else "")]
    if counts.notices_owed:
        rest.append((_("unsent {n}").format(n=f"{counts.notices_owed:,}"), "at_risk"))
    numbers = counts.by_standing.items()
    for gap, named in ((3, True), (2, True), (2, False)):  # of a nation at 80 columns only the marks find room
        said = [(standing(code, _) if named else MARKS[code], code, number) for code, number in numbers]
        cells = [*((f"{name} {number:,}", tone(code) if number else "") for name, code, number in said), *rest]
        if sum(cell_len(text) + gap for text, _style in cells) - gap <= width:
            break
    return [piece for cell in cells for piece in (cell, (" " * gap, ""))][:-1]


def _data_age(last: datetime | None, now: datetime, _: Words) -> Piece:
    if last is None:
        return _("data: no look yet"), "at_risk"
    text = _("data: {age}").format(age=age(last, now, _))
    return (f"{MARKS[Standing.AT_RISK]} {text}", "at_risk") if now - last > _OLD else (text, "")


def _platforms(
    platforms: tuple[PlatformView, ...], now: datetime, width: int, window: timedelta, _: Words
) -> list[list[Piece]]:
    """One line for each open incident (at most three), then one for the platforms that can be seen."""
    down = [platform for platform in platforms if platform.incident_since is not None]
    lines: list[list[Piece]] = [[(fit(_incident(platform, now, _), width), "fail")] for platform in down[:3]]
    if len(down) > 3:
        lines.append([(_("... and {n} more platforms down").format(n=len(down) - 3), "fail")])
    fine = [f"{safe(each.platform)} {each.seen}/{each.looks}" for each in platforms if each.incident_since is None]
    if fine:
        said = _("platforms seen in {span}:").format(span=span(window, _))
        lines.append([(fit(said + " " + " | ".join(fine), width), "dim")])
    return lines or [[(_("no platform looked at yet"), "dim")]]


def _incident(platform: PlatformView, now: datetime, _: Words) -> str:
    why = ", ".join(
        f"{reason(code, _)} {number}" for code, number in sorted(platform.reasons.items(), key=lambda item: -item[1])
    )
    since = _("X {platform} cannot be seen since {when} ({age})").format(
        platform=safe(platform.platform),
        when=minute(platform.incident_since)[5:],
        age=age(platform.incident_since, now, _),
    )
    return " | ".join(part for part in (since, why, safe(platform.incident)) if part)
