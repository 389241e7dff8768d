"""A fleet: seats, shares of a pace, jobs that hold nothing, and workers of which any may die, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from mediawatch.clock import wall_clock
from mediawatch.commands.fleet import missing
from mediawatch.commands.reloading import Reloading
from mediawatch.commands.worker import edition_of, joined, member_of, work
from mediawatch.core.model import Asked, Reason
from mediawatch.core.schedule import Due
from mediawatch.core.sites import Place, Seat, Site, Worker, share
from mediawatch.house import held_store, open_daemon, wires_of
from mediawatch.settings import Loaded, SettingsError, load
from mediawatch.store.blobs import Blobs
from mediawatch.store.engine import read_url
from mediawatch.store.errors import StoreBusy
from mediawatch.store.hold import Hold
from mediawatch.store.store import Store
from mediawatch.wires.pace import Lane, PlatformPace
from tests.shell import ROOT, Sim, write
from tests.store_world import DAY, LEASE, MINUTE, START, account, claim, enrolled, evidence, failed, post, saw
from tests.stories import weibo
from tests.telling_world import Room
from tests.test_pace import now as loop_now
from tests.test_pace import virtually

ASKED = Asked(method="GET", url="https://weibo.example", status=418, digest="ab" * 32)
COUNTY = Site("county", "line", ("weibo", "wechat"), workers=2)
BENCH = Site("bench", "line", ("device", "weibo"))
CITY = Site("city", "other", ("*",))
SITES = {site.name: site for site in (COUNTY, BENCH, CITY)}


# --- who may use what of a pace ---------------------------------------------------------------------------------------


def test_all_that_stand_behind_one_exit_share_its_pace_and_no_more() -> None:
    seats = [Seat("county", 0), Seat("county", 1), Seat("bench", 0)]
    shares = [share(SITES, seat, "weibo", 60.0, 4) for seat in seats]
    assert sum(one.per_minute for one in shares) == pytest.approx(60.0)
    assert sorted(one.at_once for one in shares) == [1, 1, 2]
    assert share(SITES, Seat("city", 0), "weibo", 60.0, 4) == (60.0, 4), "another exit is another patience"


def test_where_fewer_looks_are_allowed_than_workers_stand_there_the_rest_do_not_ask() -> None:
    shares = [share(SITES, seat, "weibo", 60.0, 2) for seat in (Seat("county", 0), Seat("county", 1), Seat("bench", 0))]
    assert [one.at_once for one in shares] == [1, 0, 1]
    assert sum(one.per_minute for one in shares if one.at_once) == pytest.approx(60.0)


def test_a_site_serves_a_family_its_hosts_and_never_a_phone_that_is_not_its_own() -> None:
    assert COUNTY.serves("wechat.article")
    assert COUNTY.serves("weibo")
    assert not COUNTY.serves("feed:host")
    assert CITY.serves("feed:host")
    assert not CITY.serves("device:emulator-5554")
    assert BENCH.serves("device:emulator-5554")
    assert share(SITES, Seat("bench", 0), "feed", 60.0, 4).at_once == 0


def test_two_workers_of_one_exit_ask_together_no_faster_than_one() -> None:
    asked: list[float] = []

    async def ask(lane: Lane) -> None:
        while loop_now() < 600:
            await lane.turn()
            asked.append(loop_now())

    async def story() -> None:
        shares = [share(SITES, Seat("county", number), "wechat.article", 30.0, 2) for number in (0, 1)]
        lanes = [Lane(PlatformPace("", one.per_minute, one.at_once), jitter=0.0) for one in shares]
        await asyncio.gather(*map(ask, lanes))

    virtually(story)
    whole = 30 * 10
    assert whole - 2 <= sum(at < 600 for at in asked) <= whole + 2, "one question more for each at the start"
    assert max(sum(begin <= at < begin + 60 for at in asked) for begin in range(0, 540, 7)) <= 30 + 2


# --- settings ---------------------------------------------------------------------------------------------------------

REGISTER = {
    "accounts": [
        {"id": "one", "name": "某县发布", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "1000000001"}]}
    ]
}
FLEET: dict[str, Any] = {
    "database": "postgresql:///fleet",
    "sites": {"a": {"exit": "x", "platforms": ["weibo"], "workers": 2}, "b": {"platforms": ["*"], "reports": True}},
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"database": "sqlite:///x.db"}, "a fleet needs PostgreSQL"),
        ({"sites": {"a": {"platforms": ["wiebo"]}}}, "unknown platform"),
        ({"sites": {"a": {"platforms": ["weibo"], "tells": False}}}, "no site tells"),
        ({"sites": {"a": {"platforms": []}}}, "at least 1"),
        ({"sites": {"a": {"platforms": ["weibo"], "worker": 2}}}, "worker"),
        ({"sites": {"a/b": {"platforms": ["weibo"]}}}, "a site's name"),
        ({"second_vantage": ["veto"], "sites": {"a": {"platforms": ["weibo"]}}}, "two exits"),
    ],
)
def test_a_fleet_that_could_not_work_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    write(tmp_path, REGISTER, {**FLEET, **change})
    with pytest.raises(SettingsError) as refused:
        load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    assert says in str(refused.value)


def test_a_second_vantage_is_part_of_the_edition_and_of_the_lines_it_names_alone(tmp_path: Path) -> None:
    write(tmp_path, REGISTER, FLEET)
    plain = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {}).rulebooks
    write(tmp_path, REGISTER, {**FLEET, "second_vantage": ["veto"]})
    twice = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {}).rulebooks
    for name, book in twice.items():
        assert book.edition != plain[name].edition
        assert {line.vantages for line in book.indicators if line.severity == "veto"} == {2}
        assert {line.vantages for line in book.indicators if line.severity != "veto"} <= {1}


# --- holding a store --------------------------------------------------------------------------------------------------


def test_one_house_alone_or_a_fleet_and_each_worker_a_seat(postgresql_url: str) -> None:
    url = read_url(postgresql_url)
    with closing(Hold(url, "among")) as one, closing(Hold(url, "among")) as other:
        assert [one.seat("a", 1), other.seat("a", 1), other.seat("b", 1)] == [0, None, 0]
        with pytest.raises(StoreBusy):
            Hold(url, "alone")
        assert one.renew()
    with closing(Hold(url, "alone")), pytest.raises(StoreBusy):
        Hold(url, "among")


def test_a_short_act_beside_a_fleet_frees_no_lease_of_it(postgresql_url: str, tmp_path: Path) -> None:
    write(tmp_path, REGISTER, {"database": postgresql_url, "data_dir": str(tmp_path)})
    settings = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {}).settings
    with held_store(settings, START) as store:
        enrolled(store, account("a"))
        held = claim(store)
    with closing(Hold(read_url(postgresql_url), "among")):
        with pytest.raises(StoreBusy), held_store(settings, START):
            pass
        with held_store(settings, START, beside=True) as store, store.writing() as ledger:
            assert ledger.record(held, saw(held, START), ())


# --- leases -----------------------------------------------------------------------------------------------------------


def test_what_a_dead_worker_held_is_free_at_once_and_its_late_word_changes_nothing(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    place = Place("county", "line")
    (dead,) = store.claim_targets({"weibo": 1}, START, LEASE, place, "dead-job")
    (lives,) = store.claim_targets({"weibo": 1}, START, LEASE, place, "live-job")
    assert store.free_held(["dead-job"], START + MINUTE) == 1
    again = claim(store, START + MINUTE)
    assert again.target == dead.target
    assert store.leased("weibo") == 2
    with store.writing() as ledger:
        assert not ledger.record(dead, saw(dead, START + MINUTE, post("late", START)), ())
        assert ledger.record(lives, saw(lives, START), ())
        assert ledger.record(again, saw(again, START + MINUTE), ())
    assert evidence(store, dead.account.id, START + DAY).posts == ()


def test_a_look_names_its_place_and_the_chain_covers_it(store: Store) -> None:
    enrolled(store, account("a"))
    (one,) = store.claim_targets({"weibo": 1}, START, LEASE, Place("county", "line"))
    seen = saw(one, START).model_copy(update={"site": one.place.site, "exit": one.place.exit})
    with store.writing() as ledger:
        ledger.record(one, seen, ())
    (look,) = evidence(store, "a", START + MINUTE).looks
    assert (look.site, look.exit) == ("county", "line")
    assert store.verify_chain("a/weibo/1").whole
    with store.copying() as connection:
        connection.exec_driver_sql("UPDATE observation SET exit = 'elsewhere'")
    assert not store.verify_chain("a/weibo/1").whole


def test_a_target_that_waits_for_another_exit_is_not_given_to_this_one_unless_nobody_comes(store: Store) -> None:
    enrolled(store, account("a"))
    here, there = Place("county", "line"), Place("city", "other")
    (one,) = store.claim_targets({"weibo": 1}, START, LEASE, here)
    with store.writing() as ledger:
        ledger.reschedule(one, Due(at=START + MINUTE, by=START + MINUTE, elsewhere="line"))
    later = START + 2 * MINUTE
    assert store.claim_targets({"weibo": 1}, later, LEASE, here) == []
    assert store.due_platforms(later, here) == {}
    assert store.due_platforms(later, there) == {"weibo": 1}
    (other,) = store.claim_targets({"weibo": 1}, later, LEASE, there)
    store.release([other])
    (other,) = store.claim_targets({"weibo": 1}, later + LEASE, LEASE, there)
    with store.writing() as ledger:
        ledger.reschedule(other, Due(at=START, by=START, elsewhere="line"))
    assert store.claim_targets({"weibo": 1}, START + DAY, LEASE, here), "after hours anybody may"


# --- refusals and rests -----------------------------------------------------------------------------------------------


def test_a_refusal_of_the_exit_counts_until_the_platform_answers_it_again(store: Store) -> None:
    enrolled(store, account("a"))
    line, other = Place("county", "line"), Place("city", "other")

    def looked(minute: int, place: Place, reason: Reason | None, *, really: bool = True) -> None:
        at = START + minute * MINUTE
        (one,) = store.claim_targets({"weibo": 1}, at, LEASE, place)
        seen = failed(one, at, reason) if reason else saw(one, at)
        asked = (ASKED,) if really else ()
        with store.writing() as ledger:
            ledger.record(one, seen.model_copy(update={"site": place.site, "exit": place.exit, "asked": asked}), ())
            ledger.reschedule(one, Due.exactly(at + MINUTE))

    def known(place: Place) -> Any:
        return store.refused_at("weibo", place.exit, START - MINUTE)

    looked(0, line, Reason.RATE_LIMITED)
    assert (known(line), known(other)) == (START, None)
    looked(1, line, Reason.RATE_LIMITED, really=False)
    assert known(line) == START, "a platform that was left alone has said nothing new"
    looked(2, other, None)
    assert known(line) == START
    looked(3, line, None)
    assert known(line) is None


def test_a_platform_that_refused_one_worker_is_left_alone_by_all_behind_its_exit() -> None:
    async def story() -> None:
        lane = Lane(PlatformPace("", 60.0, 2, rest=30.0), jitter=0.0)
        lane.refused(START)
        assert lane.room() == 0
        await asyncio.sleep(31)
        lane.refused(START)
        assert lane.room() == 2, "told again of the same refusal it does not begin another rest"
        lane.refused(START + MINUTE)
        await asyncio.sleep(31)
        assert lane.room() == 0, "refused twice in a row is worth twice the rest"

    virtually(story)


async def test_a_robot_that_was_asked_too_fast_by_one_worker_is_left_alone_by_the_next(tmp_path: Path) -> None:
    async with Room(tmp_path, robots=(), hooks=("duty",), answers=lambda name, at: 429) as room:
        room.breach("a")
        room.now += MINUTE
        assert len(await room.daemon.outgoing.begin(room.daemon.receivers, room.policy, only=["duty"], token="a")) == 1
        await room.daemon.outgoing.settled()
        room.breach("b")
        await room.restart()  # another worker: all that it knows is in the store
        room.now += MINUTE / 30
        assert await room.daemon.outgoing.begin(room.daemon.receivers, room.policy, only=["duty"], token="b") == []
        room.now += 30 * MINUTE
        assert await room.daemon.outgoing.begin(room.daemon.receivers, room.policy, only=["duty"], token="b")
        await room.daemon.outgoing.settled()


# --- the fleet itself -------------------------------------------------------------------------------------------------


@pytest.fixture
def sim() -> Iterator[Sim]:
    now = wall_clock()
    world = {
        "accounts": [weibo("silent", "day -40 10:00"), *[weibo(f"w{n}", every="1d", number=n) for n in range(2, 9)]]
    }
    with Sim(world, now=now, starts_at=now) as served:
        yield served


@asynccontextmanager
async def working(found: Loaded, site: str, *, registers: bool = False) -> AsyncIterator[Store]:
    """A worker in this process, until the block ends."""
    with joined(found, site, (), registers=registers) as seated:
        http = wires_of(found.settings, Blobs(found.settings.data_dir / "answers"), seated.seat)
        async with open_daemon(found, seated.store, wall_clock, http, place=seated.place) as daemon:
            task = asyncio.create_task(work(found, seated, daemon, http))
            try:
                yield seated.store
            finally:
                daemon.stop()
                await task


async def until(fact: Any, within: float = 40.0) -> None:
    end = time.monotonic() + within
    while not await asyncio.to_thread(fact):
        assert time.monotonic() < end, "it did not come true"
        await asyncio.sleep(0.05)


async def test_two_sites_look_confirm_and_tell_once(sim: Sim, tmp_path: Path, postgresql_url: str) -> None:
    """The daemon's own path, from leases to messages, as jobs of two workers: every account once, every word once."""
    sites = {"a": {"exit": "x", "platforms": ["weibo"]}, "b": {"exit": "y", "platforms": ["weibo"]}}
    folder = sim.write(tmp_path, database=postgresql_url, sites=sites, cadence={"recheck": "1s"})
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    async with working(found, "a", registers=True) as store, working(found, "b"):
        await until(lambda: any(one.path == "/webhook" for one in sim.server.received))
        await until(lambda: not store.owed_count())
        with pytest.raises(StoreBusy, match="has all its workers"), joined(found, "a", ()):
            pass
    with store.reading() as connection:
        looks = connection.exec_driver_sql("SELECT account, site, exit FROM observation").all()
        held = connection.exec_driver_sql("SELECT count(*) FROM target WHERE lease_token IS NOT NULL").scalar_one()
    assert {row.account for row in looks} == {one.id for one in found.accounts}
    assert held == 0
    assert {row.exit for row in looks} <= {"x", "y"}
    assert all((row.site == "a") == (row.exit == "x") for row in looks)
    assert max(Counter(row.account for row in looks if row.account != "silent").values()) == 1
    heard = Counter(one.headers["webhook-id"] for one in sim.server.received if one.path == "/webhook")
    assert set(heard.values()) == {1}


async def test_two_workers_behind_one_exit_ask_a_platform_no_faster_than_one_house(
    tmp_path: Path, postgresql_url: str
) -> None:
    """Counted by the platform itself."""
    now, rate = wall_clock(), 4.0
    world = {"accounts": [weibo(f"w{n}", every="1d", number=n) for n in range(1, 61)]}
    with Sim(world, now=now, starts_at=now) as sim:
        sites = {name: {"exit": "x", "platforms": ["weibo"]} for name in "ab"}
        folder = sim.write(tmp_path, database=postgresql_url, sites=sites)
        settings = json.loads((folder / "mediawatch.yaml").read_text("utf-8"))
        settings["platforms"]["weibo"] |= {"per_minute": rate * 60, "at_once": 4}
        write(folder, json.loads((folder / "accounts.yaml").read_text("utf-8")), settings)
        found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
        began = time.monotonic()
        async with working(found, "a", registers=True) as store, working(found, "b"):
            await until(lambda: sim.server.asked["weibo"] >= 10)
        took = time.monotonic() - began
        with store.reading() as connection:
            sites_seen = set(connection.exec_driver_sql("SELECT site FROM observation").scalars())
    assert sim.server.asked["weibo"] <= rate * took + 2, "one question more for each at the start"
    assert sites_seen == {"a", "b"}


KILLED = """
import sys
from mediawatch.core.schedule import Due
from mediawatch.store.store import Store
from tests.store_world import DAY, LEASE, START, saw
store = Store.open(sys.argv[1], now=START)
while claims := store.claim_targets({"weibo": 20}, START, LEASE, token=sys.argv[2]):
    for one in claims:
        with store.writing() as ledger:
            ledger.record(one, saw(one, START), ())
            ledger.reschedule(one, Due.exactly(START + DAY))
        print(one.target.id, flush=True)
"""


def test_a_worker_killed_in_mid_batch_loses_nothing_and_does_nothing_twice(postgresql_url: str) -> None:
    with closing(Store.open(postgresql_url, now=START)) as store:
        enrolled(store, *(account(f"a{number}") for number in range(60)))
        acked: list[str] = []
        for number in range(2):
            command = [sys.executable, "-c", KILLED, postgresql_url, f"job-{number}"]
            worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            assert worker.stdout is not None
            acked += [worker.stdout.readline().strip() for _ in range(7)]  # in the middle of a batch of twenty
            os.kill(worker.pid, signal.SIGKILL)
            acked += worker.stdout.read().split()
            worker.wait()
            worker.stdout.close()
            store.free_held([f"job-{number}"], START)  # what the stalled-job task does
        while claims := store.claim_targets({"weibo": 20}, START, LEASE):
            with store.writing() as ledger:
                for one in claims:
                    ledger.record(one, saw(one, START), ())
                    ledger.reschedule(one, Due.exactly(START + DAY))
        with store.reading() as connection:
            done = Counter(connection.exec_driver_sql("SELECT target FROM observation").scalars())
    assert len(done) == 60
    assert set(done.values()) == {1}
    assert set(acked) <= set(done)


async def test_stalled_jobs_give_back_what_a_dead_worker_held(sim: Sim, tmp_path: Path, postgresql_url: str) -> None:
    """A job of a worker that is no more stands in the way of its lock, and holds leases: both are freed."""
    folder = sim.write(tmp_path, database=postgresql_url, sites={"a": {"platforms": ["weibo"]}})
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    with closing(Store.open(postgresql_url, now=START)) as store:
        enrolled(store, account("gone"))
        store.claim_targets({"weibo": 1}, wall_clock(), DAY, token="dead")
        async with working(found, "a"):
            await until(lambda: _jobs(store, "SELECT count(*) FROM procrastinate_jobs") is not None)
            _jobs(
                store,
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status) "
                """VALUES ('looks/a/weibo', 'looks', 'stuck', '{"platforms": [], "token": "dead"}', 'doing') """
                "RETURNING 1",
            )
            await until(lambda: not _jobs(store, "SELECT count(*) FROM procrastinate_jobs WHERE lock = 'stuck'"))
            await until(lambda: store.leased("weibo") == 0)


async def test_a_lease_of_which_no_word_came_is_given_back_and_looked_at(
    sim: Sim, tmp_path: Path, postgresql_url: str
) -> None:
    """The database writes down a claim, and the connection breaks before it says so; a lease lasts five minutes."""
    folder = sim.write(tmp_path, database=postgresql_url, sites={"a": {"platforms": ["weibo"]}})
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    lost: list[int] = []

    def cut_off(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        asked = "SELECT count(*) FROM target WHERE lease_token IS NOT NULL"
        if not lost and (leased := raw.execute(asked).fetchone()[0]):
            lost.append(leased)
            raw.commit()
            raw.close()

    async with working(found, "a", registers=True) as store:
        event.listen(store._database.engine, "commit", cut_off)
        await until(lambda: len(_looked_at(store)) == len(found.accounts))
        await until(lambda: store.leased("weibo") == 0)
    assert lost[0] > 1
    assert set(_looked_at(store).values()) == {1}


def _looked_at(store: Store) -> Counter[str]:
    with store.reading() as connection:
        return Counter(connection.exec_driver_sql("SELECT account FROM observation").scalars())


def _jobs(store: Store, question: str) -> Any:
    with store.copying() as connection:
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        there = connection.exec_driver_sql(f"SELECT to_regnamespace('{schema}_jobs')").scalar_one()
        if there is None:
            return None
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}_jobs"')
        return connection.exec_driver_sql(question.replace("%", "%%")).scalar_one()


async def test_a_worker_takes_new_settings_and_leaves_bad_ones_and_the_register_alone(
    sim: Sim, tmp_path: Path, postgresql_url: str
) -> None:
    folder = sim.write(tmp_path, database=postgresql_url, sites={"a": {"platforms": ["weibo"]}})
    files = (folder / "accounts.yaml", folder / "mediawatch.yaml")
    found = load(*files, {})
    with joined(found, "a", (), registers=True) as seated:
        http = wires_of(found.settings, Blobs(tmp_path / "answers"), seated.seat)
        async with open_daemon(found, seated.store, wall_clock, http, place=seated.place) as daemon:
            member = member_of(found, seated, daemon, http)
            reloading = Reloading(daemon, http, seated.store, *files, enters=False)
            reloading.also.append(lambda again: member.renew(edition_of(again)))
            before, worked_by = daemon.policy, member.edition
            settings = files[1].read_text("utf-8")
            files[1].write_text(settings.replace('"ladder"', '"lader"'), "utf-8")
            await reloading.reload()
            assert (daemon.policy, member.edition) == (before, worked_by)
            files[1].write_text(settings.replace('"after": "3d"', '"after": "4d"'), "utf-8")
            files[0].write_text(json.dumps(REGISTER), "utf-8")
            await reloading.reload()
            assert [step.after for step in daemon.policy.ladder] == [DAY * 0, 4 * DAY]
            assert member.edition != worked_by
            assert seated.store.watched() == len(found.accounts), "the register is not a worker's to enter"
            files[0].write_text(json.dumps(REGISTER, indent=1), "utf-8")
            assert edition_of(load(*files, {})) != member.edition, "another register is another edition"


# --- what people see --------------------------------------------------------------------------------------------------


def worker(site: Site, seat: int = 0, edition: str = "e", seen: Any = START) -> Worker:
    return Worker(
        name=f"{site.name}/{seat}", site=site.name, exit=site.exit, seat=seat, platforms=("weibo",), host="h", pid=1,
        edition=edition, started_at=START, seen_at=seen,
    )  # fmt: skip


def test_what_is_missing_of_a_fleet_is_named() -> None:
    workers = [worker(COUNTY), worker(COUNTY, 1, edition="old"), worker(CITY), worker(BENCH, seen=START - DAY)]
    found = list(missing(SITES.values(), workers, {"weibo": 3, "feed:host": 2}, START))
    assert [(code, said["what"]) for code, said in found] == [
        ("no_worker", "bench"),
        ("not_served", "feed:host"),
        ("other_edition", "county/1"),
        ("silent", "bench/0"),
    ]
    assert list(missing([COUNTY], [worker(COUNTY)], {"weibo": 1}, START)) == []
