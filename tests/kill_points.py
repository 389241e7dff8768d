"""Lives through two alerts' whole lives in a process that is killed at a chosen point, then lets it finish.

Run by `test_stories_of_alerts.py`: `kill_points.py FOLDER PORT STRIDE` tries every STRIDE-th point, and prints how many
points there are. A point is: before a commit, after a commit, before an attempt, after its answer.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import Engine, event

from mediawatch import notify
from mediawatch.core.alerting import State
from mediawatch.core.grouping import Grouping
from mediawatch.core.outgoing import Answered, Outgoing
from mediawatch.core.routing import Step
from mediawatch.daemon import Daemon
from mediawatch.policy import Policy, Telling
from mediawatch.receivers import RECEIVERS
from mediawatch.sim.wire import SimWires
from mediawatch.sim.world import World
from mediawatch.store.blobs import Blobs
from mediawatch.store.store import Store
from mediawatch.telling import Configured
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.stories import START, HereReaders
from tests.telling_world import LATE, open_breach

POLICY = Policy(
    books={},
    ladder=(Step(after=timedelta(), to=("duty",)),),
    language="en",
    telling=Telling(grouping=Grouping(wait=timedelta(), interval=timedelta()), down_after=LATE),
)


class Points:
    """Counts the points that are passed, and ends the process at the chosen one as a power cut would."""

    def __init__(self, last: int | None) -> None:
        self.passed, self.last = 0, last

    def here(self, *_: Any) -> None:
        if self.passed == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1


class Watched(Sender):
    """The real sender, with a point before and after each attempt."""

    points: Points

    async def send(self, message: Outgoing, now: Any) -> Answered:
        self.points.here()
        answered = await super().send(message, now)
        self.points.here()
        return answered


async def live(folder: Path, url: str, points: Points) -> None:
    """Two alerts open, are told as one message, end, and are told again. Begun anew it goes on where it was."""
    store = Store.open(f"sqlite:///{folder / 'life.db'}", now=START)
    store.free_leases(START)
    kind = RECEIVERS["webhook"]
    settings = kind.settings.model_validate({"url": url, "secret": "of the tests", "members": 9})
    now = [START]
    async with Watched(networks(["127.0.0.0/8"])) as sender:
        sender.points = points
        daemon = Daemon(
            store,
            SimWires(World.of({"name": "life", "accounts": []}, START), keeper=Blobs(folder / "answers")),
            HereReaders(workers=1),
            sender,
            POLICY,
            lambda: now[0],
            receivers={"duty": Configured("duty", kind, settings)},
        )
        event.listen(Engine, "commit", points.here)
        with store.writing() as ledger:
            for account in ("a", "b"):
                if not ledger.outbox.said([f"alert-{account}"]):
                    alert = open_breach(account, START)
                    ledger.save_alert(alert)
                    notify.owe(ledger, alert, POLICY, START)
        points.here()
        await daemon.cycle()
        now[0] = START + timedelta(hours=1)
        await daemon.cycle()
        with store.writing() as ledger:
            for alert in ledger.all_live_alerts():
                over = alert.model_copy(update={"state": State.RESOLVED, "resolved_at": now[0]})
                ledger.save_alert(over)
                notify.owe(ledger, over, POLICY, now[0])
        points.here()
        for hours in (1, 2, 3):
            now[0] = START + timedelta(hours=hours)
            await daemon.cycle()
        await daemon.end()
    store.close()


def run(folder: Path, url: str, last: int | None) -> int:
    """Lives in a process of its own. Returns how many points it passed, or -1 where it was killed."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        points = Points(last)
        asyncio.run(live(folder, url, points))
        os.write(into, str(points.passed).encode())
        os._exit(0)
    os.close(into)
    said = os.read(out, 100)
    os.close(out)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    assert os.WEXITSTATUS(status) == 0, "the life failed"
    return int(said)


def main() -> None:
    root, port, stride = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    point = 0
    Store.open(f"sqlite:///{root / 'empty.db'}", now=START).close()
    while True:
        folder = root / str(point)
        folder.mkdir()
        shutil.copy(root / "empty.db", folder / "life.db")
        url = f"http://127.0.0.1:{port}/{point}"
        passed = run(folder, url, point)
        if passed >= 0:  # it passed all points there are
            print(passed)
            return
        assert run(folder, url, None) >= 0
        point += stride


if __name__ == "__main__":
    main()
