"""The whole life of one alert in a house of its own: looked at, confirmed, told, acknowledged, over, told, and put into
an evidence pack. It can be cut off anywhere and begun again: it then goes on where it was.

`facts` is called with what the outside has been told: what a receiver took, what a person was told is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from pathlib import Path
from threading import Thread

from sqlalchemy import text

from mediawatch import documents, proof
from mediawatch.core.alerting import State
from mediawatch.core.bodies import Wanted
from mediawatch.store.blobs import Blobs
from mediawatch.store.errors import StoreError
from mediawatch.store.files import write_new
from mediawatch.store.store import Store
from tests.stories import DAY, MINUTE, START, TELLING_ALL, Story, weibo

WORLD = {
    "accounts": [
        weibo("silent", "day -20 10:00", "day 2 10:00", number=1),
        weibo("well", every="1d", number=2),
    ]
}
PACK = "pack.zip"
CADENCE = {"latest": "1d", "soonest": "1d"}
Facts = Callable[[str], None]
Taken = tuple[str, str, str, str]
"""What a receiver took: message id, notice id, cause, and of what account; none where it is our own fault."""


async def live(folder: Path, sink: str, now: datetime, facts: Facts, clock: Facts = lambda at: None) -> None:
    """Lives on from `now` to the end of the third day. clock: told every instant that it lives through."""
    fresh = not (folder / "story.db").exists()
    begun = None if fresh else (folder, now)
    async with Story(
        folder, WORLD, cadence=CADENCE, grain=DAY / 8, begun=begun, sink=sink, digests={}, review=TELLING_ALL
    ) as story:
        answered = False
        for day in range(1, 29):
            moment = START + day * DAY / 8
            while story.now < moment:
                clock(story.now.isoformat())
                await _on(story, moment)
            if day >= 2 and not answered:
                answered = await _acknowledge(story, facts)
            if day >= 3:
                _pack(story, folder, facts)
        (alert,) = [one for one in story.alerts() if one.subject == "silent"]
        assert alert.state is State.RESOLVED


def _pack(story: Story, folder: Path, facts: Facts) -> None:
    """The evidence pack, as of the instant at which the alert was confirmed, if it is not there."""
    if (folder / PACK).exists():
        return
    (alert,) = [one for one in story.alerts() if one.subject == "silent"]
    if alert.confirmed_at is None:
        return
    wanted, recall = Wanted(kind="evidence", subject="silent", language="en"), Blobs(folder / "answers").recall
    try:
        made = documents.written(story.store, story.query, story.policy, recall, wanted, alert.confirmed_at)
        write_new(folder / PACK, made[0].body)
    except (StoreError, OSError):
        return
    facts("pack")


async def _on(story: Story, moment: datetime) -> None:
    """A daemon's tick that fails is tried again at the next one."""
    try:
        await story.until(moment)
    except (StoreError, OSError):
        story.now += MINUTE


async def _acknowledge(story: Story, facts: Facts) -> bool:
    """Whether the one alert is answered for."""
    for alert in story.alerts():
        if alert.state is State.OPEN and alert.acknowledged_at is None:
            try:
                await story.daemon.desk.acknowledge(alert.id, "王", "在改")
            except StoreError:
                return False
            facts("acknowledged")
            return True
    return any(alert.acknowledged_at is not None for alert in story.alerts())


@dataclass
class Heard:
    """What receivers took, by life."""

    url: str
    taken: dict[str, list[Taken]]


@contextmanager
def sink(taking: Callable[[str, Taken], None] = lambda life, one: None) -> Iterator[Heard]:
    """A receiver on loopback, outside of the lives that are cut off. Its address is `<url>/<life>/<receiver>`.

    taking: called for every notice of a life, before its message is answered.
    """
    heard = Heard("", {})

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = loads(self.rfile.read(int(self.headers["content-length"])))
            life = self.path.split("/")[1]
            for notice in body["data"]["notices"]:
                one = (self.headers["webhook-id"], notice["id"], notice["cause"], notice["account"])
                heard.taken.setdefault(life, []).append(one)
                taking(life, one)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()


def flaws(folder: Path, taken: list[Taken]) -> list[str]:
    """What is wrong with a life that was let finish: lost words, second ids, a store or a record that is not whole."""
    found = []
    causes = {cause for _, _, cause, account in taken if account}
    if not ({"first", "acknowledged", "resolved"} <= causes or "back" in causes):
        found.append(f"lost: only {sorted(causes)} was told")
    of: dict[str, set[str]] = {}
    for message, notice, _, _ in taken:
        of.setdefault(notice, set()).add(message)
    found += [f"notice {notice} has ids {ids}" for notice, ids in of.items() if len(ids) > 1]
    causes_of: dict[str, set[str]] = {}
    for _, notice, cause, account in taken:
        if account:  # a disk that refuses may be told of more than once
            causes_of.setdefault(cause, set()).add(notice)
    found += [f"{cause} has {len(ids)} notices" for cause, ids in causes_of.items() if len(ids) > 1]
    if not (folder / PACK).exists() or not (folder / PACK).read_bytes().startswith(b"PK"):
        found.append("no evidence pack")
    return found + damage(folder)


def damage(folder: Path) -> list[str]:
    """What is wrong with the store as it stands, its record and its answers."""
    try:
        store = Store.open(f"sqlite:///{folder / 'story.db'}", now=START)
    except StoreError as error:
        return [f"cannot be opened: {error}"]
    with closing(store):
        with store.reading() as connection:
            said = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
        wrong = proof.verify(store, Blobs(folder / "answers").recall).flaws
    return ([] if said == "ok" else [f"integrity: {said}"]) + [f"record: {flaw}" for flaw in wrong]


def known(folder: Path) -> set[str]:
    """The facts that the store and the folder hold, by the names of `facts`."""
    with closing(Store.open(f"sqlite:///{folder / 'story.db'}", now=START)) as store, store.reading() as connection:
        found = set()
        if connection.execute(text("SELECT count(*) FROM act WHERE act LIKE '%ack%'")).scalar():
            found.add("acknowledged")
        told = connection.execute(text("SELECT cause FROM notification"))
        found |= {f"told {row[0]}" for row in told}
    pack = folder / PACK
    return found | ({"pack"} if pack.exists() and pack.read_bytes().startswith(b"PK") else set())
