"""One platform's entrance: the grant that all of its looks share, renewed once when it is spent, then a cool-down.

The grant lives in this object's memory and nowhere else. Time is the event loop's own; nothing here asks the network
by itself or reads what an answer means: both are the entrance's own functions.
"""

from __future__ import annotations

import asyncio

from mediawatch.core.model import Blame, Reason
from mediawatch.core.wire import Entrance, Exchange, Failed, Grant, Wire

_LONGEST_REST = 12  # times the first


class Entry:
    """The way in. A grant that was turned away before it ever let us in is not worth another: then comes a rest."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._asking = asyncio.Lock()
        self._grant: Grant | None = None
        self._spent_at = 0.0
        self._proven = False  # whether this grant has let us in
        self._refusals = 0  # in a row
        self._rests_until = 0.0

    @property
    def resting(self) -> bool:
        return _now() < self._rests_until

    async def grant(self, wire: Wire, instead_of: Grant | None = None) -> Grant:
        """The grant of the moment, or a new one where there is none, it is too old, or it is the one to be replaced.

        Looks that ask at the same time get the same one. Raises `Failed` while the entrance rests, and where it gives
        nothing: then it rests, too.
        """
        async with self._asking:
            if self._grant is not None and self._grant is not instead_of and _now() < self._spent_at:
                return self._grant
            if self.resting:
                raise Failed(Reason.LOGIN_REQUIRED, "left alone after it let us in no more", self._left())
            self._grant, self._proven = None, False
            try:
                grant = await self._entrance.enter(wire, self._entrance.base_url.rstrip("/"))
            except Failed as failed:
                if failed.failure.reason.blame is Blame.US or failed.failure.retry_after is not None:
                    raise  # the entrance was not reached, or the platform rests already
                self._rest()
                detail = f"not let in: {failed.failure.detail}"
                raise Failed(failed.failure.reason, detail, self._left()) from None
            self._grant, self._spent_at = grant, _now() + grant.lasts
            return grant

    def dismissed(self, answer: Exchange) -> bool:
        """Whether the platform says in that answer that our grant is none (any more)."""
        if answer.status in self._entrance.statuses:
            return not answer.header("Retry-After")
        return self._entrance.turned_away(answer)

    def renewable(self, grant: Grant) -> bool:
        """Whether another grant in place of this one may help: it let us in before, or is replaced already."""
        return not self.resting and (self._grant is not grant or self._proven)

    def spares(self, status: int, asked_to_wait: bool, grant: Grant) -> bool:
        """Whether that status is only the platform's word on a grant that was good: then it is asked once more."""
        return status in self._entrance.statuses and not asked_to_wait and self.renewable(grant)

    def let_in(self, grant: Grant) -> None:
        """An answer showed content under that grant."""
        if grant is self._grant:
            self._proven, self._refusals = True, 0

    def give_up(self, grant: Grant) -> None:
        """A grant without a merit was turned away: no further try until the rest is over."""
        if grant is self._grant:
            self._grant = None
            self._rest()

    def _rest(self) -> None:
        self._refusals += 1
        self._rests_until = _now() + self._entrance.rest * min(2.0 ** (self._refusals - 1), _LONGEST_REST)

    def _left(self) -> float:
        return round(self._rests_until - _now(), 3)


def _now() -> float:
    return asyncio.get_running_loop().time()
