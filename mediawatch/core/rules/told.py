"""What counts as told of an account itself: by trusted looks, through channels that the indicator names. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mediawatch.core.model import Evidence, Look, Profile, SeenProfile
from mediawatch.core.profiles import profile_of
from mediawatch.core.rulebook import Indicator


def channels(evidence: Evidence, indicator: Indicator) -> tuple[str, ...]:
    """The account's targets that cover what the indicator needs, in the order of the register."""
    needed = set(indicator.needs_for(evidence.account.kind))
    return tuple(target.id for target in evidence.account.targets if target.covers & needed)


def changes(evidence: Evidence, target: str) -> tuple[SeenProfile, ...]:
    """The trusted changes that one target told, from old to new."""
    return tuple(one for one in evidence.profiles if one.target == target and one.trusted)


def profiles(evidence: Evidence, target: str) -> Iterator[tuple[Look, Profile]]:
    """The trusted looks of one target that told a profile, from old to new."""
    for look in evidence.looks:
        if look.target == target and look.trusted and (profile := profile_of(look.seen)) is not None:
            yield look, profile
