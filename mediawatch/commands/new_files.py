"""New files that a command writes: never over one that is there. It must not decide what stands in them."""

from __future__ import annotations

from pathlib import Path

from mediawatch.commands.options import Stopped
from mediawatch.store.files import write_new as put


def new_file(out: Path | None, name: str) -> Path:
    """Where a file of that name goes: `out`, in the folder `out`, or here. Raises Stopped where it cannot be new."""
    if out is not None and not out.is_dir() and not out.suffix:
        raise Stopped(f"{out} is no folder; a new file is named with its ending, like {name}")
    path = out / name if out is not None and out.is_dir() else out or Path(name)
    if path.exists():
        raise Stopped(f"{path} is there already: name another file")
    if not path.absolute().parent.is_dir():
        raise Stopped(f"{path} cannot be written: there is no folder {path.parent}")
    return path


def write_new(path: Path, body: bytes) -> None:
    """Writes the file whole or not at all, or raises Stopped; also where it came to be there meanwhile."""
    try:
        put(path, body)
    except OSError as error:
        raise Stopped(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
