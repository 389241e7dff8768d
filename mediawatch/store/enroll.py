"""The register as the settings have it, brought into the store: only what differs is written.

Nothing that was ever watched is deleted: what left the register is marked, is no longer due, and keeps its record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from mediawatch.core import lifecycle
from mediawatch.core.alerting import Alert, State
from mediawatch.core.incidents import CANARY
from mediawatch.core.lifecycle import may_follow
from mediawatch.core.model import Account, Outcome, Target, Unit
from mediawatch.core.register_change import JournalEntry
from mediawatch.core.standing import Standing
from mediawatch.store import batches, register_history, rows, units
from mediawatch.store.tables import ACCOUNT, ALERT, FAR, OBSERVATION, POST, TARGET

CLOCK_SLIP = timedelta(days=1)  # a post dated further ahead of its look says nothing about how silent an account is
RANK = {standing: place for place, standing in enumerate(Standing)}
UNSETTLED: dict[str, Any] = {"settled": None, "keeps_until": None}
"""What becomes of an account's answers when anything changes that they rest on: they are to be judged anew."""
_CHUNK = 1000
NEW_ACCOUNT: dict[str, Any] = {
    "removed_at": None,
    "outcome": Outcome.UNKNOWN.value,
    "rank": RANK[Standing.UNKNOWN],
    "indicator": "",
    "deadline": None,
    "order_at": FAR,
    "holds_until": None,
    "reason": None,
    "finding": None,
    "newest_post_at": None,
    "looked_at": None,
    "tried_at": None,
    "watched_since": None,
    "settled": None,
    "settled_at": None,
    "keeps_until": None,
    "kept_by": "",
}
_NEW_TARGET: dict[str, Any] = {
    "removed_at": None,
    "lease_token": None,
    "fails": 0,
    "validators": "[]",
    "last_tried_at": None,
    "last_seen_at": None,
    "head": "",
    "shown": "",
    "essence": "",
    "elsewhere": "",
}
_ADD_ACCOUNT, _ADD_TARGET = insert(ACCOUNT), insert(TARGET)


@dataclass(frozen=True)
class Enrolled:
    """What changed, by account id. `resolved`: alerts that ended because their account left the register.

    odd_moves: accounts whose state follows on one that it does not follow, `(id, before, after)`.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    resolved: tuple[Alert, ...] = ()
    odd_moves: tuple[tuple[str, str, str], ...] = ()


def enroll(
    connection: Connection,
    accounts: Sequence[Account],
    offices: Sequence[Unit],
    now: datetime,
    first_due: Callable[[Target], datetime | None],
    journal: Sequence[JournalEntry] = (),
) -> Enrolled:
    """Makes the register the store's. The same register again writes nothing. journal: who changed what, and why."""
    units.enroll(connection, offices)
    known = _known(connection, ACCOUNT, rows.ACCOUNT_COLUMNS)
    wanted = {account.id: rows.account_values(account, _searched(known, account.id)) for account in accounts}
    added = [one for one in wanted if one not in known]
    changed = {one for one in wanted if one in known and known[one] != wanted[one]}
    removed = [one for one, values in known.items() if one not in wanted and values is not None]
    targets = _Targets(connection, [target for one in accounts for target in one.targets])
    before = _before(connection, known, {*added, *removed, *changed, *targets.accounts})

    batches.run(connection, _ADD_ACCOUNT, [{**NEW_ACCOUNT, **wanted[one], "added_at": now} for one in added])
    _update(connection, ACCOUNT, [{**wanted[one], "removed_at": None, **UNSETTLED} for one in sorted(changed)])
    _mark_removed(connection, ACCOUNT, removed, now, {})

    targets.enroll(connection, now, first_due)
    after = {account.id: account for account in accounts if account.id in before}
    register_history.note(connection, before, {one: after.get(one) for one in before}, journal, now)
    touched = targets.accounts & wanted.keys() - set(added)
    _recount(connection, sorted(touched), now)
    canaries = [one for one in changed if wanted[one]["canary"]]
    resolved = _resolve(connection, removed, "removed from the register", now)
    resolved += _resolve(connection, canaries, "now a canary: no longer judged", now)
    moves = ((one, old["state"], wanted[one]["state"]) for one in sorted(changed) if (old := known[one]) is not None)
    odd = tuple(move for move in moves if not may_follow(lifecycle.State(move[1]), lifecycle.State(move[2])))
    return Enrolled(tuple(added), tuple(sorted(changed | touched)), tuple(removed), tuple(resolved), odd)


def _searched(known: Mapping[str, Mapping[str, Any] | None], account_id: str) -> str:
    values = known.get(account_id)
    return "" if values is None else str(values["search"])


def _before(
    connection: Connection, known: Mapping[str, Mapping[str, Any] | None], ids: Collection[str]
) -> dict[str, Account | None]:
    """The accounts of these ids as the store had them, `None` for those it had not; no canaries."""
    stood = [one for one in ids if known.get(one) is not None]
    found: dict[str, Account] = {}
    for some in _chunks(stood):
        found |= rows.accounts(connection, some)
    own = (one for one in sorted(ids) if not one.startswith(CANARY))
    return {one: found.get(one) for one in own}


class _Targets:
    """The targets that the register wants, and how the store's differ. `accounts`: those whose set of them changes."""

    def __init__(self, connection: Connection, wanted: Sequence[Target]) -> None:
        known = _known(connection, TARGET, rows.TARGET_COLUMNS)
        values = {target.id: rows.target_values(target) for target in wanted}
        self._values = values
        self._added = [target for target in wanted if target.id not in known]
        self._revived = [target for target in wanted if target.id in known and known[target.id] is None]
        self._changed = [one for one, new in values.items() if known.get(one) is not None and known[one] != new]
        self._gone = [one for one, old in known.items() if one not in values and old is not None]
        old_accounts = {str(old["account"]) for one in self._gone if (old := known[one]) is not None}
        fresh = {target.account for target in (*self._added, *self._revived)}
        self.accounts = old_accounts | fresh | {values[one]["account"] for one in self._changed}

    def enroll(self, connection: Connection, now: datetime, first_due: Callable[[Target], datetime | None]) -> None:
        """Writes what differs."""

        def due(target: Target) -> dict[str, datetime | None]:
            at = first_due(target)
            return {"next_due": at, "look_by": at}

        added = [{**_NEW_TARGET, **self._values[one.id], "added_at": now, **due(one)} for one in self._added]
        revived = [{**self._values[one.id], "removed_at": None, **due(one)} for one in self._revived]
        batches.run(connection, _ADD_TARGET, added)
        _update(connection, TARGET, revived)
        _update(connection, TARGET, [self._values[one] for one in self._changed])
        _mark_removed(connection, TARGET, self._gone, now, {"next_due": None, "look_by": None, "lease_token": None})


def _known(connection: Connection, table: Table, names: tuple[str, ...]) -> dict[str, dict[str, Any] | None]:
    """What the store holds, by id, in the columns of the register; `None` for what was removed."""
    found = connection.execute(select(*(table.c[name] for name in names), table.c.removed_at))
    return {row.id: None if row.removed_at is not None else dict(zip(names, row[:-1], strict=True)) for row in found}


def _update(connection: Connection, table: Table, values: Sequence[dict[str, Any]]) -> None:
    if values:
        names = [name for name in values[0] if name != "id"]
        change = update(table).where(table.c.id == bindparam("id_")).values({name: bindparam(name) for name in names})
        connection.execute(change, [{"id_": one["id"], **{name: one[name] for name in names}} for one in values])


def _mark_removed(
    connection: Connection, table: Table, ids: Sequence[str], now: datetime, also: dict[str, None]
) -> None:
    for some in _chunks(ids):
        connection.execute(update(table).where(table.c.id.in_(some)).values(removed_at=now, **also))


def _recount(connection: Connection, accounts: Sequence[str], now: datetime) -> None:
    """What a target showed that is no longer in the register is no longer held for (or against) its account."""
    live = TARGET.c.removed_at.is_(None)
    newest = (
        select(func.max(POST.c.at))
        .join(TARGET, TARGET.c.id == POST.c.target)
        .where(POST.c.account == ACCOUNT.c.id, POST.c.at <= now + CLOCK_SLIP, live)
    )
    since = (
        select(func.min(OBSERVATION.c.at))
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(TARGET.c.account == ACCOUNT.c.id, OBSERVATION.c.saw, live)
    )
    seen = select(func.max(TARGET.c.last_seen_at)).where(TARGET.c.account == ACCOUNT.c.id, live)
    tried = select(func.max(TARGET.c.last_tried_at)).where(TARGET.c.account == ACCOUNT.c.id, live)
    for some in _chunks(accounts):
        # A post may stand as another list's that is gone: what the others show is held against it anew.
        connection.execute(update(TARGET).where(TARGET.c.account.in_(some)).values(shown=""))
        connection.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id.in_(some))
            .values(
                **UNSETTLED,
                newest_post_at=newest.scalar_subquery(),
                watched_since=since.scalar_subquery(),
                looked_at=seen.scalar_subquery(),
                tried_at=tried.scalar_subquery(),
            )
        )


def _resolve(connection: Connection, accounts: Sequence[str], detail: str, now: datetime) -> list[Alert]:
    ended: list[Alert] = []
    over = {"state": State.RESOLVED, "resolved_at": now, "detail": detail}
    for some in _chunks(accounts):
        live = select(ALERT).where(ALERT.c.subject.in_(some), ALERT.c.state != State.RESOLVED.value)
        ended += [rows.alert_of(row).model_copy(update=over) for row in connection.execute(live.with_for_update())]
    _update(connection, ALERT, [rows.alert_values(alert) for alert in ended])
    return ended


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
