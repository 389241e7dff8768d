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
from mediawatch.store.store import Store
from tests.shell import call, lines, write

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


@pytest.mark.parametrize("command", ["test", "show"])
def test_a_receiver_that_is_not_there_is_one_clear_error(folder: Path, command: str) -> None:
    result = call(folder, "receivers", command, "goood")
    assert result.exit_code == 2
    assert "unknown receiver `goood`; did you mean `good`?" in result.output


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
