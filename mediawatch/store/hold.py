"""Who may write to a store on PostgreSQL: one house alone, or the workers of a fleet, each on a seat of its own.

Advisory locks of one connection: the server frees them when the connection ends, also after kill -9. A store in a
SQLite file is held by `lock.OneWriter`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mediawatch.store.engine import Database
from mediawatch.store.errors import StoreBusy, StoreUnavailable

Manner = Literal["alone", "among"]
_TAKE = {
    "alone": text("SELECT pg_try_advisory_lock(hashtext('mediawatch holder'), hashtext(current_schema()))"),
    "among": text("SELECT pg_try_advisory_lock_shared(hashtext('mediawatch holder'), hashtext(current_schema()))"),
}
_SEAT = text("SELECT pg_try_advisory_lock(hashtext('mediawatch seat ' || current_schema() || ' ' || :site), :number)")


class Hold:
    """Holds a store from construction to `close`. Raises StoreBusy, StoreUnavailable.

    alone: nobody else does. among: others may as well, but nobody alone.
    """

    def __init__(self, url: URL, manner: Manner) -> None:
        self.manner = manner
        self._database = Database(url)
        self._connection: Connection | None = None
        self._seat: tuple[str, int] | None = None
        try:
            if not self._taken():
                how = "another mediawatch" if manner == "among" else "another mediawatch, or a fleet,"
                raise StoreBusy(f"{how} holds this store: {url.render_as_string(hide_password=True)}")
        except BaseException:
            self.close()
            raise

    def seat(self, site: str, of: int) -> int | None:
        """Takes the site's first free seat, from 0; `None` where all `of` are taken. Raises StoreUnavailable."""
        for number in range(of):
            if self._ask(_SEAT, site=site, number=number):
                self._seat = (site, number)
                return number
        return None

    def renew(self) -> bool:
        """Whether all of it is still held; what a lost connection held is taken again where it is free.

        Raises StoreUnavailable where the database cannot be asked: then nothing is known.
        """
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
                return True
            except DBAPIError:
                self._drop()
        if not self._taken():
            return False
        return self._seat is None or self._ask(_SEAT, site=self._seat[0], number=self._seat[1])

    def close(self) -> None:
        """Lets go. May be called twice."""
        self._drop()
        self._database.close()

    def _taken(self) -> bool:
        return self._ask(_TAKE[self.manner])

    def _ask(self, question: object, **said: object) -> bool:
        try:
            if self._connection is None:
                engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT", mediawatch_writes=True)
                self._connection = engine.connect()
            return bool(self._connection.execute(question, said).scalar_one())  # type: ignore[call-overload]
        except DBAPIError as error:
            self._drop()
            raise StoreUnavailable("the database cannot be used just now") from error

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.invalidate()  # not back into the pool: the locks go with it
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None
