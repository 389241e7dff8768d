"""One act of a person: through the daemon where one runs, or with the store's lock taken here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediawatch.clock import wall_clock
from mediawatch.commands.options import Busy, Stopped
from mediawatch.settings import Loaded

if TYPE_CHECKING:
    from mediawatch.store.store import Store


async def acted(
    found: Loaded, through: Callable[[Path], Awaitable[Any]], here: Callable[[Store], object], unknown: str
) -> None:
    """Does it once, in one of the two ways. unknown: what is said of what is not there. Raises Stopped, Busy."""
    from mediawatch.house import held_store, socket_path
    from mediawatch.store.errors import StoreBusy, StoreError
    from mediawatch.wires import control

    try:
        await through(socket_path(found.settings))
    except control.ControlRefused as error:
        raise Stopped(str(error)) from None
    except control.NoDaemon:
        try:
            with held_store(found.settings, wall_clock(), beside=True) as store:
                here(store)
        except StoreBusy as error:
            raise Busy(str(error)) from None
        except StoreError as error:
            raise Stopped(str(error)) from None
        except KeyError:
            raise Stopped(unknown) from None
        except ValueError as error:
            raise Stopped(str(error)) from None


def act(
    found: Loaded, through: Callable[[Path], Awaitable[Any]], here: Callable[[Store], object], unknown: str
) -> None:
    """The same, for a command."""
    asyncio.run(acted(found, through, here, unknown))
