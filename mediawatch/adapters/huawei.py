"""Huawei's AppGallery through the calls of its web site: a code for the session, then the app's record.

The shapes are those of programs that ask it, not of a recording: any other answer is unreadable, never "no such app".
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import msgspec
from pydantic import Field, model_validator

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded, is_page, refuse, unexpected_page
from mediawatch.adapters.store_pages import MAX_BODY, MOST_DESCRIPTION, PACKAGE, filing_number, instant
from mediawatch.core.model import Listing, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

_CODE = re.compile(r"[A-Za-z0-9._~+/=-]{8,4096}")


class Address(Value):
    """app_id: the number in the store's address (…/app/C<app_id>). package: the app's own name. One is enough."""

    app_id: str = Field(default="", pattern=r"^(C?[0-9]{1,20})?$")
    package: str = Field(default="", pattern=PACKAGE.replace("^", "^(").replace("$", ")?$"), max_length=200)

    @model_validator(mode="after")
    def _names_an_app(self) -> Address:
        if not self.app_id and not self.package:
            raise ValueError("needs an app_id or a package")
        return self


class _App(msgspec.Struct):
    appId: str | None = None
    pkgName: str | None = None
    name: str | None = None
    developerName: str | None = None
    version: str | None = None
    releaseDate: int | str | None = None
    isShelves: bool | int | str | None = None
    deleteArchive: bool | int | str | None = None
    recordNo: str | None = None
    description: Any = None
    rtnCode: int | None = None


_APP, _TEXT = msgspec.json.Decoder(_App), msgspec.json.Decoder(str)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The code, then the record. Raises `Failed` where no code is given out."""
    identity = hashlib.sha256(f"{address.app_id} {address.package}".encode()).hexdigest()[:32]
    stamp = int(wire.now.timestamp() * 1000)
    headers = (("Content-Type", "application/json"), ("identity-id", identity))
    first = await wire.ask(
        Request(
            method="POST",
            url=f"{wire.base}/edge/webedge/getInterfaceCode",
            headers=(*headers, ("Interface-Code", f"null_{stamp}")),
            body=b'{"params":{},"locale":"zh_CN"}',
            max_body=64 * 1024,
        )
    )
    asked = {"appId": _appgallery_id(address)} if address.app_id else {"pkgName": address.package}
    second = await wire.ask(
        Request(
            method="POST",
            url=f"{wire.base}/edge/webedge/appinfo",
            headers=headers,
            secret_headers=(("interface-code", f"{_code(first)}_{stamp}"),),
            body=json.dumps(asked | {"locale": "zh_CN"}).encode(),
            max_body=MAX_BODY,
        )
    )
    return first, second


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Listing:
    """The app as the store has it; an empty answer, or a record that is off the shelf, is "no such app"."""
    if len(exchanges) < 2:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[1]
    refuse(exchange)
    if not exchange.body.strip(b" \t\r\n\0"):
        return Listing(present=False, blank=True)
    if is_page(exchange.body):
        raise unexpected_page(exchange, "JSON")
    app: _App = decoded(_APP, exchange.body, "record")
    if app.rtnCode:
        raise Failed(Reason.UNREADABLE, f"rtnCode {app.rtnCode}")
    number, package = clean(app.appId or "", 60), clean(app.pkgName or "", 200)
    if not number or not package:
        raise Failed(Reason.UNREADABLE, "record without appId and pkgName")
    if (address.app_id and number != _appgallery_id(address)) or (address.package and package != address.package):
        raise Failed(Reason.UNREADABLE, "wrong identity: another app was shown")
    on_shelf, deleted = _flag(app.isShelves, True), _flag(app.deleteArchive, False)
    return Listing(
        present=on_shelf and not deleted,
        name=clean(app.name or ""),
        seller=clean(app.developerName or ""),
        bundle=package,
        version=clean(app.version or "", 60),
        updated_at=instant(app.releaseDate),
        url=f"https://appgallery.huawei.com/app/{number}",
        package_url=f"https://appgallery.cloud.huawei.com/appdl/{number}",
        filing_no=filing_number(clean(app.recordNo or "")),
        description=clean(app.description, MOST_DESCRIPTION) if isinstance(app.description, str) else "",
    )


def _appgallery_id(address: Address) -> str:
    return f"C{address.app_id.removeprefix('C')}"


def _code(exchange: Exchange) -> str:
    refuse(exchange)
    if is_page(exchange.body):
        raise unexpected_page(exchange, "a code")
    given: str = decoded(_TEXT, exchange.body, "code for the session")
    if not _CODE.fullmatch(given):
        raise Failed(Reason.UNREADABLE, "no code for the session")
    return given


def _flag(value: object, otherwise: bool) -> bool:
    if value is None:
        return otherwise
    if value in (0, "0", "false"):
        return False
    if value in (1, "1", "true"):
        return True
    raise Failed(Reason.UNREADABLE, f"neither yes nor no: {clean(str(value), 40)}")


ADAPTER = Adapter(
    kind="huawei",
    platform="huawei",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"listing"}),
    pace=Pace(per_minute=12, at_once=1),
    base_url="https://web-drcn.hispace.dbankcloud.com",
    max_body=MAX_BODY,
    needs="Network access to web-drcn.hispace.dbankcloud.com.",
    blind="Whether the app opens; HarmonyOS-only releases; the calls are undocumented and were never recorded here.",
)
