"""What any HTTP answer says before its content is read: refusals, waiting times, pages where data was expected.

Pure. It must not decide that an account is gone: that is read by each adapter from its platform's own words.
"""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from mediawatch.core.model import Reason
from mediawatch.core.outbox import read_retry_after
from mediawatch.core.text import clean, shortened
from mediawatch.core.wire import Exchange, Failed, failed_status

_TAG = re.compile(r"<[^<>]*+>")
_TAGS = re.compile(r"<[^<>]*+>(?:<[^<>]*+>)*+")
_HREF = re.compile(r"href=[\"'](https?://[^\"'\s<>]{1,1500})[\"']")
_PAGE_WORDS: tuple[tuple[str, Reason], ...] = (
    ("captcha", Reason.CAPTCHA),
    ("geetest", Reason.CAPTCHA),
    ("验证码", Reason.CAPTCHA),
    ("环境异常", Reason.CAPTCHA),
    ("visitor system", Reason.LOGIN_REQUIRED),
    ("passport.weibo", Reason.LOGIN_REQUIRED),
    ("请先登录", Reason.LOGIN_REQUIRED),
    ("过于频繁", Reason.RATE_LIMITED),
    ("安全威胁", Reason.BLOCKED),
    ("被阻断", Reason.BLOCKED),
    ("被拦截", Reason.BLOCKED),
    ("防火墙拦截", Reason.BLOCKED),
    ("疑似攻击", Reason.BLOCKED),
    ("looks like something went wrong", Reason.PLATFORM_DOWN),
    ("系统繁忙", Reason.PLATFORM_DOWN),
)


def refuse(exchange: Exchange) -> None:
    """Returns where the answer is a success (or unchanged since the last look).

    Raises `Failed` with what the status says and, in `retry_after`, how many seconds the server asked us to stay away.
    """
    reason = None if exchange.unchanged else failed_status(exchange.status)
    if reason is None:
        return
    if 300 <= exchange.status < 400:
        reason = reason_in(exchange.header("Location")) or reason
    asked = exchange.header("Retry-After")
    raise Failed(reason, f"HTTP {exchange.status}", read_retry_after(asked, exchange.at) if asked else None)


def is_page(body: bytes) -> bool:
    """True where the body begins like a web page."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<meta", b"<div", b"<!--"))


def unexpected_page(exchange: Exchange, expected: str) -> Failed:
    """Why a body that is not what was asked for showed nothing; `unreadable` where its words tell no more."""
    if not exchange.body.strip():
        return Failed(Reason.UNREADABLE, f"empty answer instead of {expected}")
    reason = reason_in(exchange.body[:16384].decode("utf-8", "replace")) or Reason.UNREADABLE
    return Failed(reason, f"{'page' if is_page(exchange.body) else 'something else'} instead of {expected}")


def decoded(decoder: msgspec.json.Decoder[Any], body: bytes | str | msgspec.Raw, what: str) -> Any:
    """The body in its shape. Raises `Failed(unreadable)` where it has another."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise Failed(Reason.UNREADABLE, f"{what} of no known shape: {clean(str(problem), 120)}") from None


def moment(seconds: int | None) -> datetime | None:
    """The instant of a count of seconds since 1970; none where there is none, or no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, ValueError, OSError):
        return None


def reason_in(words: str) -> Reason | None:
    """What the words of a page, or the address that we were sent to, say of the platform; never of the account."""
    words = words.lower()
    return next((reason for word, reason in _PAGE_WORDS if word in words), None)


def plain(markup: str, most: int = 500) -> str:
    """Markup as one line of clean text, at most `most` characters."""
    piece = markup[: most * 8]
    if "<" in piece:  # what is cut before runs of spaces are one is cut as it always was
        piece = (_TAGS if len(piece) <= most * 4 else _TAG).sub(" ", piece)
    return clean(html.unescape(piece), most)


def links_in(markup: str) -> tuple[str, ...]:
    """Where the first links of markup lead, at most twenty, each once."""
    if "href=" not in markup:
        return ()
    found = (clean(html.unescape(link), 500) for link in _HREF.findall(markup[: 8 * 4000]))
    return tuple(dict.fromkeys(found))[:20]


def digest_of(markup: str) -> str:
    """The SHA-256 by which an edited text can be told from the old one."""
    return hashlib.sha256(plain(markup, 20_000).encode("utf-8", "replace")).hexdigest()


def read_text(title: str, content: str) -> tuple[str, str]:
    """What an item says, at most 4,000 characters, and the digest of the whole with its title.

    An item of the usual size is read once for both.
    """
    if len(content) > 4000 or len(title) > 1000 or "<" in title or "&" in title:
        return plain(content, 4000), digest_of(f"{title}\n{content[:100_000]}")
    text = plain(content, 4000)
    whole = f"{clean(title, 4000)} {text}".strip()
    return text, hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def told(markup: str, most: int) -> tuple[str, str, str]:
    """What a text begins with, at most `most` characters; what it says, at most 4,000; and the digest of it all.

    A text of the usual length is read once for all three.
    """
    if len(markup) > 4000:
        return plain(markup, most), plain(markup, 4000), digest_of(markup)
    text = plain(markup, 20_000)
    begins = shortened(text, most) if len(markup) <= 4 * most else plain(markup, most)
    return begins, text, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def web_address(text: str) -> str:
    """The address where it is http or https, otherwise nothing: `javascript:` and the like are dropped."""
    return on_the_web(clean(text, 2000))


def elsewhere(url: str, home: str) -> bool:
    """Whether an address is on another host than the target's own, so that it is asked `aside`."""
    return urlsplit(url).netloc.lower() != urlsplit(home).netloc.lower()


def on_the_web(address: str) -> str:
    """The same of an address that is clean already."""
    return address if address[:8].lower().startswith(("http://", "https://")) else ""
