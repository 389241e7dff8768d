"""An answer of a simulated platform, and the troubles that look the same on every platform. Pure.

What only one platform does (its own login wall, its own words for "gone") is told in that platform's file.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from mediawatch.core.calendar import SHANGHAI
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import Standing

Headers = tuple[tuple[str, str], ...]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LAGGING = timedelta(days=3)
_PAGE = 10  # posts that a list without its first page leaves out
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """One answer as it goes over the wire. `fate` says what becomes of it on the way; `body` is as sent (gzip too)."""

    status: int
    body: bytes
    headers: Headers = ()
    fate: Literal["whole", "slow", "reset", "offline"] = "whole"

    def header(self, name: str) -> str:
        """The header of that name (any case), or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def replaced(self, name: str, value: str) -> Reply:
        """The same reply with that header set."""
        kept = tuple((key, text) for key, text in self.headers if key.lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))


def json_reply(data: Any, status: int = 200, content_type: str = "application/json; charset=utf-8") -> Reply:
    """Compact JSON with \\u escapes, as the platforms send it."""
    return Reply(status, json.dumps(data, separators=(",", ":")).encode(), (("Content-Type", content_type),))


def page(text: str, status: int = 200, title: str = "") -> Reply:
    """A small HTML page."""
    body = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title or text}</title></head>'
    return Reply(status, f"{body}<body><p>{text}</p></body></html>\n".encode(), (("Content-Type", _HTML),))


NOT_FOUND = page("404 Not Found", 404)


def refused(standing: Standing | None) -> Reply | None:
    """The reply to a request that the platform does not even look at, or `None` where it does."""
    match standing.mode if standing else None:
        case Mode.HTTP_432:
            return _wait(Reply(432, b"", (("Content-Type", _HTML),)), standing)
        case Mode.HTTP_418:
            return _wait(page("I'm a teapot", 418), standing)
        case Mode.RATE_LIMITED:
            return _wait(page("Too Many Requests", 429), standing, 60)
        case Mode.SERVER_ERROR:
            return _wait(page("503 Service Temporarily Unavailable", 503), standing)
        case Mode.HTTP_403:
            return page("403 Forbidden", 403)
        case Mode.HTTP_404:
            return NOT_FOUND
        case Mode.HTTP_414:
            return page("414 Request-URI Too Large", 414)
        case Mode.MAINTENANCE:
            return page("系统维护中，给您带来的不便敬请谅解。", title="系统维护")
        case Mode.BUSY:
            return page("系统繁忙，请稍后再试。")
        case Mode.EMPTY_BODY:
            return Reply(200, b"", (("Content-Type", _HTML),))
        case Mode.NULL_ANSWER:
            return json_reply(None)
        case Mode.SLOW:
            return Reply(504, b"", fate="slow")
        case Mode.RESET:
            return Reply(502, b"", fate="reset")
        case Mode.OFFLINE:
            return Reply(502, b"", fate="offline")
        case Mode.CAPTCHA:
            words = "当前环境异常，完成验证后即可继续访问。"
            return page(f'{words}<a id="js_verify" href="/captcha">去验证</a>', title="环境异常")
    return None


def damaged(reply: Reply, standing: Standing | None) -> Reply:
    """The reply as it comes out of a broken pipe: cut off, or as it was made."""
    match standing.mode if standing else None:
        case Mode.CUT_OFF:
            return replace(reply, body=reply.body[: len(reply.body) * 3 // 5])
        case Mode.CUT_OFF_GZIP:
            packed = gzip.compress(reply.body, mtime=0)
            return replace(reply, body=packed[: len(packed) * 3 // 5]).replaced("Content-Encoding", "gzip")
        case Mode.GARBLED:
            return replace(reply, body=_garbled(reply.body))
    return reply


def _garbled(body: bytes) -> bytes:
    """The text in GB18030, whatever the answer says of itself; JSON with its letters written out first."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode("gb18030")
    except ValueError:
        return body.decode("utf-8", "replace").encode("gb18030")


def _wait(reply: Reply, standing: Standing | None, default: int | None = None) -> Reply:
    told = standing.trouble.retry_after if standing else None
    seconds = default if told is None else told
    return reply if seconds is None else reply.replaced("Retry-After", str(seconds))


def shown_at(at: datetime, standing: Standing | None) -> datetime:
    """The date that a platform with that trouble claims for a post of `at`."""
    mode = standing.mode if standing else None
    if mode is Mode.DATES_1970:
        return datetime(1970, 1, 1, 8, tzinfo=SHANGHAI)
    if mode is Mode.DATES_2099:
        return datetime(2099, 12, 31, 23, 59, 59, tzinfo=SHANGHAI)
    return at - timedelta(days=365) if mode is Mode.LAST_YEAR else at


def seen_at(now: datetime, standing: Standing | None, lag: timedelta = timedelta()) -> datetime:
    """The instant whose truth is shown: the past, where the platform is stale or runs behind."""
    mode = standing.mode if standing else None
    shown = standing.since if standing and mode is Mode.STALE else now
    return shown - lag - (_LAGGING if mode is Mode.LAGGING else timedelta())


def begins(standing: Standing | None) -> int:
    """With which of its newest posts a list begins."""
    return _PAGE if standing is not None and standing.mode is Mode.SECOND_PAGE else 0
