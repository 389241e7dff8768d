"""A field to type or paste into, which holds nothing that could steer a terminal."""

from __future__ import annotations

from textual.widgets import Input

from mediawatch.core.text import clean


class Entry(Input):
    """One line of plain text: what is pasted is cleaned like everything from outside."""

    def validate_value(self, value: str) -> str:
        """Called by Textual for every new value, whoever sets it."""
        return value if value.isprintable() else clean(value)
