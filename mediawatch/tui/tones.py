"""Styles that come from the theme by the name of what they mean, not of a colour; a screen holds them for its widgets.

Textual works out every component class of every widget whenever a screen is built: eight for each line cost more than
all else about it.
"""

from __future__ import annotations

from typing import ClassVar, cast

from rich.style import Style
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

TONES = ("fail", "at_risk", "unknown", "pass", "dim", "strong", "bar", "title", "frame")


class Toning(Widget):
    """Mixed into a screen: it knows the tones of the present theme."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{name}" for name in TONES}
    _tones: dict[str, Style] | None = None

    @property
    def tones(self) -> dict[str, Style]:
        """The styles by name, in the present theme."""
        if self._tones is None:
            self._tones = {name: self.get_component_rich_style(f"tone--{name}", partial=True) for name in TONES}
        return self._tones

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._tones = None


class Toned(Static):
    """Shows `Text` objects only; `tones` gives the styles to build them with."""

    ALLOW_SELECT = False

    def tones(self) -> dict[str, Style]:
        """The styles by name, in the present theme."""
        return tones_of(self.screen)


def tones_of(screen: Screen[object]) -> dict[str, Style]:
    """The tones of a screen that has them."""
    return cast(Toning, screen).tones
