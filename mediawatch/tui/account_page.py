"""An account's page as text: who it is, what stands against it and why, what was seen and when. Pure.

Every value from outside passes `safe` or `fit`. It must never say more than the view: what could not be looked at is
listed as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Finality
from mediawatch.core.views import AccountView, Judged, LookView, PostView
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece, age, day, fit, left, minute, safe, second
from mediawatch.tui.chart import bars, known_days, per_day, spark
from mediawatch.tui.terms import outcome, reason, term

_DAYS = 30
_MOST_CHANGES = 12
_MOST = 50  # looks and posts shown; the number of those left out is said
Line = list[Piece]


def page_text(view: AccountView, now: datetime, width: int, styles: Mapping[str, Style], _: Words) -> Text:
    """The whole page; lines that are longer than the width are wrapped under their own indent."""
    text = Text()
    for number, (indent, line) in enumerate(_lines(view, now, width, _)):
        built = Text.assemble(*((piece, styles.get(name, "")) for piece, name in line))
        for wrapped in _wrapped(built, width - indent):
            text.append("\n" if number or text.plain else "")
            text.append(" " * indent)
            text.append_text(wrapped)
    return text


def _wrapped(line: Text, width: int) -> list[Text]:
    """The line cut into pieces of at most `width` cells, at spaces where there are any, else between letters."""
    pieces: list[Text] = []
    while cell_len(line.plain) > width:
        used, cut, space = 0, 0, 0
        for place, letter in enumerate(line.plain):
            used += cell_len(letter)
            if used > width:
                break
            cut = place + 1
            if letter == " ":
                space = cut
        cut = space if space > cut // 2 else max(1, cut)
        head, line = line[:cut], line[cut:]
        head.rstrip()
        pieces.append(head)
    return [*pieces, line]


def _lines(view: AccountView, now: datetime, width: int, _: Words) -> Iterator[tuple[int, Line]]:
    yield from _who(view, now, _)
    yield from _chart(view, now, width, _)
    yield from _indicators(view, _)
    if view.missing:
        yield from _section(_("Cannot be seen"))
        named = ", ".join(term(kind, _) for kind in view.missing)
        yield 2, [(_("No channel shows: {what}. What needs it stays unknown.").format(what=named), "unknown")]
    yield from _profile(view, width, _)
    yield from _looks(view.looks, now, width, _)
    yield from _posts(view.posts, width, _)
    yield from _section(_("Targets"))
    for target in view.targets:
        yield 2, [(safe(target), "")]


def _section(title: str) -> Iterator[tuple[int, Line]]:
    yield 0, [("", "")]
    yield 0, [(title, "title")]


def _who(view: AccountView, now: datetime, _: Words) -> Iterator[tuple[int, Line]]:
    row = view.row
    yield (
        0,
        [
            (outcome(row.outcome, _), str(row.outcome)),
            ("  ", ""),
            (safe(row.name), "strong"),
            (f"  ({safe(row.account)})", "dim"),
        ],
    )
    owners = [term(row.kind, _), safe(row.sponsor)]
    if view.supervisor:
        owners.append(_("supervised by {who}").format(who=safe(view.supervisor)))
    owners += [safe(row.region), term(row.level, _), safe(view.rulebook)]
    yield 0, [("  ".join(filter(None, owners)), "")]
    if row.says:
        yield 0, [(safe(row.says), str(row.outcome))]
    newest = _("no post seen")
    if row.newest_post_at is not None:
        ago = age(row.newest_post_at, now, _)
        newest = _("newest post {when} ({age})").format(when=minute(row.newest_post_at), age=ago)
    yield 0, [("   ".join(filter(None, (newest, left(row.days_left, _) if row.days_left is not None else ""))), "")]
    looked = [
        _("last look {age}").format(age=age(row.looked_at, now, _)) if row.looked_at else _("never seen yet"),
        _("last try {age}").format(age=age(row.tried_at, now, _)) if row.tried_at else "",
        _("next look {when}").format(when=minute(view.next_due_at)) if view.next_due_at else "",
    ]
    yield 0, [("   ".join(filter(None, looked)), "dim")]


def _chart(view: AccountView, now: datetime, width: int, _: Words) -> Iterator[tuple[int, Line]]:
    moments = [post.at for post in view.posts if post.at is not None]
    numbers = per_day(moments, now, _DAYS)
    title = _("Posts seen per day, last {days} days: {total}, at most {top} a day").format(
        days=_DAYS, total=sum(numbers), top=max(numbers)
    )
    yield from _section(title)
    if not moments:
        yield 2, [(_("No dated post has been seen."), "")]
        return
    known = known_days(day_of(min(moments)), now, _DAYS)
    wide, gap = (2, 1) if width >= _DAYS * 3 + 4 else (1, 1)
    for line in bars(numbers, known, 3 if any(numbers) else 1, wide, gap):
        yield 2, [(line, "bar")]
    first, last = day(now - timedelta(days=_DAYS - 1))[5:], day(now)[5:]
    span = _DAYS * (wide + gap) - gap
    yield 2, [(first + " " * (span - len(first) - len(last)) + last, "dim")]
    if not any(numbers):
        days = (day_of(now) - day_of(max(moments))).days
        yield 2, [(_("The newest post seen is {days} days old.").format(days=days), "")]
    if known < _DAYS:
        yield 2, [(_("The posts at hand begin on {when}.").format(when=day(min(moments))), "dim")]


def _indicators(view: AccountView, _: Words) -> Iterator[tuple[int, Line]]:
    yield from _section(_("Indicators"))
    if not view.findings:
        yield 2, [(_("Not judged yet."), "dim")]
    for judged in view.findings:
        yield from _indicator(judged, _)


def _indicator(judged: Judged, _: Words) -> Iterator[tuple[int, Line]]:
    finding = judged.finding
    tone = str(finding.outcome)
    name = " ".join(filter(None, (safe(judged.number), safe(judged.title) or safe(finding.indicator))))
    yield 2, [(outcome(finding.outcome, _), tone), (f"  {name}", "strong"), (f"  {term(judged.severity, _)}", "")]
    if finding.finality is Finality.CANDIDATE:
        yield 4, [(_("A candidate: a person must confirm it before it is reported."), "at_risk")]
    yield 4, [(safe(judged.says), "")]
    times = [
        _("since {when}").format(when=minute(finding.since)) if finding.since else "",
        _("deadline {when}").format(when=minute(finding.deadline)) if finding.deadline else "",
        _("proven until {when}").format(when=minute(finding.holds_until)),
    ]
    yield 4, [("   ".join(filter(None, times)), "")]
    if finding.reason is not None:
        yield 4, [(_("could not look: {why}").format(why=reason(finding.reason, _)), "unknown")]
    if finding.missing:
        named = ", ".join(term(kind, _) for kind in finding.missing)
        yield 4, [(_("not seen by any channel: {what}").format(what=named), "unknown")]
    for cited in judged.cites:
        place = " ".join(filter(None, (safe(cited.text), safe(cited.clause))))
        yield 4, [(f"{place}  [{term(cited.confidence, _)}]  {safe(judged.rulebook)}", "dim")]


def _profile(view: AccountView, width: int, _: Words) -> Iterator[tuple[int, Line]]:
    """What the platform told of the account itself; nothing where no channel ever did."""
    if not view.profiles and not view.series:
        return
    yield from _section(_("What the platform tells of the account"))
    for one in view.profiles[-_MOST_CHANGES:]:
        note = "" if one.trusted else "  " + _("(during a platform incident)")
        yield 2, [(minute(one.at) + "  ", ""), (safe(one.says) + note, "")]
    counted = [one.followers for one in view.series if one.followers is not None]
    if counted:
        shown = _("followers {first} {chart} {last}")
        chart = spark(counted[-max(10, min(_DAYS * 2, width - 40)) :])
        yield 2, [(shown.format(first=counted[0], chart=chart, last=counted[-1]), "")]


def _looks(looks: tuple[LookView, ...], now: datetime, width: int, _: Words) -> Iterator[tuple[int, Line]]:
    yield from _section(_("Look log"))
    if not looks:
        yield 2, [(_("Nothing has looked yet."), "dim")]
    for look in looks[:_MOST]:
        saw = (
            _("saw {n} posts").format(n=look.posts)
            if look.ok
            else " ".join(filter(None, (reason(look.reason, _), safe(look.detail))))
        )
        if not look.trusted:
            saw += "  " + _("(during a platform incident)")
        mark = (". ", "") if look.ok else ("? ", "unknown")
        used = 2 + 19 + 2 + 12 + 2
        yield (
            2,
            [
                mark,
                (second(look.at) + "  ", ""),
                (fit(look.adapter, 10) + "  ", ""),
                (fit(saw, max(10, width - used)), "" if look.ok else "unknown"),
            ],
        )
    yield from _left_out(len(looks), _)


def _posts(posts: tuple[PostView, ...], width: int, _: Words) -> Iterator[tuple[int, Line]]:
    yield from _section(_("Posts seen"))
    if not posts:
        yield 2, [(_("None."), "dim")]
    for post in posts[:_MOST]:
        flags = [_("[pinned]") if post.pinned else "", _("[repost]") if post.repost else ""]
        said = " ".join(filter(None, (*flags, safe(post.title) or _("(without title)"))))
        when = minute(post.at) if post.at else _("undated")
        yield 2, [(fit(when, 16) + "  ", ""), (fit(said, max(10, width - 20)), "")]
    yield from _left_out(len(posts), _)


def _left_out(number: int, _: Words) -> Iterator[tuple[int, Line]]:
    if number > _MOST:
        yield 2, [(_("... the first {shown} of {n}").format(shown=_MOST, n=number), "dim")]
