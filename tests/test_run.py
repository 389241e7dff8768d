"""`run`: the daemon as a process: its ends, its signals, its one writer, its control socket."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell import Sim, call, files, heard, lines, started, wait, write
from tests.stories import weibo

NOW_WORLD = {
    "accounts": [
        weibo("silent", "day -40 10:00"),
        weibo("well", every="1d", number=2),
        weibo("hangs", every="1d", number=3),
    ],
    "troubles": [{"mode": "slow", "where": "hangs", "from": "day -50"}],
}


@pytest.fixture
def sim() -> Iterator[Sim]:
    """The world begins at the present: `run` has no other clock."""
    from mediawatch.clock import wall_clock

    now = wall_clock()
    with Sim(NOW_WORLD, now=now, starts_at=now) as served:
        yield served


def without_the_one_that_hangs(folder: Path) -> None:
    register = json.loads((folder / "accounts.yaml").read_text("utf-8"))
    register["accounts"] = [one for one in register["accounts"] if one["id"] != "hangs"]
    (folder / "accounts.yaml").write_text(json.dumps(register), encoding="utf-8")


def told(sim: Sim) -> list[tuple[str, str]]:
    """(cause, account) of what the webhook took; what was sent again under the same id (after a kill) counts once."""
    taken = {one.headers["webhook-id"]: one.body for one in sim.server.received if one.path == "/webhook"}
    notices = [notice for body in taken.values() for notice in json.loads(body)["data"]["notices"]]
    return [(notice["cause"], notice["account"]) for notice in notices]


def leases(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder}/mediawatch.db?mode=ro", uri=True) as database:
        held: int = database.execute("SELECT count(*) FROM target WHERE lease_token IS NOT NULL").fetchone()[0]
    database.close()
    return held


def ended(process: subprocess.Popen[str], within: float) -> str:
    """Sends SIGTERM; the rest of the log once it has ended, in time and with exit code 0."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=within + 20)
    assert time.monotonic() - began < within
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return err


def test_until_idle_it_looks_confirms_tells_and_ends(sim: Sim, tmp_path: Path) -> None:
    folder = sim.write(tmp_path, cadence={"recheck": "500ms"})
    without_the_one_that_hangs(folder)
    with started("run", *files(folder), "--cycles", "1") as process:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert {row["account"]: row["outcome"] for row in lines(call(folder, "accounts", "list", "--json"))} == {
        "silent": "fail",
        "well": "pass",
    }
    assert told(sim) == [], "one look is not enough"
    with started("run", *files(folder), "--until-idle") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, ""), err
    assert told(sim) == [("first", "silent")]
    assert leases(folder) == 0
    with started("run", *files(folder), "--until-idle") as process:
        process.communicate(timeout=60)
    assert told(sim) == [("first", "silent")], "and nobody is told twice"
    assert not (folder / "data" / "control.sock").exists()


def test_a_daemon_with_a_hanging_platform_acknowledges_reloads_keeps_others_out_and_ends_in_time(
    sim: Sim, tmp_path: Path
) -> None:
    wire = {"allow_private": ["127.0.0.0/8"], "timeout": "60s"}
    folder = sim.write(tmp_path, cadence={"recheck": "500ms"}, wire=wire)
    with started("run", *files(folder)) as process:
        heard(process, "watching 3 accounts")
        wait(lambda: told(sim))
        assert leases(folder) == 1, "one look hangs, and the others go on"

        # A second daemon, or any other writer, is kept out and harms nothing.
        for words in (("run", "--cycles", "1"), ("once",)):
            second = call(folder, *words)
            assert second.exit_code == 4
            assert f"pid {process.pid}" in second.stderr

        # Readers read beside it; an acknowledgement goes through its socket.
        (alert,) = lines(call(folder, "alerts", "list", "--json"))
        assert call(folder, "alerts", "ack", alert["id"], "--by", "李").exit_code == 0
        (alert,) = lines(call(folder, "alerts", "list", "--json"))
        assert alert["acknowledged_by"] == "李"
        assert call(folder, "alerts", "ack", "0123456789abcdef").exit_code == 2

        # A bad reload is logged, with the place, and not applied; a good one is applied.
        register = (folder / "accounts.yaml").read_text("utf-8")
        (folder / "accounts.yaml").write_text(register.replace('"kind": "weibo"', '"kind": "telegraph"', 1), "utf-8")
        process.send_signal(signal.SIGHUP)
        assert "not applied" in heard(process, "the new settings")
        fewer = json.loads(register)
        fewer["accounts"] = [one for one in fewer["accounts"] if one["id"] != "silent"]
        write(folder, fewer, (folder / "mediawatch.yaml").read_text("utf-8"))
        process.send_signal(signal.SIGHUP)
        assert heard(process, "settings reloaded").rstrip().endswith("2 accounts")
        wait(lambda: ("resolved", "silent") in told(sim))
        assert {row["account"] for row in lines(call(folder, "accounts", "list", "--json"))} == {"well", "hangs"}

        assert "every lease is given back" in ended(process, within=10)
    assert leases(folder) == 0
    assert not (folder / "data" / "control.sock").exists()


def test_a_daemon_that_was_killed_leaves_nothing_that_keeps_the_next_one_from_its_work(
    sim: Sim, tmp_path: Path
) -> None:
    folder = sim.write(
        tmp_path, cadence={"recheck": "500ms"}, wire={"allow_private": ["127.0.0.0/8"], "timeout": "60s"}
    )
    with started("run", *files(folder)) as process:
        heard(process, "watching 3 accounts")
        wait(lambda: told(sim))
        process.kill()
        process.communicate(timeout=20)
    assert leases(folder) == 1
    sim.world = sim.server.world = type(sim.world).of({"name": "well", "accounts": NOW_WORLD["accounts"]}, sim.now)
    with started("run", *files(folder), "--until-idle") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert leases(folder) == 0
    assert {row["outcome"] for row in lines(call(folder, "accounts", "list", "--json"))} == {"fail", "pass"}
    assert told(sim) == [("first", "silent")]


def test_a_message_that_the_receiver_refuses_for_good_is_given_up_without_a_word_of_its_secret(
    sim: Sim, tmp_path: Path
) -> None:
    url = f"{sim.server.base_url}/nowhere"
    receivers = {"duty": {"type": "webhook", "url": url, "secret": "geheim"}}
    folder = sim.write(
        tmp_path, cadence={"recheck": "500ms"}, receivers=receivers, ladder=[{"after": "0s", "to": ["duty"]}]
    )
    without_the_one_that_hangs(folder)
    assert call(folder, "once").exit_code == 1
    with started("run", *files(folder)) as process:
        heard(process, "duty: not accepted (refused)")
        alerts = {one["level"]: one for one in lines(call(folder, "alerts", "list", "--json"))}
        err = ended(process, within=10)
    alert = alerts["breach"]
    assert alerts.keys() <= {"breach", "fault"}, "that the receiver refuses is a fault of ours, and told as one"
    assert (alert["told"], alert["owed"]) == (0, 0), "given up, and kept in the record"
    assert "geheim" not in err
