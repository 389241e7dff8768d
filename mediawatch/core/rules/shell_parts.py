"""What makes an account look like a shell, part by part: which of them hold, and how many could be told. Pure.

It explains; it decides nothing. A part that no channel tells counts neither way.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, MenuItem, Profile
from mediawatch.core.rules.rule import Values
from mediawatch.core.rules.told import told_profiles

_POSTS, _FOLLOWERS = attrgetter("posts"), attrgetter("followers")
_VERIFIED, _COMMENTS = attrgetter("verified"), attrgetter("comments_open")
PARTS = ("never_posted", "reposts_only", "unverified", "incomplete", "no_menu", "no_comments", "no_followers")


def shell_parts(evidence: Evidence) -> Values:
    """`parts`: those that hold, joined by commas. `score`: how many; `asked`: of how many that a channel tells.
    `grounds`: of each part that holds, in their order, the Shanghai day and the channel of the last look that told it.

    The rest is what they rest on: the last that trusted looks told.
    """
    answers = _told(evidence)
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


def _told(evidence: Evidence) -> dict[str, Part]:
    profiles = told_profiles(evidence)[::-1]

    def last(says: Callable[[Profile], object]) -> tuple[Any, Look] | None:
        """The last look whose profile says anything of it, and what."""
        for look, profile in profiles:
            if (said := says(profile)) is not None:
                return said, look
        return None

    lists = [look for look in reversed(evidence.looks) if look.trusted and isinstance(look.seen, Feed)]
    read = lists[0] if lists else None
    menu = next((look for look in lists if isinstance(look.seen, Feed) and look.seen.menu is not None), None)
    page = next(((profile, look) for look, profile in profiles if "profile" in look.covers), None)
    shown = bool(evidence.posts)
    counted = None if shown else last(_POSTS)
    posted = shown or (counted is not None and counted[0] > 0)
    verified, open_, followers = last(_VERIFIED), last(_COMMENTS), last(_FOLLOWERS)
    return {
        "never_posted": (not posted, read) if read is not None else None,
        "reposts_only": (all(post.repost for post in evidence.posts), read) if shown and read is not None else None,
        "unverified": None if verified is None else (not verified[0], verified[1]),
        "incomplete": None if page is None else (not page[0].description, page[1]),
        "no_menu": None if menu is None else (not _menu(menu), menu),
        "no_comments": None if open_ is None else (not open_[0], open_[1]),
        "no_followers": None if followers is None else (followers[0] == 0, followers[1]),
    }


def _menu(look: Look) -> tuple[MenuItem, ...]:
    return look.seen.menu or () if isinstance(look.seen, Feed) else ()
