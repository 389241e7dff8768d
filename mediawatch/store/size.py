"""How large the parts of a store are. It must not know what a part is for."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mediawatch.store.store import Store
from mediawatch.store.tables import METADATA


def parts(store: Store) -> list[tuple[str, int, int]]:
    """Tables with their rows and the bytes that they and their indexes take, the largest first.

    On PostgreSQL rows are as the server last estimated them.
    """
    with store.reading() as connection:
        return sorted(
            ((name, _rows(connection, name), size) for name, size in _sizes(connection)),
            key=lambda part: -part[2],
        )


def _sizes(connection: Connection) -> list[tuple[str, int]]:
    names = sorted(METADATA.tables)
    if connection.dialect.name != "sqlite":
        asked = text("SELECT pg_total_relation_size(to_regclass(:name))")
        return [(name, int(connection.execute(asked, {"name": name}).scalar() or 0)) for name in names]
    asked = text("SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name GROUP BY 1")
    try:
        found = {name: int(size) for name, size in connection.execute(asked)}
    except DBAPIError:  # a SQLite that was built without it: the file as a whole
        pages, size = (connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("page_count", "page_size"))
        return [*((name, 0) for name in names), ("database", int(pages or 0) * int(size or 0))]
    return [(name, found.get(name, 0)) for name in names]


def _rows(connection: Connection, name: str) -> int:
    if name not in METADATA.tables:
        return 0
    if connection.dialect.name != "sqlite":
        asked = text("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(:name)")
        return int(connection.execute(asked, {"name": name}).scalar() or 0)
    return int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() or 0)
