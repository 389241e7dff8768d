"""Own fault first: is it the accounts, or is it the platform (or we) that went blind? Pure.

A platform incident accuses nobody. While one is open its looks may pass an account, and may never fail one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Feed, Listing, Look, Reason, Value

LOOKS = 12  # the youngest looks, one for each target, that the state of a platform is read from
ENOUGH = 200  # the youngest looks of any kind that these are found among, where no incident stands
FEWEST = 3  # fewer blind targets than this are three accounts' bad luck, not an incident
BLIND = 0.5  # more than this share of them blind opens an incident
CLEAR = 0.25  # at most this share of them blind ends it
DRIFT = 5  # so many looks of one adapter in a row, at `FEWEST` targets or more, that our parser could not read
CHRONIC = timedelta(days=3)  # a target that showed nothing for so long before is no sign of a new blindness
LATELY = timedelta(days=8)  # what was seen within this time and is now gone: a thing that many cannot share
CANARY = "canary/"  # how the ids of accounts begin that are watched to see the platform by, and are never judged
_SPOILED = frozenset({Reason.OWN_CLOCK, Reason.OWN_MACHINE})
COMES_AND_GOES = ("blind", "stale", "drift")  # half of all looks failing, chance opens and ends one many times:
SETTLED = timedelta(days=2)  # for so long such a platform must have been seen again before it is told as over,
WELL = 0.125  # with no more than this share of looks that showed nothing, or old copies


class Incident(Value):
    """What keeps us from seeing a platform, since `since`.

    kind: `blind` (it cannot be seen), `stale` (it shows everyone old news), `login` (it does not show what only our
    login may see, so that the login does not hold), `drift` (our reading of `adapter` no longer fits).
    """

    platform: str
    kind: Literal["blind", "stale", "login", "drift"]
    since: AwareDatetime
    detail: str
    adapter: str = ""


def assess(
    platform: str,
    looks: tuple[Look, ...],
    canaries: frozenset[str],
    now: datetime,
    canary_quiet: timedelta,
    open_since: datetime | None = None,
    sights: Mapping[str, datetime | None] | None = None,
    hidden: Mapping[str, datetime | None] | None = None,
    posted: Collection[str] = (),
    shown: Mapping[str, datetime] | None = None,
    listed: Mapping[str, datetime] | None = None,
) -> Incident | None:
    """The incident that stands at `now`, or `None`.

    looks: the platform's recent looks, from old to new. canaries: target ids of accounts known to post daily.
    canary_quiet: how old a canary's newest post may be at the look that showed it, before the whole platform is held
        to show old copies. A canary that was not looked at says nothing.
    open_since: from when on an incident stands already; it takes less to keep one open than to open it.
    sights: by target, the last look that showed anything. Where some targets could be seen, those that could not be
        seen for days before are their own trouble: five dead accounts of a small platform blind nobody else.
    hidden: by canary, when it last showed the post that only a login may see; `None` for never.
    posted: targets that have ever shown a post. shown: by target, the date of the newest post that it has shown lately.
        listed: by target that a store has no app for, when it last listed it. One account may be gone overnight, or
        emptied, or its list go back behind what it showed; where most do, of those that were seen lately, it is the
        platform that takes them back.
    """
    looks = counted(looks, now)
    last: dict[str, Look] = {}
    for look in looks:
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
    known = hidden or {}
    proofs = [(look, known[target]) for target, look in last.items() if target in known and _sees(look) and look.seen]
    missing = [look for look, shown_at in proofs if shown_at is None or shown_at < look.at]
    if missing and len(missing) == len(proofs):
        detail = f"hidden post not shown: {missing[0].target}"
        return Incident(platform=platform, kind="login", since=missing[0].at, detail=detail)
    if (drift := _drift(platform, looks)) is not None:
        return drift
    before = open_since or now
    known_ones = [look for target, look in last.items() if target in canaries]
    nobody = bool(known_ones) and all(says_gone(look) or _none(look) for look in known_ones)  # known to be there
    taken_back = {
        look.target
        for look in last.values()
        if _takes_back(look, sights or {}, posted, before, nobody)
        or _goes_back(look, shown or {})
        or _unlists(look, listed or {}, before, nobody)
    }
    youngest = [
        look
        for look in last.values()
        if _sees(look) or look.target in taken_back or not _chronic(look.target, sights, before)
    ][-LOOKS:]
    blind = [look for look in youngest if not _sees(look) or look.target in taken_back]
    share = len(blind) / len(youngest) if youngest else 0.0
    standing = open_since is not None
    if share <= (CLEAR if standing else BLIND) or (len(blind) < FEWEST and not standing):
        return None
    reasons = [_reason(look) for look in blind]
    common = max(sorted(set(reasons)), key=reasons.count)
    detail = f"{common} ({len(blind)} of {len(youngest)} looks)"
    if common == Reason.UNREADABLE:  # told once, to whoever can mend the parser
        unread = [look.adapter for look in blind if look.failure and look.failure.reason is Reason.UNREADABLE]
        adapter = max(sorted(set(unread)), key=unread.count)
        return Incident(platform=platform, kind="drift", since=blind[0].at, detail=detail, adapter=adapter)
    return Incident(platform=platform, kind="blind", since=blind[0].at, detail=detail)


def _drift(platform: str, looks: tuple[Look, ...]) -> Incident | None:
    """The adapter whose last `DRIFT` looks all ended unreadable, over more targets than one account's bad luck."""
    of: dict[str, list[Look]] = {}
    for look in looks:
        of.setdefault(look.adapter, []).append(look)
    for adapter, own in sorted(of.items()):
        row = own[-DRIFT:]
        unread = [look for look in row if look.failure is not None and look.failure.reason is Reason.UNREADABLE]
        if len(unread) == DRIFT and len({look.target for look in unread}) >= FEWEST:
            detail = f"{adapter} unreadable ({DRIFT} looks in a row)"
            return Incident(platform=platform, kind="drift", since=row[0].at, detail=detail, adapter=adapter)
    return None


def _chronic(target: str, sights: Mapping[str, datetime | None] | None, before: datetime) -> bool:
    """Whether a target was blind long before, while others of its platform could be seen."""
    if not sights or not any(sights.values()):
        return False
    seen_at = sights.get(target)
    return seen_at is None or seen_at < before - CHRONIC


def _takes_back(
    look: Look, sights: Mapping[str, datetime | None], posted: Collection[str], before: datetime, nobody: bool
) -> bool:
    """A look by which an account that was there lately is gone, or one that has published never has.

    nobody: whether it says that not even its canaries exist, or ever posted: then it proves nothing of anybody.
    """
    if says_gone(look):
        seen_at = sights.get(look.target)
        return nobody if seen_at is None else seen_at >= before - LATELY
    return _empty(look) and (nobody or look.target in posted)


def _goes_back(look: Look, shown: Mapping[str, datetime]) -> bool:
    """A list whose newest day is older than one that it has shown before: an old copy, or its second page."""
    known = shown.get(look.target)
    return known is not None and look.newest_at is not None and day_of(look.newest_at) < day_of(known)


def _unlists(look: Look, listed: Mapping[str, datetime], before: datetime, nobody: bool) -> bool:
    """A store that has no such app, of one that it listed lately, or while it has none of its canaries."""
    if not _absent(look):
        return False
    listed_at = listed.get(look.target)
    return nobody if listed_at is None else listed_at >= before - LATELY


def _absent(look: Look) -> bool:
    return isinstance(look.seen, Listing) and not look.seen.present


def _empty(look: Look) -> bool:
    return isinstance(look.seen, Feed) and look.posts == 0


def _none(look: Look) -> bool:
    """Of an account or app that is known to be there, the platform shows nothing."""
    return _empty(look) or _absent(look)


def _reason(look: Look) -> str:
    """What kept a look from being one, as `wording` has it."""
    if look.failure is not None:
        return look.failure.reason.value
    return "absent" if _absent(look) else "old" if look.posts else "blank"


def comes_and_goes(looks: Iterable[Look], canary_quiet: timedelta) -> bool:
    """Whether more than `WELL` of these looks, from old to new, `FEWEST` at least, showed nothing, or went back behind
    what they showed, at targets that could be seen between them, or at canaries: one trouble, however long it is
    between two of its spells. Old copies show at those that post often; `canary_quiet`: as in `assess`."""
    of: dict[str, list[Look]] = {}
    for look in looks:
        of.setdefault(look.target, []).append(look)
    seen = [own for own in of.values() if any(look.failure is None and _sees(look) for look in own)]
    canaries = [own for own in seen if own[0].target.startswith(CANARY)]
    counts = [(sum(_dim(own, canary_quiet) for own in some), sum(map(len, some))) for some in (seen, canaries)]
    return any(dim >= FEWEST and dim > WELL * looks for dim, looks in counts)


def _dim(own: Sequence[Look], canary_quiet: timedelta) -> int:
    """How many looks of one target showed nothing, or an older list than one before; of a canary that does post, also
    one that is older than its usual time."""
    canary = own[0].target.startswith(CANARY)
    old = [canary and look.newest_at is not None and look.at - look.newest_at > canary_quiet for look in own]
    away = all(was_old for was_old, look in zip(old, own, strict=True) if look.newest_at is not None)
    dim, shown = 0, dict[str, datetime]()
    for was_old, look in zip(old, own, strict=True):
        if look.failure is not None or (was_old and not away) or not _sees(look) or _goes_back(look, shown):
            dim += 1
        elif look.newest_at is not None:
            shown[look.target] = look.newest_at
    return dim


def sign_of_life(looks: tuple[Look, ...], since: datetime) -> datetime | None:
    """When a look first saw something after `since`: time to try, once, those that were last tried before it.

    Once only: a platform that goes on showing some accounts and hiding others must not be asked without end.
    """
    return next((look.at for look in looks if look.at > since and look.failure is None and _sees(look)), None)


def _sees(look: Look) -> bool:
    """A look that showed something, or whose emptiness the platform itself vouches for, or that blames one account."""
    if look.failure is not None:
        return says_gone(look)
    if isinstance(look.seen, Feed) and look.posts == 0:
        return look.seen.profile is not None and look.seen.profile.posts == 0
    return True


def counted(looks: Iterable[Look], now: datetime) -> tuple[Look, ...]:
    """Those that say anything of the platform: not what our own clock or machine spoiled."""
    return tuple(
        look for look in looks if look.at <= now and (look.failure is None or look.failure.reason not in _SPOILED)
    )
