"""`/healthz` and `/readyz`: whether the daemon ticks, and whether it can do its work. It must not read a clock."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from mediawatch import __version__

STALLED = 60.0  # seconds without a tick after which the daemon calls itself unwell


def health_routes(
    tick_age: Callable[[], float | None], problems: Callable[[], tuple[str, ...]], *, words: bool = True
) -> list[web.RouteDef]:
    """tick_age: seconds since the daemon's last tick, `None` before the first. problems: why it cannot work just now.

    words: whether the answers say which version runs and what is wrong, or only how it is.
    """

    async def health(request: web.Request) -> web.Response:
        age = tick_age()
        ok = age is None or age < STALLED
        answer: dict[str, object] = {"ok": ok}
        if words:
            answer |= {"version": __version__, "last_tick_seconds": None if age is None else round(age, 3)}
        return web.json_response(answer, status=200 if ok else 503)

    async def ready(request: web.Request) -> web.Response:
        found = problems() if tick_age() is not None else ("starting",)
        answer: dict[str, object] = {"ready": not found}
        if words:
            answer |= {"problems": found}
        return web.json_response(answer, status=503 if found else 200)

    return [web.get("/healthz", health), web.get("/readyz", ready)]
