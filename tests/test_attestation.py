"""A person's signed word takes a device's place: it names the person, and nobody changes it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from mediawatch.adapters.attestation import Attestation, launch_of, sign
from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed

KEY = b"a key of this installation"
WORD = Attestation(
    package="cn.gov.yunxi.app",
    who="张三，云溪市政务办",
    device="Phone 1",
    os="HarmonyOS 5",
    at=datetime(2026, 3, 2, 1, tzinfo=UTC),
    opened=False,
    note="安装后白屏",
    picture="ab" * 32,
)


def test_a_word_becomes_a_launch_that_names_the_person() -> None:
    seen = launch_of(WORD, sign(WORD, KEY), KEY)
    assert (seen.opened, seen.blame, seen.attested_by) == (False, "app", "张三，云溪市政务办")
    assert (seen.device, seen.os, seen.screenshot) == ("Phone 1", "HarmonyOS 5", "ab" * 32)
    opened = WORD.model_copy(update={"opened": True})
    assert launch_of(opened, sign(opened, KEY), KEY).blame == "none"


@pytest.mark.parametrize(
    "change",
    [
        {"opened": True}, {"who": "李四"}, {"device": "Phone 2"}, {"os": "Android 14"}, {"package": "cn.gov.other"},
        {"at": datetime(2026, 3, 3, 1, tzinfo=UTC)}, {"note": ""}, {"picture": ""},
        {"filing_no": "云ICP备2025000001号"},
    ],
)  # fmt: skip
def test_a_word_that_was_changed_is_refused(change: dict) -> None:
    with pytest.raises(Failed) as raised:
        launch_of(WORD.model_copy(update=change), sign(WORD, KEY), KEY)
    assert raised.value.failure.reason is Reason.UNREADABLE


@pytest.mark.parametrize("signature", ["", "0" * 64, "签名", sign(WORD, b"the key of somebody else")])
def test_a_signature_that_is_not_ours_is_refused(signature: str) -> None:
    with pytest.raises(Failed):
        launch_of(WORD, signature, KEY)


def test_a_key_must_be_one() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        sign(WORD, b"short")


@pytest.mark.parametrize("lacking", ["who", "device", "os"])
def test_a_word_must_say_who_and_on_what(lacking: str) -> None:
    with pytest.raises(ValidationError):
        Attestation.model_validate({**WORD.model_dump(), lacking: " \u200b "})
