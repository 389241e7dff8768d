"""The register against the platform, after a closing: an account that posts again, is still there, or went unannounced.

They compare what the register says with what was seen, so that either may be wrong: a person confirms. An account that
could not be looked at since is `unknown`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.copies import once
from mediawatch.core.lifecycle import CONFIRM_WITHIN, FREEZES, LONGEST_FREEZE, State, cancelling_takes
from mediawatch.core.model import Articles, Evidence, Feed, Finding, Look, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import FOREVER, Rule, Values, found, reaches, unknown, whatever


class NoParams(Value):
    """There is nothing to set."""


class Alive(Value):
    """days: how long after the closing day a closed account may still be there, that day not counted.

    freezes, longest, confirm: of one that is being cancelled, WeChat's freeze in days for up to so many followers, that
    of all others, and the days in which it must be confirmed afterwards.
    """

    days: int = Field(default=30, ge=1)
    freezes: tuple[tuple[int, int], ...] = FREEZES
    longest: int = Field(default=LONGEST_FREEZE, ge=1)
    confirm: int = Field(default=CONFIRM_WITHIN, ge=0)


class Notice(Value):
    """words: one of them in a post's title makes it a notice."""

    words: tuple[str, ...] = Field(default=("停更", "停止更新", "停止运营", "注销", "关停", "迁移"), min_length=1)


def posts_again(evidence: Evidence, indicator: Indicator, params: NoParams) -> Finding:
    """R5: fails where a post claims a date after the closing day and was first seen after it, too."""
    since = evidence.account.state_since
    if since is None:
        return unknown(evidence, indicator, "no_closing_day", missing=())
    values: Values = {"closed": since.isoformat()}
    closed = midnight_after(since)
    later = [post for post in evidence.posts if post.at is not None and min(post.at, post.first_seen_at) >= closed]
    if later:
        first = min(later, key=lambda post: (post.at or post.first_seen_at, post.key))
        looks = [one for one in evidence.looks if one.target == first.target and one.at >= first.first_seen_at]
        showed = [one for one in looks if one.trusted and one.posts]
        values |= {"posts": len(once(later)), "first": day_of(first.at or first.first_seen_at).isoformat()}
        if not showed:
            return unknown(evidence, indicator, "not_seen_since_closing", values)
        return _fail(evidence, indicator, values, showed, first.at or first.first_seen_at)
    gone = any(look.trusted and look.at >= closed and _gone(look) for look in evidence.looks)
    if not gone and not _lists(evidence, indicator, closed):
        return unknown(evidence, indicator, "not_seen_since_closing", values)
    return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=closed)


def still_alive(evidence: Evidence, indicator: Indicator, params: Alive) -> Finding:
    """R6: fails where the platform still shows the account after the days that closing it may take."""
    account = evidence.account
    if account.state_since is None:
        return unknown(evidence, indicator, "no_closing_day", missing=())
    cancelling = account.state is State.CANCELLING
    freeze = (params.freezes, params.longest, params.confirm)
    takes = cancelling_takes(account.kind, _followers(evidence), *freeze)
    most = takes if cancelling else timedelta(days=params.days)
    deadline = midnight_after(account.state_since + most)
    values: Values = {"closed": account.state_since.isoformat(), "days": most.days}
    values["last_day"] = day_of(deadline - timedelta(seconds=1)).isoformat()
    if evidence.now < deadline:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=deadline, deadline=deadline)
    after = [look for look in evidence.looks if look.trusted and look.at >= deadline]
    last = {look.target: look for look in after if _gone(look) or _shown(look)}
    alive = {target for target, look in last.items() if _shown(look)}
    if not last:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, deadline=deadline)
    if not alive:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=deadline)
    showed = [look for look in after if look.target in alive and _shown(look)]
    return _fail(evidence, indicator, {**values, "klass": "STOPPED_NOT_CANCELLED"}, showed, deadline)


def unannounced(evidence: Evidence, indicator: Indicator, params: Notice) -> Finding:
    """R8: fails where neither the register nor any post that was seen tells of the closing, by lists read since."""
    account = evidence.account
    if account.stop_notice or account.stop_announced is not None:
        day = account.stop_announced.isoformat() if account.stop_announced is not None else None
        values: Values = {"notice": account.stop_notice or None, "announced": day}
        return found(evidence, indicator, Outcome.PASS, values, holds_until=FOREVER)
    told = [post for post in evidence.posts if any(word in post.title for word in params.words)]
    if told:
        post = max(told, key=lambda post: (post.at or post.first_seen_at, post.key))
        day = day_of(post.at or post.first_seen_at).isoformat()
        return found(evidence, indicator, Outcome.PASS, {"notice": post.title, "announced": day}, holds_until=FOREVER)
    if not any(look.trusted and _list(look) for look in evidence.looks):
        return unknown(evidence, indicator, "never_seen")
    closed = midnight_after(account.state_since) if account.state_since is not None else None
    lists = _lists(evidence, indicator, closed)
    if not lists:
        return unknown(evidence, indicator, "not_seen_since_closing")
    since = closed or lists[0].at
    return _fail(evidence, indicator, {"state": account.state.value, "posts": len(once(evidence.posts))}, lists, since)


def _fail(evidence: Evidence, indicator: Indicator, values: Values, looks: list[Look], since: datetime) -> Finding:
    """A fail that rests on these looks: of each channel the first and the last."""
    proof: list[tuple[str, datetime]] = []
    for target in dict.fromkeys(look.target for look in looks):
        times = [look.at for look in looks if look.target == target]
        proof += dict.fromkeys(((target, times[0]), (target, times[-1])))
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        {**values, "last": day_of(looks[-1].at).isoformat()},
        holds_until=evidence.now,
        since=since,
        proof=tuple(proof),
    )


def _lists(evidence: Evidence, indicator: Indicator, since: datetime | None) -> list[Look]:
    """The trusted lists that were read since then, by channels that together show all there is; else none. A bridge's
    list is as old as its last reading of the platform."""
    lists = [one for one in evidence.looks if one.trusted and _list(one) and (since is None or reaches(one) >= since)]
    shown = frozenset[str]().union(*(look.covers for look in lists))
    return lists if shown >= set(indicator.needs_for(evidence.account.kind)) else []


def _list(look: Look) -> bool:
    return isinstance(look.seen, Feed) and look.seen.complete


def _shown(look: Look) -> bool:
    """A profile is the platform's own word that the account is there, and so is an article on WeChat's own page. A
    bridge gives neither: its list may be old."""
    if isinstance(look.seen, Articles):
        return any(article.state == "alive" for article in look.seen.articles)
    return isinstance(look.seen, Feed) and look.seen.profile is not None


def _gone(look: Look) -> bool:
    """The platform's word that it is not: of the account, or on the pages of its articles, of which none is left."""
    if isinstance(look.seen, Articles):
        return not _shown(look) and any(article.state == "cancelled" for article in look.seen.articles)
    return says_gone(look)


def _followers(evidence: Evidence) -> int | None:
    """The most that any look counted: how many there were on the day of the request, no look may have seen."""
    profiles = (look.seen.profile for look in evidence.looks if isinstance(look.seen, Feed) and look.seen.profile)
    counts = [profile.followers for profile in profiles if profile.followers is not None]
    return max(counts, default=None)


POSTS_AGAIN = Rule(name="posts_again", params=NoParams, judge=posts_again, keeps=whatever)
STILL_ALIVE = Rule(name="still_alive", params=Alive, judge=still_alive, last_word=True, keeps=whatever)
UNANNOUNCED = Rule(name="unannounced", params=Notice, judge=unannounced, keeps=whatever)
