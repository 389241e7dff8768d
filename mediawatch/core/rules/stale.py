"""内容不更新: no update within N calendar days (14 nationally) before the instant of judgement.

Source: 国办秘函〔2019〕19号, new-media veto 2.1, 监测时间点前2周内无更新. It must never fail an
account that could not be seen through every channel it needs: such an account is `unknown`. It needs no person only
where our looks covered the whole period (case K1, three years of silence: 浙江公路), or two platforms agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from pydantic import Field

from mediawatch.core.calendar import day_of, days_between, midnight_after, months_after
from mediawatch.core.model import Evidence, Finality, Finding, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import behind, counts_more, reasons, redated, went_back
from mediawatch.core.rules.proof_of_silence import Proof, channels_of, missed, proof_of
from mediawatch.core.rules.published import counts_from, published
from mediawatch.core.rules.rule import (
    ALL_FOUR,
    FOREVER,
    Rule,
    Values,
    a_pass,
    ever_seen,
    found,
    reaches,
    unknown,
)
from mediawatch.core.rules.vanished import vanished


class Counting(Value):
    """What counts as an update, and as a silence, where the national text is silent; the book's switches of the same
    names.

    reposts_count: a pure repost (转发) is one. published_counts: a WeChat article that was 发布 but not 群发 is one.
    deleted_count: a post that was deleted since is one all the same.
    exempt_while_closing: an account that is tagged `closing` is not asked at all (see `core.rules.judge`).
    watched_throughout: a silence is for a person until our own looks cover all of the time that is asked about.
    """

    reposts_count: bool = True
    published_counts: bool = True
    deleted_count: bool = True
    exempt_while_closing: bool = False
    watched_throughout: bool = False


class Params(Counting):
    """days: the last day of silence that is still inside. warn_days: days of silence at which a reminder falls due.

    months: counts calendar months in place of days; the last day is the one of the same number, or the month's last.
    classes: our own labels by days of silence, highest reached wins (STALE, SLEEPING, ZOMBIE, DEEP_ZOMBIE).
    """

    days: int = 14
    months: int = Field(default=0, ge=0, le=120)
    warn_days: tuple[int, ...] = (7, 10, 12, 13)
    classes: dict[str, int] = {"STALE": 14, "SLEEPING": 30, "ZOMBIE": 90, "DEEP_ZOMBIE": 365}


class Limit(NamedTuple):
    """What is asked after a post: the first instant that is too late, and the reminders, `(step, instant)`, in order.

    values: what the sentence also says. classes: as in `Params`.
    """

    deadline: datetime
    reminders: tuple[tuple[int, datetime], ...]
    values: Values
    classes: dict[str, int]


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Day 14 itself is inside: the deadline is the midnight after it, Asia/Shanghai."""
    asked: Values = {"months": params.months} if params.months else {"days": params.days}
    return silence(evidence, indicator, params, lambda first_day: _limit(params, first_day), asked)


def _limit(params: Params, first_day: date) -> Limit:
    last_day = months_after(first_day, params.months) if params.months else first_day + timedelta(days=params.days)
    days = (last_day - first_day).days
    reminders = _reminders(first_day, days, params.warn_days)
    values: Values = {"months": params.months} if params.months else {}
    return Limit(midnight_after(last_day), reminders, {"days": days, **values}, params.classes)


@lru_cache(maxsize=1024)
def _reminders(first_day: date, days: int, warn_days: tuple[int, ...]) -> tuple[tuple[int, datetime], ...]:
    return tuple((step, _start(first_day, step)) for step in sorted(warn_days) if step <= days)


def restated(was: Finding, evidence: Evidence, indicator: Indicator, before: Params, params: Params) -> Finding | None:
    """`Rule.restated`: a pass that is one still. It names the day of its post, and no look has been reminded of it: nor
    is any by other days, unless they remind sooner."""
    of_a_pass = Counting.model_fields.keys() - {"watched_throughout"}  # a fail's alone
    alike = all(getattr(before, name) == getattr(params, name) for name in of_a_pass)
    if was.outcome is not Outcome.PASS or was.since is None or not alike:
        return None
    first_day = date.fromisoformat(str(was.values["newest"]))
    stood, bound = _limit(before, first_day), _limit(params, first_day)
    sooner = bound.reminders and (not stood.reminders or bound.reminders[0] < stood.reminders[0])
    if was.deadline != stood.deadline or evidence.now >= bound.deadline or sooner:
        return None
    return _in_time(evidence, indicator, bound, _values(evidence.now, first_day, bound), (), was.since)


def silence(
    evidence: Evidence, indicator: Indicator, counting: Counting, limit: Callable[[date], Limit], asked: Values
) -> Finding:
    """How long an account has been silent, against a limit that follows from the day of its newest update.

    A post of which nobody can tell whether it counts keeps an account from a fail, and its pass from lasting longer
    than that of the newest post that surely counts. asked: the threshold, for an answer that has no post to go by.
    """
    newest = _newest(evidence, counting)
    if newest is None:
        return unknown(evidence, indicator, _why_no_newest(evidence), asked)
    answer = _since(evidence, indicator, counting, newest, limit)
    if answer.outcome not in (Outcome.PASS, Outcome.AT_RISK) or _counts(evidence, counting, newest):
        return answer
    sure = _newest(evidence, counting, surely=True)
    until = limit(day_of(counts_from(sure))).deadline if sure is not None else None
    if until is None or evidence.now >= until:
        return unknown(evidence, indicator, "not_told_apart", dict(answer.values), missing=(), deadline=until)
    return answer.model_copy(update={"holds_until": until, "deadline": until})


def _since(
    evidence: Evidence, indicator: Indicator, counting: Counting, newest: SeenPost, limit: Callable[[date], Limit]
) -> Finding:
    posted_at = counts_from(newest)
    bound = limit(day_of(posted_at))
    deadline, values = bound.deadline, _values(evidence.now, day_of(posted_at), bound)
    needed = _needed(evidence, indicator, counting)
    if evidence.now < deadline:
        return _before(evidence, indicator, needed, newest, bound, values)

    def covered(began: datetime) -> datetime:
        return limit(day_of(began)).deadline

    proof = proof_of(evidence, needed, newest, deadline, covered if counting.watched_throughout else None)
    if proof.missing:
        why = "regressed" if proof.doubted else "not_seen_since_deadline"
        return unknown(evidence, indicator, why, values, missing=proof.missing, since=deadline, deadline=deadline)
    if evidence.now >= (lost := covered(proof.until)):  # of all the time that is asked about, nothing was seen
        return unknown(evidence, indicator, "not_seen_lately", values, missing=needed, since=lost, deadline=deadline)
    doubts = _doubts(evidence, indicator, counting, newest, proof, covered)
    if bound.classes:
        values["klass"] = max(
            (name for name, days in bound.classes.items() if days_between(posted_at, evidence.now) > days),
            key=bound.classes.__getitem__,
            default="STALE",
        )
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values | doubts,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        finality=Finality.CANDIDATE if doubts else indicator.finality,
        proof=proof.looks,
    )


def _before(
    evidence: Evidence,
    indicator: Indicator,
    needed: tuple[str, ...],
    newest: SeenPost,
    bound: Limit,
    values: Values,
) -> Finding:
    """Before the deadline the post itself is the proof; a reminder also needs every kind seen on or after its day."""
    known = _known_until(evidence, needed, newest)
    reached: list[tuple[int, datetime]] = []
    for reminder in bound.reminders:
        if known is None or reminder[1] > known:
            break  # in their order: instants of two zones are dear to compare
        reached.append(reminder)
    return _in_time(evidence, indicator, bound, values, reached, counts_from(newest))


def _values(now: datetime, first_day: date, bound: Limit) -> Values:
    """What is counted from the day of the newest post."""
    today, end = day_of(now), day_of(bound.deadline)
    return {
        **bound.values,
        "days_silent": (today - first_day).days,
        "days_left": (end - today).days - 1,
        "newest": first_day.isoformat(),
        "last_day": (end - timedelta(days=1)).isoformat(),
    }


def _in_time(
    evidence: Evidence,
    indicator: Indicator,
    bound: Limit,
    values: Values,
    reached: Sequence[tuple[int, datetime]],
    since: datetime,
) -> Finding:
    """The answer before the deadline. reached: the reminders that have fallen due. since: the post's instant."""
    ahead = next((moment for _, moment in bound.reminders if evidence.now < moment), None)
    if reached:
        values["step"] = reached[-1][0]
    return found(
        evidence,
        indicator,
        Outcome.AT_RISK if reached else Outcome.PASS,
        values,
        holds_until=bound.deadline,
        since=reached[0][1] if reached else since,
        warns_at=ahead if ahead is not None and ahead < bound.deadline else None,
        deadline=bound.deadline,
    )


def _start(first_day: date, days: int) -> datetime:
    """The first instant of the `days`-th day of silence."""
    return midnight_after(first_day + timedelta(days=days - 1))


def _newest(evidence: Evidence, counting: Counting, *, surely: bool = False) -> SeenPost | None:
    """The newest dated post by any channel that counts (or may count); the place in a list and a pin say nothing."""
    wanted = (True,) if surely else (True, None)
    every = counting.deleted_count and counting.reposts_count and counting.published_counts
    dated = published(evidence)
    dated = dated if every else tuple(one for one in dated if _counts(evidence, counting, one[1]) in wanted)
    last = max([at for at, _ in dated], default=None)
    newest = [post for at, post in dated if at == last]
    if len(newest) == 1:
        return newest[0]
    return max(
        newest,
        key=lambda post: (-post.first_seen_at.timestamp(), post.key, post.target),
        default=None,
    )


def _counts(evidence: Evidence, counting: Counting, post: SeenPost) -> bool | None:
    """Whether a post counts as an update; `None` where its channel cannot tell."""
    if not counting.deleted_count and vanished(evidence, post):
        return False
    if not counting.reposts_count and (post.repost or post.original is not True):
        return False if post.repost or post.original is False else None
    if counting.published_counts or evidence.account.kind != "wechat":
        return True
    covers = next((one.covers for one in evidence.account.targets if one.id == post.target), frozenset[str]())
    if "published" in covers:
        return None if "mass_sent" in covers else False
    return True if "mass_sent" in covers else None


def _needed(evidence: Evidence, indicator: Indicator, counting: Counting) -> tuple[str, ...]:
    needed = indicator.needs_for(evidence.account.kind) or ("posts",)
    return needed if counting.published_counts else tuple(kind for kind in needed if kind != "published")


def _known_until(evidence: Evidence, needed: tuple[str, ...], newest: SeenPost) -> datetime | None:
    """The last instant at which every kind of coverage showed nothing newer; `None` where one kind was never seen, or
    only by a channel that may not show what is newer."""
    last: list[datetime] = []
    for kind in needed:
        looks = [look for channel in channels_of(evidence, kind, newest) for look in channel]
        whole = [
            reaches(look) for look in looks if not behind(evidence, look) and not missed(evidence, kind, newest, look)
        ]
        if not whole:
            return None
        last.append(max(whole))
    return min(last)


def _doubts(
    evidence: Evidence,
    indicator: Indicator,
    counting: Counting,
    newest: SeenPost,
    proof: Proof,
    covered: Callable[[datetime], datetime],
) -> Values:
    """Why only a person can tell; nothing where a fail needs none."""
    told: dict[str, Values] = {}
    final_at: datetime | None = None
    if proof.unwatched:
        began = max(proof.unwatched)
        told["unwatched"] = {"watched_since": day_of(began).isoformat()}
        final_at = covered(began)
    if (deleted := _deleted(evidence, counting, newest)) is not None:  # so that is why a list went back
        told["deleted"] = {"deleted_post": day_of(counts_from(deleted)).isoformat()}
    elif proof.back:
        told["went_back"] = went_back(evidence, proof.back[0])
    if proof.unseeing:
        told["unseen_beside"] = {"unseen_post": day_of(counts_from(newest)).isoformat()}
    if (counted := counts_more(evidence, newest)) is not None:
        told["counts_more"] = {"counted_first": counted[0], "counted_last": counted[1]}
    if (dated := redated(evidence)) is not None:
        told["redated"] = {"dated_before": day_of(dated).isoformat()}
    return reasons(told, indicator, final_at)


def _deleted(evidence: Evidence, counting: Counting, newest: SeenPost) -> SeenPost | None:
    """The youngest post that is left out because it was deleted: why it was, only a person can tell."""
    if counting.deleted_count:
        return None
    younger = (post for post in evidence.posts if post.at is not None and counts_from(post) > counts_from(newest))
    gone = [post for post in younger if vanished(evidence, post)]
    return max(gone, key=lambda post: (counts_from(post), post.key), default=None)


def keeps(evidence: Evidence, params: Counting, finding: Finding) -> datetime | None:
    """What is good counts its days where it is shown (`standing_at`); without a post there is none to count."""
    counts = finding.outcome not in (Outcome.PASS, Outcome.AT_RISK) and "days_silent" in finding.values
    return midnight_after(day_of(evidence.now)) if counts else FOREVER


def _why_no_newest(evidence: Evidence) -> str:
    if not ever_seen(evidence):
        return "never_seen"
    if any(post.at is not None for post in evidence.posts):
        return "none_counts"
    return "no_dates" if any(look.posts for look in evidence.looks) else "no_posts"


RULE = Rule(
    name="stale",
    params=Params,
    judge=judge,
    outcomes=ALL_FOUR,
    stands=a_pass,
    keeps=keeps,
    restated=restated,
    reads=frozenset({"posts", "series"}),
)
