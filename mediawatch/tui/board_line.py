"""A line of the board: its columns for a width, its heading, its cells; and the cursor's row in full words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from mediawatch.core.model import Outcome
from mediawatch.core.views import Row
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece, age, day, fit, left, minute, safe
from mediawatch.tui.terms import ORDER, outcome, reason, term

_WIDE = 118  # from here on there is room for kind and sponsor
_GAP = "  "


class Column(NamedTuple):
    """One column: what it shows, its heading, its cells."""

    key: str
    title: str
    width: int
    right: bool = False


def columns(width: int, _: Words) -> tuple[Column, ...]:
    """The columns that fit into that many cells."""
    wide = width >= _WIDE
    fixed = [
        _sized("outcome", _("Outcome"), [outcome(code, _) for code in ORDER]),
        _sized("left", _("Deadline"), [_("{n}d over").format(n=9999)], right=True),
        _sized("newest", _("Newest"), ["2026-01-01"]),
        _sized("looked", _("Looked"), [_("{n}m ago").format(n=59)], right=True),
    ]
    if wide:
        fixed.append(_sized("kind", _("Kind"), [term(code, _) for code in ("weibo", "wechat", "website", "app")]))
    texts = [("name", _("Account"), 4), ("says", _("Why"), 8 if wide else 5)]
    if wide:
        texts.insert(1, ("sponsor", _("Sponsor"), 5))
    gaps = len(_GAP) * (len(fixed) + len(texts) - 1)
    room = width - sum(column.width for column in fixed) - gaps
    shares = sum(share for _key, _title, share in texts)
    flexible = {key: Column(key, title, max(4, room * share // shares)) for key, title, share in texts}
    spare = room - sum(column.width for column in flexible.values())
    flexible["says"] = flexible["says"]._replace(width=max(4, flexible["says"].width + spare))
    by_key = {column.key: column for column in fixed} | flexible
    order = ("outcome", "left", "name", "kind", "sponsor", "newest", "looked", "says")
    return tuple(by_key[key] for key in order if key in by_key)


def _sized(key: str, title: str, samples: Sequence[str], right: bool = False) -> Column:
    return Column(key, title, max(map(cell_len, (title, *samples))), right)


def heading(width: int, _: Words) -> list[Piece]:
    """The heading line; its first cell stands above the cursor's mark."""
    cells = [fit(column.title, column.width, column.right) for column in columns(width - 1, _)]
    return [(" " + _GAP.join(cells), "")]


def line(row: Row, now: datetime, width: int, _: Words) -> list[Piece]:
    """The cells of a row."""
    pieces: list[Piece] = []
    for column in columns(width, _):
        if pieces:
            pieces.append((_GAP, ""))
        text, style = _cell(column.key, row, now, _)
        pieces.append((fit(text, column.width, column.right), style))
    return pieces


def _cell(key: str, row: Row, now: datetime, _: Words) -> Piece:
    quiet = "dim" if row.outcome is Outcome.PASS else ""
    strong = "" if row.outcome is Outcome.PASS else str(row.outcome)
    match key:
        case "outcome":
            return outcome(row.outcome, _), strong
        case "left":
            return left(row.days_left, _), strong
        case "name":
            return row.name or row.account, ""
        case "kind":
            return term(row.kind, _), quiet
        case "sponsor":
            return row.sponsor, quiet
        case "newest":
            return day(row.newest_post_at), quiet
        case "looked":
            return age(row.looked_at, now, _), quiet
        case _:
            return why(row, _), quiet


def why(row: Row, _: Words) -> str:
    """Whether somebody has taken it up, what kept us from looking, and the sentence of the finding."""
    seen_to = _("(taken up)") if row.acknowledged else ""
    blocked = reason(row.reason, _)
    says = row.says if blocked and blocked in row.says else ": ".join(filter(None, (blocked, row.says)))
    return " ".join(filter(None, (seen_to, says)))


def detail(row: Row | None, now: datetime, width: int, _: Words) -> list[list[Piece]]:
    """Two lines in full words about the row under the cursor."""
    if row is None:
        return [[("", "")], [("", "")]]
    who = " | ".join(filter(None, (f"{safe(row.name)} ({safe(row.account)})", term(row.kind, _), safe(row.sponsor))))
    proven = _("proven until {when}").format(when=minute(row.holds_until)) if row.holds_until else ""
    tried = ""
    if row.tried_at is not None and row.tried_at != row.looked_at:
        tried = _("last try {age}").format(age=age(row.tried_at, now, _))
    says = " | ".join(filter(None, (why(row, _), tried, proven)))
    tone = "" if row.outcome is Outcome.PASS else str(row.outcome)
    return [[(fit(who, width), "strong")], [(fit(says, width), tone)]]
