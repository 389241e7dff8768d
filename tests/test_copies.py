"""One item that two channels show is counted once; two that one channel shows are two, whatever they look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.copies import once, place
from mediawatch.core.model import SeenPost
from tests.tables import MINUTE, SECOND, at, post

NINE = at("2026-03-01 09:00:10")


def seen(target: str, key: str, title: str = "", url: str = "", after: int = 0) -> SeenPost:
    shown = post(NINE + after * SECOND, target=target, key=key)
    return shown.model_copy(update={"title": title, "url": url})


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        ([], 0),
        # a bridge and the back end of one account: the same title in the same minute
        ([seen("a", "1", "通知"), seen("b", "2", "通知", after=40)], 1),
        ([seen("a", "1", "通知"), seen("b", "2", "通知", after=50)], 2),
        ([seen("a", "1", "通知"), seen("b", "2", "公告")], 2),
        ([seen("a", "1"), seen("b", "2")], 2),
        # the same address, whatever the channels add to it
        ([seen("a", "1", url="https://www.x.cn/1#top"), seen("b", "2", url="http://x.cn/1/", after=3600)], 1),
        # the address of the channel itself names no item
        ([seen("a", str(n), url="https://x.cn/") for n in (1, 2)] + [seen("b", "3", url="https://x.cn/")], 3),
        # two of one channel are two, and each has one copy at most
        ([seen("a", "1", "通知"), seen("a", "2", "通知")], 2),
        ([seen("a", "1", "通知"), seen("a", "2", "通知"), seen("b", "3", "通知")], 2),
        ([seen("a", "1", "通知"), seen("a", "2", "通知"), seen("b", "3", "通知"), seen("b", "4", "通知")], 2),
        ([seen(target, "1", "通知") for target in "abc"], 1),
    ],
)
def test_an_item_is_one_however_many_channels_show_it(posts: list[SeenPost], expected: int) -> None:
    assert len(once(posts)) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "https://mp.weixin.qq.com/s?__biz=MzA=&mid=22&idx=1&sn=ab&chksm=1#rd",
            "http://mp.weixin.qq.com/s?__biz=MzA=&mid=22&idx=1&sn=ab&scene=27",
            True,
        ),
        (
            "https://mp.weixin.qq.com/s?__biz=MzA=&mid=22&idx=1&sn=ab",
            "https://mp.weixin.qq.com/s?__biz=MzA=&mid=22&idx=2&sn=cd",
            False,
        ),
        ("https://mp.weixin.qq.com/s/abc", "https://mp.weixin.qq.com/s/abd", False),
        ("https://m.weibo.cn/status/PkQ1", "https://weibo.com/2803301701/PkQ1", True),
        ("https://m.weibo.cn/status/PkQ1", "https://weibo.com/2803301701/PkQ2", False),
        ("https://x.cn/a?id=1", "https://x.cn/a?id=2", False),
    ],
)
def test_an_address_is_known_without_what_channels_add(one: str, other: str, same: bool) -> None:
    assert (place(one) == place(other)) is same


POSTS = st.lists(
    st.builds(
        lambda target, title, minutes, url: (target, title, minutes, url),
        st.sampled_from("abc"),
        st.sampled_from(["", "通知", "公告"]),
        st.integers(0, 2),
        st.sampled_from(["", "https://x.cn/1", "https://x.cn/2"]),
    ),
    max_size=9,
)


@given(POSTS)
def test_nothing_is_lost_and_no_two_items_of_one_channel_become_one(told: list[tuple[str, str, int, str]]) -> None:
    posts = [
        seen(target, str(number), title, url, after=minutes * int(MINUTE / SECOND))
        for number, (target, title, minutes, url) in enumerate(told)
    ]
    groups = once(posts)
    assert sorted(one.key for group in groups for one in group) == sorted(one.key for one in posts)
    assert all(len({one.target for one in group}) == len(group) for group in groups)
    assert len(groups) >= max([sum(one.target == name for one in posts) for name in "abc"], default=0)
