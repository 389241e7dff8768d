"""The store: everything that is written, and the only way to it. One method is one transaction; several writes that
belong together go through `with store.writing() as ledger`. It must not judge, and it must not read a clock.

Synchronous: a daemon calls it from one thread of its own. What people are shown is read through `query.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from mediawatch.core.model import Account, Target, Unit
from mediawatch.core.register_change import JournalEntry
from mediawatch.core.register_check import Matter
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.seals import Setup
from mediawatch.core.sites import HERE, Place
from mediawatch.store import chain, claim, editions, enroll, health, matters, outbox, receivers, setups, units
from mediawatch.store.chain import Chain
from mediawatch.store.claim import Claim
from mediawatch.store.engine import Database, read_url
from mediawatch.store.enroll import Enrolled
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.ledger import Ledger, PlatformIncident
from mediawatch.store.migrate import check_sound, open_database
from mediawatch.store.outbox import Delivery
from mediawatch.store.tables import ACCOUNT, META, OBSERVATION, ON_BOARD, TARGET

_ORIGIN = "register"

__all__ = ["Chain", "Claim", "Delivery", "Enrolled", "Ledger", "PlatformIncident", "Store"]


class Store:
    """A database of ours, open and up to date. Every method may raise StoreUnavailable; naive datetimes raise."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._setup = 0
        with database.reading() as connection:
            install = connection.execute(select(META.c.value).where(META.c.key == "install")).scalar()
        if install is None:
            raise StoreUnavailable("the database is damaged: it no longer knows its own id; bring back a backup")
        self.install = str(install)  # the store's own id, the same for ever

    @classmethod
    def open(cls, url: str, *, now: datetime, read_only: bool = False) -> Store:
        """Opens `sqlite:///file` or `postgresql://…`, makes it where there is none, and brings it up to date.

        `read_only` is for faces beside a running daemon: it makes and changes nothing. One that nobody closed is read
        through first (see `check`). Raises StoreError: NewerDatabase, ForeignDatabase, StoreUnavailable, Damaged, or
        with the reason in words.
        """
        database = open_database(read_url(url), now, read_only=read_only)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    @property
    def url(self) -> str:
        """The address without its password."""
        return self._database.url.render_as_string(hide_password=True)

    def check(self) -> None:
        """Reads every page of the file, from whatever thread. Raises Damaged where it does not hold together."""
        check_sound(self._database)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def reading(self, patience: float | None = None) -> Iterator[Connection]:
        """A short read-only transaction, for `query.py` and its parts alone; `patience` as in `Database.reading`."""
        with self._database.reading(patience) as connection:
            yield connection

    @contextmanager
    def copying(self) -> Iterator[Connection]:
        """One write transaction of plain rows, for `replica.py` alone."""
        with self._database.writing() as connection:
            yield connection

    @contextmanager
    def among(self) -> Iterator[Connection]:
        """A write transaction beside all others, for `fleet.py` alone: nothing that it writes is of the record."""
        with self._database.writing(alone=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """One write transaction: all of it, or on any error nothing."""
        with self._database.writing() as connection:
            yield Ledger(connection, self._setup)

    @contextmanager
    def trying(self) -> Iterator[Ledger]:
        """A write transaction of which nothing stays."""
        with self._database.writing() as connection, connection.begin_nested() as what_if:
            yield Ledger(connection)
            what_if.rollback()

    @contextmanager
    def recalling(self) -> Iterator[Ledger]:
        """The record as a ledger that only reads, for what asks the same questions as the daemon and writes nothing."""
        with self._database.reading() as connection:
            yield Ledger(connection)

    # --- the register and what is due ----------------------------------------------------------------------------

    def enroll(
        self,
        accounts: Sequence[Account],
        now: datetime,
        first_due: Callable[[Target], datetime | None],
        offices: Sequence[Unit] = (),
        journal: Sequence[JournalEntry] = (),
        origin: str = "",
        said: Sequence[Matter] = (),
    ) -> Enrolled:
        """Makes the register of the settings the store's. `first_due` says when a new target is looked at first.

        journal: what commands changed in the register, by whom and why; entries that are known change nothing.
        origin: what the register was read from; `register_origin` gives it back. said: what it says of accounts beside
        others.
        """
        with self._database.writing() as connection:
            Ledger(connection).remember(_ORIGIN, origin)
            matters.enroll(connection, said, now)
            return enroll.enroll(connection, accounts, offices, now, first_due, journal)

    def begin(self, setup: Setup, now: datetime) -> None:
        """From now on what is looked at through this store was looked at with that; see `setups.py`."""
        with self._database.writing() as connection:
            self._setup = setups.keep(connection, setup, now)

    def keep_books(self, books: Iterable[Rulebook], now: datetime) -> None:
        """Writes down by which editions the house judges from now on; see `editions.py`."""
        with self._database.writing() as connection:
            editions.keep(connection, books, now)

    def register_origin(self) -> str:
        """What the store's register was read from, empty where that is not known."""
        with self._database.reading() as connection:
            return Ledger(connection).remembered(_ORIGIN) or ""

    def watched(self) -> int:
        """How many accounts are in the register, canaries not among them."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(ACCOUNT).where(ON_BOARD)).scalar_one())

    def units(self) -> dict[str, Unit]:
        """The units of the register, by id."""
        with self._database.reading() as connection:
            return units.all_units(connection)

    def claim_targets(
        self,
        room: Mapping[str, int],
        now: datetime,
        lease: timedelta,
        place: Place = HERE,
        token: str | None = None,
    ) -> list[Claim]:
        """Leases at most `room[platform]` due targets of each platform until `now + lease`, as urgent as they are.

        place, token: as `claim.claim_targets`. It waits for nobody: what others hold is passed over; and not for the
        disk: a lease that the database forgets is one that is lost, and a late write under it changes nothing.
        """
        with self._database.writing(alone=False, lasting=False) as connection:
            return claim.claim_targets(connection, room, now, lease, place, token)

    def release(self, claims: Iterable[Claim]) -> None:
        """Gives claims back unused; those that were lost meanwhile stay with their new holder."""
        with self._database.writing() as connection:
            claim.release(connection, claims)

    def free_leases(self, now: datetime) -> int:
        """Ends all leases, on targets and deliveries: only for the one writer, when it starts. Returns how many."""
        with self._database.writing() as connection:
            return claim.free_leases(connection, now) + outbox.free_leases(connection, now)

    def free_held(self, tokens: Collection[str], now: datetime) -> int:
        """Ends the leases of holders that are dead, on targets and deliveries. Returns how many."""
        with self._database.writing() as connection:
            return claim.free_held(connection, tokens, now) + outbox.free_leases(connection, now, tokens)

    def make_due(self, now: datetime, accounts: Sequence[str] | None = None) -> int:
        """Makes all targets (or those of some accounts) due now, except leased ones. Returns how many changed."""
        with self._database.writing() as connection:
            return claim.make_due(connection, now, accounts)

    def due_platforms(self, now: datetime, place: Place = HERE, most: int = claim.EVERYTHING) -> dict[str, int]:
        """How many targets of each platform are due for that place; platforms with none are left out, and of none are
        more than `most` counted."""
        with self._database.reading() as connection:
            return claim.due_platforms(connection, now, place, most)

    def next_due_at(self) -> datetime | None:
        """When the next target is due (it may be past); a leased one counts with the end of its lease."""
        with self._database.reading() as connection:
            return claim.next_due_at(connection)

    def leased(self, platform: str) -> int:
        """How many of the platform's targets somebody is looking at."""
        with self._database.reading() as connection:
            return claim.leased(connection, platform)

    def owed_to(self) -> set[str]:
        """The receivers to whom something is still to be composed or sent."""
        with self._database.reading() as connection:
            owes = Ledger(connection).outbox
            return {group.receiver for group in owes.groups()} | owes.owed_to()

    def looks_since(self, platform: str, since: datetime) -> int:
        """How many looks at the platform there were from `since` on."""
        with self._database.reading() as connection:
            return health.looks_since(connection, platform, since)

    def refused_at(self, platform: str, exit_: str, since: datetime) -> datetime | None:
        """When the platform refused the exit, if that was the last that it said to it since then."""
        with self._database.reading() as connection:
            return health.refused_at(connection, platform, exit_, since)

    # --- the outbox ----------------------------------------------------------------------------------------------

    def owed_count(self) -> int:
        """How many promises are neither told nor given up."""
        with self._database.reading() as connection:
            return outbox.owed_count(connection)

    def tried_since(self, since: datetime) -> tuple[tuple[str, datetime], ...]:
        """The receivers of messages that were tried from `since` on, and when."""
        with self._database.writing() as connection:
            return Ledger(connection).outbox.tried_since(since)

    def resting(self, now: datetime) -> dict[str, datetime]:
        """The receivers that said that we were too fast, and until when they are left alone."""
        with self._database.reading() as connection:
            return receivers.resting(connection, now)

    def hand_back(self, deliveries: Iterable[Delivery], at: datetime) -> None:
        """Gives messages back that were claimed and not tried; they are due again at `at`."""
        with self._database.writing() as connection:
            Ledger(connection).outbox.hand_back(deliveries, at)

    # --- proof ---------------------------------------------------------------------------------------------------

    def verify_chain(self, target_id: str) -> Chain:
        """Walks the chain of a target's observations. Raises KeyError for an unknown target."""
        with self._database.reading() as connection:
            head = connection.execute(select(TARGET.c.head).where(TARGET.c.id == target_id)).scalar_one_or_none()
            if head is None:
                raise KeyError(target_id)
            asked = select(OBSERVATION).where(OBSERVATION.c.target == target_id).order_by(OBSERVATION.c.id)
            return chain.verify(target_id, head, (row._asdict() for row in connection.execute(asked)))
