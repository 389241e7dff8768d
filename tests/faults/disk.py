"""The operations of SQLite and of our own files on the disk, seen one by one from inside the process, and made to fail.

SQLite's own way to the disk (its VFS) is changed in place through ctypes: nothing is compiled, and what runs is the
very library that the store runs on. `Disk.each` is asked before every operation that changes a file.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass
from typing import Any

OK, FULL, IOERR_WRITE, IOERR_FSYNC = 0, 13, 778, 1034
_DIRSYNC = 2


@dataclass(frozen=True)
class Operation:
    """A change of a file. what: write, sync, truncate, delete, rename, link (`to`); at: an offset, or a new length."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""
    to: str = ""


Before = Callable[[Operation, Callable[[int], None]], int]
"""Asked before an operation: `OK` lets it happen, any other code of SQLite's makes it fail. It may do a part of a write
itself, through the function that it is given (so many bytes)."""


class _File(Structure):
    _fields_ = [("methods", c_void_p)]


_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_MANY = 18  # pointers of sqlite3_io_methods behind its version


class _Methods(Structure):
    _fields_ = [("version", c_int), *((f"m{number}", c_void_p) for number in range(_MANY))]


class _Vfs(Structure):
    _fields_ = [
        *(("version", c_int), ("file_size", c_int), ("most_path", c_int), ("next", c_void_p)),
        *(("name", c_char_p), ("data", c_void_p), ("open", c_void_p), ("delete", c_void_p)),
    ]


def _library() -> Any:
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [c_char_p]
    return library


class Disk:
    """`with Disk(each).watched(): …`: every change of a file that is made meanwhile is asked about first.

    Stores must be opened inside: files that are open already are not seen. `count` is how many changes there were.
    """

    def __init__(self, each: Before) -> None:
        self.count = 0
        self._each = each
        self._paths: dict[int, str] = {}
        self._patched: dict[int, tuple[_Methods, tuple[Any, ...]]] = {}  # by the address of the right methods

    @contextmanager
    def watched(self) -> Iterator[Disk]:
        vfs = _library().sqlite3_vfs_find(None).contents
        right_open, right_delete = vfs.open, vfs.delete
        opening, deleting = _OPEN(self._opening(_OPEN(right_open))), _DELETE(self._deleting(_DELETE(right_delete)))
        vfs.open, vfs.delete = (ctypes.cast(one, c_void_p).value for one in (opening, deleting))
        kept = {name: getattr(os, name) for name in ("fsync", "replace", "rename", "link", "unlink")}
        os.fsync, os.unlink = self._syncing(kept["fsync"]), self._removing(kept["unlink"])
        for name in ("replace", "rename", "link"):
            setattr(os, name, self._naming("link" if name == "link" else "rename", kept[name]))
        try:
            yield self
        finally:
            vfs.open, vfs.delete = right_open, right_delete
            for name, right in kept.items():
                setattr(os, name, right)

    # --- SQLite's files ------------------------------------------------------------------------------------------

    def _opening(self, right: Any) -> Any:
        def opening(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
            done = int(right(vfs, name, file, flags, out))
            methods = ctypes.cast(file, POINTER(_File)).contents
            if done == OK and name and methods.methods:
                self._paths[file] = ctypes.cast(name, c_char_p).value.decode()  # type: ignore[union-attr]
                methods.methods = ctypes.addressof(self._with_ours(methods.methods))
            return done

        return opening

    def _with_ours(self, right: int) -> _Methods:
        if right not in self._patched:
            methods = _Methods.from_buffer_copy(ctypes.string_at(right, ctypes.sizeof(_Methods)))
            ours = (
                _WRITE(self._writing(_WRITE(methods.m2))),
                _TRUNCATE(self._truncating(_TRUNCATE(methods.m3))),
                _SYNC(self._file_syncing(_SYNC(methods.m4))),
            )
            # SQLite asks for no write through a map where the methods are of the first versions of its interface.
            methods.m2, methods.m3, methods.m4 = (ctypes.cast(one, c_void_p).value for one in ours)
            self._patched[right] = (methods, ours)
        return self._patched[right][0]

    def _ask(self, operation: Operation, part: Callable[[int], None] = lambda size: None) -> int:
        self.count += 1
        return self._each(operation, part)

    def _writing(self, right: Any) -> Any:
        def writing(file: int, data: int, size: int, at: int) -> int:
            body = ctypes.string_at(data, size)
            operation = Operation("write", self._paths.get(file, ""), at, body)
            code = self._ask(operation, lambda many: right(file, data, many, at))
            return int(right(file, data, size, at)) if code == OK else code

        return writing

    def _truncating(self, right: Any) -> Any:
        def truncating(file: int, size: int) -> int:
            code = self._ask(Operation("truncate", self._paths.get(file, ""), size))
            return int(right(file, size)) if code == OK else code

        return truncating

    def _file_syncing(self, right: Any) -> Any:
        def syncing(file: int, flags: int) -> int:
            code = self._ask(Operation("sync", self._paths.get(file, "")))
            return int(right(file, flags)) if code == OK else code

        return syncing

    def _deleting(self, right: Any) -> Any:
        def deleting(vfs: int, name: bytes, sync: int) -> int:
            code = self._ask(Operation("delete", name.decode()))
            return int(right(vfs, name, sync)) if code == OK else code

        return deleting

    # --- our own files -------------------------------------------------------------------------------------------

    def _syncing(self, right: Any) -> Any:
        def fsync(handle: Any) -> None:
            number = handle if isinstance(handle, int) else handle.fileno()
            path = os.readlink(f"/proc/self/fd/{number}")
            whole = os.path.isfile(path)

            def part(_: int) -> None:
                os.truncate(path, os.path.getsize(path) // 2)

            body = b""
            if whole:
                with open(path, "rb") as file:
                    body = file.read()
            _raise(self._ask(Operation("sync", path, data=body), part if whole else lambda size: None), path)
            right(handle)

        return fsync

    def _naming(self, what: str, right: Any) -> Any:
        def naming(source: Any, to: Any, **more: Any) -> None:
            _raise(self._ask(Operation(what, os.fspath(source), to=os.fspath(to))), os.fspath(to))
            right(source, to, **more)

        return naming

    def _removing(self, right: Any) -> Any:
        def unlink(path: Any, **more: Any) -> None:
            self._ask(Operation("delete", os.fspath(path)))
            right(path, **more)

        return unlink


def _raise(code: int, path: str) -> None:
    if code != OK:
        number = 28 if code == FULL else 5
        raise OSError(number, os.strerror(number), path)


def reachable() -> bool:
    """Whether SQLite's way to the disk can be changed here: its library is one that can be asked for it."""
    try:
        return bool(_library().sqlite3_vfs_find(None)) and sqlite3.sqlite_version_info >= (3, 8)
    except (AttributeError, OSError):
        return False
