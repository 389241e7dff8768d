"""Whose record is read, and as of when: the present one, or the past as it was judged then; and stepping through it.

All reading happens in one thread, so that a source needs no lock of its own and a slow one, or a past that takes long
to be judged, stops nothing but the next reading. It must never act: the past is only looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from textual.app import App

from mediawatch.tui.cells import minute
from mediawatch.tui.guard import Guarded, said_by
from mediawatch.tui.source import Clock, Past, Source

if TYPE_CHECKING:
    from mediawatch.locale import Words
    from mediawatch.tui.head import Vitals
    from mediawatch.tui.pane import Pane

Read = TypeVar("Read")
_FAR = timedelta(days=30)  # how far a step of a replay looks for the next change


class LookingBack(Guarded, App[None]):
    """The application, as far as it reads."""

    present: Source
    wall: Clock
    past: Past | None
    words: Words

    def __init__(self) -> None:
        super().__init__()
        self.moment: datetime | None = None  # the instant that is being looked back on
        self.stride: timedelta | None = None  # of a replay; from change to change where there is none
        self.vitals: Vitals | None = None  # what the head shows, as it was last read
        self.turning = False  # another instant is being judged
        self._past_source: Source | None = None
        self._past_kept = ExitStack()
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="console-reader")

    @property
    def pane(self) -> Pane[object] | None:
        """The pane that is shown."""
        raise NotImplementedError

    def say(self, message: str) -> None:
        """A message on the pane that is shown."""
        raise NotImplementedError

    def log_fault(self, error: Exception) -> None:
        """Keeps a fault where the process logs."""
        raise NotImplementedError

    @property
    def source(self) -> Source:
        """What is read: the record of the present, or as it stood at `moment`."""
        return self._past_source or self.present

    def clock(self) -> datetime:
        """The present instant, or the one that is being looked back on."""
        return self.moment or self.wall()

    async def ask(self, question: Callable[[], Read]) -> Read:
        """Runs a question in the reader's thread. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, question)

    def look_back(self, moment: datetime | None) -> None:
        """Shows the record as it stood at an instant, or the present again."""
        if moment is not None and self.past is None:
            self.say(self.words("This console cannot look back: its source has no past."))
        elif moment is not None and moment > self.wall():
            self.say(self.words("{when} is not yet.").format(when=minute(moment)))
        elif not self.turning:
            self.turning = True
            self.run_worker(self._turn_to(moment), exit_on_error=False)

    async def _turn_to(self, moment: datetime | None) -> None:
        past = self.past

        def turn() -> Source | None:
            self._past_kept.close()
            return None if moment is None or past is None else self._past_kept.enter_context(past(moment))

        if moment is not None:
            self.notify(self.words("Judging the record as of {when} ...").format(when=minute(moment)), markup=False)
        try:
            self._past_source = await self.ask(turn)
        except Exception as error:
            self._past_source, moment = None, None
            self.log_fault(error)
            self.say(self.words("Looking back failed: {error}").format(error=said_by(error)))
        self.moment, self.vitals, self.turning = moment, None, False
        if self.pane is not None:
            self.pane.refresh_bindings()
            self.pane.read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steps in time are offered where time is being looked back on."""
        return self.moment is not None if action == "step" else super().check_action(action, parameters)

    async def action_step(self, by: int) -> None:
        """Replay: a step back or on in time, to the next change of the record where no length was given."""
        if self.moment is None or self.turning:
            return
        here = self.moment
        if self.stride is not None:
            to = here + by * self.stride
        else:
            far = here + by * _FAR
            early, late = min(here, far), max(here, far)
            changes = [one for one in await self.ask(lambda: self.present.instants(early, late)) if one != here]
            if not changes:
                self.say(self.words("Nothing changed in the 30 days before or after this instant."))
                return
            to = changes[0] if by > 0 else changes[-1]
        self.look_back(None if to > self.wall() else to)

    def leave_the_past(self) -> None:
        """Gives back what an instant of the past held; in the reader's thread."""
        self._past_kept.close()
