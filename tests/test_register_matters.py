"""One unit with two accounts, a name registered twice, one that looks like another's: from the files to the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from mediawatch.core.model import Finding, Outcome
from mediawatch.register.enroll import enroll
from mediawatch.rejudge import as_of
from mediawatch.rulebook_file import load_rulebook
from mediawatch.settings import load
from mediawatch.store.past import Past
from mediawatch.store.store import Store
from tests.shell import write
from tests.store_world import DAY, LEASE, START, saw

BOOKS = {"national-2019": load_rulebook("national-2019")}
Answers = dict[str, Finding]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START)
    yield opened
    opened.close()


def register(store: Store, folder: Path, now: datetime, **accounts: str) -> None:
    """The files say these accounts (by id, the rest of the entry), and the store takes them."""
    rows = [
        f"  - {{id: {one}, kind: weibo, {told}, targets: [{{adapter: weibo, uid: '100000000{number}'}}]}}"
        for number, (one, told) in enumerate(accounts.items())
    ]
    write(folder, "accounts:\n" + "\n".join(rows) + "\n", "language: en\ndaemon: {first_sweep: 0}\n")
    enroll(store, load(folder / "accounts.yaml", folder / "mediawatch.yaml", {}), now)


def looked(store: Store, now: datetime) -> None:
    """Every account is there, and its platform does not verify it."""
    for one in store.claim_targets({"weibo": 9}, now, LEASE):
        shown = saw(one, now)
        feed = shown.seen.model_copy(update={"profile": shown.seen.profile.model_copy(update={"verified": False})})
        with store.writing() as ledger:
            assert ledger.record(one, shown.model_copy(update={"seen": feed}), ())
    store.free_leases(now)


def judged(store: Store, account: str, at: datetime) -> Answers:
    past = Past(store)
    (verdict,) = as_of(past, past.books(BOOKS, at), at, account=account)
    return {one.indicator: one for one in verdict.findings}


def test_two_accounts_of_one_unit_are_a_candidate_until_one_of_them_is_closed(store: Store, tmp_path: Path) -> None:
    register(store, tmp_path, START, a="name: 甲, sponsor: 某县文化局", b="name: 乙, sponsor: 某县 文化局")
    assert judged(store, "a", START)["R1"].values["why"] == "never_seen"
    looked(store, START)
    register(
        store,
        tmp_path,
        START + 5 * DAY,
        a="name: 甲, sponsor: 某县文化局",
        b="name: 乙, sponsor: 某县文化局, state: closed",
    )
    for account, other in (("a", "b"), ("b", "a")):
        found = judged(store, account, START + DAY)["R1"]
        assert (found.outcome, found.finality, found.severity) == (Outcome.FAIL, "candidate", "notice")
        assert (found.values["others"], found.values["count"], found.values["shown"]) == (other, 1, "某县文化局")
        assert found.proof == ((found.proof[0][0], START),)
    assert judged(store, "a", START + 5 * DAY)["R1"].outcome is Outcome.PASS
    assert "R1" not in judged(store, "b", START + 5 * DAY), "a closed account is not asked"
    assert judged(store, "a", START + DAY)["R1"].outcome is Outcome.FAIL, "the past stays as it was"


def test_a_name_twice_and_a_name_alike_are_told_each_under_its_own_number(store: Store, tmp_path: Path) -> None:
    register(
        store,
        tmp_path,
        START,
        a="name: 未来发布, sponsor: 某县文化局",
        b="name: 末来发布, sponsor: 某某传媒",
        c="name: 某镇发布, sponsor: 甲镇",
        d="name: 某镇发布, sponsor: 乙镇",
    )
    looked(store, START)
    answers = {one: judged(store, one, START + DAY) for one in "abcd"}
    assert [answers[one]["R10"].outcome.value for one in "abcd"] == ["fail", "fail", "pass", "pass"]
    assert [answers[one]["R9"].outcome.value for one in "abcd"] == ["pass", "pass", "fail", "fail"]
    assert [answers[one]["R9V"].outcome.value for one in "abcd"] == ["fail"] * 4
    assert [answers[one]["R1"].outcome.value for one in "abcd"] == ["pass"] * 4
    assert answers["a"]["R10"].values["others"] == "b"


def test_the_same_register_again_writes_nothing_and_a_matter_that_comes_back_begins_anew(
    store: Store, tmp_path: Path
) -> None:
    both = {"a": "name: 甲, sponsor: 某局", "b": "name: 乙, sponsor: 某局"}
    apart = both | {"b": "name: 乙, sponsor: 另一局"}
    for day, told in enumerate((both, both, apart, both)):
        register(store, tmp_path, START + day * DAY, **told)
    looked(store, START + 3 * DAY)
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT account, until IS NULL FROM register_matter ORDER BY id").all()
    assert [tuple(row) for row in rows] == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    assert judged(store, "a", START + 3 * DAY)["R1"].values["since"] == "2026-03-04"
