"""仅删除窗口内的内容: all that was published within the window was deleted again, and nothing else remains in it.

A candidate, never more: why a post was taken down only a person can tell. It must never count what a list that was cut
could not show; see `vanished.py`.

The window, and how long a post has not been shown, end with the last look that read a list: time in which nobody looked
deletes nothing and shows nothing. So a pass stands until a list is read again, and a fail no longer than its posts lie
in the window that ends with the present.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch.core.calendar import FOREVER, begin_of, day_of, midnight_after
from mediawatch.core.copies import how_many
from mediawatch.core.model import Evidence, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import (
    Rule,
    Values,
    a_pass_for_the_day,
    ever_seen,
    found,
    last_list,
    not_excluded,
    unknown,
    unless_a_fail,
)
from mediawatch.core.rules.vanished import APART, vanished


class Params(Value):
    """days: how many days back the window reaches; the day that many days ago is inside."""

    days: int = 14


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails where the window holds deleted posts and no other; passes where the last list, or one within a day before
    it, showed one of them.

    In between, a post that is shown no more and not proven deleted: neither, until two looks agree or it shows again.
    """
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    last = last_list(evidence)
    window = _window(evidence, params, last)
    gone = [(post, looks) for post in window if (looks := vanished(evidence, post))]
    shown = any(last - post.last_seen_at <= APART for post in window)
    if window and not shown and len(gone) < len(window):
        return not_excluded(evidence, indicator, "not_shown_lately", _values(params, window, gone), until=evidence.now)
    if not shown:
        window = _window(evidence, params, evidence.now)
        gone = [(post, looks) for post, looks in gone if post in window]
    values = _values(params, window, gone)
    if shown or not gone:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    dates = sorted(post.at for post, _ in gone if post.at is not None)
    values |= {"first": day_of(dates[0]).isoformat(), "newest": day_of(dates[-1]).isoformat()}
    proof = sorted({(look.target, look.at) for _, looks in gone for look in looks}, key=lambda one: (one[1], one[0]))
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=max(looks[0].at for _, looks in gone),
        proof=tuple(proof),
    )


def _window(evidence: Evidence, params: Params, until: datetime) -> list[SeenPost]:
    first = begin_of(params.days, until)
    return [post for post in evidence.posts if post.first_seen_at >= first and (post.at is None or post.at >= first)]


def _values(params: Params, window: list[SeenPost], gone: list[tuple[SeenPost, tuple[Look, ...]]]) -> Values:
    deleted = how_many([post for post, _ in gone])
    return {"days": params.days, "deleted": deleted, "left": how_many(window) - deleted}


def stands(evidence: Evidence, params: Params, finding: Finding) -> datetime | None:
    """A pass, until the first post leaves the window; for the day where any is deleted."""
    if finding.outcome is not Outcome.PASS:
        return None
    window = _window(evidence, params, last_list(evidence))
    if not window:
        return FOREVER
    if finding.values["deleted"]:
        return a_pass_for_the_day(evidence, params, finding)
    shown = max(post.last_seen_at for post in window)
    first = min(min(post.at or post.first_seen_at, post.first_seen_at) for post in window)
    leaves = midnight_after(day_of(first) + timedelta(days=params.days))
    return leaves if shown >= evidence.looks[-1].at else min(leaves, shown + APART)


RULE = Rule(
    name="deletions",
    params=Params,
    judge=judge,
    stands=stands,
    keeps=unless_a_fail,
    reads=frozenset({"posts", "series"}),
)
