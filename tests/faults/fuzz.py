"""Answers that were changed at random or on purpose, read by every adapter: a recorded one is the seed of each.

Noise: bytes turned, cut, doubled, spliced with another answer's. A changed page: one name of the answer renamed,
emptied or taken away wherever it stands. Nothing but `Failed` may come out, soon; none may blame the account where the
seed did not; and no changed page may show an account that publishes as silent, empty or not listed.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.core.model import Blame, Feed, Listing, Seen
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.replay import Replay
from tests.faults.figure import Figure
from tests.faults.progress import Progress
from tests.test_adapters import ASKING, FILES, loaded

SLOW = 0.05  # seconds of CPU
_NAMES = re.compile(rb'\\*"([A-Za-z_][A-Za-z_0-9]{1,40})\\*"\s*:|</?([A-Za-z][A-Za-z:]{1,20})')
_BITS = (b"", b"\x00", b"\xff\xfe", b"null", b"{}", b"[]", b'"', b"\\u0000", b"\\ud800", b"1e999", b"-1", b"<",
         b"&#x0;", b"</", b"<![", b"]]>", b"9" * 400, b"[" * 400, b"\xe5\xb9\xb4")  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """A recorded look: the answers, and what they show."""

    adapter: Adapter
    address: Any
    exchanges: tuple[Exchange, ...]
    seen: Seen | None
    blames: bool


@dataclass
class Fuzzed:
    """What became of the payloads of one adapter. `bad`: the first few that broke a promise, in words."""

    kind: str
    tried: int = 0
    failed: int = 0
    slowest: float = 0.0
    slow: int = 0
    grown: float = 0.0  # megabytes
    bad: list[str] = field(default_factory=list)


async def seeds(kind: str) -> list[Seed]:
    adapter = ADAPTERS[kind]
    found = []
    for path in FILES:
        if path.parent.name != kind:
            continue
        fixture = loaded(path)
        wire = Replay.load(path, adapter.base_url).open(adapter.kind, fixture["at"])
        address = adapter.address.model_validate(fixture["address"])
        seen, blames = None, False
        try:
            exchanges = await adapter.fetch(address, wire)
            seen = adapter.parse(address, exchanges)
        except Failed as failed:
            exchanges, blames = wire.exchanges, failed.failure.reason.blame is Blame.ACCOUNT
        if exchanges and any(one.body for one in exchanges):
            found.append(Seed(adapter, address, tuple(exchanges), seen, blames))
    return found


def accuses(seed: Seed, body: bytes) -> bool:
    """Whether an answer, in the place of any of that look's, blames the account by itself: a profile that is there
    before a word that it is gone is a contradiction, that word alone is none."""
    for place, one in enumerate(seed.exchanges):
        exchanges = (*seed.exchanges[:place], one.model_copy(update={"body": body}), *seed.exchanges[place + 1 :])
        try:
            seed.adapter.parse(seed.address, exchanges)
        except Failed as failed:
            if failed.failure.reason.blame is Blame.ACCOUNT:
                return True
    return False


def noise(body: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The bytes with one to four changes at random places."""
    made = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(6):
            case 0 if made:
                was = made[at % len(made)]
                now = was ^ 1 << chance.randrange(8)
                legal = 48 <= was <= 57 and 48 <= now <= 57  # another number is another answer, not a damaged one
                made[at % len(made)] = was ^ 128 if legal else now
            case 1:
                del made[at:]
            case 2:
                made[at:at] = chance.choice(_BITS)
            case 3:
                piece = made[at : at + chance.randrange(1, 200)]
                made[at:at] = piece * chance.randint(1, 20)
            case 4:
                del made[at : at + chance.randrange(1, 100)]
            case _:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                made[at:] = other[start:]
    return bytes(made)


def changed_page(body: bytes, chance: random.Random) -> bytes:
    """The answer of a platform that has renamed, emptied or dropped one of its names, or stops in the middle."""
    names = _names(body)
    if not names or chance.random() < 0.2:
        return body[: chance.randint(1, max(1, len(body)))]  # an empty body is Huawei's way to say "no such app"
    name = re.escape(chance.choice(names))
    key = rb'(\\*")' + name + rb'(\\*"\s*:)'
    match chance.randrange(3):
        case 0:
            body = re.sub(key, rb"\1x_renamed\2", body)
            return re.sub(rb"(</?)" + name + rb"\b", rb"\1x-renamed", body)
        case 1:
            return re.sub(key + rb'\s*(?:\\*"[^"\\]*\\*"|-?[0-9.]+|true|false)', rb"\1" + name + rb"\2null", body)
        case _:
            return re.sub(key + rb'\s*(?:\\*"[^"\\]*\\*"|-?[0-9.]+|true|false|null)\s*,', b"", body)


@cache
def _names(body: bytes) -> list[bytes]:
    return sorted({one or other for one, other in _NAMES.findall(body)})


def turned_against(before: Seen, after: Seen) -> bool:
    """Whether the second answer says less for the account than the first: older, empty, not listed."""
    if isinstance(before, Feed) and isinstance(after, Feed) and before.newest is not None:
        empty = not after.posts and (after.complete or (after.profile is not None and after.profile.posts == 0))
        new, old = after.newest, before.newest
        older = new is not None and new.at is not None and old.at is not None and new.at < old.at and after.complete
        return empty or older
    if isinstance(before, Listing) and isinstance(after, Listing):
        return before.present and not after.present
    return False


def fuzz(kind: str, times: int, seed: int = 1) -> Fuzzed:
    """So many payloads for one adapter, half of them noise, half of them changed pages."""
    found, chance = Fuzzed(kind), random.Random(f"{kind}/{seed}")  # noqa: S311
    sown = asyncio.run(seeds(kind))
    mild = [one for one in sown if not one.blames]
    others = [one.body for seed_ in mild for one in seed_.exchanges if not accuses(seed_, one.body)]
    before, progress = _megabytes(), Progress(f"payloads for {kind}", times)
    for number in range(times):
        one = chance.choice(mild)
        which = chance.randrange(len(one.exchanges))
        page = bool(number % 2)
        was = one.exchanges[which].body
        body = changed_page(was, chance) if page else noise(was, others, chance)
        exchanges = list(one.exchanges)
        exchanges[which] = exchanges[which].model_copy(update={"body": body})
        broken = len(found.bad)
        _try(found, one, tuple(exchanges), page)
        progress.one("".join(found.bad[broken:]))
    found.grown = _megabytes() - before
    return found


def _try(found: Fuzzed, one: Seed, exchanges: tuple[Exchange, ...], page: bool) -> None:
    found.tried += 1
    began, seen = time.perf_counter(), None
    try:
        seen = one.adapter.parse(one.address, exchanges)
    except Failed as failed:
        found.failed += 1
        if failed.failure.reason.blame is Blame.ACCOUNT:
            _note(found, f"blames the account: {failed}", exchanges)
    except Exception as error:
        _note(found, f"{type(error).__name__}: {error}", exchanges)
    took = time.perf_counter() - began
    if took > min(SLOW, found.slowest):  # the machine's mood is not ours: the quickest of three counts
        took = min(took, *(_again(one, exchanges) for _ in range(2)))
    found.slowest = max(found.slowest, took)
    found.slow += took > SLOW
    if one.adapter.quick is not None:
        _try_quick(found, one, exchanges, seen)
    if page and seen is not None and one.seen is not None and turned_against(one.seen, seen):
        _note(found, "a changed page speaks against the account", exchanges)


def _try_quick(found: Fuzzed, one: Seed, exchanges: tuple[Exchange, ...], seen: Seen | None) -> None:
    """The quick way reads what the slow way reads, or says that it cannot."""
    try:
        quick = one.adapter.quick(one.address, exchanges) if one.adapter.quick else None
        if quick is not None and quick != seen:
            _note(found, "the quick way reads something else", exchanges)
    except Failed:
        if seen is not None:
            _note(found, "the quick way fails where the slow one reads", exchanges)
    except Exception as error:
        _note(found, f"quick: {type(error).__name__}: {error}", exchanges)


def _again(one: Seed, exchanges: tuple[Exchange, ...]) -> float:
    began = time.process_time()
    with suppress(Exception):
        one.adapter.parse(one.address, exchanges)
    return time.process_time() - began


def _note(found: Fuzzed, words: str, exchanges: tuple[Exchange, ...]) -> None:
    if len(found.bad) < 20:
        found.bad.append(words)
        if KEPT is not None:
            KEPT.mkdir(exist_ok=True)
            for number, one in enumerate(exchanges):
                (KEPT / f"{found.kind}-{len(found.bad)}-{number}").write_bytes(one.body)


KEPT: Path | None = None  # where payloads that broke a promise are put


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def figures(full: bool, kind: str = "") -> Iterator[Figure]:
    """kind: of the one adapter that is tried, where it is not each of them."""
    if kind and kind not in ASKING:
        raise SystemExit(
            f"fuzz: no adapter asks a platform by the name of {kind}; of these: {', '.join(sorted(ASKING))}"
        )
    logging.disable(logging.CRITICAL)
    times, slow, grown = 1_000_000 if full else 5_000, 0.0, 0.0
    for one in (fuzz(kind, times) for kind in ([kind] if kind else sorted(ASKING))):
        says = f"{times} payloads for {one.kind}, {one.tried - one.failed} of them read: broken promises"
        yield Figure.none(says, len(one.bad))
        for words in one.bad[:3]:
            yield Figure(f"  {words}"[:76], "", "", False)
        slow, grown = max(slow, one.slowest), max(grown, one.grown)
    yield Figure.most("the slowest reading", slow * 1000, SLOW * 1000, "ms")
    yield Figure.most("memory grew by, at most", grown, 32, "MB")
