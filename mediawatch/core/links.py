"""Signed, expiring links by which people answer a message: made for what they are about, and read back. Pure.

Whoever holds such a link may acknowledge what it is about, and nothing else. It is kept nowhere: the same message gives
the same link at every attempt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mediawatch.core.alerting import ENDS
from mediawatch.core.views import Message

PATH = "/answers/"
MESSAGE = "msg_"  # what the id of a message or a notice begins with; any other subject is an alert
_SUBJECT = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TOKEN = re.compile(r"(?P<subject>[0-9A-Za-z_-]{1,64})\.(?P<ends>[0-9a-f]{1,12})\.(?P<mac>[0-9A-Za-z_-]{32})")
_QUIET = (*ENDS, "back", "acknowledged")


class NotOurs(Exception):
    """No link that we signed."""


class Expired(Exception):
    """A link of ours, past its end."""


@dataclass(frozen=True)
class Links:
    """url: the public address, without a slash at its end. secrets: the first signs, any of them is believed.

    lifetime: how long a link holds, from when its message was made.
    """

    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    lifetime: timedelta

    def address(self, subject: str, at: datetime) -> str:
        """The link about a message or an alert, made at that instant; empty where the subject is none we can sign."""
        if not _SUBJECT.fullmatch(subject):
            return ""
        ends = f"{int((at + self.lifetime).timestamp()):x}"
        return f"{self.url}{PATH}{subject}.{ends}.{_mac(self.secrets[0], subject, ends)}"

    def subject(self, token: str, now: datetime) -> str:
        """What a token (the link behind its path) is about. Raises NotOurs, Expired; takes as long for any token."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise NotOurs
        good = False
        for secret in self.secrets:  # all of them, always
            good |= hmac.compare_digest(_mac(secret, found["subject"], found["ends"]), found["mac"])
        if not good:
            raise NotOurs
        if datetime.fromtimestamp(int(found["ends"], 16), UTC) <= now:
            raise Expired
        return found["subject"]


def linked(message: Message, links: Links | None) -> Message:
    """The message with links in it by which what stands is acknowledged; as it is where nothing asks for an answer."""
    open_ = [notice for notice in message.notices if notice.cause not in _QUIET]
    if links is None or not open_ or not message.id.startswith(MESSAGE):
        return message
    notices = tuple(
        notice.model_copy(update={"link": links.address(notice.alert, message.at)}) if notice in open_ else notice
        for notice in message.notices
    )
    return message.model_copy(update={"notices": notices, "link": links.address(message.id, message.at)})


def _mac(secret: bytes, subject: str, ends: str) -> str:
    mac = hmac.digest(secret, f"mediawatch answer\n{subject}\n{ends}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode()[:32]
