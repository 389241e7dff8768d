"""Evidence as it stood at an instant, and the chain that shows whether it was touched."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text

from mediawatch.core.model import Evidence, Observation, Outcome, Package, Reason
from mediawatch.core.rules import judge_one
from mediawatch.core.rules.doubts import watched_from
from mediawatch.core.schedule import Due
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.crowd import SAID_AND_BACK
from mediawatch.store.store import Store
from tests.store_world import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    START,
    account,
    claim,
    enrolled,
    evidence,
    failed,
    look,
    post,
    saw,
)

# --- evidence as of an instant ---------------------------------------------------------------------------------------


def test_evidence_as_of_an_instant_knows_nothing_that_came_later(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", START - DAY))
    then = evidence(store, "a", START)
    look(store, START + DAY, post("1", START - DAY), post("2", START + HOUR))
    look(store, START + 2 * DAY, reason=Reason.CAPTCHA)
    assert evidence(store, "a", START) == then
    assert [one.key for one in evidence(store, "a", START + 3 * DAY).posts] == ["2", "1"]
    before = evidence(store, "a", START - MINUTE)
    assert (before.looks, before.posts, before.watched_since) == ((), (), None)


def test_of_posts_of_one_instant_those_of_the_last_keys_are_kept(store: Store) -> None:
    """Fifty posts are; more of them may be of the same instant as the oldest of these, and undated ones of a look's."""
    enrolled(store, account("a"))
    same = [post(f"{number:02}", START - DAY, title='“,"\\\x1e') for number in range(60)]
    look(store, START, *same, post("new", START - HOUR), post("undated", None), post("old", START - 2 * DAY))
    kept = [one.key for one in evidence(store, "a", START).posts]
    assert kept == ["undated", "new", *(f"{number:02}" for number in range(59, 11, -1))]
    with store.writing() as ledger:
        bare = ledger.evidence_of(["a"], START)["a"]
    names = ("key", "target", "at", "title", "pinned", "repost", "original", "first_seen_at", "last_seen_at")
    told = [[[getattr(one, name) for name in names] for one in of.posts] for of in (evidence(store, "a", START), bare)]
    assert told[0] == told[1]


def test_a_post_stands_in_the_past_as_it_was_shown_then(store: Store) -> None:
    """Whatever looks show of it later: edited, pinned, gone and back, dated at last."""
    enrolled(store, account("a"))
    old, first = post("1", START - DAY), post("2", START)
    histories = [
        (old, first),
        (old, first.model_copy(update={"title": "改了", "pinned": True})),
        (old,),
        (old, first, post("3", None)),
        (first,),
        (old, first.model_copy(update={"title": "又改了"}), post("3", START + 3 * HOUR)),
    ]
    said = []
    for hour, posts in enumerate(histories):
        look(store, START + hour * HOUR, *posts)
        said.append(evidence(store, "a", START + hour * HOUR))
        assert Evidence.model_validate(said[-1].model_dump()) == said[-1], (
            "what is read unchecked would pass the checks"
        )
        assert [evidence(store, "a", one.now) for one in said] == said


def test_a_long_outage_hides_neither_the_first_nor_the_last_good_look(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, reason=Reason.TIMEOUT)
    for hour in (1, 2, 3):
        look(store, START + hour * HOUR, post("1", START))
    for hour in range(4, 54):
        look(store, START + hour * HOUR, reason=Reason.PLATFORM_DOWN)
    kept = evidence(store, "a", START + 90 * HOUR)
    good = [one.at for one in kept.looks if one.seen is not None]
    assert good == [START + HOUR, START + 3 * HOUR]
    assert len(kept.looks) == 22
    assert [one.at for one in kept.looks] == sorted(one.at for one in kept.looks)
    assert kept.watched_since == START + HOUR


def test_of_each_channel_the_first_look_that_saw_anything_is_known_for_ever(store: Store) -> None:
    """Since then it is watched, however many looks ago, and whatever other channels of the account were."""
    both = account("a", adapters=("weibo", "weibo_open"))
    enrolled(store, account("a"))
    look(store, START, post("1", START))
    store.enroll([both], START + 9 * DAY, lambda target: START + 9 * DAY)
    look(store, START + 9 * DAY, reason=Reason.CAPTCHA, platform="weibo_open")
    for day in range(10, 40):
        for platform in ("weibo", "weibo_open"):
            look(store, START + day * DAY, post("1", START), platform=platform)
    for day in (10, 11, 39, 300):
        kept = evidence(store, "a", START + day * DAY)
        since = [watched_from(kept, target.id) for target in both.targets]
        assert since == [START, START + 10 * DAY], "also as of a day of the past"
        assert kept.watched_since == START


def test_the_highest_version_that_an_address_gave_is_remembered_for_ever(store: Store) -> None:
    """Else a lower one would be a fault for twenty looks, and then none."""
    address = account("app", adapters=("apk",)).targets[0]
    address = address.model_copy(update={"covers": frozenset({"package"})})
    enrolled(store, account("app", adapters=()).model_copy(update={"kind": "app", "targets": (address,)}))

    def gave(hour: int, code: int, problem: str = "") -> None:
        one, at = claim(store, START + hour * HOUR, platform="apk"), START + hour * HOUR
        told = Package(present=True, status=200, package="cn.gov.app", version_code=code, problem=problem)
        seen = Observation(target=one.target.id, account="app", at=at, seen=told)
        with store.writing() as ledger:
            assert ledger.record(one, seen, ())
            assert ledger.reschedule(one, Due.exactly(at + MINUTE))

    def problem(hour: int) -> object:
        line = load_rulebook("national-2019").indicator("A3P")
        return judge_one(line, evidence(store, "app", START + hour * HOUR)).values.get("problem")

    for hour, code in enumerate((90, 91, 300, 100)):
        gave(hour, code, "unsigned" if code == 300 else "")  # a package with a fault is no version to go by
    assert problem(4) is None
    for hour in range(4, 40):
        gave(hour, 99)
    kept = evidence(store, "app", START + 40 * HOUR)
    assert START + 3 * HOUR in [look.at for look in kept.looks]
    assert len(kept.looks) == 22
    assert problem(40) == "older_version"
    assert problem(3) is None  # as it stood before
    gave(40, 100)
    assert problem(41) is None


def test_only_the_newest_fifty_posts_are_evidence(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, *(post(f"{number:03}", START - number * HOUR) for number in range(80)))
    assert [one.key for one in evidence(store, "a", START).posts] == [f"{number:03}" for number in range(50)]


def test_a_look_knows_how_many_posts_it_showed_and_the_newest_date(store: Store) -> None:
    enrolled(store, account("a"))
    look(store, START, post("1", START - DAY), post("2", START - HOUR, pinned=True), post("3", None))
    (kept,) = evidence(store, "a", START).looks
    assert (kept.posts, kept.newest_at) == (3, START - HOUR)
    assert kept.seen is not None
    assert kept.seen.posts == ()
    assert kept.seen.profile.followers == 7
    assert kept.digests == ("ab" * 32,)


def test_looks_during_an_incident_are_not_trusted(store: Store) -> None:
    enrolled(store, account("a"))
    for hour in range(4):
        look(store, START + hour * HOUR)
    with store.writing() as ledger:
        opened = ledger.open_incident("weibo", START + HOUR, "captcha (9 of 10 looks)")
        assert ledger.open_incident("weibo", START + 2 * HOUR, "again") == opened
    trusted = [one.trusted for one in evidence(store, "a", START + 3 * HOUR).looks]
    assert trusted == [True, False, False, False]
    with store.writing() as ledger:
        assert ledger.close_incident("weibo", START + 3 * HOUR)
        assert not ledger.close_incident("weibo", START + 3 * HOUR)
        assert ledger.incident("weibo") is None
        recent = ledger.recent_looks("weibo", START + HOUR)
    assert [one.trusted for one in evidence(store, "a", START + 3 * HOUR).looks] == [True, False, False, True]
    assert [(one.at, one.trusted) for one in recent] == [
        (START + HOUR, False),
        (START + 2 * HOUR, False),
        (START + 3 * HOUR, True),
    ]


# --- the chain -------------------------------------------------------------------------------------------------------


def _tampered(store: Store, statement: str) -> None:
    with store._database.writing() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE observation SET detail = 'no such account' WHERE id = 2", 2),
        ("UPDATE observation SET posts = 9 WHERE id = 3", 3),
        ("UPDATE observation SET newest_at = at WHERE id = 1", 1),
        ("DELETE FROM observation WHERE id = 2", 2),
        ("DELETE FROM observation WHERE id = 4", 4),
    ],
)
def test_a_changed_or_missing_look_breaks_the_chain(store: Store, tampering: str, broken: int) -> None:
    enrolled(store, account("a"))
    for hour in range(4):
        look(store, START + hour * HOUR, post("1", START - DAY))
    whole = store.verify_chain("a/weibo/1")
    assert whole.whole
    assert whole.length == 4
    _tampered(store, tampering)
    assert store.verify_chain("a/weibo/1").broken == broken


def test_the_chain_of_an_unknown_target_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.verify_chain("nobody/weibo/1")


def test_how_many_accounts_a_platform_says_to_be_gone_at_once_is_part_of_the_evidence(store: Store) -> None:
    """a, b and c begin to be gone within a day; long is gone for weeks, later goes a week after; alive is there."""
    begins = {"long": -20, "a": 0, "b": 0.5, "c": 1, "later": 7, "canary/weibo/1": 9}
    enrolled(store, *(account(id_) for id_ in (*begins, "alive")))
    for day in range(-21, 11):
        now = START + 30 * DAY + day * DAY
        store.make_due(now)
        for one in store.claim_targets({"weibo": 99}, now, LEASE):
            gone = day >= begins.get(one.account.id, 99)
            with store.writing() as ledger:
                ledger.record(one, failed(one, now, Reason.GONE) if gone else saw(one, now), ())
                ledger.reschedule(one, Due.exactly(now + DAY))
    seen = {id_: evidence(store, id_, START + 38 * DAY).beside.gone_with for id_ in (*begins, "alive")}
    assert seen == {"long": 0, "a": 2, "b": 2, "c": 2, "later": 0, "canary/weibo/1": 0, "alive": 0}
    late = evidence(store, "later", START + 40 * DAY).beside
    assert (late.gone_with, late.canary_gone) == (1, True)
    assert not evidence(store, "a", START + 40 * DAY).beside.canary_gone
    assert evidence(store, "a", START + 30 * DAY).beside.gone_with == 0, "as it stood then"


def test_of_how_many_accounts_a_platform_took_it_back_that_they_are_gone_is_part_of_the_evidence(store: Store) -> None:
    """a goes on day 40, and was gone for a day on day 20; so was b on day 21, and c on day 38. Long is gone for weeks,
    old was back before the month, and later not before a has been gone for four days."""
    gone_on = {"a": {20, *range(40, 50)}, "b": {21}, "c": {38, 39}, "long": {*range(15, 50)}, "old": {1, 2}}
    gone_on["later"] = {*range(41, 44)}
    enrolled(store, *(account(id_) for id_ in gone_on))
    for day in range(46):
        now = START + day * DAY
        store.make_due(now)
        for one in store.claim_targets({"weibo": 99}, now, LEASE):
            gone = day in gone_on[one.account.id]
            with store.writing() as ledger:
                ledger.record(one, failed(one, now, Reason.GONE) if gone else saw(one, now), ())
                ledger.reschedule(one, Due.exactly(now + DAY))
    then = evidence(store, "a", START + 40 * DAY).beside
    assert (then.were_back, then.was_back) == (2, True), "b, and c today"
    assert evidence(store, "a", START + 45 * DAY).beside.were_back == 2, "what comes days later is another matter"
    long = evidence(store, "long", START + 30 * DAY).beside
    assert (long.were_back, long.was_back) == (1, False), "old alone; it is gone still"


def test_the_looks_that_say_gone_are_found_by_their_index(store: Store) -> None:
    with store.reading() as connection:
        if connection.dialect.name != "sqlite":
            return
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        connection.execute(SAID_AND_BACK, {"platform": "weibo", "first": START, "last": START + DAY})
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all()
    assert "observation_of_gone" in " ".join(str(row) for row in plan)


def test_since_when_a_platform_says_that_an_account_is_gone_is_known_however_often_it_was_asked_since(
    store: Store,
) -> None:
    """It says so in an incident first, then for forty looks, the first of them on day 4."""
    enrolled(store, account("a"))
    look(store, START)
    with store.writing() as ledger:
        ledger.open_incident("weibo", START + 3 * DAY, "blind")
    look(store, START + 3 * DAY, reason=Reason.GONE)
    with store.writing() as ledger:
        ledger.close_incident("weibo", START + 4 * DAY)
    for number in range(40):
        look(store, START + 4 * DAY + number * HOUR, reason=Reason.TIMEOUT if number % 4 == 1 else Reason.GONE)
    (line,) = [one for one in load_rulebook("national-2019").indicators if one.id == "A6"]
    seen = evidence(store, "a", START + 6 * DAY)
    said = judge_one(line, seen)
    assert (said.outcome, said.since) == (Outcome.FAIL, START + 4 * DAY)
    assert len(seen.looks) == 22, "the first, the first that said so, and the last twenty"
    assert judge_one(line, evidence(store, "a", START + 5 * DAY)).since == START + 4 * DAY, "as it stood then"
