"""Stories of telling: what reaches whom at which minute, through the real daemon and real HTTP, in virtual time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mediawatch.core.alerting import State
from mediawatch.core.digest import Plan
from mediawatch.core.grouping import PROBES, Grouping
from mediawatch.core.model import Outcome, Unit
from mediawatch.core.routing import Step
from mediawatch.core.silences import Matcher, Wanted
from mediawatch.digests import digest_of
from mediawatch.office import act
from mediawatch.policy import Telling
from mediawatch.store.tables import OBSERVATION
from tests.stories import START, TELLING_ALL, Story, weibo
from tests.telling_world import MINUTE, Room

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNITS = {
    "bureau": Unit(id="bureau", name="某县公路局", parent="county", level="county", receivers=("duty",)),
    "county": Unit(id="county", name="县政府办", level="county", receivers=("county",)),
}


async def test_six_hours_without_a_receiver_lose_nothing_and_end_with_a_few_messages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two hundred breaches of forty units while the robot is away, every fifth over before it is back."""
    back = START + 6 * HOUR
    units = {f"u{number}": Unit(id=f"u{number}", name=f"第{number}局") for number in range(40)}
    down = lambda name, at: 503 if name == "duty" and START < at < back else 200  # noqa: E731
    async with Room(tmp_path, robots=("duty", "other"), units=units, answers=down) as room:
        for number in range(40):
            room.now = max(room.now, START + MINUTE)
            room.breach(*(f"{number}x{one}" for one in range(5)), unit=f"u{number}")
            await room.until(room.now + 5 * MINUTE, 5 * MINUTE)
        room.resolve(*(f"{number}x0" for number in range(1, 40)))
        await room.until(back + 2 * HOUR, 5 * MINUTE)
        tried = [at for at, name in room.attempts if name == "duty" and at < back]
        assert len(tried) <= 72 * PROBES, "a receiver that takes nothing is only tried"
        assert 1 <= caplog.text.count("not accepted") <= 2 * PROBES, "it is said when it begins, not at each attempt"
        texts = room.lines()
        assert 1 <= len(texts) <= 8, texts
        assert sum(_counted(text) for text in texts) == 200
        assert "was down, is back" in "\n".join(texts)
        assert not any("resolved" in text.split("\n")[0] for text in texts), (
            "nobody hears of an end without a beginning"
        )
        assert room.store.owed_count() == 0
        assert len(room.lines("other")) >= 40, "no receiver waits for another"


def _counted(text: str) -> int:
    """How many notices the first line of a message counts."""
    head = text.partition(" ")[2].split("\n")[0]
    whole = re.search(r"(\d+) of \d+ units", head)
    return int(whole[1]) if whole else sum(map(int, re.findall(r"\d+", head)))


async def test_breaches_of_one_unit_gather_and_what_comes_later_is_new_in_the_group(tmp_path: Path) -> None:
    async with Room(tmp_path, robots=(), hooks=("duty",), units=UNITS) as room:
        room.breach("a", "b", unit="bureau")
        await room.until(START + MINUTE)
        room.breach("c", unit="bureau")
        await room.until(START + 10 * MINUTE)
        assert room.lines() == ["+00:01 a first", "+00:01 b first", "+00:06 c first"]


async def test_who_answers_is_told_to_whoever_knows_and_nobody_above_is_asked(tmp_path: Path) -> None:
    ladder = (
        Step(after=timedelta(), to=("unit:operator",)),
        Step(after=4 * HOUR, to=("unit:county",), working=True),
    )
    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta(), repeat=timedelta()))
    async with Room(tmp_path, robots=(), hooks=("duty", "county"), units=UNITS, ladder=ladder, telling=telling) as room:
        room.breach("a", "b", unit="bureau")
        await room.until(START + HOUR)
        await room.daemon.desk.acknowledge("alert-a", "王", "在改", START + 30 * HOUR)
        await room.until(START + 5 * HOUR, 10 * MINUTE)
        assert room.lines() == ["+00:00 a first", "+00:00 b first", "+01:00 a acknowledged"]
        assert room.lines("county") == ["+04:00 b escalated"]
        room.resolve("a", "b")
        await room.until(START + 6 * HOUR, 10 * MINUTE)
        assert room.lines()[-2:] == ["+05:00 a resolved", "+05:00 b resolved"]
        assert room.lines("county") == ["+04:00 b escalated", "+05:00 b resolved"]


async def test_a_silence_over_a_unit_is_kept_and_its_end_says_why_it_was_quiet(tmp_path: Path) -> None:
    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta()))
    async with Room(tmp_path, units=UNITS, telling=telling) as room:
        wanted = Wanted(
            matchers=(Matcher(place="unit", value="county"),), by="李", comment="机房迁移", ends_at=START + 3 * HOUR
        )
        added = await room.daemon.desk.silence(wanted)
        assert await room.daemon.desk.silence(wanted) == added  # asked twice, for an answer that was lost
        room.breach("a", unit="bureau")
        await room.until(START + 4 * HOUR, 10 * MINUTE)
        (line,) = room.lines()
        assert line.startswith("+03:00")
        assert "李" in line
        assert "机房迁移" in line
        await room.restart()
        await room.until(START + 9 * HOUR, HOUR)
        assert len(room.lines()) == 1
        again = wanted.model_copy(update={"ends_at": START + 30 * HOUR})
        await room.daemon.desk.silence(again)  # whoever knows of it already is told when that is over
        await room.until(START + 31 * HOUR, HOUR)
        assert [line[:6] for line in room.lines()] == ["+03:00", "+30:00"]


async def test_two_receivers_of_one_robot_share_its_pace(tmp_path: Path) -> None:
    """Twenty a minute for the robot, whatever the names; nothing is dropped, the rest is told in the next minutes."""
    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta(), most=100))
    units = {f"u{number}": Unit(id=f"u{number}", name=f"第{number}局") for number in range(30)}
    async with Room(tmp_path, robots=("duty",), units=units, telling=telling) as room:
        room.daemon.receivers["twin"] = replace(room.daemon.receivers["duty"], name="twin")
        room.policy = replace(room.policy, ladder=(Step(after=timedelta(), to=("duty", "twin")),))
        for number in range(30):
            room.breach(f"a{number}", unit=f"u{number}")
        await room.until(START + 4 * MINUTE, timedelta(seconds=10))
        for at, _ in room.attempts:
            assert sum(at <= other < at + MINUTE for other, _ in room.attempts) <= 20
        assert room.store.owed_count() == 0


async def test_the_burden_of_a_unit_is_capped_and_what_it_was_spared_is_counted(tmp_path: Path) -> None:
    from mediawatch.foresight import burden

    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta(), repeat=DAY), burden=3)
    async with Room(tmp_path, robots=(), hooks=("duty",), units=UNITS, telling=telling) as room:
        room.breach("a", unit="bureau")
        await room.until(START + 6 * DAY + HOUR, HOUR)
        causes = [line.split()[-1] for line in room.lines()]
        assert causes == ["first", "repeat", "repeat", "repeat"]
        (view,) = burden(room.store, room.policy, START)
        assert (view.name, view.reminders, view.spared, view.breaches) == ("某县公路局", 3, 3, 1)


async def test_a_digest_comes_once_on_its_morning_with_the_worst_on_top(tmp_path: Path) -> None:
    accounts = [weibo("silent", "day -40 10:00"), weibo("well", every="1d", number=2)]
    digests = {"morning": {"every": "daily", "at": "08:30", "to": ["office"]}}
    async with Story(tmp_path, {"accounts": accounts}, restarts=True, digests=digests, review=TELLING_ALL) as story:
        await story.until("day 3 12:00")
        with story.store.recalling() as ledger:
            plan = Plan(name="x", every="daily", to=("office",))
            digest = digest_of(story.store, story.policy, plan, "", START, story.now, story.now)
            assert ledger.outbox.failing() == {}
        assert [(line.account, line.outcome.value) for line in digest.lines] == [("silent", "fail")]
        assert "2 accounts: 1 fail" in digest.summary
        assert [at.isoformat() for at, receiver in story.digests if receiver == "office"] == [
            "2026-03-03T08:30:00+08:00",
            "2026-03-04T08:30:00+08:00",
            "2026-03-05T08:30:00+08:00",
        ]


async def test_a_digest_tells_of_no_fail_before_it_stands(tmp_path: Path) -> None:
    """Silent before the house began: for a person until the day 15, and told of by nobody and nothing."""
    accounts = [weibo("silent", "day -40 10:00"), weibo("well", every="1d", number=2)]
    plan = Plan(name="x", every="daily", to=("office",))
    async with Story(tmp_path, {"accounts": accounts}) as story:
        for until, outcome, says in (("day 14 12:00", "unknown", ""), ("day 15 12:00", "fail", "not updated")):
            await story.until(until)
            (row,) = (one for one in story.query.rows(story.now) if one.account == "silent")
            assert row.outcome is Outcome.FAIL
            digest = digest_of(story.store, story.policy, plan, "", START, story.now, story.now)
            (line,) = digest.lines
            assert (line.account, line.outcome.value, says in line.says) == ("silent", outcome, True)
            assert (bool(line.says), line.days_left is None) == (bool(says), not says)
            assert f"1 {outcome}" in digest.summary
            assert {kind.value: number for kind, number in digest.by_outcome.items() if number} == {
                "pass": 1,
                outcome: 1,
            }


class _Sink(BaseHTTPRequestHandler):
    got: list[tuple[str, list[tuple[str, str, str]]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        notices = [(one["id"], one["alert"], one["cause"]) for one in body["data"]["notices"]]
        type(self).got.append((f"{self.path} {self.headers['webhook-id']}", notices))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_killed_at_any_point_of_the_path_nothing_is_lost_and_no_promise_gets_a_second_id(tmp_path: Path) -> None:
    """SIGKILL before and after commits and attempts of a whole alert life, and then a life that is let finish."""
    got: list[tuple[str, list[tuple[str, str, str]]]] = []
    sink = ThreadingHTTPServer(("127.0.0.1", 0), type("Sink", (_Sink,), {"got": got}))
    thread = threading.Thread(target=sink.serve_forever, daemon=True)
    thread.start()
    try:
        script = Path(__file__).parent / "kill_points.py"
        port = str(sink.server_address[1])
        stride = int(os.environ.get("MEDIAWATCH_KILL_STRIDE", "8"))  # 1 in `make bench-alerts`
        ran = subprocess.run(
            [sys.executable, str(script), str(tmp_path), port, str(stride)],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    finally:
        sink.shutdown()
        sink.server_close()
    points = int(ran.stdout.split()[-1])
    assert points >= 20
    for point in range(0, points + 1, stride):
        told: dict[str, set[str]] = {}
        causes: dict[str, set[str]] = {}
        for message, notices in got:
            if not message.startswith(f"/{point} "):
                continue
            for notice, alert, cause in notices:
                told.setdefault(notice, set()).add(message)
                causes.setdefault(alert, set()).add(cause)
        assert causes.keys() == {"alert-a", "alert-b"}, f"lost at point {point}"
        for alert, heard in causes.items():
            assert heard == {"first", "resolved"}, (point, alert, heard)
        assert all(len(messages) == 1 for messages in told.values()), (point, told)


async def test_a_platforms_trouble_mutes_its_accounts_and_what_it_held_back_is_told_afterwards(tmp_path: Path) -> None:
    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta()))
    async with Room(tmp_path, robots=(), hooks=("duty",), units=UNITS, telling=telling) as room:
        with room.store.writing() as ledger:
            ledger.open_incident("weibo", START, "blind")
        room.breach("a", "b", unit="bureau")
        await room.until(START + HOUR, 10 * MINUTE)
        assert room.lines() == []
        room.resolve("b")
        with room.store.writing() as ledger:
            ledger.close_incident("weibo", room.now)
            ledger.ask_again(room.now)
        await room.until(START + 2 * HOUR, 10 * MINUTE)
        assert room.lines() == ["+01:00 a first"]


async def test_a_storm_of_breaches_is_one_message_that_counts_them(tmp_path: Path) -> None:
    """The short form of `make bench-alerts`."""
    from tests.bench.alerts import storm

    found = await storm(tmp_path, 600, 2)
    assert (found.owed, found.messages) == (0, 1)
    assert found.busiest <= 20


async def test_one_that_comes_and_goes_is_told_as_such_and_then_as_it_is(tmp_path: Path) -> None:
    """An answer that turns every hour: at first each turn is told, then that it flaps, then nothing until it is steady.

    The judging is done by hand as `conclude` does it.
    """
    from mediawatch import notify
    from mediawatch.core import alerting, flapping
    from mediawatch.core.model import Finding, Outcome

    telling = Telling(grouping=Grouping(wait=timedelta(), interval=timedelta(), repeat=timedelta()))
    async with Room(tmp_path, robots=(), hooks=("duty",), units=UNITS, telling=telling) as room:
        room.enroll("a", unit="bureau")

        def judged(outcome: Outcome) -> None:
            now = room.now
            finding = Finding(
                account="a", indicator="U6", outcome=outcome, judged_at=now, holds_until=now,
                proof=(("t", now - DAY), ("t", now)),
            )  # fmt: skip
            with room.store.writing() as ledger:
                saved = ledger.save_all({"a": ((finding,), "edition")})["a"]
                live = ledger.live_alerts("a")
                changed = alerting.transition(live, (finding,), now, HOUR, "edition")
                turned = flapping.transition(live, (finding,), saved.histories, now, "en")
                for alert in (*turned, *changed):
                    ledger.save_alert(alert)
                    notify.owe(ledger, alert, room.policy, now)
                if turned:
                    ledger.ask_again(now, "a")

        for turn in range(12):
            judged(Outcome.FAIL if turn % 2 else Outcome.PASS)
            await room.until(room.now + HOUR, HOUR)
        for _ in range(20):
            judged(Outcome.FAIL)
            await room.until(room.now + HOUR, HOUR)
        assert room.lines() == [
            *("+01:00 a first", "+02:00 a resolved", "+03:00 a first", "+04:00 a resolved", "+05:00 a first"),
            *("+06:00 a first", "+06:00 a resolved"),  # that it flaps; and the breach that was told is over
            *("+26:00 a first", "+26:00 a resolved"),  # it is steady: the breach that stands; the flapping is over
        ]


async def test_what_was_refused_is_told_again_under_its_ids_and_what_has_ended_is_told_as_ended(tmp_path: Path) -> None:
    mended = START + timedelta(days=2)
    world = {
        "accounts": [
            weibo("silent", "day -14 09:00", number=1),
            weibo("back", "day -14 09:00", "day 2 09:00", number=2),
        ]
    }
    async with Story(tmp_path, world, answers=lambda _, now: 404 if now < mended else 200, review=TELLING_ALL) as story:
        await story.until("day 3 09:00")
        refused = {(one.account, one.message) for one in story.heard if one.account and one.cause != "reminder"}
        assert {account for account, _ in refused} == {"silent", "back"}
        assert story.told == []
        act(story.store, story.policy, "receiver.retry", b'{"receiver": "duty"}', "x", story.now)
        await story.until("day 3 10:00")
        told = [one for one in story.told if one.account]
        assert {(one.account, one.message) for one in told} == refused
        assert {one.account: one.cause for one in told} == {"silent": "first", "back": "back"}


async def test_a_look_its_alert_and_what_is_owed_about_it_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("silent", "day -40 10:00")]}, review=TELLING_ALL) as story:
        full = {
            "sqlite": "CREATE TRIGGER full BEFORE INSERT ON notification BEGIN SELECT RAISE(ABORT, 'full'); END",
            "postgresql": 'ALTER TABLE notification ADD CONSTRAINT "full" CHECK (false) NOT VALID',
        }
        with story.store.copying() as connection:
            connection.execute(text(full[connection.dialect.name]))
        with pytest.raises(IntegrityError, match="full"):
            await story.until("day 1")
        (alert,) = story.alerts()
        assert alert.state is State.PENDING, "the second look could not be told of, and is not written down either"
        with story.store.reading() as connection:
            assert connection.execute(select(func.count()).select_from(OBSERVATION)).scalar() == 1
