"""The daily snapshot for the public: all accounts and those that fail, CSV and JSON at paths that stay, with a schema.

Each file is replaced as a whole. It must never name people, nor tell a fail before it stands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Outcome
from mediawatch.core.published import PublishedAccount, breaches_of, published
from mediawatch.sheets import csv_bytes
from mediawatch.store.files import private_dir, write_whole
from mediawatch.store.query import Query

FORMAT = "mediawatch-snapshot/1"
READABLE = 0o644
FILES = ("schema.json", "accounts.csv", "accounts.json", "failing.csv", "failing.json")
_FIELDS = tuple(name for name in PublishedAccount.model_fields if name != "origin")


def is_due(folder: Path, now: datetime) -> bool:
    """Whether the folder holds no snapshot of this Shanghai day. The last file that is written says so."""
    try:
        held = json.loads((folder / FILES[-1]).read_bytes())
        return bool(held["day"] != day_of(now).isoformat())
    except (OSError, ValueError, KeyError, TypeError):
        return True


def write_snapshot(query: Query, folder: Path, now: datetime) -> tuple[int, int]:
    """Writes the five files. Returns how many accounts there are, and how many fail. Raises OSError."""
    known = breaches_of(query.alerts(now, True))
    accounts = [published(row, known) for row in query.rows(now)]
    failing = [one for one in accounts if one.outcome is Outcome.FAIL]
    private_dir(folder)
    folder.chmod(0o755)
    bodies = (
        json.dumps(schema(), ensure_ascii=False, indent=1).encode(),
        *_both(accounts, now),
        *_both(failing, now),
    )
    for name, body in zip(FILES, bodies, strict=True):
        write_whole(folder / name, body, READABLE)
    return len(accounts), len(failing)


def schema() -> dict[str, Any]:
    """The JSON Schema of `accounts.json` and `failing.json`."""
    account = PublishedAccount.model_json_schema(mode="serialization")
    definitions = account.pop("$defs", {})
    account["properties"].pop("origin")
    account["required"] = list(_FIELDS)
    day = {"type": "string", "format": "date", "description": "the Shanghai day that it tells of"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "day", "made_at", "count", "accounts"],
        "properties": {
            "format": {"const": FORMAT},
            "day": day,
            "made_at": {"type": "string", "format": "date-time"},
            "count": {"type": "integer", "minimum": 0},
            "accounts": {"type": "array", "items": account},
        },
        "$defs": definitions,
    }


def _both(accounts: Sequence[PublishedAccount], now: datetime) -> tuple[bytes, bytes]:
    """The same list as CSV and as JSON."""
    rows = [one.model_dump(mode="json", exclude={"origin"}) for one in accounts]
    cells = [["" if row[name] is None else str(row[name]) for name in _FIELDS] for row in rows]
    told = {
        "format": FORMAT,
        "day": day_of(now).isoformat(),
        "made_at": now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "count": len(rows),
        "accounts": rows,
    }
    return csv_bytes(_FIELDS, cells, mark=True), json.dumps(told, ensure_ascii=False, indent=1).encode()
