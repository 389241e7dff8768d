"""Certificates of a real TLS server on the loopback: how long they hold is read, and an ended one is told apart."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mediawatch.adapters import h5, website
from mediawatch.core.model import Page, Reason
from mediawatch.core.rules import judge_one
from mediawatch.core.wire import Exchange, Failed, Request
from mediawatch.rulebook_file import load_rulebook
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace
from tests.tables import account, at, evidence, look, verdict
from tests.wire_server import LOOPBACK, NOW, Everywhere, Shelf

TODAY = datetime.now(UTC).replace(microsecond=0)  # a certificate is judged by the machine's own clock
DAY = timedelta(days=1)
HOST = "m.yunxi.example"


@cache
def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(TODAY - 400 * DAY)
        .not_valid_after(TODAY + 400 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, root


def _serves(folder: Path, ends: datetime, name: str = HOST) -> ssl.SSLContext:
    """A server's side, with a certificate of the test authority that ends then."""
    authority, root = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - 90 * DAY)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    both = folder / "server.pem"
    both.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def _trusts() -> ssl.SSLContext:
    _, root = _authority()
    return ssl.create_default_context(cadata=root.public_bytes(serialization.Encoding.PEM).decode())


@asynccontextmanager
async def visiting(context: ssl.SSLContext, trust: ssl.SSLContext | None) -> AsyncIterator[tuple[Http, str]]:
    """A wire, and the address of a page behind that certificate; `/empty` has no body at all."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/empty":
            return web.Response(status=204)
        return web.Response(text="<!DOCTYPE html><title>云溪办</title><div id='app'></div>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    pace = {"h5": PlatformPace(base_url="", per_minute=60_000, at_once=4, roams=True)}
    http = Http(pace, Shelf(), allow_private=LOOPBACK, resolver=Everywhere(), trust=trust)
    try:
        yield http, f"https://{HOST}:{runner.addresses[0][1]}"
    finally:
        await http.close()
        await runner.cleanup()


async def _page(http: Http, url: str) -> Page:
    address = h5.Address(url=url)
    async with http.open(f"h5:{HOST}", NOW) as wire:
        return h5.parse(address, await h5.fetch(address, wire))


async def test_the_end_of_a_certificate_is_read_with_every_answer_even_one_without_a_body(tmp_path: Path) -> None:
    ends = TODAY + 10 * DAY
    async with visiting(_serves(tmp_path, ends), _trusts()) as (http, base):
        assert (await _page(http, f"{base}/")).tls_expires_at == ends
        assert (await _page(http, f"{base}/again")).tls_expires_at == ends  # on the same connection
        async with http.open(f"h5:{HOST}", NOW) as wire:
            assert (await wire.ask(Request(url=f"{base}/empty"))).tls_ends_at == ends


async def test_an_ended_certificate_stops_every_visitor_and_is_called_what_it_is(tmp_path: Path) -> None:
    async with visiting(_serves(tmp_path, TODAY - DAY), _trusts()) as (http, base):
        assert (await _page(http, f"{base}/")).problem == "tls_expired"
        visit = website.Address(url=f"{base}/")
        async with http.open(f"h5:{HOST}", NOW) as wire:
            seen = website.parse(visit, await website.fetch(visit, wire))
    assert (seen.opened, seen.problem) == (False, "tls_expired")


async def test_a_certificate_for_another_name_stops_every_visitor_too(tmp_path: Path) -> None:
    async with visiting(_serves(tmp_path, TODAY + DAY, "www.other.example"), _trusts()) as (http, base):
        assert (await _page(http, f"{base}/")).problem == "tls_name"


async def test_an_issuer_that_only_we_do_not_know_is_our_blindness(tmp_path: Path) -> None:
    async with visiting(_serves(tmp_path, TODAY + DAY), None) as (http, base):
        with pytest.raises(Failed) as raised:
            await _page(http, f"{base}/")
    assert raised.value.failure.reason is Reason.PLATFORM_DOWN


T1 = next(one for one in load_rulebook("national-2019").indicators if one.id == "T1")
BACK_END = next(one for one in load_rulebook("national-2019").indicators if one.id == "A3B")
APP = account("app", h5=["back_end"])


OVER, OFF = "tls_expired", "status"
ONCE = "unknown unanswered_once"


def _saw(when: str, ends: str = "", problem: str = "", trusted: bool = True):  # type: ignore[no-untyped-def]
    page = Page(
        opened=not problem, status=0 if problem else 200, problem=problem, tls_expires_at=at(ends) if ends else None
    )
    return look(when, page, target="h5", covers=["back_end"], trusted=trusted)


@pytest.mark.parametrize(
    ("looks", "now", "expected"),
    [
        ([], "2026-03-02", "unknown never_seen"),
        ([_saw("2026-03-01")], "2026-03-02", "pass"),  # no HTTPS
        ([_saw("2026-03-01", "2026-06-01")], "2026-03-02", "pass"),
        # told from the very instant 14 days before its end, by a look of then
        ([_saw("2026-03-01", "2026-03-20 12:00")], "2026-03-06 11:59", "pass"),
        ([_saw("2026-03-01", "2026-03-20 12:00")], "2026-03-06 12:00", "unknown not_seen_since_deadline"),
        ([_saw("2026-03-06 12:00", "2026-03-20 12:00")], "2026-03-06 12:00", "fail"),
        # renewed in time
        ([_saw("2026-03-01", "2026-03-20"), _saw("2026-03-10", "2026-06-20")], "2026-03-11", "pass"),
        ([_saw("2026-03-01", "2026-03-20"), _saw("2026-03-21", problem=OVER)], "2026-03-21 10:00", "fail"),
        # an answer that never came says nothing of the certificate
        ([_saw("2026-03-01", "2026-06-01"), _saw("2026-03-21", problem="timeout")], "2026-03-21 10:00", "pass"),
        # what an incident covers accuses nobody
        (
            [_saw("2026-03-01", "2026-06-01"), _saw("2026-03-21", problem=OVER, trusted=False)],
            "2026-03-22",
            "pass",
        ),
    ],
)
def test_a_certificate_is_told_of_two_weeks_before_it_ends(looks: list, now: str, expected: str) -> None:
    assert verdict(T1, evidence(now, looks, of=APP)) == expected


def test_a_certificate_fails_nobody_by_itself() -> None:
    finding = judge_one(T1, evidence("2026-03-21", [_saw("2026-03-21", problem=OVER)], of=APP))
    assert (finding.severity, finding.counts_as) == ("notice", "at_risk")


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "unknown never_seen"),
        ([look("2026-03-01", Reason.BLOCKED, target="h5", covers=["back_end"])], "unknown never_seen"),
        ([_saw("2026-03-01")], "pass"),
        ([_saw("2026-03-01", problem=OFF)], ONCE),
        (
            [_saw("2026-03-01 01:00", problem=OFF), _saw("2026-03-01 23:00", problem="timeout")],
            "unknown unanswered_once",
        ),
        ([_saw("2026-03-01 23:59", problem=OFF), _saw("2026-03-02 00:00", problem="timeout")], "fail candidate"),
        ([_saw("2026-03-01", problem=OFF), _saw("2026-03-02", problem=OFF), _saw("2026-03-03")], "pass"),
        (
            [_saw("2026-03-01", problem=OFF), _saw("2026-03-02", problem=OFF, trusted=False)],
            "unknown unanswered_once",
        ),
    ],
)
def test_a_back_end_that_answers_on_neither_of_two_days_makes_a_candidate(looks: list, expected: str) -> None:
    assert verdict(BACK_END, evidence("2026-03-20", looks, of=APP)) == expected


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><head><title>云溪县</title></head><body><div id='app'>云溪办</div></body></html>",
        '{"code": 0, "data": {"name": "云溪办"}}',
    ],
)
def test_an_answer_cut_at_any_byte_never_says_that_a_back_end_is_off(body: str) -> None:
    address = h5.Address(url=f"https://{HOST}/", expects="云溪办")
    for end in range(1, len(body.encode()) + 1):
        answer = Exchange(url=address.url, at=NOW, status=200, body=body.encode()[:end])
        with suppress(Failed):
            assert h5.parse(address, (answer,)).opened, end
