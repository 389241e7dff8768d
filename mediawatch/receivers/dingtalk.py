"""A message to a DingTalk (钉钉) group robot, signed. It must never send, wait or read a clock.

The robot answers HTTP 200 to everything: only `errcode` 0 in the body is a yes. Who sends it more than twenty messages
a minute is not heard for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, SecretStr

from mediawatch.core.outgoing import Post
from mediawatch.core.views import Message
from mediawatch.receivers import chat
from mediawatch.receivers.receiver import Answer, Receiver
from mediawatch.receivers.robot import SignedRobot, by_code
from mediawatch.receivers.told import Line, told

LIMIT = 20_000  # bytes of the whole body
_REFUSED = frozenset({
    300001,  # no such token
    310000,  # against the robot's own rules: signature, keyword or sender's address
    400101,  # no such token
    400102,  # the robot is switched off
    400105,  # a kind of message that it does not take
    400106,  # no such robot
    430101, 430102, 430103, 430104,  # what the message holds is not taken
    460101,  # too long
})  # fmt: skip
_TOO_FAST = frozenset({130101, 410100, 90018, 90030})
_COLOUR = {"bad": "#d93026", "near": "#b26a00", "good": "#188038", "plain": "#5f6368"}


class Settings(SignedRobot):
    """The robot's address, and the secret it signs with (加签), where it has one."""


class _Reply(BaseModel):
    errcode: int


def render(message: Message, settings: Settings, at: datetime, language: str) -> Post:
    """One markdown message whose whole body has at most 20,000 bytes, the worst first; what does not fit is counted.

    The address carries `timestamp` (milliseconds) and `sign` of this very attempt. The robot knows no idempotency id.
    """
    news = told(message, language)
    title = chat.shorten(chat.plain(f"{news.title} {news.summary}"), 200)
    content = chat.fitted(
        news,
        f"#### {chat.plain(news.title)}\n\n{chat.shorten(chat.plain(news.summary), 2_000)}",
        _line,
        f"[{news.open}]({news.link})" if news.link else "",
        LIMIT - len(_body(title, "")),
        gap="\n\n",
        measure=chat.json_size,
    )
    return Post(
        url=_signed(settings.url.get_secret_value(), settings.secret, at),
        headers=(("content-type", "application/json; charset=utf-8"),),
        body=_body(title, content),
    )


def accepted(status: int, body: bytes) -> Answer:
    """Only HTTP 200 with errcode 0 is a yes. What is not known (-1, no JSON) may pass."""
    return by_code(status, body, _Reply, _REFUSED, _TOO_FAST)


def _body(title: str, text: str) -> bytes:
    message = {"msgtype": "markdown", "markdown": {"title": title, "text": text}, "at": {"isAtAll": False}}
    return json.dumps(message, ensure_ascii=False).encode()


def _signed(url: str, secret: SecretStr | None, at: datetime) -> str:
    if secret is None:
        return url
    key = secret.get_secret_value()
    timestamp = str(int(at.timestamp() * 1000))
    mac = hmac.new(key.encode(), f"{timestamp}\n{key}".encode(), hashlib.sha256).digest()
    parts = urlsplit(url)
    asked = [*parse_qsl(parts.query), ("timestamp", timestamp), ("sign", base64.b64encode(mac).decode())]
    return urlunsplit(parts._replace(query=urlencode(asked)))


def _line(line: Line, sentence: str) -> str:
    name = chat.shorten(chat.plain(line.name), chat.NAME_BYTES)
    return f"- <font color={_COLOUR[line.tone]}>{line.label}</font> **{name}** {sentence}".rstrip()


RECEIVER = Receiver(
    kind="dingtalk",
    settings=Settings,
    render=render,
    accepted=accepted,
    members=50,
    per_minute=20.0,
    rest=timedelta(minutes=10),
)
