"""What people may do through a daemon, the same through both of its faces. All it does is call what the daemon gave it.

One more act is one method of `Acts`, one value for its body and one line in `act_routes`; the client's side is
`wires/control.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web
from pydantic import AwareDatetime, Field, field_validator

from mediawatch.core.model import Value
from mediawatch.core.review import Choice
from mediawatch.core.silences import Silence, Wanted
from mediawatch.core.text import clean
from mediawatch.web.answering import MOST_BODY, Answers, given

_MOST_ORDER = 1024 * 1024
Names = Callable[[web.Request, str], str]
"""Who acts, as the record keeps it: from the request and the name that stands in it. Raises where nobody may."""


class Acts(Protocol):
    """The daemon, as far as its faces act on it. KeyError: unknown; ValueError: not taken, in words."""

    async def acknowledge(
        self, alert_id: str, by: str, note: str, until: datetime | None = None, sticky: bool = False
    ) -> object:
        """Somebody takes care of an alert: until then, as long as the settings say, or (sticky) until it is healthy."""
        ...

    async def silence(self, wanted: Wanted) -> Silence:
        """Some alerts are not told for a time."""
        ...

    async def end_silence(self, id_: str, by: str) -> object:
        """A silence ends now."""
        ...

    async def review(self, alert_id: str, choice: Choice, by: str, reason: str, until: datetime | None) -> object:
        """A person's decision about a candidate."""
        ...

    async def attest(self, account: str, word: str, signature: str) -> object:
        """A person's word on an app (JSON), signed."""
        ...

    async def office(self, name: str, said: bytes, by: str, dry_run: bool) -> dict[str, Any]:
        """An act of the office with an inspection or a case, by its name; its answer is JSON data."""
        ...


class Signed(Value):
    """by: who says it; it stands in the record. note: why."""

    by: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=2000)

    @field_validator("by", "note", mode="after")
    @classmethod
    def _cleaned(cls, text: str) -> str:
        return clean(text)

    @field_validator("by", mode="after")
    @classmethod
    def _somebody(cls, by: str) -> str:
        if not by:
            raise ValueError("must name somebody")
        return by


class _Acknowledgement(Signed):
    until: AwareDatetime | None = None
    sticky: bool = False


class _Review(Value):
    choice: Choice
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)
    until: AwareDatetime | None = None

    @field_validator("by", "reason", mode="after")
    @classmethod
    def _cleaned(cls, text: str) -> str:
        if not (cleaned := clean(text)):
            raise ValueError("must not be empty")
        return cleaned


class _Office(Value):
    by: str = Field(min_length=1, max_length=200)
    said: dict[str, Any]
    dry_run: bool = False


class _End(Value):
    by: str = Field(min_length=1, max_length=200)


class _Word(Value):
    word: str = Field(max_length=MOST_BODY)
    signature: str = Field(max_length=200)


def act_routes(acts: Acts, named: Names) -> list[web.RouteDef]:
    """The acts as routes. `named` is asked before anything is done."""

    async def acknowledge(request: web.Request) -> web.Response:
        said = await given(_Acknowledgement, request)
        by = named(request, said.by)
        try:
            await acts.acknowledge(request.match_info["id"], by, said.note, said.until, said.sticky)
        except KeyError:
            raise web.HTTPNotFound(text="no alert has this id") from None
        except ValueError as error:
            over = "is resolved" in str(error)
            raise web.HTTPConflict(text="this alert is over" if over else str(error)) from None
        return web.json_response({"ok": True})

    async def silence(request: web.Request) -> web.Response:
        said = await given(Wanted, request)
        wanted = said.model_copy(update={"by": named(request, said.by)})
        try:
            added = await acts.silence(wanted)
        except ValueError as error:
            raise web.HTTPConflict(text=f"not taken: {error}") from None
        return web.json_response({"ok": True, "id": added.id})

    async def end_silence(request: web.Request) -> web.Response:
        by = named(request, (await given(_End, request)).by)
        try:
            await acts.end_silence(request.match_info["id"], by)
        except KeyError:
            raise web.HTTPNotFound(text="no silence has this id") from None
        except ValueError as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.json_response({"ok": True})

    async def review(request: web.Request) -> web.Response:
        said = await given(_Review, request)
        by = named(request, said.by)
        try:
            await acts.review(request.match_info["id"], said.choice, by, said.reason, said.until)
        except KeyError:
            raise web.HTTPNotFound(text="no alert has this id") from None
        except ValueError as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.json_response({"ok": True})

    async def attest(request: web.Request) -> web.Response:
        said = await given(_Word, request)
        named(request, "")  # who speaks stands in the word itself, and is signed
        try:
            await acts.attest(request.match_info["id"], said.word, said.signature)
        except KeyError:
            raise web.HTTPNotFound(text="no account has this id") from None
        except ValueError as error:
            raise web.HTTPConflict(text=f"not taken: {error}") from None
        return web.json_response({"ok": True})

    async def office(request: web.Request) -> web.Response:
        whole = request.clone(client_max_size=_MOST_ORDER)  # an order may bring its rulebook
        said = await given(_Office, whole)
        by = named(request, said.by)
        try:
            done = await acts.office(request.match_info["name"], json.dumps(said.said).encode(), by, said.dry_run)
        except KeyError as error:
            raise web.HTTPNotFound(text=f"there is no {error.args[0]}") from None
        except ValueError as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.json_response(done)

    alert = r"/alerts/{id:[0-9A-Za-z_-]{1,64}}"
    told: dict[str, Answers] = {
        f"{alert}/ack": acknowledge,
        f"{alert}/review": review,
        "/silences": silence,
        "/silences/{id:[0-9A-Za-z_-]{1,64}}/end": end_silence,
        "/accounts/{id}/attest": attest,
        "/office/{name}": office,
    }
    return [web.post(place, answers) for place, answers in told.items()]
