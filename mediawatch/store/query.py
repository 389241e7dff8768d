"""What people are shown, read from the store: the only reader for faces. It must never write.

Every method is one short read-only transaction, or for long listings one per few hundred rows, so that no face that
is left open keeps the database from tidying up. Accounts that were removed, and canaries, are not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select

from mediawatch.core import lifecycle, views
from mediawatch.core.alerting import State
from mediawatch.core.calendar import days_between
from mediawatch.core.model import Finding, Outcome, Reason, standing_at
from mediawatch.core.profile_words import changes_in_words
from mediawatch.core.profiles import Facts
from mediawatch.core.review import Decision, Review
from mediawatch.core.rulebook import Indicator, Language, Rulebook
from mediawatch.core.seen import Launch
from mediawatch.core.sessions import Session
from mediawatch.core.wording import say
from mediawatch.store import health, profiles, reviews, rows, units
from mediawatch.store.evidence import Incidents
from mediawatch.store.outbox import OWED, SENT
from mediawatch.store.places import place_of
from mediawatch.store.store import Store
from mediawatch.store.tables import (
    ACCOUNT,
    ALERT,
    NOTIFICATION,
    OBSERVATION,
    ON_BOARD,
    POST,
    STANDING,
    TARGET,
)

DAY = timedelta(days=1)
_WINDOW = 500  # rows per transaction of a long listing
_SHOWN = 60  # posts and looks on an account's page
_LIVE = ALERT.c.state != State.RESOLVED.value
_SORTS: dict[str, tuple[Any, ...]] = {
    "days_left": (ACCOUNT.c.rank, ACCOUNT.c.order_at, ACCOUNT.c.id),
    "name": (ACCOUNT.c.name, ACCOUNT.c.id),
    "newest_post_at": (ACCOUNT.c.newest_post_at.is_not(None), ACCOUNT.c.newest_post_at, ACCOUNT.c.id),
    "looked_at": (ACCOUNT.c.looked_at.is_not(None), ACCOUNT.c.looked_at, ACCOUNT.c.id),
    "account": (ACCOUNT.c.id,),
}
SORTS = tuple(_SORTS)


class Query:
    """The views of one store, in one language, in the words of its rulebooks (by id).

    sessions: the logins of the settings.
    """

    def __init__(
        self,
        store: Store,
        books: Mapping[str, Rulebook],
        language: Language,
        sessions: tuple[Session, ...] = (),
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._books = books
        self._language: Language = language

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
    ) -> views.Page:
        """A window of the board. No outcomes means all; `contains` looks in name, id, sponsor and region, in any case.

        The default order puts problems first (fail, at_risk, unknown, pass), and of each the earliest deadline.
        Raises ValueError for an order that is not in `SORTS`.
        """
        if sort not in _SORTS:
            raise ValueError(f"no such order: {sort}; there are {', '.join(SORTS)}")
        asked = select(ACCOUNT).where(ON_BOARD)
        if outcomes:
            asked = asked.where(_outcome(now).in_(sorted(outcomes)))
        if contains:
            asked = asked.where(ACCOUNT.c.search.contains(contains.casefold(), autoescape=True))
        with self._store.reading() as connection:
            total = _count(connection, select(ACCOUNT.c.id).where(ON_BOARD))
            matching = total
            if outcomes or contains:
                matching = _count(connection, asked.with_only_columns(ACCOUNT.c.id))
            window = asked.order_by(*_SORTS[sort]).limit(max(limit, 0)).offset(max(offset, 0))
            shown = self._rows(connection, window, now)
        return views.Page(rows=shown, offset=max(offset, 0), matching=matching, total=total)

    def rows(self, now: datetime) -> Iterator[views.Row]:
        """Every account once, in the order of the board."""
        offset = 0
        while shown := self.page(now, offset=offset, limit=_WINDOW).rows:
            yield from shown
            offset += len(shown)

    def counts(self, now: datetime) -> views.Counts:
        """The board in one line. `alerts_open` counts confirmed breaches and incidents, not what waits for a person."""
        with self._store.reading() as connection:
            outcome = _outcome(now).label("shown")
            grouped = select(outcome, func.count()).where(ON_BOARD).group_by(outcome)
            found = {Outcome(shown): number for shown, number in connection.execute(grouped)}
            told = ALERT.c.review.in_((Review.NOT_NEEDED.value, Review.CONFIRMED.value))
            open_ = select(ALERT.c.id).where(ALERT.c.state == State.OPEN.value, ALERT.c.level != "reminder", told)
            return views.Counts(
                total=sum(found.values()),
                by_outcome={outcome: found.get(outcome, 0) for outcome in Outcome},
                alerts_open=_count(connection, open_),
                notices_owed=_count(connection, select(NOTIFICATION.c.id).where(NOTIFICATION.c.state == OWED)),
                last_look_at=connection.execute(select(func.max(OBSERVATION.c.at))).scalar(),
                due=_count(connection, select(TARGET.c.id).where(TARGET.c.next_due <= now)),
            )

    def units(self, now: datetime) -> tuple[views.UnitView, ...]:
        """The units as a tree, each followed by those below it, with how the accounts of all of these stand."""
        with self._store.reading() as connection:
            outcome = _outcome(now).label("shown")
            grouped = select(ACCOUNT.c.unit, outcome, func.count()).where(ON_BOARD).group_by(ACCOUNT.c.unit, outcome)
            own = {(unit, Outcome(shown)): number for unit, shown, number in connection.execute(grouped)}
            return units.tree(units.all_units(connection), own)

    # --- one account ---------------------------------------------------------------------------------------------

    def account(self, account_id: str, now: datetime) -> views.AccountView:
        """An account's page. Raises KeyError for one that is not on the board."""
        with self._store.reading() as connection:
            asked = select(ACCOUNT).where(ON_BOARD, ACCOUNT.c.id == account_id)
            shown = self._rows(connection, asked, now)
            if not shown:
                raise KeyError(account_id)
            account = rows.accounts(connection, [account_id])[account_id]
            live = (TARGET.c.account == account_id, TARGET.c.removed_at.is_(None))
            judged = self._judged(connection, select(STANDING).where(STANDING.c.account == account_id), now)
            decided = reviews.of_account(connection, account_id)
            targets = [target.id for target in account.targets]
            changes, series = profiles.history(connection, account_id, targets, now)
            blind = Incidents(connection, [*changes, *series])
            told = changes_in_words(profiles.changes_of(changes, blind.cover), self._language)
            return views.AccountView(
                row=shown[0],
                supervisor=account.supervisor,
                filing=account.filing.impersonal(),
                state_since=account.state_since,
                rulebook=account.rulebook,
                targets=tuple(place_of(target) for target in account.targets),
                findings=judged,
                posts=_posts(connection, account_id, targets),
                looks=_looks(connection, account_id),
                missing=tuple(dict.fromkeys(kind for one in judged for kind in one.finding.missing)),
                decisions=tuple(map(_decision, decided)),
                next_due_at=connection.execute(select(func.min(TARGET.c.next_due)).where(*live)).scalar(),
                manual=self._manual(account.rulebook, account.kind),
                profiles=tuple(
                    views.ProfileView(at=one.at, target=one.target, says=says, trusted=one.trusted)
                    for one, says in told
                ),
                series=profiles.series_of(series, blind.cover),
            )

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
        asked = select(ALERT).order_by(ALERT.c.state == State.RESOLVED.value, ALERT.c.opened_at.desc(), ALERT.c.id)
        told = select(NOTIFICATION.c.alert, NOTIFICATION.c.state, func.count()).group_by(
            NOTIFICATION.c.alert, NOTIFICATION.c.state
        )
        if live_only:
            asked = asked.where(_LIVE)
            told = told.where(NOTIFICATION.c.alert.in_(select(ALERT.c.id).where(_LIVE)))
        with self._store.reading() as connection:
            found = connection.execute(asked).all()
            counted = {(alert, state): number for alert, state, number in connection.execute(told)}
            subjects = select(ALERT.c.subject).where(_LIVE) if live_only else select(ALERT.c.subject)
            known = select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.rulebook).where(ACCOUNT.c.id.in_(subjects))
            accounts = {row.id: row for row in connection.execute(known)}
            asked_for = [row.id for row in found if row.review != Review.NOT_NEEDED.value]
            decided = reviews.of_alerts(connection, asked_for)
        return tuple(self._alert(row, accounts.get(row.subject), counted, decided.get(row.id, ())) for row in found)

    def platforms(self, now: datetime, window: timedelta) -> tuple[views.PlatformView, ...]:
        """Every platform that is watched: how its looks of the last `window` went, and its open incident."""
        with self._store.reading() as connection:
            return health.platforms(connection, now, window)

    def sessions(self, now: datetime) -> tuple[views.SessionView, ...]:
        """The logins of the settings, in their order: what the calendar and the record say of each."""
        with self._store.reading() as connection:
            return health.sessions(connection, self._sessions, now)

    def tallies(self, now: datetime, window: timedelta) -> dict[str, tuple[int, int]]:
        """By adapter: how many looks of the last `window` there were, and how many failed for a reason not theirs."""
        with self._store.reading() as connection:
            return health.tallies(connection, now, window)

    # --- rows into views -----------------------------------------------------------------------------------------

    def _rows(self, connection: Connection, asked: Select[Any], now: datetime) -> tuple[views.Row, ...]:
        found = connection.execute(asked).all()
        answered = select(ALERT.c.subject, ALERT.c.indicator).where(
            ALERT.c.subject.in_([row.id for row in found]), _LIVE, ALERT.c.acknowledged_at.is_not(None)
        )
        known = {(subject, indicator) for subject, indicator in connection.execute(answered)} if found else set()
        return tuple(self._row(row, now, (row.id, row.indicator) in known) for row in found)

    def _row(self, row: Row[Any], now: datetime, acknowledged: bool) -> views.Row:
        stored = rows.finding_of(row.finding)
        finding = stored and standing_at(stored, now)
        silent = None if row.newest_post_at is None else days_between(row.newest_post_at, now)
        left = None if row.deadline is None else days_between(now, row.deadline - DAY)
        return views.Row(
            account=row.id,
            name=row.name,
            kind=row.kind,
            sponsor=row.sponsor,
            unit=row.unit,
            region=row.region,
            level=row.level,
            outcome=finding.counts_as if finding else Outcome(row.outcome),
            indicator=row.indicator,
            newest_post_at=row.newest_post_at,
            days_silent=silent,
            days_left=left,
            holds_until=row.holds_until,
            reason=None if row.reason is None else Reason(row.reason),
            says=self._say(row.rulebook, finding),
            looked_at=row.looked_at,
            tried_at=row.tried_at,
            acknowledged=acknowledged,
            state=lifecycle.State(row.state),
        )

    def _judged(self, connection: Connection, asked: Select[Any], now: datetime) -> tuple[views.Judged, ...]:
        """In the order of accounts, and of an account's indicators as its rulebook lists them."""
        standing = asked.subquery()
        joined = select(standing, ACCOUNT.c.rulebook).join(ACCOUNT, ACCOUNT.c.id == standing.c.account)
        found = []
        for row in connection.execute(joined):
            place, indicator = self._indicator(row.rulebook, row.indicator)
            found.append(((row.account, place, row.indicator), row, indicator))
        return tuple(self._one(row, indicator, now) for _, row, indicator in sorted(found, key=lambda item: item[0]))

    def _one(self, row: Row[Any], indicator: Indicator | None, now: datetime) -> views.Judged:
        finding = standing_at(Finding.model_validate_json(row.finding), now)
        return views.Judged(
            finding=finding,
            number=indicator.number if indicator else "",
            title=indicator.title.in_(self._language) if indicator else finding.indicator,
            says=say(indicator, finding, self._language) if indicator else "",
            severity=indicator.severity if indicator else "",
            cites=indicator.cites if indicator else (),
            boundary=indicator.boundary.in_(self._language) if indicator and indicator.boundary else "",
            rulebook=row.rulebook,
        )

    def _alert(
        self, row: Row[Any], account: Any, counted: Mapping[tuple[str, str], int], decided: Iterable[Decision]
    ) -> views.AlertView:
        alert = rows.alert_of(row)
        copied = set(views.AlertView.model_fields) & set(type(alert).model_fields) - {"state", "review"}
        return views.AlertView(
            **{name: getattr(alert, name) for name in copied},
            state=alert.state.value,
            review=alert.review.value,
            decisions=tuple(map(_decision, decided)),
            account=alert.subject,
            name=account.name if account else alert.subject.removeprefix("platform:"),
            says=(self._say(account.rulebook, alert.finding) if account else "") or alert.detail,
            told=counted.get((alert.id, SENT), 0),
            owed=counted.get((alert.id, OWED), 0),
        )

    def _say(self, rulebook: str, finding: Finding | None) -> str:
        indicator = self._indicator(rulebook, finding.indicator)[1] if finding else None
        return say(indicator, finding, self._language) if indicator and finding else ""

    def _manual(self, rulebook: str, kind: str) -> tuple[views.NeedsPerson, ...]:
        lines = self._books[rulebook].manual_for(kind) if rulebook in self._books else ()
        return tuple(
            views.NeedsPerson(
                id=line.id,
                number=line.number,
                title=line.title.in_(self._language),
                asks=line.asks.in_(self._language),
                severity=line.severity,
                cites=line.cites,
            )
            for line in lines
        )

    def _indicator(self, rulebook: str, indicator_id: str) -> tuple[int, Indicator | None]:
        """The indicator and its place in its rulebook; none where an old finding names what is no longer there."""
        indicators = self._books[rulebook].indicators if rulebook in self._books else ()
        for place, indicator in enumerate(indicators):
            if indicator.id == indicator_id:
                return place, indicator
        return len(indicators), None


def _decision(decision: Decision) -> views.DecisionView:
    return views.DecisionView(**{name: getattr(decision, name) for name in views.DecisionView.model_fields})


def _outcome(now: datetime) -> ColumnElement[str]:
    """`core.model.standing_at`, in SQL."""
    good = ACCOUNT.c.outcome.in_((Outcome.PASS.value, Outcome.AT_RISK.value))
    overtaken = and_(good, ACCOUNT.c.deadline.is_not(None), ACCOUNT.c.deadline <= now)
    return case((overtaken, Outcome.UNKNOWN.value), else_=ACCOUNT.c.outcome)


def _count(connection: Connection, asked: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(asked.subquery())).scalar_one())


def _posts(connection: Connection, account_id: str, targets: list[str]) -> tuple[views.PostView, ...]:
    asked = (
        select(POST)
        .where(POST.c.account == account_id, POST.c.target.in_(targets))
        .order_by(POST.c.order_at.desc(), POST.c.key.desc())
        .limit(_SHOWN)
    )
    names = tuple(views.PostView.model_fields)
    return tuple(views.PostView(**{name: getattr(row, name) for name in names}) for row in connection.execute(asked))


def _looks(connection: Connection, account_id: str) -> tuple[views.LookView, ...]:
    """The account's last looks through any target, newest first."""
    mine = select(TARGET.c.id).where(TARGET.c.account == account_id)
    asked = (
        select(OBSERVATION, TARGET.c.adapter, TARGET.c.covers)
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(OBSERVATION.c.target.in_(mine))
        .order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
        .limit(_SHOWN)
    )
    found = connection.execute(asked).all()
    blind = Incidents(connection, found)
    looks = (rows.look_of(row, row.adapter, frozenset(), not blind.cover(row.platform, row.at)) for row in found)
    return tuple(
        views.LookView(
            target=look.target,
            adapter=look.adapter,
            platform=look.platform,
            at=look.at,
            ok=look.failure is None,
            reason=look.failure.reason if look.failure else None,
            detail=look.failure.detail if look.failure else "",
            posts=look.posts,
            attested_by=look.seen.attested_by if isinstance(look.seen, Launch) else "",
            trusted=look.trusted,
            digests=look.digests,
        )
        for look in looks
    )
