"""A message to a Feishu (飞书) group robot, signed. It must never send, wait or read a clock.

The robot answers HTTP 200 to much: only `code` 0 in the body is a yes. Its pace is shared by all robots of a tenant,
and is short at the full and the half hour.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from mediawatch.core.outgoing import Post
from mediawatch.core.views import Message
from mediawatch.receivers import chat
from mediawatch.receivers.receiver import Answer, Receiver
from mediawatch.receivers.robot import SignedRobot, by_code
from mediawatch.receivers.told import Line, Told, told

LIMIT = 20_000  # bytes of the whole body; the service takes 20 KB
_REFUSED = frozenset({
    9499,  # the request is not of the form that is asked for
    19001,  # no such robot
    19021,  # the signature does not hold, or the clock is wrong by an hour
    19022,  # not from this address
    19024,  # without the robot's keyword
})  # fmt: skip
_TOO_FAST = frozenset({11232, 11247})
_COLOUR = {"bad": "red", "near": "orange", "good": "green", "plain": "grey"}


class Settings(SignedRobot):
    """The robot's address, and the secret it signs with (签名校验), where it has one."""


class _Reply(BaseModel):
    code: int


def render(message: Message, settings: Settings, at: datetime, language: str) -> Post:
    """One card whose whole body has at most 20,000 bytes, the worst first; what does not fit is counted.

    The body carries `timestamp` (seconds) and `sign` of this very attempt. The robot knows no idempotency id.
    """
    news = told(message, language)
    sign = _sign(settings.secret, at)
    empty = _body(news, "", sign)
    content = chat.fitted(
        news,
        f"**{chat.shorten(chat.plain(news.summary), 2_000)}**",
        _line,
        "",
        LIMIT - len(empty),
        measure=chat.json_size,
    )
    return Post(
        url=settings.url.get_secret_value(),
        headers=(("content-type", "application/json; charset=utf-8"),),
        body=_body(news, content, sign),
        hidden=(sign["sign"],) if sign else (),
    )


def accepted(status: int, body: bytes) -> Answer:
    """Only HTTP 200 with code 0 is a yes. What is not known (no JSON) may pass."""
    return by_code(status, body, _Reply, _REFUSED, _TOO_FAST)


def _body(news: Told, content: str, sign: dict[str, str]) -> bytes:
    elements: list[dict[str, Any]] = [{"tag": "markdown", "content": content}]
    if news.link:
        button = {
            "tag": "button",
            "type": "primary",
            "url": news.link,
            "text": {"tag": "plain_text", "content": news.open},
        }
        elements.append({"tag": "action", "actions": [button]})
    tones = {line.tone for line in news.lines}
    template = next((_COLOUR[tone] for tone in ("bad", "near", "good") if tone in tones), "blue")
    title = chat.shorten(chat.plain(news.title), 200)
    card = {
        "config": {"wide_screen_mode": True},
        "header": {"template": template, "title": {"tag": "plain_text", "content": title}},
        "elements": elements,
    }
    return json.dumps({**sign, "msg_type": "interactive", "card": card}, ensure_ascii=False).encode()


def _sign(secret: SecretStr | None, at: datetime) -> dict[str, str]:
    """Feishu's way: what is signed is empty, and the instant with the secret is the key."""
    if secret is None:
        return {}
    timestamp = str(int(at.timestamp()))
    mac = hmac.new(f"{timestamp}\n{secret.get_secret_value()}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(mac).decode()}


def _line(line: Line, sentence: str) -> str:
    name = chat.shorten(chat.plain(line.name), chat.NAME_BYTES)
    return f"<font color='{_COLOUR[line.tone]}'>{line.label}</font> **{name}** {sentence}".rstrip()


RECEIVER = Receiver(
    kind="feishu", settings=Settings, render=render, accepted=accepted, members=50, per_minute=60.0, per_second=5.0
)
