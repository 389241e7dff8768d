"""Weibo's official open API (api.weibo.com/2), with an access token: the profile, then one of two timelines.

`own` reads the timeline of the token's own user, the only one that the API shows. `home` reads what an account that
follows many sees, and picks one author out of it: a post found there is one, a post missing there proves nothing.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mediawatch.adapters import weibo_answers
from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded
from mediawatch.adapters.weibo_answers import (
    MAX_BODY,
    Answer,
    Blog,
    Number,
    User,
    answer_of,
    comments_open,
    only_the_profile_blames,
    posts_of,
    profile_of,
    refusal,
)
from mediawatch.adapters.weibo_dates import read_date
from mediawatch.core.model import Feed, Profile, Reason
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MOST_PAGES = 3  # of `home`, 100 posts each
PER_PAGE = 100
TOKEN = "access_token"


class Address(weibo_answers.Address):
    """uid: the account's number. via: `own` where the token is this account's, `home` where it is a follower's."""

    via: Literal["own", "home"] = "own"


class _User(User):
    friends_count: Number = None
    created_at: str | None = None
    allow_all_comment: Any = None


class _Page(msgspec.Struct):
    statuses: list[Blog]


_USER = msgspec.json.Decoder(_User)
_PAGE = msgspec.json.Decoder(_Page)


# --- asking -----------------------------------------------------------------------------------------------------------


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The profile, then the timeline: one page of one's own, up to `MOST_PAGES` of a follower's.

    Raises `Failed` where the profile does not show the account. A page that shows nothing ends the walk.
    """
    answers = [await wire.ask(_request(wire, f"users/show.json?uid={address.uid}"))]
    read_profile(address, answers[0])
    if address.via == "own":
        answers.append(
            await wire.ask(_request(wire, f"statuses/user_timeline.json?uid={address.uid}&count={PER_PAGE}&page=1"))
        )
        return tuple(answers)
    for number in range(1, MOST_PAGES + 1):
        answers.append(await wire.ask(_request(wire, f"statuses/home_timeline.json?count={PER_PAGE}&page={number}")))
        if number < MOST_PAGES and not read_page(answers[-1]):
            break
    return tuple(answers)


def _request(wire: Wire, what: str) -> Request:
    return Request(
        url=f"{wire.base}/2/{what}",
        headers=(("Accept", "application/json"),),
        secret_query=((TOKEN, TOKEN),),
        max_body=MAX_BODY,
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The profile and the posts. Raises `Failed` where the answers do not show the account."""
    if len(exchanges) < 2:
        raise Failed(Reason.UNREADABLE, "no answer" if not exchanges else "no timeline was asked for")
    profile = read_profile(address, exchanges[0])
    blogs: list[Blog] = []
    ended = False
    for exchange in exchanges[1:]:
        page = read_page(exchange)
        ended = ended or not page
        blogs += (blog for blog in page if blog.deleted in (None, "", "0", 0, False))
    theirs = (address.uid,) if address.via == "home" else (address.uid, "")
    own = [blog for blog in blogs if blog.author in theirs]
    posts = posts_of(own, exchanges[1])
    if not profile.comments_open:
        told = comments_open(own)
        limited = profile.comments_open is False  # to followers perhaps, and anybody may follow
        profile = profile.model_copy(update={"comments_open": None if limited and told else told})
    if address.via == "home":
        # What others posted may have pushed the account's posts out, and whom the follower follows is not said here.
        return Feed(profile=profile, posts=posts, complete=bool(posts) and ended)
    if blogs and not own:
        raise Failed(Reason.UNREADABLE, "wrong identity: only posts of other accounts")
    if posts and profile.posts == 0:
        raise Failed(Reason.UNREADABLE, "contradiction: the profile counts no posts, the timeline shows some")
    return Feed(profile=profile, posts=posts, complete=bool(posts) or profile.posts == 0)


def read_profile(address: Address, exchange: Exchange) -> Profile:
    """What `users/show` says. Counts are taken from an account that authorised us only: of others they are left out."""
    answer = _answer(exchange)
    if _refused(answer):
        raise refusal(answer)
    user: _User = decoded(_USER, exchange.body, "profile")
    profile = profile_of(address.uid, user, user.friends_count)
    also: dict[str, object] = {
        "registered_at": read_date(user.created_at or "", exchange.at),
        "comments_open": user.allow_all_comment if isinstance(user.allow_all_comment, bool) else None,
    }
    if address.via == "home":
        also |= {"posts": None, "followers": profile.followers or None, "following": profile.following or None}
    return profile.model_copy(update=also)


def read_page(exchange: Exchange) -> list[Blog]:
    """The posts of one page of any timeline, in its order, of every author, deleted ones included."""
    answer = _answer(exchange)
    if _refused(answer):
        raise only_the_profile_blames(refusal(answer))
    page: _Page = decoded(_PAGE, exchange.body, "timeline")
    return page.statuses


def _answer(exchange: Exchange) -> Answer:
    """An error is an object with a code, under a status that says less."""
    return answer_of(exchange, readable=lambda status: 400 <= status < 500)


def _refused(answer: Answer) -> bool:
    """Told by the envelope alone: what else stands in an answer is the account's own words."""
    return answer.error_code is not None or answer.error is not None


ADAPTER = Adapter(
    kind="weibo.open",
    platform="weibo.open",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"weibo"}),
    covers=frozenset({"posts", "profile", "comments"}),
    pace=Pace(per_minute=2, at_once=1),
    base_url="https://api.weibo.com",
    max_body=MAX_BODY,
    needs="The secret access_token of the platform weibo.open: the account's own token, or that of a follower.",
    blind="Other accounts than the token's own; through a follower, what newer posts of others have pushed out.",
)
