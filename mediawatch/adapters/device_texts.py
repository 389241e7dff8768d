"""What the answers of an Android device say, one text at a time. Pure; each sign is one piece of evidence, no verdict.

A sign never blames an app for what the test set-up did, for another process, or for what happened before the test.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from mediawatch.adapters.store_pages import any_filing_number
from mediawatch.core.text import clean

Blame = Literal["app", "bench", "none"]
PACKAGE = r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+"
COMPONENT = re.compile(rf"{PACKAGE}/[A-Za-z0-9_.$]{{1,300}}")

# Windows of the system that stand in front of an app which is up: it asked for something, or the system warns.
DIALOGS = frozenset(
    {
        "android",
        "com.android.permissioncontroller",
        "com.google.android.permissioncontroller",
        "com.android.packageinstaller",
        "com.google.android.packageinstaller",
        # what makers of telephones ask with in its place
        "com.coloros.safecenter",
        "com.coloros.securitypermission",
        "com.hihonor.systemmanager",
        "com.huawei.systemmanager",
        "com.iqoo.secure",
        "com.lbe.security.miui",
        "com.meizu.safe",
        "com.miui.securitycenter",
        "com.oplus.safecenter",
        "com.oplus.securitypermission",
        "com.samsung.android.permissioncontroller",
        "com.vivo.permissionmanager",
    }
)
_SYSTEM = "com.android.systemui"
_INSTALL_CODE = re.compile(r"\bINSTALL_[A-Z_]{4,60}")
_BAD_PACKAGE = ("is not a valid zip file", "does not contain AndroidManifest.xml")
_OF_THIS_DEVICE = (
    "INSTALL_FAILED_NO_MATCHING_ABIS",
    "INSTALL_FAILED_OLDER_SDK",
    "INSTALL_FAILED_DEPRECATED_SDK_VERSION",
)
_WRONG_START = ("Error type 3", "unable to resolve Intent", "do not have permission to access", "Permission Denial")
SUCCESS = re.compile(r"^[ \t]*Success[ \t\r]*$", re.M)  # no pattern that starts at a line spans several
_ACTIVITY = re.compile(r"^[ \t]*Activity: ([^\s/]{1,200})/", re.M)
_EXIT = re.compile(
    r"timestamp=(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8})[^\n]{0,400}\n"
    r"\s*process=(?P<process>\S{1,300}) reason=[0-9]+ \((?P<why>[^\n]{1,200})\) subreason="
)
_LINE_AT = re.compile(r"^(?:[0-9]{4}-)?([0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})")
_JAVA = re.compile(r"\bE[ /]AndroidRuntime\b[^\n]{0,40}?: Process: ([^\s,]{1,300}), PID: [0-9]+")
_ANR = re.compile(r"\bE[ /]ActivityManager\b[^\n]{0,40}?: ANR in ([^\s,]{1,300})")
_NATIVE = re.compile(r"\bF[ /]DEBUG\b[^\n]{0,300}>>> (\S{1,300}) <<<")
_FOCUSED_APP = re.compile(r"mFocusedApp=[^\n]{0,200}?ActivityRecord\{\S+ \S+ ([^\s/}]+/[^\s}]+)")
_FOCUS = re.compile(r"mCurrentFocus=Window\{([^\n]{0,300})")
_FOCUS_COMPONENT = re.compile(r"([A-Za-z0-9_.]+/[A-Za-z0-9_.$]+)")
_ERROR_WINDOW = re.compile(r"(Application Error|Application Not Responding): ([^\s}]{1,300})")


_NODE = re.compile(r"<node\b([^<>]{1,8000})>")
_ATTRIBUTE = re.compile(r'\b(text|content-desc|package)="([^"]{0,4000})"')


@dataclass(frozen=True)
class Sign:
    """One piece of evidence: does it show that the app opened, and if not, at whose door does that lie."""

    opened: bool | None = None
    blame: Blame = "none"
    problem: str = ""


NOTHING = Sign()


def install_sign(text: str, arm: bool | None, reference: bool = False) -> Sign:
    """What an installation's answer says; success proves nothing yet.

    arm: whether the device itself is an ARM one, `None` where unknown. reference: whether it is the device against
    which the office measures, so that "does not fit this device" is the app's fault.
    """
    if SUCCESS.search(text):
        return NOTHING
    found = _INSTALL_CODE.search(text)
    code = found[0] if found else ""
    if code in _OF_THIS_DEVICE:
        return Sign(False, "app", "install_failed") if reference and arm else Sign(None, "bench", "unfit_device")
    if code.startswith("INSTALL_PARSE_FAILED") or code == "INSTALL_FAILED_INVALID_APK":
        return Sign(False, "app", "install_failed")
    if not code and any(words in text for words in _BAD_PACKAGE):
        return Sign(False, "app", "install_failed")
    return Sign(None, "bench", "install_failed")


def start_sign(text: str, package: str) -> Sign:
    """What `am start -W` says: `Status: ok` counts only where the activity that came up is the app's own."""
    if any(words in text for words in _WRONG_START):
        return Sign(None, "bench", "wrong_start")
    if re.search(r"^[ \t]*Status: timeout\b", text, re.M):
        return Sign(None, "none", "timeout")
    shown = _ACTIVITY.search(text)
    if shown is None or not re.search(r"^[ \t]*Status: ok\b", text, re.M):
        return Sign(None, "bench", "unreadable_start")
    if shown[1] == package:
        return Sign(True)
    return Sign(None, "none", "dialog") if shown[1] in DIALOGS else Sign(False, "app", "left_front")


def exit_sign(text: str, package: str, since: str = "", arm: bool | None = None) -> Sign:
    """What `dumpsys activity exit-info` says of the app's own process from `since` on (device time, `…-… …:…:…`)."""
    for record in _EXIT.finditer(text):  # newest first
        if record["process"] != package or record["at"] < since:
            continue
        why = record["why"].replace("_", " ")
        if why == "ANR":
            return Sign(False, "app", "anr")
        if why == "APP CRASH(NATIVE)":
            return _native(arm)
        if why in ("APP CRASH(EXCEPTION)", "INITIALIZATION FAILURE"):
            return Sign(False, "app", "crash")
        if why == "LOW MEMORY":
            return Sign(None, "bench", "low_memory")
    return NOTHING


def log_sign(text: str, package: str, since: str = "", arm: bool | None = None) -> Sign:
    """What the log says of the app's own process from `since` on; lines without a time count as new."""
    for line in text.splitlines():
        at = _LINE_AT.match(line)
        if at is not None and at[1] < since[5:]:
            continue
        for pattern, sign in (
            (_JAVA, Sign(False, "app", "crash")),
            (_ANR, Sign(False, "app", "anr")),
            (_NATIVE, _native(arm)),
        ):
            found = pattern.search(line)
            if found is not None and found[1] == package:
                return sign
    return NOTHING


def _native(arm: bool | None) -> Sign:
    """Phones are ARM: what dies in machine code on anything else, or on we know not what, says nothing about one."""
    return Sign(False, "app", "native_crash") if arm else Sign(None, "bench", "native_crash")


def front_of(text: str) -> str | None:
    """The component in front, `package/activity` as the device writes it; `None` where nothing is known.

    The focused app comes before the focused window; windows of the system's own display do not count.
    """
    windows = [_FOCUS_COMPONENT.search(window) for window in _FOCUS.findall(text)]
    for component in (*_FOCUSED_APP.findall(text), *(window[1] for window in windows if window)):
        if not component.startswith(f"{_SYSTEM}/"):
            return str(component)
    return None


def front_sign(text: str, package: str) -> Sign:
    """What the windows say: the app in front, a system dialog about it, a locked screen, or another app."""
    for words, of in _ERROR_WINDOW.findall(text):
        if of == package:
            return Sign(False, "app", "crash" if words == "Application Error" else "anr")
    windows = _FOCUS.findall(text)
    if windows and all(re.search(r"\b(NotificationShade|Keyguard|StatusBar)\b", window) for window in windows):
        return Sign(None, "bench", "locked")
    front = front_of(text)
    if front is None:
        return Sign(None, "none", "no_focus")
    shown = front.partition("/")[0]
    if shown == package:
        return Sign(True)
    return Sign(None, "none", "dialog") if shown in DIALOGS else Sign(False, "app", "left_front")


def filing_of(text: str, package: str) -> str:
    """The filing number that the app's own windows show, out of a `uiautomator dump`; "" where none was read.

    An app that draws its own pages has no words in a dump, so that "" says nothing about it.
    """
    words: list[str] = []
    for node in _NODE.finditer(text):
        told = dict(_ATTRIBUTE.findall(node[1]))
        if told.get("package") == package:
            words += [told.get("text", ""), told.get("content-desc", "")]
    return any_filing_number(clean(html.unescape(" ".join(word for word in words if word)), 20_000))


def launcher_of(text: str, package: str) -> str:
    """The component that `resolve-activity --brief` names in its last line, where it is one of the package's own."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    component = lines[-1] if lines else ""
    return component if COMPONENT.fullmatch(component) and component.partition("/")[0] == package else ""


def device_of(text: str) -> tuple[str, str, bool | None]:
    """The answers of `PROPERTIES`: the device, its system, and whether it is an ARM one (`None`: it does not say)."""
    lines = [clean(line, 80) for line in text.splitlines()] + [""] * 5
    maker, model, release, level, abis = lines[:5]
    first = abis.partition(",")[0]
    arm = None if not first else first.startswith("arm")
    name = f"Android {release} (API {level})" if release else ""
    return f"{maker} {model}".strip(), name, arm


PROPERTIES = "; ".join(
    f"getprop ro.{name}"
    for name in (
        "product.manufacturer",
        "product.model",
        "build.version.release",
        "build.version.sdk",
        "product.cpu.abilist",
    )
)
"""The command whose answer `device_of` reads: one line each, empty where the device does not say."""
