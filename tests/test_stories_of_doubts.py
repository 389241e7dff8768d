"""Candidates as the officer sees them: why a person must decide, what to check, and from when on none need."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediawatch.conclude import conclude
from mediawatch.core.alerting import State
from mediawatch.core.model import Account, Finality, Outcome
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.core.views import AlertView
from mediawatch.policy import Policy
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.past import Past
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.store_world import DAY, START, account, enrolled, look, post
from tests.stories import Story, app, weibo

OFTEN = {"latest": "1d", "soonest": "6h"}
NATIONAL = load_rulebook("national-2019")


def waits(story: Story, who: str, language: str = "en") -> AlertView:
    """The candidate of U1 as the review queue lists it, in a language."""
    query = Query(story.store, story.loaded.rulebooks, "zh_CN" if language == "zh_CN" else "en")
    (one,) = (one for one in query.alerts(story.now, True) if (one.account, one.indicator) == (who, "U1"))
    assert one.review == "waiting"
    return one


async def test_a_silence_that_was_not_watched_says_since_when_it_is_and_when_it_will_be(tmp_path: Path) -> None:
    """The story begins on 2 March; on the 17th it has been watched for as long as is asked."""
    async with Story(tmp_path, {"accounts": [weibo("a", "day -40 10:00")]}, cadence=OFTEN) as story:
        await story.until("day 2")
        early = waits(story, "a")
        assert (
            "its list has been read without a pause only since 2026-03-02, for less time than is asked about"
            in early.says
        )
        assert "from 2026-03-17 on, a look that shows the same needs no person.]" in early.says
        assert "本系统自 2026-03-02 起才连续读取其列表" in waits(story, "a", "zh_CN").says
        (judged,) = (one for one in story.view("a").findings if one.finding.indicator == "U1")
        assert "open the account and see" in judged.says, "on the account's page and in `explain`"
        await story.until("day 14 23:59:59")
        assert not story.told
        late = waits(story, "a")
        assert (late.opened_at, late.finding) == (early.opened_at, early.finding), "nothing of it is another each day"
        await story.until("day 15")
        (alert,) = story.alerts()
        assert (alert.review, alert.reviewed_at) == (Review.NOT_NEEDED, story.at("day 15"))
        assert alert.finding is not None
        assert alert.finding.values.keys().isdisjoint({"doubts", "final_from"})
        assert [(one.short[:2], one.at) for one in story.told] == [(("duty", "first"), story.at("day 15"))]


async def test_after_a_long_outage_of_our_own_nobody_is_accused_by_what_we_see_first(tmp_path: Path) -> None:
    """Away for a month, the house comes back to an old copy of an account that publishes, and to one that is silent."""
    accounts = [weibo("a", every="3d"), weibo("b", every="3d", silent_since="day 20", number=2)]
    old = {"mode": "stale", "where": "a", "from": "day 21", "to": "day 54"}
    async with Story(tmp_path, {"accounts": accounts, "troubles": [old]}, cadence=OFTEN) as story:
        await story.until("day 20")
        await story.restart(at="day 50")
        await story.until("day 52")
        assert not story.told
        for who in ("a", "b"):
            assert (
                "read without a pause only since 2026-04-21, for less time than is asked about"
                in waits(story, who).says
            )
        await story.until("day 66")
        assert {one.short[2] for one in story.told} == {"b"}
        assert story.outcome("a") is Outcome.PASS


async def test_the_look_that_makes_a_silence_final_is_made_at_that_instant_however_seldom_looks_are(
    tmp_path: Path,
) -> None:
    """Silent for two years, it is looked at once in two days; the platform answers nobody just then."""
    away = {"mode": "server_error", "where": "b", "from": "day 14 12:00", "to": "day 15 00:30"}
    accounts = [weibo("a", "day -700 10:00"), weibo("b", "day -700 11:00", number=2)]
    accounts += [weibo(f"well-{n}", every="1d", number=3 + n) for n in range(6)]
    async with Story(tmp_path, {"accounts": accounts, "troubles": [away]}) as story:
        await story.until("day 16")
        by = {alert.subject: alert.reviewed_at for alert in story.alerts()}
        assert by["a"] == story.at("day 15")
        assert by["b"] is not None
        assert story.at("day 15 00:30") < by["b"] < story.at("day 15 02:00"), "it is asked again until it answers"


async def test_whom_a_person_has_found_alive_is_not_accused_because_time_goes_by(tmp_path: Path) -> None:
    """The platform always shows us an old copy of it, as the officer has seen; by day 15 it has been watched."""
    accounts = [weibo("a", "day -40 10:00", "day 30 10:00"), weibo("b", "day -40 11:00", number=2)]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("day 2")
        await story.daemon.desk.review(waits(story, "a").id, "dismiss", "王芳", "打开看过，昨天还有更新", None)
        await story.until("day 29")
        assert {one.short[2] for one in story.told} == {"b"}
        assert [alert.review for alert in story.alerts(subject="a")] == [Review.DISMISSED]
        assert story.outcome("a") is not Outcome.FAIL, "it does not speak for the account"
        await story.until("day 46")
        *_, new = story.alerts(subject="a")
        assert (new.review, new.since) == (Review.NOT_NEEDED, story.at("day 45")), "another silence, watched throughout"


async def test_a_list_that_went_back_says_what_it_showed_and_until_when(tmp_path: Path) -> None:
    deleted = {"mode": "post_deleted", "where": "a", "from": "day 12"}
    world = {"accounts": [weibo("a", every="1d", silent_since="day 11")], "troubles": [deleted]}
    async with Story(tmp_path, world, cadence=OFTEN) as story:
        await story.until("day 27")
        said = waits(story, "a").says
        assert "the item of 2026-03-12 was last seen on 2026-03-13, and is deleted, or the list is an old copy" in said
        assert "needs no person" not in said, "time does not decide it"
        assert "其列表曾显示 2026-03-12 的内容，2026-03-13 以后不再显示" in waits(story, "a", "zh_CN").says


async def test_a_platform_that_counts_more_than_it_shows_is_said_to(tmp_path: Path) -> None:
    """Also when the looks that are kept do not reach back to when it last showed anything new."""
    world = {
        "accounts": [weibo("a", every="1d"), weibo("well", every="1d", number=2)],
        "troubles": [{"mode": "old_list", "where": "a", "from": "day 5"}],
    }
    async with Story(tmp_path, world) as story:
        for day in ("day 22", "day 45"):
            await story.until(day)
            said, values = waits(story, "a"), story.findings("a")["U1"].values
            assert values["doubts"] == "counts_more"
            assert f"counted {values['counted_first']} posts and now counts" in said.says
            assert "请登录该平台查看" in waits(story, "a", "zh_CN").says
        assert {cause for _, cause in story.told_of("a", "U1")} == {"reminder"}


async def test_what_speaks_against_a_fail_that_was_told_keeps_it_from_being_told_further(tmp_path: Path) -> None:
    """It publishes again on the day after, where no visitor sees it; its superior would be told on the 21st."""
    world = {
        "accounts": [weibo("a", "day 1 10:00", "day 18 10:00", "day 32 10:00"), weibo("well", every="1d", number=2)],
        "troubles": [{"mode": "old_list", "where": "a", "from": "day 17", "to": "day 30"}],
    }
    async with Story(tmp_path, world, cadence=OFTEN) as story:
        await story.until("day 18 09:00")
        told = [(one.short[:2], one.at) for one in story.told if one.cause != "reminder"]
        assert told == [(("duty", "first"), story.at("day 16"))]
        await story.until("day 29")
        assert [one for one in story.told if one.cause != "reminder"][1:] == []
        assert story.findings("a")["U1"].values["doubts"] == "counts_more"
        assert "log in to the platform and see" in waits(story, "a").says
        await story.until("day 31")
        assert [one.short[:2] for one in story.told if one.cause != "reminder"][1:] == [("duty", "resolved")]


async def test_a_candidate_for_which_no_reason_is_written_down_is_said_as_before(tmp_path: Path) -> None:
    package = {"changes": [{"at": "day 2", "state": "html_page"}]}
    async with Story(tmp_path, {"accounts": [app(package=package)]}) as story:
        await story.until("day 5")
        (one,) = story.query.alerts(story.now, True)
        assert one.says.endswith(
            "a person must confirm on a real device. [A candidate: a person must confirm it first.]"
        )


# --- on a store, look by look ----------------------------------------------------------------------------------------

P = START - 3 * DAY


def judged(store: Store, who: Account, day: int, book: Rulebook = NATIONAL) -> None:
    with store.writing() as ledger:
        conclude(ledger, [who], Policy(books={NATIONAL.id: book}, language="en"), START + day * DAY)


def candidate(store: Store, day: int, book: Rulebook = NATIONAL) -> AlertView:
    (one,) = Query(store, {NATIONAL.id: book}, "en").alerts(START + day * DAY, True)
    assert one.review == "waiting"
    return one


def test_deleted_posts_that_do_not_count_are_said_to_be_why(store: Store) -> None:
    switch = NATIONAL.switches["deleted_count"].model_copy(update={"value": False})
    book = NATIONAL.model_copy(update={"switches": {**NATIONAL.switches, "deleted_count": switch}})
    who = account("a")
    enrolled(store, who)
    old = [post("2", P), post("1", P - 9 * DAY)]
    for day in (0, 2, 4, 9, 13, 14, 16):
        look(store, START + day * DAY, *([post("3", P + 4 * DAY), *old] if day == 2 else old))
        judged(store, who, day, book)
    assert (
        "the item of 2026-03-02 was deleted since, which does not count as an update here"
        in candidate(store, 18, book).says
    )


def test_dates_that_a_list_shows_otherwise_by_now_are_said_to_be_why(store: Store) -> None:
    """The first answer dated all posts a year too early, and later ones are read as known."""
    who = account("a")
    enrolled(store, who)
    look(store, START, post("1", P - 365 * DAY))
    look(store, START + DAY, post("1", P))
    judged(store, who, 1)
    assert "has dated its newest item 2026-02-26, later than its posts are dated" in candidate(store, 1).says


def test_a_channel_that_was_added_yesterday_does_not_make_a_silence_watched_for_months(store: Store) -> None:
    """Judged live, and every day of the past again: the account's first channel is blind since day 40."""
    one, two = account("a"), account("a", adapters=("weibo", "weibo_open"))
    newest = post("2", START + 40 * DAY)
    enrolled(store, one)
    said = {}
    for day in (0, 20, 40):
        look(store, START + day * DAY, post("1", P), *([newest] if day == 40 else []))
        judged(store, one, day)
    store.enroll([two], START + 55 * DAY, lambda target: START + 55 * DAY)
    for day in (56, 60, 69, 70, 71):
        look(store, START + day * DAY, post("2o", START + 40 * DAY), platform="weibo_open")
        judged(store, two, day)
        (found,) = (
            one for one in Query(store, {NATIONAL.id: NATIONAL}, "en").account("a", START + day * DAY).findings
            if one.finding.indicator == "U1"
        )  # fmt: skip
        said[day] = found.finding
    young = ("fail", Finality.CANDIDATE, "2026-04-26")
    for day, expected in {56: young, 60: young, 69: young, 70: young, 71: ("fail", Finality.AUTO, None)}.items():
        found = said[day]
        assert (found.outcome, found.finality, found.values.get("watched_since")) == expected
        past = Past(store)
        then = judge(NATIONAL, past.evidence(past.account("a", START + day * DAY), START + day * DAY))
        (again,) = (one for one in then if one.indicator == "U1")
        assert again.model_copy(update={"since": found.since}) == found, "a day of the past is judged as it was"
    assert said[70].values["final_from"] == "2026-05-11"


def test_an_alert_that_waited_before_there_were_reasons_is_given_them_and_nobody_is_told(store: Store) -> None:
    who = account("a")
    enrolled(store, who)
    for day in (0, 2):
        look(store, START + day * DAY, post("1", P - 90 * DAY))
        judged(store, who, day)
    with store.writing() as ledger:
        (alert,) = ledger.live_alerts("a")
        assert alert.finding is not None
        bare = {name: one for name, one in alert.finding.values.items() if name not in ("doubts", "final_from")}
        ledger.save_alert(alert.model_copy(update={"finding": alert.finding.model_copy(update={"values": bare})}))
    assert candidate(store, 2).says.endswith("[A candidate: a person must confirm it first.]")
    for day in (3, 4):
        look(store, START + day * DAY, post("1", P - 90 * DAY))
        judged(store, who, day)
    after = candidate(store, 4)
    assert "its list has been read without a pause only since 2026-03-01" in after.says
    assert (after.id, after.state, after.opened_at) == (alert.id, State.OPEN.value, alert.opened_at)
    assert (after.told, after.owed) == (0, 0)
    assert after.finding is not None
    assert after.finding.judged_at == START + 3 * DAY, "and is not written anew each day"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_words_of_the_queue_and_the_page_are_the_same(store: Store, language: str) -> None:
    who = account("a")
    enrolled(store, who)
    for day in (0, 2):
        look(store, START + day * DAY, post("1", P - 90 * DAY))
        judged(store, who, day)
    query = Query(store, {NATIONAL.id: NATIONAL}, "zh_CN" if language == "zh_CN" else "en")
    now = START + 2 * DAY
    (listed,) = query.alerts(now, True)
    (judged_,) = (one for one in query.account("a", now).findings if one.finding.indicator == "U1")
    mark = "【线索" if language == "zh_CN" else "[A candidate"
    assert listed.says.partition(mark)[2] == judged_.says.partition(mark)[2] != ""
