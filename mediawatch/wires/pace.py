"""A platform's patience: how fast it is asked, by how many looks at once, how long it rests after a refusal.

Time here is the event loop's own; nothing in this file reads the wall clock, sends or sleeps on a thread.
Not aiolimiter: its waker never ends under a virtual clock (a rounding rest of 1e-16 of a token is waited for for
ever), and it cannot be charged for a redirect without waiting for it.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import datetime

from yarl import URL

from mediawatch.core.model import Reason
from mediawatch.core.wire import Entrance, Failed
from mediawatch.wires.entry import Entry

REFUSALS = frozenset({403, 418, 429, 432, 503})
_LONGEST_REST = 60  # times the first rest, where the platform names no time of its own
_LONGEST_ASKED = 24 * 3600.0  # seconds, however long the platform asks for
_BURST = 0.1  # seconds' worth of questions that may go out together, so that fast paces need no fine timers

_random = random.SystemRandom()


@dataclass(frozen=True)
class PlatformPace:
    """One platform's block in the settings.

    base_url: its base address, empty where each target names its own. per_minute: questions a minute, above zero.
    at_once: looks at once; where it is none, nothing is asked. secret_headers: sent to the platform's own host only
    (that of `base_url`, or the one in a key like `feed:bridge.example`), and kept nowhere. secrets: by name, for
    questions that name one; see `core.wire.Request`. ends: from when on a secret of that name is not used any more;
    under the empty name the secret headers, and then nothing is asked at all. rest: seconds that a refusal is
    worth, doubled by each further one in a row. entrance: how callers without a login are let in; see `entry`. roams:
    whether its servers may lead us to any host, as they would a visitor.
    """

    base_url: str
    per_minute: float
    at_once: int
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ends: tuple[tuple[str, datetime], ...] = ()
    rest: float = 30.0
    entrance: Entrance | None = None
    roams: bool = False

    def renewed(self, other: PlatformPace) -> PlatformPace:
        """This pace with the logins of another one."""
        return replace(self, secret_headers=other.secret_headers, secrets=other.secrets, ends=other.ends)


class Lane:
    """One platform's own queue: every look of that platform goes through it."""

    def __init__(self, pace: PlatformPace, jitter: float, hosts: frozenset[str] = frozenset()) -> None:
        self.pace = pace
        self.hosts = hosts  # the platform's own
        self.home = URL(pace.base_url) if pace.base_url else None
        self.secrets = dict(pace.secrets)  # and those that answers brought
        self.entry = Entry(pace.entrance) if pace.entrance is not None else None
        self._jitter = jitter  # of an interval, at most
        self._interval = 60.0 / pace.per_minute
        self._slack = max(0.0, _BURST - self._interval)
        self._looks = 0
        self._next = 0.0  # loop time at which the next question may go out
        self._refusals = 0  # in a row
        self._rests_until = 0.0
        self._refused_at: datetime | None = None  # the newest look that we know was refused, whoever made it

    def renew(self, pace: PlatformPace) -> None:
        """The logins of that pace replace ours, with all that was brought by the old ones; the rest stays."""
        self.pace = self.pace.renewed(pace)
        self.secrets = dict(pace.secrets)

    def secrets_at(self, now: datetime) -> dict[str, str]:
        """The secrets that still hold. Raises `Failed(login_required)` where the login of all questions is over."""
        over = {name for name, at in self.pace.ends if now >= at}
        if "" in over:
            raise Failed(Reason.LOGIN_REQUIRED, "our login is over: nothing is asked until it is renewed")
        if not over:
            return dict(self.secrets)
        gone = {name for name in self.secrets if name in over or name.partition("/")[0] in over}
        return {name: secret for name, secret in self.secrets.items() if name not in gone}

    def room(self) -> int:
        """How many more looks may be opened now."""
        now = _now()
        if self.resting or now < self._next - self._slack or (self.entry is not None and self.entry.resting):
            return 0
        return max(0, self.pace.at_once - self._looks)

    @property
    def resting(self) -> bool:
        return _now() < self._rests_until

    def enter(self) -> None:
        self._looks += 1

    def leave(self, at: datetime) -> None:
        """A look that was made at that instant is over."""
        self._looks -= 1
        if self.resting:
            self._refused_at = at if self._refused_at is None else max(at, self._refused_at)

    def refused(self, at: datetime) -> None:
        """Another behind our exit was refused at that instant: the platform is left alone as if it had been we."""
        if self._refused_at is None or at > self._refused_at:
            self._refused_at = at
            self.rest()

    async def turn(self) -> None:
        """Waits for this question's turn. Raises `Failed(rate_limited)` where the platform is left alone."""
        self._refuse_while_resting()
        wait = self.charge()
        if wait > 0:
            await asyncio.sleep(wait + _random.uniform(0, self._jitter) * self._interval)
            self._refuse_while_resting()  # another look may have been refused meanwhile

    def charge(self) -> float:
        """Takes the next place in the queue and returns the seconds until it comes."""
        now = _now()
        # A pause earns no more than the burst: a platform is never made to pay for the time we slept.
        place = max(self._next, now - self._slack)
        self._next = place + self._interval
        return max(0.0, place - now)

    def heed(self, status: int, retry_after: float | None) -> None:
        """Learns from an answer: a refusal begins (or lengthens) a rest, a success after the rest ends the count."""
        if status in REFUSALS or (status >= 400 and retry_after is not None):
            self.rest(retry_after)
        elif (200 <= status < 300 or status == 304) and not self.resting:
            self._refusals = 0

    def rest(self, retry_after: float | None = None) -> None:
        """Leaves the platform alone for its `rest`, doubling up to 60 times that, or for what it asked for (seconds).

        A time it asks for is taken at its word once, even where it is shorter; refused again after that, the longer
        of the two counts.
        """
        now = _now()
        if now >= self._rests_until:  # answers to questions that were under way together are one refusal
            self._refusals += 1
        seconds = self.pace.rest * min(2.0 ** min(self._refusals - 1, 30), _LONGEST_REST)
        if retry_after is not None and retry_after > 0:
            asked = min(retry_after, _LONGEST_ASKED)
            seconds = asked if self._refusals == 1 else max(asked, seconds)
        seconds *= 1 + _random.uniform(0, self._jitter)
        self._rests_until = max(self._rests_until, now + seconds)

    def _refuse_while_resting(self) -> None:
        left = self._rests_until - _now()
        if left > 0:
            raise Failed(Reason.RATE_LIMITED, "left alone after a refusal", retry_after=round(left, 3))


def _now() -> float:
    return asyncio.get_running_loop().time()
