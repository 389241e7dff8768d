"""A whole copy of a store in a folder, made while it is in use, and a store made of such a copy again.

The folder holds the database as it stood at one instant, the raw answers that it names, and a manifest with their
digests; it appears under its name when it is complete. It must never overwrite anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.engine import URL

from mediawatch.store.blobs import Blobs
from mediawatch.store.engine import Database, file_of, read_url
from mediawatch.store.errors import StoreError
from mediawatch.store.files import private_dir, sync_dir, write_whole
from mediawatch.store.keeping_tables import ANSWER
from mediawatch.store.migrate import open_database, revision_is_known
from mediawatch.store.retention import papers
from mediawatch.store.tables import META, OBSERVATION, TARGET

Progress = Callable[[int, int], None]
MANIFEST, ANSWERS = "manifest.json", "answers"
_DUMPS = {"sqlite": "store.db", "postgresql": "store.pgdump"}


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. install: the store's own id. digest: SHA-256 of the database's file. root: the same over the
    digests of all answers, in order, one a line. size: bytes of it all. schema: of its tables, on PostgreSQL."""

    install: str
    made_at: str
    engine: str
    revision: str
    digest: str
    answers: int
    root: str
    size: int
    schema: str = ""


def back_up(url: str, blobs: Blobs, to: Path, now: datetime, progress: Progress = lambda done, total: None) -> Manifest:
    """Copies a store, in use or not, to a folder that is not there yet. Raises StoreError, OSError, and leaves nothing.

    Answers first, then the database, then the answers that came in between: none that it names is missing.
    """
    if to.exists():
        raise StoreError(f"{to} is there already; name a folder that is not")
    database = open_database(read_url(url), now, read_only=True)
    part = to.with_name(f".{to.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        private_dir(part)
        copied: set[str] = set()
        _copy_answers(_named(database), blobs, part, copied, progress)
        file = part / _DUMPS[database.engine.dialect.name]
        facts = _sqlite_copy(database, file) if database.sqlite else _postgresql_copy(database, file)
        later = facts.pop("answers").splitlines() if database.sqlite else _named(database)
        _copy_answers(later, blobs, part, copied, progress)
        manifest = Manifest(
            **facts,
            made_at=now.isoformat(),
            engine=database.engine.dialect.name,
            digest=_digest(file),
            answers=len(copied),
            root=_root(copied),
            size=sum(one.stat().st_size for one in part.rglob("*") if one.is_file()),
        )
        write_whole(part / MANIFEST, (json.dumps(asdict(manifest), indent=2) + "\n").encode())
        part.rename(to)
        sync_dir(to.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        database.close()
    return manifest


def restore(
    source: Path, url: str, blobs: Blobs, now: datetime, progress: Progress = lambda done, total: None
) -> Manifest:
    """Makes a store of a backup where there is none. Raises StoreError, OSError; then there is no store.

    Everything is checked before anything is written: the database's file, every answer, its version.
    """
    manifest = checked(source, progress)
    target = read_url(url)
    file = source / _DUMPS[manifest.engine]
    if target.get_backend_name() != manifest.engine:
        raise StoreError(f"this backup is one of {manifest.engine}; the settings name another kind of database")
    _refuse_occupied(target, manifest.schema)
    known = Blobs(source / ANSWERS)
    for done, (digest, _) in enumerate(known.sizes()):
        body = known.recall(digest)
        if body is None or blobs.keep(body) != digest:
            raise StoreError(f"the answer {digest[:12]} of the backup is damaged")
        progress(done, manifest.answers)
    path = file_of(target)
    if path is not None:
        _place(file, path)
    else:
        _run("pg_restore", target, "--single-transaction", "--no-owner", "--exit-on-error", "--clean", "--if-exists",
             "--dbname", str(target.database), str(file))  # fmt: skip
    database = open_database(target, now)
    try:
        _check_heads(database)
    finally:
        database.close()
    return manifest


def checked(source: Path, progress: Progress = lambda done, total: None) -> Manifest:
    """The manifest of a backup that is whole. Raises StoreError for one that is not, or from a newer version."""
    try:
        manifest = Manifest(**json.loads((source / MANIFEST).read_bytes()))
        file = source / _DUMPS[manifest.engine]
    except FileNotFoundError:
        raise StoreError(f"{source} is no backup: it has no {MANIFEST}") from None
    except (ValueError, TypeError, KeyError):
        raise StoreError(f"{source / MANIFEST} cannot be read") from None
    if not revision_is_known(manifest.revision):
        raise StoreError(f"the backup was made by a newer mediawatch (revision {manifest.revision}); use that version")
    if not file.exists() or _digest(file) != manifest.digest:
        raise StoreError(f"{file.name} is not what was backed up: its digest differs")
    blobs, found = Blobs(source / ANSWERS), set()
    for done, (digest, _) in enumerate(blobs.sizes()):
        progress(done, manifest.answers)
        if blobs.recall(digest) is None:
            raise StoreError(f"the answer {digest[:12]} of the backup is damaged")
        found.add(digest)
    if _root(found) != manifest.root:
        raise StoreError(f"the backup should hold {manifest.answers} answers; it holds {len(found)}, or others")
    if manifest.engine == "sqlite":
        _check_sqlite(file)
    return manifest


# --- the database ----------------------------------------------------------------------------------------------------


def _sqlite_copy(database: Database, to: Path) -> dict[str, str]:
    """One instant of a SQLite store as a file of its own; who writes meanwhile does not wait."""
    os.close(os.open(to, os.O_CREAT | os.O_EXCL, 0o600))
    raw = sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True)
    try:
        raw.execute("VACUUM INTO ?", (str(to),))
    except sqlite3.Error as error:
        raise StoreError(f"the database could not be copied: {error}") from error
    finally:
        raw.close()
    copy = open_copy(to)
    try:
        return _facts(copy) | {"answers": "\n".join(_named(copy))}
    finally:
        copy.close()


def open_copy(file: Path) -> Database:
    """A copy as it is, not brought up to date."""
    return Database(read_url(f"sqlite:///{file}"), read_only=True)


def _postgresql_copy(database: Database, to: Path) -> dict[str, str]:
    schema = _schema(database)
    _run("pg_dump", database.url, "--format=custom", "--no-owner", f"--schema={schema}", f"--file={to}",
         str(database.url.database))  # fmt: skip
    to.chmod(0o600)
    return _facts(database) | {"schema": schema}


def _schema(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(text("SELECT current_schema()")).scalar() or "")


def _run(program: str, url: URL, *arguments: str) -> None:
    """A program of PostgreSQL's own; the password goes with the environment, where no other user sees it."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(f"{program} is not here: install PostgreSQL's client programs")
    host = url.host or url.query.get("host")
    told: Mapping[str, object] = {
        "PGHOST": host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
    }  # fmt: skip
    env = {**os.environ, **{name: str(value) for name, value in told.items() if value is not None}}
    done = subprocess.run([found, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = next(iter(done.stderr.strip().splitlines()[-1:]), "")
        raise StoreError(f"{program} ended with {done.returncode}: {last}")


def _facts(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        install = connection.execute(select(META.c.value).where(META.c.key == "install")).scalar()
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return {"install": str(install), "revision": str(revision)}


def _named(database: Database) -> list[str]:
    """The answers that the record says are kept, and the files that were handed in with cases."""
    with database.reading() as connection:
        answers = set(connection.execute(select(ANSWER.c.digest)).scalars())
        return sorted(answers | papers(connection))


def _refuse_occupied(target: URL, schema: str) -> None:
    path = file_of(target)
    if path is not None:
        if path.exists():
            raise StoreError(f"{path} is there already; a backup is restored only where there is no store")
        private_dir(path.parent)
        return
    database = Database(target)
    try:
        if schema and (here := _schema(database)) != schema:
            raise StoreError(
                f"another schema: the backup is of {schema!r}, the address leads to {here!r}; make that schema in the "
                "new database, and let the search_path of its user begin with it"
            )
        with database.reading() as connection:
            names = text("SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()")
            if connection.execute(names).scalar():
                raise StoreError("the database holds tables already; a backup is restored only into an empty one")
    finally:
        database.close()


def _place(file: Path, path: Path) -> None:
    """The copy under its name, as a whole or not at all, and never in place of another file."""
    part = path.with_name(f".{path.name}.part")
    try:
        shutil.copyfile(file, part)
        part.chmod(0o600)
        with part.open("rb") as copied:
            os.fsync(copied.fileno())
        os.link(part, path)
    except FileExistsError:
        raise StoreError(f"{path} is there already; a backup is restored only where there is no store") from None
    finally:
        part.unlink(missing_ok=True)
    sync_dir(path.parent)


def _check_sqlite(file: Path) -> None:
    database = open_copy(file)
    try:
        with database.reading() as connection:
            if (found := connection.execute(text("PRAGMA integrity_check(1)")).scalar()) != "ok":
                raise StoreError(f"the backup's database is damaged: {found}")
    finally:
        database.close()


def _check_heads(database: Database) -> None:
    """Whether each target's last look is still its head."""
    last = select(OBSERVATION.c.hash).where(OBSERVATION.c.target == TARGET.c.id)
    last = last.order_by(OBSERVATION.c.id.desc()).limit(1).correlate(TARGET)
    asked = select(TARGET.c.id).where(TARGET.c.head != "", TARGET.c.head.is_distinct_from(last.scalar_subquery()))
    with database.reading() as connection:
        if (broken := connection.execute(asked.limit(1)).scalar()) is not None:
            raise StoreError(f"the record of {broken} does not end where it should; the backup is not whole")


# --- answers ---------------------------------------------------------------------------------------------------------


def _copy_answers(named: Iterable[str], blobs: Blobs, part: Path, copied: set[str], progress: Progress) -> None:
    to, wanted = Blobs(part / ANSWERS), [digest for digest in named if digest not in copied]
    for done, digest in enumerate(wanted):
        progress(done, len(wanted))
        if blobs.copy(digest, to):
            copied.add(digest)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _root(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{digest}\n" for digest in sorted(digests)).encode()).hexdigest()
