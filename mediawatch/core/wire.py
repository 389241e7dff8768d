"""The seam to the outside: what one question to a platform is, what its answer is, and who may ask it.

Adapters speak only through a `Wire`. A wire keeps every answer before anyone reads it; evidence, fixtures and the
simulator all sit behind this one protocol. Nothing here touches a network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Protocol, Self, TypeVar

from pydantic import AwareDatetime, Field

from mediawatch.core.model import Asked, Failure, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.value import made

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question. `secret_headers` (cookies, tokens) go over the wire and are kept nowhere.

    An adapter never holds a secret of the settings: it names the platform's secret, and the wire fills it in where the
    question goes to the platform's own host. What was filled in is left out of the `Exchange`, even where the answer
    repeats it. A secret that is not there is a `Failed(login_required)` before anything is asked.

    secret_query: (name in the query, name of the secret). secret_json: (field, name of the secret), added to the JSON
    object in `body`. withhold: (field of a JSON answer's object, name); what stands there is cut out before the answer
    is kept, and is from then on the platform's secret of that name, for as long as the process lives. Under no name it
    is nobody's: what people wrote, of which only how much there is may be known.
    ipv6: over IPv6 and no other way, redirects included; a name without such an address is a name that is not known.
    aside: a mere look (GET or HEAD) at a page elsewhere that the platform or the register points to: any public host,
    without a secret, and its refusals are not the platform's. Every other question goes to the platform's own hosts.
    keep: false where the whole answer is a secret (a visitor's cookies). Such an answer is kept nowhere and not listed
    among the exchanges; it alone shows `Set-Cookie`. It is no evidence: nothing is read from it about an account.
    """

    method: str = "GET"
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_query: tuple[tuple[str, str], ...] = ()
    secret_json: tuple[tuple[str, str], ...] = ()
    withhold: tuple[tuple[str, str], ...] = ()
    ipv6: bool = False
    keep: bool = True
    body: bytes = b""
    aside: bool = False  # see above
    max_body: int | None = None  # bytes after decompression; the wire's own limit where None
    later: bool = False  # the body of an answer that is unchanged is not wanted before `Wire.whole` is asked for it
    timeout: float | None = None  # seconds for the whole answer, connecting included; the wire's own where None
    patience: float | None = None  # the same for a large answer: so long as it keeps coming within the wire's own time


class Exchange(Value):
    """One question and its answer, byte for byte. Secrets of the question are never part of it.

    `body` is decompressed. `unchanged` is true where the server answered 304: then `body` is the one kept from before
    (or none, see `Request.later`) and `status` is 200, so that it is read like any other answer. `url` is what was
    asked, `final_url` what answered; neither holds a user name or password. `tls_ends_at` is when the certificate of
    what answered ends (UTC), `None` without TLS.
    """

    url: str
    method: str = "GET"
    at: AwareDatetime
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes
    final_url: str = ""
    elapsed: float = 0.0  # seconds
    unchanged: bool = False
    tls_ends_at: AwareDatetime | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal: the name under which the bytes are kept."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def plain(self) -> bool:
        """Whether it is a success that came from where it was asked for."""
        return self.status == 200 and self.final_url in ("", self.url)

    def known_as(self, digest: str) -> None:
        """Spares hashing the body again, where whoever kept it has."""
        self.__dict__["digest"] = digest

    def read_once(self, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the body, made once for all who read the answer so; none of them may change it."""
        held: tuple[Callable[[bytes], T], bytes, T] | None = self.__dict__.get("_read")
        if held is None or held[0] != read or held[1] is not self.body:
            self.__dict__["_read"] = held = (read, self.body, read(self.body))
        return held[2]

    def header(self, name: str) -> str:
        """The first header of that name (any case), or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


_TELLING = frozenset({"content-type", "content-language", "date", "last-modified", "etag", "server", "retry-after"})
"""Headers of an answer that are kept with a look: what it was, and when. No other header is ever kept."""
WITHHELD = "withheld"
_MOST_URL, _MOST_HEADER = 1000, 200  # letters


def asked(exchange: Exchange, base: str) -> Asked:
    """What of an exchange is kept beside its answer. base: the platform's own address, of which a whole query may be
    shown, for our adapters wrote it; of any other address only scheme, host and path: the rest may be a secret."""
    url = exchange.url.partition("#")[0]
    path, mark, _ = url.partition("?")
    if mark and not (base and url.startswith(f"{base}/")):
        url = f"{path}?{WITHHELD}"
    headers = exchange.headers
    told = [(name, clean(value, _MOST_HEADER)) for given, value in headers if (name := given.lower()) in _TELLING]
    return made(
        Asked,
        {
            "method": exchange.method,
            "url": clean(url, _MOST_URL),
            "status": exchange.status,
            "headers": tuple(told),
            "digest": exchange.digest,
            "unchanged": exchange.unchanged,
        },
    )


NAME_UNKNOWN = "name not resolved"
"""How the detail begins of a name for which no address was found."""
TLS_EXPIRED = "no TLS connection: the certificate has expired"
TLS_NAME = "no TLS connection: the certificate is for another name"
"""The details of the two certificates that stop every visitor."""
TLS_UNTRUSTED = "no trusted TLS connection"
"""How the detail of any other distrust of a certificate begins: it may be our own."""


class Failed(Exception):
    """A look that showed no content, raised by wires and adapters; `failure` says why and whom it blames."""

    def __init__(self, reason: Reason, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.failure = Failure(reason=reason, detail=detail, retry_after=retry_after)


class Unsent(Failed):
    """A message that surely did not leave us: nobody took the connection."""


class Validator(Value):
    """What lets the next look ask "changed since?": the validators, and the digest of the body they stand for.

    `content_type` is that body's own, because a 304 does not repeat it and a feed may name its charset only there.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    digest: str
    content_type: str = ""


class Wire(Protocol):
    """Asks one platform on behalf of one look, at the platform's pace, and keeps every answer.

    `base` is the platform's base address from the settings, without a trailing slash; empty where a target names
    its own address. `now` is the instant of the look (UTC).

    A wire is one look's place in the queue and is given back by leaving its `async with`. Leaving it by a `Failed` of
    `rate_limited`, `blocked` or `captcha` (read from an answer's words) lets the platform rest, as a 429 would.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def base(self) -> str: ...

    @property
    def now(self) -> datetime: ...

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every answer kept so far, in order."""
        ...

    @property
    def validators(self) -> tuple[Validator, ...]:
        """What the next look of the same target may use to ask only for changes."""
        ...

    async def ask(self, request: Request) -> Exchange:
        """The answer, whatever its status. Raises `Failed` where no whole answer came back."""
        ...

    async def whole(self, answers: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """Answers of this wire, now with the bodies that were not wanted before; so are its `exchanges`.

        Raises `Failed` where one is no longer kept and cannot be had again.
        """
        ...


class Wires(Protocol):
    """Opens one wire for each look. `platform` is the target's platform key, `validators` what the last look left.

    A look counts as under way from `open` until its wire's `async with` is left.
    """

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> Wire: ...

    def room(self, platform: str) -> int:
        """How many looks this platform's pace leaves free just now."""
        ...


class Grant(Value):
    """What a platform gave a caller without a login so that it answers at all: visitor cookies, mostly.

    It lives in a wire's memory and nowhere else. headers: sent with every question to the platform's own host.
    lasts: seconds after which it is renewed unasked.
    """

    headers: tuple[tuple[str, str], ...] = Field(default=(), repr=False)
    lasts: float


@dataclass(frozen=True)
class Entrance:
    """How a platform lets callers in who hold no login: where it gives a grant, and how it says that one is spent.

    enter: asks for a grant at the address given (without a trailing slash), with `keep=False` in every question.
        Raises `Failed` where none is given.
    turned_away: whether an answer of the platform says that the grant is missing or spent. Pure.
    statuses: HTTP statuses that say the same; one that comes with a time to wait is a refusal instead.
    base_url: where a grant is asked for.
    rest: seconds without a further try after a fresh grant was turned away, doubled by each one in a row.
    """

    enter: Callable[[Wire, str], Awaitable[Grant]]
    turned_away: Callable[[Exchange], bool]
    base_url: str
    statuses: frozenset[int] = frozenset()
    rest: float = 300.0


@dataclass(frozen=True)
class Answered:
    """What came back, unpacked; packed: as one member of gzip, where it came so and nothing in it was changed."""

    body: bytes
    packed: bytes = b""


class Keeper(Protocol):
    """Where answers are kept before they are read: bytes by their SHA-256. Called from worker threads."""

    def keep(self, body: bytes) -> str:
        """Keeps the bytes and returns their digest; keeping the same bytes twice is one copy."""
        ...

    def keep_all(self, answers: Sequence[Answered]) -> list[str]:
        """The same for many; they are on the disk when it returns."""
        ...

    def holds(self, digest: str) -> bool:
        """Whether something is kept under that digest."""
        ...

    def recall(self, digest: str) -> bytes | None:
        """The bytes of that digest, or `None` where they are not (or no longer) kept."""
        ...


def failed_status(status: int) -> Reason | None:
    """What an HTTP status alone says, or `None` for 2xx.

    404 is deliberately no `gone`: that is read from the platform's own words, never guessed from a status.
    """
    if 200 <= status < 300:
        return None
    if status == 401:
        return Reason.LOGIN_REQUIRED
    if status in (403, 418, 432):
        return Reason.BLOCKED
    if status in (414, 429):
        return Reason.RATE_LIMITED
    if status >= 500:
        return Reason.PLATFORM_DOWN
    return Reason.UNREADABLE
