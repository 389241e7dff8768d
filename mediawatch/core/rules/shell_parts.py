"""What makes an account look like a shell, part by part: which of them hold, and how many could be told. Pure.

It explains; it decides nothing. A part that no channel tells counts neither way.
"""

from __future__ import annotations

from collections.abc import Callable

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, Profile
from mediawatch.core.profiles import profile_of
from mediawatch.core.rules.rule import Values

PARTS = ("never_posted", "reposts_only", "unverified", "incomplete", "no_menu", "no_comments", "no_followers")


def shell_parts(evidence: Evidence) -> Values:
    """`parts`: those that hold, joined by commas. `score`: how many; `asked`: of how many that a channel tells.
    `grounds`: of each part that holds, in their order, the Shanghai day and the channel of the last look that told it.

    The rest is what they rest on: the last that trusted looks told.
    """
    looks = [look for look in evidence.looks if look.trusted]
    answers = _told(evidence, looks)
    holding = {name: one[1] for name in PARTS if (one := answers[name]) is not None and one[0]}
    unverified, silent = answers["unverified"], answers["no_comments"]
    menus = [look.seen.menu for look in looks if isinstance(look.seen, Feed) and look.seen.menu is not None]
    return {
        "parts": ",".join(holding),
        "grounds": ",".join(f"{day_of(look.at)} {look.adapter}" for look in holding.values()),
        "score": len(holding),
        "asked": sum(one is not None for one in answers.values()),
        "verified": None if unverified is None else not unverified[0],
        "menu": len(menus[-1]) if menus else None,
        "comments": None if silent is None else not silent[0],
    }


Part = tuple[bool, Look] | None
"""Whether a part holds, and the look that told so last; `None` where no channel tells."""


def _told(evidence: Evidence, looks: list[Look]) -> dict[str, Part]:
    def last(says: Callable[[Look], bool | None]) -> Part:
        """The last look that says anything of it."""
        for look in reversed(looks):
            if (said := says(look)) is not None:
                return said, look
        return None

    def of_profile(says: Callable[[Profile], bool | None]) -> Callable[[Look], bool | None]:
        return lambda look: None if (profile := profile_of(look.seen)) is None else says(profile)

    read = last(lambda look: True if isinstance(look.seen, Feed) else None)
    shown = bool(evidence.posts)
    counted = last(of_profile(lambda profile: None if profile.posts is None else profile.posts > 0))
    posted = shown or (counted is not None and counted[0])
    return {
        "never_posted": (not posted, read[1]) if read is not None else None,
        "reposts_only": (all(post.repost for post in evidence.posts), read[1]) if shown and read is not None else None,
        "unverified": last(of_profile(lambda profile: None if profile.verified is None else not profile.verified)),
        "incomplete": last(_incomplete),
        "no_menu": last(_no_menu),
        "no_comments": last(
            of_profile(lambda profile: None if profile.comments_open is None else not profile.comments_open)
        ),
        "no_followers": last(of_profile(lambda profile: None if profile.followers is None else profile.followers == 0)),
    }


def _incomplete(look: Look) -> bool | None:
    """Whether a profile page that was read holds no description."""
    profile = profile_of(look.seen)
    return None if profile is None or "profile" not in look.covers else not profile.description


def _no_menu(look: Look) -> bool | None:
    menu = look.seen.menu if isinstance(look.seen, Feed) else None
    return None if menu is None else not menu
