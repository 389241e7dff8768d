"""Small builders for tables of evidence, and the indicators of the national rulebook in short. No IO, no clock.

Instants are written as Shanghai wall time: `at("2026-03-01 09:00")`. Everything is built from real values of the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import (
    Account,
    Evidence,
    Failure,
    Feed,
    Finality,
    Finding,
    Listing,
    Look,
    Outcome,
    Package,
    Profile,
    Reason,
    Seen,
    SeenPost,
    Target,
)
from mediawatch.core.rulebook import Citation, Indicator, Rulebook, Sentences, Words
from mediawatch.core.rules import judge_one

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

MEDIA = ("weibo", "wechat", "video", "toutiao", "bilibili", "feed", "other")
POSTS = frozenset({"posts", "profile"})


def at(text: str) -> datetime:
    """`2026-03-01`, `2026-03-01 09:00` or `2026-03-01 09:00:01`, Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def words(text: str) -> Words:
    return Words(zh_CN=text, en=text)


def indicator(rule: str, kinds: Sequence[str], **more: Any) -> Indicator:
    """An indicator as the national rulebook has it, with sentences that only name values."""
    says = Sentences.model_validate(
        {"pass": words("passed {newest}"), "fail": words("failed {days_silent}"), "unknown": words("unknown: {why}")}
    )
    fields = {"id": rule, "title": words(rule), "severity": "veto", "cites": (Citation(text="x", confidence="ours"),)}
    return Indicator(rule=rule, applies_to=tuple(kinds), says=says, **{**fields, **more})


NEEDS = {"wechat": ("mass_sent", "published"), "any": ("posts",)}
STALE = indicator("stale", MEDIA, needs=NEEDS)
EMPTY = indicator("empty_shell", MEDIA, needs=NEEDS)
GONE = indicator("gone", [kind for kind in MEDIA if kind != "feed"])
LISTED = indicator("app_listed", ["app"], needs={"any": ("listing",)}, if_watched=True)
DOWNLOADS = indicator(
    "app_downloads", ["app"], needs={"any": ("package",)}, if_watched=True, finality=Finality.CANDIDATE
)
PACKAGE = indicator("app_package", ["app"], needs={"any": ("package",)}, if_watched=True, finality=Finality.CANDIDATE)
BOOK = Rulebook(
    id="test",
    title=words("test"),
    in_force_from=date(2019, 4, 1),
    indicators=(STALE, EMPTY, GONE, LISTED, DOWNLOADS, PACKAGE),
)


def account(kind: str = "weibo", **channels: Sequence[str]) -> Account:
    """An account with one target for each named channel and what that covers; by default `a`, a Weibo page."""
    covers = channels or {"a": tuple(POSTS)}
    targets = tuple(
        Target(id=name, account="acc", adapter=kind, platform=kind, address={}, covers=frozenset(kinds))
        for name, kinds in covers.items()
    )
    return Account(id="acc", name="某市发布", kind=kind, targets=targets)


def post(
    published: str | datetime | None,
    *,
    seen: str | datetime | None = None,
    until: str | None = None,
    key: str = "",
    target: str = "a",
    pinned: bool = False,
) -> SeenPost:
    """A post, first seen by `target` when it was published unless `seen` says otherwise, last seen then or `until`."""
    moment = at(published) if isinstance(published, str) else published
    first = at(seen) if isinstance(seen, str) else seen or moment
    assert first is not None, "a post without a date must say when it was seen"
    last = at(until) if until else first
    name = key or f"{target}:{moment}:{pinned}"
    return SeenPost(key=name, target=target, at=moment, pinned=pinned, first_seen_at=first, last_seen_at=last)


def look(
    when: str | datetime,
    saw: Reason | Seen | str = "posts",
    *,
    newest: str | datetime | None = None,
    target: str = "a",
    covers: Sequence[str] | frozenset[str] = POSTS,
    trusted: bool = True,
    posts: int | None = None,
    platform: str = "p",
) -> Look:
    """One look. `saw` is a reason for showing nothing, something seen, or a word.

    Words: `posts` (a whole list), `pinned only` (a part that may hide newer posts), `blank` (no item, no profile),
    `no dates` (items without dates). `newest` is filled in by `evidence` where it is not given.
    """
    moment = at(when) if isinstance(when, str) else when
    failure = Failure(reason=saw) if isinstance(saw, Reason) else None
    seen: Seen | None = None
    shown = 0
    if isinstance(saw, str) and not isinstance(saw, Reason):
        seen = Feed(complete=saw != "pinned only")
        shown = 0 if saw == "blank" else 10
    elif not isinstance(saw, Reason):
        seen = saw
    return Look(
        target=target,
        adapter="a",
        platform=platform,
        covers=frozenset(covers),
        at=moment,
        seen=seen,
        failure=failure,
        posts=shown if posts is None else posts,
        newest_at=at(newest) if isinstance(newest, str) else newest,
        trusted=trusted,
    )


def evidence(
    now: str | datetime,
    looks: Sequence[Look] = (),
    posts: Sequence[SeenPost] = (),
    *,
    of: Account | None = None,
) -> Evidence:
    """The evidence at `now`; a list shows the newest post that its channel had shown by then, unless it says else."""
    moment = at(now) if isinstance(now, str) else now
    filled = [one if one.newest_at or not _lists(one) else _with_newest(one, posts) for one in looks]
    filled = sorted((one for one in filled if one.at <= moment), key=lambda one: one.at)
    dated = sorted((one for one in posts if one.first_seen_at <= moment), key=lambda one: one.key)
    return Evidence(
        account=of or account(),
        now=moment,
        watched_since=next((one.at for one in filled if one.seen is not None), None),
        looks=tuple(filled),
        posts=tuple(dated),
    )


def outcome(found: Finding) -> str:
    """An answer as tables write it: `fail`, `fail candidate`, `unknown regressed`, `at_risk 7`, `pass`."""
    if found.outcome is Outcome.UNKNOWN:
        return f"unknown {found.values['why']}"
    if found.outcome is Outcome.FAIL and found.finality is Finality.CANDIDATE:
        return "fail candidate"
    step = found.values.get("step")
    return found.outcome.value if step is None else f"{found.outcome.value} {step}"


def verdict(of: Indicator, on: Evidence) -> str:
    return outcome(judge_one(of, on))


def counts(posts: int | None, followers: int | None = 10, registered: str | None = None) -> Feed:
    """An empty list under a profile with these counts."""
    return Feed(profile=Profile(posts=posts, followers=followers, registered_at=at(registered) if registered else None))


def listed(present: bool) -> Listing:
    return Listing(present=present, version="1.0")


def package(problem: str = "", *, present: bool = True) -> Package:
    return Package(
        present=present, status=200 if present else 404, size=100, problem=problem, valid=present and not problem
    )


def _lists(one: Look) -> bool:
    return isinstance(one.seen, Feed) and one.posts > 0 and one.failure is None


def _with_newest(one: Look, posts: Sequence[SeenPost]) -> Look:
    shown = [item.at for item in posts if item.target == one.target and item.first_seen_at <= one.at and item.at]
    return one.model_copy(update={"newest_at": max(shown, default=None)})
