"""Answers in which somebody must not stand go at once, and it can be shown which: the record stays whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mediawatch import proof
from mediawatch.cli import cli
from mediawatch.core.model import Outcome
from mediawatch.purging import Asked, found, purge
from mediawatch.store.blobs import Blobs
from mediawatch.store.seals import SEAL
from mediawatch.store.store import Store
from tests.store_world import DAY, START, account, alert, enrolled, finding
from tests.test_retention import KEEP, kept, watch

NOW = START + 10 * DAY


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "answers")


def lived(store: Store, blobs: Blobs) -> dict[str, str]:
    """Two accounts; one answer of theirs is the same, one bears an alert."""
    enrolled(store, account("a"), account("b"), now=START - 100 * DAY)
    old = watch(store, blobs, "a", START - 60 * DAY, b"names a citizen")
    same = watch(store, blobs, "a", START - 59 * DAY, b"[]")
    watch(store, blobs, "b", START - 59 * DAY, b"[]")
    rest = watch(store, blobs, "a", START + DAY, b"nothing new")
    other = watch(store, blobs, "b", START + DAY, b"another account")
    fail = finding("a", Outcome.FAIL, at=START + DAY, proof=((account("a").targets[0].id, START + DAY),))
    with store.writing() as ledger:
        ledger.save_alert(alert("a", opened_at=START + DAY, since=START + DAY, finding=fail))
    return {"old": old, "same": same, "rest": rest, "other": other}


def flaws(store: Store, blobs: Blobs) -> list[str]:
    with store.recalling() as ledger:
        let_go = ledger.retention.let_go()
    return [flaw.why for flaw in proof.verify(store, blobs.recall, let_go=let_go).flaws]


def test_a_purge_takes_what_nothing_rests_on_and_proves_it(store: Store, blobs: Blobs) -> None:
    at = lived(store, blobs)
    chain = store.verify_chain(account("a").targets[0].id)
    asked = Asked("a")
    would = found(store, blobs, asked, KEEP, NOW)
    assert ([digest for digest, _ in would.answers], would.resting, would.shared) == ([at["old"]], 1, 1)
    assert at["old"] in kept(blobs), "a dry run takes nothing"
    went, done = purge(store, blobs, asked, KEEP, NOW, "王", "court order")
    assert went == would
    assert done is not None
    assert kept(blobs) == {at["same"], at["rest"], at["other"]}
    assert hashlib.sha256(b"names a citizen").hexdigest() == at["old"], "whoever holds the bytes knows them by name"
    assert done.root == hashlib.sha256(f"\n{at['old']}".encode()).hexdigest()
    with store.writing() as ledger:
        (act,) = ledger.acts("a", 9)
        proof.seal_daily(ledger, NOW)
    assert (act.act, act.by, json.loads(act.note)["root"]) == ("purge", "王", done.root)
    assert "court order" in act.note
    assert store.verify_chain(account("a").targets[0].id) == chain
    assert flaws(store, blobs) == []
    assert purge(store, blobs, asked, KEEP, NOW, "王", "again")[1] is None


def test_what_others_need_goes_only_where_all_is_asked_for(store: Store, blobs: Blobs) -> None:
    at = lived(store, blobs)
    few = Asked("a", before=START, all_of_it=True)
    assert {digest for digest, _ in found(store, blobs, few, KEEP, NOW).answers} == {at["old"], at["same"]}
    one = Asked("a", only=frozenset([at["rest"], at["other"]]), all_of_it=True)
    assert [digest for digest, _ in found(store, blobs, one, KEEP, NOW).answers] == [at["rest"]]
    purge(store, blobs, Asked("a", all_of_it=True), KEEP, NOW, "王", "all of it")
    assert kept(blobs) == {at["other"]}
    assert flaws(store, blobs) == []
    with pytest.raises(KeyError):
        found(store, blobs, Asked("nobody"), KEEP, NOW)


def test_a_purge_that_was_stopped_before_the_files_went_is_finished_by_the_next(store: Store, blobs: Blobs) -> None:
    at = lived(store, blobs)
    with store.writing() as ledger:
        number = ledger.retention.begin(NOW, None, "王", "purge of a: court order")
        ledger.retention.bury(number, [at["old"]])
    assert at["old"] in kept(blobs)
    assert purge(store, blobs, Asked("b", before=START - 99 * DAY), KEEP, NOW, "李", "nothing")[1] is None
    assert at["old"] not in kept(blobs)
    with store.recalling() as ledger:
        assert [one.act for one in ledger.acts("a", 9)] == ["purge"]


def test_an_answer_that_somebody_made_away_with_is_not_taken_for_a_purge(store: Store, blobs: Blobs) -> None:
    """An insider takes a file away and writes tombstone and pruning with the right hash, but no act: a flaw."""
    at = lived(store, blobs)
    blobs.drop(at["rest"])
    with store.writing() as ledger:
        number = ledger.retention.begin(NOW, None, "王", "age")
        ledger.retention.bury(number, [at["rest"]])
        ledger.retention.end(number, NOW, 99)
    assert flaws(store, blobs) == [f"pruning {number} stands among nobody's acts"]
    with store.reading() as connection:
        assert connection.execute(SEAL.select()).all() == []


def test_the_command_asks_before_it_takes_and_prints_what_went(tmp_path: Path) -> None:
    (tmp_path / "accounts.yaml").write_text('{"accounts": [{"id": "a", "name": "a", "kind": "weibo", "targets": []}]}')
    settings = tmp_path / "mediawatch.yaml"
    settings.write_text(json.dumps({"database": f"sqlite:///{tmp_path}/m.db", "data_dir": str(tmp_path)}))
    settings.chmod(0o600)
    blobs = Blobs(tmp_path / "answers")
    store = Store.open(f"sqlite:///{tmp_path}/m.db", now=START)
    at = lived(store, blobs)
    store.close()

    def said(*words: str, answer: str = "", code: int = 0) -> str:
        files = ("--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(settings))
        done = CliRunner().invoke(cli, ["purge", *words, *files], input=answer)
        assert done.exit_code == code, done.output
        return done.output

    assert "Missing option '--reason'" in said("a", code=2)
    assert "no such account" in said("nobody", "--reason", "x", code=2)
    assert "64 letters" in said("a", "--reason", "x", "--answer", "abc", code=2)
    told = said("a", "--reason", "x", "--dry-run")
    assert "1 answers" in told
    assert "1 that something rests on, 1 that other accounts brought" in told
    said("a", "--reason", "x", answer="n\n", code=1)
    assert at["old"] in kept(blobs)
    told = said("a", "--reason", "x", "--yes", "--json")
    went, proved = (json.loads(line) for line in told.splitlines() if line.startswith("{"))
    assert (went["answer"], went["gone"], proved["answers"]) == (at["old"], True, 1)
    assert at["old"] not in kept(blobs)
