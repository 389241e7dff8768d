"""Workers: the same answer as here, an end to what hangs, and nothing of ours inside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mediawatch.adapters import ADAPTERS, apk, feed, weibo
from mediawatch.core.model import Feed, Package, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.isolation import Readers, read_here
from tests.packages import package

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
ADDRESS = feed.Address(url="https://bridge.example/f.xml", zone="Asia/Shanghai")
GOOD = (
    b'<rss version="2.0"><channel><title>t</title>'
    b"<item><guid>1</guid><pubDate>2026-03-01 08:00:00</pubDate></item></channel></rss>"
)
# An e-mail pattern of the feed library takes minutes for this author. (The version is none that is read fast.)
HANGS = b'<rss version="0.92"><channel><item><author>' + b"a" * 65536 + b"</author></item></channel></rss>"


def answer(body: bytes, status: int = 200) -> tuple[Exchange, ...]:
    return (Exchange(url=ADDRESS.url, at=AT, status=status, body=body),)


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    made = Readers(deadline=1.0)
    yield made
    made.close()


def process_of(readers: Readers) -> int:
    (worker,) = readers._all
    return worker._process.pid


def life_of(pid: int) -> tuple[bytes, dict[str, list[str]]]:
    """The environment and the limits of a process, as the system knows them."""
    home = Path(f"/proc/{pid}")
    if not home.exists():
        pytest.skip("no /proc on this system")
    lines = (home / "limits").read_text().splitlines()[1:]
    return (home / "environ").read_bytes(), {line[:25].strip(): line[25:].split() for line in lines}


async def test_a_worker_reads_what_we_read(readers: Readers) -> None:
    seen = await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    assert isinstance(seen, Feed)
    assert seen == read_here(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    assert seen.newest is not None
    assert seen.newest.at == datetime(2026, 3, 1, 0, tzinfo=UTC)


async def test_a_worker_reads_packages_too(readers: Readers) -> None:
    address = apk.Address(url="https://download.example/a.apk")
    body = package()
    exchange = Exchange(url=address.url, at=AT, status=200, headers=(("Content-Length", str(len(body))),), body=body)
    seen = await readers.read(ADAPTERS["apk"], address, (exchange,))
    assert isinstance(seen, Package)
    assert seen.problem == ""
    assert seen == read_here(ADAPTERS["apk"], address, (exchange,))


async def test_a_refusal_comes_back_with_its_reason(readers: Readers) -> None:
    refused = (answer(b"", 429)[0].model_copy(update={"headers": (("Retry-After", "30"),)}),)
    with pytest.raises(Failed) as raised:
        await readers.read(ADAPTERS["feed"], ADDRESS, refused)
    assert raised.value.failure.reason is Reason.RATE_LIMITED
    assert raised.value.failure.retry_after == 30


async def test_a_reading_that_hangs_is_ended_and_the_others_go_on(readers: Readers) -> None:
    await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))

    async def one(body: bytes) -> str:
        try:
            return str(len((await readers.read(ADAPTERS["feed"], ADDRESS, answer(body))).posts))
        except Failed as failed:
            return str(failed)

    assert await asyncio.gather(one(HANGS), one(GOOD), one(GOOD)) == ["unreadable: reader deadline", "1", "1"]
    assert await one(GOOD) == "1"


async def test_a_worker_that_dies_costs_one_look(readers: Readers) -> None:
    await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    os.kill(process_of(readers), 9)
    with contextlib.suppress(Failed):  # the death may be noticed before the job is given, or after
        await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    assert isinstance(await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD)), Feed)


async def test_workers_are_replaced_after_their_share() -> None:
    readers = Readers(workers=1, most_jobs=2)
    pids = []
    for _ in range(3):
        await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
        pids.append([worker._process.pid for worker in readers._all])
    readers.close()
    assert pids[1] == []
    assert pids[0] != pids[2]


async def test_a_worker_knows_no_secret_and_has_limits(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIAWATCH_TEST_SECRET", "s3cret")
    await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    environment, limits = life_of(process_of(readers))
    assert b"s3cret" not in environment
    assert environment.count(b"=") <= 4
    assert int(limits["Max address space"][0]) <= 512 * 1024**2 + len(GOOD)
    assert int(limits["Max address space"][1]) <= 832 * 1024**2
    assert int(limits["Max cpu time"][0]) <= 5, "its start and the second of the deadline"
    assert limits["Max file size"][0] == "0"


ATTEMPTS = (
    "socket.create_connection(('127.0.0.1', {port}), 2)",
    "urllib.request.urlopen('http://127.0.0.1:{port}/')",
    "socket.socket().connect(('127.0.0.1', {port}))",
    "open('/etc/passwd').read()",
    "pathlib.Path('/proc/self/environ').read_bytes()",
    "open('{folder}/new', 'w')",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.fork()",
    "feedparser.parse('/etc/passwd').entries[0]",
    "feedparser.parse('http://127.0.0.1:{port}/').entries[0]",
)


def test_a_reader_reaches_no_network_no_file_and_no_program(tmp_path: Path) -> None:
    """What it is led to, it may not; what it needs (a codec, a zone) it may still load."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        tried = [one.format(port=server.getsockname()[1], folder=tmp_path) for one in ATTEMPTS]
        program = (
            "import feedparser, os, pathlib, socket, subprocess, urllib.request\n"
            "from mediawatch.confinement import confine\nconfine()\n"
            "import zoneinfo, encodings.gb18030\nzoneinfo.ZoneInfo('Asia/Shanghai'); '云'.encode('big5')\n"
            f"for one in {tried!r}:\n"
            "    try:\n        exec(one)\n        print('done:', one)\n"
            "    except (OSError, IndexError):\n        print('refused')\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.stdout.split("\n") == ["refused"] * len(ATTEMPTS) + [""], (done.stdout, done.stderr)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert list(tmp_path.iterdir()) == []


async def test_closing_ends_the_workers_at_once_and_for_good(readers: Readers) -> None:
    await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    pid = process_of(readers)
    readers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Failed, match="reader closed"):
        await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))


async def test_a_cancelled_reading_leaves_no_process(readers: Readers) -> None:
    await readers.read(ADAPTERS["feed"], ADDRESS, answer(GOOD))
    pid = process_of(readers)
    task = asyncio.create_task(readers.read(ADAPTERS["feed"], ADDRESS, answer(HANGS)))
    while readers._idle:  # noqa: ASYNC110 — until the worker has been taken for the job
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_needs_no_isolation_is_read_here_without_a_process(readers: Readers) -> None:
    with pytest.raises(Failed):
        await readers.read(ADAPTERS["weibo"], weibo.Address(uid="5555000001"), answer(b"{}"))
    assert not readers._all
