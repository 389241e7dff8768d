"""Text that a spreadsheet would take for a formula, made text and back again. Pure.

A cell that begins with `=`, `+`, `-`, `@` or their full-width forms, after spaces too, is run by spreadsheet programs
when a CSV file is opened. An apostrophe in front keeps it text.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*\s*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def neutral(text: str) -> str:
    """The text for a CSV cell: with an apostrophe in front where it would be run. A plain number stays."""
    if text[:1].isalnum():  # most text, without a regular expression
        return text
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def restored(text: str) -> str:
    """What `neutral` was given."""
    return text[1:] if text[:1] == "'" and _RISKY.match(text, 1) else text
