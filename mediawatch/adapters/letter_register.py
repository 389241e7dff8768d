"""A register of messages that an office keeps itself and brings as a table: there is nothing to ask.

What a table is read from stands here as well. It must never take a table for a register that it does not understand to
the last row, nor keep more of it than numbers and days: who wrote, and what, stays with the office.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.site_dates import date_in_text
from mediawatch.core.model import Letter, Letters, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Wire

MOST_ROWS = 2000
ASKED = re.compile("(?:来信|写信|提问|提交|留言|咨询|信件|发表|反映|诉求|受理)(?:时间|日期)|asked_at")
REPLIED = re.compile("(?:回复|答复|办结|回信|处理|办理)(?:时间|日期)|replied_at")
NUMBER = re.compile("编号|序号|信件号|^id$", re.I)


class Address(Value):
    """called: what the office calls the register, where an account has more than one."""

    called: str = Field(default="", max_length=100)


class NoRegister(ValueError):
    """A table that is no register, in words; `line` is the row, from 1."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(says)
        self.line = line


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """Asks nothing."""
    raise Failed(Reason.NOT_ALLOWED, "a person brings this register: `mediawatch letters`")


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Letters:
    """There is no answer to read."""
    raise Failed(Reason.NOT_ALLOWED, "a person brings this register: `mediawatch letters`")


def is_heading(cells: Sequence[str]) -> bool:
    """Whether a row names the columns of a register: the day of a message and that of its reply."""
    return _column(cells, ASKED) is not None and _column(cells, REPLIED) is not None


def letters_of(heading: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], now: datetime) -> tuple[Letter, ...]:
    """Every row below the heading, numbered by the caller. Raises NoRegister for any that is not understood.

    A number names its message for good, so that a register can be brought again; without a column of numbers it is the
    day of the message, and its place among those of that day. now: what a day without a year is taken from.
    """
    asked, replied, number = (_column(heading, named) for named in (ASKED, REPLIED, NUMBER))
    if asked is None or replied is None:
        raise NoRegister(1, "the first line names no column for the day of the message and of the reply")
    letters: dict[str, Letter] = {}
    for line, row in lines:
        cells = [*(cell.strip() for cell in row), *[""] * (len(heading) - len(row))]
        at, until = date_in_text(cells[asked], now), date_in_text(cells[replied], now)
        if at is None or (cells[replied] and until is None) or (until is not None and until < at):
            raise NoRegister(line, f"line {line}: a day that cannot be read, or is after that of the register")
        key = clean(cells[number], 100) if number is not None else ""
        if number is None:
            key = f"{cells[asked]} #{sum(one.at == at for one in letters.values()) + 1}"
        if not key or key in letters:
            raise NoRegister(line, f"line {line}: a number that is missing, or not the only one of its kind")
        letters[key] = Letter(key=key, at=at, replied_at=until, replied=until is not None)
        if len(letters) > MOST_ROWS:
            raise NoRegister(line, f"more than {MOST_ROWS} messages; bring those of the last year")
    return tuple(letters.values())


def _column(heading: Sequence[str], named: re.Pattern[str]) -> int | None:
    return next((index for index, cell in enumerate(heading) if named.search(cell.strip())), None)


ADAPTER = Adapter(
    kind="letter_register",
    address=Address,
    fetch=fetch,
    parse=parse,
    covers=frozenset({"test_letters"}),
    pace=Pace(per_minute=1, at_once=1),
    brought=True,
    needs="A person who brings the office's register of messages as a CSV or XLSX table (`mediawatch letters`); what "
    "it holds (`letters`, `corrections`, `test_letters`) is declared with the target.",
    blind="Messages that the office did not enter, and whether a reply answers anything.",
)
