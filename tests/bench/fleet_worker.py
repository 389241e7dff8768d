"""One worker of `make bench-fleet`: it leases batches and writes what it saw, over and over, and says what was taken.

    python -m tests.bench.fleet_worker MANNER ADDRESS TOKEN

MANNER: `lease` leases and gives back until nothing is due; `bare` does so by two plain statements of the driver; `look`
records a look at each and makes it due again at once, without end; `late` leases one batch, waits for a line, and then
writes; `open` does so with its transaction open meanwhile. A line of `look` is what the database has acknowledged.
"""

from __future__ import annotations

import logging
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from mediawatch.clock import wall_clock
from mediawatch.core.schedule import Due
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from tests.store_world import DAY, LEASE, START, saw

BATCH = 100
_TAKE = """
    UPDATE target SET next_due = %s, lease_token = %s WHERE id IN (
        SELECT id FROM target WHERE platform = 'weibo' AND next_due <= %s
        ORDER BY look_by LIMIT 100 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
_GIVE = "UPDATE target SET next_due = %s, look_by = %s, lease_token = NULL WHERE id = ANY(%s) AND lease_token = %s"


def lease(store: Store, token: str) -> int:
    done = 0
    while claims := store.claim_targets({"weibo": BATCH}, START, LEASE, token=token):
        with store.writing() as ledger:
            ledger.reschedule_all((one, Due.exactly(START + DAY)) for one in claims)
        done += len(claims)
    return done


def bare(store: Store, token: str) -> int:
    """The least that PostgreSQL can be asked for the same rows."""
    done = 0
    with store._database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        while True:
            ids = [row[0] for row in raw.execute(_TAKE, (START + LEASE, token, START))]
            raw.commit()
            if not ids:
                return done
            raw.execute(_GIVE, (START + DAY, START + DAY, ids, token))
            raw.commit()
            done += len(ids)


def look(store: Store, token: str) -> None:
    """For ever. As in the daemon, what was seen is kept until it can be written; whether it still counts, the lease
    decides."""
    seen: list[Looked] = []
    while True:
        try:
            now = wall_clock()
            if not seen:
                claims = store.claim_targets({"weibo": BATCH}, now, LEASE, token=token)
                seen = [Looked(one, saw(one, now), ()) for one in claims]
            with store.writing() as ledger:
                kept = ledger.record_all(seen) if seen else []
                ledger.reschedule_all((one.claim, Due.exactly(now)) for one in seen)
        except StoreUnavailable:
            time.sleep(0.02)
            continue
        acked = [one.observation for one, new in zip(seen, kept, strict=True) if new is not None]
        seen = []
        if acked:
            print(acked[0].at.isoformat(), *(one.target for one in acked), flush=True)
        else:
            time.sleep(0.01)


def late(store: Store, token: str, *, waits_inside: bool) -> int:
    """How many of its looks counted that it wrote after the line came."""
    now = wall_clock()
    claims = store.claim_targets({"weibo": BATCH}, now, LEASE, token=token)
    looked = [Looked(one, saw(one, now + timedelta(seconds=1)), ()) for one in claims]
    if not waits_inside:
        _told(len(claims))
    try:
        with store.writing() as ledger:
            kept = ledger.record_all(looked)
            ledger.reschedule_all((one, Due.exactly(now)) for one in claims)
            if waits_inside:
                _told(len(claims))
    except StoreUnavailable:
        return 0
    return sum(new is not None for new in kept)


def _told(number: int) -> None:
    print(number, flush=True)
    sys.stdin.readline()


def main() -> None:
    manner, address, token = sys.argv[1:]
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # that connections break is what it is for
    store = Store.open(address, now=START)
    print("ready", flush=True)
    sys.stdin.readline()
    if manner == "look":
        look(store, token)
    kinds: dict[str, Callable[[], int]] = {
        "lease": lambda: lease(store, token),
        "bare": lambda: bare(store, token),
        "late": lambda: late(store, token, waits_inside=False),
        "open": lambda: late(store, token, waits_inside=True),
    }
    before = resource.getrusage(resource.RUSAGE_SELF)
    done = kinds[manner]()
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, flush=True)


if __name__ == "__main__":
    main()
