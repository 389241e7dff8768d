"""A record of ten days, and ways to change it afterwards, each one chosen by a seeded generator."""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mediawatch import people, proof
from mediawatch.core.seals import Flaw, Setup
from mediawatch.core.silences import Matcher, Wanted
from mediawatch.proof import Verified
from mediawatch.store.blobs import Blobs
from mediawatch.store.store import Store
from tests.stories import DAY, Story, weibo

OBSERVATION = (
    "target",
    "account",
    "platform",
    "at",
    "saw",
    "reason",
    "detail",
    "facts",
    "posts",
    "newest_at",
    "digests",
)
COLUMNS = {
    "observation": (*OBSERVATION, "setup", "prev_hash", "hash"),
    "setup": ("at", "program", "books", "settings", "boot", "uptime"),
    "act": ("at", "by", "act", "subject", "note"),
    "trail": ("of", "first", "last", "digest", "prev_hash", "hash"),
    "seal": ("at", "upto", "looks", "records", "link", "trail", "prev_hash", "hash"),
}
KINDS = ("change", "remove", "exchange", "repeat", "head", "cut", "answer", "lost answer")


async def record(folder: Path) -> Path:
    """Ten days of two accounts, with people's acts and a seal each day. Returns the database."""
    accounts = [weibo(f"a{number}", "day -1 10:00", "day 5 10:00", number=number + 1) for number in range(2)]
    cadence = {"latest": "1d"}
    async with Story(folder, {"accounts": accounts}, cadence=cadence) as story:
        for day in range(10):
            if day % 5 == 0:
                told = Setup(program=f"1.{day}", books="b" * 64, settings="c" * 64, boot="a-boot", uptime=90 + day)
                story.store.begin(told, story.now)
            await story.until(f"day {day} 12:00")
            for place in range(day % 3):
                who = (Matcher(place="account", value=f"a{place}"),)
                wanted = Wanted(matchers=who, comment="搬家", by="王", ends_at=story.now + DAY)
                people.silence(story.store, wanted, story.now)
        await story.until("day 10 12:00")
    return folder / "story.db"


def check(database: Path, **more: list[str]) -> Verified:
    """The command's own check, on that file."""
    from mediawatch.clock import wall_clock

    with closing(Store.open(f"sqlite:///{database}", now=wall_clock(), read_only=True)) as store:
        return proof.verify(store, Blobs(database.parent / "answers").recall, **more)


def tamperings(database: Path, seed: int, times: int) -> Iterator[tuple[str, list[Flaw]]]:
    """Changes the record in so many ways, one at a time, and undoes each: what was done, and the flaws then found."""
    chance = random.Random(seed)  # noqa: S311
    whole = database.read_bytes()
    answers = sorted((database.parent / "answers").rglob("*.z"))
    for _ in range(times):
        kind = chance.choice(KINDS)
        kept: tuple[Path, bytes] | None = None
        if kind in ("answer", "lost answer"):
            path = chance.choice(answers)
            kept = path, path.read_bytes()
            done = f"{kind} {path.name}"
            if kind == "answer":
                body = bytearray(kept[1])
                body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
                if _unpacked(bytes(body)) == _unpacked(kept[1]):  # a spare bit of the packing: the answer is the same
                    continue
                path.write_bytes(body)
            else:
                path.unlink()
        else:
            with closing(sqlite3.connect(database)) as connection:
                try:
                    done = _change(connection, chance, kind)
                except sqlite3.IntegrityError:  # the database itself refuses it
                    continue
                connection.commit()
        yield done, check(database).flaws
        if kept is not None:
            kept[0].write_bytes(kept[1])
        else:
            database.write_bytes(whole)


def _unpacked(body: bytes) -> bytes | None:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return None


def _change(connection: sqlite3.Connection, chance: random.Random, kind: str) -> str:
    table = chance.choice(list(COLUMNS)) if kind in ("change", "remove", "exchange") else "observation"
    ids = [row[0] for row in connection.execute(f"SELECT id FROM {table} ORDER BY id")]
    one = chance.choice(ids[:-1] if table in ("seal", "trail") and kind == "remove" else ids)
    if kind == "change":
        column = chance.choice(COLUMNS[table])
        (was,) = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (one,)).fetchone()
        now = _other(was, chance)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (now, one))
        return f"{table} {one}: {column} {was!r} is now {now!r}"
    if kind == "remove":
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (one,))
        return f"{table} {one} removed"
    if kind == "exchange":
        other = chance.choice([id_ for id_ in ids if id_ != one])
        names = ", ".join(COLUMNS[table])
        rows = {
            id_: connection.execute(f"SELECT {names} FROM {table} WHERE id = ?", (id_,)).fetchone()
            for id_ in (one, other)
        }
        sets = ", ".join(f"{name} = ?" for name in COLUMNS[table])
        # Unique columns hold at each statement's end: the first row steps aside.
        aside = [f"{value}~" if isinstance(value, str) else value for value in rows[other]]
        if table == "trail":
            aside[1] = -1
        connection.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*aside, one))
        connection.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*rows[one], other))
        connection.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*rows[other], one))
        return f"{table} {one} and {other} exchanged"
    if kind == "repeat":
        names = ", ".join(COLUMNS["observation"])
        connection.execute(f"INSERT INTO observation ({names}) SELECT {names} FROM observation WHERE id = ?", (one,))
        return f"observation {one} repeated at the end"
    (target,) = connection.execute("SELECT target FROM observation WHERE id = ?", (one,)).fetchone()
    if kind == "head":
        connection.execute("UPDATE target SET head = ? WHERE id = ?", (f"{chance.getrandbits(256):064x}", target))
        return f"{target}: another head"
    connection.execute(
        "DELETE FROM observation WHERE id = (SELECT max(id) FROM observation WHERE target = ?)", (target,)
    )
    return f"{target}: the last look cut off"


def _other(was: object, chance: random.Random) -> object:
    if was is None:
        return "2026-03-04 05:06:07.000000"
    if isinstance(was, int):
        return 1 - was if was in (0, 1) else was + chance.choice((-1, 1))
    text = str(was)
    if not text:
        return "x"
    place = chance.randrange(len(text))
    if place == 10 and text[4:5] == "-" and text[place] == " ":  # between day and time: any letter says the same
        place = 9
    if text[place].isdigit():
        return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
    return text[:place] + ("y" if text[place] != "y" else "z") + text[place + 1 :]
