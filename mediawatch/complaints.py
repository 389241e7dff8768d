"""Turns what a model refused into problems a person can act on: the place, the key path, plain words.

It must never repeat a value: the value may be a secret, and the place is enough to find it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from mediawatch.strict_yaml import Path_, Problem, quoted

_LIKE_OURS = re.compile(r"[A-Za-z_]{1,24}")
MOST_NAMED = 60  # known names in one message


class Place(Protocol):
    """A file that can say where a path stands: a YAML document, or the rows of one account in a CSV file."""

    def problem(self, path: Path_, message: str, *, at_key: bool = False) -> Problem: ...


def shown(path: Path_) -> str:
    """`accounts[0].targets[1].uid`, with keys that do not look like keys left out."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = quoted(part)
            text += f"{'.' if text else ''}{name.strip('`') if name.startswith('`') else '…'}"
    return text


def about(place: Place, path: Path_, message: str, *, at_key: bool = False) -> Problem:
    """A problem whose message begins with the key path."""
    return place.problem(path, f"{shown(path)}: {message}" if path else message, at_key=at_key)


def unknown_key(place: Place, path: Path_, known: Iterable[str]) -> Problem:
    """A key that nothing reads, with the key that was probably meant, where `known` tells what there is."""
    name, known = str(path[-1]), sorted(known)
    message = f"unknown key `{name}`" if _LIKE_OURS.fullmatch(name) else "unknown key"  # else it may be a secret
    if known:
        message += f"; {_meant(name, known)}"
    return place.problem(path, f"{shown(path[:-1])}: {message}" if path[:-1] else message, at_key=True)


def unknown_name(what: str, name: object, known: Iterable[str], *, show: bool = True) -> str:
    """`unknown adapter weibi; did you mean weibo?` `show` is false where the name may be a secret out of place."""
    told = quoted(name) if isinstance(name, str) else "a key"
    told = f" {told}" if show and told != "a key" else ""
    return f"unknown {what}{told}; {_meant(str(name), sorted(known))}"


def _meant(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    more = ", …" if len(known) > MOST_NAMED else ""
    return f"known: {', '.join(known[:MOST_NAMED]) or 'none'}{more}"


def explain(
    error: ValidationError, place: Place, path: Path_, model: type[BaseModel], hidden: Collection[str] = ()
) -> list[Problem]:
    """The problems behind one refusal of `model` for the value at `path`. Text in `hidden` is shown nowhere."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    problems = []
    for detail in error.errors(include_url=False):
        here: Path_ = (*path, *detail["loc"])
        kind = detail["type"]
        if kind == "extra_forbidden":
            keys = known if len(detail["loc"]) == 1 else ()
            problems.append(unknown_key(place, here, keys))
        elif kind == "missing":
            problems.append(about(place, here[:-1], f"{quoted(str(here[-1]))} is missing"))
        else:
            message = in_words(detail)
            if any(text in message for text in hidden if text):
                message = "is not valid"
            problems.append(about(place, here, message))
    return problems


_TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
    "path_type": "must be the name of a file or folder",
    "date_type": "must be a date like 2019-04-01",
    "date_from_datetime_parsing": "must be a date like 2019-04-01",
}


def in_words(detail: Any) -> str:
    """What is wrong with a value, by what pydantic says of it."""
    kind = detail["type"]
    if kind == "string_type" and isinstance(detail.get("input"), int | float):
        return "must be text; put it in quotes"
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in ("literal_error", "enum"):
        return f"must be one of {detail['ctx']['expected'].replace(' or ', ', ')}"
    if kind == "string_too_short" and detail["ctx"]["min_length"] == 1:
        return "must not be empty"
    if kind == "string_too_long":
        return f"must have at most {detail['ctx']['max_length']} letters"
    if kind == "string_pattern_mismatch":
        return f"must have the form {detail['ctx']['pattern']}"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
