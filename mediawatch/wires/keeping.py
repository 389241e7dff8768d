"""Answers are kept many at once, off the loop: those that come while others are written go together in the next round.

Whoever waits for an answer to be kept waits until it is on the disk. It must not look into an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mediawatch.core.wire import Answered, Keeper

_TOGETHER = 4  # looks that go on in one turn of the loop
_Waits = tuple[Any, "asyncio.Future[Any]"]


class Keeping:
    """One keeper, for all looks of one event loop."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._waiting = _nobody()
        self._round: asyncio.Task[None] | None = None

    async def keep(self, answered: Answered) -> str:
        """Keeps an answer and returns its digest. Raises OSError."""
        digest: str = await self._wait("keep", answered)
        return digest

    async def recall(self, digest: str) -> bytes | None:
        """The bytes of that digest, `None` where they are not, or no longer, kept. Raises OSError."""
        body: bytes | None = await self._wait("recall", digest)
        return body

    async def holds(self, digest: str) -> bool:
        """Whether something is kept under that digest. Raises OSError."""
        there: bool = await self._wait("holds", digest)
        return there

    def _wait(self, what: str, of: Any) -> asyncio.Future[Any]:
        waits = asyncio.get_running_loop().create_future()
        self._waiting[what].append((of, waits))
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())
        return waits

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        while any(self._waiting.values()):
            this, self._waiting = self._waiting, _nobody()
            asked = {what: [of for of, _ in waits] for what, waits in this.items() if waits}
            for what, found in (await loop.run_in_executor(None, self._one, asked)).items():
                await _answer(this[what], found, at_once=what == "holds")

    def _one(self, asked: dict[str, list[Any]]) -> dict[str, list[Any] | Exception]:
        """In the thread, and in this order: what is only looked up waits for no disk to turn."""
        acts: dict[str, Callable[[list[Any]], list[Any]]] = {
            "holds": lambda digests: [self._keeper.holds(digest) for digest in digests],
            "recall": lambda digests: [self._keeper.recall(digest) for digest in digests],
            "keep": self._keeper.keep_all,
        }
        return {what: _tried(act, asked[what]) for what, act in acts.items() if what in asked}


def _nobody() -> dict[str, list[_Waits]]:
    return {"holds": [], "recall": [], "keep": []}


def _tried(act: Callable[[list[Any]], list[Any]], of: list[Any]) -> list[Any] | Exception:
    try:
        return act(of)
    except Exception as error:  # each of those that wait gets it
        return error


async def _answer(waits: list[_Waits], found: list[Any] | Exception, *, at_once: bool) -> None:
    """at_once: else a few at a time, for each goes on to read, and the loop shall come round in between."""
    for place, (_, waiting) in enumerate(waits):
        if place % _TOGETHER == _TOGETHER - 1 and not at_once:
            await asyncio.sleep(0)
        if waiting.done():  # its look was given up
            continue
        if isinstance(found, Exception):
            waiting.set_exception(found)
        else:
            waiting.set_result(found[place])
