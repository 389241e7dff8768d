"""Copying out of a terminal: through tmux where it runs, else by OSC 52, which a terminal may take or silently leave.

It must not claim more than it knows: what was refused, or is too long, is said; and what a terminal never answers to is
called "sent", not "copied".
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from contextlib import suppress

from textual.app import App

from mediawatch.core.model import Value
from mediawatch.core.text import clean
from mediawatch.locale import Words
from mediawatch.tui.cells import Piece

MOST = 74_994
"""Letters of one OSC 52 sequence, encoded; several terminals drop longer ones without a word."""

_DEAF = ("", "dumb", "linux", "vt100", "vt220", "unknown")  # terminals that have no clipboard
_PATIENCE = 2.0


async def copy(app: App[object], text: str, _: Words) -> tuple[bool, str]:
    """Whether it was taken, as far as can be known, and what to tell the operator."""
    size = len(text)
    if not text:
        return False, _("There is nothing to copy.")
    encoded = base64.b64encode(text.encode("utf-8", "replace"))
    if len(encoded) > MOST:
        return False, _("Not copied: {n} letters are more than a terminal takes; export them instead (e).").format(
            n=size
        )
    if os.environ.get("TMUX") and await _tmux(text):
        return True, _("Copied through tmux: {n} letters").format(n=size)
    kind = os.environ.get("TERM", "")
    if not app.is_headless and kind in _DEAF:
        return False, _("Not copied: the terminal ({kind}) has no clipboard.").format(kind=clean(kind, 30) or "-")
    app.copy_to_clipboard(text)
    return True, _("Sent to the terminal's clipboard: {n} letters").format(n=size)


async def _tmux(text: str) -> bool:
    """tmux keeps it, and hands it on to the terminal outside (-w); its own OSC 52 is off unless somebody allowed it."""
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", "-w", "-",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), _PATIENCE)
    except (OSError, TimeoutError):
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        return False
    return process.returncode == 0


def as_record(row: object) -> str:
    """A row as JSON."""
    return row.model_dump_json() if isinstance(row, Value) else repr(row)


def as_line(lines: Sequence[Sequence[Piece]]) -> str:
    """A row as one line for a chat."""
    return " | ".join(filter(None, ("".join(text for text, _ in line).strip() for line in lines)))
