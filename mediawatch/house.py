"""Puts the house together from checked settings: store, wires, readers, sender, policy. It decides nothing itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.clock import Clock, SteadyClock, wall_clock
from mediawatch.core.bodies import Document, Wanted
from mediawatch.core.digest import Plan
from mediawatch.core.model import Unit
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.routing import Weekly
from mediawatch.core.sessions import Session
from mediawatch.core.sites import HERE, Place, Seat, share
from mediawatch.core.wire import Entrance, Keeper, Wires
from mediawatch.core.worktime import Hours, Working
from mediawatch.daemon import Daemon
from mediawatch.dead_man import DeadMan
from mediawatch.isolation import Readers
from mediawatch.policy import Policy, Telling
from mediawatch.receivers import RECEIVERS
from mediawatch.register.enroll import enroll
from mediawatch.settings import Loaded, Settings, load
from mediawatch.settings_sites import sites_of
from mediawatch.settings_values import Platform, SessionSettings
from mediawatch.setup import setup_of
from mediawatch.soundness import Soundness
from mediawatch.stamping import Authority, Stamper
from mediawatch.store.blobs import Blobs
from mediawatch.store.bodies import Bodies
from mediawatch.store.engine import file_of, read_url
from mediawatch.store.errors import StoreBusy, StoreError
from mediawatch.store.files import private_dir, sweep
from mediawatch.store.hold import Hold
from mediawatch.store.lock import OneWriter
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from mediawatch.telling import Configured
from mediawatch.ticks import Ticks
from mediawatch.tidying import DailyTidying, Keep
from mediawatch.wires.by_platform import ByPlatform
from mediawatch.wires.device import Devices
from mediawatch.wires.guard import networks
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace
from mediawatch.wires.sending import Sender

TIDY_EVERY, SOUND_EVERY = timedelta(minutes=1), timedelta(seconds=10)


def load_known(
    accounts: Path | None,
    settings: Path | None,
    env: Mapping[str, str],
    progress: Callable[[int], None] = lambda done: None,
    apart: Callable[[], object] | None = None,
    reached: Callable[[str], None] = lambda address: None,
) -> Loaded:
    """As `settings.load`; a register that the store holds as its files say it is not read again.

    `accounts` are then the canaries alone, `units` those of the store. reached: called with the address of the store
    before it is opened; it may wait.
    """
    stood: dict[str, tuple[Unit, ...]] = {}

    def entered(told: Settings) -> str:
        reached(told.database)
        try:
            with closing(Store.open(told.database, now=wall_clock(), read_only=True)) as store:
                stood["units"] = tuple(store.units().values())
                return store.register_origin()
        except StoreError:
            return ""

    found = load(accounts, settings, env, entered=entered, progress=progress, apart=apart)
    return replace(found, units=stood["units"]) if found.unread else found


def policy_of(loaded: Loaded) -> Policy:
    """What the settings decide, as the verbs need it."""
    settings = loaded.settings
    names = {*(adapter.platform or adapter.kind for adapter in ADAPTERS.values()), *settings.platforms}
    return Policy(
        books=loaded.rulebooks,
        cadence=settings.cadence,
        sessions=sessions_of(settings),
        attestation_key=settings.attestation_key,
        hidden={
            target.id: settings.platform(target.platform).hidden[account.name]
            for account in loaded.accounts
            for target in account.targets
            if account.canary and account.name in settings.platform(target.platform).hidden
        },
        canaried=frozenset(one.platform for account in loaded.accounts if account.canary for one in account.targets),
        ladder=settings.ladder,
        reminders=settings.reminders,
        telling=telling_of(settings),
        digests=tuple(Plan(name=name, **dict(block)) for name, block in settings.digests.items()),
        units={unit.id: unit for unit in loaded.units},
        language=settings.language,
        tell_candidates=settings.review.tell_candidates,
        two_person=frozenset(settings.review.two_person),
        workdays=settings.calendar.days,
        terms=settings.cases,
        canary_quiet={name: settings.platform(name).canary_quiet or settings.canary_quiet for name in names},
        cadences={
            name: settings.cadence.model_copy(update={"latest": own})
            for name in names
            if (own := settings.platform(name).latest) is not None
        },
        screens=loaded.screens,
    )


def telling_of(settings: Settings) -> Telling:
    """How people are told."""
    alerts = settings.alerts
    days = settings.calendar.days
    return Telling(
        grouping=alerts.group,
        groupings={  # what a receiver's own block leaves out is as for all
            name: alerts.group.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
            for name, own in alerts.groups.items()
        },
        hours={
            name: Hours(**block.model_dump(exclude={"quiet"}), quiet=block.quiet)
            for name, block in alerts.hours.items()
        },
        working=Working(hours=alerts.working_hours, days=days),
        steps=alerts.steps,
        weekly=None if alerts.weekly is None else Weekly(weekday=alerts.weekly, at=alerts.weekly_at),
        answered_for=alerts.acknowledged_for,
        burden=alerts.burden,
        ours=alerts.ours,
        least_free=alerts.least_free,
        down_after=alerts.down_after,
        link=alerts.link,
        links=settings.web.links if settings.web else None,
    )


def receivers_of(settings: Settings) -> dict[str, Configured]:
    """The receivers of the settings, by name."""
    return {name: Configured(name, RECEIVERS[block.type], block.settings) for name, block in settings.receivers.items()}


def sender_of(settings: Settings) -> Sender:
    """The one door to the receivers."""
    return Sender(networks(settings.wire.allow_private), settings.wire.timeout.total_seconds())


def bodies_of(loaded: Loaded, store: Store) -> Bodies:
    """Where kept answers are, and how documents are written of that store."""
    recall, policy = Blobs(loaded.settings.data_dir / "answers").recall, policy_of(loaded)

    def write(query: Query, wanted: Wanted, now: datetime) -> tuple[Document, ...]:
        from mediawatch.documents import written  # the writers of documents are loaded when one is asked for

        return written(store, query, policy, recall, wanted, now)

    return Bodies(recall, write)


def receiver_views(settings: Settings) -> tuple[ReceiverView, ...]:
    """The receivers of the settings as they are shown, before the record is asked: no secret is among it."""
    return tuple(
        ReceiverView(name=name, kind=block.type, per_minute=RECEIVERS[block.type].per_minute)
        for name, block in settings.receivers.items()
    )


def sessions_of(settings: Settings) -> tuple[Session, ...]:
    """The logins of the settings, without their secrets."""
    shared = ("platform", "owner", "expires_at", "warn_before", "budget")
    return tuple(
        Session(name=name, **{key: getattr(block, key) for key in shared}) for name, block in settings.sessions.items()
    )


def paces_of(settings: Settings, seat: Seat | None = None) -> dict[str, PlatformPace]:
    """How each platform may be asked, and with which logins: each adapter's own pace, as the settings change it.

    seat: of a worker in a fleet; all that stand behind one exit share the pace.
    """
    paces, sites = _whole_paces(settings), sites_of(settings.sites)
    if seat is None:
        return paces
    shares = {key: share(sites, seat, key, pace.per_minute, pace.at_once) for key, pace in paces.items()}
    return {key: replace(pace, **shares[key]._asdict()) for key, pace in paces.items()}


def _whole_paces(settings: Settings) -> dict[str, PlatformPace]:
    names = {adapter.platform or adapter.kind: adapter for adapter in ADAPTERS.values()}
    pace = {}
    for key in {*names, *settings.platforms, *(session.platform for session in settings.sessions.values())}:
        adapter, block = names[key.partition(":")[0]], settings.platform(key)
        logins = [(block, None), *_sessions_for(settings, key)]
        pace[key] = PlatformPace(
            base_url=adapter.base_url if block.base_url is None else block.base_url,
            per_minute=adapter.pace.per_minute if block.per_minute is None else block.per_minute,
            at_once=adapter.pace.at_once if block.at_once is None else block.at_once,
            secret_headers=tuple(
                ("Cookie", one.cookie.get_secret_value()) for one, _ in logins if one.cookie is not None
            ),
            secrets=tuple((name, value.get_secret_value()) for one, _ in logins for name, value in one.secrets.items()),
            ends=tuple((name, ends) for one, ends in logins if ends is not None for name in _names_in(one)),
            rest=settings.wire.rest.total_seconds(),
            roams=adapter.roams,
            entrance=None if any(one.cookie is not None for one, _ in logins) else _entrance(adapter, block),
        )
    return pace


def _sessions_for(settings: Settings, key: str) -> list[tuple[Platform | SessionSettings, datetime | None]]:
    return [(session, session.expires_at) for session in settings.sessions.values() if session.platform == key]


def _names_in(login: Platform | SessionSettings) -> tuple[str, ...]:
    return (*([""] if login.cookie is not None else ()), *login.secrets)


def wires_of(settings: Settings, blobs: Blobs, seat: Seat | None = None) -> Http:
    """The one door to the platforms. seat: as `paces_of`."""
    wire = settings.wire
    return Http(
        paces_of(settings, seat),
        blobs,
        allow_private=wire.allow_private,
        max_body=wire.max_body,
        timeout=wire.timeout,
        connect_timeout=min(wire.timeout, timedelta(seconds=10)),
    )


def _entrance(adapter: Adapter, block: Platform) -> Entrance | None:
    """How callers are let in: not at all beside a login of ours, and not at the public address for another platform."""
    if adapter.entrance is None:
        return None
    public = adapter.entrance.base_url if block.base_url in (None, adapter.base_url) else ""
    url = public if block.entrance_url is None else block.entrance_url
    return replace(adapter.entrance, base_url=url) if url else None


def ticks_of(settings: Settings) -> Ticks:
    """How often the daemon wakes for what."""
    ticks = settings.daemon
    return Ticks(
        poll=ticks.tick,
        notify=ticks.notify_tick,
        deliver=ticks.deliver_tick,
        lease=ticks.lease,
        shutdown=ticks.shutdown,
    )


def keep_of(settings: Settings) -> Keep:
    """How long raw answers are kept."""
    return Keep(answers=settings.retention.answers, proof=settings.retention.proof)


def socket_path(settings: Settings) -> Path:
    """Where a running daemon listens for the other faces."""
    return settings.data_dir / "control.sock"


@contextmanager
def held_store(settings: Settings, now: datetime, *, beside: bool = False) -> Iterator[Store]:
    """The store, held by this process alone, or (beside) next to the workers of a fleet, for a short act.

    Raises StoreBusy where another process holds it, StoreError where it cannot be used.
    """
    with _held(settings, now, beside=beside) as (store, _):
        yield store


@contextmanager
def writing_store(loaded: Loaded, now: datetime, *, beside: bool = False) -> Iterator[Store]:
    """The same, with the register of the settings entered in it; beside a fleet it is the fleet's."""
    with _held(loaded.settings, now, beside=beside) as (store, alone):
        if alone:
            enroll(store, loaded, now)
        yield store


@contextmanager
def _held(settings: Settings, now: datetime, *, beside: bool) -> Iterator[tuple[Store, bool]]:
    make_data_dir(settings)
    with closing(holder(settings, beside=beside)) as held:
        sweep_up(settings, now)
        alone = not isinstance(held, Hold) or held.manner == "alone"
        with closing(Store.open(settings.database, now=now)) as store:
            if alone:
                store.free_leases(now)  # whoever held these is gone
            yield store, alone


def sweep_up(settings: Settings, now: datetime) -> None:
    """What a kill left half written goes, once it is a day old."""
    folders = {settings.data_dir, settings.data_dir / "answers"}
    if (file := file_of(read_url(settings.database))) is not None:
        folders.add(file.parent)
    for folder in folders:
        sweep(folder, now)


def make_data_dir(settings: Settings) -> None:
    """Makes the folder of what is kept, where there is none. Raises StoreError where this user may not."""
    with _ours(settings.data_dir):
        private_dir(settings.data_dir)


def holder(settings: Settings, *, beside: bool) -> OneWriter | Hold:
    """The right to write to the store, alone or (`beside`) with a fleet. Raises StoreBusy, StoreError."""
    url = read_url(settings.database)
    if (file := file_of(url)) is not None:
        with _ours(file):
            return OneWriter(file.with_name(f"{file.name}.lock"))
    try:
        return Hold(url, "alone")
    except StoreBusy:
        if not beside:
            raise
        return Hold(url, "among")


@contextmanager
def _ours(path: Path) -> Iterator[None]:
    """Whoever may not write there is told whom the system takes it for: in a container that is seldom who is meant."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path.absolute()} cannot be written: {error.strerror} (as user {os.geteuid()})") from error


@asynccontextmanager
async def open_daemon(
    loaded: Loaded,
    store: Store,
    clock: Clock,
    http: Http | None = None,
    phone: Callable[[Keeper, Wires], Wires] | None = None,
    place: Place = HERE,
) -> AsyncIterator[Daemon]:
    """A daemon with real wires over a store that is already held. Ends every part, in order, whatever happens.

    http: the wires, where the caller wants to renew their logins; ended with the rest. phone: makes the wires to a test
    device out of a keeper and the wires beside it, where not an ADB server is meant. place: of a worker in a fleet.
    """
    settings = loaded.settings
    store.begin(setup_of(loaded), clock())
    blobs = Blobs(settings.data_dir / "answers")
    http = http or wires_of(settings, blobs)
    if isinstance(clock, SteadyClock):
        http.heard = clock.heard
    readers = Readers()
    try:
        async with sender_of(settings) as sender:
            daemon = Daemon(
                store,
                ByPlatform(http, {"device": phone(blobs, http) if phone else Devices(blobs, http, settings.wire.adb)}),
                readers,
                sender,
                policy_of(loaded),
                clock,
                receivers=receivers_of(settings),
                ticks=ticks_of(settings),
                free_disk=lambda: shutil.disk_usage(settings.data_dir).free,
                place=place,
            )
            if (dead_man := settings.dead_man) is not None:
                signal = DeadMan(dead_man.url.get_secret_value(), sender, daemon.well, clock)
                daemon.tick_also(signal.tick, dead_man.every)
            if (stamp := settings.stamp) is not None:
                authority = Authority(stamp.roots)
                stamper = Stamper(stamp.url.get_secret_value(), authority, store, sender.send, clock)
                daemon.tick_also(stamper.tick, stamp.every)
            tidying = DailyTidying(store, blobs, lambda: keep_of(settings), clock)
            daemon.tick_also(tidying.tick, TIDY_EVERY)
            daemon.tick_also(Soundness(store, daemon.fail, clock).tick, SOUND_EVERY)
            yield daemon
    finally:
        await http.close()
        readers.close()
