"""The columns (栏目) of a website, each by the address of its list: how many items, and the newest date.

It must never take a list that scripts fill in, or one that could not be read, for an empty one.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urljoin

from pydantic import Field, field_validator

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import elsewhere, refuse
from mediawatch.adapters.site_page import read_page
from mediawatch.adapters.website import ACCEPT, let_in, turned_away
from mediawatch.core.model import Column, Page, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
MOST_COLUMNS = 30
_NOT_THERE = re.compile(
    r"(?:页面|网页|内容|信息|栏目)[^。，]{0,6}(?:不存在|删除|找不到|未找到|没有找到|失效)"
    r"|(?:找不到|没有找到|无法找到)[^。]{0,12}(?:页|文件|资源)|(?<!\d)404(?!\d)"
)
_END_ALL = frozenset({Reason.OWN_NETWORK, Reason.RATE_LIMITED, Reason.BLOCKED, Reason.CAPTCHA})


class List(Value):
    """One column: its name, the address of its list (or the path on the site), and how often it must be updated."""

    name: str = Field(min_length=1, max_length=100)
    url: str = Field(pattern=r"^(https?://[^\s/@]+(/\S*)?|/\S*)$", max_length=2000)
    interval: Literal["two_weeks", "six_months", "none"] = "two_weeks"


class Address(Value):
    """url: the site. columns: what is read there; a site with more of them is given a second target."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    columns: tuple[List, ...] = Field(min_length=1, max_length=MOST_COLUMNS)

    @field_validator("columns")
    @classmethod
    def _each_once(cls, columns: tuple[List, ...]) -> tuple[List, ...]:
        if len({column.url for column in columns}) < len(columns):
            raise ValueError("names the same address twice")
        return columns


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One request for each column. Raises `Failed` where not one of them answered."""
    answers: list[Exchange] = []
    last: Failed | None = None
    for column in address.columns:
        try:
            url = _url(address, column)
            request = Request(url=url, headers=ACCEPT, aside=elsewhere(url, address.url), max_body=MAX_BODY)
            answers.append(await wire.ask(request))
        except Failed as failed:
            last = failed
            if failed.failure.reason in _END_ALL:
                break
    if not answers and last is not None:
        raise last
    return tuple(answers)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Page:
    """Every column of the address; those without a readable list say so. Raises `Failed` where none has one."""
    answers = {exchange.url: exchange for exchange in exchanges}
    columns: list[Column] = []
    failed: Failed | None = None
    for asked in address.columns:
        url = _url(address, asked)
        column = Column(name=clean(asked.name, 100), url=url, interval=asked.interval, read=False)
        try:
            if url in answers:
                column = _read(column, answers[url])
        except Failed as problem:
            failed = failed or problem
        columns.append(column)
    if not any(column.read for column in columns):
        raise failed or Failed(Reason.UNREADABLE, "no column shows a list")
    return Page(opened=True, columns=tuple(columns))


def _read(column: Column, exchange: Exchange) -> Column:
    turned_away(exchange)
    refuse(exchange)
    if not exchange.body.strip() or b"<" not in exchange.body:
        return column
    paper = read_page(exchange)
    if paper.dates:
        return column.model_copy(update={"read": True, "items": len(paper.dates), "newest_at": paper.newest_at})
    if paper.filled_in or not paper.words or not paper.whole:
        return column
    if not paper.headlines and not paper.says_empty:  # of the site's own frame, and of no page that stands in its place
        let_in(paper)
        if _NOT_THERE.search(paper.words):
            return column
    items = 0 if paper.says_empty else paper.headlines
    return column.model_copy(update={"read": True, "items": items})


def _url(address: Address, column: List) -> str:
    return urljoin(address.url, column.url)


ADAPTER = Adapter(
    kind="columns",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"website"}),
    covers=frozenset({"columns"}),
    pace=Pace(per_minute=30, at_once=1),
    host_field="url",
    roams=True,
    isolate=True,
    max_body=MAX_BODY,
    needs="Network access to the site, and the address, class and interval of each column, as a person has read them.",
    blind="Lists that scripts fill in or that carry no dates; columns nobody entered; what lies behind the first page.",
)
