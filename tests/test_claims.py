"""Leases and fencing: who may write a target's next look, and who may try a delivery."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mediawatch.core.model import Reason
from mediawatch.core.schedule import Due
from mediawatch.core.sites import Place
from mediawatch.store.claim import claim_targets
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.outbox import Promise
from mediawatch.store.store import Store
from mediawatch.store.tables import ACCOUNT, TARGET
from tests.store_world import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    START,
    account,
    alert,
    claim,
    claim_messages,
    enrolled,
    look,
    post,
    promise,
    saw,
)

# --- targets ---------------------------------------------------------------------------------------------------------


def test_each_platform_gets_what_its_room_allows_earliest_due_first(store: Store) -> None:
    accounts = [account(f"a{number}", adapters=("weibo", "feed")) for number in range(5)]
    store.enroll(accounts, START, lambda target: START - int(target.account[1:]) * MINUTE)
    claims = store.claim_targets({"weibo": 2, "feed": 1, "appstore": 9, "none": 0}, START, LEASE)
    assert [one.target.id for one in claims] == ["a4/feed/1", "a4/weibo/1", "a3/weibo/1"]
    assert claims[0].due_at == START - 4 * MINUTE
    assert claims[0].account == accounts[4].model_copy(
        update={"targets": tuple(sorted(accounts[4].targets, key=lambda target: target.id))}
    )
    assert store.due_platforms(START) == {"feed": 4, "weibo": 3}


def test_of_what_is_due_that_which_must_be_looked_at_first_is_claimed_first(store: Store) -> None:
    """A backlog of safety looks never stands before the look that proves a breach, however much later that fell due."""
    enrolled(store, *(account(f"a{number}") for number in range(4)))
    by = {"a0": 9 * DAY, "a1": 2 * DAY, "a2": 5 * DAY, "a3": 2 * DAY}
    claims = store.claim_targets({"weibo": 4}, START, LEASE)
    with store.writing() as ledger:
        for one in claims:
            ledger.reschedule(one, Due(at=START + DAY * (4 - int(one.account.id[1:])), by=START + by[one.account.id]))
    claims = store.claim_targets({"weibo": 3}, START + 10 * DAY, LEASE)
    assert [one.account.id for one in claims] == ["a3", "a1", "a2"]
    store.release(claims[:1])
    assert [one.account.id for one in store.claim_targets({"weibo": 1}, START + 10 * DAY, LEASE)] == ["a3"]


def test_a_claimed_target_is_not_due_until_its_lease_ends(store: Store) -> None:
    enrolled(store, account("a"))
    claim(store)
    assert store.claim_targets({"weibo": 5}, START, LEASE) == []
    assert store.due_platforms(START + LEASE - MINUTE) == {}
    assert store.next_due_at() == START + LEASE
    assert claim(store, START + LEASE).due_at == START + LEASE


def test_a_released_claim_is_due_as_it_was(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    claims = store.claim_targets({"weibo": 5}, START + HOUR, LEASE)
    store.release(claims)
    assert store.due_platforms(START) == {"weibo": 2}


def test_a_late_write_of_a_lost_lease_changes_nothing(store: Store) -> None:
    enrolled(store, account("a"))
    late = claim(store)
    winner = claim(store, START + LEASE)
    with store.writing() as ledger:
        assert ledger.record(winner, saw(winner, START + LEASE, post("new", START)), ())
        assert ledger.reschedule(winner, Due.exactly(START + DAY))
    with store.writing() as ledger:
        assert not ledger.record(late, saw(late, START + LEASE, post("late", START + MINUTE)), ())
        assert not ledger.reschedule(late, Due.exactly(START + 9 * DAY))
        kept = ledger.evidence("a", START + DAY)
    store.release([late])
    assert [one.key for one in kept.posts] == ["new"]
    assert len(kept.looks) == 1
    assert store.next_due_at() == START + DAY
    assert store.verify_chain("a/weibo/1").whole


def test_a_claim_is_good_for_one_look(store: Store) -> None:
    """What the look before left is taken from the claim: a second look under it would not follow the first."""
    enrolled(store, account("a"))
    one = claim(store)
    with store.writing() as ledger:
        assert ledger.record(one, saw(one, START, post("1", START)), ())
        assert not ledger.record(one, saw(one, START + MINUTE, post("2", START)), ())
    chain = store.verify_chain("a/weibo/1")
    assert (chain.whole, chain.length) == (True, 1)


def test_what_a_look_left_is_in_the_next_claim(store: Store) -> None:
    enrolled(store, account("a", adapters=("weibo", "feed")))
    look(store, START, post("1", START))
    look(store, START + HOUR, reason=Reason.BLOCKED)
    again = claim(store, START + 2 * HOUR)
    assert (again.left.last_seen_at, again.left.last_tried_at, again.fails) == (START, START + HOUR, 1)
    assert again.left.head == store.verify_chain("a/weibo/1").head
    assert len(again.left.shown) == 16
    with store.reading() as connection:
        stands = connection.execute(select(ACCOUNT.c.tried_at, ACCOUNT.c.looked_at, ACCOUNT.c.newest_post_at)).one()
        since = connection.execute(select(ACCOUNT.c.watched_since)).scalar()
    assert (*stands, since) == (START + HOUR, START, START, START)


def test_a_look_of_an_earlier_instant_takes_nothing_back(store: Store) -> None:
    """Looks of two channels are written down in whatever order they come."""
    enrolled(store, account("a", adapters=("weibo", "feed")))
    look(store, START + 2 * HOUR, post("2", START + HOUR))
    early = claim(store, START + 2 * HOUR, platform="feed")
    with store.writing() as ledger:
        assert ledger.record(early, saw(early, START + HOUR, post("1", START)), ())
    names = ("tried_at", "looked_at", "newest_post_at", "watched_since")
    with store.reading() as connection:
        stands = connection.execute(select(*(ACCOUNT.c[name] for name in names))).one()
    assert tuple(stands) == (START + 2 * HOUR, START + 2 * HOUR, START + HOUR, START + HOUR)


def test_a_batch_is_given_back_each_with_its_own_next_look(store: Store) -> None:
    """One that was lost meanwhile stays as its new holder has it, and no instant without a zone is taken."""
    enrolled(store, *(account(name) for name in ("a", 'b"', "c\\d", "lost")))
    claims = store.claim_targets({"weibo": 4}, START, LEASE)
    late = next(one for one in claims if one.account.id == "lost")
    store.free_held([late.token], START + LEASE)
    store.enroll([account(name) for name in ("a", 'b"', "c\\d", "lost")], START, lambda target: START)
    again = {one.account.id: one for one in store.claim_targets({"weibo": 4}, START + LEASE, LEASE, token="new")}
    mine = [again["a"], again['b"'], again["c\\d"], late]
    dues = [Due(at=START + (1 + number) * DAY, by=START + (5 + number) * DAY) for number in range(4)]
    dues[1] = dues[1].model_copy(update={"elsewhere": 'li"ne'})
    naive = Due.model_construct(at=START.replace(tzinfo=None), by=START, elsewhere="")
    with pytest.raises(Exception, match="timezone"), store.writing() as ledger:
        ledger.reschedule_all([(again["a"], naive)])
    with store.writing() as ledger:
        ledger.reschedule_all(zip(mine, dues, strict=True))
    asked = select(*(TARGET.c[name] for name in ("account", "next_due", "look_by", "elsewhere", "lease_token")))
    with store.reading() as connection:
        found = {row[0]: tuple(row[1:]) for row in connection.execute(asked)}
    given = {one.account.id: (due.at, due.by, due.elsewhere, None) for one, due in zip(mine[:3], dues, strict=False)}
    assert found == {**given, "lost": (START + 2 * LEASE, START, "", "new")}


def test_a_lease_does_not_wait_for_the_disk_and_a_look_does(postgresql_url: str) -> None:
    """A lease that a server forgets is a lost one: whoever looked under it writes nothing."""
    with closing(Store.open(postgresql_url, now=START)) as store:
        database = store._database
        with database.writing() as connection:
            connection.exec_driver_sql("SET synchronous_commit = on")
        for lasting, waits in ((True, "on"), (False, "off"), (True, "on")):
            with database.writing(alone=lasting, lasting=lasting) as connection:
                assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == waits


def test_a_batch_whose_connection_breaks_stays_leased_and_the_next_connection_gives_it_back(
    postgresql_url: str,
) -> None:
    with closing(Store.open(postgresql_url, now=START)) as store:
        enrolled(store, account("a"), account("b"))
        claims = store.claim_targets({"weibo": 2}, START, LEASE)
        ends = [(one, Due.exactly(START + DAY)) for one in claims]

        def broken() -> None:
            with store.writing() as ledger:
                ledger.reschedule_all(ends[:1])
                pid = ledger._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
                with store.reading() as other:
                    other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
                ledger.reschedule_all(ends[1:])

        with pytest.raises(StoreUnavailable):
            broken()
        assert store.leased("weibo") == 2
        with store.writing() as ledger:
            ledger.reschedule_all(ends)
        assert (store.leased("weibo"), store.next_due_at()) == (0, START + DAY)


def test_an_overdue_lease_that_nobody_else_took_still_counts(store: Store) -> None:
    enrolled(store, account("a"))
    slow = claim(store)
    with store.writing() as ledger:
        assert ledger.record(slow, saw(slow, START + DAY), ())


def test_a_claim_on_what_left_the_register_meanwhile_is_lost(store: Store) -> None:
    enrolled(store, account("a"))
    one = claim(store)
    store.enroll([], START, lambda target: START)
    with store.writing() as ledger:
        assert not ledger.record(one, saw(one, START), ())
        assert not ledger.reschedule(one, Due.exactly(START))
    assert store.next_due_at() is None


def test_the_one_writer_may_end_all_leases_when_it_starts(store: Store) -> None:
    enrolled(store, account("a"))
    with store.writing() as ledger:
        ledger.save_alert(alert("a"))
        ledger.outbox.promise([Promise(*promise(alert("a"), "duty"))], START)
    lost = claim(store)
    claim_messages(store, START, "duty")
    assert store.free_leases(START + MINUTE) == 2
    assert len(claim_messages(store, START + MINUTE, "duty")) == 1
    claim(store, START + MINUTE)
    with store.writing() as ledger:
        assert not ledger.record(lost, saw(lost, START), ())


def test_targets_can_be_made_due_but_not_torn_from_a_lease(store: Store) -> None:
    enrolled(store, account("a"), account("b"), account("c"))
    look_later = store.claim_targets({"weibo": 5}, START, LEASE)
    with store.writing() as ledger:
        for one in look_later[:2]:
            ledger.reschedule(one, Due.exactly(START + 7 * DAY))
    assert store.make_due(START + MINUTE, ["b", "c"]) == 1
    assert store.due_platforms(START + MINUTE) == {"weibo": 1}
    assert store.make_due(START + MINUTE) == 1
    assert store.make_due(START + MINUTE) == 0


def test_two_claimers_at_once_never_share_a_target(store: Store) -> None:
    enrolled(store, *(account(f"a{number}") for number in range(60)))
    taken: list[str] = []

    def take() -> None:
        while claims := store.claim_targets({"weibo": 7}, START, LEASE):
            taken.extend(one.target.id for one in claims)

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_no_more_of_a_platform_is_counted_than_is_asked(store: Store) -> None:
    enrolled(store, *(account(f"w{number}") for number in range(5)), account("f", adapters=("feed",)))
    assert store.due_platforms(START) == {"weibo": 5, "feed": 1}
    assert store.due_platforms(START, most=3) == {"weibo": 3, "feed": 1}
    assert store.due_platforms(START - DAY) == {}


def test_what_is_overdue_and_waits_for_another_exit_keeps_nobody_else_waiting(store: Store) -> None:
    enrolled(store, *(account(f"a{number}") for number in range(4)))
    claims = store.claim_targets({"weibo": 4}, START, LEASE)
    with store.writing() as ledger:
        for one in claims[:3]:
            ledger.reschedule(one, Due(at=START, by=START, elsewhere="line"))
        ledger.reschedule(claims[3], Due(at=START, by=START + DAY))
    claims = store.claim_targets({"weibo": 3}, START + HOUR, LEASE, Place("site", "line"))
    assert [one.account.id for one in claims] == ["a3"]


def test_a_claim_reads_no_more_of_a_backlog_than_it_takes(tmp_path: Path) -> None:
    """After an outage half a nation is overdue, and each claim takes sixteen."""
    steps = []
    for many in (50, 2000):
        store = Store.open(f"sqlite:///{tmp_path / str(many)}.db", now=START)
        enrolled(store, *(account(f"a{number}") for number in range(many)))
        with store._database.writing() as connection:
            taken: list[int] = []
            raw: Any = connection.connection.driver_connection
            raw.set_progress_handler(partial(taken.append, 1), 10)
            assert len(claim_targets(connection, {"weibo": 16}, START + DAY, LEASE)) == 16
            raw.set_progress_handler(None, 0)
        store.close()
        steps.append(len(taken))
    few, many_more = steps
    assert few > 10
    assert many_more < 1.2 * few
