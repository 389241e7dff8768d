"""Receivers, all of them: golden requests in both languages, safe settings, and what each answer means."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediawatch.core.outgoing import Letter, Outgoing, Post
from mediawatch.receivers import RECEIVERS, dingtalk, email, feishu, members, webhook, wecom
from mediawatch.receivers.receiver import Answer
from tests.messages import AT, LINK, MESSAGES, SECRET, SETTINGS, TOKEN

FIXTURES = Path(__file__).parent / "fixtures" / "receivers"


def as_golden(outgoing: Outgoing) -> dict[str, Any]:
    if isinstance(outgoing, Post):
        body = outgoing.body.decode()
        return {"url": outgoing.url, "headers": dict(outgoing.headers), "body": json.loads(body), "bytes": len(body)}
    golden = outgoing.model_dump(mode="json", exclude={"hidden"})
    return golden | ({"html": golden["html"].splitlines()} if isinstance(outgoing, Letter) else {})


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", sorted(RECEIVERS))
def test_a_request_is_the_golden_one(kind: str, language: str) -> None:
    golden = FIXTURES / f"{kind}.{language}.json"
    rendered = {
        name: as_golden(RECEIVERS[kind].render(message, SETTINGS[kind], AT, language))
        for name, message in MESSAGES.items()
    }
    if os.environ.get("MEDIAWATCH_WRITE_GOLDEN"):
        golden.write_text(json.dumps(rendered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert rendered == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", sorted(RECEIVERS.keys() - {"webhook"}))
def test_every_receiver_says_the_summary_the_worst_first_and_how_much_more_there_is(kind: str, language: str) -> None:
    text = spoken(RECEIVERS[kind].render(MESSAGES["notices"], SETTINGS[kind], AT, language))
    places = [text.index(name) for name in ("2,781", "weibo", "某市发布", "某省公路")]
    assert places[1:] == sorted(places[1:])
    assert "2,781" in text
    assert LINK in text


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", sorted(RECEIVERS.keys() - {"webhook"}))
def test_every_receiver_tells_a_digest_under_its_one_line(kind: str, language: str) -> None:
    text = spoken(RECEIVERS[kind].render(MESSAGES["digest"], SETTINGS[kind], AT, language))
    digest = MESSAGES["digest"].digest
    assert digest is not None
    places = [
        text.index(part)
        for part in (digest.summary, "某市发布", "某省公路", "298 条" if language != "en" else "298 more")
    ]
    assert places == sorted(places)
    assert "2026-11-16 … 2026-11-22" in text


@pytest.mark.parametrize("kind", sorted(RECEIVERS))
def test_a_test_message_says_that_it_is_one(kind: str) -> None:
    text = spoken(RECEIVERS[kind].render(MESSAGES["test"], SETTINGS[kind], AT, "en"))
    assert "mediawatch.alert.test" in text if kind == "webhook" else "test message" in text


@pytest.mark.parametrize("kind", sorted(RECEIVERS))
def test_no_secret_shows_where_a_request_or_its_settings_are_printed(kind: str) -> None:
    request = RECEIVERS[kind].render(MESSAGES["notices"], SETTINGS[kind], AT, "en")
    printed = repr((SETTINGS[kind], request))
    assert not any(secret in printed for secret in (TOKEN, SECRET, "SEC0123456789abcdef", "a-secret-of", "a-password"))


def spoken(outgoing: Outgoing) -> str:
    if isinstance(outgoing, Post):
        return json.dumps(json.loads(outgoing.body), ensure_ascii=False)
    return outgoing.text if isinstance(outgoing, Letter) else f"{outgoing.title}\n{outgoing.text}"


# --- settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["webhook", "wecom", "dingtalk", "feishu"])
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


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_robot_with_an_empty_secret_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError):
        RECEIVERS[kind].settings.model_validate({"url": "https://duty.example/", "secret": " "})


MAIL = {"host": "mail.example", "sender": "watch@city.example", "to": ["duty@city.example"]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to": []}, "at least 1"),
        ({"to": ["duty@city.example\r\nBcc: all@evil.example"]}, "mail address"),
        ({"sender": "某市"}, "mail address"),
        ({"host": "mail.example/x"}, "mail server"),
        ({"port": 70000}, "65535"),
        ({"security": "none"}, "allow_plain"),
        ({"security": "none", "allow_plain": True, "user": "u", "password": "s3cret"}, "never goes out in the open"),
        ({"user": "u"}, "go together"),
        ({"password": "s3cret"}, "go together"),
        ({"security": "ssl"}, "starttls"),
    ],
)
def test_a_mail_receiver_that_is_wrong_or_open_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as raised:
        email.Settings.model_validate(MAIL | changes)
    assert says in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_one_recipient_may_stand_without_a_list_and_the_port_follows_the_security() -> None:
    for security, port in (("starttls", 587), ("tls", 465)):
        settings = email.Settings.model_validate(MAIL | {"to": "duty@city.example", "security": security})
        assert email.render(MESSAGES["test"], settings, AT, "en").port == port


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("dingtalk://secret@t0ken", "dingtalk"),
        ("feishu://t0ken", "feishu"),
        ("lark://t0ken", "feishu"),
        ("wecombot://t0ken", "wecom"),
        ("WECOMBOT://t0ken", "wecom"),
        ("https://oapi.dingtalk.com/robot/send?access_token=t0ken", "dingtalk"),
        ("jsons://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=t0ken", "wecom"),
    ],
)
def test_apprise_is_never_used_for_robots_that_answer_200_to_everything(url: str, own: str) -> None:
    with pytest.raises(ValidationError) as raised:
        RECEIVERS["apprise"].settings.model_validate({"url": url})
    assert f"`type: {own}`" in str(raised.value)
    assert "t0ken" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "t0ken", "://t0ken", [], ["ntfy://x", "t0ken"], "ntfy://a\nb"])
def test_what_is_no_apprise_address_is_refused(url: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        RECEIVERS["apprise"].settings.model_validate({"url": url})
    assert "t0ken" not in str(raised.value)


def test_one_notice_is_sent_per_message_to_a_webhook_unless_the_settings_say_more() -> None:
    hook = SETTINGS["webhook"]
    assert members(webhook.RECEIVER, hook) == 1
    assert members(webhook.RECEIVER, webhook.Settings.model_validate({**hook.model_dump(), "members": 50})) == 50
    assert members(wecom.RECEIVER, SETTINGS["wecom"]) == 20


# --- what an answer means ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.ACCEPTED), (202, Answer.ACCEPTED), (204, Answer.ACCEPTED),
        (301, Answer.REFUSED), (307, Answer.REFUSED), (400, Answer.REFUSED), (401, Answer.REFUSED),
        (403, Answer.REFUSED), (404, Answer.REFUSED), (410, Answer.REFUSED), (422, Answer.REFUSED),
        (408, Answer.TRY_AGAIN), (425, Answer.TRY_AGAIN), (429, Answer.TOO_FAST),
        (500, Answer.TRY_AGAIN), (503, Answer.TRY_AGAIN), (599, Answer.TRY_AGAIN), (999, Answer.TRY_AGAIN),
    ],
)  # fmt: skip
def test_a_webhook_answers_by_its_status(status: int, answer: Answer) -> None:
    assert webhook.accepted(status, b"whatever") is answer


@pytest.mark.parametrize(
    ("receiver", "code", "answer"),
    [
        (wecom, 0, Answer.ACCEPTED), (wecom, -1, Answer.TRY_AGAIN),
        (wecom, 45009, Answer.TOO_FAST), (wecom, 45033, Answer.TOO_FAST),
        (wecom, 93000, Answer.REFUSED), (wecom, 93004, Answer.REFUSED), (wecom, 93008, Answer.REFUSED),
        (wecom, 40058, Answer.REFUSED),
        (dingtalk, 0, Answer.ACCEPTED), (dingtalk, -1, Answer.TRY_AGAIN),
        (dingtalk, 130101, Answer.TOO_FAST), (dingtalk, 410100, Answer.TOO_FAST), (dingtalk, 90030, Answer.TOO_FAST),
        (dingtalk, 300001, Answer.REFUSED), (dingtalk, 310000, Answer.REFUSED), (dingtalk, 400102, Answer.REFUSED),
        (feishu, 0, Answer.ACCEPTED), (feishu, 99999, Answer.TRY_AGAIN),
        (feishu, 11232, Answer.TOO_FAST),
        (feishu, 19001, Answer.REFUSED), (feishu, 19021, Answer.REFUSED), (feishu, 19024, Answer.REFUSED),
    ],
)  # fmt: skip
def test_a_robot_answers_by_the_code_in_its_body(receiver: Any, code: int, answer: Answer) -> None:
    name = "code" if receiver is feishu else "errcode"
    assert receiver.accepted(200, json.dumps({name: code, "msg": "said"}).encode()) is answer


@pytest.mark.parametrize("receiver", [wecom, dingtalk, feishu])
@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"%s":"0"}', Answer.TRY_AGAIN),
        (200, b'{"%s":false}', Answer.TRY_AGAIN),
        (200, b'{"msg":"ok"}', Answer.TRY_AGAIN),
        (200, b"", Answer.TRY_AGAIN),
        (200, b"<html>ok</html>", Answer.TRY_AGAIN),
        (200, b"\xff\xfe", Answer.TRY_AGAIN),
        (200, b"[" * 60_000, Answer.TRY_AGAIN),
        (201, b'{"%s":0}', Answer.TRY_AGAIN),
        (204, b"", Answer.TRY_AGAIN),
        (429, b"", Answer.TOO_FAST),
        (502, b'{"%s":0}', Answer.TRY_AGAIN),
        (302, b"", Answer.REFUSED),
        (404, b"", Answer.REFUSED),
    ],
)
def test_a_robot_that_says_nothing_readable_has_accepted_nothing(
    receiver: Any, status: int, body: bytes, answer: Answer
) -> None:
    name = b"code" if receiver is feishu else b"errcode"
    assert receiver.accepted(status, body.replace(b"%s", name)) is answer


@pytest.mark.parametrize(
    ("status", "said", "answer"),
    [
        (250, b"queued as 1", Answer.ACCEPTED),
        (421, b"shutting down", Answer.TRY_AGAIN),
        (450, b"mailbox busy", Answer.TRY_AGAIN),
        (450, b"4.7.1 rate limit exceeded", Answer.TOO_FAST),
        (452, b"too many recipients this hour", Answer.TOO_FAST),
        (535, b"5.7.8 authentication failed", Answer.REFUSED),
        (550, b"no such user", Answer.REFUSED),
        (552, b"too large", Answer.REFUSED),
        (0, b"", Answer.TRY_AGAIN),
    ],
)
def test_a_mail_server_answers_by_its_code(status: int, said: bytes, answer: Answer) -> None:
    assert email.accepted(status, said) is answer


def test_a_limit_of_pace_is_known_for_every_receiver() -> None:
    assert {kind: receiver.per_minute for kind, receiver in RECEIVERS.items() if kind in ("wecom", "dingtalk")} == {
        "wecom": 20.0,
        "dingtalk": 20.0,
    }
    assert RECEIVERS["dingtalk"].rest.total_seconds() == 600
    assert all(receiver.per_minute > 0 for receiver in RECEIVERS.values())
