"""What people type: silences, maintenance windows, who would be told, what units bear; and the dead man."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.dead_man import DeadMan
from mediawatch.house import held_store, policy_of
from mediawatch.notify import owe
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.shell import write
from tests.telling_world import open_breach

ACCOUNTS = {
    "units": [
        {"id": "bureau", "name": "某县公路局", "parent": "county", "level": "county", "receivers": ["duty"]},
        {"id": "county", "name": "县政府办", "level": "county", "receivers": ["county"]},
    ],
    "accounts": [
        {
            "id": "a", "name": "某县公路", "kind": "weibo", "unit": "bureau",
            "targets": [{"adapter": "weibo", "uid": "99000001"}],
        }
    ],
}  # fmt: skip
SETTINGS = {
    "language": "en",
    "receivers": {one: {"type": "wecom", "url": f"https://robot.example/{one}"} for one in ("duty", "county", "town")},
    "ladder": [
        {"after": "0s", "to": ["unit:operator"]},
        {"after": "8h", "working": True, "to": ["unit:county"]},
        {"after": "2d", "to": ["unit:city", "town"]},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A house with one account, against which a breach has stood for an hour."""
    write(tmp_path, json.dumps(ACCOUNTS, ensure_ascii=False), SETTINGS)
    found = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    now = wall_clock()
    with held_store(found.settings, now) as store:
        enroll(store, found, now)
        with store.writing() as ledger:
            alert = open_breach("a", now - timedelta(hours=1))
            ledger.save_alert(alert)
            owe(ledger, alert, policy_of(found), now - timedelta(hours=1))
    return tmp_path


def call(folder: Path, *words: str) -> Result:
    files = ["--accounts", str(folder / "accounts.yaml"), "--settings", str(folder / "mediawatch.yaml")]
    return CliRunner().invoke(cli, [*words, *files], catch_exceptions=False)


def told(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_route_says_who_would_be_told_when_and_why(folder: Path) -> None:
    words = told(call(folder, "alerts", "route", "a", "--json"))
    supposed = [(one["receiver"], one["cause"]) for one in words if not one["alert"]]
    assert sorted(supposed) == [("county", "escalated"), ("duty", "first"), ("town", "escalated")]
    standing = [(one["receiver"], one["cause"]) for one in words if one["alert"]]
    assert ("county", "escalated") in standing
    assert ("duty", "first") not in standing  # told already
    assert call(folder, "alerts", "route", "nobody").exit_code == 2
    assert "某县公路局" in call(folder, "alerts", "route", "a").stdout


def test_preview_shows_what_waits_and_what_falls_due(folder: Path) -> None:
    near = told(call(folder, "alerts", "preview", "--within", "1h", "--json"))
    assert [(one["receiver"], one["cause"], one["waits"]) for one in near] == [("duty", "first", True)]
    far = told(call(folder, "alerts", "preview", "--within", "30d", "--json"))
    assert {(one["receiver"], one["cause"]) for one in far} >= {("county", "escalated"), ("town", "escalated")}


def test_preview_shows_the_messages_as_they_would_be_sent_and_no_secret(folder: Path) -> None:
    (one,) = told(call(folder, "alerts", "preview", "--within", "1h", "--messages", "--json"))
    assert (one["receiver"], one["notices"]) == ("duty", 1)
    assert "某县公路局" in one["text"]
    shown = call(folder, "alerts", "preview", "--within", "30d", "--messages").stdout
    assert shown.count("\n--- ") >= 3
    assert "POST https://robot.example/*****" in shown
    assert not any(f"robot.example/{name}" in shown for name in SETTINGS["receivers"])
    (waits,) = told(call(folder, "alerts", "preview", "--within", "1h", "--json"))
    assert waits["waits"], "it promises nothing, and it sends nothing"


def test_burden_counts_by_unit(folder: Path) -> None:
    (view,) = told(call(folder, "alerts", "burden", "--json"))
    assert (view["name"], view["breaches"], view["reminders"], view["spared"]) == ("某县公路局", 1, 0, 0)


def test_a_silence_is_added_listed_and_ended_and_moves_what_is_ahead(folder: Path) -> None:
    assert (
        call(folder, "silence", "add", "unit=county", "--for", "20d", "--comment", "机房迁移", "--by", "李").exit_code
        == 0
    )
    (one,) = told(call(folder, "silence", "list", "--json"))
    assert (one["by"], one["comment"], one["matchers"]) == ("李", "机房迁移", [{"place": "unit", "value": "county"}])
    assert "muting now" in call(folder, "silence", "list").stdout
    held = told(call(folder, "alerts", "route", "a", "--json"))
    ends_at = datetime.fromisoformat(one["ends_at"])
    assert {one["cause"] for one in held} == {"silence_expired"}
    assert all(datetime.fromisoformat(word["at"]) >= ends_at for word in held)
    assert call(folder, "silence", "end", one["id"], "--by", "王").exit_code == 0
    assert told(call(folder, "silence", "list", "--json")) == []
    assert "over" in call(folder, "silence", "list", "--all").stdout
    again = call(folder, "silence", "end", one["id"])
    assert (again.exit_code, "over already" in again.stderr) == (2, True)
    assert call(folder, "silence", "end", "nothing").exit_code == 2


def test_a_window_that_comes_again_is_listed_until_its_last_day(folder: Path) -> None:
    weekly = ("--on", "thursday", "--at", "02:00", "--for", "2h", "--until", "2031-12-31", "--skip-holidays")
    assert call(folder, "maintenance", "add", "platform=weibo", *weekly, "--comment", "back-up").exit_code == 0
    (one,) = told(call(folder, "maintenance", "list", "--json"))
    assert one["every"]["weekdays"] == [3]
    assert told(call(folder, "silence", "list", "--json")) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("silence", "add", "unit", "--for", "1d", "--comment", "x"), "no matcher"),
        (("silence", "add", "town=x", "--for", "1d", "--comment", "x"), "no matcher"),
        (("silence", "add", "unit=x", "--comment", "x"), "--for how long or --until when"),
        (("silence", "add", "unit=x", "--for", "1d", "--comment", ""), "comment"),
        (("silence", "add", "unit=x", "--until", "2020-01-01", "--comment", "x"), "over already"),
        (("silence", "add", "unit=x", "--for", "soon", "--comment", "x"), "duration"),
        (("maintenance", "add", "unit=x", "--on", "monday", "--comment", "x"), "needs --on, --at, --for and --until"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(folder: Path, words: tuple[str, ...], says: str) -> None:
    result = call(folder, *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert told(call(folder, "silence", "list", "--all", "--json")) == []


def test_an_acknowledgement_for_a_time_or_until_it_is_healthy(folder: Path) -> None:
    assert call(folder, "alerts", "ack", "alert-a", "--by", "李", "--for", "8h").exit_code == 0
    (one,) = told(call(folder, "alerts", "list", "--json"))
    until = datetime.fromisoformat(one["acknowledged_until"])
    assert timedelta(hours=7, minutes=50) < until - wall_clock() <= timedelta(hours=8)
    assert call(folder, "alerts", "ack", "alert-a", "--by", "王", "--sticky").exit_code == 0
    (one,) = told(call(folder, "alerts", "list", "--json"))
    assert (one["acknowledged_by"], one["acknowledged_until"]) == ("王", None)
    assert "acknowledged" in call(folder, "alerts", "list").stdout


async def test_the_dead_mans_address_hears_from_us_while_we_are_well_and_only_then() -> None:
    heard: list[str] = []
    status = 200

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/ping/{token}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    well = True
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/t0ken"
    async with Sender(networks(["127.0.0.0/8"]), timeout=5) as sender:
        man = DeadMan(url, sender, lambda: well, wall_clock)
        assert await man.tick() == 1
        status = 503
        assert await man.tick() == 0  # nothing is raised, and the next tick tries again
        well = False
        assert await man.tick() == 0
    await runner.cleanup()
    assert heard == ["/ping/t0ken"] * 2
