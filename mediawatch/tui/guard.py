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
    """An exception in one safe line: its type and the first line of what it says, never a traceback."""
    words = str(error).strip().splitlines()
    return clean(f"{type(error).__name__}: {words[0]}" if words else type(error).__name__, 200)


def last_words(error: BaseException) -> str:
    """What a crash leaves in the terminal: where and what, without locals, arguments or source lines."""
    places = [
        f"  {frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(["mediawatch: the console stopped.", *places, said_by(error)])
