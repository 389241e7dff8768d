"""Copies: one item of an account that two of its channels show under two names, for whoever counts items. Pure.

It must never make one of two that one channel shows: only what two channels show at the same address, or under the
same title in the same minute, is one item.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Protocol, TypeVar

_URL = re.compile(r"https?://(?:www\.)?(?P<host>[^/?#:]+)(?::\d+)?(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?", re.I)
_ARTICLE = re.compile(r"(?:^|&)(__biz|mid|idx)=([^&]*)")
_WEIBO = ("weibo.com", "weibo.cn")
_NEVER = datetime.max.replace(tzinfo=UTC)


class Item(Protocol):
    """What is asked of an item: its channel, its key there, when it claims to be from, its title and its address."""

    @property
    def target(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...


ItemT = TypeVar("ItemT", bound=Item)


def once(items: Iterable[ItemT]) -> list[tuple[ItemT, ...]]:
    """The items, copies of one together, at most one of each channel; from old to new, undated ones last."""
    ordered = sorted(items, key=lambda item: (item.at or _NEVER, item.target, item.key))
    if len({item.target for item in ordered}) < 2:
        return [(item,) for item in ordered]
    shared = Counter((item.target, place(item.url)) for item in ordered)
    groups: list[list[ItemT]] = []
    named: dict[tuple[object, ...], list[list[ItemT]]] = {}
    for item in ordered:
        names = list(_names(item, own=shared[item.target, place(item.url)] == 1))
        alike = (group for name in names for group in named.get(name, ()))
        group = next((one for one in alike if all(other.target != item.target for other in one)), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(item)
        for name in names:
            known = named.setdefault(name, [])
            if group not in known:
                known.append(group)
    return [tuple(group) for group in groups]


def how_many(items: Collection[ItemT]) -> int:
    """How many items they are, copies of one counted once."""
    return len(items) if len({item.target for item in items}) < 2 else len(once(items))


def place(url: str) -> str:
    """An address without what channels add to it; of WeChat and Weibo, what names the article or post itself."""
    parts = _URL.match(url)
    if parts is None:
        return ""
    host, path, query = parts["host"].lower(), (parts["path"] or "").rstrip("/"), parts["query"] or ""
    if host == "mp.weixin.qq.com":
        ids = dict(_ARTICLE.findall(query))
        return f"{host}{path}?{sorted(ids.items()) if len(ids) == 3 else query}"
    if host.removeprefix("m.") in _WEIBO:
        return f"weibo/{path.rpartition('/')[2]}"
    return f"{host}{path}?{query}"


def _names(item: Item, *, own: bool) -> Iterator[tuple[object, ...]]:
    """own: whether its channel shows nothing else at its address; some give every item the address of the channel."""
    if own and item.url:
        yield ("place", place(item.url))
    if item.title and item.at is not None:
        yield ("title", item.title, item.at.replace(second=0, microsecond=0))
