"""The cases K1–K12 that public circulars and articles report, with invented names: what is said of each, and by whom.

What polled data cannot decide (K4–K7, K11) needs a person and is never judged.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.core import alerting
from mediawatch.core.alerting import State
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.review import Review
from mediawatch.core.routing import Situation, Step, promises
from mediawatch.core.rules import judge, judge_one
from mediawatch.core.wording import say
from mediawatch.rulebook_file import load_rulebook
from tests.stories import DAY, Story, weibo
from tests.tables import account, at, evidence, look, outcome, post, verdict
from tests.test_rule_website import (
    BLANK,
    COLUMNS,
    GONE,
    LISTS,
    NEWS,
    NOTICE,
    REACH,
    SITE,
    TAKEN_DOWN,
    home,
    lists,
    visited,
    week,
)

BOOK = load_rulebook("national-2019")
RECHECK = timedelta(minutes=5)
SITUATION = Situation(rungs=(Step(after=timedelta(), to=("duty",)),))


# --- K1 a Weibo account, silent for three years ----------------------------------------------------------------------


async def test_k1_three_years_of_silence_need_nobody_once_we_have_watched_for_all_of_its_days(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [weibo("highway", "day -1095 10:00", earlier=3)]}) as story:
        await story.until("1d")
        (alert,) = story.alerts()
        assert (alert.indicator, alert.state, alert.review) == ("U1", State.OPEN, Review.WAITING)
        assert alert.finding is not None
        assert "1095 days ago" in say(BOOK.indicator("U1"), alert.finding, "en")
        assert (story.row("highway").days_silent, alert.finding.values["klass"]) == (1096, "DEEP_ZOMBIE")
        await story.until("day 14 23:59:59")
        assert story.told == [], "what one moment showed is for a person"
        await story.until("day 15")
        (alert,) = story.alerts()
        assert (alert.state, alert.review) == (State.OPEN, Review.NOT_NEEDED)
        assert alert.finding is not None
        assert alert.finding.finality is Finality.AUTO
        assert story.told_of("highway", "U1") == [("duty", "first")]


@pytest.mark.parametrize("pinned", ["2020-01-01", "2023-03-03"])
def test_k1_a_pinned_post_changes_nothing(pinned: str) -> None:
    posts = [post("2023-03-03 09:00"), post(pinned, pinned=True)]
    found = judge_one(BOOK.indicator("U1"), evidence("2026-03-02", [look("2026-02-01"), look("2026-03-02")], posts))
    assert outcome(found) == "fail"
    assert (found.values["days_silent"], found.values["klass"]) == (1095, "DEEP_ZOMBIE")


def test_k1_without_a_look_that_shows_the_whole_list_nobody_is_accused() -> None:
    posts = [post("2023-03-03 09:00")]
    for blind in (Reason.CAPTCHA, Reason.PLATFORM_DOWN, "pinned only"):
        assert verdict(BOOK.indicator("U1"), evidence("2026-03-02", [look("2026-03-02", blind)], posts)).startswith(
            "unknown"
        )


# --- K2 an app that installs and does not open -----------------------------------------------------------------------


async def test_k2_an_app_that_does_not_open_is_told_only_when_a_person_has_confirmed_it() -> None:
    pytest.importorskip("adbutils")
    from mediawatch.sim.definition import PackageState
    from mediawatch.sim.package import in_state
    from tests.devices import phone
    from tests.test_ladder import CRASHES, PACKAGE, climbed

    _, opened, rungs = await climbed(in_state(PackageState.GOOD, PACKAGE, "1.2.3", 123), phone(**CRASHES))
    assert (rungs["A3P"].outcome, rungs["A4"].outcome) == (Outcome.PASS, Outcome.FAIL)
    assert rungs["A4"].finality is Finality.CANDIDATE
    assert opened.device
    (alert,) = alerting.transition((), [rungs["A4"]], rungs["A4"].judged_at, RECHECK, "e")
    alert = alert.model_copy(update={"state": State.OPEN, "confirmed_at": alert.opened_at})
    assert alert.review is Review.WAITING
    later = alert.opened_at + DAY
    assert promises(alert, (), SITUATION, later) == ()
    seen = alert.model_copy(update={"review": Review.CONFIRMED, "reviewed_at": alert.opened_at + DAY})
    assert [one.due_at for one in promises(seen, (), SITUATION, later)] == [alert.opened_at + DAY]


# --- K3, K8, K9, K10 websites ----------------------------------------------------------------------------------------


def test_k3_empty_columns_are_named_with_the_day_on_which_each_was_read() -> None:
    four, five = ([lists(day, *BLANK[:most]) for day in ("2026-03-18", "2026-03-20")] for most in (4, 5))
    assert verdict(COLUMNS, evidence("2026-03-20", four, of=LISTS)) != "fail candidate"
    found = judge_one(COLUMNS, evidence("2026-03-20", five, of=LISTS))
    assert outcome(found) == "fail candidate"
    assert str(found.values["empty_names"]).count("2026-03-20") == 5


def test_k8_a_site_long_unreachable_without_a_notice_fails_and_one_that_took_its_notice_down_as_well() -> None:
    closed = visited("2026-03-09", week(20, 20, 20, 20, 20, 20, 20))
    assert verdict(REACH, closed) == "fail candidate"
    assert judge_one(REACH, closed).values["notice_days"] == 0
    assert verdict(NOTICE, visited("2026-03-20 10:00", TAKEN_DOWN, GONE)) == "fail candidate"


def test_k9_the_three_problems_of_the_list_have_each_their_own_words() -> None:
    stale = judge_one(COLUMNS, evidence("2026-03-20", [lists("2026-03-20", *NEWS)], of=LISTS))
    empty = judge_one(COLUMNS, evidence("2026-03-20", [lists("2026-03-20", *BLANK)], of=LISTS))
    unreachable = judge_one(REACH, visited("2026-03-09", week(20, 20, 20, 20, 20, 20, 20)))
    assert [outcome(one) for one in (stale, empty, unreachable)] == 3 * ["fail candidate"]
    assert (stale.values["stale"], stale.values["empty"]) == (5, 0)
    assert (empty.values["stale"], empty.values["empty"]) == (0, 5)
    said = {say(COLUMNS, stale, "zh_CN"), say(COLUMNS, empty, "zh_CN"), say(REACH, unreachable, "zh_CN")}
    assert len(said) == 3


def test_k10_a_breach_that_cannot_be_seen_any_more_is_not_cured_by_that() -> None:
    closed = judge_one(REACH, visited("2026-03-09", week(20, 20, 20, 20, 20, 20, 20)))
    (alert,) = alerting.transition((), [closed], closed.judged_at, RECHECK, "e")
    unseen = judge_one(REACH, visited("2026-03-20", []))
    assert unseen.outcome is Outcome.UNKNOWN
    assert alerting.transition([alert], [unseen], unseen.judged_at, RECHECK, "e") == ()
    open_again = judge_one(REACH, visited("2026-03-16", week(0, 0, 0, 0, 0, 0, 0, first="2026-03-09")))
    assert open_again.outcome is Outcome.PASS, "a week of visits that open is the proof"
    (over,) = alerting.transition([alert], [open_again], open_again.judged_at, RECHECK, "e")
    assert over.state is State.RESOLVED


# --- K4 to K7, K11: what needs a person ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "line", "kind"),
    [("K4", "W6", "website"), ("K5", "D1", "website"), ("K6", "D1", "website"), ("K7", "D1", "website")]
    + [("K11", "I-EFF", kind) for kind in ("website", "weibo", "wechat")],
)
def test_k4_to_k7_and_k11_need_a_person_and_are_never_judged(case: str, line: str, kind: str) -> None:
    asked = {one.id: one for one in BOOK.manual_for(kind)}
    assert "人" in asked[line].asks.zh_CN, case
    assert line not in {one.id for one in BOOK.indicators}
    for seen in ([home("2026-03-20", "2026-03-19")], [lists("2026-03-20", *BLANK)], []):
        of = SITE if kind == "website" else account(kind)
        judged: tuple[Finding, ...] = judge(BOOK, evidence("2026-03-20", seen, of=of))
        assert line not in {one.indicator for one in judged}


# --- K12 lists of zombies and empty shells ---------------------------------------------------------------------------


async def test_k12_zombies_and_empty_shells_are_two_lists(tmp_path: Path) -> None:
    accounts = [
        weibo("zombie", "day -120 10:00", number=1),
        weibo("stale", "day -20 10:00", number=2),
        weibo("shell", earlier=0, number=3),
        weibo("well", every="1d", number=4),
    ]
    async with Story(tmp_path, {"accounts": accounts}, grain=DAY / 4) as story:
        await story.until("day 31")
        fails = [one.finding for one in story.query.findings(story.now) if one.finding.outcome is Outcome.FAIL]
        silent = {one.account: one.values["klass"] for one in fails if one.indicator == "U1"}
        assert silent == {"zombie": "ZOMBIE", "stale": "SLEEPING"}
        assert [one.account for one in fails if one.indicator == "U6"] == ["shell"]
        assert story.outcome("well") is Outcome.PASS
        assert at("2026-03-02") <= story.now
