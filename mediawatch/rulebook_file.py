"""Reads rulebooks: the ones that come with the program by name, others by path. Every problem has its place.

It must not judge; what an indicator means is the rule's business.
"""

from __future__ import annotations

import string
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from mediawatch.complaints import Place, about, explain, unknown_name
from mediawatch.core.rulebook import Indicator, Rulebook, Words
from mediawatch.core.rules import RULES
from mediawatch.strict_yaml import Document, Path_, Problem, parse, quoted, read

KINDS = ("weibo", "wechat", "video", "toutiao", "bilibili", "feed", "app", "miniprogram", "website", "other")
"""The kinds of accounts. A kind that nobody knows would be judged by nobody, so there are no others."""


class RulebookError(Exception):
    """The rulebook cannot be used; `problems` says why, with places. `str()` is the list."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnknownRulebook(Exception):
    """No rulebook of that name comes with the program, and it is no path either. `str()` names those that do."""


def built_in() -> tuple[str, ...]:
    """The names of the rulebooks that come with the program."""
    names = (entry.name for entry in files("mediawatch").joinpath("rulebooks").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_rulebook(name_or_path: str, folder: Path | None = None) -> Rulebook:
    """The rulebook of that name, or in that file (a text with `/` or ending in `.yaml`, relative to `folder`).

    Raises UnknownRulebook where there is none of that name, RulebookError where the file cannot be used.
    """
    if "/" in name_or_path or name_or_path.endswith((".yaml", ".yml")):
        path = (folder or Path()) / name_or_path
        return _book(read(path))
    if name_or_path not in built_in():
        raise UnknownRulebook(unknown_name("rulebook", name_or_path, built_in()))
    resource = files("mediawatch").joinpath("rulebooks", f"{name_or_path}.yaml")
    return _book(parse(resource.read_bytes(), file=f"{name_or_path}.yaml"))


def _book(document: Document) -> Rulebook:
    problems = list(document.problems)
    book = None
    if not isinstance(document.data, dict):
        problems = problems or [document.problem((), "must be a mapping with id, title, in_force_from, indicators")]
    else:
        try:
            book = Rulebook.model_validate(document.data)
        except ValidationError as error:
            problems += explain(error, document, (), Rulebook)
    if book is not None:
        seen: set[str] = set()
        for index, indicator in enumerate(book.indicators):
            path: Path_ = ("indicators", index)
            if indicator.id in seen:
                problems.append(about(document, (*path, "id"), f"{quoted(indicator.id)} is used twice"))
            seen.add(indicator.id)
            problems += _indicator(indicator, document, path)
    if problems or book is None:
        raise RulebookError(tuple(sorted(problems)))
    return book


def _indicator(indicator: Indicator, place: Place, path: Path_) -> list[Problem]:
    problems = []
    rule = RULES.get(indicator.rule)
    if rule is None:
        problems.append(about(place, (*path, "rule"), unknown_name("rule", indicator.rule, RULES)))
    else:
        try:
            rule.params.model_validate(indicator.params)
        except ValidationError as error:
            problems += explain(error, place, (*path, "params"), rule.params)
    for index, kind in enumerate(indicator.applies_to):
        if kind not in KINDS:
            problems.append(about(place, (*path, "applies_to", index), unknown_name("kind", kind, KINDS)))
    for kind in indicator.needs:
        if kind not in (*KINDS, "any"):
            message = unknown_name("kind", kind, (*KINDS, "any"))
            problems.append(about(place, (*path, "needs", kind), message, at_key=True))
    says = indicator.says
    said = {"pass": says.pass_, "at_risk": says.at_risk, "fail": says.fail, "unknown": says.unknown}
    for name, words in said.items():
        problems += _sentence(words, place, (*path, "says", name)) if words is not None else []
    return problems


def _sentence(words: Words, place: Place, path: Path_) -> list[Problem]:
    """A template may name values, nothing else: no attributes, no indexes, no formats."""
    problems = []
    for language in ("zh_CN", "en"):
        try:
            parts = list(string.Formatter().parse(words.in_(language)))
        except ValueError:
            problems.append(about(place, (*path, language), "is no template; write {{ and }} for braces"))
            continue
        for _, name, form, conversion in parts:
            if name is not None and (not name.isidentifier() or form or conversion):
                problems.append(about(place, (*path, language), "may hold {name} of a value only"))
    return problems


class Rulebooks:
    """The rulebooks that settings and accounts ask for, each read once, by id."""

    def __init__(self) -> None:
        self.loaded: dict[str, Rulebook] = {}
        self.problems: list[Problem] = []
        self._asked: dict[tuple[str, Path | None], Rulebook | None] = {}

    def get(self, name_or_path: str, folder: Path | None = None) -> Rulebook | None:
        """The rulebook, or `None` where its file has problems (kept in `problems`). Raises UnknownRulebook."""
        if name_or_path in self.loaded:
            return self.loaded[name_or_path]
        asked = (name_or_path, folder)
        if asked not in self._asked:
            try:
                book = load_rulebook(name_or_path, folder)
                if self.loaded.setdefault(book.id, book) != book:
                    other = Problem(name_or_path, 1, 1, f"id {quoted(book.id)} belongs to another rulebook already")
                    raise RulebookError((other,))
                self._asked[asked] = book
            except RulebookError as error:
                self.problems += error.problems
                self._asked[asked] = None
        return self._asked[asked]
