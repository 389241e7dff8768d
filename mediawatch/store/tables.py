"""The schema: one SQLModel class per table, and the plain `Table` of each for bulk statements.

Rows do not validate, so they are written only from validated values and never leave the store. Datetimes must be
aware and are UTC in the database; a naive one is refused (`UTCDateTime`). JSON is kept as text, so that both engines
keep it byte for byte. A change here needs a migration beside it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Boolean, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId
from mediawatch.store.columns import storable as storable
from mediawatch.store.columns import table_of as _table
from mediawatch.store.columns import words as _words
from mediawatch.store.fleet_tables import WORKER as WORKER
from mediawatch.store.ground_tables import BOOK_EDITION as BOOK_EDITION
from mediawatch.store.ground_tables import REGISTER_MATTER as REGISTER_MATTER
from mediawatch.store.seal_tables import SEAL as SEAL
from mediawatch.store.telling_tables import NOTIFICATION as NOTIFICATION

FAR = datetime(9999, 12, 31, tzinfo=UTC)  # the order of a row that has no deadline: behind all that have one
ON_BOARD = text("account.removed_at IS NULL AND NOT account.canary")
NARROWED = (
    *("rank", "order_at", "id", "outcome", "deadline", "search", "name", "kind", "level", "region", "unit", "sponsor"),
    *("supervisor", "state", "indicator", "reason", "rulebook", "removed_at", "canary"),
)
COUNTED = ("rank", "deadline", "removed_at", "canary")  # what the numbers of the board are counted from
BY_DAY = ("id", "removed_at", "canary")  # who is over a day is told from an index, and no row is read
_REMOVED = text("removed_at IS NOT NULL")
_GONE = text("reason IN ('gone', 'blocked_account', 'moved')")
_HERE = text("removed_at IS NULL")
_ON_BOARD = text("removed_at IS NULL AND NOT canary")


class MetaRow(SQLModel, table=True):
    """What the store knows of itself: `install` (its own id, for ever), `created_at`."""

    __tablename__: ClassVar[str] = "meta"

    key: str = Field(primary_key=True)
    value: str


class AccountRow(SQLModel, table=True):
    """A registered account, and on the same row the finding that speaks for it: the board is one table scan."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (
        Index("account_board", "rank", "order_at", "id", sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
        # All that a list is narrowed, counted and ordered by, a fifth of the rows' size. PostgreSQL takes no entry of
        # more than 2,700 bytes in an index, and reads whole tables faster.
        Index("account_narrowed", *NARROWED, sqlite_where=_ON_BOARD).ddl_if(dialect="sqlite"),
        Index("account_counted", *COUNTED, sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
        Index("account_counted_by_region", "region", *COUNTED, sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
        Index("account_newest", "newest_post_at", *BY_DAY, sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
        Index("account_looked", "looked_at", *BY_DAY, sqlite_where=_ON_BOARD, postgresql_where=_ON_BOARD),
        Index("account_added", "added_at"),
        Index("account_removed", "removed_at", sqlite_where=_REMOVED, postgresql_where=_REMOVED),
    )

    id: str = Field(primary_key=True)
    name: str = _words()
    kind: str
    sponsor: str = _words()
    supervisor: str = _words()
    unit: str = Field(index=True)
    region: str
    level: str
    rulebook: str
    tags: str = _words()  # JSON list
    state: str
    state_since: date | None
    stop_announced: date | None
    stop_notice: str = _words()
    filing: str = _words()  # JSON object of what is filed
    canary: bool = Field(sa_type=Boolean)
    search: str = _words()  # what `contains` looks in, case folded
    added_at: datetime
    removed_at: datetime | None
    outcome: str
    rank: int  # problems first
    indicator: str
    deadline: datetime | None
    order_at: datetime  # the deadline, or FAR: never NULL, so that one index gives the board its order on both engines
    holds_until: datetime | None
    reason: str | None
    finding: str | None = _words(nullable=True)  # JSON
    newest_post_at: datetime | None
    looked_at: datetime | None
    tried_at: datetime | None
    watched_since: datetime | None
    settled: str | None = _words(nullable=True)  # JSON: see `settled.py`; NULL where every look is judged
    settled_at: datetime | None  # when its answers were last found to stand as they are
    keeps_until: datetime | None  # until when judging them again gives the same; NULL where it may not
    kept_by: str = _words()  # by which book, rules and incidents of its platforms: see `lasting.py`


class UnitRow(SQLModel, table=True):
    """An office that answers for accounts, or stands above one that does. No foreign keys: a register is one piece."""

    __tablename__: ClassVar[str] = "unit"

    id: str = Field(primary_key=True)
    name: str = _words()
    parent: str
    level: str
    region: str
    uscc: str
    contacts: str = _words()  # JSON list: personal data
    receivers: str = _words()  # JSON list


class RegisterChangeRow(SQLModel, table=True):
    """One field of one account's record, as it became. Rows are only added.

    entry: the entry of the register's journal that it comes from, empty where a file was edited by hand.
    """

    __tablename__: ClassVar[str] = "register_change"
    __table_args__ = (Index("register_change_of", "account", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    account: str
    at: datetime
    field: str  # empty: the account came or went as a whole
    before: str = _words()
    after: str = _words()
    by: str = _words()
    note: str = _words()
    entry: str = Field(index=True)


class TargetRow(SQLModel, table=True):
    """A target. While it is leased, `next_due` is the end of the lease: due and lease are one comparison. A removed one
    has none. `look_by`: until when the look should have been made, the order in which a platform's due targets are
    served. `head`: the hash of its last look, `shown`: the fingerprints of what it showed when it last showed anything.
    """

    __tablename__: ClassVar[str] = "target"
    __table_args__ = (
        Index("target_due", "platform", "next_due"),
        Index("target_queue", "platform", "look_by"),
        Index("target_next", "next_due"),
        Index("target_seen", "platform", "last_seen_at", sqlite_where=_HERE, postgresql_where=_HERE),
    )

    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    adapter: str
    platform: str
    address: str = _words()  # JSON object
    covers: str = _words()  # JSON list, sorted
    added_at: datetime
    removed_at: datetime | None
    next_due: datetime | None
    look_by: datetime | None
    lease_token: str | None
    fails: int
    validators: str = _words()  # JSON list
    last_tried_at: datetime | None
    last_seen_at: datetime | None
    head: str
    shown: str = ""
    essence: str = ""  # of the answers of that look, as the adapter tells it
    elsewhere: str = ""  # the exit that need not look next: another one is to agree first


class ObservationRow(SQLModel, table=True):
    """One look, for ever. `hash` covers the row and the hash before it: see `chain.py`."""

    __tablename__: ClassVar[str] = "observation"
    __table_args__ = (
        Index("observation_of_target", "target", "at", "id"),
        Index("observation_of_gone", "platform", "at", sqlite_where=_GONE, postgresql_where=_GONE),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    target: str = Field(foreign_key="target.id")
    account: str
    platform: str
    at: datetime = Field(index=True)
    saw: bool = Field(sa_type=Boolean)
    reason: str | None
    detail: str = _words()
    facts: str | None = _words(nullable=True)  # JSON of what was seen, without its posts
    posts: int
    newest_at: datetime | None
    digests: str = _words()  # JSON list
    asked: str = _words()  # JSON list of `core.model.Asked`; empty for looks from before it was kept
    site: str = ""  # from where it was made, and under which address the platform saw it; empty on one machine
    exit: str = ""
    setup: int = Field(default=0, sa_type=BigInteger)  # with what it was made; 0 where nobody said
    prev_hash: str
    hash: str


class PostRow(SQLModel, table=True):
    """A post, once, with the first and the last look that showed it."""

    __tablename__: ClassVar[str] = "post"
    __table_args__ = (UniqueConstraint("account", "key"), Index("post_newest", "account", "order_at"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    account: str = Field(foreign_key="account.id")
    key: str = _words()
    target: str
    at: datetime | None
    order_at: datetime  # `at`, or the first look that showed it
    title: str = _words()
    url: str = _words()
    pinned: bool = Field(sa_type=Boolean)
    repost: bool = Field(sa_type=Boolean)
    original: bool | None = Field(sa_type=Boolean, nullable=True)
    digest: str
    first_seen_at: datetime
    last_seen_at: datetime


class PostWasRow(SQLModel, table=True):
    """What a post was until a look showed it otherwise, or again after one that did not: the past is judged by it."""

    __tablename__: ClassVar[str] = "post_was"
    __table_args__ = (Index("post_was_of_account", "account", "until"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    account: str = Field(foreign_key="account.id")
    key: str = _words()
    until: datetime
    target: str
    at: datetime | None
    title: str = _words()
    url: str = _words()
    pinned: bool = Field(sa_type=Boolean)
    repost: bool = Field(sa_type=Boolean)
    original: bool | None = Field(sa_type=Boolean, nullable=True)
    last_seen_at: datetime


class HitRow(SQLModel, table=True):
    """What the screens found in a post when it was new: redacted, and nothing else of its text."""

    __tablename__: ClassVar[str] = "hit"
    __table_args__ = (Index("hit_of_account", "account", "at"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    account: str = Field(foreign_key="account.id")
    target: str
    post: str = _words()
    category: str
    term: str = _words()
    place: str
    start: int
    shown: str = _words()
    source: str = _words()
    at: datetime


class ProfileRow(SQLModel, table=True):
    """What a channel told of the account itself, from `at` on: a row where anything but a count changed."""

    __tablename__: ClassVar[str] = "profile"
    __table_args__ = (Index("profile_of_account", "account", "at"),)

    target: str = Field(primary_key=True, foreign_key="target.id")
    at: datetime = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    platform: str
    facts: str = _words()  # JSON of `core.profiles.Facts`


class ProfileDayRow(SQLModel, table=True):
    """The first counts that a target told on a Shanghai day."""

    __tablename__: ClassVar[str] = "profile_day"
    __table_args__ = (Index("profile_day_of_account", "account", "day"),)

    target: str = Field(primary_key=True, foreign_key="target.id")
    day: date = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    platform: str
    at: datetime
    followers: int | None = Field(sa_type=BigInteger, nullable=True)
    posts: int | None = Field(sa_type=BigInteger, nullable=True)
    following: int | None = Field(sa_type=BigInteger, nullable=True)


class StandingRow(SQLModel, table=True):
    """The latest finding per account and indicator: a projection that can be rebuilt from the evidence."""

    __tablename__: ClassVar[str] = "standing"

    account: str = Field(primary_key=True, foreign_key="account.id")
    indicator: str = Field(primary_key=True)
    outcome: str
    since: datetime | None
    judged_at: datetime
    edition: str
    finding: str = _words()  # JSON
    history: str  # the last answers, from old to new: `f` fails, `p` does not


_LIVE = text("state <> 'resolved'")


class AlertRow(SQLModel, table=True):
    """An alert from its opening to its end. At most one of a (subject, indicator, level) is not resolved.

    What is owed about it is asked when `tell_at` has come.
    """

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        Index("alert_live", "subject", "indicator", "level", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("alert_opened", "opened_at"),
        Index("alert_confirmed", "confirmed_at"),
        Index("alert_acknowledged", "acknowledged_at"),
        Index("alert_resolved", "resolved_at"),
        Index("alert_tell", "tell_at"),
    )

    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    indicator: str
    level: str
    state: str
    since: datetime | None
    opened_at: datetime
    confirmed_at: datetime | None
    resolved_at: datetime | None
    edition: str
    acknowledged_at: datetime | None
    acknowledged_by: str = _words()
    acknowledged_until: datetime | None
    note: str = _words()
    finding: str | None = _words(nullable=True)  # JSON
    detail: str = _words()
    review: str
    reviewed_at: datetime | None
    tell_at: datetime | None  # when something may next be owed about it; NULL while nothing can be


class ReviewRow(SQLModel, table=True):
    """What one person decided about one alert. Rows are only added."""

    __tablename__: ClassVar[str] = "review"
    __table_args__ = (Index("review_of_alert", "alert", "id"), Index("review_of_account", "account", "indicator", "id"))

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    alert: str = Field(foreign_key="alert.id")
    account: str
    indicator: str
    since: datetime | None
    choice: str  # confirm, dismiss
    by: str = _words()
    reason: str = _words()
    at: datetime
    expires_at: datetime | None


_OPEN = text("closed_at IS NULL")


class IncidentRow(SQLModel, table=True):
    """A time in which a platform could not be seen. At most one of a platform is open."""

    __tablename__: ClassVar[str] = "incident"
    __table_args__ = (
        Index("incident_open", "platform", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("incident_of_platform", "platform", "opened_at"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    platform: str
    opened_at: datetime
    closed_at: datetime | None
    detail: str = _words()
    looks: str = _words()  # JSON list of [target, instant]


META = _table(MetaRow)
ACCOUNT = _table(AccountRow)
UNIT = _table(UnitRow)
REGISTER_CHANGE = _table(RegisterChangeRow)
TARGET = _table(TargetRow)
OBSERVATION = _table(ObservationRow)
POST = _table(PostRow)
POST_WAS = _table(PostWasRow)
HIT = _table(HitRow)
PROFILE = _table(ProfileRow)
PROFILE_DAY = _table(ProfileDayRow)
STANDING = _table(StandingRow)
ALERT = _table(AlertRow)
REVIEW = _table(ReviewRow)
INCIDENT = _table(IncidentRow)
METADATA = SQLModel.metadata
