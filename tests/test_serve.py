"""The console in a browser: nobody without a token, nobody from elsewhere, no more than fit; and one real browser."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

pytest.importorskip("textual_serve", reason="textual-serve is not installed: mediawatch[serve]")

from mediawatch.settings_web import WebSettings
from mediawatch.web.browser import Browser
from mediawatch.web.tokens import Holder
from tests.test_web_face import ACTS, READS, TOKENS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ECHO = shlex.join([sys.executable, "-c", "import os; print('__GANGLION__', flush=True); os.read(0, 1)"])
EMPTY = 20_000  # bytes: the picture of a page on which nothing was painted is smaller


@asynccontextmanager
async def serving(command: str = ECHO, most: int = 2, **how: Any) -> AsyncIterator[tuple[str, list[Holder]]]:
    settings = WebSettings.model_validate({"listen": "127.0.0.1:0", "tokens": TOKENS, **how})
    seen: list[Holder] = []

    def of(holder: Holder) -> str:
        seen.append(holder)
        return command

    async with Browser(settings, of, most) as browser:
        yield browser.public_url, seen


def visitor() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def test_without_a_token_there_is_a_form_and_nothing_else() -> None:
    async with serving() as (url, _), visitor() as session:
        for where in ("/", "/ws", "/static/js/textual.js", "/static/", "/download/x"):
            headers = {"Origin": url}
            async with session.get(f"{url}{where}", headers=headers, allow_redirects=False) as answer:
                assert answer.status == 401, where
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert "<form" in await answer.text()
        async with session.post(f"{url}/login", data={"token": "x" * 32}, allow_redirects=False) as answer:
            assert (answer.status, "Set-Cookie" in answer.headers) == (401, False)


async def test_a_token_becomes_a_cookie_that_no_page_can_read_and_leaves_the_address() -> None:
    async with serving() as (url, _), visitor() as session:
        async with session.get(f"{url}/", params={"token": READS}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = answer.headers["Set-Cookie"]
            assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
            assert READS not in cookie
        async with session.get(f"{url}/") as answer:
            assert answer.status == 200
            assert f'data-session-websocket-url="ws:{url.partition(":")[2]}/ws"' in await answer.text()


async def test_consoles_are_opened_by_pages_of_this_address_only_and_no_more_than_fit() -> None:
    async with serving(most=1) as (url, seen), visitor() as session:
        await (await session.post(f"{url}/login", data={"token": ACTS})).read()
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": url, "Host": "evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}/ws", headers=headers)
            assert refused.value.status in (403, 421)
        async with session.ws_connect(f"{url}/ws", headers={"Origin": url}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}/ws", headers={"Origin": url})
            assert refused.value.status == 503
        assert seen == [Holder("duty", "operator")]


async def test_a_console_that_will_not_end_is_ended_with_its_page(tmp_path: Path) -> None:
    os.mkfifo(note := tmp_path / "pid")
    says = f"open({str(note)!r}, 'w').write(str(os.getpid()))"
    deaf = f"import os, time; print('__GANGLION__', flush=True); {says}; time.sleep(99)"
    async with serving(shlex.join([sys.executable, "-c", deaf])) as (url, _), visitor() as session:
        await (await session.post(f"{url}/login", data={"token": ACTS})).read()
        async with session.ws_connect(f"{url}/ws", headers={"Origin": url}):
            number = int(await asyncio.to_thread(note.read_text))
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


async def test_beyond_this_machine_there_must_be_tokens_in_the_settings() -> None:
    with pytest.raises(ValueError, match="must have tokens"):
        WebSettings.model_validate({"listen": "0.0.0.0:8090"})


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install Debian's package chromium")
async def test_a_real_browser_shows_the_console_of_a_real_store(tmp_path: Path) -> None:
    (tmp_path / "accounts.yaml").write_text(
        'accounts: [{id: news, name: 某市发布, kind: weibo, targets: [{adapter: weibo, uid: "1000000001"}]}]\n',
        encoding="utf-8",
    )
    (tmp_path / "mediawatch.yaml").write_text("{}\n", encoding="utf-8")
    from mediawatch.clock import wall_clock
    from mediawatch.house import writing_store
    from mediawatch.settings import load

    files = ["--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(tmp_path / "mediawatch.yaml")]
    with writing_store(load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml"), wall_clock()):
        pass
    command = shlex.join([sys.executable, "-m", "mediawatch", "tui", *files])
    async with serving(command) as (url, _):
        picture = await _browse(f"{url}/?token={ACTS}", tmp_path)
    assert picture.startswith(b"\x89PNG")


async def _browse(url: str, folder: Path) -> bytes:
    """Opens the page, waits for the console's first byte and for what it paints; the picture of it."""
    import base64

    browser = await asyncio.create_subprocess_exec(
        str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={folder / 'profile'}", "--window-size=1200,800", url, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert browser.stderr is not None
        async with asyncio.timeout(60):
            while not (found := re.search(rb"ws://127\.0\.0\.1:(\d+)/", await browser.stderr.readline())):
                assert not browser.stderr.at_eof(), "Chromium ended"
            port = int(found[1])
            async with visitor() as session:
                page = None
                while page is None:
                    async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                        page = next((one for one in await answer.json() if one["type"] == "page"), None)
                async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as tools:
                    number = 0

                    async def ask(method: str, **more: Any) -> Any:
                        nonlocal number
                        number += 1
                        await tools.send_json({"id": number, "method": method, "params": more})
                        while True:
                            told = json.loads((await tools.receive()).data)
                            if told.get("id") == number:
                                return told["result"]

                    seen = "document.body && document.body.classList.contains('-first-byte')"
                    while not (await ask("Runtime.evaluate", expression=seen))["result"].get("value"):  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                    picture = b""
                    while len(picture) <= EMPTY:  # it paints; there is no other sign of it
                        picture = base64.b64decode((await ask("Page.captureScreenshot"))["data"])
                        await asyncio.sleep(0.05)
                    return picture
    finally:
        browser.kill()
        await browser.wait()
