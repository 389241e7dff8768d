"""The website vetoes W2 to W4, dead links and migration notices, as tables.

A week of visits is written by day: `day("2026-03-02", 24, 1)` is 24 spaced visits of which one did not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Column, DayVisits, Evidence, Finality, Link, Look, Outcome, Page, Reason
from mediawatch.core.rules import applies, judge_one
from mediawatch.rulebook_file import load_rulebook
from tests.tables import HOUR, MINUTE, account, at, evidence, look, verdict

BOOK = load_rulebook("national-2019")
REACH, HOME, COLUMNS, LINKS, NOTICE = (BOOK.indicator(one) for one in ("A1", "U10", "U11", "A7", "R8"))
SITE = account("website", site=["visits", "home"])
BOTH = account("website", site=["visits", "home"], mobile=["visits", "home"])
LISTS = account("website", lists=["columns"])
LINKED = account("website", links=["links"])


def day(on: str, spaced: int, failed: int = 0, *, target: str = "site", noticed: int = 0) -> DayVisits:
    """One day of visits; those that failed were its first ones, an hour apart."""
    start = at(on)
    return DayVisits(
        target=target,
        day=date.fromisoformat(on),
        total=spaced,
        spaced=spaced,
        failed=failed,
        opened=spaced - failed,
        noticed=noticed,
        first_failed_at=start if failed else None,
        last_failed_at=start + (failed - 1) * HOUR if failed else None,
    )


def week(*failed: int, spaced: int = 20, target: str = "site", first: str = "2026-03-02") -> list[DayVisits]:
    """Days in a row from `first` on (seven from 2 March end with the 8th), each with so many failed visits."""
    start = date.fromisoformat(first)
    days = enumerate(failed)
    return [day((start + timedelta(days=at_)).isoformat(), spaced, bad, target=target) for at_, bad in days]


def visited(now: str, days: Sequence[DayVisits], looks: Sequence[Look] = (), of: object = SITE) -> Evidence:
    return evidence(now, looks, of=of).model_copy(  # type: ignore[arg-type]
        update={"visits": tuple(sorted(days, key=lambda one: (one.day, one.target)))}
    )


# --- W2 站点无法访问 ------------------------------------------------------------


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ((0, 0, 0, 0, 0, 0, 0), "pass"),
        # 4 of 140 are 2.9 %
        ((4, 0, 0, 0, 0, 0, 0), "pass"),
        # 5 of 140 are 3.6 %
        ((5, 0, 0, 0, 0, 0, 0), "at_risk"),
        ((1, 1, 1, 1, 1, 1, 0), "at_risk"),
        # 7 of 140 are 5.0 %: the veto
        ((1, 1, 1, 1, 1, 1, 1), "fail candidate"),
        ((7, 0, 0, 0, 0, 0, 0), "fail candidate"),
        # K8: long unreachable
        ((20, 20, 20, 20, 20, 20, 20), "fail candidate"),
    ],
)
def test_five_in_a_hundred_visits_of_a_week_fail_the_site(failed: tuple[int, ...], expected: str) -> None:
    """Seven whole days before the day of judgement, twenty spaced visits each."""
    assert verdict(REACH, visited("2026-03-09 08:00", week(*failed))) == expected


@pytest.mark.parametrize(
    ("days", "expected", "missing"),
    [
        ([], "unknown never_seen", None),
        # six days are no week, however bad they were
        (week(20, 20, 20, 20, 20, 20), "unknown too_few_visits", 20),
        # nineteen visits on one day are too few
        ([*week(0, 0, 0, 0, 0, 0), day("2026-03-08", 19)], "unknown too_few_visits", 1),
        ([*week(9, 9, 9, 9, 9, 9), day("2026-03-08", 19, 19)], "unknown too_few_visits", 1),
        # many visits on one day do not make up for few on another
        ([*week(0, 0, 0, 0, 0, 0, spaced=24), day("2026-03-08", 10)], "unknown too_few_visits", 10),
        # today is not over: it neither counts nor is missed
        ([*week(0, 0, 0, 0, 0, 0, 0), day("2026-03-09", 3)], "pass", 0),
        # but it warns: 8 of 128 since Tuesday
        ([*week(0, 0, 0, 0, 0, 0, 0), day("2026-03-09", 8, 8)], "at_risk", 0),
        # a week before last does not count
        (week(20, 20, 20, 20, 20, 20, 20, first="2026-02-20"), "unknown too_few_visits", 140),
    ],
)
def test_a_week_needs_twenty_spaced_visits_on_each_of_its_days(
    days: list[DayVisits], expected: str, missing: int | None
) -> None:
    on = visited("2026-03-09 08:00", days)
    assert verdict(REACH, on) == expected
    assert judge_one(REACH, on).values.get("missing") == missing


def test_one_address_of_two_that_does_not_open_is_enough() -> None:
    good, bad = week(0, 0, 0, 0, 0, 0, 0), week(1, 1, 1, 1, 1, 1, 1, target="mobile")
    assert verdict(REACH, visited("2026-03-09", good + bad, of=BOTH)) == "fail candidate"
    assert verdict(REACH, visited("2026-03-09", good + bad[1:], of=BOTH)) == "unknown too_few_visits"


def test_the_proof_is_the_first_and_the_last_visit_that_failed() -> None:
    """K8: neither access nor a notice; the numbers are those of the week, and a person tests it from elsewhere."""
    found = judge_one(REACH, visited("2026-03-09 08:00", week(20, 20, 20, 20, 20, 20, 20)))
    assert found.proof == (("site", at("2026-03-02")), ("site", at("2026-03-08 19:00")))
    assert found.since == at("2026-03-09")
    assert (found.values["visits"], found.values["failed"], found.values["percent"]) == (140, 140, 100.0)
    assert found.values["notice_days"] == 0
    moved = [day("2026-02-20", 20, noticed=20), *week(20, 20, 20, 20, 20, 20, 20)]
    assert judge_one(REACH, visited("2026-03-09 08:00", moved)).values["notice_days"] == 1


# --- W3 首页不更新 ------------------------------------------------------------


def home(when: str, newest: str | None = None, *, dates: int = 9, opened: bool = True, **more: object) -> Look:
    page = Page(opened=opened, status=200, newest_at=at(newest) if newest else None, dates=dates if newest else 0)
    return look(when, page, target="site", covers=["visits", "home"], **more)  # type: ignore[arg-type]


OLD = "2026-03-01"  # its fourteenth day is the 15th


@pytest.mark.parametrize(
    ("now", "looks", "expected"),
    [
        ("2026-03-20", [], "unknown never_seen"),
        ("2026-03-20", [look("2026-03-20", Reason.OWN_NETWORK, target="site", covers=["home"])], "unknown never_seen"),
        ("2026-03-20", [home("2026-03-20", opened=False)], "unknown never_seen"),
        ("2026-03-20", [home("2026-03-20")], "unknown no_dates"),
        ("2026-03-15 23:59", [home("2026-03-02", OLD)], "pass"),
        # no look since the deadline
        ("2026-03-16 00:00", [home("2026-03-15 23:59", OLD)], "unknown not_seen_since_deadline"),
        ("2026-03-16 00:00", [home("2026-03-16 00:00", OLD)], "fail"),
        # a page that did not open then, or shows no dates now, proves nothing
        ("2026-03-16", [home("2026-03-02", OLD), home("2026-03-16", opened=False)], "unknown not_seen_since_deadline"),
        ("2026-03-16", [home("2026-03-02", OLD), home("2026-03-16")], "unknown not_seen_since_deadline"),
        ("2026-03-16", [home("2026-03-16", OLD, trusted=False)], "unknown not_seen_since_deadline"),
        # few dates on the page: a person looks
        ("2026-03-16", [home("2026-03-16", OLD, dates=4)], "fail candidate"),
        # anything newer passes, whoever saw it
        ("2026-03-16", [home("2026-03-16", OLD), home("2026-03-16", "2026-03-14")], "pass"),
        ("2026-03-16", [home("2026-03-15", "2026-03-14", trusted=False), home("2026-03-16", OLD)], "pass"),
    ],
)
def test_two_weeks_without_a_newer_date_on_the_home_page(now: str, looks: list[Look], expected: str) -> None:
    """Day 14 itself is inside."""
    assert verdict(HOME, evidence(now, looks, of=SITE)) == expected


CAREFUL = HOME.model_copy(update={"params": {**HOME.params, "watched_throughout": True}})


def shown(on: str, newest: str | None, *, target: str = "site") -> DayVisits:
    """A day of visits, and the newest date that they showed."""
    return day(on, 24, target=target).model_copy(update={"newest_at": at(newest) if newest else None})


@pytest.mark.parametrize(
    ("looks", "days", "doubts"),
    [
        ([home("2026-03-16", OLD)], [shown("2026-03-01", OLD)], "page_unwatched"),
        ([home("2026-03-17", OLD)], [shown("2026-03-02", OLD)], "page_unwatched"),
        # since the first it has been watched for as long as is asked by the 16th
        ([home("2026-03-16", OLD)], [shown("2026-03-01", OLD), shown("2026-03-12", OLD)], None),
        ([home("2026-03-01", OLD), home("2026-03-16", OLD)], [], None),
        # the first visit did not open, or showed no date: it watched nothing
        ([home("2026-03-16", OLD)], [shown("2026-02-20", None), shown("2026-03-03", OLD)], "page_unwatched"),
        # nobody looked from 20 February to 7 March
        ([home("2026-03-16", OLD)], [shown("2026-02-20", "2026-02-20"), shown("2026-03-07", OLD)], "page_unwatched"),
        # the first look is long ago; of what lies between the last month's visits tell
        (
            [home("2025-12-01", OLD), home("2026-03-16", OLD)],
            [shown("2026-02-20", OLD), shown("2026-03-06", OLD)],
            None,
        ),
        ([home("2025-12-01", OLD), home("2026-03-16", OLD)], [shown("2026-03-10", OLD)], "page_unwatched"),
    ],
)
def test_a_page_that_was_not_watched_for_as_long_is_for_a_person(
    looks: list[Look], days: list[DayVisits], doubts: str | None
) -> None:
    """A copy that is always the same, or the part of a page that nobody updates, looks like a page that is dead."""
    now = max(look.at for look in looks).isoformat()[:10]
    on = visited(now, days, looks)
    assert judge_one(CAREFUL, on).values.get("doubts") == doubts
    assert verdict(CAREFUL, on) == ("fail candidate" if doubts else "fail")
    assert verdict(HOME, on) == "fail", "a book that does not ask for it"


@pytest.mark.parametrize(("now", "expected"), [("2026-03-31 23:59", "fail"), ("2026-04-01", "unknown not_seen_lately")])
def test_what_was_seen_long_ago_says_nothing_of_the_time_that_is_asked_about(now: str, expected: str) -> None:
    """Stale at the last look, of the 17th; the site has turned us away since, and may have been updated."""
    looks = [
        home("2026-03-01", OLD),
        home("2026-03-17", OLD),
        look(now, Reason.BLOCKED, target="site", covers=["home"]),
    ]
    assert verdict(HOME, evidence(now, looks, of=SITE)) == expected


def test_a_page_that_goes_back_behind_what_it_showed_is_for_a_person() -> None:
    """A backup, an old copy, another page: what it showed before is known, however many looks there were since."""
    before = [shown("2026-02-20", "2026-02-20"), shown("2026-03-01", OLD), shown("2026-03-02", OLD)]
    back = [home("2026-03-15 23:00", "2026-02-10"), home("2026-03-16", "2026-02-10")]
    inside = judge_one(CAREFUL, visited("2026-03-15 23:00", before, back[:1]))
    assert (inside.outcome, inside.deadline) == (Outcome.PASS, at("2026-03-16"))
    found = judge_one(CAREFUL, visited("2026-03-16", before, back))
    assert (found.outcome, found.finality, found.values["doubts"]) == ("fail", "candidate", "page_back")
    assert (found.values["hidden_post"], found.values["last_shown"]) == ("2026-03-01", "2026-03-02")
    assert found.proof == (("site", at("2026-03-16")),) * 2
    again = judge_one(CAREFUL, visited("2026-03-16", before, [*back, home("2026-03-16", OLD)]))
    assert (again.outcome, again.finality) == ("fail", "auto"), "one that shows it still is no copy"


def test_a_page_that_scripts_fill_in_is_for_a_person() -> None:
    late = home("2026-03-16", OLD)
    assert isinstance(late.seen, Page)
    part = late.model_copy(update={"seen": late.seen.model_copy(update={"filled_in": True})})
    found = judge_one(HOME, evidence("2026-03-16", [home("2026-03-01", OLD), part], of=SITE))
    assert (found.finality, found.values["doubts"]) == ("candidate", "page_filled")


def test_a_home_page_is_proven_until_its_deadline() -> None:
    found = judge_one(HOME, evidence("2026-03-05", [home("2026-03-05", OLD)], of=SITE))
    assert found.holds_until == found.deadline == at("2026-03-16")


# --- W4 栏目不更新 ------------------------------------------------------------


def column(number: int, newest: str | None, interval: str = "two_weeks", items: int = 15) -> Column:
    return Column(
        name=f"栏目{number}",
        url=f"https://site.example/{number}/",
        interval=interval,  # type: ignore[arg-type]
        items=items,
        newest_at=at(newest) if newest else None,
    )


def blank(number: int) -> Column:
    return column(number, None, items=0)


def unread(number: int) -> Column:
    return column(number, None, items=0).model_copy(update={"read": False})


def lists(when: str, *columns: Column, **more: object) -> Look:
    page = Page(opened=True, columns=columns)
    return look(when, page, target="lists", covers=["columns"], **more)  # type: ignore[arg-type]


FRESH = "2026-03-18"
NEWS = [column(number, "2026-03-05") for number in range(5)]  # their fourteenth day is the 19th
NOTICES = [column(number, "2025-09-19", "six_months") for number in range(5, 10)]  # half a year is over on the 19th
OTHERS = [column(number, "2025-03-19", "none") for number in range(10, 20)]  # 365 days are over on the 19th
GOOD = [column(number, FRESH) for number in range(20, 30)]
BLANK = [blank(number) for number in range(30, 35)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (GOOD, "pass"),
        # five of the two fixed intervals together
        ([*GOOD, *NEWS], "fail candidate"),
        ([*GOOD, *NOTICES], "fail candidate"),
        ([*GOOD, *NEWS[:2], *NOTICES[:3]], "fail candidate"),
        ([*GOOD, *NEWS[:2], *NOTICES[:2]], "at_risk"),
        # ten that are long stale, of any interval
        ([*GOOD, *OTHERS], "fail candidate"),
        ([*GOOD, *OTHERS[:9]], "at_risk"),
        ([*GOOD, *OTHERS[:6], *NEWS[:4]], "fail candidate"),
        ([*GOOD, *OTHERS[:5], *NEWS[:4]], "at_risk"),
        # K3, K9: five empty ones
        ([*GOOD, *BLANK], "fail candidate"),
        ([*GOOD, *BLANK[:4]], "at_risk"),
        # the kinds are not added up
        ([*GOOD, *NEWS[:4], *BLANK[:4]], "at_risk"),
        # what could not be read may be anything
        ([*GOOD, *BLANK[:4], unread(40)], "unknown columns_unread"),
        ([*GOOD, *BLANK[:3], unread(40)], "at_risk"),
        ([*GOOD, *BLANK, unread(40)], "fail candidate"),
        # items without dates are neither fresh nor stale
        ([column(number, None) for number in range(5)], "unknown columns_unread"),
        ([*GOOD, column(40, None)], "pass"),
    ],
)
def test_five_stale_ten_long_stale_or_five_empty_columns(columns: list[Column], expected: str) -> None:
    """Read on the 20th: two weeks and six months were over at midnight."""
    assert verdict(COLUMNS, evidence("2026-03-20", [lists("2026-03-20", *columns)], of=LISTS)) == expected


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look("2026-03-20", Reason.TIMEOUT, target="lists", covers=["columns"])], "unknown never_seen"),
        # day 14 itself is inside, and a reading of that day proves nothing of the next
        ([lists("2026-03-19 23:59", *NEWS)], "unknown columns_unread"),
        ([lists("2026-03-20 00:00", *NEWS)], "fail candidate"),
        # read again and fresh
        ([lists("2026-03-20", *NEWS), lists("2026-03-21", *NEWS[1:], column(0, "2026-03-20"))], "at_risk"),
        # an incident may pass a column, never fail it
        ([lists("2026-03-20", *NEWS, trusted=False)], "unknown columns_unread"),
        ([lists("2026-03-20", *[column(n, FRESH) for n in range(5)], trusted=False)], "pass"),
        # the old reading of a column that could not be read now stands for what it proves
        ([lists("2026-03-20", *NEWS), lists("2026-03-21", *[unread(n) for n in range(5)])], "fail candidate"),
        ([lists("2026-03-10", *NEWS), lists("2026-03-21", *[unread(n) for n in range(5)])], "unknown columns_unread"),
        # a column that is asked for no more does not count
        ([lists("2026-03-20", *NEWS), lists("2026-03-21", *NEWS[:4])], "at_risk"),
        # an empty column that was filled
        ([lists("2026-03-20", *BLANK), lists("2026-03-21", *[column(n, FRESH) for n in range(30, 35)])], "pass"),
    ],
)
def test_a_column_counts_only_as_it_was_read_after_its_own_time(looks: list[Look], expected: str) -> None:
    assert verdict(COLUMNS, evidence("2026-03-22", looks, of=LISTS)) == expected


@pytest.mark.parametrize("bad", [NEWS, BLANK, NOTICES])
@pytest.mark.parametrize(
    ("now", "expected"), [("2026-04-04 23:59", "fail candidate"), ("2026-04-05", "unknown columns_unread")]
)
def test_columns_that_were_read_long_ago_may_have_been_filled_since(bad: list[Column], now: str, expected: str) -> None:
    """Read last on the 21st; their addresses have answered nothing since, as after a new site was built."""
    since = [unread(int(column.name[2:])) for column in bad]
    looks = [lists("2026-03-20", *bad), lists("2026-03-21", *bad), lists("2026-04-04", *since)]
    assert verdict(COLUMNS, evidence(now, looks, of=LISTS)) == expected


def test_stale_columns_are_listed_with_the_day_of_their_newest_item() -> None:
    looks = [lists("2026-03-20", *NEWS), lists("2026-03-21", *NEWS)]
    found = judge_one(COLUMNS, evidence("2026-03-22", looks, of=LISTS))
    assert str(found.values["stale_names"]).startswith("栏目0（2026-03-05）、栏目1（2026-03-05）")


def test_empty_columns_are_listed_with_the_day_each_was_read() -> None:
    """K3: 多个空白栏目."""
    looks = [lists("2026-03-18", *BLANK), lists("2026-03-20", *BLANK)]
    found = judge_one(COLUMNS, evidence("2026-03-20", looks, of=LISTS))
    assert str(found.values["empty_names"]).startswith("栏目30（2026-03-20）、栏目31（2026-03-20）")
    assert found.proof == (("lists", at("2026-03-18")), ("lists", at("2026-03-20")))
    assert found.since == at("2026-03-18")


def test_the_fifth_column_begins_the_breach_and_needs_its_own_second_look() -> None:
    looks = [lists("2026-03-18", *BLANK[:4]), lists("2026-03-20", *BLANK)]
    found = judge_one(COLUMNS, evidence("2026-03-20", looks, of=LISTS))
    assert found.proof == (("lists", at("2026-03-20")), ("lists", at("2026-03-20")))


def test_columns_are_proven_until_the_first_of_them_is_due() -> None:
    found = judge_one(COLUMNS, evidence("2026-03-10", [lists("2026-03-10", *NEWS, *NOTICES)], of=LISTS))
    assert (found.outcome, found.holds_until) == (Outcome.PASS, at("2026-03-20"))


# --- A7 错链 ------------------------------------------------------------


def linked(when: str, trusted: bool = True, **links: str) -> Look:
    shown = tuple(Link(url=f"https://{name}.example/", state=state) for name, state in links.items())  # type: ignore[arg-type]
    return look(when, Page(opened=True, links=shown), target="links", covers=["links"], trusted=trusted)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([linked("2026-03-01", a="alive", b="suspected")], "pass"),
        ([linked("2026-03-01", a="alive", b="dead")], "fail"),
        # not asked again: what was found stands as long as the page shows the link
        ([linked("2026-03-01", b="dead"), linked("2026-03-02", a="alive", b="unasked")], "fail"),
        ([linked("2026-03-01", b="dead"), linked("2026-03-02", a="alive")], "pass"),
        ([linked("2026-03-01", b="dead"), linked("2026-03-02", b="alive")], "pass"),
        ([linked("2026-03-01", b="dead"), linked("2026-03-02", b="suspected")], "pass"),
        ([linked("2026-03-01", trusted=False, b="dead")], "pass"),
        ([linked("2026-03-01", b="dead"), linked("2026-03-02", trusted=False, b="alive")], "pass"),
    ],
)
def test_only_not_found_is_certainly_dead(looks: list[Look], expected: str) -> None:
    assert verdict(LINKS, evidence("2026-03-03", looks, of=LINKED)) == expected


def test_a_dead_link_is_proven_by_the_looks_that_agree() -> None:
    looks = [linked("2026-03-01", b="alive"), linked("2026-03-02", b="dead"), linked("2026-03-03", b="dead", c="dead")]
    found = judge_one(LINKS, evidence("2026-03-03", looks, of=LINKED))
    assert found.proof == (("links", at("2026-03-02")), ("links", at("2026-03-03")))
    assert (found.values["dead"], found.since) == (2, at("2026-03-02"))


# --- R8 迁移公告 ------------------------------------------------------------


def kept(first: str, days: int, *, noticed: bool = True) -> list[DayVisits]:
    start = date.fromisoformat(first)
    names = [(start + timedelta(days=number)).isoformat() for number in range(days)]
    return [day(name, 24, noticed=24 if noticed else 0) for name in names]


def bare(when: str, notice: str = "") -> Look:
    return look(when, Page(opened=True, notice=notice), target="site", covers=["visits", "home"])


CLOSED = [day(f"2026-03-{number:02}", 24, 24) for number in range(10, 20)]
TAKEN_DOWN = [*kept("2026-03-01", 9), *kept("2026-03-10", 11, noticed=False)]
GONE = [bare("2026-03-20 08:00"), bare("2026-03-20 09:00")]


@pytest.mark.parametrize(
    ("days", "looks", "expected"),
    [
        ([], [], "unknown never_seen"),
        (kept("2026-03-01", 20, noticed=False), [], "pass"),
        # it stands, and goes on standing
        (kept("2026-03-01", 20), [], "pass"),
        # taken down on the tenth day
        (TAKEN_DOWN, GONE, "fail candidate"),
        # a rotating banner that shows it now and then keeps it
        ([*kept("2026-03-01", 9), *kept("2026-03-10", 10, noticed=False), *kept("2026-03-20", 1)], GONE, "pass"),
        # the site itself is closed: where the notice is now, a person looks up
        ([*kept("2026-03-01", 9), *CLOSED], [], "unknown does_not_open"),
        # thirty days are over
        ([*kept("2026-02-18", 30), *kept("2026-03-20", 1, noticed=False)], GONE, "pass"),
        ([*kept("2026-02-18", 29), *kept("2026-03-19", 2, noticed=False)], GONE, "unknown too_long_ago"),
        ([*kept("2026-02-19", 28), *kept("2026-03-19", 2, noticed=False)], GONE, "fail candidate"),
        # the last looks do not agree with the count
        (TAKEN_DOWN, [bare("2026-03-20", "已迁移")], "unknown contradicted"),
    ],
)
def test_a_migration_notice_stays_for_thirty_days(days: list[DayVisits], looks: list[Look], expected: str) -> None:
    """Judged on 20 March; the first day that is kept in evidence is 18 February."""
    assert verdict(NOTICE, visited("2026-03-20 10:00", days, looks)) == expected


def test_a_notice_that_is_gone_is_a_candidate_proven_by_two_visits() -> None:
    found = judge_one(NOTICE, visited("2026-03-20 10:00", TAKEN_DOWN, GONE))
    assert found.finality is Finality.CANDIDATE
    assert found.proof == (("site", at("2026-03-20 08:00")), ("site", at("2026-03-20 09:00")))
    assert (found.values["first"], found.values["kept"]) == ("2026-03-01", 9)


# --- nothing is asked without a channel ------------------------------------------------------------


def test_an_indicator_of_websites_is_asked_only_where_a_channel_watches_it() -> None:
    asked = {one.id for one in BOOK.indicators if applies(one, SITE)}
    assert asked >= {"A1", "U10", "R8"}
    assert not asked & {"U11", "A7", "U1", "A6"}
    assert not {one.id for one in BOOK.indicators if applies(one, account("app", site=["visits"]))} & {"A1", "R8"}


def test_a_failed_look_is_no_visit() -> None:
    """Our own network, a refusal: such a look leaves no day of visits, and a page that did not open says no date."""
    looks = [
        look(datetime(2026, 3, 9, 8, tzinfo=SHANGHAI) - number * MINUTE, Reason.OWN_NETWORK) for number in range(9)
    ]
    assert verdict(REACH, evidence("2026-03-09 08:00", looks, of=SITE)) == "unknown never_seen"
