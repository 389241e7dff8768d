"""The overview as text. Pure; it must never look calmer than the record is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from mediawatch.core.list_views import Change
from mediawatch.core.standing import Standing
from mediawatch.core.views import Counts, PlatformView, SessionView
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece, age, fit, minute, safe, span
from mediawatch.tui.columns import Scene
from mediawatch.tui.head import Vitals
from mediawatch.tui.paper import section
from mediawatch.tui.terms import change, reason, session_state, standing, tone

if TYPE_CHECKING:
    from mediawatch.tui.screens.pulse import Pulse

Lines = Iterator[tuple[int, list[Piece]]]
_BAR = 40  # cells of the longest bar


def pulse_lines(vitals: Vitals, pulse: Pulse, width: int, scene: Scene, first: bool) -> Lines:
    """The whole page. first: the operator was never here before."""
    _ = scene.words
    yield from _outcomes(vitals.counts, width, scene)
    yield from _owed(vitals.counts, pulse.waiting, scene)
    yield from _platforms(vitals.platforms, width, scene)
    yield from _sessions(pulse.sessions, scene)
    yield from _changes(pulse, width, _, first)


def _outcomes(counts: Counts, width: int, scene: Scene) -> Lines:
    _ = scene.words
    yield 0, [(_("Accounts: {n}").format(n=f"{counts.total:,}"), "title")]
    names = max(cell_len(standing(code, _)) for code in Standing)
    longest = max(10, min(_BAR, width - names - 24))
    for code, number in counts.by_standing.items():
        share = number / counts.total if counts.total else 0.0
        loud = tone(code) if number else ""
        bar = ("#" if scene.plain else "█") * (max(1, round(share * longest)) if number else 0)
        yield (
            2,
            [(fit(standing(code, _), names) + "  ", loud), (f"{number:>8,}  {share * 100:5.1f} %  ", ""), (bar, loud)],
        )


def _owed(counts: Counts, candidates: int, scene: Scene) -> Lines:
    _ = scene.words
    yield from section(_("Open and owed"))
    facts = (
        (_("alerts open"), counts.alerts_open, "fail"),
        (_("waiting for a person"), candidates, "at_risk"),
        (_("messages not delivered yet"), counts.notices_owed, "at_risk"),
        (_("looks that are due"), counts.due, ""),
    )
    names = max(cell_len(name) for name, _number, _loud in facts)
    for name, number, loud in facts:
        yield 2, [(fit(name, names), ""), (f"{number:>8,}", loud if number else "dim")]
    last = _("the last look was {age}").format(age=age(counts.last_look_at, scene.now, _))
    yield 2, [(last if counts.last_look_at else _("data: no look yet"), "" if counts.last_look_at else "at_risk")]


def _platforms(platforms: tuple[PlatformView, ...], width: int, scene: Scene) -> Lines:
    _ = scene.words
    yield from section(_("Platforms in the last {span}").format(span=span(scene.window, _)))
    if not platforms:
        yield 2, [(_("no platform looked at yet"), "dim")]
    for one in platforms:
        down = one.incident_since is not None
        covered = "-" if one.coverage is None else f"{one.coverage * 100:.0f} %"
        seen = _("seen {seen}/{looks}, coverage {covered}").format(seen=one.seen, looks=one.looks, covered=covered)
        said = [seen]
        if one.incident_since is not None:
            since = minute(one.incident_since)
            why = ", ".join(f"{reason(code, _)} {number}" for code, number in one.reasons.items())
            said += [_("cannot be seen since {when}").format(when=since), safe(one.incident), why]
        mark = "X" if down else "." if one.looks else "?"
        yield (
            2,
            [
                (f"{mark} {fit(one.platform, 18)}  ", "fail" if down else ""),
                (fit("  ".join(filter(None, said)), max(10, width - 24)), "fail" if down else ""),
            ],
        )


def _sessions(sessions: tuple[SessionView, ...], scene: Scene) -> Lines:
    _ = scene.words
    due = [one for one in sessions if one.state != "ok"]
    if not due:
        return
    yield from section(_("Logins that need somebody"))
    for one in due:
        whose = _("of {who}").format(who=safe(one.owner)) if one.owner else ""
        said = f"{session_state(one.state, _)}  {_('ends {when}').format(when=minute(one.expires_at))}  {whose}"
        yield 2, [(fit(f"{safe(one.name)} ({safe(one.platform)})", 26) + "  ", "at_risk"), (said, "")]


def _changes(pulse: Pulse, width: int, _: Words, first: bool) -> Lines:
    since = minute(pulse.since)
    title = _("Changes of the last day (your first visit)") if first else _("Changes since your last visit, {when}")
    yield from section(title.format(when=since))
    if not pulse.changes:
        yield 2, [(_("None."), "dim")]
    names = max((cell_len(change(one.what, _)) for one in pulse.changes), default=0)
    for one in pulse.changes:
        yield 2, _change(one, names, width, _)
    if len(pulse.changes) >= pulse.most:
        yield 2, [(_("only the newest {n} are listed; the log has more (9)").format(n=pulse.most), "dim")]


def _change(one: Change, names: int, width: int, _: Words) -> list[Piece]:
    tone = {"opened": "fail", "incident": "fail", "resolved": "pass"}.get(one.what, "")
    said = "  ".join(filter(None, (safe(one.name or one.account), safe(one.by), safe(one.says or one.indicator))))
    return [
        (minute(one.at)[5:] + "  ", ""),
        (fit(change(one.what, _), names) + "  ", tone),
        (fit(said, max(10, width - names - 17)), ""),
    ]
