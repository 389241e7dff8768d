"""A console whose terminal goes away, and to whom no signal says so."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.test_tui_terminal import CONSOLE, PATIENCE, ROOT


def test_a_console_ends_in_order_when_its_terminal_is_gone(tmp_path: Path) -> None:
    code = tmp_path / "console.py"
    code.write_text(CONSOLE, encoding="utf-8")
    here, there = pty.openpty()  # not the terminal of the process's session, so that the kernel sends it nothing
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    console = subprocess.Popen(
        [sys.executable, str(code)], stdin=there, stdout=there, stderr=there, env=environment, start_new_session=True
    )
    try:
        os.close(there)
        shown = b""
        while "云溪市登记册".encode() not in shown:
            shown += os.read(here, 65536)
        os.close(here)
        assert console.wait(PATIENCE) == 0
    finally:
        console.kill()
        console.wait()
