"""What the console remembers between two runs: orders of lists, the theme, and when the operator was last here.

A small file of the operator's own. It must never stop the console: one that cannot be read is begun anew, one that
cannot be written is let be.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from mediawatch.tui.columns import Sorted

_MOST = 64 * 1024


class Memory:
    """path: the file, `None` to remember for one run only. here: which register it is about; visits are told apart."""

    def __init__(self, path: Path | None = None, here: str = "") -> None:
        self._path, self._here = path, here
        self._kept: dict[str, Any] = _read(path)
        self.last_visit = _moment(self._part("visits").get(here))
        """When the operator last left, `None` at the first visit."""

    @property
    def theme(self) -> str:
        """The theme that was last chosen, empty for none."""
        return str(self._kept.get("theme") or "")

    def keep_theme(self, name: str) -> None:
        """Keeps the choice of a theme."""
        self._kept["theme"] = name
        self._write()

    def order(self, screen: str) -> Sorted | None:
        """How that list was last sorted."""
        kept = self._part("orders").get(screen)
        if isinstance(kept, list) and len(kept) == 2:
            return Sorted(str(kept[0]), bool(kept[1]))
        return None

    def keep_order(self, screen: str, order: Sorted) -> None:
        """Keeps how a list is sorted."""
        self._part("orders")[screen] = [order.key, order.reverse]
        self._write()

    def keep_visit(self, now: datetime) -> None:
        """The operator was here until now."""
        self._part("visits")[self._here] = now.isoformat()
        self._write()

    def _part(self, name: str) -> dict[str, Any]:
        part = self._kept.get(name)
        if not isinstance(part, dict):
            part = self._kept[name] = {}
        return part

    def _write(self) -> None:
        if self._path is None:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = self._path.with_name(self._path.name + ".new")
            fresh.write_text(json.dumps(self._kept, ensure_ascii=False, sort_keys=True), encoding="utf-8")
            fresh.replace(self._path)


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8") as stream:
            kept = json.loads(stream.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
