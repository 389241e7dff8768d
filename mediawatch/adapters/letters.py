"""Messages to an office and when they were answered: a public letter box of a site, or a register as a CSV file.

Who wrote and what was written is not read. It must never take a row whose dates it does not understand for a message,
a date of a reply for that of a message, or a list that it does not understand for an empty one.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from urllib.parse import urljoin

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import elsewhere, is_page, refuse, web_address
from mediawatch.adapters.letter_register import ASKED, MOST_ROWS, REPLIED, NoRegister, letters_of
from mediawatch.adapters.markup import Markup
from mediawatch.adapters.site_dates import date_in_text
from mediawatch.adapters.site_page import read_page, text_of
from mediawatch.adapters.website import ACCEPT, turned_away
from mediawatch.core.model import Letter, Letters, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
MOST_PAGES = 5
_OPEN = re.compile("未(?:答复|回复|办结|处理)|待(?:答复|回复|办|处理|受理)|(?:办理|受理|处理|审核)中|已受理|已转办")
_DONE = re.compile("已(?:答复|回复|办结|处理|办理)|办结|答复完毕")


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


class _Rows(Markup):
    """The rows of tables and lists: their pieces of text, and the first address in each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[list[str], str]] = []
        self.headings: list[str] = []
        self._pieces: list[str] | None = None
        self._link = ""
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden = tag
        elif tag in ("tr", "li"):
            self._end()
            self._pieces, self._link = [], ""
        elif tag == "a" and self._pieces is not None and not self._link:
            self._link = (dict(attrs).get("href") or "").strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""
        elif tag in ("tr", "li", "table", "ul"):
            self._end()

    def handle_data(self, data: str) -> None:
        if self._hidden or not data.strip():
            return
        (self.headings if self._pieces is None else self._pieces).append(data.strip()[:500])

    def _end(self) -> None:
        if self._pieces and len(self.rows) < MOST_ROWS:
            if self._link:
                self.rows.append((self._pieces, self._link))
            else:
                self.headings += self._pieces
        self._pieces = None


def _page(exchange: Exchange) -> tuple[list[Letter], int]:
    """The messages of one page, and how many rows with a date it shows."""
    paper = read_page(exchange)
    reader = _Rows()
    reader.feed(text_of(exchange))
    reader.close()
    headings = " ".join(reader.headings)
    asked, replied = ASKED.search(headings) is not None, REPLIED.search(headings) is not None
    letters: list[Letter] = []
    rows = 0
    for pieces, link in reader.rows:
        dates = [at for piece in pieces if (at := date_in_text(piece, exchange.at)) is not None]
        if not dates:
            continue
        rows += 1
        letter = _letter(" ".join(pieces), dates, asked=asked, replied=replied)
        key = clean(web_address(urljoin(exchange.final_url or exchange.url, link)) or link, 300)
        if letter is not None:
            letters.append(letter.model_copy(update={"key": key}))
    if not rows and not (paper.says_empty and paper.whole and not paper.filled_in):
        raise Failed(Reason.UNREADABLE, "no row with a date, and no word that the list is empty")
    return letters, rows


def _letter(words: str, dates: list[datetime], *, asked: bool, replied: bool) -> Letter | None:
    """One message; `None` where it is not sure which day is which."""
    done, open_ = _DONE.search(words) is not None, _OPEN.search(words) is not None
    if len(dates) >= 2:
        return Letter(key="", at=dates[0], replied_at=dates[1], replied=True) if dates[0] <= dates[1] else None
    if replied and not asked:
        return None  # the only day is that of the reply
    if done == open_:
        return Letter(key="", at=dates[0], replied=False if asked and replied else None)
    return Letter(key="", at=dates[0], replied=done)


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
