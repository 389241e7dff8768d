"""The upper rungs of the app ladder: is the listed version long outdated, and does the app open on a device."""

from __future__ import annotations

from datetime import datetime

import pytest

from mediawatch.core.model import Finality, Launch, Listing, Look, Reason
from mediawatch.core.rules import applies, judge_one
from tests.tables import account, at, evidence, indicator, look, verdict

OPENS = indicator("app_opens", ["app"], needs={"any": ("launch",)}, if_watched=True, finality=Finality.CANDIDATE)
CURRENT = indicator("app_current", ["app"], needs={"any": ("listing",)}, if_watched=True, finality=Finality.CANDIDATE)
PHONE = account("app", phone=["launch"])
STORES = account("app", apple=["listing"], huawei=["listing"])


def _tried(when: str, saw: str | Reason, target: str = "phone", **more: object) -> Look:
    """`opens`, `crash` (the app's fault), `undecided`, `bench`, `attested` (a person says it does not), or a reason."""
    seen: object = saw
    if not isinstance(saw, Reason):
        opened = {"opens": True, "undecided": None, "bench": None}.get(saw, False)
        blame = {"crash": "app", "attested": "app", "bench": "bench"}.get(saw, "none")
        word = "张三，某市政务办" if saw == "attested" else ""
        seen = Launch(opened=opened, blame=blame, problem=saw, device="Phone 1", os="Android 14", attested_by=word)
    return look(when, seen, target=target, covers=["launch"], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown not_tried"),
        ([_tried("2026-03-01", Reason.NO_DEVICE)], "unknown not_tried"),
        ([_tried("2026-03-01", "undecided")], "unknown not_tried"),
        ([_tried("2026-03-01", "bench")], "unknown not_tried"),
        ([_tried("2026-03-01", "opens")], "pass"),
        ([_tried("2026-03-01", "crash")], "fail candidate"),
        ([_tried("2026-03-01", "attested", "person")], "fail candidate"),
        # what decides nothing changes nothing
        ([_tried("2026-03-01", "crash"), _tried("2026-03-02", "bench")], "fail candidate"),
        ([_tried("2026-03-01", "opens"), _tried("2026-03-02", Reason.NO_DEVICE)], "pass"),
        # the last decided attempt counts
        ([_tried("2026-03-01", "crash"), _tried("2026-03-02", "opens")], "pass"),
        ([_tried("2026-03-01", "opens"), _tried("2026-03-02", "crash")], "fail candidate"),
        # devices, or a device and a person, that contradict one another
        ([_tried("2026-03-01", "opens", "other"), _tried("2026-03-02", "crash")], "unknown contradicted"),
        # but not what one said more than a month before the other
        ([_tried("2026-01-31", "opens", "other"), _tried("2026-03-02", "crash")], "unknown contradicted"),
        ([_tried("2026-01-30", "opens", "other"), _tried("2026-03-02", "crash")], "fail candidate"),
        ([_tried("2026-01-30", "crash", "other"), _tried("2026-03-02", "opens", "person")], "pass"),
        ([_tried("2026-03-01", "crash"), _tried("2026-03-02", "attested", "person")], "fail candidate"),
        # an incident may pass, never fail
        ([_tried("2026-03-01", "crash", trusted=False)], "unknown not_tried"),
        ([_tried("2026-03-01", "crash"), _tried("2026-03-02", "opens", trusted=False)], "pass"),
    ],
)
def test_an_app_opens_where_a_device_or_a_person_says_so(looks: list[Look], expected: str) -> None:
    assert verdict(OPENS, evidence("2026-03-20", looks, of=PHONE)) == expected


def test_a_fault_of_the_bench_can_never_fail_an_app_however_often() -> None:
    looks = [_tried(f"2026-03-{day:02}", "bench") for day in range(1, 15)]
    finding = judge_one(OPENS, evidence("2026-03-20", looks, of=PHONE))
    assert finding.outcome == "unknown"
    assert finding.missing == ()


def test_the_finding_names_the_device_and_counts_the_attempts() -> None:
    looks = [_tried("2026-03-01", "opens"), _tried("2026-03-02", "crash"), _tried("2026-03-04", "crash")]
    finding = judge_one(OPENS, evidence("2026-03-20", looks, of=PHONE))
    assert finding.values == {
        "device": "Phone 1", "os": "Android 14", "problem": "crash", "first": "2026-03-02", "times": 2,
    }  # fmt: skip
    assert finding.proof == (("phone", at("2026-03-02")), ("phone", at("2026-03-04")))
    assert judge_one(OPENS, evidence("2026-03-20", of=PHONE)).missing == ("launch",)


def test_a_persons_word_is_named() -> None:
    finding = judge_one(OPENS, evidence("2026-03-20", [_tried("2026-03-01", "attested", "person")], of=PHONE))
    assert finding.values["attested_by"] == "张三，某市政务办"
    assert finding.finality is Finality.CANDIDATE


def _listed(when: str, updated: str | None, target: str = "apple", present: bool = True, **more: object) -> Look:
    moment: datetime | None = at(updated) if updated else None
    seen = Listing(present=present, version="1.0", updated_at=moment)
    return look(when, seen, target=target, covers=["listing"], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([_listed("2026-03-01", None)], "unknown no_version_date"),
        ([_listed("2026-03-01", "2025-03-01")], "pass"),
        # day 730 itself is inside
        ([_listed("2026-03-01", "2024-03-20 23:59")], "pass"),
        ([_listed("2026-03-01", "2024-03-19 23:59")], "fail candidate"),
        # one store with a newer version is enough
        ([_listed("2026-03-01", "2020-01-01"), _listed("2026-03-01", "2025-06-01", "huawei")], "pass"),
        # an app that left a store has no version there
        ([_listed("2026-03-01", "2025-06-01"), _listed("2026-03-02", None, present=False)], "unknown no_version_date"),
        ([_listed("2026-03-01", "2020-01-01", trusted=False)], "unknown never_seen"),
    ],
)
def test_a_version_of_more_than_two_years_is_a_hint(looks: list[Look], expected: str) -> None:
    assert verdict(CURRENT, evidence("2026-03-20 12:00", looks, of=STORES)) == expected


def test_a_version_is_proven_old_by_the_first_and_the_last_look_that_listed_it() -> None:
    """One look alone would be waited for without end."""
    days = ("2026-03-01", "2026-03-02", "2026-03-03")
    looks = [_listed(days[0], "2019-01-01"), *(_listed(day, "2020-01-01") for day in days[1:])]
    found = judge_one(CURRENT, evidence("2026-03-20", looks, of=STORES))
    assert found.proof == (("apple", at(days[1])), ("apple", at(days[2])))


def test_both_are_asked_only_where_a_channel_can_see_it() -> None:
    assert applies(OPENS, PHONE)
    assert not applies(OPENS, STORES)
    assert applies(CURRENT, STORES)
    assert not applies(CURRENT, PHONE)
