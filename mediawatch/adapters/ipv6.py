"""Does a website, or an app's back end, answer over IPv6: its name has an address there, and the address answers.

It must never take our own want of IPv6 for theirs: where nothing came back, a page that is known to answer over IPv6 is
asked the same way, and without its answer nothing was seen.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.website import ACCEPT, LIMIT, PROBLEM, beside, no_answer, silence
from mediawatch.core.model import Page, Reason, Value
from mediawatch.core.wire import NAME_UNKNOWN, Exchange, Failed, Request, Wire

MAX_BODY = 4 * 1024 * 1024
PROBLEMS = (
    "no_address",  # the name has no address for IPv6
    "no_connection",
    "timeout",
    "tls_expired",
    "tls_name",
    "status",  # the server's own error
)
"""Every value of `Page.problem`."""


class Address(Value):
    """url: the page to be asked for over IPv6. control: one that answers over IPv6, asked where the other does not."""

    url: str = Field(pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)
    control: str = Field(default="https://www.tsinghua.edu.cn/", pattern=r"^https?://[^\s/@]+(/\S*)?$", max_length=2000)


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One question over IPv6; where nothing came back, a second one to the control. Raises `Failed(own_network)` where
    that one, too, does not answer: then we have no way over IPv6."""
    try:
        return (await wire.ask(_over_ipv6(address.url)),)
    except Failed as failed:
        problem = _problem(failed)
        if problem is None:
            raise
    control = _over_ipv6(address.control, aside=True)
    return await beside(control, wire, silence(address.url, wire, problem), "no way over IPv6 from here")


def _over_ipv6(url: str, *, aside: bool = False) -> Request:
    return Request(url=url, headers=ACCEPT, timeout=LIMIT, max_body=MAX_BODY, ipv6=True, aside=aside)


def _problem(failed: Failed) -> str | None:
    """What kept an answer from a visitor over IPv6; `None` where that is surely our own doing.

    Most of it may be our own want of IPv6 all the same: the control decides.
    """
    failure = failed.failure
    if failure.reason is Reason.OWN_NETWORK:
        return "no_address" if failure.detail.startswith(NAME_UNKNOWN) else "no_connection"
    return no_answer(failure)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Page:
    """Whether it answers: any answer of the server but its own error, also one that turns our program away."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    if exchange.status == 0:
        if len(exchanges) < 2:
            raise Failed(Reason.OWN_NETWORK, "nothing shows that there is a way over IPv6 from here")
        return Page(opened=False, problem=exchange.header(PROBLEM) or "no_connection", elapsed=exchange.elapsed)
    good = exchange.status < 500
    return Page(
        opened=good, status=exchange.status, elapsed=exchange.elapsed, problem="" if good else "status",
        tls_expires_at=exchange.tls_ends_at,
    )  # fmt: skip


ADAPTER = Adapter(
    kind="ipv6",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"website", "app"}),
    covers=frozenset({"ipv6"}),
    pace=Pace(per_minute=12, at_once=1),
    host_field="url",
    roams=True,
    max_body=MAX_BODY,
    every=timedelta(days=1),
    needs="A way over IPv6 from here; without one every look says so and proves nothing.",
    blind="Pages below the one that is named; whether it answers over IPv6 from elsewhere.",
)
