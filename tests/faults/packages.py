"""Forty-nine hostile packages: how long each takes in a worker, and how much memory."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from mediawatch.adapters import apk
from mediawatch.core.wire import Exchange, Failed
from tests.faults.figure import Figure
from tests.hostile_packages import PACKAGES


def _read(name: str, told: Connection) -> None:
    body = PACKAGES[name]()
    address = apk.Address(url="https://download.example/a.apk", package="cn.gov.yunxi.app")
    length = (("Content-Length", str(len(body))),)
    exchange = Exchange(url=address.url, at=datetime(2026, 3, 2, tzinfo=UTC), status=200, headers=length, body=body)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        apk.parse(address, (exchange,))
        said = "read"
    except Failed as failed:
        said = failed.failure.reason.value
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    told.send((said, time.process_time() - began, grown / 1024))


def figures(full: bool) -> Iterator[Figure]:
    process = multiprocessing.get_context("spawn")
    slowest, largest, answered = 0.0, 0.0, 0
    for name in PACKAGES:
        ours, theirs = process.Pipe()
        reader = process.Process(target=_read, args=(name, theirs))
        reader.start()
        if ours.poll(60):
            said, seconds, grown = ours.recv()
            answered += said in ("read", "unreadable")
            slowest, largest = max(slowest, seconds), max(largest, grown)
        reader.kill()
        reader.join()
    yield Figure.all_of("hostile packages answered: read, or unreadable, and nobody blamed", answered, len(PACKAGES))
    yield Figure.most("the slowest of them", slowest, 2.0, "s of CPU")
    yield Figure.most("the most memory that one takes", largest, 128.0, "MB")
