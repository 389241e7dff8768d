"""Whoever started the daemon hears that it is ready, alive and ending; and the unit shuts it off from the machine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediawatch.wires.supervisor import supervised, tell

UNIT = Path(__file__).resolve().parent.parent / "docs" / "deploy" / "mediawatch.service"


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


async def heard(ear: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(ear, 1000)).decode()


async def test_it_hears_that_we_are_ready_alive_while_we_are_well_and_ending(ear: socket.socket) -> None:
    well = True
    environ = {"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "20000"}
    async with supervised(lambda: well, environ, os.getpid()):
        assert await heard(ear) == "READY=1"
        assert await heard(ear) == "WATCHDOG=1"
        assert await heard(ear) == "WATCHDOG=1", "and again"
        well = False
    while (said := await heard(ear)) == "WATCHDOG=1":
        pass
    assert said == "STOPPING=1"


async def test_a_watchdog_of_another_process_and_no_supervisor_at_all_are_told_nothing(ear: socket.socket) -> None:
    environ = {"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
    async with supervised(lambda: True, environ, os.getpid()):
        assert await heard(ear) == "READY=1"
    assert await heard(ear) == "STOPPING=1", "nothing in between"
    async with supervised(lambda: True, {}, os.getpid()):
        pass
    with pytest.raises(BlockingIOError):
        ear.recv(1000)


def test_a_supervisor_that_is_gone_is_no_fault_of_ours(tmp_path: Path) -> None:
    tell(str(tmp_path / "nobody"), "READY=1")
    tell("@nobody-listens-here", "READY=1")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_the_unit_leaves_the_daemon_little_to_do_harm_with() -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    found = re.search(r"exposure level for mediawatch.service: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze cannot do it: {done.stderr[:200]}")
    assert float(found[1]) <= 3.0
