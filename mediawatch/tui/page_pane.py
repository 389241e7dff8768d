"""What the pages about one thing share: a paper with sections, and copying it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mediawatch.locale import N_
from mediawatch.tui.columns import Scene
from mediawatch.tui.copying import as_record, copy
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.paper import Paper
from mediawatch.tui.places import Place

View = TypeVar("View")


class PagePane(Pane[View], Generic[View]):
    """A page to scroll about the subject of its place."""

    AUTO_FOCUS = "Paper"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("Back"), key_display="Esc", id="go.back"),
        Binding("y", "copy_record", N_("Copy the row as JSON"), show=False, id="copy.json"),
        Binding("Y", "copy_line", N_("Copy the row as a line of text"), show=False, id="copy.line"),
        Binding("c", "copy_value", N_("Copy the id"), show=False, id="copy.value"),
        *KEYS[1:],
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.view: View | None = None

    def as_text(self) -> str:
        """The page in one line, for a chat."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        yield Paper("page")

    @property
    def paper(self) -> Paper:
        """The page."""
        return self.query_one(Paper)

    @property
    def scene(self) -> Scene:
        """What drawing depends on."""
        return self.console_app.scene()

    def sections(self) -> list[tuple[str, str]]:
        return [(title, title) for title in self.paper.sections]

    def jump_to(self, section: str) -> None:
        self.paper.show_section(section)

    async def _copied(self, text: str) -> None:
        _done, message = await copy(self.app, text, self.words)
        self.notify(message, markup=False, timeout=4)

    async def action_copy_value(self) -> None:
        await self._copied(self.place.subject.partition("\n")[0])

    async def action_copy_record(self) -> None:
        if self.view is not None:
            await self._copied(as_record(self.view))

    async def action_copy_line(self) -> None:
        if self.view is not None:
            await self._copied(self.as_text())
