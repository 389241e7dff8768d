"""What every screen of the console shares: the head, the message line, the footer, and the rhythm of reading.

A screen says what to read (`question`, run in the reader's thread) and how to show it (`show`, run here). It must not
call the source itself: a slow disk would stop the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from mediawatch.locale import N_, Words
from mediawatch.tui.cells import second
from mediawatch.tui.guard import Guarded, said_by
from mediawatch.tui.head import WINDOW, Head, Vitals, head_text
from mediawatch.tui.source import Source

Answer = TypeVar("Answer")
Result = TypeVar("Result")


class Spoken(Guarded, Screen[Result]):
    """A screen whose keys are described in the language of the console."""

    @property
    def words(self) -> Words:
        """The translation function."""
        return self.console_app.words

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """As Textual has them, with translated descriptions: the footer, the help and the palette all read this."""
        return {
            key: active._replace(binding=replace(active.binding, description=self.words(active.binding.description)))
            for key, active in super().active_bindings.items()
        }


KEYS: tuple[BindingType, ...] = (
    Binding("p", "app.pause", N_("Pause")),
    Binding("question_mark,f1", "app.help", N_("Help"), key_display="?"),
    Binding("q", "app.quit", N_("Quit")),
    Binding("r", "again", N_("Refresh")),
)
"""The keys of every pane; each pane lists them behind its own, which the footer then shows first."""


class Pane(Spoken[None], Generic[Answer]):
    """A screen that is read again and again from the source."""

    def __init__(self) -> None:
        super().__init__()
        self.vitals: Vitals | None = None
        self._wanted = False
        self._reading = False
        self._fault = ""  # the reading fault that is being shown, or was dismissed
        self._fault_at: datetime | None = None

    # --- what each screen says ------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """The widgets between the head and the footer."""
        raise NotImplementedError

    def question(self, source: Source, now: datetime) -> Callable[[], Answer]:
        """What to read, with everything it depends on fixed now; the result runs in the reader's thread."""
        raise NotImplementedError

    def show(self, answer: Answer, now: datetime) -> None:
        """Shows what was read."""
        raise NotImplementedError

    # --- the frame ------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Head()
        yield from self.body()
        yield Static(id="acting", classes="trouble")
        yield Static(id="reading", classes="trouble")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.set_interval(self.console_app.refresh_every, self.beat)
        self.read()

    def on_screen_resume(self) -> None:
        self.read()

    def on_resize(self) -> None:
        self.draw_head()

    def beat(self) -> None:
        """One tick of the refresh: reads again, or while paused only lets the shown age of the data grow."""
        if not self.is_current:
            return
        if self.console_app.paused:
            self.draw_head()
        else:
            self.read()

    def action_again(self) -> None:
        self.read()

    def action_back(self) -> None:
        """One step back; never out of the console."""
        if not self.silence() and len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def draw_head(self) -> None:
        """Draws the lines above the screen anew, at the monitor's present instant."""
        console = self.console_app
        try:
            head = self.query_one(Head)
        except NoMatches:  # not composed yet
            return
        badges = [self.words("read only")] if console.read_only else []
        if console.paused:
            badges.append(self.words("PAUSED"))
        if self._fault_at is not None:
            badges.append(self.words("NOT READ since {when}").format(when=second(self._fault_at)[11:]))
        head.update(
            head_text(
                self.vitals,
                console.clock(),
                head.size.width or self.size.width,
                head.tones(),
                self.words,
                title=console.place,
                badges=tuple(badges),
            )
        )

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Asks the question soon; asked while an answer is under way, it is asked once more after that."""
        self._wanted = True
        if not self._reading:
            self._reading = True
            self.run_worker(self._read_until_answered(), exit_on_error=False)

    async def _read_until_answered(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._read_once()
        finally:
            self._reading = False

    async def _read_once(self) -> None:
        console = self.console_app
        now = console.clock()
        source = console.source
        try:
            ask = self.question(source, now)
            counts, platforms, answer = await console.ask(
                lambda: (source.counts(now), source.platforms(now, WINDOW), ask())
            )
            self.vitals = Vitals(counts=counts, platforms=platforms, read_at=now)
            self.show(answer, now)
        except Exception as error:
            console.log_fault(error)
            fault = said_by(error)
            if self._fault_at is None:
                self._fault_at = self.vitals.read_at if self.vitals else now
            if fault != self._fault:
                self._fault = fault
                self.tell(self.words("Reading failed: {error}").format(error=fault), "#reading")
        else:
            if self._fault:
                self._fault, self._fault_at = "", None
                self.silence("#reading")
        self.draw_head()

    # --- messages -------------------------------------------------------------------------------------------------

    def tell(self, message: str, line: str = "#acting") -> None:
        """Shows a message above the footer until Esc closes it.

        What was done and what was read speak on lines of their own: a failed act must not be written over.
        """
        shown = self.query_one(line, Static)
        shown.update(Text(f"{message}   {self.words('[Esc closes this message]')}"))
        shown.add_class("-shown")

    def silence(self, lines: str = ".trouble") -> bool:
        """Closes the messages; whether there were any."""
        shown = self.query(f"{lines}.-shown")
        was = bool(shown)
        shown.remove_class("-shown")
        return was
