"""Logins as things that expire: told before and at the end, nothing is asked afterwards, nobody is accused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from mediawatch.core.alerting import State
from mediawatch.core.model import Outcome, Reason
from mediawatch.core.sessions import EXPIRED, EXPIRING, Session, budget_of, closed, state, transition
from mediawatch.core.wire import Failed, Request
from mediawatch.house import paces_of, sessions_of
from mediawatch.settings import SettingsError, load
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from mediawatch.wires.pace import PlatformPace
from tests.shell import call, write
from tests.store_world import DAY, HOUR, MINUTE, START, account, enrolled, look, post
from tests.stories import Story, weibo
from tests.wire_server import NOW, Shelf, door, serving

COOKIE = "SUB=nobody-may-ever-see-this"
END = START + 10 * DAY
DUTY = Session(name="duty", platform="weibo", owner="网信办", expires_at=END, warn_before=3 * DAY)


# --- what the calendar says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_the_end", "says"),
    [(4 * DAY, "ok"), (3 * DAY, "expiring"), (MINUTE, "expiring"), (timedelta(), "expired"), (-DAY, "expired")],
)
def test_a_login_is_ok_then_expiring_then_over(before_the_end: timedelta, says: str) -> None:
    assert state(DUTY, END - before_the_end) == says


def test_a_platform_is_closed_when_all_its_logins_are_over() -> None:
    spare = DUTY.model_copy(update={"name": "spare", "expires_at": END + DAY})
    assert not closed((DUTY,), "weibo", END - MINUTE)
    assert closed((DUTY,), "weibo", END)
    assert not closed((DUTY, spare), "weibo", END)
    assert closed((DUTY, spare), "weibo", END + DAY)
    assert not closed((DUTY,), "feed:bridge.example", END)  # one that needs no login


def test_budgets_add_up_and_one_without_a_limit_sets_none() -> None:
    ten, more = (DUTY.model_copy(update={"name": str(number), "budget": number}) for number in (10, 5))
    assert budget_of((DUTY,), "weibo", START) is None
    assert budget_of((ten, more), "weibo", START) == 15
    assert budget_of((ten, DUTY), "weibo", START) is None
    assert budget_of((ten,), "weibo", END) is None  # closed is another matter


def test_one_alert_before_the_end_and_one_at_it_and_none_twice() -> None:
    live = transition((), (DUTY,), END - 3 * DAY, "en")
    assert [(one.indicator, one.level, one.subject) for one in live] == [(EXPIRING, "reminder", "session:duty")]
    assert transition(live, (DUTY,), END - DAY, "en") == ()
    ended, over = transition(live, (DUTY,), END + HOUR, "en")
    assert (ended.indicator, ended.state) == (EXPIRING, State.RESOLVED)
    assert (over.indicator, over.level, over.confirmed_at) == (EXPIRED, "fault", END)
    assert "网信办" in over.detail
    assert transition((over,), (DUTY,), END + DAY, "en") == ()
    # asked by a daemon that was not there: the same alert, so that its promises are the same
    assert transition((), (DUTY,), END + DAY, "en")[0].id == over.id


def test_a_renewed_or_dropped_login_ends_its_alerts() -> None:
    live = transition((), (DUTY,), END, "zh_CN")
    renewed = DUTY.model_copy(update={"expires_at": END + 90 * DAY})
    for sessions in ((renewed,), ()):
        (over,) = transition(live, sessions, END + DAY, "zh_CN")
        assert (over.id, over.state, over.resolved_at) == (live[0].id, State.RESOLVED, END + DAY)


# --- lived through ----------------------------------------------------------------------------------------------------


async def live(story: Story, moment: datetime) -> None:
    """Lives on in steps of six hours: a closed platform's targets stay due, and are not waited for."""
    while story.now < moment:
        story.now += timedelta(hours=6)
        await story.daemon.cycle()


async def test_at_its_end_collecting_stops_and_nobody_is_accused_until_it_is_renewed(tmp_path: Path) -> None:
    world = {"accounts": [weibo("silent", "day 0 10:00"), weibo("well", every="1d", number=2)]}
    login = {"platform": "weibo", "owner": "李四", "cookie": COOKIE, "expires_at": "2026-03-06T00:00:00+08:00"}
    async with Story(tmp_path, world, sessions={"duty": login}, reminders=["office"]) as story:
        end = story.loaded.settings.sessions["duty"].expires_at
        await live(story, end)
        looks = story.query.platforms(story.now, 99 * DAY)[0].looks
        assert looks
        await live(story, end + 40 * DAY)
        (weibo_now,) = story.query.platforms(story.now, DAY)
        assert story.query.platforms(story.now, 99 * DAY)[0].looks == looks  # nothing was asked any more
        assert weibo_now.coverage == 0.0
        assert story.accused() == set()
        assert {row.outcome for row in story.query.rows(story.now)} == {Outcome.UNKNOWN}
        assert [one.short for one in story.told][:2] == [
            ("office", "reminder", "platform:session:duty"),
            ("duty", "first", "platform:session:duty"),
        ]
        told = len(story.told)
        await story.restart()
        await story.daemon.cycle()
        assert len(story.told) == told
        policy = story.policy
        renewed = policy.sessions[0].model_copy(update={"expires_at": story.now + 90 * DAY})
        await story.daemon.change(replace(policy, sessions=(renewed,)), story.daemon.receivers, lambda: None)
        await story.daemon.cycle()
        await story.daemon.cycle()
        assert story.outcome("well") is Outcome.PASS
        assert ("duty", "resolved", "platform:session:duty") in [one.short for one in story.told[told:]]
    assert not any(COOKIE.encode() in path.read_bytes() for path in tmp_path.glob("story.db*"))  # noqa: ASYNC240


async def test_a_budget_is_spent_once_a_day(tmp_path: Path) -> None:
    world = {"accounts": [weibo(f"a{number}", every="1d", number=number) for number in range(1, 6)]}
    login = {"platform": "weibo", "cookie": COOKIE, "expires_at": "2027-01-01T00:00:00+08:00", "budget": 2}
    async with Story(tmp_path, world, sessions={"duty": login}) as story:
        await story.daemon.cycle()
        await story.daemon.cycle()
        assert story.query.platforms(story.now, DAY)[0].looks == 2
        story.now += DAY
        await story.daemon.cycle()
        assert story.query.platforms(story.now, 9 * DAY)[0].looks == 4


# --- what the record says ---------------------------------------------------------------------------------------------


def test_a_login_that_the_platform_does_not_take_is_refused(store: Store) -> None:
    enrolled(store, account("a"), account("canary/weibo/1", adapters=("weibo.desktop",), canary=True))
    query = Query(store, {}, "en", (DUTY,))
    assert query.sessions(START)[0].state == "ok"
    look(store, START, post("a-1", START))
    look(store, START + HOUR, reason=Reason.LOGIN_REQUIRED)
    (refused,) = query.sessions(START + HOUR)
    assert (refused.state, refused.seen_at, refused.refused_at) == ("refused", START, START + HOUR)
    assert refused.looks_today == 2
    look(store, START + 2 * HOUR, post("a-1", START))
    assert query.sessions(START + 2 * HOUR)[0].state == "ok"
    assert query.sessions(END)[0].state == "expired"


def test_the_command_shows_logins_and_no_secret(tmp_path: Path) -> None:
    login = {"platform": "weibo", "owner": "李四", "cookie": COOKIE, "expires_at": "2020-03-06T00:00:00+08:00"}
    accounts = {
        "accounts": [{"id": "a", "name": "a", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "99000001"}]}]
    }
    write(tmp_path, accounts, {"sessions": {"duty": login}, "data_dir": "d"})
    Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START).close()
    shown = call(tmp_path, "sessions")
    assert "已到期" in shown.stdout
    assert "李四" in shown.stdout
    as_json = call(tmp_path, "sessions", "--json")
    assert json.loads(as_json.stdout)["state"] == "expired"
    assert COOKIE not in shown.output + as_json.output


# --- the wire ---------------------------------------------------------------------------------------------------------


async def test_nothing_goes_out_under_a_login_that_is_over_until_it_is_renewed() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Cookie", ""))
        return web.Response(text="ok")

    async with serving(handler) as port:
        base = f"http://wb.example:{port}"
        over = PlatformPace(base, 60_000, 4, (("Cookie", COOKIE),), ends=(("", NOW),))
        async with door(keeper=Shelf(), pace={"weibo": over}) as http:
            async with http.open("weibo", NOW) as wire:
                with pytest.raises(Failed) as raised:
                    await wire.ask(Request(url=f"{base}/x"))
            assert raised.value.failure.reason is Reason.LOGIN_REQUIRED
            assert asked == []
            http.renew({"weibo": PlatformPace(base, 1, 1, (("Cookie", "SUB=new"),), ends=(("", NOW + DAY),))})
            async with http.open("weibo", NOW) as wire:
                await wire.ask(Request(url=f"{base}/x"))
    assert asked == ["SUB=new"]


async def test_one_secret_that_is_over_leaves_the_others_alone() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async with serving(handler) as port:
        base = f"http://wx.example:{port}"
        pace = PlatformPace(
            base, 60_000, 4, secrets=(("wx1", "first-secret"), ("wx2", "other-secret")), ends=(("wx1", NOW),)
        )
        async with door(keeper=Shelf(), pace={"wechat": pace}) as http, http.open("wechat", NOW) as wire:
            assert (await wire.ask(Request(url=f"{base}/", secret_query=(("k", "wx2"),)))).status == 200
            with pytest.raises(Failed):
                await wire.ask(Request(url=f"{base}/", secret_query=(("k", "wx1"),)))


# --- the settings -----------------------------------------------------------------------------------------------------

ACCOUNTS = "accounts: [{id: a, name: a, kind: weibo, targets: [{adapter: weibo, uid: '99000001'}]}]"
GOOD = {"platform": "weibo.desktop", "cookie": "${C}", "expires_at": "2026-12-01T09:00:00+08:00"}


def _loaded(folder: Path, *sessions: dict[str, object], **more: object) -> object:
    named = {f"s{number}": session for number, session in enumerate(sessions)}
    write(folder, ACCOUNTS, {"sessions": named, **more})
    return load(folder / "accounts.yaml", folder / "mediawatch.yaml", {"C": COOKIE})


def test_a_session_feeds_the_wire_and_shows_its_secret_nowhere(tmp_path: Path) -> None:
    settings = _loaded(tmp_path, GOOD).settings  # type: ignore[attr-defined]
    pace = paces_of(settings)["weibo.desktop"]
    assert pace.secret_headers == (("Cookie", COOKIE),)
    assert [name for name, _ in pace.ends] == [""]
    assert COOKIE not in repr(settings) + repr(pace) + repr(sessions_of(settings)) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("session", "says"),
    [
        ({**GOOD, "expires_at": "2026-12-01T09:00:00"}, "timezone"),
        ({**GOOD, "expires_at": 7}, "an instant with its zone"),
        ({**GOOD, "cookie": None}, "needs a `cookie` or `secrets`"),
        ({**GOOD, "platform": "wiebo"}, "did you mean"),
        ({**GOOD, "platform": "feed"}, "a login is for one host"),
        ({**GOOD, "warn_before": "3"}, "duration"),
        ({**GOOD, "budget": 0}, "greater than or equal to 1"),
        ({**GOOD, "cookies": "x"}, "unknown key"),
        ({**GOOD, "cookie": "${NOT_SET}"}, "NOT_SET is not set"),
    ],
)
def test_a_session_that_cannot_be_used_is_refused_without_its_secret(
    tmp_path: Path, session: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        _loaded(tmp_path, session)
    assert says in str(caught.value)
    assert "sessions.s0" in str(caught.value)
    assert COOKIE not in str(caught.value)


def test_a_cookie_stands_in_one_place_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"s1.*has such a cookie already"):
        _loaded(tmp_path, GOOD, GOOD)
    with pytest.raises(SettingsError, match=r"s0.*has such a cookie already"):
        _loaded(tmp_path, GOOD, platforms={"weibo.desktop": {"cookie": "${C}"}})
