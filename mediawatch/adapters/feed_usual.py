"""The usual feed, read fast: well-formed RSS 2.0 or Atom in UTF-8, within bounds that hostile bytes cannot leave.

It must give what feedparser gives, or nothing: whatever is unusual about a document is left to the patient reader in
its worker process. A test holds the two against each other over all recorded feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from xml.parsers import expat

MOST_DEPTH, MOST_ELEMENTS, MOST_ATTRIBUTES = 32, 20_000, 32
_ATOM, _CONTENT = "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/modules/content/"
_DC, _XML = "http://purl.org/dc/elements/1.1/", "http://www.w3.org/XML/1998/namespace"
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# Names that feedparser reads in any namespace and at any depth; elsewhere than expected they are unusual.
_WATCHED = re.compile(
    "title|link|id|guid|description|summary|abstract|content|encoded|fullitem|body|pubdate|published|issued|updated"
    "|modified|date|created|subtitle|tagline|info|div|base"
)
_RSS = {
    "title": "title",
    "link": "link",
    "guid": "id",
    "description": "summary",
    "pubDate": "published",
    f"{_CONTENT} encoded": "content",
    f"{_DC} date": "updated",
}
_OF_ATOM = {f"{_ATOM} {name}": name for name in ("title", "link", "id", "summary", "content", "published", "updated")}
_TEXT_TYPES = {"", "text", "html", "text/html", "text/plain"}
_C1 = re.compile("[\x80-\x9f]")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?(?:\?[!-~]*)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r" (GMT|UTC|[+-][0-9]{4})"
)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class _Unusual(Exception):
    """The document is left to the patient reader."""


@dataclass
class Entry:
    """One item as it is written; `link` and `id` as feedparser settles them, dates in UTC."""

    id: str = ""
    link: str = ""
    title: str = ""
    summary: str | None = None
    content: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    dated: str = ""  # the first of `published` and `updated` that is there


@dataclass
class Usual:
    """The channel's own name and generator, and its items in their order."""

    title: str = ""
    generator: str = ""
    entries: list[Entry] = field(default_factory=list)


def read_usual(body: bytes) -> Usual | None:
    """What the document says; `None` where anything about it is unusual. Bounded in time by the size of the body."""
    start = body[:256]
    declared = _ENCODING.search(start)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        return None
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except (expat.ExpatError, _Unusual, ValueError, OverflowError):
        return None
    return reader.found if reader.whole else None


class _Reader:
    """Handlers of one parse."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.found = Usual()
        self.whole = False
        self._path: list[str] = []
        self._elements = 0
        self._names: dict[str, str] = {}
        self._channel: tuple[str, ...] = ()
        self._item = ""
        self._entry: dict[str, str] | None = None
        self._permalink = True
        self._taken: str | None = None  # the field whose text is being read
        self._pieces: list[str] = []

    def _doctype(self, *_: object) -> None:
        raise _Unusual

    def _text(self, data: str) -> None:
        self._pieces.append(data)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        depth = len(self._path)
        over = depth >= MOST_DEPTH or self._elements > MOST_ELEMENTS or len(attributes) > MOST_ATTRIBUTES
        if over or f"{_XML} base" in attributes or self._taken is not None:
            raise _Unusual
        if depth == 0:
            self._root(name, attributes)
        inside = tuple(self._path)
        self._path.append(name)
        if inside == self._channel and name == self._item:
            self._entry, self._permalink = {}, True
        elif self._entry is not None and inside == (*self._channel, self._item):
            self._field(name, attributes)
        elif inside == self._channel and name in (self._prefixed("title"), self._prefixed("generator")):
            self._take("generator" if name.endswith("generator") else "title", attributes)
        elif self._entry is not None and not self._is_aside(inside) and _WATCHED.fullmatch(_local(name)):
            raise _Unusual

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rss" and attributes.get("version") == "2.0":
            self._names, self._channel, self._item = _RSS, ("rss", "channel"), "item"
        elif name == f"{_ATOM} feed":
            self._names, self._channel, self._item = _OF_ATOM, (name,), f"{_ATOM} entry"
        else:
            raise _Unusual

    def _prefixed(self, name: str) -> str:
        return f"{_ATOM} {name}" if self._names is _OF_ATOM else name

    def _is_aside(self, inside: tuple[str, ...]) -> bool:
        """Inside an item's author or source, whose title and address are not the item's."""
        place = len(self._channel) + 1
        return len(inside) > place and _local(inside[place]) in ("author", "contributor", "source")

    def _field(self, name: str, attributes: dict[str, str]) -> None:
        known = self._names.get(name)
        if known is None:
            if _WATCHED.fullmatch(_local(name)):
                raise _Unusual
            return
        assert self._entry is not None
        if known == "link" and self._names is _OF_ATOM:
            if attributes.get("rel", "alternate") == "alternate":
                if "link" in self._entry or attributes.get("type", "text/html") != "text/html":
                    raise _Unusual
                self._entry["link"] = _address(attributes.get("href", ""))
            return
        if known in self._entry:
            raise _Unusual
        if known == "id" and self._names is _RSS:
            self._permalink = attributes.pop("isPermaLink", "true") == "true"
        self._take(known, attributes)

    def _take(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.pop("type", "") if self._names is _OF_ATOM else ""
        attributes.pop(f"{_XML} lang", None)
        if name != "generator" and (attributes or kind not in _TEXT_TYPES):
            raise _Unusual
        self._taken, self._pieces = name, []
        self.parser.CharacterDataHandler = self._text

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._taken is not None:
            self._close("".join(self._pieces).strip())
        elif self._entry is not None and name == self._item and tuple(self._path) == self._channel:
            self.found.entries.append(_settled(self._entry, self._permalink, self._names is _RSS))
            self._entry = None
        if not self._path:
            self.whole = True

    def _close(self, text: str) -> None:
        name, self._taken = self._taken, None
        self.parser.CharacterDataHandler = None
        _refuse_doubtful(text)
        if self._entry is not None:
            assert name is not None
            self._entry[name] = text
        elif name == "generator":
            self.found.generator = text
        elif self.found.title:
            raise _Unusual
        else:
            self.found.title = text


def _local(name: str) -> str:
    return name.rpartition(" ")[2].lower()


def _refuse_doubtful(text: str) -> None:
    """feedparser repairs text of a wrong encoding; what it might take for such is its business."""
    if text.isascii():
        return
    try:
        text.encode("iso-8859-1")
    except UnicodeEncodeError:
        if _C1.search(text):
            raise _Unusual from None
        return
    raise _Unusual


def _address(text: str) -> str:
    if not text:
        return ""
    if not _WEB.fullmatch(text) or re.search("&[A-Za-z0-9_]+;", text):
        raise _Unusual
    return text


def _settled(entry: dict[str, str], permalink: bool, rss: bool) -> Entry:
    id_ = entry.get("id", "")
    link = _address(entry.get("link", ""))
    if rss and permalink and id_:
        link = link or _address(id_)
        _address(id_)
    elif not rss and id_.startswith(("http://", "https://")):
        link = link or _address(id_)
    elif not rss and id_ and not link:
        raise _Unusual
    dated = next((name for name in ("published", "updated") if entry.get(name)), "")
    return Entry(
        id=id_,
        link=link,
        title=entry.get("title", ""),
        summary=entry.get("summary"),
        content=entry.get("content"),
        published=_moment(entry.get("published", "")),
        updated=_moment(entry.get("updated", "")),
        dated=dated,
    )


def _moment(text: str) -> datetime | None:
    """The instant of a date in one of the two usual forms, with its zone, to the second."""
    if not text:
        return None
    if (found := _RFC.fullmatch(text)) is not None:
        day, month, year, *clock, zone = found.groups()
        hour, minute, second = map(int, clock)
        moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=_zone(zone))
    elif (found := _ISO.fullmatch(text)) is not None:
        *numbers, zone = found.groups()
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*numbers)).replace(tzinfo=_zone(zone))
    else:
        raise _Unusual
    return moment.astimezone(UTC)


def _zone(text: str) -> timezone:
    if text in ("GMT", "UTC", "Z"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > timedelta(hours=14):
        raise _Unusual
    return timezone(-offset if text[0] == "-" else offset)
