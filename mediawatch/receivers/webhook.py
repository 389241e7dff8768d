"""A signed JSON message to any address, according to Standard Webhooks. It must never send, wait or read a clock.

The body is a public contract: docs/webhook.md and docs/webhook.schema.json. A change that could break a receiver
raises `VERSION`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator
from standardwebhooks import Webhook

from mediawatch.core.model import Value
from mediawatch.core.outgoing import Post
from mediawatch.core.views import Digest, Message, Notice
from mediawatch.receivers.receiver import Answer, Receiver, by_status, check_address

VERSION: Literal["1"] = "1"
_PREFIX = "whsec_"
_FIT = re.compile(r"[0-9A-Za-z_/:-]{1,128}")  # no full stop: it divides what is signed
_OVER = ("resolved", "back", "incident_over")


class Settings(Value):
    """Where to, and with which secrets.

    secret: one secret, or several while they are rotated; `whsec_<base64>`, or plain text taken as its UTF-8 bytes.
    allow_http: permits plain http to an address that is not loopback.
    members: the most notices in one message.
    """

    url: SecretStr
    secret: tuple[SecretStr, ...] = Field(min_length=1)
    allow_http: bool = False
    members: int = Field(default=1, ge=1, le=500)

    @field_validator("secret", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str | SecretStr) else given

    @field_validator("secret")
    @classmethod
    def _usable(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for secret in secrets:
            _key(secret)
        return secrets

    @model_validator(mode="after")
    def _safe_address(self) -> Settings:
        check_address(self.url.get_secret_value(), self.allow_http)
        return self


class Data(Value):
    """summary, link: of the whole message; the same in every attempt."""

    notices: tuple[Notice, ...]
    digest: Digest | None
    summary: str
    link: str


class Body(Value):
    """The body. `timestamp` is when the thing told of came to be; it is the same in every attempt."""

    version: Literal["1"] = VERSION
    type: str
    id: str
    timestamp: AwareDatetime
    data: Data


def render(message: Message, settings: Settings, at: datetime, language: str) -> Post:
    """The signed request. The body depends on the message alone; `at` (the attempt) is in the signed headers.

    An id that is not fit for a header is sent as its SHA-256. `language` is not used: `says` was put into words when
    the notice was owed.
    """
    message_id = message.id
    if not _FIT.fullmatch(message_id):
        message_id = hashlib.sha256(message_id.encode()).hexdigest()
    causes = {notice.cause for notice in message.notices}
    cause = message.cause if not causes else causes.pop() if len(causes) == 1 else "several"
    content = Body(
        type=f"mediawatch.alert.{cause}" if message.digest is None else "mediawatch.digest",
        id=message_id,
        timestamp=max((_happened(notice) for notice in message.notices), default=message.at.astimezone(UTC)),
        data=Data(
            notices=message.notices,
            digest=message.digest,
            summary=message.digest.summary if message.digest else message.summary,
            link=message.link,
        ),
    )
    body = content.model_dump_json()
    at = at.astimezone(UTC)
    signatures = (Webhook(_key(secret)).sign(message_id, at, body) for secret in settings.secret)
    return Post(
        url=settings.url.get_secret_value(),
        headers=(
            ("content-type", "application/json"),
            ("webhook-id", message_id),
            ("webhook-timestamp", str(int(at.timestamp()))),
            ("webhook-signature", " ".join(signatures)),
        ),
        body=body.encode(),
    )


def accepted(status: int, body: bytes) -> Answer:
    """Any 2xx is a yes, whatever the body says. 410 and the other 3xx and 4xx are a no; 408, 425, 429 and 5xx wait."""
    return by_status(status)


def _happened(notice: Notice) -> datetime:
    instant = notice.resolved_at if notice.cause in _OVER and notice.resolved_at else notice.opened_at
    return instant.astimezone(UTC)


def _key(secret: SecretStr) -> bytes:
    """The bytes to sign with. Raises ValueError, without the secret in its text, where there are none."""
    text = secret.get_secret_value()
    if text.startswith(_PREFIX):
        encoded = text.removeprefix(_PREFIX)
        try:
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("a whsec_ secret must be base64") from None
    else:
        key = text.encode()
    if not key:
        raise ValueError("a secret must not be empty")
    return key


RECEIVER = Receiver(
    kind="webhook", settings=Settings, render=render, accepted=accepted, members=1, per_minute=600.0, whole=True
)
