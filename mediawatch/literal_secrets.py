"""Which values of the settings are secrets, and which of them stand there themselves. Pure; it quotes nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if len(value) > 3 else []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts(item)]
    return []


def is_secret(value: Any) -> bool:
    if isinstance(value, dict):
        value = tuple(value.values())
    return isinstance(value, SecretStr) or (isinstance(value, tuple) and any(map(is_secret, value)))


def is_literal(text: str) -> bool:
    """Whether a text holds a secret itself. An address does where it has a query or a long, random-looking part."""
    if "${" in text or text.startswith("file:"):
        return False
    parts = urlsplit(text)
    return not parts.netloc or bool(parts.query) or any(len(part) >= 16 for part in parts.path.split("/"))
