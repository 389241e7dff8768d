"""Files that are there whole or not at all; those of the store for their owner only. It must not know what is in
them."""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import stat
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

_HALF = re.compile(r"\..+\.[0-9a-f]{8}\.(?:part|new)(?:-wal|-shm|-journal)?")
_ABANDONED = timedelta(days=1)  # so long nobody takes to write a file
_SYNCFS = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def private_dir(path: Path, *, sync: bool = True) -> None:
    """Makes the directory and those above it that are missing, each with mode 0700. Raises OSError.

    sync: whether they survive a power cut from now on; without it, as soon as the disk is synced.
    """
    if path.is_dir():
        return
    private_dir(path.parent, sync=sync)
    path.mkdir(mode=0o700, exist_ok=True)
    if sync:
        sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Makes a rename in the directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def can_sync_disk() -> bool:
    """Whether the system lets a whole file system be synced by one call."""
    return _SYNCFS is not None


def sync_disk(path: Path) -> None:
    """Makes all that was written to the file system of that directory survive a power cut. Raises OSError."""
    assert _SYNCFS is not None
    handle = os.open(path, os.O_RDONLY)
    try:
        if _SYNCFS(handle) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    finally:
        os.close(handle)


def put_whole(path: Path, body: bytes, mode: int = 0o600, within: Path | None = None) -> None:
    """`write_whole`, but for a power cut: until the disk is synced, the file may come out of one empty or cut off."""
    part = f"{within or path.parent}/.{path.name}.{secrets.token_hex(4)}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb", buffering=0) as file:
            left = memoryview(body)
            while left:
                left = left[file.write(left) :]
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def write_whole(path: Path, body: bytes, mode: int = 0o600, within: Path | None = None) -> None:
    """Puts the bytes at that path as a whole or not at all, in place of what was there. Raises OSError.

    within: the folder in which it lies until it is whole, on the same disk; its own where none is named.
    """
    part = (within or path.parent) / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        _write(part, body, mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_dir(path.parent)


def write_new(path: Path, body: bytes, mode: int = 0o666) -> None:
    """The same for a person's new file, with the modes of this process: what is there already stays.

    Raises FileExistsError, OSError.
    """
    if path.exists():
        raise FileExistsError(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _write(part, body, mode)
        try:
            os.link(part, path)
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    sync_dir(path.parent)


def sweep(folder: Path, now: datetime) -> int:
    """Takes away what a kill left half written in that folder a day ago or earlier: files of ours, by their names.

    Returns how many.
    """
    swept = 0
    for file in folder.iterdir() if folder.is_dir() else ():
        if _HALF.fullmatch(file.name) is None:
            continue
        with suppress(OSError):  # another process was first, or it is none of ours
            about = file.lstat()
            left = now.timestamp() - about.st_mtime >= _ABANDONED.total_seconds()
            if left and stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid():
                file.unlink()
                swept += 1
    return swept


def _write(path: Path, body: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
