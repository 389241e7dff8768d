"""Hands one message to the Apprise library, which knows many services. It must never retry, judge or log.

Apprise works in threads and over `requests`: it runs off the loop, follows no redirect, and keeps nothing on the disk.
It has no guard against private addresses, and believes a service that answers 200 with an error.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from mediawatch.core.model import Reason
from mediawatch.core.outgoing import Answered, Call
from mediawatch.core.wire import Failed

_AT_ONCE = 2
_NOWHERE = logging.NullHandler()  # without a handler, Python prints warnings to stderr


class Caller:
    """timeout: seconds for a whole call. Apprise is an optional part: without it every call is `not_allowed`."""

    def __init__(self, timeout: float = 20.0) -> None:
        self._timeout = timeout
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def send(self, call: Call) -> Answered:
        """Status 1 where Apprise believes that every service took it, else 0 with what it said.

        Raises `Failed` where it could not be asked, or did not come back in time.
        """
        try:
            async with self._room, asyncio.timeout(self._timeout + 5):
                return await asyncio.to_thread(partial(_called, call, self._timeout))
        except TimeoutError:
            raise Failed(Reason.TIMEOUT, "no answer in time") from None
        except ImportError:
            raise Failed(Reason.NOT_ALLOWED, "Apprise is not installed: pip install 'mediawatch[notify]'") from None


def _called(call: Call, timeout: float) -> Answered:
    import apprise

    for name in ("apprise", "urllib3"):  # they log addresses, and with them tokens: nothing of it leaves their loggers
        logging.getLogger(name).propagate = False
        logging.getLogger(name).addHandler(_NOWHERE)
    said: list[str] = []
    asset = apprise.AppriseAsset(
        app_id="mediawatch",
        app_desc="mediawatch",
        app_url="",
        async_mode=False,
        secure_logging=True,
        http_redirects=False,
        plugin_paths=[],
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    told = apprise.Apprise(asset=asset)
    for url in call.urls:
        if not told.add(url.get_secret_value()):
            raise Failed(Reason.NOT_ALLOWED, "Apprise cannot read an address of this receiver")
    done = told.notify(
        body=call.text,
        title=call.title,
        notify_type=apprise.NotifyType.FAILURE if call.bad else apprise.NotifyType.INFO,
        body_format=apprise.NotifyFormat.TEXT,
        timeout=timeout,
        log_callback=lambda entry, service: said.append(str(entry.message)),
    )
    return Answered(status=1 if done else 0, body="\n".join(said)[:2_000].encode(errors="replace"))
