"""A letter, as text and as HTML, by SMTP. It must never send, wait or read a clock.

Its message id is the idempotency id: mail programs and servers show a letter that comes twice only once.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Value
from mediawatch.core.outgoing import Letter
from mediawatch.core.views import Message
from mediawatch.receivers.receiver import Answer, Receiver, is_loopback
from mediawatch.receivers.told import Told, told

if TYPE_CHECKING:
    from jinja2 import Template

MEMBERS = 200
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_FIT = re.compile(r"[0-9A-Za-z_-]{1,128}")
_TOO_FAST = ("rate limit", "too many", "too fast", "throttl", "频")
_SUBJECT = 120  # letters
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Settings(Value):
    """The mail server, who writes, and to whom.

    security: `starttls` (in the open first, then it must succeed), `tls` from the first byte, or `none`: to this very
    machine, or elsewhere with `allow_plain`. port: 587, 465 or 25 by that where it is not given. user, password: only
    over TLS or within this machine.
    """

    host: str
    port: int = Field(default=0, strict=True, ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    allow_plain: bool = Field(default=False, strict=True)
    user: str = ""
    password: SecretStr | None = None
    sender: str
    to: tuple[str, ...] = Field(min_length=1, max_length=100)

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given

    @field_validator("host")
    @classmethod
    def _a_host(cls, host: str) -> str:
        if not _HOST.fullmatch(host):
            raise ValueError("must be the name of a mail server")
        return host

    @field_validator("sender", "to")
    @classmethod
    def _addresses(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (given,) if isinstance(given, str) else given:
            if not _ADDRESS.fullmatch(address):
                raise ValueError("must be a mail address such as duty@city.example")
        return given

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        if bool(self.user) != (self.password is not None):
            raise ValueError("`user` and `password` go together")
        if self.security == "none" and not is_loopback(self.host):
            if not self.allow_plain:
                raise ValueError("must be starttls or tls (allow_plain: true permits letters in the open)")
            if self.user:
                raise ValueError("a password never goes out in the open: set security to starttls or tls")
        return self


def render(message: Message, settings: Settings, at: datetime, language: str) -> Letter:
    """The letter. It depends on the message alone: every attempt is the same letter with the same message id."""
    news = told(message, language)
    name = message.id if _FIT.fullmatch(message.id) else hashlib.sha256(message.id.encode()).hexdigest()
    return Letter(
        host=settings.host,
        port=settings.port or _PORTS[settings.security],
        security=settings.security,
        user=settings.user,
        password=settings.password,
        sender=settings.sender,
        to=settings.to,
        message_id=f"{name}@{settings.sender.partition('@')[2]}",
        date=format_datetime(message.at.astimezone(SHANGHAI)),
        subject=_subject(news),
        text=as_text(news),
        html=as_html(news, language),
    )


def accepted(status: int, body: bytes) -> Answer:
    """SMTP: 250 is a yes, 4xx may pass, 5xx is a no: the login, an address or the letter is not taken."""
    if status == 250:
        return Answer.ACCEPTED
    said = body.decode(errors="replace").lower()
    if 400 <= status < 500:
        return Answer.TOO_FAST if any(word in said for word in _TOO_FAST) else Answer.TRY_AGAIN
    return Answer.REFUSED if 500 <= status < 600 else Answer.TRY_AGAIN


def as_text(news: Told) -> str:
    """The message as plain text: the summary, one paragraph a line, what is not listed, the link."""
    parts = [news.title, news.summary, ""]
    parts += [f"[{line.label}] {line.name}  {news.sentence(line)}".rstrip() for line in news.lines]
    if rest := news.rest(len(news.lines)):
        parts += ["", rest]
    if news.link:
        parts += ["", f"{news.open}{news.words['colon']}{news.link}"]
    return "\n".join((*parts, "", "-- ", news.words["why"], ""))


def as_html(news: Told, language: str) -> str:
    """The message as a page that loads nothing from anywhere; everything in it is escaped by the template."""
    return _template().render(
        news=news, language="zh-CN" if language.startswith("zh") else "en", rest=news.rest(len(news.lines))
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("mediawatch.receivers", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return found.get_template("letter.html")


def _subject(news: Told) -> str:
    subject = f"{news.title}{news.words['colon']}{news.summary}"
    return subject if len(subject) <= _SUBJECT else subject[: _SUBJECT - 1].rstrip() + "…"


RECEIVER = Receiver(
    kind="email",
    settings=Settings,
    render=render,
    accepted=accepted,
    members=MEMBERS,
    per_minute=30.0,
    rest=timedelta(minutes=5),
)
