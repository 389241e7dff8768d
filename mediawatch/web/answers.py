"""Answers to a message, by the signed link in it: a page for people, the same as JSON for the robots of a chat.

Looking never acts: mail servers and chats open links by themselves. Only a POST acknowledges, and only what the link is
about. It must never say which part of a link is wrong, lead anywhere else, or open the store.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web
from pydantic import Field, ValidationError

from mediawatch.core.links import PATH, Expired, Links, NotOurs
from mediawatch.core.receiver_views import Answerable
from mediawatch.web.acts import Acts, Signed
from mediawatch.web.answer_words import words_of
from mediawatch.web.answering import Answers, complaint
from mediawatch.web.limits import Limit
from mediawatch.web.reading import Reader

if TYPE_CHECKING:
    from jinja2 import Template

MOST_LISTED = 100  # alerts on a page, and acknowledged at once
MOST_WRONG = 20  # links that are none, from one address in a minute
MOST_ASKED = 60  # looks and answers by one link in a minute
MOST_ANSWERED = 120  # answers from one address in a minute; a proxy's address is everybody's
_ALERT = r"^[0-9A-Za-z_-]{1,64}$"
_STYLE = (
    "body{margin:0;padding:16px;background:#f4f5f7;color:#202124;font:16px/1.6 system-ui,sans-serif}"
    "main{max-width:640px;margin:0 auto;padding:20px;background:#fff;border:1px solid #dadce0;border-radius:6px}"
    "h1{font-size:19px;margin:4px 0 12px}ul{list-style:none;padding:0}li{padding:8px 0;border-top:1px solid #e8eaed}"
    ".who,.note{color:#5f6368;font-size:14px}.note{display:block}.done{color:#137333}"
    "input[type=text]{width:100%;box-sizing:border-box;padding:8px;font:inherit}"
    "button{padding:10px 22px;font:inherit;color:#fff;background:#1a56db;border:0;border-radius:4px}"
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'sha256-"
        + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
        + "'"
    ),
    "Referrer-Policy": "same-origin",  # our own form says where it comes from; nobody else learns the link
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}


class Shows(Protocol):
    """The record, as far as a link shows it."""

    def answerable(self, subject: str, most: int, now: datetime) -> Answerable:
        """Raises KeyError where the record knows nothing of it."""
        ...


class _Answer(Signed):
    """What a link's answer says, in fewer letters than an operator has. alerts: all that wait where none is named."""

    by: str = Field(min_length=1, max_length=100)
    note: str = Field(default="", max_length=500)
    alerts: tuple[str, ...] = Field(default=(), max_length=MOST_LISTED)


@dataclass(frozen=True)
class _Done:
    """What an answer came to, by alert: acknowledged by it, answered for by somebody before, over already."""

    acknowledged: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


class AnswerPage:
    """links, language: as they are now; called for each request. shows: the record; called in the reader's thread."""

    def __init__(
        self,
        links: Callable[[], Links | None],
        acts: Acts,
        shows: Callable[[], Shows],
        reader: Reader,
        clock: Callable[[], datetime],
        language: Callable[[], str],
    ) -> None:
        self._links, self._acts, self._shows, self._reader = links, acts, shows, reader
        self._clock, self._language = clock, language
        self._wrong, self._asked, self._answered = Limit(MOST_WRONG), Limit(MOST_ASKED), Limit(MOST_ANSWERED)

    def routes(self) -> list[web.RouteDef]:
        place = PATH + "{token:[^/]{1,200}}"
        return [web.get(place, self._page(self._look)), web.post(place, self._page(self._answer))]

    # --- what is asked -------------------------------------------------------------------------------------------

    async def _look(self, request: web.Request) -> web.Response:
        view = await self._view(self._subject(request))
        if _wants_json(request):
            return _json(_told(view))
        return self._html(view=view)

    async def _answer(self, request: web.Request) -> web.Response:
        subject = self._subject(request)
        address, at = request.remote or "", asyncio.get_running_loop().time()
        if wait := self._answered.wait(address, at):
            raise _too_often(wait)
        self._answered.count(address, at)
        said = await _said(request)
        view = await self._view(subject)
        done = await self._acknowledge(view, said)
        view = await self._view(subject)
        if _is_json(request):
            return _json(_told(view) | {"ok": True, **{name: list(ids) for name, ids in vars(done).items()}})
        words = words_of(self._language())
        lines = [
            words[name].format(len(ids))
            for name, ids in (("acked", done.acknowledged), ("before", done.already))
            if ids
        ]
        return self._html(view=view, done=lines or [words["nothing"]])

    def _subject(self, request: web.Request) -> str:
        """What the link is about. Raises where it is none of ours, over, or asked too often."""
        links, address, at = self._links(), request.remote or "", asyncio.get_running_loop().time()
        token = request.match_info["token"]
        if wait := self._wrong.wait(address, at):
            raise _too_often(wait)
        try:
            if links is None:
                raise NotOurs
            subject = links.subject(token, self._clock())
        except NotOurs:
            self._wrong.count(address, at)
            raise web.HTTPNotFound(text="unknown_link") from None
        except Expired:
            raise web.HTTPGone(text="expired") from None
        if wait := self._asked.wait(token, at):
            raise _too_often(wait)
        self._asked.count(token, at)
        return subject

    async def _view(self, subject: str) -> Answerable:
        try:
            now = self._clock()
            return await self._reader.ask(lambda: self._shows().answerable(subject, MOST_LISTED, now))
        except KeyError:
            raise web.HTTPNotFound(text="unknown_link") from None

    async def _acknowledge(self, view: Answerable, said: _Answer) -> _Done:
        """Whoever answered for an alert before stays; the same answer twice changes nothing."""
        known = {alert.id: alert for alert in view.alerts}
        if set(said.alerts) - known.keys():
            raise web.HTTPBadRequest(text="alerts: not all of them belong to this message")
        via = f"link, {view.receiver}" if view.receiver else "link"
        found: dict[str, list[str]] = {"acknowledged": [], "already": [], "over": []}
        for id_ in said.alerts or known:
            alert = known[id_]
            if alert.state == "resolved":
                found["over"].append(id_)
            elif alert.answered:
                found["already"].append(id_)
            else:
                try:
                    await self._acts.acknowledge(id_, f"{said.by} ({via})", said.note)
                    found["acknowledged"].append(id_)
                except (KeyError, ValueError):  # it ended a moment ago
                    found["over"].append(id_)
        return _Done(**{name: tuple(ids) for name, ids in found.items()})

    # --- how it is answered --------------------------------------------------------------------------------------

    def _page(self, handler: Answers) -> Answers:
        """The same handler, with what goes wrong said in words to people; robots get it as JSON, like the rest."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPException as error:
                words = words_of(self._language())
                said = words.get(error.text or "", error.text or error.reason)
                if _is_json(request) or _wants_json(request):
                    error.text = said
                    raise
                kept = {"Retry-After": error.headers["Retry-After"]} if "Retry-After" in error.headers else {}
                return self._html(head=said, status=error.status, headers=kept)

        return answer

    def _html(
        self,
        *,
        view: Answerable | None = None,
        head: str = "",
        done: list[str] | None = None,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        words = words_of(self._language())
        text = _template().render(
            words=words,
            style=_STYLE,
            head=head or (words["head"].format(view.total, view.waiting) if view else ""),
            done=done or [],
            view=view,
            waiting=_waiting(view) if view else (),
            rest=words["rest"].format(view.total - len(view.alerts)) if view and view.total > len(view.alerts) else "",
        )
        return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS | (headers or {}))


def _waiting(view: Answerable) -> tuple[str, ...]:
    return tuple(one.id for one in view.alerts if one.state == "open" and not one.answered)


async def _said(request: web.Request) -> _Answer:
    """The answer of a form or as JSON. Raises a 400 that names the first field that is wrong."""
    try:
        if _is_json(request):
            return _Answer.model_validate_json(await request.read())
        form = await request.post()
        chosen = [str(value) for value in form.getall("alert", [])]
        if not chosen:
            raise web.HTTPBadRequest(text="none_chosen")
        return _Answer.model_validate(
            {"by": str(form.get("by", "")), "note": str(form.get("note", "")), "alerts": chosen}
        )
    except ValidationError as error:
        raise web.HTTPBadRequest(text=complaint(error, "body")) from None


def _told(view: Answerable) -> dict[str, Any]:
    return {"total": view.total, "waiting": view.waiting, "alerts": [_line(alert) for alert in view.alerts]}


def _line(alert: Any) -> dict[str, Any]:
    told = {name: getattr(alert, name) for name in ("id", "account", "name", "level", "state", "says")}
    return told | {name: getattr(alert, name) if alert.answered else "" for name in ("acknowledged_by", "note")}


def _is_json(request: web.Request) -> bool:
    return request.content_type == "application/json"


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _json(told: dict[str, Any]) -> web.Response:
    return web.Response(text=json.dumps(told, ensure_ascii=False), content_type="application/json")


def _too_often(wait: float) -> web.HTTPTooManyRequests:
    return web.HTTPTooManyRequests(text="too_often", headers={"Retry-After": str(int(wait) + 1)})


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("mediawatch.web", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return found.get_template("answer.html")
