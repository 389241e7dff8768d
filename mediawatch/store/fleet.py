"""The workers of a fleet as they last told of themselves, and the place in which its jobs lie. It knows no job.

Whoever is cut off is no longer seen; nobody else writes a worker's row, but for whoever sits on its seat after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import psycopg
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects import postgresql

from mediawatch.core.sites import Worker
from mediawatch.store.engine import Database, read_url
from mediawatch.store.errors import StoreError
from mediawatch.store.store import Store
from mediawatch.store.tables import TARGET, WORKER

DRIVERS_OWN = (psycopg.Error,)  # what an engine on the same driver may raise where the database is away


def seen(store: Store, worker: Worker) -> None:
    """Writes down that a worker lives. Who sat on its seat before is forgotten: a seat is one worker's at a time.

    Raises StoreUnavailable.
    """
    values = dict(worker)
    values["platforms"] = json.dumps(worker.platforms)
    insert = postgresql.insert(WORKER).values(values)
    before = (WORKER.c.site == worker.site, WORKER.c.seat == worker.seat, WORKER.c.name != worker.name)
    with store.among() as connection:
        connection.execute(delete(WORKER).where(*before))
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["name"], set_={"seen_at": worker.seen_at, "edition": worker.edition}
            )
        )


def gone(store: Store, names: Iterable[str]) -> None:
    """Forgets workers that ended."""
    with store.among() as connection:
        connection.execute(delete(WORKER).where(WORKER.c.name.in_(list(names))))


def workers(store: Store) -> tuple[Worker, ...]:
    """Who told of itself last on each seat and did not end in order, by site and seat."""
    with store.reading() as connection:
        rows = connection.execute(select(WORKER).order_by(WORKER.c.site, WORKER.c.seat, WORKER.c.started_at))
        return tuple(Worker(**{**row._asdict(), "platforms": tuple(json.loads(row.platforms))}) for row in rows)


def leased(store: Store) -> int:
    """How many targets somebody is looking at."""
    with store.reading() as connection:
        asked = select(func.count()).where(TARGET.c.lease_token.is_not(None), TARGET.c.removed_at.is_(None))
        return int(connection.execute(asked).scalar_one())


def lay_out(url: str, layout: str) -> str:
    """Makes the schema in which the jobs lie, beside that of the store, where there is none. Returns its address.

    layout: the statements that make its tables. Raises StoreError where another version of them is there.
    """
    database = Database(read_url(url))
    version = hashlib.sha256(layout.encode()).hexdigest()
    try:
        with database.writing() as connection:
            schema = f"{connection.execute(text('SELECT current_schema()')).scalar_one()}_jobs"
            there = connection.execute(
                text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name"),
                {"name": schema},
            ).first()
            if there is None:
                connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
                connection.exec_driver_sql(f'SET LOCAL search_path TO "{schema}"')
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute(layout)
                connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{schema}\" IS '{version}'")
            elif there[0] != version:
                raise StoreError(
                    f"the jobs were laid out by another version; nothing is lost with them: stop all workers, "
                    f'DROP SCHEMA "{schema}" CASCADE, and start them again'
                )
    finally:
        database.close()
    address = read_url(url).set(drivername="postgresql").update_query_dict({"options": f"-csearch_path={schema}"})
    return address.render_as_string(hide_password=False)
