"""What can be seen and what cannot: pins, deletions, hidden lists, two feeds, apps; and platforms that lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.alerting import State
from mediawatch.core.model import Finality, Outcome, Reason
from mediawatch.core.review import Review
from mediawatch.sim.trouble import APPLIES, Channel, Mode
from tests.stories import DAY, HOUR, Story, app, wechat, weibo

TWO_FEEDS = [
    {"bridge": "mass", "id": "mass1", "covers": ["mass_sent"]},
    {"bridge": "hub", "id": "hub1", "covers": ["published"]},
]
BRIDGES = {"mass": {"flavour": "mp_we_rss"}, "hub": {"flavour": "rsshub", "format": "json"}}


def trouble(mode: str, where: str, since: str = "day 10", to: str | None = None) -> dict[str, Any]:
    return {"mode": mode, "where": where, "from": since} | ({"to": to} if to else {})


# --- Weibo ---------------------------------------------------------------------------------------------------------


async def test_a_highway_account_silent_for_three_years_is_a_deep_zombie_whatever_is_pinned(tmp_path: Path) -> None:
    pinned = {"at": "-5y", "pinned": True, "title": "欢迎关注"}
    posts = [pinned, "day -1102 10:20", "day -1130 09:00", {"at": "day -1095 09:00", "pinned": True}]
    async with Story(tmp_path, {"accounts": [weibo("highway", *posts)]}) as story:
        await story.until("10m")
        (alert,) = story.alerts()
        assert alert.state is State.OPEN
        assert alert.finding is not None
        assert alert.finding.values["days_silent"] == 1095
        assert alert.finding.values["klass"] == "DEEP_ZOMBIE"
        assert alert.finding.finality is Finality.CANDIDATE, "nobody has watched it yet"


async def test_a_new_post_counts_although_it_is_pinned_and_an_old_pin_on_top_does_not(tmp_path: Path) -> None:
    accounts = [
        weibo("pinned-new", "day -30 10:00", {"at": "day -2 10:00", "pinned": True}),
        weibo("pinned-old", {"at": "-2y", "pinned": True}, "day -2 10:00", "day -3 10:00", number=2),
        weibo("pinned-late", "day -30 10:00", {"at": "day 3 10:00", "pinned": True}, number=3),
    ]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("day 5")
        assert {story.outcome(id_) for id_ in ("pinned-new", "pinned-old", "pinned-late")} == {Outcome.PASS}
        assert story.accused() == {"pinned-late"}, "it was silent until day 3"
        await story.until("day 17")
        assert {"pinned-new", "pinned-old"} <= story.accused()
        assert story.findings("pinned-new")["U1"].since == story.at("day 13")


async def test_a_deleted_post_counts_until_its_own_deadline_and_the_fail_is_for_a_person(tmp_path: Path) -> None:
    """The last posts are of days 8, 9 and 10; all three are deleted on day 12."""
    world = {
        "accounts": [weibo("a", every="1d", silent_since="day 11")],
        "troubles": [trouble("post_deleted", "a", "day 12")],
    }
    async with Story(tmp_path, world, cadence={"latest": "1d", "soonest": "6h"}) as story:
        await story.until("day 25")
        silent = [alert for alert in story.alerts() if alert.indicator == "U1"]
        assert not silent, "day 24 is the last day of the deleted post; the list alone would say day 21"
        assert story.findings("a")["U1"].values["why"] == "regressed"
        await story.until("day 27")
        (alert,) = [alert for alert in story.alerts() if alert.indicator == "U1"]
        assert alert.finding is not None
        assert alert.finding.finality is Finality.CANDIDATE
        assert alert.opened_at >= story.at("day 26"), "an old copy would have been put right within a day"


async def test_a_list_that_is_hidden_softly_empty_or_only_pins_accuses_nobody(tmp_path: Path) -> None:
    modes = ("hidden_posts", "soft_empty", "pinned_only", "count_drop", "empty_profile")
    accounts = [weibo(mode.replace("_", "-"), every="1d", number=n) for n, mode in enumerate(modes, 1)]
    accounts += [weibo(f"well-{n}", every="1d", number=20 + n) for n in range(12)]
    world = {"accounts": accounts, "troubles": [trouble(mode, mode.replace("_", "-"), "day 5") for mode in modes]}
    async with Story(tmp_path, world, grain=DAY / 2, cadence={"latest": "2d"}) as story:
        await story.until("day 40")
        assert not story.accused()
        assert {story.outcome(mode.replace("_", "-")) for mode in modes} == {Outcome.UNKNOWN}
        assert story.row("hidden-posts").reason is Reason.LOGIN_REQUIRED


async def test_an_account_that_is_gone_is_told_a_day_after_the_platform_first_said_so(tmp_path: Path) -> None:
    accounts = [weibo("a", every="1d"), *(weibo(f"well-{n}", every="1d", number=2 + n) for n in range(4))]
    world = {"accounts": accounts, "troubles": [trouble("gone", "a", "day 6")]}
    async with Story(tmp_path, world) as story:
        await story.until("day 16")
        (alert,) = story.alerts()
        assert (alert.subject, alert.indicator, alert.state) == ("a", "A6", State.OPEN)
        assert alert.since is not None
        assert alert.confirmed_at is not None
        assert alert.confirmed_at - alert.since == DAY
        assert alert.finding is not None
        assert alert.finding.values["times"] == 7, "as many looks as it takes fall into that day"
        assert story.told_of("a", "A6") == [("duty", "first"), ("office", "escalated")]
        assert not story.alerts("incident")
        await story.until("day 40")
        assert story.accused() == {"a"}
        assert story.outcomes("a")["U1"] == "unknown", "gone is not silent"


async def test_an_account_that_was_gone_and_back_before_is_told_after_two_days(tmp_path: Path) -> None:
    accounts = [weibo("a", every="1d"), *(weibo(f"well-{n}", every="1d", number=2 + n) for n in range(4))]
    troubles = [trouble("gone", "a", "day 6", "day 14 06:00"), trouble("gone", "a", "day 20")]
    async with Story(tmp_path, {"accounts": accounts, "troubles": troubles}) as story:
        await story.until("day 40")
        first, second = story.alerts()
        assert (first.state, second.state) == (State.RESOLVED, State.OPEN)
        assert second.since is not None
        assert second.confirmed_at is not None
        assert second.confirmed_at - second.since == 2 * DAY


async def test_where_a_platform_takes_its_word_back_a_person_decides_who_is_gone(tmp_path: Path) -> None:
    """It says at a third of all looks that there is no such account; one is closed meanwhile."""
    accounts = [weibo("a", every="1d"), *(weibo(f"well-{n}", every="1d", number=2 + n) for n in range(9))]
    flickers = {"mode": "gone", "where": "weibo", "from": "day 2", "share": 0.3, "anew": "1m"}
    world = {"accounts": accounts, "troubles": [flickers, trouble("gone", "a", "day 12")]}
    async with Story(tmp_path, world, grain=HOUR, cadence={"latest": "1d"}) as story:
        await story.until("day 16")
        (alert,) = story.alerts()
        assert (alert.subject, alert.indicator, alert.review) == ("a", "A6", Review.WAITING)
        assert not story.told_of("a")


async def test_an_account_that_never_posted_is_an_empty_shell_after_thirty_days_of_watching(tmp_path: Path) -> None:
    accounts = [weibo("shell", earlier=0), weibo("young", "day 20 10:00", earlier=0, number=2)]
    async with Story(tmp_path, {"accounts": accounts}) as story:
        await story.until("day 29 23:59:59")
        assert not story.accused()
        assert story.outcome("shell") is Outcome.UNKNOWN, "the silence of what never spoke has no first day"
        await story.until("day 30")
        assert [(alert.subject, alert.indicator) for alert in story.alerts()] == [("shell", "U6")]
        assert story.alerts()[0].opened_at == story.at("day 30")
        await story.until("day 33")
        young = story.outcomes("young")
        assert {name: young[name] for name in ("U1", "U6", "A6")} == {"U1": "at_risk", "U6": "pass", "A6": "pass"}


async def test_a_platform_that_shows_old_copies_is_found_out_by_its_canary(tmp_path: Path) -> None:
    accounts = [weibo(f"a{n}", every="1d", number=n) for n in range(1, 5)]
    accounts += [weibo("quiet", "day -2 10:00", number=8), weibo("canary", every="4h", number=9, canary=True)]
    world = {"accounts": accounts, "troubles": [trouble("stale", "weibo", "day 4", "day 20")]}
    async with Story(tmp_path, world, grain=DAY / 4) as story:
        await story.until("day 19 23:00")
        assert not story.accused()
        (incident,) = story.alerts("incident")
        assert incident.indicator == "stale"
        assert story.at("day 6") <= incident.opened_at <= story.at("day 7")
        await story.until("day 23")
        assert story.accused() == {"quiet"}
        assert story.told_of("platform:weibo") == [
            ("duty", "incident"),
            ("office", "escalated"),
            ("duty", "incident_over"),
            ("office", "incident_over"),
        ]


@pytest.mark.parametrize("mode", sorted(mode for mode in Mode if Channel.WEIBO in APPLIES[mode]))
async def test_no_trouble_of_weibo_accuses_those_who_post(tmp_path: Path, mode: Mode) -> None:
    """Three accounts that post daily and a canary; the platform lies about all of them for weeks."""
    accounts = [weibo(f"a{n}", every="1d", number=n) for n in range(1, 4)]
    accounts.append(weibo("canary", every="4h", number=9, canary=True))
    world = {"accounts": accounts, "troubles": [trouble(mode, "weibo", "day 3", "day 23")]}
    slow = {"soonest": "3d", "latest": "5d", "canary": "1d"}
    async with Story(tmp_path, world, grain=DAY, cadence=slow) as story:
        await story.until("day 22 12:00")
        assert {alert.indicator for alert in story.alerts() if alert.review is not Review.WAITING} == set()


# --- WeChat --------------------------------------------------------------------------------------------------------


async def test_of_two_feeds_one_is_blind_then_nothing_is_known_and_then_all(tmp_path: Path) -> None:
    world = {
        "bridges": BRIDGES,
        "accounts": [wechat("wx", feeds=TWO_FEEDS, every="1d", silent_since="day 11")],
        "troubles": [trouble("empty_shell", "hub", "day 12", "day 30 12:00")],
    }
    async with Story(tmp_path, world, isolated=True) as story:
        await story.until("day 30 11:00")
        assert not story.accused()
        assert story.outcome("wx") is Outcome.UNKNOWN
        assert story.view("wx").missing == ("published",)
        await story.until("day 32")
        (alert,) = story.alerts()
        assert alert.since == story.at("day 25")
        assert story.told_of("wx", "U1")[-1] == ("duty", "first")


async def test_a_post_in_either_feed_is_a_post(tmp_path: Path) -> None:
    world = {
        "bridges": {"mass": {"flavour": "mp_we_rss"}, "hub": {"flavour": "rsshub", "lag": "3d"}},
        "accounts": [wechat("wx", "day -20 10:00", "day -1 10:00", feeds=TWO_FEEDS)],
    }
    async with Story(tmp_path, world) as story:
        await story.until("1h")
        assert story.outcome("wx") is Outcome.PASS


@pytest.mark.parametrize("mode", sorted(mode for mode in Mode if Channel.BRIDGE in APPLIES[mode]))
async def test_no_trouble_of_a_bridge_accuses_those_who_post(tmp_path: Path, mode: Mode) -> None:
    """Two accounts on one bridge that lies for weeks: too few for an incident, and without a canary."""
    feeds = [[{"bridge": "hub", "id": f"hub{n}"}] for n in (1, 2)]
    world = {
        "bridges": BRIDGES,
        "accounts": [
            wechat("active", feeds=feeds[0], every="1d"),
            wechat("other", feeds=feeds[1], every="3d", since="day -41 08:00", silent_since="day -10"),
        ],
        "troubles": [trouble(mode, "hub", "day 3", "day 23")],
    }
    slow = {"soonest": "3d", "latest": "5d"}
    async with Story(tmp_path, world, grain=DAY, cadence=slow) as story:
        await story.until("day 22 12:00")
        found_out_by_a_canary_only = mode is Mode.STALE
        certain = {alert.subject for alert in story.alerts() if alert.review is not Review.WAITING}
        assert ("active" in certain) == found_out_by_a_canary_only


# --- apps ----------------------------------------------------------------------------------------------------------


def rungs(story: Story) -> dict[str, str]:
    """The rungs that a store and a server can speak of."""
    return {rung: outcome for rung, outcome in story.outcomes("city-app").items() if rung in ("A3L", "A3D", "A3P")}


async def test_an_app_is_not_listed_when_its_store_says_so_for_a_day(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [app(store={"withdrawn": "day 10"})]}) as story:
        await story.until("day 10")
        assert rungs(story) == {"A3L": "pass", "A3D": "pass", "A3P": "pass"}
        await story.until("day 11 08:00")
        assert rungs(story)["A3L"] == "unknown", "said for less than a day"
        await story.until("day 13")
        (alert,) = story.alerts()
        assert (alert.indicator, alert.state) == ("A3L", State.OPEN)
        assert alert.finding is not None
        assert (alert.finding.values["times"], alert.confirmed_at) == (7, alert.finding.judged_at)
        assert alert.since is not None
        assert alert.finding.judged_at - alert.since == DAY
        assert rungs(story) == {"A3L": "fail", "A3D": "pass", "A3P": "pass"}


async def test_a_store_that_says_at_some_looks_that_there_is_no_such_app_accuses_none(tmp_path: Path) -> None:
    flickers = {"mode": "gone", "where": "store", "from": "day 2", "share": 0.3, "anew": "1m"}
    async with Story(tmp_path, {"accounts": [app()], "troubles": [flickers]}) as story:
        await story.until("day 40")
        assert not story.accused()


async def test_a_package_that_is_a_web_page_downloads_and_does_not_install(tmp_path: Path) -> None:
    changes = [{"at": "day 5", "state": "html_page"}, {"at": "day 9", "state": "missing"}]
    async with Story(tmp_path, {"accounts": [app(package={"changes": changes})]}, isolated=True) as story:
        await story.until("day 4")
        assert set(rungs(story).values()) == {"pass"}
        await story.until("day 8")
        assert rungs(story) == {"A3L": "pass", "A3D": "pass", "A3P": "fail"}
        (alert,) = story.alerts()
        assert alert.finding is not None
        assert alert.finding.values["problem"] == "html_page"
        assert alert.finding.finality is Finality.CANDIDATE, "a person must see it on a phone"
        assert story.told_of("city-app") == [], "a candidate: it is told when a person has confirmed it"
        await story.until("day 12")
        assert rungs(story)["A3D"] == "fail"
        assert {alert.indicator for alert in story.alerts()} == {"A3P", "A3D"}


async def test_an_app_that_installs_and_has_nothing_to_open_is_a_candidate_on_its_own_rung(tmp_path: Path) -> None:
    async with Story(tmp_path, {"accounts": [app(package={"state": "no_launcher"})]}) as story:
        await story.until("1d")
        assert rungs(story) == {"A3L": "pass", "A3D": "pass", "A3P": "fail"}
        assert story.findings("city-app")["A3P"].finality is Finality.CANDIDATE


@pytest.mark.parametrize(("where", "channel"), [("store", Channel.STORE), ("packages", Channel.PACKAGES)])
async def test_no_trouble_of_a_store_or_a_server_accuses_an_app(tmp_path: Path, where: str, channel: Channel) -> None:
    """Each trouble for three days in a row, one after the other; `gone` is the server's own word."""
    modes = [mode for mode in sorted(Mode) if channel in APPLIES[mode] and mode is not Mode.GONE]
    troubles = [trouble(mode, where, f"day {1 + 3 * n}", f"day {4 + 3 * n}") for n, mode in enumerate(modes)]
    async with Story(tmp_path, {"accounts": [app()], "troubles": troubles}, grain=DAY / 4) as story:
        await story.until(f"day {3 * len(modes) + 2}")
        assert {
            (alert.indicator, alert.finding and alert.finding.values.get("problem")) for alert in story.alerts()
        } <= {
            ("A3P", "html_page"),
            ("A3P", "truncated"),
            ("A3P", "wrong_package"),
        }


async def test_a_store_that_has_no_app_at_all_for_days_accuses_none(tmp_path: Path) -> None:
    apps = [app(f"app-{number}", store={"track_id": f"991000000{number}"}) for number in range(4)]
    for one in apps:
        del one["package"]
    troubles = [trouble("gone", "store", "day 10", "day 13"), trouble("gone", "app-0", "day 20")]
    async with Story(tmp_path, {"accounts": apps, "troubles": troubles}) as story:
        await story.until("day 20")
        assert {(one.cause, one.account, one.platform) for one in story.told} == {
            (cause, "", "appstore") for cause in ("incident", "escalated", "incident_over")
        }
        await story.until("day 30")
        assert [one.account for one in story.told if one.cause == "first"] == ["app-0"], "which is gone indeed"
