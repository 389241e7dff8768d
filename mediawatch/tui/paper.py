"""A page of text to scroll, drawn anew for each width and kept where the reader is when it is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.message import Message

from mediawatch.locale import N_
from mediawatch.tui.cells import Piece
from mediawatch.tui.guard import Guarded
from mediawatch.tui.tones import Toned

Line = list[Piece]
Lines = Iterable[tuple[int, Line]]
"""Lines with their indent; those of a section's title have the style `title`."""


class Paper(Guarded, VerticalScroll, inherit_bindings=False):
    """A page that scrolls with the same keys as the lists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", show=False, id="list.up"),
        Binding("down,j", "scroll_down", show=False, id="list.down"),
        Binding("pageup,ctrl+b", "page_up", show=False, id="list.page_up"),
        Binding("pagedown,ctrl+f,space", "page_down", show=False, id="list.page_down"),
        Binding("home,g", "scroll_home", show=False, id="list.first"),
        Binding("end,G", "scroll_end", show=False, id="list.last"),
        Binding("enter", "choose", N_("Details"), key_display="Enter", id="list.open"),
    ]

    class Chosen(Message):
        """Enter was pressed on the page."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.can_focus = True
        self._text = Toned(classes="page")
        self._write: Callable[[int], Lines] = lambda width: ()
        self._places: dict[str, int] = {}

    def compose(self) -> Iterator[Toned]:
        yield self._text

    def action_choose(self) -> None:
        self.post_message(self.Chosen())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is offered where the screen goes on from its page."""
        if action == "choose":
            return hasattr(self.screen, "on_paper_chosen")
        return super().check_action(action, parameters)

    def on_resize(self, event: Resize) -> None:
        self.draw()

    def write(self, write: Callable[[int], Lines]) -> None:
        """Shows what `write` gives for a width, now and whenever the width changes."""
        self._write = write
        self.draw()

    def draw(self) -> None:
        """Draws the page for the present width; the place of the reader stays."""
        width = max(20, (self.scrollable_content_region.width or self.app.size.width) - 1)
        text, self._places = page_text(self._write(width), width, self._text.tones())
        self._text.update(text)

    @property
    def sections(self) -> tuple[str, ...]:
        """The titles of the page's sections, from top to bottom."""
        return tuple(self._places)

    def show_section(self, title: str) -> None:
        """Scrolls to a section."""
        if title in self._places:
            self.scroll_to(y=self._places[title], animate=False, force=True)


def page_text(lines: Lines, width: int, styles: Mapping[str, Style]) -> tuple[Text, dict[str, int]]:
    """The whole page, and on which line each section begins; what is longer is wrapped under its own indent."""
    built: list[Text] = []
    places: dict[str, int] = {}
    for indent, line in lines:
        if line and line[0][1] == "title":
            places[line[0][0]] = len(built)
        whole = Text.assemble(*((piece, styles.get(name, "")) for piece, name in line))
        built += [Text.assemble(" " * indent, wrapped) for wrapped in _wrapped(whole, width - indent)]
    return Text("\n").join(built), places


def section(title: str) -> Iterator[tuple[int, Line]]:
    """A blank line and a title."""
    yield 0, [("", "")]
    yield 0, [(title, "title")]


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
