"""Tables that offices hand in → rows of the register: own names or Chinese heads, words of such tables, no ids.

The head row may stand below a title. A Chinese column that nobody knows is read over and named; a wrong cell is told
with its row and column. What account a row means follows from its address or number, never from its name alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.pasted import NotRecognised, Recognised, recognise
from mediawatch.core.filing import Filing
from mediawatch.core.model import Account
from mediawatch.core.register_words import UNIT_COLUMNS, VALUES, field_of
from mediawatch.register.accounts_file import make_target
from mediawatch.register.shapes import ACCOUNTS, UNITS, shape_of
from mediawatch.register.sheet import Row, Shape, rows_of
from mediawatch.sheets import Cells, Sheet, read_sheets
from mediawatch.strict_yaml import Problem

_HEAD_WITHIN = 10  # rows
_DAY = re.compile(r"(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?(?:\s+00:00(?::00)?)?")
_DAYS = frozenset(name for name, one in Filing.model_fields.items() if "date" in str(one.annotation)) | {
    "state_since",
    "stop_announced",
}
_HANDED_IN = replace(ACCOUNTS, needed=("name",))
_BY_NUMBER = {"weibo": ("weibo", "uid"), "bilibili": ("bilibili", "mid")}


@dataclass
class HandedIn:
    """What a file hands in: rows of accounts and of units, what is wrong, and the columns that nobody reads."""

    accounts: list[Row] = field(default_factory=list)
    units: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_handed_in(path: Path, progress: Callable[[int], None] = lambda count: None) -> HandedIn:
    """The rows of a CSV or XLSX file. `progress` is told how many rows were read."""
    found = HandedIn()
    for sheet in read_sheets(path, found.problems):
        line, cells, sheet = _head_row(sheet)
        shape, head = _named(cells, sheet.name)
        found.skipped += [cell for cell, name in zip(cells, head, strict=True) if cell and not name]
        if shape is not UNITS and not set(head) & {"name", "id"}:
            if any(cells) and not found.skipped:
                found.problems.append(Problem(sheet.file, line, 1, "no head row names an account (账号名称 or `name`)"))
            continue
        spoken = Sheet(sheet.file, sheet.name, _spoken(sheet, head, progress))
        rows = list(rows_of(spoken, line, head, shape, found.problems))
        if shape is UNITS:
            found.units += rows
        else:
            found.accounts += rows
    if not found.accounts and not found.units and not found.problems:
        found.problems.append(Problem(str(path), 1, 1, "holds no account and no unit"))
    return found


def _head_row(sheet: Sheet) -> tuple[int, Cells, Sheet]:
    """The first of the first rows that names at least two fields, otherwise the first one; and the rows below it.

    A head of two rows is read by its lower one, in which what was merged downwards stands again.
    """
    rows = list(islice(sheet.rows, _HEAD_WITHIN))
    named = [sum(bool(_field(cell, ACCOUNTS) or _field(cell, UNITS)) for cell in cells) for _, cells in rows]
    place = next((index for index, count in enumerate(named) if count >= 2), 0)
    while place + 1 < len(rows) and named[place] >= 2 and named[place + 1] >= named[place]:
        place += 1
    line, cells = rows[place] if rows else (1, [])
    return line, cells, replace(sheet, rows=chain(rows[place + 1 :], sheet.rows))


def _field(cell: str, shape: Shape) -> str:
    return cell if cell in shape.columns else field_of(cell, unit=shape is UNITS)


def _named(cells: Cells, sheet: str) -> tuple[Shape, Cells]:
    """What the table holds, and the field of each column: empty where it is Chinese and unknown."""
    units = shape_of(cells, sheet) is UNITS or {UNIT_COLUMNS["parent"].zh_CN, UNIT_COLUMNS["id"].zh_CN} & set(cells)
    shape = UNITS if units else _HANDED_IN
    return shape, [_field(cell, shape) or (cell if cell.isascii() else "") for cell in cells]


def _spoken(sheet: Sheet, head: Cells, progress: Callable[[int], None]) -> Iterator[tuple[int, Cells]]:
    """The rows in the register's own words: 新浪微博 is weibo, 2024年3月1日 is 2024-03-01."""
    words = [(index, VALUES[name]) for index, name in enumerate(head) if name in VALUES]
    days = [index for index, name in enumerate(head) if name in _DAYS]
    for count, (line, cells) in enumerate(sheet.rows, 1):
        for index, known in words:
            if index < len(cells):
                cells[index] = known.get(cells[index], known.get(cells[index].upper(), cells[index]))
        for index in days:
            if index < len(cells) and (day := _DAY.fullmatch(cells[index])):
                cells[index] = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
        if count % 10_000 == 0:
            progress(count)
        yield line, cells


# --- which account a row means --------------------------------------------------------------------------------------


class Identities:
    """Which registered account a row means: by its id, else by the channel or the number that its address tells."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._ids = set(accounts)
        self._watched = {account.id for account in accounts.values() if account.targets}
        self._channels = {
            target.id.partition("/")[2]: account.id for account in accounts.values() for target in account.targets
        }
        self._names = {(account.kind, account.name, account.sponsor): account.id for account in accounts.values()}
        self._numbers = {
            (account.kind, account.filing.platform_id): account.id
            for account in accounts.values()
            if account.filing.platform_id
        }

    def at(self, adapter: str, address: Mapping[str, object]) -> str | None:
        """The account that has this channel already."""
        try:
            channel = make_target(ADAPTERS[adapter], "", dict(address), ()).id.partition("/")[2]
        except ValidationError:
            return None
        return self._channels.get(channel)

    def by_name(self, row: Row) -> str | None:
        """The account of that kind, name and sponsor: for tables that tell neither address nor number."""
        said = (row.data.get("kind", ""), row.data.get("name", ""), row.data.get("sponsor", ""))
        return self._names.get(said)

    def complete(self, row: Row, problems: list[Problem]) -> None:
        """Gives the row its kind, channel and id where it does not name them; says so where they do not follow."""
        data = row.data
        said = self._recognised(row, problems)
        if said is not None:
            data.setdefault("kind", said.kind)
        if "kind" not in data and "id" not in data:
            problems.append(row.problem(("kind",), "`kind` is missing, and no address tells it"))
            return
        number = said.platform_id if said is not None else ""
        channel = self._channel(row, said, problems) if "adapter" not in row.columns else None
        if "id" not in data:
            data["id"] = self._known(row, channel, number) or self._new(row, number)
        if channel is not None and data["id"] in self._watched:
            data["targets"] = []  # what is there is more than an address tells
            row.columns = {name: at for name, at in row.columns.items() if name not in row.shape.part}
        if number and data["id"] not in self._ids:
            data.setdefault("filing", {}).setdefault("platform_id", number)
        self._ids.add(data["id"])

    def _recognised(self, row: Row, problems: list[Problem]) -> Recognised | None:
        link = (row.data.get("filing") or {}).get("link", "")
        if not link or "adapter" in row.columns:
            return None
        try:
            return recognise(link)
        except NotRecognised as error:
            if "id" not in row.data and not row.data.get("filing", {}).get("platform_id"):
                problems.append(row.problem(("link",), str(error)))
            return None

    def _channel(self, row: Row, said: Recognised | None, problems: list[Problem]) -> str | None:
        """The channel that follows from the row, entered as its target; nothing where none does."""
        kind, filed = row.data.get("kind", ""), row.data.get("filing", {})
        adapter, address = (said.adapter, said.address) if said is not None else ("", {})
        if not adapter and kind in _BY_NUMBER and filed.get("platform_id", "").isdecimal():
            adapter, key = _BY_NUMBER[kind]
            address = {key: filed["platform_id"]}
        if not adapter:
            return None
        if ADAPTERS[adapter].kinds and kind not in ADAPTERS[adapter].kinds:
            problems.append(row.problem(("link",), f"this is the address of another kind of account than {kind}"))
            return None
        at = row.columns.get("link") or row.columns.get("platform_id", 1)
        row.columns = {**row.columns, **dict.fromkeys(("adapter", *address), at)}
        row.data["targets"] = [{"adapter": adapter, **address}]
        row.lines = [row.line]
        try:
            return make_target(ADAPTERS[adapter], "", dict(address), ()).id.partition("/")[2]
        except ValidationError:
            return None  # the register says what is wrong with it

    def _known(self, row: Row, channel: str | None, number: str) -> str | None:
        if channel is not None and channel in self._channels:
            return self._channels[channel]
        number = row.data.get("filing", {}).get("platform_id", "") or number
        return self._numbers.get((row.data.get("kind", ""), number))

    def _new(self, row: Row, number: str) -> str:
        """An id that says the platform and its number, or else a digest of what the row says."""
        filed = row.data.get("filing", {})
        number = re.sub(r"[^\w.-]", "", filed.get("platform_id", "") or number)[:60]
        if not number:  # the same words mean the same account: it is found again by this digest
            told = f"{row.data.get('name')}\n{row.data.get('sponsor')}\n{filed.get('link')}"
            return f"{row.data.get('kind', 'account')}-{hashlib.sha256(told.encode()).hexdigest()[:10]}"
        stem = wanted = f"{row.data.get('kind', 'account')}-{number}"
        count = 1
        while wanted in self._ids:
            count += 1
            wanted = f"{stem}-{count}"
        return wanted


def new_row(data: Mapping[str, Any], file: str) -> Row:
    """A row that comes from a command line, not from a file."""
    return Row(file, {}, _HANDED_IN, 1, dict(data), [1] * len(data.get("targets", ())))


def changed_row(account: str, fields: Mapping[str, str]) -> Row:
    """New texts of fields of one account; an empty one takes the value away. Raises ValueError for a wrong list."""
    data: dict[str, Any] = {"id": account}
    for name, text in fields.items():
        if not text:
            continue
        try:
            value = ACCOUNTS.value(name, text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        under = ACCOUNTS.within.get(name)
        (data if under is None else data.setdefault(under, {}))[name] = value
    return Row(account, dict.fromkeys(fields, 1), _HANDED_IN, 1, data)
