"""A person's signed word that an app opened, or did not, where no device can be driven. Pure.

The signature shows that the words are those which were entered with the key of this installation. It must never make
a person's word look like a device's: `attested_by` names the person.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from mediawatch.core.model import Launch, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Failed

SHORTEST_KEY = 16  # bytes
_PURPOSE = b"mediawatch attestation 1\n"


def _said(text: str) -> str:
    if not (said := clean(text, 500)):
        raise ValueError("must not be empty")
    return said


Said = Annotated[str, AfterValidator(_said)]


class Attestation(Value):
    """What one person did with one app. who: name and office. picture: SHA-256 of a kept photograph or screenshot.

    complaints: whether the app offers a way to complain and suggest; `None` where this person did not look for one.
    opened: `False` is the app's fault in this person's judgement; who is unsure attests nothing.
    """

    package: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,199}$")
    who: Said
    device: Said
    os: Said
    at: AwareDatetime
    opened: bool
    note: str = Field(default="", max_length=2000)
    picture: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    filing_no: str = Field(default="", max_length=60)
    complaints: bool | None = None


def sign(attestation: Attestation, key: bytes) -> str:
    """The signature (HMAC-SHA-256, hexadecimal). Raises `ValueError` for a key that is too short to be one."""
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the key must have at least {SHORTEST_KEY} bytes")
    return hmac.new(key, _PURPOSE + attestation.model_dump_json(exclude_none=True).encode(), hashlib.sha256).hexdigest()


def launch_of(attestation: Attestation, signature: str, key: bytes) -> Launch:
    """The attempt as a rule sees it. Raises `Failed(unreadable)` where word and signature do not belong together."""
    if not hmac.compare_digest(sign(attestation, key).encode(), signature.strip().lower().encode()):
        raise Failed(Reason.UNREADABLE, "the signature does not fit the attestation")
    return Launch(
        opened=attestation.opened,
        blame="none" if attestation.opened else "app",
        problem="" if attestation.opened else "attested",
        package=attestation.package,
        device=attestation.device,
        os=attestation.os,
        screenshot=attestation.picture,
        filing_no=clean(attestation.filing_no, 60),
        complaints=attestation.complaints,
        attested_by=attestation.who,
    )
