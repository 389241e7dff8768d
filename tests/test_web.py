"""The daemon's control socket and its client: who may use it, what it answers, and what a dead daemon leaves behind."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mediawatch import __version__
from mediawatch.core.silences import Silence, Wanted, made
from mediawatch.web.control import Control, SocketTaken
from mediawatch.web.health import STALLED
from mediawatch.wires.control import ControlRefused, NoDaemon, acknowledge, health, review


@dataclass
class Daemon:
    """What a daemon gives to its control face."""

    age: float | None = 0.25
    problems: tuple[str, ...] = ()
    said: list[tuple[str, str, str]] = field(default_factory=list)

    async def acknowledge(
        self, alert: str, by: str, note: str, until: datetime | None = None, sticky: bool = False
    ) -> None:
        if by == "trouble":
            raise RuntimeError("a secret detail")
        if alert == "over":
            raise ValueError(f"alert {alert} is resolved")
        if alert != "a1b2":
            raise KeyError(alert)
        self.said.append((alert, by, note))

    async def silence(self, wanted: Wanted) -> Silence:
        return made(wanted, datetime(2026, 3, 2, tzinfo=UTC))

    async def end_silence(self, id_: str, by: str) -> None:
        raise KeyError(id_)

    async def review(self, alert: str, choice: str, by: str, reason: str, until: datetime | None) -> None:
        if alert != "a1b2":
            raise KeyError(alert)
        if by == "again":
            raise ValueError("again has confirmed it already; a second person must")
        self.said.append((alert, f"{by} {choice} {until}", reason))

    async def attest(self, account: str, word: str, signature: str) -> None:
        self.said.append((account, word, signature))

    def control(self, path: Path) -> Control:
        return Control(path, self, tick_age=lambda: self.age, problems=lambda: self.problems)


async def ask(path: Path, method: str, where: str, body: bytes | None = None) -> tuple[int, Any]:
    connector = aiohttp.UnixConnector(path=str(path))
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.request(method, f"http://control{where}", data=body) as response,
    ):
        return response.status, await response.json()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


async def test_an_acknowledgement_reaches_the_daemon_in_clean_words(path: Path) -> None:
    daemon = Daemon()
    async with daemon.control(path):
        await acknowledge(path, "a1b2", "张三", "正在联系\x1b[2J 主办单位\n")
    assert daemon.said == [("a1b2", "张三", "正在联系 [2J 主办单位")]


async def test_a_decision_reaches_the_daemon_and_what_it_refuses_is_said_in_its_words(path: Path) -> None:
    daemon = Daemon()
    async with daemon.control(path):
        await review(path, "a1b2", "dismiss", " 王\x07", "已核实", "2026-04-01T00:00:00+08:00")
        assert daemon.said == [("a1b2", "王 dismiss 2026-04-01 00:00:00+08:00", "已核实")]
        with pytest.raises(ControlRefused, match="a second person must") as refused:
            await review(path, "a1b2", "confirm", "again", "seen", None)
        assert refused.value.status == 409
        for bad in ({"choice": "maybe"}, {"reason": ""}, {"until": "2026-04-01"}):
            given = {"alert": "a1b2", "choice": "confirm", "by": "w", "reason": "r", "until": None} | bad
            with pytest.raises(ControlRefused) as refused:
                await review(path, **given)  # type: ignore[arg-type]
            assert refused.value.status == 400


async def test_an_alert_that_is_unknown_or_over_is_a_clear_no(path: Path) -> None:
    async with Daemon().control(path):
        with pytest.raises(ControlRefused, match="no alert has this id") as raised:
            await acknowledge(path, "ffff", "张三", "")
        assert raised.value.status == 404
        with pytest.raises(ControlRefused, match="this alert is over") as raised:
            await acknowledge(path, "over", "张三", "")
        assert raised.value.status == 409
        with pytest.raises(ControlRefused) as raised:
            await acknowledge(path, "../a1b2", "张三", "")
        assert raised.value.status == 404


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body"), (b"{", "body"), (b"[]", "body"), (b"[" * 9000, "body"), (b"{}", "by"),
        (b'{"by": ""}', "by"), (b'{"by": "\\u0007"}', "by"), (b'{"by": 5}', "by"),
        (b'{"by": "x", "who": "y"}', "who"), (b'{"by": "' + b"x" * 300 + b'"}', "by"),
    ],
)  # fmt: skip
async def test_a_malformed_acknowledgement_is_refused_with_its_place(path: Path, body: bytes, says: str) -> None:
    daemon = Daemon()
    async with daemon.control(path):
        status, answer = await ask(path, "POST", "/alerts/a1b2/ack", body)
    assert (status, list(answer), daemon.said) == (400, ["error"], [])
    assert answer["error"].startswith(f"{says}: ")


async def test_every_error_is_json_and_tells_no_inner_detail(path: Path) -> None:
    async with Daemon().control(path):
        assert (await ask(path, "GET", "/nothing"))[0] == 404
        assert (await ask(path, "GET", "/alerts/a1b2/ack"))[0] == 405
        assert (await ask(path, "POST", "/alerts/a1b2/ack", b"x" * 20_000))[0] == 413
        status, answer = await ask(path, "POST", "/alerts/a1b2/ack", b'{"by": "trouble"}')
    assert status == 500
    assert "secret" not in answer["error"]


async def test_health_tells_the_version_and_the_age_of_the_last_tick(path: Path) -> None:
    daemon = Daemon()
    async with daemon.control(path):
        assert await health(path) == {"ok": True, "version": __version__, "last_tick_seconds": 0.25}
        daemon.age = STALLED + 1
        assert (await ask(path, "GET", "/healthz"))[0] == 503
        assert (await health(path))["ok"] is False


async def test_ready_means_ticking_and_without_problems(path: Path) -> None:
    daemon = Daemon(age=None)
    async with daemon.control(path):
        assert await ask(path, "GET", "/readyz") == (503, {"ready": False, "problems": ["starting"]})
        daemon.age = 1.0
        assert await ask(path, "GET", "/readyz") == (200, {"ready": True, "problems": []})
        daemon.problems = ("the store cannot be written",)
        assert await ask(path, "GET", "/readyz") == (503, {"ready": False, "problems": list(daemon.problems)})


async def test_only_the_daemons_own_user_may_open_the_socket_and_it_is_gone_afterwards(path: Path) -> None:
    before = os.umask(0)
    try:
        async with Daemon().control(path):
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    finally:
        os.umask(before)
    assert "control.sock" not in os.listdir(path.parent)


async def test_with_no_daemon_the_client_says_so(path: Path) -> None:
    with pytest.raises(NoDaemon, match="no daemon listens"):
        await acknowledge(path, "a1b2", "张三", "")
    with pytest.raises(NoDaemon):
        await health(path.parent / "no-such-folder" / "control.sock")


def leave_stale(path: Path) -> None:
    """What a killed daemon leaves: the socket's name with nobody behind it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))


async def test_the_socket_of_a_killed_daemon_is_no_daemon_and_is_taken_over(path: Path) -> None:
    leave_stale(path)
    with pytest.raises(NoDaemon):
        await acknowledge(path, "a1b2", "张三", "")
    async with Daemon().control(path):
        assert (await health(path))["ok"]


async def test_a_second_daemon_does_not_take_the_socket_from_the_first(path: Path) -> None:
    async with Daemon().control(path):
        with pytest.raises(SocketTaken, match="another daemon"):
            await Daemon().control(path).__aenter__()
        assert (await health(path))["ok"]


async def test_a_file_of_that_name_is_never_removed(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(SocketTaken, match="not a socket"):
        await Daemon().control(path).__aenter__()
    assert os.listdir(path.parent) == ["control.sock"]


async def test_a_socket_that_another_has_put_in_its_place_is_left_there(path: Path) -> None:
    async with Daemon().control(path):
        os.rename(path, path.with_suffix(".moved"))
        leave_stale(path)
    assert "control.sock" in os.listdir(path.parent)


async def test_a_data_folder_of_any_depth_will_do(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80) / ("e" * 80)
    deep.mkdir(parents=True)
    daemon, path = Daemon(), deep / "control.sock"
    leave_stale_through = os.open(deep, os.O_RDONLY)
    leave_stale(Path(f"/proc/self/fd/{leave_stale_through}/control.sock"))
    os.close(leave_stale_through)
    with pytest.raises(NoDaemon):
        await health(path)
    async with daemon.control(path):
        await acknowledge(path, "a1b2", "张三", "")
        with pytest.raises(SocketTaken):
            await Daemon().control(path).__aenter__()
    assert daemon.said
    assert "control.sock" not in os.listdir(path.parent)


async def test_a_daemon_that_does_not_answer_is_not_waited_for_long(path: Path) -> None:
    done = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_unix_server(silent, path)
    with pytest.raises(ControlRefused, match=r"within 0\.1 s"):
        await acknowledge(path, "a1b2", "张三", "", patience=0.1)
    done.set()
    server.close()
    await server.wait_closed()
