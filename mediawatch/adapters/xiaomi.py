"""Xiaomi's store through its public detail page, read by the labels that a reader sees.

The shape is from memory, not from a recording: a page without those labels is unreadable, never "no such app".
"""

from __future__ import annotations

import re

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import is_page, refuse, unexpected_page
from mediawatch.adapters.store_pages import (
    MAX_BODY,
    PackageAddress,
    app_number,
    beijing_day,
    says_absent,
    words_of,
)
from mediawatch.core.model import Listing, Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

_TITLE = re.compile(r"<h3[^<>]*>([^<>]{1,200})</h3>")


async def fetch(address: PackageAddress, wire: Wire) -> tuple[Exchange, ...]:
    """The detail page of the package."""
    return (await wire.ask(Request(url=f"{wire.base}/details?id={address.package}", max_body=MAX_BODY)),)


def parse(address: PackageAddress, exchanges: tuple[Exchange, ...]) -> Listing:
    """The app as its page shows it, or `present=False` where the page says in words that there is none."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    page = exchange.body.decode("utf-8", "replace")
    words = words_of(page)
    if exchange.status != 404 or not says_absent(words):
        refuse(exchange)
    if not is_page(exchange.body):
        raise unexpected_page(exchange, "a page")
    package = _after(words, "包名", r"[A-Za-z][\w.]*")
    if package and package != address.package:
        raise Failed(Reason.UNREADABLE, "wrong identity: another app was shown")
    version = _after(words, "版本号?", r"[\w.()-]{1,60}")
    if package and version:
        title = _TITLE.search(page)
        return Listing(
            present=True,
            name=clean(title[1]) if title else "",
            bundle=package,
            version=version,
            updated_at=beijing_day(_after(words, "更新(?:时间|日期)", r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
            url=f"https://app.mi.com/details?id={package}",
            filing_no=app_number(words),
        )
    if says_absent(words):
        return Listing(present=False)
    raise unexpected_page(exchange, "a page with 包名 and 版本号")


def _after(words: str, label: str, value: str) -> str:
    """What follows a label of the page."""
    found = re.search(rf"{label}\s{{0,9}}[:：]?\s{{0,9}}({value})", words, re.ASCII)
    return found[1] if found else ""


ADAPTER = Adapter(
    kind="xiaomi",
    platform="xiaomi",
    address=PackageAddress,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"listing"}),
    pace=Pace(per_minute=12, at_once=1),
    base_url="https://app.mi.com",
    max_body=MAX_BODY,
    needs="Network access to app.mi.com.",
    blind="Whether the app opens; who offers it; the page was never recorded here: a change reads as unreadable.",
)
