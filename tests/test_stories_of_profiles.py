"""What platforms say of accounts, lived through: new names, lost verifications, empty menus, jumps of followers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mediawatch.commands.show import explained
from mediawatch.core.model import Account, Feed, Finality, Finding, MenuItem, Observation, Outcome, Profile, Target
from mediawatch.core.rules import judge
from mediawatch.core.schedule import Due
from mediawatch.locale import catalogue
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.store import Store
from mediawatch.tui.account_page import account_lines
from mediawatch.tui.columns import Scene
from mediawatch.tui.paper import page_text
from tests.store_world import DAY as A_DAY
from tests.store_world import MINUTE, claim, enrolled, evidence
from tests.store_world import START as NOON
from tests.stories import Story, weibo

BOOK = load_rulebook("national-2019")


async def test_a_renamed_account_stays_the_same_account(tmp_path: Path) -> None:
    """Told to the register for seven days, then a candidate; its posts and its clock go on."""
    change = {"at": "day 3 09:00", "name": "某县融媒中心"}
    async with Story(tmp_path, {"accounts": [weibo("a", every="1d", changes=[change])]}) as story:
        await story.until("day 2")
        assert story.findings("a")["R3N"].outcome is Outcome.PASS
        await story.until("day 12")
        named = story.findings("a")["R3N"]
        assert (named.outcome, named.values["before"], named.values["name"]) == (
            Outcome.AT_RISK,
            "某县第1号",
            "某县融媒中心",
        )
        await story.until("day 30")
        found = story.findings("a")["R3N"]
        assert (found.outcome, found.finality) == (Outcome.FAIL, Finality.CANDIDATE)
        assert found.since == found.deadline == named.deadline
        assert story.findings("a")["U1"].outcome is Outcome.PASS
        view = story.view("a")
        assert [one.says for one in view.profiles][1:] == [
            "name 某县第1号 -> 某县融媒中心; verification 某县第1号官方微博 -> 某县融媒中心官方微博"
        ]
        assert len(view.posts) > 30, "the posts of before and after are one account's"
        text = explained(view, "en")
        assert "name 某县第1号 -> 某县融媒中心" in text
        assert "followers: 5000" in text
        lines = account_lines(view, 100, Scene(story.now, catalogue("zh_CN")))
        page = page_text(lines, 100, {})[0].plain
        assert "平台所示账号资料" in page
        assert "name 某县第1号 -> 某县融媒中心" in page
        assert "粉丝 5000 ▁" in page


async def test_an_account_that_loses_its_verification_is_a_candidate_until_it_has_it_back(tmp_path: Path) -> None:
    changes = [{"at": "day 3 09:00", "verified_type": -1}, {"at": "day 20 09:00", "verified_type": 1}]
    world = {"accounts": [weibo("lost", every="1d", changes=changes), weibo("never", every="1d", number=2)]}
    world["accounts"][1]["weibo"]["verified_type"] = -1
    async with Story(tmp_path, world) as story:
        await story.until("day 2")
        assert story.findings("lost")["R2"].outcome is Outcome.PASS
        await story.until("day 18")
        found = story.findings("lost")["R2"]
        assert (found.outcome, found.finality) == (Outcome.FAIL, Finality.CANDIDATE)
        assert found.values["reason_before"] == "某县第1号官方微博"
        assert story.findings("never")["R2"].outcome is Outcome.PASS, "what was never held cannot be lost"
        await story.until("day 35")
        assert story.findings("lost")["R2"].outcome is Outcome.PASS
        assert [one.says for one in story.view("lost").profiles][1:] == [
            "not verified; verification 1 -> -1; verification 某县第1号官方微博 -> -",
            "verified; verification -1 -> 1; verification - -> 某县第1号官方微博",
        ]


def test_what_changed_during_an_incident_is_told_from_the_first_look_after_it(store: Store) -> None:
    """The looks after it show nothing new, so that the record holds the change as of the incident, and no other."""
    target = Target(
        id="w/t", account="w", adapter="weibo", platform="wechat.official", address={"uid": "1"},
        covers=frozenset({"posts", "profile"}),
    )  # fmt: skip
    enrolled(store, Account(id="w", name="某县发布", kind="weibo", targets=(target,)))
    before = Profile(name="某县发布", verified=True, verified_type=1)
    after = Profile(name="某县融媒", verified=False, verified_type=-1)
    _sees(store, 0, profile=before)
    with store.writing() as ledger:
        ledger.open_incident("wechat.official", NOON + A_DAY - MINUTE, "most looks were blind")
    covered = _sees(store, 1, profile=after)
    assert {covered[one].outcome for one in ("R2", "R3N")} == {Outcome.PASS}, "an incident accuses nobody"
    with store.writing() as ledger:
        assert ledger.close_incident("wechat.official", NOON + 2 * A_DAY - MINUTE)
    found = _sees(store, 2, profile=after)
    assert (found["R2"].outcome, found["R3N"].outcome) == (Outcome.FAIL, Outcome.AT_RISK)
    assert found["R2"].since == found["R3N"].since == NOON + 2 * A_DAY
    assert _sees(store, 12, profile=after)["R3N"].outcome is Outcome.FAIL


def _official(store: Store) -> None:
    target = Target(
        id="w/t", account="w", adapter="wechat.official", platform="wechat.official", address={"appid": "wx1"},
        covers=frozenset({"published", "menu"}),
    )  # fmt: skip
    enrolled(store, Account(id="w", name="某县发布", kind="wechat", targets=(target,)))


def _sees(store: Store, day: int, **told: Any) -> dict[str, Finding]:
    """One look on that day, and the findings after it by indicator."""
    at = NOON + day * A_DAY
    one = claim(store, at, platform="wechat.official")
    with store.writing() as ledger:
        observation = Observation(target="w/t", account="w", at=at, seen=Feed(**told))
        assert ledger.record(one, observation, ())
        assert ledger.reschedule(one, Due.exactly(at + MINUTE))
    return {found.indicator: found for found in judge(BOOK, evidence(store, "w", at))}


def test_a_menu_that_becomes_empty_takes_the_interaction_with_it(store: Store) -> None:
    _official(store)
    closed = Profile(comments_open=False)
    full = (MenuItem(path="办事"), MenuItem(path="互动/留言"))
    found = _sees(store, 0, profile=closed, menu=full)
    assert (found["A7M"].outcome, found["I1"].outcome) == (Outcome.PASS, Outcome.PASS)
    found = _sees(store, 1, profile=closed, menu=())
    assert (found["A7M"].values["why"], found["I1"].values["why"]) == ("menu_once", "interaction_once")
    found = _sees(store, 2, profile=closed, menu=())
    assert (found["A7M"].outcome, found["I1"].outcome) == (Outcome.FAIL, Outcome.FAIL)
    assert {found["A7M"].finality, found["I1"].finality} == {Finality.CANDIDATE}
    assert found["A7M"].since == found["I1"].since == NOON + A_DAY
    found = _sees(store, 3, profile=closed)
    assert found["A7M"].outcome is Outcome.FAIL, "an answer that does not tell the menu changes nothing"
    found = _sees(store, 4, profile=closed, menu=full)
    assert (found["A7M"].outcome, found["I1"].outcome) == (Outcome.PASS, Outcome.PASS)
    kept = evidence(store, "w", NOON + 9 * A_DAY).profiles
    assert [one.menu for one in kept] == [2, 0, 2]
    assert [one.menu for one in evidence(store, "w", NOON + A_DAY).profiles] == [2, 0]


def test_a_jump_of_followers_is_told_and_forgotten_after_a_month(store: Store) -> None:
    target = Target(
        id="w/t", account="w", adapter="weibo", platform="wechat.official", address={"uid": "1"},
        covers=frozenset({"posts", "profile"}),
    )  # fmt: skip
    enrolled(store, Account(id="w", name="某县发布", kind="weibo", targets=(target,)))
    outcomes = {}
    for day in range(45):
        followers = 5_000 + 3 * day + (60_000 if day >= 10 else 0)
        outcomes[day] = _sees(store, day, profile=Profile(followers=followers))["I5"].outcome
    assert [day for day, outcome in outcomes.items() if outcome is Outcome.FAIL] == list(range(10, 40))
    assert set(outcomes.values()) == {Outcome.FAIL, Outcome.PASS}
