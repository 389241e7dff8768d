"""Apple's App Store through its public lookup. It must never take a page or an empty body for "no such app", nor a copy
that stands before the store for a day, nor a store that lists nothing at all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from pydantic import ConfigDict, Field, model_validator

from mediawatch.adapters.adapter import Adapter, Pace, all_bytes
from mediawatch.adapters.answers import is_page, refuse, unexpected_page, web_address
from mediawatch.adapters.store_pages import MOST_DESCRIPTION
from mediawatch.core.model import Listing, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
_KINDS = frozenset({"software", "mac-software"})


class Address(Value):
    """track_id: the number in the store's address (…/id<track_id>). bundle_id: the app's own name. One is enough.

    country: the two letters of the storefront. control: the number of an app that it lists for sure (微信), asked for
    where the other is not listed.
    """

    model_config = ConfigDict(coerce_numbers_to_str=True)

    track_id: str = Field(default="", pattern=r"^[0-9]{0,20}$")
    bundle_id: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,200}$")
    country: str = Field(default="cn", pattern=r"^[a-z]{2}$")
    control: str = Field(default="414478124", pattern=r"^[0-9]{1,20}$")

    @model_validator(mode="after")
    def _names_an_app(self) -> Address:
        if not self.track_id and not self.bundle_id:
            raise ValueError("needs a track_id or a bundle_id")
        return self


class _App(msgspec.Struct):
    kind: str | None = None
    trackId: int | None = None
    bundleId: str | None = None
    trackName: str | None = None
    sellerName: str | None = None
    version: str | None = None
    currentVersionReleaseDate: str | None = None
    trackViewUrl: str | None = None
    description: str | None = None


class _Lookup(msgspec.Struct):
    resultCount: int
    results: list[_App]


_LOOKUP = msgspec.json.Decoder(_Lookup)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One lookup, by number where there is one. Where the store names no app, the same with a name of its own, which no
    copy before the store has; where it names none again, one for the control."""
    asked = {"id": address.track_id} if address.track_id else {"bundleId": address.bundle_id}
    fresh = {"fresh": str(int(wire.now.timestamp()))}
    answers: list[Exchange] = []
    for query in (asked, asked | fresh, {"id": address.control} | fresh):
        where = urlencode(query | {"country": address.country})
        answers.append(await wire.ask(Request(url=f"{wire.base}/lookup?{where}", max_body=MAX_BODY)))
        if not _none_named(answers[-1]):
            break
    return tuple(answers)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Listing:
    """The app as the store lists it, or `present=False` where the store itself says twice that it has none, and lists
    the control beside it."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    apps = next((named for one in exchanges[:2] if (named := _apps(one))), ())
    if not apps:
        if not any(str(app.trackId) == address.control for one in exchanges[2:] for app in _apps(one)):
            raise Failed(Reason.PLATFORM_DOWN, "the store names no app at all, not even one that it lists for sure")
        return Listing(present=False)
    app = next((app for app in apps if _is_asked_for(app, address)), None)
    if app is None:
        raise Failed(Reason.UNREADABLE, "wrong identity: only other apps were listed")
    return Listing(
        present=True,
        name=clean(app.trackName or ""),
        seller=clean(app.sellerName or ""),
        bundle=clean(app.bundleId or ""),
        version=clean(app.version or "", 60),
        updated_at=_moment(app.currentVersionReleaseDate),
        url=web_address(app.trackViewUrl or ""),
        description=clean(app.description or "", MOST_DESCRIPTION),
    )


def _apps(exchange: Exchange) -> list[_App]:
    """What a lookup names. Raises `Failed` where it is none."""
    refuse(exchange)
    if is_page(exchange.body) or not exchange.body.strip():
        raise unexpected_page(exchange, "JSON")
    try:
        lookup = _LOOKUP.decode(exchange.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise Failed(Reason.UNREADABLE, f"lookup of no known shape: {clean(str(problem), 120)}") from None
    if lookup.resultCount != len(lookup.results):
        raise Failed(Reason.UNREADABLE, f"{lookup.resultCount} results announced, {len(lookup.results)} given")
    return lookup.results


def _none_named(exchange: Exchange) -> bool:
    try:
        return not _apps(exchange)
    except Failed:
        return False


def _is_asked_for(app: _App, address: Address) -> bool:
    return (
        app.kind in _KINDS
        and (not address.track_id or str(app.trackId) == address.track_id)
        and (not address.bundle_id or app.bundleId == address.bundle_id)
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


ADAPTER = Adapter(
    kind="appstore",
    platform="appstore",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"listing"}),
    pace=Pace(per_minute=20, at_once=1),
    base_url="https://itunes.apple.com",
    essence=all_bytes,
    max_body=MAX_BODY,
    needs="Network access to itunes.apple.com.",
    blind="Whether the app opens; a listing may be a day old, and does not prove that it is sold there.",
)
