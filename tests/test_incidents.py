"""Own fault first: when many accounts of one platform turn blind together, it is the platform, or us."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mediawatch.core.incidents import Incident, assess
from mediawatch.core.model import Feed, Look, Reason
from tests.tables import DAY, HOUR, MINUTE, at, counts, listed, look

NOW = at("2026-03-01 12:00")
QUIET = 2 * DAY


def _looks(*saw: object) -> tuple[Look, ...]:
    """One look for each of as many targets, a minute apart, the last at NOW."""
    first = NOW - (len(saw) - 1) * MINUTE
    return tuple(_one(f"t{number}", first + number * MINUTE, what) for number, what in enumerate(saw))


def _one(target: str, when: object, saw: object) -> Look:
    shown = 0 if saw == "blank" or (isinstance(saw, Feed) and saw.profile) else None
    return look(when, saw, target=target, posts=shown)  # type: ignore[arg-type]


def _assess(*saw: object, open_: bool = False) -> Incident | None:
    return assess("weibo", _looks(*saw), frozenset(), NOW, QUIET, NOW - HOUR if open_ else None)


SEEN, DOWN, WALL, OURS = "posts", Reason.PLATFORM_DOWN, Reason.LOGIN_REQUIRED, Reason.OWN_NETWORK


@pytest.mark.parametrize(
    ("saw", "opens"),
    [
        ([], False),
        ([SEEN] * 12, False),
        # one or two unlucky accounts are no incident, even where there are no others
        ([DOWN], False),
        ([DOWN, DOWN], False),
        ([DOWN, DOWN, SEEN], False),
        # three of four are; three of six are only half
        ([DOWN, DOWN, DOWN], True),
        ([DOWN, DOWN, DOWN, SEEN], True),
        ([DOWN, DOWN, DOWN, SEEN, SEEN, SEEN], False),
        ([DOWN] * 6 + [SEEN] * 6, False),
        ([DOWN] * 7 + [SEEN] * 5, True),
        # whatever keeps us from seeing counts together, our own faults too
        ([DOWN, WALL, OURS, Reason.TIMEOUT, Reason.CAPTCHA, Reason.UNREADABLE, SEEN], True),
        # accounts that are gone are not blindness: the platform answered
        ([Reason.GONE] * 12, False),
        ([Reason.GONE, Reason.BLOCKED_ACCOUNT, Reason.MOVED, DOWN, DOWN], False),
        # an empty list is blindness, unless the platform itself counts no posts
        (["blank"] * 4, True),
        ([counts(7)] * 4, True),
        ([counts(None)] * 4, True),
        ([counts(0)] * 4, False),
        # a store that says "no such app" answered
        ([listed(False)] * 4, False),
    ],
)
def test_more_than_half_and_at_least_three_open_an_incident(saw: list, opens: bool) -> None:
    assert (_assess(*saw) is not None) is opens


@pytest.mark.parametrize(
    ("blind", "seen", "stays"),
    [(12, 0, True), (6, 6, True), (4, 8, True), (3, 9, False), (2, 10, False), (0, 12, False), (1, 1, True)],
)
def test_it_takes_less_to_stay_open_than_to_open(blind: int, seen: int, stays: bool) -> None:
    """Ends only when at most a quarter of the youngest looks is blind: no flapping at one half."""
    assert (_assess(*[DOWN] * blind, *[SEEN] * seen, open_=True) is not None) is stays


def test_only_the_youngest_look_of_each_target_counts() -> None:
    """One account that is retried twenty times is still one account."""
    tries = tuple(look(NOW - number * MINUTE, DOWN, target="one") for number in range(20, 0, -1))
    assert assess("weibo", (*tries, *_looks(SEEN, SEEN)), frozenset(), NOW, QUIET) is None
    healed = (*(_one(f"t{number}", NOW - HOUR, DOWN) for number in range(5)), *_looks(*[SEEN] * 5))
    assert assess("weibo", healed, frozenset(), NOW, QUIET) is None


def test_old_looks_do_not_outweigh_the_twelve_youngest() -> None:
    old = tuple(_one(f"old{number}", NOW - HOUR, SEEN) for number in range(1000))
    found = assess("weibo", (*old, *_looks(*[WALL] * 12)), frozenset(), NOW, QUIET)
    assert found is not None
    assert found.detail == "login_required (12 of 12 looks)"


def test_an_incident_names_its_commonest_reason_and_begins_with_its_first_blind_look() -> None:
    found = _assess(SEEN, WALL, DOWN, WALL, OURS)
    assert found == Incident(
        platform="weibo", kind="blind", since=NOW - 3 * MINUTE, detail="login_required (4 of 5 looks)"
    )


def test_a_look_after_the_instant_of_judgement_is_not_seen() -> None:
    looks = tuple(_one(f"t{number}", NOW + MINUTE, DOWN) for number in range(5))
    assert assess("weibo", looks, frozenset(), NOW, QUIET) is None


def _canary(name: str, age: timedelta, *, looked: timedelta = timedelta()) -> Look:
    return look(NOW - looked, target=name, newest=NOW - looked - age)


CANARIES = frozenset({"canary/1", "canary/2"})


@pytest.mark.parametrize(
    ("canaries", "stale"),
    [
        ([_canary("canary/1", HOUR)], False),
        ([_canary("canary/1", QUIET)], False),
        ([_canary("canary/1", QUIET + MINUTE)], True),
        # one that is alive clears the platform: the other may have gone on holiday
        ([_canary("canary/1", 9 * DAY), _canary("canary/2", HOUR)], False),
        ([_canary("canary/1", 9 * DAY), _canary("canary/2", 9 * DAY)], True),
        # a canary that could not be seen says nothing about staleness
        ([look(NOW, DOWN, target="canary/1")], False),
        ([look(NOW, "blank", target="canary/1")], False),
        # its last look was long ago: what it showed then was young then
        ([_canary("canary/1", 40 * HOUR, looked=20 * HOUR)], False),
        ([], False),
    ],
)
def test_a_canary_that_shows_nothing_new_makes_the_platform_stale(canaries: list[Look], stale: bool) -> None:
    """All seem well, and all is old: a copy from a cache. Nobody is accused on it."""
    looks = (*_looks(*[SEEN] * 12), *canaries)
    found = assess("weibo", looks, CANARIES, NOW, QUIET)
    assert (found is not None and found.kind == "stale") is stale


def test_an_account_that_is_no_canary_may_be_silent() -> None:
    looks = tuple(_canary(f"dead{number}", 900 * DAY) for number in range(12))
    assert assess("weibo", looks, CANARIES, NOW, QUIET) is None


def test_accounts_that_were_blind_all_along_blind_nobody_else() -> None:
    looks = _looks(WALL, WALL, WALL, WALL, SEEN, SEEN)
    never = {f"t{number}": None for number in range(4)} | {"t4": NOW, "t5": NOW}
    assert assess("feed:x", looks, frozenset(), NOW, QUIET, sights=never) is None
    long_ago = {**never, **{f"t{number}": NOW - 4 * DAY for number in range(4)}}
    assert assess("feed:x", looks, frozenset(), NOW, QUIET, sights=long_ago) is None
    lately = {**never, **{f"t{number}": NOW - DAY for number in range(4)}}
    assert assess("feed:x", looks, frozenset(), NOW, QUIET, sights=lately) is not None


def test_a_long_outage_stays_an_outage_however_long_it_lasts() -> None:
    sights = {f"t{number}": NOW - 30 * DAY for number in range(4)}
    looks = _looks(DOWN, DOWN, DOWN, DOWN)
    assert assess("weibo", looks, frozenset(), NOW, QUIET, open_since=NOW - 29 * DAY, sights=sights) is not None


def test_a_platform_that_never_showed_anything_is_an_incident_from_the_first_day() -> None:
    sights = dict.fromkeys(("t0", "t1", "t2"))
    assert assess("weibo", _looks(WALL, WALL, WALL), frozenset(), NOW, QUIET, sights=sights) is not None
