"""From whatever is there to the schema of this version, in one transaction, or not at all.

What is not ours, or newer than this program, is refused before anything is written. It must not know what the
tables mean.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import uuid
import zlib
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from mediawatch.store.engine import Database, file_of
from mediawatch.store.errors import Damaged, ForeignDatabase, NewerDatabase, NoDatabase, StoreError, StoreUnavailable
from mediawatch.store.files import private_dir, sync_dir
from mediawatch.store.tables import META

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6D656469  # the PostgreSQL advisory lock that lets one process migrate at a time
_new: bytes = b""  # the first new file of this process, packed: a look back in time makes one each time


def open_database(url: URL, now: datetime, *, read_only: bool = False, scripts: Path = SCRIPTS) -> Database:
    """The database, made where there is none and brought up to date. Raises StoreError."""
    path = file_of(url)
    left = path is not None and _was_left(path)
    if path is not None:
        _check_file(path, read_only)
        if not path.exists():
            _create(url, path, now, scripts)
    database = Database(url, read_only=read_only)
    try:
        if left and not read_only:
            check_sound(database)
        with database.reading() as connection:
            current = _revision(connection, scripts)
        if current != _revisions(scripts)[-1]:
            if read_only:
                raise StoreError(
                    "the database is older than this program: start the daemon once to bring it up to date"
                )
            if path is not None and current is not None:
                _back_up(database, path.with_name(f"{path.name}.before-{current}"))
            _upgrade(url, now, scripts)
    except UnicodeDecodeError as error:  # the driver cannot even read what SQLite has to say about the file
        database.close()
        raise Damaged(
            f"{database.url.database} is damaged; bring back a backup (its schema is not readable)"
        ) from error
    except BaseException:
        database.close()
        raise
    return database


def _check_file(path: Path, read_only: bool) -> None:
    if not path.exists():
        if read_only:
            raise NoDatabase(f"{path}: there is no such database yet")
        private_dir(path.parent)
    elif not path.is_file():
        raise ForeignDatabase(f"{path} is not a file")
    elif path.stat().st_size == 0:
        raise ForeignDatabase(f"{path} is an empty file, not a database; remove it to start a new one")
    else:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                raise ForeignDatabase(f"{path} is not a SQLite database")


def _was_left(path: Path) -> bool:
    """Whether whoever had a SQLite file last did not close it (or somebody has it open): its log is still there."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def check_sound(database: Database) -> None:
    """Reads every page of a SQLite file (about two seconds a gigabyte). Raises Damaged. PostgreSQL sees to itself."""
    if not database.sqlite:
        return
    try:
        with database.reading() as connection:
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    except UnicodeDecodeError:  # the driver cannot even read what SQLite has to say about it
        found = "its schema is not readable"
    if found != "ok":
        raise Damaged(f"{database.url.database} is damaged; bring back a backup ({found})")


def _create(url: URL, path: Path, now: datetime, scripts: Path) -> None:
    """A new database appears under its name only when it is complete: a kill leaves no half one."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))  # SQLite gives -wal and -shm the mode of the file
    try:
        _fill(url.set(database=str(part)), part, now, scripts)
        with contextlib.suppress(FileExistsError):  # another process was first: theirs is as good
            os.link(part, path)
        sync_dir(path.parent)
    finally:
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def _fill(url: URL, part: Path, now: datetime, scripts: Path) -> None:
    """Runs all migrations in an empty file; from the second one on copies what they made, in a tenth of the time."""
    global _new
    if scripts != SCRIPTS:
        _upgrade(url, now, scripts)
    elif not _new:
        _upgrade(url, now, scripts)
        _new = zlib.compress(part.read_bytes(), 1)
    else:
        part.write_bytes(zlib.decompress(_new))
        database = Database(url)
        try:
            with database.writing() as connection:  # which also waits until all of the file is on the disk
                connection.execute(META.delete().where(META.c.key.in_(("install", "created_at"))))
                _name(connection, now)
        finally:
            database.close()


def _name(connection: Connection, now: datetime) -> None:
    """Gives a new database an id of its own, and says when it was made."""
    facts = {"install": uuid.uuid4().hex, "created_at": now.astimezone(UTC).isoformat()}
    connection.execute(META.insert(), [{"key": key, "value": value} for key, value in facts.items()])


def _back_up(database: Database, copy: Path) -> None:
    """A whole copy of a SQLite file before it is changed; one of the same name is replaced."""
    part = copy.with_name(f".{copy.name}.{secrets.token_hex(4)}.new")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        raw = database.engine.raw_connection()  # VACUUM works only outside a transaction
        try:
            raw.cursor().execute("PRAGMA query_only=OFF")
            raw.cursor().execute("VACUUM INTO ?", (str(part),))
        except sqlite3.Error as error:
            raise StoreUnavailable(f"nothing was changed: no copy could be made first ({error})") from error
        finally:
            raw.cursor().execute("PRAGMA query_only=ON")
            raw.close()
        part.rename(copy)
        sync_dir(copy.parent)
    finally:
        part.unlink(missing_ok=True)


def _upgrade(url: URL, now: datetime, scripts: Path) -> None:
    from alembic import command  # only where there is something to upgrade: it takes longer than most commands
    from alembic.config import Config

    database = Database(url, foreign_keys=False)  # SQLite rebuilds a table by dropping it; checked again at the end
    try:
        with database.writing() as connection:
            if not database.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            fresh = _revision(connection, scripts) is None
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if fresh:
                _name(connection, now)
            if database.sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise StoreError("the database could not be brought up to date: a row would lose what it belongs to")
    finally:
        database.close()


def _revision(connection: Connection, scripts: Path) -> str | None:
    """The revision of the database, `None` for an empty one. Raises NewerDatabase and ForeignDatabase."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if not {"alembic_version", "meta", "account", "target"} <= names:
        raise ForeignDatabase("the database holds other tables than mediawatch's; give mediawatch one of its own")
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision not in _revisions(scripts):
        raise NewerDatabase(
            f"the database was written by a newer mediawatch (revision {revision}); nothing was changed: "
            "use that version, or a backup of before"
        )
    return revision


def revision_is_known(revision: str) -> bool:
    """Whether this version knows a schema of that name."""
    return revision in _revisions(SCRIPTS)


def _revisions(scripts: Path) -> list[str]:
    """All revisions, oldest first: the names of the files, so that a store is opened without running any of them."""
    return sorted(file.stem for file in (scripts / "versions").glob("*.py"))
