"""What a register was read from: its files by their digests, its rulebooks, what the settings said of it.

Where all that stands as it stood, reading again would give the same accounts. It must not know what is in the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from mediawatch import __version__
from mediawatch.core.model import Account
from mediawatch.register.folder import Folder
from mediawatch.rulebook_file import Rulebooks, UnknownRulebook

READER = 2  # one more whenever the same files would be read as something else


def origin(
    path: Path,
    files: Iterable[Path],
    books: Rulebooks,
    rulebook: str,
    receivers: Collection[str],
    canaries: Iterable[Account],
) -> str:
    """What the register of accounts.yaml at `path` was read from, as text to keep.

    files: those that were read. rulebook: the one that needs no naming. receivers: whom units may tell.
    """
    return json.dumps(
        {
            **_told(path, rulebook, receivers, canaries),
            "files": {str(file): _digest(file) for file in sorted({path, *files, *Folder(path).files})},
            "books": [
                [name, None if folder is None else str(folder), book.id if book else None]
                for (name, folder), book in books.asked.items()
            ],
        },
        sort_keys=True,
    )


def stands(
    kept: str, path: Path, books: Rulebooks, rulebook: str, receivers: Collection[str], canaries: Iterable[Account]
) -> bool:
    """Whether a register is still what it was read from; its rulebooks are then among `books`."""
    try:
        before: dict[str, Any] = json.loads(kept)
        told = _told(path, rulebook, receivers, canaries)
        if any(before[name] != value for name, value in told.items()):
            return False
        if not {str(file) for file in Folder(path).files} <= before["files"].keys():
            return False
        if any(_digest(Path(file)) != digest for file, digest in before["files"].items()):
            return False
        for name, folder, known_as in before["books"]:
            book = books.get(name, None if folder is None else Path(folder))
            if book is None or book.id != known_as:
                return False
    except (ValueError, KeyError, TypeError, OSError, UnknownRulebook):
        return False
    return True


def digests(kept: str) -> list[tuple[str, str | None]]:
    """The files of a register by name, wherever they lie, and what is in them."""
    return sorted((Path(file).name, digest) for file, digest in json.loads(kept)["files"].items())


def _told(path: Path, rulebook: str, receivers: Collection[str], canaries: Iterable[Account]) -> dict[str, Any]:
    return {
        "version": f"{__version__}/{READER}",
        "path": str(path),
        "rulebook": rulebook,
        "receivers": sorted(receivers),
        "canaries": sorted(account.model_dump_json() for account in canaries),
    }


def _digest(file: Path) -> str | None:
    """SHA-256 of the file; `None` where there is none."""
    if not file.exists():
        return None
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
