"""每月原创: at least one original post in each calendar month, in Shanghai.

Source: Yangling's circular of 2025 (at least one a month). A post is original only where its channel says so; where a
channel cannot tell, the answer is `unknown`. A fail also needs lists that reach back over the whole month without a
gap: a post that was pushed out between two looks may have been an original.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import Field

from mediawatch.core.calendar import day_of, midnight_of, months_after
from mediawatch.core.copies import once
from mediawatch.core.model import Evidence, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule, Values, found, reaches, shows_dates, unknown, whatever


class Params(Value):
    """warn_day: the day of the month on which a month without an original so far is reminded of.

    exempt_while_closing: an account that is tagged `closing` is not asked at all (see `core.rules.judge`).
    asked_from: the first day on which the book asks it, as the book says: no month that began before is asked.
    """

    warn_day: int = Field(default=25, ge=1, le=28)
    exempt_while_closing: bool = False
    asked_from: date | None = None

    def month_after(self, newest: date) -> date:
        """The first day of the month in which an original is due after one of that day."""
        day = max(newest, self.asked_from - timedelta(days=1)) if self.asked_from else newest
        return months_after(day.replace(day=1), 1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The deadline is the end of the month after that of the newest original, and of the first that is asked."""
    newest = max((_when(post) for post in evidence.posts if post.at is not None and post.original), default=None)
    channels = _channels(evidence, indicator)
    looked = [reaches(look) for found_in in channels.values() for runs in found_in for look in runs]
    last = max(looked, default=None)
    due = params.month_after(day_of(newest) if newest is not None else date.min)
    if newest is not None and evidence.now < _begin(months_after(due, 1)):
        return _before(evidence, indicator, params, newest, channels)
    if last is None:
        return unknown(evidence, indicator, "never_seen")
    month = max(due, months_after(_first(last), -1))  # the last whole one: what lies further back need not be proven
    start, deadline = _begin(month), _begin(months_after(month, 1))
    values = _values(evidence, newest, month)
    if any(_maybe(post) and _when(post) >= start for post in evidence.posts):
        return unknown(evidence, indicator, "not_told_apart", values, missing=(), deadline=deadline)
    proof: list[tuple[str, datetime]] = []
    missing: list[str] = []
    gap = False
    for kind, found_in in channels.items():
        late = [runs for runs in found_in if reaches(runs[-1]) >= deadline]
        whole = [runs for runs in late if _reach(evidence, runs, start)]
        if not whole:
            missing.append(kind)
            gap = gap or bool(late)
            continue
        looks = min(whole, key=lambda runs: (runs[0].at, runs[0].target))
        proof += [(look.target, look.at) for look in (looks[0], looks[-1])]
    if missing:
        why = "gap" if gap else "not_seen_since_deadline"
        return unknown(evidence, indicator, why, values, missing=tuple(missing), since=deadline, deadline=deadline)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        proof=tuple(dict.fromkeys(sorted(proof, key=lambda item: (item[1], item[0])))),
    )


def _before(
    evidence: Evidence, indicator: Indicator, params: Params, newest: datetime, channels: dict[str, list[list[Look]]]
) -> Finding:
    """Before the deadline the original itself is the proof; a reminder needs every kind seen on or after its day."""
    month = params.month_after(day_of(newest))
    start, deadline = _begin(month), _begin(months_after(month, 1))
    warning = start + timedelta(days=params.warn_day - 1)
    told_apart = not any(_maybe(post) and _when(post) >= start for post in evidence.posts)
    until = [max((reaches(runs[-1]) for runs in found_in), default=None) for found_in in channels.values()]
    warned = told_apart and all(moment is not None and warning <= moment for moment in until)
    values = _values(evidence, newest, month)
    return found(
        evidence,
        indicator,
        Outcome.AT_RISK if warned else Outcome.PASS,
        {**values, "step": params.warn_day} if warned else values,
        holds_until=deadline,
        since=warning if warned else newest,
        warns_at=warning if evidence.now < warning else None,
        deadline=deadline,
    )


def _values(evidence: Evidence, newest: datetime | None, month: date) -> Values:
    """month: the one in which an original is due; posts: how many of any sort are known of it, each once."""
    start, end = _begin(month), _begin(months_after(month, 1))
    posts = once(post for post in evidence.posts if post.at is not None and start <= _when(post) < end)
    return {
        "month": f"{month:%Y-%m}",
        "newest_original": day_of(newest).isoformat() if newest else None,
        "last_day": (day_of(end) - timedelta(days=1)).isoformat(),
        "posts": len(posts),
    }


def _when(post: SeenPost) -> datetime:
    """When a post counts as published: never after we first saw it, whatever date it claims."""
    return min(post.at, post.first_seen_at) if post.at is not None else post.first_seen_at


def _maybe(post: SeenPost) -> bool:
    """True for a post of which nobody can say whether it is an original of that day."""
    return post.at is None if post.original else post.original is None and not post.repost


def _first(moment: datetime) -> date:
    return day_of(moment).replace(day=1)


def _begin(month: date) -> datetime:
    """The first instant of a month, given by its first day."""
    return midnight_of(month)


def _channels(evidence: Evidence, indicator: Indicator) -> dict[str, list[list[Look]]]:
    """For each kind of coverage that is needed, the trusted looks at whole dated lists of each channel that has it."""
    kinds: dict[str, list[list[Look]]] = {}
    for kind in indicator.needs_for(evidence.account.kind) or ("posts",):
        channels: dict[str, list[Look]] = {}
        for look in evidence.looks:
            if kind in look.covers and look.trusted and shows_dates(look):
                channels.setdefault(look.target, []).append(look)
        kinds[kind] = list(channels.values())
    return kinds


def _reach(evidence: Evidence, looks: list[Look], start: datetime) -> bool:
    """Whether the lists of a channel, each touching the one before it, go back behind `start` without a gap."""
    reach: datetime | None = None
    for look in reversed(looks):
        shown = [
            _when(post)
            for post in evidence.posts
            if post.target == look.target
            and post.at is not None
            and not post.pinned
            and post.first_seen_at <= look.at <= post.last_seen_at
        ]
        if not shown or (reach is not None and max(shown) < reach):
            return False
        reach = min(shown) if reach is None else min(reach, *shown)
        if reach < start:
            return True
    return False


RULE = Rule(name="monthly_original", params=Params, judge=judge, outcomes=ALL_FOUR, keeps=whatever)
