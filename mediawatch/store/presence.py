"""Whether the server of a store answers at all. It must not touch what the store holds."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mediawatch.store.engine import Database, file_of, read_url
from mediawatch.store.errors import StoreUnavailable

_SAYS_NO = "FATAL:"  # a server that is there and refuses: no such database, no such user, a wrong password
_SOON = ("is starting up", "is shutting down", "recovery mode", "too many clients", "not yet accepting connections")


def away(address: str) -> str:
    """Why the PostgreSQL server of a store does not answer just now, in the driver's words; empty where it does, where
    it refuses for good (whoever opens the store is told), and for a file. Raises StoreError."""
    url = read_url(address)
    if file_of(url) is not None:
        return ""
    with closing(Database(url)) as database:
        try:
            with database.reading() as connection:
                connection.execute(text("SELECT 1"))
        except StoreUnavailable as error:
            driver = error.__cause__
            said = str(driver.orig if isinstance(driver, DBAPIError) else error).strip()
            for_good = _SAYS_NO in said and not any(sign in said for sign in _SOON)
            return "" if for_good else next(iter(said.splitlines()), "no answer")
    return ""
