"""Fields to type or paste into, which hold nothing that could steer a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from mediawatch.core.text import clean


class Entry(Input):
    """One line of plain text: what is pasted is cleaned like everything from outside."""

    def validate_value(self, value: str) -> str:
        """Called by Textual for every new value, whoever sets it."""
        return value if value.isprintable() else clean(value)


class FilterEntry(Entry):
    """The line behind `/`: what is typed holds at once, and Enter only leaves it."""

    def __init__(self, leave: Callable[[], None], **options: Any) -> None:
        """leave: at once, so that what is typed behind Enter in the same burst is meant for the list."""
        super().__init__(select_on_focus=False, **options)  # that would come behind the first letters of a burst
        self._leave = leave

    async def action_submit(self) -> None:
        self._leave()


class CommandEntry(Entry):
    """The line behind `:`. Esc leaves it, Enter gives it, Tab or Right takes the suggestion."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "cursor_right", show=False),
    ]

    class Left(Message):
        """Nothing is to be done."""

    class Given(Message):
        """A command."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, names: Iterable[str], **options: Any) -> None:
        suggests = SuggestFromList(names, case_sensitive=False)
        super().__init__(suggester=suggests, placeholder=":", select_on_focus=False, **options)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    async def action_submit(self) -> None:
        self.post_message(self.Given(self.value) if self.value.strip() else self.Left())
