"""The daemon's listener for people: health, metrics, the JSON API, and the routes others bring. Off without `web:`.

It must never open the store, and never let anybody read or act without a token. Pages of other origins are refused,
and so is any name but its own: a page that an operator happens to open must not reach it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from aiohttp import hdrs, web

from mediawatch import __version__
from mediawatch.core.links import PATH
from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.core.travel import API, Greeting
from mediawatch.settings_web import Scope, WebSettings
from mediawatch.web.acts import Acts, act_routes
from mediawatch.web.answering import MOST_BODY, Answers, errors_as_json
from mediawatch.web.answers import AnswerPage, Shows
from mediawatch.web.health import health_routes
from mediawatch.web.metrics import CONTENT_TYPE, Metrics
from mediawatch.web.origins import check, why_not
from mediawatch.web.reading import Reader, reading_routes
from mediawatch.web.tokens import Holder, Tokens

PREFIX = f"/api/v{API}"
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Record(Source, Shows, Protocol):
    """What the record is asked: by the API, and by the links in messages."""


class CannotListen(Exception):
    """The address is taken, not ours, or not permitted. The text says which."""


def _no_past(at: datetime) -> Source:
    raise ValueError("as_of: this listener does not look back")


class Face:
    """`async with Face(…):` serves while the block runs.

    acts: the desk. source: the record as it is to be shown now; called in the reader's thread. language: of its
    words. past: the record as it stood at an instant; called in a thread of its own. routes: more paths, which guard
    themselves. tick_age, problems: as `health_routes` wants them.

    Raises CannotListen on entry.
    """

    def __init__(
        self,
        settings: WebSettings,
        acts: Acts,
        source: Callable[[], Record],
        clock: Callable[[], datetime],
        *,
        tick_age: Callable[[], float | None],
        problems: Callable[[], tuple[str, ...]],
        language: str = "zh_CN",
        routes: Iterable[web.RouteDef] = (),
        past: Callable[[datetime], Source] = _no_past,
    ) -> None:
        self._settings, self._acts, self._source, self._clock = settings, acts, source, clock
        self._tick_age, self._problems, self._language = tick_age, problems, language
        self._routes = list(routes)
        self._tokens = Tokens(settings.tokens)
        self._past, self._pasts = past, ThreadPoolExecutor(1, thread_name_prefix="web-past")
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="web-reader")
        self._reader = Reader(self._executor)
        self._metrics = Metrics(source, clock, tick_age)
        self._links = settings.links
        answers = AnswerPage(lambda: self._links, acts, source, self._reader, clock, lambda: self._language)
        self._routes += answers.routes()
        self._runner: web.AppRunner | None = None
        self.port = settings.port

    def renew(self, settings: WebSettings, language: str) -> None:
        """Takes the tokens and the language of new settings; the address stays until a restart."""
        self._tokens, self._language, self._links = Tokens(settings.tokens), language, settings.links

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=2.0)
        try:
            await self._runner.setup()
            site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
            await site.start()
            self.port = self._runner.addresses[0][1]
        except OSError as error:
            await self._runner.cleanup()
            raise CannotListen(f"web.listen: {self._settings.listen}: {why_not(error)}") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        for executor in (self._executor, self._pasts):
            executor.shutdown(wait=False, cancel_futures=True)

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._counted, errors_as_json, self._guarded], client_max_size=MOST_BODY)
        app.on_response_prepare.append(_say_always)
        # Without a token only how it is, not why: the words may name a path or a host.
        app.add_routes(health_routes(self._tick_age, self._problems, words=False))
        app.add_routes([web.get("/metrics", self._measure)])
        app.add_routes(self._routes)
        api = web.Application()
        api.add_routes([web.get("/", self._greet)])
        api.add_routes(act_routes(self._acts, self._operator))
        api.add_routes(
            reading_routes(self._source, self._reader, self._clock, self._holder, (self._past, Reader(self._pasts)))
        )
        app.add_subapp(PREFIX, api)
        return app

    # --- who may -------------------------------------------------------------------------------------------------

    def _holder(self, request: web.Request) -> Holder:
        """Who asks. Raises a 401, or a 429 for who guesses."""
        address, at = request.remote or "", asyncio.get_running_loop().time()
        if wait := self._tokens.refused(address, at):
            raise web.HTTPTooManyRequests(
                text="too many wrong tokens; wait", headers={"Retry-After": str(int(wait) + 1)}
            )  # fmt: skip
        header = request.headers.get(hdrs.AUTHORIZATION, "")
        found = self._tokens.holder(header)
        if found is None:
            if header:
                self._tokens.failed(address, at)
            raise web.HTTPUnauthorized(text="a token is needed", headers={"WWW-Authenticate": "Bearer"})
        return found

    def _operator(self, request: web.Request, by: str) -> str:
        """Who acts, as the record keeps it: the name he gives, and behind it the holder of the token."""
        holder = self._holder(request)
        needed: Scope = "operator"
        if holder.scope != needed:
            raise web.HTTPForbidden(text=f"the token of {holder.name} may read only")
        return holder.name if by in ("", holder.name) else f"{by} ({holder.name})"

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Answers) -> web.StreamResponse:
        """No name but our own (a name that was made to point here is none), and no page of another origin."""
        followed = request.method == hdrs.METH_GET and request.path.startswith(PATH)  # a link in a mail or a chat
        check(request, self._settings, self.port, followed=followed)
        return await handler(request)

    # --- answers -------------------------------------------------------------------------------------------------

    async def _greet(self, request: web.Request) -> web.Response:
        holder = self._holder(request)
        said = Greeting(
            api=API, version=__version__, language=self._language, name=holder.name, scope=holder.scope,
            now=self._clock(), questions=QUESTIONS,
        )  # fmt: skip
        return web.Response(text=said.model_dump_json(), content_type="application/json")

    async def _measure(self, request: web.Request) -> web.Response:
        if not self._settings.loopback:
            self._holder(request)
        body = await self._reader.ask(self._metrics.text)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})

    @web.middleware
    async def _counted(self, request: web.Request, handler: Answers) -> web.StreamResponse:
        answer = await handler(request)
        self._metrics.answers.labels(str(answer.status)).inc()
        return answer


async def _say_always(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = "mediawatch"  # and not which versions of what
