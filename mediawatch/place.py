"""The place that we run in, looked over: versions, clock, disk, modes of files, calendar, the way to the platforms.

Each check says how it is and, where something is wrong, what to do. It must not change anything, and asks nobody
anything: a connection to a platform is opened and closed.
"""

from __future__ import annotations

import asyncio
import locale
import os
import resource
import shutil
import ssl
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from pyexpat import EXPAT_VERSION
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Value
from mediawatch.core.rulebook import Words
from mediawatch.core.workdays import Workdays, WorkdaysUnknown
from mediawatch.settings import Loaded
from mediawatch.settings_values import Settings
from mediawatch.store.engine import SQLITE
from mediawatch.store.errors import NoDatabase, StoreError
from mediawatch.store.store import Store
from mediawatch.wires.guard import networks
from mediawatch.wires.reach import reach

State = Literal["ok", "warn", "fail"]
LEAST_SQLITE, LEAST_EXPAT = (3, 38), (2, 6)
LEAST_FILES = 1024  # open files that one process may have
PATIENCE = 5.0  # seconds for a name, and for a connection
MOST_HOSTS = 50  # hosts that are tried; of many sites a few say whether there is a way out
_SLIP = timedelta(minutes=1)  # how far two clocks may be apart


class Check(Value):
    """One thing that was looked at. says: how it is, in Chinese and English. do: what to do; empty where it is well."""

    name: str
    state: State
    says: Words
    do: Words | None = None


@dataclass(frozen=True)
class Place:
    """What is looked over. hosts: by platform, where it is asked. settings: the file, where there is one."""

    loaded: Loaded
    now: datetime
    hosts: dict[str, str]
    settings: Path | None = None


def looked_over(place: Place) -> Iterator[Check]:
    """Every check, in order. Never raises for what is wrong with the place."""
    for check in (
        _python,
        _sqlite,
        _expat,
        _zone,
        _encoding,
        _authorities,
        _files_open,
        _calendar,
        _settings,
        _folder,
        _disk,
        _store,
    ):
        yield check(place)
    yield from _ways_out(place)


def _ok(name: str, zh: str, en: str) -> Check:
    return Check(name=name, state="ok", says=Words(zh_CN=zh, en=en))


def _bad(name: str, state: State, zh: str, en: str, do_zh: str, do_en: str) -> Check:
    return Check(name=name, state=state, says=Words(zh_CN=zh, en=en), do=Words(zh_CN=do_zh, en=do_en))


def _python(place: Place) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return _ok("python", version, version)


def _sqlite(place: Place) -> Check:
    version = ".".join(map(str, SQLITE))
    if SQLITE >= LEAST_SQLITE:
        return _ok("sqlite", version, version)
    return _bad(
        "sqlite", "fail", f"{version} 过旧", f"{version} is too old",
        "请换用自带 SQLite 3.38 以上的 Python", "use a Python that comes with SQLite 3.38 or newer",
    )  # fmt: skip


def _expat(place: Place) -> Check:
    version = EXPAT_VERSION.removeprefix("expat_")
    if tuple(int(part) for part in version.split(".")[:2]) >= LEAST_EXPAT:
        return _ok("expat", version, version)
    return _bad(
        "expat", "warn", f"{version}：恶意订阅源可拖慢一个读取进程（有时限）",
        f"{version}: a hostile feed can slow a reading process down (it is limited in time)",
        "请换用自带 expat 2.6 以上的 Python", "use a Python that comes with expat 2.6 or newer",
    )  # fmt: skip


def _zone(place: Place) -> Check:
    own = time.strftime("%z")
    try:
        offset = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")).utcoffset()
    except ZoneInfoNotFoundError:
        offset = None
    if offset == timedelta(hours=8):
        return _ok("time zone", f"上海时间可用；本机 {own}", f"Shanghai time is known; this machine is at {own}")
    return _bad(
        "time zone", "fail", "没有上海时区数据", "there is no time zone data for Shanghai",
        "安装系统的 tzdata，或 pip install tzdata", "install the system's tzdata, or pip install tzdata",
    )  # fmt: skip


def _encoding(place: Place) -> Check:
    name = locale.getpreferredencoding(False)
    if name.lower().replace("-", "") == "utf8":
        return _ok("encoding", name, name)
    return _bad(
        "encoding", "warn", f"{name}：终端可能显示不了汉字", f"{name}: the terminal may not show Chinese",
        "设 LANG=C.UTF-8", "set LANG=C.UTF-8",
    )  # fmt: skip


def _authorities(place: Place) -> Check:
    """Whose word counts for a host's certificate: a file of them is read at once, a folder as each is needed."""
    known = ssl.create_default_context().get_ca_certs()
    folder = ssl.get_default_verify_paths().capath
    if known or (folder and any(Path(folder).iterdir())):
        return _ok("authorities", "有受信任的证书颁发机构", "there are certificate authorities to trust")
    return _bad(
        "authorities", "fail", "没有受信任的证书颁发机构：任何 https 都不可信",
        "there are no certificate authorities to trust: no https can be believed",
        "安装系统的 ca-certificates", "install the system's ca-certificates",
    )  # fmt: skip


def _files_open(place: Place) -> Check:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= LEAST_FILES:
        return _ok("open files", f"至多 {soft}", f"{soft} at most")
    return _bad(
        "open files", "warn", f"至多 {soft}", f"{soft} at most", "提高 ulimit -n 至 1024", "raise ulimit -n to 1024"
    )


def _calendar(place: Place) -> Check:
    days, this = place.loaded.settings.calendar.days, day_of(place.now)
    ahead = this + timedelta(days=60)
    if _known(days, this) and _known(days, ahead):
        return _ok("working days", f"{this.year} 年已知", f"{this.year} is known")
    year = ahead.year if _known(days, this) else this.year
    return _bad(
        "working days", "warn" if _known(days, this) else "fail",
        f"不知道 {year} 年的节假日：以工作日计的期限到时无法推算",
        f"the holidays of {year} are not known: terms of working days cannot be counted then",
        "更新 mediawatch，或在设置的 calendar 写入国务院办公厅的通知",
        "update mediawatch, or write the State Council's notice under `calendar` in the settings",
    )  # fmt: skip


def _known(days: Workdays, day: date) -> bool:
    try:
        days.is_workday(day)
    except WorkdaysUnknown:
        return False
    return True


def _settings(place: Place) -> Check:
    path = place.settings
    if path is None or not path.exists():
        return _ok("settings file", "没有，用默认值", "there is none; defaults hold")
    if not stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH):
        return _ok("settings file", "只有本用户可读", "readable by its owner only")
    return _bad(
        "settings file", "warn", "他人可读", "others may read it",
        f"如内有口令：chmod 600 {path.name}", f"if there are secrets in it: chmod 600 {path.name}",
    )  # fmt: skip


def _folder(place: Place) -> Check:
    folder = place.loaded.settings.data_dir
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return _bad(
            "data folder", "fail", f"不能写入 {folder}", f"{folder} cannot be written to",
            "改用有写权限的文件夹（data_dir）", "name a folder that this user may write to (data_dir)",
        )  # fmt: skip
    loose = [one for one in _own_files(place.loaded.settings) if stat.S_IMODE(one.lstat().st_mode) & 0o077]
    if not loose:
        return _ok("data folder", f"{folder} 只有本用户可读写", f"{folder} is its owner's alone")
    mend = "chmod -R go-rwx " + " ".join(str(one) for one in loose)
    return _bad("data folder", "fail", f"他人可读：{loose[0]}", f"others may read {loose[0]}", mend, mend)


def _own_files(settings: Settings) -> Iterator[Path]:
    """The folder and what lies in it, the database and what SQLite keeps beside it: all are made for us alone."""
    if settings.data_dir.exists():
        yield settings.data_dir
        yield from (one for one in sorted(settings.data_dir.iterdir()) if not one.is_symlink())
    database = Path(settings.database.partition("sqlite:///")[2])
    if database.name:
        yield from sorted(database.parent.glob(f"{database.name}*"))


def _disk(place: Place) -> Check:
    settings = place.loaded.settings
    nearest = next(one for one in (settings.data_dir, *settings.data_dir.parents) if one.exists())
    free, least = shutil.disk_usage(nearest).free, settings.alerts.least_free
    size = f"{free / 1e9:.1f} GB"
    if free >= least:
        return _ok("disk", f"余 {size}", f"{size} are free")
    return _bad(
        "disk", "fail", f"只余 {size}", f"only {size} are free",
        "腾出空间，或 mediawatch store prune", "make room, or mediawatch store prune",
    )  # fmt: skip


def _store(place: Place) -> Check:
    try:
        store = Store.open(place.loaded.settings.database, now=place.now, read_only=True)
    except NoDatabase:
        return _ok("store", "尚未建立，首次运行时建立", "there is none yet; the first run makes it")
    except StoreError as error:
        return _bad("store", "fail", str(error), str(error), "见上", "as it says")
    try:
        store.check()
        with store.recalling() as ledger:
            alive = ledger.remembered("alive_at")
    except StoreError as error:
        return _bad("store", "fail", str(error), str(error), "见上", "as it says")
    finally:
        store.close()
    last = datetime.fromisoformat(alive) if alive else None
    if last is not None and last > place.now + _SLIP:
        return _bad(
            "clock", "fail", f"本机时钟早于记录的最后时刻 {last.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            f"this machine's clock is before the record's last moment, {last.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "校准时钟（NTP）后再运行", "set the clock (NTP) before you go on",
        )  # fmt: skip
    when = f"{last.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if last else "-"
    return _ok("store", f"完好；守护进程最近一次活动 {when}", f"sound; the daemon's last sign of life: {when}")


def _ways_out(place: Place) -> Iterator[Check]:
    hosts: dict[tuple[str, int], str] = {}
    for platform, url in place.hosts.items():
        parts = urlsplit(url)
        if parts.hostname:
            hosts.setdefault((parts.hostname, parts.port or (80 if parts.scheme == "http" else 443)), platform)
    tried = list(hosts.items())[:MOST_HOSTS]
    allow = networks(place.loaded.settings.wire.allow_private)

    async def all_of() -> list[Words | None]:
        return await asyncio.gather(*(reach(host, port, allow, PATIENCE) for (host, port), _ in tried))

    for ((host, port), platform), wrong in zip(tried, asyncio.run(all_of()) if tried else (), strict=True):
        name = f"way to {platform}"
        if wrong is None:
            yield _ok(name, f"{host}:{port} 可达", f"{host}:{port} can be reached")
            continue
        yield _bad(
            name, "fail", f"{host}:{port}：{wrong.zh_CN}", f"{host}:{port}: {wrong.en}",
            "查名字解析、防火墙与出口", "look at name servers, firewall and the way out",
        )  # fmt: skip
