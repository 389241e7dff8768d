"""Does the app open? Installs and starts it on an Android device over ADB, and reads what the device says of it.

The device is a test bench with nothing of value on it: the app is removed before and after. Only what lies at the
app's own door is held against it; a device that is not there, is locked or does not suit is the bench's fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import refuse
from mediawatch.adapters.device_texts import (
    NOTHING,
    PROPERTIES,
    SUCCESS,
    Sign,
    device_of,
    exit_sign,
    filing_of,
    front_sign,
    install_sign,
    launcher_of,
    log_sign,
    start_sign,
)
from mediawatch.adapters.picture import look_of
from mediawatch.core.model import Launch, Reason, Value
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_PACKAGE = 300 * 1024 * 1024
MAX_BODY = 2 * 1024 * 1024
MAX_PICTURE = 32 * 1024 * 1024
WAIT = 10  # seconds from the start until we look; a splash screen is over by then
PROBLEMS = (
    "install_failed",
    "unfit_device",  # the package is not for this kind of device
    "not_installed",  # it installed under another name than the registered one, or is not on the device
    "no_launcher",
    "wrong_start",
    "unreadable_start",
    "arm_on_x86",
    "crash",
    "native_crash",
    "anr",
    "low_memory",
    "locked",
    "dialog",
    "no_focus",
    "no_process",  # in front, and yet no process: the device contradicts itself
    "left_front",
    "timeout",
    "blank",
    "black_picture",
    "no_picture",
)
"""Every value of `Launch.problem`."""

_CLOCK = "date +%Y-%m-%dT%H:%M:%S"
_FOCUS = "dumpsys window | grep -E 'mCurrentFocus|mFocusedApp'"
_LOG = "logcat -d -b crash -v threadtime -t 2000"
_PICTURE = "screencap -p"
_SCREEN = "/data/local/tmp/mediawatch-screen.xml"


class Address(Value):
    """package: the app's own name. url: where its package is downloaded from; empty: the app is on the device already.

    serial: the device as `adb devices` names it; empty: the only one there. reference: the device is the one against
    which the office measures, so that a package which does not suit it is the app's fault.
    """

    package: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$", max_length=200)
    url: str = Field(default="", pattern=r"^(https?://\S+)?$", max_length=2000)
    serial: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._:-]{0,99})?$")
    reference: bool = False


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """Downloads, installs, starts, waits, looks, removes. What was asked before a stop is what is read."""
    body = b""
    if address.url:
        download = await wire.ask(Request(url=address.url, aside=True, max_body=MAX_PACKAGE, patience=300.0))
        refuse(download)
        body = download.body
        if not body.startswith(b"PK"):
            raise Failed(Reason.UNREADABLE, "what was downloaded is no package")
    run = _Run(address, wire)
    await run.shell(PROPERTIES)
    if not address.url:
        await _try(address, run)
        return wire.exchanges
    file = f"/data/local/tmp/mediawatch-{wire.exchanges[0].digest[:16]}.apk"
    try:
        await run.shell(f"pm uninstall {address.package}")
        await run.push(file, body)
        installed = await run.shell(f"pm install -g {file}", within=180)
        if SUCCESS.search(installed):
            await _try(address, run)
    finally:
        with suppress(Failed):  # why the look ended is the answer, not that the device could not be tidied
            await run.shell(f"pm uninstall {address.package}")
            await run.shell(f"rm -f {file}")
    return wire.exchanges


async def _try(address: Address, run: _Run) -> None:
    package = address.package
    if not (await run.shell(f"pm path {package}")).strip():
        return
    await run.shell(f"dumpsys package {package} | grep primaryCpuAbi")
    # By the text, because the command gives no other sign of "nothing to open".
    asked = "cmd package resolve-activity --brief -a android.intent.action.MAIN -c android.intent.category.LAUNCHER"
    component = launcher_of(await run.shell(f"{asked} {package}"), package)
    if not component:
        return
    await run.shell("input keyevent 224")  # wake up
    await run.shell("wm dismiss-keyguard")
    await run.shell(f"am force-stop {package}")
    await run.shell(_CLOCK)
    await run.shell(f"am start -W -n '{component}'", within=90)
    await run.shell(f"sleep {WAIT}")
    await run.shell(f"pidof {package}")
    await run.shell(_FOCUS)
    await run.ask("exec", _PICTURE, MAX_PICTURE)
    await run.shell(f"dumpsys activity exit-info {package}")
    await run.shell(_LOG)
    await _read_screen(run)
    await run.shell(f"am force-stop {package}")


async def _read_screen(run: _Run) -> None:
    """The words on the screen, for the filing number. It decides nothing, and no old file may stand for this screen."""
    with suppress(Failed):
        await run.shell(f"rm -f {_SCREEN}")
        await run.shell(f"uiautomator dump {_SCREEN}")
        await run.shell(f"cat {_SCREEN}")
        await run.shell(f"rm -f {_SCREEN}")


class _Run:
    """The questions of one test, to one device."""

    def __init__(self, address: Address, wire: Wire) -> None:
        self._device = f"adb://{address.serial or 'any'}"
        self._wire = wire

    async def shell(self, command: str, within: float = 30) -> str:
        """The answer as text."""
        return (await self.ask("shell", command, MAX_BODY, within)).body.decode("utf-8", "replace")

    async def ask(self, how: str, command: str, most: int, within: float = 30) -> Exchange:
        """The answer, byte for byte."""
        url = f"{self._device}/{how}/{quote(command, safe='')}"
        return await self._wire.ask(Request(method="ADB", url=url, max_body=most, timeout=within))

    async def push(self, file: str, body: bytes) -> None:
        """Puts the package on the device."""
        url = f"{self._device}/push/{quote(file, safe='')}"
        await self._wire.ask(Request(method="ADB", url=url, body=body, timeout=300))


# --- what the answers say --------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Launch:
    """The verdict of one test. Raises `Failed` where the device was not even asked who it is."""
    said = _Answers(exchanges)
    properties = said.text(PROPERTIES)
    if properties is None:
        raise Failed(Reason.UNREADABLE, "no answer of a device")
    device, system, arm = device_of(properties)
    component = launcher_of(said.text("cmd package resolve-activity", prefix=True) or "", address.package)
    sign = _verdict(address, said, arm)
    abi = (said.text(f"dumpsys package {address.package} |", prefix=True) or "").partition("primaryCpuAbi=")[2].strip()
    if arm is False and abi.startswith("arm") and sign.opened is not True:
        sign = Sign(None, "bench", "arm_on_x86")
    picture = said.exchange(_PICTURE)
    return Launch(
        opened=sign.opened,
        blame=sign.blame,
        problem=sign.problem,
        package=address.package,
        activity=component.partition("/")[2],
        device=device,
        os=system,
        screenshot=picture.digest if picture is not None and picture.body else "",
        filing_no=filing_of(said.text(f"cat {_SCREEN}") or "", address.package),
    )


def _verdict(address: Address, said: _Answers, arm: bool | None) -> Sign:
    """The first sign that settles it: the bench's faults, then crashes, then what is in front, then the picture."""
    package = address.package
    installed = said.text("pm install ", prefix=True)
    if installed is not None:
        sign = install_sign(installed, arm, address.reference)
        if sign is not NOTHING:
            return sign
    if not (said.text(f"pm path {package}") or "").strip():
        return Sign(None, "bench", "not_installed")
    resolved = said.text("cmd package resolve-activity", prefix=True)
    started = said.text("am start -W", prefix=True)
    if resolved is None or started is None:
        nothing = resolved is not None and resolved.strip() == "No activity found"
        return Sign(False, "app", "no_launcher") if nothing else Sign(None, "bench", "wrong_start")
    since = (said.text(_CLOCK) or "").strip().replace("T", " ")
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}", since):
        since = "9999-12-31 23:59:59"  # no clock: nothing that the device dates can be held against the app
    start = start_sign(started, package)
    if start.blame == "bench":
        return start
    front = front_sign(said.text(_FOCUS) or "", package)
    ended = (
        exit_sign(said.text("dumpsys activity exit-info", prefix=True) or "", package, since, arm),
        log_sign(said.text(_LOG) or "", package, since, arm),
    )
    for sign in (*ended, front if front.problem in ("crash", "anr") else NOTHING):
        if sign is not NOTHING:
            return sign
    if start.problem == "timeout":
        return start
    if not front.opened:
        return front
    alive = bool(re.match(r"\s*[0-9]+", said.text(f"pidof {package}") or ""))
    return _seen(said) if alive else Sign(None, "none", "no_process")


def _seen(said: _Answers) -> Sign:
    """The app is up and in front: does it show anything?"""
    picture = said.exchange(_PICTURE)
    look = look_of(picture.body) if picture is not None else "unreadable"
    if look == "blank":
        return Sign(False, "app", "blank")
    if look == "content":
        return Sign(True)
    return Sign(None, "none", "black_picture" if look == "black" else "no_picture")


class _Answers:
    """The kept answers, by the command that they answer; the first of each."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._by_command: dict[str, Exchange] = {}
        for exchange in exchanges:
            if exchange.method == "ADB":
                command = unquote(urlsplit(exchange.url).path).lstrip("/").partition("/")[2]
                self._by_command.setdefault(command, exchange)

    def exchange(self, command: str, prefix: bool = False) -> Exchange | None:
        if not prefix:
            return self._by_command.get(command)
        return next((found for name, found in self._by_command.items() if name.startswith(command)), None)

    def text(self, command: str, prefix: bool = False) -> str | None:
        """The answer as text, `None` where it was not asked."""
        found = self.exchange(command, prefix)
        return None if found is None else found.body.decode("utf-8", "replace").replace("\r\n", "\n")


ADAPTER = Adapter(
    kind="launch",
    platform="device",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"app"}),
    covers=frozenset({"launch", "filing_shown"}),
    pace=Pace(per_minute=60, at_once=1),
    host_field="serial",
    isolate=True,
    max_body=MAX_PACKAGE,
    needs="An Android device or emulator that an ADB server knows, and the extra `mediawatch[app]`.",
    blind="iOS and HarmonyOS; what lies behind the first screen, a login or a consent; a page that forbids pictures.",
)
