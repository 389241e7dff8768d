"""Leases and fencing: who may write a target's next look, and who may try a delivery."""

from __future__ import annotations

import threading

from mediawatch.core.alerting import State
from mediawatch.core.model import Outcome
from mediawatch.core.schedule import Due
from mediawatch.store.store import Store
from tests.store_world import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    START,
    account,
    alert,
    claim,
    enrolled,
    finding,
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
        ledger.promise(*promise(alert("a"), "duty"), START)
    lost = claim(store)
    store.claim_deliveries(START, LEASE, 5)
    assert store.free_leases(START + MINUTE) == 2
    assert len(store.claim_deliveries(START + MINUTE, LEASE, 5)) == 1
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


# --- the outbox ------------------------------------------------------------------------------------------------------


def owe(store: Store, *receivers: str, name: str = "alert-1", step: str = "0") -> list[bool]:
    with store.writing() as ledger:
        one = alert("a", name, indicator=name)
        ledger.save_alert(one)
        return [ledger.promise(*promise(one, receiver, step), START) for receiver in receivers]


def test_a_promise_is_made_once(store: Store) -> None:
    assert owe(store, "duty", "boss") == [True, True]
    assert owe(store, "duty", "boss") == [False, False]
    assert store.owed_count() == 2
    with store.writing() as ledger:
        assert ledger.said(["alert-1", "alert-2"]) == {"alert-1/0/duty", "alert-1/0/boss"}
        assert ledger.said(["alert-2"]) == frozenset()


def test_a_delivery_says_the_same_at_every_attempt(store: Store) -> None:
    owe(store, "duty")
    (first,) = store.claim_deliveries(START, LEASE, 5)
    assert (first.attempts, first.receiver, first.message_id) == (0, "duty", "msg_alert-1/0/duty")
    assert store.put_off(first, START + HOUR, "HTTP 503")
    assert store.claim_deliveries(START + 59 * MINUTE, LEASE, 5) == []
    (second,) = store.claim_deliveries(START + HOUR, LEASE, 5)
    assert (second.attempts, second.message_id, second.notice) == (1, first.message_id, first.notice)
    assert store.delivered(second, START + HOUR, "HTTP 200")
    assert store.owed_count() == 0
    assert store.claim_deliveries(START + DAY, LEASE, 5) == []


def test_what_was_claimed_and_not_settled_is_tried_again_with_the_same_id(store: Store) -> None:
    owe(store, "duty")
    (lost,) = store.claim_deliveries(START, LEASE, 5)
    assert store.claim_deliveries(START + MINUTE, LEASE, 5) == []
    (again,) = store.claim_deliveries(START + LEASE, LEASE, 5)
    assert (again.message_id, again.attempts) == (lost.message_id, 1)
    assert not store.put_off(lost, START + DAY, "late")
    assert not store.give_up(lost, START + DAY, "late")
    assert store.put_off(again, START + LEASE, "HTTP 503")


def test_a_late_yes_still_counts_and_nothing_undoes_it(store: Store) -> None:
    owe(store, "duty")
    (late,) = store.claim_deliveries(START, LEASE, 5)
    (again,) = store.claim_deliveries(START + LEASE, LEASE, 5)
    assert store.delivered(late, START + LEASE, "HTTP 200")
    assert not store.put_off(again, START + DAY, "HTTP 503")
    assert not store.delivered(again, START + DAY, "HTTP 200")
    assert store.owed_count() == 0


def test_a_delivery_handed_back_was_no_attempt(store: Store) -> None:
    owe(store, "duty")
    store.hand_back(store.claim_deliveries(START, LEASE, 5), START)
    (again,) = store.claim_deliveries(START, LEASE, 5)
    assert again.attempts == 0


def test_the_end_of_an_alert_is_never_told_before_its_beginning(store: Store) -> None:
    owe(store, "duty", "boss")
    owe(store, "duty", step="resolved")
    boss, duty = sorted(store.claim_deliveries(START, LEASE, 9), key=lambda one: one.receiver)
    assert (boss.key, duty.key) == ("alert-1/0/boss", "alert-1/0/duty")
    store.delivered(boss, START, "HTTP 200")
    store.put_off(duty, START + HOUR, "HTTP 503")
    assert store.claim_deliveries(START + MINUTE, LEASE, 9) == []
    (again,) = store.claim_deliveries(START + HOUR, LEASE, 9)
    assert again.key == "alert-1/0/duty"
    store.delivered(again, START + HOUR, "HTTP 200")
    (end,) = store.claim_deliveries(START + HOUR, LEASE, 9)
    assert end.key == "alert-1/resolved/duty"


def test_a_dead_receiver_with_a_long_queue_delays_no_other(store: Store) -> None:
    for number in range(30):
        owe(store, "dead", name=f"alert-{number}")
    owe(store, "alive", name="alert-z")
    receivers = [one.receiver for one in store.claim_deliveries(START, LEASE, 10)]
    assert "alive" in receivers
    assert len(receivers) == 10


def test_a_promise_for_later_waits_for_its_time(store: Store) -> None:
    with store.writing() as ledger:
        one = alert("a")
        ledger.save_alert(one)
        ledger.promise(*promise(one, "duty", due_at=START + DAY), START)
    assert store.claim_deliveries(START + HOUR, LEASE, 9) == []
    assert len(store.claim_deliveries(START + DAY, LEASE, 9)) == 1


def test_a_verdict_its_alert_and_its_promise_become_true_together(store: Store) -> None:
    enrolled(store, account("a"))
    one = claim(store)
    try:
        with store.writing() as ledger:
            ledger.record(one, saw(one, START, post("1", START - 30 * DAY)), ())
            ledger.save_findings("a", [finding("a", Outcome.FAIL)], "edition")
            ledger.save_alert(alert("a", state=State.OPEN))
            ledger.promise(*promise(alert("a"), "duty"), START)
            ledger.reschedule(one, Due.exactly(START + DAY))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert store.owed_count() == 0
    assert store.next_due_at() == START + LEASE
    look(store, START + LEASE)
