"""`tui`: the console on the store, or on a daemon far away. It reads there and acts through the daemon."""

from __future__ import annotations

import gc
import getpass
import os
import sys
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.attached import attached
from mediawatch.commands.options import Stopped, files, remote_options


@click.command()
@files
@remote_options
@click.option("--refresh", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True, help="Seconds.")
@click.option("--read-only", is_flag=True, help="Show only; change nothing.")
@click.option("--by", default=getpass.getuser, help="Who acts (default: the login name).")
def tui(
    accounts: Path | None,
    settings: Path | None,
    lang: str | None,
    url: str | None,
    token_file: Path | None,
    refresh: float,
    read_only: bool,
    by: str,
) -> None:
    """Open the console on the store, or with --url on a daemon's."""
    in_browser = "TEXTUAL_DRIVER" in os.environ  # `serve` speaks to us through pipes
    if not in_browser and not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise Stopped("the console needs a terminal; `mediawatch accounts list` prints the board as text")
    from mediawatch.tui.app import Console, key_ids
    from mediawatch.tui.keys import faults
    from mediawatch.tui.look import Look
    from mediawatch.tui.memory import Memory

    with attached(accounts, settings, lang, url, token_file) as to:
        if wrong := faults(to.console.keymap, key_ids()):
            raise Stopped("\n".join(f"console.keymap: {line}" for line in wrong))
        console = Console(
            to.source,
            to.acts,
            wall_clock,
            to.language,
            title=to.title,
            refresh=refresh,
            read_only=read_only or to.read_only,
            by=by,
            past=to.past,
            look=Look(**to.console.model_dump()),
            memory=Memory(state_file(), to.title or str(Path.cwd())),
        )
        gc.freeze()  # what was loaded stays: the collector need not go through it between two keys
        console.run()
    sys.exit(console.return_code or 0)


def state_file() -> Path:
    """Where the console remembers what it was like, in the user's state folder (XDG)."""
    folder = os.environ.get("XDG_STATE_HOME") or ""
    return (Path(folder) if folder.startswith("/") else Path.home() / ".local/state") / "mediawatch" / "console.json"
