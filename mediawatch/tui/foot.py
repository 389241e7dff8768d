"""The last line: the keys of the screen, as one line of text drawn anew only when what is offered has changed.

Textual's own footer makes a widget of every key whenever the cursor moves. It must offer nothing but what works now.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.screen import Screen
from textual.widgets import Static

_HELP = ("question_mark", "escape")

Offered = tuple[tuple[str, str, str], ...]


class Foot(Static):
    """The keys that the screen shows, each with what it does; a click on one presses it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"foot--key"}

    def __init__(self) -> None:
        super().__init__()
        self.offered: Offered = ()  # (key, as it is shown, what it does)
        self.drawn = 0  # how often, for the test that it is seldom

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)
        self._bindings_updated(self.screen)

    def _bindings_updated(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.screen:
            return
        found: dict[str, tuple[str, str, str]] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                found.setdefault(binding.action, (binding.key, self.app.get_key_display(binding), binding.description))
        if (offered := tuple(found.values())) != self.offered:
            self.offered = offered
            self.refresh()

    def render(self) -> Text:
        self.drawn += 1
        look = self.get_component_rich_style("foot--key", partial=True)
        pieces = [piece for _key, shown, does in self._fitting() for piece in ((f" {shown} ", look), f"{does} ")]
        return Text.assemble(*pieces, no_wrap=True)

    def _fitting(self) -> list[tuple[str, str, str]]:
        """As many as there is room for, and the way to all of them in any case."""
        room = self.size.width - sum(_cells(one) for one in self.offered if one[0] in _HELP)
        found = []
        for one in self.offered:
            if one[0] in _HELP or (room := room - _cells(one)) >= 0:
                found.append(one)
        return found

    def on_click(self, event: events.Click) -> None:
        end = 0
        for key, shown, does in self._fitting():
            end += _cells((key, shown, does))
            if event.x < end:
                self.app.simulate_key(key)
                return


def _cells(offered: tuple[str, str, str]) -> int:
    _key, shown, does = offered
    return cell_len(f" {shown} {does} ")
