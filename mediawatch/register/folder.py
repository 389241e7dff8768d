"""The part of the register that commands keep: `accounts.d/` beside accounts.yaml, with two tables and a journal.

What people write by hand is never written here, and the other way round. Each file is replaced as a whole or not at
all; the journal is only added to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from mediawatch.core.register_change import JournalEntry
from mediawatch.register.rows import Data, table_of
from mediawatch.register.shapes import ACCOUNTS, UNITS
from mediawatch.sheets import csv_bytes
from mediawatch.store.files import private_dir, sync_dir, write_whole
from mediawatch.strict_yaml import Problem

ACCOUNTS_TABLE = "accounts.csv"
UNITS_TABLE = "units.csv"
JOURNAL = "journal.jsonl"


class Folder:
    """The folder of one register. It is there once a command has changed something."""

    def __init__(self, accounts_file: Path) -> None:
        self.path = accounts_file.with_suffix(".d")

    @property
    def tables(self) -> tuple[Path, ...]:
        """Its tables that are there."""
        return tuple(path for name in (UNITS_TABLE, ACCOUNTS_TABLE) if (path := self.path / name).exists())

    @property
    def files(self) -> tuple[Path, ...]:
        """All its files that are there."""
        journal = self.path / JOURNAL
        return (*self.tables, *([journal] if journal.exists() else []))

    def journal(self, problems: list[Problem]) -> list[JournalEntry]:
        """Who changed what, from old to new. A last line that a power cut left half written is no entry."""
        path = self.path / JOURNAL
        if not path.exists():
            return []
        entries = []
        lines = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                entries.append(JournalEntry.model_validate_json(line))
            except ValidationError:
                problems.append(Problem(str(path), number, 1, "is no entry of the register's journal"))
        return entries

    def write(self, accounts: Iterable[Data], units: Iterable[Data], entry: JournalEntry) -> None:
        """Replaces the tables and adds the entry. Raises OSError.

        Units first: accounts name them, and one that is taken away is named by none before. The entry last: it tells
        what has become true.
        """
        private_dir(self.path)
        for name, shape, records in ((UNITS_TABLE, UNITS, units), (ACCOUNTS_TABLE, ACCOUNTS, accounts)):
            head, rows = table_of(sorted(records, key=lambda record: str(record["id"])), shape)
            if rows or (self.path / name).exists():
                write_whole(self.path / name, csv_bytes(head, rows))
        self._add(entry)

    def _add(self, entry: JournalEntry) -> None:
        path = self.path / JOURNAL
        line = json.dumps(entry.model_dump(mode="json"), ensure_ascii=False).encode()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "rb+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                line = (b"" if file.read(1) == b"\n" else b"\n") + line
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_dir(self.path)
