"""The command line as people and scripts use it: files in a folder, a process, its exit code and its two streams.

Platforms are the built-in simulator on a loopback port, served from a thread, at an instant that the test sets.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from click.testing import CliRunner, Result

from mediawatch.cli import cli
from mediawatch.sim.server import SimServer
from mediawatch.sim.settings import settings_for
from mediawatch.sim.world import World
from tests.stories import START

ROOT = Path(__file__).resolve().parent.parent
FAST = {"tick": "20ms", "notify_tick": "50ms", "deliver_tick": "50ms"}


class Sim:
    """`with Sim(world) as sim:` serves a world from a thread; `sim.write(folder)` writes the settings to watch it."""

    def __init__(self, world: dict[str, Any], now: datetime = START, starts_at: datetime = START) -> None:
        self.now = now
        self.world = World.of({"name": "shell", **world}, starts_at)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.server = SimServer(self.world, lambda: self.now)
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.server.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def write(self, folder: Path, **settings: Any) -> Path:
        accounts, known = settings_for(self.world, self.server.base_url, self.server.urls)
        folder.mkdir(parents=True, exist_ok=True)
        known |= {"database": f"sqlite:///{folder}/mediawatch.db", "data_dir": str(folder / "data"), "daemon": FAST}
        known["alerts"] = {"group": {"wait": 0, "interval": 0}}  # no company is waited for
        known["cadence"] |= settings.pop("cadence", {})
        known["review"] = {"tell_candidates": True}  # whoever was silent before the house began is one
        write(folder, accounts, known | settings)
        return folder


def write(folder: Path, accounts: Any, settings: Any) -> None:
    """Both files; text is written as it is, anything else as JSON (which is YAML)."""
    for name, content in (("accounts.yaml", accounts), ("mediawatch.yaml", settings)):
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)


def files(folder: Path) -> list[str]:
    return ["--accounts", str(folder / "accounts.yaml"), "--settings", str(folder / "mediawatch.yaml")]


def call(folder: Path | None, *words: str) -> Result:
    """A command in this process, on the files of a folder. An exception that is no exit is raised."""
    result = CliRunner().invoke(cli, [*words, *(files(folder) if folder else ())])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines(result: Result) -> list[dict[str, Any]]:
    """The standard output as one JSON object a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@contextmanager
def started(*words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own; it is killed at the end, if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mediawatch", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


def wait(for_: Callable[[], object], seconds: float = 60.0) -> None:
    """Polls until it is true; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not for_():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def heard(process: subprocess.Popen[str], words: str) -> str:
    """Reads the log until a line with these words. Fails where the process ends before."""
    assert process.stderr is not None
    before = []
    for line in process.stderr:
        before.append(line)
        if words in line:
            return line
    raise AssertionError(f"it ended without a word of {words!r}: {''.join(before)}")
