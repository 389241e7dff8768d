"""A message to a WeCom (企业微信) group robot. It must never send, wait or read a clock.

The robot answers HTTP 200 to everything: only `errcode` 0 in the body is a yes. Text that came from outside must
not be able to ping the group, to make a link or to change the layout.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime

from pydantic import BaseModel, SecretStr, ValidationError, model_validator

from mediawatch.core.calendar import day_of, days_between
from mediawatch.core.model import Value
from mediawatch.core.text import clean
from mediawatch.core.views import Message, Notice
from mediawatch.receivers.receiver import Answer, Outgoing, Receiver, by_status, check_address

LIMIT = 4096  # bytes of `markdown.content` in UTF-8; more is refused with errcode 40058
_NAME_BYTES = 90
_LEAST_TEXT = 60  # bytes of a sentence that are still worth reading
_REFUSED = frozenset({
    93000,  # invalid webhook url
    93004,  # the robot was stopped or removed
    93008,  # the robot is not in the group
})  # fmt: skip

# What WeCom's markdown could read as a ping, a link, code or layout, and the harmless character that looks like it.
_HARMLESS = str.maketrans("<>@[]()`*#\\&|~", "＜＞＠［］（）｀＊＃＼＆｜～")
_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)  # what a client may turn into a link by itself
_BROKEN = str.maketrans(":.", "：．")

_WORDS = {
    "zh": {
        "head": "政务新媒体监测",
        "first": "新告警",
        "escalated": "升级告警",
        "repeat": "仍未解决",
        "acknowledged": "已签收",
        "ack_expired": "签收到期",
        "silence_expired": "静默到期",
        "resolved": "已恢复",
        "back": "曾异常，已恢复",
        "reminder": "临近期限",
        "incident": "平台异常",
        "incident_over": "平台恢复",
        "since": "自 {} 起",
        "lasted": "历时 {} 天",
        "more": "还有 {} 条，请在控制台查看",
        "stop": "。",
        "dot": " · ",
    },
    "en": {
        "head": "Government new-media watch",
        "first": "new alert",
        "escalated": "escalated",
        "repeat": "still standing",
        "acknowledged": "acknowledged",
        "ack_expired": "acknowledgement expired",
        "silence_expired": "silence over",
        "resolved": "resolved",
        "back": "was down, is back",
        "reminder": "deadline near",
        "incident": "platform trouble",
        "incident_over": "platform back",
        "since": "since {}",
        "lasted": "lasted {} d",
        "more": "{} more: see the console",
        "stop": ".",
        "dot": " · ",
    },
}
_WORST_FIRST = (
    *("incident", "escalated", "first", "silence_expired", "ack_expired", "repeat"),
    *("reminder", "acknowledged", "back", "incident_over", "resolved"),
)
_COLOUR = {"resolved": "info", "back": "info", "incident_over": "info", "acknowledged": "info", "reminder": "comment"}


class Settings(Value):
    """The robot's address: it holds the key, so it is a secret. `allow_http` is for a relay inside one's own net."""

    url: SecretStr
    allow_http: bool = False

    @model_validator(mode="after")
    def _safe_address(self) -> Settings:
        check_address(self.url.get_secret_value(), self.allow_http)
        return self


class _Reply(BaseModel):
    errcode: int


def render(message: Message, settings: Settings, at: datetime, language: str) -> Outgoing:
    """One markdown message of at most 4,096 bytes, the worst first. What does not fit is counted, never just cut.

    `language` is `zh…` for Chinese, anything else for English. The robot knows no idempotency id: after an answer
    that was lost on the way, the group may read a message twice.
    """
    content = _content(message, _WORDS["zh" if language.startswith("zh") else "en"])
    body = json.dumps({"msgtype": "markdown", "markdown": {"content": content}}, ensure_ascii=False)
    return Outgoing(
        url=settings.url.get_secret_value(),
        headers=(("content-type", "application/json; charset=utf-8"),),
        body=body.encode(),
    )


def accepted(status: int, body: bytes) -> Answer:
    """Only HTTP 200 with errcode 0 is a yes. A dead robot is a no; everything else (45009, -1, no JSON) may pass."""
    if status != 200:
        verdict = by_status(status)
        return Answer.TRY_AGAIN if verdict is Answer.ACCEPTED else verdict
    try:
        errcode = _Reply.model_validate_json(body, strict=True).errcode
    except ValidationError:
        return Answer.TRY_AGAIN
    if errcode == 0:
        return Answer.ACCEPTED
    return Answer.REFUSED if errcode in _REFUSED else Answer.TRY_AGAIN


def _content(message: Message, words: dict[str, str]) -> str:
    if message.digest is not None:
        return _shorten(f"**{words['head']}** {_plain(message.digest.summary)}", LIMIT)
    ordered = sorted(message.notices, key=lambda notice: _WORST_FIRST.index(notice.cause))
    counts = message.counts or Counter(notice.cause for notice in ordered)
    parts = (f"{words[cause]} {counts[cause]}" for cause in _WORST_FIRST if counts.get(cause))
    head = f"**{words['head']}** " + words["dot"].join(parts)
    room = LIMIT - _size(head)
    for each in (LIMIT, room // max(1, len(ordered)) - 1, 0):  # as they are; all a little shorter; as many as fit
        lines = [_line(notice, words, each) for notice in ordered]
        if not message.more and sum(_size(line) + 1 for line in lines) <= room:
            return "\n".join((head, *lines))
    room -= _size("\n" + words["more"].format(len(lines) + message.more))
    shown = 0
    while shown < len(lines) and room >= (step := _size(lines[shown]) + 1):
        room -= step
        shown += 1
    return "\n".join((head, *lines[:shown], words["more"].format(len(lines) - shown + message.more)))


def _line(notice: Notice, words: dict[str, str], most: int) -> str:
    """One notice on one line of at most `most` bytes, where its fixed part leaves that much."""
    colour = _COLOUR.get(notice.cause, "warning")
    name = _shorten(_plain(notice.name or notice.account or notice.platform), _NAME_BYTES)
    start = f'> <font color="{colour}">{words[notice.cause]}</font> **{name}** '
    about = [_plain(notice.says).rstrip("。.") or _plain(notice.indicator)]
    if notice.sponsor:
        about.insert(0, _shorten(_plain(notice.sponsor), _NAME_BYTES))
    if notice.resolved_at:
        about.append(words["lasted"].format(days_between(notice.since or notice.opened_at, notice.resolved_at)))
    elif notice.since:
        about.append(words["since"].format(day_of(notice.since).isoformat()))
    text = words["dot"].join(part for part in about if part) + words["stop"]
    return start + _shorten(text, max(_LEAST_TEXT, most - _size(start)))


def _plain(text: str) -> str:
    """The text with nothing in it that WeCom would act on: no ping, link, code, emphasis or line break."""
    return _ADDRESS.sub(lambda found: found[0].translate(_BROKEN), clean(text).translate(_HARMLESS))


def _shorten(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8, never half a character; an ellipsis says that something is missing."""
    if _size(text) <= most:
        return text
    return text.encode()[: most - _size("…")].decode(errors="ignore").rstrip() + "…"


def _size(text: str) -> int:
    return len(text.encode())


RECEIVER = Receiver(kind="wecom", settings=Settings, render=render, accepted=accepted, members=20, per_minute=20.0)
