"""What a reading process may not do, whatever its parsers are led to: no network, no other program, no foreign file.

Where the system allows it, the process has no network at all (a namespace of its own); Python itself always refuses.
It must be the last thing that is done before the first hostile byte is read; it cannot be undone.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_OUT = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.", "ftplib.",
        "http.client.", "urllib.", "smtplib.", "webbrowser.", "ctypes.dlopen", "os.kill", "os.remove", "os.rename",
        "os.mkdir", "os.chmod", "shutil.", "winreg.")  # fmt: skip
_READ = ("/usr/share/zoneinfo", "/etc/localtime", "/usr/lib", "/lib", os.devnull)  # what libraries may look up


def confine() -> None:
    """From here on whatever asks for more than its memory raises PermissionError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "unshare"):
        libc.unshare(_NEW_USER | _NEW_NET)  # refused in many containers; then what follows has to do
    own = (sys.prefix, sys.base_prefix, *sys.path, str(Path(__file__).parent))
    allowed = tuple(os.path.realpath(one) for one in (*own, *_READ) if one)

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if not isinstance(path, str | bytes):
                return  # a descriptor that is open already
            if flags & (os.O_WRONLY | os.O_RDWR) or not os.path.realpath(os.fsdecode(path)).startswith(allowed):
                raise PermissionError("a reader opens no files")
        elif event.startswith(_OUT):
            raise PermissionError(f"a reader has no business with {event}")

    sys.addaudithook(refuse)
