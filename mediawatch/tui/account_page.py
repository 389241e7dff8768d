"""An account's page as text: who it is, what stands against it and why, what was seen and when. Pure.

Every value from outside passes `safe` or `fit`. It must never say more than the view: what could not be looked at is
listed as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from mediawatch.core.calendar import day_of, days_between
from mediawatch.core.office_views import CaseLine
from mediawatch.core.office_words import STATES
from mediawatch.core.views import AccountView, DecisionView, Judged, LookView, NeedsPerson, PostView
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece, age, day, fit, left, minute, safe, second
from mediawatch.tui.chart import bars, known_days, per_day, spark
from mediawatch.tui.columns import Scene
from mediawatch.tui.paper import section
from mediawatch.tui.terms import MARKS, reason, standing, state, term, tone

_DAYS = 30
_MOST_CHANGES = 12
_MOST_GAPS = 40  # gaps between posts that are drawn
_MOST = 50  # looks and posts shown; the number of those left out is said
_RUNGS = (
    "A3L",
    "A3D",
    "A3P",
    "A3V",
    "A3B",
    "A4",
)  # of an app: in a store, downloads, installs, current, answers, opens
Line = list[Piece]
Lines = Iterator[tuple[int, Line]]


def account_lines(view: AccountView, width: int, scene: Scene, cases: tuple[CaseLine, ...] = ()) -> Lines:
    """The whole page as lines with their indent."""
    _ = scene.words
    yield from _who(view, scene)
    if view.row.kind == "app":
        yield from _ladder(view, width, _)
    yield from _chart(view, width, scene)
    yield from _gaps(view, width, scene)
    yield from _indicators(view, _)
    if view.missing:
        yield from section(_("Cannot be seen"))
        named = ", ".join(term(kind, _) for kind in view.missing)
        yield 2, [(_("No channel shows: {what}. What needs it stays unknown.").format(what=named), "unknown")]
    yield from _people(view.manual, _)
    yield from _decisions(view.decisions, _)
    yield from _cases(cases, scene)
    yield from _profile(view, width, scene)
    yield from _looks(view.looks, width, _)
    yield from _posts(view.posts, width, _)
    yield from section(_("Targets"))
    for target in view.targets:
        yield 2, [(safe(target), "")]


def _who(view: AccountView, scene: Scene) -> Lines:
    row, now, _ = view.row, scene.now, scene.words
    yield (
        0,
        [
            (standing(row.standing, _), tone(row.standing) or "pass"),
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
    stands = _("state: {state}").format(state=state(row.state, _))
    if view.state_since is not None:
        stands += " " + _("since {when}").format(when=view.state_since.isoformat())
    yield 0, [(stands, "")]
    if row.says:
        yield 0, [(safe(row.says), tone(row.standing) or "pass")]
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


def _ladder(view: AccountView, width: int, _: Words) -> Lines:
    """An app, rung by rung: what is proven of it up to where it breaks."""
    rungs = {one.finding.indicator: one for one in view.findings}
    shown = [rungs[name] for name in _RUNGS if name in rungs]
    if not shown:
        return
    yield from section(_("The app, rung by rung"))
    for number, one in enumerate(shown, start=1):
        title = fit(f"{number} {safe(one.title)}", 22)
        yield (
            2,
            [(f"{MARKS[one.standing]} {title}  ", tone(one.standing)), (fit(safe(one.says), max(10, width - 30)), "")],
        )


def _chart(view: AccountView, width: int, scene: Scene) -> Lines:
    now, _ = scene.now, scene.words
    moments = [post.at for post in view.posts if post.at is not None]
    numbers = per_day(moments, now, _DAYS)
    title = _("Posts seen per day, last {days} days: {total}, at most {top} a day").format(
        days=_DAYS, total=sum(numbers), top=max(numbers)
    )
    yield from section(title)
    if not moments:
        yield 2, [(_("No dated post has been seen."), "")]
        return
    known = known_days(day_of(min(moments)), now, _DAYS)
    wide, gap = (2, 1) if width >= _DAYS * 3 + 4 else (1, 1)
    for line in bars(numbers, known, 3 if any(numbers) else 1, wide, gap, plain=scene.plain):
        yield 2, [(line, "bar")]
    first, last = day(now - timedelta(days=_DAYS - 1))[5:], day(now)[5:]
    span = _DAYS * (wide + gap) - gap
    yield 2, [(first + " " * (span - len(first) - len(last)) + last, "dim")]
    if not any(numbers):
        days = (day_of(now) - day_of(max(moments))).days
        yield 2, [(_("The newest post seen is {days} days old.").format(days=days), "")]
    if known < _DAYS:
        yield 2, [(_("The posts at hand begin on {when}.").format(when=day(min(moments))), "dim")]


def _gaps(view: AccountView, width: int, scene: Scene) -> Lines:
    """The days between one post and the next, up to now: how near the limit it lives."""
    now, _ = scene.now, scene.words
    moments = sorted(post.at for post in view.posts if post.at is not None and post.at <= now)
    if not moments:
        return
    gaps = [days_between(one, other) for one, other in pairwise([*moments, now])][-min(_MOST_GAPS, (width - 4) // 2) :]
    longest = max(gaps)
    begins = [*moments, now][-1 - len(gaps) + gaps.index(longest)]
    title = _("Days between posts, the last {n} gaps: at most {top}, now {now}")
    yield from section(title.format(n=len(gaps), top=longest, now=gaps[-1]))
    for line in bars(gaps, len(gaps), 3 if longest else 1, plain=scene.plain):
        yield 2, [(line, "bar")]
    said = _("the longest gap began on {when}, {n} days").format(when=day(begins), n=longest)
    yield 2, [(said, "dim")]


def _people(manual: tuple[NeedsPerson, ...], _: Words) -> Lines:
    """Lines of the standard that only a person can decide."""
    if not manual:
        return
    yield from section(_("For a person to look at"))
    for line in manual:
        yield 2, [(f"{safe(line.number)} {safe(line.title)}  ", "strong"), (safe(line.asks), "")]


def _decisions(decisions: tuple[DecisionView, ...], _: Words) -> Lines:
    if not decisions:
        return
    yield from section(_("Decisions"))
    for one in decisions:
        said = _("{who} {when}: {choice}, {reason}").format(
            who=safe(one.by), when=minute(one.at), choice=term(one.choice, _), reason=safe(one.reason)
        )
        until = "  " + _("until {when}").format(when=minute(one.expires_at)) if one.expires_at else ""
        yield 2, [(f"{safe(one.indicator)}  ", "strong"), (said + until, "")]


def _indicators(view: AccountView, _: Words) -> Lines:
    yield from section(_("Indicators"))
    if not view.findings:
        yield 2, [(_("Not judged yet."), "dim")]
    for judged in view.findings:
        yield from indicator_lines(judged, _)


def _cases(cases: tuple[CaseLine, ...], scene: Scene) -> Lines:
    _ = scene.words
    if cases:
        yield from section(_("Cases"))
    for one in cases:
        term = left(one.days_left, _) if one.closed_at is None and one.days_left is not None else ""
        said = "  ".join(filter(None, (safe(one.title), term, day(one.opened_at), safe(one.campaign), safe(one.says))))
        yield 2, [(STATES[one.state].in_(scene.language) + "  ", "strong"), (said, "")]


def indicator_lines(judged: Judged, _: Words, indent: int = 2) -> Lines:
    """One indicator: its outcome, sentence, times, gaps and citations."""
    finding = judged.finding
    name = " ".join(filter(None, (safe(judged.number), safe(judged.title) or safe(finding.indicator))))
    klass = term(str(finding.values.get("klass") or ""), _)
    said = "".join(f"  {word}" for word in (term(judged.severity, _), klass) if word)
    yield indent, [(standing(judged.standing, _), tone(judged.standing) or "pass"), (f"  {name}", "strong"), (said, "")]
    if judged.candidate:
        yield indent + 2, [(_("A candidate: a person must confirm it before it is reported."), "at_risk")]
    yield indent + 2, [(safe(judged.says), "")]
    times = [
        _("since {when}").format(when=minute(finding.since)) if finding.since else "",
        _("deadline {when}").format(when=minute(finding.deadline)) if finding.deadline else "",
        _("proven until {when}").format(when=minute(finding.holds_until)),
    ]
    yield indent + 2, [("   ".join(filter(None, times)), "")]
    if finding.reason is not None:
        yield indent + 2, [(_("could not look: {why}").format(why=reason(finding.reason, _)), "unknown")]
    if finding.missing:
        named = ", ".join(term(kind, _) for kind in finding.missing)
        yield indent + 2, [(_("not seen by any channel: {what}").format(what=named), "unknown")]
    for cited in judged.cites:
        place = " ".join(filter(None, (safe(cited.text), safe(cited.clause))))
        yield indent + 2, [(f"{place}  [{term(cited.confidence, _)}]  {safe(judged.rulebook)}", "dim")]


def _profile(view: AccountView, width: int, scene: Scene) -> Lines:
    """What the platform told of the account itself; nothing where no channel ever did."""
    _ = scene.words
    if not view.profiles and not view.series:
        return
    yield from section(_("What the platform tells of the account"))
    for one in view.profiles[-_MOST_CHANGES:]:
        note = "" if one.trusted else "  " + _("(during a platform incident)")
        yield 2, [(minute(one.at) + "  ", ""), (safe(one.says) + note, "")]
    counted = [one.followers for one in view.series if one.followers is not None]
    if counted:
        shown = _("followers {first} {chart} {last}")
        chart = spark(counted[-max(10, min(_DAYS * 2, width - 40)) :], plain=scene.plain)
        yield 2, [(shown.format(first=counted[0], chart=chart, last=counted[-1]), "")]


def _looks(looks: tuple[LookView, ...], width: int, _: Words) -> Lines:
    yield from section(_("Look log"))
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


def _posts(posts: tuple[PostView, ...], width: int, _: Words) -> Lines:
    yield from section(_("Posts seen"))
    if not posts:
        yield 2, [(_("None."), "dim")]
    for post in posts[:_MOST]:
        flags = [_("[pinned]") if post.pinned else "", _("[repost]") if post.repost else ""]
        said = " ".join(filter(None, (*flags, safe(post.title) or _("(without title)"))))
        when = minute(post.at) if post.at else _("undated")
        yield 2, [(fit(when, 16) + "  ", ""), (fit(said, max(10, width - 20)), "")]
    yield from _left_out(len(posts), _)


def _left_out(number: int, _: Words) -> Lines:
    if number > _MOST:
        yield 2, [(_("... the first {shown} of {n}").format(shown=_MOST, n=number), "dim")]
