"""The console in a browser: textual-serve behind a door of our own. It must never show or run anything without a token.

textual-serve has no authentication, takes any host name and any origin, and starts a process for every visitor. Here a
token is exchanged for a cookie, names and origins are checked as at the listener, and visitors are counted.
"""

from __future__ import annotations

import asyncio
import copy
import secrets
from collections.abc import Callable
from contextlib import suppress
from html import escape
from types import TracebackType
from typing import Any, Self

from aiohttp import hdrs, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from mediawatch.settings_web import WebSettings
from mediawatch.web.answering import Answers
from mediawatch.web.face import CannotListen
from mediawatch.web.origins import check, why_not
from mediawatch.web.tokens import Holder, Tokens

COOKIE = "mediawatch"
LASTS = 12 * 3600.0  # seconds a cookie is good for
_PATIENCE = 3.0  # seconds a console has to end after its page
_MOST_COOKIES = 64
_HOLDER = web.RequestKey("holder", Holder)
_ALWAYS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_FORM = """<!doctype html><meta charset="utf-8"><title>mediawatch</title><body><form method="post" action="/login">
<p>{says}</p><label>令牌 token <input type="password" name="token" autofocus autocomplete="off"></label>
<button>OK</button></form>"""


class Browser(Server):
    """`async with Browser(…):` serves while the block runs.

    command: the shell command of a visitor's console, by who he is. most: visitors at once, each one a process.

    Raises CannotListen on entry.
    """

    def __init__(self, settings: WebSettings, command: Callable[[Holder], str], most: int) -> None:
        super().__init__("", settings.host, settings.port, "mediawatch", settings.url)
        self._settings, self._command_of, self._most = settings, command, most
        self._tokens = Tokens(settings.tokens)
        self._cookies: dict[str, tuple[Holder, float]] = {}
        self._visitors = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = await self._make_app()
        app.middlewares.append(self._guarded)
        app.router.add_post("/login", self._log_in)
        app.on_response_prepare.append(_say_always)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, self._settings.host, self._settings.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise CannotListen(f"{self._settings.listen}: {why_not(error)}") from None
        self.port = self._runner.addresses[0][1]
        if self._settings.url is None:
            self.public_url = f"http://{self._settings.listen.rpartition(':')[0]}:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.gather(*self._ending)

    async def on_startup(self, app: web.Application) -> None:
        """Says nothing: the command that serves does."""

    # --- who may -------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Answers) -> web.StreamResponse:
        check(request, self._settings, self.port)
        if request.path == "/ws" and hdrs.ORIGIN not in request.headers:
            raise web.HTTPForbidden(text="only pages of this address may open the console")
        if request.path == "/login":
            return await handler(request)
        if request.path == "/" and "token" in request.query:
            return self._enter(request, request.query["token"])
        holder = self._known(request)
        if holder is None:
            return _form("请输入令牌。 A token is needed.", 401)
        request[_HOLDER] = holder
        return await handler(request)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        given = await request.post()
        return self._enter(request, str(given.get("token", "")))

    def _enter(self, request: web.Request, token: str) -> web.StreamResponse:
        """A token for a cookie; the address with the token in it is left at once."""
        address, at = request.remote or "", asyncio.get_running_loop().time()
        if self._tokens.refused(address, at):
            return _form("尝试过多，请稍候。 Too many wrong tokens; wait.", 429)
        holder = self._tokens.holder(f"Bearer {token}")
        if holder is None:
            self._tokens.failed(address, at)
            return _form("令牌无效。 Nobody holds this token.", 401)
        while len(self._cookies) >= _MOST_COOKIES:
            self._cookies.pop(next(iter(self._cookies)))
        cookie = secrets.token_urlsafe(32)
        self._cookies[cookie] = (holder, at + LASTS)
        entered = web.HTTPSeeOther("/")
        entered.set_cookie(
            COOKIE, cookie, httponly=True, samesite="Lax", path="/", max_age=int(LASTS),
            secure=self.public_url.startswith("https"),
        )  # fmt: skip
        raise entered

    def _known(self, request: web.Request) -> Holder | None:
        found = self._cookies.get(request.cookies.get(COOKIE, ""))
        if found is None or found[1] < asyncio.get_running_loop().time():
            return None
        return found[0]

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A visitor's console: one process, ended with its page."""
        if self._visitors >= self._most:
            raise web.HTTPServiceUnavailable(text="too many consoles are open; close one")
        own: Any = copy.copy(self)
        own.command = "exec " + self._command_of(request[_HOLDER])
        self._visitors += 1
        try:
            answer: web.WebSocketResponse = await Server.handle_websocket(own, request)
            return answer
        finally:
            self._visitors -= 1

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: AppService) -> None:
        """As textual-serve does; but no console outlives its page, which textual-serve only asks it to."""
        try:
            await super()._process_messages(websocket, app_service)
        finally:
            ending = asyncio.create_task(_end(app_service))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            await asyncio.shield(ending)


async def _end(console: AppService) -> None:
    process = console._process
    if process is None:
        return
    await console.send_meta({"type": "quit"})
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    process._transport.close()  # type: ignore[attr-defined]  # kills it if it still runs, and lets its pipes go
    await process.wait()


def _form(says: str, status: int) -> web.Response:
    return web.Response(text=_FORM.format(says=escape(says)), content_type="text/html", status=status)


async def _say_always(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
