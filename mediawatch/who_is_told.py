"""Reads of mediawatch.yaml who is told: the ladder, the reminders, and the receivers that `alerts:` names.

It must not know how receivers are reached.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import Field

from mediawatch.complaints import unknown_name
from mediawatch.core.model import Value
from mediawatch.core.routing import ROLES, Step
from mediawatch.quantities import Duration
from mediawatch.settings_values import AlertSettings, DigestSettings
from mediawatch.strict_yaml import Path_

ModelT = TypeVar("ModelT", bound=Value)


class StepBlock(Value):
    """One rung of `ladder:` as written. working: `after` counts working hours."""

    after: Duration
    to: tuple[str, ...]
    working: bool = Field(default=False, strict=True)


class WhoIsTold:
    """The part of a reading of mediawatch.yaml that says who is told."""

    def _problem(self, path: Path_, message: str, *, at_key: bool = False) -> None:
        raise NotImplementedError

    def _model(self, model: type[ModelT], given: Any, path: Path_) -> ModelT | None:
        raise NotImplementedError

    def _ladder(self, given: Any, names: set[str]) -> tuple[Step, ...]:
        if given is not None and not isinstance(given, list):
            self._problem(("ladder",), "must be a list of rungs: {after: 0s, to: [receiver]}")
            return ()
        steps = []
        for index, rung in enumerate(given or []):
            path: Path_ = ("ladder", index)
            block = self._model(StepBlock, rung, path)
            if block is not None:
                self._known_receivers(block.to, (*path, "to"), names)
                steps.append(Step(after=block.after, to=block.to, working=block.working))
        return tuple(steps)

    def _reminders(self, data: dict[str, Any], names: set[str], ladder: tuple[Step, ...]) -> tuple[str, ...]:
        given = data.get("reminders")
        if given is None:
            return ladder[0].to if ladder else ()
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            self._problem(("reminders",), "must be a list of receivers")
            return ()
        self._known_receivers(given, ("reminders",), names)
        return tuple(given)

    def _known_receivers(self, given: Any, path: Path_, names: set[str]) -> None:
        if not given and path[0] == "ladder":
            self._problem(path, "names nobody")
        for index, name in enumerate(given):
            if name not in names and name not in ROLES:
                self._problem((*path, index), unknown_name("receiver", name, names))

    def _digests(self, given: dict[str, Any], names: set[str]) -> dict[str, DigestSettings]:
        found = {}
        for name, block in given.items():
            digest = self._model(DigestSettings, block, ("digests", name))
            if digest is not None:
                self._known_receivers(digest.to, ("digests", name, "to"), names)
                found[name] = digest
        return found

    def _alerts(self, alerts: AlertSettings | None, names: set[str]) -> None:
        """What `alerts:` says of receivers names receivers."""
        if alerts is None:
            return
        for key, given in (("groups", alerts.groups), ("hours", alerts.hours), ("ours", alerts.ours)):
            for index, name in enumerate(given):
                if name not in names:
                    place = index if key == "ours" else name
                    self._problem(("alerts", key, place), unknown_name("receiver", name, names))
