"""The outbox: promises, inserted once by a unique key; the messages that carry them, composed and stored before their
first attempt; and their delivery, at least once, under leases.

Of one alert and one receiver, what was promised first is told first. No receiver waits for another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, update

from mediawatch.core.alerting import BEGINNINGS, ENDS, State
from mediawatch.core.grouping import RANK, Draft, Gathered, Group
from mediawatch.core.routing import Owed
from mediawatch.core.views import Message, Notice
from mediawatch.store import batches
from mediawatch.store.tables import ALERT
from mediawatch.store.telling_tables import MESSAGE, NOTIFICATION, TOLD
from mediawatch.store.upserts import Upserts

OWED, SENT, GIVEN_UP, MERGED, SPARED = "owed", "sent", "given_up", "merged", "spared"
Compose = Callable[[str, Gathered], Message]

_N = NOTIFICATION.c
_WAITS = (_N.state == OWED, _N.sent_in.is_(None))
_CHUNK = 500  # ids in one statement
# Asked at every tick: built once.
_GROUPS = (
    select(_N.receiver, _N.unit, func.count(), func.min(_N.promised_at), func.max(TOLD.c.at))
    .outerjoin(TOLD, (TOLD.c.receiver == _N.receiver) & (TOLD.c.unit == _N.unit))
    .where(*_WAITS)
    .group_by(_N.receiver, _N.unit)
)
_TRIED = (MESSAGE.c.state == OWED, MESSAGE.c.attempts > 0)
_FAILING = select(MESSAGE.c.receiver, func.count()).where(*_TRIED).group_by(MESSAGE.c.receiver)
_OWED_TO = select(MESSAGE.c.receiver).where(MESSAGE.c.state == OWED).distinct()
_SETTLED_LAST = select(func.max(MESSAGE.c.id)).where(MESSAGE.c.state != OWED).group_by(MESSAGE.c.receiver)
_REFUSALS = select(MESSAGE.c.receiver, MESSAGE.c.answer).where(
    MESSAGE.c.id.in_(_SETTLED_LAST), MESSAGE.c.state == GIVEN_UP
)


@dataclass(frozen=True)
class Delivery:
    """The right to try one message now. `attempts`: how many were made before this one."""

    message: Message
    attempts: int
    token: str

    @property
    def receiver(self) -> str:
        return self.message.receiver


class Promise(NamedTuple):
    """What is owed, and in which words. spared: it is counted, and never told."""

    owed: Owed
    notice: Notice
    spared: bool = False


class Outbox:
    """The outbox as one transaction sees it."""

    def __init__(self, connection: Connection, upsert: Upserts) -> None:
        self._connection, self._upsert = connection, upsert

    # --- promises ------------------------------------------------------------------------------------------------

    def said(self, alert_ids: Iterable[str]) -> dict[str, str]:
        """The key of all that was ever promised about these alerts, and how each stands."""
        ids, found = list(alert_ids), dict[str, str]()
        for start in range(0, len(ids), _CHUNK):
            asked = select(_N.key, _N.state).where(_N.alert.in_(ids[start : start + _CHUNK]))
            found |= {row.key: row.state for row in self._connection.execute(asked)}
        return found

    def promise(self, promises: Iterable[Promise], now: datetime) -> int:
        """Puts promises into the outbox; how many were not there before. Their alerts must be saved first."""
        values = [
            {
                "key": owed.key,
                "message": notice.id,
                "alert": owed.alert,
                "receiver": owed.receiver,
                "unit": notice.unit,
                "cause": owed.cause,
                "rank": RANK[owed.cause],
                "order_at": notice.since or notice.opened_at,
                "notice": notice.model_dump_json(),
                "state": SPARED if spared else OWED,
                "due_at": owed.due_at,
                "promised_at": now,
                "sent_in": None,
                "done_at": now if spared else None,
                "answer": "",
            }
            for owed, notice, spared in promises
        ]
        return len(self._connection.execute(self._upsert.promise, values).all()) if values else 0

    def reminded(self, unit: str, since: datetime) -> int:
        """How many reminders and repetitions were promised about a unit from `since` on."""
        told = (_N.unit == unit, _N.promised_at >= since, _N.cause.in_(("reminder", "repeat")), _N.state != SPARED)
        return int(self._connection.execute(select(func.count()).where(*told)).scalar_one())

    def promised(self, since: datetime) -> tuple[tuple[str, str, str, int], ...]:
        """Unit, cause, state and number of all that was promised from `since` on."""
        asked = select(_N.unit, _N.cause, _N.state, func.count()).where(_N.promised_at >= since)
        return tuple(tuple(row) for row in self._connection.execute(asked.group_by(_N.unit, _N.cause, _N.state)))

    def waiting(self, most: int = 1000) -> tuple[tuple[Notice, str], ...]:
        """What is promised and not told, at most so many, and to whom."""
        asked = select(_N.notice, _N.receiver).where(_N.state == OWED).order_by(_N.rank, _N.order_at, _N.id)
        found = self._connection.execute(asked.limit(most))
        return tuple((Notice.model_validate_json(row.notice), row.receiver) for row in found)

    # --- composing -----------------------------------------------------------------------------------------------

    def groups(self) -> tuple[Group, ...]:
        """What waits, by receiver and unit."""
        return tuple(Group(*row) for row in batches.read(self._connection, _GROUPS, batches.NOTHING))

    def failing(self) -> dict[str, int]:
        """By receiver: how many messages were tried, and not taken so far."""
        return dict(batches.read(self._connection, _FAILING, batches.NOTHING))

    def compose(self, draft: Draft, listed: int, compose: Compose, now: datetime) -> Message | None:
        """Makes the draft a message that is to be sent from now on; `None` where all of it waits for something earlier.

        Of one alert, only what was promised first. What has ended before it could be told is told as one.
        """
        self._withdraw(draft.receiver, now)
        ids = self._take(draft)
        if ids is None:
            return None
        key = "msg_" + hashlib.sha256(f"{draft.receiver}\n{ids}".encode()).hexdigest()[:32]
        self._connection.execute(self._taken(draft, ids), {"sent": key})
        self._absorb(key, draft.receiver, now)
        gathered = self._gathered(key, draft.receiver, listed)
        if gathered.total == 1:
            notice_id = gathered.notices[0].id
            self._connection.execute(update(NOTIFICATION).where(_N.sent_in == key).values(sent_in=notice_id))
            key = notice_id
        message = compose(key, gathered)
        self.add(message, now)
        told = [{"receiver": draft.receiver, "unit": unit, "at": now} for unit in gathered.units]
        self._connection.execute(self._upsert.told, told)
        return message

    def add(self, message: Message, now: datetime) -> bool:
        """A message to be sent from now on. False where one of that id was there before."""
        values = {
            "key": message.id,
            "receiver": message.receiver,
            "unit": message.unit,
            "cause": message.cause,
            "total": message.total,
            "view": message.model_dump_json(),
            "state": OWED,
            "made_at": now,
            "attempts": 0,
            "tried_at": None,
            "next_try": now,
            "lease_token": None,
            "doubtful": False,
            "done_at": None,
            "answer": "",
        }
        return self._connection.execute(self._upsert.message, values).first() is not None

    def knows(self, id_: str) -> bool:
        """Whether there is, or was, a message of that id."""
        return self._connection.execute(select(MESSAGE.c.id).where(MESSAGE.c.key == id_)).first() is not None

    def _take(self, draft: Draft) -> tuple[int, int, int] | tuple[int, ...] | None:
        """What names the draft's promises: first and last id and their number, or (where few) the ids themselves."""
        if draft.most is None:
            asked = select(func.min(_N.id), func.max(_N.id), func.count()).where(*_first_of(draft))
            low, high, number = self._connection.execute(asked).one()
            return (low, high, number) if number else None
        asked = select(_N.id).where(*_first_of(draft)).order_by(_N.rank, _N.order_at, _N.id).limit(draft.most)
        return tuple(self._connection.execute(asked).scalars()) or None

    def _taken(self, draft: Draft, ids: tuple[int, ...]) -> Any:
        which = _first_of(draft) if draft.most is None else (_N.id.in_(ids),)
        return update(NOTIFICATION).where(*which).values(sent_in=bindparam("sent"))

    def _absorb(self, key: str, receiver: str, now: datetime) -> bool:
        """What waits about the message's alerts speaks through it where one of them has ended. Whether any has."""
        own = select(_N.alert).where(_N.sent_in == key)
        merged = update(NOTIFICATION).where(*_WAITS, _N.receiver == receiver)
        merged = merged.values(state=MERGED, sent_in=key, done_at=now)
        if not self._connection.execute(merged.where(_N.cause.in_(ENDS), _N.alert.in_(own))).rowcount:
            return False
        over = own.where(_N.state == MERGED, _N.cause.in_(ENDS))
        self._connection.execute(merged.where(_N.alert.in_(over)))
        told = update(NOTIFICATION).where(_N.sent_in == key, _N.state == OWED, _N.alert.in_(over))
        for causes, becomes in (
            (_N.cause.in_(BEGINNINGS), "back"),
            (_N.cause.not_in((*BEGINNINGS, "back")), "resolved"),
        ):
            self._connection.execute(told.where(causes).values(cause=becomes, rank=RANK[becomes]))
        return True

    def _withdraw(self, receiver: str, now: datetime) -> None:
        """A reminder whose account has posted, or whose deadline has passed, is not told late."""
        over = select(ALERT.c.id).where(ALERT.c.id == _N.alert, ALERT.c.state == State.RESOLVED.value)
        late = update(NOTIFICATION).where(*_WAITS, _N.receiver == receiver, _N.cause == "reminder", exists(over))
        self._connection.execute(late.values(state=MERGED, done_at=now, answer="over before it could be told"))

    def _knows(self, receiver: str, units: tuple[str, ...]) -> bool:
        """Whether the receiver was told of another alert of that unit, which still stands."""
        told = (_N.receiver == receiver, _N.unit == units[0], _N.state == SENT, _N.cause.in_(BEGINNINGS))
        other = select(_N.id).join(ALERT, ALERT.c.id == _N.alert).where(*told, ALERT.c.state != State.RESOLVED.value)
        return len(units) == 1 and self._connection.execute(other.limit(1)).first() is not None

    def _gathered(self, key: str, receiver: str, listed: int) -> Gathered:
        own = (_N.sent_in == key, _N.state == OWED)
        counts = self._connection.execute(select(_N.cause, func.count()).where(*own).group_by(_N.cause))
        units = self._connection.execute(select(_N.unit).where(*own).distinct().order_by(_N.unit)).scalars().all()
        asked = select(_N.alert, _N.cause, _N.notice).where(*own)
        worst = self._connection.execute(asked.order_by(_N.rank, _N.order_at, _N.id).limit(listed)).all()
        ends = self._ends(key, [row.alert for row in worst if row.cause in ("back", "resolved")])
        return Gathered(
            notices=tuple(_notice(row, ends.get(row.alert)) for row in worst),
            counts={row[0]: row[1] for row in counts},
            units=tuple(units),
            known=self._knows(receiver, tuple(units)),
        )

    def _ends(self, key: str, alerts: Collection[str]) -> dict[str, Notice]:
        asked = select(_N.alert, _N.notice).where(_N.sent_in == key, _N.state == MERGED, _N.cause.in_(ENDS))
        found = self._connection.execute(asked.where(_N.alert.in_(alerts))) if alerts else ()
        return {row.alert: Notice.model_validate_json(row.notice) for row in found}

    # --- delivering ----------------------------------------------------------------------------------------------

    def owed_to(self) -> set[str]:
        """The receivers of messages that are neither told nor given up."""
        return {row[0] for row in batches.read(self._connection, _OWED_TO, batches.NOTHING)}

    def claim(
        self,
        receiver: str,
        room: int,
        now: datetime,
        lease: timedelta,
        listed: int,
        compose: Compose,
        token: str | None = None,
    ) -> list[Delivery]:
        """Leases the receiver's messages that are due, at most `room` of them, in the order of their making.

        What an earlier attempt surely did not deliver may still be told as one with its end, under the same id.
        """
        due = (MESSAGE.c.state == OWED, MESSAGE.c.next_try <= now, MESSAGE.c.receiver == receiver)
        asked = select(MESSAGE).where(*due).order_by(MESSAGE.c.id).limit(max(0, room))
        token, claimed = token or secrets.token_hex(8), []
        for row in self._connection.execute(asked.with_for_update(skip_locked=True)).all():
            doubtful = row.doubtful or row.lease_token is not None  # an attempt that nobody settled
            message = Message.model_validate_json(row.view)
            if row.attempts and not doubtful and self._absorb(row.key, row.receiver, now):
                message = compose(row.key, self._gathered(row.key, row.receiver, listed))
            self._connection.execute(
                update(MESSAGE)
                .where(MESSAGE.c.id == row.id)
                .values(
                    lease_token=token,
                    next_try=now + lease,
                    attempts=row.attempts + 1,
                    tried_at=now,
                    doubtful=doubtful,
                    view=message.model_dump_json(),
                    cause=message.cause,
                )
            )
            claimed.append(Delivery(message, row.attempts, token))
        return claimed

    def delivered(self, delivery: Delivery, now: datetime, answer: str) -> bool:
        """A receiver's yes is a fact, also from an attempt whose lease had run out. False where it was settled before.

        A receiver that takes what it did not take before is back: what else it did not take is tried at once.
        """
        if not self._settle(delivery, fenced=False, state=SENT, lease_token=None, done_at=now, answer=answer):
            return False
        self._settle_notices(delivery, SENT, now, answer)
        if delivery.attempts:
            waiting = (
                MESSAGE.c.receiver == delivery.receiver,
                MESSAGE.c.state == OWED,
                MESSAGE.c.lease_token.is_(None),
            )
            self._connection.execute(update(MESSAGE).where(*waiting, MESSAGE.c.next_try > now).values(next_try=now))
        return True

    def put_off(self, delivery: Delivery, next_try: datetime, answer: str, *, doubtful: bool = False) -> bool:
        """To be tried again at `next_try`. doubtful: the receiver may have it. False where the lease was lost."""
        more = {"doubtful": True} if doubtful else {}
        return self._settle(delivery, lease_token=None, next_try=next_try, answer=answer, **more)

    def give_up(self, delivery: Delivery, now: datetime, answer: str) -> bool:
        """Never to be tried again. False where the lease was lost."""
        if not self._settle(delivery, state=GIVEN_UP, lease_token=None, done_at=now, answer=answer):
            return False
        self._settle_notices(delivery, GIVEN_UP, now, answer)
        return True

    def owe_again(self, receiver: str, now: datetime, news: timedelta) -> tuple[int, tuple[str, ...]]:
        """What a receiver refused for good is owed again, under the same ids. How many messages, and of which alerts.

        Left as they are: digests older than `news`, and reminders of what is over.
        """
        over = select(ALERT.c.id).where(ALERT.c.id == _N.alert, ALERT.c.state == State.RESOLVED.value)
        late = and_(_N.cause == "reminder", exists(over))
        holds = exists().where(_N.sent_in == MESSAGE.c.key, _N.state == GIVEN_UP, ~late)
        digest = and_(MESSAGE.c.total == 0, MESSAGE.c.made_at > now - news)
        refused = (MESSAGE.c.receiver == receiver, MESSAGE.c.state == GIVEN_UP, or_(holds, digest))
        keys = list(self._connection.execute(select(MESSAGE.c.key).where(*refused).order_by(MESSAGE.c.id)).scalars())
        alerts: set[str] = set()
        for start in range(0, len(keys), _CHUNK):
            some = keys[start : start + _CHUNK]
            own = (_N.sent_in.in_(some), _N.state == GIVEN_UP, ~late)
            alerts.update(self._connection.execute(select(_N.alert).where(*own)).scalars())
            self._connection.execute(update(NOTIFICATION).where(*own).values(state=OWED, done_at=None, answer=""))
            # one attempt stays counted: the receiver is tried with care, and what has ended is told as ended
            again = {"state": OWED, "attempts": 1, "next_try": now, "lease_token": None, "done_at": None}
            self._connection.execute(update(MESSAGE).where(MESSAGE.c.key.in_(some)).values(**again))
        return len(keys), tuple(sorted(alerts))

    def hand_back(self, deliveries: Iterable[Delivery], now: datetime) -> None:
        """Gives messages back that were claimed and not tried."""
        for one in deliveries:
            self._settle(one, lease_token=None, next_try=now, attempts=one.attempts)

    def refusals(self) -> dict[str, str]:
        """The receivers whose last settled message was refused, and what they answered."""
        return dict(batches.read(self._connection, _REFUSALS, batches.NOTHING))

    def tried_since(self, since: datetime) -> tuple[tuple[str, datetime], ...]:
        """The receivers of messages that were tried from `since` on, and when."""
        asked = select(MESSAGE.c.receiver, MESSAGE.c.tried_at).where(MESSAGE.c.tried_at >= since)
        return tuple((row.receiver, row.tried_at) for row in self._connection.execute(asked))

    def _settle_notices(self, delivery: Delivery, state: str, now: datetime, answer: str) -> None:
        own = update(NOTIFICATION).where(_N.sent_in == delivery.message.id, _N.state == OWED)
        self._connection.execute(own.values(state=state, done_at=now, answer=answer))

    def _settle(self, delivery: Delivery, *, fenced: bool = True, **values: Any) -> bool:
        mine = update(MESSAGE).where(MESSAGE.c.key == delivery.message.id, MESSAGE.c.state == OWED).values(**values)
        if fenced:
            mine = mine.where(MESSAGE.c.lease_token == delivery.token)
        return bool(self._connection.execute(mine).rowcount == 1)


def free_leases(connection: Connection, now: datetime, tokens: Collection[str] | None = None) -> int:
    """Ends all leases, or those under these tokens. Whether those messages arrived is not known: they say the same
    again."""
    held = MESSAGE.c.lease_token.is_not(None) if tokens is None else MESSAGE.c.lease_token.in_(tokens)
    freed = update(MESSAGE).where(MESSAGE.c.state == OWED, held).values(next_try=now, lease_token=None, doubtful=True)
    return connection.execute(freed).rowcount


def owed_count(connection: Connection) -> int:
    """How many promises and digests are neither told nor given up."""
    waiting = select(func.count()).select_from(NOTIFICATION).where(_N.state == OWED)
    digests = select(func.count()).select_from(MESSAGE).where(MESSAGE.c.state == OWED, MESSAGE.c.total == 0)
    return int(connection.execute(waiting).scalar_one()) + int(connection.execute(digests).scalar_one())


def _first_of(draft: Draft) -> tuple[Any, ...]:
    """The draft's promises that are the first undelivered ones of their alerts."""
    earlier = NOTIFICATION.alias()
    waits = exists().where(
        earlier.c.alert == _N.alert,
        earlier.c.receiver == _N.receiver,
        earlier.c.state == OWED,
        earlier.c.id < _N.id,
    )
    return (*_WAITS, _N.receiver == draft.receiver, _N.unit.in_(draft.units), ~waits)


def _notice(row: Any, end: Notice | None) -> Notice:
    notice = Notice.model_validate_json(row.notice)
    if end is not None:  # it says how it ended, under the id that it was promised by
        notice = end.model_copy(update={"id": notice.id})
    return notice.model_copy(update={"cause": row.cause})
