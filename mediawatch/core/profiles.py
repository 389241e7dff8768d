"""What a platform says of the account itself, over time: how one answer follows from those before it. Pure.

An answer seldom says everything. What it leaves out stays as it was last told; only what it says can be a change.
"""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from mediawatch.core.seen import Articles, Feed, MenuItem, Profile, Seen
from mediawatch.core.value import Value, made

COUNTS = ("followers", "posts", "following")
"""What moves all the time: kept once a day, and no change of its own."""

SERIES_DAYS = 120
"""How many Shanghai days of counts a rule may see, the last that was told included."""

SPARE_DAYS = 40
"""How long after the last counts were told all these days of them are known still."""


_TELLING = (Feed, Articles)


class Facts(Value):
    """What one channel has told of an account so far. `None` and empty text: never told.

    menu: the number of its entries. entries: those entries, as paths such as `互动/留言`. The counts are those of the
    answer that brought the last change of anything else.
    """

    uid: str = ""
    name: str = ""
    verified: bool | None = None
    verified_type: int | None = None
    verified_reason: str = ""
    comments_open: bool | None = None
    menu: int | None = None
    entries: tuple[str, ...] = ()
    followers: int | None = None
    posts: int | None = None
    following: int | None = None


NOTHING = Facts()


class SeenProfile(Facts):
    """A change: from `at` on, one channel told this. `trusted` is false where an incident covers the look."""

    target: str
    at: AwareDatetime
    trusted: bool = True


class DayCount(Value):
    """The first counts that one target told on one Shanghai day."""

    target: str
    day: date
    at: AwareDatetime
    followers: int | None = None
    posts: int | None = None
    following: int | None = None


def profile_of(seen: Seen | None) -> Profile | None:
    """The profile that an answer carries."""
    return seen.profile if isinstance(seen, _TELLING) else None


def _menu(seen: Seen | None) -> tuple[MenuItem, ...] | None:
    return seen.menu if isinstance(seen, Feed) else None


def tells(seen: Seen | None) -> bool:
    """Whether an answer says anything of the account itself."""
    return profile_of(seen) is not None or _menu(seen) is not None


def told(seen: Seen | None, before: Facts | None) -> Facts | None:
    """What is known after an answer that followed `before`; `None` where it says nothing of the account itself."""
    if not tells(seen):
        return None
    profile, menu = profile_of(seen), _menu(seen)
    said: dict[str, object] = {}
    if profile is not None:
        said = {
            name: value
            for name in ("uid", "name", "verified", "verified_type", "verified_reason", "comments_open")
            if (value := getattr(profile, name)) not in (None, "")
        }
        if profile.verified is False:  # then an empty reason is an answer, not a gap
            said["verified_reason"] = profile.verified_reason
        said |= {name: getattr(profile, name) for name in COUNTS}
    if menu is not None:
        said |= {"menu": len(menu), "entries": tuple(item.path for item in menu)}
    return made(Facts, {**(before or NOTHING).__dict__, **said})


def changed(before: Facts | None, after: Facts) -> bool:
    """Whether anything but counts is another than before. A first answer is a change."""
    if before is None:
        return True
    return any(getattr(before, name) != getattr(after, name) for name in Facts.model_fields if name not in COUNTS)
