"""Robots of group chats: signatures, limits of bytes, and what hostile names cannot do to a group."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from mediawatch.core.outgoing import Call, Post
from mediawatch.core.views import Message
from mediawatch.receivers import RECEIVERS, apprise, dingtalk, feishu, wecom
from tests.messages import ALL, AT, DIGEST, LINK, MESSAGES, SETTINGS, SILENT, message

ROBOTS = ["wecom", "dingtalk", "feishu"]
CHATS = [*ROBOTS, "apprise"]


def rendered(kind: str, told: Message, language: str = "zh_CN") -> Post:
    request = RECEIVERS[kind].render(told, SETTINGS[kind], AT, language)
    assert isinstance(request, Post)
    return request


def content(kind: str, told: Message, language: str = "zh_CN") -> str:
    """The text that the group reads."""
    if kind == "apprise":
        call = RECEIVERS[kind].render(told, SETTINGS[kind], AT, language)
        assert isinstance(call, Call)
        return call.text
    body = json.loads(rendered(kind, told, language).body)
    if kind == "feishu":
        return str(body["card"]["elements"][0]["content"])
    return str(body["markdown"]["content" if kind == "wecom" else "text"])


def used(kind: str, told: Message, language: str = "zh_CN") -> tuple[int, int]:
    """How many bytes of how many the service takes."""
    if kind in ("wecom", "apprise"):
        return len(content(kind, told, language).encode()), wecom.LIMIT if kind == "wecom" else apprise.LIMIT
    return len(rendered(kind, told, language).body), dingtalk.LIMIT if kind == "dingtalk" else feishu.LIMIT


def test_the_worst_comes_first_under_a_line_that_counts() -> None:
    lines = content("wecom", message(*ALL)).split("\n")
    assert lines[0].endswith("平台异常 1 · 新告警 1 · 已恢复 1")
    assert [line.split("**")[1] for line in lines[1:]] == ["weibo", "某市发布", "某省公路"]
    assert "历时 2 天" in lines[3]


@pytest.mark.parametrize(("tail", "least"), [("", 0.95), ("很长的名字" * 20, 0.9)])
def test_a_message_of_twenty_long_notices_names_all_and_uses_its_room(tail: str, least: float) -> None:
    names = [f"{n:02d}号{tail}" for n in range(20)]
    many = message(*(SILENT.model_copy(update={"name": name, "says": "话" * 400}) for name in names))
    text = content("wecom", many)
    assert wecom.LIMIT * least < len(text.encode()) <= wecom.LIMIT
    assert all(f"**{n:02d}号" in text for n in range(20))
    assert "还有" not in text


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize(("language", "more"), [("zh_CN", "还有 {:,} 条"), ("en", "and {:,} more")])
def test_what_does_not_fit_is_counted_together_with_what_was_not_listed(kind: str, language: str, more: str) -> None:
    names = [f"{n:03d}号" + "名" * 60 for n in range(300)]
    notices = (SILENT.model_copy(update={"name": name, "says": "话" * 200}) for name in names)
    many = message(*notices, more=2_500, total=2_800, link=LINK)
    text = content(kind, many, language)
    shown = sum(f"{n:03d}号" in text for n in range(300))
    assert 0 < shown < 300
    assert more.format(2_800 - shown) in text
    taken, limit = used(kind, many, language)
    assert limit * 0.8 < taken <= limit
    if kind != "feishu":  # there the link is a button
        assert text.endswith(f"({LINK})" if kind != "apprise" else LINK)


HOSTILE = [
    "<@all>",
    "<@zhangsan>@all",
    "@所有人 @13800000000",
    "<at id=all></at>",
    '<at user_id="all">所有人</at>',
    "[点此领奖](http://evil.example)",
    "](http://evil.example)[",
    "![x](https://evil.example/x.png)",
    "<!channel> <!everyone>",
    "`code`",
    "**粗** # 题 ~~划~~ __下__",
    '<font color="warning">红</font>',
    "&lt;@all&gt;",
    "一行\n> 假的一行\r\n# 假标题",
    "见 https://evil.example 或 WWW.evil.example 或 evil.example/领奖",
    "\u202e反\u2066向\u200b",
    "\x1b]0;PWNED\x07",
]


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_can_neither_ping_nor_link_nor_change_the_layout(kind: str, text: str) -> None:
    fields = ("name", "says", "sponsor", "unit_name", "why", "acknowledged_by", "note")
    plain = content(kind, message(SILENT.model_copy(update=dict.fromkeys(fields, "甲")), summary="甲"))
    hostile = content(kind, message(SILENT.model_copy(update=dict.fromkeys(fields, text)), summary=text))
    for mark in ("<", ">", "@", "[", "]", "(", "`", "#", "&", "://", "\n", "**", "~", "!"):
        assert hostile.count(mark) <= plain.count(mark), mark
    assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", hostile)
    assert "www." not in hostile.lower()
    assert "evil.example" not in hostile
    assert not any(ord(letter) < 32 and letter != "\n" for letter in hostile)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_unit_is_as_harmless_in_a_title(kind: str, text: str) -> None:
    told = MESSAGES["digest"].model_copy(update={"digest": DIGEST.model_copy(update={"unit_name": text})})
    body = json.loads(rendered(kind, told).body)
    title = body["markdown"]["title"] if kind == "dingtalk" else body["card"]["header"]["title"]["content"]
    assert not set(title) & set("<>@[]`#\n")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://a.example/x) ![](http://evil", "https://a.example/ b"]
)
@pytest.mark.parametrize("kind", CHATS)
def test_a_link_that_could_break_the_layout_is_left_out(kind: str, link: str) -> None:
    assert link not in json.dumps(
        RECEIVERS[kind].render(message(SILENT, link=link), SETTINGS[kind], AT, "en").model_dump(mode="json")
    )


@pytest.mark.parametrize("kind", CHATS)
@given(st.lists(st.tuples(st.text(max_size=700), st.text(max_size=700)), min_size=1, max_size=40))
def test_no_message_is_ever_too_long_or_loses_count(kind: str, texts: list[tuple[str, str]]) -> None:
    told = message(*(SILENT.model_copy(update={"name": name, "says": says}) for name, says in texts))
    taken, limit = used(kind, told)
    assert taken <= limit
    text = content(kind, told)
    shown = text.count("新告警") - 1  # once in the summary
    assert shown >= len(texts) or f"还有 {len(texts) - shown} 条" in text


def test_a_digest_of_a_province_is_cut_to_the_limit_and_counts_the_rest() -> None:
    lines = tuple(DIGEST.lines[0].model_copy(update={"name": f"{n:04d}号"}) for n in range(400))
    told = MESSAGES["digest"].model_copy(update={"digest": DIGEST.model_copy(update={"lines": lines, "more": 2_400})})
    for kind in CHATS:
        text = content(kind, told)
        shown = sum(f"{n:04d}号" in text for n in range(400))
        assert 0 < shown < 400
        assert f"还有 {2_800 - shown:,} 条" in text
        taken, limit = used(kind, told)
        assert taken <= limit


# --- signatures --------------------------------------------------------------------------------------------------


def test_dingtalk_is_signed_with_the_instant_of_the_attempt_in_milliseconds() -> None:
    url = "https://oapi.example/robot/send?access_token=t0ken&x=1"
    settings = dingtalk.Settings(url=SecretStr(url), secret=SecretStr("SECret"))
    later = AT + timedelta(hours=2)
    for at in (AT, later):
        asked = dict(parse_qsl(urlsplit(dingtalk.render(MESSAGES["test"], settings, at, "en").url).query))
        assert asked["timestamp"] == str(int(at.timestamp()) * 1000)
        mac = hmac.digest(b"SECret", f"{asked['timestamp']}\nSECret".encode(), "sha256")
        assert base64.b64decode(asked["sign"]) == mac
        assert (asked["access_token"], asked["x"]) == ("t0ken", "1")
    unsigned = dingtalk.Settings(url=SecretStr(url))
    assert dingtalk.render(MESSAGES["test"], unsigned, AT, "en").url == url


def test_a_plus_in_a_signature_is_not_read_as_a_space() -> None:
    settings = SETTINGS["dingtalk"]
    for minute in range(60):
        url = RECEIVERS["dingtalk"].render(MESSAGES["test"], settings, AT + timedelta(minutes=minute), "en").url  # type: ignore[union-attr]
        assert len(base64.b64decode(parse_qs(urlsplit(url).query)["sign"][0], validate=True)) == 32


def test_feishu_is_signed_with_the_instant_of_the_attempt_in_seconds() -> None:
    settings = feishu.Settings(url=SecretStr("https://open.example/hook/t0ken"), secret=SecretStr("SECret"))
    body = json.loads(feishu.render(MESSAGES["test"], settings, AT, "en").body)
    assert body["timestamp"] == str(int(AT.timestamp()))
    mac = hmac.new(f"{body['timestamp']}\nSECret".encode(), b"", hashlib.sha256).digest()
    assert base64.b64decode(body["sign"]) == mac
    unsigned = feishu.Settings(url=SecretStr("https://open.example/hook/t0ken"))
    assert "sign" not in json.loads(feishu.render(MESSAGES["test"], unsigned, AT, "en").body)


def test_the_colour_of_a_card_is_that_of_its_worst_line() -> None:
    for notices, colour in ((ALL, "red"), ((ALL[0],), "green")):
        assert json.loads(rendered("feishu", message(*notices)).body)["card"]["header"]["template"] == colour
