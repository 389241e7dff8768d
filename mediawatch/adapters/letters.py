"""Messages to an office and when they were answered: a public letter box of a site, or a register as a CSV file.

Who wrote and what was written is not read. It must never take a row whose dates it does not understand for a message,
a date of a reply for that of a message, or a list that it does not understand for an empty one.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import elsewhere, is_page, refuse, web_address
from mediawatch.adapters.letter_register import ASKED, MOST_ROWS, REPLIED, NoRegister, letters_of
from mediawatch.adapters.markup import Markup
from mediawatch.adapters.site_dates import date_alone, date_in_text
from mediawatch.adapters.site_page import read_page, text_of
from mediawatch.adapters.website import ACCEPT, turned_away
from mediawatch.core.model import Letter, Letters, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
MOST_PAGES = 5
_OPEN = re.compile(
    "[未待](?:予|处)?(?:答复|回复|办结|办理|处理|受理|办|复)|(?:办理|受理|处理|审核)中|已受理|已转办|正在(?:办理|处理)"
)
# What is not taken up, or was taken back, waits for nothing.
_DONE = re.compile(
    "已(?:答复|回复|办结|处理|办理|完成)|办结|(?:答复|回复|办理)完[毕成]|(?:不予|不再)(?:受理|办理|公开)"
    "|已?(?:退回|撤回|撤销|作废)|(?:无效|重复)(?:信件|来信|留言|件)?"
)
_PUBLISHED = re.compile("(?:发布|公开|受理|更新|截止|转办)(?:时间|日期)|[时期]限")
_STATE = re.compile("状态|进度|办理情况|处理情况")
_IN_BRACKETS = re.compile(r"[\[【（(]([^\[\]【】（）()]{2,8})[\]】）)]")
_LABEL = re.compile(r"(?:时间|日期|状态|于)\W*$")
SHORT = 12  # letters; a state is no longer, its label included


class Address(Value):
    """url: the list, or the CSV file. pages: further pages of the list."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    pages: tuple[str, ...] = Field(default=(), max_length=MOST_PAGES - 1)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One request for each page of the list."""
    for page in (address.url, *address.pages):
        url = urljoin(address.url, page)
        await wire.ask(Request(url=url, headers=ACCEPT, aside=elsewhere(url, address.url), max_body=MAX_BODY))
    return wire.exchanges


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Letters:
    """Every row with the day of a message. Raises `Failed(unreadable)` where rows are there and none is understood."""
    letters: dict[str, Letter] = {}
    rows = 0
    for exchange in exchanges:
        turned_away(exchange)
        refuse(exchange)
        found, shown = _page(exchange) if is_page(exchange.body) else _file(exchange)
        rows += shown
        letters |= {letter.key: letter for letter in found}
    if not exchanges or (rows and not letters):
        raise Failed(Reason.UNREADABLE, f"{rows} rows, none with the day of a message")
    return Letters(letters=tuple(letters.values())[:MOST_ROWS], rows=rows)


# --- a list of a site -------------------------------------------------------------------------------------------------


@dataclass
class _Row:
    """One row: its pieces of text, each with whether it stands inside the link; its cells; the first address in it."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    link: str = ""


class _Rows(Markup):
    """The rows of tables and lists, each with the heads of its table, and all text outside of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[_Row, list[str]]] = []
        self.headings: list[str] = []
        self._heads: list[str] = []
        self._row: _Row | None = None
        self._in_link = False
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden = tag
        elif tag in ("tr", "li"):
            self._end()
            self._row = _Row()
        elif tag in ("td", "th") and self._row is not None:
            self._row.cells.append("")
        elif tag == "a" and self._row is not None:
            self._in_link = True
            self._row.link = self._row.link or (dict(attrs).get("href") or "").strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        elif tag == "a":
            self._in_link = False
        elif tag in ("tr", "li", "table", "ul"):
            self._end()
            if tag == "table":
                self._heads = []

    def handle_data(self, data: str) -> None:
        if self._hidden or not data.strip():
            return
        piece = data.strip()[:500]
        if self._row is None:
            self.headings.append(piece)
            return
        self._row.pieces.append((piece, self._in_link))
        if self._row.cells:
            self._row.cells[-1] += f" {piece}"

    def _end(self) -> None:
        row, self._row, self._in_link = self._row, None, False
        if row is None or not row.pieces:
            return
        if any(ASKED.search(cell) or REPLIED.search(cell) for cell in row.cells) and len(row.cells) > 1:
            self._heads = row.cells
        if not row.link or row.cells is self._heads:
            self.headings += [piece for piece, _ in row.pieces]
        elif len(self.rows) < MOST_ROWS:
            self.rows.append((row, self._heads))


def _page(exchange: Exchange) -> tuple[list[Letter], int]:
    """The messages of one page, and how many rows with a date it shows."""
    paper = read_page(exchange)
    reader = _Rows()
    reader.feed(text_of(exchange))
    reader.close()
    headings = " ".join(reader.headings)
    letters: list[Letter] = []
    rows = 0
    for row, heads in reader.rows:
        dates = [day for piece, linked in row.pieces if (day := _day(piece, exchange.at, linked=linked)) is not None]
        if len(heads) == len(row.cells) and any(map(ASKED.search, heads)):
            letter = _by_heads(row, heads, exchange.at)
        else:
            letter = _letter(dates, _done(row), headings) if dates else None
        rows += bool(dates or letter is not None)
        if letter is not None:
            letters.append(letter.model_copy(update={"key": _key(row, letter, exchange.final_url or exchange.url)}))
    if not rows and not (paper.says_empty and paper.whole and not paper.filled_in):
        raise Failed(Reason.UNREADABLE, "no row with a date, and no word that the list is empty")
    return letters, rows


def _key(row: _Row, letter: Letter, page: str) -> str:
    """The row's own address; where all rows have one, the number in the script that opens it, or a digest of its day
    and title."""
    address = web_address(urljoin(page, row.link))
    if address and address.partition("#")[0] != page:
        return clean(address, 300)
    if re.search(r"\d\d", row.link):
        return clean(row.link, 300)
    title = " ".join(piece for piece, linked in row.pieces if linked)
    return hashlib.sha256(f"{letter.at.date()} {title}".encode()).hexdigest()[:16]


def _day(piece: str, at: datetime, *, linked: bool) -> datetime | None:
    """The date that a piece of text gives as its own, such as 来信时间：2026-03-01; not one that a title speaks of."""
    day = date_in_text(piece, at)
    if day is None or date_alone(piece, at) is not None:
        return day
    before, _, after = (part.strip() for part in re.split(r"(20\d\d.*\d日?)", piece, maxsplit=1))
    if linked:
        return day if not after and _LABEL.search(before) else None
    return day if not after or not before else None


def _by_heads(row: _Row, heads: list[str], at: datetime) -> Letter | None:
    """One message of a table whose heads say which day is which; `None` where that of the message cannot be read."""
    asked, replied, state = (
        next((cell for head, cell in zip(heads, row.cells, strict=True) if named.search(head)), None)
        for named in (ASKED, REPLIED, _STATE)
    )
    day, answered = (date_alone(cell or "", at) or date_in_text(cell or "", at) for cell in (asked, replied))
    if day is None or (answered is not None and answered < day):
        return None
    if answered is not None or re.search(r"\d", replied or ""):  # a day that cannot be read is one all the same
        return Letter(key="", at=day, replied_at=answered, replied=True)
    done = _said([state]) if state else _done(row)
    return Letter(key="", at=day, replied=False if done is None and replied is not None else done)


def _letter(dates: list[datetime], done: bool | None, headings: str) -> Letter | None:
    """One message of a list; `None` where it is not sure which day is which."""
    asked, replied = ASKED.search(headings) is not None, REPLIED.search(headings) is not None
    if done is False:  # other days are those of its acceptance, or of its term
        return Letter(key="", at=max(dates), replied=False) if asked or not replied else None
    if len(dates) >= 2:
        if dates[0] > dates[1]:
            return None
        if _PUBLISHED.search(headings):
            return Letter(key="", at=dates[0], replied=done)
        return Letter(key="", at=dates[0], replied_at=dates[1], replied=True)
    if replied and not asked:
        return None  # the only day is that of the reply
    return Letter(key="", at=dates[0], replied=False if done is None and asked and replied else done)


def _done(row: _Row) -> bool | None:
    """Whether a row says that its message is settled; `None` where it does not. A title may speak of either."""
    told = [piece for piece, linked in row.pieces if not linked and len(piece) <= SHORT]
    told += [piece for piece, linked in row.pieces if linked and _bare(piece)]
    return _said([*told, *(word for piece, _ in row.pieces for word in _IN_BRACKETS.findall(piece))])


def _bare(piece: str) -> bool:
    """Whether a piece of text is the name of a state and nothing else."""
    words = re.sub(r"\W", "", piece)
    return _OPEN.fullmatch(words) is not None or _DONE.fullmatch(words) is not None


def _said(pieces: list[str]) -> bool | None:
    words = " ".join(pieces)
    open_ = _OPEN.search(words) is not None
    done = _DONE.search(_OPEN.sub("", words)) is not None
    return done if done != open_ else None


# --- a register -------------------------------------------------------------------------------------------------------


def _file(exchange: Exchange) -> tuple[list[Letter], int]:
    """The messages of a CSV file: a column of the days of messages, one of the replies, perhaps one of numbers."""
    lines = list(csv.reader(text_of(exchange).splitlines()[: MOST_ROWS + 1]))
    below = ((number, cells) for number, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells))
    try:
        letters = letters_of(lines[0] if lines else [], below, exchange.at)
    except NoRegister as error:
        raise Failed(Reason.UNREADABLE, str(error)) from None
    return list(letters), len(letters)


ADAPTER = Adapter(
    kind="letters",
    address=Address,
    fetch=fetch,
    parse=parse,
    covers=frozenset({"letters"}),
    pace=Pace(per_minute=30, at_once=1),
    host_field="url",
    roams=True,
    isolate=True,
    max_body=MAX_BODY,
    needs="A public list of letters that shows when each was sent and answered, or a register as a CSV file; "
    "what it holds (`letters`, `corrections`, `test_letters`) is declared with the target.",
    blind="Letters that are not published, what lies behind the pages that are named, and whether a reply answers.",
)
