"""A small ADB server: it speaks the real wire protocol to real clients and answers for invented devices only.

Spoken: host:version, host:devices(-l), host:features, host:transport(…), host:tport:serial, host-serial:…, shell:,
shell,v2:, exec:, and sync: with STAT, SEND and QUIT.
"""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from mediawatch.sim.device import SERIAL, answer, named
from mediawatch.sim.trouble import Channel
from mediawatch.sim.world import World

VERSION = 41


@dataclass
class Device:
    """An invented device. answers: by the beginning of a command; the longest that fits speaks. Others say nothing.

    A callable gets the command. `None` never answers.
    """

    serial: str = "emulator-5554"
    state: str = "device"
    answers: dict[str, bytes | Callable[[str], bytes] | None] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    keeps: int | None = None  # how many bytes of a pushed file it keeps; all where `None`

    def answer(self, command: str) -> bytes | None:
        self.asked.append(command)
        fits = [start for start in self.answers if command.startswith(start)]
        said = self.answers[max(fits, key=len)] if fits else b""
        return said(command) if callable(said) else said


class WorldPhone(Device):
    """The world's phone. Each command is answered for the app that it, or the last one before it, names."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__(serial=SERIAL)
        self._world, self._clock, self._app = world, clock, ""

    def answer(self, command: str) -> bytes | None:
        self._app = named(self._world, command) or self._app
        player, now = self._world.by_package.get(self._app), self._clock()
        standing = self._world.trouble(Channel.DEVICE, now, player.id if player else "")
        return None if standing is not None else answer(self._world, player, command, now)


class AdbServer:
    """Listens on a free port of this machine for as long as its `async with` lasts."""

    def __init__(self, *devices: Device) -> None:
        self.devices = {device.serial: device for device in devices}
        self.services: list[str] = []
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.address = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in tuple(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device: Device | None = None
        while True:
            service = (await reader.readexactly(int(await reader.readexactly(4), 16))).decode()
            self.services.append(service)
            if device is not None:
                await self._local(device, service, reader, writer)
                return
            if service == "host:version":
                writer.write(b"OKAY" + _block(b"%04x" % VERSION))
                return
            if service in ("host:devices", "host:devices-l"):
                lines = "".join(f"{one.serial}\t{one.state}\n" for one in self.devices.values())
                writer.write(b"OKAY" + _block(lines.encode()))
                return
            if service in ("host:features", "host:host-features") or service.endswith(":features"):
                writer.write(b"OKAY" + _block(b"cmd"))
                return
            chosen = re.fullmatch(r"host:(?:tport|transport)(?::serial)?(?:-(any|local|usb))?(?::(.+))?", service)
            if chosen is None:
                writer.write(b"FAIL" + _block(b"unknown host service"))
                return
            device = self._device(chosen[2] if chosen[2] not in (None, "any") else "")
            if device is None or device.state != "device":
                said = f"device '{chosen[2]}' not found" if device is None else f"device {device.state}"
                writer.write(b"FAIL" + _block(said.encode()))
                return
            writer.write(b"OKAY" + (struct.pack("<Q", 7) if service.startswith("host:tport") else b""))

    def _device(self, serial: str) -> Device | None:
        if serial:
            return self.devices.get(serial)
        return next(iter(self.devices.values())) if len(self.devices) == 1 else None

    async def _local(
        self, device: Device, service: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"OKAY")
        if service == "sync:":
            await self._sync(device, reader, writer)
            return
        command = service.partition(":")[2]
        said = device.answer(command)
        if said is None:
            await reader.read()  # hangs until the client hangs up
            return
        writer.write(said)
        await writer.drain()

    async def _sync(self, device: Device, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, size = struct.unpack("<4sI", await reader.readexactly(8))
            if kind == b"QUIT":
                return
            name = (await reader.readexactly(size)).decode()
            if kind == b"STAT":
                body = device.files.get(name)
                known = struct.pack("<III", 0o100644, len(body), 1) if body is not None else bytes(12)
                writer.write(b"STAT" + known)
            elif kind == b"SEND":
                sent = bytearray()
                while True:
                    part, length = struct.unpack("<4sI", await reader.readexactly(8))
                    if part == b"DONE":
                        break
                    sent += await reader.readexactly(length)
                device.files[name.rpartition(",")[0]] = bytes(sent[: device.keeps])
                writer.write(b"OKAY" + bytes(4))
            await writer.drain()


def _block(data: bytes) -> bytes:
    return b"%04x" % len(data) + data
