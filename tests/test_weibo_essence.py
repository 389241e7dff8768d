"""What is read of Weibo's usual answers: in one pass as envelope first, and nothing else is in their essence."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters import weibo
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.replay import Replay
from tests.tables import at
from tests.test_adapters import FIXTURES, loaded

SAMPLES = Path(os.environ.get("MEDIAWATCH_SAMPLES", "") or "/nowhere")
ANSWERED = at("2026-03-02 10:00")
USER = {"id": 5000000001, "screen_name": "某县发布", "statuses_count": 7, "followers_count": 10}
BLOG = {"id": "1", "created_at": "Mon Mar 02 09:00:00 +0800 2026", "text": "路通了", "reads_count": 3}
REPOST = {"user": {"id": 1, "screen_name": "甲"}, "reads_count": 1}


def answered(body: bytes) -> Exchange:
    return Exchange(url="https://m.weibo.cn/", at=ANSWERED, status=200, body=body)


def essence(user: dict[str, Any] | None = None, **blog: Any) -> str:
    """Of the profile, with these fields, and a list of one post, with these."""
    list_ = {"cards": [{"card_type": 9, "mblog": BLOG | blog}]}
    answers = ({"userInfo": USER | (user or {})}, list_)
    return weibo.essence([answered(json.dumps({"ok": 1, "data": data}).encode()) for data in answers])


def test_whatever_is_read_is_in_the_essence_and_the_counts_that_nobody_reads_are_not() -> None:
    others = [
        essence({"followers_count": 11}),
        essence({"screen_name": "某县"}),
        essence(text="路不通"),
        essence(created_at="Mon Mar 02 09:00:01 +0800 2026"),
        essence(isTop=1),
        essence(visible={"type": 1}),
        essence(comment_manage_info={"comment_permission_type": 1}),
        essence(retweeted_status=REPOST),
        essence(retweeted_status=REPOST | {"text": "通知"}),
        essence(retweeted_status=REPOST | {"user": {"id": 2, "screen_name": "乙"}}),
    ]
    assert len({essence(), *others}) == 1 + len(others)
    assert essence() == essence({"more": 1}, reads_count=4, attitudes_count=9) != ""
    assert essence(retweeted_status=REPOST) == essence(retweeted_status=REPOST | {"reads_count": 2})


def test_a_date_that_is_told_from_now_must_be_read_with_every_look() -> None:
    for date in ("5分钟前", "刚刚", "03-01", "2026-3-1", "Mon Mar 02 09:00:00 +0800"):
        assert essence(created_at=date) == "", date
    assert essence(created_at=None) != ""


@pytest.mark.parametrize("path", sorted((FIXTURES / "weibo").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_usual_answer_is_read_in_one_pass_as_it_is_envelope_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = weibo.Address.model_validate(loaded(path)["address"])
    exchanges = Replay.load(path, weibo.ADAPTER.base_url).exchanges
    assert read(address, exchanges, monkeypatch, usual=True) == read(address, exchanges, monkeypatch, usual=False)


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs MEDIAWATCH_SAMPLES, a folder of recorded answers")
def test_so_is_every_recorded_answer_whole_or_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted((SAMPLES / "weibo").rglob("*.json"))
    assert paths
    for path in paths:
        body = path.read_bytes()
        for part in (body, body[:-1], body[: len(body) // 2], b" " + body):
            exchanges = (answered(part), answered(part))
            one, other = (read(SOMEBODY, exchanges, monkeypatch, usual=usual) for usual in (True, False))
            assert one == other, path


@pytest.mark.parametrize("path", sorted((FIXTURES / "weibo").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_decoded_once_is_left_as_it_was_by_all_who_read_it(path: Path) -> None:
    address = weibo.Address.model_validate(loaded(path)["address"])
    exchanges = Replay.load(path, weibo.ADAPTER.base_url).exchanges
    fresh = tuple(exchange.model_copy() for exchange in exchanges)
    before, shown = weibo.essence(exchanges), outcome(lambda: weibo.parse(address, exchanges))
    assert weibo.essence(exchanges) == before
    assert shown == outcome(lambda: weibo.parse(address, fresh)) == outcome(lambda: weibo.parse(address, exchanges))
    assert weibo.essence(fresh) == before


def test_an_answer_is_read_once_and_anew_where_its_bytes_are_others() -> None:
    seen: list[bytes] = []

    def length(body: bytes) -> int:
        seen.append(body)
        return len(body)

    answer = answered(b"1")
    assert [answer.read_once(length), answer.read_once(length)] == [1, 1]
    assert answer.model_copy(update={"body": b"12"}).read_once(length) == 2
    assert seen == [b"1", b"12"]


SOMEBODY = weibo.Address(uid="5000000001")


def read(
    address: weibo.Address, exchanges: Sequence[Exchange], monkeypatch: pytest.MonkeyPatch, *, usual: bool
) -> list[object]:
    """What the profile, the list and both together read as, or why they show nothing."""
    with monkeypatch.context() as patch:
        if not usual:
            patch.setattr(weibo, "_usual", lambda decoder, exchange: None)
        acts = (
            lambda: weibo.read_profile(address, exchanges[0]),
            lambda: weibo.read_timeline(address, exchanges[-1]),
            lambda: weibo.parse(address, tuple(exchanges)),
        )
        return [outcome(act) for act in acts]


def outcome(act: Any) -> object:
    try:
        return act()
    except Failed as failed:
        return failed.failure
