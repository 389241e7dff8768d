"""What all listing commands share: which record, narrowed how, in which order, printed as what.

Data goes to stdout whole, narration to stderr. The filter is the console's own, read by the same parser.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Instant, NoStore, Stopped, files, language, loaded, remote_options
from mediawatch.commands.printing import echo, json_line, table
from mediawatch.core.filtering import ACCOUNT_KEYS, Filter, FilterProblem, read
from mediawatch.core.formulas import neutral
from mediawatch.core.model import Value
from mediawatch.core.narrowed_lists import Narrowed
from mediawatch.core.reading import EVERYTHING, Source
from mediawatch.core.rulebook import Language
from mediawatch.core.text import clean
from mediawatch.core.views import AlertView, Row

if TYPE_CHECKING:
    from mediawatch.settings import Loaded
    from mediawatch.tui.source import Past

F = TypeVar("F", bound=Callable[..., Any])
ViewT = TypeVar("ViewT", bound=Value)
Form = Literal["table", "json", "csv"]
_WINDOW = 500


@dataclass(frozen=True)
class Column(Generic[ViewT]):
    """A column of a listing: its head in both languages, its text, and the most cells of it in a table (0: all)."""

    zh_CN: str
    en: str
    text: Callable[[ViewT, Language], str]
    most: int = 0

    def head(self, language: Language) -> str:
        return self.zh_CN if language == "zh_CN" else self.en


@dataclass(frozen=True)
class Listing:
    """What was asked for on the command line, and where: `now` is the instant that is shown."""

    source: Source
    now: datetime
    only: Filter
    sort: str
    descending: bool
    language: Language
    form: Form

    def rows(self) -> Iterator[Row]:
        """Every account that is asked for, a window at a time."""
        after = ""
        while True:
            page = self.source.page(
                self.now, limit=_WINDOW, only=self.only, sort=self.sort, descending=self.descending, after=after
            )
            yield from page.rows
            if len(page.rows) < _WINDOW:
                return
            after = page.last

    def alerts(self, live_only: bool) -> Iterator[AlertView]:
        """Every alert that is asked for, likewise."""
        offset = 0
        while True:
            page = self.source.alert_page(
                self.now, only=self.only, live_only=live_only, sort=self.sort, descending=self.descending,
                offset=offset, limit=_WINDOW,
            )  # fmt: skip
            yield from page.alerts
            if len(page.alerts) < _WINDOW:
                return
            offset += _WINDOW

    def of(self, narrowed: Narrowed[ViewT], views: Iterable[ViewT]) -> list[ViewT]:
        """Those of a list that is read whole which were asked for, in the order asked for."""
        return narrowed.of(views, self.only, self.sort, descending=self.descending)

    def page(self, view: ViewT, says: Callable[[ViewT, Language], str], trace: tuple[Any, Iterable[Any]]) -> None:
        """One thing as it is: an object, a page of text, or as CSV the lines of its trace (their columns, and they)."""
        if self.form == "csv":
            self.show(*trace)
        else:
            echo(json_line(view) if self.form == "json" else says(view, self.language))

    def show(self, columns: Sequence[Column[ViewT]], views: Iterable[ViewT]) -> None:
        """Prints them all: objects, lines of CSV, or a table."""
        if self.form == "json":
            for view in views:
                echo(json_line(view))
            return
        heads = [column.head(self.language) for column in columns]
        rows = ([column.text(view, self.language) for column in columns] for view in views)
        if self.form == "table":
            echo(table(heads, rows, most=[column.most for column in columns]))
            return
        echo(_csv(heads))
        for row in rows:
            echo(_csv([neutral(clean(cell, 2000)) for cell in row]))


def _csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def listing(
    *,
    keys: Collection[str] | None = ACCOUNT_KEYS,
    sorts: Sequence[str] = (),
    first: str = "",
    falls: bool = False,
    storeless: Callable[[Loaded], Any] | None = None,
) -> Callable[[F], F]:
    """The options of a listing command, which is given one `Listing` in their place.

    keys: the labels of its filter; `None` where there is nothing to narrow. sorts: its orders, of which `first` is the
    one without a word, and `falls` its direction. storeless: what answers where there is no store yet, if anything can.
    """

    def give(command: F) -> F:
        @functools.wraps(command)
        def run(
            accounts: Path | None,
            settings: Path | None,
            lang: str | None,
            url: str | None,
            token_file: Path | None,
            as_of: datetime | None,
            form: Form | None,
            **more: Any,
        ) -> None:
            from mediawatch.commands.attached import attached

            text, sort, reverse = more.pop("filter_", ""), more.pop("sort", first), more.pop("reverse", False)
            only = _filter(text, keys) if keys is not None and text else EVERYTHING
            with ExitStack() as kept:
                now = as_of or wall_clock()
                try:
                    to = kept.enter_context(attached(accounts, settings, lang, url, token_file))
                    source = to.source if as_of is None else kept.enter_context(_past(to.past, as_of))
                    spoken = to.language
                except NoStore:
                    if storeless is None or as_of is not None:
                        raise
                    found = loaded(accounts, settings)
                    source, spoken = storeless(found), language(lang, found)
                asked = Listing(source, now, only, sort, reverse is not falls, spoken, form or "table")
                with _plainly():
                    command(asked, **more)

        given: Any = run
        for option in reversed(_options(keys is not None, sorts, first)):
            given = option(given)
        return cast(F, files(remote_options(given)))

    return give


def _options(narrowed: bool, sorts: Sequence[str], first: str) -> list[Any]:
    found: list[Any] = []
    if narrowed:
        says = "Narrows the list, as after `/` in the console."
        found.append(click.option("--filter", "filter_", metavar="TEXT", default="", help=says))
    if sorts:
        found.append(click.option("--sort", type=click.Choice(list(sorts)), default=first, show_default=True))
        found.append(click.option("--reverse", is_flag=True, help="The other way round."))
    says = "A day, or an instant with its zone: as it stood then."
    found.append(click.option("--as-of", type=Instant(ends=True), help=says))
    forms = (("json", "One JSON object a line."), ("csv", "Lines of CSV."), ("table", "Columns of text; the default."))
    found += [click.option(f"--{form}", "form", flag_value=form, default=None, help=says) for form, says in forms]
    return found


def _filter(text: str, keys: Collection[str]) -> Filter:
    try:
        return read(text, keys)
    except FilterProblem as problem:
        raise Stopped(f"--filter: {problem}") from None


@contextmanager
def _past(past: Past | None, at: datetime) -> Iterator[Source]:
    if past is None or at > wall_clock():
        raise Stopped("--as-of: that instant is not yet" if past else "--as-of: there is no way to the past from here")
    with _plainly(), past(at) as source:
        yield source


@contextmanager
def _plainly() -> Iterator[None]:
    """What the record or a far daemon refuses is one clear message."""
    from mediawatch.rejudge import NoBook
    from mediawatch.store.errors import StoreError
    from mediawatch.wires.remote import RemoteFailed

    try:
        yield
    except (RemoteFailed, StoreError, NoBook, ValueError) as error:
        raise Stopped(str(error)) from None
