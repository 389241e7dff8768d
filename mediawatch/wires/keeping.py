"""Answers are kept many at once, off the loop: those that come while others are written go together in the next round.

Whoever waits for an answer to be kept waits until it is on the disk. It must not look into an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from mediawatch.core.wire import Answered, Keeper

T = TypeVar("T")
_Waits = tuple[Any, "asyncio.Future[Any]"]


class Keeping:
    """One keeper, for all looks of one event loop."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._keep: list[_Waits] = []
        self._recall: list[_Waits] = []
        self._round: asyncio.Task[None] | None = None

    async def keep(self, answered: Answered) -> str:
        """Keeps an answer and returns its digest. Raises OSError."""
        digest: str = await self._wait(self._keep, answered)
        return digest

    async def recall(self, digest: str) -> bytes | None:
        """The bytes of that digest, `None` where they are not, or no longer, kept. Raises OSError."""
        body: bytes | None = await self._wait(self._recall, digest)
        return body

    def _wait(self, queue: list[_Waits], what: Any) -> asyncio.Future[Any]:
        waits = asyncio.get_running_loop().create_future()
        queue.append((what, waits))
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())
        return waits

    async def _rounds(self) -> None:
        while self._keep or self._recall:
            keep, self._keep = self._keep, []
            recall, self._recall = self._recall, []
            kept, recalled = await asyncio.to_thread(self._one, [one for one, _ in keep], [one for one, _ in recall])
            for waits, found in ((keep, kept), (recall, recalled)):
                _answer(waits, found)

    def _one(self, keep: list[Answered], recall: list[str]) -> tuple[list[str] | Exception, list[Any] | Exception]:
        """In the thread: what is recalled first, because it waits for no disk to turn."""
        recalled = _tried(lambda: [self._keeper.recall(digest) for digest in recall])
        return _tried(lambda: self._keeper.keep_all(keep)), recalled


def _tried(act: Callable[[], list[T]]) -> list[T] | Exception:
    try:
        return act()
    except Exception as error:  # each of those that wait gets it
        return error


def _answer(waits: list[_Waits], found: list[Any] | Exception) -> None:
    for place, (_, waiting) in enumerate(waits):
        if waiting.done():  # its look was given up
            continue
        if isinstance(found, Exception):
            waiting.set_exception(found)
        else:
            waiting.set_result(found[place])
