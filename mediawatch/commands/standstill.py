"""Says where the event loop stood still: a line when it has for a second, with the place in our code, and one after it.

It must change nothing: a supervisor's own watchdog restarts a loop that never goes on (`wires/supervisor.py`).
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

log = logging.getLogger("mediawatch")
LONG = 1.0  # seconds
_DEEP = 8  # frames, innermost last; no values of variables


@asynccontextmanager
async def standstills(long: float = LONG) -> AsyncIterator[None]:
    """Watches this loop, which runs on this thread, from another one while the block runs."""
    watch = _Watch(threading.get_ident(), asyncio.get_running_loop().time, long)
    watching = threading.Thread(target=watch.run, name="standstill", daemon=True)
    watching.start()
    beating = asyncio.create_task(watch.beat())
    try:
        yield
    finally:
        beating.cancel()
        watch.over.set()


class _Watch:
    def __init__(self, thread: int, clock: Callable[[], float], long: float) -> None:
        self.over = threading.Event()
        self._thread, self._clock, self._long = thread, clock, long
        self._beat_at = self._clock()

    async def beat(self) -> None:
        while True:
            self._beat_at = self._clock()
            await asyncio.sleep(self._long / 4)

    def run(self) -> None:
        stood = None  # since when the loop stands still
        while not self.over.wait(self._long / 4):
            beat = self._beat_at
            if stood is not None and beat > stood:
                log.warning("the event loop goes on; it stood still for %.1f s", beat - stood)
                stood = None
            elif stood is None and self._clock() - beat > self._long:
                stood = beat
                log.warning("the event loop stands still for %.1f s: %s", self._clock() - beat, self._place())

    def _place(self) -> str:
        frame = sys._current_frames().get(self._thread)
        frames = traceback.extract_stack(frame)[-_DEEP:] if frame is not None else []
        return " > ".join(f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in frames)
