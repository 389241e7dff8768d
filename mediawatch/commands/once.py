"""`once`: one look at every target, one line for each account, an exit code that scripts can use. It tells nobody."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import datetime
from pathlib import Path

import click

from mediawatch.clock import stopped_clock, wall_clock
from mediawatch.commands.options import Busy, Moment, Stopped, as_json, files, language, loaded, log_to
from mediawatch.commands.printing import echo, json_line, once_line
from mediawatch.commands.progress import progress_bar
from mediawatch.core.model import Outcome
from mediawatch.house import open_daemon, writing_store
from mediawatch.settings import Loaded
from mediawatch.store.errors import StoreBusy, StoreError
from mediawatch.store.query import Query
from mediawatch.store.store import Store

FAIL = 1
UNKNOWN = 3


@click.command()
@files
@click.option("--now", type=Moment(), help="Judge as of this instant (default: the present).")
@as_json
def once(accounts: Path | None, settings: Path | None, lang: str | None, now: datetime | None, json_: bool) -> None:
    """Look at every target once, judge, print one line for each account.

    Exit 0: all pass or at risk. 1: at least one fail, or one to check. 3: something unknown. 2: settings or usage.
    """
    found = loaded(accounts, settings, known=True, warn=True)
    log_to(None, logging.WARNING)
    at = now or wall_clock()
    spoken = language(lang, found)
    try:
        with writing_store(found, at) as store:
            asyncio.run(_sweep(found, store, at))
            rows = tuple(Query(store, found.rulebooks, spoken).rows(at))
    except StoreBusy as error:
        raise Busy(str(error)) from None
    except StoreError as error:
        raise Stopped(str(error)) from None
    for row in rows:
        echo(json_line(row) if json_ else once_line(row, spoken))
    outcomes = {row.outcome for row in rows}
    sys.exit(FAIL if Outcome.FAIL in outcomes else UNKNOWN if Outcome.UNKNOWN in outcomes else 0)


async def _sweep(found: Loaded, store: Store, at: datetime) -> None:
    async with open_daemon(found, store, stopped_clock(at)) as daemon:
        with progress_bar("looking") as progress:
            await daemon.sweep(progress)
        await daemon.end()
