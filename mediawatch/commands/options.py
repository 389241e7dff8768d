"""The options that several commands share, and how their values become settings, stores and queries."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mediawatch.clock import wall_clock

if TYPE_CHECKING:
    from mediawatch.core.rulebook import Language
    from mediawatch.settings import Loaded
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

F = TypeVar("F", bound=Callable[..., Any])

USAGE = 2
VARIABLE = "MEDIAWATCH_TOKEN"  # holds the token of a far daemon
BUSY = 4


class Stopped(click.ClickException):
    """One clear message, and exit code 2."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), err=True)


class Busy(Stopped):
    """Another process holds the store."""

    exit_code = BUSY


class NoStore(Stopped):
    """There is no store yet."""


class Moment(click.ParamType[datetime]):
    """An ISO 8601 instant with its zone, such as 2021-06-19T15:32:00+08:00."""

    name = "ISO8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO 8601 instant, such as 2021-06-19T15:32:00+08:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} names no zone; write 2021-06-19T15:32:00+08:00", param, ctx)
        return moment.astimezone(UTC)


def paths(command: F) -> F:
    """`--accounts` and `--settings`."""
    path = click.Path(dir_okay=False, path_type=Path)
    command = click.option("--settings", type=path, help="Default: mediawatch.yaml, if it is there.")(command)
    return click.option("--accounts", type=path, help="Default: accounts.yaml.")(command)


class Instant(Moment):
    """An ISO 8601 instant with its zone, or a day in Shanghai: its first instant, or its last second (`ends`)."""

    name = "DAY|ISO8601"

    def __init__(self, *, ends: bool = False) -> None:
        self._ends = ends

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from mediawatch.core.calendar import midnight_after, midnight_of

        text = str(value)
        if len(text) != len("2026-03-01"):
            return super().convert(value, param, ctx)
        try:
            day = date.fromisoformat(text)
            first = midnight_of(day)
            return (midnight_after(day) - timedelta(seconds=1) if self._ends else first).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no day such as 2026-03-01", param, ctx)


class Lasts(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A length of time: `8h`, `3d`."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        from mediawatch.quantities import duration, longer_than_nothing

        try:
            return longer_than_nothing(duration(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def files(command: F) -> F:
    """`--accounts` and `--settings`, and `--lang` for a command that shows text."""
    lang = click.option(
        "--lang", type=click.Choice(["zh_CN", "en"]), help="Language; default: the settings', else the locale's."
    )
    return paths(lang(command))


def remote_options(command: F) -> F:
    """`--url` and `--token-file`."""
    url = click.option("--url", metavar="URL", help="A daemon's address (its `web.url`) instead of the store here.")
    token = click.option(
        "--token-file",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"The token is in this file; default: the environment variable {VARIABLE}.",
    )
    return url(token(command))


def as_json(command: F) -> F:
    """`--json`: one object a line."""
    return click.option("--json", "json_", is_flag=True, help="One JSON object a line.")(command)


def loaded(
    accounts: Path | None,
    settings: Path | None,
    *,
    known: bool = False,
    warn: bool = False,
    apart: Callable[[], object] | None = None,
    reached: Callable[[str], None] = lambda address: None,
) -> Loaded:
    """The settings, or exit 2 with the whole list of problems.

    known: a register that the store holds already is not read again, and one that has to be is read by `apart`, where
    that is given; `reached` may wait for the store: see `house.load_known`. warn: what is odd and no problem is
    narrated: for commands that watch, or are about the register, and not at each of the others.
    """
    from mediawatch.house import load_known
    from mediawatch.settings import SettingsError, load

    try:
        found = (
            load_known(accounts, settings, os.environ, apart=apart, reached=reached)
            if known
            else load(accounts, settings, os.environ)
        )
    except SettingsError as error:
        raise Stopped(str(error)) from None
    for warning in found.warnings if warn else ():
        click.echo(f"{warning} (warning)", err=True)
    return found


def language(lang: str | None, found: Loaded) -> Any:
    """The language of the output: the one asked for, else the settings', else the locale's."""
    if lang is None and "language" not in found.settings.model_fields_set:
        return locale_language()
    return lang or found.settings.language


def locale_language() -> Language:
    """English where the locale says so; Chinese everywhere else, for that is whom this is made for."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if spoken.lower().startswith("en") else "zh_CN"


@contextmanager
def reading(accounts: Path | None, settings: Path | None, lang: str | None) -> Iterator[tuple[Query, Store, Loaded]]:
    """A query on the store, for commands that only show. Exit 2 where there is no store yet."""
    from mediawatch.house import bodies_of, receiver_views, sessions_of
    from mediawatch.store.errors import NoDatabase, StoreError
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

    found = loaded(accounts, settings, known=True)
    try:
        store = Store.open(found.settings.database, now=wall_clock(), read_only=True)
    except NoDatabase:
        raise NoStore("there is no store yet: run `mediawatch once` or `mediawatch run` first") from None
    except StoreError as error:
        raise Stopped(str(error)) from None
    try:
        told = sessions_of(found.settings), receiver_views(found.settings)
        yield Query(store, found.rulebooks, language(lang, found), *told, bodies=bodies_of(found, store)), store, found
    finally:
        store.close()


def log_to(stream_or_file: Path | None, level: int = logging.INFO) -> None:
    """Log lines to stderr, or to a file where the terminal belongs to the console."""
    target: logging.Handler
    if stream_or_file is None:
        target = logging.StreamHandler(sys.stderr)
    else:
        stream_or_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = logging.FileHandler(stream_or_file, encoding="utf-8")
    target.setFormatter(_OneLine("%(asctime)s %(levelname)-7s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"))
    logger = logging.getLogger("mediawatch")
    logger.handlers[:] = [target]
    logger.setLevel(level)
    logger.propagate = False
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for engine in (
        "procrastinate",
        "psycopg.pool",
        "psycopg",
    ):  # what fails of a fleet's jobs is logged by the jobs themselves
        logging.getLogger(engine).setLevel(logging.CRITICAL)


class _OneLine(logging.Formatter):
    """A log line is one line: what came from outside cannot forge another, nor move the cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        message = super().formatMessage(record)
        return "".join(letter if letter.isprintable() else " " for letter in message)
