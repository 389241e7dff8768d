"""Reads rulebooks: the ones that come with the program by name, others by path. Every problem has its place.

A book that builds on another is resolved here (`extends`, see docs/indicators.md): mappings are merged key by key,
lists and single values are replaced, `null` takes a key away. It must not judge; what an indicator means is the rule's
business.
"""

from __future__ import annotations

import string
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mediawatch.complaints import Place, about, explain, unknown_name
from mediawatch.core.model import Value
from mediawatch.core.rulebook import SWITCHES, Indicator, Manual, Rulebook, Switch, Words
from mediawatch.core.rules import ASKED_FROM, RULES
from mediawatch.core.workdays import Calendar
from mediawatch.strict_yaml import Document, Path_, Problem, parse, quoted, read

KINDS = ("weibo", "wechat", "video", "toutiao", "bilibili", "feed", "app", "miniprogram", "website", "other")
"""The kinds of accounts. A kind that nobody knows would be judged by nobody, so there are no others."""

TEMPLATE = "template"
"""The book that is there to be copied: it can be printed, not used."""

EARLIER = "earlier"
"""The key under which a book names the edition that holds until its own first day."""

ModelT = TypeVar("ModelT", bound=BaseModel)


class RulebookError(Exception):
    """The rulebook cannot be used; `problems` says why, with places. `str()` is the list."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnknownRulebook(Exception):
    """No rulebook of that name comes with the program, and it is no path either. `str()` names those that do."""


class _Local(Value):
    """A book that builds on another, as its file writes it. override: by id, what differs. drop: ids that are left out.

    keep: by a new id, the line of the other book that holds here too, beside what `override` makes of it.
    add: indicators that the other book lacks. manual: the same, for what needs a person. switches: what differs.
    """

    id: str
    title: Words
    in_force_from: date
    in_force_to: date | None = None
    extends: str
    switches: dict[str, dict[str, Any]] = {}
    calendar: Calendar = Calendar()
    keep: dict[str, str] = {}
    override: dict[str, dict[str, Any]] = {}
    add: tuple[Indicator, ...] = ()
    manual: tuple[Manual, ...] = ()
    drop: tuple[str, ...] = ()


def built_in() -> tuple[str, ...]:
    """The names of the rulebooks that come with the program."""
    names = (entry.name for entry in files("mediawatch").joinpath("rulebooks").iterdir())
    return tuple(sorted(stem for name in names if (stem := name.removesuffix(".yaml")) not in (name, TEMPLATE)))


def template() -> str:
    """The text of a book to copy."""
    return files("mediawatch").joinpath("rulebooks", f"{TEMPLATE}.yaml").read_text(encoding="utf-8")


def load_rulebook(name_or_path: str, folder: Path | None = None) -> Rulebook:
    """The rulebook of that name, or in that file (a text with `/` or ending in `.yaml`, relative to `folder`), whole.

    Raises UnknownRulebook where there is none of that name, RulebookError where the file cannot be used.
    """
    return _load(name_or_path, folder or Path(), ())


def _load(name_or_path: str, folder: Path, above: tuple[str, ...]) -> Rulebook:
    """`above`: the books that build on this one, by where they stand."""
    if "/" in name_or_path or name_or_path.endswith((".yaml", ".yml")):
        path = folder / name_or_path
        return _book(read(path), path.parent, (*above, str(path.resolve())))
    if name_or_path not in built_in():
        raise UnknownRulebook(unknown_name("rulebook", name_or_path, built_in()))
    return _of_ours(name_or_path)


@cache
def _of_ours(name: str) -> Rulebook:
    """A rulebook that comes with the program; it builds on others of these only."""
    resource = files("mediawatch").joinpath("rulebooks", f"{name}.yaml")
    return _book(parse(resource.read_bytes(), file=f"{name}.yaml"), Path(), (name,))


def _book(document: Document, folder: Path, above: tuple[str, ...]) -> Rulebook:
    problems = list(document.problems)
    book = None
    data = document.data if isinstance(document.data, dict) else {}
    written = {key: value for key, value in data.items() if key != EARLIER}
    if not isinstance(document.data, dict):
        problems = problems or [document.problem((), "must be a mapping with id, title, in_force_from, indicators")]
    elif "extends" in written:
        book = _resolved(written, document, folder, above, problems)
    else:
        book = _model(Rulebook, written, document, (), problems)
        if book is not None:
            problems += _twice((("indicators", book.indicators), ("manual", book.manual)), set(), document)
            for index, indicator in enumerate(book.indicators):
                problems += _indicator(indicator, document, ("indicators", index))
            for index, manual in enumerate(book.manual):
                problems += _kinds(manual.applies_to, document, ("manual", index))
    if book is not None and EARLIER in data:
        earlier = _before(book, data[EARLIER], document, folder, above, problems)
        was = {(one.id, one.rule): one for one in _dated(earlier)} if earlier is not None else {}
        lines = tuple(_asked_since(one, was.get((one.id, one.rule))) for one in book.indicators)
        book = book.model_copy(update={EARLIER: earlier, "indicators": lines})
    if book is not None:
        problems += _days(book, document, ())
        for name in book.switches:
            if name not in SWITCHES:
                message = unknown_name("switch", name, SWITCHES)
                problems.append(about(document, ("switches", name), message, at_key=True))
    if problems or book is None:
        raise RulebookError(tuple(sorted(set(problems))))
    return book


def _model(model: type[ModelT], given: Any, place: Place, path: Path_, problems: list[Problem]) -> ModelT | None:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems += explain(error, place, path, model)
        return None


def _before(
    book: Rulebook, name: Any, document: Document, folder: Path, above: tuple[str, ...], problems: list[Problem]
) -> Rulebook | None:
    """The edition that the file names as the one before it: of the same id, in force from an earlier day on."""
    earlier = _other(EARLIER, name, document, folder, above, problems)
    if earlier is None:
        return None
    if earlier.id != book.id:
        problems.append(about(document, (EARLIER,), f"must be an edition of {book.id}; its id is {earlier.id}"))
    elif earlier.in_force_from >= book.in_force_from:
        begins = f"{earlier.in_force_from} is no day before {book.in_force_from}"
        problems.append(about(document, (EARLIER,), f"must be in force earlier: {begins}"))
    return earlier


def _resolved(
    written: dict[str, Any], document: Document, folder: Path, above: tuple[str, ...], problems: list[Problem]
) -> Rulebook | None:
    """The book whole: the other book's lines, changed, left out and added to as the file says."""
    local = _model(_Local, written, document, (), problems)
    if local is None:
        return None
    base = _other("extends", local.extends, document, folder, above, problems)
    if base is None:
        return None
    both: tuple[Indicator | Manual, ...] = (*_dated(base), *base.manual)
    lines = {one.id: one for one in both}
    for index, name in enumerate(local.drop):
        if lines.pop(name, None) is None:
            problems.append(about(document, ("drop", index), unknown_name("indicator", name, lines)))
    lines = _kept(lines, local.keep, document, problems)
    problems += _twice((("add", local.add), ("manual", local.manual)), set(lines), document)
    for name, changes in local.override.items():
        path: Path_ = ("override", name)
        old = lines.get(name)
        if old is None:
            problems.append(about(document, path, unknown_name("indicator", name, lines), at_key=True))
        elif "id" in changes:
            problems.append(about(document, (*path, "id"), "must stay as it is; drop the line and add another"))
        else:
            said = old.model_dump(mode="json", by_alias=True)
            if "title" in changes:
                said.pop("fault", None)  # it went with the other title
            new = _model(type(old), merged(said, changes), document, path, problems)
            if new is not None:
                lines[name] = new
                problems += _line(new, document, path)
    groups: tuple[tuple[str, tuple[Indicator | Manual, ...]], ...] = (("add", local.add), ("manual", local.manual))
    for key, added in groups:
        for index, line in enumerate(added):
            lines.setdefault(line.id, line)
            problems += _line(line, document, (key, index))
    switches = dict(base.switches)
    for name, changes in local.switches.items():
        old_switch = base.switches[name].model_dump(mode="json") if name in base.switches else {}
        switch = _model(Switch, merged(old_switch, changes), document, ("switches", name), problems)
        if switch is not None:
            switches[name] = switch
    return Rulebook(
        id=local.id,
        title=local.title,
        in_force_from=local.in_force_from,
        in_force_to=local.in_force_to,
        extends=base.id,
        switches=switches,
        calendar=local.calendar if local.calendar != Calendar() else base.calendar,
        indicators=tuple(line for line in lines.values() if isinstance(line, Indicator)),
        manual=tuple(line for line in lines.values() if isinstance(line, Manual)),
    )


def _dated(book: Rulebook) -> tuple[Indicator, ...]:
    """The book's lines as another takes them over: what is asked in each week or month has been asked since then."""
    return tuple(
        one.model_copy(update={"in_force_from": book.in_force_from})
        if one.in_force_from is None and ASKED_FROM in RULES[one.rule].params.model_fields
        else one
        for one in book.indicators
    )


def _asked_since(line: Indicator, before: Indicator | None) -> Indicator:
    """The line as of an edition whose earlier one asked it, too."""
    if before is None or line.in_force_from is not None:
        return line
    return line.model_copy(update={"in_force_from": before.in_force_from})


def _kept(
    lines: dict[str, Indicator | Manual], keep: dict[str, str], document: Document, problems: list[Problem]
) -> dict[str, Indicator | Manual]:
    """The lines, and after each its copies under the ids that the book keeps it by."""
    for name, of in keep.items():
        if of not in lines:
            problems.append(about(document, ("keep", name), unknown_name("indicator", of, lines)))
        if name in lines:
            problems.append(about(document, ("keep", name), f"{quoted(name)} is used twice", at_key=True))
    copies = {
        old: {
            name: line.model_copy(update={"id": name}) for name, of in keep.items() if of == old and name not in lines
        }
        for old, line in lines.items()
    }
    return {id_: one for old, line in lines.items() for id_, one in ({old: line} | copies[old]).items()}


def _other(
    key: str, name: Any, document: Document, folder: Path, above: tuple[str, ...], problems: list[Problem]
) -> Rulebook | None:
    """The book that the file names under `key`."""
    if not isinstance(name, str):
        problems.append(about(document, (key,), "must name a rulebook"))
        return None
    where = name if name in built_in() else str((folder / name).resolve())
    if where in above:
        problems.append(about(document, (key,), "builds on itself"))
        return None
    try:
        return _load(name, folder, above)
    except UnknownRulebook as error:
        problems.append(about(document, (key,), str(error)))
    except RulebookError as error:
        problems.extend(error.problems)
        problems.append(about(document, (key,), "the rulebook it builds on cannot be used"))
    return None


def merged(old: Any, new: Any) -> Any:
    """Mappings are merged key by key, at every depth; `null` takes a key away; anything else replaces what was."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    kept = {key: value for key, value in old.items() if key not in new}
    return kept | {key: merged(old.get(key), value) for key, value in new.items() if value is not None}


def _twice(groups: tuple[tuple[str, Any], ...], seen: set[str], place: Place) -> list[Problem]:
    """An id stands for one line only."""
    problems = []
    for key, lines in groups:
        for index, line in enumerate(lines):
            if line.id in seen:
                problems.append(about(place, (key, index, "id"), f"{quoted(line.id)} is used twice"))
            seen.add(line.id)
    return problems


def _line(line: Indicator | Manual, place: Place, path: Path_) -> list[Problem]:
    return _indicator(line, place, path) if isinstance(line, Indicator) else _kinds(line.applies_to, place, path)


def _kinds(kinds: tuple[str, ...], place: Place, path: Path_) -> list[Problem]:
    return [
        about(place, (*path, "applies_to", index), unknown_name("kind", kind, KINDS))
        for index, kind in enumerate(kinds)
        if kind not in KINDS
    ]


def _days(of: Rulebook | Indicator, place: Place, path: Path_) -> list[Problem]:
    if of.in_force_from is None or of.in_force_to is None or of.in_force_from <= of.in_force_to:
        return []
    return [about(place, (*path, "in_force_to"), "lies before in_force_from")]


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
    problems += _kinds(indicator.applies_to, place, path) + _days(indicator, place, path)
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
        self.asked: dict[tuple[str, Path | None], Rulebook | None] = {}  # what was read, by its name and folder

    def get(self, name_or_path: str, folder: Path | None = None) -> Rulebook | None:
        """The rulebook, or `None` where its file has problems (kept in `problems`). Raises UnknownRulebook."""
        if name_or_path in self.loaded:
            return self.loaded[name_or_path]
        asked = (name_or_path, folder)
        if asked not in self.asked:
            try:
                book = load_rulebook(name_or_path, folder)
                if self.loaded.setdefault(book.id, book) != book:
                    other = Problem(name_or_path, 1, 1, f"id {quoted(book.id)} belongs to another rulebook already")
                    raise RulebookError((other,))
                self.asked[asked] = book
            except RulebookError as error:
                self.problems += error.problems
                self.asked[asked] = None
        return self.asked[asked]
