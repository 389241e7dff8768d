"""The register into the store: at the start, and again when the files change. It must never apply half a reload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from mediawatch.core.model import Target
from mediawatch.core.schedule import spread
from mediawatch.settings import Loaded, load
from mediawatch.store.store import Enrolled, Store


def enroll(store: Store, loaded: Loaded, now: datetime) -> Enrolled:
    """Makes the store's register equal to the files'. New targets fall due over the time that `first_sweep` says."""
    sweep = loaded.settings.daemon.first_sweep

    def first_due(target: Target) -> datetime:
        return now + sweep * spread(target.id)

    return store.enroll(loaded.accounts, now, first_due)


def reload(
    store: Store, accounts_path: Path | None, settings_path: Path | None, env: Mapping[str, str], now: datetime
) -> tuple[Loaded, Enrolled]:
    """Reads all files again and enrolls them. Raises SettingsError with every problem, and then applies nothing."""
    loaded = load(accounts_path, settings_path, env)
    return loaded, enroll(store, loaded, now)
