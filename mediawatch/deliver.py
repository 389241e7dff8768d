"""What is promised is told: composed into messages, claimed, sent, and settled by what the receiver said.

At least once, under ids that never change. It must not decide whom to tell.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import SecretStr

from mediawatch.core.alert_words import summary
from mediawatch.core.grouping import Gathered, Grouping, Room, drafts
from mediawatch.core.links import linked
from mediawatch.core.outbox import Backoff, next_attempt
from mediawatch.core.views import Message
from mediawatch.policy import Policy
from mediawatch.receivers import members as members_of
from mediawatch.receivers.receiver import Answer
from mediawatch.store.outbox import Compose, Delivery
from mediawatch.store.store import Store
from mediawatch.telling import Attempt, Configured, tell
from mediawatch.wires.sending import Sender

log = logging.getLogger("mediawatch")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
AT_ONCE = 200  # messages that one claim takes for one receiver
AT_ONCE_GROUPING = Grouping(wait=timedelta(), interval=timedelta())


class Paces:
    """How many messages each robot takes now. Receivers that name the same address are one robot."""

    def __init__(self, tried: Iterable[tuple[str, datetime]] = ()) -> None:
        self._tried = sorted(tried, key=lambda one: one[1])
        self._sent: dict[str, deque[datetime]] = {}
        self._rests: dict[str, datetime] = {}  # until when a robot takes nothing, because we were too fast

    def recount(self, tried: Iterable[tuple[str, datetime]]) -> None:
        """Counts anew what was sent, where others send as well."""
        self._sent.clear()
        self._tried = sorted(tried, key=lambda one: one[1])

    def heed(self, configured: Configured, attempt: Attempt) -> None:
        """Leaves a robot alone that said that we were too fast: more would only prolong that."""
        if attempt.answer is Answer.TOO_FAST:
            self.rest(configured, attempt.at + timedelta(seconds=attempt.retry_after or 0.0))

    def rest(self, configured: Configured, until: datetime) -> None:
        """It takes nothing until then."""
        robot = robot_of(configured)
        self._rests[robot] = max(until, self._rests.get(robot, until))

    def room(self, receivers: Mapping[str, Configured], now: datetime) -> dict[str, int]:
        """By receiver: how many messages may be sent to it now, if no other of its robot sends any."""
        for name, at in self._tried:  # what was sent before we started counts too
            if name in receivers:
                self._of(receivers[name]).append(at)
        self._tried = []
        return {name: self._room(one, now) for name, one in receivers.items()}

    def take(self, configured: Configured, now: datetime) -> bool:
        """Counts one message that goes out now. False, and it is not counted, where there is no room for it."""
        if self._room(configured, now) < 1:
            return False
        self._of(configured).append(now)
        return True

    def _room(self, configured: Configured, now: datetime) -> int:
        sent = self._of(configured)
        while sent and sent[0] <= now - MINUTE:
            sent.popleft()
        rests = self._rests.get(robot_of(configured))
        if rests is not None and rests > now:
            return 0
        just_now = sum(at > now - SECOND for at in sent)
        left = min(configured.receiver.per_minute - len(sent), configured.receiver.per_second - just_now)
        return max(0, int(left))

    def _of(self, configured: Configured) -> deque[datetime]:
        return self._sent.setdefault(robot_of(configured), deque())


def robot_of(configured: Configured) -> str:
    """Which robot a receiver is: the same for all that name one address; no address can be read from it."""
    url = getattr(configured.settings, "url", None)
    if not isinstance(url, SecretStr):
        return configured.name
    return hashlib.sha256(f"{configured.receiver.kind}\n{url.get_secret_value()}".encode()).hexdigest()


def next_messages(
    store: Store,
    policy: Policy,
    receivers: Mapping[str, Configured],
    room: Mapping[str, int],
    now: datetime,
    lease: timedelta,
    *,
    at_once: bool = False,
    only: Collection[str] | None = None,
    token: str | None = None,
) -> list[Delivery]:
    """Composes what is to be told now, and claims it. at_once: no group waits for company (drills).

    only: to these receivers, where others are served elsewhere. token: of the claims, where they must be known.
    Of a receiver that the settings no longer name everything is claimed: it is given up, with a reason.
    """
    claimed: list[Delivery] = []
    with store.writing() as ledger:
        outbox = ledger.outbox
        groups, failing = outbox.groups(), outbox.failing()
        names = {group.receiver for group in groups} | outbox.owed_to()
        names = names if only is None else names & set(only)
        rooms, rules, listed = {}, {}, {}
        for name in names:
            configured, rule = receivers.get(name), policy.telling.grouping_of(name)
            whole = configured.receiver.whole if configured else False
            listed[name] = members_in(configured, rule) if configured else rule.listed
            rules[name] = AT_ONCE_GROUPING if at_once or configured is None else rule
            messages = min(room.get(name, AT_ONCE), AT_ONCE)
            rooms[name] = Room(messages, listed[name], failing.get(name, 0) if configured else 0, whole)
        for draft in drafts([group for group in groups if group.receiver in names], rules, rooms, now):
            outbox.compose(draft, listed[draft.receiver], composer(policy, draft.receiver, now), now)
        for name in sorted(names):
            compose = composer(policy, name, now)
            claimed += outbox.claim(name, rooms[name].messages, now, lease, listed[name], compose, token)
    return claimed


def members_in(configured: Configured, rule: Grouping) -> int:
    """How many notices one message to the receiver lists."""
    members = members_of(configured.receiver, configured.settings)
    return members if configured.receiver.whole else min(members, rule.listed)


def composer(policy: Policy, receiver: str, now: datetime) -> Compose:
    """How a receiver's notices become its message: what is on top of it, and what it does not list."""

    def compose(id_: str, gathered: Gathered) -> Message:
        units = gathered.units
        unit = units[0] if len(units) == 1 else ""
        return Message(
            id=id_,
            receiver=receiver,
            at=now,
            unit=unit,
            unit_name=policy.units[unit].name if unit in policy.units else "",
            units=len(units),
            cause=gathered.cause,
            notices=gathered.notices,
            more=gathered.total - len(gathered.notices),
            total=gathered.total,
            counts=dict(gathered.counts),
            summary=summary(gathered.counts, len(units), policy.language),
            link=policy.telling.link,
        )

    return compose


async def deliver(
    configured: Configured | None, message: Message, sender: Sender, policy: Policy, now: datetime
) -> Attempt:
    """Sends one message, with links to answer it by. Never raises for what a receiver does: it may be tried again."""
    attempt = Attempt(now, Answer.REFUSED, "the settings name no such receiver")
    if configured is not None:
        attempt = await tell(configured, linked(message, policy.telling.links), sender, now, policy.language)
    return attempt


def settle(store: Store, delivery: Delivery, attempt: Attempt, backoff: Backoff, now: datetime) -> None:
    """Writes down what became of a message: taken, to be tried again, or given up for good."""
    with store.writing() as ledger:
        if attempt.request:
            ledger.receiver_tried(delivery.receiver, attempt.tried)
        if attempt.answer is Answer.ACCEPTED:
            ledger.outbox.delivered(delivery, now, attempt.detail)
            return
        if not delivery.attempts:  # it is said once that a message is not taken, and once more when it is given up
            log.warning("%s: not accepted (%s)", delivery.receiver, attempt.answer.value)
        again = None
        if attempt.answer is not Answer.REFUSED:
            again = next_attempt(delivery.attempts + 1, now, attempt.retry_after, delivery.message.id, backoff)
        if again is None:
            ledger.outbox.give_up(delivery, now, attempt.detail)
            log.warning("%s: a message is given up (%s)", delivery.receiver, attempt.answer.value)
        else:
            ledger.outbox.put_off(delivery, again, attempt.detail, doubtful=attempt.doubtful)
