"""A word to an address outside, as long as we are well: where none comes, somebody there tells that we have stopped.

It must say nothing while the ticks stand still or the store takes no writes, and it must never stop the daemon.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from mediawatch.core.outgoing import Post
from mediawatch.core.wire import Failed
from mediawatch.wires.sending import Sender

log = logging.getLogger("mediawatch")


class DeadMan:
    """`await dead_man.tick()` now and then. url: holds a token, so it is never logged. well: whether all is well."""

    def __init__(self, url: str, sender: Sender, well: Callable[[], bool], clock: Callable[[], datetime]) -> None:
        self._url, self._sender, self._well, self._clock = url, sender, well, clock
        self._heard = True

    async def tick(self) -> int:
        """Says that we are alive. 1 where the word was taken; a failure is logged when it begins and when it ends."""
        if not self._well():
            return 0
        try:
            answered = await self._sender.send(Post(url=self._url, body=b""), self._clock())
            heard, why = 200 <= answered.status < 300, f"HTTP {answered.status}"
        except Failed as failed:
            heard, why = False, str(failed)
        if heard != self._heard:
            log.log(logging.INFO if heard else logging.WARNING, "dead man's address: %s", "back" if heard else why)
        self._heard = heard
        return int(heard)
