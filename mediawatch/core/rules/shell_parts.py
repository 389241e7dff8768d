"""What makes an account look like a shell, part by part: which of them hold, and how many could be told. Pure.

It explains; it decides nothing. A part that no channel tells counts neither way.
"""

from __future__ import annotations

from mediawatch.core.model import Evidence, Feed, Seen
from mediawatch.core.profiles import Facts, profile_of, told
from mediawatch.core.rules.rule import Values

PARTS = ("never_posted", "reposts_only", "unverified", "incomplete", "no_menu", "no_comments", "no_followers")


def shell_parts(evidence: Evidence) -> Values:
    """`parts`: those that hold, joined by commas. `score`: how many; `asked`: of how many that a channel tells.

    The rest is what they rest on: the last that trusted looks told.
    """
    known = _last_told(evidence)
    holds = _holds(evidence, known)
    parts = [name for name in PARTS if holds[name]]
    return {
        "parts": ",".join(parts),
        "score": len(parts),
        "asked": sum(told is not None for told in holds.values()),
        "verified": known.verified,
        "menu": known.menu,
        "comments": known.comments_open,
    }


def _holds(evidence: Evidence, known: Facts) -> dict[str, bool | None]:
    """Each part: it holds, it does not, or (`None`) no channel tells."""
    read = any(look.trusted and isinstance(look.seen, Feed) for look in evidence.looks)
    return {
        "never_posted": not (evidence.posts or known.posts) if read or evidence.posts else None,
        "reposts_only": all(post.repost for post in evidence.posts) if evidence.posts else None,
        "unverified": None if known.verified is None else not known.verified,
        "incomplete": _incomplete(evidence),
        "no_menu": None if known.menu is None else known.menu == 0,
        "no_comments": None if known.comments_open is None else not known.comments_open,
        "no_followers": None if known.followers is None else known.followers == 0,
    }


def _last_told(evidence: Evidence) -> Facts:
    """The last word on each fact, by whichever channel."""
    known = Facts()
    before: Seen | None = None
    for look in evidence.looks:
        if not look.trusted or look.seen is before:  # the same answer once more tells nothing new
            continue
        before, after = look.seen, told(look.seen, known)
        if after is not None:
            counts = {name: getattr(known, name) for name in ("followers", "posts") if getattr(after, name) is None}
            known = after.model_copy(update=counts)
    return known


def _incomplete(evidence: Evidence) -> bool | None:
    """Whether the last profile page that was read holds no description."""
    for look in reversed(evidence.looks):
        profile = profile_of(look.seen)
        if look.trusted and profile is not None and "profile" in look.covers:
            return not profile.description
    return None
