"""The links on the home page of a website, a sample at each look: 404 and 410 are dead, other failures are suspected.

The sample moves on every day, so that all links have their turn. It must never call a link dead that refused us.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urldefrag, urljoin, urlsplit

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import elsewhere, refuse, web_address
from mediawatch.adapters.site_page import text_of
from mediawatch.adapters.website import ACCEPT, turned_away
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Link, Page, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 4 * 1024 * 1024
MOST_LINKS = 300
_HREF = re.compile(r"""\bhref=["']?([^"'\s<>]{1,1000})""", re.I)
_NO_PAGE = re.compile(r"\.(?:css|js|ico|png|jpe?g|gif|svg|woff2?|xml)$", re.I)
_DEAD = frozenset({404, 410})


class Address(Value):
    """url: the home page. budget: how many of its links are asked at each look."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    budget: int = Field(default=20, strict=True, ge=1, le=100)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The home page, then today's sample. Raises `Failed` where the home page does not answer."""
    home = await wire.ask(Request(url=address.url, headers=ACCEPT, max_body=MAX_BODY))
    answers = [home]
    if home.status != 200:
        return (home,)
    for url in _sample(address, home):
        try:
            answers.append(await _tried(url, wire, aside=elsewhere(url, home.url)))
        except Failed as failed:
            if failed.failure.reason is Reason.RATE_LIMITED:
                break  # the site itself refused us, and we rest
            answers.append(Exchange(url=url, at=wire.now, status=0, body=b""))
    return tuple(answers)


async def _tried(url: str, wire: Wire, aside: bool) -> Exchange:
    """The link's answer; servers that know no HEAD are asked for the page itself."""
    head = await wire.ask(Request(method="HEAD", url=url, headers=ACCEPT, aside=aside))
    if head.status < 400:
        return head
    return await wire.ask(Request(url=url, headers=ACCEPT, aside=aside, max_body=MAX_BODY))


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Page:
    """The links of the page with what became of those that were asked. Raises `Failed` where there is no page."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    home = exchanges[0]
    turned_away(home)
    refuse(home)
    urls = _links(home)
    if not urls:
        raise Failed(Reason.UNREADABLE, "a page without links")
    answers = {exchange.url: exchange for exchange in exchanges[1:]}
    return Page(opened=True, status=home.status, links=tuple(_link(url, answers.get(url)) for url in urls))


def _link(url: str, answer: Exchange | None) -> Link:
    if answer is None:
        return Link(url=url, state="unasked")
    status = answer.status
    state = "dead" if status in _DEAD else "alive" if 200 <= status < 400 else "suspected"
    host = (urlsplit(answer.final_url).hostname or "").lower()
    lands = "" if host == (urlsplit(url).hostname or "").lower() else clean(host, 253)
    return Link(url=url, state=state, status=status, lands=lands)


def _sample(address: Address, home: Exchange) -> tuple[str, ...]:
    """So many links from the place where the day's turn begins; the same on every look of one Shanghai day."""
    urls = _links(home)
    start = (day_of(home.at).toordinal() * address.budget) % len(urls) if urls else 0
    return (*urls[start:], *urls[:start])[: address.budget]


def _links(home: Exchange) -> tuple[str, ...]:
    """The page's links to other pages, each once, in the order of the page. Reading them is bounded."""
    base = home.final_url or home.url
    found: dict[str, None] = {}
    for match in _HREF.finditer(text_of(home)):
        try:
            url = web_address(urldefrag(urljoin(base, html.unescape(match[1])))[0])
            parts = urlsplit(url)
        except ValueError:
            continue
        if url and parts.username is None and not _NO_PAGE.search(parts.path) and url.rstrip("/") != base.rstrip("/"):
            found[url] = None
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


ADAPTER = Adapter(
    kind="links",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"website"}),
    covers=frozenset({"links"}),
    pace=Pace(per_minute=30, at_once=1),
    host_field="url",
    roams=True,
    max_body=MAX_BODY,
    needs="Network access to the site and to what it links to.",
    blind="Links that scripts make, those behind the home page, and whether a page that answers is the right one.",
)
