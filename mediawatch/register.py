"""The register into the store: at the start, and again when the files change. It must never apply half a reload."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Target
from mediawatch.core.schedule import spread
from mediawatch.notify import owe
from mediawatch.policy import Policy
from mediawatch.settings import Loaded
from mediawatch.store.store import Enrolled, Store


def enroll(store: Store, loaded: Loaded, policy: Policy, now: datetime) -> Enrolled:
    """Makes the store's register equal to the files'. New targets fall due over the time that `first_sweep` says.

    Whoever was told of a breach is told that it ended with its account's leaving the register.
    """
    sweep = loaded.settings.daemon.first_sweep

    def first_due(target: Target) -> datetime:
        return now + sweep * spread(target.id)

    enrolled = store.enroll(loaded.accounts, now, first_due)
    with store.writing() as ledger:
        for alert in enrolled.resolved:
            owe(ledger, alert, policy, now)
    return enrolled
