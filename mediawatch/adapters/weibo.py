"""Weibo through the mobile site (m.weibo.cn): the profile first, then the newest page of the timeline.

It must never read "no posts" from an answer that may merely hide them: only a profile that itself counts zero posts,
together with an empty list, is an empty account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from mediawatch.adapters import weibo_visitor
from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded
from mediawatch.adapters.weibo_answers import (
    MAX_BODY,
    Answer,
    Blog,
    Empty,
    Number,
    User,
    answer_of,
    dates_are_whole,
    only_the_profile_blames,
    posts_of,
    profile_of,
    reason_of,
    refusal,
    what_is_read,
    with_posts,
)
from mediawatch.adapters.weibo_answers import (
    Address as Address,
)
from mediawatch.core.model import Feed, Post, Profile, Reason
from mediawatch.core.wire import Exchange, Failed, Request, Wire

NOTHING_HERE = "这里还没有内容"


class _UserInfo(User):
    follow_count: Number = None


class _ProfileData(msgspec.Struct):
    userInfo: _UserInfo


class _GroupCard(msgspec.Struct):
    card_type: int | str | None = None
    profile_type_id: str | None = None
    mblog: Blog | None = None


class _Card(_GroupCard):
    card_group: list[_GroupCard] | None = None


class _CardListInfo(msgspec.Struct):
    containerid: str | None = None


class _TimelineData(msgspec.Struct):
    cards: list[_Card]
    cardlistInfo: _CardListInfo | Empty = None


class _ProfileAnswer(Answer, kw_only=True):
    """The usual answer, read in one pass."""

    data: _ProfileData  # type: ignore[assignment]


class _TimelineAnswer(Answer, kw_only=True):
    data: _TimelineData  # type: ignore[assignment]


_PROFILE = msgspec.json.Decoder(_ProfileData)
_TIMELINE = msgspec.json.Decoder(_TimelineData)
_PROFILE_ANSWER = msgspec.json.Decoder(_ProfileAnswer)
_TIMELINE_ANSWER = msgspec.json.Decoder(_TimelineAnswer)


# --- asking -----------------------------------------------------------------------------------------------------------


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The profile and, only where it shows the account, the timeline. Raises `Failed` where the profile does not."""
    profile = await wire.ask(_request(wire, address, ""))
    if not profile.unchanged:  # else it shows the account as it did before
        read_profile(address, profile)
    timeline = await wire.ask(_request(wire, address, f"&containerid=107603{address.uid}"))
    return (profile, timeline)


def _request(wire: Wire, address: Address, more: str) -> Request:
    return Request(
        url=f"{wire.base}/api/container/getIndex?type=uid&value={address.uid}{more}",
        headers=(
            ("Accept", "application/json, text/plain, */*"),
            ("MWeibo-Pwa", "1"),
            ("X-Requested-With", "XMLHttpRequest"),
            ("Referer", f"{wire.base}/u/{address.uid}"),
        ),
        max_body=MAX_BODY,
        later=True,
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The profile and the posts. Raises `Failed` where the two answers do not show the account's public list."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    profile = read_profile(address, exchanges[0])
    if len(exchanges) < 2:
        raise Failed(Reason.UNREADABLE, "no timeline was asked for")
    blogs = _blogs(address, exchanges[1])
    posts = posts_of(blogs, exchanges[1])
    if not posts:
        if profile.posts == 0:
            return Feed(profile=profile)
        if profile.posts is None:
            raise Failed(Reason.UNREADABLE, "empty timeline, and the profile counts no posts")
        raise Failed(Reason.LOGIN_REQUIRED, f"posts hidden from visitors: the profile counts {profile.posts}")
    return with_posts(profile, blogs, posts, exchanges[1])


def read_profile(address: Address, exchange: Exchange) -> Profile:
    """What the profile call says. Here "nothing here" means that there is no such account."""
    data: _ProfileData | None = _usual(_PROFILE_ANSWER, exchange)
    if data is None:
        answer = answer_of(exchange)
        if answer.ok != 1:
            if _nothing_here(answer):
                raise Failed(Reason.GONE, f"profile: {NOTHING_HERE}")
            raise refusal(answer)
        data = decoded(_PROFILE, answer.data, "profile")
    return profile_of(address.uid, data.userInfo, data.userInfo.follow_count)


def read_timeline(address: Address, exchange: Exchange) -> tuple[Post, ...]:
    """The public posts of the timeline call, in its order. Empty where it says that it has nothing to show."""
    return posts_of(_blogs(address, exchange), exchange)


def essence(exchanges: Sequence[Exchange]) -> str:
    """A digest of all that is read of the two answers; of all else, much moves with every answer. Empty where they are
    not the usual two, and where a date is told from the moment of asking."""
    if len(exchanges) != 2:
        return ""
    profile: _ProfileData | None = _usual(_PROFILE_ANSWER, exchanges[0])
    timeline: _TimelineData | None = _usual(_TIMELINE_ANSWER, exchanges[1])
    if profile is None or timeline is None:
        return ""
    cards = tuple(_each(timeline))
    blogs = [card.mblog and what_is_read(card.mblog) for card in cards]
    if not dates_are_whole(filter(None, blogs)):
        return ""
    kinds = [(card.card_type, card.profile_type_id) for card in cards]
    return hashlib.sha256(msgspec.json.encode((profile, timeline.cardlistInfo, kinds, blogs))).hexdigest()


def _usual(decoder: msgspec.json.Decoder[Any], exchange: Exchange) -> Any:
    """The data of the usual answer; `None` for any other, which is read envelope first."""
    if not exchange.plain:
        return None
    try:
        answer = exchange.read_once(decoder.decode)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return answer.data if answer.ok == 1 else None


def _each(timeline: _TimelineData) -> Iterator[_GroupCard]:
    for card in timeline.cards:
        yield card
        yield from card.card_group or ()


def _blogs(address: Address, exchange: Exchange) -> list[Blog]:
    data: _TimelineData | None = _usual(_TIMELINE_ANSWER, exchange)
    if data is None:
        answer = answer_of(exchange)
        if answer.ok != 1:
            if _nothing_here(answer):
                return []
            raise only_the_profile_blames(refusal(answer))
        data = decoded(_TIMELINE, answer.data, "timeline")
    container = data.cardlistInfo.containerid if isinstance(data.cardlistInfo, _CardListInfo) else None
    if container and not container.partition("_")[0].endswith(address.uid):
        raise Failed(Reason.UNREADABLE, "wrong identity: the list of another account")
    shown = [card for card in _each(data) if str(card.card_type) == "9"]
    blogs = [_blog(card, card.mblog) for card in shown if card.mblog is not None]
    if len(blogs) < len(shown):
        raise Failed(Reason.UNREADABLE, "a post card without a post")
    own = [blog for blog in blogs if blog.author in ("", address.uid)]
    if blogs and not own:
        raise Failed(Reason.UNREADABLE, "wrong identity: only posts of other accounts")
    return own


def _blog(card: _GroupCard, blog: Blog) -> Blog:
    """The post of a card, which may say itself that it is a pinned one."""
    pinned = (card.profile_type_id or "").startswith("proweibotop")
    return msgspec.structs.replace(blog, isTop=1) if pinned else blog


def _nothing_here(answer: Answer) -> bool:
    return (answer.msg or "").strip() == NOTHING_HERE and reason_of(answer) is None


ADAPTER = Adapter(
    kind="weibo",
    platform="weibo",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"weibo"}),
    covers=frozenset({"posts", "profile"}),
    pace=Pace(per_minute=20, at_once=2),
    base_url="https://m.weibo.cn",
    essence=essence,
    max_body=MAX_BODY,
    entrance=weibo_visitor.ENTRANCE,
    needs="Network access to m.weibo.cn and to Weibo's passport host for visitor cookies, or a cookie of a login.",
    blind="Posts hidden from visitors, posts shown to fans only, and everything behind the first page of the list.",
)
