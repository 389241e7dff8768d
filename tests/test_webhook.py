"""The webhook receiver: signatures, what stays the same in every attempt, and the published schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.views import Digest, Notice
from mediawatch.receivers import webhook
from tests.messages import AT, BACK, OUTAGE, SECRET, SILENT, message

DOCS = Path(__file__).parent.parent / "docs"
OLD_SECRET = "a plain secret of the year before"
HOOK = webhook.Settings(url=SecretStr("https://duty.example/hook?token=t0ken"), secret=(SecretStr(SECRET),))


def hook(now: datetime = AT, **changes: Any) -> tuple[dict[str, str], bytes]:
    settings = webhook.Settings.model_validate({**HOOK.model_dump(), **changes})
    outgoing = webhook.render(message(SILENT), settings, now, "en")
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
    body = json.loads(webhook.render(message(*notices), HOOK, AT, "en").body)
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
    assert json.loads(webhook.render(message(SILENT, BACK), HOOK, AT, "en").body)["type"] == "mediawatch.alert.several"


@pytest.mark.parametrize("message_id", ["a1/0/值班室", "a1.0.duty", "a\r\nb", "x" * 200, ""])
def test_an_id_that_does_not_fit_a_header_is_sent_as_its_digest(message_id: str) -> None:
    outgoing = webhook.render(message(SILENT, id_=message_id), HOOK, datetime.now(UTC), "en")
    headers = dict(outgoing.headers)
    assert len(headers["webhook-id"]) == 64
    assert Webhook(SECRET).verify(outgoing.body, headers)["id"] == headers["webhook-id"]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_s3cret!", [], [SECRET, ""], None, 5])
def test_a_webhook_without_a_usable_secret_is_refused(secret: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        webhook.Settings.model_validate({"url": "https://duty.example/", "secret": secret})
    assert "s3cret" not in str(raised.value)
