"""Tencent's store 应用宝 through its public detail page. Other apps stand on that page too: only the asked one counts.

The shape is that of programs that read it, not of a recording: any other page is unreadable, never "no such app".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import refuse, unexpected_page, web_address
from mediawatch.adapters.store_pages import (
    MAX_BODY,
    MOST_DESCRIPTION,
    PackageAddress,
    app_number,
    filing_number,
    instant,
    says_absent,
    words_of,
)
from mediawatch.core.model import Listing, Reason
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

_DATA = re.compile(rb"<script[^<>]*\bid=\"__NEXT_DATA__\"[^<>]*>")


async def fetch(address: PackageAddress, wire: Wire) -> tuple[Exchange, ...]:
    """The detail page of the package."""
    return (await wire.ask(Request(url=f"{wire.base}/appdetail/{address.package}", max_body=MAX_BODY)),)


def parse(address: PackageAddress, exchanges: tuple[Exchange, ...]) -> Listing:
    """The app as its page shows it, or `present=False` where the page says in words that there is none."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    words = words_of(exchange.body.decode("utf-8", "replace"))
    if exchange.status != 404 or not says_absent(words):
        refuse(exchange)
    opening = _DATA.search(exchange.body)
    if opening is None:
        raise unexpected_page(exchange, "a page with __NEXT_DATA__")
    data, closing, _ = exchange.body[opening.end() :].partition(b"</script>")
    if not closing:
        raise Failed(Reason.UNREADABLE, "page data cut off")
    for item in _items(data):
        if item.get("pkg_name") == address.package:
            return _listing(address, item, words)
    if says_absent(words):
        return Listing(present=False)
    raise Failed(Reason.UNREADABLE, "the package is not on its page, and the page does not say that there is none")


def _items(data: bytes) -> list[dict[str, Any]]:
    try:
        response = msgspec.json.decode(data)["props"]["pageProps"]["dynamicCardResponse"]
        if response["ret"] != 0:
            raise Failed(Reason.UNREADABLE, f"ret {clean(str(response['ret']), 20)}")
        cards = [component.get("data") for component in response["data"]["components"]]
        lists = [_listed(card.get("itemData")) for card in cards if isinstance(card, dict)]
    except (msgspec.MsgspecError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as problem:
        raise Failed(Reason.UNREADABLE, f"page data of no known shape: {clean(repr(problem), 120)}") from None
    return [item for items in lists for item in items if isinstance(item, dict)]


def _listed(items: Any) -> list[Any]:
    """The items of one card; some cards hold them as a JSON text."""
    decoded = msgspec.json.decode(items) if isinstance(items, str) and items else items
    return decoded if isinstance(decoded, list) else []


def _listing(address: PackageAddress, item: dict[str, Any], words: str) -> Listing:
    def text(name: str, most: int = 200) -> str:
        value = item.get(name)
        return clean(value, most) if isinstance(value, str) else ""

    if not text("name") or not text("version_name"):
        raise Failed(Reason.UNREADABLE, "an app without name or version")
    return Listing(
        present=True,
        name=text("name"),
        seller=text("operator") or text("developer"),
        bundle=address.package,
        version=text("version_name", 60),
        updated_at=instant(item.get("update_time")),
        url=f"https://sj.qq.com/appdetail/{address.package}",
        package_url=web_address(text("download_url", 2000)),
        filing_no=filing_number(text("icp_number")) or app_number(words),
        description=text("description", MOST_DESCRIPTION),
    )


ADAPTER = Adapter(
    kind="yingyongbao",
    platform="yingyongbao",
    address=PackageAddress,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"listing"}),
    pace=Pace(per_minute=12, at_once=1),
    base_url="https://sj.qq.com",
    max_body=MAX_BODY,
    needs="Network access to sj.qq.com.",
    blind="Whether the app opens; the page was never recorded here, so that a change of it reads as unreadable.",
)
