"""The nouns: frozen, strict, every datetime with a zone; and the small facts they answer themselves."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from mediawatch.core.calendar import day_of, days_between, days_of, midnight_after
from mediawatch.core.model import (
    Account,
    Blame,
    Evidence,
    Feed,
    Finality,
    Finding,
    Observation,
    Outcome,
    Post,
    Reason,
    Severity,
)
from mediawatch.core.standing import Standing, Tallied, standing_of, worst
from tests.tables import BOOK, at

NOW = at("2026-03-01 12:00")


def _post(key: str, when: datetime | None, *, pinned: bool = False) -> Post:
    return Post(key=key, at=when, pinned=pinned)


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Post(key="a", at=datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValidationError):
        Evidence(account=Account(id="a", name="a", kind="weibo"), now=datetime(2026, 3, 1))  # noqa: DTZ001


def test_an_unknown_field_is_refused_and_a_value_never_changes() -> None:
    with pytest.raises(ValidationError):
        Account.model_validate({"id": "a", "name": "a", "kind": "weibo", "sponser": "typo"})
    with pytest.raises(ValidationError):
        _post("a", NOW).key = "b"


def test_what_was_refused_is_not_repeated_in_the_error() -> None:
    """The input of a settings error may hold a secret."""
    with pytest.raises(ValidationError) as caught:
        Account.model_validate({"id": "a", "name": "a", "kind": "weibo", "token": "s3cret"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("reason", list(Reason))
def test_only_the_platforms_own_words_about_an_account_blame_it(reason: Reason) -> None:
    blames_account = reason in (Reason.GONE, Reason.BLOCKED_ACCOUNT, Reason.MOVED)
    assert (reason.blame is Blame.ACCOUNT) is blames_account


def test_the_newest_post_is_the_newest_date_wherever_it_stands() -> None:
    old, new = _post("old", at("2020-01-01"), pinned=True), _post("new", NOW)
    assert Feed(posts=(old, new, _post("none", None))).newest == new
    assert Feed(posts=(_post("none", None),)).newest is None
    assert Feed().blank
    assert not Feed(posts=(_post("none", None),)).blank


def test_what_was_seen_comes_back_as_its_own_kind() -> None:
    seen = Observation(target="t", account="a", at=NOW, seen=Feed(posts=(_post("a", NOW),)))
    assert Observation.model_validate_json(seen.model_dump_json()) == seen


def _found(outcome: Outcome, indicator: str = "x") -> Finding:
    return Finding(account="a", indicator=indicator, outcome=outcome, judged_at=NOW, holds_until=NOW)


def test_a_fail_speaks_first_then_what_is_unknown_then_what_is_at_risk() -> None:
    order = [Outcome.FAIL, Outcome.UNKNOWN, Outcome.AT_RISK, Outcome.PASS]
    for place, outcome in enumerate(order):
        speaks = worst(tuple(_found(other) for other in reversed(order[place:])))
        assert speaks is not None
        assert speaks.outcome is outcome
    first = worst((_found(Outcome.FAIL, "first"), _found(Outcome.FAIL, "second")))
    assert first is not None
    assert first.indicator == "first"
    assert worst(()) is None


def test_a_fail_that_stands_speaks_before_a_veto_that_waits_for_a_person() -> None:
    doubted = _found(Outcome.FAIL, "doubted").model_copy(update={"finality": Finality.CANDIDATE})
    serious = _found(Outcome.FAIL, "serious").model_copy(update={"severity": "serious"})
    other = doubted.model_copy(update={"indicator": "other"})
    assert worst((doubted, serious)) is serious
    assert worst((doubted, serious), frozenset({"doubted"})) is doubted, "confirmed, it is a veto as any other"
    assert worst((other, doubted), frozenset({"doubted"})) is doubted
    told = [
        standing_of(doubted, frozenset()),
        standing_of(doubted, frozenset({"doubted"})),
        standing_of(serious, frozenset()),
    ]
    assert told == [Standing.CANDIDATE, Standing.FAIL, Standing.FAIL]
    hint = doubted.model_copy(update={"severity": "notice"})
    assert standing_of(hint, frozenset()) is Standing.AT_RISK


def test_whoever_waits_for_a_person_is_counted_once() -> None:
    counted = Tallied(by_outcome={Outcome.FAIL: 5, Outcome.PASS: 2}, candidates=3)
    assert list(counted.by_standing.items()) == list(zip(Standing, (2, 3, 0, 0, 2), strict=True))


def _weighed(outcome: str, severity: Severity) -> Finding:
    return _found(Outcome(outcome), f"{outcome} {severity}").model_copy(update={"severity": severity})


def test_a_hint_stands_behind_every_reminder_and_one_that_could_not_be_looked_at_says_nothing() -> None:
    """From the one that speaks first; each speaks for an account that has it and those after it, in any order."""
    order = [
        _weighed("fail", "veto"),
        _weighed("fail", "serious"),
        _weighed("unknown", "veto"),
        _weighed("at_risk", "veto"),
        _weighed("fail", "notice"),
        _weighed("pass", "veto"),
        _weighed("unknown", "notice"),
    ]
    for place, speaks in enumerate(order):
        assert worst(tuple(order[place:])) is speaks
        assert worst(tuple(reversed(order[place:]))) is speaks
    assert order[-1].counts_as is Outcome.UNKNOWN, "where nothing else is asked, unknown is the answer"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), "2026-03-01"),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), "2026-03-02"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2026-01-01"),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), "2028-02-29"),
    ],
)
def test_days_are_shanghais(moment: datetime, day: str) -> None:
    assert day_of(moment).isoformat() == day
    assert days_of([moment, moment.astimezone(UTC)]) == {day_of(moment)}
    assert day_of(midnight_after(day_of(moment))) > day_of(moment)
    assert midnight_after(day_of(moment)) > moment
    assert days_between(at("2025-01-01"), moment) == (day_of(moment) - day_of(at("2025-01-01"))).days


def test_the_edition_of_a_rulebook_changes_with_any_of_its_words() -> None:
    assert BOOK.edition == BOOK.model_copy().edition
    other = BOOK.model_copy(update={"in_force_to": day_of(NOW)})
    assert other.edition != BOOK.edition
    with pytest.raises(KeyError):
        BOOK.indicator("none")
