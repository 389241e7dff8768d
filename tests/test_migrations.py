"""From nothing, or from an older version, to this version's schema: all or none, and never on what is not ours."""

from __future__ import annotations

import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from mediawatch.store import migrate
from mediawatch.store.engine import Database, read_url
from mediawatch.store.errors import ForeignDatabase, NewerDatabase, StoreError
from mediawatch.store.store import Store
from mediawatch.store.tables import META, METADATA
from tests.store_world import DAY, START, account, enrolled
from tests.test_look_hours import taken_back

CHAIN = tuple(script.revision for script in ScriptDirectory(str(migrate.SCRIPTS)).walk_revisions())
HEAD = CHAIN[0]
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("nickname", sa.String(), nullable=True))
        account.alter_column("region", new_column_name="area")
    {then}
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A raw connection to a store of this version, with one account in it."""
    store = Store.open(database_url, now=START)
    enrolled(store, account("a"))
    store.close()
    raw = Database(read_url(database_url))
    yield raw
    raw.close()


def scripts(folder: Path, then: str) -> Path:
    """The migrations of an invented next version."""
    copied = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, copied)
    (copied / "versions" / "next.py").write_text(NEXT.format(then=then, head=HEAD))
    return copied


def columns(database: Database) -> set[str]:
    with database.reading() as connection:
        return {column["name"] for column in inspect(connection).get_columns("account")}


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrations_give_the_schema_of_the_tables(database: Database) -> None:
    with database.reading() as connection:
        # An index that one engine alone has is compared on that engine.
        elsewhere = {"include_object": lambda thing, name, *_: database.sqlite or name != "account_narrowed"}
        differences = compare_metadata(MigrationContext.configure(connection, opts=elsewhere), METADATA)
    assert differences == []


def test_the_migrations_are_one_chain_in_the_order_of_their_files() -> None:
    names = sorted(file.stem for file in (migrate.SCRIPTS / "versions").glob("*.py"))
    assert list(reversed(CHAIN)) == names


def test_a_store_that_is_up_to_date_is_opened_without_the_migrations(tmp_path: Path) -> None:
    opens = f"""
import sys
from mediawatch.store.store import Store
from tests.store_world import START
Store.open("sqlite:///{tmp_path}/x.db", now=START).close()
assert "alembic" not in sys.modules"""
    Store.open(f"sqlite:///{tmp_path}/x.db", now=START).close()
    subprocess.run([sys.executable, "-c", opens], check=True, cwd=Path(__file__).parent.parent)


def test_every_new_database_of_a_process_is_as_the_migrations_make_it_with_an_id_and_a_day_of_its_own(
    tmp_path: Path,
) -> None:
    """From the second one on it is a copy; migrations of another place are always run."""
    shutil.copytree(migrate.SCRIPTS, other := tmp_path / "migrations")
    made: list[tuple[set[str], dict[str, str]]] = []
    for number, where in enumerate((other, migrate.SCRIPTS, migrate.SCRIPTS)):
        now = START + number * DAY
        database = migrate.open_database(read_url(f"sqlite:///{tmp_path}/{number}.db"), now, scripts=where)
        with database.reading() as connection:
            facts = {row.key: row.value for row in connection.execute(select(META))}
            lines = "\n".join(connection.connection.iterdump()).splitlines()  # type: ignore[attr-defined]
        assert facts.pop("created_at") == now.isoformat()
        made.append(({line.strip().rstrip(",") for line in lines if facts["install"] not in line}, facts))
        database.close()
    assert len({facts["install"] for _, facts in made}) == 3
    told = [{line for line in lines if "created_at" not in line or "meta" not in line} for lines, _ in made]
    assert told[0] == told[1] == told[2]


def test_an_upgrade_keeps_the_rows_and_what_refers_to_them(database: Database, tmp_path: Path) -> None:
    migrate.open_database(database.url, START, scripts=scripts(tmp_path, "pass")).close()
    assert "area" in columns(database)
    with database.reading() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM target JOIN account ON account.id = account")).scalar() == 1
        )
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "next"


def test_in_a_store_of_before_whoever_waits_for_a_person_comes_behind_those_who_fail(database: Database) -> None:
    found = {kind: f'{{"outcome":"fail","finality":"{kind}"}}' for kind in ("auto", "candidate")}
    with database.writing() as connection:
        of = "INSERT INTO account (id, {rest}) SELECT :id, {rest} FROM account WHERE id = 'a'"
        rest = ", ".join(sorted(columns(database) - {"id"}))
        for name, outcome, finding in (
            ("f", "fail", found["auto"]),
            ("c", "fail", found["candidate"]),
            ("p", "pass", None),
        ):
            connection.execute(text(of.format(rest=rest)), {"id": name})
            rank = {"fail": 0, "pass": 4}[outcome]
            values = {"id": name, "rank": rank, "outcome": outcome, "finding": finding}
            connection.execute(
                text("UPDATE account SET rank = :rank, outcome = :outcome, finding = :finding WHERE id = :id"), values
            )
        taken_back(connection, "0026_kept")
    migrate.open_database(database.url, START).close()
    with database.reading() as connection:
        told = connection.execute(text("SELECT id, rank FROM account ORDER BY rank")).all()
    assert [tuple(row) for row in told] == [("f", 0), ("c", 1), ("a", 3), ("p", 4)]


def test_an_upgrade_leaves_a_copy_of_what_was_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    store = Store.open(url, now=START)
    enrolled(store, account("a"))
    store.close()
    migrate.open_database(read_url(url), START, scripts=scripts(tmp_path, "pass")).close()
    copy = tmp_path / f"x.db.before-{HEAD}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    before = Store.open(f"sqlite:///{copy}", now=START)
    assert before.due_platforms(START) == {"weibo": 1}
    before.close()


def test_an_upgrade_that_breaks_in_the_middle_leaves_the_old_schema(database: Database, tmp_path: Path) -> None:
    before = tables(database), columns(database)
    broken = scripts(tmp_path, "raise RuntimeError('killed here')")
    with pytest.raises(RuntimeError, match="killed here"):
        migrate.open_database(database.url, START, scripts=broken)
    assert (tables(database), columns(database)) == before


def test_a_newer_database_is_refused_and_not_touched(database: Database, tmp_path: Path) -> None:
    migrate.open_database(database.url, START, scripts=scripts(tmp_path, "pass")).close()
    before = tables(database), columns(database)
    with pytest.raises(NewerDatabase, match="newer mediawatch"):
        migrate.open_database(database.url, START)
    assert (tables(database), columns(database)) == before


def test_a_reader_does_not_upgrade(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="older than this program"):
        migrate.open_database(database.url, START, read_only=True, scripts=scripts(tmp_path, "pass"))
    assert "extra" not in tables(database)


def test_somebody_elses_database_is_refused_and_not_touched(database_url: str) -> None:
    raw = Database(read_url(database_url))
    with raw.writing() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(ForeignDatabase, match="other tables"):
        Store.open(database_url, now=START)
    assert tables(raw) == {"customers"}
    raw.close()


@pytest.mark.parametrize(("content", "words"), [(b"", "empty file"), (b"accounts:\n  - id: a\n", "not a SQLite")])
def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(ForeignDatabase, match=words):
        Store.open(f"sqlite:///{path}", now=START)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_database_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "data" / "x.db"
    broken = scripts(tmp_path, "raise RuntimeError('killed here')")
    with pytest.raises(RuntimeError, match="killed here"):
        migrate.open_database(read_url(f"sqlite:///{path}"), START, scripts=broken)
    assert list((tmp_path / "data").iterdir()) == []
    Store.open(f"sqlite:///{path}", now=START).close()
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["x.db"]


def test_a_database_and_its_directory_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data" / "x.db"
    store = Store.open(f"sqlite:///{path}", now=START)
    enrolled(store, account("a"))
    kept = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert kept == {"x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    store.close()


@pytest.mark.parametrize("flips", [1, 50, 1000])
def test_a_damaged_file_is_found_out_when_it_is_opened_or_read_through(tmp_path: Path, flips: int) -> None:
    path = tmp_path / "x.db"
    Store.open(f"sqlite:///{path}", now=START).close()
    whole = path.read_bytes()
    refused = 0
    for seed in range(20):
        dice = random.Random(seed)  # noqa: S311
        body = bytearray(whole)
        for _ in range(flips):
            body[dice.randrange(20, len(body))] = dice.randrange(256)
        path.write_bytes(body)
        try:
            with closing(Store.open(f"sqlite:///{path}", now=START)) as store:
                store.check()
        except StoreError:  # and nothing else
            refused += 1
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    assert refused == 20 or flips < 1000


def test_there_is_nothing_to_read_before_there_is_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        Store.open(f"sqlite:///{tmp_path}/x.db", now=START, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/x.db", now=START)
    with store.reading() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    store.close()
