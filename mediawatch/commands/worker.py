"""`worker`: one more pair of hands for a fleet, beside an exit, a login or a bench of phones. It shows no face.

`run --site` is the same with the faces of a daemon, and enters the register.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediawatch.clock import SteadyClock, wall_clock
from mediawatch.commands.ending import end_on_signals, leave_threads_behind, run_to_the_end
from mediawatch.commands.options import Busy, Stopped, loaded, log_to, paths
from mediawatch.commands.standstill import standstills
from mediawatch.core.sites import Place, Seat, Site

if TYPE_CHECKING:
    from mediawatch.cluster.member import Member
    from mediawatch.commands.reloading import Reloading
    from mediawatch.daemon import Daemon
    from mediawatch.settings import Loaded
    from mediawatch.store.hold import Hold
    from mediawatch.store.store import Store
    from mediawatch.wires.http import Http

log = logging.getLogger("mediawatch")


class Platforms(click.ParamType[tuple[str, ...]]):
    """Names of platforms, parted by commas."""

    name = "NAME,NAME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        from mediawatch.platform_names import wrong_served

        names = tuple(filter(None, (name.strip() for name in str(value).split(","))))
        for name in names:
            if (wrong := wrong_served(name)) is not None:
                self.fail(wrong, param, ctx)
        return names


PLATFORMS = click.option(
    "--platforms", type=Platforms(), default="", help="Only these of the site's platforms; default: all of them."
)


@click.command()
@paths
@click.option("--site", required=True, help="The site at which it runs, by its name in the settings.")
@PLATFORMS
def worker(accounts: Path | None, settings: Path | None, site: str, platforms: tuple[str, ...]) -> None:
    """Work for a fleet at one site until stopped."""
    from mediawatch.commands.patience import wait_for_store
    from mediawatch.store.errors import StoreBusy, StoreError

    found = loaded(accounts, settings, warn=True)
    log_to(None)
    try:
        wait_for_store(found.settings.database)
        with joined(found, site, platforms) as seated:
            run_to_the_end(_work(found, seated, accounts, settings))
        leave_threads_behind()
    except StoreBusy as error:
        raise Busy(str(error)) from None
    except StoreError as error:
        raise Stopped(str(error)) from None


async def _work(found: Loaded, seated: Seated, accounts: Path | None, settings: Path | None) -> None:
    from mediawatch.commands.reloading import Reloading
    from mediawatch.house import open_daemon, wires_of
    from mediawatch.store.blobs import Blobs

    http = wires_of(found.settings, Blobs(found.settings.data_dir / "answers"), seated.seat)
    async with open_daemon(found, seated.store, SteadyClock(), http, place=seated.place) as daemon:
        end_on_signals(daemon.stop, found.settings.daemon.shutdown)
        reloading = Reloading(daemon, http, seated.store, accounts, settings, enters=False)
        reloading.on_signal()
        async with standstills():
            await work(found, seated, daemon, http, reloading)
        log.info("stopped; every lease is given back")


@dataclass(frozen=True)
class Seated:
    """A worker that has its seat. site: with the platforms that it serves here."""

    store: Store
    hold: Hold
    site: Site
    seat: Seat

    @property
    def place(self) -> Place:
        return Place(self.site.name, self.site.exit)


@contextmanager
def joined(found: Loaded, name: str, platforms: tuple[str, ...], *, registers: bool = False) -> Iterator[Seated]:
    """The store, held among the others of the fleet, and a seat at the site. registers: the register is entered in it.

    Raises Stopped where the settings know no such site, StoreBusy where all its seats are taken, StoreError.
    """
    from mediawatch.house import make_data_dir, sweep_up
    from mediawatch.register.enroll import enroll
    from mediawatch.settings_sites import sites_of
    from mediawatch.store.engine import read_url
    from mediawatch.store.errors import StoreBusy
    from mediawatch.store.hold import Hold
    from mediawatch.store.store import Store

    site = sites_of(found.settings.sites).get(name)
    if site is None:
        raise Stopped(f"the settings name no site {name!r}; they know: {', '.join(found.settings.sites) or 'none'}")
    if foreign := [one for one in platforms if not site.serves(one) and not _family(site, one)]:
        raise Stopped(f"{name} does not serve {', '.join(foreign)}; see `sites` in the settings")
    make_data_dir(found.settings)
    now = wall_clock()
    sweep_up(found.settings, now)
    with closing(Hold(read_url(found.settings.database), "among")) as hold:
        number = hold.seat(name, site.workers)
        if number is None:
            raise StoreBusy(f"{name} has all its workers ({site.workers}); `workers` of the site says how many")
        with closing(Store.open(found.settings.database, now=now)) as store:
            if registers:
                enroll(store, found, now)
            yield Seated(store, hold, replace(site, platforms=platforms or site.platforms), Seat(name, number))


def _family(site: Site, name: str) -> bool:
    """Whether the site serves all that a name of a family stands for, such as `wechat`."""
    from mediawatch.adapters import ADAPTERS
    from mediawatch.core.sites import belongs

    kinds = {adapter.platform or adapter.kind for adapter in ADAPTERS.values()}
    return any(belongs(kind, name) and site.serves(kind) for kind in kinds)


async def work(found: Loaded, seated: Seated, daemon: Daemon, http: Http, reloading: Reloading | None = None) -> None:
    """Works for the fleet until the daemon is asked to stop. Raises Stopped, StoreError.

    http: told of refusals that other workers met. reloading: tells the worker of new settings, so that it can say what
    it works by.
    """
    try:
        from mediawatch.cluster.jobs import layout
    except ModuleNotFoundError:
        raise Stopped("a fleet needs its engine: pip install 'mediawatch[cluster]'") from None
    from mediawatch.store.fleet import lay_out

    address = await asyncio.to_thread(lay_out, found.settings.database, layout())
    member = member_of(found, seated, daemon, http)
    if reloading is not None:
        reloading.also.append(lambda again: member.renew(edition_of(again)))
    log.info("%s, seat %d: %s", seated.site.name, seated.seat.number, ", ".join(member.queues))
    await member.run(address)


def member_of(found: Loaded, seated: Seated, daemon: Daemon, http: Http) -> Member:
    """The worker, put together from the settings."""
    from mediawatch.cluster.jobs import REPORTS, TELL, Part
    from mediawatch.cluster.member import Member
    from mediawatch.commands.daily import EVERY, write_if_due
    from mediawatch.house import ticks_of
    from mediawatch.settings_sites import sites_of

    async def snapshot() -> None:
        await asyncio.to_thread(write_if_due, found, daemon.clock())

    also = [(f"also_{number}", wait, tick) for number, (tick, wait) in enumerate(daemon.more_ticks)]
    part = Part(
        daemon=daemon,
        store=seated.store,
        sites=sites_of(found.settings.sites),
        ticks=ticks_of(found.settings),
        clock=daemon.clock,
        place=seated.place,
        refused=lambda platform, at: http.lane(platform).refused(at),
        chores={TELL: also, REPORTS: [("snapshot", timedelta(seconds=EVERY), snapshot)]},
    )
    block = found.settings.sites[seated.site.name]
    return Member(
        part, seated.hold, seated.site, seated.seat, edition_of(found), tells=block.tells, writes=block.reports
    )


def edition_of(found: Loaded) -> str:
    """A short name of what a worker was started with: workers of one fleet must have the same."""
    from mediawatch.register.origin import digests
    from mediawatch.setup import digest_of, told

    books = {name: book.edition for name, book in found.rulebooks.items()}
    return digest_of([books, digests(found.origin), told(found)])[:12]
