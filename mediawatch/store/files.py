"""Files that only their owner may read. It must not know what is in them."""

from __future__ import annotations

import os
from pathlib import Path


def private_dir(path: Path) -> None:
    """Makes the directory and those above it that are missing, each with mode 0700. Raises OSError."""
    if path.is_dir():
        return
    private_dir(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Makes a rename in the directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
