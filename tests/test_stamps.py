"""The daily seal is stamped by somebody else (RFC 3161): once, guarded, and only by what proves it."""

from __future__ import annotations

import asyncio
import base64
import logging
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch import proof
from mediawatch.clock import wall_clock
from mediawatch.core.seals import Seal, spelled
from mediawatch.proof import Verified
from mediawatch.stamping import Authority, NotStamped, Stamper
from mediawatch.store import seals
from mediawatch.store.store import Store
from mediawatch.wires.guard import networks
from mediawatch.wires.sending import Sender
from tests.store_world import DAY
from tests.time_stamps import TimeStamps, time_stamps

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to stamp with")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/m.db", now=wall_clock())


def seal(store: Store, days: int = 0) -> Seal:
    with store.writing() as ledger:
        return ledger.add_seal(wall_clock() - days * DAY)


def checked(store: Store, roots: Path | None) -> Verified:
    return proof.verify(store, lambda digest: b"", stamped=Authority(roots).read if roots else None)


async def stamp(store: Store, tsa: TimeStamps, allow: tuple[str, ...] = ("127.0.0.0/8",)) -> int:
    async with Sender(networks(allow), timeout=5) as sender:
        return await Stamper(f"{tsa.url}?token=s3cr3t", Authority(tsa.roots), store, sender.send, wall_clock).tick()


async def test_the_newest_seal_is_stamped_once_and_anybody_can_check_it(store: Store, tmp_path: Path) -> None:
    async with time_stamps(tmp_path / "tsa") as tsa:
        assert await stamp(store, tsa) == 0, "nothing is sealed yet"
        seal(store, days=1)
        newest = seal(store)
        assert await stamp(store, tsa) == 1
        assert await stamp(store, tsa) == 0
    assert len(tsa.asked) == 1
    seen = checked(store, tsa.roots)
    assert (seen.flaws, seen.stamps, seen.unchecked) == ([], 1, 0)
    assert seen.stamped_at is not None
    assert abs(seen.stamped_at - wall_clock()) < timedelta(minutes=1)
    assert (checked(store, None).stamps, checked(store, None).unchecked) == (0, 1)
    with store.reading() as connection:
        ((number, kept),) = seals.stamps(connection).items()
    assert number == newest.id
    (tmp_path / "stamp.tsr").write_bytes(base64.b64decode(kept))
    by_hand = ["openssl", "ts", "-verify", "-digest", newest.hash, "-in", "stamp.tsr", "-CAfile", str(tsa.roots)]
    done = await asyncio.to_thread(subprocess.run, by_hand, cwd=tmp_path, capture_output=True, check=True)
    assert b"Verification: OK" in done.stdout


async def test_an_answer_that_proves_nothing_is_not_kept_and_is_told_once(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = seal(store)
    async with time_stamps(tmp_path / "tsa") as tsa, time_stamps(tmp_path / "other") as other:
        old = tsa.stamped(tsa_question := Authority(tsa.roots).question(one)[0])
        foreign = other.stamped(tsa_question)
        later = one.model_copy(update={"hash": "0" * 64})
        with pytest.raises(NotStamped, match="Mismatch"):
            Authority(tsa.roots).read(old, later)
        with pytest.raises(NotStamped, match="roots"):
            Authority(tmp_path / "none.pem").read(old, one)
        for status, body in ((200, b""), (200, b"<html>"), (200, old), (200, foreign), (500, b"down"), (302, b"")):
            tsa.says = status, body
            with caplog.at_level(logging.INFO, logger="mediawatch"):
                assert await stamp(store, tsa) == 0
        with caplog.at_level(logging.INFO, logger="mediawatch"):
            assert await stamp(store, tsa, allow=()) == 0
        tsa.says = None
        assert await stamp(store, tsa) == 1
    told = caplog.text
    assert "Nonce mismatch" in told, "an answer to an older question"
    assert "HTTP 500" in told
    assert "address is not allowed" in told
    assert "s3cr3t" not in told


async def test_verify_finds_a_stamp_that_was_exchanged_and_a_clock_that_was_wrong(store: Store, tmp_path: Path) -> None:
    async with time_stamps(tmp_path / "tsa") as tsa:
        first = seal(store, days=1)
        assert await stamp(store, tsa) == 1
        with store.writing() as ledger:
            ahead = ledger.add_seal(wall_clock() + DAY)
        assert await stamp(store, tsa) == 1
    (flaw,) = checked(store, tsa.roots).flaws
    assert flaw.where == f"seal {ahead.id}"
    assert "before it was made: our clock was wrong" in flaw.why
    store.close()
    with closing(sqlite3.connect(tmp_path / "m.db")) as connection:
        connection.execute("UPDATE seal SET stamp = (SELECT stamp FROM seal WHERE id = ?)", (first.id,))
        connection.commit()
    again = Store.open(f"sqlite:///{tmp_path}/m.db", now=wall_clock())
    assert [flaw.why for flaw in checked(again, tsa.roots).flaws] == [
        "its time stamp proves nothing: Mismatch between messages"
    ]
    again.close()


async def test_an_authority_that_sends_its_whole_chain_is_asked_for_none_where_its_certificate_is_at_hand(
    store: Store, tmp_path: Path
) -> None:
    async with time_stamps(tmp_path / "tsa", chain=True) as tsa:
        seal(store)
        tsa.roots.write_bytes(tsa.roots.read_bytes() + (tmp_path / "tsa" / "tsa.pem").read_bytes())
        assert await stamp(store, tsa) == 1
    assert checked(store, tsa.roots).stamps == 1


def test_what_is_stamped_is_the_text_whose_hash_the_seal_is(store: Store) -> None:
    import hashlib

    assert hashlib.sha256(spelled(one := seal(store))).hexdigest() == one.hash
