"""The register into the store: at the start, and again when the files change. It must never apply half a reload."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Target
from mediawatch.core.schedule import spread
from mediawatch.settings import Loaded
from mediawatch.store.store import Enrolled, Store


def enroll(store: Store, loaded: Loaded, now: datetime) -> Enrolled:
    """Makes the store's register equal to the files'. New targets fall due over the time that `first_sweep` says.

    An account that left takes its alerts with it; whoever was told of them is told so at the next tick.
    """
    sweep = loaded.settings.daemon.first_sweep

    def first_due(target: Target) -> datetime:
        return now + sweep * spread(target.id)

    return store.enroll(loaded.accounts, now, first_due)
