"""With what the house looks: its program, its rules, its settings, this run of its machine. It decides nothing.

No secret is in it: the settings are told as they print themselves, with stars where a secret stands.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mediawatch import __version__
from mediawatch.clock import boot
from mediawatch.core.seals import Setup
from mediawatch.settings import Loaded

_HERE = {"data_dir", "database", "console", "web", "snapshot"}  # what may differ from machine to machine of one fleet


def setup_of(loaded: Loaded) -> Setup:
    """As the record keeps it beside the looks that are made with it."""
    name, uptime = boot()
    return Setup(
        program=__version__,
        books=digest_of({book.id: book.edition for book in loaded.rulebooks.values()}),
        settings=digest_of(told(loaded)),
        boot=name,
        uptime=uptime,
    )


def told(loaded: Loaded) -> dict[str, Any]:
    """The settings that all who look for one house share."""
    return loaded.settings.model_dump(exclude=_HERE)


def digest_of(said: Any) -> str:
    """SHA-256, the same for the same settings in whatever order they were written."""
    text = json.dumps(said, sort_keys=True, default=lambda one: sorted(one) if isinstance(one, frozenset) else str(one))
    return hashlib.sha256(text.encode()).hexdigest()
