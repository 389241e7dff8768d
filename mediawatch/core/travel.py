"""How a question of `core.reading` travels: its arguments as the text of an address, its answer as JSON. Pure.

Both are read from the annotations of `Source`, so that a new question needs nothing here. The API's version changes
where an older client could misread an answer.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, get_origin, get_type_hints

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from mediawatch.core import filtering
from mediawatch.core.filtering import Filter
from mediawatch.core.reading import LABELS, QUESTIONS, Source
from mediawatch.core.value import Value

API = 1
"""The version of the API."""
MOST = 1000
"""The most lines that one question may ask for over the network."""


class Greeting(Value):
    """What a daemon says of itself first: its API and program version, the language of its words, the questions it
    answers, and whom it takes the asker for."""

    api: int
    version: str
    language: str
    name: str
    scope: str
    now: AwareDatetime
    questions: tuple[str, ...]


class _Question:
    def __init__(self, name: str) -> None:
        method = getattr(Source, name)
        hints: dict[str, Any] = get_type_hints(method)
        self.answer: TypeAdapter[Any] = TypeAdapter(hints.pop("return"))
        self.names = [one for one in inspect.signature(method).parameters if one != "self"]
        self.required = [
            one
            for one, parameter in inspect.signature(method).parameters.items()
            if parameter.default is parameter.empty and one != "self"
        ]
        self.hints = {one: AwareDatetime if hint is datetime else hint for one, hint in hints.items()}
        self.types: dict[str, TypeAdapter[Any]] = {one: TypeAdapter(hint) for one, hint in self.hints.items()}


@cache
def _question(name: str) -> _Question:
    if name not in QUESTIONS:
        raise KeyError(name)
    return _Question(name)


def address_of(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parameters of an address for a question's arguments, as pairs of texts."""
    question = _question(name)
    given = {**dict(zip(question.names, arguments, strict=False)), **named}
    pairs = []
    for key, value in given.items():
        plain = question.types[key].dump_python(value, mode="json")
        if isinstance(plain, dict):
            pairs.append((key, json.dumps(plain, ensure_ascii=False)))
        elif isinstance(plain, list):
            pairs += [(key, str(one)) for one in plain]
        else:
            pairs.append((key, str(plain).lower() if isinstance(plain, bool) else str(plain)))
    return pairs


def arguments_of(name: str, pairs: Mapping[str, Sequence[str]], now: datetime) -> dict[str, Any]:
    """A question's arguments from the parameters of an address. Where `now` or `until` is not said, it is `now`.

    Raises KeyError for a question that is none, ValueError that names the parameter and says what is wrong with it.
    """
    question = _question(name)
    found: dict[str, Any] = {}
    for key, texts in pairs.items():
        if key not in question.names:
            raise ValueError(f"{key}: there is no such parameter; there are {', '.join(question.names)}")
        found[key] = _value(question, name, key, texts)
    for key in ("now", "until"):
        if key in question.required:
            found.setdefault(key, now)
    missing = [key for key in question.required if key not in found]
    if missing:
        raise ValueError(f"{missing[0]}: must be given")
    return found


def instant(key: str, texts: Sequence[str]) -> datetime:
    """A parameter that is an instant with its zone. Raises ValueError as `arguments_of`."""
    try:
        (text,) = texts
        at: datetime = TypeAdapter(AwareDatetime).validate_python(text)
    except ValueError:
        raise ValueError(f"{key}: must be given once, as an instant with its zone") from None
    return at


def _value(question: _Question, name: str, key: str, texts: Sequence[str]) -> Any:
    hint = question.hints[key]
    many = get_origin(hint) in (frozenset, tuple)
    if not many and len(texts) != 1:
        raise ValueError(f"{key}: must be given once")
    try:
        if hint is Filter:
            text = texts[0]
            if text.startswith("{"):
                return filtering.checked(Filter.model_validate_json(text))
            return filtering.read(text, LABELS.get(name, filtering.ACCOUNT_KEYS))
        value = question.types[key].validate_python(list(texts) if many else texts[0])
    except ValidationError as error:
        raise ValueError(f"{key}: {error.errors(include_url=False, include_input=False)[0]['msg']}") from None
    except filtering.FilterProblem as problem:
        raise ValueError(f"{key}: {problem}") from None
    if key == "limit" and not 0 <= value <= MOST:
        raise ValueError(f"limit: must be between 0 and {MOST}")
    return value


def told(name: str, answer: Any) -> bytes:
    """An answer as JSON."""
    return _question(name).answer.dump_json(answer)


def understood(name: str, body: bytes) -> Any:
    """The answer again. Raises ValueError for what is none."""
    return _question(name).answer.validate_json(body)
