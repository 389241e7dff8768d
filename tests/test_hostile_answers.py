"""A hundred and sixty-eight hostile answers, each to an adapter or two: a reason, in time, and nobody is led inside.

`make faults` gives each of them to every adapter.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.core.model import Blame, Failure
from mediawatch.core.wire import Exchange, Failed, Request, Wire
from mediawatch.isolation import DEADLINE as READING
from mediawatch.isolation import DEADLINES, Readers
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace
from tests.hostile_answers import answers
from tests.wire_server import Everywhere, Shelf

FIXTURES = Path(__file__).parent / "fixtures" / "adapters"
DEADLINE = 0.4  # seconds for an answer
MOST = 2_000_000  # bytes of an answer
ASKED = sorted(path.name for path in FIXTURES.iterdir() if path.name != "launch")  # a device is not asked over HTTP
DEEP = "json 15"
SLOW = ("hang", "drip", "drip of headers", "endless 100", "endless chunks")


@dataclass
class Stage:
    """A server that answers as it is told, one inside that must not be met, and our own wire and readers."""

    http: Http
    readers: Readers
    port: int
    sentinel: int
    how: str = ""
    led_inside: int = 0
    over: float = -99.0  # seconds that any look took beyond the deadlines of its questions and of its reader
    met: Counter[str] = field(default_factory=Counter)

    async def look(self, adapter: Adapter, how: str, at: datetime) -> Failure | None:
        """One look while the server behaves so. `None` where something was seen; anything but `Failed` is raised."""
        self.how = how
        host = f"h{hash(how) % 10**9}.example"  # one of its own, so that no look waits for the rest of another
        address = address_of(adapter, host, self.port)
        platform = (adapter.platform or adapter.kind) + (f":{host}" if adapter.host_field else "")
        began = time.perf_counter()
        async with self.http.open(platform, at) as wire:
            hurried = Hurried(wire)
            try:
                await self.readers.read(adapter, address, await adapter.fetch(address, hurried))
            except Failed as failed:
                return failed.failure
            finally:
                may = hurried.asked * DEADLINE + DEADLINES.get(adapter.kind, READING)
                self.over = max(self.over, time.perf_counter() - began - may)
        return None


class Hurried:
    """A wire whose questions have no longer than any: some adapters are patient for minutes. asked: how many."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self.asked = wire, 0

    async def ask(self, request: Request) -> Exchange:
        self.asked += 1
        return await self._wire.ask(replace(request, timeout=None, patience=None, max_body=MOST))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wire, name)


def address_of(adapter: Adapter, host: str, port: int) -> Any:
    """The address of the adapter's own fixture; where it names a host, that is the server."""
    text = yaml.safe_dump(yaml.safe_load((FIXTURES / adapter.kind / "normal.yaml").read_text("utf-8"))["address"])
    for scheme in ("https://", "http://") if adapter.host_field else ():
        head, *rest = text.split(scheme)
        text = head + "".join(f"http://{host}:{port}/{part.partition('/')[2]}" for part in rest)
    return adapter.address.model_validate(yaml.safe_load(text))


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    told: list[Stage] = []

    async def inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told[0].led_inside += 1
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = known[told[0].how]
        try:
            await reader.read(65_536)
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except OSError:
            pass
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    sentinel = await asyncio.start_server(inside, "127.0.0.2", 0)
    known = answers(sentinel.sockets[0].getsockname()[1])
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    base = f"http://p.example:{port}"
    paces = {one.platform or one.kind: PlatformPace("" if one.host_field else base, 6e6, 9, rest=0.0, roams=one.roams,
             secrets=() if one.host_field else (("access_token", "t0ken-t0ken"), ("token", "t0ken-t0ken"),
             ("wx1234567890abcdef", "s3cret-s3cret"))) for one in ADAPTERS.values()}  # fmt: skip
    http = Http(paces, Shelf(), allow_private=["127.0.0.1/32"], timeout=timedelta(seconds=DEADLINE),
                max_body=MOST, resolver=Everywhere(), jitter=0.0)  # fmt: skip
    readers = Readers(workers=1)
    told.append(Stage(http, readers, port, sentinel.sockets[0].getsockname()[1]))
    try:
        yield told[0]
    finally:
        await http.close()
        readers.close()
        for one in (server, sentinel):
            one.close()


def pairs(every: bool) -> Iterator[tuple[str, Adapter]]:
    """Each answer with each adapter, or with two of them in turn; slow ones with one, what is nested deep with all."""
    for number, how in enumerate(answers(1)):
        kinds = (
            ASKED
            if every or how == DEEP
            else [ASKED[(number + step) % len(ASKED)] for step in range(1 if how in SLOW else 2)]
        )
        yield from ((how, ADAPTERS[kind]) for kind in kinds)


async def looked(stage: Stage, every: bool, progress: Callable[[], None] = lambda: None) -> tuple[int, list[str]]:
    """Makes all these looks. Returns how many there were, and what was wrong with any. progress: called after each."""
    wrong, count, at = list[str](), 0, datetime(2026, 3, 2, tzinfo=UTC)
    for how, adapter in pairs(every):
        count += 1
        progress()
        try:
            failure = await stage.look(adapter, how, at)
        except Exception as error:
            wrong.append(f"{adapter.kind}, {how[:40]}: {type(error).__name__} {error}"[:200])
            continue
        stage.met["seen" if failure is None else failure.reason.value] += 1
        if failure is not None and failure.reason.blame is Blame.ACCOUNT:
            wrong.append(f"{adapter.kind}, {how[:40]}: blames the account ({failure.reason})")
    return count, wrong


async def test_every_answer_ends_with_a_reason_and_leads_nobody_inside() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with stage() as one:
        assert len(answers(1)) == 168
        count, wrong = await looked(one, every=False)
        assert count >= 2 * 168 - len(SLOW)
        assert wrong == []
        assert one.led_inside == 0
        assert len(one.met) > 5, one.met
        how = await one.look(ADAPTERS["feed"], "xml 1", datetime(2026, 3, 2, tzinfo=UTC))
        assert how is None, "the next healthy answer is read"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 96 * 1024, "kilobytes"
