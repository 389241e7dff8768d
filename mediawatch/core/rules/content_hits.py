"""Hits of the screens among new posts: personal data, advertising, forced likes, blocked links, an operator's words.

Candidates, never more: a person reads the post. Nothing here is unredacted, because no hit is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from mediawatch.core.calendar import day_of
from mediawatch.core.content.hit import Hit
from mediawatch.core.copies import once
from mediawatch.core.model import Evidence, Finding, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass, a_pass_and, ever_seen, found, unknown

KINDS = {"id_number": "身份证号 / ID number", "mobile": "手机号 / mobile number", "bank_card": "银行卡号 / bank card"}
SHOWN = 3


class Params(Value):
    """category: which hits count. days: for how many days after a post was first seen it is told of."""

    category: Literal["personal", "forced", "advertising", "link", "source", "own"]
    days: int = 30


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails while there is a hit that is young enough. A post that was deleted since was public all the same."""
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    if not evidence.hits:  # nearly always
        return found(evidence, indicator, Outcome.PASS, {"days": params.days}, holds_until=evidence.now)
    since = evidence.now - timedelta(days=params.days)
    hits = sorted(
        (hit for hit in evidence.hits if hit.category == params.category and hit.at > since),
        key=lambda hit: (hit.at, hit.post, hit.start, hit.term),
    )
    sure = [hit for hit in hits if not _in_incident(evidence, hit)]
    if hits and not sure:
        return unknown(evidence, indicator, "in_incident", {"days": params.days}, missing=())
    hits = sure
    if not hits:
        return found(evidence, indicator, Outcome.PASS, {"days": params.days}, holds_until=evidence.now)
    values: Values = {
        "days": params.days,
        "posts": _posts(evidence, hits),
        "terms": "、".join(dict.fromkeys(KINDS.get(hit.term, hit.term) for hit in hits[-SHOWN:])),
        "shown": "；".join(dict.fromkeys(f"“{hit.shown}”" for hit in hits[-SHOWN:])),
        "first": day_of(hits[0].at).isoformat(),
        "source": "、".join(dict.fromkeys(hit.source for hit in hits[-SHOWN:])),
    }
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=hits[0].at,
        proof=_proof(evidence, hits[0]),
    )


def _posts(evidence: Evidence, hits: Sequence[Hit]) -> int:
    """How many items the hits are in: what two channels show of one is one. Of items that are too old to be known any
    more as many as one channel shows: it is not said that there are more."""
    named = {hit.post: hit.target for hit in hits}
    known = [post for post in evidence.posts if post.key in named]
    older = Counter(named[key] for key in named.keys() - {post.key for post in known})
    return len(once(known)) + max(older.values(), default=0)


def _in_incident(evidence: Evidence, hit: Hit) -> bool:
    """Whether only looks that an incident covers have shown the post: the list may not be the account's own."""
    first = next((look for look in evidence.looks if look.target == hit.target and look.at == hit.at), None)
    if first is None or first.trusted:
        return False
    last = max((post.last_seen_at for post in evidence.posts if post.key == hit.post), default=hit.at)
    return not any(look.trusted and look.target == hit.target and hit.at < look.at <= last for look in evidence.looks)


def _proof(evidence: Evidence, hit: Hit) -> tuple[tuple[str, datetime], ...]:
    """The look that showed it and the channel's last one since: what was kept is not undone by a deletion."""
    mine = [look for look in evidence.looks if look.target == hit.target and look.at >= hit.at]
    trusted = [look.at for look in mine if look.trusted and look.seen is not None]
    first = hit.at if all(look.trusted for look in mine if look.at == hit.at) else trusted[0]
    return tuple((hit.target, moment) for moment in dict.fromkeys((first, *trusted[-1:])))


RULE = Rule(
    name="content_hits",
    params=Params,
    judge=judge,
    stands=a_pass,
    keeps=a_pass_and("never_seen"),
    reads=frozenset({"posts", "hits"}),
)
