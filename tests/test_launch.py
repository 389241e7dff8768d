"""An app is opened over ADB: the real client library against a server that speaks the real protocol."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from mediawatch.adapters import launch
from mediawatch.adapters.device_texts import exit_sign, front_sign, install_sign, log_sign, start_sign
from mediawatch.core.model import Launch, Reason
from mediawatch.core.wire import Exchange, Failed, Request
from mediawatch.isolation import Readers
from mediawatch.sim.adb import AdbServer, Device
from mediawatch.wires.by_platform import ByPlatform
from mediawatch.wires.device import Devices
from mediawatch.wires.replay import Replay
from tests.devices import EMULATOR, LAUNCHER, PACKAGE, ended, focus, phone, png, screen, started
from tests.packages import package

adbutils = pytest.importorskip("adbutils")

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
URL = "https://download.example/yunxi.apk"
APK = package()
ADDRESS = launch.Address(package=PACKAGE, url=URL)


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client library rests ten milliseconds whenever it hangs up, which is twice for each question."""
    monkeypatch.setattr(adbutils._adb, "time", SimpleNamespace(sleep=lambda seconds: None))


class Shelf:
    """A keeper in memory."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def keep(self, body: bytes) -> str:
        self.kept.append(body)
        return ""

    def recall(self, digest: str) -> bytes | None:
        return None


def devices(server: AdbServer | str, shelf: Shelf | None = None, body: bytes = APK) -> Devices:
    download = Exchange(url=URL, at=NOW, status=200, body=body)
    address = server if isinstance(server, str) else server.address
    return Devices(shelf or Shelf(), Replay([download]), address)


async def tried(device: Device, address: launch.Address = ADDRESS) -> Launch:
    async with AdbServer(device) as server, devices(server).open("device", NOW) as wire:
        return launch.parse(address, await launch.fetch(address, wire))


def short(seen: Launch) -> str:
    return f"{seen.opened} {seen.blame} {seen.problem}".strip()


async def test_an_app_that_opens_is_installed_started_looked_at_and_removed() -> None:
    device, shelf = phone(), Shelf()
    async with AdbServer(device) as server, devices(server, shelf).open("device", NOW) as wire:
        exchanges = await launch.fetch(ADDRESS, wire)
    seen = launch.parse(ADDRESS, exchanges)
    assert short(seen) == "True none"
    assert (seen.package, seen.activity, seen.device, seen.os) == (
        PACKAGE, ".Main", "Invented Phone 1", "Android 14 (API 34)",
    )  # fmt: skip
    # the very bytes that were downloaded are on the device, and every answer was kept before it was read
    file = f"/data/local/tmp/mediawatch-{exchanges[0].digest[:16]}.apk"
    assert device.files == {file: APK}
    assert shelf.kept == [exchange.body for exchange in exchanges[1:]]
    assert seen.screenshot == next(exchange.digest for exchange in exchanges if exchange.body == png())
    assert [exchange.final_url for exchange in exchanges][1].startswith("adb://emulator-5554/shell/getprop%20")
    asked = " | ".join(device.asked)
    order = ["pm uninstall", "pm install -g " + file, "am force-stop", "am start -W -n", "sleep 10", "screencap"]
    assert [asked.index(command) for command in order] == sorted(asked.index(command) for command in order)
    assert device.asked[-2:] == [f"pm uninstall {PACKAGE}", f"rm -f {file}"]


OTHER = "com.example.other"
CRASH_LINES = (
    b"03-02 09:00:06.664  2977  2977 E AndroidRuntime: FATAL EXCEPTION: main\n"
    b"03-02 09:00:06.664  2977  2977 E AndroidRuntime: Process: %s, PID: 2977\n"
    b"03-02 09:00:06.664  2977  2977 E AndroidRuntime: java.lang.NullPointerException\n"
)
NATIVE_LINES = b"03-02 09:00:06.664  8623  8623 F DEBUG   : pid: 8623, tid: 8663, name: x  >>> %s <<<\n"
OWN = PACKAGE.encode()
GONE = {"focus": focus(LAUNCHER), "pid": b""}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "True none"),
        # the app fell back behind the launcher
        ({"start": started(LAUNCHER), **GONE}, "False app left_front"),
        (GONE, "False app left_front"),
        ({"focus": focus(LAUNCHER)}, "False app left_front"),
        # crashes of this app, in this test
        ({"exit": ended("APP CRASH(EXCEPTION)"), **GONE}, "False app crash"),
        ({"exit": ended("ANR")}, "False app anr"),
        ({"exit": ended("APP CRASH(NATIVE)"), **GONE}, "False app native_crash"),
        ({"log": CRASH_LINES % OWN, **GONE}, "False app crash"),
        ({"log": NATIVE_LINES % OWN, **GONE}, "False app native_crash"),
        ({"focus": b"  mCurrentFocus=Window{1 u0 Application Error: cn.gov.yunxi.app}\n"}, "False app crash"),
        ({"focus": b"  mCurrentFocus=Window{1 u0 Application Not Responding: cn.gov.yunxi.app}\n"}, "False app anr"),
        # not of this test, not of this process
        ({"exit": ended("APP CRASH(EXCEPTION)", at="2026-03-02 08:59:59.999")}, "True none"),
        ({"exit": ended("APP CRASH(EXCEPTION)", process=f"{PACKAGE}:push")}, "True none"),
        ({"exit": ended("USER REQUESTED")}, "True none"),
        ({"log": CRASH_LINES % OTHER.encode()}, "True none"),
        ({"log": (CRASH_LINES % OWN).replace(b"09:00", b"08:59")}, "True none"),
        ({"date": b"sh: date: not found\n", "exit": ended("ANR"), "log": CRASH_LINES % OWN}, "True none"),
        # the bench's faults
        ({"exit": ended("LOW_MEMORY"), **GONE}, "None bench low_memory"),
        ({"focus": b"  mCurrentFocus=Window{1 u0 NotificationShade}\n"}, "None bench locked"),
        ({"focus": focus("com.android.permissioncontroller/.Grant")}, "None none dialog"),
        # what telephones of Huawei, OPPO and vivo ask with
        ({"focus": focus("com.huawei.systemmanager/.Grant")}, "None none dialog"),
        ({"focus": focus("com.oplus.securitypermission/.Grant")}, "None none dialog"),
        ({"focus": focus("com.vivo.permissionmanager/.Grant")}, "None none dialog"),
        ({"focus": b"  mCurrentFocus=null\n"}, "None none no_focus"),
        ({"focus": b""}, "None none no_focus"),
        ({"pid": b""}, "None none no_process"),
        ({"pid": b"/system/bin/sh: pidof: not found\n"}, "None none no_process"),
        ({"start": started(f"{PACKAGE}/.Main", "timeout")}, "None none timeout"),
        ({"start": started(f"{PACKAGE}/.Main", "timeout"), "exit": ended("ANR")}, "False app anr"),
        ({"start": b"Error type 3\nError: Activity class {x/y} does not exist.\n"}, "None bench wrong_start"),
        ({"start": b""}, "None bench unreadable_start"),
        # installing
        ({"install": b"Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]\n"}, "None bench install_failed"),
        ({"install": b"Failure [INSTALL_FAILED_USER_RESTRICTED: x]\n"}, "None bench install_failed"),
        ({"install": b"Failure [INSTALL_FAILED_NO_MATCHING_ABIS: x]\n"}, "None bench unfit_device"),
        ({"install": b"Failure [INSTALL_PARSE_FAILED_NO_CERTIFICATES: x]\n"}, "False app install_failed"),
        ({"install": b"Failure [INSTALL_FAILED_INVALID_APK]\n"}, "False app install_failed"),
        ({"install": b""}, "None bench install_failed"),
        ({"path": b""}, "None bench not_installed"),
        ({"resolve": b"No activity found\n"}, "False app no_launcher"),
        ({"resolve": b"cmd: Can't find service: package\n"}, "None bench wrong_start"),
        ({"resolve": b"x\nandroid/com.android.internal.app.ResolverActivity\n"}, "None bench wrong_start"),
        # what the screen's words say decides nothing
        ({"screen": b"ERROR: could not get idle state.\n", "words": b""}, "True none"),
        # the picture
        ({"picture": png("blank")}, "False app blank"),
        ({"picture": png("black")}, "None none black_picture"),
        ({"picture": b""}, "None none no_picture"),
        ({"picture": png()[:200]}, "None none no_picture"),
        # an ARM app on an x86 emulator says nothing about a phone, except where it opens
        ({"properties": EMULATOR}, "True none"),
        ({"properties": EMULATOR, "exit": ended("APP CRASH(EXCEPTION)"), **GONE}, "None bench arm_on_x86"),
        ({"properties": EMULATOR, "log": NATIVE_LINES % OWN, **GONE}, "None bench arm_on_x86"),
        ({"properties": EMULATOR, "abi": b"    primaryCpuAbi=null\n", "exit": ended("APP CRASH(EXCEPTION)")},
         "False app crash"),
        ({"properties": EMULATOR, "abi": b"    primaryCpuAbi=null\n", "log": NATIVE_LINES % OWN},
         "None bench native_crash"),
        ({"properties": b"\n\n\n\n\n", "log": NATIVE_LINES % OWN, **GONE}, "None bench native_crash"),
    ],
)  # fmt: skip
async def test_only_what_lies_at_the_apps_own_door_is_held_against_it(answers: dict, expected: str) -> None:
    assert short(await tried(phone(**answers))) == expected


async def test_a_package_that_does_not_suit_is_the_apps_fault_only_on_the_reference_device() -> None:
    unfit = {"install": b"Failure [INSTALL_FAILED_OLDER_SDK: x]\n"}
    reference = ADDRESS.model_copy(update={"reference": True})
    assert short(await tried(phone(**unfit), reference)) == "False app install_failed"
    assert short(await tried(phone(properties=EMULATOR, **unfit), reference)) == "None bench unfit_device"


async def test_an_app_that_is_on_the_device_already_is_neither_installed_nor_removed() -> None:
    device = phone()
    assert short(await tried(device, launch.Address(package=PACKAGE))) == "True none"
    assert not [command for command in device.asked if command.startswith(("pm install", "pm uninstall"))]


async def test_a_device_that_falls_silent_is_nobodys_fault_and_is_left_clean() -> None:
    device = phone(start=None)
    async with AdbServer(device) as server:
        hurried = devices(server).open("device", NOW)
        async with hurried:
            hurried.ask = _hurried(hurried.ask)  # type: ignore[method-assign]
            with pytest.raises(Failed) as raised:
                await launch.fetch(ADDRESS, hurried)
    assert raised.value.failure.reason is Reason.TIMEOUT
    assert device.asked[-1].startswith("rm -f ")


def _hurried(ask):  # type: ignore[no-untyped-def]
    async def quick(request: Request) -> Exchange:
        return await ask(replace(request, timeout=0.5))

    return quick


@pytest.mark.parametrize(
    ("held", "serial", "said"),
    [
        ([], "", "0 devices are ready: none attached"),
        ([Device("a"), Device("b")], "", "2 devices are ready: a device, b device"),
        ([Device("a", state="unauthorized")], "", "0 devices are ready: a unauthorized"),
        ([Device("a", state="offline")], "a", "a is offline"),
        ([Device("a")], "b", "b is not attached"),
    ],
)
async def test_without_a_ready_device_there_is_no_verdict(held: list[Device], serial: str, said: str) -> None:
    async with AdbServer(*held) as server, devices(server).open("device", NOW) as wire:
        with pytest.raises(Failed) as raised:
            await launch.fetch(launch.Address(package=PACKAGE, serial=serial), wire)
    assert (raised.value.failure.reason, raised.value.failure.detail) == (Reason.NO_DEVICE, said)
    assert raised.value.failure.reason.blame == "us"


async def test_without_a_server_there_is_no_device_and_none_is_started() -> None:
    async with devices("127.0.0.1:1").open("device", NOW) as wire:
        with pytest.raises(Failed) as raised:
            await launch.fetch(launch.Address(package=PACKAGE), wire)
    assert (raised.value.failure.reason, raised.value.failure.detail) == (
        Reason.NO_DEVICE, "no ADB server at 127.0.0.1:1",
    )  # fmt: skip


async def test_half_a_package_on_the_device_is_never_called_a_bad_one() -> None:
    device = phone(install=b"Failure [INSTALL_PARSE_FAILED_NOT_APK]\n")
    device.keeps = 100
    with pytest.raises(Failed) as raised:
        await tried(device)
    assert raised.value.failure.reason is Reason.NO_DEVICE


async def test_a_page_in_the_packages_place_never_reaches_the_device() -> None:
    device = phone()
    async with AdbServer(device) as server, devices(server, body=b"<html>").open("device", NOW) as wire:
        with pytest.raises(Failed, match="no package"):
            await launch.fetch(ADDRESS, wire)
    assert device.asked == []


@pytest.mark.parametrize(
    "question",
    [
        "adb://any/shell/rm%20-rf%20%2Fsdcard",
        "adb://any/shell/am%20force-stop%20cn.gov.x%3B%20reboot",
        "adb://any/shell/am%20force-stop%20cn.gov.x%0Areboot",
        "adb://any/shell/am%20force-stop%20%24(reboot).x",
        "adb://any/shell/am%20start%20-W%20-n%20'cn.gov.x%2F.A'%3B'",
        "adb://any/push/%2Fsystem%2Fbin%2Fsh",
        "adb://any/push/%2Fdata%2Flocal%2Ftmp%2Fmediawatch-..%2F..%2Fx.apk",
        "adb://any/reboot/now",
        "adb://-x/shell/wm%20dismiss-keyguard",
        "adb://a%20b/shell/wm%20dismiss-keyguard",
        "adb://any/shell/wm%20dismiss-keyguard?x=1",
    ],
)
async def test_no_command_but_those_of_the_list_reaches_a_device(question: str) -> None:
    device = phone()
    async with AdbServer(device) as server, devices(server).open("device", NOW) as wire:
        with pytest.raises(Failed) as raised:
            await wire.ask(Request(method="ADB", url=question))
        with pytest.raises(Failed):
            await wire.ask(Request(method="GET", url="adb://any/shell/wm%20dismiss-keyguard"))
    assert raised.value.failure.reason is Reason.NOT_ALLOWED
    assert server.services == device.asked == []


async def test_an_answer_without_end_is_cut_and_an_answer_is_kept_byte_for_byte() -> None:
    odd = bytes(range(256)) * 40
    async with AdbServer(phone(picture=odd)) as server, devices(server).open("device", NOW) as wire:
        exchange = await wire.ask(Request(method="ADB", url="adb://any/exec/screencap%20-p"))
        assert exchange.body == odd
        with pytest.raises(Failed, match="larger than 100 bytes"):
            await wire.ask(Request(method="ADB", url="adb://any/exec/screencap%20-p", max_body=100))


async def test_one_app_at_a_time_whatever_the_device_is_called() -> None:
    device, running = phone(), []

    async def look(held: Devices, platform: str, serial: str) -> None:
        async with held.open(platform, NOW) as wire:
            await launch.fetch(ADDRESS.model_copy(update={"serial": serial}), wire)
            running.append(len(device.asked))

    async with AdbServer(device) as server:
        held = devices(server)
        assert held.room("device") == 1
        both = asyncio.gather(look(held, "device", ""), look(held, "device:emulator-5554", "emulator-5554"))
        await asyncio.sleep(0)
        assert held.room("device") == 0
        await both
        assert held.room("device:emulator-5554") == 1
    whole = len(device.asked) // 2
    assert device.asked[:whole] == device.asked[whole:]  # one after the other, not mixed
    assert running == [whole, 2 * whole]


async def test_a_worker_reads_the_picture_as_we_do() -> None:
    readers = Readers(workers=1)
    try:
        async with AdbServer(phone(picture=png("blank"))) as server, devices(server).open("device", NOW) as wire:
            exchanges = await launch.fetch(ADDRESS, wire)
        assert await readers.read(launch.ADAPTER, ADDRESS, exchanges) == launch.parse(ADDRESS, exchanges)
    finally:
        readers.close()


async def test_wires_are_chosen_by_the_platform() -> None:
    answer = Exchange(url="https://x.example/a", at=NOW, status=200, body=b"web")
    async with AdbServer(phone()) as server:
        wires = ByPlatform(Replay([answer]), {"device": devices(server)})
        assert (wires.room("weibo"), wires.room("device")) == (1000, 1)
        async with wires.open("weibo", NOW) as web, wires.open("device:emulator-5554", NOW) as wire:
            assert (await web.ask(Request(url="https://x.example/a"))).body == b"web"
            url = "adb://emulator-5554/shell/wm%20dismiss-keyguard"
            assert (await wire.ask(Request(method="ADB", url=url))).body == b""
            assert wires.room("device") == 0


async def test_truncation_at_any_answer_never_blames_the_app() -> None:
    """The device may fall away after any answer; what was read until then accuses nobody."""
    async with AdbServer(phone()) as server, devices(server).open("device", NOW) as wire:
        exchanges = await launch.fetch(ADDRESS, wire)
    for end in range(2, len(exchanges)):
        assert launch.parse(ADDRESS, exchanges[:end]).blame != "app"
    for place, exchange in enumerate(exchanges):
        if exchange.method != "ADB" or "push" in exchange.url:
            continue
        for end in range(
            0, len(exchange.body), max(1, len(exchange.body) // (4 if "screencap" in exchange.url else 12))
        ):
            cut = exchange.model_copy(update={"body": exchange.body[:end]})
            seen = launch.parse(ADDRESS, (*exchanges[:place], cut, *exchanges[place + 1 :]))
            assert seen.blame != "app", (exchange.url, end)


@pytest.mark.skipif(shutil.which("adb") is None, reason="Debian's adb is not installed: THE REAL CLIENT WAS NOT TRIED")
async def test_the_real_adb_program_finds_the_same_device_behind_the_server() -> None:
    device = phone()

    async def adb(*words: str) -> bytes:
        program = await asyncio.create_subprocess_exec(
            "adb", "-H", "127.0.0.1", "-P", str(server.port), *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(20):
            out, _ = await program.communicate()
        return out

    async with AdbServer(device) as server:
        assert b"emulator-5554\tdevice" in await adb("devices")
        assert await adb("shell", f"pidof {PACKAGE}") == b"3421\n"
        assert await adb("exec-out", "screencap -p") == png()


def test_an_address_names_a_package_and_maybe_a_device() -> None:
    assert launch.ADAPTER.platform_of({"package": PACKAGE}) == "device"
    assert launch.ADAPTER.platform_of({"serial": "R58M1"}) == "device:r58m1"
    assert launch.ADAPTER.platform_of({"serial": "192.0.2.7:5555"}) == "device:192.0.2.7:5555"
    for wrong in ({"package": "x;reboot"}, {"package": PACKAGE, "serial": "-s"}, {"package": PACKAGE, "url": "file:x"}):
        with pytest.raises(ValueError):
            launch.Address.model_validate(wrong)
    assert timedelta(seconds=launch.WAIT) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (screen("关于", "备案编号：网政应20260123号"), "网政应20260123号"),
        (screen("备案编号", "网政应20260123号"), "网政应20260123号"),  # label and number are two texts
        (screen("云ICP备12345678号-2A"), "云ICP备12345678号-2A"),
        (screen("备案号：云ICP备12345678号-2A", "备案编号: A20260001"), "A20260001"),
        # none shown, none readable, or another app's
        (screen("政务服务"), ""),
        (screen("请填写备案编号"), ""),
        (screen("备案编号：网政应20260123号", package="com.android.launcher3"), ""),
        (b"", ""),
        (b"cat: /data/local/tmp/mediawatch-screen.xml: No such file or directory\n", ""),
    ],
)
async def test_the_filing_number_is_read_off_the_apps_own_screen(words: bytes, number: str) -> None:
    seen = await tried(phone(words=words))
    assert (seen.opened, seen.filing_no) == (True, number)


async def test_no_old_picture_of_a_screen_can_stand_for_this_one() -> None:
    device = phone()
    await tried(device)
    asked = [command for command in device.asked if "mediawatch-screen.xml" in command]
    assert [command.split()[0] for command in asked] == ["rm", "uiautomator", "cat", "rm"]


@pytest.mark.parametrize(
    "part", ["\n", " \n", "\t", "Success ", "Activity: ", "Status: ", "a.", "timestamp=", "<node "]
)
def test_what_a_device_says_takes_no_pattern_long(part: str) -> None:
    """An app writes into its log and its windows what it likes; a minute of a processor is not what it costs."""
    text, began = part * (50_000 // len(part)), time.process_time()
    install_sign(text, True)
    start_sign(f"Activity: x/y\n{text}", PACKAGE)
    exit_sign(text, PACKAGE)
    log_sign(text, PACKAGE, "")
    front_sign(text, PACKAGE)
    assert time.process_time() - began < 1
