"""`web:` in mediawatch.yaml: where the daemon listens for people, and who holds which token. Values only."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from mediawatch.core.links import Links
from mediawatch.core.model import Value
from mediawatch.quantities import Interval

Scope = Literal["read", "operator"]
SHORTEST_TOKEN = 20
_LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253}):(?P<port>[0-9]{1,5})")
_NAME = r"^[^\s\x00-\x1f\x7f()]{1,64}$"


class TokenSettings(Value):
    """One token: what its holder may do (`read`, or `operator`: acts as well), and the token itself or its hash.

    hash: `sha256:` and 64 hexadecimal digits, as `mediawatch token` prints it; tokens are long and random, so that a
    plain hash tells nothing.
    """

    scope: Scope = "read"
    token: SecretStr | None = Field(default=None, min_length=SHORTEST_TOKEN)
    hash: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _one_of_two(self) -> TokenSettings:
        if (self.token is None) == (self.hash is None):
            raise ValueError("needs `token` (${NAME} or file:…) or `hash`, one of the two")
        return self

    @property
    def digest(self) -> str:
        """The SHA-256 of the token, in hexadecimal digits."""
        if self.token is not None:
            return digest(self.token.get_secret_value())
        return (self.hash or "").removeprefix("sha256:")


class WebSettings(Value):
    """listen: `host:port`; beyond this machine only with tokens. url: the address by which people reach it, where that
    is another (behind a reverse proxy that speaks https). tokens: by the name of who holds them, which stands in the
    record beside every act. link_secret: signs the links by which messages are answered, one or (while it is changed)
    several; without it messages hold none. link_lifetime: how long such a link holds.
    """

    listen: str = "127.0.0.1:8080"
    url: str | None = None
    tokens: dict[Annotated[str, Field(pattern=_NAME)], TokenSettings] = {}
    link_secret: tuple[Annotated[SecretStr, Field(min_length=SHORTEST_TOKEN)], ...] = ()
    link_lifetime: Interval = timedelta(days=7)

    @field_validator("link_secret", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str | SecretStr) else given or ()

    @field_validator("listen")
    @classmethod
    def _place(cls, given: str) -> str:
        found = _LISTEN.fullmatch(given)
        if found is None or int(found["port"]) > 65535:
            raise ValueError("must be host:port, like 127.0.0.1:8080")
        return given

    @field_validator("url")
    @classmethod
    def _address(cls, given: str | None) -> str | None:
        if given is None:
            return None
        parts = urlsplit(given)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.query
            or parts.fragment
            or parts.username
        ):
            raise ValueError("must be an http:// or https:// address without ?, # and user name")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _tokens_beyond_loopback(self) -> WebSettings:
        if not self.loopback and not self.tokens:
            raise ValueError("listens beyond this machine and must have tokens; `mediawatch token NAME` makes one")
        digests = [token.digest for token in self.tokens.values()]
        if len(set(digests)) < len(digests):
            raise ValueError("two names hold the same token")
        return self

    @property
    def host(self) -> str:
        """The name or address it listens on, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def links(self) -> Links | None:
        """The links that go into messages; none without a secret to sign them."""
        secrets = tuple(secret.get_secret_value().encode() for secret in self.link_secret)
        return Links(self.public, secrets, self.link_lifetime) if secrets else None

    @property
    def public(self) -> str:
        """The address that people are given."""
        return self.url or f"http://{self.listen}"


def is_loopback(host: str) -> bool:
    """Whether that name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def digest(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()
