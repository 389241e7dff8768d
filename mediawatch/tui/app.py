"""The console: three screens over a source. It reads, shows, and passes on what people decide; it must never write.

The reader is one thread, so that a source needs no lock of its own and a slow one stops nothing but the next reading.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from mediawatch.core.rulebook import Language
from mediawatch.core.text import clean
from mediawatch.locale import N_, catalogue
from mediawatch.tui.board import BoardPane
from mediawatch.tui.dialogs import HelpDialog, keys_shown
from mediawatch.tui.guard import Guarded, last_words, said_by
from mediawatch.tui.pane import Pane
from mediawatch.tui.source import Acts, Clock, Decides, Source

Read = TypeVar("Read")

_log = logging.getLogger(__name__)
_DARK, _LIGHT = "textual-dark", "textual-light"


class Console(Guarded, App[None]):
    """The application. After `run()` its `return_code` is the exit code of the process: 0, or 1 after a crash."""

    CSS_PATH = Path(__file__).with_name("mediawatch.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tone", N_("Light/dark"), show=False),
        Binding("ctrl+p", "command_palette", N_("Commands"), show=False, priority=True),
    ]

    def __init__(
        self,
        source: Source,
        acts: Acts,
        clock: Clock,
        language: Language,
        *,
        title: str = "",
        refresh: float = 1.0,
        read_only: bool = False,
        by: str = "",
        decides: Decides | None = None,
    ) -> None:
        """title: which register or machine this is. refresh: seconds between readings. by: who acts. decides: how a
        person's decision about a candidate is carried out; without it none is offered."""
        super().__init__()
        self.source, self.acts, self.clock = source, acts, clock
        self.decides = decides
        self.words = catalogue(language)
        self.place = clean(title, 80)
        self.refresh_every, self.read_only, self.by = refresh, read_only, by
        self.paused = False
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="console-reader")
        self.theme = _DARK

    def on_mount(self) -> None:
        self.push_screen(BoardPane())

    def on_unmount(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def ask(self, question: Callable[[], Read]) -> Read:
        """Runs a question in the reader's thread. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, question)

    # --- faults ---------------------------------------------------------------------------------------------------

    def trouble(self, error: Exception) -> None:
        """A fault of a handler: said on the screen, kept in the log, and the console goes on."""
        self.log_fault(error)
        message = self.words("A fault of the console: {error}").format(error=said_by(error))
        panes = [screen for screen in self.screen_stack if isinstance(screen, Pane)]
        if panes and panes[-1].is_mounted:
            panes[-1].tell(message)
        else:
            self.notify(message, severity="error", markup=False)

    def log_fault(self, error: Exception) -> None:
        """Keeps the traceback where the process logs; the screen shows one line."""
        _log.warning("console: %s", said_by(error), exc_info=error)

    def _handle_exception(self, error: Exception) -> None:
        self._last_error = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own shows the values of all local variables: one of them may be a secret.
        self.bell()
        self._exit_renderables.append(Text(last_words(self._last_error)))
        self._close_messages_no_wait()

    # --- keys and commands ----------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Stops and starts the reading; the clock and the age of the data go on."""
        self.paused = not self.paused
        for screen in self.screen_stack:
            if isinstance(screen, Pane):
                screen.draw_head()

    def action_tone(self) -> None:
        """Light or dark."""
        self.theme = _LIGHT if self.theme == _DARK else _DARK
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Pane):
                screen.on_resize()

    def action_help(self) -> None:
        """The keys of the present screen."""
        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog(self.screen.active_bindings))

    def action_help_quit(self) -> None:
        """Ctrl+C does not end a console: a copying hand would."""
        self.notify(self.words("Press q to quit."), markup=False)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=self.words("Search for a command"), id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: the keys of the present screen by their names, and the picture of the screen."""
        _ = self.words
        for active in keys_shown(screen.active_bindings):
            key = self.get_key_display(active.binding)
            runs = partial(self.run_action, active.binding.action, active.node)
            yield SystemCommand(active.binding.description, _("key {key}").format(key=key), runs)
        yield SystemCommand(_("Light/dark"), _("key {key}").format(key="t"), self.action_tone)
        yield SystemCommand(_("Picture of the screen"), _("saves the screen as an SVG file"), self.action_picture)

    def action_picture(self) -> None:
        """Saves the screen as SVG where Textual puts deliveries (the downloads folder)."""
        self.set_timer(0.1, self.deliver_screenshot)
