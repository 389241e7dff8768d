"""An act of the office from the command line: through the daemon where one runs, else under the lock taken here."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Stopped, loaded
from mediawatch.commands.printing import echo, json_line, narrate

if TYPE_CHECKING:
    from mediawatch.core.model import Value
    from mediawatch.settings import Loaded

F = TypeVar("F", bound=Callable[..., Any])


def actor(command: F) -> F:
    """`--by`, `--dry-run` and `--json` of a command that changes something."""
    command = click.option("--json", "json_", is_flag=True, help="The answer as one JSON object.")(command)
    command = click.option("--dry-run", is_flag=True, help="Show what would be; change nothing.")(command)
    return click.option("--by", default=getpass.getuser, help="Who does it (default: the login name).")(command)


def kept(found: Loaded, files: tuple[Path, ...], *, dry_run: bool) -> tuple[str, ...]:
    """Digests of files, which are kept with the answers (not where it is only a trial)."""
    import hashlib

    from mediawatch.store.blobs import Blobs

    blobs = Blobs(found.settings.data_dir / "answers")
    try:
        bodies = [file.read_bytes() for file in files]
        return tuple(hashlib.sha256(body).hexdigest() if dry_run else blobs.keep(body) for body in bodies)
    except OSError as error:
        raise Stopped(f"not taken: {error}") from None


def perform(
    accounts: Path | None, settings: Path | None, name: str, said: Value, by: str, *, dry_run: bool
) -> dict[str, Any]:
    """Does an act and returns its answer. Raises Stopped."""
    body = said.model_dump(mode="json", by_alias=True)
    return asyncio.run(performed(loaded(accounts, settings), name, body, by, dry_run=dry_run))


def tell(answer: dict[str, Any], says: str, *, dry_run: bool, json_: bool) -> None:
    """The answer as data, or a sentence to whoever sits there."""
    if json_:
        echo(json_line(answer))
    narrate(f"{'would be: ' if dry_run else ''}{says}")


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
