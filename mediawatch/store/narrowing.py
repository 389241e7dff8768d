"""A `Filter` as conditions of SQL. It must mean there what `core.filtering.matches` means in memory.

Texts are compared levelled and case folded, as `search` holds them; labels of other columns are brought to that form
here, by a function that both engines have. Patterns are bounded three ways: by what `core.filtering` lets through, by
the letters that are looked at, and by the time a question may take (`Database.reading(patience=…)`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, case, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from mediawatch.core.filtering import CONTAINED, PREFIXED, WIDE, Filter, Label, Text
from mediawatch.core.model import Outcome
from mediawatch.core.standing import Standing
from mediawatch.store.engine import LEVELLED, MATCHING
from mediawatch.store.enroll import RANK
from mediawatch.store.tables import ACCOUNT, TARGET

LOOKED_AT = 2000
"""Letters of the searched text that a pattern sees."""
PATIENCE = 2.0
"""Seconds that a question with a pattern may take."""

Has = Callable[[str, bool], ColumnElement[bool]]
"""Whether a line has that value of a label, exactly or as the label has it; an empty one asks for lines without any."""


class levelled(FunctionElement[str]):
    """Text in the form in which it is compared: `core.filtering.level`, case folded."""

    inherit_cache = True
    name = LEVELLED


class holds(FunctionElement[bool]):
    """Whether a text has another for a part, letter by letter: many times faster than LIKE, and nothing to escape."""

    inherit_cache = True
    name = "mw_holds"
    type = Boolean()


@compiles(holds, "sqlite")
def _holds_in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    text, part = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(instr({text}, {part}) > 0)"


@compiles(holds, "postgresql")
def _holds_in_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    text, part = (compiler.process(clause, **how) for clause in element.clauses)
    return f"(strpos({text}, {part}) > 0)"


class matching(FunctionElement[bool]):
    """Whether a pattern is found in a text, line by line, in any case: `(text, pattern, the same for PostgreSQL)`."""

    inherit_cache = True
    name = MATCHING
    type = Boolean()


@compiles(levelled, "sqlite")
def _levelled_by_us(element: Any, compiler: Any, **how: Any) -> str:
    return f"{LEVELLED}({compiler.process(next(iter(element.clauses)), **how)})"


@compiles(levelled, "postgresql")
def _levelled_by_the_server(element: Any, compiler: Any, **how: Any) -> str:
    inner, wide, narrow = (compiler.process(clause, **how) for clause in element.clauses)
    return f"lower(translate(normalize({inner}, NFKC), {wide}, {narrow}))"


@compiles(matching, "sqlite")
def _matching_by_us(element: Any, compiler: Any, **how: Any) -> str:
    text, pattern, _ = element.clauses
    return f"{MATCHING}({compiler.process(text, **how)}, {compiler.process(pattern, **how)})"


@compiles(matching, "postgresql")
def _matching_by_the_server(element: Any, compiler: Any, **how: Any) -> str:
    text, _, pattern = element.clauses
    return f"({compiler.process(text, **how)} ~ {compiler.process(pattern, **how)})"


GOOD = (Outcome.PASS, Outcome.AT_RISK)
"""What an account is shown as only until its deadline; from then on it is unknown."""


def shown_outcome(now: datetime) -> ColumnElement[str]:
    """`core.standing.standing_at`, in SQL: the outcome of an account as it is shown at that instant."""
    overtaken = and_(ACCOUNT.c.outcome.in_(GOOD), ACCOUNT.c.deadline.is_not(None), ACCOUNT.c.deadline <= now)
    return case((overtaken, Outcome.UNKNOWN.value), else_=ACCOUNT.c.outcome)


def shown_standing(now: datetime) -> ColumnElement[str]:
    """`core.views.Row.standing`, in SQL."""
    return case((ACCOUNT.c.rank == RANK[Standing.CANDIDATE], Standing.CANDIDATE.value), else_=shown_outcome(now))


def needs_patience(only: Filter) -> bool:
    """Whether a question with this filter must be bounded in time."""
    return any(term.kind == "pattern" for term in only.texts)


def conditions(only: Filter, searched: ColumnElement[str], labels: Mapping[str, Has]) -> list[ColumnElement[bool]]:
    """All of them must hold. searched: text made by `core.filtering.searchable`. A label that is not there is empty."""
    found = []
    for term in sorted(only.terms, key=lambda one: one.kind == "pattern"):  # the dear ones last
        held = _text(term, searched) if isinstance(term, Text) else _label(term, labels)
        found.append(not_(held) if term.inverse else held)
    return found


def account_labels(now: datetime) -> dict[str, Has]:
    """The labels of accounts (`core.filtering.ACCOUNT_KEYS`) on the account's own row."""
    plain = {
        key: ACCOUNT.c[key]
        for key in ("id", "kind", "level", "region", "unit", "sponsor", "supervisor", "state", "indicator", "reason")
    }
    named: dict[str, Any] = {**plain, "rulebook": ACCOUNT.c.rulebook, "name": ACCOUNT.c.name}
    labels = {key: column_has(key, column) for key, column in named.items()}
    return {**labels, "outcome": column_has("outcome", shown_standing(now)), "tag": _tag, "platform": _platform}


def column_has(key: str, column: ColumnElement[Any]) -> Has:
    """A label that stands in one column; the key says whether a part or the beginning is enough."""

    def has(value: str, exact: bool) -> ColumnElement[bool]:
        if not value:
            return func.coalesce(column, "") == ""
        if exact and key in CONTAINED | PREFIXED:
            return _levelled(column) == value
        if key in CONTAINED:
            return holds(_levelled(column), literal(value))
        if key in PREFIXED:  # codes and ids, of which the letters are plain
            return func.lower(func.substr(column, 1, len(value))) == value
        return func.lower(column) == value

    return has


def _text(term: Text, searched: ColumnElement[str]) -> ColumnElement[bool]:
    if term.kind == "pattern":
        # PostgreSQL's own words for the same: whole lines, in any case, and another letter for the edge of a word.
        ported = re.sub(r"\\(.)", lambda found: "\\" + {"b": "y", "B": "Y"}.get(found[1], found[1]), term.value)
        found = matching(func.substr(searched, 1, LOOKED_AT), literal(term.value), literal(f"(?in){ported}"))
        part = needed_by(term.value)
        return and_(holds(searched, literal(part)), found) if part else found
    if term.kind == "text":
        return holds(searched, literal(term.value))
    return searched.like("%" + "%".join(_escaped(letter) for letter in term.value) + "%", escape="/")


def needed_by(pattern: str) -> str:
    """A part that every text has in which the pattern is found: by it most texts need no trying. Empty where none is
    certain."""
    if "|" in pattern:
        return ""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]|\(\?:", "\0", pattern)
    bare = re.sub(r"\{[^}]*\}", "{", bare)
    return max(re.findall(r"\w+(?![*?{])", bare), key=len, default="").casefold()


def _levelled(column: ColumnElement[Any]) -> ColumnElement[str]:
    wide, narrow = ("".join(map(chr, letters)) for letters in (WIDE, WIDE.values()))
    return levelled(column, literal(wide), literal(narrow))


def _escaped(letter: str) -> str:
    return f"/{letter}" if letter in "%_/" else letter


def _label(term: Label, labels: Mapping[str, Has]) -> ColumnElement[bool]:
    has = labels.get(term.key)
    if has is None:
        return true() if "" in term.values else false()
    return or_(*(has(value, term.exact) for value in term.values))


def _tag(value: str, _exact: bool) -> ColumnElement[bool]:
    if not value:
        return ACCOUNT.c.tags == "[]"
    return holds(_levelled(ACCOUNT.c.tags), literal(json.dumps(value, ensure_ascii=False)))


def _platform(value: str, _exact: bool) -> ColumnElement[bool]:
    mine = select(TARGET.c.id).where(TARGET.c.account == ACCOUNT.c.id, TARGET.c.removed_at.is_(None))
    return exists(mine.where(func.lower(TARGET.c.platform) == value)) if value else ~exists(mine)
