"""The simulated platforms' bytes: their normal answers, and every misbehaviour by name."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest

from mediawatch.core.calendar import SHANGHAI
from mediawatch.sim import platforms, weibo
from mediawatch.sim.reply import Reply
from mediawatch.sim.world import load_world
from tests.sim_support import DAY, START, account, download, feed, lookup, profile, timeline, world


def said(reply: Reply) -> Any:
    assert reply.status == 200
    return json.loads(reply.body)


def cards(reply: Reply) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said(reply)["data"]["cards"]
    return found


# --- Weibo, in good order ---


def test_a_weibo_profile_counts_what_was_ever_posted() -> None:
    user = said(profile(world()))["data"]["userInfo"]
    assert (user["id"], user["screen_name"], user["statuses_count"]) == (9900000001, "某县第1号", 140)
    assert (user["followers_count"], user["verified_type"]) == ("145.5万", 1)
    tabs = said(profile(world()))["data"]["tabsInfo"]["tabs"]
    assert [tab["containerid"] for tab in tabs if tab["tab_type"] == "weibo"] == ["1076039900000001"]


@pytest.mark.parametrize(
    ("followers", "shown"), [(0, 0), (9999, 9999), (10000, "1万"), (1455000, "145.5万"), (151_000_000, "1.51亿")]
)
def test_followers_are_a_number_or_a_text(followers: int, shown: int | str) -> None:
    sim = world(accounts=[account("one", 1, weibo={"uid": "9900000001", "followers": followers})])
    assert said(profile(sim))["data"]["userInfo"]["followers_count"] == shown


def test_a_weibo_timeline_is_paged_by_ten_without_gaps() -> None:
    sim = world()
    first, second = timeline(sim), timeline(sim, page="2")
    since_id = said(first)["data"]["cardlistInfo"]["since_id"]
    assert cards(timeline(sim, since_id=str(since_id))) == cards(second)
    everything = [card["mblog"]["mid"] for page in range(1, 5) for card in cards(timeline(sim, page=str(page)))]
    assert everything == [str(weibo.mid(post)) for post in sim.posts("one", START)]
    assert said(timeline(sim, page="5")) == {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}


def test_weibo_dates_are_of_beijing_and_in_english() -> None:
    sim = world(accounts=[account("one", 1, posts={"at": ["day -1 11:59:06"]})])
    blog = cards(timeline(sim))[0]["mblog"]
    assert blog["created_at"] == "Mon Aug 24 11:59:06 +0800 2026"
    assert re.fullmatch(r"[0-9A-Za-z]{9}", blog["bid"])


def test_a_pinned_post_stands_first_whatever_its_age() -> None:
    posts = {"at": [{"at": "-5y", "pinned": True}, "-2d", {"at": "-3d", "repost": True, "original_gone": True}]}
    found = cards(timeline(world(accounts=[account("one", 1, posts=posts)])))
    assert [card["mblog"].get("isTop") for card in found] == [1, None, None]
    assert found[0]["mblog"]["title"]["text"] == "置顶"
    assert found[0]["mblog"]["mblogtype"] == 2
    assert found[0]["profile_type_id"].startswith("proweibotop_")
    assert found[2]["mblog"]["retweeted_status"]["user"] is None
    assert found[2]["mblog"]["raw_text"].startswith("转发微博")


def test_an_account_that_never_posted_has_a_profile_and_an_empty_list() -> None:
    sim = world(accounts=[account("one", 1, posts={})])
    assert said(profile(sim))["data"]["userInfo"]["statuses_count"] == 0
    assert said(timeline(sim))["ok"] == 0
    info = platforms.answer(sim, "/weibo/api/container/getIndex", {"containerid": "2302839900000001_-_INFO"}, START)
    assert "注册时间" in [item["item_name"] for item in cards(info)[0]["card_group"]]


# --- feeds, in good order ---


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feed_reads_the_same_in_every_format(form: str) -> None:
    sim = world()
    reply = feed(sim, format=form)
    if form == "json":
        dates = [datetime.fromisoformat(item["date_published"]) for item in said(reply)["items"]]
    else:
        parsed = feedparser.parse(reply.body)
        assert parsed.version == {"rss": "rss20", "atom": "atom10"}[form]
        assert not parsed.bozo
        dates = [datetime(*entry.published_parsed[:6], tzinfo=START.tzinfo) for entry in parsed.entries]
    assert dates == [post.at for post in sim.posts("one", START, 20)]


def test_we_mp_rss_leaves_the_zone_out_of_its_dates() -> None:
    sim = world()
    body = feed(sim, bridge="mp").body.decode()
    at = sim.posts("one", START)[0].at.astimezone(SHANGHAI)
    assert f"{at:%H:%M:%S}</pubDate>" in body
    assert "<generator>Mp-We-Rss</generator>" in body


def test_a_bridge_may_run_behind() -> None:
    sim = world(bridges={"hub": {"lag": "48h"}, "mp": {}})
    assert feed(sim).body == feed(world(), START - 2 * DAY).body


def test_an_unchanged_feed_is_answered_304() -> None:
    sim = world()
    etag = feed(sim).header("ETag")
    path = "/bridge/hub/wechat/ce/hub1"
    again = platforms.answer(sim, path, {}, START + timedelta(minutes=5), {"If-None-Match": etag})
    assert (again.status, again.body, again.header("ETag")) == (304, b"", etag)
    assert platforms.answer(sim, path, {}, START + DAY, {"If-None-Match": etag}).status == 200


# --- the store, in good order ---


def test_the_store_shows_the_newest_release_among_blank_lines() -> None:
    reply = lookup(world())
    assert reply.body.startswith(b"\n\n")
    assert reply.body.endswith(b"\n\n")
    assert reply.header("Content-Type").startswith("text/javascript")
    result = said(reply)["results"][0]
    assert (result["version"], result["bundleId"], result["trackId"]) == ("1.1", "cn.gov.c1", 9910000001)
    assert result["currentVersionReleaseDate"] == f"{START - 90 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    assert said(lookup(world(), number=77)) == {"resultCount": 0, "results": []}


def test_a_withdrawn_app_is_gone_from_the_store() -> None:
    store = account("one", 1)["store"] | {"withdrawn": "day 3"}
    sim = world(accounts=[account("one", 1, store=store)])
    assert said(lookup(sim))["resultCount"] == 1
    assert said(lookup(sim, START + 3 * DAY))["resultCount"] == 0


# --- misbehaviour ---


@pytest.mark.parametrize(
    ("mode", "status"),
    [("http_432", 432), ("http_418", 418), ("rate_limited", 429), ("server_error", 503)],
)
def test_every_platform_refuses_with_a_status(mode: str, status: int) -> None:
    sim, patient = world({"mode": mode, "where": "all"}), world({"mode": mode, "where": "all", "retry_after": 7})
    for ask in (profile, timeline, feed, lookup, download):
        assert ask(sim).status == ask(patient).status == status
        assert ask(sim).header("Retry-After") == ("60" if status == 429 else "")
        assert ask(patient).header("Retry-After") == "7"


@pytest.mark.parametrize(("mode", "fate"), [("slow", "slow"), ("reset", "reset"), ("offline", "offline")])
def test_some_answers_never_arrive(mode: str, fate: str) -> None:
    sim = world({"mode": mode, "where": "all"})
    assert {reply.fate for reply in (profile(sim), feed(sim), lookup(sim), download(sim))} == {fate}


def test_a_captcha_takes_the_place_of_the_content() -> None:
    sim = world({"mode": "captcha"})
    assert "captcha" in said(profile(sim))["url"]
    for reply in (feed(sim), lookup(sim), download(sim)):
        assert reply.status == 200
        assert "环境异常" in reply.body.decode()


def test_weibo_refuses_in_its_own_words() -> None:
    wall = said(profile(world({"mode": "login_wall"})))
    assert (wall["ok"], "passport.weibo.com" in wall["url"]) == (-100, True)
    away = timeline(world({"mode": "redirect_to_passport"}))
    assert (away.status, away.header("Location").partition("?")[0]) == (
        302,
        "https://passport.weibo.com/visitor/visitor",
    )
    assert said(profile(world({"mode": "gone"}))) == {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
    assert said(profile(world(), uid="1234567890")) == said(profile(world({"mode": "gone"})))
    banned = said(profile(world({"mode": "banned"})))
    assert (banned["error_type"], "违反《微博社区公约》" in banned["url"]) == ("link", True)


def test_posts_can_be_hidden_while_the_profile_counts_them() -> None:
    soft, hidden = world({"mode": "soft_empty"}), world({"mode": "hidden_posts"})
    assert said(timeline(soft)) == {"ok": 0, "msg": "这里还没有内容", "data": {}}
    assert (said(timeline(hidden))["ok"], cards(timeline(hidden))) == (1, [])
    for sim in (soft, hidden):
        assert said(profile(sim))["data"]["userInfo"]["statuses_count"] == 140


def test_profile_and_timeline_can_agree_on_a_lie_or_contradict_each_other() -> None:
    liar = world({"mode": "empty_profile"})
    assert said(profile(liar))["data"]["userInfo"]["statuses_count"] == 0
    assert said(timeline(liar))["ok"] == 0
    torn = world({"mode": "count_drop"})
    assert said(profile(torn))["data"]["userInfo"]["statuses_count"] == 0
    assert len(cards(timeline(torn))) == 10


def test_only_the_pinned_post_can_be_shown() -> None:
    posts = {"at": [{"at": "-5y", "pinned": True}, "-2d"]}
    sim = world({"mode": "pinned_only"}, accounts=[account("one", 1, posts=posts)])
    assert [card["mblog"].get("isTop") for card in cards(timeline(sim))] == [1]


def test_a_changed_page_is_well_formed_and_of_no_known_shape() -> None:
    sim = world({"mode": "changed_page"})
    assert "ok" not in said(profile(sim))
    assert "resultCount" not in said(lookup(sim))
    assert feedparser.parse(feed(sim).body).version == ""
    assert download(sim).body.startswith(b"<!DOCTYPE html>")


def test_a_body_can_be_cut_off_plain_or_packed() -> None:
    whole = world()
    cut, packed = world({"mode": "cut_off"}), world({"mode": "cut_off_gzip"})
    for ask in (profile, timeline, feed, lookup, download):
        assert ask(whole).body.startswith(ask(cut).body)
        assert len(ask(cut).body) < len(ask(whole).body)
        reply = ask(packed)
        assert reply.header("Content-Encoding") == "gzip"
        with pytest.raises(EOFError):
            gzip.decompress(reply.body)
        assert ask(whole).body.startswith(zlib.decompressobj(31).decompress(reply.body))


def test_a_stale_platform_shows_the_day_on_which_it_stopped() -> None:
    sim = world({"mode": "stale", "where": "all", "from": "day 5"})
    for ask in (timeline, feed, profile):
        assert ask(sim, START + 30 * DAY).body == ask(world(), START + 5 * DAY).body


def test_the_data_of_another_account_can_come_back() -> None:
    sim = world({"mode": "wrong_account"})
    assert profile(sim).body == profile(world(), uid="9900000002").body
    assert timeline(sim).body == timeline(world(), uid="9900000002").body
    assert feed(sim).body == feed(world(), number=2).body
    assert lookup(sim).body == lookup(world(), number=2).body
    assert download(sim).body != download(world()).body


def test_a_bridge_can_be_an_empty_shell_or_know_no_such_feed() -> None:
    for bridge in ("hub", "mp"):
        parsed = feedparser.parse(feed(world({"mode": "empty_shell", "where": bridge}), bridge=bridge).body)
        assert (parsed.version, parsed.entries, parsed.feed.title) == ("rss20", [], parsed.feed.title)
        assert parsed.feed.title
    gone = world({"mode": "gone"})
    assert (feed(gone).status, feed(gone, bridge="mp").status) == (404, 400)
    assert download(gone).status == 404
    assert said(lookup(gone))["resultCount"] == 0


@pytest.mark.parametrize(("mode", "year"), [("dates_1970", "1970"), ("dates_2099", "2099")])
def test_dates_can_be_absurd(mode: str, year: str) -> None:
    sim = world({"mode": mode, "where": "all"})
    assert {card["mblog"]["created_at"][-4:] for card in cards(timeline(sim))} == {year}
    assert {entry.published_parsed[0] for entry in feedparser.parse(feed(sim).body).entries} == {int(year)}


def test_dates_can_be_missing_or_relative() -> None:
    bare = world({"mode": "no_dates", "where": "all"})
    assert not [card for card in cards(timeline(bare)) if "created_at" in card["mblog"]]
    assert not [entry for entry in feedparser.parse(feed(bare).body).entries if "published" in entry]
    spans = ["-30s", "-5m", "-2h", "day -1 12:00", "day -30 08:00", "-500d"]
    old = world({"mode": "relative_dates"}, accounts=[account("one", 1, posts={"at": spans})])
    noon = START + timedelta(hours=12)
    old_now = world({"mode": "relative_dates"}, accounts=[account("one", 1, posts={"at": ["11h 55m", "10h"]})])
    assert [card["mblog"]["created_at"] for card in cards(timeline(old_now, noon))] == ["5分钟前", "2小时前"]
    shown = [card["mblog"]["created_at"] for card in cards(timeline(old))]
    assert shown == ["刚刚", "5分钟前", "昨天 22:00", "昨天 12:00", "07-26", "2025-04-12"]


# --- the whole ---


def test_the_same_world_and_instant_give_the_same_bytes() -> None:
    one, other = load_world("demo", START), load_world("demo", START)
    other.posts("yunze-news", START + 300 * DAY)  # what was asked before must not matter
    for days in (0, 12.5, 33):
        now = START + days * DAY
        for player in one.definition.accounts:
            asked: list[tuple[str, dict[str, str]]] = []
            if player.weibo:
                asked.append(("/weibo/api/container/getIndex", {"containerid": f"107603{player.weibo.uid}"}))
                asked.append(("/weibo/api/container/getIndex", {"value": player.weibo.uid}))
            asked += [(f"/bridge/{held.bridge}/feed/{held.id}.xml", {}) for held in player.feeds]
            if player.store:
                asked.append(("/store/lookup", {"id": player.store.track_id}))
            if player.package:
                asked.append((f"/packages/{player.id}.apk", {}))
            if player.site or player.h5:
                asked += [(f"/site/{player.id}/{page}", {}) for page in ("", "h5/", "yjgl/")]
            if player.wechat:
                asked.append(("/wechat/cgi-bin/appmsgpublish", {"fakeid": player.wechat.fakeid}))
            assert asked
            for path, query in asked:
                assert platforms.answer(one, path, query, now) == platforms.answer(other, path, query, now)


def test_what_lies_nowhere_is_not_found() -> None:
    sim = world()
    for path in ("/", "/nowhere", "/weibo/x", "/store/x", "/bridge", "/bridge/none/feed/a.xml", "/packages/none.apk"):
        assert platforms.answer(sim, path, {}, START).status == 404
