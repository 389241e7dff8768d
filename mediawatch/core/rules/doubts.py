"""Why a fail needs a person: what makes a list doubtful that shows nothing newer, and reasons as a finding has them.

A list that went back, counts what it does not show, or dates it anew: the account may have deleted, or the platform may
show an old copy, and only a person can tell. It must not judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Finality, Finding, Look, SeenPost
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.published import counts_from, latest_claim
from mediawatch.core.rules.rule import Values, shows_dates
from mediawatch.core.rules.vanished import counts

REGRESSION = timedelta(days=1)
"""A list that goes back behind what it showed before is believed only when it still does so a day later."""

NAMED: dict[str, tuple[str, ...]] = {
    "unwatched": ("watched_since",),
    "went_back": ("hidden_post", "last_shown"),
    "deleted": ("deleted_post",),
    "unseen_beside": ("unseen_post",),
    "counts_more": ("counted_first", "counted_last"),
    "redated": ("dated_before",),
    "count_unwatched": ("watched_since",),
    "not_counted": (),
    "no_followers": (),
    "crowd": ("others",),
    "canary_gone": (),
    "taken_back": ("back",),
    "still_shown": (),
    "page_unwatched": ("watched_since",),
    "page_back": ("hidden_post", "last_shown"),
    "page_filled": (),
    "store_blank": (),
    "few_dates": ("fewest", "least_dates"),
}
"""Every reason why a fail needs a person, by its code, and the values that its words name (`doubt_words.DOUBTS`)."""

_OLDER = frozenset({"others", "back"})  # values that findings had before there were reasons


def reasons(told: Mapping[str, Values], indicator: Indicator, final_at: datetime | None = None) -> Values:
    """Reasons as a finding has them; nothing where there are none. told: by code, in the order of `NAMED`.

    final_at: where one of them ends by itself, from when on a look that shows the same needs no person. It is told
    (`final_from`, the Shanghai day that begins then) where no other reason stands, and the book asks for no person.
    """
    if not told:
        return {}
    values: Values = {"doubts": ",".join(told)}
    for named in told.values():
        values |= named
    if final_at is not None and len(told) == 1 and indicator.finality is Finality.AUTO:
        values["final_from"] = day_of(final_at).isoformat()
    return values


def without_reasons(finding: Finding) -> Finding:
    """The same answer as it was written before findings had reasons."""
    names = {"doubts", "final_from"}.union(*NAMED.values()) - _OLDER
    return finding.model_copy(
        update={"values": {name: one for name, one in finding.values.items() if name not in names}}
    )


def watched_from(evidence: Evidence, target: str) -> datetime:
    """The first look by a channel that saw anything: since then it is watched. Evidence holds it however long ago it
    was; another channel of the account may have been watched for longer."""
    return next(look.at for look in evidence.looks if look.target == target and look.seen is not None)


def behind(evidence: Evidence, look: Look) -> bool:
    """True where the newest day a look shows is older than one its channel had shown by then: deleted, or an old copy.

    Days, not instants: some platforms show a time at first and only the date later.
    """
    return bool(_hidden(evidence, look))


def went_back(evidence: Evidence, look: Look) -> Values:
    """What a list that is `behind` showed before: the day of the newest such post, and the last on which it did."""
    hidden = max(_hidden(evidence, look), key=lambda post: (counts_from(post), post.key), default=None)
    if hidden is None or hidden.at is None:
        return {}
    return {"hidden_post": day_of(hidden.at).isoformat(), "last_shown": day_of(hidden.last_seen_at).isoformat()}


def _hidden(evidence: Evidence, look: Look) -> list[SeenPost]:
    """What its channel had shown by then and the look does not, of a younger day than all that it shows."""
    newest_at, latest = look.newest_at, latest_claim(evidence)
    if newest_at is None or latest is None or latest <= newest_at:  # nearly always: it shows the newest there is
        return []
    return [
        post
        for post in evidence.posts
        if post.at is not None
        and post.at > newest_at
        and post.first_seen_at <= look.at
        and post.target == look.target
        and day_of(post.at) > day_of(newest_at)
    ]


def was_shortened(evidence: Evidence, newest: SeenPost, looks: list[Look]) -> bool:
    """True where a list that went back may be what deletion leaves: it still shows a post of before, and the platform
    counts fewer, where it counts. Another account's list, and a list that hides its newest part, are neither."""
    late = looks[-1]
    kept = any(
        post.target == late.target and post.first_seen_at <= newest.first_seen_at and late.at <= post.last_seen_at
        for post in evidence.posts
    )
    told = [(look.at, _count(look)) for look in looks if not behind(evidence, look)]
    days = ((one.at, one.posts) for one in evidence.series if one.target == late.target)  # looks are few, days are many
    told += [(at, count) for at, count in days if newest.first_seen_at <= at <= newest.last_seen_at]
    before = max(((at, count) for at, count in told if count is not None), default=(None, None))[1]
    after = _count(late)
    return kept and (before is None or after is None or after < before)


def counts_more(evidence: Evidence, newest: SeenPost) -> tuple[int, int] | None:
    """How many posts the platform counted when it showed the newest, and how many it counts since, where these are
    more: others hide behind an old list, or are for some readers only. What it counted on the first day may have lagged
    behind what it showed."""
    known = [(moment, count) for moment, count in counts(evidence, newest.target) if moment >= newest.first_seen_at]
    if not known:
        return None
    first = max(count for moment, count in known if moment < known[0][0] + REGRESSION)
    return (first, known[-1][1]) if known[-1][1] > first else None


def redated(evidence: Evidence) -> datetime | None:
    """How a list dates its newest post, where that is later than what is known of any: it was read as known, so that a
    platform had dated it wrongly when it first showed it, or an account has polished it."""
    known = max((post.at for post in evidence.posts if post.at is not None), default=None)
    shown = (look.newest_at for look in evidence.looks if shows_dates(look) and look.trusted)
    later = [at for at in shown if known is not None and at is not None and known + REGRESSION < at <= evidence.now]
    return max(later, default=None)


def _count(look: Look) -> int | None:
    """How many posts the platform itself counted then."""
    return look.seen.profile.posts if isinstance(look.seen, Feed) and look.seen.profile is not None else None
