"""What the store keeps: the register, looks and posts, findings and alerts, whole transactions."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, StatementError

from mediawatch import people
from mediawatch.core.alerting import State
from mediawatch.core.model import Finding, Observation, Outcome, Package, Reason
from mediawatch.core.schedule import Due
from mediawatch.core.wire import Validator
from mediawatch.store.engine import read_url
from mediawatch.store.errors import StoreError, StoreUnavailable
from mediawatch.store.outbox import Promise
from mediawatch.store.store import Store
from mediawatch.store.tables import OBSERVATION
from tests.store_world import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    POLICY,
    START,
    account,
    alert,
    claim,
    enrolled,
    evidence,
    failed,
    finding,
    look,
    post,
    promise,
    saw,
)

# --- the register ----------------------------------------------------------------------------------------------------


def test_the_same_register_again_changes_nothing(store: Store) -> None:
    accounts = [account("a"), account("b", adapters=("weibo", "feed"))]
    first = store.enroll(accounts, START, lambda target: START)
    again = store.enroll(accounts, START + DAY, lambda target: START + DAY)
    assert (first.added, first.changed, first.removed) == (("a", "b"), (), ())
    assert (again.added, again.changed, again.removed) == ((), (), ())
    assert store.next_due_at() == START


def test_a_rename_keeps_the_record(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", START))
    result = store.enroll([account("a", name="新名称")], START + DAY, lambda target: START + DAY)
    assert result.changed == ("a",)
    kept = evidence(store, "a", START + DAY)
    assert kept.account.name == "新名称"
    assert [one.key for one in kept.posts] == ["1"]


def test_a_removed_account_is_never_due_and_its_alerts_end(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    with store.writing() as ledger:
        ledger.save_alert(alert("a"))
    result = store.enroll([account("b")], START + DAY, lambda target: START)
    assert result.removed == ("a",)
    (ended,) = result.resolved
    assert (ended.state, ended.detail, ended.resolved_at) == (State.RESOLVED, "removed from the register", START + DAY)
    assert store.due_platforms(START + 9 * DAY) == {"weibo": 1}
    with store.writing() as ledger:
        assert ledger.all_live_alerts() == ()
        assert ledger.resolved_alerts(START) == (ended,)
        assert ledger.account("a").targets == ()
    assert store.enroll([account("b")], START + 2 * DAY, lambda target: START).removed == ()


def test_an_account_that_comes_back_has_its_record_and_is_due(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", START))
    store.enroll([], START + DAY, lambda target: START)
    back = store.enroll([account("a")], START + 2 * DAY, lambda target: START + 2 * DAY)
    assert back.changed == ("a",)
    assert store.next_due_at() == START + 2 * DAY
    assert evidence(store, "a", START + 2 * DAY).watched_since == START


def test_what_a_removed_target_showed_proves_nothing_more(store: Store) -> None:
    enrolled(store, account("a", adapters=("weibo", "feed")))
    look(store, START, post("old", START - 30 * DAY))
    look(store, START + MINUTE, post("wrong", START), platform="feed")
    store.enroll([account("a")], START + HOUR, lambda target: START)
    assert [one.key for one in evidence(store, "a", START + HOUR).posts] == ["old"]


def test_ten_thousand_accounts_enrol_in_seconds(store: Store) -> None:
    accounts = [account(f"a{number}") for number in range(10_000)]
    assert len(store.enroll(accounts, START, lambda target: START).added) == 10_000
    accounts[77] = account("a77", name="改名")
    again = store.enroll(accounts, START + DAY, lambda target: START)
    assert (again.added, again.changed) == ((), ("a77",))
    assert store.due_platforms(START) == {"weibo": 10_000}


# --- looks and posts -------------------------------------------------------------------------------------------------


def test_a_post_seen_again_keeps_its_first_sight_and_its_first_date(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", START - HOUR))
    look(store, START + HOUR, post("1", START - 2 * HOUR, pinned=True, title="改过的标题"))
    (kept,) = evidence(store, "a", START + HOUR).posts
    assert (kept.first_seen_at, kept.last_seen_at) == (START, START + HOUR)
    assert (kept.at, kept.pinned, kept.title) == (START - HOUR, True, "改过的标题")


def test_a_date_that_was_missing_is_filled_in(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", None))
    look(store, START + HOUR, post("1", START - DAY))
    assert evidence(store, "a", START + HOUR).posts[0].at == START - DAY


def test_two_accounts_may_have_posts_of_the_same_key(store: Store) -> None:
    enrolled(store, account("a"), account("b", adapters=("feed",)))
    look(store, START, post("1", START))
    look(store, START, post("1", START - DAY), platform="feed")
    assert evidence(store, "a", START).posts[0].at == START
    assert evidence(store, "b", START).posts[0].at == START - DAY


def test_failures_in_a_row_are_counted_and_a_success_ends_them(store: Store) -> None:
    enrolled(store, account("a"))
    for number in range(3):
        assert look(store, START + number * HOUR, reason=Reason.BLOCKED).fails == number
    assert look(store, START + 4 * HOUR).fails == 3
    assert claim(store, START + 5 * HOUR).fails == 0


def test_that_the_platform_says_gone_is_an_answer_and_no_failure_of_ours(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, reason=Reason.GONE)
    assert claim(store, START + HOUR).fails == 0


def test_validators_are_kept_until_a_look_sees_something_else(store: Store) -> None:
    enrolled(store, account("a"))
    kept = (Validator(url="https://example.cn/feed", etag='"1"', digest="ab" * 32),)
    one = claim(store)
    with store.writing() as ledger:
        ledger.record(one, saw(one, START), kept)
        ledger.reschedule(one, Due.exactly(START + MINUTE))
    assert look(store, START + HOUR, reason=Reason.TIMEOUT).validators == kept
    assert look(store, START + 2 * HOUR).validators == kept
    assert claim(store, START + 3 * HOUR).validators == ()


def test_what_was_read_of_a_package_comes_back_as_it_was(store: Store) -> None:
    enrolled(store, account("a"))
    one = claim(store)
    package = Package(present=True, status=200, size=5_000_000_000, valid=True, version_code=2**40, schemes=("v2",))
    with store.writing() as ledger:
        ledger.record(one, Observation(target=one.target.id, account="a", at=START, seen=package), ())
    assert evidence(store, "a", START).looks[0].seen == package


def test_characters_that_one_engine_refuses_lose_no_batch(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("k\0", START, title="a\0b\ud800c", url="https://x/\0"))
    assert evidence(store, "a", START).posts[0].title == "ab?c"
    assert store.verify_chain("a/weibo/1").whole


def test_an_observation_of_another_target_is_refused(store: Store) -> None:
    enrolled(store, account("a"))
    one = claim(store)
    other = Observation(target="b/weibo/1", account="b", at=START, failure=failed(one, START).failure)
    with store.writing() as ledger, pytest.raises(ValueError, match="belongs"):
        ledger.record(one, other, ())


# --- findings and alerts ---------------------------------------------------------------------------------------------


def standing(store: Store) -> dict[str, datetime | None]:
    with store._database.reading() as connection:
        return dict(connection.execute(text("SELECT indicator, outcome FROM standing")).all())


def test_an_unchanged_outcome_keeps_the_instant_it_began(store: Store) -> None:
    enrolled(store, account("a"))
    saved = []
    for at, outcome, since in [
        (START, Outcome.UNKNOWN, START),
        (START + DAY, Outcome.UNKNOWN, START + DAY),  # the rule cannot reach back further: it began before
        (START + 2 * DAY, Outcome.FAIL, START + 2 * DAY),
        (START + 9 * DAY, Outcome.FAIL, START + 5 * DAY),  # ended and began again while nobody judged
    ]:
        with store.writing() as ledger:
            ledger.save_findings("a", [finding("a", outcome, at, since=since)], "edition")
        with store._database.reading() as connection:
            saved.append(connection.execute(text("SELECT finding FROM standing")).scalar_one())
    since = [finding("a", Outcome.FAIL).model_validate_json(one).since for one in saved]
    assert since == [START, START, START + 2 * DAY, START + 5 * DAY]


def test_an_answer_that_has_not_changed_stays_as_it_is_written(store: Store) -> None:
    enrolled(store, account("a"))
    written = []
    for at, outcome, more, edition in [
        (START, Outcome.PASS, {}, "1"),
        (START + DAY, Outcome.PASS, {}, "1"),  # the same: as it stands
        (START + 2 * DAY, Outcome.PASS, {"values": {"days": 3}}, "1"),
        (START + 3 * DAY, Outcome.PASS, {"values": {"days": 3}}, "2"),  # by other words
        (START + 4 * DAY, Outcome.FAIL, {"since": START + 3 * DAY + HOUR}, "2"),
        (START + 5 * DAY, Outcome.FAIL, {"since": START + 5 * DAY}, "2"),  # no longer steady: each answer counts
        (START + 6 * DAY, Outcome.UNKNOWN, {"reason": Reason.TIMEOUT}, "2"),
        (START + 7 * DAY, Outcome.UNKNOWN, {"reason": Reason.TIMEOUT}, "2"),
    ]:
        with store.writing() as ledger:
            ledger.save_findings("a", [finding("a", outcome, at, **more)], edition)
        with store._database.reading() as connection:
            told = connection.execute(text("SELECT finding, history, edition FROM standing")).one()
            spoken = connection.execute(text("SELECT finding FROM account WHERE id = 'a'")).scalar_one()
        given = Finding.model_validate_json(told.finding)
        assert spoken == told.finding
        written.append(((given.judged_at - START).days, given.outcome.value, told.history, told.edition))
    assert written == [
        *((0, "pass", "p", "1"), (0, "pass", "p", "1"), (2, "pass", "pp", "1"), (3, "pass", "ppp", "2")),
        *(
            (4, "fail", "pppf", "2"),
            (5, "fail", "pppff", "2"),
            (6, "unknown", "pppff", "2"),
            (6, "unknown", "pppff", "2"),
        ),
    ]


def test_what_ended_and_began_again_is_told_from_the_last_judgement_also_where_that_wrote_nothing(store: Store) -> None:
    enrolled(store, account("a"))
    for at, since in [(START, START), (START + 5 * DAY, START), (START + 6 * DAY, START + 3 * DAY)]:
        with store.writing() as ledger:
            ledger.save_findings("a", [finding("a", Outcome.PASS, at, since=since)], "edition")
            stands = ledger.standing("a", "stale")
        assert (stands and stands.since) == START, "it was judged after that, and had not ended"


def test_an_indicator_that_left_the_rulebook_no_longer_stands(store: Store) -> None:
    enrolled(store, account("a"))
    with store.writing() as ledger:
        ledger.save_findings("a", [finding("a", Outcome.FAIL), finding("a", Outcome.PASS, indicator="gone")], "1")
        ledger.save_findings("a", [finding("a", Outcome.PASS, indicator="gone")], "2")
    assert standing(store) == {"gone": "pass"}


def test_alerts_come_back_as_they_were_saved(store: Store) -> None:
    enrolled(store, account("a"))
    opened = alert("a", state=State.PENDING, confirmed_at=None)
    with store.writing() as ledger:
        ledger.save_alert(opened)
        assert ledger.live_alerts("a") == (opened,)
        assert ledger.alerts_to_tell(opened.opened_at, None) == ledger.alerts_to_tell(opened.opened_at, 1) == (opened,)
        over = opened.model_copy(update={"state": State.RESOLVED, "resolved_at": START + DAY})
        ledger.save_alert(over)
        assert ledger.live_alerts("a") == ()
        assert ledger.alert("alert-1") == over
        ledger.save_alert(alert("a", "alert-2"))


def test_a_second_live_alert_of_the_same_breach_is_impossible(store: Store) -> None:
    with store.writing() as ledger:
        ledger.save_alert(alert("a"))
    with pytest.raises(IntegrityError), store.writing() as ledger:
        ledger.save_alert(alert("a", "alert-2"))


def test_the_first_acknowledgement_stands(store: Store) -> None:
    with store.writing() as ledger:
        ledger.save_alert(alert("a"))
    first = people.acknowledge(store, POLICY, "alert-1", "王", "已致电", START + HOUR)
    assert (first.acknowledged_at, first.acknowledged_by, first.note) == (START + HOUR, "王", "已致电")
    assert people.acknowledge(store, POLICY, "alert-1", "李", "", START + DAY) == first
    with pytest.raises(KeyError):
        people.acknowledge(store, POLICY, "alert-9", "王", "", START)
    with store.writing() as ledger:
        ledger.save_alert(first.model_copy(update={"state": State.RESOLVED, "resolved_at": START + DAY}))
    with pytest.raises(ValueError, match="resolved"):
        people.acknowledge(store, POLICY, "alert-1", "王", "", START)


# --- transactions ----------------------------------------------------------------------------------------------------


def test_what_breaks_in_the_middle_leaves_nothing(store: Store) -> None:
    enrolled(store, account("a"))
    one = claim(store)

    def broken() -> None:
        with store.writing() as ledger:
            ledger.record(one, saw(one, START, post("1", START)), ())
            ledger.save_alert(alert("a"))
            ledger.outbox.promise([Promise(*promise(alert("a"), "duty"))], START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    kept = evidence(store, "a", START)
    assert (kept.looks, kept.posts, store.owed_count()) == ((), (), 0)
    with store.writing() as ledger:
        assert ledger.all_live_alerts() == ()
        assert ledger.record(one, saw(one, START), ())
    assert store.verify_chain("a/weibo/1").length == 1


def test_a_datetime_without_a_zone_is_refused(store: Store) -> None:
    enrolled(store, account("a"))
    naive = datetime(2026, 3, 1)  # noqa: DTZ001
    with pytest.raises((ValueError, StatementError), match="timezone"):
        store.claim_targets({"weibo": 1}, naive, LEASE)


def test_every_zone_is_the_same_instant(store: Store) -> None:
    enrolled(store, account("a"))
    kathmandu = START.astimezone(datetime.strptime("+0545", "%z").tzinfo)
    look(store, kathmandu, post("1", kathmandu))
    kept = evidence(store, "a", kathmandu)
    assert kept.posts[0].at == START
    assert kept.looks[0].at.utcoffset() == timedelta(0)


def test_a_writer_waits_for_another_and_says_so_when_it_waits_too_long(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("mediawatch.store.engine.BUSY_TIMEOUT", 0.2)
    store = Store.open(f"sqlite:///{tmp_path}/x.db", now=START)
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writing():
            held.set()
            go.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(StoreUnavailable, match="locked"):
            enrolled(store, account("a"))
    finally:
        go.set()
        thread.join()
    enrolled(store, account("a"))
    store.close()


def test_a_reader_sees_one_picture_while_others_write(store: Store) -> None:
    enrolled(store, account("a"))
    count = text("SELECT count(*) FROM account")
    with store.reading() as connection:
        before = connection.execute(count).scalar()
        enrolled(store, account("a"), account("b"))
        assert connection.execute(count).scalar() == before
    with store.reading() as connection:
        assert connection.execute(count).scalar() == 2


def test_a_store_opened_for_reading_cannot_be_written(database_url: str) -> None:
    Store.open(database_url, now=START).close()
    store = Store.open(database_url, now=START, read_only=True)
    with pytest.raises(StoreError, match="reading only"):
        enrolled(store, account("a"))
    assert store.next_due_at() is None
    store.close()


def test_reading_transactions_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match=r"read-?only"), store.reading() as connection:
        connection.execute(OBSERVATION.delete())


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_is_not_made_for_all_text_is_refused_in_one_sentence(postgresql: str, encoding: str) -> None:
    server = create_engine(read_url(postgresql), isolation_level="AUTOCOMMIT")
    name = f"mw_{encoding.lower()}"
    with server.connect() as connection:
        make = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        connection.execute(text(make))
    try:
        with pytest.raises(StoreError, match=rf"^the database is made for {encoding} text: make another one, .*UTF8"):
            Store.open(read_url(postgresql).set(database=name).render_as_string(hide_password=False), now=START)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        server.dispose()


def test_a_connection_that_breaks_loses_one_transaction_and_no_more(postgresql_url: str) -> None:
    store = Store.open(postgresql_url, now=START)
    enrolled(store, account("a"))
    one = claim(store)
    end = text("SELECT pg_terminate_backend(:pid)")

    def broken() -> None:
        with store.writing() as ledger:
            ledger.record(one, saw(one, START), ())
            pid = ledger._connection.execute(text("SELECT pg_backend_pid()")).scalar()
            with store.reading() as other:
                other.execute(end, {"pid": pid})
            ledger.reschedule(one, Due.exactly(START + DAY))

    with pytest.raises(StoreUnavailable):
        broken()
    with store.writing() as ledger:
        assert ledger.record(one, saw(one, START), ())
    assert store.verify_chain("a/weibo/1").length == 1
    store.close()


def test_the_store_keeps_its_own_id_and_shows_no_password(database_url: str) -> None:
    first = Store.open(database_url, now=START)
    again = Store.open(database_url, now=START + DAY)
    assert first.install == again.install
    assert len(first.install) == 32
    assert ":postgres@" not in first.url
    first.close()
    again.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "no address"])
def test_addresses_that_are_no_store_are_refused_in_words(url: str) -> None:
    with pytest.raises(StoreError):
        Store.open(url, now=datetime(2026, 3, 1, tzinfo=UTC))
