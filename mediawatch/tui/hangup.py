"""A console whose terminal is gone ends: nobody sees it, and its input, of which the end has come, never rests.

A signal says so too, but not to every process: a shell or `make` in between keeps it, `docker exec` sends none. It must
not end a console that never had a terminal, such as one in a browser.
"""

from __future__ import annotations

import os

from textual.app import App

_EVERY = 2.0  # seconds
_INPUT = 0


def end_with_terminal(app: App[None]) -> None:
    """From now on the app ends when the terminal of this process is hung up; where there is none, nothing is done."""
    if os.isatty(_INPUT):
        app.set_interval(_EVERY, lambda: None if os.isatty(_INPUT) else app.exit())
