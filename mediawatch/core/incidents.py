"""Own fault first: is it the accounts, or is it the platform (or we) that went blind? Pure.

A platform incident accuses nobody. While one is open its looks may pass an account, and may never fail one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Blame, Feed, Look, Value

LOOKS = 12  # the youngest looks, one for each target, that the state of a platform is read from
FEWEST = 3  # fewer blind targets than this are three accounts' bad luck, not an incident
BLIND = 0.5  # more than this share of them blind opens an incident
CLEAR = 0.25  # at most this share of them blind ends it
CHRONIC = timedelta(days=3)  # a target that showed nothing for so long before is no sign of a new blindness


class Incident(Value):
    """A platform that cannot be seen (`blind`) or that shows everyone old news (`stale`), since `since`."""

    platform: str
    kind: Literal["blind", "stale"]
    since: AwareDatetime
    detail: str


def assess(
    platform: str,
    looks: tuple[Look, ...],
    canaries: frozenset[str],
    now: datetime,
    canary_quiet: timedelta,
    open_since: datetime | None = None,
    sights: Mapping[str, datetime | None] | None = None,
) -> Incident | None:
    """The incident that stands at `now`, or `None`.

    looks: the platform's recent looks, from old to new. canaries: target ids of accounts known to post daily.
    canary_quiet: how old a canary's newest post may be at the look that showed it, before the whole platform is held
        to show old copies. A canary that was not looked at says nothing.
    open_since: from when on an incident stands already; it takes less to keep one open than to open it.
    sights: by target, the last look that showed anything. Where some targets could be seen, those that could not be
        seen for days before are their own trouble: five dead accounts of a small platform blind nobody else.
    """
    last: dict[str, Look] = {}
    for look in (look for look in looks if look.at <= now):
        last.pop(look.target, None)
        last[look.target] = look
    ages = [
        (look, look.at - look.newest_at)
        for target, look in last.items()
        if target in canaries and _sees(look) and look.newest_at is not None
    ]
    quiet = [look for look, age in ages if age > canary_quiet]
    if quiet and len(quiet) == len(ages):
        return Incident(platform=platform, kind="stale", since=quiet[0].at, detail=f"canary silent: {quiet[0].target}")
    youngest = [look for look in last.values() if _sees(look) or not _chronic(look.target, sights, open_since or now)]
    youngest = youngest[-LOOKS:]
    blind = [look for look in youngest if not _sees(look)]
    share = len(blind) / len(youngest) if youngest else 0.0
    standing = open_since is not None
    if share <= (CLEAR if standing else BLIND) or (len(blind) < FEWEST and not standing):
        return None
    reasons = [look.failure.reason.value if look.failure else "blank" for look in blind]
    common = max(sorted(set(reasons)), key=reasons.count)
    detail = f"{common} ({len(blind)} of {len(youngest)} looks)"
    return Incident(platform=platform, kind="blind", since=blind[0].at, detail=detail)


def _chronic(target: str, sights: Mapping[str, datetime | None] | None, before: datetime) -> bool:
    """Whether a target was blind long before, while others of its platform could be seen."""
    if not sights or not any(sights.values()):
        return False
    seen_at = sights.get(target)
    return seen_at is None or seen_at < before - CHRONIC


def sign_of_life(looks: tuple[Look, ...], since: datetime) -> datetime | None:
    """When a look first saw something after `since`: time to try, once, those that were last tried before it.

    Once only: a platform that goes on showing some accounts and hiding others must not be asked without end.
    """
    return next((look.at for look in looks if look.at > since and _sees(look)), None)


def _sees(look: Look) -> bool:
    """A look that showed something, or whose emptiness the platform itself vouches for, or that blames one account."""
    if look.failure is not None:
        return look.failure.reason.blame is Blame.ACCOUNT
    if isinstance(look.seen, Feed) and look.posts == 0:
        return look.seen.profile is not None and look.seen.profile.posts == 0
    return True
