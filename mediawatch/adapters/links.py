"""The links on the home page of a website, a sample at each look: 404 and 410 are dead, other failures are suspected.

The sample moves on every day, so that all links have their turn. It must never call a link dead that refused us, nor
ask for one that no visitor can follow.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urldefrag, urljoin, urlsplit

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import elsewhere, refuse, web_address
from mediawatch.adapters.site_page import read_page, text_of
from mediawatch.adapters.website import ACCEPT, let_in, turned_away
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Link, Page, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 4 * 1024 * 1024
MOST_LINKS = 300
_UNSEEN = re.compile(r"<!--|<(script|style|template|noscript|textarea)\b", re.I)  # where what nobody can follow begins
_OVER = {"": "-->"} | {tag: f"</{tag}" for tag in ("script", "style", "template", "noscript", "textarea")}
_ENDS = {tag: re.compile(re.escape(end), re.I) for tag, end in _OVER.items()}
_ANCHOR = re.compile(r"<(?:a|area)\s([^<>]{1,4000})>", re.I)
_BASE = re.compile(r"<base\s([^<>]{1,4000})>", re.I)
_HREF = re.compile(
    r"""(?<![\w:.@-])href\s{0,9}=\s{0,9}(?:"([^"<>]{1,1000})"|'([^'<>]{1,1000})'|([^"'\s<>]{1,1000}))""", re.I
)
_NO_ADDRESS = re.compile(r"[\s{}]")  # a template, or what each browser mends in its own way
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
    let_in(read_page(home))
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
    """The page's links that a visitor can follow, each once, in the order of the page. Reading them is bounded."""
    shown, own = _seen(text_of(home)), home.final_url or home.url
    base = next((urljoin(own, href) for one in _BASE.finditer(shown) if (href := _href(one[1]))), own)
    found: dict[str, None] = {}
    for anchor in _ANCHOR.finditer(shown):
        try:
            url = web_address(urldefrag(urljoin(base, _href(anchor[1]) or own))[0])
            parts = urlsplit(url)
        except ValueError:
            continue
        if url and parts.username is None and not _NO_PAGE.search(parts.path) and url.rstrip("/") != own.rstrip("/"):
            found[url] = None
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def _href(attributes: str) -> str:
    """Where a link leads, as the page writes it; empty where it names no address."""
    given = _HREF.search(attributes)
    href = html.unescape(given[1] or given[2] or given[3]).strip() if given is not None else ""
    return "" if _NO_ADDRESS.search(href) else href


def _seen(page: str) -> str:
    """The page without what no visitor sees: comments, scripts and the like, an open one to the end."""
    parts: list[str] = []
    at = 0
    while (begins := _UNSEEN.search(page, at)) is not None:
        parts.append(page[at : begins.start()])
        ends = _ENDS[(begins[1] or "").lower()].search(page, begins.end())
        if ends is None:
            return "".join(parts)
        at = ends.end()
    return "".join((*parts, page[at:]))


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
