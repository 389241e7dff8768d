"""What is typed behind `:`, read into a command. Pure; it must not do anything.

    :board /云溪        a screen, with a filter
    :alerts -l kind=app
    :account acc-1      one account
    :asof 2026-06-30    the record as it stood at the end of that day; with a time: 2026-06-30T09:00
    :replay 2026-06-30 30m   that day from its beginning, in steps
    :now                back to the present
    :report circular 2026q3 docx   a document as a new file
    :add https://weibo.com/u/1   :import accounts.xlsx   :reconcile filing.xlsx   the register
    :sort name desc  :theme light  :export csv  :pause  :help  :q

Names may be cut short where they stay clear, and are known in Chinese too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import SHANGHAI, midnight_after, midnight_of
from mediawatch.core.filtering import level
from mediawatch.locale import N_

SCREENS = ("pulse", "board", "alerts", "review", "inspections", "cases", "platforms", "receivers", "log", "areas")
REGISTER = ("add", "import", "reconcile")
WORDS = (
    *("account", "asof", "replay", "now", "sort", "theme", "export", "report", "units", "pause", "help", "quit"),
    *REGISTER,
)
NAMES = (*SCREENS, *WORDS)
_OTHER = {
    "概览": "pulse", "看板": "board", "账号": "account", "告警": "alerts", "待核实": "review", "核实": "review",
    "检查": "inspections", "抽查": "inspections", "整改": "cases", "平台": "platforms", "会话": "platforms",
    "接收方": "receivers", "通知": "receivers", "日志": "log", "地区": "areas", "截至": "asof", "回放": "replay",
    "现在": "now", "排序": "sort", "主题": "theme", "导出": "export", "暂停": "pause", "帮助": "help", "退出": "quit",
    "文书": "report", "q": "quit", "q!": "quit", "sessions": "platforms", "campaigns": "inspections", "queue": "review",
    "accounts": "board", "regions": "areas", "单位": "units", "pulses": "pulse", "as-of": "asof",
    "登记": "add", "导入": "import", "核对": "reconcile",
}  # fmt: skip
_STEP = re.compile(r"(\d{1,4})(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class Command:
    """name: one of `NAMES`. arguments: the words behind it. filter: of a screen, `None` where none was given."""

    name: str
    arguments: tuple[str, ...] = ()
    filter: str | None = None


class NoCommand(ValueError):
    """What was typed is no command. Its text is of the catalogue, with `{text}` for what was typed."""


def read(text: str) -> Command:
    """The command. Raises NoCommand."""
    words = level(text).strip().lstrip(":").split(None, 1)
    if not words:
        raise NoCommand(N_("no command: {text}"))
    name = named(words[0])
    rest = words[1] if len(words) > 1 else ""
    if name in SCREENS:
        narrowed = rest.removeprefix("/").strip()
        if re.fullmatch(r"[^\s=!/-][^\s=]*!?=\S*", narrowed):  # `:alerts kind=app`, as in k9s
            narrowed = f"-l {narrowed}"
        return Command(name, filter=narrowed if rest else None)
    return Command(name, tuple(rest.split()))


def named(word: str) -> str:
    """The command of a name, a Chinese name, or a clear beginning of one. Raises NoCommand."""
    word = word.casefold()
    if word in NAMES:
        return word
    if word in _OTHER:
        return _OTHER[word]
    begun = [name for name in NAMES if name.startswith(word)]
    if len(begun) == 1:
        return begun[0]
    raise NoCommand(N_("{text} could be more than one command") if begun else N_("no command: {text}"))


def instant(text: str, *, begins: bool = False) -> datetime:
    """A day of Shanghai (its last second, or its first where it `begins`), or a time on it. Raises NoCommand."""
    try:
        if len(text) == len("2026-06-30"):
            day = date.fromisoformat(text)
            if begins:
                return midnight_of(day)
            return midnight_after(day) - timedelta(seconds=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NoCommand(N_("{text} is no day such as 2026-06-30, and no time such as 2026-06-30T09:00")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def stride(text: str) -> timedelta:
    """The length of a step: `30m`, `1h`, `1d`. Raises NoCommand."""
    match = _STEP.fullmatch(text)
    if match is None or not int(match[1]):
        raise NoCommand(N_("{text} is no step such as 30m, 1h or 1d"))
    return int(match[1]) * _UNITS[match[2]]
