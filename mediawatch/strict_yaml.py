"""Reads YAML files as people mean them, and remembers where every key and value stood.

Only plain data comes out: no aliases, anchors or tags, no key twice, `true` and `false` as the only booleans; dates,
times, `0123`, `1:30`, `1_000`, `yes` and `no` stay text. Every problem of a file is collected with its place. It must
never quote a value in a message: a value may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 32
MOST_VALUES = 2_000_000

Path_ = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SAFE_KEY = re.compile(r"[\w.:-]{1,32}")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class _Node:
    """Where a value stood, and the places of what it holds: by key `(line, column of the key, value)`, by index.

    Slim, because a large register has a million of them; most hold nothing.
    """

    __slots__ = ("column", "items", "keys", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line, self.column = line, column
        self.keys: dict[str, tuple[int, int, _Node]] | None = None
        self.items: list[_Node] | None = None


@dataclass
class Document:
    """A file's data, the problems found while reading it, and the places of its keys and values."""

    file: str
    data: Any
    problems: list[Problem]
    root: _Node = field(default_factory=lambda: _Node(1, 1), repr=False)

    def value_at(self, path: Path_) -> tuple[int, int]:
        """Line and column of the value at that path, or of the deepest part of the path that exists."""
        node = self.root
        for part in path:
            below = _below(node, part)
            if below is None:
                break
            node = below
        return node.line, node.column

    def key_at(self, path: Path_) -> tuple[int, int]:
        """Line and column of the key that ends the path, or of its value where it is no key of a mapping."""
        node = self.root
        for part in path[:-1]:
            below = _below(node, part)
            if below is None:
                return node.line, node.column
            node = below
        entry = (node.keys or {}).get(path[-1]) if path and isinstance(path[-1], str) else None
        return (entry[0], entry[1]) if entry else self.value_at(path)

    def problem(self, path: Path_, message: str, *, at_key: bool = False) -> Problem:
        """A problem of this file at that path."""
        line, column = self.key_at(path) if at_key else self.value_at(path)
        return Problem(self.file, line, column, message)

    @property
    def places(self) -> dict[Path_, tuple[int, int]]:
        """Every path with the line and column of its value."""
        return {path: (node.line, node.column) for path, node in _walk((), self.root)}


def _below(node: _Node, part: str | int) -> _Node | None:
    if isinstance(part, int):
        items = node.items or []
        return items[part] if 0 <= part < len(items) else None
    entry = (node.keys or {}).get(part)
    return entry[2] if entry else None


def _walk(path: Path_, node: _Node) -> Iterator[tuple[Path_, _Node]]:
    yield path, node
    for key, (_, _, below) in (node.keys or {}).items():
        yield from _walk((*path, key), below)
    for index, below in enumerate(node.items or []):
        yield from _walk((*path, index), below)


def read(path: Path, *, file: str = "", most_bytes: int = MOST_BYTES) -> Document:
    """The document in that file; what is wrong with it (also: not there, not readable) is in `problems`."""
    file = file or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(most_bytes + 1)
    except FileNotFoundError:
        return _failed(file, "there is no such file")
    except OSError as error:
        return _failed(file, f"cannot be read: {error.strerror or type(error).__name__}")
    return parse(raw, file=file, most_bytes=most_bytes)


def parse(raw: bytes, *, file: str, most_bytes: int = MOST_BYTES) -> Document:
    """The document in those bytes, which must be UTF-8 (a byte order mark is allowed)."""
    if len(raw) > most_bytes:
        return _failed(file, f"is larger than {most_bytes // 1024} KiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        return _failed(file, "is not UTF-8 text; save it as UTF-8", *_place_of(before))
    if unprintable := _UNPRINTABLE.search(text):
        return _failed(file, "holds a control character here", *_place_of(text[: unprintable.start()]))
    builder = _Builder(file, text)
    try:
        data, root = builder.document()
    except _TooMuch as much:
        builder.note(much.line, much.column, much.message)
        data, root = None, _Node(1, 1)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or "cannot be read here"
        builder.note(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, f"is not valid YAML: {what}")
        data, root = None, _Node(1, 1)
    return Document(file, data, builder.problems, root)


def _failed(file: str, message: str, line: int = 1, column: int = 1) -> Document:
    return Document(file, None, [Problem(file, line, column, message)])


def _place_of(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _TooMuch(Exception):
    """The file is beyond what any settings need; reading ends here."""

    def __init__(self, node: _Node, message: str) -> None:
        self.line, self.column, self.message = node.line, node.column, message


class _Builder:
    """Builds data and places from the parser's events; the depth is checked before anything is built."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._values = 0
        self.problems: list[Problem] = []

    def note(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(self._file, line, column, message))

    def document(self) -> tuple[Any, _Node]:
        data: Any = None
        root = _Node(1, 1)
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note_at(event, "a second document begins here; only one is allowed")
                    return data, root
                data, root = self._value(next(self._events), 0)
        return data, root

    def _note_at(self, event: Any, message: str) -> None:
        self.note(event.start_mark.line + 1, event.start_mark.column + 1, message)

    def _value(self, event: Any, depth: int) -> tuple[Any, _Node]:
        node = _Node(event.start_mark.line + 1, event.start_mark.column + 1)
        self._values += 1
        if self._values > MOST_VALUES:
            raise _TooMuch(node, f"holds more than {MOST_VALUES:,} values; keep large registers as CSV (include:)")
        if isinstance(event, yaml.AliasEvent):
            self._note_at(event, "aliases (*name) are not allowed")
            return None, node
        if event.anchor is not None:
            self._note_at(event, "anchors (&name) are not allowed")
        if event.tag is not None:
            self._note_at(event, "tags (!name) are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event), node
        if depth >= MOST_DEPTH:
            raise _TooMuch(node, f"is nested deeper than {MOST_DEPTH} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(node, depth), node
        return self._mapping(node, depth), node

    def _list(self, node: _Node, depth: int) -> list[Any]:
        data: list[Any] = []
        node.items = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value, below = self._value(event, depth + 1)
            data.append(value)
            node.items.append(below)
        return data

    def _mapping(self, node: _Node, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        node.keys = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            _, key_node = self._value(event, depth + 1)
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            value, below = self._value(next(self._events), depth + 1)
            if key is None:
                if not isinstance(event, yaml.AliasEvent):
                    self._note_at(event, "a key must be plain text")
            elif key in data:
                first = node.keys[key]
                self._note_at(event, f"{quoted(key)} stands here twice; the first is on line {first[0]}")
            else:
                data[key] = value
                node.keys[key] = (key_node.line, key_node.column, below)
        return data


def _scalar(event: Any) -> Any:
    """Plain scalars may be null, true, false or a number; everything quoted, and everything else, is text."""
    text: str = event.value
    if event.style or event.tag is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def quoted(key: str) -> str:
    """A key as a message may show it. What does not look like a key may be a secret in the wrong place."""
    return f"`{key}`" if _SAFE_KEY.fullmatch(key) else "a key"
