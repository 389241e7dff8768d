"""How the process of a daemon ends: in order and within its time, whatever hangs; at once where it is asked again.

First everything is given back in order. Threads that hang in somebody else's code are left behind; where even the order
does not come to its end (a database that no longer answers), the process ends a second after its time, with 1.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

log = logging.getLogger("mediawatch")
T = TypeVar("T")
GRACE = timedelta(seconds=1)
LATE = 1  # the exit code where not everything was given back
_ASIDE = "aside"  # threads for calls that wait for a disk, a phone or a library
_MOST_ASIDE = 16
_SHORT = 0.2  # seconds for an idle thread to end


def run_to_the_end(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, but no thread that hangs holds up its end, and what a task dies of is logged."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(_MOST_ASIDE, thread_name_prefix=_ASIDE))
    loop.set_exception_handler(_told)
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left, timeout=_SHORT))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            loop.close()  # waits for no thread


def end_on_signals(stop: Callable[[], None], patience: timedelta) -> None:
    """From now on SIGTERM and SIGINT ask for an orderly end within `patience`, and a second one for one at once."""
    loop, asked = asyncio.get_running_loop(), False

    def again(number: int) -> None:
        nonlocal asked
        if asked:
            log.warning("asked a second time: it ends at once, and leases end by their time")
            _leave(128 + number)
        asked = True
        late = threading.Timer((patience + GRACE).total_seconds(), _late)
        late.daemon = True
        late.start()
        stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, again, name)


def leave_threads_behind(code: int = 0) -> None:
    """Called last, when everything is closed: ends the process here where a thread still hangs."""
    hanging = [one for one in threading.enumerate() if one.name.startswith(_ASIDE)]
    for thread in hanging:
        thread.join(_SHORT)
    if number := sum(thread.is_alive() for thread in hanging):
        log.warning("%d calls still hang in libraries or on a disk, and are left behind", number)
        _leave(code)


def _late() -> None:
    log.error("the end took too long: not everything was given back, and leases end by their time")
    _leave(LATE)


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _told(loop: asyncio.AbstractEventLoop, said: dict[str, Any]) -> None:
    """What nobody waited for still shows."""
    log.error("%s", said.get("message", "a task died"), exc_info=said.get("exception"))
