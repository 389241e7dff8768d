"""What the robots of group chats have in common: a secret address, and an answer that is HTTP 200 to everything.

It must not know any of them.
"""

from __future__ import annotations

from pydantic import BaseModel, SecretStr, ValidationError, field_validator, model_validator

from mediawatch.core.model import Value
from mediawatch.receivers.receiver import Answer, by_status, check_address


class Robot(Value):
    """The address of a group robot: it holds the key, so it is a secret. `allow_http` is for a relay of one's own."""

    url: SecretStr
    allow_http: bool = False

    @model_validator(mode="after")
    def _safe_address(self) -> Robot:
        check_address(self.url.get_secret_value(), self.allow_http)
        return self


class SignedRobot(Robot):
    """The same, with the secret that the robot checks signatures by, where it has one."""

    secret: SecretStr | None = None

    @field_validator("secret")
    @classmethod
    def _usable(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not secret.get_secret_value().strip():
            raise ValueError("must not be empty")
        return secret


def by_code(
    status: int, body: bytes, reply: type[BaseModel], refused: frozenset[int], too_fast: frozenset[int]
) -> Answer:
    """What a robot's answer says that is HTTP 200 to everything: only code 0 in the body is a yes.

    reply: a model with the one field that counts; any other field is ignored there. An unknown code, or a body that
    is no such JSON, may pass by itself.
    """
    verdict = by_status(status)
    try:
        [code] = dict(reply.model_validate_json(body, strict=True)).values()
    except ValidationError:
        return Answer.TRY_AGAIN if verdict is Answer.ACCEPTED else verdict
    if code in too_fast:
        return Answer.TOO_FAST
    if status != 200:
        return Answer.TRY_AGAIN if verdict is Answer.ACCEPTED else verdict
    if code == 0:
        return Answer.ACCEPTED
    return Answer.REFUSED if code in refused else Answer.TRY_AGAIN
