"""The memory of a process that runs for months: one heap, and a collector that does not walk over what stays.

It must not decide how much is held, only how.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

_FAST, _TRIM, _MMAP, _HEAPS = 1, -1, -3, -8  # glibc's M_MXFAST, M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX
_LARGE = 32 * 1024  # bytes; at 128 KB, texts of 40 KB that come and go leave holes: the heap grows for weeks
_YOUNG = 10_000  # objects; a look makes hundreds, nearly all of which end without the collector
OFTEN = 5.0  # seconds; a millisecond each time


def share_one_heap() -> None:
    """All threads share one heap, large pieces go back to the system at once, and small ones are joined as soon as they
    are free: a heap of each thread keeps what its largest work took, and free pieces that are not joined hold the pages
    around them. Called once, before there are threads; other C libraries than glibc do as they like.
    """
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is not None:
        for name, value in ((_HEAPS, 1), (_FAST, 0), (_MMAP, _LARGE), (_TRIM, _LARGE)):
            option(name, value)


@asynccontextmanager
async def giving_back(every: float = OFTEN) -> AsyncIterator[None]:
    """While the block runs, what lies free between pieces in use goes back to the system now and then.

    In a thread, for it takes some milliseconds. every: seconds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    async def now_and_then() -> None:
        while trim is not None:
            await asyncio.sleep(every)
            await asyncio.to_thread(trim, 0)

    giving = asyncio.create_task(now_and_then())
    try:
        yield
    finally:
        giving.cancel()


def settle() -> None:
    """All that lives now stays for as long as the process does. Called once, when everything is set up.

    A walk over rulebooks, lists of words and all modules takes a tenth of a second, and the event loop waits for it.
    Walks over what is young come after so many objects as a few dozen looks make, not after those of two.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def forget(library: str) -> None:
    """Lets go of a library and of what it holds, once its work is done; who asks for it again loads it again."""
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        del sys.modules[name]


@contextmanager
def without_walks() -> Iterator[None]:
    """While the block runs, no walk looks for circles: for one that makes tens of thousands of values, none of which
    names the one that names it, and lets go of them all in a moment or ends with its process. A quarter of its time was
    walks over them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
