"""The main job on real input: eighty recorded WeChat feeds over HTTP, judged by the command as of their day.

No silent account may be missed and none accused wrongly. MEDIAWATCH_SAMPLES names the folder of the recordings.
"""

from __future__ import annotations

import csv
import functools
import http.server
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mediawatch.core.calendar import SHANGHAI
from tests.shell import call, lines, write

SAMPLES = os.environ.get("MEDIAWATCH_SAMPLES", "")
pytestmark = pytest.mark.skipif(not SAMPLES, reason="MEDIAWATCH_SAMPLES is not set: THE GROUND TRUTH WAS NOT CHECKED")
NOW = "2021-06-19T15:32:00+08:00"
LIMIT = 14


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def bridge() -> Iterator[str]:
    """The recorded feeds on a loopback port."""
    serve = functools.partial(_Quiet, directory=str(Path(SAMPLES) / "wechat_feed" / "hellodword"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_eighty_recorded_feeds_give_exactly_the_verdicts_of_the_ground_truth(bridge: str, tmp_path: Path) -> None:
    with (Path(SAMPLES) / "lists" / "wechat_feed_ground_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        truth = list(csv.DictReader(file))
    newest = [datetime.fromisoformat(row["newest_item"]).astimezone(SHANGHAI).date() for row in truth]
    days = {f"a{n}": (datetime.fromisoformat(NOW).date() - day).days for n, day in enumerate(newest)}
    for row, silent in zip(truth, days.values(), strict=True):  # the list counts whole spells of 24 hours
        assert silent - int(row["days_silent_at_2021-06-19T15:32+08:00"]) in (0, 1)
    covered = {"adapter": "feed", "covers": ["mass_sent", "published"], "zone": "Asia/Shanghai"}
    accounts = [
        {"id": id_, "name": row["account"], "kind": "wechat", "targets": [covered | {"url": f"{bridge}/{row['file']}"}]}
        for id_, row in zip(days, truth, strict=True)
    ]
    settings = {
        "database": f"sqlite:///{tmp_path}/mediawatch.db",
        "data_dir": str(tmp_path / "data"),
        "wire": {"allow_private": ["127.0.0.0/8"]},
        "platforms": {"feed": {"per_minute": 60_000, "at_once": 8}},
    }
    write(tmp_path, {"accounts": accounts}, settings)
    told = call(tmp_path, "once", "--now", NOW, "--json")
    assert told.exit_code == 1, told.stderr
    rows = {row["account"]: row for row in lines(told)}
    assert len(truth) == len(rows) == 80
    assert {id_: row["days_silent"] for id_, row in rows.items()} == days
    assert {id_: row["name"] for id_, row in rows.items()} == {
        id_: row["account"] for id_, row in zip(days, truth, strict=True)
    }
    failed = {id_ for id_, row in rows.items() if row["outcome"] == "fail"}
    assert failed == {id_ for id_, silent in days.items() if silent > LIMIT}
    assert {row["outcome"] for id_, row in rows.items() if id_ not in failed} <= {"pass", "at_risk"}
    assert {row["indicator"] for id_, row in rows.items() if id_ in failed} == {"U1"}
