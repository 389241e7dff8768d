"""The national filing held against the register and against what platforms show. Pure: a list for a person, no verdict.

"Could not look" is never "gone": an account is gone only where its platform said so at its last look, and alive only
where a look showed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.calendar import day_of
from mediawatch.core.lifecycle import AFTER, BEFORE, State
from mediawatch.core.model import Account, Value
from mediawatch.core.register_check import ONE_PLATFORM, plain
from mediawatch.core.rulebook import Words
from mediawatch.core.workdays import Workdays, WorkdaysUnknown

Code = Literal[
    "missing",
    "extra",
    "renamed",
    "duplicate",
    "closed_but_alive",
    "running_but_gone",
    "filed_late",
    "change_not_filed",
    "not_counted",
]

TurnedField = Literal["name", "verified_reason"]
FILED: tuple[TurnedField, ...] = ("name", "verified_reason")
"""What both the filing and a platform tell of an account."""

TITLES: dict[Code, Words] = {
    "missing": Words(zh_CN="已登记、未备案", en="registered here, not in the filing"),
    "extra": Words(zh_CN="已备案、未登记", en="in the filing, not registered here"),
    "renamed": Words(zh_CN="名称不一致", en="names differ"),
    "duplicate": Words(zh_CN="同一单位同一平台重复备案", en="filed twice for one unit on one platform"),
    "closed_but_alive": Words(zh_CN="备案已关停、平台仍存在", en="closed in the filing, alive on the platform"),
    "running_but_gone": Words(zh_CN="备案在运行、平台已不存在", en="running in the filing, gone on the platform"),
    "filed_late": Words(zh_CN="逾期备案", en="filed late"),
    "change_not_filed": Words(zh_CN="变更逾期未备案", en="change not filed in time"),
    "not_counted": Words(zh_CN="工作日无法计算", en="working days that cannot be counted"),
}

_NOT_FILED = AFTER | BEFORE | {State.UNREGISTERED}


class Filed(Value):
    """One row of the filing. line: its row in the file. account: the registered one that it means, empty for none."""

    line: int
    name: str
    kind: str
    sponsor: str = ""
    platform_id: str = ""
    state: State = State.RUNNING
    opened_on: date | None = None
    filed_on: date | None = None
    ended_on: date | None = None
    account: str = ""
    verified_reason: str = ""


class Turned(Value):
    """What a channel shows in another way than before: `field` of `Filed`, and the day of the look that first did."""

    field: TurnedField
    before: str
    after: str
    on: date


class Sight(Value):
    """What platforms show of an account: when it was last there, when it was said to be gone, what it is called, and
    the last change of each field that is filed."""

    alive_at: AwareDatetime | None = None
    gone_at: AwareDatetime | None = None
    names: tuple[str, ...] = ()
    turned: tuple[Turned, ...] = ()


class Difference(Value):
    """One thing for a person to look at. lines: rows of the file. days: working days over the term."""

    code: Code
    account: str = ""
    name: str
    kind: str = ""
    sponsor: str = ""
    lines: tuple[int, ...] = ()
    shown: str = ""
    days: int | None = None


def reconcile(
    filed: Sequence[Filed],
    accounts: Sequence[Account],
    sights: Mapping[str, Sight],
    workdays: Workdays,
    within: int,
    of: date,
) -> tuple[Difference, ...]:
    """Every difference, in the order of `TITLES`, canaries left out. within: the term for filing, and for filing a
    change, in working days. of: the day that the filing tells of (Shanghai)."""
    own = {account.id: account for account in accounts if not account.canary}
    met = {row.account for row in filed}
    found = [
        *(_of_account(one) for one in own.values() if one.id not in met and _to_be_filed(one, workdays, within, of)),
        *(_of_row("extra", row) for row in filed if row.account not in own),
        *(one for row in filed if row.account in own for one in _named(row, own[row.account], sights)),
        *_duplicates(filed),
        *(one for row in filed for one in _seen(row, sights.get(row.account, Sight()))),
        *(one for row in filed for one in _late(row, own.get(row.account), workdays, within)),
        *(one for row in filed for one in _unfiled(row, sights.get(row.account, Sight()), workdays, within, of)),
    ]
    order = list(TITLES)
    return tuple(sorted(found, key=lambda one: (order.index(one.code), one.lines, one.account)))


def _to_be_filed(account: Account, workdays: Workdays, within: int, of: date) -> bool:
    """Whether it must be in the filing by that day: not while the term since its opening runs."""
    opened = account.filing.opened_on
    if account.state in _NOT_FILED or opened is None or opened > of:
        return account.state not in _NOT_FILED
    try:
        return workdays.workdays_between(opened, of) > within
    except WorkdaysUnknown:
        return True


def _named(row: Filed, account: Account, sights: Mapping[str, Sight]) -> Iterator[Difference]:
    """The filing's name against the register's and the platform's; widths, cases and spaces do not count."""
    told = (account.name, *sights.get(account.id, Sight()).names)
    others = dict.fromkeys(name for name in told if name and plain(name) != plain(row.name))
    if others:
        yield _of_row("renamed", row, shown="、".join(others))


def _duplicates(filed: Iterable[Filed]) -> Iterator[Difference]:
    groups: dict[tuple[str, ...], list[Filed]] = {}
    for row in filed:
        if row.state in AFTER:
            continue
        if row.sponsor and row.kind in ONE_PLATFORM:
            groups.setdefault(("unit", plain(row.sponsor), row.kind), []).append(row)
        elif row.platform_id or row.account:
            groups.setdefault(("account", row.kind, row.account or row.platform_id), []).append(row)
    for same in groups.values():
        if len(same) > 1:
            lines = tuple(row.line for row in same)
            names = "、".join(dict.fromkeys(row.name for row in same))
            yield _of_row("duplicate", same[0], shown=names).model_copy(update={"lines": lines})


def _seen(row: Filed, sight: Sight) -> Iterator[Difference]:
    if row.state in AFTER:
        closed = row.state is State.CLOSED  # one that has moved may stand there, and keep its notice
        if closed and sight.alive_at is not None and (row.ended_on is None or day_of(sight.alive_at) > row.ended_on):
            yield _of_row("closed_but_alive", row, shown=str(day_of(sight.alive_at)))
    elif sight.gone_at is not None and sight.alive_at is None:
        yield _of_row("running_but_gone", row, shown=str(day_of(sight.gone_at)))


def _late(row: Filed, account: Account | None, workdays: Workdays, within: int) -> Iterator[Difference]:
    opened = row.opened_on or (account.filing.opened_on if account is not None else None)
    if opened is not None and row.filed_on is not None:
        yield from _over("filed_late", row, f"{opened} – {row.filed_on}", opened, row.filed_on, workdays, within)


def _unfiled(row: Filed, sight: Sight, workdays: Workdays, within: int, of: date) -> Iterator[Difference]:
    """Changes that a look has shown, where the filing still says what stood there before. The change itself may be
    older than the look, never younger: counted from the look, nobody is late too early."""
    for field in FILED:
        changes = [one for one in sight.turned if one.field == field]
        said = plain(getattr(row, field))
        left = [one for one in changes if plain(one.before) == said]
        if row.state in AFTER or not left or plain(changes[-1].after) == said:
            continue
        since = left[-1]
        yield from _over(
            "change_not_filed",
            row,
            f"{since.before} → {changes[-1].after} ({since.on})",
            since.on,
            of,
            workdays,
            within,
        )


def _over(
    code: Code, row: Filed, shown: str, since: date, until: date, workdays: Workdays, within: int
) -> Iterator[Difference]:
    """The working days between that are more than the term."""
    if until <= since:
        return
    try:
        over = workdays.workdays_between(since, until) - within
    except WorkdaysUnknown:
        yield _of_row("not_counted", row, shown=shown)
        return
    if over > 0:
        yield _of_row(code, row, shown=shown).model_copy(update={"days": over})


def _of_row(code: Code, row: Filed, shown: str = "") -> Difference:
    return Difference(
        code=code,
        account=row.account,
        name=row.name,
        kind=row.kind,
        sponsor=row.sponsor,
        lines=(row.line,),
        shown=shown,
    )


def _of_account(one: Account) -> Difference:
    return Difference(code="missing", account=one.id, name=one.name, kind=one.kind, sponsor=one.sponsor)
