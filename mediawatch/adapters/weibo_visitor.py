"""Weibo's visitor system: how a caller without a login gets the cookies without which the mobile site shows nothing.

Both ways are asked, the older first: `genvisitor` then `incarnate`, and `genvisitor2`. The platform calls both a
success even where it grants nothing, so only a SUB that is there counts. No answer of this conversation is kept: they
hold the cookies themselves, and they say nothing about any account.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

from mediawatch.adapters.answers import is_page, reason_in, refuse
from mediawatch.core.model import Reason
from mediawatch.core.wire import Entrance, Exchange, Failed, Grant, Request, Wire

LASTS = 20 * 3600.0  # seconds; some live for minutes only, which their dismissal tells
_JSONP = re.compile(rb"\((\{.*\})\)", re.DOTALL)
_VALUE = re.compile(r"[\x21-\x3a\x3c-\x7e]{10,2000}")  # what can stand in a Cookie header; `deleted` is shorter
_SHORT = 4096  # bytes; a dismissal is short, a timeline is not parsed for it
_FINGERPRINT = '{"os":"1","browser":"Chrome140,0,0,0","fonts":"undefined","screenInfo":"1920*1080*24","plugins":""}'


class _Data(msgspec.Struct):
    tid: str | None = None
    new_tid: bool | None = None
    confidence: int | None = None
    sub: str | None = None
    subp: str | None = None


class _Callback(msgspec.Struct):
    data: _Data | list[None] | None = None


class _Envelope(msgspec.Struct):
    ok: int | bool | None = None
    url: str | None = None
    msg: str | None = None


async def enter(wire: Wire, base: str) -> Grant:
    """Visitor cookies for m.weibo.cn. Raises `Failed` with what the last answer says where neither way grants any."""
    begun = await wire.ask(_form(base, "genvisitor", f"cb=gen_callback&fp={quote(_FINGERPRINT)}"))
    known = _data(begun.body)
    cookies: dict[str, str] = {}
    if known.tid:
        weight, trust = (3 if known.new_tid else 2), f"{known.confidence or 100:03d}"
        query = f"a=incarnate&t={quote(known.tid, safe='')}&w={weight}&c={trust}&gc=&cb=cross_domain&from=weibo"
        chance = f"0.{wire.now.microsecond or 1:06d}"
        request = Request(url=f"{base}/visitor/visitor?{query}&_rand={chance}", headers=_referer(base), keep=False)
        cookies = granted(await wire.ask(request))
    if not cookies:
        form = "cb=visitor_gray_callback&tid=&from=weibo&webdriver=false"
        last = await wire.ask(_form(base, "genvisitor2", form))
        cookies = granted(last)
        if not cookies:
            refuse(last)
            raise Failed(Reason.LOGIN_REQUIRED, "no visitor cookie was granted")
    return Grant(headers=(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())),), lasts=LASTS)


def granted(exchange: Exchange) -> dict[str, str]:
    """The cookies SUB and SUBP that an answer grants, as headers or in its body; none where there is no SUB."""
    data = _data(exchange.body)
    found = {"SUB": data.sub or "", "SUBP": data.subp or ""}
    for name, line in exchange.headers:
        cookie, _, value = line.partition(";")[0].partition("=")
        if name.lower() == "set-cookie" and cookie.strip() in found:
            found[cookie.strip()] = value.strip()
    usable = {name: value for name, value in found.items() if _VALUE.fullmatch(value)}
    return usable if "SUB" in usable else {}


def turned_away(exchange: Exchange) -> bool:
    """Whether the mobile site asks for (other) visitor cookies. A captcha is no such wish: it would be asked again."""
    if 300 <= exchange.status < 400:
        return reason_in(exchange.header("Location")) is Reason.LOGIN_REQUIRED
    if is_page(exchange.body):
        return reason_in(exchange.body[:16384].decode("utf-8", "replace")) is Reason.LOGIN_REQUIRED
    if len(exchange.body) > _SHORT:
        return False
    try:
        answer = msgspec.json.decode(exchange.body, type=_Envelope)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return answer.ok == -100 and reason_in(f"{answer.url or ''} {answer.msg or ''}") is not Reason.CAPTCHA


def _data(body: bytes) -> _Data:
    """What stands in the brackets of a callback; nothing where there is none."""
    match = _JSONP.search(body[:65536])
    try:
        data = msgspec.json.decode(match[1], type=_Callback).data if match is not None else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        data = None
    return data if isinstance(data, _Data) else _Data()


def _form(base: str, page: str, fields: str) -> Request:
    headers = (("Content-Type", "application/x-www-form-urlencoded"), *_referer(base))
    return Request(method="POST", url=f"{base}/visitor/{page}", headers=headers, body=fields.encode(), keep=False)


def _referer(base: str) -> tuple[tuple[str, str], ...]:
    return (("Referer", f"{base}/visitor/visitor?entry=miniblog"),)


ENTRANCE = Entrance(
    enter=enter,
    turned_away=turned_away,
    base_url="https://visitor.passport.weibo.cn",
    statuses=frozenset({432}),
)
