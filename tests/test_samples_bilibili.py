"""Recorded answers of Bilibili, read as their `expected.json` says; see test_samples.py for where they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import bilibili
from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed
from tests.test_samples import EXPECTED, ROOT, answer, moment, of_kind

pytestmark = pytest.mark.skipif(not ROOT, reason="MEDIAWATCH_SAMPLES is not set: NO RECORDED SAMPLE WAS READ")


def content(path: str) -> Any:
    return json.loads((Path(ROOT) / path).read_bytes())


@pytest.mark.parametrize("path", of_kind("bilibili_dynamics"))
def test_a_space_reads_as_expected(path: str) -> None:
    expected, items = EXPECTED[path], content(path)["data"]["items"]
    owner = items[0]["modules"]["module_author"]["mid"]
    others = [item for item in items if item["modules"]["module_author"]["mid"] != owner]
    assert bool(others) == ("another account" in expected["note"])
    seen = bilibili.read_dynamics(bilibili.Address(mid=owner), answer(path))
    assert len(seen.posts) == expected["n_posts"] - len(others)
    assert sum(post.pinned for post in seen.posts) == expected["n_pinned"]
    forwards = sum(item["type"] == "DYNAMIC_TYPE_FORWARD" for item in others)
    assert sum(post.repost for post in seen.posts) == expected["n_reposts"] - forwards
    assert max(post.at for post in seen.posts if post.at and not post.pinned) == moment(expected["newest_post_at"])
    assert max(post.at for post in seen.posts if post.at and post.pinned) == moment(expected["newest_pinned_at"])
    assert seen.complete


@pytest.mark.parametrize("path", of_kind("bilibili_profile"))
def test_a_profile_reads_as_expected(path: str) -> None:
    raw = content(path)["data"]
    profile = bilibili.read_profile(bilibili.Address(mid=raw["mid"]), answer(path))
    assert EXPECTED[path]["state"] == "ok"
    assert (profile.uid, profile.name) == (str(raw["mid"]), raw["name"])
    assert (profile.verified, profile.verified_reason) == (True, raw["official"]["title"])
    assert profile.registered_at is None  # jointime 0 is not a date


@pytest.mark.parametrize("path", of_kind("bilibili_stat"))
def test_the_platforms_counts_read_as_expected(path: str) -> None:
    raw = content(path)["data"]
    if "follower" in raw:
        told = bilibili.read_relation(bilibili.Address(mid=raw["mid"]), answer(path))
        assert told == (raw["follower"], raw["following"])
        assert bilibili.read_relation(bilibili.Address(mid="1"), answer(path)) == (None, None)
    else:
        assert bilibili.read_counts(answer(path)) == raw["video"] + max(raw["opus"], raw["album"] + raw["article"])


@pytest.mark.parametrize("path", of_kind("bilibili_live"))
def test_a_live_broadcast_is_no_list_of_posts(path: str) -> None:
    with pytest.raises(Failed) as raised:
        bilibili.read_dynamics(bilibili.Address(mid="13164144"), answer(path))
    assert raised.value.failure.reason is Reason.UNREADABLE
