"""A second vantage: what only one exit has seen accuses nobody; two that agree do, and the proof names both."""

from __future__ import annotations

from mediawatch.core.model import Look, Outcome
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.vantage import WAITS
from tests.tables import BOOK, STALE, evidence, look, post

OLD = post("2026-03-01")
TWICE = STALE.model_copy(update={"vantages": 2})


def seen(when: str, site: str, exit_: str) -> Look:
    return look(when).model_copy(update={"site": site, "exit": exit_, "newest_at": OLD.at, "posts": 1})


FIRST = seen("2026-03-01 12:00", "county", "county-line")
COUNTY = [seen("2026-03-16 00:30", "county", "county-line"), seen("2026-03-16 01:00", "county", "county-line")]
BESIDE = seen("2026-03-16 01:30", "bench", "county-line")
CITY = seen("2026-03-16 02:00", "city", "city-line")


def test_a_fail_that_one_exit_saw_waits_for_a_second_and_accuses_nobody() -> None:
    on = evidence("2026-03-16 03:00", [FIRST, *COUNTY, BESIDE], [OLD])
    assert judge_one(STALE, on).outcome is Outcome.FAIL
    waits = judge_one(TWICE, on)
    assert (waits.outcome, waits.values["why"], waits.proof) == (Outcome.UNKNOWN, WAITS, ())
    assert waits.values["sites"] == "bench, county"
    book = BOOK.model_copy(update={"indicators": (TWICE,)})
    assert judge(book, on) == (waits,), "a whole book asks for the second vantage, too"


def test_two_exits_that_agree_fail_it_and_the_proof_holds_the_looks_of_both() -> None:
    fails = judge_one(TWICE, evidence("2026-03-16 03:00", [FIRST, *COUNTY, CITY], [OLD]))
    assert (fails.outcome, fails.values["sites"]) == (Outcome.FAIL, "city, county")
    assert {COUNTY[-1].at, CITY.at} <= {moment for _, moment in fails.proof}
    assert [moment for _, moment in fails.proof] == sorted(moment for _, moment in fails.proof)


def test_looks_of_a_house_on_one_machine_agree_with_nobody() -> None:
    here = [one.model_copy(update={"site": "", "exit": ""}) for one in COUNTY]
    assert judge_one(TWICE, evidence("2026-03-16 03:00", [FIRST, *here, CITY], [OLD])).outcome is Outcome.UNKNOWN


def test_one_newer_post_by_any_exit_passes_it() -> None:
    new = post("2026-03-15")
    assert judge_one(TWICE, evidence("2026-03-16 03:00", [FIRST, *COUNTY, CITY], [OLD, new])).outcome is Outcome.PASS
