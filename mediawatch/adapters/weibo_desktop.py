"""Weibo through the desktop site (weibo.com/ajax), with the cookie of a login: profile, then the newest page of posts.

It sees what a signed-in reader sees, and says more plainly than the mobile site that an account is frozen or banned.
It must never take an empty list for an empty account, unless the profile itself counts no posts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded
from mediawatch.adapters.weibo_answers import (
    MAX_BODY,
    Blog,
    Number,
    User,
    answer_of,
    only_the_profile_blames,
    posts_of,
    profile_of,
    refusal,
    with_posts,
)
from mediawatch.adapters.weibo_answers import (
    Address as Address,
)
from mediawatch.core.model import Feed, Profile, Reason
from mediawatch.core.wire import Exchange, Failed, Request, Wire


class _User(User):
    friends_count: Number = None


class _ProfileData(msgspec.Struct):
    user: _User


class _TimelineData(msgspec.Struct):
    blogs: list[Blog] = msgspec.field(name="list")
    bottom_tips_visible: Any = None


_PROFILE = msgspec.json.Decoder(_ProfileData)
_TIMELINE = msgspec.json.Decoder(_TimelineData)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The profile and, only where it shows the account, the timeline. Raises `Failed` where the profile does not."""
    profile = await wire.ask(_request(wire, address, f"profile/info?uid={address.uid}"))
    read_profile(address, profile)
    timeline = await wire.ask(_request(wire, address, f"statuses/mymblog?uid={address.uid}&page=1&feature=0"))
    return (profile, timeline)


def _request(wire: Wire, address: Address, what: str) -> Request:
    return Request(
        url=f"{wire.base}/ajax/{what}",
        headers=(
            ("Accept", "application/json, text/plain, */*"),
            ("X-Requested-With", "XMLHttpRequest"),
            ("Referer", f"{wire.base}/u/{address.uid}"),
        ),
        max_body=MAX_BODY,
    )


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The profile and the posts. Raises `Failed` where the two answers do not show the account."""
    if len(exchanges) < 2:
        raise Failed(Reason.UNREADABLE, "no answer" if not exchanges else "no timeline was asked for")
    profile = read_profile(address, exchanges[0])
    blogs, cut = read_blogs(address, exchanges[1])
    posts = posts_of(blogs, exchanges[1])
    if not posts:
        return Feed(profile=profile, complete=profile.posts == 0 and not cut)
    feed = with_posts(profile, blogs, posts, exchanges[1])
    return feed.model_copy(update={"complete": False}) if cut else feed


def read_profile(address: Address, exchange: Exchange) -> Profile:
    """What the profile call says. A frozen account is answered with HTTP 400, so that its words are read, too."""
    answer = answer_of(exchange, readable=_tells)
    if answer.ok != 1:
        raise refusal(answer)
    user: _User = decoded(_PROFILE, answer.data, "profile").user
    return profile_of(address.uid, user, user.friends_count)


def read_blogs(address: Address, exchange: Exchange) -> tuple[list[Blog], bool]:
    """The account's own posts of the timeline call, and whether the list says that it was cut."""
    answer = answer_of(exchange, readable=_tells)
    if answer.ok != 1:
        raise only_the_profile_blames(refusal(answer))
    data: _TimelineData = decoded(_TIMELINE, answer.data, "timeline")
    shown = [blog for blog in data.blogs if not blog.isAd]
    own = [blog for blog in shown if blog.author in ("", address.uid)]
    if shown and not own:
        raise Failed(Reason.UNREADABLE, "wrong identity: only posts of other accounts")
    return own, bool(data.bottom_tips_visible)


def _tells(status: int) -> bool:
    return status == 400


ADAPTER = Adapter(
    kind="weibo.desktop",
    platform="weibo.desktop",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"weibo"}),
    covers=frozenset({"posts", "profile"}),
    pace=Pace(per_minute=10, at_once=1),
    base_url="https://weibo.com",
    max_body=MAX_BODY,
    needs="The cookie of a Weibo login, as cookie of the platform weibo.desktop; it expires on a fixed date.",
    blind="Posts shown to friends or groups only, and everything behind the first page of the list.",
)
