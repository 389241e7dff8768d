"""The register into the store: at the start, and again when the files change. It must never apply half a reload."""

from __future__ import annotations

import logging
from datetime import datetime

from mediawatch.adapters import ADAPTERS
from mediawatch.core.model import Target
from mediawatch.core.register_check import check_register
from mediawatch.core.schedule import spread
from mediawatch.settings import Loaded
from mediawatch.store.store import Enrolled, Store

log = logging.getLogger("mediawatch")


def enroll(store: Store, loaded: Loaded, now: datetime) -> Enrolled:
    """Makes the store's register equal to the files', and keeps the books that it is judged by.

    New targets fall due over the time that `first_sweep` says. A register that was not read again because it is the
    store's already changes nothing. An account that left takes its alerts with it; whoever was told of them is told so
    at the next tick.
    """
    store.keep_books(loaded.rulebooks.values(), now)
    if loaded.unread:
        return Enrolled((), (), ())
    sweep = loaded.settings.daemon.first_sweep

    def first_due(target: Target) -> datetime | None:
        return None if ADAPTERS[target.adapter].brought else now + sweep * spread(target.id)

    said = check_register(loaded.accounts)
    if matters := sum(matter.code != "look_alike" for matter in said):
        log.info("the register: %d matters to look at; `mediawatch accounts check` lists them", matters)
    enrolled = store.enroll(loaded.accounts, now, first_due, loaded.units, loaded.journal, loaded.origin, said)
    for account, before, after in enrolled.odd_moves:
        log.warning("%s: the register says %s where it said %s; check its state", account, after, before)
    return enrolled
