"""`tui`: the console on the store. It reads the store itself and acts through the daemon."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from mediawatch.clock import wall_clock
from mediawatch.commands.alerts import acknowledge
from mediawatch.commands.options import Stopped, files, language, reading
from mediawatch.commands.review import decide
from mediawatch.core.review import Choice


@click.command()
@files
@click.option("--refresh", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True, help="Seconds.")
@click.option("--read-only", is_flag=True, help="Show only; change nothing.")
def tui(accounts: Path | None, settings: Path | None, lang: str | None, refresh: float, read_only: bool) -> None:
    """Open the console on the store."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise Stopped("the console needs a terminal; `mediawatch accounts list` prints the board as text")
    from mediawatch.tui.app import Console

    with reading(accounts, settings, lang) as (query, _, found):

        async def acts(alert: str, by: str, note: str) -> None:
            await acknowledge(found, alert, by, note)

        async def decides(alert: str, choice: Choice, by: str, reason: str) -> None:
            await decide(found, alert, choice, by, reason)

        console = Console(
            query,
            acts,
            wall_clock,
            language(lang, found),
            refresh=refresh,
            read_only=read_only,
            by=getpass.getuser(),
            decides=decides,
        )
        console.run()
    sys.exit(console.return_code or 0)
