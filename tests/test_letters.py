"""Letters to a real mail server, and calls of Apprise, on loopback: what is taken, what may pass, what never will."""

from __future__ import annotations

import asyncio
import ipaddress
import time
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from mediawatch.core.model import Reason
from mediawatch.core.outgoing import Answered
from mediawatch.core.views import Message
from mediawatch.core.wire import Failed
from mediawatch.receivers import apprise, email
from mediawatch.receivers.receiver import Answer
from mediawatch.wires.sending import Sender
from tests.mail_server import Server, contexts, mail_server
from tests.messages import ALL, AT, LINK, MESSAGES, message

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
PASSWORD = "a-pass-word-nobody-may-see"


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(LOOPBACK, timeout=5, tls=contexts()[1]) as made:
        yield made


def settings(server: Server, **changes: Any) -> email.Settings:
    return email.Settings.model_validate(
        {
            "host": "localhost",
            "port": server.port,
            "user": "watch",
            "password": PASSWORD,
            "sender": "watch@city.example",
            "to": ["duty@city.example", "chief@city.example"],
        }
        | changes
    )


async def send(
    sender: Sender, server: Server, told: Message = MESSAGES["notices"], **changes: Any
) -> tuple[Answered, Answer]:
    answered = await sender.send(email.render(told, settings(server, **changes), AT, "zh_CN"), AT)
    return answered, email.accepted(answered.status, answered.body)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_arrives_as_text_and_html_over_tls_only(sender: Sender, security: str) -> None:
    async with mail_server(Server(), tls=security == "tls") as server:
        answered, answer = await send(sender, server, security=security)
    assert (answered.status, answer) == (250, Answer.ACCEPTED)
    [letter] = server.letters
    assert letter["Message-ID"] == "<n-0001@city.example>"
    assert letter["To"] == "duty@city.example, chief@city.example"
    assert letter["Subject"] == "政务新媒体监测：平台异常 1 · 新告警 1 · 已恢复 1"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    for part in (plain.get_content(), html.get_content()):
        assert all(notice.name in part for notice in ALL)
        assert "还有 2,781 条" in part
        assert LINK in part
    assert server.login == f"watch {PASSWORD}"
    in_the_open = [line.split()[0] for line, secure in server.heard if not secure]
    assert set(in_the_open) <= {"EHLO", "STARTTLS"}


async def test_a_second_attempt_is_the_same_letter_byte_for_byte(sender: Sender) -> None:
    async with mail_server(Server()) as server:
        await send(sender, server)
        await send(sender, server)
    assert server.letters[0].as_bytes() == server.letters[1].as_bytes()


async def test_a_hostile_name_makes_no_header_and_no_markup(sender: Sender) -> None:
    name = "x\r\nBcc: all@evil.example\r\n\r\n<img src=https://evil.example/x onerror=alert(1)>"
    told = message(ALL[0].model_copy(update={"name": name, "says": name}), summary=name, link="javascript:alert(1)")
    async with mail_server(Server()) as server:
        await send(sender, server, told)
    [letter] = server.letters
    assert letter["Bcc"] is None
    html = letter.get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "javascript:" not in html.get_content()
    assert [line for line, _ in server.heard if line.startswith("RCPT")] == [
        "RCPT TO:<duty@city.example>",
        "RCPT TO:<chief@city.example>",
    ]


@pytest.mark.parametrize(
    ("says", "status", "answer"),
    [
        ({"AUTH": "535 5.7.8 authentication failed"}, 535, Answer.REFUSED),
        ({"MAIL": "553 sender not owned by user"}, 553, Answer.REFUSED),
        ({"RCPT": "550 no such user"}, 550, Answer.REFUSED),
        ({"RCPT": "450 greylisted, come back"}, 450, Answer.TRY_AGAIN),
        ({"MAIL": "450 4.7.1 too many letters"}, 450, Answer.TOO_FAST),
        ({"CONNECT": "421 shutting down"}, 421, Answer.TRY_AGAIN),
        ({"END": "552 too large"}, 552, Answer.REFUSED),
        ({"END": "451 disk full"}, 451, Answer.TRY_AGAIN),
    ],
)
async def test_a_refusal_and_an_outage_of_a_mail_server_are_told_apart(
    sender: Sender, says: dict[str, str], status: int, answer: Answer
) -> None:
    async with mail_server(Server(says=says)) as server:
        answered, meant = await send(sender, server)
    assert (answered.status, meant) == (status, answer)
    assert server.letters == [] or "END" in says


async def test_one_recipient_that_is_refused_is_named_and_the_other_is_served(sender: Sender) -> None:
    async with mail_server(Server(refuses={"chief@city.example": "550 no such user"})) as server:
        answered, answer = await send(sender, server)
    assert answer is Answer.ACCEPTED
    assert b"chief@city.example: 550 no such user" in answered.body
    assert len(server.letters) == 1


async def test_of_several_recipients_refused_one_that_may_pass_is_tried_again(sender: Sender) -> None:
    refuses = {"chief@city.example": "550 no such user", "duty@city.example": "452 mailbox full"}
    async with mail_server(Server(refuses=refuses)) as server:
        answered, answer = await send(sender, server)
    assert (answered.status, answer) == (452, Answer.TRY_AGAIN)


async def failing(sender: Sender, server: Server, **changes: Any) -> Failed:
    with pytest.raises(Failed) as raised:
        await send(sender, server, **changes)
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))
    return raised.value


async def test_a_server_without_starttls_gets_no_letter_and_no_password(sender: Sender) -> None:
    async with mail_server(Server(starttls=False)) as server:
        failed = await failing(sender, server)
    assert failed.failure.reason is Reason.NOT_ALLOWED
    assert [line.split()[0] for line, _ in server.heard] == ["EHLO"]


async def test_a_server_that_nobody_vouches_for_gets_no_letter_and_no_password() -> None:
    async with Sender(LOOPBACK, timeout=5) as strict, mail_server(Server()) as server:
        failed = await failing(strict, server)
    assert failed.failure.reason is Reason.PLATFORM_DOWN
    assert not any(line.startswith(("AUTH", "MAIL")) for line, _ in server.heard)


async def test_a_private_mail_server_has_to_be_permitted() -> None:
    async with Sender(timeout=5, tls=contexts()[1]) as strict, mail_server(Server()) as server:
        failed = await failing(strict, server)
    assert failed.failure.reason is Reason.NOT_ALLOWED
    assert server.heard == []


async def test_a_mail_server_that_is_not_there_or_hangs_may_pass() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with Sender(LOOPBACK, timeout=0.3, tls=contexts()[1]) as hasty:
        listener = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        assert (await failing(hasty, Server(port=port))).failure.reason is Reason.TIMEOUT
        listener.close()
        await listener.wait_closed()
        assert (await failing(hasty, Server(port=port))).failure.reason is Reason.PLATFORM_DOWN


async def test_within_this_very_machine_a_letter_may_go_in_the_open(sender: Sender) -> None:
    async with mail_server(Server(starttls=False)) as server:
        _, answer = await send(sender, server, security="none", user="", password=None)
    assert answer is Answer.ACCEPTED
    assert len(server.letters) == 1


# --- Apprise -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def service() -> AsyncIterator[tuple[TestServer, list[dict[str, Any]]]]:
    """Takes what Apprise posts as JSON; answers as the address says."""
    got: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append(await request.json())
        if request.path == "/slow":
            await asyncio.sleep(30)
        if request.path == "/away":
            raise web.HTTPFound("/ok")
        return web.Response(status=500 if request.path == "/down" else 200, text='{"errcode": 1}')

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    yield server, got
    await server.close()


async def call(sender: Sender, server: TestServer, *paths: str) -> tuple[Answered, Answer]:
    urls = tuple(SecretStr(f"json://localhost:{server.port}{path}") for path in paths)
    request = apprise.render(MESSAGES["notices"], apprise.Settings(url=urls), AT, "zh_CN")
    answered = await sender.send(request, AT)
    return answered, apprise.accepted(answered.status, answered.body)


async def test_apprise_is_told_the_summary_and_the_lines(sender: Sender, service: Any) -> None:
    server, got = service
    _, answer = await call(sender, server, "/ok")
    assert answer is Answer.ACCEPTED
    assert got[0]["title"] == "政务新媒体监测：平台异常 1 · 新告警 1 · 已恢复 1"
    assert got[0]["type"] == "failure"
    assert all(notice.name in got[0]["message"] for notice in ALL)


async def test_apprise_believes_an_error_that_comes_with_200_which_is_why_it_is_best_effort(
    sender: Sender, service: Any
) -> None:
    assert (await call(sender, service[0], "/ok"))[1] is Answer.ACCEPTED  # the body said errcode 1


async def test_what_one_of_several_services_did_not_take_is_tried_again(sender: Sender, service: Any) -> None:
    assert (await call(sender, service[0], "/ok", "/down"))[1] is Answer.TRY_AGAIN


async def test_apprise_is_not_led_elsewhere(sender: Sender, service: Any) -> None:
    server, got = service
    assert (await call(sender, server, "/away"))[1] is Answer.TRY_AGAIN
    assert len(got) == 1


async def test_apprise_never_holds_up_the_loop_and_does_not_wait_for_ever(service: Any) -> None:
    server, _ = service
    waits: list[float] = []

    async def beat() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            waits.append(time.monotonic() - begun)

    async with Sender(timeout=0.5) as hasty:
        beating = asyncio.create_task(beat())
        begun = time.monotonic()
        try:
            answer = (await call(hasty, server, "/slow"))[1]
        except Failed as failed:
            answer = Answer.TRY_AGAIN if failed.failure.reason is Reason.TIMEOUT else Answer.REFUSED
        beating.cancel()
    assert answer is Answer.TRY_AGAIN
    assert time.monotonic() - begun < 20
    assert len(waits) > 20


async def test_an_address_that_apprise_cannot_read_is_refused_without_being_told(sender: Sender) -> None:
    request = apprise.render(MESSAGES["test"], apprise.Settings(url=(SecretStr("nosuchservice://t0ken"),)), AT, "en")
    with pytest.raises(Failed) as raised:
        await sender.send(request, AT)
    assert raised.value.failure.reason is Reason.NOT_ALLOWED
    assert "t0ken" not in "".join(traceback.format_exception(raised.value))
