"""A duty room in virtual time: a real store, the real daemon, real HTTP to a sink that group robots and hooks post to.

Alerts are put into the store as looks would have put them there; nothing is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from pydantic import SecretStr
from standardwebhooks import Webhook

from mediawatch import notify
from mediawatch.core.alerting import Alert, State
from mediawatch.core.model import Account, Target, Unit
from mediawatch.core.routing import Step
from mediawatch.daemon import Daemon
from mediawatch.policy import Policy, Telling
from mediawatch.receivers import RECEIVERS
from mediawatch.sim.wire import SimWires
from mediawatch.sim.world import World
from mediawatch.store.blobs import Blobs
from mediawatch.telling import Configured
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.empty_store import new_store
from tests.stories import START, HereReaders

MINUTE = timedelta(minutes=1)
LATE = timedelta(days=3650)
HOOK_SECRET = "of the tests"


class Room:
    """`async with Room(folder) as room: room.breach("a"); await room.until(room.now + HOUR)`.

    robots: group robots (wecom); hooks: webhooks. answers: the status that one of them answers with at an instant.
    """

    def __init__(
        self,
        folder: Path,
        *,
        robots: tuple[str, ...] = ("duty",),
        hooks: tuple[str, ...] = (),
        units: dict[str, Unit] | None = None,
        ladder: tuple[Step, ...] = (),
        telling: Telling | None = None,
        answers: Callable[[str, datetime], int] = lambda name, at: 200,
    ) -> None:
        self.now = START
        self.heard: list[tuple[datetime, str, str]] = []  # when, by whom, what: all that was taken
        self.attempts: list[tuple[datetime, str]] = []
        self.ids: list[tuple[str, str]] = []  # webhook-id and notice id of every attempt
        self.tries: list[tuple[datetime, str, str]] = []  # when, at whom, webhook-id: of every attempt at a hook
        self.signed = 0  # attempts at hooks whose signature is right
        self._known: list[Account] = []
        everybody = (*robots, *hooks)
        ladder = ladder or (Step(after=timedelta(), to=everybody),)
        self.policy = Policy(
            books={},
            ladder=ladder,
            units=units or {},
            language="en",
            telling=replace(telling or Telling(), down_after=LATE),
        )
        self._folder, self._answers, self._robots, self._hooks = folder, answers, robots, hooks
        self._app = web.Application()
        self._app.router.add_post("/{name}", self._sink)
        self._runner = web.AppRunner(self._app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self._receivers = {name: robot(name, port) for name in self._robots}
        self._receivers |= {name: hook(name, port) for name in self._hooks}
        self.store = new_store(self._folder / "room.db", self.now)
        self._sender = Sender(networks(["127.0.0.0/8"]), timeout=10)
        await self._sender.__aenter__()
        self.daemon = self._daemon()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.daemon.end()
        await self._sender.__aexit__(None, None, None)
        self.store.close()
        await self._runner.cleanup()

    def _daemon(self) -> Daemon:
        wires = SimWires(World.of({"name": "room", "accounts": []}, START), keeper=Blobs(self._folder / "answers"))
        return Daemon(
            self.store,
            wires,
            HereReaders(workers=1),
            self._sender,
            self.policy,
            lambda: self.now,
            receivers=self._receivers,
        )

    async def restart(self) -> None:
        await self.daemon.end()
        self.daemon = self._daemon()

    def enroll(self, *ids: str, unit: str = "") -> None:
        self.note_accounts(*ids, unit=unit)
        self.enroll_noted()

    def note_accounts(self, *ids: str, unit: str = "") -> None:
        self._known += [
            Account(
                id=id_,
                name=f"号{id_}",
                kind="weibo",
                unit=unit,
                targets=(
                    Target(id=f"{id_}/weibo", account=id_, adapter="weibo", platform="weibo", address={"uid": "1"}),
                ),
            )
            for id_ in ids
        ]

    def enroll_noted(self) -> None:
        self.store.enroll(self._known, self.now, lambda target: START + LATE, tuple(self.policy.units.values()))

    def breach(self, *ids: str, unit: str = "", **more: Any) -> None:
        """A breach of each account is confirmed now."""
        self.enroll(*ids, unit=unit)
        with self.store.writing() as ledger:
            for id_ in ids:
                alert = open_breach(id_, self.now, **more)
                ledger.save_alert(alert)
                notify.owe(ledger, alert, self.policy, self.now)

    def resolve(self, *ids: str) -> None:
        with self.store.writing() as ledger:
            for id_ in ids:
                for alert in ledger.live_alerts(id_):
                    over = alert.model_copy(update={"state": State.RESOLVED, "resolved_at": self.now})
                    ledger.save_alert(over)
                    notify.owe(ledger, over, self.policy, self.now)

    async def until(self, moment: datetime, step: timedelta = MINUTE) -> None:
        """Lives on to that instant, waking once a step."""
        while self.now < moment:
            await self.daemon.cycle()
            self.now += step
        await self.daemon.cycle()

    def lines(self, name: str = "duty") -> list[str]:
        """`+00:31 what was told`, minutes after the start, in the order in which it was taken."""
        return [f"{_since(at)} {text}" for at, who, text in self.heard if who == name]

    async def _sink(self, request: web.Request) -> web.Response:
        name, raw = request.match_info["name"], await request.read()
        body, status = json.loads(raw), self._answers(name, self.now)
        self.attempts.append((self.now, name))
        if "markdown" in body:
            texts = [body["markdown"]["content"]]
        else:
            data, known = body["data"], request.headers["webhook-id"]
            self.tries.append((self.now, name, known))
            self.signed += _signature(request.headers, raw) == request.headers["webhook-signature"]
            self.ids += [(known, notice["id"]) for notice in data["notices"]]
            texts = [f"{notice['account']} {notice['cause']}" for notice in data["notices"]]
            texts += [data["digest"]["summary"]] if data["digest"] else []
        if status == 200:
            self.heard += [(self.now, name, text) for text in texts]
        elsewhere = {"Location": "/elsewhere"} if 300 <= status < 400 else None
        return web.json_response({"errcode": 0}, status=status, headers=elsewhere)


def _signature(headers: Mapping[str, str], body: bytes) -> str:
    """What the standard's own library makes of the same words."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return Webhook(HOOK_SECRET.encode()).sign(headers["webhook-id"], at, body.decode())


def open_breach(account: str, at: datetime, **more: Any) -> Alert:
    fields = {"id": f"alert-{account}", "subject": account, "indicator": "stale", "level": "breach"}
    times = {"since": at, "opened_at": at, "confirmed_at": at, "detail": f"{account} is silent"}
    return Alert.model_validate({**fields, **times, "state": State.OPEN, **more})


def weibo_page(account: str) -> Target:
    return Target(id=f"{account}/weibo", account=account, adapter="weibo", platform="weibo", address={"uid": "1"})


def robot(name: str, port: int) -> Configured:
    kind = RECEIVERS["wecom"]
    return Configured(name, kind, kind.settings.model_validate({"url": f"http://127.0.0.1:{port}/{name}"}))


def hook(name: str, port: int) -> Configured:
    kind = RECEIVERS["webhook"]
    url = SecretStr(f"http://127.0.0.1:{port}/{name}")
    return Configured(name, kind, kind.settings.model_validate({"url": url, "secret": HOOK_SECRET}))


def _since(at: datetime) -> str:
    minutes = int((at - START).total_seconds() // 60)
    return f"+{minutes // 60:02}:{minutes % 60:02}"
