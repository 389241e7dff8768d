"""The address behind an app that is a page in a shell (H5): does its back end answer, and with something?

It asks as a visitor would and reads no more of a page than whether it is one. It must never take a refusal of our
program, or our own network, for a server that is switched off.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import is_page
from mediawatch.adapters.site_page import read_page
from mediawatch.adapters.store_pages import any_filing_number
from mediawatch.adapters.website import CONTROL, MAX_BODY, NO_NAME, let_in, turned_away, unanswered, visited
from mediawatch.core.model import Page, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Wire

PROBLEMS = (
    NO_NAME,
    "no_connection",
    "timeout",
    "tls_expired",
    "tls_name",
    "status",  # an error status that is no refusal of our program
    "empty",
    "server_page",  # the page of a web server on which nothing is installed
    "other_body",  # without the words that the register expects
)
"""Every value of `Page.problem`."""

# Titles of the pages that web servers show before anything is installed on them, in small letters.
_BARE = (
    "welcome to nginx",
    "welcome to openresty",
    "welcome to tengine",
    "iis windows server",
    "apache2 ubuntu default page",
    "apache2 debian default page",
    "apache http server test page",
    "test page for the",
    "apache tomcat/",
    "没有找到站点",
)


class Address(Value):
    """url: the address that the app opens. expects: words that its answer holds, such as the app's name; "" for any.
    control: a page that is there for sure, asked where the address gave no answer."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    expects: str = Field(default="", max_length=200)
    control: str = Field(default=CONTROL, pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One question; see `website.visited`."""
    return await visited(address.url, address.control, wire)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Page:
    """Whether it answers. Raises `Failed` where our program was turned away, or the answer did not arrive whole."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    if exchange.status == 0:
        return unanswered(exchanges)
    seen = Page(opened=False, status=exchange.status, elapsed=exchange.elapsed, tls_expires_at=exchange.tls_ends_at)
    turned_away(exchange)
    if not 200 <= exchange.status < 300:
        return seen.model_copy(update={"problem": "status"})
    body = exchange.body.strip()
    if not body:
        if exchange.header("Content-Length").strip() != "0":
            raise Failed(Reason.UNREADABLE, "an empty answer that does not say it is one")
        return seen.model_copy(update={"problem": "empty"})
    if not is_page(body):
        return _answered(address, seen, body.decode("utf-8", "replace"), "", whole=_is_json(body))
    paper = read_page(exchange)
    let_in(paper)
    if paper.title.lower().startswith(_BARE):
        return seen.model_copy(update={"problem": "server_page", "title": paper.title})
    words = body.decode("utf-8", "replace") + " " + paper.words
    found = _answered(address, seen, words, paper.title, paper.whole)
    unseen = paper.filled_in or not paper.whole  # a page of which a part is missing shows no missing number
    return found.model_copy(update={"filing_no": any_filing_number(paper.words), "filled_in": unseen})


def _answered(address: Address, seen: Page, words: str, title: str, whole: bool) -> Page:
    """With the expected words, or without them. Raises `Failed` where they may have been cut off."""
    if address.expects and address.expects not in words:
        if not whole:
            raise Failed(Reason.UNREADABLE, "cut off, or of no known end")
        return seen.model_copy(update={"problem": "other_body", "title": clean(title, 200)})
    return seen.model_copy(update={"opened": True, "title": clean(title, 200)})


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


ADAPTER = Adapter(
    kind="h5",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"back_end"}),
    pace=Pace(per_minute=12, at_once=1),
    host_field="url",
    roams=True,
    isolate=True,
    max_body=MAX_BODY,
    every=timedelta(days=1),
    needs="The address that the app opens, from where its users are.",
    blind="What the app makes of the answer; pages for signed-in users; whether it answers from elsewhere.",
)
