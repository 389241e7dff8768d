"""Migrations, killed at every file operation: the old schema or the new one, never half; the rows as they were.

An invented next version rebuilds a table and renames a column, which SQLite does by copying and dropping; the making of
a new store is killed as well.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mediawatch.store import migrate
from mediawatch.store.engine import read_url
from mediawatch.store.store import Store
from tests.faults.disk import Before, Disk
from tests.faults.figure import Figure
from tests.faults.kills import killed_at, untouched
from tests.faults.lies import MEMORY
from tests.faults.progress import gathered
from tests.store_world import START, account, enrolled
from tests.test_migrations import HEAD, scripts

MODES = ("before", "torn", "after")
ROWS = 40


def _killed(each: Before, database: Path, with_scripts: Path) -> int:
    """Opens, and so upgrades, the store in a process of its own. Returns how many operations there were, or -1."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        code = 1
        try:
            with Disk(each).watched() as disk:
                migrate.open_database(read_url(f"sqlite:///{database}"), START, scripts=with_scripts).close()
            os.write(into, str(disk.count).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(into)
    said = os.read(out, 100)
    os.close(out)
    _, status = os.waitpid(child, 0)
    return int(said) if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else -1


def _rows(database: Path) -> tuple[str, list[tuple[object, ...]]]:
    """Which version it is, and its accounts."""
    with closing(sqlite3.connect(database)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        place = "area" if revision == "next" else "region"
        return revision, connection.execute(f"SELECT id, name, kind, {place} FROM account ORDER BY id").fetchall()


def sweep(stride: int) -> Iterator[tuple[str, list[str]]]:
    """Every `stride`-th operation of an upgrade, then of the making of a store: where, and what was wrong."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as root:
        old = Path(root) / "old.db"
        store = Store.open(f"sqlite:///{old}", now=START)
        enrolled(store, *(account(f"a{number}") for number in range(ROWS)))
        store.close()
        known, next_version = _rows(old)[1], scripts(Path(root), "pass")
        yield from _upgrades(Path(root), old, known, next_version, stride)
        yield from _makings(Path(root), stride * 4 if stride > 1 else 1)


def _upgrades(
    root: Path, old: Path, known: list[tuple[object, ...]], next_version: Path, stride: int
) -> Iterator[tuple[str, list[str]]]:
    def begin(name: str) -> Path:
        (root / name).mkdir()
        return Path(shutil.copy(old, root / name / "x.db"))

    many = _killed(untouched, begin("whole"), next_version)
    yield "an upgrade that is let finish", [] if many > 0 else ["it failed"]
    for number, point in enumerate(range(0, many, stride)):
        for mode in MODES if stride == 1 else (MODES[number % 3],):
            database, wrong = begin(f"{point}-{mode}"), []
            _killed(killed_at(point, mode), database, next_version)
            revision, rows = _rows(database)
            if rows != known or revision not in (HEAD, "next"):
                wrong.append(f"half: {revision}, {len(rows)} of {len(known)} accounts as they were")
            copy = database.with_name(f"x.db.before-{HEAD}")
            if revision == "next" and (not copy.exists() or _rows(copy) != (HEAD, known)):
                wrong.append("upgraded without a copy of before")
            if _killed(untouched, database, next_version) < 0 or _rows(database) != ("next", known):
                wrong.append("it cannot be upgraded any more")
            yield f"an upgrade killed {mode} {point}", wrong
            shutil.rmtree(database.parent)


def _makings(root: Path, stride: int) -> Iterator[tuple[str, list[str]]]:
    many = _killed(untouched, root / "made.db", migrate.SCRIPTS)
    for point in range(0, many, stride):
        folder, wrong = root / f"new-{point}", []
        folder.mkdir()
        _killed(killed_at(point, "torn"), folder / "x.db", migrate.SCRIPTS)
        if (folder / "x.db").exists() and _rows(folder / "x.db")[0] != HEAD:
            wrong.append("half a new store")
        if _killed(untouched, folder / "x.db", migrate.SCRIPTS) < 0:
            wrong.append("it cannot be made any more")
        yield f"a new store killed in {point}", wrong
        shutil.rmtree(folder)


def figures(full: bool) -> Iterator[Figure]:
    logging.disable(logging.CRITICAL)
    found = gathered(sweep(1 if full else 20), "kills")
    yield Figure.all_of(
        f"migrations killed at {'each' if full else 'every 20th'} operation: old or new, data equal, copied first",
        sum(not wrong for _, wrong in found), len(found))  # fmt: skip
    for where, wrong in [one for one in found if one[1]][:10]:
        yield Figure(f"  {where}: {wrong[0]}"[:76], "", "", False)
