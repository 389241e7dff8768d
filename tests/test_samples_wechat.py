"""Recorded answers of WeChat, read as their `expected.json` says; see test_samples.py for where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import wechat_article, wechat_backend, wechat_official
from mediawatch.adapters.wechat_page import about_profile, read_about
from mediawatch.core.model import Feed, MenuItem, Reason
from mediawatch.core.wire import Failed
from mediawatch.isolation import Readers
from tests.test_samples import EXPECTED, ROOT, STATES, answer, moment, of_kind

pytestmark = pytest.mark.skipif(not ROOT, reason="MEDIAWATCH_SAMPLES is not set: NO RECORDED SAMPLE WAS READ")
ARTICLE = wechat_article.Address(urls=("https://mp.weixin.qq.com/s/sample",))
BACKEND = wechat_backend.Address(own=True)
ARTICLE_STATES = {
    "deleted_by_author_zh.html": "deleted",
    "temporarily_unavailable.html": "reviewing",
    "violation_zh.html": "violation",
}


# --- the backend ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("wechat_mp_list", "wechat_profile_ext"))
def test_a_list_of_the_backend_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    seen = wechat_backend.parse(BACKEND, (answer(path),))
    assert len(seen.posts) == expected["n_posts"]
    assert (seen.newest.at if seen.newest else None) == moment(expected["newest_post_at"])
    assert sum(post.pinned for post in seen.posts) == expected["n_pinned"]
    assert sum(post.repost for post in seen.posts) == expected["n_reposts"]
    # An account that sent nothing is empty; one that deleted all it sent is not.
    assert (seen.blank and seen.complete) == (expected["state"] == "empty")
    assert all(post.url.startswith(("https://mp.weixin.qq.com/", "http://mp.weixin.qq.com/")) for post in seen.posts)


@pytest.mark.parametrize("path", of_kind("wechat_mp_error"))
def test_an_error_of_the_backend_is_our_blindness(path: str) -> None:
    with pytest.raises(Failed) as raised:
        wechat_backend.parse(BACKEND, (answer(path),))
    assert raised.value.failure.reason in STATES[EXPECTED[path]["state"]]
    hours = (raised.value.failure.retry_after or 0) / 3600
    assert (1 <= hours <= 24) == (raised.value.failure.reason is Reason.RATE_LIMITED)


@pytest.mark.parametrize("path", of_kind("wechat_mp_search"))
def test_a_search_turns_the_exact_name_into_the_fakeid(path: str) -> None:
    for name in ("机器之心", "新智元"):
        assert f"{name} {wechat_backend.read_search(name, answer(path)).uid}" in EXPECTED[path]["note"]
    with pytest.raises(Failed, match="0 accounts of that name"):
        wechat_backend.read_search("机器", answer(path))


# --- article pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("wechat_article_page"))
async def test_an_article_page_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    readers = Readers(workers=1)
    try:
        seen = await readers.read(wechat_article.ADAPTER, ARTICLE, (answer(path),))
    finally:
        readers.close()
    assert seen == wechat_article.parse(ARTICLE, (answer(path),))
    (article,) = seen.articles
    assert (article.state == "alive") == (expected["n_posts"] == 1)
    assert article.state == ARTICLE_STATES.get(Path(path).name, "alive")
    assert article.at == moment(expected["newest_post_at"])
    if seen.profile is not None:
        assert seen.profile.name in expected["note"]
        assert "biz " not in expected["note"] or f"biz {seen.profile.uid}" in expected["note"]


@pytest.mark.parametrize("path", of_kind("wechat_about_page"))
def test_an_about_page_reads_as_expected(path: str) -> None:
    facts = read_about(answer(path))
    told = [part.strip().removesuffix(" (only in a script") for part in EXPECTED[path]["note"].split("; ")]
    for title in ("微信号", "认证类型", "认证主体", "账号类型", "账号主体", "客服电话", "IP属地"):
        for part in told:
            if part.startswith(f"{title} "):
                assert facts[title] == part.removeprefix(f"{title} ").partition(" (only")[0]
    profile = about_profile(facts)
    assert profile is not None
    assert profile.verified == any(part.startswith("认证主体 ") for part in told)
    assert not profile.name or profile.name in EXPECTED[path]["note"]


# --- the official interface -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", of_kind("wechat_api_error"))
def test_an_error_of_the_official_interface_is_our_blindness(path: str) -> None:
    with pytest.raises(Failed, match="api unauthorized") as raised:
        wechat_official.read_posts(answer(path))
    assert raised.value.failure.reason in STATES[EXPECTED[path]["state"]]


@pytest.mark.parametrize("path", of_kind("wechat_api_list"))
def test_an_empty_list_of_publications_is_blank_and_speaks_of_no_mass_sending(path: str) -> None:
    question = answer(path).model_copy(
        update={"url": f"https://api.weixin.qq.com{wechat_official.POSTS}", "method": "POST"}
    )
    seen = wechat_official.parse(wechat_official.Address(appid="wx0123456789abcdef"), (question,))
    assert isinstance(seen, Feed)
    assert len(seen.posts) == EXPECTED[path]["n_posts"]
    assert seen.blank
    assert seen.profile is not None
    assert seen.profile.posts is None
    assert "mass_sent" not in wechat_official.ADAPTER.covers


@pytest.mark.parametrize("path", of_kind("wechat_api", "wechat_api_comments"))
def test_an_answer_that_is_no_list_reads_as_expected(path: str) -> None:
    said: dict[str, Any] = wechat_official.answer_of(answer(path))
    name = Path(path).name
    with pytest.raises(Failed, match="no known shape"):
        wechat_official.read_posts(answer(path))
    if name == "menu_get.json":
        assert wechat_official.read_menu(answer(path)) == (MenuItem(path="test", action="click"),)
    elif name == "datacube_getusercumulate.json":
        assert wechat_official.read_followers(answer(path)) == 1_217_056
    elif name == "comment_list_quirk.json":
        assert (said["total"], said["comment"], said["comment_cnt"]) == (0, [], 182)
    else:
        assert wechat_official.read_menu(answer(path)) is None
        assert wechat_official.read_followers(answer(path)) is None
