"""What the record says of platforms and adapters: coverage, time lost, failure rates; and the commands that show it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.core.model import Reason
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.shell import call, write
from tests.store_world import DAY, HOUR, MINUTE, START, account, enrolled, look, post

GOOD = "accounts: [{id: a, name: 某市发布, kind: weibo, targets: [{adapter: weibo, uid: '99000001'}]}]"


def query(store: Store) -> Query:
    return Query(store, {}, "en")


def test_coverage_is_the_share_of_due_looks_that_may_be_relied_on(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("a-1", START))
    look(store, START + HOUR, reason=Reason.CAPTCHA)
    look(store, START + 2 * HOUR, reason=Reason.GONE)  # an answer about the account, and no blindness
    look(store, START + 3 * HOUR, post("a-1", START))
    (weibo,) = query(store).platforms(START + 3 * HOUR, DAY)
    assert (weibo.coverage, weibo.lost) == (0.75, 0.0)
    with store.writing() as ledger:  # what was seen in an incident is not relied on, and its time is lost
        ledger.open_incident("weibo", START + 90 * MINUTE, "stale: canary silent")
        ledger.close_incident("weibo", START + 3 * HOUR)
    (weibo,) = query(store).platforms(START + 3 * HOUR, DAY)
    assert (weibo.coverage, weibo.lost) == (0.5, 1.5)


def test_a_look_that_was_due_and_not_made_is_one_that_saw_nothing(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    (unseen,) = query(store).platforms(START + MINUTE, DAY)
    assert unseen.coverage is None
    (late,) = query(store).platforms(START + HOUR, DAY)
    assert (late.looks, late.coverage) == (0, 0.0)


def test_incidents_that_overlap_the_window_lose_only_what_lies_in_it(store: Store) -> None:
    enrolled(store, account("a"))
    with store.writing() as ledger:
        ledger.open_incident("weibo", START - DAY, "blind: captcha")
        ledger.close_incident("weibo", START + HOUR)
        ledger.open_incident("weibo", START + 30 * MINUTE, "blind: captcha")
    (weibo,) = query(store).platforms(START + 4 * HOUR, 5 * HOUR)
    assert weibo.lost == 5.0


def test_an_adapters_failures_are_those_that_blame_no_account(store: Store) -> None:
    enrolled(store, account("a", adapters=("weibo", "feed")))
    for hour, reason in enumerate([None, Reason.CAPTCHA, Reason.GONE, Reason.TIMEOUT]):
        look(store, START + hour * HOUR, reason=reason)
    assert query(store).tallies(START + 3 * HOUR, DAY) == {"weibo": (4, 2)}


def test_the_adapters_are_shown_without_a_register_or_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bare = call(None, "adapters")
    assert bare.exit_code == 0
    assert all(f"{kind}  [" in bare.stdout for kind in ADAPTERS)
    write(tmp_path, GOOD, {})
    found = [json.loads(line) for line in call(tmp_path, "adapters", "--json").stdout.splitlines()]
    assert [one["adapter"] for one in found] == list(ADAPTERS)
    assert {one["failure_rate"] for one in found} == {None}
    weibo = found[0]
    assert (weibo["needs"], weibo["cannot_see"]) == (ADAPTERS["weibo"].needs, ADAPTERS["weibo"].blind)
    assert not (tmp_path / "mediawatch.db").exists()


def test_broken_settings_are_told_and_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "accounts: 7", {})
    assert call(tmp_path, "adapters").exit_code == 2
