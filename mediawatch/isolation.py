"""The isolated reading: parsers that hostile bytes could hang or blow up run in worker processes with limits.

A worker knows no secret: it starts with an almost empty environment, in `/`, and is spoken to over one socket only. Its
answers are taken as data and checked like anything from outside. It asks no network and opens no file: see
`confinement.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import math
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.confinement import confine
from mediawatch.core.model import Failure, Reason, Seen, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed

DEADLINE = 5.0  # seconds for one reading
DEADLINES = {"apk": 20.0, "launch": 20.0, "columns": 20.0}
START = 30.0  # seconds until a worker must be ready
MOST_JOBS = 1000  # readings until a worker is replaced
MOST_MEMORY = 512 * 1024 * 1024  # bytes of address space, beside the answers that are read
MOST_BODIES = 320 * 1024 * 1024  # bytes of these: a package, and what a device says of it
MOST_ANSWER = 32 * 1024 * 1024  # bytes
_PIECE = 1024 * 1024
_READY = b"ready"
_ENVIRONMENT = {
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    "PYTHONDONTWRITEBYTECODE": "1",
    "LANG": "C.UTF-8",
} | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}  # some Pythons need it to start
# Loaded before the first job, so that no reading is charged for them. An adapter's parser may be missing here.
_PARSERS = ("feedparser", "pyaxmlparser.axmlprinter", "PIL.PngImagePlugin", "PIL.ImageStat")


class _Job(Value):
    """What crosses the border before the bodies: the adapter by name, and how long each body is."""

    kind: str
    deadline: float
    address: dict[str, Any]
    exchanges: tuple[dict[str, Any], ...]
    sizes: tuple[int, ...]


class _Answer(Value):
    seen: Seen | None = None
    failure: Failure | None = None


def read_here(adapter: Adapter, address: Any, exchanges: tuple[Exchange, ...]) -> Seen:
    """Reads in this process, without limits. Raises `Failed` as the adapter's `parse` does."""
    return adapter.parse(address, exchanges)


class Readers:
    """Reads answers, in worker processes where the adapter says `isolate`. Belongs to one event loop.

    workers: how many processes at most; each is started when it is first needed.
    deadlines: seconds for one reading, by the adapter's kind; `deadline` for the others.
    most_jobs: readings until a worker is replaced.
    """

    def __init__(
        self,
        workers: int = 2,
        deadline: float = DEADLINE,
        deadlines: Mapping[str, float] = DEADLINES,
        most_jobs: int = MOST_JOBS,
    ) -> None:
        self._room = asyncio.Semaphore(workers)
        self._deadline = deadline
        self._deadlines = dict(deadlines)
        self._most_jobs = most_jobs
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    async def read(self, adapter: Adapter, address: Any, exchanges: tuple[Exchange, ...]) -> Seen:
        """What the answers show. Raises `Failed`: the adapter's own, or `unreadable` where a worker had to be ended.

        The deadline counts from the moment at which the worker has the job. Cancelling ends the worker.
        """
        if not adapter.isolate:
            return read_here(adapter, address, exchanges)
        if adapter.quick is not None and (seen := adapter.quick(address, exchanges)) is not None:
            return seen
        deadline = self._deadlines.get(adapter.kind, self._deadline)
        job = _packed(adapter, address, exchanges, deadline)
        async with self._room:
            worker = await self._worker()
            try:
                answer = await worker.do(job, [exchange.body for exchange in exchanges], deadline)
            except BaseException:
                self._drop(worker)
                raise
            if self._closed or worker.jobs >= self._most_jobs:
                self._drop(worker)
            else:
                self._idle.append(worker)
        if answer.failure is not None:
            raise Failed(answer.failure.reason, answer.failure.detail, answer.failure.retry_after)
        if answer.seen is None:
            raise Failed(Reason.UNREADABLE, "reader gave no answer")
        return answer.seen

    def close(self) -> None:
        """Ends all workers at once; readings under way end with a `Failed`."""
        self._closed = True
        for worker in tuple(self._all):
            self._drop(worker)

    async def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._drop(worker)
        if self._closed:
            raise Failed(Reason.OWN_MACHINE, "reader closed")
        worker = await _Worker.start()
        self._all.add(worker)
        if self._closed:
            self._drop(worker)
        return worker

    def _drop(self, worker: _Worker) -> None:
        worker.end()
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)


class _Worker:
    """One process and the socket to it, seen from our side."""

    def __init__(
        self, process: subprocess.Popen[bytes], streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self._process = process
        self._from, self._to = streams
        self.jobs = 0

    @classmethod
    async def start(cls) -> _Worker:
        """A worker that has its limits and its parsers. Raises `Failed` where it does not get so far."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: ASYNC220 — returns as soon as the new program runs
                    [sys.executable, "-c", "from mediawatch.isolation import serve; serve()"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_ENVIRONMENT,
                    start_new_session=True,  # a Ctrl-C at the terminal is for the daemon
                )
            except OSError as error:
                ours.close()
                raise Failed(Reason.OWN_MACHINE, f"reader not started: {clean(str(error), 120)}") from error
        try:
            worker = cls(process, await asyncio.open_connection(sock=ours, limit=_PIECE))
        except BaseException:
            process.kill()
            process.wait()
            ours.close()
            raise
        try:
            async with asyncio.timeout(START):
                if await worker._read_block(len(_READY)) == _READY:
                    return worker
        except (TimeoutError, asyncio.IncompleteReadError, OSError, ValueError):
            pass
        except BaseException:
            worker.end()
            raise
        worker.end()
        raise Failed(Reason.OWN_MACHINE, "reader not started")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def do(self, job: bytes, bodies: list[bytes], deadline: float) -> _Answer:
        """One job. Raises `Failed(unreadable)` where the worker dies, overruns or talks nonsense."""
        self.jobs += 1
        try:
            async with asyncio.timeout(deadline):
                await self._send(struct.pack("<Q", len(job)) + job)
                for body in bodies:
                    await self._send(body)
                return _Answer.model_validate_json(await self._read_block(MOST_ANSWER))
        except TimeoutError:
            raise Failed(Reason.UNREADABLE, "reader deadline") from None
        except (asyncio.IncompleteReadError, OSError):
            overran = self._process.poll() == -signal.SIGXCPU
            raise Failed(Reason.UNREADABLE, "reader deadline" if overran else "reader crashed") from None
        except ValueError:
            raise Failed(Reason.UNREADABLE, "reader gave no answer") from None

    def end(self) -> None:
        """Kills the process and collects it."""
        self._process.kill()
        self._process.wait()
        self._to.close()

    async def _send(self, data: bytes) -> None:
        view = memoryview(data)
        for at in range(0, len(view), _PIECE):  # in pieces: the transport copies what it cannot send at once
            self._to.write(view[at : at + _PIECE])
            await self._to.drain()

    async def _read_block(self, most: int) -> bytes:
        size = struct.unpack("<Q", await self._from.readexactly(8))[0]
        if size > most:
            raise ValueError("answer too long")
        return await self._from.readexactly(size)


def _packed(adapter: Adapter, address: Any, exchanges: tuple[Exchange, ...], deadline: float) -> bytes:
    job = _Job(
        kind=adapter.kind,
        deadline=deadline,
        address=address.model_dump(mode="json"),
        exchanges=tuple(exchange.model_dump(mode="json", exclude={"body"}) for exchange in exchanges),
        sizes=tuple(len(exchange.body) for exchange in exchanges),
    )
    return job.model_dump_json().encode()


# --- the worker's side ------------------------------------------------------------------------------------------------


def serve() -> None:
    """The whole life of a worker: limits first, then one job after the other until the socket closes."""
    _limit(resource.RLIMIT_AS, MOST_MEMORY + MOST_BODIES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # a library that prints must not speak for us
    for name in _PARSERS:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    confine()
    _put(answers, _READY)
    while True:
        head = questions.read(8)
        if len(head) < 8:
            return
        job = _Job.model_validate_json(questions.read(struct.unpack("<Q", head)[0]))
        # No handler: the system ends a worker that its daemon no longer watches.
        signal.setitimer(signal.ITIMER_REAL, job.deadline * 2 + 1)
        _limit(resource.RLIMIT_AS, MOST_MEMORY + sum(job.sizes), for_good=False)
        _limit(resource.RLIMIT_CPU, math.ceil(_spent() + job.deadline), for_good=False)
        bodies = [questions.read(size) for size in job.sizes]
        answer = _done(job, bodies)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _put(answers, answer.model_dump_json().encode())


def _limit(kind: int, most: int, *, for_good: bool = True) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(OSError, ValueError):  # a system that lacks one of the limits keeps the deadline
        resource.setrlimit(kind, (bound, bound if for_good else hard))


def _spent() -> float:
    """Seconds of a processor that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _done(job: _Job, bodies: list[bytes]) -> _Answer:
    try:
        adapter = ADAPTERS[job.kind]
        address = adapter.address.model_validate(job.address)
        pairs = zip(job.exchanges, bodies, strict=True)
        exchanges = tuple(Exchange.model_validate(exchange | {"body": body}) for exchange, body in pairs)
        return _Answer(seen=adapter.parse(address, exchanges))
    except Failed as failed:
        return _Answer(failure=failed.failure)
    except MemoryError:
        return _Answer(failure=Failure(reason=Reason.UNREADABLE, detail="reader out of memory"))
    except Exception as error:
        detail = clean(f"reader failed: {type(error).__name__}: {error}", 200)
        return _Answer(failure=Failure(reason=Reason.UNREADABLE, detail=detail))


def _put(answers: BinaryIO, data: bytes) -> None:
    answers.write(struct.pack("<Q", len(data)) + data)
    answers.flush()
