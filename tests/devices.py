"""An invented phone and what it answers, by what becomes of the app on it. Built from the real texts' shapes."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

from mediawatch.sim.adb import Device

PACKAGE = "cn.gov.yunxi.app"
PROPERTIES = b"Invented\nPhone 1\n14\n34\narm64-v8a,armeabi-v7a\n"
EMULATOR = b"Google\nsdk_gphone64_x86_64\n14\n34\nx86_64,arm64-v8a\n"
LAUNCHER = "com.android.launcher3/.Launcher"


def png(kind: str = "content") -> bytes:
    """A screenshot: `content`, `blank` (white between the bars) or `black`."""
    picture = Image.new("RGB", (540, 1170), "black" if kind == "black" else "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 540, 60), fill="black" if kind == "black" else "#3060c0")
    if kind == "content":
        for line in range(12):
            draw.rectangle((40, 150 + line * 70, 120 + line * 30, 180 + line * 70), fill="#203040")
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def started(front: str, status: str = "ok") -> bytes:
    return (
        f"Starting: Intent {{ cmp={PACKAGE}/.Main }}\nStatus: {status}\nLaunchState: COLD\nActivity: {front}\n"
        "TotalTime: 412\nWaitTime: 420\nComplete\n"
    ).encode()


def focus(front: str) -> bytes:
    return (
        f"  mCurrentFocus=Window{{2785a60 u0 {front}}}\n  mFocusedApp=ActivityRecord{{d72327 u0 {front} t409}}\n"
    ).encode()


def ended(why: str, at: str = "2026-03-02 09:00:07.535", process: str = PACKAGE) -> bytes:
    return (
        "ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)\n  package: x\n"
        f"        ApplicationExitInfo #0:\n          timestamp={at} pid=3421 realUid=10196 user=0\n"
        f"          process={process} reason=4 ({why}) subreason=0 (UNKNOWN) status=0\n"
        "          importance=300 pss=0.00 rss=0.00 description=crash state=empty trace=null\n"
    ).encode()


def screen(*words: str, package: str = PACKAGE) -> bytes:
    """What `uiautomator dump` writes of a screen that shows these words."""
    nodes = "".join(
        f'<node index="0" text="{word}" resource-id="" class="android.widget.TextView" package="{package}" '
        'content-desc="" clickable="false" bounds="[0,0][540,60]" />'
        for word in words
    )
    return f"<?xml version='1.0' encoding='UTF-8' ?><hierarchy rotation=\"0\">{nodes}</hierarchy>".encode()


def answers(**more: Any) -> dict[str, Any]:
    """What a phone answers where the app opens; `more` replaces single answers by a short name."""
    own = f"{PACKAGE}/.Main"
    usual: dict[str, Any] = {
        "properties": PROPERTIES,
        "install": b"Success\n",
        "path": f"package:/data/app/{PACKAGE}/base.apk\n".encode(),
        "abi": b"    primaryCpuAbi=arm64-v8a\n",
        "resolve": f"priority=0 preferredOrder=0 match=0x108000\n{own}\n".encode(),
        "date": b"2026-03-02T09:00:00\n",
        "start": started(own),
        "pid": b"3421\n",
        "focus": focus(own),
        "picture": png(),
        "exit": b"ACTIVITY MANAGER PROCESS EXIT INFO (dumpsys activity exit-info)\n",
        "log": b"--------- beginning of crash\n",
        "uninstall": b"Success\n",
        "screen": b"UI hierchary dumped to: /data/local/tmp/mediawatch-screen.xml\n",
        "words": screen("政务服务", "更多"),
    }
    usual |= more
    commands = {
        "properties": "getprop ",
        "install": "pm install ",
        "path": "pm path ",
        "abi": "dumpsys package ",
        "resolve": "cmd package resolve-activity ",
        "date": "date ",
        "start": "am start ",
        "pid": "pidof ",
        "focus": "dumpsys window ",
        "picture": "screencap ",
        "exit": "dumpsys activity exit-info ",
        "log": "logcat ",
        "uninstall": "pm uninstall ",
        "screen": "uiautomator dump ",
        "words": "cat ",
    }
    return {commands[name]: answer for name, answer in usual.items()}


def phone(**more: Any) -> Device:
    """A phone on which the app opens, but for what `more` says."""
    return Device(answers=answers(**more))
