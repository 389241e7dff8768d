"""What makes an account look like a shell, part by part: which of them hold, and how many could be told. Pure.

It explains; it decides nothing. A part that no channel tells counts neither way.
"""

from __future__ import annotations

from collections.abc import Callable

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, MenuItem, Profile
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
    menu = answers["no_menu"]
    return {
        "parts": ",".join(holding),
        "grounds": ",".join(f"{day_of(look.at)} {look.adapter}" for look in holding.values()),
        "score": len(holding),
        "asked": sum(one is not None for one in answers.values()),
        "verified": None if unverified is None else not unverified[0],
        "menu": None if menu is None else len(_menu(menu[1])),
        "comments": None if silent is None else not silent[0],
    }


Part = tuple[bool, Look] | None
"""Whether a part holds, and the look that told so last; `None` where no channel tells."""


def _told(evidence: Evidence, looks: list[Look]) -> dict[str, Part]:
    profiles = [(look, told) for look in reversed(looks) if (told := profile_of(look.seen)) is not None]

    def last(says: Callable[[Look, Profile], bool | None]) -> Part:
        """The last look whose profile says anything of it."""
        for look, profile in profiles:
            if (said := says(look, profile)) is not None:
                return said, look
        return None

    read = next((look for look in reversed(looks) if isinstance(look.seen, Feed)), None)
    menu = next((look for look in reversed(looks) if isinstance(look.seen, Feed) and look.seen.menu is not None), None)
    shown = bool(evidence.posts)
    counted = None if shown else last(lambda _, profile: None if profile.posts is None else profile.posts > 0)
    posted = shown or (counted is not None and counted[0])
    return {
        "never_posted": (not posted, read) if read is not None else None,
        "reposts_only": (all(post.repost for post in evidence.posts), read) if shown and read is not None else None,
        "unverified": last(lambda _, profile: None if profile.verified is None else not profile.verified),
        "incomplete": last(_incomplete),
        "no_menu": None if menu is None else (not _menu(menu), menu),
        "no_comments": last(lambda _, profile: None if profile.comments_open is None else not profile.comments_open),
        "no_followers": last(lambda _, profile: None if profile.followers is None else profile.followers == 0),
    }


def _incomplete(look: Look, profile: Profile) -> bool | None:
    """Whether a profile page that was read holds no description."""
    return not profile.description if "profile" in look.covers else None


def _menu(look: Look) -> tuple[MenuItem, ...]:
    return look.seen.menu or () if isinstance(look.seen, Feed) else ()
