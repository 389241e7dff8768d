"""What one check costs, from the question to the next due time: `make bench-path`. It prints figures, asserts nothing.

A mix of Weibo (64 KB of JSON), feeds (41 KB) and app look-ups (5 KB), gzipped, from a server process on loopback, is
watched by the real daemon with a real store. Everything is CPU time of this process and of its readers, as a ratio to
aiohttp that only fetches and unpacks the same bodies: one session, keep-alive, measured before and after each round.
What a post says stays what it was; its counters move with every answer, as a platform's do. Below each round stands
where its time went, in the same ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import multiprocessing
import os
import random
import resource
import tempfile
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
from aiohttp import web
from yarl import URL

from mediawatch import conclude, poll, watching
from mediawatch.clock import Clock
from mediawatch.core.wire import Request
from mediawatch.daemon import Daemon
from mediawatch.house import policy_of, receivers_of, wires_of
from mediawatch.isolation import Readers
from mediawatch.memory import settle
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.sim import platforms
from mediawatch.sim.settings import settings_for
from mediawatch.sim.world import World
from mediawatch.store.blobs import Blobs
from mediawatch.store.store import Ledger, Store
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.stories import HOUR, START, app, wechat, weibo

ROUND = timedelta(hours=3)  # an account of the mix posts every ten hours: 0.3 new posts a check
MIX = "w" * 11 + "f" * 8 + "p"  # of twenty accounts: Weibo 55 %, feeds 40 %, apps 5 %


@dataclass(frozen=True)
class Round:
    """One sweep. at: hours after the start. world: after how many rounds of posts. counters: which state of what moves
    with every answer. goal, most: the ratio to mere fetching that is wanted, and the one that must not be exceeded.
    """

    name: str
    at: int
    world: int
    counters: int
    goal: float
    most: float
    not_modified: bool = False


ROUNDS = (  # the start is nine in the morning in Shanghai
    Round("first sweep, empty store", 0, 0, 0, 3.0, 5.0),
    Round("steady, 0.3 new posts a check", 3, 1, 1, 2.0, 3.0),
    Round("steady again", 6, 2, 2, 2.0, 3.0),
    Round("no new post, other counters", 9, 2, 3, 1.3, 1.8),
    Round("the same bytes", 11, 2, 3, 1.3, 1.8),
    Round("not modified (304)", 13, 2, 3, 1.3, 1.8, not_modified=True),
    Round("304 on another day, counts told", 17, 2, 3, 1.3, 1.8, not_modified=True),
)


def world_of(accounts: int) -> World:
    players: list[dict[str, Any]] = []
    for number in range(accounts):
        kind = MIX[number % len(MIX)]
        # Each at its own time of day, or all would post in one round and nobody in the next.
        rhythm = {"every": "10h", "jitter": "4h", "since": f"day -{40 + number % 7} {number * 7 % 24:02}:00"}
        if kind == "w":
            players.append(weibo(f"w{number}", number=number, **rhythm))
        elif kind == "f":
            feed = {"bridge": "b", "id": f"f{number}", "covers": ["mass_sent", "published"]}
            players.append(wechat(f"f{number}", feeds=[feed], **rhythm))
        else:
            one = app(f"p{number}", store={"track_id": str(9910000000 + number)})
            players.append({name: value for name, value in one.items() if name != "package"})
    bridges = {"b": {"flavour": "rsshub", "format": "rss", "zone": "gmt", "items": 20}}
    return World.of({"name": "bench", "bridges": bridges, "accounts": players}, START)


def _words(key: str, many: int) -> list[str]:
    """Words that nobody reads, always the same for the same key."""
    draw = random.Random(key)  # noqa: S311
    return ["".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(40)) for _ in range(many)]


def _grown(path: str, body: bytes, counters: int) -> bytes:
    """The simulator's answer at the size of a real one, with fields and text that nobody reads."""
    if b'"cards"' in body:
        answer = json.loads(body)
        for card in answer["data"]["cards"]:
            if "mblog" in card:
                words = _words(str(card["mblog"]["id"]), 18)
                card["mblog"]["more"] = {f"field{number}": word for number, word in enumerate(words)}
                card["mblog"] |= {"reads_count": 1000 + counters * 17, "attitudes_count": 20 + counters}
        return json.dumps(answer).encode()
    if b"<rss" in body:
        head, *items = body.replace(
            b'<rss version="2.0">', b'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        ).split(b"<item>")
        said = ("</p><p>".join(_words(item[:400].hex(), 14)) for item in items)
        texts = (f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item>".encode() for text in said)
        grown = [item.replace(b"</item>", text) for item, text in zip(items, texts, strict=True)]
        built = f"<!-- built {counters} -->".encode()  # a bridge says when it made the feed
        return b"<item>".join([head, *grown]) + built
    if "/store/" in path:
        answer = json.loads(body)
        answer["results"][0]["description"] = "".join(_words(path, 25))
        return json.dumps(answer, ensure_ascii=False).encode()
    return body


def serve(accounts: int, ready: Any, turns: Any) -> None:
    """The server process. `turns` says which round it is; answers are made once and then only sent."""
    world = world_of(accounts)
    made: dict[tuple[str, int, int], tuple[bytes, str, str]] = {}

    async def answer(request: web.Request) -> web.Response:
        turn = ROUNDS[turns.value]
        key = (request.path_qs, turn.world, turn.counters)
        if key not in made:
            reply = platforms.answer(world, request.path, request.query, START + turn.world * ROUND)
            body = _grown(request.path, reply.body, turn.counters)
            made[key] = (gzip.compress(body, 6), reply.header("Content-Type"), f'"{zlib.crc32(body):x}"')
        body, kind, etag = made[key]
        if turn.not_modified and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, headers={"Content-Type": kind, "Content-Encoding": "gzip", "ETag": etag})

    async def run() -> None:
        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def cpu() -> float:
    """Seconds of this process and its living children (readers), the server's not among them."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + sum(_cpu_of(pid) for pid in _readers())


def _readers() -> Iterable[int]:
    for entry in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        if "isolation" in Path(f"/proc/{entry}/cmdline").read_text():
            yield int(entry)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def fetch_all(urls: list[str], known: dict[str, str], ask: bool) -> None:
    """aiohttp merely fetching: one session, keep-alive, sixteen at once, bodies unpacked.

    known: the ETag of each, noted here. ask: whether to ask only for what has changed.
    """
    left = iter(urls)

    async def some(session: aiohttp.ClientSession) -> None:
        for url in left:
            headers = {"If-None-Match": known[url]} if ask and url in known else {}
            async with session.get(url, headers=headers) as answer:
                await answer.read()
                known[url] = answer.headers["ETag"]

    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        await asyncio.gather(*(some(session) for _ in range(16)))


def by_thread() -> dict[str, float]:
    """CPU seconds by where they went: the loop, the store's thread, threads beside them."""
    spent = {"loop": 0.0, "store": 0.0, "beside": 0.0}
    for thread in threading.enumerate():
        name = "loop" if thread is threading.main_thread() else "store" if thread.name.startswith("store") else "beside"
        if thread.ident is not None:
            spent[name] += time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return spent


class Parts:
    """What stages of the store's work cost, by the functions that stand for them."""

    STAGES: ClassVar = {
        "claim": (Store, "claim_targets"),
        "record": (poll, "record"),
        "incidents": (watching, "watch_looks"),
        "evidence": (Ledger, "evidence_of"),
        "judge": (conclude, "judge"),
        "answers": (Ledger, "save_all"),
        "ends": (Ledger, "reschedule_all"),
    }

    def __init__(self) -> None:
        self.spent = dict.fromkeys(self.STAGES, 0.0)
        for name, (owner, function) in self.STAGES.items():
            setattr(owner, function, self._timed(name, getattr(owner, function)))

    def _timed(self, name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return really(*given, **named)
            finally:
                self.spent[name] += time.thread_time() - began

        return timed

    def told(self, base_line: float) -> str:
        """Each as a ratio to mere fetching, and anew from zero."""
        told = "  ".join(f"{name} {spent / base_line:.2f}" for name, spent in self.spent.items())
        self.spent = dict.fromkeys(self.spent, 0.0)
        return told


async def ask_all(wires: Any, questions: list[tuple[str, str]], now: Any) -> None:
    """Our own wire alone, sixteen at once: paced, guarded, unpacked and kept; nothing is read or written down."""
    left = iter(questions)

    async def some() -> None:
        for platform, url in left:
            async with wires.open(platform, now) as wire:
                await wire.ask(Request(url=url))

    await asyncio.gather(*(some() for _ in range(16)))


class Stall:
    """How long the loop did not come round: by the clock, in which others' load counts, and in its own CPU time.

    To `STEP`, and never too short: who looks more often is seen in the figures, most of all on a machine that is busy.
    """

    STEP = 0.005  # seconds

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.works: list[float] = []
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(self.STEP)
            self.waits.append(time.perf_counter() - began)
            self.works.append(time.thread_time() - worked)

    def end(self) -> str:
        """The longest and the 99th percentile, in milliseconds."""
        self._task.cancel()
        shown = (
            f"{max(of) * 1000:.0f} / {sorted(of)[len(of) * 99 // 100] * 1000:.0f}" for of in (self.works, self.waits)
        )
        return "{:>10} {:>12}".format(*shown)


async def timed(act: Callable[[], Awaitable[object]]) -> tuple[float, str]:
    """CPU seconds, and how long the loop stood still."""
    stall, began = Stall(), cpu()
    await act()
    return cpu() - began, stall.end()


async def run(accounts: int, folder: Path, base: str, turns: Any) -> None:
    now = START
    clock: Clock = lambda: now  # noqa: E731
    definition, settings = settings_for(world_of(accounts), base)
    for platform in settings["platforms"].values():
        platform |= {"per_minute": 60_000, "at_once": 16}
    settings |= {"database": f"sqlite:///{folder / 'bench.db'}", "data_dir": str(folder), "ladder": [], "receivers": {}}
    for name, content in (("accounts.yaml", definition), ("mediawatch.yaml", settings)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (folder / name).chmod(0o600)
    loaded = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    store, blobs = Store.open(loaded.settings.database, now=now), Blobs(_used(folder / "answers"))
    enroll(store, loaded, now)
    wires, readers = wires_of(loaded.settings, blobs), Readers(workers=2)
    urls, known = _urls(definition, base), dict[str, str]()
    print(f"{accounts} accounts, {len(urls)} questions a round; the loop's longest and 99th percentile in ms")
    print(f"{'round':32} {'ms/check':>8} {'ratio':>6} {'goal':>5} {'most':>5} {'own work':>10} {'by the clock':>12}")
    async with Sender(networks(["127.0.0.0/8"]), timeout=10) as sender:
        policy = policy_of(loaded)
        daemon = Daemon(store, wires, readers, sender, policy, clock, receivers=receivers_of(loaded.settings))
        settle()
        parts = Parts()
        for turn, one in enumerate(ROUNDS):
            turns.value, now = turn, START + one.at * HOUR
            fetched = partial(fetch_all, urls, known, one.not_modified)
            await fetch_all(urls, known, ask=False)  # the server makes its answers
            parts.told(1.0)
            before, quiet = await timed(fetched)
            threads = by_thread()
            spent, stall = await timed(lambda: daemon.sweep(lambda done, total: None))
            threads = {name: seconds - threads[name] for name, seconds in by_thread().items()}
            after, _ = await timed(fetched)
            base_line = (before + after) / 2
            cost = f"{spent / accounts * 1000:8.2f} {spent / base_line:6.1f} {one.goal:5.1f} {one.most:5.1f}"
            print(f"{one.name:32} {cost} {stall}")
            print(f"{'  aiohttp, the same answers':32} {base_line / accounts * 1000:8.2f} {1:6.1f} {'':11} {quiet}")
            print("    " + "  ".join(f"{name} {seconds / base_line:.2f}" for name, seconds in threads.items()), end="")
            print(f"  of the store: {parts.told(base_line)}")
        turns.value = len(ROUNDS) - 1
        plain, _ = await timed(partial(fetch_all, urls, known, False))
        asked, _ = await timed(lambda: ask_all(wires, [(_platform(url), url) for url in urls], now))
        print(f"{'our wire alone, answers kept':32} {asked / accounts * 1000:8.2f} {asked / plain:6.1f}")
        await daemon.end()
    await wires.close()
    readers.close()
    store.close()
    print("the loop is to stand still for 10 ms, at most 50")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _used(answers: Path) -> Path:
    """The folder of a store that has been in use: the places of its answers are made."""
    for number in range(256 * 256):
        os.makedirs(answers / f"{number >> 8:02x}" / f"{number & 255:02x}", mode=0o700)
    return answers


def _platform(url: str) -> str:
    path = URL(url).path
    return "weibo" if path.startswith("/weibo") else "appstore" if path.startswith("/store") else "feed:127.0.0.1"


def _urls(definition: dict[str, Any], base: str) -> list[str]:
    urls: list[str] = []
    for account in definition["accounts"]:
        for target in account["targets"]:
            if target["adapter"] == "weibo":
                page = f"{base}/weibo/api/container/getIndex?type=uid&value={target['uid']}"
                urls += [page, f"{page}&containerid=107603{target['uid']}"]
            elif target["adapter"] == "feed":
                urls.append(target["url"])
            else:
                urls.append(f"{base}/store/lookup?id={target['track_id']}&country=cn")
    return urls


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--accounts", type=int, default=600, help="in twenties")
    given = reading.parse_args()
    ready, theirs = multiprocessing.Pipe()
    turns = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(given.accounts, theirs, turns), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(run(given.accounts, Path(folder), f"http://127.0.0.1:{ready.recv()}", turns))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
