"""What people are shown, read from the store: the only reader for faces. It must never write.

Every method is one short read-only transaction, or for long listings one per few hundred rows, so that no face that
is left open keeps the database from tidying up. Accounts that were removed, and canaries, are not shown. The parts:
`board.py`, `narrowing.py` (filters), `alert_views.py`, `record_views.py`, `health.py`, `in_words.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, select

from mediawatch.core import views
from mediawatch.core.alerting import State
from mediawatch.core.filtering import Filter, Text
from mediawatch.core.list_views import AlertPage, Change, Group, RegisterChange, UnitView
from mediawatch.core.model import Outcome
from mediawatch.core.profile_words import changes_in_words
from mediawatch.core.profiles import Facts
from mediawatch.core.reading import EVERYTHING
from mediawatch.core.receiver_views import Answerable, ReceiverView
from mediawatch.core.reconcile import Sight
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.sessions import Session
from mediawatch.core.standing import tallied
from mediawatch.store import (
    alert_views,
    answerable,
    board,
    health,
    profiles,
    receivers,
    record_views,
    register_history,
    reviews,
    rows,
    sights,
    units,
)
from mediawatch.store.bodies import Bodies, BodyQuery
from mediawatch.store.evidence import Incidents
from mediawatch.store.in_words import InWords, decision
from mediawatch.store.narrowing import PATIENCE, needs_patience
from mediawatch.store.office_query import OfficeQuery
from mediawatch.store.outbox import OWED
from mediawatch.store.places import place_of
from mediawatch.store.store import Store
from mediawatch.store.tables import ACCOUNT, ALERT, NOTIFICATION, OBSERVATION, ON_BOARD, STANDING, TARGET

_NO_BODIES = Bodies()
_WINDOW = 500  # rows per transaction of a long listing
_SHOWN = 60  # posts and looks on an account's page
SORTS = tuple(board.SORTS)
GROUPS = tuple(board.GROUPS)
ALERT_SORTS = tuple(alert_views.SORTS)


class Query(OfficeQuery, BodyQuery):
    """The views of one store, in one language, in the words of its rulebooks (by id).

    sessions, receivers: those of the settings. record: where looks, posts and profiles are, where the store holds only
    what stood at an instant of the past (`replica.py`). bodies: kept answers, and how documents are written.
    """

    def __init__(
        self,
        store: Store,
        books: Mapping[str, Rulebook],
        language: Language,
        sessions: tuple[Session, ...] = (),
        receivers: tuple[ReceiverView, ...] = (),
        *,
        record: Store | None = None,
        bodies: Bodies = _NO_BODIES,
    ) -> None:
        self._bodies = bodies
        self._receivers = receivers
        self._sessions = sessions
        self._store, self._record, self._past = store, record or store, record is not None
        self._words = InWords(books, language)

    # --- the board -----------------------------------------------------------------------------------------------

    def page(
        self,
        now: datetime,
        *,
        offset: int = 0,
        limit: int = 50,
        contains: str = "",
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        after: str = "",
        before: str = "",
        marked: bool = False,
    ) -> views.Page:
        """A window of the board. No outcomes means all; `contains` looks in name, id, sponsor and region, in any case.

        The default order puts problems first (`Standing`), and of each the earliest deadline.
        after, before: marks of another page's last or first row, from which to go on or back; `offset` is then what
        the caller says it is. Raises ValueError for an order that is not in `SORTS`, or a mark that is none.
        """
        if contains:
            only = Filter(terms=(*only.terms, Text(kind="text", value=contains.casefold())))
        where = board.narrowed(only, outcomes, now)
        with self._reading(only) as connection:
            stand = tallied(board.by_standing(connection, (), now))["by_outcome"]
            total = sum(stand.values())
            matching = sum(stand[one] for one in outcomes) if outcomes else total
            if needs_patience(only) and not (after or before):
                ids = board.ids(connection, where, sort, descending)  # a dear filter is tried once only
                matching, found = len(ids), board.rows_of(connection, ids[max(offset, 0) :][: max(limit, 0)])
            else:
                if only.terms:
                    matching = board.count(connection, select(ACCOUNT.c.id).where(ON_BOARD, *where))
                found = board.window(
                    connection, where, sort, descending=descending, offset=max(offset, 0), limit=limit,
                    after=after, before=before, matching=matching,
                )  # fmt: skip
            shown = self._rows(connection, found, now)
        ends = (board.mark_of(found[0], sort), board.mark_of(found[-1], sort)) if found else ("", "")
        marks = tuple(board.mark_of(row, sort) for row in found) if marked else ()
        return views.Page(
            rows=shown, offset=max(offset, 0), matching=matching, total=total,
            first=ends[0], last=ends[1], marks=marks,
        )  # fmt: skip

    def ids(
        self,
        now: datetime,
        *,
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        offset: int = 0,
        limit: int = 1000,
    ) -> tuple[str, ...]:
        """The ids of accounts as `page` would list them, without reading the accounts. Raises ValueError as it does."""
        with self._reading(only) as connection:
            where = board.narrowed(only, outcomes, now)
            return tuple(board.ids(connection, where, sort, descending, max(offset, 0), max(limit, 0)))

    def rows(
        self, now: datetime, *, only: Filter = EVERYTHING, sort: str = "days_left", descending: bool = False
    ) -> Iterator[views.Row]:
        """Every account once, in the order of the board or another."""
        after = ""
        while True:
            page = self.page(now, limit=_WINDOW, only=only, sort=sort, descending=descending, after=after)
            yield from page.rows
            if len(page.rows) < _WINDOW:
                return
            after = page.last

    def counts(self, now: datetime, only: Filter = EVERYTHING) -> views.Counts:
        """The board in one line. `alerts_open` counts confirmed breaches and incidents, not what waits for a person.

        only: which accounts; alerts, promises and looks are always those of all.
        """
        with self._reading(only) as connection:
            found = board.by_standing(connection, board.narrowed(only, (), now), now)
            told = ALERT.c.review.in_((Review.NOT_NEEDED.value, Review.CONFIRMED.value))
            open_ = select(ALERT.c.id).where(ALERT.c.state == State.OPEN.value, ALERT.c.level != "reminder", told)
            owed = select(NOTIFICATION.c.id).where(NOTIFICATION.c.state == OWED)
            return views.Counts(
                total=sum(found.values()),
                **tallied(found),
                alerts_open=board.count(connection, open_),
                notices_owed=board.count(connection, owed),
                last_look_at=self._last_look(connection, now),
                due=board.count(connection, select(TARGET.c.id).where(TARGET.c.next_due <= now)),
            )

    def groups(self, now: datetime, by: str, only: Filter = EVERYTHING) -> tuple[Group, ...]:
        """Accounts counted by `province`, `city`, `county`, `sponsor`, … (`GROUPS`), the most fails first.

        Raises ValueError for anything else.
        """
        with self._reading(only) as connection:
            return board.groups(connection, board.narrowed(only, (), now), by, now, self._words.language)

    def units(self, now: datetime) -> tuple[UnitView, ...]:
        """The units as a tree, each followed by those below it, with how the accounts of all of these stand."""
        with self._store.reading() as connection:
            return units.tree(units.all_units(connection), board.by_unit(connection, now))

    # --- one account ---------------------------------------------------------------------------------------------

    def account(self, account_id: str, now: datetime) -> views.AccountView:
        """An account's page. Raises KeyError for one that is not on the board."""
        with self._store.reading() as connection, self._recorded(connection) as record:
            asked = select(ACCOUNT).where(ON_BOARD, ACCOUNT.c.id == account_id)
            shown = self._rows(connection, connection.execute(asked).all(), now)
            if not shown:
                raise KeyError(account_id)
            account = rows.accounts(connection, [account_id])[account_id]
            live = (TARGET.c.account == account_id, TARGET.c.removed_at.is_(None))
            judged = self._judged(connection, select(STANDING).where(STANDING.c.account == account_id), now)
            decided = reviews.of_account(connection, account_id)
            targets = [target.id for target in account.targets]
            those = {"accounts": [account_id], "targets": targets, "now": now}
            changes = profiles.last_changes(record, those).get(account_id, [])
            series = profiles.daily_counts(record, targets, now).get(account_id, [])
            blind = Incidents(record, [*changes, *series])
            told = changes_in_words(profiles.changes_of(changes, blind.cover), self._words.language)
            return views.AccountView(
                row=shown[0],
                supervisor=account.supervisor,
                filing=account.filing.impersonal(),
                state_since=account.state_since,
                rulebook=account.rulebook,
                targets=tuple(place_of(target) for target in account.targets),
                findings=judged,
                posts=record_views.posts(record, account_id, targets, now, _SHOWN),
                looks=record_views.looks(record, account_id, now, _SHOWN),
                missing=tuple(dict.fromkeys(kind for one in judged for kind in one.finding.missing)),
                decisions=tuple(map(decision, decided)),
                next_due_at=connection.execute(select(func.min(TARGET.c.next_due)).where(*live)).scalar(),
                manual=self._words.manual(account.rulebook, account.kind),
                profiles=tuple(
                    views.ProfileView(at=one.at, target=one.target, says=says, trusted=one.trusted)
                    for one, says in told
                ),
                series=profiles.series_of(series, blind.cover),
            )

    def register_history(self, account_id: str) -> tuple[RegisterChange, ...]:
        """What became of an account's record, from old to new; nothing for one that was never registered."""
        with self._store.reading() as connection:
            return register_history.of_account(connection, account_id)

    def sights(self) -> dict[str, Sight]:
        """By account, what platforms showed of it at their last looks."""
        with self._store.reading() as connection:
            return sights.of_all(connection)

    def told(self) -> dict[str, list[Facts]]:
        """By account, the last that each of its channels told of the account itself."""
        with self._store.reading() as connection:
            return profiles.last_told(connection)

    def findings(self, now: datetime, account: str | None = None) -> Iterator[views.Judged]:
        """The standing answers per account and indicator, in the order of account ids; of one account where named.

        `now` is accepted like everywhere; a standing answer says itself when it was judged and how long it keeps.
        """
        last = ""
        while True:
            some = select(ACCOUNT.c.id).where(ON_BOARD, ACCOUNT.c.id > last).order_by(ACCOUNT.c.id).limit(_WINDOW)
            if account is not None:
                some = some.where(ACCOUNT.c.id == account)
            with self._store.reading() as connection:
                ids = connection.execute(some).scalars().all()
                judged = self._judged(connection, select(STANDING).where(STANDING.c.account.in_(ids)), now)
            yield from judged
            if len(ids) < _WINDOW:
                return
            last = ids[-1]

    # --- alerts and platforms ------------------------------------------------------------------------------------

    def alerts(self, now: datetime, live_only: bool) -> tuple[views.AlertView, ...]:
        """The alerts, live ones first, of each the newest first."""
        with self._store.reading() as connection:
            where = alert_views.narrowed(EVERYTHING, live_only, now)
            return alert_views.window(connection, self._words, where, alert_views.Asked(), now)[0]

    def alert_page(
        self,
        now: datetime,
        *,
        only: Filter = EVERYTHING,
        live_only: bool = True,
        sort: str = "opened_at",
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
        after: str = "",
        before: str = "",
    ) -> AlertPage:
        """A window of the alerts, live ones first. Labels: `ALERT_KEYS`. Raises ValueError as `page` does."""
        where = alert_views.narrowed(only, live_only, now)
        with self._reading(only) as connection:
            asked = alert_views.Asked(sort, descending, max(offset, 0), max(limit, 0), after, before)
            alerts, marks = alert_views.window(connection, self._words, where, asked, now)
            return AlertPage(
                alerts=alerts,
                offset=max(offset, 0),
                matching=alert_views.count(connection, where),
                total=alert_views.count(connection, alert_views.narrowed(EVERYTHING, live_only, now)),
                marks=marks,
            )

    def platforms(self, now: datetime, window: timedelta) -> tuple[views.PlatformView, ...]:
        """Every platform that is watched: how its looks of the last `window` went, and its open incident."""
        with self._record.reading() as connection:
            found = health.platforms(connection, now, window, past=self._past)
        return tuple(one.model_copy(update={"incident": self._words.incident(one.incident)}) for one in found)

    def sessions(self, now: datetime) -> tuple[views.SessionView, ...]:
        """The logins of the settings, in their order: what the calendar and the record say of each."""
        with self._record.reading() as connection:
            return health.sessions(connection, self._sessions, now)

    def answerable(self, subject: str, most: int, now: datetime) -> Answerable:
        """What a message (its id) or one alert is about, for who answers it by a link. Raises KeyError."""
        with self._store.reading() as connection:
            return answerable.view(connection, self._words, subject, most, now)

    def receivers(self, now: datetime) -> tuple[ReceiverView, ...]:
        """The receivers of the settings, in their order: what each is owed, was last sent, and said."""
        with self._store.reading() as connection:
            return receivers.views(connection, self._receivers)

    def tallies(self, now: datetime, window: timedelta) -> dict[str, tuple[int, int]]:
        """By adapter: how many looks of the last `window` there were, and how many failed for a reason not theirs."""
        with self._record.reading() as connection:
            return health.tallies(connection, now, window)

    # --- the record ----------------------------------------------------------------------------------------------

    def log(
        self, now: datetime, *, only: Filter = EVERYTHING, before: str = "", limit: int = 100
    ) -> tuple[views.LookView, ...]:
        """The looks at all accounts, newest first, from `now` or from a line's mark on backwards.

        Labels: `LOG_KEYS`. Raises ValueError for a mark that is none.
        """
        with self._record.reading(PATIENCE if needs_patience(only) else None) as connection:
            return record_views.log(connection, now, only, before, max(limit, 0))

    def changes(self, since: datetime, until: datetime, limit: int = 100) -> tuple[Change, ...]:
        """What changed after `since` and up to `until`, newest first."""
        with self._record.reading() as connection:
            found = record_views.changes(connection, since, until, max(limit, 0))
        blind = ("incident", "incident_over")
        return tuple(
            one.model_copy(update={"says": self._words.incident(one.says)}) if one.what in blind else one
            for one in found
        )

    def instants(self, since: datetime, until: datetime, limit: int = 1000) -> tuple[datetime, ...]:
        """When something changed after `since` and up to `until`, from old to new: the steps of a replay."""
        with self._record.reading() as connection:
            return record_views.instants(connection, since, until, max(limit, 0))

    # --- rows into views -----------------------------------------------------------------------------------------

    def _reading(self, only: Filter) -> AbstractContextManager[Connection]:
        return self._store.reading(PATIENCE if needs_patience(only) else None)

    @contextmanager
    def _recorded(self, connection: Connection) -> Iterator[Connection]:
        """Where looks and posts are read beside what stands: in the same picture, but for the past."""
        if not self._past:
            yield connection
            return
        with self._record.reading() as record:
            yield record

    def _last_look(self, connection: Connection, now: datetime) -> datetime | None:
        with self._recorded(connection) as record:
            asked = select(func.max(OBSERVATION.c.at)).where(OBSERVATION.c.at <= now)
            last: datetime | None = record.execute(asked if self._past else select(func.max(OBSERVATION.c.at))).scalar()
            return last

    def _rows(self, connection: Connection, found: Sequence[Row[Any]], now: datetime) -> tuple[views.Row, ...]:
        confirmed = ALERT.c.review == Review.CONFIRMED.value
        asked = select(ALERT.c.subject, ALERT.c.indicator, alert_views.answered(now), confirmed).where(
            ALERT.c.subject.in_([row.id for row in found]), alert_views.LIVE
        )
        known = [((one[0], one[1]), bool(one[2]), bool(one[3])) for one in connection.execute(asked)] if found else []
        answered = {key for key, yes, _ in known if yes}
        stands = {key for key, _, yes in known if yes}
        keys = ((row, (row.id, row.indicator)) for row in found)
        return tuple(self._words.row(row, now, key in answered, key in stands) for row, key in keys)

    def _judged(self, connection: Connection, asked: Select[Any], now: datetime) -> tuple[views.Judged, ...]:
        standing = asked.subquery()
        mine = (ALERT.c.subject == standing.c.account, ALERT.c.indicator == standing.c.indicator)
        decided = (alert_views.LIVE, ALERT.c.level == "breach", ALERT.c.review != Review.WAITING.value)
        told = and_(standing.c.outcome == Outcome.FAIL.value, exists().where(*mine, *decided)).label("told")
        joined = select(standing, told, ACCOUNT.c.rulebook).join(ACCOUNT, ACCOUNT.c.id == standing.c.account)
        return self._words.judged(connection.execute(joined), now)
