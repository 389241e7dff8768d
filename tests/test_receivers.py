"""Receivers: golden requests, signatures, what an answer means, and what hostile names cannot do to a group chat."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Value
from mediawatch.core.views import Digest, Message, Notice
from mediawatch.receivers import RECEIVERS, members, webhook, wecom
from mediawatch.receivers.receiver import Answer, Outgoing

FIXTURES = Path(__file__).parent / "fixtures" / "receivers"
DOCS = Path(__file__).parent.parent / "docs"
AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
OLD_SECRET = "a plain secret of the year before"
ROBOT = "https://qyapi.example/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000"

SILENT = Notice(
    id="n-0001",
    alert="5f1c0ffee0ddba11",
    cause="first",
    level="breach",
    account="city-news",
    name="某市发布",
    kind="wechat",
    sponsor="某市人民政府办公室",
    indicator="stale",
    number="2.1",
    outcome="fail",
    finality="auto",
    since=datetime(2026, 11, 17, 16, tzinfo=UTC),
    opened_at=datetime(2026, 11, 18, 0, 5, tzinfo=UTC),
    says="已 17 天未更新，最近一条发布于 2026-11-03。",
    values={"days": 17, "class": "STALE"},
    rulebook="national-2019@3f2a",
)
BACK = SILENT.model_copy(
    update={
        "id": "n-0002",
        "alert": "00decade00decade",
        "cause": "resolved",
        "account": "highway",
        "name": "某省公路",
        "kind": "weibo",
        "sponsor": "",
        "outcome": "pass",
        "resolved_at": datetime(2026, 11, 19, 23, tzinfo=UTC),
        "says": "已恢复更新。",
    }
)
OUTAGE = Notice(
    id="n-0003",
    alert="0ddba110ddba1100",
    cause="incident",
    level="incident",
    name="weibo",
    platform="weibo",
    indicator="platform",
    opened_at=datetime(2026, 11, 20, 1, tzinfo=UTC),
    says="微博无法读取，2800 个账号暂无结论，不作任何认定。",
)
HOOK = webhook.Settings(url=SecretStr("https://duty.example/hook?token=t0ken"), secret=(SecretStr(SECRET),))
GROUP = wecom.Settings(url=SecretStr(ROBOT))
CASES: list[tuple[str, Value, tuple[Notice, ...]]] = [
    ("webhook", HOOK, (SILENT,)),
    ("wecom", GROUP, (BACK, SILENT, OUTAGE)),
]


def told(notices: tuple[Notice, ...], message_id: str = "n-0001") -> Message:
    causes = {notice.cause for notice in notices}
    cause = causes.pop() if len(causes) == 1 else "several"
    return Message(id=message_id, receiver="duty", at=AT, cause=cause, notices=notices, total=len(notices))


def as_golden(outgoing: Outgoing) -> dict[str, Any]:
    return {"url": outgoing.url, "headers": dict(outgoing.headers), "body": outgoing.body.decode()}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize(("kind", "settings", "notices"), CASES, ids=[case[0] for case in CASES])
def test_a_request_is_byte_for_byte_the_golden_one(
    kind: str, settings: Value, notices: tuple[Notice, ...], language: str
) -> None:
    golden = FIXTURES / f"{kind}.{language}.json"
    outgoing = as_golden(RECEIVERS[kind].render(told(notices), settings, AT, language))
    if os.environ.get("MEDIAWATCH_WRITE_GOLDEN"):
        golden.write_text(json.dumps(outgoing, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert outgoing == json.loads(golden.read_text(encoding="utf-8"))


def test_every_receiver_has_its_golden_requests() -> None:
    assert {case[0] for case in CASES} == set(RECEIVERS)


# --- webhook -----------------------------------------------------------------------------------------------------


def hook(now: datetime = AT, **changes: Any) -> tuple[dict[str, str], bytes]:
    settings = webhook.Settings.model_validate({**HOOK.model_dump(), **changes})
    outgoing = webhook.render(told((SILENT,)), settings, now, "en")
    return dict(outgoing.headers), outgoing.body


def test_the_library_of_a_receiver_verifies_the_signature_over_the_bytes_sent() -> None:
    headers, body = hook(datetime.now(UTC))
    assert Webhook(SECRET).verify(body, headers)["data"]["notices"][0]["name"] == "某市发布"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"breach", b"breech"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, headers | {"webhook-id": "n-0002"})


def test_while_secrets_are_rotated_the_old_and_the_new_one_both_verify() -> None:
    headers, body = hook(datetime.now(UTC), secret=[SECRET, OLD_SECRET])
    assert len(headers["webhook-signature"].split(" ")) == 2
    Webhook(SECRET).verify(body, headers)
    Webhook(OLD_SECRET.encode()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"another").verify(body, headers)


def test_a_later_attempt_has_the_same_id_and_body_and_its_own_time() -> None:
    headers, body = hook()
    later, same = hook(AT + timedelta(hours=5))
    assert same == body
    assert later["webhook-id"] == headers["webhook-id"] == json.loads(body)["id"]
    assert int(later["webhook-timestamp"]) - int(headers["webhook-timestamp"]) == 5 * 3600
    assert later["webhook-signature"] != headers["webhook-signature"]


def test_the_zone_of_the_attempt_changes_nothing() -> None:
    assert hook(AT.astimezone(SHANGHAI)) == hook(AT)


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCS / "webhook.schema.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("notices", [(SILENT,), (BACK,), (OUTAGE,), (SILENT, BACK)])
def test_rendered_bodies_keep_the_published_schema(notices: tuple[Notice, ...]) -> None:
    body = json.loads(webhook.render(told(notices), HOOK, AT, "en").body)
    Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)


def test_the_schema_names_every_field_and_every_type_that_is_sent() -> None:
    published = schema()
    Draft202012Validator.check_schema(published)
    assert set(published["properties"]) == set(webhook.Body.model_fields)
    assert set(published["$defs"]["notice"]["properties"]) == set(Notice.model_fields)
    for field in ("cause", "level"):
        named = published["$defs"]["notice"]["properties"][field]["enum"]
        assert set(named) == set(Notice.model_fields[field].annotation.__args__), field  # type: ignore[union-attr]
    causes = published["$defs"]["notice"]["properties"]["cause"]["enum"]
    sent = {f"mediawatch.alert.{cause}" for cause in [*causes, "several", "test"]} | {"mediawatch.digest"}
    assert set(published["properties"]["type"]["enum"]) == sent
    assert set(published["$defs"]["digest"]["properties"]) == set(Digest.model_fields)


def block(language: str) -> str:
    text = (DOCS / "webhook.md").read_text(encoding="utf-8")
    return text.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_documents_body_is_what_is_really_sent() -> None:
    assert json.loads(block("json")) == json.loads(hook()[1])


def test_the_documents_example_takes_a_good_message_once_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    code = block("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    example: dict[str, Any] = {}
    exec(code, example)  # noqa: S102 - our own document
    receive = example["receive"]
    headers, body = hook(datetime.now(UTC), secret=[OLD_SECRET, SECRET])
    assert receive(headers, body.replace(b"breach", b"breech")) == 401
    assert receive(headers | {"webhook-id": "n-0002"}, body) == 401
    assert receive(headers | {"webhook-signature": "v1,é v2,x nonsense"}, body) == 401
    assert receive(*hook(datetime.now(UTC) - timedelta(minutes=6))) == 401
    assert capsys.readouterr().out == ""
    assert [receive(headers, body), receive(headers, body)] == [204, 204]
    assert capsys.readouterr().out.count("city-news") == 1


def test_a_mixed_message_says_that_it_holds_several_kinds() -> None:
    assert json.loads(webhook.render(told((SILENT, BACK)), HOOK, AT, "en").body)["type"] == "mediawatch.alert.several"


def test_one_notice_is_sent_per_message_unless_the_settings_say_more() -> None:
    more = webhook.Settings.model_validate({**HOOK.model_dump(), "members": 50})
    assert members(webhook.RECEIVER, HOOK) == 1
    assert members(webhook.RECEIVER, more) == 50
    assert members(wecom.RECEIVER, GROUP) == 20


@pytest.mark.parametrize("message_id", ["a1/0/值班室", "a1.0.duty", "a\r\nb", "x" * 200, ""])
def test_an_id_that_does_not_fit_a_header_is_sent_as_its_digest(message_id: str) -> None:
    outgoing = webhook.render(told((SILENT,), message_id), HOOK, datetime.now(UTC), "en")
    headers = dict(outgoing.headers)
    assert len(headers["webhook-id"]) == 64
    assert Webhook(SECRET).verify(outgoing.body, headers)["id"] == headers["webhook-id"]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.ACCEPTED), (202, Answer.ACCEPTED), (204, Answer.ACCEPTED),
        (301, Answer.REFUSED), (307, Answer.REFUSED), (400, Answer.REFUSED), (401, Answer.REFUSED),
        (403, Answer.REFUSED), (404, Answer.REFUSED), (410, Answer.REFUSED), (422, Answer.REFUSED),
        (408, Answer.TRY_AGAIN), (425, Answer.TRY_AGAIN), (429, Answer.TRY_AGAIN),
        (500, Answer.TRY_AGAIN), (503, Answer.TRY_AGAIN), (599, Answer.TRY_AGAIN), (999, Answer.TRY_AGAIN),
    ],
)  # fmt: skip
def test_a_webhook_answers_by_its_status(status: int, answer: Answer) -> None:
    assert webhook.accepted(status, b"whatever") is answer


def test_no_token_shows_where_a_request_is_printed() -> None:
    assert "t0ken" not in repr(webhook.render(told((SILENT,)), HOOK, AT, "en"))


# --- settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(RECEIVERS))
@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://duty.example/t0ken", True),
        ("http://127.0.0.1:8080/t0ken", True),
        ("http://[::1]/t0ken", True),
        ("http://localhost/t0ken", True),
        ("http://duty.example/t0ken", False),
        ("http://127.0.0.1.example/t0ken", False),
        ("https://me:t0ken@duty.example/", False),
        ("ftp://duty.example/t0ken", False),
        ("duty.example/t0ken", False),
        ("https:///t0ken", False),
        ("https://duty.example/t0ken\n", False),
        ("https://duty.example:t0ken/", False),
        ("https://[t0ken/", False),
        ("https://t0ken\u2100.example/", False),
    ],
)
def test_only_safe_addresses_are_taken_and_no_error_repeats_one(kind: str, url: str, good: bool) -> None:
    given_settings = {"url": url} | ({"secret": SECRET} if kind == "webhook" else {})
    if good:
        assert "t0ken" not in repr(RECEIVERS[kind].settings.model_validate(given_settings))
        return
    with pytest.raises(ValidationError) as raised:
        RECEIVERS[kind].settings.model_validate(given_settings)
    assert "t0ken" not in str(raised.value)


def test_plain_http_beyond_loopback_has_to_be_asked_for() -> None:
    assert wecom.Settings.model_validate({"url": "http://relay.example/", "allow_http": True}).allow_http


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_s3cret!", [], [SECRET, ""], None, 5])
def test_a_webhook_without_a_usable_secret_is_refused(secret: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        webhook.Settings.model_validate({"url": "https://duty.example/", "secret": secret})
    assert "s3cret" not in str(raised.value)


# --- wecom -------------------------------------------------------------------------------------------------------


def content(notices: tuple[Notice, ...], language: str = "zh_CN") -> str:
    text = json.loads(wecom.render(told(notices), GROUP, AT, language).body)["markdown"]["content"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"errcode":0,"errmsg":"ok"}', Answer.ACCEPTED),
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', Answer.TRY_AGAIN),
        (200, b'{"errcode":-1,"errmsg":"system busy"}', Answer.TRY_AGAIN),
        (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', Answer.REFUSED),
        (200, b'{"errcode":93008,"errmsg":"not in group"}', Answer.REFUSED),
        (200, b'{"errcode":"0"}', Answer.TRY_AGAIN),
        (200, b'{"errcode":false}', Answer.TRY_AGAIN),
        (200, b'{"errmsg":"ok"}', Answer.TRY_AGAIN),
        (200, b"", Answer.TRY_AGAIN),
        (200, b"<html>ok</html>", Answer.TRY_AGAIN),
        (200, b"\xff\xfe", Answer.TRY_AGAIN),
        (200, b"[" * 60_000, Answer.TRY_AGAIN),
        (201, b'{"errcode":0}', Answer.TRY_AGAIN),
        (204, b"", Answer.TRY_AGAIN),
        (429, b"", Answer.TRY_AGAIN),
        (502, b'{"errcode":0}', Answer.TRY_AGAIN),
        (302, b"", Answer.REFUSED),
        (404, b"", Answer.REFUSED),
    ],
)
def test_a_robot_answers_by_its_errcode(status: int, body: bytes, answer: Answer) -> None:
    assert wecom.accepted(status, body) is answer


def test_the_worst_comes_first_under_a_line_that_counts() -> None:
    lines = content((BACK, SILENT, OUTAGE)).split("\n")
    assert lines[0].endswith("平台异常 1 · 新告警 1 · 已恢复 1")
    assert [line.split("**")[1] for line in lines[1:]] == ["weibo", "某市发布", "某省公路"]
    assert "历时 2 天" in lines[3]


@pytest.mark.parametrize(("tail", "least"), [("", 0.95), ("很长的名字" * 20, 0.9)])
def test_a_message_of_twenty_long_notices_names_all_and_uses_its_room(tail: str, least: float) -> None:
    names = [f"{n:02d}号{tail}" for n in range(20)]
    text = content(tuple(SILENT.model_copy(update={"name": name, "says": "话" * 400}) for name in names))
    assert wecom.LIMIT * least < len(text.encode()) <= wecom.LIMIT
    assert all(f"**{n:02d}号" in text for n in range(20))
    assert "还有" not in text


def test_what_does_not_fit_is_counted() -> None:
    many = tuple(SILENT.model_copy(update={"name": f"{n:03d}号" + "名" * 60}) for n in range(60))
    for language, more in (("zh_CN", "还有 {} 条"), ("en", "{} more")):
        text = content(many, language)
        shown = text.count("> <font")
        assert 0 < shown < 60
        assert more.format(60 - shown) in text.split("\n")[-1]
        assert len(text.encode()) <= wecom.LIMIT


HOSTILE = [
    "<@all>",
    "<@zhangsan>@all",
    "[点此领奖](http://evil.example)",
    "](http://evil.example)[",
    "![x](https://evil.example/x.png)",
    "`code`",
    "**粗** # 题",
    '<font color="warning">红</font>',
    "&lt;@all&gt;",
    "一行\n> 假的一行\r\n# 假标题",
    "见 https://evil.example 或 WWW.evil.example",
    "\u202e反\u2066向\u200b",
    "\x1b]0;PWNED\x07",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_can_neither_ping_nor_link_nor_change_the_layout(text: str) -> None:
    plain = content((SILENT,))
    hostile = content((SILENT.model_copy(update={"name": text, "says": text, "sponsor": text}),))
    for mark in ("<", ">", "@", "[", "]", "(", "`", "#", "&", "://", "\n", "**"):
        assert hostile.count(mark) <= plain.count(mark), mark
    assert "www." not in hostile.lower()
    assert not any(ord(letter) < 32 and letter != "\n" for letter in hostile)


@given(st.lists(st.tuples(st.text(max_size=700), st.text(max_size=700)), min_size=1, max_size=40))
def test_no_message_is_ever_too_long_or_loses_count(texts: list[tuple[str, str]]) -> None:
    notices = tuple(SILENT.model_copy(update={"name": name, "says": says}) for name, says in texts)
    text = content(notices)
    assert len(text.encode()) <= wecom.LIMIT
    shown = text.count("> <font")
    assert shown == len(notices) or f"还有 {len(notices) - shown} 条" in text
