"""A house whose database is not there yet waits for it: machines start in any order. It must not open the store.

SIGTERM and SIGINT end the wait at once, as they end any process that has begun nothing. A file is never waited for, nor
a server that answers and refuses.
"""

from __future__ import annotations

import logging
import time

from mediawatch.store.presence import away

log = logging.getLogger("mediawatch")
FIRST, MOST = 1.0, 30.0  # seconds between two questions: they double


def wait_for_store(address: str) -> None:
    """Returns once the server of that store answers. Tells so at first, and then each time the wait has doubled; a wait
    of a day is some seventeen lines. Raises StoreError."""
    pause, waited, tells_at = FIRST, 0.0, 0.0
    while why := away(address):
        if waited >= tells_at:
            log.warning("the database does not answer (%s); waiting for it", why)
            tells_at = max(2 * waited, FIRST)
        time.sleep(pause)
        waited += pause
        pause = min(2 * pause, MOST)
    if waited:
        log.info("the database answers")
