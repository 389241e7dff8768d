"""Recorded answers of Weibo's other channels, read as their `expected.json` says; see test_samples.py for their place.

Some were recorded from questions that no channel of ours puts; of those it is shown that they could accuse nobody.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from mediawatch.adapters import weibo, weibo_desktop, weibo_open, weibo_visitor
from mediawatch.adapters.weibo_answers import Blog, posts_of
from mediawatch.core.model import Feed, Post
from mediawatch.core.wire import Exchange, Failed
from tests.test_samples import EXPECTED, NEVER_ASKED, ROOT, STATES, answer, moment, of_kind

pytestmark = pytest.mark.skipif(not ROOT, reason="MEDIAWATCH_SAMPLES is not set: NO RECORDED SAMPLE WAS READ")
UID = "5555000001"


class Tape(yaml.SafeLoader):
    """Recordings of an old Python mark their texts as such."""


Tape.add_constructor("tag:yaml.org,2002:python/unicode", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def raw(path: str) -> Any:
    return json.loads((Path(ROOT) / path).read_bytes())


def made(path: str, body: bytes) -> Exchange:
    return answer(path).model_copy(update={"body": body})


def pages(path: str) -> tuple[Exchange, ...]:
    """The answers of a recording: a file of its own, or each one of a recorded conversation."""
    if not path.endswith(".yaml"):
        return (answer(path),)
    tape = yaml.load((Path(ROOT) / path).read_text(encoding="utf-8"), Loader=Tape)
    bodies = [one["response"]["body"]["string"] for one in tape["interactions"]]
    return tuple(
        made(path, zlib.decompress(body, 16 + zlib.MAX_WBITS) if isinstance(body, bytes) else body.encode())
        for body in bodies
    )


def newest(posts: tuple[Post, ...]) -> Any:
    return max(post.at for post in posts if post.at is not None)


def counted(posts: tuple[Post, ...], expected: dict[str, Any]) -> bool:
    return (len(posts), sum(post.pinned for post in posts), sum(post.repost for post in posts)) == (
        expected["n_posts"],
        expected["n_pinned"],
        expected["n_reposts"],
    )


def profile(uid: str, count: int = 9999) -> dict[str, Any]:
    return {"id": int(uid), "screen_name": "x", "statuses_count": count}


# --- the desktop site -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("weibo_timeline_desktop"))
def test_a_desktop_timeline_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    uid = str(raw(path)["data"]["list"][0]["user"]["id"])
    first = made(path, json.dumps({"ok": 1, "data": {"user": profile(uid)}}).encode())
    seen = weibo_desktop.parse(weibo_desktop.Address(uid=uid), (first, answer(path)))
    assert counted(seen.posts, expected)
    assert newest(seen.posts) == moment(expected["newest_post_at"])
    assert seen.complete == (len(seen.posts) > 1), "one of 9999 is no list"
    assert seen.profile is not None
    assert seen.profile.comments_open


@pytest.mark.parametrize("path", of_kind("weibo_error"))
def test_an_error_reads_the_same_on_every_channel_that_may_get_it(path: str) -> None:
    expected = EXPECTED[path]
    got = answer(path, status=414 if "HTTP 414" in expected["note"] else 200)
    read: tuple[Any, ...] = (weibo.read_profile, weibo_desktop.read_profile)
    if "openapi" in path:
        read = (weibo_open.read_profile,)
    for one in read:
        with pytest.raises(Failed) as raised:
            one(weibo_open.Address(uid=UID), got)
        assert raised.value.failure.reason in STATES[expected["state"]]


# --- the open API -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("weibo_openapi_timeline"))
def test_a_timeline_of_the_open_api_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    answers = pages(path)
    posts = posts_of([blog for page in answers for blog in weibo_open.read_page(page)], answers[0])
    assert counted(posts, expected)
    assert newest(posts) == moment(expected["newest_post_at"])
    for name, wanted in expected.get("newest_per_account", {}).items():
        users = {status["user"]["screen_name"]: status["user"] for status in raw(path)["statuses"]}
        address = weibo_open.Address(uid=str(users[name]["id"]), via="home")
        seen = weibo_open.parse(address, (made(path, json.dumps(users[name]).encode()), *answers))
        assert seen.newest is not None
        assert seen.newest.at == moment(wanted)
        assert not seen.complete, "what others posted may have pushed something out"
        assert seen.profile is not None
        assert (seen.profile.name, seen.profile.verified_type) == (name, users[name]["verified_type"])


@pytest.mark.parametrize("path", of_kind("weibo_openapi_profile"))
def test_a_profile_of_the_open_api_reads_as_expected(path: str) -> None:
    user = raw(path)
    seen = weibo_open.read_profile(weibo_open.Address(uid=str(user["id"])), answer(path))
    assert (seen.uid, seen.name) == (str(user["id"]), user["screen_name"])
    assert (seen.posts, seen.followers, seen.following) == (
        user["statuses_count"],
        user["followers_count"],
        user["friends_count"],
    )
    assert (seen.verified, seen.verified_type, seen.verified_reason) == (True, 1, user["verified_reason"])
    assert seen.registered_at is not None
    assert seen.registered_at.isoformat() in EXPECTED[path]["note"]
    assert seen.comments_open


@pytest.mark.parametrize("path", of_kind("weibo_openapi_status"))
def test_a_single_post_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    posts = posts_of([msgspec.json.decode(answer(path).body, type=Blog)], answer(path))
    assert counted(posts, expected)
    assert newest(posts) == moment(expected["newest_post_at"])


# --- the app's own interface, which no channel asks, in the cards that the mobile site shares -------------------------


@pytest.mark.parametrize("path", of_kind("weibo_timeline_app"))
def test_a_timeline_of_the_app_reads_as_expected_but_for_what_is_not_public(path: str) -> None:
    expected = EXPECTED[path]
    blogs = [card["mblog"] for card in raw(path)["cards"] if card["card_type"] == 9]
    hidden = [blog["id"] for blog in blogs if blog["visible"]["type"] != 0]
    assert f"{len(hidden)} posts are not public" in expected["note"]
    uid = str(blogs[0]["user"]["id"])

    def read(shown: list[dict[str, Any]]) -> tuple[Post, ...]:
        cards = [{"card_type": 9, "mblog": blog} for blog in shown]
        body = json.dumps({"ok": 1, "data": {"cards": cards}}).encode()
        return weibo.read_timeline(weibo.Address(uid=uid), made(path, body))

    assert counted(read([blog | {"visible": {"type": 0}} for blog in blogs]), expected)
    public = read(blogs)
    assert newest(public) == moment(expected["newest_post_at"])
    assert len(public) == expected["n_posts"] - len(hidden)
    assert not {post.key for post in public} & {str(key) for key in hidden}


# --- visitors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("weibo_visitor"))
def test_a_visitor_has_a_cookie_where_there_is_one_whatever_the_code_says(path: str) -> None:
    granted = weibo_visitor.granted(answer(path))
    assert ("SUB" in granted) == (EXPECTED[path]["state"] == "ok")
    assert b"20000000" in answer(path).body


@pytest.mark.parametrize("path", of_kind("weibo_error"))
def test_another_cookie_is_asked_for_where_one_is_missing_and_nowhere_else(path: str) -> None:
    # The open API's "relogin" is about a token; no visitor cookie would help.
    wanted = EXPECTED[path]["state"] == "login_required" and "openapi" not in path
    assert weibo_visitor.turned_away(answer(path)) == wanted


# --- answers to questions that we do not put --------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind(*(kind for kind in NEVER_ASKED if kind.startswith("weibo_"))))
def test_an_answer_to_another_question_could_accuse_nobody(path: str) -> None:
    first = {"id": int(UID), "screen_name": "x", "statuses_count": 9999}
    mobile = made(path, json.dumps({"ok": 1, "data": {"userInfo": first}}).encode())
    desktop = made(path, json.dumps({"ok": 1, "data": {"user": first}}).encode())
    opened = made(path, json.dumps(first).encode())
    for got in pages(path):
        for adapter, profile_of, address in (
            (weibo, mobile, weibo.Address(uid=UID)),
            (weibo_desktop, desktop, weibo.Address(uid=UID)),
            (weibo_open, opened, weibo_open.Address(uid=UID)),
        ):
            for exchanges in ((got, got), (profile_of, got)):
                assert harmless(adapter, address, exchanges)


def harmless(adapter: Any, address: Any, exchanges: tuple[Exchange, ...]) -> bool:
    try:
        seen: Feed = adapter.parse(address, exchanges)
    except Failed as failed:
        return failed.failure.reason.blame != "account"
    return not seen.posts and not seen.complete
