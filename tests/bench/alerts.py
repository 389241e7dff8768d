"""`make bench-alerts`: 100,000 breaches fall due at once. Prints how long it takes to promise and to tell them, that no
robot's pace is broken, and how much memory it takes; and tries every point at which the path may be killed.

    python -m tests.bench.alerts [ALERTS]
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from mediawatch.core.alerting import Alert
from mediawatch.core.grouping import Grouping
from mediawatch.core.model import Unit
from mediawatch.core.routing import Step
from mediawatch.policy import Telling
from mediawatch.store.rows import alert_values
from tests.telling_world import MINUTE, Room, open_breach

PER_UNIT = 33


class Storm:
    """What a storm came to: seconds to promise and to tell, messages in the busiest minute, megabytes, what is left.

    stored: CPU seconds for the alerts; bare: for the same rows in a table without indexes.
    """

    def __init__(self) -> None:
        self.bare = self.stored = self.promised = self.told = 0.0
        self.minutes = self.busiest = self.messages = self.owed = 0
        self.named = 0
        self.memory = 0.0


async def storm(folder: Path, alerts: int, minutes: int) -> Storm:
    """So many breaches at once over units of `PER_UNIT` accounts, told to one group robot for `minutes` of its time."""
    found = Storm()
    units = {f"u{number}": Unit(id=f"u{number}", name=f"第{number}局") for number in range(-(-alerts // PER_UNIT))}
    ladder = (Step(after=timedelta(), to=("duty",)),)
    async with Room(folder, units=units, ladder=ladder, telling=Telling(grouping=Grouping())) as room:
        for unit in range(len(units)):
            ids = [f"{number}" for number in range(unit * PER_UNIT, min(alerts, (unit + 1) * PER_UNIT))]
            room.note_accounts(*ids, unit=f"u{unit}")
        room.enroll_noted()
        before = _megabytes()
        breaches = [open_breach(str(number), room.now) for number in range(alerts)]
        found.bare = _bare(folder / "bare.db", breaches)
        began = time.process_time()
        with room.store.writing() as ledger:
            ledger.save_alerts(breaches)
        found.stored = time.process_time() - began
        began = time.perf_counter()
        await room.daemon.tick_notify()
        found.promised = time.perf_counter() - began
        began = time.perf_counter()
        await room.until(room.now + minutes * MINUTE, timedelta(seconds=10))
        found.told = time.perf_counter() - began
        found.memory = _megabytes() - before
        found.messages = len(room.attempts)
        found.busiest = max(sum(at <= other < at + MINUTE for other, _ in room.attempts) for at, _ in room.attempts)
        found.owed = room.store.owed_count()
    return found


def _bare(path: Path, breaches: list[Alert]) -> float:
    """CPU seconds that SQLite alone takes for the same rows, as text that is ready, with one index."""
    rows = [(one.id, one.subject, *(str(value) for value in alert_values(one).values())) for one in breaches]
    with closing(sqlite3.connect(path)) as connection:
        names = ", ".join(f"c{number}" for number in range(len(rows[0]) - 1))
        connection.execute(f"CREATE TABLE bare (id TEXT PRIMARY KEY, {names})")
        began = time.process_time()
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.commit()
        return time.process_time() - began


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    alerts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(storm(Path(folder), alerts, 10))
    each = 1e6 / alerts
    print(f"{alerts} alerts stored   {found.stored:8.1f} CPU-s  {found.stored * each:4.0f} us each"
          f"  {found.stored / found.bare:5.1f} x a bare table (2 s are allowed)")  # fmt: skip
    print(f"{alerts} alerts promised {found.promised:8.1f} s  {found.promised * each:8.0f} us each"
          f"  {found.promised / found.stored:5.1f} x storing")  # fmt: skip
    print(
        f"told in {found.messages} messages, {found.busiest} in the busiest minute (20 are allowed), {found.owed} left"
    )
    print(f"ten minutes of telling took {found.told:.1f} s; memory grew by {found.memory:.0f} MB (200 are allowed)")
    if found.owed or found.busiest > 20 or found.memory > 200:
        sys.exit(1)


if __name__ == "__main__":
    main()
