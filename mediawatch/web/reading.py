"""The reading half of the API: each question of `core.reading` at a path of its own, its answer as the view's JSON.

It must never write, and it never knows which question it passes on: that is `core.travel`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import TypeVar

from aiohttp import web

from mediawatch.core import travel
from mediawatch.core.reading import QUESTIONS, Source
from mediawatch.store.errors import StoreError

AnswerT = TypeVar("AnswerT")
_MOST_WAITING = 32


class Reader:
    """Asks a source in a thread of its own, one question at a time; too many at once are sent away."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting = 0

    async def ask(self, question: Callable[[], AnswerT]) -> AnswerT:
        """Raises what the question raises, and a 503 where the record cannot be read or too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise web.HTTPServiceUnavailable(text="too many questions at once; ask again", headers={"Retry-After": "1"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, question)
        except StoreError as error:
            raise web.HTTPServiceUnavailable(text=str(error)) from None
        finally:
            self._waiting -= 1


def reading_routes(
    source: Callable[[], Source],
    reader: Reader,
    clock: Callable[[], datetime],
    allowed: Callable[[web.Request], object],
    past: tuple[Callable[[datetime], Source], Reader],
) -> list[web.RouteDef]:
    """One route for each question. `allowed` is asked first, and raises where nobody may read.

    past: the record as it stood at an instant, for `as_of`, and a reader of its own, since that may take long.
    """

    async def answer(request: web.Request) -> web.Response:
        allowed(request)
        name = request.match_info["question"]
        try:
            given = {key: request.query.getall(key) for key in request.query}
            at = travel.instant("as_of", given.pop("as_of")) if "as_of" in given else None
            arguments = travel.arguments_of(name, given, clock())
        except KeyError:
            raise web.HTTPNotFound(text=f"no such question; there are {', '.join(QUESTIONS)}") from None
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        try:
            asked = source if at is None else partial(past[0], min(at, clock()))
            by = reader if at is None else past[1]
            body = await by.ask(lambda: travel.told(name, getattr(asked(), name)(**arguments)))
        except KeyError:
            raise web.HTTPNotFound(text="the record knows nothing of this name") from None
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.Response(body=body, content_type="application/json")

    return [web.get("/{question}", answer)]
