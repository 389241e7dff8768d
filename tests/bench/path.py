"""What one check costs, from the question to the next due time: `make bench-path`. It prints figures, asserts nothing.

A mix of Weibo (64 KB of JSON), feeds (41 KB) and app look-ups (5 KB), gzipped, from a server process on loopback, is
watched by the real daemon with a real store. Everything is CPU time of this process and of its readers, as a ratio to
aiohttp that only fetches and unpacks the same bodies in the same run.
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
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from mediawatch.clock import Clock
from mediawatch.daemon import Daemon
from mediawatch.house import policy_of, receivers_of, wires_of
from mediawatch.isolation import Readers
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.sim import platforms
from mediawatch.sim.settings import settings_for
from mediawatch.sim.world import World
from mediawatch.store.blobs import Blobs
from mediawatch.store.store import Store
from mediawatch.wires.guard import networks
from mediawatch.wires.post import Poster
from tests.stories import START, app, wechat, weibo

ROUND = timedelta(hours=3)  # an account of the mix posts every ten hours: 0.3 new posts a check
ROUNDS = 4  # the last two show the same


def world_of(accounts: int) -> World:
    players: list[dict[str, Any]] = []
    for number in range(accounts):
        share = number % 5
        if share < 2:
            players.append(weibo(f"w{number}", number=number, every="10h", jitter="4h"))
        elif share < 4:
            feed = {"bridge": "b", "id": f"f{number}", "covers": ["mass_sent", "published"]}
            players.append(wechat(f"f{number}", every="10h", jitter="4h", feeds=[feed]))
        else:
            one = app(f"p{number}", store={"track_id": str(9910000000 + number)})
            players.append({name: value for name, value in one.items() if name != "package"})
    bridges = {"b": {"flavour": "rsshub", "format": "rss", "zone": "gmt", "items": 20}}
    return World.of({"name": "bench", "bridges": bridges, "accounts": players}, START)


def _grown(path: str, body: bytes, draw: random.Random) -> bytes:
    """The simulator's answer at the size of a real one, with fields and text that nobody reads."""
    words = ["".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(40)) for _ in range(30)]
    if b'"cards"' in body:
        answer = json.loads(body)
        for card in answer["data"]["cards"]:
            if "mblog" in card:
                card["mblog"]["more"] = {f"field{number}": draw.choice(words) for number in range(18)}
        return json.dumps(answer).encode()
    if b"<rss" in body:
        text = f"<content:encoded><![CDATA[<p>{'</p><p>'.join(words[:14])}</p>]]></content:encoded></item>"
        named = body.replace(
            b'<rss version="2.0">', b'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        )
        return named.replace(b"</item>", text.encode())
    if "/store/" in path:
        answer = json.loads(body)
        answer["results"][0]["description"] = "".join(words[:25])
        return json.dumps(answer, ensure_ascii=False).encode()
    return body


def serve(accounts: int, ready: Any, turns: Any) -> None:
    """The server process. `turns` says which round it is; answers are made once and then only sent."""
    world, made = world_of(accounts), {}
    draw = random.Random(7)  # noqa: S311

    async def answer(request: web.Request) -> web.Response:
        turn = min(turns.value, ROUNDS - 2)
        key = (request.path_qs, turn)
        if key not in made:
            reply = platforms.answer(world, request.path, request.query, START + turn * ROUND)
            made[key] = (gzip.compress(_grown(request.path, reply.body, draw), 6), reply.header("Content-Type"))
        body, kind = made[key]
        return web.Response(body=body, headers={"Content-Type": kind, "Content-Encoding": "gzip"})

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


async def fetch_all(urls: list[str]) -> None:
    """aiohttp merely fetching: one session, keep-alive, sixteen at once, bodies unpacked."""
    left = iter(urls)

    async def some(session: aiohttp.ClientSession) -> None:
        for url in left:
            async with session.get(url) as answer:
                await answer.read()

    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        await asyncio.gather(*(some(session) for _ in range(16)))


class Stall:
    """The longest time that the loop did not come round."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - began - 0.001)

    def end(self) -> float:
        self._task.cancel()
        return self.longest


async def timed(act: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """CPU seconds, and the longest stall of the loop."""
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
    store, blobs = Store.open(loaded.settings.database, now=now), Blobs(folder / "answers")
    enroll(store, loaded, now)
    wires, readers = wires_of(loaded.settings, blobs), Readers(workers=2)
    urls = _urls(definition, base)
    print(f"{accounts} accounts, {len(urls)} questions a round")
    print(f"{'round':34} {'ms/check':>8} {'ratio':>6} {'longest stall':>13}")
    async with Poster(networks(["127.0.0.0/8"]), timeout=10) as poster:
        policy = policy_of(loaded)
        daemon = Daemon(store, wires, readers, poster, policy, clock, receivers=receivers_of(loaded.settings))
        for turn, name in enumerate(
            ("first sweep, empty store", "steady, 0.3 new posts a check", "steady again", "unchanged")
        ):
            turns.value, now = turn, START + turn * ROUND
            await fetch_all(urls)  # the server makes its answers
            base_line, _ = await timed(lambda: fetch_all(urls))
            spent, stall = await timed(lambda: daemon.sweep(lambda done, total: None))
            print(f"{name:34} {spent / accounts * 1000:8.2f} {spent / base_line:6.1f} {stall * 1000:10.0f} ms")
            print(f"{'  aiohttp, the same bodies':34} {base_line / accounts * 1000:8.2f} {1:6.1f}")
        await daemon.end()
    await wires.close()
    readers.close()
    store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


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
    reading.add_argument("--accounts", type=int, default=600)
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
