"""The console in a real terminal (tmux): Chinese text, keys, copying, and a clean end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # seconds until something must have shown; a loaded machine is slow
CONSOLE = """
import sys
from tests.tui_world import World
from mediawatch.tui.app import Console

world = World()
app = Console(world, world.acts, world.clock, "zh_CN", title="云溪市登记册", by="wang")
app.run()
sys.exit(app.return_code)
"""

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A tmux server of our own with one window of 80x24."""

    def __init__(self, socket: Path, command: list[str]) -> None:
        self._tmux = ["tmux", "-u", "-S", str(socket), "-f", "/dev/null"]
        self._environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self._environment.pop("TMUX", None)
        start = [*self._tmux, "new-session", "-d", "-x", "80", "-y", "24", *command]
        subprocess.run(start, check=True, env=self._environment, cwd=ROOT, timeout=PATIENCE)

    def _say(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, env=self._environment, timeout=PATIENCE)
        return done.stdout.decode()

    def press(self, *keys: str) -> None:
        self._say("send-keys", *keys)

    def screen(self) -> str:
        return self._say("capture-pane", "-p")

    def buffer(self) -> str:
        return self._say("show-buffer")

    def end(self) -> None:
        self._say("kill-server")

    def wait(self, what: Callable[[], bool]) -> None:
        """Asks again and again until it holds."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.screen()
            time.sleep(0.05)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    ended = tmp_path / "code"
    script = tmp_path / "console.sh"
    code = tmp_path / "console.py"
    code.write_text(CONSOLE, encoding="utf-8")
    script.write_text(f'{sys.executable} {code}; echo "code $?" > {ended}; sleep 60\n', encoding="utf-8")
    running = Terminal(tmp_path / "tmux", ["sh", str(script)])
    yield running
    running.end()


def test_the_console_lives_in_a_real_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait(lambda: "17 / 300" in terminal.screen())
    lines = terminal.screen().splitlines()
    assert lines[0].startswith("mediawatch 云溪市登记册")
    assert lines[0].endswith("北京时间")  # the whole width, wide letters and all
    terminal.press("/")
    terminal.wait(lambda: "-f 模糊" in terminal.screen())
    terminal.press("-l", "gasj")  # letters that are keys elsewhere reach the field
    terminal.wait(lambda: '"gasj"' in terminal.screen())
    terminal.press("Escape")
    terminal.wait(lambda: ">X" in terminal.screen().splitlines()[6])  # the field is closed, the list has moved up
    terminal.press("/")
    terminal.wait(lambda: "-f 模糊" in terminal.screen())
    terminal.press("-l", "西塘交通")
    terminal.press("Enter")
    terminal.wait(lambda: "1 / 300" in terminal.screen())
    terminal.press("y")
    terminal.wait(lambda: '"account":"acc-0107"' in terminal.buffer())  # tmux keeps what was copied
    terminal.press("3")
    terminal.wait(lambda: "未解决的告警" in terminal.screen())
    terminal.press("q")
    terminal.wait(lambda: (tmp_path / "code").exists())
    assert (tmp_path / "code").read_text(encoding="utf-8") == "code 0\n"
    assert "Traceback" not in terminal.screen()
