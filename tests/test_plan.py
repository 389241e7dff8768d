"""The budget of a platform: what fits its pace, what must give, and when what waits is through."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.core.model import Outcome
from mediawatch.core.plan import Wanted, plan
from mediawatch.core.schedule import Cadence
from mediawatch.house import held_store
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from tests.shell import write

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CADENCE = Cadence()
QUIET = Wanted(due_at=NOW + DAY, look_by=NOW + 2 * DAY)
NEAR = replace(QUIET, deadline=NOW + 3 * DAY)
FAILS = replace(QUIET, outcome=Outcome.FAIL)


@pytest.mark.parametrize(
    ("target", "need", "looks"),
    [
        (QUIET, "regular", 1 / (7 * 0.925)),
        (replace(QUIET, deadline=NOW + 8 * DAY), "regular", 1 / (7 * 0.925)),
        (NEAR, "proof", 2 / 7),
        (FAILS, "standing", 1.0),
        (replace(FAILS, deadline=NOW - 56 * DAY), "standing", 0.5),
        (replace(QUIET, outcome=Outcome.UNKNOWN, deadline=NOW - DAY), "standing", 1.0),
        (replace(FAILS, every=HOUR), "visit", 24.0),
        (replace(FAILS, canary=True), "canary", 24.0),
    ],
)
def test_a_look_is_wanted_for_one_thing(target: Wanted, need: str, looks: float) -> None:
    view = plan("weibo", [target], 1.0, CADENCE, NOW)
    assert view.wanted == {need: pytest.approx(looks)}


def test_what_is_left_goes_to_the_regular_looks() -> None:
    view = plan("weibo", [QUIET] * 90 + [FAILS] * 10, 1.0, CADENCE, NOW)
    assert (view.allowed, view.gives) == (1440.0, {})
    assert view.regular_every == pytest.approx(90 / (1440 - 10) * 86400), (
        "each of the 90, with all that the fails leave"
    )
    own = Cadence(latest=timedelta(seconds=view.regular_every or 0) / 0.925)
    assert plan("weibo", [QUIET] * 90 + [FAILS] * 10, 1.0, own, NOW).used == pytest.approx(1.0)


def test_where_not_all_fits_the_regular_looks_give_first_and_the_deadlines_last() -> None:
    targets = [QUIET] * 700 + [FAILS] * 100 + [NEAR] * 70
    tight = plan("weibo", targets, 150 / 1440, CADENCE, NOW)
    assert tight.gives == {"regular": pytest.approx(tight.demand - 150)}
    assert (tight.clears_at, tight.covered_at) == (None, None)
    tighter = plan("weibo", targets, 60 / 1440, CADENCE, NOW)
    assert list(tighter.gives) == ["regular", "standing"]
    assert sum(tighter.gives.values()) == pytest.approx(tighter.demand - 60)
    assert list(plan("weibo", targets, 10 / 1440, CADENCE, NOW).gives) == ["regular", "standing", "proof"]


def test_a_look_that_asks_three_questions_takes_three_times_the_pace() -> None:
    assert plan("appstore", [QUIET], 30.0, CADENCE, NOW, questions=3.0).allowed == 14_400


def test_a_backlog_clears_at_the_pace_and_who_must_be_first_is() -> None:
    waiting = [replace(QUIET, due_at=NOW - HOUR, look_by=NOW + 5 * DAY)] * 600
    pressing = replace(QUIET, due_at=NOW - HOUR, look_by=NOW + timedelta(minutes=1))
    view = plan("weibo", [*waiting, pressing], 10.0, CADENCE, NOW)
    assert (view.waiting, view.late, view.clears_at) == (601, 0, NOW + timedelta(minutes=60.1))


def test_after_an_outage_it_says_when_all_is_seen_and_how_late_the_latest_was() -> None:
    spread = [replace(QUIET, due_at=NOW + one * HOUR / 10, look_by=NOW + one * HOUR / 10) for one in range(240)]
    calm = plan("weibo", spread, 1.0, CADENCE, NOW)
    assert (calm.late, calm.clears_at) == (0, NOW + timedelta(minutes=1))
    after = plan("weibo", spread, 1.0, CADENCE, NOW, outage=DAY)
    assert after.clears_at == NOW + DAY + timedelta(hours=4)
    assert (after.late, after.latest) == (240, DAY.total_seconds())


def test_the_first_round_ends_when_the_last_new_target_was_looked_at() -> None:
    new = replace(QUIET, new=True, due_at=NOW, look_by=NOW)
    assert plan("weibo", [new] * 60, 1.0, CADENCE, NOW).covered_at == NOW + timedelta(minutes=59)
    later = replace(new, due_at=NOW + 5 * HOUR, look_by=NOW + 5 * HOUR)
    assert plan("weibo", [new, later], 1.0, CADENCE, NOW).covered_at == NOW + 5 * HOUR
    assert plan("weibo", [QUIET], 1.0, CADENCE, NOW).covered_at is None


def test_a_first_round_is_no_standing_trouble_and_is_never_late() -> None:
    """A register that was entered just now: a county at one question a minute is through in a day and a half."""
    new = replace(QUIET, new=True, outcome=Outcome.UNKNOWN, due_at=NOW, look_by=NOW)
    view = plan("weibo", [new] * 2000, 1.0, CADENCE, NOW)
    assert view.wanted == {"regular": pytest.approx(2000 / (7 * 0.925))}
    assert view.gives == {}
    assert view.late == 0
    assert view.covered_at == NOW + timedelta(minutes=1999)


def test_the_command_shows_the_tightest_platform_first_and_obeys_a_platforms_own_interval(tmp_path: Path) -> None:
    accounts = [
        {
            "id": f"a{one}",
            "name": f"某市{one}",
            "kind": "weibo",
            "targets": [{"adapter": "weibo", "uid": f"99000{one:03}"}],
        }
        for one in range(40)
    ]
    feed = {"adapter": "feed", "url": "https://bridge.example/f.xml"}
    accounts.append({"id": "b", "name": "某局", "kind": "weibo", "targets": [feed]})
    settings = {"platforms": {"weibo": {"per_minute": 0.005, "latest": "1d"}}}
    write(tmp_path, json.dumps({"accounts": accounts}, ensure_ascii=False), settings)
    found = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    files = ["--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(tmp_path / "mediawatch.yaml")]
    early = CliRunner().invoke(cli, ["plan", "--json", "--lang", "en", *files], catch_exceptions=False)
    assert "planned from the register alone" in early.stderr
    with held_store(found.settings, wall_clock()) as store:
        enroll(store, found, wall_clock())
    told = CliRunner().invoke(cli, ["plan", "--json", *files], catch_exceptions=False)
    first, second = (json.loads(line) for line in told.stdout.splitlines())
    same = ("platform", "targets", "questions", "allowed", "wanted", "gives", "regular_every", "late", "new")
    before = [json.loads(line) for line in early.stdout.splitlines()]
    assert [{name: one[name] for name in same} for one in before] == [
        {name: one[name] for name in same} for one in (first, second)
    ]
    assert [first["platform"], second["platform"]] == ["weibo", "feed:bridge.example"]
    assert (first["targets"], first["new"], first["clears_at"]) == (40, 40, None)
    assert first["wanted"] == {"regular": pytest.approx(40 / 0.925)}, "each day, whatever the first look will show"
    assert first["gives"] == {"regular": pytest.approx(40 / 0.925 - 7.2)}
    table = CliRunner().invoke(cli, ["plan", "--outage", "6h", "--lang", "en", *files], catch_exceptions=False)
    assert "never" in table.stdout
    assert "must give" in table.stdout
