"""Twelve planted secrets, forty ways to fail, everything said at the level of debugging: not one of them comes out."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from click.testing import CliRunner

from mediawatch.cli import cli
from mediawatch.clock import stopped_clock, wall_clock
from mediawatch.house import open_daemon, sender_of, writing_store
from mediawatch.settings import SettingsError, load
from mediawatch.store.blobs import Blobs
from mediawatch.store.lock import OneWriter
from mediawatch.telling import tell
from tests.messages import MESSAGES

SECRETS = {
    "COOKIE": "SUB=c00kie-8f3a91",
    "OPEN": "0pen-t0ken-77bd21",
    "APP": "app-secret-5e1c44",
    "WECOM": "wec0m-key-19aa0f2b77",
    "DING": "d1ng-access-83bc5512ee",
    "SIGN": "SECd1ngsign-0a9b8c7d",
    "FEISHU": "fe1shu-hook-44dd9e01ab",
    "HOOK": "whsec_cGxhbnRlZC1zZWNyZXQtMTIzNA==",
    "MAIL": "ma1l-passw0rd-6612",
    "DEAD": "dead-man-t0ken-31fe88c0",
    "TSA": "tsa-key-9c8b7a665544",
    "PW": "database-passw0rd-2f7",
}
ANSWERS = ("401", "403", "404", "418", "429", "500", "503", "302", "302 inside", "echo", "echo 403", "garbage", "bomb",
           "cut", "reset", "hang", "set-cookie", "html", "empty", "long header")  # fmt: skip


async def answer(request: web.Request, how: str) -> web.StreamResponse:
    """What a platform or a receiver says: it repeats all that it was told where it can."""
    body = await request.text()
    repeated = f"{request.path_qs} {dict(request.headers)} {body}"
    number, _, rest = how.partition(" ")
    if how == "reset":
        request.transport.abort()  # type: ignore[union-attr]
    if how == "hang":
        await asyncio.sleep(5)
    if how == "bomb":
        import gzip

        return web.Response(body=gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})
    if how == "cut":
        cut = web.StreamResponse(headers={"Content-Length": "9999"})
        await cut.prepare(request)
        await cut.write(repeated.encode())
        request.transport.close()  # type: ignore[union-attr]
        return cut
    if number == "302":
        where = "http://10.0.0.1" if rest else f"http://{request.host}"
        return web.Response(status=302, headers={"Location": f"{where}/elsewhere?{request.query_string}"})
    if how == "set-cookie":
        return web.Response(
            text="{}", headers={"Set-Cookie": repeated.replace("\n", " ")[:3000], "X-Echo": repeated[:900]}
        )
    if how == "long header":
        return web.Response(text="{}", headers={"X-Long": "x" * 9000})
    texts = {"garbage": "\x00\xff{]", "html": f"<html><body>{repeated}</body></html>", "empty": ""}
    return web.Response(status=int(number) if number.isdigit() else int(rest or 200), text=texts.get(how, repeated))


def files(folder: Path, port: int) -> tuple[Path, Path]:
    base = f"http://127.0.0.1:{port}"
    fast = {"per_minute": 60_000, "at_once": 16}
    settings: dict[str, Any] = {
        "database": f"sqlite:///{folder}/data/store.db",
        "data_dir": str(folder / "data"),
        "wire": {"allow_private": ["127.0.0.0/8"], "timeout": "100ms", "rest": "1s"},
        "platforms": {
            "weibo": {"base_url": f"{base}/weibo", "cookie": "${COOKIE}", **fast},
            "weibo.open": {"base_url": f"{base}/open", "secrets": {"access_token": "${OPEN}"}, **fast},
            "wechat.official": {"base_url": f"{base}/wechat", "secrets": {"wx0123456789": "${APP}"}, **fast},
        },
        "receivers": {
            "wecom": {"type": "wecom", "url": f"{base}/cgi-bin/webhook/send?key=${{WECOM}}"},
            "ding": {"type": "dingtalk", "url": f"{base}/robot/send?access_token=${{DING}}", "secret": "${SIGN}"},
            "feishu": {"type": "feishu", "url": f"{base}/open-apis/bot/v2/hook/${{FEISHU}}"},
            "hook": {"type": "webhook", "url": f"{base}/hook", "secret": "${HOOK}"},
            "mail": {"type": "email", "host": "localhost", "port": port, "user": "watch", "password": "${MAIL}",
                     "sender": "watch@city.example", "to": "duty@city.example"},
        },
        "ladder": [{"after": "0s", "to": ["wecom", "ding", "feishu", "hook", "mail"]}],
        "alerts": {"least_free": "500MB", "group": {"wait": 0, "interval": 0, "repeat": 0}},
        "dead_man": {"url": f"{base}/ping/${{DEAD}}"},
        "stamp": {"url": f"{base}/tsr?key=${{TSA}}", "roots": "none.pem"},
    }  # fmt: skip
    accounts = {"accounts": [
        {"id": "w", "name": "某市发布", "kind": "weibo", "targets": [
            {"adapter": "weibo", "uid": "1000000001"}, {"adapter": "weibo.open", "uid": "1000000001"}]},
        {"id": "x", "name": "某区发布", "kind": "wechat", "targets": [
            {"adapter": "wechat.official", "appid": "wx0123456789"}]},
    ]}  # fmt: skip
    for name, content in (("accounts.yaml", accounts), ("mediawatch.yaml", settings)):
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder / "accounts.yaml", folder / "mediawatch.yaml"


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """All that any library logs, down to the least."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    level = root.level
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("mediawatch").propagate = True
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def leaks(text: str | bytes) -> list[str]:
    """The names of the secrets of which a text holds any telling part."""
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return [
        name for name, value in SECRETS.items() if value.removeprefix("SUB=").removeprefix("whsec_").encode() in raw
    ]


async def test_no_answer_of_a_platform_or_a_receiver_brings_a_secret_out(
    tmp_path: Path, heard: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """Twenty ways to answer, at three platforms, four robots, a mail server, two addresses outside."""
    how, asked = "401", 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await answer(request, how)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    accounts, settings = files(tmp_path, runner.addresses[0][1])
    now, mask = wall_clock(), os.umask(0o022)
    try:
        found = load(accounts, settings, SECRETS)
        assert not leaks(repr(found))
        with writing_store(found, now) as store:
            for how in ANSWERS:
                store.make_due(now)
                before = asked
                clock = stopped_clock(now)
                async with open_daemon(found, store, clock) as daemon, sender_of(found.settings) as sender:
                    daemon._free_disk = lambda: 0  # something to tell
                    await daemon.cycle(at_once=True)
                    tries = [tell(one, MESSAGES["notices"], sender, now, "en") for one in daemon.receivers.values()]
                    attempts = await asyncio.gather(*tries)
                    for tick, _ in daemon.more_ticks:
                        with suppress(Exception):
                            await tick()
                    await daemon.end()
                assert leaks(repr(attempts)) == [], how
                assert asked - before >= 8, (how, asked - before)
                now += timedelta(hours=3)
    finally:
        os.umask(mask)
        await runner.cleanup()
    assert "not accepted" in heard.getvalue()
    assert leaks(heard.getvalue()) == []
    assert leaks("".join(capfd.readouterr())) == []
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    for path in kept:
        assert leaks(path.read_bytes()) == [], path
    blobs = Blobs(tmp_path / "data" / "answers")
    answers = [blobs.recall(digest) or b"" for digest, _ in blobs.sizes()]
    assert answers
    assert [leaks(body) for body in answers if leaks(body)] == []
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        loose = stat.S_IMODE(path.lstat().st_mode) & 0o077
        assert not loose, f"{path} {oct(path.lstat().st_mode)}"
    shown = ("receivers list", "receivers show wecom", "receivers show ding --json", "log", "explain w",
             "explain x --json", "alerts list --json", "sessions", "platforms", "check", "verify")  # fmt: skip
    more = ["--accounts", str(accounts), "--settings", str(settings)]
    said = [CliRunner(env=SECRETS).invoke(cli, [*words.split(), *more]).output for words in shown]
    assert all(said)
    assert leaks("".join(said)) == []


BROKEN = {
    "a list for a text": ("url", ["X"]),
    "a mapping for a text": ("url", {"a": "X"}),
    "another scheme": ("url", "ftp://X"),
    "no scheme": ("url", "X"),
    "a space": ("url", "https://a.example/ X"),
    "a bad port": ("url", "https://a.example:X/"),
    "an unknown key": ("X", "X"),
    "a key for a value": ("X", None),
    "an empty secret": ("secret", ""),
    "another type": ("type", "X"),
}


@pytest.mark.parametrize(("key", "value"), BROKEN.values(), ids=BROKEN)
def test_no_settings_that_are_wrong_show_a_secret(key: str, value: Any, tmp_path: Path) -> None:
    def planted(one: Any) -> Any:
        if isinstance(one, str):
            return one.replace("X", SECRETS["WECOM"])
        return [planted(item) for item in one] if isinstance(one, list) else one and {"a": SECRETS["WECOM"]}

    _, path = files(tmp_path, 9)
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["receivers"]["hook"] |= {planted(key): planted(value)}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    path.chmod(0o600)
    said = CliRunner(env=SECRETS).invoke(
        cli, ["check", "--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(path)]
    )
    assert said.exit_code == 2, said.output
    assert "receivers.hook" in said.output
    assert leaks(said.output) == []


def _unreachable(folder: Path) -> str:
    return "postgresql://watch:${PW}@127.0.0.1:1/mediawatch"


def _damaged(folder: Path) -> str:
    (folder / "damaged.db").write_bytes(b"SQLite format 3\x00" + os.urandom(5000))
    return f"sqlite:///{folder}/damaged.db"


def _empty(folder: Path) -> str:
    (folder / "empty.db").write_bytes(b"")
    return f"sqlite:///{folder}/empty.db"


def _folder(folder: Path) -> str:
    (folder / "folder.db").mkdir()
    return f"sqlite:///{folder}/folder.db"


def _unknown(folder: Path) -> str:
    return "mysql://watch:${PW}@127.0.0.1/mediawatch"


@pytest.mark.parametrize("made", [_unreachable, _damaged, _empty, _folder, _unknown])
@pytest.mark.parametrize("command", ["once", "pulse"])
def test_no_database_that_fails_shows_a_secret(
    made: Any, command: str, tmp_path: Path, heard: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    accounts, path = files(tmp_path, 9)
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["database"] = made(tmp_path)
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said = CliRunner(env=SECRETS).invoke(cli, [command, "--accounts", str(accounts), "--settings", str(path)])
    if said.exit_code == 0:
        assert made is _empty
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    assert leaks(said.output + heard.getvalue() + "".join(capfd.readouterr())) == []


def test_a_store_that_another_holds_and_a_crash_show_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: io.StringIO
) -> None:
    import traceback

    accounts, path = files(tmp_path, 9)
    (tmp_path / "data").mkdir(mode=0o700)
    words = ["once", "--accounts", str(accounts), "--settings", str(path)]
    with closing(OneWriter(tmp_path / "data" / "store.db.lock")):
        held = CliRunner(env=SECRETS).invoke(cli, words)
    assert held.exit_code == 4
    found = load(accounts, path, SECRETS)

    def broken(*_: object) -> None:
        raise RuntimeError(f"a defect with {found.settings!r}")

    monkeypatch.setattr("mediawatch.house.policy_of", broken)
    crashed = CliRunner(env=SECRETS).invoke(cli, words)
    assert isinstance(crashed.exception, RuntimeError)
    shown = "".join(traceback.TracebackException.from_exception(crashed.exception).format())
    assert "a defect with" in shown
    with pytest.raises(SettingsError) as missing:
        load(accounts, path, {**SECRETS, "WECOM": ""})
    assert leaks(held.output + shown + crashed.output + str(missing.value) + heard.getvalue()) == []


def test_there_are_twelve_secrets_and_forty_ways() -> None:
    assert len(SECRETS) == 12
    assert len(ANSWERS) + len(BROKEN) + 2 * 5 + 3 >= 40
