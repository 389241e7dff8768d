"""The door to Android devices: asks them over an ADB server, one app at a time, and keeps every answer.

A question is `ADB adb://<serial or any>/<how>/<command>`: `shell` and `exec` run a command of a closed list, `push`
puts the request's body into a file. It must never pass on a command that is not on that list, start an ADB server, or
read what an answer means. Any other address goes through the neighbouring wire, so that one look can download the
package it installs.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from mediawatch.core.model import Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Keeper, Request, Validator, Wire, Wires

SERVER = "127.0.0.1:5037"
MAX_BODY = 4 * 1024 * 1024
TIMEOUT = 60.0  # seconds for one command
_CONNECT = 3.0
_PIECE = 64 * 1024
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_P = r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+"
_FILE = re.compile(r"/data/local/tmp/mediawatch-[0-9a-f]{16}\.apk")
_SCREEN = r"/data/local/tmp/mediawatch-screen\.xml"
_COMMANDS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"getprop ro(?:\.[a-z0-9_]+)+(?:; getprop ro(?:\.[a-z0-9_]+)+){0,9}",
        r"date \+%Y-%m-%dT%H:%M:%S",
        r"input keyevent 224",
        r"wm dismiss-keyguard",
        r"sleep [1-9][0-9]?",
        rf"pm install -g {_FILE.pattern}",
        rf"rm -f {_FILE.pattern}",
        rf"(?:pm uninstall|pm path|am force-stop|pidof|dumpsys activity exit-info) {_P}",
        rf"dumpsys package {_P} \| grep primaryCpuAbi",
        r"cmd package resolve-activity --brief -a android\.intent\.action\.MAIN "
        rf"-c android\.intent\.category\.LAUNCHER {_P}",
        rf"am start -W -n '{_P}/[A-Za-z0-9_.$]{{1,300}}'",
        r"dumpsys window \| grep -E 'mCurrentFocus\|mFocusedApp'",
        r"logcat -d -b crash -v threadtime -t [0-9]{1,5}",
        r"screencap -p",
        rf"(?:uiautomator dump|cat|rm -f) {_SCREEN}",
    )
)


class Devices:
    """Opens a wire for each look at a device (`core.wire.Wires`).

    beside: the wires through which packages are downloaded; they close themselves. server: `host:port` of the ADB
    server. One look at a time drives a device, whichever it is.
    """

    def __init__(self, keeper: Keeper, beside: Wires, server: str = SERVER) -> None:
        host, _, port = server.rpartition(":")
        self.server = (host, int(port))
        self.keeper = keeper
        self.one_at_a_time = asyncio.Lock()
        self.under_way = 0
        self._beside = beside

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> DeviceLook:
        """A wire for one look. Raises as the neighbouring wires do."""
        self.under_way += 1
        return DeviceLook(self, self._beside.open(platform, now, validators))

    def room(self, platform: str) -> int:
        """One look, unless one is under way or the neighbour rests."""
        return 0 if self.under_way else min(1, self._beside.room(platform))


class DeviceLook:
    """One look's wire (`core.wire.Wire`)."""

    def __init__(self, devices: Devices, beside: Wire) -> None:
        self._devices = devices
        self._beside = beside
        self._exchanges: list[Exchange] = []
        self._serial = ""
        self._holds = False
        self._under_way = True

    async def __aenter__(self) -> Self:
        await self._beside.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._under_way:
            self._under_way = False
            self._devices.under_way -= 1
        if self._holds:
            self._holds = False
            self._devices.one_at_a_time.release()
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
        """The device's answer, already kept. Raises `Failed` and nothing else."""
        if not request.url.startswith("adb:"):
            exchange = await self._beside.ask(request)
            self._exchanges.append(exchange)
            return exchange
        serial, how, command = _question(request)
        if not self._holds:
            await self._devices.one_at_a_time.acquire()
            self._holds = True
        clock = asyncio.get_running_loop().time
        began = clock()
        line = _Line(self._devices.server)
        try:
            async with asyncio.timeout(request.timeout or TIMEOUT):
                if not self._serial:  # an unnamed device stays the same one for the whole look
                    self._serial = await _in_thread(lambda: line.choose(serial))
                body = await _in_thread(lambda: line.answer(self._serial, how, command, request))
        except TimeoutError:
            raise Failed(Reason.TIMEOUT, f"no whole answer of the device to {clean(command, 60)}") from None
        finally:
            line.hang_up()  # ends the thread, too, wherever it waits
        try:
            await asyncio.to_thread(self._devices.keeper.keep, body)
        except OSError as error:
            raise Failed(Reason.OWN_MACHINE, f"the answer could not be kept: {error.strerror}") from error
        exchange = Exchange(
            url=request.url,
            method=request.method,
            at=self.now,
            status=200,
            body=body,
            final_url=request.url.replace(urlsplit(request.url).netloc, self._serial, 1),
            elapsed=clock() - began,
        )
        self._exchanges.append(exchange)
        return exchange


def _question(request: Request) -> tuple[str, str, str]:
    """Device, way and command. Raises `Failed(not_allowed)` for whatever is not on the list."""
    parts = urlsplit(request.url)
    how, _, command = unquote(parts.path).removeprefix("/").partition("/")
    serial = "" if parts.netloc == "any" else parts.netloc
    known = request.method == "ADB" and not (parts.query or parts.fragment)
    known = known and (not serial or _SERIAL.fullmatch(serial) is not None)
    if how in ("shell", "exec"):
        known = known and any(pattern.fullmatch(command) for pattern in _COMMANDS)
    else:
        known = known and how == "push" and _FILE.fullmatch(command) is not None
    if not known:
        raise Failed(Reason.NOT_ALLOWED, f"no command for a device: {clean(command, 60)}")
    return serial, how, command


async def _in_thread(work: Callable[[], Any]) -> Any:
    """The client library blocks. Whatever goes wrong between us and the device is no device."""
    try:
        return await asyncio.to_thread(work)
    except Failed:
        raise
    except Exception as error:  # the library raises its own errors, OSError, EOFError and ValueError alike
        if type(error).__name__ == "AdbTimeout":
            raise Failed(Reason.TIMEOUT, "the device did not answer") from None
        raise Failed(Reason.NO_DEVICE, clean(f"{type(error).__name__}: {error}", 160)) from None


class _Line:
    """One question through the client library, in a thread; `hang_up` from outside ends it at once."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._connections: list[Any] = []
        self._over = False

    def choose(self, serial: str) -> str:
        """The serial of the device that is meant. Raises `Failed(no_device)` where it is not ready, or not one."""
        states: dict[str, str] = {info.serial: info.state for info in self._client().list()}
        ready = [name for name, state in states.items() if state == "device"]
        if serial:
            if states.get(serial) != "device":
                raise Failed(Reason.NO_DEVICE, f"{serial} is {clean(states.get(serial, 'not attached'), 40)}")
            return serial
        if len(ready) != 1:
            known = clean(", ".join(f"{name} {state}" for name, state in states.items()), 120) or "none attached"
            raise Failed(Reason.NO_DEVICE, f"{len(ready)} devices are ready: {known}")
        return ready[0]

    def answer(self, serial: str, how: str, command: str, request: Request) -> bytes:
        """What the device sends, byte for byte; for a push, how many bytes it took."""
        import adbutils

        device = adbutils.AdbDevice(self._client(), serial)
        if how == "push":
            # `check`: the device says how much has arrived, so that half a package is never called a bad one.
            return str(device.sync.push(request.body, command, 0o644, check=True)).encode()
        most = MAX_BODY if request.max_body is None else request.max_body
        with device.open_transport(timeout=None) as connection:
            connection.send_command(f"{how}:{command}")
            connection.check_okay()
            body = bytearray()
            while piece := connection.recv(_PIECE):
                body += piece
                if len(body) > most:
                    raise Failed(Reason.UNREADABLE, f"larger than {most} bytes")
        return bytes(body)

    def hang_up(self) -> None:
        """Ends every connection that is still open."""
        self._over = True
        for connection in self._connections:
            if not connection.closed:
                with suppress(OSError):
                    connection.conn.shutdown(socket.SHUT_RDWR)

    def _client(self) -> Any:
        try:
            import adbutils
        except ImportError:
            raise Failed(Reason.NO_DEVICE, "adbutils is missing: install mediawatch[app]") from None
        host, port = self._server
        try:  # asked first, because the library would start a server of its own
            socket.create_connection((host, port), _CONNECT).close()
        except OSError:
            raise Failed(Reason.NO_DEVICE, f"no ADB server at {host}:{port}") from None
        line = self

        class Client(adbutils.AdbClient):  # type: ignore[misc]
            def make_connection(self, timeout: float | None = None) -> Any:
                connection = super().make_connection(timeout)
                line._connections.append(connection)
                if line._over:
                    connection.close()
                return connection

        return Client(host, port)
