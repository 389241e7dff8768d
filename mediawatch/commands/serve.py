"""`serve`: the console in a browser, on this machine unless told otherwise, and never without a token."""

from __future__ import annotations

import asyncio
import secrets
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from mediawatch.commands.options import Stopped, files, loaded
from mediawatch.commands.printing import narrate
from mediawatch.settings_web import WebSettings

if TYPE_CHECKING:
    from mediawatch.web.tokens import Holder

HERE = "127.0.0.1:8090"


@click.command()
@files
@click.option("--listen", default=HERE, show_default=True, help="host:port; beyond this machine only with tokens.")
@click.option("--url", help="The address by which people reach it, behind a proxy that speaks https.")
@click.option("--most", type=click.IntRange(1, 100), default=8, show_default=True, help="Consoles at once.")
def serve(
    accounts: Path | None, settings: Path | None, lang: str | None, listen: str, url: str | None, most: int
) -> None:
    """The console in a browser. The tokens are those of `web:`; without any, one is made and printed at the start."""
    try:
        from mediawatch.web.browser import Browser
    except ModuleNotFoundError:
        raise Stopped("the console in a browser needs textual-serve: pip install 'mediawatch[serve]'") from None
    from mediawatch.web.face import CannotListen

    found = loaded(accounts, settings)
    tokens = dict(found.settings.web.tokens) if found.settings.web is not None else {}
    try:
        served = WebSettings.model_validate({"listen": listen, "url": url, "tokens": tokens})
    except ValidationError as error:
        raise Stopped(f"--listen: {error.errors(include_url=False, include_input=False)[0]['msg']}") from None
    made = ""
    if not tokens:
        made = secrets.token_urlsafe(32)
        served = WebSettings.model_validate(
            {**served.model_dump(), "tokens": {"here": {"scope": "operator", "token": made}}}
        )

    def command(holder: Holder) -> str:
        words = [sys.executable, "-m", "mediawatch", "tui", *_files(accounts, settings, lang), "--by", holder.name]
        return shlex.join([*words, *(["--read-only"] if holder.scope == "read" else [])])

    async def run() -> None:
        ended = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
        async with Browser(served, command, most) as browser:
            narrate(f"{browser.public_url}/{f'?token={made}' if made else ''}")
            await ended.wait()

    try:
        asyncio.run(run())
    except CannotListen as error:
        raise Stopped(str(error)) from None


def _files(accounts: Path | None, settings: Path | None, lang: str | None) -> list[str]:
    given = (("--accounts", accounts), ("--settings", settings), ("--lang", lang))
    return [word for name, value in given if value is not None for word in (name, str(value))]
