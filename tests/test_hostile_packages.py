"""Hostile packages in a real worker: each is answered, none ends it, nobody is accused of what we cannot read."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.apk import Address
from mediawatch.adapters.apk_manifest import too_much
from mediawatch.core.model import Package, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.isolation import Readers
from tests.hostile_packages import GOOD, PACKAGES
from tests.packages import manifest

ADDRESS = Address(url="https://download.example/a.apk", package="cn.gov.yunxi.app")
ENDED = ("deadline", "crashed", "memory", "gave no answer")
BEYOND = ("deep_100", "deep_5000", "attrs_300", "attrs_5000", "strings_4g", "chunk_0", "chunk_7")  # no tree is made
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: make() for name, make in PACKAGES.items()}


@asynccontextmanager
async def one_reader() -> AsyncIterator[Readers]:
    readers = Readers(workers=1)
    try:
        yield readers
    finally:
        readers.close()


async def read(readers: Readers, body: bytes) -> Package | Failed:
    exchange = Exchange(url=ADDRESS.url, at=AT, status=200, headers=(("Content-Length", str(len(body))),), body=body)
    try:
        seen = await readers.read(ADAPTERS["apk"], ADDRESS, (exchange,))
    except Failed as failed:
        return failed
    assert isinstance(seen, Package)
    return seen


async def test_forty_nine_packages_are_answered_by_one_worker(made: dict[str, bytes]) -> None:
    assert len(made) == 49
    async with one_reader() as readers:
        for name, body in made.items():
            told = await read(readers, body)
            if isinstance(told, Failed):
                assert told.failure.reason is Reason.UNREADABLE, name
                assert name not in BEYOND or "manifest:" in told.failure.detail, (name, told.failure.detail)
                assert not [word for word in ENDED if word in told.failure.detail], (name, told.failure.detail)
            else:
                assert name not in BEYOND
                assert told.present, name
                assert re.fullmatch(r"|[A-Za-z]\w*(\.[A-Za-z]\w*)+", told.package, re.ASCII), name
                assert told.launchable.isprintable(), name
        good = await read(readers, GOOD["control"]())
        assert isinstance(good, Package)
        assert (good.valid, good.problem) == (True, "")
        assert len(readers._all) == 1, "the same worker to the end"
    assert not os.path.exists("/tmp/mediawatch-pwned")  # noqa: S108, ASYNC240


def test_an_ordinary_manifest_is_none_too_much() -> None:
    assert too_much(manifest()) == ""
