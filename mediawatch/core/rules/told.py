"""What counts as told of an account itself: by trusted looks, through channels that the indicator names. Pure."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest

from mediawatch.core.model import Evidence, Look, Profile, SeenProfile
from mediawatch.core.profiles import profile_of
from mediawatch.core.rulebook import Indicator


def channels(evidence: Evidence, indicator: Indicator) -> tuple[str, ...]:
    """The account's targets that cover what the indicator needs, in the order of the register."""
    needed = set(indicator.needs_for(evidence.account.kind))
    return tuple(target.id for target in evidence.account.targets if target.covers & needed)


def changes(evidence: Evidence, target: str) -> tuple[SeenProfile, ...]:
    """The changes that one target told, from old to new. One that an incident covers counts from the first trusted look
    that told the same: the record keeps it as of the incident, since later looks tell nothing new."""
    told = [one for one in evidence.profiles if one.target == target]
    if all(one.trusted for one in told):
        return tuple(told)
    found: list[SeenProfile] = []
    for one, following in zip_longest(told, told[1:]):
        at = one.at if one.trusted else _shown_after(evidence, one, following)
        if at is not None:
            found.append(one if one.trusted else one.model_copy(update={"at": at, "trusted": True}))
    return tuple(found)


def _shown_after(evidence: Evidence, one: SeenProfile, following: SeenProfile | None) -> datetime | None:
    """The first trusted look that told what a change told, until the next change: by the looks that evidence holds, or,
    where it is longer ago, by the daily counts."""
    later = [look.at for look, _ in profiles(evidence, one.target)]
    later += [count.at for count in evidence.series if count.target == one.target]
    return min((at for at in later if one.at < at and (following is None or at < following.at)), default=None)


def profiles(evidence: Evidence, target: str) -> list[tuple[Look, Profile]]:
    """The trusted looks of one target that told a profile, from old to new."""
    return [one for one in told_profiles(evidence) if one[0].target == target]


def told_profiles(evidence: Evidence) -> list[tuple[Look, Profile]]:
    """The same of all targets: worked out once for an account, since many rules ask."""
    held: tuple[tuple[Look, ...], list[tuple[Look, Profile]]] | None = evidence.__dict__.get("_told_profiles")
    if held is None or held[0] is not evidence.looks:  # a copy with other looks has this, too
        told = [
            (look, profile)
            for look in evidence.looks
            if look.trusted and (profile := profile_of(look.seen)) is not None
        ]
        evidence.__dict__["_told_profiles"] = held = (evidence.looks, told)
    return held[1]
