"""The life of an account: which moves there are, what is asked where, and the register held against the platform."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.core.lifecycle import AFTER, BEFORE, IN_USE, MOVES, State, cancelling_takes, may_follow
from mediawatch.core.model import (
    Account,
    Articles,
    Feed,
    Launch,
    Listing,
    Outcome,
    Package,
    Page,
    Profile,
    Reason,
    SeenProfile,
)
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import applies, judge, judge_one
from mediawatch.core.wire import Exchange
from mediawatch.core.wording import STATES
from mediawatch.register.enroll import enroll
from mediawatch.rulebook_file import load_rulebook
from mediawatch.settings import SettingsError, load
from mediawatch.store.store import Store
from mediawatch.wires.replay import Replay
from tests.shell import Sim, call
from tests.store_world import account as stored
from tests.store_world import enrolled
from tests.stories import DAY, START, weibo
from tests.tables import account, at, evidence, look, post, verdict

BOOK = load_rulebook("national-2019")
AGAIN, ALIVE, NOTICE = (BOOK.indicator(one) for one in ("R5", "R6", "R8S"))
UNSEEN = "unknown not_seen_since_closing"
FEED = Path(__file__).parent / "fixtures" / "adapters" / "feed" / "we_mp_rss.yaml"
SHOWN = Feed(profile=Profile(name="某市发布", followers=9000))


def closed(
    state: State = State.CLOSED, since: str | None = "2026-03-01", kind: str = "weibo", **more: object
) -> Account:
    day = None if since is None else date.fromisoformat(since)
    return account(kind).model_copy(update={"state": state, "state_since": day, **more})


# --- states and moves ------------------------------------------------------------------------------------------------


def test_every_state_has_its_moves_and_its_name_and_can_be_reached() -> None:
    assert MOVES.keys() == STATES.keys() == set(State)
    assert set(State) == BEFORE | AFTER | IN_USE
    reached = {State.APPLIED, State.UNREGISTERED}  # where a life begins
    while more := {after for one in reached for after in MOVES[one]} - reached:
        reached |= more
    assert reached == set(State)
    assert all(may_follow(state, state) for state in State)


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("running", "closing", True),
        ("running", "closed", False),  # without an announcement
        ("cancelling", "announced", True),  # it lapsed
        ("closed", "running", False),
        ("closed", "reopened", True),
        ("applied", "running", False),  # it must be approved first
    ],
)
def test_a_move_that_leaves_out_a_step_is_none(before: str, after: str, may: bool) -> None:
    assert may_follow(State(before), State(after)) is may


@pytest.mark.parametrize(
    ("followers", "days"),
    [(0, 14), (1_000, 14), (1_001, 22), (10_000, 22), (100_000, 37), (100_001, 67), (None, 67)],
)
def test_a_cancellation_on_wechat_takes_its_freeze_and_a_week(followers: int | None, days: int) -> None:
    assert cancelling_takes("wechat", followers) == timedelta(days=days)
    assert cancelling_takes("weibo", followers) == timedelta(days=7)


def test_the_freeze_is_data_of_the_book_and_goes_by_the_most_followers_that_were_seen() -> None:
    """The published text of 2017 knows no freeze of 7 days; followers may have left since the request."""
    of = closed(State.CANCELLING).model_copy(update={"kind": "wechat"})
    many, few = (Feed(profile=Profile(name="x", followers=number)) for number in (1_001, 900))
    older = {"days": 30, "freezes": [[10_000, 15], [100_000, 30]], "longest": 60, "confirm": 7}
    for params, seen, last_day in (
        ({"days": 30}, [few], 14),
        ({"days": 30}, [many, few], 22),
        (older, [few], 22),
    ):
        line = BOOK.indicator("R6").model_copy(update={"params": params})
        on = evidence("2026-03-05", [look("2026-03-02", one) for one in seen], of=of)
        assert judge_one(line, on).values["days"] == last_day


# --- what is asked where ---------------------------------------------------------------------------------------------


def asked(state: State, book: Rulebook = BOOK) -> set[str]:
    found = judge(book, evidence("2026-03-20", of=closed(state)))
    return {one.indicator for one in found}


def test_an_account_is_watched_until_it_is_closed_and_after_that_for_staying_closed() -> None:
    for state in IN_USE - {State.ANNOUNCED, State.CANCELLING}:
        assert {"U1", "A6"} <= asked(state)
        assert not asked(state) & {"R5", "R6", "R8S"}
    assert {"U1", "A6", "R8S"} <= asked(State.ANNOUNCED)
    assert {"U1", "R6", "R8S"} <= asked(State.CANCELLING)
    assert "A6" not in asked(State.CANCELLING), "to be gone is what it is meant to be"
    assert asked(State.CLOSED) == {"R5", "R6", "R8S"}
    assert asked(State.MIGRATED) == {"R5", "R8S"}
    assert (asked(State.APPLIED), asked(State.APPROVED)) == ({"R4E"}, set())
    assert "R9L" in asked(State.LOST)
    assert "R4U" in asked(State.UNREGISTERED)
    assert not {"R9L", "R4U", "R4E"} & asked(State.RUNNING)


@pytest.mark.parametrize(
    ("state", "vetoes"),
    [
        (State.RUNNING, {"A3L", "A3D", "A3B", "A4"}),
        (State.CLOSING, {"A3L", "A3D", "A3B", "A4"}),  # nobody has been told yet
        (State.ANNOUNCED, set()),
        (State.CANCELLING, set()),
    ],
)
def test_an_app_that_leaves_its_stores_after_its_notice_does_as_it_should(state: State, vetoes: set[str]) -> None:
    """A wrong accusation, and told without a person: a veto by the stores, a candidate by each other rung."""
    of = account("app", store=["listing"], host=["package"], page=["back_end"], phone=["launch"])
    of = of.model_copy(update={"state": state, "state_since": date(2026, 3, 1), "stop_announced": date(2026, 3, 1)})
    gone: dict[str, Any] = {
        "store": Listing(present=False),
        "host": Package(present=False, status=404),
        "page": Page(opened=False, problem="status", status=503),
        "phone": Launch(opened=False, blame="app", problem="crash"),
    }
    looks = [
        look(f"2026-03-{day:02} 09:00", seen, target=one, covers=of_target.covers)
        for day in range(2, 9)
        for one, seen in gone.items()
        for of_target in of.targets
        if of_target.id == one
    ]
    found = judge(BOOK, evidence("2026-03-09", looks, of=of))
    assert {one.indicator for one in found if one.outcome is Outcome.FAIL and one.severity == "veto"} == vetoes


@pytest.mark.parametrize(
    ("state", "faults"),
    [
        (State.RUNNING, {"I1", "U7", "R2", "R3N", "R9V", "A7M"}),
        (State.CHANGING, {"I1", "U7", "R2", "R9V", "A7M"}),  # its change of name is under way in the register
        (State.CLOSING, {"I1", "U7", "R2", "R3N", "R9V", "A7M"}),  # nobody has been told yet
        (State.ANNOUNCED, set()),
        (State.CANCELLING, set()),
    ],
)
def test_what_an_account_takes_down_after_its_notice_it_takes_down_as_it_should(state: State, faults: set[str]) -> None:
    """Comments and menu, posts, verification and name: all of it went within two days."""
    more = {"state": state, "state_since": date(2026, 3, 1), "stop_announced": date(2026, 3, 1)}
    before = {"name": "某市发布", "verified": True, "verified_type": 1}
    after = {"name": "某市发布（已停用）", "verified": False, "verified_type": -1}
    shut = Profile(comments_open=False, posts=5, **after)  # type: ignore[arg-type]
    looks = [
        look("2026-03-01 10:00", Feed(oldest_at=at("2026-01-01"), profile=Profile(posts=6, **before)), posts=6),  # type: ignore[arg-type]
        *(look(f"2026-03-{day:02}", Feed(oldest_at=at("2026-01-01"), profile=shut), posts=5) for day in range(3, 15)),
    ]
    posts = [post("2026-01-01", until="2026-03-14"), post("2026-03-01", until="2026-03-01 10:00")]
    profiles = (
        SeenProfile(target="a", at=at("2026-03-01 10:00"), **before),  # type: ignore[arg-type]
        SeenProfile(target="a", at=at("2026-03-03"), **after),  # type: ignore[arg-type]
    )
    weibo = account("weibo", a=["posts", "profile", "comments"]).model_copy(update=more)
    on = evidence("2026-03-14", looks, posts, of=weibo).model_copy(update={"profiles": profiles})
    wechat = account("wechat", a=["menu"]).model_copy(update=more)
    empty = [look(f"2026-03-{day:02}", Feed(menu=()), covers=["menu"]) for day in (3, 4)]
    found = [*judge(BOOK, on), *judge(BOOK, evidence("2026-03-14", empty, of=wechat))]
    assert {one.indicator for one in found if one.outcome is Outcome.FAIL} - {"R6", "R8S"} == faults


def test_a_site_that_is_being_taken_down_is_not_unreachable() -> None:
    asked_of = {
        state: applies(BOOK.indicator("A1"), account("website", a=["visits"]).model_copy(update={"state": state}))
        for state in State
    }
    assert not asked_of[State.CANCELLING]
    assert asked_of[State.ANNOUNCED]
    assert asked_of[State.RUNNING]


def test_a_book_may_excuse_what_is_being_closed_from_updating() -> None:
    switch = BOOK.switches["exempt_while_closing"].model_copy(update={"value": True})
    lenient = BOOK.model_copy(update={"switches": {**BOOK.switches, "exempt_while_closing": switch}})
    for state in State:
        excused = asked(state) - asked(state, lenient)
        assert ("U1" in excused) == (state in (State.CLOSING, State.ANNOUNCED, State.CANCELLING)), state
        of = account("website", a=["visits", "home", "columns"]).model_copy(update={"state": state})
        on = evidence("2026-03-20", of=of)
        left = {one.indicator for one in judge(BOOK, on)} - {one.indicator for one in judge(lenient, on)}
        assert (left >= {"U10", "U11"}) == (state in (State.CLOSING, State.ANNOUNCED, State.CANCELLING)), state
    yangling = load_rulebook("yangling")
    assert "U1" in asked(State.CLOSING, yangling), "fourteen days, until it is closed"
    assert applies(yangling.indicator("U1"), closed(State.CANCELLING))


# --- R5 关停后又发布 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "looks", "outcome"),
    [
        ([post("2026-02-20")], [look("2026-03-05")], "pass"),
        ([post("2026-03-01 23:59")], [look("2026-03-05")], "pass"),  # the closing day itself
        ([post("2026-03-02 00:00")], [look("2026-03-02 09:00"), look("2026-03-05")], "fail candidate"),
        # claims a day after the closing, and was seen before it: a date in the future is no post after it
        ([post("2026-03-09", seen="2026-02-20")], [look("2026-03-10")], "pass"),
        ([], [look("2026-03-05", Reason.GONE)], "pass"),
        ([], [look("2026-03-05", Reason.BLOCKED)], "unknown not_seen_since_closing"),
        ([post("2026-02-20")], [look("2026-02-28")], "unknown not_seen_since_closing"),
        ([post("2026-03-04")], [look("2026-03-05", trusted=False)], "unknown not_seen_since_closing"),
        # a bridge that has not read the platform since
        ([post("2026-02-20")], [look("2026-03-05", Feed(synced_at=at("2026-03-01 20:00")))], UNSEEN),
    ],
)
def test_a_closed_account_that_posts_again(posts: list[object], looks: list[object], outcome: str) -> None:
    assert verdict(AGAIN, evidence("2026-03-20", looks, posts, of=closed())) == outcome  # type: ignore[arg-type]


# --- R6 登记已关停而平台未注销 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "looks", "outcome"),
    [
        ("2026-03-31 23:59", [look("2026-03-20", SHOWN)], "pass"),  # day 30 is inside
        ("2026-04-01 00:00", [look("2026-03-20", SHOWN)], "unknown not_seen_since_deadline"),
        ("2026-04-01 00:00", [look("2026-04-01 00:00", SHOWN)], "fail candidate"),
        ("2026-04-02", [look("2026-04-01", Reason.GONE)], "pass"),
        ("2026-04-02", [look("2026-04-01", Reason.CAPTCHA)], "unknown not_seen_since_deadline"),
        ("2026-04-02", [look("2026-04-01")], "unknown not_seen_since_deadline"),  # a list through a bridge may be old
        ("2026-04-02", [look("2026-04-01", SHOWN, trusted=False)], "unknown not_seen_since_deadline"),
        ("2026-04-03", [look("2026-04-01", SHOWN), look("2026-04-02", Reason.GONE)], "pass"),
    ],
)
def test_an_account_that_should_be_gone(now: str, looks: list[object], outcome: str) -> None:
    assert verdict(ALIVE, evidence(now, looks, of=closed())) == outcome  # type: ignore[arg-type]


def test_a_cancellation_may_take_as_long_as_the_freeze() -> None:
    cancelling = closed(State.CANCELLING, kind="wechat")  # 9,000 followers: 15 days, and 7 to confirm
    assert verdict(ALIVE, evidence("2026-03-23 23:59", [look("2026-03-23", SHOWN)], of=cancelling)) == "pass"
    on = evidence("2026-03-24 00:00", [look("2026-03-24 00:00", SHOWN)], of=cancelling)
    assert verdict(ALIVE, on) == "fail candidate"


async def test_a_bridge_that_goes_on_serving_what_it_kept_shows_no_account_alive() -> None:
    """A wrong accusation: the feed's title was taken for the platform's own word that the account is there."""
    wire = Replay.load(FEED, ADAPTERS["feed"].base_url).open("feed", at("2026-04-01 09:00"))
    address = ADAPTERS["feed"].address.model_validate({"url": "https://bridge.example/rss/7"})
    kept = ADAPTERS["feed"].parse(address, await ADAPTERS["feed"].fetch(address, wire))
    on = evidence("2026-04-02", [look("2026-04-01 09:00", kept, posts=1)], of=closed(kind="wechat"))
    assert verdict(ALIVE, on) == "unknown not_seen_since_deadline"


def page(state: str) -> Articles:
    """What the page of an article that is known of an account says, as WeChat gives it."""
    url = "https://mp.weixin.qq.com/s/a"
    shown = {
        "alive": '<div id="js_content">正文</div>',
        "cancelled": '<div class="weui-msg__title">此帐号已自主注销，内容无法查看</div>',
    }
    html = f"<html><body>{shown[state]}</body></html>".encode()
    exchange = Exchange(url=url, at=at("2026-05-15"), status=200, final_url=url, body=html)
    read = ADAPTERS["wechat.article"].parse(
        ADAPTERS["wechat.article"].address.model_validate({"urls": [url]}), (exchange,)
    )
    assert isinstance(read, Articles)
    return read


@pytest.mark.parametrize(
    ("shows", "outcome"),
    [
        (["alive"], "fail candidate"),  # WeChat itself shows its articles: it was never cancelled
        (["alive", "cancelled"], "pass"),
        (["cancelled"], "pass"),
        (["cancelled", "alive"], "fail candidate"),
    ],
)
def test_on_wechat_the_page_of_an_article_says_whether_its_account_is_there(shows: list[str], outcome: str) -> None:
    """The guilty was never found, and who had cancelled stayed unknown, where only articles can be asked."""
    of = closed(kind="wechat").model_copy(update={"targets": account("wechat", a=["articles"]).targets})
    looks = [look(f"2026-04-0{day}", page(state), covers=["articles"]) for day, state in enumerate(shows, start=2)]
    assert verdict(ALIVE, evidence("2026-04-05", looks, of=of)) == outcome
    assert verdict(AGAIN, evidence("2026-04-05", looks, of=of)) == (
        "pass" if "cancelled" in shows else "unknown not_seen_since_closing"
    )


# --- R8 停更未公告 ---------------------------------------------------------------------------------------------------


def test_a_stop_without_a_notice_is_a_candidate_and_what_could_not_be_read_is_unknown() -> None:
    titled = post("2026-02-25").model_copy(update={"title": "关于停止更新的公告"})
    seen, none = [look("2026-03-02"), look("2026-03-03")], [look("2026-03-02", Reason.TIMEOUT)]
    assert verdict(NOTICE, evidence("2026-03-20", seen, [post("2026-02-20")], of=closed())) == "fail candidate"
    assert verdict(NOTICE, evidence("2026-03-20", seen, [titled], of=closed())) == "pass"
    assert verdict(NOTICE, evidence("2026-03-20", none, of=closed())) == "unknown never_seen"
    for known in ({"stop_notice": "https://example.cn/1"}, {"stop_announced": date(2026, 2, 20)}):
        assert verdict(NOTICE, evidence("2026-03-20", none, of=closed(**known))) == "pass"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "seen",
    [
        [look("2026-02-28"), look("2026-03-01 09:00")],  # the notice of that day may have come later
        [look("2026-03-05", Feed(synced_at=at("2026-02-27")))],
        [look("2026-02-28"), look("2026-03-05", Reason.LOGIN_REQUIRED)],
    ],
)
def test_lists_of_before_the_stop_show_no_missing_notice(seen: list[Any]) -> None:
    on = evidence("2026-03-20", seen, [post("2026-02-20")], of=closed())
    assert verdict(NOTICE, on) == UNSEEN


@pytest.mark.parametrize(
    ("channels", "answers"),
    [
        ({"a": ["published"]}, (UNSEEN, UNSEEN)),  # what is mass-sent, it does not show
        ({"a": ["mass_sent"], "b": ["published"]}, ("pass", "fail candidate")),
    ],
)
def test_a_channel_that_shows_a_part_excludes_neither_a_post_nor_a_notice(
    channels: dict[str, list[str]], answers: tuple[str, str]
) -> None:
    of = closed(kind="wechat").model_copy(update={"targets": account("wechat", **channels).targets})
    looks = [look("2026-03-05", target=one, covers=kinds) for one, kinds in channels.items()]
    on = evidence("2026-03-20", looks, [post("2026-02-20")], of=of)
    assert (verdict(AGAIN, on), verdict(NOTICE, on)) == answers
    silent = evidence("2026-03-20", [*looks, look("2026-03-06", Reason.GONE)], [post("2026-02-20")], of=of)
    assert verdict(AGAIN, silent) == "pass", "the platform's word that it is gone speaks for all it shows"


def test_without_a_day_of_the_closing_nobody_is_accused() -> None:
    on = evidence("2026-04-20", [look("2026-04-19", SHOWN)], [post("2026-04-18")], of=closed(since=None))
    assert verdict(AGAIN, on) == verdict(ALIVE, on) == "unknown no_closing_day"


# --- the register ----------------------------------------------------------------------------------------------------


def test_a_store_keeps_the_state_and_says_which_move_was_none(store: Store) -> None:
    enrolled(store, stored("a"), stored("b"))
    gone = {"state": State.CLOSED, "state_since": date(2026, 3, 1), "stop_notice": "https://example.cn/1"}
    after = [stored("a").model_copy(update=gone), stored("b").model_copy(update={"state": State.CHANGING})]
    changed = store.enroll(after, START, lambda target: START)
    assert changed.odd_moves == (("a", "running", "closed"),)
    assert store.enroll(after, START, lambda target: START).changed == ()
    with store.writing() as ledger:
        assert [ledger.account(one.id) for one in after] == after


def test_states_are_read_from_both_kinds_of_files_and_a_wrong_one_is_a_problem(tmp_path: Path) -> None:
    entry = {"id": "a", "name": "某市发布", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "99000001"}]}
    more = {"state": "closed", "state_since": "2026-03-01", "stop_notice": "https://example.cn/1"}
    rows = "id,name,kind,adapter,uid,state,state_since\nb,某县发布,weibo,weibo,99000002,announced,2026-02-01\n"
    (tmp_path / "more.csv").write_text(rows, encoding="utf-8")
    path = tmp_path / "accounts.yaml"
    path.write_text(json.dumps({"accounts": [{**entry, **more}], "include": ["more.csv"]}), encoding="utf-8")
    a, b = load(path, None, {}).accounts
    assert (a.state, a.state_since, a.stop_notice) == (State.CLOSED, date(2026, 3, 1), "https://example.cn/1")
    assert (b.state, b.state_since) == (State.ANNOUNCED, date(2026, 2, 1))
    for wrong, says in (
        ({"state": "close"}, "closed"),
        ({"state_since": "soon"}, "a day"),
        ({"stop_notice": "x"}, "http"),
    ):
        path.write_text(json.dumps({"accounts": [{**entry, **wrong}]}), encoding="utf-8")
        with pytest.raises(SettingsError, match=says):
            load(path, None, {})


def test_closing_an_account_ends_its_alerts_and_explain_shows_its_state(tmp_path: Path) -> None:
    with Sim({"accounts": [weibo("silent", "day -40 10:00")]}) as sim:
        folder = sim.write(tmp_path)
        assert call(folder, "once", "--now", START.isoformat()).exit_code == 1
        register = json.loads((folder / "accounts.yaml").read_text(encoding="utf-8"))
        register["accounts"][0] |= {"state": "closed", "state_since": "2026-03-01", "stop_announced": "2026-02-20"}
        (folder / "accounts.yaml").write_text(json.dumps(register, ensure_ascii=False), encoding="utf-8")
        call(folder, "once", "--now", (START + DAY).isoformat())
        shown = call(folder, "explain", "silent", "--lang", "en").stdout
        assert "state: closed (since 2026-03-01)" in shown
        assert "Posts again after its closing: pass" in shown or "R5" in shown
        loaded = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
        store = Store.open(loaded.settings.database, now=START)
        try:
            assert enroll(store, loaded, START + DAY).changed == ()
            with store.writing() as ledger:
                assert ledger.live_alerts("silent") == ()
                (over,) = ledger.resolved_alerts(START)
                assert over.detail == "no longer asked of this account"
                assert ledger.standing("silent", "R5").outcome is Outcome.PASS  # type: ignore[union-attr]
        finally:
            store.close()
