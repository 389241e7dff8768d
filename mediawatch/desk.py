"""What people do through a running house: each act at its place in the line of the store's one thread.

It must decide nothing: every act is one verb, called with the policy that holds now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from mediawatch import attest, office, people, review
from mediawatch.adapters.attestation import Attestation
from mediawatch.clock import Clock
from mediawatch.core.alerting import Alert
from mediawatch.core.review import Choice
from mediawatch.core.seen import Launch
from mediawatch.core.silences import Silence, Wanted
from mediawatch.policy import Policy
from mediawatch.store.store import Store

P = ParamSpec("P")
T = TypeVar("T")


class InStore(Protocol):
    """Runs a call on the one thread that uses the store."""

    async def __call__(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...


class Desk:
    """The acts of people, for every face. policy: asked anew for each act, for a reload replaces it."""

    def __init__(self, store: Store, policy: Callable[[], Policy], clock: Clock, in_store: InStore) -> None:
        self._store, self._policy, self._clock, self._in_store = store, policy, clock, in_store

    async def acknowledge(
        self, alert_id: str, by: str, note: str, until: datetime | None = None, sticky: bool = False
    ) -> Alert:
        """Acknowledges a live alert. Raises KeyError for an unknown one, ValueError for one that is over."""
        said = (alert_id, by, note, self._clock())
        return await self._in_store(people.acknowledge, self._store, self._policy(), *said, until=until, sticky=sticky)

    async def silence(self, wanted: Wanted) -> Silence:
        """Adds a silence or a maintenance window. Raises ValueError as `people.silence`."""
        return await self._in_store(people.silence, self._store, wanted, self._clock())

    async def end_silence(self, id_: str, by: str) -> Silence:
        """Ends a silence now. Raises KeyError for an unknown one, ValueError for one that is over."""
        return await self._in_store(people.end_silence, self._store, id_, by, self._clock())

    async def review(self, alert_id: str, choice: Choice, by: str, reason: str, until: datetime | None) -> Alert:
        """Notes what a person decided about a candidate. Raises KeyError for an unknown one, ValueError as `decide`."""
        said = (alert_id, choice, by, reason, self._clock(), until)
        return await self._in_store(review.decide, self._store, self._policy(), *said)

    async def attest(self, account: str, word: str, signature: str) -> Launch:
        """Takes a person's word on an app (JSON). Raises KeyError for an unknown account, ValueError as `attest`."""
        said = Attestation.model_validate_json(word)
        return await self._in_store(attest.attest, self._store, self._policy(), account, said, signature, self._clock())

    async def office(self, name: str, said: bytes, by: str, dry_run: bool) -> dict[str, Any]:
        """An act with an inspection or a case, by its name. Raises KeyError, ValueError as `office.act`."""
        return await self._in_store(office.act, self._store, self._policy(), name, said, by, self._clock(), dry_run)
