"""What platforms tell of an account over time, in the store: changes once each, counts once a day, exact as of then."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from mediawatch.core.model import Article, Articles, Feed, MenuItem, Observation, Profile, Seen
from mediawatch.core.profiles import Facts, told
from mediawatch.core.schedule import Due
from mediawatch.store.store import Store
from mediawatch.store.tables import PROFILE, PROFILE_DAY
from tests.store_world import DAY, HOUR, MINUTE, START, account, claim, enrolled, evidence, look

NAMED = Profile(uid="1", name="甲发布", verified=True, verified_type=1, verified_reason="甲局", followers=10)
RENAMED = NAMED.model_copy(update={"name": "乙发布"})


def sees(store: Store, at: datetime, seen: Seen | Profile) -> None:
    one = claim(store, at)
    feed = Feed(profile=seen) if isinstance(seen, Profile) else seen
    observation = Observation(target=one.target.id, account=one.account.id, at=at, seen=feed)
    with store.writing() as ledger:
        assert ledger.record(one, observation, ())
        assert ledger.reschedule(one, Due.exactly(at + MINUTE))


def names(store: Store, now: datetime) -> list[str]:
    return [one.name for one in evidence(store, "a", now).profiles]


def test_a_change_is_kept_once_and_as_of_an_instant_nothing_later_is_known(store: Store) -> None:
    enrolled(store, account("a"))
    for hour, profile in enumerate((NAMED, NAMED, RENAMED, RENAMED, NAMED)):
        sees(store, START + hour * HOUR, profile)
    assert names(store, START + 9 * HOUR) == ["甲发布", "乙发布", "甲发布"]
    assert names(store, START + HOUR) == ["甲发布"]
    assert names(store, START + 2 * HOUR) == ["甲发布", "乙发布"]
    assert names(store, START - HOUR) == []
    assert [one.at for one in evidence(store, "a", START + DAY).profiles] == [
        START,
        START + 2 * HOUR,
        START + 4 * HOUR,
    ]


def test_counts_alone_are_no_change_and_stand_once_a_day(store: Store) -> None:
    """The day is Shanghai's: noon on 1 March, then every eight hours."""
    enrolled(store, account("a"))
    for number in range(6):
        sees(store, START + number * 8 * HOUR, NAMED.model_copy(update={"followers": 100 + number}))
    kept = evidence(store, "a", START + 9 * DAY)
    assert len(kept.profiles) == 1
    assert [(one.day.day, one.followers) for one in kept.series] == [(1, 100), (2, 102), (3, 105)]
    assert [one.followers for one in evidence(store, "a", START + 12 * HOUR).series] == [100]
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(PROFILE)).scalar() == 1
        assert connection.execute(select(func.count()).select_from(PROFILE_DAY)).scalar() == 3


def test_what_an_answer_leaves_out_stays_as_it_was_told(store: Store) -> None:
    enrolled(store, account("a"))
    sees(store, START, NAMED)
    sees(store, START + HOUR, Profile(name="甲发布"))
    sees(store, START + 2 * HOUR, Feed())
    look(store, START + 3 * HOUR)
    (kept,) = (one for one in evidence(store, "a", START + DAY).profiles if one.name == "甲发布")
    assert (kept.verified, kept.verified_reason) == (True, "甲局")


def test_the_series_ends_with_the_last_hundred_and_twenty_days(store: Store) -> None:
    enrolled(store, account("a"))
    for number in range(125):
        sees(store, START + number * DAY, NAMED.model_copy(update={"followers": number}))
    series = evidence(store, "a", START + 124 * DAY).series
    assert [one.followers for one in series] == list(range(5, 125))


def test_what_was_told_during_an_incident_is_marked_and_its_counts_are_left_out(store: Store) -> None:
    enrolled(store, account("a"))
    sees(store, START, NAMED)
    sees(store, START + DAY, RENAMED)
    with store.writing() as ledger:
        ledger.open_incident("weibo", START + DAY, "blind")
    kept = evidence(store, "a", START + 2 * DAY)
    assert [(one.name, one.trusted) for one in kept.profiles] == [("甲发布", True), ("乙发布", False)]
    assert [one.day.day for one in kept.series] == [1]


def test_looks_that_arrive_late_leave_the_past_in_order(store: Store) -> None:
    enrolled(store, account("a"))
    sees(store, START + 2 * HOUR, RENAMED)
    with store.writing() as ledger:
        ledger.hasten("weibo", START, START + DAY, lambda target: START)
    sees(store, START, NAMED)
    assert names(store, START + HOUR) == ["甲发布"]
    assert names(store, START + DAY) == ["甲发布", "乙发布"]


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        (None, None, None),
        (Feed(), None, None),
        (Feed(profile=Profile(name="x")), None, Facts(name="x")),
        (Feed(menu=()), Facts(name="x"), Facts(name="x", menu=0)),
        (Feed(menu=(MenuItem(path="互动/留言"),)), None, Facts(menu=1, entries=("互动/留言",))),
        (Articles(profile=Profile(name="y"), articles=()), Facts(menu=2, name="x"), Facts(menu=2, name="y")),
        (Articles(articles=(Article(url="u", state="alive"),)), None, None),
        # a reason that is gone with the verification is told; an empty one beside a verification is not
        (Feed(profile=Profile(verified=False)), Facts(verified=True, verified_reason="r"), Facts(verified=False)),
        (Feed(profile=Profile(verified=True)), Facts(verified_reason="r"), Facts(verified=True, verified_reason="r")),
    ],
)
def test_what_is_known_after_an_answer(seen: Seen | None, before: Facts | None, expected: Facts | None) -> None:
    assert told(seen, before) == expected
