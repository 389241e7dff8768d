"""What the settings say of roll-up: who we are, our key, and whose files we take. Values only."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from pydantic import field_validator

from mediawatch.core.model import Value

_NAME = re.compile(r"[\w.-]{1,64}")


class RollupSettings(Value):
    """name: who we are in what we hand up. key: the file of our private key. trusted: public keys, by sender."""

    name: str = ""
    key: Path | None = None
    trusted: dict[str, str] = {}

    @field_validator("name")
    @classmethod
    def _word(cls, name: str) -> str:
        if name and not _NAME.fullmatch(name):
            raise ValueError("may hold letters, digits, '.', '-' and '_' only")
        return name

    @field_validator("trusted")
    @classmethod
    def _keys(cls, trusted: dict[str, str]) -> dict[str, str]:
        for name, key in trusted.items():
            if not _NAME.fullmatch(name):
                raise ValueError("a sender's name may hold letters, digits, '.', '-' and '_' only")
            try:
                whole = len(base64.b64decode(key, validate=True)) == 32
            except ValueError:
                whole = False
            if not whole:
                raise ValueError(f"{name} has no public key such as `mediawatch rollup key` prints")
        return trusted
