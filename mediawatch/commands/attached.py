"""What a face is attached to: the store on this machine, or a daemon's API with a token. Its record, and its acts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.acting import performed
from mediawatch.commands.alerts import acknowledge
from mediawatch.commands.one_act import acted
from mediawatch.commands.options import VARIABLE, Stopped, language, reading
from mediawatch.commands.register_acts import RegisterActs
from mediawatch.commands.review import decide
from mediawatch.core.reading import Source
from mediawatch.core.review import Choice
from mediawatch.core.rulebook import Language
from mediawatch.core.silences import Matcher, Wanted
from mediawatch.settings_values import ConsoleSettings
from mediawatch.tui.source import Acts, Past
from mediawatch.wires import control

if TYPE_CHECKING:
    from mediawatch.settings import Loaded
    from mediawatch.store.store import Store

F = TypeVar("F", bound=Callable[..., object])
_MOST = 4096
_USUAL = ConsoleSettings()


@dataclass(frozen=True)
class Attached:
    """title: whose record it is, where it is not the one of this machine. read_only: nobody may act through it.

    past: the record as it stood at an instant, where there is a way to it. console: as the settings here want it.
    """

    source: Source
    acts: Acts
    language: Language
    title: str = ""
    read_only: bool = False
    past: Past | None = None
    console: ConsoleSettings = _USUAL


@contextmanager
def attached(
    accounts: Path | None, settings: Path | None, lang: str | None, url: str | None, token_file: Path | None
) -> Iterator[Attached]:
    """Raises Stopped where there is no store, no daemon, or no token that it takes."""
    if url is not None:
        yield _remote(url, token_of(token_file))
        return
    with reading(accounts, settings, lang) as (query, store, found):
        spoken = language(lang, found)
        register = RegisterActs(accounts, settings, spoken, lambda: _as_it_is(accounts, settings))
        yield Attached(
            query,
            replace(_acts_here(found), register=register.act, differences=register.differences),
            spoken,
            past=_past(store, found, lang),
            console=found.settings.console,
        )


def _as_it_is(accounts: Path | None, settings: Path | None) -> Loaded:
    """The files as they are now. Nothing is printed: the screen is a console's. Raises Stopped."""
    from mediawatch.settings import SettingsError, load

    try:
        return load(accounts, settings, os.environ)
    except SettingsError as error:
        raise Stopped(str(error)) from None


def _acts_here(found: Loaded) -> Acts:
    """Through the daemon of this machine, or with the store's lock taken here where none runs."""
    from mediawatch import people
    from mediawatch.store.blobs import Blobs

    async def acknowledged(alert: str, by: str, note: str) -> None:
        await acknowledge(found, alert, by, note)

    async def decided(alert: str, choice: Choice, by: str, reason: str) -> None:
        await decide(found, alert, choice, by, reason)

    async def mute(account: str, by: str, reason: str) -> None:
        wanted = muted(account, by, reason, wall_clock())
        body = wanted.model_dump(mode="json")
        now = wall_clock()
        await acted(
            found, lambda path: control.silence(path, body), lambda store: people.silence(store, wanted, now), ""
        )

    async def office(name: str, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        return await performed(found, name, said, by, dry_run=dry_run)

    return Acts(acknowledged, decided, mute, office, Blobs(found.settings.data_dir / "answers").keep)


def muted(account: str, by: str, reason: str, now: datetime) -> Wanted:
    """A silence of a day for one account, from now on."""
    matcher = Matcher(place="account", value=account)
    return Wanted(matchers=(matcher,), by=by, comment=reason, ends_at=now + timedelta(days=1))


def _past(store: Store, found: Loaded, lang: str | None) -> Past:
    from mediawatch.hindsight import as_it_stood
    from mediawatch.house import bodies_of, sessions_of

    spoken, sessions = language(lang, found), sessions_of(found.settings)
    bodies = bodies_of(found, store)
    return lambda at: as_it_stood(store, found.rulebooks, spoken, sessions, at, bodies=bodies)


def token_of(file: Path | None) -> str:
    """The token from that file, or from the environment. Raises Stopped; no message holds a part of it."""
    if file is not None:
        try:
            with file.open("rb") as stream:
                token = stream.read(_MOST).decode().strip()
        except OSError as error:
            raise Stopped(f"{file}: the token cannot be read: {error.strerror or type(error).__name__}") from None
        except ValueError:
            raise Stopped(f"{file}: holds no token") from None
        if token and "\n" not in token:
            return token
        raise Stopped(f"{file}: must hold one token and nothing else")
    if token := os.environ.get(VARIABLE, "").strip():
        return token
    raise Stopped(f"a token is needed: set {VARIABLE}, or name a file with --token-file")


def _remote(url: str, token: str) -> Attached:
    from mediawatch.wires.remote import RemoteFailed, open_past, open_source

    if url.startswith("http://") and not _loopback(url):
        click.echo(f"{url}: not encrypted; whoever listens on the way reads the token (use https)", err=True)
    try:
        door = control.Remote(url, token)
        source, greeting = open_source(door)
    except (RemoteFailed, KeyError) as error:
        raise Stopped(str(error.args[0])) from None

    async def acknowledged(alert: str, by: str, note: str) -> None:
        await control.acknowledge(door, alert, by, note)

    async def decided(alert: str, choice: Choice, by: str, reason: str) -> None:
        await control.review(door, alert, choice, by, reason, None)

    spoken: Language = "en" if greeting.language == "en" else "zh_CN"

    async def mute(account: str, by: str, reason: str) -> None:
        await control.silence(door, muted(account, by, reason, wall_clock()).model_dump(mode="json"))

    async def office(name: str, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        return await control.office(door, name, said, by, dry_run)

    def then(at: datetime) -> AbstractContextManager[Source]:
        return nullcontext(open_past(door, at))

    acts = Acts(acknowledged, decided, mute, office)
    return Attached(source, acts, spoken, title=url, read_only=greeting.scope == "read", past=then)


def _loopback(url: str) -> bool:
    from urllib.parse import urlsplit

    from mediawatch.settings_web import is_loopback

    return is_loopback(urlsplit(url).hostname or "")
