"""What hangs: a server that takes every connection and never says a word, a name server that never answers,
and a daemon that asks both."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pycares

from tests.shell import FAST, ROOT, Sim, files, write

# Run before a program: `python -c "import tests.hanging; tests.hanging.no_names(); …"`
_VARIABLE = "MEDIAWATCH_TEST_NAME_SERVER"


class Hanging:
    """`with Hanging() as hanging:` listens on loopback. held: how many connections it has taken so far."""

    def __enter__(self) -> Self:
        self.held: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.environment = {_VARIABLE: f"127.0.0.1:{self._names.getsockname()[1]}"}
        self._taking = threading.Thread(target=self._take, daemon=True)
        self._taking.start()
        return self

    def _take(self) -> None:
        while True:
            try:
                self.held.append(self._listener.accept()[0])
            except OSError:
                return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._names.close()
        self._taking.join(5)
        for one in self.held:
            one.close()


def no_names() -> None:
    """All names of this process are asked of the server of the environment from now on, for a minute each."""
    server = os.environ[_VARIABLE]

    class Unanswered(pycares.Channel):
        def __init__(self, **more: object) -> None:
            super().__init__(**{**more, "servers": [server], "timeout": 60.0, "tries": 1})  # type: ignore[arg-type]

    pycares.Channel = Unanswered  # type: ignore[misc]


@contextmanager
def daemon(folder: Path, hanging: Hanging) -> Iterator[subprocess.Popen[str]]:
    """`run` in a process whose names are never found."""
    program = "from tests.hanging import no_names; no_names(); from mediawatch.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "run", *files(folder)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **hanging.environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def with_all_that_hangs(
    sim: Sim, hanging: Hanging, folder: Path, looks: int, *, shutdown: str = "1s", cadence: dict[str, str] | None = None
) -> None:
    """Feeds of a host that never answers and of hosts that are never found, and receivers that never answer."""
    hosts = {f"http://h{number}.example": number for number in range(20)}
    feeds = [f"{hanging.url}/{number}" for number in range(looks)] + [f"{host}/feed" for host in hosts]
    url = hanging.url.partition("//")[2]
    calls = {f"call{number}": {"type": "apprise", "url": f"json://{url}/{number}"} for number in range(4)}
    receivers = {**calls, "duty": {"type": "webhook", "url": f"{hanging.url}/hook", "secret": "s"}}
    sim.write(
        folder,
        cadence=cadence or {"recheck": "1ms"},
        wire={"allow_private": ["127.0.0.0/8"], "timeout": "60s"},
        receivers=receivers,
        ladder=[{"after": "0s", "to": list(receivers)}],
        daemon={**FAST, "shutdown": shutdown},
    )
    register = json.loads((folder / "accounts.yaml").read_text("utf-8"))
    known = json.loads((folder / "mediawatch.yaml").read_text("utf-8"))
    register["accounts"] += [
        {"id": f"f{number}", "name": f"f{number}", "kind": "wechat", "targets": [{"adapter": "feed", "url": feed}]}
        for number, feed in enumerate(feeds)
    ]
    known["platforms"]["feed"] = {"per_minute": 60_000, "at_once": 300}
    write(folder, register, known)
