"""`mediawatch receivers`: as people and scripts use it, against a robot on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mediawatch.clock import wall_clock
from mediawatch.core.receiver_views import Tried
from mediawatch.store.outbox import Promise
from mediawatch.store.store import Store
from tests.shell import call, lines, write
from tests.store_world import account, alert, claim_messages, promise

TOKEN = "t0ken-0123456789"
ACCOUNTS = {
    "accounts": [
        {"id": "a", "name": "某市发布", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "1000000001"}]}
    ]
}


@pytest.fixture
def robot() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Takes what comes to `/good`, and says that the token is wrong to all else, with the token."""
    got: list[dict[str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            bad = not self.path.startswith("/good")
            said = {"errcode": 93000, "errmsg": f"invalid webhook url {self.path}"} if bad else {"errcode": 0}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port, got
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, robot: tuple[int, Any]) -> Path:
    at = f"http://127.0.0.1:{robot[0]}"
    settings = {
        "database": f"sqlite:///{tmp_path / 'x.db'}",
        "wire": {"allow_private": ["127.0.0.0/8"]},
        "receivers": {
            "good": {"type": "wecom", "url": f"{at}/good?key={TOKEN}"},
            "bad": {"type": "wecom", "url": f"{at}/bad?key={TOKEN}"},
        },
    }
    write(tmp_path, ACCOUNTS, settings)
    return tmp_path


def test_a_test_message_is_sent_at_once_and_both_sides_are_shown(folder: Path, robot: tuple[int, Any]) -> None:
    result = call(folder, "receivers", "test", "good", "--lang", "en")
    assert result.exit_code == 0
    [sent] = robot[1]
    assert "This is a test message" in sent["markdown"]["content"]
    assert f"POST http://127.0.0.1:{robot[0]}/*****" in result.stdout
    assert "This is a test message" in result.stdout
    assert '{"errcode": 0}' in result.stdout
    assert "good: taken" in result.stderr
    assert TOKEN not in result.output


@pytest.mark.parametrize(("language", "says"), [("en", "bad: refused"), ("zh_CN", "bad: 被拒绝")])
def test_a_robot_that_does_not_take_it_ends_with_another_code(folder: Path, language: str, says: str) -> None:
    result = call(folder, "receivers", "test", "bad", "--lang", language)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "invalid webhook url" in result.stdout
    assert TOKEN not in result.output


def test_as_json_it_is_one_object(folder: Path) -> None:
    result = call(folder, "receivers", "test", "bad", "--json")
    assert result.exit_code == 1
    [told] = lines(result)
    assert (told["taken"], told["answer"]) == (False, "refused")
    assert TOKEN not in result.output


@pytest.mark.parametrize("command", ["test", "show", "retry"])
def test_a_receiver_that_is_not_there_is_one_clear_error(folder: Path, command: str) -> None:
    result = call(folder, "receivers", command, "goood")
    assert result.exit_code == 2
    assert "unknown receiver `goood`; did you mean `good`?" in result.output


def test_what_a_receiver_refused_is_owed_again_by_a_person_whose_act_is_kept(folder: Path) -> None:
    now = wall_clock()
    store = Store.open(f"sqlite:///{folder / 'x.db'}", now=now)
    store.enroll([account("a")], now, lambda target: now)
    one = alert("a", finding=None, since=now, opened_at=now, confirmed_at=now)
    with store.writing() as ledger:
        ledger.save_alert(one)
        ledger.outbox.promise([Promise(*promise(one, "good"))], now)
    [delivery] = claim_messages(store, now, "good")
    with store.writing() as ledger:
        ledger.outbox.give_up(delivery, now, "wrong token")
    store.close()
    tried = call(folder, "receivers", "retry", "good", "--json", "--dry-run")
    assert (tried.exit_code, lines(tried)) == (0, [{"messages": 1}])
    assert lines(call(folder, "receivers", "show", "good", "--json"))[0]["given_up"] == 1
    done = call(folder, "receivers", "retry", "good", "--by", "王五", "--note", "换了令牌", "--lang", "en")
    assert (done.exit_code, done.stderr) == (0, "owed again: 1 message\n")
    [shown] = lines(call(folder, "receivers", "show", "good", "--json"))
    assert (shown["owed"], shown["given_up"]) == (1, 0)
    assert lines(call(folder, "receivers", "retry", "good", "--json")) == [{"messages": 0}]
    [_, kept] = lines(call(folder, "acts", "list", "good", "--json"))
    assert (kept["by"], kept["act"], kept["note"]) == ("王五", "retry_receiver", "换了令牌")
    assert "要求重新发送" in call(folder, "acts", "list", "--lang", "zh_CN").stdout
    assert lines(call(folder, "acts", "list", "nobody", "--json")) == []


def test_before_there_is_a_store_the_list_is_that_of_the_settings(folder: Path) -> None:
    shown = lines(call(folder, "receivers", "list", "--json"))
    assert [(one["name"], one["kind"], one["per_minute"], one["tried_at"]) for one in shown] == [
        ("good", "wecom", 20.0, None),
        ("bad", "wecom", 20.0, None),
    ]


def test_the_list_and_the_page_show_what_was_last_said(folder: Path) -> None:
    now = wall_clock()
    store = Store.open(f"sqlite:///{folder / 'x.db'}", now=now)
    refused = Tried(
        at=now, taken=False, answer="refused", detail="200 refused: bad", request="POST https://x/*****", said="no"
    )
    with store.writing() as ledger:
        ledger.receiver_tried("bad", refused.model_copy(update={"at": now - timedelta(hours=2)}))
        ledger.receiver_tried("bad", refused)
    store.close()
    listed = call(folder, "receivers", "list", "--lang", "en")
    assert listed.exit_code == 0
    assert "refused" in listed.stdout
    assert "200 refused: bad" in listed.stdout
    page = call(folder, "receivers", "show", "bad", "--lang", "en")
    assert "POST https://x/*****" in page.stdout
    assert "--- answer\nno" in page.stdout
    [told] = lines(call(folder, "receivers", "show", "bad", "--json"))
    assert told["failed"] == 2
    assert told["failing_since"] < told["tried_at"]
