"""What hangs: a server that takes every connection and never says a word, and a name server that never answers."""

from __future__ import annotations

import os
import socket
import threading
from types import TracebackType
from typing import Self

import pycares

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
