"""What faces are given as bytes: an answer as it was kept, and a document. Pure.

The bytes are those that were kept or written, and are never mended here; whoever shows them makes them harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict

from mediawatch.core.model import Value
from mediawatch.core.rulebook import Language

MOST_SHOWN = 8 * 1024 * 1024
"""Bytes of one kept answer that a face is given."""
Media = Literal["json", "markup", "text", "png", "jpeg", "package", "binary"]
_SIGNS: tuple[tuple[bytes, Media], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"PK\x03\x04", "package"),
)
PICTURES = frozenset({"png", "jpeg"})


class _Bytes(Value):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class KeptAnswer(_Bytes):
    """What a platform answered, byte for byte. size: of all of it; `body` is its beginning, at most `MOST_SHOWN`.

    digest: SHA-256 of all of it, in hexadecimal. Headers are kept of no answer.
    """

    digest: str
    size: int
    media: Media
    body: bytes

    @property
    def whole(self) -> bool:
        """Whether `body` is all of it."""
        return len(self.body) == self.size

    @property
    def text(self) -> str:
        """The bytes as text, by the encoding they are written in; what is none of it shows as a replacement."""
        return self.body.decode(encoding_of(self.body) or "utf-8", "replace")


class Document(_Bytes):
    """A document as a new file. name: of the file, without a folder. missing: kept answers that it names and could not
    hold, for they are no longer there."""

    name: str
    body: bytes
    missing: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which document: as `Source.documents` takes it, in a language; and what only the command line asks.

    sponsor: whose accounts a form of work is about. Of evidence: indicator, one
    line whatever its outcome; at, as the record stood then; campaign, as that one saw it.
    """

    kind: str
    subject: str
    language: Language
    form: str = ""
    issuer: str = ""
    to: str = ""
    due: date | None = None
    sponsor: str = ""
    indicator: str = ""
    at: datetime | None = None
    campaign: str = ""


def kept(digest: str, body: bytes) -> KeptAnswer:
    """An answer as it is shown."""
    return KeptAnswer(digest=digest, size=len(body), media=media_of(body), body=body[:MOST_SHOWN])


def media_of(body: bytes) -> Media:
    """What the bytes are, by how they begin; headers are not asked, for they are not kept and may lie."""
    for sign, media in _SIGNS:
        if body.startswith(sign):
            return media
    if encoding_of(body) is None:
        return "binary"
    first = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return "json" if first in (b"{", b"[") else "markup" if first == b"<" else "text"


def encoding_of(body: bytes) -> str | None:
    """UTF-8 or GB 18030, whichever reads it without a fault (but for a letter that is cut at its end)."""
    if b"\x00" in body[:65536]:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError as error:
            if len(body) >= MOST_SHOWN and error.start >= len(body) - 4:
                return encoding
            continue
        return encoding
    return None
