"""Nothing of the record can be changed afterwards without `verify` finding it, on a copy and without the daemon."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mediawatch import __version__
from mediawatch.cli import cli
from mediawatch.store.store import Store
from tests.stories import DAY, MINUTE, Story, weibo
from tests.tampering import check, record, tamperings

HOUR = 60 * MINUTE
TIMES = int(os.environ.get("MEDIAWATCH_TAMPERINGS", "60"))  # `make faults` makes ten thousand


async def test_a_record_is_whole_and_sealed_each_day_and_every_change_of_it_is_found(tmp_path: Path) -> None:
    database = await record(tmp_path)
    seen = check(database)
    assert seen.flaws == []
    assert seen.seals == 11
    assert min(seen.looks, seen.acts, seen.answers) >= 8
    missed = [done for done, flaws in tamperings(database, 1, TIMES) if not flaws]
    assert missed == []
    assert check(database).flaws == [], "each change was undone"


def by_hand(database: Path) -> tuple[str, str, list[str]]:
    """The procedure of docs/evidence.md with the standard library alone: head of the first target, last link, seals."""

    def canonical(values: dict[str, Any]) -> bytes:
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def sha(values: dict[str, Any]) -> str:
        return hashlib.sha256(canonical(values)).hexdigest()

    def instant(text: str | None) -> str | None:
        return text and text.replace(" ", "T") + "+00:00"

    def rows(connection: sqlite3.Connection, asked: str, *values: object) -> list[dict[str, Any]]:
        found = connection.execute(asked, values)
        return [dict(zip((one[0] for one in found.description), row, strict=True)) for row in found]

    with closing(sqlite3.connect(database)) as connection:
        head = ""
        (target, *_) = rows(connection, "SELECT id FROM target ORDER BY id")
        for look in rows(connection, "SELECT * FROM observation WHERE target = ? ORDER BY id", target["id"]):
            names = ("target", "account", "platform", "reason", "detail", "facts", "posts", "digests")
            told = {name: look[name] for name in ("asked", "site", "exit", "setup") if look[name]}
            head = sha({name: look[name] for name in names} | told | {"at": instant(look["at"]),
                        "newest_at": instant(look["newest_at"]), "prev_hash": head})  # fmt: skip
        link, hashes = "", {0: ""}
        for one in rows(connection, "SELECT * FROM trail ORDER BY id"):
            lines = b""
            for act in rows(
                connection, f"SELECT * FROM {one['of']} WHERE id BETWEEN ? AND ?", one["first"], one["last"]
            ):
                lines += canonical(act | {name: instant(act[name]) for name in act.keys() & {"at", "until"}}) + b"\n"
            says = {
                "of": one["of"],
                "first": one["first"],
                "last": one["last"],
                "digest": hashlib.sha256(lines).hexdigest(),
            }
            hashes[one["id"]] = link = sha(says | {"prev_hash": link})
        seals, since = [""], 0
        for one in rows(connection, "SELECT * FROM seal ORDER BY id"):
            asked = "SELECT id, hash FROM observation WHERE id > ? AND id <= ? ORDER BY id"
            looks = rows(connection, asked, since, one["upto"])
            lines = "".join(f"{look['id']} {look['hash']}\n" for look in looks).encode()
            seals.append(sha({"at": instant(one["at"]), "upto": one["upto"], "looks": len(looks),
                              "records": hashlib.sha256(lines).hexdigest(), "link": one["link"],
                              "trail": hashes[one["link"]], "prev_hash": seals[-1]}))  # fmt: skip
            since = one["upto"]
    return head, link, seals[1:]


async def test_the_record_can_be_checked_by_hand_as_the_document_says(tmp_path: Path) -> None:
    database = await record(tmp_path)
    head, link, seals = by_hand(database)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT head FROM target ORDER BY id").fetchone() == (head,)
        assert connection.execute("SELECT hash FROM trail ORDER BY id DESC").fetchone() == (link,)
        assert [one for (one,) in connection.execute("SELECT hash FROM seal ORDER BY id")] == seals


async def test_a_record_from_before_setups_were_kept_still_holds(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", "day -1 10:00", number=1)]}) as story:
        await story.until("day 3 12:00")
    with closing(sqlite3.connect(tmp_path / "story.db")) as connection:  # as the version before left it
        connection.executescript(
            "ALTER TABLE account DROP COLUMN keeps_until; ALTER TABLE account DROP COLUMN kept_by; "
            "ALTER TABLE observation DROP COLUMN setup; DROP TABLE setup; UPDATE alembic_version SET version_num = "
            "'0024_essence'"
        )
    Store.open(f"sqlite:///{tmp_path}/story.db", now=story.now).close()
    seen = check(tmp_path / "story.db")
    assert (seen.flaws, seen.looks > 0, seen.seals > 0) == ([], True, True)


def test_each_look_names_the_program_the_rules_and_the_settings_it_was_made_with(tmp_path: Path) -> None:
    (tmp_path / "accounts.yaml").write_text(
        "accounts: [{id: a, name: 甲, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]}]", "utf-8"
    )
    setups: list[dict[str, Any]] = []
    for changed in ("", "language: en\n"):
        told = f"data_dir: {tmp_path}\nplatforms: {{weibo: {{base_url: 'http://127.0.0.1:1'}}}}\n{changed}"
        (tmp_path / "mediawatch.yaml").write_text(f"database: sqlite:///{tmp_path}/m.db\n{told}", "utf-8")
        words = ("--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(tmp_path / "mediawatch.yaml"))
        for _ in range(2):
            done = CliRunner().invoke(cli, ["once", *words], catch_exceptions=False)
            assert done.exit_code == 3, done.output
    with closing(sqlite3.connect(tmp_path / "m.db")) as connection:
        connection.row_factory = sqlite3.Row
        setups = [dict(row) for row in connection.execute("SELECT * FROM setup ORDER BY id")]
        assert [row["setup"] for row in connection.execute("SELECT setup FROM observation ORDER BY id")] == [1, 1, 2, 2]
    one, other = setups
    assert one["program"] == __version__
    assert {len(one["books"]), len(one["settings"])} == {64}
    assert (one["books"], one["boot"]) == (other["books"], other["boot"])
    assert one["settings"] != other["settings"]


async def test_a_clock_that_went_back_is_told_with_its_place_and_is_no_flaw(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("a", every="1d", number=1)]}, cadence={"latest": "1d"}) as story:
        await story.until("day 4 12:00")
        assert check(tmp_path / "story.db").warnings == []
        story.now -= 2 * DAY + HOUR
        story.store.make_due(story.now)
        await story.daemon.cycle()
        story.now -= MINUTE
        story.store.make_due(story.now)
        await story.daemon.cycle()
    seen = check(tmp_path / "story.db")
    assert len(seen.warnings) == 2
    assert {one.where.rpartition("/")[0] for one in seen.warnings} == {"a/weibo"}
    assert all("the clock went back between the looks of 2026-03-0" in one.why for one in seen.warnings)
    assert seen.flaws == []
    words = ["verify", "--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(tmp_path / "mediawatch.yaml")]
    told = CliRunner().invoke(cli, [*words, "--lang", "en"], catch_exceptions=False)
    assert (told.exit_code, told.output.count(f"warning: {seen.warnings[0].where}: the clock went back")) == (0, 2)


async def test_the_command_checks_a_copy_and_knows_a_seal_that_was_kept_elsewhere(tmp_path: Path) -> None:
    (house := tmp_path / "house").mkdir()
    await record(house)
    copy = tmp_path / "copy"
    shutil.copytree(house, copy)
    settings = json.loads((copy / "mediawatch.yaml").read_text(encoding="utf-8"))
    settings |= {"database": f"sqlite:///{copy / 'story.db'}", "data_dir": str(copy)}
    (copy / "mediawatch.yaml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    words = ["verify", "--accounts", str(copy / "accounts.yaml"), "--settings", str(copy / "mediawatch.yaml")]
    fine = CliRunner().invoke(cli, [*words, "--json"], catch_exceptions=False)
    told = json.loads(fine.stdout)
    assert (fine.exit_code, told["flaws"], told["seals"]) == (0, 0, 11)
    known = CliRunner().invoke(cli, [*words, "--expect", told["seal"]], catch_exceptions=False)
    assert known.exit_code == 0
    other = CliRunner().invoke(cli, [*words, "--expect", "0" * 64, "--lang", "en"], catch_exceptions=False)
    assert (other.exit_code, "seal 000000000000…: is not in this record" in other.stdout) == (1, True)
    next((copy / "answers").rglob("*.z")).unlink()
    lost = CliRunner().invoke(cli, [*words, "--json"], catch_exceptions=False)
    assert (lost.exit_code, json.loads(lost.stdout.splitlines()[0])["flaw"]) == (1, "is missing, or was changed")
