"""A large register is read and entered by a process of its own, whose memory ends with it.

A quarter of a million accounts take a gigabyte while they are read; the daemon needs none of it. It must not open the
network, and it decides nothing: what it does is what `enroll` does.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from mediawatch.clock import wall_clock
from mediawatch.house import held_store, load_known
from mediawatch.memory import without_walks
from mediawatch.register.enroll import enroll
from mediawatch.register.folder import Folder
from mediawatch.settings import ACCOUNTS_FILE, Settings
from mediawatch.store.store import Store

LARGE = 256 * 1024  # bytes of accounts.yaml and the tables beside it: some 2,500 accounts
_STEP = 10_000  # accounts between two lines that say how far it is


def is_large(accounts: Path | None) -> bool:
    """Whether a register is worth a process of its own, by the size of what lies where it lies."""
    path = accounts or Path(ACCOUNTS_FILE)
    tables = (file for file in path.parent.glob("*") if file.suffix.lower() in (".csv", ".xlsx"))
    return sum(file.stat().st_size for file in {path, *tables, *Folder(path).tables} if file.is_file()) > LARGE


def enter_apart(accounts: Path | None, settings: Path | None, *, held: bool = False) -> None:
    """Enters a register whose files have changed; one that the store holds already is not read.

    held: whether this process holds the store. Raises what reading and entering raise: SettingsError, StoreError.
    """
    spawning = multiprocessing.get_context("spawn")  # nothing of this process goes along
    with ProcessPoolExecutor(1, mp_context=spawning, initializer=end_with_our_parent) as apart:
        apart.submit(_enter, accounts, settings, held).result()


def end_with_our_parent() -> None:
    """Whoever started this process may be killed: then it is to end, too. What it was entering is not entered."""

    def wait() -> None:
        if (parent := multiprocessing.parent_process()) is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()


@without_walks()
def _enter(accounts: Path | None, settings: Path | None, held: bool) -> None:
    log = logging.getLogger("mediawatch")
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stderr))
        log.setLevel(logging.INFO)

    def progress(done: int) -> None:
        if done % _STEP == 0:
            log.info("reading the register: %d accounts", done)

    found = load_known(accounts, settings, os.environ, progress)
    if found.unread:
        return
    log.info("entering the register: %d accounts", len(found.accounts))
    with (_open if held else held_store)(found.settings, wall_clock()) as store:
        enroll(store, found, wall_clock())


@contextmanager
def _open(settings: Settings, now: datetime) -> Iterator[Store]:
    """The store that the process which started us holds, and leaves alone until we are done."""
    store = Store.open(settings.database, now=now)
    try:
        yield store
    finally:
        store.close()
