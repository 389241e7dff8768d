"""`demo` and `serve-sim`: the built-in simulator of the platforms, with or without the daemon and the console on it.

The demo is the main job on embedded defaults: SQLite in a folder of its own, the simulator on a loopback port, real
HTTP between them, and a clock that runs fast.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
import tempfile
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediawatch.clock import Clock, fast_clock, wall_clock
from mediawatch.commands.options import Moment, Stopped, locale_language, log_to
from mediawatch.commands.printing import board, echo, moment, narrate
from mediawatch.core.review import Choice
from mediawatch.core.rulebook import Language
from mediawatch.quantities import duration

if TYPE_CHECKING:
    from mediawatch.core.reading import Source
    from mediawatch.daemon import Daemon
    from mediawatch.tui.source import Acts, Keeps, Past

WORLD = "demo"
SPEED = 43_200.0  # a day in two seconds
FOR = "30s"  # without a terminal
_WINDOW = timedelta(days=2)  # of platform health: the clock runs a day in two seconds, looks stay hours apart


class Wait(click.ParamType[timedelta]):
    """A duration with its unit, such as 30s."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--speed", type=click.FloatRange(1, 1_000_000), default=SPEED, show_default=True, help="Times real time.")
@click.option("--for", "for_", type=Wait(), help=f"End after so long, such as 30s (without a terminal: {FOR}).")
@click.option("--world", default=WORLD, show_default=True, help="A world by name, or a file.")
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), help="Language; default: the locale's.")
def demo(speed: float, for_: timedelta | None, world: str, lang: str | None) -> None:
    """Watch a simulated world in which things go wrong, fast. Nothing outside this machine is asked."""
    shown = sys.stdout.isatty() and sys.stdin.isatty()
    wait = for_ or (None if shown else duration(FOR))
    spoken: Language = locale_language() if lang is None else "en" if lang == "en" else "zh_CN"
    with tempfile.TemporaryDirectory(prefix="mediawatch-demo-") as folder:
        log_to(Path(folder) / "demo.log")
        code = asyncio.run(_demo(Path(folder), world, speed, wait, spoken, shown))
    sys.exit(code)


async def _demo(
    folder: Path, world_name: str, speed: float, wait: timedelta | None, language: Language, shown: bool
) -> int:
    from mediawatch.commands.demo_office import keep_office
    from mediawatch.hindsight import as_it_stood
    from mediawatch.house import bodies_of, open_daemon, receiver_views, sessions_of, writing_store
    from mediawatch.settings import load
    from mediawatch.sim.device import SimDevices
    from mediawatch.sim.server import SimServer
    from mediawatch.sim.settings import settings_for
    from mediawatch.sim.world import WorldError, load_world
    from mediawatch.store.blobs import Blobs
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store

    clock = fast_clock(wall_clock(), speed)
    try:
        world = load_world(world_name, clock())
    except (WorldError, OSError) as error:
        raise Stopped(f"{world_name}: {error}") from None
    async with SimServer(world, clock) as server:
        accounts, settings = settings_for(world, server.base_url, server.urls)
        settings["language"] = language
        settings["database"] = f"sqlite:///{folder / 'mediawatch.db'}"
        settings["data_dir"] = str(folder / "data")
        settings["wire"]["rest"] = "500ms"
        # Intervals of the daemon are real time, leases are in the world's time, which runs ahead while a look waits.
        settings["daemon"] = {"tick": "100ms", "notify_tick": "250ms", "deliver_tick": "250ms", "lease": "30d"}
        _write(folder, accounts, settings)
        found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
        with writing_store(found, clock()) as store:
            async with open_daemon(
                found, store, clock, phone=lambda keeper, beside: SimDevices(world, beside, keeper)
            ) as daemon:
                running = asyncio.create_task(daemon.run())
                own = Store.open(found.settings.database, now=clock(), read_only=True)
                office = asyncio.create_task(
                    keep_office(Query(own, found.rulebooks, language), daemon.desk.office, clock)
                )
                reader = Store.open(found.settings.database, now=clock(), read_only=True)
                told = sessions_of(found.settings), receiver_views(found.settings)
                bodies = bodies_of(found, reader)
                query = Query(reader, found.rulebooks, language, *told, bodies=bodies)

                def past(at: datetime) -> AbstractContextManager[Source]:
                    return as_it_stood(reader, found.rulebooks, language, told[0], at, bodies=bodies)

                try:
                    if shown:
                        keep = Blobs(found.settings.data_dir / "answers").keep
                        acts = acts_of(daemon, clock, keep)
                        code = await _console(query, acts, past, clock, language, world.definition.name, wait)
                    else:
                        code = await _watch(query, clock, running, wait or duration(FOR), language)
                finally:
                    office.cancel()
                    daemon.stop()
                    for task in (office, running):
                        with suppress(asyncio.CancelledError):
                            await task
                    reader.close()
                    own.close()
    return code


async def _console(
    query: Any, acts: Acts, past: Past, clock: Clock, language: Language, title: str, wait: timedelta | None
) -> int:
    from mediawatch.tui.app import Console
    from mediawatch.tui.look import Look

    console = Console(query, acts, clock, language, title=title, refresh=0.5, past=past, look=Look(window=_WINDOW))
    if wait is not None:
        asyncio.get_running_loop().call_later(wait.total_seconds(), console.exit)
    await console.run_async()
    return console.return_code or 0


def acts_of(daemon: Daemon, clock: Clock, keep: Keeps | None = None) -> Acts:
    """All that the console may do, through a daemon in this process and on its clock."""
    from mediawatch.commands.attached import muted
    from mediawatch.tui.source import Acts

    async def acknowledge(alert: str, by: str, note: str) -> None:
        await daemon.desk.acknowledge(alert, by, note)

    async def decide(alert: str, choice: Choice, by: str, reason: str) -> None:
        await daemon.desk.review(alert, choice, by, reason, None)

    async def mute(account: str, by: str, reason: str) -> None:
        await daemon.desk.silence(muted(account, by, reason, clock()))

    async def office(name: str, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        return await daemon.desk.office(name, json.dumps(said).encode(), by, dry_run=dry_run)

    return Acts(acknowledge, decide, mute, office, keep)


async def _watch(query: Any, clock: Clock, running: asyncio.Task[None], wait: timedelta, language: Language) -> int:
    """No terminal: runs for a while, then prints the board as text."""
    narrate(f"no terminal: watching the simulated world for {wait.total_seconds():g} s, then printing the board")
    await asyncio.wait({running}, timeout=wait.total_seconds())
    if running.done():
        running.result()
    now = clock()
    counts = await asyncio.to_thread(query.counts, now)
    rows = await asyncio.to_thread(lambda: tuple(query.rows(now)))
    echo(board(rows, language))
    echo("")
    cases = await asyncio.to_thread(query.cases, now)
    told = ", ".join(f"{one.value} {number}" for one, number in counts.by_standing.items())
    echo(f"{moment(now)}  {told}  alerts {counts.alerts_open}  cases {len(cases)}")
    return 0


@click.command("serve-sim")
@click.option("--world", default=WORLD, show_default=True, help="A world by name, or a file.")
@click.option("--port", type=click.IntRange(0, 65535), default=8399, show_default=True, help="0: any free port.")
@click.option(
    "--speed", type=click.FloatRange(0.001, 1_000_000), default=1.0, show_default=True, help="Times real time."
)
@click.option("--starts-at", type=Moment(), help="The instant at which the world begins (default: the present).")
@click.option("--write", type=click.Path(file_okay=False, path_type=Path), help="Write settings for this world here.")
def serve_sim(world: str, port: int, speed: float, starts_at: datetime | None, write: Path | None) -> None:
    """Run the platform simulator alone, on a loopback port, until interrupted."""
    log_to(None, logging.WARNING)
    asyncio.run(_serve(world, port, speed, starts_at, write))


async def _serve(name: str, port: int, speed: float, starts_at: datetime | None, write: Path | None) -> None:
    from mediawatch.sim.adb import AdbServer, WorldPhone
    from mediawatch.sim.server import SimServer
    from mediawatch.sim.settings import settings_for
    from mediawatch.sim.world import WorldError, load_world

    begins = starts_at or wall_clock()
    clock = fast_clock(begins, speed)
    try:
        world = load_world(name, begins)
    except (WorldError, OSError) as error:
        raise Stopped(f"{name}: {error}") from None
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with SimServer(world, clock, port=port) as server, AdbServer(WorldPhone(world, clock)) as phone:
        if write is not None:
            accounts, settings = settings_for(world, server.base_url, server.urls)
            settings["wire"]["adb"] = phone.address
            _write(write, accounts, settings)
        echo(server.base_url)
        sys.stdout.flush()
        await stop.wait()


def _write(folder: Path, accounts: dict[str, Any], settings: dict[str, Any]) -> None:
    """The two files of a world, for nobody else's eyes: the second holds the sink's secret. JSON is YAML."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in (("accounts.yaml", accounts), ("mediawatch.yaml", settings)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
