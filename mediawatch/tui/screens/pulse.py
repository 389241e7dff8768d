"""The overview: how the accounts stand, which platforms can be seen, what is owed, and what changed since last time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mediawatch.core.list_views import Change
from mediawatch.core.views import SessionView
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece
from mediawatch.tui.columns import Scene
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.paper import Paper
from mediawatch.tui.pulse_page import pulse_lines
from mediawatch.tui.screens.review import WAITING
from mediawatch.tui.source import Source

_MOST = 60  # changes that are read
_FIRST = timedelta(days=1)  # how far back the changes go at the first visit


@dataclass(frozen=True)
class Pulse:
    """What the overview shows beside the vitals. since: from when on changes are listed. waiting: candidates without a
    decision."""

    sessions: tuple[SessionView, ...]
    changes: tuple[Change, ...]
    since: datetime
    waiting: int
    most: int = _MOST


class PulsePane(Pane[Pulse]):
    """One page that answers: is anything wrong, and is anything new."""

    AUTO_FOCUS = "Paper"
    ABOUT = N_(
        "How all accounts stand, which platforms can be seen, what is owed, and what changed since your last visit."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "faults", N_("Faults"), id="list.faults"),
        *KEYS,
    ]

    def body(self) -> Iterable[Widget]:
        yield Paper("page")

    @property
    def scene(self) -> Scene:
        """What drawing depends on."""
        return self.console_app.scene()

    def question(self, source: Source, now: datetime) -> Callable[[], Pulse]:
        since = min(self.console_app.memory.last_visit or now - _FIRST, now)

        def ask() -> Pulse:
            return Pulse(
                source.sessions(now),
                source.changes(since, now + timedelta(seconds=1), _MOST),
                since,
                source.alert_page(now, only=WAITING, limit=0).matching,
            )

        return ask

    def show(self, answer: Pulse, now: datetime) -> None:
        first = self.console_app.memory.last_visit is None
        if (vitals := self.vitals) is not None:
            self.query_one(Paper).write(lambda width: pulse_lines(vitals, answer, width, self.scene, first))

    def scope_pieces(self) -> list[Piece]:
        return [
            (
                self.words(
                    "1 Pulse 2 Board 3 Alerts 4 Review 5 Inspections 6 Cases 7 Platforms 8 Receivers 9 Log 0 Areas"
                ),
                "dim",
            )
        ]

    def sections(self) -> list[tuple[str, str]]:
        return [(title, title) for title in self.query_one(Paper).sections]

    def jump_to(self, section: str) -> None:
        self.query_one(Paper).show_section(section)

    def action_faults(self) -> None:
        """The board, with its problems."""
        self.console_app.action_screen("board")

    def on_paper_chosen(self) -> None:
        self.action_faults()
