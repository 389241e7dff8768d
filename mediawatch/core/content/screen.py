"""A new post is screened, and what a store says of an app: what in it a person should see, and what may be kept. Pure.

It must never give out an unredacted number, and it keeps no text but what stands around a hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from mediawatch.core.content.hit import Hit
from mediawatch.core.content.personal import MOST, masked, may_hold, numbers, redact
from mediawatch.core.content.phrases import Found, Phrases
from mediawatch.core.seen import Articles, Feed, Letter, Letters, Listing, Mark, Page, Post, Profile, Seen
from mediawatch.core.value import Value

MOST_HITS = 20
MOST_MARKS = 10
MISUSE = "misuse"
_AROUND = 12
_NAMED = re.compile(r"(?:来源|转自|转载自|稿源)[:：]\s{0,3}([^\s，。；、）)】|]{2,40})")
_FREE: dict[type, tuple[str, ...]] = {
    Post: ("title",),
    Profile: ("name", "verified_reason", "description"),
    Listing: ("name", "seller"),
    Page: ("title", "notice"),
    Letter: ("key",),
}
T = TypeVar("T")
_HOST = re.compile(r"https?://([A-Za-z0-9.-]{1,253})")


@dataclass(frozen=True)
class Screens:
    """What posts are screened for besides personal data: phrases, and hosts that nobody should link to (with all that
    lies under them). blocked_by: the edition of the list of hosts. sources: names of whom one may repost (转载来源),
    with all names that hold one of them; without any, nobody's source is asked. sources_by: their edition."""

    phrases: Phrases = field(default_factory=Phrases)
    blocked: frozenset[str] = frozenset()
    blocked_by: str = ""
    sources: frozenset[str] = frozenset()
    sources_by: str = ""


def safe(seen: Seen, screens: Screens) -> Seen:
    """What was seen as it may be written down; itself where no personal number is in it. Of texts of posts the store
    has no column."""
    if isinstance(seen, Feed):
        told = [*_told(seen.profile), *(post.title for post in seen.posts)]
        if not may_hold("\n".join(told)):  # one glance at all of them: in most lists there is nothing
            return seen
        return seen.model_copy(update={"posts": tuple(map(_safe, seen.posts)), "profile": _safe(seen.profile)})
    if isinstance(seen, Listing):
        return described(_safe(seen), screens)
    if isinstance(seen, Articles):
        return seen.model_copy(update={"profile": _safe(seen.profile)})
    if isinstance(seen, Letters):
        return seen.model_copy(update={"letters": tuple(map(_safe, seen.letters))})
    return _safe(seen)


def _told(value: object) -> list[str]:
    """What people write freely in a value."""
    return [getattr(value, name) for name in _FREE.get(type(value), ())]


def _safe(value: T) -> T:
    """The value with the personal numbers masked in what people write freely."""
    free = zip(_FREE.get(type(value), ()), _told(value), strict=True)
    changed = {name: text for name, said in free if (text := redact(said)) != said}
    return value.model_copy(update=changed) if changed and isinstance(value, Value) else value


def described(listing: Listing, screens: Screens) -> Listing:
    """The listing as it may be written down: of the store's description only the phrases that were found in it."""
    text = listing.description[:MOST]
    if not text:
        return listing
    safe = redact(text)
    found = [one for one in screens.phrases.find(text) if one.category == MISUSE]
    marks = tuple(Mark(term=one.word, shown=_around(safe, one), source=one.source) for one in found[:MOST_MARKS])
    lists = " ".join(screens.phrases.editions(MISUSE))
    return listing.model_copy(update={"description": "", "described": lists, "marks": marks})


def _around(safe: str, found: Found) -> str:
    return safe[max(0, found.start - _AROUND) : found.start + len(found.word) + _AROUND].strip()


def harmless(posts: Sequence[Post], screens: Screens) -> bool:
    """Whether there is nothing in these posts that `screened` could hit: one search over all of them, for in most lists
    there is nothing. False where that is not certain."""
    if screens.sources or (screens.blocked and any(next(iter(_hosts(post)), None) for post in posts)):
        return False
    text = "\n".join([part for post in posts for part in (post.title[:MOST], post.text[:MOST])])
    return not may_hold(text) and not screens.phrases.any_in(text)


def screened(post: Post, target: str, at: datetime, screens: Screens) -> tuple[Hit, ...]:
    """The hits of one new post, at most `MOST_HITS`; one for each term."""
    places = [("title", post.title), ("text", post.text)]
    if post.text.startswith(post.title.rstrip("…").rstrip()) or (post.repost and post.text):  # another's title
        places = [("text", post.text)] if post.text else [("title", post.title)]
    hits: dict[tuple[str, str], Hit] = {}

    def note(category: str, term: str, place: str, start: int, shown: str, source: str) -> None:
        hit = Hit(
            post=post.key,
            target=target,
            category=category,
            term=term,
            place=place,
            start=start,
            shown=shown,
            source=source,
            at=at,
        )
        hits.setdefault((category, term if category != "personal" else shown), hit)

    for place, whole in places:
        text = whole[:MOST]
        for number in numbers(text):
            shown = masked(text[number.start : number.end])
            note("personal", number.kind, place, number.start, shown, "personal@1")
        for found in screens.phrases.find(text):
            if found.category != MISUSE:
                note(found.category, found.word, place, found.start, _around(redact(text), found), found.source)
    for start, host in _hosts(post):
        under = next((name for name in _above(host) if name in screens.blocked), None)
        if under is not None:
            note("link", under, "links", start, host, screens.blocked_by)
    if screens.sources and (source := _source(post)) and not any(name in source for name in screens.sources):
        note("source", source, "source", 0, source, screens.sources_by)
    return tuple(hits.values())[:MOST_HITS]


def _source(post: Post) -> str:
    """Whom a repost repeats, or whom an article names as its source; redacted, and empty where nothing is said."""
    said = _NAMED.search(post.text[:MOST])
    return redact((post.source or (said[1] if said else ""))[:60]).strip()


def _hosts(post: Post) -> Iterable[tuple[int, str]]:
    inside = [(found.start(), found[1]) for found in _HOST.finditer(post.text[:MOST])]
    linked = [(index, found[1]) for index, link in enumerate(post.links) if (found := _HOST.match(link[:300]))]
    return [(start, host.lower().rstrip(".")) for start, host in (*linked, *inside)]


def _above(host: str) -> list[str]:
    """The host and the domains that it lies under: `a.b.cn`, `b.cn`, `cn`."""
    parts = host.split(".")
    return [".".join(parts[index:]) for index in range(len(parts))]
