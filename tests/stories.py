"""Stories: weeks and months of a simulated world, watched by the real house in virtual time.

Real are the settings, the SQLite store, the adapters, the rules, the daemon, the poster and the receivers' HTTP; the
platforms answer in process (`SimWires`) and the clock stands still between events. Nothing is replaced by a mock.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from sqlalchemy import func, select
from standardwebhooks import Webhook

from mediawatch.adapters.adapter import Adapter
from mediawatch.core.alerting import Alert
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.digest import Plan, period
from mediawatch.core.grouping import PROBES
from mediawatch.core.model import Finding, Outcome, Seen
from mediawatch.core.views import AccountView, Row
from mediawatch.core.wire import Exchange
from mediawatch.daemon import Daemon
from mediawatch.house import policy_of, receivers_of
from mediawatch.isolation import Readers, read_here
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.sim.moments import Moment
from mediawatch.sim.settings import WEBHOOK_SECRET, settings_for
from mediawatch.sim.wire import BASE_URL, SimWires
from mediawatch.sim.world import World
from mediawatch.store.blobs import Blobs
from mediawatch.store.outbox import OWED
from mediawatch.store.query import Query
from mediawatch.store.store import Ledger, Store
from mediawatch.store.tables import ALERT, TARGET
from mediawatch.store.telling_tables import MESSAGE, NOTIFICATION
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.empty_store import empty_store

START = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine in the morning in Shanghai
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
# No company is waited for, nothing is repeated, and time that leaps is no time in which we were down.
TELLING_ALL = {"tell_candidates": True}  # for stories of whoever was silent before the house began
QUIET = {"group": {"wait": 0, "interval": 0, "repeat": 0}, "down_after": "3660d", "burden": None}
# Asked before every event of every story: the next look, the next attempt, what falls due; whether anything waits.
_NEXT = select(
    select(func.min(TARGET.c.next_due)).scalar_subquery(),
    select(func.min(MESSAGE.c.next_try)).where(MESSAGE.c.state == OWED).scalar_subquery(),
    select(func.min(ALERT.c.tell_at)).scalar_subquery(),
    select(NOTIFICATION.c.id).where(NOTIFICATION.c.state == OWED, NOTIFICATION.c.sent_in.is_(None)).exists(),
)
LADDER = ({"after": "0s", "to": ["duty"]}, {"after": "3d", "to": ["office"]})


@dataclass(frozen=True)
class Told:
    """One notice as it arrived at a receiver, and the status that the receiver answered."""

    at: datetime
    receiver: str
    cause: str
    account: str
    indicator: str
    platform: str
    message: str
    status: int

    @property
    def short(self) -> tuple[str, str, str]:
        return (self.receiver, self.cause, self.account or f"platform:{self.platform}")


class HereReaders(Readers):
    """Reads in this process: for stories that are not about hostile bytes."""

    async def read(self, adapter: Adapter, address: Any, exchanges: tuple[Exchange, ...]) -> Seen:
        return read_here(adapter, address, exchanges)


class Story:
    """`async with Story(folder, world) as story: await story.until("day 25")`.

    world: a definition as in a world file. answers: the status that a receiver answers at an instant.
    restarts: close and reopen everything between any two events. isolated: read feeds and packages in a worker process.
    grain: how long the daemon sleeps at least; nothing means that every event has its own instant.
    begun: a folder of a story that has ended, and when: this one goes on from a copy of its store, or in that folder
        itself if it is its own. sink: where receivers are, if not here.
    settings: keys of mediawatch.yaml.
    """

    def __init__(
        self,
        folder: Path,
        world: dict[str, Any],
        *,
        starts_at: datetime = START,
        answers: Callable[[str, datetime], int] = lambda receiver, at: 200,
        restarts: bool = False,
        isolated: bool = False,
        grain: timedelta = timedelta(),
        begun: tuple[Path, datetime] | None = None,
        sink: str = "",
        **settings: Any,
    ) -> None:
        self.starts_at, self.now = starts_at, begun[1] if begun else starts_at
        self.world = World.of({"name": "story", **world}, starts_at)
        self.heard: list[Told] = []  # every attempt, also refused ones
        self.bodies: list[dict[str, Any]] = []  # of webhooks, as they came
        self.digests: list[tuple[datetime, str]] = []  # when a digest was taken, and by whom
        self.events = 0
        self._folder, self._answers, self._settings, self._begun = folder, answers, settings, begun
        self._elsewhere = sink
        self._restarts, self._isolated, self.grain = restarts, isolated, grain
        self.wires = SimWires(self.world, keeper=Blobs(folder / "answers"))
        self._app = web.Application()
        self._app.router.add_post("/{receiver}", self._sink)
        self._runner = web.AppRunner(self._app, access_log=None)

    async def __aenter__(self) -> Self:
        sink = self._elsewhere
        if not sink:
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            sink = "http://127.0.0.1:%d" % self._runner.addresses[0][1]  # noqa: UP031
        accounts, settings = settings_for(self.world, BASE_URL)
        file = self._folder / "story.db"
        settings |= {
            "database": f"sqlite:///{file}" if self._begun else empty_store(file, self.now),
            "data_dir": str(self._folder),
            "language": "en",
            "receivers": {
                name: {"type": "webhook", "url": f"{sink}/{name}", "secret": WEBHOOK_SECRET}
                for name in ("duty", "office")
            },
            "ladder": list(LADDER),
            "alerts": {**QUIET, **self._settings.pop("alerts", {})},
            **self._settings,
            "cadence": {**settings["cadence"], **self._settings.get("cadence", {})},
        }
        for name, content in (("accounts.yaml", accounts), ("mediawatch.yaml", settings)):
            (self._folder / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            (self._folder / name).chmod(0o600)
        self.loaded = load(self._folder / "accounts.yaml", self._folder / "mediawatch.yaml", {})
        self.policy = policy_of(self.loaded)
        if self._begun and self._begun[0] != self._folder:
            shutil.copy(self._begun[0] / "story.db", self._folder / "story.db")
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()
        await self._runner.cleanup()

    async def _open(self) -> None:
        self.store = Store.open(self.loaded.settings.database, now=self.now)
        self.store.free_leases(self.now)
        enroll(self.store, self.loaded, self.now)
        self._readers = (Readers if self._isolated else HereReaders)(workers=1)
        self._sender = Sender(networks(["127.0.0.0/8"]), timeout=10)
        await self._sender.__aenter__()
        receivers = receivers_of(self.loaded.settings)
        self.daemon = Daemon(
            self.store,
            self.wires,
            self._readers,
            self._sender,
            self.policy,
            lambda: self.now,
            receivers=receivers,
        )

    async def _close(self) -> None:
        await self.daemon.end()
        await self._sender.__aexit__(None, None, None)
        self._readers.close()
        self.store.close()

    async def restart(self, at: str | None = None) -> None:
        """Ends the daemon and closes the store; then, or at that moment, opens all anew on what was written."""
        await self._close()
        self.now = self.now if at is None else self.at(at)
        await self._open()

    async def moved_to(self, folder: Path) -> None:
        """Goes on in that folder, on a copy of what stood here: for the store, as after a kill."""
        await self._close()
        self._folder = folder
        database = f"sqlite:///{folder / 'story.db'}"
        settings = self.loaded.settings.model_copy(update={"database": database, "data_dir": folder})
        self.loaded = replace(self.loaded, settings=settings)
        self.wires.keeper = Blobs(folder / "answers")
        await self._open()

    def recall(self, digest: str) -> bytes | None:
        """A kept answer by its digest."""
        return Blobs(self._folder / "answers").recall(digest)

    # --- time ----------------------------------------------------------------------------------------------------

    def at(self, moment: str | datetime) -> datetime:
        """`day 10 09:30` (Shanghai; day 0 is the day of the start), `36h` after the start, or the instant itself."""
        return moment if isinstance(moment, datetime) else Moment.model_validate(moment).at(self.starts_at)

    async def until(self, moment: str | datetime) -> None:
        """Lives through every event up to that instant, and stands there."""
        end = self.at(moment)
        standing_still = 0
        while True:
            await self.daemon.cycle()
            self.events += 1
            if self._restarts:
                await self.restart()
            due = self._next_event()
            if due is None or due > end:
                self.now = max(self.now, end)
                return
            standing_still = standing_still + 1 if due <= self.now else 0
            assert standing_still < 50, f"something stays due at {self.now}"
            if due > self.now:
                self.now = min(max(due, self.now + self.grain), end)

    def _next_event(self) -> datetime | None:
        """When the daemon has something to do next: a look, a promise that falls due, a delivery."""
        with self.store.reading() as connection:
            *moments, waits = connection.execute(_NEXT).one()
            if waits:
                outbox, telling = Ledger(connection).outbox, self.policy.telling
                failing = outbox.failing()
                free = [group for group in outbox.groups() if failing.get(group.receiver, 0) < PROBES]
                moments += [group.ready_at(telling.grouping_of(group.receiver)) for group in free]
        moments += [self._ends(plan) for plan in self.policy.digests]
        return min((at for at in moments if at is not None), default=None)

    def _ends(self, plan: Plan) -> datetime | None:
        """When the next period of a digest is over."""
        today, working = self.now.astimezone(SHANGHAI).date(), self.policy.telling.working
        days = (datetime.combine(today + timedelta(days=day), plan.at, SHANGHAI) for day in range(40))
        ends = (at for at in days if at > self.now and (over := period(plan, at, working)) and over[1] == at)
        return next(ends, None)

    # --- what there is to see ------------------------------------------------------------------------------------

    @property
    def told(self) -> list[Told]:
        """What receivers took, in order."""
        return [one for one in self.heard if one.status == 200]

    def told_of(self, account: str, indicator: str = "") -> list[tuple[str, str]]:
        """(receiver, cause) of all that was told about an account, or `platform:<key>`, in order."""
        return [one.short[:2] for one in self.told if one.short[2] == account and indicator in ("", one.indicator)]

    def alerts(self, level: str = "breach", subject: str = "") -> list[Alert]:
        """Every alert of a level that there ever was, oldest first."""
        with self.store.reading() as connection:
            ledger = Ledger(connection)
            known = (*ledger.all_live_alerts(), *ledger.resolved_alerts(START - 10_000 * DAY))
        found = [alert for alert in known if alert.level == level and subject in ("", alert.subject)]
        return sorted(found, key=lambda alert: (alert.opened_at, alert.subject))

    def accused(self) -> set[str]:
        """The accounts against which a breach was ever opened, confirmed or not."""
        return {alert.subject for alert in self.alerts()}

    @property
    def query(self) -> Query:
        return Query(self.store, self.loaded.rulebooks, "en")

    def view(self, account: str) -> AccountView:
        return self.query.account(account, self.now)

    def row(self, account: str) -> Row:
        return self.view(account).row

    def outcome(self, account: str) -> Outcome:
        return self.row(account).outcome

    def findings(self, account: str) -> dict[str, Finding]:
        """The standing findings by indicator."""
        return {one.finding.indicator: one.finding for one in self.view(account).findings}

    def outcomes(self, account: str) -> dict[str, str]:
        return {indicator: finding.outcome.value for indicator, finding in self.findings(account).items()}

    async def _sink(self, request: web.Request) -> web.Response:
        body, receiver = await request.read(), request.match_info["receiver"]
        known, signed_at = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
        signature = Webhook(WEBHOOK_SECRET).sign(known, datetime.fromtimestamp(signed_at, UTC), body.decode())
        assert request.headers["webhook-signature"] == signature, "every attempt is signed"
        status = self._answers(receiver, self.now)
        self.bodies.append(json.loads(body))
        data = json.loads(body)["data"]
        if data["digest"] is not None and status == 200:
            self.digests.append((self.now.astimezone(SHANGHAI), receiver))
        for notice in data["notices"]:
            told = {name: notice[name] for name in ("cause", "account", "indicator", "platform")}
            self.heard.append(Told(at=self.now, receiver=receiver, message=known, status=status, **told))
        return web.Response(status=status)


# --- accounts of a world -------------------------------------------------------------------------------------------


def weibo(
    id_: str, *at: str | dict[str, Any], number: int = 1, earlier: int | None = None, **more: Any
) -> dict[str, Any]:
    """A Weibo account with these posts (`at`), or with a rhythm (`every`, `silent_since`, … as in a world file).

    earlier: posts that the platform counts and no longer shows; some, where there is a rhythm: a list that shows one of
        many is not whole. changes: of its page, as in a world file.
    """
    side = {"uid": str(9900000000 + number), "followers": more.pop("followers", 5000)}
    side["changes"] = more.pop("changes", [])
    own = {name: more.pop(name) for name in ("canary",) if name in more}
    earlier = (50 if more else 0) if earlier is None else earlier
    return {
        "id": id_,
        "name": f"某县第{number}号",
        "kind": "weibo",
        "sponsor": f"某县第{number}局",
        "weibo": side,
        "posts": _posts(at, earlier, more),
        **own,
    }


def wechat(id_: str, *at: str, feeds: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A WeChat account that is carried by these feeds."""
    return {"id": id_, "name": f"某县{id_}", "kind": "wechat", "feeds": feeds, "posts": _posts(at, 0, more)}


def app(id_: str = "city-app", **more: Any) -> dict[str, Any]:
    """An app in one store, with its package."""
    bundle = f"cn.gov.{id_.replace('-', '')}"
    store = {"track_id": "9910000001", "bundle": bundle, "releases": [{"at": "-90d", "version": "1.2"}]}
    package = {"package": bundle, "version": "1.2", "version_code": 12}
    return {
        "id": id_,
        "name": "某市人民政府",
        "kind": "app",
        "store": store | more.get("store", {}),
        "package": package | more.get("package", {}),
    }


def _posts(at: tuple[str | dict[str, Any], ...], earlier: int, rhythm: dict[str, Any]) -> dict[str, Any]:
    posts: dict[str, Any] = {"earlier": earlier, "at": list(at)}
    return posts | {"rhythm": {"jitter": "0s", "since": "day -40 08:00", **rhythm}} if rhythm else posts
