"""A text widget whose styles come from the theme by the name of what they mean, not of a colour."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.widgets import Static

TONES = ("fail", "at_risk", "unknown", "pass", "dim", "strong", "bar", "title")


class Toned(Static):
    """Shows `Text` objects only; `tones` gives the styles to build them with."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{name}" for name in TONES}

    def tones(self) -> dict[str, Style]:
        """The styles by name, in the present theme."""
        return {name: self.get_component_rich_style(f"tone--{name}", partial=True) for name in TONES}
