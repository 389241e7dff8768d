"""New files that the console writes: a saved answer, a document. What is there is never written over."""

from __future__ import annotations

from pathlib import Path

from mediawatch.store.files import write_new as put


def write_new(folder: Path, name: str, body: bytes) -> tuple[Path, bool]:
    """Where the file is, and whether it was there already with the same bytes. Raises OSError.

    Another file of that name stays: the new one gets a number behind its name.
    """
    first = folder / name
    for number in range(1, 100):
        path = first if number == 1 else first.with_name(f"{first.stem}-{number}{first.suffix}")
        try:
            put(path, body)
        except FileExistsError:
            if path.is_file() and path.stat().st_size == len(body) and path.read_bytes() == body:
                return path, True
            continue
        return path, False
    raise FileExistsError(f"{first}: there are a hundred of them")
