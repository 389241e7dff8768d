"""The outbox: a promise is made once, its message is composed once, and what was promised first is told first."""

from __future__ import annotations

from datetime import datetime

import pytest

from mediawatch.core.grouping import Grouping
from mediawatch.policy import Policy, Telling
from mediawatch.receivers import wecom
from mediawatch.store.digests import tally
from mediawatch.store.outbox import Delivery, Promise
from mediawatch.store.store import Store
from tests.store_world import DAY, HOUR, LEASE, MINUTE, START, account, alert, claim_messages, enrolled, promise

GROUP = wecom.RECEIVER  # lists some, and counts the rest


def owe(store: Store, *receivers: str, name: str = "alert-1", step: str = "0", cause: str = "first") -> list[bool]:
    with store.writing() as ledger:
        one = alert("a", name, indicator=name)
        ledger.save_alert(one)
        promised = []
        for receiver in receivers:
            owed, notice = promise(one, receiver, step)
            told = {"cause": cause}
            said = Promise(owed.model_copy(update=told), notice.model_copy(update=told))
            promised.append(ledger.outbox.promise([said], START) == 1)
        return promised


def put_off(store: Store, one: Delivery, at: datetime, *, doubtful: bool = False) -> bool:
    with store.writing() as ledger:
        return ledger.outbox.put_off(one, at, "HTTP 503", doubtful=doubtful)


def delivered(store: Store, one: Delivery, at: datetime = START) -> bool:
    with store.writing() as ledger:
        return ledger.outbox.delivered(one, at, "HTTP 200")


def notices(one: Delivery) -> list[tuple[str, str]]:
    return [(notice.alert, notice.cause) for notice in one.message.notices]


def test_a_promise_is_made_once(store: Store) -> None:
    assert owe(store, "duty", "boss") == [True, True]
    assert owe(store, "duty", "boss") == [False, False]
    assert store.owed_count() == 2
    with store.writing() as ledger:
        said = ledger.outbox.said(["alert-1", "alert-2"])
        assert said == {"alert-1/0/duty": "owed", "alert-1/0/boss": "owed"}
        assert ledger.outbox.said(["alert-2"]) == {}


def test_a_message_says_the_same_at_every_attempt(store: Store) -> None:
    owe(store, "duty")
    (first,) = claim_messages(store, START, "duty")
    assert (first.attempts, first.receiver, first.message.id) == (0, "duty", "msg_alert-1/0/duty")
    assert put_off(store, first, START + HOUR)
    assert claim_messages(store, START + 59 * MINUTE, "duty") == []
    (second,) = claim_messages(store, START + HOUR, "duty")
    assert (second.attempts, second.message) == (1, first.message)
    assert delivered(store, second, START + HOUR)
    assert store.owed_count() == 0
    assert claim_messages(store, START + DAY, "duty") == []


def test_a_message_of_several_keeps_its_id_and_its_members_whatever_is_promised_meanwhile(store: Store) -> None:
    for number in range(3):
        owe(store, "duty", name=f"alert-{number}")
    (first,) = claim_messages(store, START, "duty", kind=GROUP)
    assert first.message.total == 3
    assert put_off(store, first, START + HOUR)
    owe(store, "duty", name="alert-9")
    again, other = claim_messages(store, START + HOUR, "duty", kind=GROUP)
    assert again.message == first.message
    assert notices(other) == [("alert-9", "first")]


def test_what_was_claimed_and_not_settled_is_tried_again_with_the_same_id(store: Store) -> None:
    owe(store, "duty")
    (lost,) = claim_messages(store, START, "duty")
    assert claim_messages(store, START + MINUTE, "duty") == []
    (again,) = claim_messages(store, START + LEASE, "duty")
    assert (again.message, again.attempts) == (lost.message, 1)
    assert not put_off(store, lost, START + DAY)
    with store.writing() as ledger:
        assert not ledger.outbox.give_up(lost, START + DAY, "late")
    assert put_off(store, again, START + LEASE)


def test_a_late_yes_still_counts_and_nothing_undoes_it(store: Store) -> None:
    owe(store, "duty")
    (late,) = claim_messages(store, START, "duty")
    (again,) = claim_messages(store, START + LEASE, "duty")
    assert delivered(store, late, START + LEASE)
    assert not put_off(store, again, START + DAY)
    assert not delivered(store, again, START + DAY)
    assert store.owed_count() == 0


def test_a_message_handed_back_was_no_attempt(store: Store) -> None:
    owe(store, "duty")
    store.hand_back(claim_messages(store, START, "duty"), START)
    (again,) = claim_messages(store, START, "duty")
    assert again.attempts == 0


def test_the_end_of_an_alert_is_never_told_before_its_beginning(store: Store) -> None:
    owe(store, "duty")
    (first,) = claim_messages(store, START, "duty")
    put_off(store, first, START + HOUR, doubtful=True)  # it may have arrived: it says the same again
    owe(store, "duty", step="resolved", cause="resolved")
    assert claim_messages(store, START + MINUTE, "duty") == []
    (again,) = claim_messages(store, START + HOUR, "duty")
    assert notices(again) == [("alert-1", "first")]
    delivered(store, again, START + HOUR)
    (end,) = claim_messages(store, START + HOUR, "duty")
    assert notices(end) == [("alert-1", "resolved")]


def test_what_was_being_sent_when_we_were_ended_says_the_same_again(store: Store) -> None:
    owe(store, "duty")
    claim_messages(store, START, "duty")
    store.free_leases(START)  # it may have arrived
    owe(store, "duty", step="resolved", cause="resolved")
    (again,) = claim_messages(store, START, "duty")
    assert notices(again) == [("alert-1", "first")]


def test_a_reminder_of_what_is_over_is_not_told_late(store: Store) -> None:
    owe(store, "duty", cause="reminder")
    with store.writing() as ledger:
        ledger.save_alert(alert("a", indicator="alert-1", state="resolved", resolved_at=START))
    assert claim_messages(store, START, "duty") == []
    assert store.owed_count() == 0


@pytest.mark.parametrize("tried", [False, True])
def test_what_began_and_ended_while_the_channel_was_down_is_told_as_one(store: Store, tried: bool) -> None:
    """Under the id that it was promised by, whether the beginning was tried in vain or waited."""
    owe(store, "duty")
    if tried:
        (first,) = claim_messages(store, START, "duty")
        put_off(store, first, START + HOUR)
    owe(store, "duty", step="resolved", cause="resolved")
    (one,) = claim_messages(store, START + HOUR, "duty")
    assert notices(one) == [("alert-1", "back")]
    assert (one.message.id, one.message.cause) == ("msg_alert-1/0/duty", "back")
    assert delivered(store, one)
    assert claim_messages(store, START + DAY, "duty") == []
    assert store.owed_count() == 0


def test_a_dead_receiver_with_a_long_queue_delays_no_other(store: Store) -> None:
    for number in range(30):
        owe(store, "dead", name=f"alert-{number}")
    owe(store, "alive", name="alert-z")
    tried = [one.receiver for one in claim_messages(store, START, "dead", "alive", room=10)]
    assert (tried.count("dead"), tried.count("alive")) == (10, 1)


def test_a_receiver_that_takes_nothing_is_tried_with_two_messages_while_all_else_waits(store: Store) -> None:
    """Two, so that one message that it cannot read does not pass for an outage."""
    owe(store, "duty")
    (first,) = claim_messages(store, START, "duty", kind=GROUP)
    put_off(store, first, START + HOUR)
    for number in range(30):
        owe(store, "duty", name=f"alert-{number + 2}")
    (second,) = claim_messages(store, START + MINUTE, "duty")
    put_off(store, second, START + 2 * HOUR)
    assert claim_messages(store, START + MINUTE, "duty", kind=GROUP) == []
    (again,) = claim_messages(store, START + HOUR, "duty", kind=GROUP)
    delivered(store, again, START + HOUR)  # it is back: what it did not take, and all that waited, is tried at once
    rest = claim_messages(store, START + HOUR, "duty", kind=GROUP)
    assert [(one.message.total, one.message.more) for one in rest] == [(1, 0), (29, 9)]


def test_a_message_lists_the_worst_and_counts_the_rest(store: Store) -> None:
    for number in range(50):
        owe(store, "duty", name=f"alert-{number:02}", cause="reminder" if number < 49 else "first")
    policy = Policy(books={}, telling=Telling(grouping=Grouping(listed=5)), language="en")
    (one,) = claim_messages(store, START, "duty", kind=GROUP, policy=policy)
    assert notices(one)[0] == ("alert-49", "first")
    assert (len(one.message.notices), one.message.more, one.message.total) == (5, 45, 50)
    assert one.message.counts == {"first": 1, "reminder": 49}
    assert one.message.summary == "new 1, deadline near 49"


def test_what_a_digest_counts_is_the_same_on_both_engines(store: Store) -> None:
    enrolled(store, account("a"))
    owe(store, "duty", "boss", cause="reminder")
    owe(store, "duty", step="1", cause="repeat")
    owe(store, "duty", step="2")
    with store.reading() as connection:
        counted = tally(connection, None, START - DAY, START + DAY)
    assert (counted.opened, counted.standing, counted.unacknowledged) == (1, 1, 1)
    assert (counted.reminders, counted.spared) == (3, 0)
