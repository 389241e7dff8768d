"""Conditional questions: "changed since?", and what a 304 then means."""

from __future__ import annotations

import pytest
from aiohttp import web

from mediawatch.core.wire import Failed, Request, Validator
from tests.wire_server import NOW, Shelf, door, get, serving


async def feed_with_etag(request: web.Request) -> web.Response:
    """A feed that never changes."""
    if request.headers.get("If-None-Match") == '"7"':
        assert request.headers["If-Modified-Since"] == "Sun, 01 Mar 2026 00:00:00 GMT"
        return web.Response(status=304, headers={"ETag": '"7"'})
    headers = {"ETag": '"7"', "Last-Modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
    return web.Response(body="政务".encode("gbk"), content_type="text/xml", charset="gbk", headers=headers)


async def test_an_unchanged_answer_reads_like_the_one_before() -> None:
    async with serving(feed_with_etag) as port, door() as http:
        url = f"http://h.example:{port}/feed"
        async with http.open("feed:h.example", NOW) as wire:
            first = await wire.ask(Request(url=url))
            left = wire.validators
        async with http.open("feed:h.example", NOW, left) as wire:
            second = await wire.ask(Request(url=url))
            assert wire.validators == left
    assert (first.unchanged, second.unchanged) == (False, True)
    assert (second.status, second.body, second.digest) == (200, first.body, first.digest)
    assert second.header("Content-Type") == first.header("Content-Type") == "text/xml; charset=gbk"


async def test_a_body_that_is_no_longer_kept_is_asked_for_anew() -> None:
    shelf = Shelf()
    async with serving(feed_with_etag) as port, door(keeper=shelf) as http:
        url = f"http://h.example:{port}/feed"
        told = {"etag": '"7"', "last_modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
        known = Validator(url=url, digest="0" * 64, **told)
        answer = await get(http, url, validators=(known,))
    assert (answer.status, answer.unchanged, answer.body) == (200, False, "政务".encode("gbk"))


LATER = {"etag": '"7"', "last_modified": "Sun, 01 Mar 2026 00:00:00 GMT"}


async def test_a_body_that_is_not_wanted_at_once_comes_when_it_is() -> None:
    shelf = Shelf()
    digest = shelf.keep("政务".encode("gbk"))
    async with serving(feed_with_etag) as port, door(keeper=shelf) as http:
        url = f"http://h.example:{port}/feed"
        known = Validator(url=url, digest=digest, **LATER)
        async with http.open("feed:h.example", NOW, (known,)) as wire:
            first = await wire.ask(Request(url=url, later=True))
            assert (first.status, first.unchanged, first.body, first.digest) == (200, True, b"", digest)
            (whole,) = await wire.whole((first,))
            assert (whole.body, whole.digest, whole.unchanged) == (shelf.bodies[digest], digest, True)
            assert wire.exchanges == await wire.whole((whole,)) == (whole,)
            assert wire.validators == (known,)


async def test_a_body_that_is_lost_before_it_is_wanted_is_asked_for_anew() -> None:
    shelf = Shelf()
    digest = shelf.keep("政务".encode("gbk"))
    async with serving(feed_with_etag) as port, door(keeper=shelf) as http:
        urls = [f"http://h.example:{port}/{path}" for path in ("feed", "other")]
        known = tuple(Validator(url=url, digest=digest, **LATER) for url in urls)
        async with http.open("feed:h.example", NOW, known) as wire:
            answers = tuple([await wire.ask(Request(url=url, later=True)) for url in urls])
            del shelf.bodies[digest]
            answers = await wire.whole(answers)
            assert [answer.url for answer in answers] == urls
            assert [(answer.unchanged, answer.digest) for answer in answers] in (
                [(False, digest), (False, digest)],
                [(True, digest), (False, digest)],  # the second question kept the body again
            )
            assert {answer.body for answer in answers} == {"政务".encode("gbk")}
            assert wire.exchanges == answers


async def test_of_a_body_that_is_lost_and_cannot_be_had_again_nothing_is_told() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.headers.get("If-None-Match", ""))
        if len(asked) > 1 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=304)

    shelf = Shelf()
    async with serving(handler) as port, door(keeper=shelf) as http:
        known = Validator(url=f"http://h.example:{port}/feed", digest=shelf.keep(b"feed"), **LATER)
        async with http.open("feed:h.example", NOW, (known,)) as wire:
            answer = await wire.ask(Request(url=known.url, later=True))
            shelf.bodies.clear()
            with pytest.raises(Failed):
                await wire.whole((answer,))
            assert wire.exchanges == ()
    assert asked[:2] == ['"7"', ""]


async def test_only_a_whole_answer_replaces_what_was_known() -> None:
    async def handler(request: web.Request) -> web.Response:
        status = int(request.query["s"])
        return web.Response(status=status, text="x" * (status == 200), headers={"X-Any": "1"})

    async with serving(handler) as port, door() as http:
        down, plain, other = (f"http://h.example:{port}/?s={s}" for s in ("500", "200", "204"))
        known = tuple(Validator(url=url, etag='"old"', digest="0" * 64) for url in (down, plain, other))
        async with http.open("feed:h.example", NOW, known) as wire:
            for validator in known:
                await wire.ask(Request(url=validator.url))
            assert [validator.url for validator in wire.validators] == [down, other]
