"""Own fault first: when many accounts of one platform turn blind together, it is the platform, or us."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mediawatch.core.incidents import CANARY, Incident, assess, comes_and_goes
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


@pytest.mark.parametrize(("seen", "opens"), [(HOUR, True), (7 * DAY, True), (9 * DAY, False), (None, False)])
def test_most_accounts_gone_at_once_are_the_platforms_doing_if_they_were_there_lately(
    seen: timedelta | None, opens: bool
) -> None:
    looks = _looks(*[Reason.GONE] * 4, SEEN)
    sights = {f"t{number}": None if seen is None else NOW - seen for number in range(4)} | {"t4": NOW}
    assert (assess("weibo", looks, frozenset(), NOW, QUIET, None, sights) is not None) is opens


def test_where_not_even_the_canary_exists_the_platform_is_not_believed_of_accounts_that_nobody_ever_saw() -> None:
    looks = (*_looks(*[Reason.GONE] * 4), _one("canary/weibo/1/weibo/1", NOW, Reason.GONE))
    assert assess("weibo", looks, frozenset({"canary/weibo/1/weibo/1"}), NOW, QUIET) is not None
    assert assess("weibo", looks, frozenset(), NOW, QUIET) is None
    empty = (*_looks(*[counts(0)] * 4), _one("canary/weibo/1/weibo/1", NOW, counts(0)))
    assert assess("weibo", empty, frozenset({"canary/weibo/1/weibo/1"}), NOW, QUIET) is not None
    assert assess("weibo", empty, frozenset(), NOW, QUIET) is None


@pytest.mark.parametrize(("listed_at", "opens"), [(HOUR, True), (7 * DAY, True), (9 * DAY, False), (None, False)])
def test_a_store_that_has_most_apps_no_more_which_it_listed_lately_is_not_believed(
    listed_at: timedelta | None, opens: bool
) -> None:
    looks = _looks(*[listed(False)] * 4, listed(True))
    known = {} if listed_at is None else {f"t{number}": NOW - listed_at for number in range(4)}
    found = assess("appstore", looks, frozenset(), NOW, QUIET, listed=known)
    assert (found is not None) is opens
    assert found is None or found.detail == "absent (4 of 5 looks)"
    assert (
        assess("appstore", _looks(listed(False), listed(True), listed(True)), frozenset(), NOW, QUIET, listed=known)
        is None
    )


def test_a_store_that_has_not_even_its_canary_is_not_believed_of_apps_that_it_never_listed() -> None:
    looks = (*_looks(*[listed(False)] * 4), _one("canary/appstore/1/appstore/1", NOW, listed(False)))
    assert assess("appstore", looks, frozenset({"canary/appstore/1/appstore/1"}), NOW, QUIET) is not None
    assert assess("appstore", looks, frozenset(), NOW, QUIET) is None


@pytest.mark.parametrize(("posted", "opens"), [(0, False), (2, False), (4, True)])
def test_accounts_that_have_published_and_now_count_nothing_are_not_seen(posted: int, opens: bool) -> None:
    looks = _looks(*[counts(0)] * 4)
    targets = [f"t{number}" for number in range(posted)]
    assert (assess("weibo", looks, frozenset(), NOW, QUIET, posted=targets) is not None) is opens


@pytest.mark.parametrize(("back", "opens"), [(3, False), (6, False), (7, True), (12, True)])
def test_lists_that_go_back_behind_what_they_showed_are_the_platforms_doing_where_most_do(
    back: int, opens: bool
) -> None:
    """One account may have deleted its newest posts; old copies and second pages come in crowds."""
    looks = tuple(one.model_copy(update={"newest_at": NOW - 3 * DAY}) for one in _looks(*[SEEN] * 12))
    shown = {f"t{number}": NOW - (2 if number < back else 3) * DAY for number in range(12)}
    found = assess("weibo", looks, frozenset(), NOW, QUIET, shown=shown)
    assert (found is not None) is opens
    assert found is None or found.detail == f"old ({back} of 12 looks)"


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


UNREAD = Reason.UNREADABLE


def _row(*saw: object, targets: int = 5, adapter: str = "weibo") -> tuple[Look, ...]:
    """Looks a minute apart, the last at NOW, at so many targets in turn."""
    first = NOW - (len(saw) - 1) * MINUTE
    looks = (_one(f"{adapter}{number % targets}", first + number * MINUTE, one) for number, one in enumerate(saw))
    return tuple(one.model_copy(update={"adapter": adapter}) for one in looks)


@pytest.mark.parametrize(
    ("looks", "kind"),
    [
        (_row(*[UNREAD] * 3), "drift"),
        (_row(*[UNREAD] * 5), "drift"),
        (_row(*[UNREAD] * 5, targets=3), "drift"),
        # one page that nobody can read is that page, however often it is tried
        (_row(*[UNREAD] * 9, targets=1), None),
        (_row(*[UNREAD] * 9, targets=2), None),
        # one that was read in between is no excuse where most are not
        (_row(*[UNREAD] * 4, SEEN, UNREAD, targets=6), "drift"),
        (_row(*[UNREAD] * 4, SEEN, *[SEEN] * 4, targets=9), None),
        # what is commonest names the fault
        (_row(*[UNREAD] * 4, WALL), "drift"),
        (_row(UNREAD, *[WALL] * 4), "blind"),
        (_row(*[WALL] * 5), "blind"),
        # another adapter of the same platform that reads well is no excuse, and is none the worse for it
        ((*_row(*[UNREAD] * 5), *_row(*[SEEN] * 12, adapter="other")), "drift"),
    ],
)
def test_five_looks_of_one_adapter_in_a_row_or_most_looks_that_cannot_be_read_are_our_parser(
    looks: tuple[Look, ...], kind: str | None
) -> None:
    found = assess("weibo", looks, frozenset(), NOW, QUIET)
    assert (found.kind if found else None) == kind
    if kind == "drift" and found:
        assert (found.adapter, found.since) == ("weibo", looks[0].at)


@pytest.mark.parametrize(
    ("canaries", "shown", "kind"),
    [
        ([_canary("canary/1", HOUR)], {"canary/1": NOW}, None),
        ([_canary("canary/1", HOUR)], {"canary/1": NOW - MINUTE}, "login"),
        ([_canary("canary/1", HOUR)], {"canary/1": None}, "login"),
        # one that shows it proves the login: the other's post may have been deleted
        ([_canary("canary/1", HOUR), _canary("canary/2", HOUR)], {"canary/1": None, "canary/2": NOW}, None),
        ([_canary("canary/1", HOUR), _canary("canary/2", HOUR)], {"canary/1": None}, "login"),
        # a canary that could not be looked at proves nothing
        ([look(NOW, DOWN, target="canary/1")], {"canary/1": None}, None),
        ([_canary("canary/1", HOUR)], {}, None),
    ],
)
def test_a_canary_that_hides_what_only_a_login_may_see_doubts_the_login(
    canaries: list[Look], shown: dict[str, datetime | None], kind: str | None
) -> None:
    looks = (*_looks(*[SEEN] * 12), *canaries)
    found = assess("weibo", looks, CANARIES, NOW, QUIET, hidden=shown)
    assert (found.kind if found else None) == kind


# --- whether one that is over comes back ------------------------------------------------------------------------------


def _since(saw: list[object], targets: tuple[str, ...]) -> tuple[Look, ...]:
    """Looks at each of these in turn, an hour apart, the last at NOW."""
    first = NOW - (len(saw) - 1) * HOUR
    return tuple(_one(targets[n % len(targets)], first + n * HOUR, what) for n, what in enumerate(saw))


@pytest.mark.parametrize(
    ("saw", "goes_on"),
    [
        ([SEEN] * 24, False),
        # three of twenty-four are an eighth, four are more
        ([DOWN, SEEN, SEEN, SEEN] * 3 + [SEEN] * 12, False),
        ([DOWN, SEEN, SEEN, SEEN] * 4 + [SEEN] * 8, True),
        # whatever hides it counts: who is gone and back, or whose posts are
        ([Reason.GONE, SEEN, "blank", SEEN] * 2 + [SEEN] * 8, True),
        # two looks of a few are bad luck
        ([DOWN, SEEN, DOWN, SEEN], False),
    ],
)
def test_a_trouble_that_more_than_an_eighth_of_looks_still_show_is_not_over(saw: list[object], goes_on: bool) -> None:
    assert comes_and_goes(_since(saw, ("a", "b", "c")), QUIET) is goes_on


def test_accounts_that_nobody_can_see_at_all_prolong_no_trouble() -> None:
    assert not comes_and_goes((*_since([DOWN] * 8, ("dead",)), *_since([SEEN] * 8, ("a", "b"))), QUIET)


def test_old_copies_at_some_looks_prolong_a_trouble_as_its_canaries_show_it() -> None:
    """Of twelve accounts few post so often that an old copy of their list would show."""
    canary = [look(NOW - n * HOUR, newest=NOW - n * HOUR - (n % 3) * DAY, target=f"{CANARY}x") for n in range(9)][::-1]
    calm = [look(NOW - n * HOUR, newest=NOW - 5 * DAY, target=f"a{n}") for n in range(40)]
    assert comes_and_goes((*calm, *canary), DAY)
    assert not comes_and_goes(tuple(calm), DAY), "what is no canary may be silent"
    away = [look(NOW - n * HOUR, newest=NOW - 9 * DAY, target=f"{CANARY}x") for n in range(9)][::-1]
    assert not comes_and_goes((*calm, *away), DAY), "one that has gone on holiday"
