"""The jobs of a fleet: who does what, in which queue, one at a time or side by side.

A job holds nothing that is not in the store: it is a word that something is due, and may be lost, repeated or run late.
What a job leases it leases under the token that the job names, so that whoever finds it stalled frees just that.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status
from procrastinate.schema import SchemaManager

from mediawatch.clock import Clock
from mediawatch.core.sites import Place, Site, kind_of
from mediawatch.daemon import MOST_BATCHED, Daemon
from mediawatch.deliver import robot_of
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.store import Store
from mediawatch.ticks import Ticks

log = logging.getLogger("mediawatch")
TICKS, TELL, REPORTS = "ticks", "tell", "reports"
HEARTBEAT, STALLED = 5.0, 20.0  # seconds between two signs of life of a worker; without one, until it counts as dead
BANNED = timedelta(minutes=30)  # for how long a refusal counts that no answer followed
_FIRST = 10  # priority of what deals out the rest
Chore = tuple[str, timedelta, Callable[[], Awaitable[object]]]
"""Something done once per `timedelta` over the fleet, under a name of its own."""


@dataclass(frozen=True)
class Part:
    """What one worker has to work with. sites: of the whole fleet. chores: told (`TELL`) or written (`REPORTS`).
    place: its own. refused: told when a platform refused another worker behind its exit. unheard: tokens of jobs whose
    word from the database was cut off: something may be leased under them of which nobody here knows."""

    daemon: Daemon
    store: Store
    sites: Mapping[str, Site]
    ticks: Ticks
    clock: Clock
    chores: Mapping[str, Iterable[Chore]]
    place: Place
    refused: Callable[[str, datetime], None]
    unheard: set[str] = field(default_factory=set)


def looks_queue(site: str, platform: str) -> str:
    """The queue of a site for one kind of platform: an exit, a login, a bench of phones belong to those beside it."""
    return f"looks/{site}/{kind_of(platform)}"


def every(wait: timedelta) -> str:
    """The same as a cron line, with seconds in the last place; from a second to an hour."""
    seconds = max(1, min(3600, round(wait.total_seconds())))
    if seconds < 60:
        return f"* * * * * */{seconds}"
    return f"*/{seconds // 60} * * * *" if seconds < 3600 else "0 * * * *"


def layout() -> str:
    """The statements that make the engine's tables."""
    return SchemaManager.get_schema()


def make_app(address: str, part: Part) -> App:
    """Procrastinate with our jobs, not opened yet."""
    app = App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=8, timeout=10))
    _looks(app, part)
    _messages(app, part)
    _stalled(app, part)
    for queue, chores in part.chores.items():
        for name, wait, chore in chores:
            _periodic(app, name, queue, wait, chore)
    return app


def _periodic(
    app: App, name: str, queue: str, wait: timedelta, act: Callable[[], Awaitable[object]], *, locked: bool = True
) -> None:
    """Once per tick over the fleet, and not while the last one runs. It fails without harm: the next tick comes."""

    async def tick(timestamp: int) -> None:
        await _guarded(name, act)

    task: Any = app.task(name=name, queue=queue, queueing_lock=name, lock=name if locked else None, priority=_FIRST)(
        tick
    )
    app.periodic(cron=every(wait), periodic_id="fleet")(task)


async def _guarded(name: str, act: Callable[[], Awaitable[object]]) -> None:
    try:
        await act()
    except StoreUnavailable as error:  # why is in the sentence; where it was noticed helps nobody
        log.warning("%s was cut short, what was due of it stays due: %s", name, error)
    except Exception:
        log.exception("%s failed; what was due of it stays due", name)


async def _defer(task: Any, queue: str, lock: str | None, **said: Any) -> None:
    """One job in a queue waits at most: it says that something is due, and that is said once."""
    with suppress(AlreadyEnqueued):
        await task.configure(queue=queue, queueing_lock=lock or queue, lock=lock).defer_async(**said)


def _looks(app: App, part: Part) -> None:
    daemon = part.daemon

    async def looks(platforms: list[str], token: str) -> None:
        async def all_that_is_due() -> None:
            for platform in platforms:
                recent = part.clock() - BANNED
                if at := await daemon.in_store(part.store.refused_at, platform, part.place.exit, recent):
                    part.refused(platform, at)
            while await daemon.batch(platforms, token) >= MOST_BATCHED and not daemon.stopping:
                pass

        async def or_nobody_knows() -> None:
            try:
                await all_that_is_due()
            except StoreUnavailable:
                part.unheard.add(token)
                raise

        await _guarded("looks", or_nobody_knows)

    task = app.task(name="looks")(looks)

    async def deal() -> None:
        now = part.clock()
        for site in part.sites.values():
            due = await daemon.in_store(part.store.due_platforms, now, Place(site.name, site.exit), 1)
            kinds: dict[str, list[str]] = {}
            for platform in sorted(due):
                if site.serves(platform):
                    kinds.setdefault(kind_of(platform), []).append(platform)
            for kind, platforms in kinds.items():
                # Where a login has a budget, one batch is counted before the next begins.
                counted = any(one.budget and kind_of(one.platform) == kind for one in daemon.policy.sessions)
                queue = looks_queue(site.name, kind)
                await _defer(task, queue, f"login/{kind}" if counted else None, platforms=platforms, token=_token())

    _periodic(app, "deal_looks", TICKS, part.ticks.poll, deal)


def _messages(app: App, part: Part) -> None:
    daemon = part.daemon

    async def deliver(receivers: list[str], token: str) -> None:
        async def all_that_is_due() -> None:
            if tries := await daemon.outgoing.begin(daemon.receivers, daemon.policy, only=receivers, token=token):
                await asyncio.wait(tries)

        await _guarded("deliver", all_that_is_due)

    task = app.task(name="deliver")(deliver)

    async def deal() -> None:
        robots: dict[str, list[str]] = {}
        for name in sorted(await daemon.in_store(part.store.owed_to)):
            configured = daemon.receivers.get(name)
            robots.setdefault(robot_of(configured) if configured else name, []).append(name)
        for robot, receivers in robots.items():  # one at a time, whose pace is one; no other waits for it
            await _defer(task, TELL, f"robot/{robot}", receivers=receivers, token=_token())

    _periodic(app, "notify", TICKS, part.ticks.notify, daemon.tick_notify)
    _periodic(app, "deal_messages", TICKS, part.ticks.deliver, deal)


def _stalled(app: App, part: Part) -> None:
    async def free() -> None:
        """What dead workers held is given back: their leases, and the places that their jobs take."""
        stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED))
        if not stalled:
            return
        freed = await part.daemon.in_store(part.store.free_held, _tokens(stalled), part.clock())
        for job in stalled:
            await app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
        log.warning("%d jobs of workers that died are given up, %d leases given back", len(stalled), freed)

    # Not locked: a lock that a dead worker holds is what it is there to free.
    _periodic(app, "free_stalled", TICKS, timedelta(seconds=HEARTBEAT), free, locked=False)


async def give_back_unheard(part: Part) -> None:
    """Ends the leases that the database gave and could not tell of. What the daemon itself holds under such a token
    stays: it is written down first."""
    tokens = {token for token in part.unheard if not part.daemon.holds(token)}
    if tokens:
        freed = await part.daemon.in_store(part.store.free_held, tokens, part.clock())
        part.unheard.difference_update(tokens)
        if freed:
            log.warning("%d leases are given back of which no word had come", freed)


def _tokens(jobs: Iterable[Job]) -> list[str]:
    return [str(job.task_kwargs["token"]) for job in jobs if "token" in job.task_kwargs]


def _token() -> str:
    return secrets.token_hex(8)
