"""The ladder of an app, rung by rung, with real parts: a package that installs and does not open fails on the last."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mediawatch.adapters import apk, launch
from mediawatch.core.model import Account, Evidence, Finality, Finding, Launch, Look, Outcome, Package, Seen, Target
from mediawatch.core.rules import judge
from mediawatch.core.wire import Exchange
from mediawatch.core.wording import say
from mediawatch.rulebook_file import load_rulebook
from mediawatch.sim.adb import AdbServer, Device
from mediawatch.sim.definition import PackageState
from mediawatch.sim.package import in_state
from mediawatch.wires.device import Devices
from mediawatch.wires.replay import Replay
from tests.devices import LAUNCHER, ended, focus, phone, started
from tests.real_packages import MISSING, build, can_build, key, sign

pytest.importorskip("adbutils")

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
URL = "https://download.example/yunxi.apk"
PACKAGE = "cn.gov.yunxi.app"
BOOK = load_rulebook("national-2019")


class Shelf:
    """A keeper that keeps nothing."""

    def keep(self, body: bytes) -> str:
        return ""

    def recall(self, digest: str) -> bytes | None:
        return None


async def climbed(body: bytes, device: Device) -> tuple[Package, Launch, dict[str, Finding]]:
    """Both looks at one package, and what the national rulebook says of the app."""
    download = Exchange(url=URL, at=NOW, status=200, headers=(("Content-Length", str(len(body))),), body=body)
    address = launch.Address(package=PACKAGE, url=URL)
    async with (
        AdbServer(device) as server,
        Devices(Shelf(), Replay([download]), server.address).open("device", NOW) as wire,
    ):
        opened = launch.parse(address, await launch.fetch(address, wire))
    packed = apk.parse(apk.Address(url=URL, package=PACKAGE), (download,))

    def look(kind: str, covers: str, seen: Seen) -> Look:
        return Look(target=kind, adapter=kind, platform=kind, covers=frozenset({covers}), at=NOW, seen=seen)

    kinds = {"apk": "package", "launch": "launch"}
    targets = tuple(
        Target(id=kind, account="a", adapter=kind, platform=kind, address={}, covers=frozenset({covers}))
        for kind, covers in kinds.items()
    )
    account = Account(id="a", name="云溪办", kind="app", targets=targets)
    looks = (look("apk", "package", packed), look("launch", "launch", opened))
    findings = judge(BOOK, Evidence(account=account, now=NOW, watched_since=NOW, looks=looks))
    return packed, opened, {finding.indicator: finding for finding in findings}


CRASHES = {"exit": ended("APP CRASH(EXCEPTION)"), "start": started(LAUNCHER), "focus": focus(LAUNCHER), "pid": b""}


async def test_a_package_that_installs_and_does_not_open_fails_on_launch_and_not_before() -> None:
    body = in_state(PackageState.GOOD, PACKAGE, "1.2.3", 123)
    packed, opened, rungs = await climbed(body, phone(**CRASHES))
    assert (packed.problem, opened.problem) == ("", "crash")
    assert {name: finding.outcome for name, finding in rungs.items() if name in ("A3D", "A3P", "A4")} == {
        "A3D": Outcome.PASS,
        "A3P": Outcome.PASS,
        "A4": Outcome.FAIL,
    }
    assert rungs["A4"].finality is Finality.CANDIDATE
    said = say(BOOK.indicator("A4"), rungs["A4"], "zh_CN")
    assert said.startswith(
        "移动客户端疑似无法打开：自 2026-03-02 起 1 次启动未成功（打开后崩溃；Invented Phone 1，Android 14 (API 34)）"
    )


async def test_the_same_package_on_a_good_day_passes_every_rung() -> None:
    _, _, rungs = await climbed(in_state(PackageState.GOOD, PACKAGE, "1.2.3", 123), phone())
    assert {rungs[name].outcome for name in ("A3D", "A3P", "A4")} == {Outcome.PASS}


@pytest.fixture
def real_package(tmp_path: Path) -> bytes:
    """A small package built and signed by Debian's own tools."""
    if not can_build():
        pytest.skip(MISSING)
    return sign(build(tmp_path, PACKAGE), key(tmp_path), (1, 2, 3))


async def test_a_real_package_goes_up_the_whole_ladder(real_package: bytes) -> None:
    device = phone()
    packed, opened, rungs = await climbed(real_package, device)
    assert (packed.problem, packed.version_code, packed.launchable) == ("", 7, f"{PACKAGE}.Main")
    assert packed.signed
    assert list(device.files.values()) == [real_package]
    assert opened.opened
    assert {rungs[name].outcome for name in ("A3D", "A3P", "A4")} == {Outcome.PASS}
