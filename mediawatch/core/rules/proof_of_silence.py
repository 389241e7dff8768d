"""The looks that show a silence: for each kind of coverage that is needed, those of one channel; and what is lacking.

It must never take a look for proof that an incident covers, or whose list is cut short or went back, unless a day of
looks agrees; and it says since when the channel was watched, not since when the account was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from mediawatch.core.model import Evidence, Look, SeenPost
from mediawatch.core.rules.doubts import REGRESSION, behind, was_shortened, watched_from
from mediawatch.core.rules.rule import LAST_LOOKS, reaches, shows_dates

LATE = timedelta(days=1)


@dataclass(frozen=True)
class Proof:
    """looks: for each kind, the first look of its channel that showed nothing newer, and the last.

    missing: the kinds that no trusted whole look at or after the deadline covers; doubted: a list that went back is
    why. back: the last look at each list that went back behind what it had shown and that the proof rests on.
    unwatched: of each kind that was not watched throughout, and that no second platform shows alike, since when the
    channel is that will be the first to have been. unseeing: whether of some kind only channels are left that did not
    show the newest post, which another showed. until: when all kinds were last seen; of what came then nobody knows.
    """

    looks: tuple[tuple[str, datetime], ...]
    missing: tuple[str, ...]
    doubted: bool
    back: tuple[Look, ...]
    unwatched: tuple[datetime, ...]
    unseeing: bool
    until: datetime


def proof_of(
    evidence: Evidence,
    needed: tuple[str, ...],
    newest: SeenPost,
    deadline: datetime,
    covered: Callable[[datetime], datetime] | None,
) -> Proof:
    """What shows that nothing newer than `newest` was published by `deadline`.

    covered: when a channel that is watched since an instant has been watched for as long a silence as is asked about.
    What was published on the day its watch began would be too old by then, and the list of whoever publishes has moved,
    or its count; before, an old copy that is always the same, or a page that is not the first, looks like silence. So
    it does after a pause that is as long, such as an outage of ours. `None` where that is not asked.
    """
    proof: list[tuple[str, datetime]] = []
    missing: list[str] = []
    back: list[Look] = []
    unwatched: list[datetime] = []
    doubted = unseeing = False
    until = evidence.now
    for kind in needed:
        sound: list[list[Look]] = []
        receded: list[list[Look]] = []
        for looks in channels_of(evidence, kind, newest):
            whole = [look for look in looks if not behind(evidence, look)]
            late = [look for look in looks if reaches(look) >= deadline]
            if whole and reaches(whole[-1]) >= deadline:
                sound.append(whole)
            elif late:
                doubted = True
                if late[-1].at - late[0].at >= REGRESSION and was_shortened(evidence, newest, looks):
                    receded.append(late)
        if not sound and not receded:
            missing.append(kind)
            continue
        seeing = [looks for looks in sound if not missed(evidence, kind, newest, looks[-1])]
        unseeing = unseeing or not (seeing or receded)
        sound = seeing or ([] if receded else sound)
        channels = sound or receded
        until = min(until, max(reaches(looks[-1]) for looks in channels))
        if covered is not None:
            begun = [_in_a_row(evidence, looks[0].target, covered) for looks in channels]
            throughout = [
                looks for looks, began in zip(channels, begun, strict=True) if reaches(looks[-1]) >= covered(began)
            ]
            if not throughout and len({looks[0].platform for looks in sound}) < 2:
                unwatched.append(min([one for one in begun if covered(one) > evidence.now], default=max(begun)))
            channels = throughout or channels
        best = min(channels, key=lambda looks: (looks[0].at, looks[0].target))
        proof += [(look.target, look.at) for look in (best[0], best[-1])]
        back += [] if sound else [best[-1]]
    in_order = dict.fromkeys(sorted(proof, key=lambda item: (item[1], item[0])))
    return Proof(tuple(in_order), tuple(missing), doubted, tuple(back), tuple(unwatched), unseeing, until)


def _in_a_row(evidence: Evidence, target: str, covered: Callable[[datetime], datetime]) -> datetime:
    """Since when a channel is watched without a pause in which a whole silence fits; a look that is a day late makes
    none. Of what lies between its first look and the last `LAST_LOOKS` evidence holds nothing: it is not taken for one.
    """
    looks = [look for look in evidence.looks if look.target == target]
    seen = [look.at for look in looks if look.seen is not None][len(looks) > LAST_LOOKS :]
    paused = [after for at, after in pairwise(seen) if after >= covered(at) + LATE]
    return paused[-1] if paused else watched_from(evidence, target)


def missed(evidence: Evidence, kind: str, newest: SeenPost, look: Look) -> bool:
    """True where a list does not reach the newest post, that another channel of this kind has shown: it may never show
    what the account publishes now. A day is no difference: channels date a post in their own ways."""
    shows = next((one.covers for one in evidence.account.targets if one.id == newest.target), frozenset[str]())
    if look.target == newest.target or kind not in shows or newest.at is None or look.newest_at is None:
        return False
    return look.newest_at < newest.at - REGRESSION


def channels_of(evidence: Evidence, kind: str, newest: SeenPost) -> list[list[Look]]:
    """For each channel that covers the kind: its trusted looks at whole dated lists since the newest post is known."""
    channels: dict[str, list[Look]] = {}
    for look in evidence.looks:
        if look.at >= newest.first_seen_at and kind in look.covers and look.trusted and shows_dates(look):
            channels.setdefault(look.target, []).append(look)
    return list(channels.values())
