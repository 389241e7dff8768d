"""The world's one test phone: what it answers to each command, as the world has it, and the wire that leads to it.

Commands and answers are those of `core/wire.py`'s `ADB adb://…` questions, so that an adapter cannot tell this phone
from one behind an ADB server. What becomes of an app on it is told by the world; nothing is run.
"""

from __future__ import annotations

import re
import struct
import zlib
from datetime import datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Reason
from mediawatch.core.wire import Exchange, Failed, Keeper, Request, Validator, Wire, Wires
from mediawatch.sim.definition import LaunchState, PackageState, Player
from mediawatch.sim.trouble import Channel
from mediawatch.sim.world import World

SERIAL = "SIM0001"
_PHONE = "Simulated\nPhone 1\n14\n34\narm64-v8a,armeabi-v7a\n"
_LAUNCHER = "com.android.launcher3/.Launcher"
_PID = 3421
_REFUSED = {
    PackageState.UNSIGNED: "INSTALL_PARSE_FAILED_NO_CERTIFICATES: Failed to collect certificates",
    PackageState.BAD_SIGNATURE: "INSTALL_PARSE_FAILED_NO_CERTIFICATES: digest does not match",
    PackageState.NO_MANIFEST: "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION: AndroidManifest.xml is missing",
    PackageState.TRUNCATED: "INSTALL_PARSE_FAILED_NOT_APK: Failed to parse base.apk",
}
_WORDS = {
    "date": "date ",
    "install": "pm install ",
    "uninstall": "pm uninstall ",
    "path": "pm path ",
    "abi": "dumpsys package ",
    "resolve": "cmd package resolve-activity ",
    "start": "am start ",
    "pid": "pidof ",
    "focus": "dumpsys window ",
    "exit": "dumpsys activity exit-info ",
    "log": "logcat ",
    "screen": "cat ",
    "properties": "getprop ",
}


class SimDevices:
    """Opens a wire to the phone for each look (`core.wire.Wires`); packages come by the wires beside it."""

    def __init__(self, world: World, beside: Wires, keeper: Keeper | None = None) -> None:
        self.world, self.beside, self.keeper = world, beside, keeper
        self.under_way = 0

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> SimDevice:
        """A wire for one look. Raises as the neighbouring wires do."""
        return SimDevice(self, self.beside.open(platform, now, validators))

    def room(self, platform: str) -> int:
        """One look, unless one is under way or the neighbour rests."""
        return 0 if self.under_way else min(1, self.beside.room(platform))


class SimDevice:
    """One look's wire (`core.wire.Wire`). Which app is meant is what the commands of the look name last."""

    def __init__(self, devices: SimDevices, beside: Wire) -> None:
        self._devices, self._beside = devices, beside
        self._exchanges: list[Exchange] = []
        self._app = ""
        devices.under_way += 1

    async def __aenter__(self) -> Self:
        await self._beside.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._devices.under_way -= 1
        await self._beside.__aexit__(kind, error, trace)

    @property
    def base(self) -> str:
        return ""

    @property
    def now(self) -> datetime:
        return self._beside.now

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._exchanges)

    @property
    def validators(self) -> tuple[Validator, ...]:
        return self._beside.validators

    async def whole(self, answers: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """As they are: each came with its body."""
        return answers

    async def ask(self, request: Request) -> Exchange:
        """The phone's answer. Raises `Failed` where the world has no phone just now."""
        if not request.url.startswith("adb:"):
            exchange = await self._beside.ask(request)
            self._exchanges.append(exchange)
            return exchange
        how, _, command = unquote(urlsplit(request.url).path).removeprefix("/").partition("/")
        world = self._devices.world
        self._app = named(world, command) or self._app
        player = world.by_package.get(self._app)
        standing = world.trouble(Channel.DEVICE, self.now, player.id if player else "")
        if standing is not None:
            raise Failed(Reason.TIMEOUT if standing.mode == "slow" else Reason.NO_DEVICE, "0 devices are ready")
        body = str(len(request.body)).encode() if how == "push" else answer(world, player, command, self.now)
        if self._devices.keeper:
            self._devices.keeper.keep(body)
        exchange = Exchange(
            url=request.url,
            method=request.method,
            at=self.now,
            status=200,
            body=body,
            final_url=request.url.replace(urlsplit(request.url).netloc, SERIAL, 1),
        )
        self._exchanges.append(exchange)
        return exchange


def named(world: World, command: str) -> str:
    """The app of the world that a command names, or nothing."""
    return next((name for name in re.findall(r"[A-Za-z0-9_.]+", command) if name in world.by_package), "")


def answer(world: World, player: Player | None, command: str, now: datetime) -> bytes:
    """What the phone says to that command. player: whose app is meant; `None` where the world has no such app."""
    if command.startswith("screencap"):
        return picture(player.launch.state_at(world.starts_at, now) if player and player.launch else None)
    said = next((name for name, start in _WORDS.items() if command.startswith(start)), "")
    if said == "properties":
        return _PHONE.encode()
    if said == "date":
        return f"{now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}\n".encode()
    if player is None or player.package is None:
        return b""
    app = _App(world, player, now)
    spoken = getattr(app, said, None)
    return spoken().encode() if spoken is not None else b""


class _App:
    """One app on the phone; each method is the answer to one command, as text."""

    def __init__(self, world: World, player: Player, now: datetime) -> None:
        assert player.package is not None
        self.package = player.package.package
        self.lies = world.package_state(player.id, now)
        self.player = player
        self.state = player.launch.state_at(world.starts_at, now) if player.launch else LaunchState.OPENS
        self.at = now.astimezone(SHANGHAI) + timedelta(seconds=2)

    @property
    def main(self) -> str:
        return f"{self.package}/.Main"

    @property
    def front(self) -> str:
        up = self.state in (LaunchState.OPENS, LaunchState.BLANK, LaunchState.ANR)
        return self.main if up else _LAUNCHER

    def install(self) -> str:
        refused = _REFUSED.get(self.lies)
        return f"Failure [{refused}]\n" if refused else "Success\n"

    def uninstall(self) -> str:
        return "Success\n"

    def path(self) -> str:
        return "" if self.lies is PackageState.WRONG_PACKAGE else f"package:/data/app/{self.package}/base.apk\n"

    def abi(self) -> str:
        return "    primaryCpuAbi=arm64-v8a\n"

    def resolve(self) -> str:
        if self.lies is PackageState.NO_LAUNCHER:
            return "No activity found\n"
        return f"priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false\n{self.main}\n"

    def start(self) -> str:
        return (
            f"Starting: Intent {{ cmp={self.main} }}\nStatus: ok\nLaunchState: COLD\nActivity: {self.main}\n"
            "TotalTime: 412\nWaitTime: 420\nComplete\n"
        )

    def pid(self) -> str:
        return f"{_PID}\n" if self.front == self.main else ""

    def focus(self) -> str:
        lines = f"  mCurrentFocus=Window{{2785a60 u0 {self.front}}}\n"
        if self.state is LaunchState.ANR:
            lines = f"  mCurrentFocus=Window{{2785a60 u0 Application Not Responding: {self.package}}}\n"
        return lines + f"  mFocusedApp=ActivityRecord{{d72327 u0 {self.front} t409}}\n"

    def exit(self) -> str:
        head = f"ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)\n  package: {self.package}\n"
        if self.state is not LaunchState.CRASH:
            return head
        return (
            f"{head}    Historical Process Exit for uid=10196\n        ApplicationExitInfo #0:\n"
            f"          timestamp={self.at:%Y-%m-%d %H:%M:%S}.535 pid={_PID} realUid=10196 user=0\n"
            f"          process={self.package} reason=4 (APP CRASH(EXCEPTION)) subreason=0 (UNKNOWN) status=0\n"
            "          importance=100 pss=0.00 rss=0.00 description=crash state=empty trace=null\n"
        )

    def log(self) -> str:
        if self.state is not LaunchState.CRASH:
            return "--------- beginning of crash\n"
        stamp = f"{self.at:%m-%d %H:%M:%S}.531 {_PID} {_PID} E AndroidRuntime: "
        return "--------- beginning of crash\n" + "".join(
            stamp + line + "\n"
            for line in (
                "FATAL EXCEPTION: main",
                f"Process: {self.package}, PID: {_PID}",
                f"java.lang.RuntimeException: Unable to start activity ComponentInfo{{{self.main}}}",
                "Caused by: java.net.UnknownHostException: Unable to resolve host",
            )
        )

    def screen(self) -> str:
        words = [self.player.name, "政务服务"]
        if self.player.launch and self.player.launch.filing_no:
            words.append(f"备案编号：{self.player.launch.filing_no}")
        nodes = "".join(
            f'<node index="0" text="{word}" class="android.widget.TextView" package="{self.package}" content-desc="" />'
            for word in words
        )
        return f"<?xml version='1.0' encoding='UTF-8' ?><hierarchy rotation=\"0\">{nodes}</hierarchy>"


@lru_cache(maxsize=8)
def picture(state: LaunchState | None) -> bytes:
    """A screenshot (PNG, 360 × 780, grey): lines of words under a bar, or an empty page."""
    width, height = 360, 780
    rows = []
    for y in range(height):
        row = bytearray(b"\xff" * width)
        if y < 40:
            row = bytearray(b"\x40" * width)
        elif state is not LaunchState.BLANK and (y // 24) % 2:
            row[24 : 100 + (y // 24) * 37 % 200] = b"\x20" * (76 + (y // 24) * 37 % 200)
        rows.append(b"\0" + bytes(row))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
