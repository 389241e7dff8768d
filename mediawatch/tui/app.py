"""The console: its screens over a source. It reads, shows, and passes on what people decide; it must never write.

The reader is one thread, so that a source needs no lock of its own and a slow one stops nothing but the next reading.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, InputEvent, Key
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Input

from mediawatch.core.rulebook import Language
from mediawatch.core.text import clean
from mediawatch.locale import N_, Words, catalogue
from mediawatch.tui import commanding, exporting, keys
from mediawatch.tui.columns import Scene
from mediawatch.tui.dialogs import ChooseDialog, HelpDialog, keys_shown
from mediawatch.tui.guard import last_words, said_by
from mediawatch.tui.hangup import end_with_terminal
from mediawatch.tui.lines import Lines
from mediawatch.tui.listing import Listing
from mediawatch.tui.look import Look, PlainBars
from mediawatch.tui.looking_back import LookingBack
from mediawatch.tui.memory import Memory
from mediawatch.tui.pane import SCREEN_KEYS, Pane, Spoken
from mediawatch.tui.paper import Paper
from mediawatch.tui.places import History, Place
from mediawatch.tui.quiet import Quiet
from mediawatch.tui.registering import Registering
from mediawatch.tui.screens import SCREENS
from mediawatch.tui.screens.areas import UNITS
from mediawatch.tui.source import Acts, Clock, Past, Source
from mediawatch.tui.themes import CONTRAST, THEMES
from mediawatch.tui.writing import KINDS, write_document

Read = TypeVar("Read")

_log = logging.getLogger(__name__)
_HELD = 0.1  # seconds that a new screen may stay undrawn
_REST = 1.0  # seconds without a key, after which nobody types
_KEPT = 20  # screens that are kept as they were left
_HOME = Place("board")


class Console(LookingBack):
    """The application. After `run()` its `return_code` is the exit code of the process: 0, or 1 after a crash."""

    CSS_PATH = Path(__file__).with_name("mediawatch.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", N_("Commands"), show=False, priority=True, id="app.palette"),
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
        past: Past | None = None,
        memory: Memory | None = None,
        look: Look | None = None,
        folder: Path | None = None,
    ) -> None:
        """title: which register or machine this is. refresh: seconds between readings. by: who acts.

        past: gives the source as of an instant; without it there is no looking back. folder: where exports go.
        """
        super().__init__()
        self.present, self.acts, self.wall = source, acts, clock
        self.past = past
        self.language, self.words = language, catalogue(language)
        self.place = clean(title, 80)
        self.beats = timedelta(seconds=refresh)
        self.refresh_every, self.read_only, self.by = refresh, read_only, by
        self.memory = memory or Memory()
        self.look = look or Look()
        self.folder = folder or Path()
        self.paused = False
        self.been = History()
        self.quiet = Quiet()
        self.drawn_once = ExitStack()  # closed as soon as there is something to draw
        self._panes: dict[Place, Pane[object]] = {}
        self.register_theme(CONTRAST)
        wanted = self.memory.theme or self.look.theme
        self.theme = wanted if wanted in THEMES else next(iter(THEMES))
        self.set_keymap(self.look.keymap)
        ScrollBar.renderer = PlainBars if self.look.plain else ScrollBarRender

    @property
    def plain(self) -> bool:
        """Whether nothing but ASCII may be drawn."""
        return self.look.plain

    def scene(self, now: datetime | None = None) -> Scene:
        """What drawing depends on, at that instant or at the present one."""
        return Scene(now or self.clock(), self.words, self.language, self.plain, self.look.window)

    @property
    def may_act(self) -> bool:
        """Whether acts are offered at all: not to readers, and not in the past."""
        return not self.read_only and self.moment is None

    def on_mount(self) -> None:
        self.quiet.begin()
        self.set_interval(_REST, self.quiet.beat)
        end_with_terminal(self)
        self.go(_HOME)

    def on_unmount(self) -> None:
        with suppress(Exception):
            self.memory.keep_visit(self.wall())
            self._reader.submit(self.leave_the_past)
        self._reader.shutdown(wait=False)
        self.quiet.leave()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self.quiet.typed()
        if not (isinstance(event, Key) and not event.is_forwarded and await self._obeyed(event)):
            await super().on_event(event)

    async def _obeyed(self, event: Key) -> bool:
        """Obeys a key when it comes, before the next one is looked at.

        Textual sends it through the widgets first: of a burst, the letters behind `/` would be there before the field.
        """
        if not (self.app_focus and isinstance(self.screen, Spoken)):
            return False
        if await self._check_bindings(event.key, priority=True):
            return True
        if isinstance(self.focused, Input) and event.is_printable:
            await self.focused._on_key(event)
            return True
        return await self._check_bindings(event.key)

    # --- going about ----------------------------------------------------------------------------------------------

    @property
    def pane(self) -> Pane[object] | None:
        """The pane that is shown, whatever stands above it."""
        panes = [screen for screen in self.screen_stack if isinstance(screen, Pane)]
        return panes[-1] if panes else None

    def title_of(self, screen: str) -> str:
        """The name of a kind of screen, of the catalogue."""
        return SCREENS[screen].title

    def go(self, place: Place) -> None:
        """Shows a place, as it was left where it was seen before."""
        self.been.go(place)
        self._show(place)

    def _show(self, place: Place) -> None:
        self._hold_drawing()
        while not isinstance(self.screen, Pane) and len(self.screen_stack) > 1:
            self.pop_screen()
        pane = self._panes.pop(place, None)
        if pane is None:
            pane = SCREENS[place.screen].make(place)
            self.install_screen(pane, _name(place))
        self._panes[place] = pane
        if isinstance(self.screen, Pane):
            self.switch_screen(pane)
        else:
            self.push_screen(pane)
        self._forget()

    def _hold_drawing(self) -> None:
        """Until what the next screen shows has been read, though not for long: so it is drawn once, and whole."""
        self.drawn_once.close()
        self.drawn_once.callback(self._draw)
        self.drawn_once.enter_context(self.batch_update())
        self.set_timer(_HELD, self.drawn_once.close)

    def _draw(self) -> None:
        if self.screen_stack:  # none is left at the end
            self.screen.refresh()

    def _forget(self) -> None:
        for place in list(self._panes)[:-_KEPT]:
            old = self._panes.pop(place)
            self.uninstall_screen(old)
            old.remove()

    def action_screen(self, screen: str) -> None:
        """One of the screens of the number keys."""
        self.go(Place(screen))

    def action_last_view(self) -> None:
        """The view before this one."""
        if self.been.last is not None:
            self.go(self.been.last)

    def action_history(self, by: int) -> None:
        """Back and on through what was seen."""
        place = self.been.step(by)
        if place is not None:
            self._show(place)

    def action_jump(self) -> None:
        """Everything that can be gone to from here, each by one key."""
        _, pane = self.words, self.pane
        sections = [(f"#{name}", title) for name, title in pane.sections()] if pane is not None else []
        screens = [(screen, _(title)) for screen, title in SCREEN_KEYS]
        self.push_screen(ChooseDialog(_("Jump to"), [*screens, *sections]), self._jump)

    def _jump(self, chosen: str | None) -> None:
        if chosen is None:
            return
        if chosen.startswith("#"):
            if self.pane is not None:
                self.pane.jump_to(chosen[1:])
        else:
            self.action_screen(chosen)

    # --- commands -------------------------------------------------------------------------------------------------

    def obey(self, text: str) -> None:
        """Does what was typed behind `:`, or says why not."""
        try:
            command = commanding.read(text)
            self._do(command)
        except commanding.NoCommand as wrong:
            self.say(self.words(str(wrong)).format(text=clean(text, 60)))

    def say(self, message: str) -> None:
        """A message on the pane that is shown, until it is closed."""
        if self.pane is not None and self.pane.is_mounted:
            self.pane.tell(message)
        else:
            self.notify(message, severity="error", markup=False)

    def _do(self, command: commanding.Command) -> None:
        words = command.arguments
        if command.name in commanding.SCREENS:
            self.action_screen(command.name)
            if command.filter is not None and isinstance(self.pane, Listing):
                self.pane.call_after_refresh(self.pane.set_filter, command.filter)
            return
        match command.name:
            case "account" if words:
                self.go(Place("account", words[0], up=_HOME))
            case "units":
                self.go(Place("areas", UNITS, self.words("Units")))
            case "asof" if words:
                self.look_back(commanding.instant(words[0]))
            case "replay" if words:
                self.stride = commanding.stride(words[1]) if len(words) > 1 else None
                self.look_back(commanding.instant(words[0], begins=True))
            case "now":
                self.look_back(None)
            case "sort" if words and isinstance(self.pane, Listing):
                if words[0] not in {column.key for column in self.pane.COLUMNS}:
                    raise commanding.NoCommand(N_("{text}: the list has no such column"))
                self.pane.sort_by(words[0], reverse=words[1:] == ("desc",))
            case "theme" if words:
                self._wear(next((name for name in THEMES if words[0] in _called(name, self.words)), ""))
            case "export" if isinstance(self.pane, Listing):
                form = words[0] if words else "csv"
                if form not in exporting.FORMATS:
                    raise commanding.NoCommand(N_("{text}: there are csv, xlsx, json and md"))
                self.pane.export_as(form)
            case "report" if len(words) > 1 and self.pane is not None:
                if words[0] not in KINDS:
                    raise commanding.NoCommand(N_("{text}: there is no such document"))
                write_document(self.pane, words[0], words[1], words[2] if len(words) > 2 else "")
            case name if name in commanding.REGISTER and isinstance(self.pane, Registering):
                if not self.pane.may_register:
                    raise commanding.NoCommand(N_("{text}: the register cannot be changed from here"))
                self.pane.act_on_register(name, " ".join(words))
            case "pause":
                self.action_pause()
            case "help":
                self.action_help()
            case "quit":
                self.exit()
            case _:
                raise commanding.NoCommand(
                    N_("{text}: there is something missing behind it, or it is not for this screen")
                )

    # --- faults ---------------------------------------------------------------------------------------------------

    def trouble(self, error: Exception) -> None:
        """A fault of a handler: said on the screen, kept in the log, and the console goes on."""
        self.log_fault(error)
        self.say(self.words("A fault of the console: {error}").format(error=said_by(error)))

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

    # --- keys and the palette -------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Stops and starts the reading; the clock and the age of the data go on."""
        self.paused = not self.paused
        if self.pane is not None:
            self.pane.draw_head()

    def action_tone(self) -> None:
        """The next theme."""
        names = list(THEMES)
        self._wear(names[(names.index(self.theme) + 1) % len(names)])

    def _wear(self, name: str) -> None:
        if not name:
            raise commanding.NoCommand(N_("{text}: there is no such theme"))
        self.theme = name
        self.memory.keep_theme(name)
        self.notify(self.words("Theme: {name}").format(name=self.words(THEMES[name])), markup=False, timeout=2)
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        for pane in self._panes.values():
            if pane.is_mounted:
                pane.set_class(self.theme.startswith("ansi"), "-ansi-console")
                pane.on_resize()
                for paper in pane.query(Paper):
                    paper.draw()

    def action_help(self) -> None:
        """What the present screen shows, and its keys."""
        pane = self.pane
        if pane is not None and self.screen is pane:
            self.push_screen(HelpDialog(pane.active_bindings, self.title_of(pane.place.screen), pane.ABOUT))

    def get_key_display(self, binding: Binding) -> str:
        """As Textual has it, without arrows: they are one or two cells wide, as the terminal likes."""
        shown = super().get_key_display(binding)
        for arrow, name in (("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right"), ("⏎", "Enter")):
            shown = shown.replace(arrow, name)
        return shown

    def action_help_quit(self) -> None:
        """Ctrl+C does not end a console: a copying hand would."""
        self.notify(self.words("Press q to quit."), markup=False)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=self.words("Search for a command"), id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: the keys of the present screen by their names, and the picture of the screen."""
        _ = self.words
        for active in keys_shown(screen.active_bindings, every=True):
            key = self.get_key_display(active.binding)
            runs = partial(self.run_action, active.binding.action, active.node)
            yield SystemCommand(active.binding.description, _("key {key}").format(key=key), runs)
        yield SystemCommand(_("Picture of the screen"), _("saves the screen as an SVG file"), self.action_picture)

    def action_picture(self) -> None:
        """Saves the screen as SVG where Textual puts deliveries (the downloads folder)."""
        self.set_timer(0.1, self.deliver_screenshot)


def _called(theme: str, _: Words) -> tuple[str, ...]:
    return theme, theme.removeprefix("textual-"), _(THEMES[theme])


def key_ids() -> dict[str, Binding]:
    """All actions that a keymap may name, with their usual keys."""
    owners = [kind.make for kind in SCREENS.values() if isinstance(kind.make, type)]
    return keys.ids_of(Console, Lines, Paper, *owners)


def _name(place: Place) -> str:
    return f"place-{abs(hash(place)):x}"
