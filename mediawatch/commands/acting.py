"""An act of the office from the command line: through the daemon where one runs, else under the lock taken here."""

from __future__ import annotations

import asyncio
import functools
import getpass
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Stopped, loaded, paths
from mediawatch.commands.printing import echo, json_line, narrate

if TYPE_CHECKING:
    from mediawatch.settings import Loaded

Command = Callable[..., None]


@dataclass(frozen=True)
class Acting:
    """Who acts, on which files; whether it is only a trial, and whether the answer is told as data."""

    accounts: Path | None
    settings: Path | None
    by: str
    dry_run: bool
    json: bool

    @cached_property
    def found(self) -> Loaded:
        """The settings, read once."""
        return loaded(self.accounts, self.settings)

    def does(self, name: str, /, **said: Any) -> dict[str, Any]:
        """Does an act and returns its answer. What is `None` was not said. Raises Stopped, in words."""
        given = {key: value for key, value in said.items() if value is not None}
        return asyncio.run(performed(self.found, name, given, self.by, dry_run=self.dry_run))

    def keeps(self, files: tuple[Path, ...]) -> list[str]:
        """Digests of files, which are kept with the answers (not where it is only a trial)."""
        import hashlib

        from mediawatch.store.blobs import Blobs

        blobs = Blobs(self.found.settings.data_dir / "answers")
        try:
            bodies = [file.read_bytes() for file in files]
            return [hashlib.sha256(body).hexdigest() if self.dry_run else blobs.keep(body) for body in bodies]
        except OSError as error:
            raise Stopped(f"not taken: {error}") from None

    def tells(self, answer: dict[str, Any], says: str) -> None:
        """The answer as data, or a sentence to whoever sits there."""
        if self.json:
            echo(json_line(answer))
        narrate(f"{'would be: ' if self.dry_run else ''}{says}")


def acting(command: Command) -> Command:
    """The options of a command that changes something, given to it as its first argument, an `Acting`."""

    @functools.wraps(command)
    def packed(accounts: Path | None, settings: Path | None, by: str, dry_run: bool, json_: bool, **given: Any) -> None:
        command(Acting(accounts, settings, by, dry_run, json_), **given)

    packed = click.option("--json", "json_", is_flag=True, help="The answer as one JSON object.")(packed)
    packed = click.option("--dry-run", is_flag=True, help="Show what would be; change nothing.")(packed)
    packed = click.option("--by", default=getpass.getuser, help="Who does it (default: the login name).")(packed)
    return paths(packed)


async def performed(found: Loaded, name: str, body: dict[str, Any], by: str, *, dry_run: bool) -> dict[str, Any]:
    """The same with what is said as JSON data, for a face that waits. Raises Stopped."""
    from mediawatch.house import policy_of, socket_path, writing_store
    from mediawatch.office import act
    from mediawatch.store.errors import StoreBusy, StoreError
    from mediawatch.wires import control

    try:
        return await control.office(socket_path(found.settings), name, body, by, dry_run)
    except control.ControlRefused as error:
        raise Stopped(str(error)) from None
    except control.NoDaemon:

        def here() -> dict[str, Any]:
            now = wall_clock()
            with writing_store(found, now, beside=True) as store:
                words = json.dumps(body).encode()
                return act(store, policy_of(found), name, words, by, now, dry_run=dry_run)

        try:
            return await asyncio.to_thread(here)  # judging a sample takes long, and a face must go on
        except StoreBusy as error:
            raise Busy(str(error)) from None
        except StoreError as error:
            raise Stopped(str(error)) from None
        except KeyError as error:
            raise Stopped(f"there is no {error.args[0]}") from None
        except ValueError as error:
            raise Stopped(str(error)) from None
