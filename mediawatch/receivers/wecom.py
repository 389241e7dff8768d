"""A message to a WeCom (企业微信) group robot. It must never send, wait or read a clock.

The robot answers HTTP 200 to everything: only `errcode` 0 in the body is a yes.
"""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import BaseModel

from mediawatch.core.outgoing import Post
from mediawatch.core.views import Message
from mediawatch.receivers import chat
from mediawatch.receivers.receiver import Answer, Receiver
from mediawatch.receivers.robot import Robot, by_code
from mediawatch.receivers.told import Line, told

LIMIT = 4096  # bytes of `markdown.content` in UTF-8; more is refused with errcode 40058
_REFUSED = frozenset({
    40058,  # the message is not of the form that is asked for
    44004,  # the message is empty
    93000,  # invalid webhook url
    93004,  # the robot was stopped or removed
    93008,  # the robot is not in the group
})  # fmt: skip
_TOO_FAST = frozenset({45009, 45033})
_COLOUR = {"bad": "warning", "near": "comment", "good": "info", "plain": "comment"}


class Settings(Robot):
    """The robot's address."""


class _Reply(BaseModel):
    errcode: int


def render(message: Message, settings: Settings, at: datetime, language: str) -> Post:
    """One markdown message of at most 4,096 bytes, the worst first. What does not fit is counted, never just cut.

    The robot knows no idempotency id: after an answer that was lost on the way, the group may read a message twice.
    """
    news = told(message, language)
    content = chat.fitted(
        news,
        chat.shorten(f"**{chat.plain(news.title)}** {chat.plain(news.summary)}", LIMIT // 4),
        _line,
        f"[{news.open}]({news.link})" if news.link else "",
        LIMIT,
    )
    body = json.dumps({"msgtype": "markdown", "markdown": {"content": content}}, ensure_ascii=False)
    return Post(
        url=settings.url.get_secret_value(),
        headers=(("content-type", "application/json; charset=utf-8"),),
        body=body.encode(),
    )


def accepted(status: int, body: bytes) -> Answer:
    """Only HTTP 200 with errcode 0 is a yes. A dead robot is a no; what is not known (-1, no JSON) may pass."""
    return by_code(status, body, _Reply, _REFUSED, _TOO_FAST)


def _line(line: Line, sentence: str) -> str:
    name = chat.shorten(chat.plain(line.name), chat.NAME_BYTES)
    return f'> <font color="{_COLOUR[line.tone]}">{line.label}</font> **{name}** {sentence}'.rstrip()


RECEIVER = Receiver(kind="wecom", settings=Settings, render=render, accepted=accepted, members=20, per_minute=20.0)
