"""Recorded answers of real servers, read as their `expected.json` says.

The recordings are not part of this repository: the folder is named by MEDIAWATCH_SAMPLES. Nothing in it is passed
over in silence: a file is read by a channel of ours, or its kind is in one of the lists below.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import ADAPTERS, apk, appstore, feed, weibo
from mediawatch.adapters.apk_signature import signer_of
from mediawatch.adapters.weibo_dates import BEIJING
from mediawatch.core.model import Blame, Listing, Package, Profile, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.isolation import Readers

ROOT = os.environ.get("MEDIAWATCH_SAMPLES", "")
pytestmark = pytest.mark.skipif(not ROOT, reason="MEDIAWATCH_SAMPLES is not set: NO RECORDED SAMPLE WAS READ")
EXPECTED: dict[str, Any] = (
    json.loads((Path(ROOT) / "expected.json").read_text(encoding="utf-8")) if ROOT else {"unset": {"kind": "unset"}}
)

FEEDS = (
    "wechat_feed",
    "wechat_feed_snapshot",
    "feed_rss",
    "feed_atom",
    "feed_json",
    "feed_rss_we_mp_rss",
    "feed_rss_rsshub_weibo",
    "feed_json_rsshub",
)
# Read in test_samples_wechat.py.
WECHAT = {
    *("wechat_api", "wechat_api_comments", "wechat_api_error", "wechat_api_list"),
    *("wechat_mp_error", "wechat_mp_list", "wechat_mp_search", "wechat_profile_ext"),
    *("wechat_about_page", "wechat_article_page"),
}
# Read in test_samples_weibo.py.
WEIBO = {
    *("weibo_timeline_desktop", "weibo_timeline_app", "weibo_visitor"),
    *("weibo_openapi_timeline", "weibo_openapi_profile", "weibo_openapi_status"),
}
# Read in test_samples_bilibili.py.
BILIBILI = {"bilibili_dynamics", "bilibili_live", "bilibili_profile", "bilibili_stat"}
READ = {*FEEDS, *WECHAT, *WEIBO, *BILIBILI, "weibo_profile", "weibo_timeline", "weibo_error", "itunes", "apk", "adb"}
# Channels not built yet: their folders, and the kinds of answers that the folders of built channels also hold.
NOT_BUILT_FOLDERS = ("bilibili/",)
# Answers to questions that no channel puts, and why.
NEVER_ASKED = {
    "weibo_info_card": "where an account says it is; its date of registration is told by the open API",
    "weibo_long_text": "the whole text of one post; that there is a post is what counts",
    "weibo_login_check": "whose login a cookie is; the profile call says whether it is good",
    "weibo_profile_derived": "no answer of a platform but what another program made of one, under names of its own",
    "weibo_search_in_profile": "a search; no hit says nothing about the account",
    "weibo_openapi_search": "a search; no hit says nothing about any account",
    "weibo_openapi_rate_limit": "how many questions are left; a refusal says so by its code",
}
NO_ANSWERS = ("lists/",)
STATES = {
    "gone": (Reason.GONE,),
    "blocked": (Reason.BLOCKED_ACCOUNT,),
    "captcha": (Reason.CAPTCHA,),
    "login_required": (Reason.LOGIN_REQUIRED,),
    "rate_limited": (Reason.RATE_LIMITED,),
    "malformed": (Reason.UNREADABLE,),
}
AT = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def of_kind(*kinds: str) -> list[str]:
    return sorted(path for path, expected in EXPECTED.items() if expected["kind"] in kinds)


def answer(path: str, at: datetime = AT, status: int = 200) -> Exchange:
    body = (Path(ROOT) / path).read_bytes()
    url = f"https://sample.example/{Path(path).name}"
    headers = (("Content-Length", str(len(body))),)
    return Exchange(url=url, final_url=url, at=at, status=status, headers=headers, body=body)


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def test_every_sample_is_read_or_named_here() -> None:
    for path, expected in EXPECTED.items():
        elsewhere = path.startswith(NO_ANSWERS) or expected["kind"] in NEVER_ASKED
        assert (expected["kind"] in READ) != elsewhere, f"{path}: {expected['kind']}"
    assert {expected["kind"] for expected in EXPECTED.values()} >= {"weibo_profile", "weibo_timeline", "apk", "itunes"}


# --- feeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind(*FEEDS))
def test_a_feed_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    seen = feed.parse(feed.Address(url="https://sample.example/f"), (answer(path),))
    assert expected["state"] == ("empty" if seen.blank else "ok")
    assert len(seen.posts) == expected["n_posts"]
    assert sum(post.pinned for post in seen.posts) == expected["n_pinned"]
    assert sum(post.repost for post in seen.posts) == expected["n_reposts"]
    assert (seen.newest.at if seen.newest else None) == moment(expected["newest_post_at"])
    assert len({post.key for post in seen.posts}) == len(seen.posts)
    # A dated list is a whole one; without dates, silence cannot be judged.
    assert seen.complete == all(post.at is not None for post in seen.posts)


@pytest.mark.parametrize("folder", sorted({str(Path(path).parent) for path in of_kind("wechat_feed_snapshot")}))
def test_snapshots_of_one_feed_show_as_many_new_links_as_expected(folder: str) -> None:
    known: set[str] = set()
    for path in sorted(path for path in of_kind("wechat_feed_snapshot") if str(Path(path).parent) == folder):
        seen = feed.parse(feed.Address(url="https://sample.example/f"), (answer(path),))
        keys = {post.key for post in seen.posts}
        new = EXPECTED[path].get("new_links_since_previous_snapshot")
        if new is not None:
            assert len(keys - known) == new
        known = keys


async def test_a_worker_reads_the_samples_as_we_do() -> None:
    readers = Readers(workers=1)
    try:
        for path in (of_kind("wechat_feed")[:3], of_kind("apk")[:3]):
            for name in path:
                adapter = ADAPTERS["apk" if EXPECTED[name]["kind"] == "apk" else "feed"]
                address = adapter.address.model_validate({"url": "https://sample.example/f"})
                assert await readers.read(adapter, address, (answer(name),)) == adapter.parse(address, (answer(name),))
    finally:
        readers.close()


# --- Weibo ------------------------------------------------------------------------------------------------------------


def uid_in(path: str) -> str:
    """Whose recording it is; the adapter asks for an account, a recording does not say for which it was asked."""
    data = json.loads((Path(ROOT) / path).read_bytes()).get("data") or {}
    container = (data.get("cardlistInfo") or {}).get("containerid", "")
    cards = data.get("cards") or [{}]
    item = str(cards[0].get("itemid", "")).partition("_")[0]
    return str((data.get("userInfo") or {}).get("id") or container[6:] or item[6:] or "5555000001")


@pytest.mark.parametrize("path", of_kind("weibo_timeline"))
def test_a_weibo_timeline_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    address = weibo.Address(uid=uid_in(path))
    profile = {"ok": 1, "data": {"userInfo": {"id": int(address.uid), "screen_name": "x", "statuses_count": 9999}}}
    first = answer(path).model_copy(update={"body": json.dumps(profile).encode()})
    seen = weibo.parse(address, (first, answer(path)))
    plain = [post.at for post in seen.posts if not post.pinned and post.at is not None]
    pinned = [post.at for post in seen.posts if post.pinned and post.at is not None]
    assert len(seen.posts) == expected["n_posts"]
    assert len(pinned) == expected["n_pinned"]
    assert sum(post.repost for post in seen.posts) == expected["n_reposts"]
    if "relative_date" not in expected:
        assert max(plain, default=None) == moment(expected["newest_post_at"])
        wanted = moment(expected.get("newest_pinned_at"))
        if wanted is not None and expected.get("pinned_date_precision") == "day":
            # Only month and day are known; the year follows from when it was read.
            wanted = wanted.replace(year=AT.year if wanted.replace(year=AT.year) <= AT else AT.year - 1)
        assert max(pinned, default=None) == wanted
    assert seen.complete == (bool(plain) and len(seen.posts) > 1), "one of 9999 is no list"


@pytest.mark.parametrize("path", [path for path in of_kind("weibo_timeline") if "relative_date" in EXPECTED[path]])
def test_a_relative_date_counts_back_from_the_reading(path: str) -> None:
    at = datetime(2018, 5, 7, 21, 30, tzinfo=BEIJING)
    hours = int("".join(letter for letter in EXPECTED[path]["relative_date"] if letter.isdigit()))
    posts = weibo.read_timeline(weibo.Address(uid=uid_in(path)), answer(path, at))
    assert [post.at for post in posts] == [at - timedelta(hours=hours)]


@pytest.mark.parametrize("path", [path for path in of_kind("weibo_timeline") if EXPECTED[path].get("newest_pinned_at")])
def test_a_day_without_a_year_belongs_to_the_year_of_the_reading(path: str) -> None:
    wanted = moment(EXPECTED[path]["newest_pinned_at"])
    assert wanted is not None
    posts = weibo.read_timeline(weibo.Address(uid=uid_in(path)), answer(path, wanted + timedelta(days=200)))
    assert max(post.at for post in posts if post.pinned and post.at) == wanted


@pytest.mark.parametrize("path", of_kind("weibo_profile"))
def test_a_weibo_profile_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    address = weibo.Address(uid=uid_in(path))
    if expected["state"] == "ok":
        profile = weibo.read_profile(address, answer(path))
        assert isinstance(profile, Profile)
        raw = json.loads((Path(ROOT) / path).read_bytes())["data"]["userInfo"]
        assert profile.uid == str(raw["id"])
        assert profile.name == raw["screen_name"]
        assert profile.posts == int(raw["statuses_count"])
        assert profile.verified_type == raw["verified_type"]
        assert profile.followers is not None
        if "means 1,455,000" in expected["note"]:
            assert profile.followers == 1_455_000
    else:
        with pytest.raises(Failed) as raised:
            weibo.read_profile(address, answer(path))
        assert raised.value.failure.reason in STATES[expected["state"]]
        # The same words on the timeline call decide nothing.
        assert weibo.read_timeline(address, answer(path)) == ()


@pytest.mark.parametrize("path", of_kind("weibo_error"))
def test_a_weibo_error_reads_as_expected(path: str) -> None:
    status = 414 if "HTTP 414" in EXPECTED[path]["note"] else 200
    with pytest.raises(Failed) as raised:
        weibo.read_profile(weibo.Address(uid="5555000001"), answer(path, status=status))
    reason = raised.value.failure.reason
    assert reason in STATES[EXPECTED[path]["state"]]
    # The timeline call comes after a profile that was shown: there the same words blame nobody.
    with pytest.raises(Failed) as raised:
        weibo.read_timeline(weibo.Address(uid="5555000001"), answer(path, status=status))
    assert raised.value.failure.reason is (Reason.UNREADABLE if reason.blame is Blame.ACCOUNT else reason)


# --- apps -------------------------------------------------------------------------------------------------------------


SLACK = "803453959"


@pytest.mark.parametrize("path", of_kind("itunes"))
def test_each_app_of_a_lookup_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    if not expected["present"]:
        of = appstore.Address(track_id="1", control=SLACK)
        none, control = answer(path), answer("itunes/lookup_slack.json")
        assert appstore.parse(of, (none, none, control)) == Listing(present=False)
        for alone in ((none,), (none, none), (none, none, none)):
            with pytest.raises(Failed, match="not even one"):
                appstore.parse(of, alone)
        return
    for app in expected["apps"]:
        for address in ({"track_id": app["track_id"]}, {"bundle_id": app["bundle_id"]}):
            seen = appstore.parse(appstore.Address.model_validate(address), (answer(path),))
            assert seen.present
            assert (seen.bundle, seen.name, seen.version) == (app["bundle_id"], app["name"], app["version"])
            assert seen.updated_at == moment(app["released_at"])
    with pytest.raises(Failed, match="wrong identity"):
        appstore.parse(appstore.Address(track_id="1"), (answer(path),))


@pytest.mark.parametrize("path", of_kind("apk"))
def test_a_package_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    seen = apk.parse(apk.Address(url="https://sample.example/a.apk"), (answer(path),))
    assert isinstance(seen, Package)
    assert seen.valid == expected["valid"]
    assert bool(seen.signed) == expected["signed"]
    assert list(seen.schemes) == expected["schemes"]
    assert (seen.launchable or None) == expected["launchable_activity"]
    assert (seen.package or None) == expected["package"]
    if expected["valid"]:
        version = f"{seen.version_code} / {seen.version or '(none)'}"
        assert version == expected["version"]
        assert seen.signed is not None
    assert bool(seen.problem) == (not (seen.valid and seen.signed and seen.launchable))


@pytest.mark.parametrize(
    ("name", "signer"),
    [  # as Java's keytool prints them
        ("fdroid/com.politedroid_3.apk", "32a23624c201b949"),
        ("fdroid/urzip.apk", "7eabd8c15de883d1"),
        ("androguard/TestActivity.apk", "6f5c31608f1f9e28"),
        ("androguard/golden-aligned-v2-out.apk", "fb5dbd3c669af9fc"),
    ],
)
def test_the_signer_of_real_packages_is_read(name: str, signer: str) -> None:
    body = (Path(ROOT) / "apk" / name).read_bytes()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert signer_of(body, archive).startswith(signer)
