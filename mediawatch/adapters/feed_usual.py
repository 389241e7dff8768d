"""The usual feed, read fast: well-formed RSS 2.0 or Atom in UTF-8, within bounds that hostile bytes cannot leave.

The tree is built in C, and bounded before it is walked. It must give what feedparser gives, or nothing: whatever is
unusual about a document is left to the patient reader in its worker process. A test holds the two against each other
over all recorded feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from xml.etree.ElementTree import Element, ParseError, XMLParser

MOST_DEPTH, MOST_ELEMENTS, MOST_ATTRIBUTES = 32, 20_000, 32
_ATOM, _CONTENT = "{http://www.w3.org/2005/Atom}", "{http://purl.org/rss/1.0/modules/content/}"
_DC, _XML = "{http://purl.org/dc/elements/1.1/}", "{http://www.w3.org/XML/1998/namespace}"
_BASE = f"{_XML}base"
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
    f"{_CONTENT}encoded": "content",
    f"{_DC}date": "updated",
}
_OF_ATOM = {f"{_ATOM}{name}": name for name in ("title", "link", "id", "summary", "content", "published", "updated")}
_ASIDE = {"author", "contributor", "source"}  # of an item: their titles and addresses are not the item's
_TEXT_TYPES = {"", "text", "html", "text/html", "text/plain"}
# feedparser repairs text of a wrong encoding: letters of C1, however they are written, are its business.
_C1 = (re.compile(rb"\xc2[\x80-\x9f]"), re.compile(rb"&#0*(?:12[89]|1[345][0-9]|[xX]0*[89][0-9A-Fa-f]);"))
_WIDE = re.compile("[^\x00-\xff]")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?(?:\?[!-~]*)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = {name: f"{number:02}" for number, name in enumerate(_MONTHS, 1)}
_RFC = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})"
    r" ((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}) (GMT|UTC|[+-][0-9]{4})"
)
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_UTC = ("GMT", "UTC", "Z")


class _Unusual(Exception):
    """The document is left to the patient reader."""


@dataclass(slots=True)
class Entry:
    """One item as it is written; `link` and `id` as feedparser settles them, its date in UTC."""

    id: str = ""
    link: str = ""
    title: str = ""
    summary: str | None = None
    content: str | None = None
    at: datetime | None = None  # when it was published, else updated


def read_usual(body: bytes) -> list[Entry] | None:
    """The items in their order; `None` where anything about it is unusual. Bounded in time by the size of the body."""
    declared = _ENCODING.search(body[:256])
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        return None
    if b"<!DOCTYPE" in body or body.count(b"<") > 4 * MOST_ELEMENTS:
        return None
    if any(letter.search(body) for letter in _C1):
        return None
    try:
        reader = XMLParser(encoding="utf-8")  # noqa: S314 — without a DOCTYPE there is nothing to expand
        reader.feed(body)
        root = reader.close()
        return _read(root) if _is_bounded(root) else None
    except (ParseError, _Unusual, ValueError, OverflowError):
        return None


def _is_bounded(root: Element) -> bool:
    """Whether depth, elements and attributes are within their bounds, and no address is told from another."""
    elements = list(root.iter())
    if len(elements) > MOST_ELEMENTS:
        return False
    if any(len(keys) > MOST_ATTRIBUTES or _BASE in keys for keys in filter(None, map(Element.keys, elements))):
        return False
    level = [root]
    for _ in range(MOST_DEPTH):
        level = list(chain.from_iterable(one for one in level if len(one)))
        if not level:
            return True
    return False


def _read(root: Element) -> list[Entry]:
    if root.tag == "rss" and root.get("version") == "2.0":
        fields, item = _RSS, "item"
        channels = [one for one in root if one.tag == "channel"]
    elif root.tag == f"{_ATOM}feed":
        fields, item = _OF_ATOM, f"{_ATOM}entry"
        channels = [root]
    else:
        raise _Unusual
    return [_entry(one, fields) for channel in channels for one in channel if one.tag == item]


def _entry(item: Element, fields: dict[str, str]) -> Entry:
    entry: dict[str, str] = {}
    permalink = True
    for one in item:
        name = fields.get(one.tag)
        if name is None:
            local = _local(one.tag)
            if _WATCHED.fullmatch(local) or (len(one) and local not in _ASIDE and _holds_watched(one)):
                raise _Unusual
        elif name == "link" and fields is _OF_ATOM:
            if _holds_watched(one):
                raise _Unusual
            if one.get("rel", "alternate") == "alternate":
                if "link" in entry or one.get("type", "text/html") != "text/html":
                    raise _Unusual
                entry["link"] = _address(one.get("href", ""))
        elif name in entry:
            raise _Unusual
        else:
            if name == "id" and fields is _RSS:
                permalink = one.attrib.pop("isPermaLink", "true") == "true"  # what else it carries is unusual
            entry[name] = _text(one, fields)
    return _settled(entry, permalink, fields is _RSS)


def _holds_watched(element: Element) -> bool:
    """Whether there is, at any depth inside, an element of a name that feedparser reads wherever it stands."""
    return any(_WATCHED.fullmatch(_local(one.tag)) for one in element.iter() if one is not element)


def _text(element: Element, fields: dict[str, str]) -> str:
    if len(element):
        raise _Unusual
    if element.keys():
        attributes = dict(element.attrib)
        kind = attributes.pop("type", "") if fields is _OF_ATOM else ""
        attributes.pop(f"{_XML}lang", None)
        if _local(element.tag) != "generator" and (attributes or kind not in _TEXT_TYPES):
            raise _Unusual
    text = (element.text or "").strip()
    if not text.isascii() and not _WIDE.search(text):
        raise _Unusual  # feedparser repairs text of a wrong encoding; what it might take for such is its business
    return text


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _address(text: str) -> str:
    if not text:
        return ""
    if not _WEB.fullmatch(text) or ("&" in text and re.search("&[A-Za-z0-9_]+;", text)):
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
    published, updated = _moment(entry.get("published", "")), _moment(entry.get("updated", ""))
    return Entry(id_, link, entry.get("title", ""), entry.get("summary"), entry.get("content"), published or updated)


def _moment(text: str) -> datetime | None:
    """The instant of a date in one of the two usual forms, with its zone, to the second."""
    if not text:
        return None
    if (found := _RFC.fullmatch(text)) is not None:
        day, month, year, clock, zone = found.groups()
        if month not in _NUMBERS:
            raise _Unusual
        moment = datetime.fromisoformat(f"{year}-{_NUMBERS[month]}-{day:0>2}T{clock}")
    elif (found := _ISO.fullmatch(text)) is not None:
        written, zone = found.groups()
        moment = datetime.fromisoformat(written)
    else:
        raise _Unusual
    if zone in _UTC:
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=_zone(zone)).astimezone(UTC)


def _zone(text: str) -> timezone:
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > timedelta(hours=14):
        raise _Unusual
    return timezone(-offset if text[0] == "-" else offset)
