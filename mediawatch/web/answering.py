"""How a face reads what it is given and says what went wrong: JSON both ways. It must tell no inner detail."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import ValidationError

from mediawatch.core.model import Value

GivenT = TypeVar("GivenT", bound=Value)
Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_BODY = 16 * 1024
_KEPT = ("allow", "www-authenticate", "retry-after")
_log = logging.getLogger(__name__)


async def given(model: type[GivenT], request: web.Request) -> GivenT:
    """The body of a request as a value. Raises a 400 that names the first field that is wrong, and no value."""
    try:
        return model.model_validate_json(await request.read(), strict=True)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=complaint(error, "body")) from None


def complaint(error: ValidationError, whole: str) -> str:
    """The first thing that is wrong, with its place; `whole` is the place of the whole."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or whole
    return f"{place}: {first['msg']}"


@web.middleware
async def errors_as_json(request: web.Request, handler: Answers) -> web.StreamResponse:
    """Every error is `{"error": words}`; one of ours goes to the log and not to who asked."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        kept = {key: value for key, value in error.headers.items() if key.lower() in _KEPT}
        return web.json_response({"error": error.text or error.reason}, status=error.status, headers=kept)
    except Exception:
        _log.exception("a face failed to answer %s", request.rel_url.raw_path)
        return web.json_response({"error": "the daemon failed to do this; its log says why"}, status=500)
