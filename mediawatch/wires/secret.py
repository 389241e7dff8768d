"""Fills a platform's secrets into a question, and cuts them out of whatever comes back.

An adapter names a secret; only what stands here and in `asking.py` ever holds one. It must never put one into a
message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from yarl import URL

from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed, Request

SHORTEST = 6  # letters; what is shorter stands in innocent text, too
HIDDEN = "*****"
_SHORTEST_COOKIE = 20  # letters; a shorter one is no session but a setting, such as a language

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Filled:
    """The question as it goes out: address, body and headers with the secrets in them, and which they are.

    The headers are for the first host only.
    """

    url: URL
    body: bytes
    headers: Headers = field(default=(), repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)


def fill(request: Request, url: URL, secrets: Mapping[str, str] | None, own: Headers = ()) -> Filled:
    """The question with its secrets. secrets: the platform's by name, `None` where the address is not the platform's.

    own: the secret headers that go to the platform with every question.

    Raises `Failed(not_allowed)` where a secret would go to another host, `Failed(login_required)` where there is none.
    """
    headers = (*(own if secrets is not None else ()), *request.secret_headers)
    values = tuple(part for name, value in headers for part in _parts(name, value))
    if not request.secret_query and not request.secret_json:
        return Filled(url, request.body, headers, values)
    if secrets is None:
        raise Failed(Reason.NOT_ALLOWED, "a secret is only for the platform's own address")
    query = {name: _secret(secrets, key) for name, key in request.secret_query}
    fields = {name: _secret(secrets, key) for name, key in request.secret_json}
    body = json.dumps(json.loads(request.body or b"{}") | fields).encode() if fields else request.body
    return Filled(url.extend_query(query), body, headers, (*values, *query.values(), *fields.values()))


def withhold(body: bytes, fields: Iterable[tuple[str, str]]) -> tuple[bytes, dict[str, str]]:
    """The answer without those fields of its JSON object, and what stood there by the name it is to be known by.

    An answer that cannot be read may hold the secret anywhere: nothing of it is left.
    """
    wanted = tuple(fields)
    if not wanted:
        return body, {}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return b"", {}
    if not isinstance(data, dict):
        return b"", {}
    found = {key: data[name] for name, key in wanted if key and isinstance(data.get(name), str) and data[name]}
    hidden = data | {name: _starred(data[name]) for name, _ in wanted if name in data}
    return (json.dumps(hidden, ensure_ascii=False).encode() if hidden != data else body), found


def _starred(value: object) -> object:
    """In the place of a list, as many stars: how many there were is no secret."""
    return [HIDDEN] * len(value) if isinstance(value, list) else HIDDEN


def hide(text: str, values: Iterable[str]) -> str:
    """The text with stars where one of the values stands, as it is or as an address or JSON writes it."""
    for form in _all_forms(values):
        text = text.replace(form, HIDDEN)
    return text


def hide_bytes(body: bytes, values: Iterable[str]) -> bytes:
    """The same for a body; one that holds none of them stays byte for byte what it was."""
    for form in _all_forms(values):
        body = body.replace(form.encode(), HIDDEN.encode())
    return body


def _all_forms(values: Iterable[str]) -> list[str]:
    """The longest first: hiding a part of a secret before the whole would leave the rest of it."""
    return sorted({form for value in values for form in _forms(value)}, key=lambda form: (-len(form), form))


def _forms(value: str) -> set[str]:
    """Every way in which an answer is likely to repeat a value; none where it is too short to be told from text."""
    if len(value) < SHORTEST:
        return set()
    quoted = {quote(value, safe=""), quote(value), quote(value, safe="/?:@!$'()*,;="), quote_plus(value)}
    lower = {re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in quoted}
    return {value, *quoted, *lower, value.replace("/", "\\/"), json.dumps(value)[1:-1]}


def _parts(name: str, value: str) -> tuple[str, ...]:
    """What an answer could repeat of a header: the whole, or one cookie of it."""
    if name.lower() != "cookie":
        return (value,)
    cookies = (part.partition("=")[2].strip() for part in value.split(";"))
    return (value, *(cookie for cookie in cookies if len(cookie) >= _SHORTEST_COOKIE))


def _secret(secrets: Mapping[str, str], name: str) -> str:
    try:
        return secrets[name]
    except KeyError:
        raise Failed(Reason.LOGIN_REQUIRED, f"no secret {name} is set for the platform") from None
