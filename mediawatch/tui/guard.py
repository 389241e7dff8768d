"""A fault in one pane is a message, not the end of the console.

Textual ends the whole application when a handler raises, and prints every local variable of every frame. Here a
handler's fault is told to the console and the pane goes on; only a fault outside any handler still ends it, and that
prints no value.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, cast

from textual.message import Message
from textual.message_pump import MessagePump

from mediawatch.core.text import clean

if TYPE_CHECKING:
    from mediawatch.tui.app import Console


class Guarded(MessagePump):
    """Mixed in before a Textual class: what its handlers raise is told to the console."""

    @property
    def console_app(self) -> Console:
        """The application, by its own type."""
        return cast("Console", self.app)

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.console_app.trouble(error)


def said_by(error: BaseException) -> str:
    """An exception in one safe line: its type and the first line of what it says, never a traceback.

    What a command refuses is said in words for people: no type stands before them.
    """
    words = str(error).strip().splitlines()
    if words and hasattr(error, "format_message"):
        return clean(words[0], 200)
    return clean(f"{type(error).__name__}: {words[0]}" if words else type(error).__name__, 200)


def all_said_by(error: BaseException, most: int = 10) -> list[str]:
    """The same line by line, of a refusal that names several things; at most so many."""
    _first, *others = str(error).strip().splitlines() or [""]
    if len(others) >= most:
        others = [*others[: most - 2], f"... ({len(others) - most + 2})"]
    return [said_by(error), *(clean(line, 200) for line in others)]


def last_words(error: BaseException) -> str:
    """What a crash leaves in the terminal: where and what, without locals, arguments or source lines."""
    places = [
        f"  {frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(["mediawatch: the console stopped.", *places, said_by(error)])
