"""Anything that may happen, in any order (hypothesis draws it), and what must hold after each of it.

The house is the real one; its platform and its receiver change their moods, people act, it is ended, begun again and
killed. The truth is the simulated world's: who was silent, and since when.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from mediawatch import people, proof
from mediawatch.core.alerting import Alert, State
from mediawatch.core.calendar import days_between
from mediawatch.core.review import Review
from mediawatch.core.silences import Matcher, Wanted
from mediawatch.sim.trouble import Mode, Trouble
from mediawatch.sim.world import Standing, World
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY, WAYS
from tests.stories import HOUR, START, Story, weibo

WORLD = {
    "accounts": [
        weibo("canary", every="6h", number=9, canary=True),
        weibo("daily", every="1d", number=1),
        weibo("weekly", every="6d", number=2),
        weibo("silent", "day -30 10:00", number=3),
        weibo("falls", "day -9 10:00", "day 30 10:00", number=4),
        weibo("comes", "day -40 10:00", "day 12 10:00", "day 40 10:00", number=5),
    ]
}
CADENCE = {"latest": "1d", "soonest": "12h", "canary": "6h", "recheck": "1h"}
HIDES = frozenset({Mode.STALE, Mode.LAGGING, Mode.LAST_YEAR, Mode.SECOND_PAGE, Mode.OLD_LIST, Mode.POST_DELETED})


class Moody(World):
    """A world whose platform is in one mood at a time, as it was told."""

    mood: tuple[Mode, float, datetime] | None = None

    def trouble(self, platform: str, now: datetime, account: str = "") -> Standing | None:
        if self.mood is None:
            return None
        mode, share, since = self.mood
        hit = share >= 1 or self.draw(mode, account, now)[0] / 2**64 < share
        trouble = Trouble.model_validate({"mode": mode, "where": "weibo", "from": "0s"})
        return Standing(trouble, 0, since, None) if hit else None


class House(RuleBasedStateMachine):
    """One life of a house."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.status, self.lives = 200, 0
        self.silences: list[str] = []
        self.resolved: set[str] = set()
        self.story: Story | None = None

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(what)

    @property
    def house(self) -> Story:
        assert self.story is not None
        return self.story

    @initialize()
    def begins(self) -> None:
        (home := self.folder / "0").mkdir()
        self.story = Story(home, WORLD, cadence=CADENCE, grain=6 * HOUR, answers=lambda who, at: self.status)
        moody = Moody(self.story.world.definition, START)
        self.story.world = self.story.wires.world = moody
        self._do(self.story.__aenter__())

    # --- what may happen -----------------------------------------------------------------------------------------

    @rule(hours=strategies.integers(1, 72))
    def time_passes(self, hours: int) -> None:
        self._do(self.house.until(self.house.now + hours * HOUR))

    @rule(mode=strategies.sampled_from(sorted(set(WAYS) - HIDES)), share=strategies.sampled_from((1.0, 0.5, 0.2)))
    def the_platform_lies(self, mode: Mode, share: float) -> None:
        assert isinstance(self.house.world, Moody)
        self.house.world.mood = (mode, share, self.house.now)

    @rule()
    def the_platform_is_well(self) -> None:
        assert isinstance(self.house.world, Moody)
        self.house.world.mood = None

    @rule(status=strategies.sampled_from((200, 200, 500, 429)))
    def the_receiver_answers(self, status: int) -> None:
        self.status = status

    @rule()
    def it_is_ended_and_begun_again(self) -> None:
        self._do(self.house.restart())

    @rule()
    def it_is_killed(self) -> None:
        """What stands on the disk goes on elsewhere; the old process never writes another word."""
        self.lives += 1
        here, new = self.folder / str(self.lives - 1), self.folder / str(self.lives)
        shutil.copytree(here, new)
        self._do(self.house.moved_to(new))

    @precondition(lambda self: any(one.state is State.OPEN for one in self.house.alerts()))
    @rule()
    def somebody_answers(self) -> None:
        (one, *_) = [alert for alert in self.house.alerts() if alert.state is State.OPEN]
        self._do(self.house.daemon.desk.acknowledge(one.id, "王", "在改"))

    @rule(account=strategies.sampled_from(("daily", "silent", "falls", "comes")), hours=strategies.integers(1, 100))
    def somebody_silences(self, account: str, hours: int) -> None:
        who = (Matcher(place="account", value=account),)
        ends = self.house.now + timedelta(hours=hours)
        wanted = Wanted(matchers=who, comment="搬家", by="李", ends_at=ends)
        self.silences.append(people.silence(self.house.store, wanted, self.house.now).id)

    @precondition(lambda self: self.silences)
    @rule()
    def a_silence_is_ended(self) -> None:
        with suppress(ValueError):  # it was over already
            people.end_silence(self.house.store, self.silences.pop(), "李", self.house.now)

    # --- what must hold ------------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_accused_wrongly(self) -> None:
        for alert in self._sure():
            assert alert.confirmed_at is not None
            newest = self.house.world.profile(alert.subject, alert.confirmed_at).newest_at
            assert alert.indicator == "U1", alert
            assert newest is not None
            assert days_between(newest, alert.confirmed_at) > 14, alert

    @invariant()
    def every_alert_rests_on_looks_of_the_record(self) -> None:
        with self.house.store.reading() as connection:
            looks = {(row.target, row.at) for row in connection.execute(text("SELECT target, at FROM observation"))}
        known = {(target, str(at)[:19]) for target, at in looks}
        for alert in self._sure():
            assert alert.finding is not None
            assert len(alert.finding.proof) >= 2
            assert all((target, at.strftime("%Y-%m-%d %H:%M:%S")) in known for target, at in alert.finding.proof)

    @invariant()
    def nothing_is_over_because_it_could_not_be_seen(self) -> None:
        for alert in self._sure():
            if alert.state is State.RESOLVED and alert.id not in self.resolved:
                assert alert.resolved_at is not None
                newest = self.house.world.profile(alert.subject, alert.resolved_at).newest_at
                assert newest is not None
                assert days_between(newest, alert.resolved_at) <= 14, alert
                self.resolved.add(alert.id)

    @invariant()
    def every_word_has_one_id_and_every_alert_its_promise(self) -> None:
        if self.story is None:
            return
        ids: dict[str, set[str]] = {}
        for body in self.house.bodies:
            for notice in body["data"]["notices"]:
                ids.setdefault(notice["id"], set()).add(body["id"] if "id" in body else body["data"].get("id", ""))
        assert all(len(of) == 1 for of in ids.values()), ids
        with self.house.store.recalling() as ledger:
            silenced = {m.value for one in ledger.silences(self.house.now) for m in one.matchers}
            blind = ledger.open_incidents()
            said = {alert.id: ledger.outbox.said([alert.id]) for alert in self._sure() if alert.live}
        for alert in self._sure():
            if alert.live and not blind and alert.subject not in silenced and not self.silences:
                assert said[alert.id], f"nobody is promised {alert}"

    def _sure(self) -> list[Alert]:
        if self.story is None or not hasattr(self.story, "store"):
            return []
        return [one for one in self.house.alerts() if one.confirmed_at and one.review is Review.NOT_NEEDED]

    def teardown(self) -> None:
        if self.story is not None:
            flaws = proof.verify(self.house.store, self.house.recall).flaws
            self._do(self.house.__aexit__())
            assert flaws == []
        self.loop.close()
        shutil.rmtree(self.folder)


def lived(examples: int, steps: int) -> None:
    """So many lives of so many events. Raises AssertionError with the shortest life that breaks a promise."""
    logging.disable(logging.CRITICAL)
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def figures(full: bool) -> Iterator[Figure]:
    examples, steps = (2000, 50) if full else (15, 20)
    try:
        lived(examples, steps)
    except AssertionError as error:
        yield Figure(f"lives of anything in any order: {error}"[:76], "no promise broken", "broken", False)
        return
    yield Figure(f"{examples} lives of {steps} events of any kind, in any order", "no promise broken", "none", True)
