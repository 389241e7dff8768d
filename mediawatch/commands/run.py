"""`run`: the daemon in the foreground. SIGTERM and SIGINT end it in order; SIGHUP reloads the settings as a whole."""

from __future__ import annotations

import logging
import os
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import click

from mediawatch.clock import SteadyClock, wall_clock
from mediawatch.commands.daily import daily_snapshot
from mediawatch.commands.ending import end_on_signals, leave_threads_behind, run_to_the_end
from mediawatch.commands.faces import open_faces
from mediawatch.commands.options import Busy, Stopped, loaded, log_to, paths
from mediawatch.commands.patience import wait_for_store
from mediawatch.commands.reloading import Reloading
from mediawatch.commands.standstill import standstills
from mediawatch.commands.worker import PLATFORMS, Seated, joined, work
from mediawatch.core import pinyin
from mediawatch.core.sites import HERE
from mediawatch.entering import enter_apart, is_large
from mediawatch.house import open_daemon, wires_of, writing_store
from mediawatch.memory import forget, giving_back, settle, share_one_heap
from mediawatch.settings import Loaded, SettingsError
from mediawatch.store.blobs import Blobs
from mediawatch.store.errors import StoreBusy, StoreError
from mediawatch.store.store import Store
from mediawatch.wires.supervisor import supervised

log = logging.getLogger("mediawatch")


@click.command()
@paths
@click.option("--cycles", type=click.IntRange(min=1), help="End after so many rounds of everything that is due.")
@click.option("--until-idle", is_flag=True, help="End when nothing is due and nothing is owed.")
@click.option("--site", help="As a worker of a fleet at that site, with the faces of a daemon (docs/fleet.md).")
@PLATFORMS
def run(
    accounts: Path | None,
    settings: Path | None,
    cycles: int | None,
    until_idle: bool,
    site: str | None,
    platforms: tuple[str, ...],
) -> None:
    """Run the daemon: watch all accounts until stopped."""
    from mediawatch.web.control import SocketTaken
    from mediawatch.web.face import CannotListen

    if site is None and platforms:
        raise Stopped("--platforms goes with --site")
    if site is not None and (cycles is not None or until_idle):
        raise Stopped("a worker of a fleet runs until it is stopped: no --cycles, no --until-idle")
    log_to(None)
    share_one_heap()
    try:
        large = site is None and is_large(accounts)
        apart = partial(enter_apart, accounts, settings) if large else None
        found = loaded(accounts, settings, known=True, warn=True, apart=apart, reached=wait_for_store)
        if site is not None:
            with joined(found, site, platforms, registers=True) as seated:
                run_to_the_end(_run(found, seated.store, accounts, settings, seated=seated))
            leave_threads_behind()
            return
        with writing_store(found, wall_clock()) as store:
            run_to_the_end(_run(found, store, accounts, settings, cycles, until_idle))
        leave_threads_behind()
    except SettingsError as error:
        raise Stopped(str(error)) from None
    except StoreBusy as error:
        raise Busy(str(error)) from None
    except (StoreError, SocketTaken, CannotListen) as error:
        raise Stopped(str(error)) from None


async def _run(
    found: Loaded,
    store: Store,
    accounts: Path | None,
    settings: Path | None,
    cycles: int | None = None,
    until_idle: bool = False,
    seated: Seated | None = None,
) -> None:
    answers = Blobs(found.settings.data_dir / "answers")
    http = wires_of(found.settings, answers, seated.seat if seated else None)
    place, clock = seated.place if seated else HERE, SteadyClock()
    async with open_daemon(found, store, clock, http, place=place) as daemon:
        end_on_signals(daemon.stop, found.settings.daemon.shutdown)
        reloading = Reloading(daemon, http, store, accounts, settings, enters=True)
        reloading.on_signal()

        async with standstills(), giving_back(), AsyncExitStack() as faces:
            reloading.also.append(await faces.enter_async_context(open_faces(found, daemon)))
            log.info("watching %d accounts", store.watched())
            forget(pinyin.LIBRARY)
            settle()
            async with supervised(lambda: daemon.last_notify_at is None or daemon.well(), os.environ, os.getpid()):
                if seated is not None:
                    await work(found, seated, daemon, http, reloading)
                else:
                    reloading.also.append(await faces.enter_async_context(daily_snapshot(found, clock)))
                    await daemon.run(cycles=cycles, until_idle=until_idle)
            log.info("stopped; every lease is given back")
