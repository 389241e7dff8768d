"""Platforms and the logins they are asked with: what can be seen, what cannot, and what runs out when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.narrowed_lists import LOGINS, PLATFORMS
from mediawatch.core.views import PlatformView, SessionView
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, age, minute, safe, span
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.source import Source
from mediawatch.tui.terms import reason, session_state


@dataclass(frozen=True)
class Door:
    """A platform, or a login below it."""

    platform: PlatformView | None
    login: SessionView | None

    @property
    def name(self) -> str:
        return self.login.name if self.login else self.platform.platform if self.platform else ""

    @property
    def of(self) -> str:
        """The platform's name."""
        return self.login.platform if self.login else self.name

    @property
    def bad(self) -> bool:
        """Whether somebody has to act."""
        if self.login is not None:
            return self.login.state != "ok"
        return self.platform is not None and self.platform.incident_since is not None


def _name(door: Door, scene: Scene) -> Piece:
    return (f"  {scene.words('login')} {door.name}", "") if door.login else (door.name, "strong")


def _state(door: Door, scene: Scene) -> Piece:
    _ = scene.words
    if door.login is not None:
        state = door.login.state
        mark = {"ok": ".", "expiring": "!"}.get(state, "X")
        return f"{mark} {session_state(state, _)}", {"ok": "", "expiring": "at_risk"}.get(state, "fail")
    if door.bad:
        return f"X {_('blind')}", "fail"
    if door.platform is not None and not door.platform.looks:
        return f"? {_('no look')}", "unknown"  # nobody looked within the window: nothing is known
    return f". {_('seen')}", ""


def _looks(door: Door, scene: Scene) -> Piece:
    if door.login is not None:
        budget = f"/{door.login.budget}" if door.login.budget else ""
        return scene.words("{n} today").format(n=f"{door.login.looks_today}{budget}"), ""
    return (f"{door.platform.seen}/{door.platform.looks}", "") if door.platform else ("", "")


def _coverage(door: Door, scene: Scene) -> Piece:
    covered = door.platform.coverage if door.platform and not door.login else None
    return ("-", "dim") if covered is None else (f"{covered * 100:.0f} %", "at_risk" if covered < 0.9 else "")


def _says(door: Door, scene: Scene) -> Piece:
    _ = scene.words
    if door.login is not None:
        whose = _("of {who}").format(who=safe(door.login.owner)) if door.login.owner else ""
        ends = _("ends {when}").format(when=minute(door.login.expires_at))
        refused = _("refused {when}").format(when=minute(door.login.refused_at)) if door.login.refused_at else ""
        return "  ".join(filter(None, (ends, whose, refused))), "" if door.login.state == "ok" else "at_risk"
    platform = door.platform
    if platform is None:
        return "", ""
    why = ", ".join(
        f"{reason(code, _)} {number}" for code, number in sorted(platform.reasons.items(), key=lambda item: -item[1])
    )
    since = _("since {when}").format(when=minute(platform.incident_since)) if platform.incident_since else ""
    return "  ".join(filter(None, (since, safe(platform.incident), why))), "fail" if door.bad else "dim"


def _seen_at(door: Door) -> datetime | None:
    return door.login.seen_at if door.login else door.platform.last_seen_at if door.platform else None


COLUMNS: tuple[Column[Door], ...] = (
    Column(
        "platform",
        N_("Platform"),
        _name,
        lambda door: (door.of, door.login is not None, door.name),
        samples=lambda _: ["x" * 20],
    ),
    Column(
        "state",
        N_("State"),
        _state,
        lambda door: door.login.state if door.login else "down" if door.bad else "ok",
        samples=lambda _: [
            f"X {_('blind')}",
            *(f"X {session_state(one, _)}" for one in ("expiring", "refused")),
        ],
    ),
    Column(
        "looks",
        N_("Seen/looks"),
        _looks,
        lambda door: door.platform.looks if door.platform else 0,
        samples=lambda _: [_("{n} today").format(n="999")],
        right=True,
    ),
    Column(
        "coverage",
        N_("Coverage"),
        _coverage,
        lambda door: door.platform.coverage if door.platform else None,
        samples=lambda _: ["100 %"],
        right=True,
    ),
    Column(
        "last_seen_at",
        N_("Seen"),
        lambda door, scene: (age(_seen_at(door), scene.now, scene.words), ""),
        _seen_at,
        samples=lambda _: [_("{n}m ago").format(n=59)],
        right=True,
    ),
    Column("says", N_("Why"), _says, lambda door: door.platform.incident if door.platform else "", share=4),
)


class PlatformsPane(MemoryListing[Door]):
    """Platforms, and their logins below them."""

    ABOUT = N_("What of each platform was seen lately, open incidents, and when each login ends.")
    COLUMNS = COLUMNS
    SCOPES = (N_("all"), N_("with trouble"))
    LABELS = PLATFORMS.keys
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "used_by", N_("Its accounts"), show=False, id="go.used_by"),
    ]

    def key_of(self, row: Door) -> str:
        return f"{row.of}/{row.name if row.login else ''}"

    def rows(self, source: Source, now: datetime) -> Iterable[Door]:
        doors = [Door(one, None) for one in source.platforms(now, self.console_app.look.window)]
        return [*doors, *(Door(None, one) for one in source.sessions(now))]

    def in_scope(self, row: Door, scope: int) -> bool:
        return scope == 0 or row.bad

    def natural(self, row: Door) -> Any:
        return row.of, row.login is not None, row.name

    def searched(self, row: Door) -> str:
        return LOGINS.text(row.login) if row.login else PLATFORMS.text(row.platform) if row.platform else ""

    def labels(self, row: Door) -> dict[str, tuple[str, ...]]:
        return LOGINS.labels(row.login) if row.login else PLATFORMS.labels(row.platform) if row.platform else {}

    def details(self, row: Door | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        lost = row.platform.lost if row.platform and not row.login else 0.0
        blind = (
            _("{n} h of the last {span} lost to incidents").format(n=f"{lost:.1f}", span=span(scene.window, _))
            if lost
            else ""
        )
        return [
            [(f"{safe(row.of)} {safe(row.name) if row.login else ''}".strip(), "strong")],
            [(" | ".join(filter(None, (_says(row, scene)[0], blind))), "")],
        ]

    def action_used_by(self) -> None:
        """The accounts that are watched through this platform."""
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("board", row.of, safe(row.of), exactly("platform", row.of), up=self.place))

    def on_lines_chosen(self) -> None:
        self.action_used_by()
