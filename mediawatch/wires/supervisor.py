"""A word to whoever started us (systemd's `sd_notify`): ready, alive, ending. Where nobody asked, it says nothing.

It must not decide whether we are well: who calls it says so. While the event loop is blocked it says nothing either,
and that is what makes the supervisor start us anew.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress


def tell(address: str, *words: str) -> None:
    """Sends the words to the supervisor's socket; one that is gone is no fault of ours."""
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.setblocking(False)
        out.sendto("\n".join(words).encode(), name)


@asynccontextmanager
async def supervised(well: Callable[[], bool], environ: Mapping[str, str], pid: int) -> AsyncIterator[None]:
    """Says that we are ready, then twice in every watchdog interval that we are alive, while `well` says so."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        yield
        return
    asked = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
    every = int(environ.get("WATCHDOG_USEC", "0")) / 1e6 if asked else 0.0

    async def watch() -> None:
        while True:
            if well():
                tell(address, "WATCHDOG=1")
            await asyncio.sleep(every / 2)

    tell(address, "READY=1")
    watching = asyncio.create_task(watch()) if every else None
    try:
        yield
    finally:
        tell(address, "STOPPING=1")
        if watching is not None:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
