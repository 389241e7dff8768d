"""What a page of a website shows: title, headlines, the dates beside them, words. Pure; run in a worker process.

It must never take a date from anywhere but beside a headline, or a page that scripts fill in for an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from urllib.parse import urljoin

from mediawatch.adapters.answers import web_address
from mediawatch.adapters.markup import Markup
from mediawatch.adapters.site_dates import date_alone, date_at_end, date_in_address, date_in_text
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange

MOST_LINKS = 5000
MOST_WORDS = 200_000  # letters
SHORTEST_HEADLINE = 6  # letters; menus are shorter
NEAR = 80  # letters between a headline and its date
_END = re.compile(rb"</(?:body|html)\s{0,9}>", re.I)
_FOOTER = re.compile("ICP备|公网安备|网安备|标识码")
_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_-]{3,20})", re.I)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_HIDDEN = frozenset({"script", "style", "noscript", "template", "textarea", "select"})
_BLOCKS = frozenset(
    {"li", "p", "div", "td", "tr", "dd", "dt", "span", "em", "i", "b", "h3", "h4", "br", "time", "font"}
)
_FILLED_IN = re.compile(rb"\bv-(?:if|for|show)\s?=|\bng-(?:repeat|if)\s?=|\{\{|<div id=[\"']?(?:app|root)\b", re.I)
_EMPTY_LIST = re.compile(rb"<(ul|ol|dl|tbody)\b[^<>]{0,300}?\bid\s{0,9}=[^<>]{0,300}>\s{0,200}</\1\b", re.I)
_ASKS_FOR_MORE = re.compile(rb"XMLHttpRequest|\.ajax\(|axios|getJSON|\bfetch\(|\$\.(?:get|post)\(|jpage", re.I)
_SAYS_EMPTY = re.compile(
    "暂无(?:相关|任何)?(?:内容|信息|数据|记录|文章|资料|更新)|没有(?:找到|相关|任何){0,2}(?:内容|信息|记录|数据)"
    "|(?:内容|栏目|页面)(?:正在)?(?:建设|更新|维护)中|敬请期待"
)

_Read = Callable[[str, datetime, Sequence[datetime]], datetime | None]


@dataclass
class Link:
    """A link and the pieces of text inside it, and those that follow it up to the next link."""

    url: str
    title: str = ""
    inside: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def is_headline(self) -> bool:
        """Long enough to say something, and no filing number of a footer."""
        words = max(clean("".join(self.inside), 300), clean(self.title, 300), key=len)
        return len(words) >= SHORTEST_HEADLINE and _FOOTER.search(words) is None


@dataclass(frozen=True)
class Paper:
    """A page as it was read. `dates` are those beside headlines; `words` is all that a reader sees, as one line.

    A page that does not come to its end (`whole` is false) has no dates: the newest may lie behind the cut.
    """

    title: str
    words: str
    headlines: int
    dates: tuple[datetime, ...]
    filled_in: bool  # scripts put in what is to be seen, or a part of it
    gap: bool  # a list with a name and nothing in it, as scripts fill them, or as nothing was published in it
    says_empty: bool
    whole: bool

    @property
    def newest_at(self) -> datetime | None:
        return max(self.dates, default=None)


def text_of(exchange: Exchange) -> str:
    """The body as text, by the charset that the server or the page names, otherwise UTF-8 or the Chinese one."""
    body = exchange.body.removeprefix(b"\xef\xbb\xbf")
    named = re.search(r"charset=[\"']?([A-Za-z0-9_-]{3,20})", exchange.header("Content-Type"), re.I)
    meta = _CHARSET.search(body[:4096])
    charset = (named[1] if named else meta[1].decode() if meta else "").lower()
    if charset.startswith("gb"):
        return body.decode("gb18030", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8" if charset.startswith("utf") else "gb18030", "replace")


def read_page(exchange: Exchange) -> Paper:
    """The page, with its dates as of the reading."""
    reader = _Reader(exchange.final_url or exchange.url)
    reader.read(text_of(exchange))
    whole = _END.search(exchange.body) is not None
    dates = _dates(reader, exchange.at) if whole else ()
    words = clean(" ".join(reader.words), MOST_WORDS)
    headlines = sum(link.is_headline for link in reader.links)
    body = exchange.body
    waits = _FILLED_IN.search(body) is not None or (not headlines and _ASKS_FOR_MORE.search(body) is not None)
    return Paper(
        title=clean(reader.title, 200),
        words=words,
        headlines=headlines,
        dates=dates,
        filled_in=waits,
        gap=_EMPTY_LIST.search(body) is not None,
        says_empty=_SAYS_EMPTY.search(words) is not None,
        whole=whole,
    )


def _dates(reader: _Reader, at: datetime) -> tuple[datetime, ...]:
    """One date for each place beside a headline that has one; what addresses say where no text says more."""
    written: list[datetime] = []
    in_addresses: list[datetime] = []
    before = reader.ahead  # the pieces of text between the last link and this one
    was_headline, was_told = False, tuple[datetime, ...]()
    for link in reader.links:
        is_headline = link.is_headline
        moment = date_in_address(link.url, at) if is_headline else None
        told = (moment,) if moment is not None else ()
        if was_headline or is_headline:
            written += _beside(before, at, was_headline, is_headline, (*was_told, *told))
        if is_headline:
            written += _dated(link.inside, at, _inside, told)
            in_addresses += told
        before, was_headline, was_told = link.after, is_headline, told
    if was_headline:
        written += _beside(before, at, True, False, was_told)
    return tuple(written if len(written) >= len(in_addresses) else [*written, *in_addresses])


def _beside(pieces: list[str], at: datetime, behind: bool, ahead: bool, told: Sequence[datetime]) -> list[datetime]:
    """The dates in the text between two links, near the one that is a headline. told: what their addresses say."""
    near = _first(pieces) if behind else []
    near += [piece for piece in (_first(pieces[::-1])[::-1] if ahead else []) if piece not in near]
    return _dated(near, at, _outside, told)


def _dated(pieces: list[str], at: datetime, read: _Read, told: Sequence[datetime]) -> list[datetime]:
    """The dates of some pieces of text, one by one; a day and its month may stand in two boxes."""
    found = [read(piece, at, told) for piece in pieces]
    for number, (piece, following) in enumerate(pairwise(pieces)):
        if found[number] is None and found[number + 1] is None and len(piece) + len(following) <= 10:
            found.append(date_in_text(f"{piece} {following}", at))
    return [moment for moment in found if moment is not None]


def _outside(piece: str, at: datetime, told: Sequence[datetime]) -> datetime | None:
    return date_alone(piece, at, told) or date_in_text(piece, at)


def _first(pieces: list[str]) -> list[str]:
    taken: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > NEAR:
            break
        taken.append(piece)
    return taken


def _inside(piece: str, at: datetime, told: Sequence[datetime]) -> datetime | None:
    """A date inside a headline: a piece of its own, or at its end. A day that the headline speaks of is none."""
    return date_alone(piece, at, told) or date_at_end(piece, at)


class _Reader(Markup):
    """Collects links and text in the order of the page. Broken markup is read as far as it goes."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self.ahead: list[str] = []
        self.words: list[str] = []
        self.title = ""
        self._base = base
        self._letters = 0
        self._hidden = ""
        self._records = False
        self._in_title = False
        self._link: Link | None = None
        self._piece: list[str] = []
        self._inner: list[str] = []

    def read(self, text: str) -> None:
        self.feed(text)
        self.close()
        self._flush()
        inner, self._inner = "".join(self._inner), []
        if inner:  # lists that some content systems write as records into a script
            self._hidden, self._link = "", None
            self.reset()
            self.feed(inner)
            self.close()
            self._flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN and not self._hidden:
            self._flush()
            self._hidden = tag
            self._records = tag == "script" and "xml" in (dict(attrs).get("type") or "").lower()
        elif tag == "a" and not self._hidden:
            self._flush()
            given = dict(attrs)
            url = _joined(self._base, given.get("href") or "")
            self._link = Link(url, title=given.get("title") or "") if url else None
            if self._link is not None and len(self.links) < MOST_LINKS:
                self.links.append(self._link)
        elif tag == "title":
            self._in_title = True
        elif tag in _BLOCKS:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden, self._records = "", False
        elif tag == "a":
            self._flush()
            self._link = None
        elif tag == "title":
            self._in_title = False
        elif tag in _BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = (self.title + data)[:1000]
        elif self._records:
            self._inner += _CDATA.findall(data)
        elif not self._hidden:
            self._piece.append(data)

    def _flush(self) -> None:
        piece = clean("".join(self._piece), 2000) if self._piece else ""
        self._piece.clear()
        if not piece or self._letters > MOST_WORDS:
            return
        self._letters += len(piece)
        self.words.append(piece)
        if self._link is not None:
            self._link.inside.append(piece)
        else:
            (self.links[-1].after if self.links else self.ahead).append(piece)


def _joined(base: str, href: str) -> str:
    try:
        return web_address(urljoin(base, href.strip()))
    except ValueError:
        return ""
