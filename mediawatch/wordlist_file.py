"""Reads word lists: those that come with the program, and an operator's own files, one word a line. Every problem has
its place. It must not search anything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from mediawatch.core.content.phrases import Phrase, Phrases, WordList
from mediawatch.core.content.screen import Screens
from mediawatch.core.rulebook import Words
from mediawatch.strict_yaml import Problem, parse

MOST_BYTES = 4 * 1024 * 1024
MOST_WORD = 100
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@cache
def built_in() -> tuple[WordList, ...]:
    """The lists that come with the program, by name."""
    entries = sorted(files("mediawatch").joinpath("wordlists").iterdir(), key=lambda entry: entry.name)
    return tuple(
        WordList.model_validate(parse(entry.read_bytes(), file=entry.name).data)
        for entry in entries
        if entry.name.endswith(".yaml")
    )


def read_screens(
    word_lists: Iterable[Path], ignored: Iterable[Path], blocked: Iterable[Path], approved: Iterable[Path] = ()
) -> tuple[Screens, tuple[Problem, ...]]:
    """All lists, ready to search, and what is wrong with the operator's files."""
    problems: list[Problem] = []
    lists = [*built_in(), *(_own(path, problems) for path in word_lists)]
    ignore = [word for path in ignored for _, word, _ in _lines(path, problems)]
    hosts: set[str] = set()
    for path in blocked:
        for line, word, _ in _lines(path, problems):
            host = word.lower().removeprefix("*.").rstrip(".")
            if _HOST.fullmatch(host):
                hosts.add(host)
            else:
                problems.append(Problem(str(path), line, 1, "must be the name of a host, such as shop.example"))
    sources = frozenset(word for path in approved for _, word, _ in _lines(path, problems))
    screens = Screens(
        Phrases(lists, ignore), frozenset(hosts), f"hosts@{_digest(hosts)}", sources, f"sources@{_digest(sources)}"
    )
    return screens, tuple(problems)


def _digest(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]


def _own(path: Path, problems: list[Problem]) -> WordList:
    words = tuple(Phrase(word=word, note=note) for _, word, note in _lines(path, problems))
    title = Words(zh_CN=f"自定义词表 {path.name}", en=f"own list {path.name}")
    return WordList(id=path.stem, title=title, category="own", source=title, confidence="ours", words=words)


def _lines(path: Path, problems: list[Problem]) -> list[tuple[int, str, str]]:
    """Line, word and note of every line that is not empty and no comment (`#`)."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
        text = None if raw is None else raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        problems.append(Problem(str(path), 1, 1, f"the list {reason}"))
        return []
    if text is None:
        problems.append(Problem(str(path), 1, 1, "the list is larger than 4 MiB"))
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        word, _, note = line.partition("\t")
        word = word.strip()
        if not word or word.startswith("#"):
            continue
        if not 2 <= len(word) <= MOST_WORD:
            problems.append(Problem(str(path), number, 1, "a word has 2 to 100 letters"))
            continue
        found.append((number, word, note.strip()))
    return found
