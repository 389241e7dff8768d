"""What SQLAlchemy has compiled for one store serves every store of a test process.

Each store has engines of its own, as in the house; with a store for nearly every test, a tenth of their time went into
the same statements, compiled again. It must not change what a statement becomes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

_MOST = 3000  # statements; no test asks half as many


class Statements(LRUCache[Any, Any]):
    """Compiled statements by kind of dialect, where SQLAlchemy names the one engine's own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_kind(key), value)


def _of_kind(key: Any) -> Any:
    dialect, *rest = key
    return (type(dialect), *rest)


def share_statements() -> None:
    """Every connection that is opened from now on has the one cache."""
    shared = Statements(_MOST)

    def opened(connection: Connection) -> None:
        connection.execution_options(compiled_cache=shared)

    event.listen(Engine, "engine_connect", opened)
