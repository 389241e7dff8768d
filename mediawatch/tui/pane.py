"""What every screen of the console shares: the head, the trail, the messages, the command line, the rhythm of reading.

A screen says what to read (`question`, run in the reader's thread) and how to show it (`show`, run here). It must not
call the source itself: a slow disk would stop the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from mediawatch.locale import N_, Words
from mediawatch.tui.cells import Piece, fit, minute, row_of, safe, second
from mediawatch.tui.commanding import NAMES
from mediawatch.tui.copying import copy
from mediawatch.tui.entry import CommandEntry
from mediawatch.tui.foot import Foot
from mediawatch.tui.guard import Guarded, said_by
from mediawatch.tui.head import Head, Vitals, head_text
from mediawatch.tui.places import Place
from mediawatch.tui.source import Source
from mediawatch.tui.tones import Toned, Toning

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
        found = {
            key: active._replace(binding=_translated(active.binding, self.words))
            for key, active in super().active_bindings.items()
        }
        return dict(sorted(found.items(), key=lambda item: _rank(item[1].binding)))


@lru_cache(maxsize=1024)  # asked for all keys whenever the cursor moves
def _translated(binding: Binding, words: Words) -> Binding:
    return replace(binding, description=words(binding.description))


@lru_cache(maxsize=1024)
def _rank(binding: Binding) -> int:
    """What one can do here comes before how to get elsewhere, in the footer as in the help."""
    group = (binding.id or "").partition(".")[0]
    return _GROUPS.index(group) if group in _GROUPS else 1


_GROUPS = ("act", "list", "review", "copy", "time", "go", "app", "screen")


def _screen_keys() -> Iterable[Binding]:
    for number, (screen, title) in enumerate(SCREEN_KEYS):
        key = str((number + 1) % 10)
        yield Binding(key, f"app.screen('{screen}')", title, show=False, id=f"screen.{screen}")


SCREEN_KEYS = (
    ("pulse", N_("Pulse")),
    ("board", N_("Board")),
    ("alerts", N_("Alerts")),
    ("review", N_("Review")),
    ("inspections", N_("Inspections")),
    ("cases", N_("Cases")),
    ("platforms", N_("Platforms")),
    ("receivers", N_("Receivers")),
    ("log", N_("Log")),
    ("areas", N_("Areas")),
)
"""The screens by their number keys: 1 to 9, then 0."""

KEYS: tuple[BindingType, ...] = (
    Binding("escape", "back", N_("Back"), show=False, key_display="Esc", id="go.back"),
    Binding("colon,fullwidth_colon", "command", N_("Command"), key_display=":", id="go.command"),
    Binding("p", "app.pause", N_("Pause"), id="app.pause"),
    Binding("question_mark,f1,fullwidth_question_mark", "app.help", N_("Help"), key_display="?", id="app.help"),
    Binding("q", "app.quit", N_("Quit"), id="app.quit"),
    Binding("r", "again", N_("Refresh"), show=False, id="app.refresh"),
    Binding("minus", "app.last_view", N_("The view before"), show=False, key_display="-", id="go.last"),
    Binding(
        "left_square_bracket,left_black_lenticular_bracket",
        "app.history(-1)",
        N_("Back in the history"),
        show=False,
        key_display="[",
        id="go.history_back",
    ),
    Binding(
        "right_square_bracket,right_black_lenticular_bracket",
        "app.history(1)",
        N_("On in the history"),
        show=False,
        key_display="]",
        id="go.history_on",
    ),
    Binding("ctrl+o", "app.jump", N_("Jump to"), show=False, id="go.jump"),
    Binding("t", "app.tone", N_("Theme"), show=False, id="app.theme"),
    Binding("ctrl+y", "copy_message", N_("Copy the message"), show=False, id="copy.message"),
    Binding("less_than_sign", "app.step(-1)", N_("A step back in time"), key_display="<", id="time.back"),
    Binding("greater_than_sign", "app.step(1)", N_("A step on in time"), key_display=">", id="time.on"),
    *_screen_keys(),
)
"""The keys of every pane; each pane lists them behind its own, which the footer then shows first."""


class Pane(Toning, Spoken[None], Generic[Answer]):
    """A screen that is read again and again from the source."""

    ABOUT: ClassVar[str] = ""  # what the screen shows, in one sentence of the catalogue
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.told: dict[str, str] = {}  # the last message on each line
        self._wanted = False
        self._head_wanted = False
        self._reading = False
        self._fault = ""  # the reading fault that is being shown, or was dismissed
        self._fault_at: datetime | None = None

    @property
    def vitals(self) -> Vitals | None:
        """What the head shows: the same on every screen, whoever read it last."""
        return self.console_app.vitals

    # --- what each screen says ------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """The widgets between the trail and the messages."""
        raise NotImplementedError

    def question(self, source: Source, now: datetime) -> Callable[[], Answer]:
        """What to read, with everything it depends on fixed now; the result runs in the reader's thread."""
        raise NotImplementedError

    def show(self, answer: Answer, now: datetime) -> None:
        """Shows what was read."""
        raise NotImplementedError

    def scope_pieces(self) -> list[Piece]:
        """What stands behind the trail: how much of what there is, is shown."""
        return []

    def sections(self) -> list[tuple[str, str]]:
        """Parts of the screen that can be jumped to: a name for `jump_to`, and its title."""
        return []

    def jump_to(self, section: str) -> None:
        """Goes to one of `sections`."""

    # --- the frame ------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Head()
        yield Toned(id="scope")
        try:
            yield from list(self.body())
        except Exception as error:  # a pane that cannot be built says so; the console goes on
            self.console_app.log_fault(error)
            yield Static(Text(said_by(error)))
        yield Static(id="acting", classes="trouble")
        yield Static(id="reading", classes="trouble")
        yield CommandEntry(NAMES, id="command", compact=True)
        yield Foot()

    def on_mount(self) -> None:
        self.set_interval(self.console_app.refresh_every, self.beat)
        self.draw_scope()

    def on_screen_resume(self) -> None:
        console = self.console_app
        self.set_class(console.look.production, "-production")
        self.set_class(console.theme.startswith("ansi"), "-ansi-console")
        self.read(head=self.vitals is None or console.clock() - self.vitals.read_at >= console.beats)

    def on_resize(self) -> None:
        self.draw_head()
        self.draw_scope()

    def _compositor_refresh(self) -> None:
        # Textual renders also what it then does not display, because drawing is held: half the work of a new screen.
        if not self.app._batch_count:
            super()._compositor_refresh()

    def beat(self) -> None:
        """One tick of the refresh: reads again, or while paused only lets the shown age of the data grow."""
        if not self.is_current:
            return
        if self.console_app.paused or self.console_app.moment is not None:
            self.draw_head()
        else:
            self.read()

    def action_again(self) -> None:
        self.read()

    def action_back(self) -> None:
        """Closes a message, or goes one level up; never out of the console."""
        if not self.silence():
            self.up()

    def up(self) -> None:
        """One level up in the trail; from the highest to the board."""
        self.console_app.go(self.place.up or Place("board"))

    def draw_head(self) -> None:
        """Draws the lines above the screen anew, at the monitor's present instant."""
        console, _ = self.console_app, self.words
        try:
            head = self.query_one(Head)
        except NoMatches:  # not composed yet
            return
        badges = [_("PRODUCTION")] if console.look.production else []
        badges += [_("read only")] if console.read_only else []
        if console.moment is not None:
            badges.append(_("AS OF {when}").format(when=minute(console.moment)))
        if console.paused:
            badges.append(_("PAUSED"))
        if self._fault_at is not None:
            badges.append(_("NOT READ since {when}").format(when=second(self._fault_at)[11:]))
        width = head.size.width or self.size.width
        tones, badged = head.tones(), tuple(badges)
        head.show(
            head_text(
                self.vitals,
                console.clock(),
                width,
                tones,
                _,
                title=console.place,
                badges=badged,
                window=console.look.window,
                framed=console.look.production,
            )
        )

    def draw_scope(self) -> None:
        """The trail to here, and how much is shown."""
        try:
            scope = self.query_one("#scope", Toned)
        except NoMatches:
            return
        trail = [safe(place.label) or self.words(self.console_app.title_of(place.screen)) for place in self.place.trail]
        pieces: list[Piece] = [(" > ".join(fit(each, 24).rstrip() for each in trail), "title")]
        for piece in self.scope_pieces():
            pieces += [("   ", ""), piece]
        scope.update(row_of(pieces, scope.tones()), layout=False)

    # --- the command line -----------------------------------------------------------------------------------------

    def action_command(self) -> None:
        entry = self.query_one("#command", Input)
        entry.value = ""
        entry.display = True
        self.set_focus(entry)  # at once: what is typed next belongs to the field, however fast it comes

    def on_command_entry_left(self) -> None:
        self.set_focus(self.query_one(self.AUTO_FOCUS) if self.AUTO_FOCUS else None)
        self.query_one("#command", Input).display = False

    def on_command_entry_given(self, event: CommandEntry.Given) -> None:
        self.on_command_entry_left()
        self.console_app.obey(event.text)

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, *, head: bool = True) -> None:
        """Asks the question soon; asked while an answer is under way, it is asked once more after that.

        head: the head as well; it waits for the next beat where a key only wants other lines of the same list.
        """
        self._wanted = True
        self._head_wanted |= head
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
        kept = None if self._head_wanted else self.vitals
        self._head_wanted = False

        def vitals() -> Vitals:
            return Vitals(counts=source.counts(now), platforms=source.platforms(now, console.look.window), read_at=now)

        try:
            ask = self.question(source, now)
            console.vitals, answer = await console.ask(lambda: (kept or vitals(), ask()))
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
        console.drawn_once.close()

    # --- messages -------------------------------------------------------------------------------------------------

    def tell(self, message: str, line: str = "#acting") -> None:
        """Shows a message above the footer until Esc closes it.

        What was done and what was read speak on lines of their own: a failed act must not be written over.
        """
        shown = self.query_one(line, Static)
        shown.update(Text(f"{message}   {self.words('[Esc closes, Ctrl+Y copies this message]')}"))
        shown.add_class("-shown")
        self.told[line] = message

    def silence(self, lines: str = ".trouble") -> bool:
        """Closes the messages; whether there were any."""
        shown = self.query(f"{lines}.-shown")
        was = bool(shown)
        shown.remove_class("-shown")
        return was

    async def action_copy_message(self) -> None:
        shown = [self.told[f"#{each.id}"] for each in self.query(".trouble.-shown")]
        if shown:
            _done, message = await copy(self.app, "\n".join(shown), self.words)
            self.notify(message, markup=False, timeout=4)
