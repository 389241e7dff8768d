"""The listener for people: who is let in, what is refused, and that a far console sees what a near one sees."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mediawatch.commands.attached import attached
from mediawatch.core.bodies import Document, Wanted
from mediawatch.core.filtering import read
from mediawatch.core.model import Outcome
from mediawatch.core.reading import ALERT_KEYS, LOG_KEYS, QUESTIONS, Source
from mediawatch.core.travel import API, MOST
from mediawatch.hindsight import Pasts, as_it_stood
from mediawatch.settings_web import TokenSettings, WebSettings, digest
from mediawatch.store.bodies import Bodies
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from mediawatch.tui.app import Console
from mediawatch.tui.source import Acts
from mediawatch.web.face import CannotListen, Face
from mediawatch.web.tokens import MOST_FAILURES
from mediawatch.wires import control
from mediawatch.wires.remote import RemoteFailed, open_past, open_source
from tests.empty_store import new_store
from tests.store_world import DAY, HOUR, START, account, alert, enrolled, look, post
from tests.test_query import BOOK, judged
from tests.test_web import Daemon
from tests.tui_stage import press, settle, shown

READS, ACTS = "r" * 32, "o" * 32
ANSWER = b"\xff\xd8\xff\x00 a picture \xfe"
SHA = hashlib.sha256(ANSWER).hexdigest()


def drafts(query: Query, wanted: Wanted, now: datetime) -> tuple[Document, ...]:
    return (Document(name=f"{wanted.subject}.{wanted.form}", body=wanted.issuer.encode() + b"\xff"),)


BODIES = Bodies({SHA: ANSWER}.get, drafts)
TOKENS = {
    "wall": TokenSettings.model_validate({"scope": "read", "token": READS}),
    "duty": TokenSettings.model_validate({"scope": "operator", "hash": f"sha256:{digest(ACTS)}"}),
}


@pytest.fixture
def record(tmp_path: Path) -> Store:
    made = new_store(tmp_path / "mediawatch.db", START)
    enrolled(
        made,
        account("a", name="杭州发布", region="330100"),
        account("b", name="宁波发布", region="330200", adapters=("feed",)),
    )
    look(made, START, post("1", START - DAY), platform="feed")
    judged(made, "a", Outcome.FAIL, days=-3)
    with made.writing() as ledger:
        ledger.save_alert(alert("a", "a1b2"))
    return made


@asynccontextmanager
async def listening(record: Store, daemon: Daemon | None = None, **how: Any) -> AsyncIterator[tuple[Face, str]]:
    settings = WebSettings.model_validate({"listen": "127.0.0.1:0", "tokens": TOKENS, **how})
    query, known = Query(record, {BOOK.id: BOOK}, "en", bodies=BODIES), daemon or Daemon()
    pasts = Pasts(lambda at: as_it_stood(record, {BOOK.id: BOOK}, "en", (), at))
    face = Face(
        settings, known, lambda: query, lambda: START,
        tick_age=lambda: known.age, problems=lambda: known.problems, past=pasts.at,
    )  # fmt: skip
    async with face:
        yield face, f"http://127.0.0.1:{face.port}"
    pasts.close()


async def ask(url: str, token: str = "", method: str = "GET", **more: Any) -> tuple[int, Any, Any]:
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers, **more) as response:
        text = await response.text()
        return response.status, response.headers, text


def far(url: str, token: str = READS) -> Source:
    return open_source(control.Remote(url, token), 5.0)[0]


# --- who is let in ---


async def test_nobody_reads_or_acts_without_a_token_that_is_known(record: Store) -> None:
    daemon = Daemon()
    async with listening(record, daemon) as (_, url):
        for where in ("/", *(f"/{name}" for name in QUESTIONS)):
            assert (await ask(f"{url}/api/v1{where}"))[0] == 401, where
        for token in ("x" * 32, READS[:-1], READS + "x", "é" * 20):
            assert (await ask(f"{url}/api/v1/counts", token))[0] == 401
        body = {"by": "x", "note": ""}
        for token, status in (("", 401), (READS, 403)):
            assert (await ask(f"{url}/api/v1/alerts/a1b2/ack", token, "POST", json=body))[0] == status
    assert daemon.said == []


async def test_health_needs_no_token_and_tells_no_more_than_how_it_is(record: Store) -> None:
    daemon = Daemon(problems=("/secret/path is full",))
    async with listening(record, daemon) as (_, url):
        assert (await ask(f"{url}/healthz"))[::2] == (200, '{"ok": true}')
        assert (await ask(f"{url}/readyz"))[::2] == (503, '{"ready": false}')


async def test_who_guesses_is_not_listened_to_for_a_while(record: Store) -> None:
    async with listening(record) as (_, url):
        for _ in range(MOST_FAILURES):
            assert (await ask(f"{url}/api/v1/", "guess" * 5))[0] == 401
        status, headers, _ = await ask(f"{url}/api/v1/", READS)
        assert status == 429
        assert 1 <= int(headers["Retry-After"]) <= 61
        assert (await ask(f"{url}/healthz"))[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
async def test_other_names_and_other_origins_are_refused_even_with_a_token(
    record: Store, headers: dict[str, str], status: int
) -> None:
    async with listening(record) as (_, url):
        found, answered, _ = await ask(f"{url}/api/v1/", READS, headers=headers)
        assert found == status
        assert "Access-Control-Allow-Origin" not in answered
        assert answered["Cache-Control"] == "no-store"


async def test_its_own_names_are_its_address_localhost_and_the_public_one(record: Store) -> None:
    async with listening(record, url="https://watch.example") as (face, url):
        for host in (f"localhost:{face.port}", f"[::1]:{face.port}", "watch.example"):
            assert (await ask(f"{url}/api/v1/", READS, headers={"Host": host}))[0] == 200, host
        headers = {"Host": "watch.example", "Origin": "https://watch.example"}
        assert (await ask(f"{url}/api/v1/", READS, headers=headers))[0] == 200


async def test_metrics_count_accounts_and_platforms_and_name_no_account(record: Store) -> None:
    async with listening(record) as (_, url):
        status, headers, text = await ask(f"{url}/metrics")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
        assert 'mediawatch_accounts{outcome="fail"} 1.0' in text
        assert "mediawatch_alerts_open 1.0" in text
        assert 'mediawatch_looks_day{platform="feed",result="seen"} 1.0' in text
        assert "mediawatch_tick_age_seconds 0.25" in text
        assert "process_resident_memory_bytes" in text
        await ask(f"{url}/api/v1/")
        assert 'mediawatch_web_answers_total{code="401"} 1.0' in (await ask(f"{url}/metrics"))[2]
    told = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8").partition("## Metrics")[2]
    ours = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line.startswith("mediawatch_")}
    assert {one for one in ours if not one.endswith("_created")} <= set(re.findall("`(mediawatch_[a-z_]+)`", told))
    assert "杭州" not in text
    assert 'account="' not in text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    board = (Path(__file__).parent.parent / "docs" / "deploy" / "grafana.json").read_text(encoding="utf-8")
    drawn = [target["expr"] for panel in json.loads(board)["panels"] for target in panel["targets"]]
    asked = set(re.findall(r"\b((?:mediawatch|process)_[a-z_]+)", " ".join(drawn)))
    assert asked <= kinds.keys(), "every series that the dashboard draws is there"
    assert {one for one in kinds if one.startswith("mediawatch_")} - {"mediawatch_build"} <= asked | {
        one for one in kinds if one.endswith("_created")
    }, "and each of ours is drawn"


@pytest.mark.parametrize("given", [{"listen": "0.0.0.0:80"}, {"listen": "[::]:80"}, {"listen": "watch.example:80"}])
def test_it_does_not_listen_beyond_this_machine_without_tokens(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must have tokens"):
        WebSettings.model_validate(given)
    assert not WebSettings.model_validate({**given, "tokens": TOKENS}).loopback


async def test_an_address_that_is_taken_is_one_clear_error(record: Store) -> None:
    async with listening(record) as (face, _):
        with pytest.raises(CannotListen, match="somebody else listens there"):
            await listening(record, listen=f"127.0.0.1:{face.port}").__aenter__()


# --- what it answers ---


def _missing(ask: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(KeyError):
        ask(*arguments)
    return "missing"


async def test_every_question_answers_the_far_console_as_the_store_answers_the_near_one(record: Store) -> None:
    near: Source = Query(record, {BOOK.id: BOOK}, "en", bodies=BODIES)
    only, late = read("-l region=3301 hz !宁波"), START + HOUR
    asked: dict[str, Callable[[Source], object]] = {
        "page": lambda source: source.page(late, limit=1, outcomes=frozenset({Outcome.FAIL}), only=only, sort="name"),
        "ids": lambda source: source.ids(late, only=only, sort="name", limit=2),
        "counts": lambda source: source.counts(late, only),
        "groups": lambda source: source.groups(late, "province"),
        "units": lambda source: source.units(late),
        "account": lambda source: source.account("a", late),
        "alerts": lambda source: source.alerts(late, False),
        "alert_page": lambda source: source.alert_page(
            late, only=read("-l level=breach", ALERT_KEYS), descending=False
        ),
        "platforms": lambda source: source.platforms(late, timedelta(days=1, seconds=1)),
        "sessions": lambda source: source.sessions(late),
        "receivers": lambda source: source.receivers(late),
        "campaigns": lambda source: source.campaigns(late),
        "campaign": lambda source: _missing(source.campaign, "none", late),
        "cases": lambda source: source.cases(late, live_only=True),
        "case": lambda source: _missing(source.case, "none", late),
        "answer": lambda source: source.answer(SHA),
        "documents": lambda source: source.documents("circular", "q3", late, form="html", issuer="某市"),
        "log": lambda source: source.log(late, only=read("-l saw=yes", LOG_KEYS), limit=3),
        "changes": lambda source: source.changes(START - DAY, late),
        "instants": lambda source: source.instants(START - DAY, late),
    }
    assert set(asked) == set(QUESTIONS)
    async with listening(record) as (_, url):
        remote = await asyncio.to_thread(far, url)
        for name, question in asked.items():
            assert await asyncio.to_thread(question, remote) == question(near), name
        page = await asyncio.to_thread(lambda: remote.page(late, limit=1))
        more = await asyncio.to_thread(lambda: remote.page(late, limit=1, after=page.last))
        assert {page.rows[0].account, more.rows[0].account} == {"a", "b"}
        for unknown in (lambda: remote.account("nobody", late), lambda: remote.answer("0" * 64)):
            with pytest.raises(KeyError):
                await asyncio.to_thread(unknown)
        with pytest.raises(ValueError, match="no such order: colour"):
            await asyncio.to_thread(lambda: remote.page(late, sort="colour"))


async def test_a_question_may_be_asked_by_hand_with_the_filter_as_people_type_it(record: Store) -> None:
    async with listening(record) as (_, url):
        status, _, text = await ask(f"{url}/api/v1/page", READS, params={"only": "杭州", "limit": "5"})
        assert (status, text.count('"account"')) == (200, 1)
        assert (await ask(f"{url}/api/v1/counts", READS))[0] == 200


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("page?limit=x", "limit:"), ("page?limit=-1", "limit:"), (f"page?limit={MOST + 1}", "limit:"),
        ("page?colour=red", "colour: there is no"), ("page?limit=1&limit=2", "limit: must be given once"),
        ("page?now=2026-01-01T00:00:00", "now:"), ("page?now=yesterday", "now:"), ("groups", "by: must be given"),
        ("page?only=(a%2B)%2B", "only:"), ("page?only=-l+colour%3Dred", "only:"), ("page?outcomes=bad", "outcomes:"),
        ('page?only={"terms":[{"kind":"pattern","value":"(a%2B)%2B"}]}', "only:"),
        ("page?only=%7B", "only:"), ("page?after=x", "no such place"), ("groups?by=colour", "not counted by"),
        ("page?only=" + "x" * 300, "only:"),
    ],
)  # fmt: skip
async def test_a_question_that_is_wrong_is_refused_with_its_parameter(record: Store, where: str, says: str) -> None:
    async with listening(record) as (_, url):
        status, _, text = await ask(f"{url}/api/v1/{where}", READS)
    assert status == 400, text
    assert says in text


async def test_what_is_no_question_is_not_found_and_nothing_else_is_reached(record: Store) -> None:
    async with listening(record) as (_, url):
        for where in ("told", "rows", "_rows", "__class__", "page/x", "..%2Fpage"):
            assert (await ask(f"{url}/api/v1/{where}", READS))[0] == 404, where
        assert (await ask(f"{url}/api/v1/page", READS, "POST"))[0] == 405


async def test_the_past_is_asked_for_from_afar_and_no_instant_is_after_the_present(record: Store) -> None:
    async with listening(record) as (_, url):
        then = open_past(control.Remote(url, READS), START - HOUR)
        assert (await asyncio.to_thread(lambda: then.counts(START))).total == 0
        late = open_past(control.Remote(url, READS), START + DAY)
        assert (await asyncio.to_thread(lambda: late.counts(START))).total == 2
        for wrong in ("as_of=2026-01-01", "as_of=x", "as_of=2026-01-01T00:00:00Z&as_of=2026-01-01T00:00:00Z"):
            assert (await ask(f"{url}/api/v1/counts?{wrong}", READS))[::2][0] == 400


async def test_the_console_itself_runs_on_a_far_daemon(record: Store) -> None:
    async with listening(record) as (_, url):
        remote = await asyncio.to_thread(far, url)
        console = Console(remote, Acts(), lambda: START, "zh_CN", refresh=3600.0, read_only=True)
        async with console.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            assert "2" in shown(pilot)
            await press(pilot, "colon", *"accounts", "enter")
            await settle(pilot)
            assert "杭州发布" in shown(pilot)


async def test_an_attached_console_looks_back_and_only_who_may_act_is_offered_acts(
    record: Store, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(READS, encoding="utf-8")
    async with listening(record) as (_, url):
        with ExitStack() as kept:
            attach = attached(None, None, None, url, tmp_path / "token")
            to = await asyncio.to_thread(kept.enter_context, attach)
            assert (to.title, to.read_only) == (url, True)
            console = Console(to.source, to.acts, lambda: START + HOUR, "en", refresh=3600.0, past=to.past, by="Li")
            async with console.run_test(size=(120, 30)) as pilot:
                await settle(pilot)
                assert "2 / 2" in shown(pilot)
                assert console.may_act
                await press(pilot, "colon", *"asof 2020-01-01", "enter")
                await settle(pilot)
                assert "0 / 0" in shown(pilot), "nobody was registered then"
                assert "[AS OF 2020-01-01 23:59]" in shown(pilot)
                assert not console.may_act
                await press(pilot, "colon", *"now", "enter")
                await settle(pilot)
                assert "2 / 2" in shown(pilot)
    (tmp_path / "token").write_text(ACTS, encoding="utf-8")
    async with listening(record) as (_, url):
        with ExitStack() as kept:
            to = await asyncio.to_thread(kept.enter_context, attached(None, None, None, url, tmp_path / "token"))
            assert not to.read_only


# --- acting from afar ---


async def test_an_act_from_afar_bears_the_name_that_is_given_and_that_of_the_token(record: Store) -> None:
    daemon = Daemon()
    async with listening(record, daemon) as (_, url):
        door = control.Remote(url, ACTS)
        await control.acknowledge(door, "a1b2", "张三", "正在联系")
        await control.acknowledge(door, "a1b2", "duty", "")
        await control.review(door, "a1b2", "dismiss", "李四", "已核实", None)
        with pytest.raises(control.ControlRefused, match="may read only") as refused:
            await control.acknowledge(control.Remote(url, READS), "a1b2", "张三", "")
        assert refused.value.status == 403
        with pytest.raises(control.ControlRefused, match="no alert has this id"):
            await control.acknowledge(door, "ffff", "张三", "")
    assert [by for _, by, _ in daemon.said] == ["张三 (duty)", "duty", "李四 (duty) dismiss None"]
    with pytest.raises(control.NoDaemon):
        await control.acknowledge(door, "a1b2", "张三", "")


# --- a console that meets something else ---


async def served(answer: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>hello</html>", "no mediawatch of this version"),
        (b'{"api": %d, "version": "9.9", "language": "en", "name": "x", "scope": "read", "now": "2026-01-01T00:00:00Z",'
         b' "questions": []}' % API, "9.9, which is older than this console"),
        (b'{"api": %d, "version": "9\\u001b[2J", "language": "en", "name": "x", "scope": "read",'
         b' "now": "2026-01-01T00:00:00Z", "questions": ["%s"]}' % (API + 1, '", "'.join(QUESTIONS).encode()),
         "which is newer than this console"),
    ],
)  # fmt: skip
async def test_a_far_end_of_another_version_is_told_apart_before_anything_is_asked(answer: bytes, says: str) -> None:
    server, url = await served(answer)
    with pytest.raises(RemoteFailed, match=says) as failed:
        await asyncio.to_thread(far, url)
    assert "\x1b" not in str(failed.value)
    server.close()


async def test_a_daemon_that_goes_and_comes_back_is_asked_again_over_a_new_connection(record: Store) -> None:
    async with listening(record) as (face, url):
        remote = await asyncio.to_thread(far, url)
        assert (await asyncio.to_thread(lambda: remote.counts(START))).total == 2
    with pytest.raises(RemoteFailed, match="cannot be reached"):
        await asyncio.to_thread(lambda: remote.counts(START))
    async with listening(record, listen=f"127.0.0.1:{face.port}"):
        assert (await asyncio.to_thread(lambda: remote.counts(START))).total == 2


async def test_a_wrong_token_and_a_wrong_address_are_told_in_words(record: Store) -> None:
    async with listening(record) as (_, url):
        with pytest.raises(RemoteFailed, match="a token is needed"):
            await asyncio.to_thread(far, url, "x" * 32)
    with pytest.raises(RemoteFailed, match="http:// or https://"):
        far("ftp://watch.example")
