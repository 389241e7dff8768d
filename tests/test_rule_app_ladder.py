"""移动客户端无法下载或使用, veto 2.2, rung by rung: listed, downloads, is a package that a phone can install."""

from __future__ import annotations

from datetime import datetime

import pytest

from mediawatch.core.model import Evidence, Finding, Reason
from mediawatch.core.rules import applies, judge, judge_one
from tests.tables import (
    BOOK,
    DAY,
    DOWNLOADS,
    HOUR,
    LISTED,
    PACKAGE,
    account,
    at,
    evidence,
    listed,
    look,
    package,
    verdict,
)

ONE = account("app", apple=["listing"])
TWO = account("app", apple=["listing"], huawei=["listing"])
APK = account("app", apk=["package"])
MIRRORS = account("app", apk=["package"], mirror=["package"])


def _store(when: str | datetime, saw: object, target: str = "apple", **more: object):  # type: ignore[no-untyped-def]
    return look(when, listed(saw) if isinstance(saw, bool) else saw, target=target, covers=["listing"], **more)  # type: ignore[arg-type]


def _apk(when: str, saw: object, target: str = "apk", **more: object):  # type: ignore[no-untyped-def]
    return look(when, package(saw) if saw.__class__ is str else saw, target=target, covers=["package"], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([_store("2026-03-01", Reason.BLOCKED)], "unknown never_seen"),
        ([_store("2026-03-01", True)], "pass"),
        # absent once, or twice on one day, is asked again
        ([_store("2026-03-01 09:00", False)], "unknown absent_once"),
        ([_store("2026-03-01 00:00", False), _store("2026-03-01 23:59", False)], "unknown absent_once"),
        # on two Shanghai days it is final, be they a minute apart
        ([_store("2026-03-01 23:59", False), _store("2026-03-02 00:00", False)], "fail"),
        ([_store("2026-03-01", False), _store("2026-03-05", False)], "fail"),
        # refused in between is no answer, listed in between is one
        ([_store("2026-03-01", False), _store("2026-03-02", Reason.RATE_LIMITED)], "unknown absent_once"),
        ([_store("2026-03-01", False), _store("2026-03-02", True), _store("2026-03-03", False)], "unknown absent_once"),
        ([_store("2026-03-01", False), _store("2026-03-02", False), _store("2026-03-03", True)], "pass"),
        # an incident may pass an app, never fail it
        ([_store("2026-03-01", False), _store("2026-03-02", False, trusted=False)], "unknown absent_once"),
        ([_store("2026-03-01", False), _store("2026-03-02", False), _store("2026-03-03", True, trusted=False)], "pass"),
    ],
)
def test_absent_on_two_days_is_not_listed(looks: list, expected: str) -> None:
    """Only the store's own "no such app" counts; a refusal is our blindness."""
    assert verdict(LISTED, evidence("2026-03-20", looks, of=ONE)) == expected


OFTEN = LISTED.model_copy(update={"params": {"days": 2, "times": 7, "apart_hours": 24, "again": 2}})


def _absent(times: int, hours: float, *before: bool) -> Evidence:
    """An app that its store says not to have that often, as evenly as may be; before that what it said day by day."""
    first = at("2026-03-10 08:00")
    days = [first - (len(before) - n) * DAY for n in range(len(before))]
    looks = [_store(when, saw) for when, saw in zip(days, before, strict=True)]
    looks += [_store(first + n * hours / max(times - 1, 1) * HOUR, False) for n in range(times)]
    return evidence("2026-03-20", looks, of=ONE)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (_absent(1, 0), "unknown absent_once"),
        (_absent(6, 30), "unknown absent_once"),
        (_absent(7, 23.9), "unknown absent_once"),
        (_absent(7, 24), "fail"),
        (_absent(7, 24, True, True), "fail"),
        # it was absent and listed again before: twice as many looks, over twice the time
        (_absent(7, 24, False, True), "unknown absent_once"),
        (_absent(13, 60, True, False, True), "unknown absent_once"),
        (_absent(14, 47, False, True), "unknown absent_once"),
        (_absent(14, 48, False, True), "fail"),
        # a month ago, that is forgotten
        (_absent(7, 24, False, *[True] * 30), "fail"),
    ],
)
def test_an_app_is_not_listed_when_its_store_says_so_at_every_look_of_a_day(seen: Evidence, expected: str) -> None:
    assert verdict(OFTEN, seen) == expected


def test_a_store_that_says_so_is_asked_again_until_it_may_be_believed() -> None:
    found = judge_one(OFTEN, _absent(1, 0))
    assert (found.values["lacks"], found.deadline) == (6, at("2026-03-11 08:00"))
    of_two = evidence("2026-03-20", [_store("2026-03-10", False)], of=TWO)
    assert judge_one(OFTEN, of_two).deadline is None, "the other store has not been seen"


ABSENT = [_store("2026-03-01", False), _store("2026-03-02", False)]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([_store("2026-03-01", True, "huawei")], "pass"),
        ([_store("2026-03-01", Reason.TIMEOUT, "huawei")], "unknown absent_once"),
        ([], "unknown absent_once"),
        ([_store("2026-03-02", False, "huawei")], "unknown absent_once"),
        ([_store("2026-03-02", False, "huawei"), _store("2026-03-03", False, "huawei")], "fail"),
    ],
)
def test_one_of_two_registered_stores_is_enough(others: list, expected: str) -> None:
    """The first store found it absent on two days; the app fails only where every registered store did."""
    assert verdict(LISTED, evidence("2026-03-20", [*ABSENT, *others], of=TWO)) == expected


def test_what_is_missing_is_named_only_where_a_store_was_never_read() -> None:
    assert judge_one(LISTED, evidence("2026-03-20", ABSENT, of=TWO)).missing == ("listing",)
    once = [*ABSENT, _store("2026-03-02", False, "huawei")]
    assert judge_one(LISTED, evidence("2026-03-20", once, of=TWO)).missing == ()


def test_a_store_that_is_no_longer_registered_says_nothing() -> None:
    assert verdict(LISTED, evidence("2026-03-20", [*ABSENT, _store("2026-03-02", True, "closed")], of=ONE)) == "fail"


def test_the_breach_begins_when_the_last_store_dropped_the_app() -> None:
    later = [_store("2026-03-05", False, "huawei"), _store("2026-03-06", False, "huawei")]
    found = judge_one(LISTED, evidence("2026-03-20", [*ABSENT, *later], of=TWO))
    assert found.since == at("2026-03-05")
    assert (found.values["stores"], found.values["times"], found.values["first"]) == (2, 2, "2026-03-05")
    assert {target for target, _ in found.proof} == {"apple", "huawei"}


DEAD = package(present=False)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([_apk("2026-03-01", "")], "pass"),
        # the address itself says 404 or 410
        ([_apk("2026-03-01", ""), _apk("2026-03-10", DEAD)], "fail candidate"),
        # refused, blocked, slow: our blindness
        ([_apk("2026-03-01", Reason.BLOCKED)], "unknown never_seen"),
        ([_apk("2026-03-01", ""), _apk("2026-03-10", Reason.BLOCKED)], "pass"),
        ([_apk("2026-03-01", DEAD), _apk("2026-03-10", "")], "pass"),
        # bytes that are no package do download
        ([_apk("2026-03-01", "not_zip")], "pass"),
        # an incident may pass, never fail
        ([_apk("2026-03-01", DEAD, trusted=False)], "unknown never_seen"),
        ([_apk("2026-03-01", DEAD), _apk("2026-03-10", "", trusted=False)], "pass"),
    ],
)
def test_the_package_downloads(looks: list, expected: str) -> None:
    """404 and 410 are the server's word; everything else that shows nothing is ours."""
    assert verdict(DOWNLOADS, evidence("2026-03-20", looks, of=APK)) == expected


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown not_downloaded"),
        ([_apk("2026-03-01", Reason.PLATFORM_DOWN)], "unknown not_downloaded"),
        ([_apk("2026-03-01", DEAD)], "unknown not_downloaded"),
        ([_apk("2026-03-01", "")], "pass"),
        ([_apk("2026-03-01", "not_zip")], "fail candidate"),
        ([_apk("2026-03-01", "wrong_package")], "fail candidate"),
        ([_apk("2026-03-01", "not_zip"), _apk("2026-03-02", "")], "pass"),
        ([_apk("2026-03-01", ""), _apk("2026-03-02", DEAD)], "unknown not_downloaded"),
        ([_apk("2026-03-01", ""), _apk("2026-03-02", Reason.TIMEOUT)], "pass"),
        ([_apk("2026-03-01", "unsigned", trusted=False)], "unknown not_downloaded"),
        ([_apk("2026-03-01", "unsigned"), _apk("2026-03-02", "", trusted=False)], "pass"),
    ],
)
def test_the_package_is_one_a_phone_can_install(looks: list, expected: str) -> None:
    """Always a candidate: a person confirms on a real device."""
    assert verdict(PACKAGE, evidence("2026-03-20", looks, of=APK)) == expected


def test_one_dead_address_of_two_is_a_dead_address() -> None:
    looks = [_apk("2026-03-01", ""), _apk("2026-03-02", DEAD, "mirror")]
    assert verdict(DOWNLOADS, evidence("2026-03-20", looks, of=MIRRORS)) == "fail candidate"
    looks = [_apk("2026-03-01", ""), _apk("2026-03-02", "not_zip", "mirror")]
    assert verdict(PACKAGE, evidence("2026-03-20", looks, of=MIRRORS)) == "fail candidate"


def test_a_good_package_at_one_address_does_not_clear_the_faulty_one_at_an_address_that_died() -> None:
    """Otherwise the breach would be told as over when the mirror with the broken package went from bad to worse."""
    looks = [_apk("2026-03-01", ""), _apk("2026-03-01", "not_zip", "mirror"), _apk("2026-03-02", DEAD, "mirror")]
    assert verdict(PACKAGE, evidence("2026-03-20", looks, of=MIRRORS)) == "unknown not_downloaded"


def test_a_fault_that_changes_its_name_is_one_fault() -> None:
    """Each look is a second look of the first; a 404 between them is no good package."""
    looks = [
        _apk("2026-03-01", ""),
        _apk("2026-03-02", "not_zip"),
        _apk("2026-03-03", DEAD),
        _apk("2026-03-04", "unsigned"),
    ]
    found = judge_one(PACKAGE, evidence("2026-03-20", looks, of=APK))
    assert found.values["problem"] == "unsigned"
    assert (found.values["times"], found.since) == (2, at("2026-03-02"))
    assert found.proof == (("apk", at("2026-03-02")), ("apk", at("2026-03-04")))


def _asked(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.indicator for finding in findings]


def test_a_rung_without_a_channel_is_not_asked() -> None:
    """`if_watched`: an app with a store page and no package address is not `unknown` for ever on the other rungs."""
    assert _asked(judge(BOOK, evidence("2026-03-20", of=ONE))) == ["app_listed"]
    assert _asked(judge(BOOK, evidence("2026-03-20", of=APK))) == ["app_downloads", "app_package"]
    assert applies(LISTED.model_copy(update={"if_watched": False}), APK)


def test_an_indicator_is_asked_of_its_own_kinds_only() -> None:
    assert _asked(judge(BOOK, evidence("2026-03-20"))) == ["stale", "empty_shell", "gone"]
    assert _asked(judge(BOOK, evidence("2026-03-20", of=account("feed")))) == ["stale", "empty_shell"]
    assert _asked(judge(BOOK, evidence("2026-03-20", of=account("website")))) == []


def _version(when: str, code: int, name: str = "cn.gov.yunxi.app", **more: object):  # type: ignore[no-untyped-def]
    return _apk(when, package("").model_copy(update={"version_code": code, "package": name}), **more)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([_version("2026-03-01", 100), _version("2026-03-02", 100)], "pass"),
        ([_version("2026-03-01", 100), _version("2026-03-02", 101)], "pass"),
        ([_version("2026-03-01", 100), _version("2026-03-02", 99)], "fail candidate"),
        ([_version("2026-03-01", 99), _version("2026-03-02", 100), _version("2026-03-03", 99)], "fail candidate"),
        ([_version("2026-03-01", 100), _version("2026-03-02", 99), _version("2026-03-03", 101)], "pass"),
        # another app counts on its own, and what was not looked at in good order proves nothing
        ([_version("2026-03-01", 100), _version("2026-03-02", 99, "cn.gov.other")], "pass"),
        ([_version("2026-03-01", 100, "cn.gov.yunxi.app", target="mirror"), _version("2026-03-02", 99)], "pass"),
    ],
)
def test_a_version_lower_than_before_goes_on_no_phone_that_has_the_newer_one(looks: list, expected: str) -> None:
    found = judge_one(PACKAGE, evidence("2026-03-20", looks, of=MIRRORS))
    assert found.values.get("problem") == ("older_version" if expected != "pass" else None)
    assert verdict(PACKAGE, evidence("2026-03-20", looks, of=MIRRORS)) == expected
