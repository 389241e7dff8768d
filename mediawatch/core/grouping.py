"""What waits becomes messages: which groups are told now, and how much of each. Pure over counts, not over notices.

A group is what one receiver is owed about one unit. It waits a little for company, speaks at most once an interval, and
many groups of one receiver at once become one message over all of them: no storm of looks becomes a storm of words.
A receiver that does not take messages is tried with one or two, and everything else waits and gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from mediawatch.core.alerting import Cause
from mediawatch.core.model import Value
from mediawatch.core.views import Notice

WORST_FIRST: tuple[Cause, ...] = (
    *("incident", "escalated", "first", "silence_expired", "ack_expired", "repeat"),
    *("reminder", "acknowledged", "back", "incident_over", "resolved"),
)
RANK: dict[str, int] = {cause: place for place, cause in enumerate(WORST_FIRST)}
PROBES = (
    2  # messages that try a receiver which took none lately: two, so that one bad message does not pass for an outage
)


class Grouping(Value):
    """wait: how long a group gathers before its first message. interval: at least so long between two of its messages.

    repeat: after how long what still stands is told again; nothing for never. most: so many groups of one receiver at
    once are told apart; more become one message. listed: the most notices that one message lists, where the receiver
    itself takes no fewer.
    """

    wait: timedelta = Field(default=timedelta(seconds=30), ge=timedelta())
    interval: timedelta = Field(default=timedelta(minutes=5), ge=timedelta())
    repeat: timedelta = Field(default=timedelta(days=7), ge=timedelta())
    most: int = Field(default=5, ge=1, le=100)
    listed: int = Field(default=20, ge=1, le=500)


@dataclass(frozen=True)
class Group:
    """What one receiver is owed about one unit: how much, since when, and when it was last told of that unit."""

    receiver: str
    unit: str
    waiting: int
    since: datetime
    told_at: datetime | None = None

    def ready_at(self, rule: Grouping) -> datetime:
        """When it is told."""
        ready = self.since + rule.wait
        return ready if self.told_at is None else max(ready, self.told_at + rule.interval)


@dataclass(frozen=True)
class Draft:
    """A message to be composed: for these units, as much as there is, or `most` notices where each must be listed."""

    receiver: str
    units: tuple[str, ...]
    most: int | None = None


@dataclass(frozen=True)
class Room:
    """How much a receiver takes now.

    messages: as its pace leaves room. failing: how many messages of ours it has not taken so far. members: how many
    notices a message lists. whole: whether each must be listed.
    """

    messages: int
    members: int
    failing: int = 0
    whole: bool = False


@dataclass(frozen=True)
class Gathered:
    """What a message holds: the notices it lists, the worst first; all of them by cause; the units they are about.

    known: whether the receiver has been told of all these units before.
    """

    notices: tuple[Notice, ...]
    counts: Mapping[str, int]
    units: tuple[str, ...]
    known: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def cause(self) -> str:
        """Why the message is sent."""
        if len(self.counts) > 1:
            return "several"
        cause = next(iter(self.counts))
        return "new_in_group" if cause == "first" and self.known else cause


def drafts(
    groups: Iterable[Group], rules: Mapping[str, Grouping], rooms: Mapping[str, Room], now: datetime
) -> tuple[Draft, ...]:
    """The messages to compose now, the longest waiting first, within what each receiver takes."""
    ready: dict[str, list[Group]] = {}
    for group in sorted(groups, key=lambda one: (one.since, one.receiver, one.unit)):
        if group.ready_at(rules[group.receiver]) <= now:
            ready.setdefault(group.receiver, []).append(group)
    found: list[Draft] = []
    for receiver, own in ready.items():
        room = rooms[receiver]
        left = min(room.messages, max(0, PROBES - room.failing)) if room.failing else room.messages
        if left < 1:
            continue
        if room.whole:
            found += _whole(receiver, own, room.members, left)
        elif len(own) > rules[receiver].most or len(own) > left:
            found.append(Draft(receiver, tuple(group.unit for group in own)))
        else:
            found += [Draft(receiver, (group.unit,)) for group in own]
    return tuple(found)


def _whole(receiver: str, groups: list[Group], members: int, left: int) -> list[Draft]:
    found: list[Draft] = []
    for group in groups:
        messages = min(left, -(-group.waiting // members))
        found += [Draft(receiver, (group.unit,), members)] * messages
        left -= messages
        if left < 1:
            break
    return found
