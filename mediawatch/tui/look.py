"""How one operator wants the console: what may be drawn, with which keys, in which theme. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from textual.scrollbar import ScrollBarRender

from mediawatch.tui.cells import WINDOW


@dataclass(frozen=True)
class Look:
    """How this operator wants the console. plain: nothing but ASCII is drawn. production: a red frame around it all.

    keymap: other keys, by the ids of actions. theme: where none was chosen yet.
    window: of the looks that the health of platforms is counted from, in whole hours; a fast clock needs a longer one.
    """

    plain: bool = False
    production: bool = False
    theme: str = ""
    keymap: dict[str, str] = field(default_factory=dict)
    window: timedelta = WINDOW


class PlainBars(ScrollBarRender):
    """Scroll bars without the blocks that make their ends smooth."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8
