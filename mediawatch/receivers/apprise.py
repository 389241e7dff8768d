"""A message to whatever else the Apprise library knows: best effort. It must never send, wait or read a clock.

Apprise takes HTTP 200 for a yes, also where the body says no. So the robots of WeCom, DingTalk and Feishu, which
answer so, are refused here: they have receivers of their own.
"""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import Field, SecretStr, field_validator

from mediawatch.core.model import Value
from mediawatch.core.outgoing import Call
from mediawatch.core.views import Message
from mediawatch.receivers import chat
from mediawatch.receivers.receiver import Answer, Receiver
from mediawatch.receivers.told import told

LIMIT = 4_000  # bytes of the text; services that take less cut it or send it in parts
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,30})://.", re.IGNORECASE)
_OWN = {"dingtalk": "dingtalk", "feishu": "feishu", "lark": "feishu", "wecombot": "wecom"}
_HOSTS = {
    "oapi.dingtalk.com": "dingtalk",
    "qyapi.weixin.qq.com": "wecom",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
}


class Settings(Value):
    """url: one Apprise address, or several. They hold tokens, so they are secrets."""

    url: tuple[SecretStr, ...] = Field(min_length=1, max_length=20)

    @field_validator("url", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str | SecretStr) else given

    @field_validator("url")
    @classmethod
    def _usable(cls, urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for url in urls:
            text = url.get_secret_value()
            found = _SCHEME.match(text)
            if found is None or not text.isprintable():
                raise ValueError("must be an Apprise address such as service://token")
            own = _OWN.get(found[1].lower())
            own = own or next((kind for host, kind in _HOSTS.items() if host in text.lower()), None)
            if own is not None:
                raise ValueError(f"Apprise cannot tell whether this service took a message: use `type: {own}`")
        return urls


def render(message: Message, settings: Settings, at: datetime, language: str) -> Call:
    """The summary as title, and at most 4,000 bytes of plain text; what does not fit is counted."""
    news = told(message, language)
    foot = f"{news.open}{news.words['colon']}{news.link}" if news.link else ""
    return Call(
        urls=settings.url,
        title=chat.shorten(chat.plain(f"{news.title}{news.words['colon']}{news.summary}"), 250),
        text=chat.fitted(
            news,
            chat.shorten(chat.plain(news.summary), 1_000),
            lambda line, sentence: f"- {line.label} {chat.plain(line.name)} {sentence}".rstrip(),
            foot,
            LIMIT,
        ),
        bad=news.bad,
    )


def accepted(status: int, body: bytes) -> Answer:
    """1 where Apprise believes that it was taken. It does not say why not: it may pass."""
    return Answer.ACCEPTED if status == 1 else Answer.TRY_AGAIN


RECEIVER = Receiver(kind="apprise", settings=Settings, render=render, accepted=accepted, members=20, per_minute=20.0)
