"""Visits to the home page of a website: does it open within 15 seconds, and what is the newest date on it.

A visit that fails is what is being counted, so it is something seen. It must never be made of a failure of ours: our
own network, our own refusal of an address, or a site that turns our program away.
"""

from __future__ import annotations

import re
from datetime import timedelta

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import reason_in, refuse
from mediawatch.adapters.site_page import Paper, read_page
from mediawatch.adapters.store_pages import filing_number
from mediawatch.core.model import Failure, Page, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import NAME_UNKNOWN, TLS_EXPIRED, TLS_NAME, TLS_UNTRUSTED, Exchange, Failed, Request, Wire

LIMIT = 15.0  # seconds; a visit that takes as long did not open
MAX_BODY = 4 * 1024 * 1024
ACCEPT = (("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Accept-Language", "zh-CN,zh;q=0.9"))
CONTROL = "https://www.gov.cn/index.htm"  # its name is there for sure
PROBLEM = "problem"
_TLS = {TLS_EXPIRED: "tls_expired", TLS_NAME: "tls_name"}
NO_NAME = "no_name"
_NO_SUCH_NAME = ("Name or service not known", "Domain name not found", "nodename nor servname provided")
_NOT_THERE = frozenset({404, 410})  # of all that begin with 4 these speak of the site; the others of our request
_OF_US = frozenset({Reason.BLOCKED, Reason.CAPTCHA, Reason.RATE_LIMITED, Reason.LOGIN_REQUIRED})
_MOVED = re.compile(
    r"(?:本网站|本站|本网|原网站|旧版网站|我[局委厅办]网站|网站|门户)[^。；！，]{0,30}?"
    r"(?:已迁移|迁移至|迁移到|已并入|并入|整合至|整合到|停止更新|停止运行|停止服务|永久关闭|关停|永久下线)[^。；！]{0,60}"
    r"|(?:网站|站点)(?:迁移|关停|整合|下线)(?:的)?(?:公告|通知|说明)"
)


class Address(Value):
    """url: the home page. control: a page that is there for sure, asked where the site gave no answer."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    control: str = Field(default=CONTROL, pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One visit; see `visited`."""
    return await visited(address.url, address.control, wire)


async def visited(url: str, control: str, wire: Wire) -> tuple[Exchange, ...]:
    """A visitor's question. Where no whole answer came, an exchange of status 0 says why: beside an answer of the
    control, unless the site's own certificate stopped us. Raises `Failed(own_network)` where that one has none, too."""
    try:
        return (await wire.ask(_visit(url)),)
    except Failed as failed:
        failure = failed.failure
        problem = NO_NAME if _no_such_name(failure) else no_answer(failure)
        if problem is None:
            raise
    silent = silence(url, wire, problem)
    if problem in _TLS.values():
        return (silent,)
    return await beside(_visit(control, aside=True), wire, silent, "nothing answers from here")


async def beside(control: Request, wire: Wire, silent: Exchange, otherwise: str) -> tuple[Exchange, Exchange]:
    """What stands for a visit without an answer, and beside it the control's answer. Raises `Failed(own_network)` where
    that one has none, too. otherwise: what we then want for, in words."""
    try:
        return silent, await wire.ask(control)
    except Failed as failed:
        raise Failed(Reason.OWN_NETWORK, f"{otherwise}: {failed.failure.detail}") from None


def _visit(url: str, *, aside: bool = False) -> Request:
    return Request(url=url, headers=ACCEPT, timeout=LIMIT, max_body=MAX_BODY, aside=aside)


def _no_such_name(failure: Failure) -> bool:
    """Whether a resolver answered, and that there is no such name; where none answered, it is our own network."""
    detail = failure.detail
    return detail.startswith(NAME_UNKNOWN) and any(words in detail for words in _NO_SUCH_NAME)


def no_answer(failure: Failure) -> str | None:
    """What kept a whole answer from a visitor, in short; `None` where that may be our own doing.

    A certificate that has ended or is for another name stops every visitor. Any other distrust is no visit: we may lack
    a root, or fetch no missing link of a chain, where a browser would.
    """
    if failure.reason is Reason.TIMEOUT:
        return "timeout"
    if failure.reason is not Reason.PLATFORM_DOWN:
        return None
    return _TLS.get(failure.detail, None if failure.detail.startswith(TLS_UNTRUSTED) else "no_connection")


def silence(url: str, wire: Wire, problem: str) -> Exchange:
    """The place of an answer that never came, with why."""
    elapsed = LIMIT if problem == "timeout" else 0.0
    return Exchange(url=url, at=wire.now, status=0, headers=((PROBLEM, problem),), body=b"", elapsed=elapsed)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Page:
    """The visit, opened or not. Raises `Failed` where the site turned our program away instead of answering."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    if exchange.status == 0:
        return unanswered(exchanges)
    turned_away(exchange)
    if not 200 <= exchange.status < 300:
        return _unopened(exchange, "status")
    if not exchange.body.strip():
        raise Failed(Reason.UNREADABLE, "empty answer")
    if exchange.elapsed >= LIMIT:
        return _unopened(exchange, "slow")
    if b"\0" in exchange.body[:1024] or b"<" not in exchange.body:
        raise Failed(Reason.UNREADABLE, "something else instead of a page")
    paper = read_page(exchange)
    let_in(paper)
    notice = _MOVED.search(paper.words)
    return Page(
        opened=True,
        status=exchange.status,
        elapsed=exchange.elapsed,
        title=paper.title,
        newest_at=paper.newest_at,
        dates=len(paper.dates),
        tls_expires_at=exchange.tls_ends_at,
        notice=clean(notice[0], 120) if notice else "",
        filing_no=filing_number(paper.words),
        filled_in=paper.filled_in or paper.gap,
    )


def unanswered(exchanges: tuple[Exchange, ...]) -> Page:
    """What `visited` saw where no whole answer came. Raises `Failed(own_network)` where nothing shows that names are
    resolved here."""
    exchange = exchanges[0]
    if exchange.header(PROBLEM) == NO_NAME and len(exchanges) < 2:
        raise Failed(Reason.OWN_NETWORK, "nothing shows that names are resolved here")
    return Page(opened=False, problem=exchange.header(PROBLEM) or "no_connection", elapsed=exchange.elapsed)


def _unopened(exchange: Exchange, problem: str) -> Page:
    return Page(
        opened=False,
        status=exchange.status,
        elapsed=exchange.elapsed,
        problem=problem,
        tls_expires_at=exchange.tls_ends_at,
    )


def let_in(paper: Paper) -> None:
    """Raises `Failed` where a page without a headline, and with the words of a wall, stands in place of the site's."""
    if not paper.headlines and (reason := reason_in(paper.words[:2000])) is not None:
        raise Failed(reason, "a page that asks who we are")


def turned_away(exchange: Exchange) -> None:
    """Raises `Failed` where a status, the words of a wall in front of the site, or a page of nothing but a script tells
    programs to stay out.

    A visitor with a browser gets past such a page, so it is our blindness and no failed visit.
    """
    if exchange.status == 200:
        return
    if 400 <= exchange.status < 500 and exchange.status not in _NOT_THERE:
        try:
            refuse(exchange)
        except Failed as failed:
            if failed.failure.reason is not Reason.UNREADABLE:
                raise
        raise Failed(Reason.BLOCKED, f"HTTP {exchange.status}")
    words = read_page(exchange).words
    if not words and b"<script" in exchange.body.lower():
        raise Failed(Reason.BLOCKED, f"HTTP {exchange.status} with a script to run")
    if (reason := reason_in(words[:2000])) in _OF_US:
        raise Failed(reason, f"HTTP {exchange.status} with words of a wall")


ADAPTER = Adapter(
    kind="website",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"website"}),
    covers=frozenset({"visits", "home"}),
    pace=Pace(per_minute=30, at_once=2),
    host_field="url",
    roams=True,
    isolate=True,
    max_body=MAX_BODY,
    every=timedelta(hours=1),
    needs="Network access to the site, from where its visitors are.",
    blind="Whether it opens from elsewhere; what scripts fill in; what only we distrust.",
)
