"""One look's questions over HTTP, at the platform's pace, each answer kept before it is read.

It must never read what an answer means, and no error but `Failed` leaves it. How fast, how much, where to and why not
are decided by the neighbours `pace`, `body`, `redirect`, `guard` and `explain`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import aiohttp
from multidict import CIMultiDict, MultiMapping
from yarl import URL

from mediawatch.core.model import Reason
from mediawatch.core.outbox import read_retry_after
from mediawatch.core.value import made
from mediawatch.core.wire import Answered, Exchange, Failed, Grant, Request, Validator
from mediawatch.wires.body import read_body
from mediawatch.wires.explain import explain
from mediawatch.wires.pace import Lane
from mediawatch.wires.redirect import MOST_HOPS, REDIRECTS, address_of, admit, next_hop, same_place, shown
from mediawatch.wires.secret import Filled, fill, hide, hide_bytes, withhold
from mediawatch.wires.server_time import time_said

if TYPE_CHECKING:
    from mediawatch.wires.http import Http

_OWN_HEADERS = frozenset({"accept-encoding", "host", "content-length", "transfer-encoding", "connection"})
_SECRET_NAMES = frozenset({"cookie", "authorization", "proxy-authorization"})
_DROPPED = frozenset({"set-cookie", "set-cookie2", "authentication-info", "proxy-authentication-info"})
_LONGEST_VALIDATOR = 1000  # letters; an ETag that is longer is not sent back
_REFUSED_IN_WORDS = frozenset({Reason.RATE_LIMITED, Reason.BLOCKED, Reason.CAPTCHA})


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: MultiMapping[str]
    body: Answered
    url: URL
    tls_ends_at: datetime | None
    unchanged: bool = False


class Asking:
    """One look's wire (`core.wire.Wire`)."""

    def __init__(self, http: Http, platform: str, lane: Lane, now: datetime, validators: tuple[Validator, ...]) -> None:
        self._http = http
        self._platform = platform
        self._lane = lane
        self._now = now
        self._exchanges: list[Exchange] = []
        self._validators = {validator.url: validator for validator in validators}
        self._later: list[tuple[Exchange, Request]] = []  # unchanged answers whose bodies were not wanted yet
        self._under_way = True
        lane.enter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Failed) and error.failure.reason in _REFUSED_IN_WORDS and not self._lane.resting:
            self._lane.rest(error.failure.retry_after)
        if self._under_way:
            self._under_way = False
            self._lane.leave(self._now)

    @property
    def base(self) -> str:
        return self._lane.pace.base_url.rstrip("/")

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._exchanges)

    @property
    def validators(self) -> tuple[Validator, ...]:
        return tuple(self._validators.values())

    async def ask(self, request: Request) -> Exchange:
        """The answer, whatever its status, already kept. Raises `Failed` and nothing else.

        Where the platform has an entrance, the question goes out under its grant. An answer that turns us away is kept,
        and asked for once more under a new grant.
        """
        entry = self._lane.entry
        if entry is None or not request.keep or request.aside:
            return await self._ask(request)
        grant = await entry.grant(self)
        answer = await self._ask(request, grant)
        if answer.unchanged:  # as it was when it showed something
            entry.let_in(grant)
            return answer
        if entry.dismissed(answer) and entry.renewable(grant):
            try:
                grant = await entry.grant(self, instead_of=grant)
            except Failed:
                return answer  # what the platform said is the better reason
            answer = await self._ask(request, grant)
        if entry.dismissed(answer):
            entry.give_up(grant)
        elif answer.status == 200:
            entry.let_in(grant)
        return answer

    async def whole(self, answers: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """See `core.wire.Wire`. What is no longer kept is asked for anew."""
        while self._later:
            answer, request = self._later.pop()
            place = next(number for number, one in enumerate(self._exchanges) if one is answer)
            body = await self._recall(answer.digest)
            if body is None:
                del self._exchanges[place]  # nothing is kept of it, whatever comes of the next question
                self._validators.pop(answer.url, None)
                other = await self.ask(request)
                self._exchanges.insert(place, self._exchanges.pop())
            else:
                other = self._exchanges[place] = answer.model_copy(update={"body": body})
                other.known_as(answer.digest)
            answers = tuple(other if one is answer else one for one in answers)
        return answers

    async def _ask(self, request: Request, grant: Grant | None = None) -> Exchange:
        await self._lane.turn()
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            url = address_of(request.url)
            admit(request, url, self._lane.hosts)
            own = (*self._lane.pace.secret_headers, *(grant.headers if grant is not None else ()))
            filled = fill(request, url, self._secrets(request, url), own)
            known = self._known(request, url)
            answer = await self._follow(request, filled, known, grant)
            digest = ""
            if known is not None and answer.status == 304:
                before = await self._before(request, known)
                if before is not None:
                    answer, digest = _same_again(answer, known, before), known.digest
                else:  # it is not kept any more
                    await self._lane.turn()
                    answer = await self._follow(request, filled, None, grant)
            if not digest:
                answer = self._cleared(request, answer, filled)
                digest = await self._keep(answer.body) if request.keep else ""
        except Failed:
            raise
        except Exception as error:
            raise explain(error) from (None if request.secret_query else error)  # a cause may show the address
        exchange = self._exchange(request, url, filled, answer, clock() - began)
        if digest:
            exchange.known_as(digest)
        if request.keep:
            self._exchanges.append(exchange)
            self._remember(exchange, answer.unchanged)
        if answer.unchanged and request.later:
            self._later.append((exchange, request))
        return exchange

    def _known(self, request: Request, url: URL) -> Validator | None:
        """What we may ask "changed since?" about."""
        if request.method != "GET" or not self._validators:
            return None
        return self._validators.get(shown(url, request.url))

    async def _before(self, request: Request, known: Validator) -> bytes | None:
        """The body that a 304 stands for; empty where it is there and wanted later; `None` where it is not kept."""
        if not request.later:
            return await self._recall(known.digest)
        try:
            return b"" if await self._http.keeping.holds(known.digest) else None
        except OSError:
            return None

    async def _recall(self, digest: str) -> bytes | None:
        try:
            return await self._http.keeping.recall(digest)
        except OSError:
            return None

    def _cleared(self, request: Request, answer: _Answer, filled: Filled) -> _Answer:
        """The answer as it may be kept. What it brought in confidence is remembered, and by nobody but the lane."""
        body, found = withhold(answer.body.body, request.withhold)
        self._lane.secrets.update(found)
        safe = hide_bytes(body, filled.values)
        return answer if safe is answer.body.body else replace(answer, body=Answered(safe))

    async def _follow(self, request: Request, filled: Filled, known: Validator | None, grant: Grant | None) -> _Answer:
        """The answer at the end of the redirects. Secrets stay behind for good once the first host is left."""
        first, at_home, url = filled.url, True, filled.url
        roams = request.aside or self._lane.pace.roams
        clock, limits = asyncio.get_running_loop().time, self._limits(request)
        until = clock() + (limits.total or 0.0)
        for _ in range(MOST_HOPS + 1):
            at_home = at_home and same_place(first, url)
            async with self._http.session(ipv6=request.ipv6).request(
                request.method,
                url,
                headers=self._headers(request, filled if at_home else None, known),
                data=filled.body or None,
                allow_redirects=False,
                timeout=limits,
            ) as response:
                if self._http.heard is not None and (said := time_said(response.headers)) is not None:
                    self._http.heard(url.host or "", said)
                if not request.aside:
                    self._heed(response, grant)
                location = response.headers.get("Location", "")
                moved = request.method in ("GET", "HEAD") and response.status in REDIRECTS and location
                hop = next_hop(url, location, roams=roams, leave=bool(self.base)) if moved else None
                if hop is None:
                    limit = self._http.max_body if request.max_body is None else request.max_body
                    body, ends = await read_body(response, limit), getattr(response, "tls_ends_at", None)
                    return _Answer(response.status, response.headers, body, url, ends)
            url = hop
            self._lane.charge()  # a hop is a question, too
            if (left := until - clock()) <= 0:
                raise TimeoutError
            limits = self._limits(request, left)
        raise Failed(Reason.UNREADABLE, f"more than {MOST_HOPS} redirects")

    def _limits(self, request: Request, left: float | None = None) -> aiohttp.ClientTimeout:
        """How long the whole answer may last, and connecting: a question's own time, else the settings'. One that is
        waited for with patience may last longer, as long as no silence in it does. left: seconds of that time."""
        usual, own, patience = self._http.limits, request.timeout, request.patience
        if own is None and patience is None and left is None:
            return usual
        silence, connect = (usual.total, usual.sock_connect) if own is None else (own, own)
        return aiohttp.ClientTimeout(
            total=left or patience or silence,
            sock_connect=connect,
            sock_read=silence if patience else None,
            ceil_threshold=usual.ceil_threshold,
        )

    def _heed(self, response: aiohttp.ClientResponse, grant: Grant | None) -> None:
        """Every refusal lets the platform rest, but for one that only says that our grant is spent."""
        wait, entry = self._retry_after(response.headers), self._lane.entry
        if entry is None or grant is None or not entry.spares(response.status, wait is not None, grant):
            self._lane.heed(response.status, wait)

    def _headers(self, request: Request, home: Filled | None, known: Validator | None) -> CIMultiDict[str]:
        """home: the question, as long as its first host is the one that is asked."""
        headers = CIMultiDict({"Accept-Encoding": "gzip, deflate"})  # what body.py can unpack within a limit
        for name, value in request.headers:
            if name.lower() not in _OWN_HEADERS and (home is not None or name.lower() not in _SECRET_NAMES):
                headers[name] = value
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        headers.update(home.headers if home is not None else ())
        return headers

    def _secrets(self, request: Request, url: URL) -> dict[str, str] | None:
        """The platform's secrets, for its own address only; a page elsewhere gets none, wherever it is."""
        own = self._lane.home or URL(f"{url.scheme}://{self._platform.partition(':')[2]}")
        at_home = not request.aside and same_place(own, url)
        return self._lane.secrets_at(self._now) if at_home else None

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds. A date is read against the server's own clock where it shows one: ours may be another time."""
        asked = headers.get("Retry-After", "")
        return read_retry_after(asked, time_said(headers) or self._now) if asked else None

    async def _keep(self, body: Answered) -> str:
        try:
            return await self._http.keeping.keep(body)
        except OSError as error:
            raise Failed(Reason.OWN_MACHINE, f"the answer could not be kept: {error.strerror}") from error

    def _exchange(self, request: Request, url: URL, filled: Filled, answer: _Answer, elapsed: float) -> Exchange:
        asked, secrets = shown(url, request.url), filled.values
        dropped = _DROPPED if request.keep else ()
        headers = [
            (str(name), value if value.isascii() else _text(value))
            for name, value in answer.headers.items()
            if name.lower() not in dropped
        ]
        return made(
            Exchange,
            {
                "url": asked,
                "method": request.method,
                "at": self._now,
                "status": answer.status,
                "headers": tuple([(name, hide(value, secrets)) for name, value in headers] if secrets else headers),
                "body": answer.body.body,
                "final_url": asked if answer.url == filled.url else hide(shown(answer.url, str(answer.url)), secrets),
                "elapsed": elapsed,
                "unchanged": answer.unchanged,
                "tls_ends_at": answer.tls_ends_at,
            },
        )

    def _remember(self, exchange: Exchange, unchanged: bool) -> None:
        """A whole 200 replaces what was known of its address; any other answer says nothing about it."""
        if exchange.method != "GET" or exchange.status != 200:
            return
        before = self._validators.pop(exchange.url, None)
        told = {name.lower(): value for name, value in reversed(exchange.headers)}  # the first of a name counts
        etag, modified = (_sendable(told.get(name, "")) for name in ("etag", "last-modified"))
        if unchanged and before is not None and (before.etag, before.last_modified) == (etag, modified):
            self._validators[exchange.url] = before
        elif (exchange.body or unchanged) and (etag or modified):
            self._validators[exchange.url] = made(
                Validator,
                {
                    "url": exchange.url,
                    "etag": etag,
                    "last_modified": modified,
                    "digest": exchange.digest,
                    "content_type": told.get("content-type", ""),
                },
            )


def _same_again(answer: _Answer, known: Validator, body: bytes) -> _Answer:
    """A 304 as the answer it stands for: the body of before, under the headers of both."""
    headers = CIMultiDict(answer.headers)
    before = (("Content-Type", known.content_type), ("ETag", known.etag), ("Last-Modified", known.last_modified))
    for name, value in before:
        if value:
            headers.setdefault(name, value)
    return _Answer(200, headers, Answered(body), answer.url, answer.tls_ends_at, unchanged=True)


def _text(value: str) -> str:
    """aiohttp carries bytes that are no UTF-8 as surrogates, which no store takes."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _sendable(value: str) -> str:
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR else ""
