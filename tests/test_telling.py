"""One message to one receiver: what it comes to, what is kept of it, and that no secret is found afterwards."""

from __future__ import annotations

import io
import ipaddress
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from mediawatch.core.receiver_views import ReceiverView, Tried
from mediawatch.receivers import RECEIVERS
from mediawatch.receivers.receiver import Answer
from mediawatch.redaction import MOST_SHOWN, bounded, pieces, secrets_of
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from mediawatch.telling import Attempt, Configured, tell
from mediawatch.wires.sending import Sender
from tests.conftest import START
from tests.mail_server import Server, contexts, mail_server
from tests.messages import AT, LINK, MESSAGES, SECRET, SETTINGS

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
URL_TOKEN = "t0ken-1n-the-url/+x"
SIGNING = "s1gning-secret-of-the-robot"
PASSWORD = "p4ss-word of the mail"
HOUR = timedelta(hours=1)
Bot = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(LOOPBACK, timeout=2, tls=contexts()[1]) as made:
        yield made


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any logger lets out, down to the least, but for what the robot itself notes of its visitors."""
    written = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(written)
    handler.addFilter(lambda record: record.name != "aiohttp.access")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Bot], Awaitable[int]]]:
    servers: list[TestServer] = []

    async def start(bot: Bot) -> int:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", bot)
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        servers.append(server)
        assert server.port is not None
        return server.port

    yield start
    for server in servers:
        await server.close()


def robot(kind: str, port: int) -> Configured:
    """A receiver whose every secret is planted."""
    given: dict[str, dict[str, Any]] = {
        "webhook": {
            "url": f"http://127.0.0.1:{port}/hooks/ab12cd34ef56?token=t0ken-1n-the-url%2F%2Bx",
            "secret": SIGNING,
        },
        "wecom": {"url": f"http://127.0.0.1:{port}/cgi-bin/webhook/send?key=t0ken-1n-the-url%2F%2Bx"},
        "dingtalk": {"url": f"http://127.0.0.1:{port}/send?access_token=t0ken-1n-the-url%2F%2Bx", "secret": SIGNING},
        "feishu": {"url": f"http://127.0.0.1:{port}/hook/t0ken-1n-the-url%2F%2Bx", "secret": SIGNING},
        "apprise": {"url": f"json://watch:t0ken-1n-the-url%2F%2Bx@localhost:{port}/ab12cd34ef56"},
    }
    return Configured("duty", RECEIVERS[kind], RECEIVERS[kind].settings.model_validate(given[kind]))


def assert_no_secret(text: str, *more: str) -> None:
    planted = (URL_TOKEN, "t0ken-1n-the-url", "%2F%2Bx", "ab12cd34ef56", SIGNING, PASSWORD, LINK, *more)
    assert not [secret for secret in planted if secret in text], text


@pytest.mark.parametrize("kind", ["webhook", "wecom", "dingtalk", "feishu", "apprise"])
async def test_a_robot_that_repeats_every_secret_in_its_answer_leaves_none_behind(
    kind: str, sender: Sender, serve: Any, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    signed: list[str] = []

    async def echo(request: web.Request) -> web.Response:
        body = await request.text()
        sign = request.query.get("sign") or json.loads(body).get("sign") or request.headers.get("webhook-signature", "")
        signed.append(sign)
        told: dict[str, Any] = {"errcode": 93000 if kind == "wecom" else 300001, "code": 19021}
        told |= {"errmsg": f"bad {request.path_qs}"}
        told |= {"url": str(request.url), "sign": sign, "query": dict(request.query), "sent": body}
        return web.json_response(told, status=401 if kind in ("webhook", "apprise") else 200)

    attempt = await tell(robot(kind, await serve(echo)), MESSAGES["notices"], sender, AT, "zh_CN")
    assert attempt.answer is (Answer.TRY_AGAIN if kind == "apprise" else Answer.REFUSED)
    assert attempt.request
    assert "某市发布" in attempt.request
    if kind != "apprise":
        assert "*****" in attempt.said
    signatures = [sign for sign in signed if len(sign) > 6]
    assert_no_secret(repr(attempt) + repr(attempt.tried) + logged.getvalue() + "".join(capfd.readouterr()), *signatures)


@pytest.mark.parametrize("kind", ["webhook", "wecom", "dingtalk", "feishu", "apprise"])
async def test_a_robot_that_is_not_there_leaves_no_secret_either(
    kind: str, sender: Sender, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    attempt = await tell(robot(kind, 1), MESSAGES["notices"], sender, AT, "en")
    assert attempt.answer is Answer.TRY_AGAIN
    assert_no_secret(repr(attempt) + logged.getvalue() + "".join(capfd.readouterr()))


async def test_a_mail_server_that_repeats_the_login_leaves_no_password_behind(sender: Sender) -> None:
    async with mail_server(Server(says={"AUTH": f"535 wrong password {PASSWORD}"})) as server:
        given = {"host": "localhost", "port": server.port, "user": "watch", "password": PASSWORD}
        settings = RECEIVERS["email"].settings.model_validate(
            given | {"sender": "watch@city.example", "to": "duty@city.example"}
        )
        attempt = await tell(Configured("mail", RECEIVERS["email"], settings), MESSAGES["notices"], sender, AT, "en")
    assert attempt.answer is Answer.REFUSED
    assert "535" in attempt.detail
    assert_no_secret(repr(attempt))


async def test_who_is_too_fast_waits_for_as_long_as_the_robot_rests(sender: Sender, serve: Any) -> None:
    async def busy(request: web.Request) -> web.Response:
        return web.json_response({"errcode": 130101, "errmsg": "send too fast"}, headers={"Retry-After": "5"})

    attempt = await tell(robot("dingtalk", await serve(busy)), MESSAGES["test"], sender, AT, "en")
    assert (attempt.answer, attempt.retry_after) == (Answer.TOO_FAST, 600.0)


async def test_both_sides_are_kept_bounded(sender: Sender, serve: Any) -> None:
    async def talkative(request: web.Request) -> web.Response:
        return web.Response(status=500, body=b"x\x1b[31m\n" * 20_000)

    attempt = await tell(robot("wecom", await serve(talkative)), MESSAGES["notices"], sender, AT, "en")
    assert MOST_SHOWN < len(attempt.said) < MOST_SHOWN + 50
    assert "more letters" in attempt.said
    assert "\x1b" not in attempt.said + attempt.detail
    assert "\n" not in attempt.detail


def test_the_secrets_of_every_kind_of_settings_are_known() -> None:
    for kind, settings in SETTINGS.items():
        dumped = settings.model_dump(mode="python")
        planted = [one for value in dumped.values() for one in (value if isinstance(value, tuple) else (value,))]
        values = {one.get_secret_value() for one in planted if isinstance(one, SecretStr)}
        assert values, kind
        assert values <= set(secrets_of(settings)), kind
    assert SECRET in secrets_of(SETTINGS["webhook"])


@pytest.mark.parametrize(
    ("address", "hidden", "not_hidden"),
    [
        ("https://a.example/cgi-bin/webhook/send?key=abcdef12", "abcdef12", "webhook"),
        ("https://a.example/open-apis/bot/v2/hook/0a1b2c3d-4e5f", "0a1b2c3d-4e5f", "open-apis"),
        ("https://a.example/h/0a1b%2F2c3d4e5f", "0a1b/2c3d4e5f", "a.example"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544", "abcdefg_hijklmnop", "tgram"),
        ("slack://TokenA123/TokenB123", "TokenA123", "slack"),
        ("no address", "", "no address"),
        ("https://[broken", "", "broken"),
    ],
)
def test_the_parts_of_an_address_that_may_be_a_token_are_known(address: str, hidden: str, not_hidden: str) -> None:
    found = pieces(address)
    assert not hidden or hidden in found
    assert not_hidden not in found


def test_what_is_cut_off_is_counted() -> None:
    assert bounded("x" * MOST_SHOWN) == "x" * MOST_SHOWN
    assert bounded("x" * (MOST_SHOWN + 7)).endswith("… 7 more letters")


# --- the record --------------------------------------------------------------------------------------------------

DUTY = ReceiverView(name="duty", kind="wecom", per_minute=20.0)


def tried(hours: int, taken: bool, detail: str = "said") -> Tried:
    return Attempt(START + hours * HOUR, Answer.ACCEPTED if taken else Answer.TRY_AGAIN, detail, "POST x", "y").tried


def note(store: Store, name: str, attempt: Tried) -> None:
    with store.writing() as ledger:
        ledger.receiver_tried(name, attempt)


def shown(store: Store) -> ReceiverView:
    [view] = Query(store, {}, "en", (), (DUTY,)).receivers(START)
    return view


def test_a_receiver_that_was_never_told_anything_is_shown_as_the_settings_have_it(store: Store) -> None:
    assert shown(store) == DUTY


def test_since_when_a_receiver_fails_and_when_it_last_took_anything_is_kept(store: Store) -> None:
    for hours, taken in ((0, True), (1, False), (2, False)):
        note(store, "duty", tried(hours, taken, f"at {hours}"))
    view = shown(store)
    assert (view.kind, view.per_minute) == ("wecom", 20.0)
    assert (view.sent_at, view.failing_since, view.tried_at) == (START, START + HOUR, START + 2 * HOUR)
    assert (view.failed, view.error, view.answer) == (2, "at 2", "try_again")
    assert (view.request, view.said) == ("POST x", "y")
    note(store, "duty", tried(3, True))
    view = shown(store)
    assert (view.sent_at, view.failing_since, view.failed) == (START + 3 * HOUR, None, 0)
    assert view.error == "at 2"  # the last error is still to be read


async def test_the_store_itself_holds_no_secret(tmp_path: Path, sender: Sender, serve: Any) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"errcode": 1, "errmsg": str(request.url), "query": dict(request.query)})

    store = Store.open(f"sqlite:///{tmp_path / 'x.db'}", now=START)
    port = await serve(echo)
    for kind in ("webhook", "wecom", "dingtalk", "feishu"):
        attempt = await tell(robot(kind, port), MESSAGES["notices"], sender, AT, "zh_CN")
        note(store, kind, attempt.tried)
    store.close()
    held = _held(tmp_path)
    assert "某市发布".encode() in held
    assert_no_secret(held.decode(errors="replace"))


def _held(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
