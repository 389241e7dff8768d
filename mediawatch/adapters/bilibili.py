"""An account's space on Bilibili: its profile and the first page of its dynamics.

It must never count an item of another account, take the words of a date for one, or a page of risk control for silence.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from pydantic import ConfigDict, Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import digest_of, is_page, plain, refuse, unexpected_page
from mediawatch.core.model import Feed, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Entrance, Exchange, Failed, Grant, Request, Wire

ShapeT = TypeVar("ShapeT")

MAX_BODY = 4 * 1024 * 1024
PUBLIC = "https://api.bilibili.com"
# How the site's own pages mix the two keys of the day into the one that signs a question.
_MIXED = (
    *(46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35),
    *(27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41, 13),
)
_KEY = re.compile(r"/([0-9a-zA-Z]{32})\.")
_COOKIE = re.compile(r"[0-9A-Za-z._%+/=-]{8,200}")
_BUVID_LASTS = 20 * 3600.0  # seconds
_SAYS: dict[int, Reason] = {
    -352: Reason.BLOCKED,
    -403: Reason.BLOCKED,
    -401: Reason.BLOCKED,
    -101: Reason.LOGIN_REQUIRED,
    -412: Reason.RATE_LIMITED,
    -509: Reason.RATE_LIMITED,
    -799: Reason.RATE_LIMITED,
    -500: Reason.PLATFORM_DOWN,
    -502: Reason.PLATFORM_DOWN,
    -503: Reason.PLATFORM_DOWN,
    -504: Reason.PLATFORM_DOWN,
}


class Address(Value):
    """mid: the number in the space's address (space.bilibili.com/<mid>)."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    mid: str = Field(pattern=r"^[1-9][0-9]{0,19}$")


class _Code(msgspec.Struct):
    code: int
    message: str | None = None


class _Images(msgspec.Struct):
    img_url: str
    sub_url: str


class _NavData(msgspec.Struct):
    wbi_img: _Images


class _Nav(msgspec.Struct):
    data: _NavData


class _Official(msgspec.Struct):
    role: int | None = None
    title: str | None = None
    type: int | None = None


class _Person(msgspec.Struct):
    mid: int
    name: str
    sign: str | None = None
    silence: int | None = None
    official: _Official | None = None


class _PersonAnswer(msgspec.Struct):
    data: _Person


class _Stat(msgspec.Struct):
    mid: int
    follower: int
    following: int | None = None


class _StatAnswer(msgspec.Struct):
    data: _Stat


class _Counts(msgspec.Struct):
    video: int
    article: int = 0
    album: int = 0
    opus: int = 0
    audio: int = 0


class _CountsAnswer(msgspec.Struct):
    data: _Counts


class _Text(msgspec.Struct):
    text: str | None = None


class _Major(msgspec.Struct):
    title: str | None = None
    summary: _Text | None = None
    desc: str | None = None


class _Majors(msgspec.Struct):
    archive: _Major | None = None
    opus: _Major | None = None
    article: _Major | None = None
    common: _Major | None = None


class _Dynamic(msgspec.Struct):
    desc: _Text | None = None
    major: _Majors | None = None


class _Author(msgspec.Struct):
    mid: int
    pub_ts: int | str | None = None


class _Modules(msgspec.Struct):
    module_author: _Author
    module_dynamic: _Dynamic | None = None
    module_tag: _Text | None = None


class _Item(msgspec.Struct):
    id_str: str
    modules: _Modules
    type: str | None = None


class _Page(msgspec.Struct):
    items: list[_Item]
    has_more: bool | None = None


class _PageAnswer(msgspec.Struct):
    data: _Page


class _Spi(msgspec.Struct):
    b_3: str
    b_4: str


class _SpiAnswer(msgspec.Struct):
    data: _Spi


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The keys of the day, profile, dynamics, followers; and the platform's counts where it shows no dynamics."""
    nav = await _ask(wire, "/x/web-interface/nav")
    mixed = _mixed_key(nav)
    person = await _ask(wire, "/x/space/wbi/acc/info", {"mid": address.mid}, mixed)
    read_profile(address, person)  # a space that is gone has no dynamics to ask for
    asked = {"host_mid": address.mid, "platform": "web", "features": "itemOpusStyle"}
    page = await _ask(wire, "/x/polymer/web-dynamic/v1/feed/space", asked, mixed)
    followers = await _ask(wire, "/x/relation/stat", {"vmid": address.mid})
    if read_dynamics(address, page).posts:
        return nav, person, page, followers
    return nav, person, page, followers, await _ask(wire, "/x/space/navnum", {"mid": address.mid})


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The account's own dynamics under its profile. An empty list is one only where the platform counts none, too."""
    if len(exchanges) < 4:
        raise Failed(Reason.UNREADABLE, "no answer")
    profile = read_profile(address, exchanges[1])
    feed = read_dynamics(address, exchanges[2])
    followers, following = read_relation(address, exchanges[3])
    posts = read_counts(exchanges[4]) if len(exchanges) > 4 else None
    known = {"followers": followers, "following": following, "posts": posts}
    return feed.model_copy(update={"profile": profile.model_copy(update=known)})


def read_profile(address: Address, exchange: Exchange) -> Profile:
    """The profile call. Raises `Failed`: `gone` and `blocked_account` are the platform's own words."""
    person = _decoded(exchange, _PersonAnswer, gone=True).data
    if str(person.mid) != address.mid:
        raise Failed(Reason.UNREADABLE, "wrong identity: another account was shown")
    if person.silence not in (None, 0):
        reason = Reason.BLOCKED_ACCOUNT if person.silence == 1 else Reason.UNREADABLE
        raise Failed(reason, f"silence {person.silence}")
    official = person.official
    return Profile(
        uid=address.mid,
        name=clean(person.name, 200),
        verified=None if official is None or official.type is None else official.type >= 0,
        verified_type=official.role if official else None,
        verified_reason=clean(official.title or "", 200) if official else "",
        description=clean(person.sign or "", 500),
    )


def read_dynamics(address: Address, exchange: Exchange) -> Feed:
    """The first page of the space, without its profile; `complete` is false where it may hide newer items."""
    page = _decoded(exchange, _PageAnswer).data
    own = [_post(item) for item in page.items if str(item.modules.module_author.mid) == address.mid]
    if page.items and not own:
        raise Failed(Reason.UNREADABLE, "wrong identity: only items of other accounts")
    shown = any(not post.pinned for post in own) or not page.has_more
    posts = {post.key: post for post in reversed(own)}  # a pinned item may stand there twice; the first one counts
    whole = shown and all(post.at is not None for post in own)
    return Feed(posts=tuple(reversed(posts.values())), complete=whole)


def read_counts(exchange: Exchange) -> int:
    """How much the platform counts in the space: videos, articles, pictures and sounds."""
    counts = _decoded(exchange, _CountsAnswer).data
    return counts.video + counts.audio + max(counts.opus, counts.album + counts.article)


def read_relation(address: Address, exchange: Exchange) -> tuple[int | None, int | None]:
    """Followers and followed; unknown where this call fails, for nothing rests on it alone."""
    try:
        stat = _decoded(exchange, _StatAnswer).data
    except Failed:
        return None, None
    return (stat.follower, stat.following) if str(stat.mid) == address.mid else (None, None)


def _post(item: _Item) -> Post:
    modules = item.modules
    dynamic = modules.module_dynamic or _Dynamic()
    majors = dynamic.major or _Majors()
    major = majors.archive or majors.opus or majors.article or majors.common or _Major()
    words = (dynamic.desc.text if dynamic.desc else None) or (major.summary.text if major.summary else None) or ""
    return Post(
        key=clean(item.id_str, 60),
        at=_instant(modules.module_author.pub_ts),
        title=plain(major.title or words, 300),
        url=f"https://t.bilibili.com/{clean(item.id_str, 60)}",
        pinned="置顶" in ((modules.module_tag.text if modules.module_tag else None) or ""),
        repost=item.type == "DYNAMIC_TYPE_FORWARD",
        original=item.type != "DYNAMIC_TYPE_FORWARD" if item.type else None,
        digest=digest_of(f"{major.title or ''}\n{words}\n{major.desc or ''}"),
    )


def _instant(given: int | str | None) -> datetime | None:
    """`pub_ts`, seconds since 1970; the site began in 2009."""
    text = str(given)
    if not re.fullmatch(r"[0-9]{10}", text) or not 1_230_000_000 < int(text) < 4_102_444_800:
        return None
    return datetime.fromtimestamp(int(text), UTC)


async def _ask(wire: Wire, path: str, query: dict[str, str] | None = None, mixed: str = "") -> Exchange:
    asked = dict(query or {})
    if mixed:
        asked["wts"] = str(int(wire.now.timestamp()))
        text = urlencode(sorted(asked.items())) + mixed
        asked["w_rid"] = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    url = f"{wire.base}{path}" + (f"?{urlencode(sorted(asked.items()))}" if asked else "")
    return await wire.ask(Request(url=url, headers=(("Referer", "https://www.bilibili.com/"),), max_body=MAX_BODY))


def _mixed_key(nav: Exchange) -> str:
    """The day's key; the call gives it to visitors, too, whom it otherwise tells that they are not logged in."""
    refuse_code(nav, frozenset({0, -101}))
    images = _shaped(nav, _Nav).data.wbi_img
    keys = [match[1] for url in (images.img_url, images.sub_url) if (match := _KEY.search(url))]
    if len(keys) < 2:
        raise Failed(Reason.UNREADABLE, "no keys to sign questions with")
    return "".join("".join(keys)[place] for place in _MIXED)


def _decoded(exchange: Exchange, shape: type[ShapeT], gone: bool = False) -> ShapeT:
    refuse_code(exchange, frozenset({0}), gone=gone)
    if b'"v_voucher"' in exchange.body[:2000]:
        raise Failed(Reason.BLOCKED, "risk control")
    return _shaped(exchange, shape)


def refuse_code(exchange: Exchange, fine: frozenset[int], gone: bool = False) -> None:
    """Raises `Failed` with what the answer's own code means, unless it is one of those."""
    if exchange.status == 412:
        raise Failed(Reason.RATE_LIMITED, "HTTP 412")
    refuse(exchange)
    if is_page(exchange.body) or not exchange.body.strip():
        raise unexpected_page(exchange, "JSON")
    answer = _shaped(exchange, _Code)
    if answer.code in fine:
        return
    if answer.code == -404 and gone:
        raise Failed(Reason.GONE, clean(answer.message or "", 60))
    raise Failed(_SAYS.get(answer.code, Reason.UNREADABLE), f"code {answer.code}")


def _shaped(exchange: Exchange, shape: type[ShapeT]) -> ShapeT:
    try:
        return msgspec.json.decode(exchange.body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise Failed(Reason.UNREADABLE, f"answer of no known shape: {clean(str(problem), 120)}") from None


# --- what visitors are given ------------------------------------------------------------------------------------------


async def enter(wire: Wire, base: str) -> Grant:
    """The cookies by which the platform tells one visitor from another; without them it takes us for a robot."""
    answer = await wire.ask(Request(url=f"{base}/x/frontend/finger/spi", keep=False, max_body=64 * 1024))
    refuse_code(answer, frozenset({0}))
    given = _shaped(answer, _SpiAnswer).data
    if not _COOKIE.fullmatch(given.b_3) or not _COOKIE.fullmatch(given.b_4):
        raise Failed(Reason.UNREADABLE, "no cookies for visitors")
    return Grant(headers=(("Cookie", f"buvid3={given.b_3}; buvid4={given.b_4}"),), lasts=_BUVID_LASTS)


def turned_away(exchange: Exchange) -> bool:
    """Whether the platform takes us for a robot: code -352."""
    try:
        return msgspec.json.decode(exchange.body[:4096], type=_Code).code == -352
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


ADAPTER = Adapter(
    kind="bilibili",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"bilibili"}),
    covers=frozenset({"posts", "profile"}),
    pace=Pace(per_minute=12, at_once=1),
    base_url=PUBLIC,
    max_body=MAX_BODY,
    entrance=Entrance(enter=enter, turned_away=turned_away, base_url=PUBLIC),
    needs="Network access to api.bilibili.com; it works without a login, and more reliably with the cookie of one.",
    blind="What is older than the first page, what only fans see, and when the account was opened.",
)
