"""Cuts secrets out of text and bytes that are kept or shown. Pure. It must never hold, log or raise one itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST = 6  # letters; what is shorter stands in innocent text, too
HIDDEN = "*****"


def hide(text: str, values: Iterable[str]) -> str:
    """The text with stars where one of the values stands, as it is or as an address or JSON writes it."""
    for form in _all_forms(values):
        text = text.replace(form, HIDDEN)
    return text


def hide_bytes(body: bytes, values: Iterable[str]) -> bytes:
    """The same for a body; one that holds none of them stays byte for byte what it was."""
    for form in _all_forms(values):
        body = body.replace(form.encode(), HIDDEN.encode())
    return body


def _all_forms(values: Iterable[str]) -> list[str]:
    """The longest first: a part of a secret must not be hidden before the whole, or the rest would stay."""
    return sorted({form for value in values for form in _forms(value)}, key=lambda form: (-len(form), form))


def _forms(value: str) -> set[str]:
    """Every way in which an answer is likely to repeat a value; none where it is too short to be told from text."""
    if len(value) < SHORTEST:
        return set()
    quoted = {quote(value, safe=""), quote(value), quote(value, safe="/?:@!$'()*,;="), quote_plus(value)}
    lower = {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in quoted}
    return {value, *quoted, *lower, value.replace("/", "\\/"), json.dumps(value)[1:-1]}
