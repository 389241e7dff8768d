"""Phrases that nominate a post: lists of words, looked for in one pass over its text (Aho-Corasick). Pure.

It must not read a file: `wordlist_file.py` does that. A phrase beside a word against it (严禁集赞) is no hit.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Literal

import ahocorasick

from mediawatch.core.rulebook import Confidence, Words
from mediawatch.core.value import Value

MOST = 4000  # characters that are searched
BEFORE, AFTER = 16, 8
_LEVEL = {0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20}
_LEVEL |= {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_LEVEL |= {0xFF21 + step: 0x61 + step for step in range(26)}
_LEVELLED = "[A-Z\u3000\uff01-\uff5e]"
_TO_LEVEL = re.compile(f"{_LEVELLED}{_LEVELLED}*")  # not `+`: where a class begins alone, `re` is twice as fast


_SIGNS = tuple((sign, chr(_LEVEL[ord(sign)])) for sign in "，：；！？（）")  # in every Chinese text


class Phrase(Value):
    """One phrase of a list, and what the list says of it."""

    word: str
    note: str = ""


class WordList(Value):
    """A list of phrases of one category; `misuse` is looked for in what stores say of apps, the others in posts.

    unless: words that, close by, make a phrase no hit."""

    id: str
    title: Words
    category: Literal["forced", "advertising", "misuse", "own"]
    source: Words
    confidence: Confidence
    words: tuple[Phrase, ...]
    unless: tuple[str, ...] = ()

    @property
    def edition(self) -> str:
        """The name of the list and a digest of all that it says: what a stored hit names."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return f"{self.id}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"


class Found(Value):
    """A phrase as it was found: which, by which list, and where it starts."""

    category: str
    word: str
    source: str
    start: int


class Phrases:
    """Lists that are ready to search, and phrases to ignore: what lies inside one of these is no hit."""

    def __init__(self, lists: Iterable[WordList] = (), ignored: Iterable[str] = ()) -> None:
        self._lists = tuple((one, one.edition) for one in lists)
        self._words = ahocorasick.Automaton()
        self._ignored = frozenset(filter(None, (level(word.strip()) for word in ignored)))
        entries: dict[str, list[tuple[int, str]]] = {word: [] for word in self._ignored}
        for number, (one, _) in enumerate(self._lists):
            for phrase in one.words:
                entries.setdefault(level(phrase.word), []).append((number, phrase.word))
        for word, meant in entries.items():
            if word:
                self._words.add_word(word, (word, tuple(meant)))
        if len(self._words):
            self._words.make_automaton()

    def editions(self, category: str) -> tuple[str, ...]:
        """The lists of a category, by name and digest."""
        return tuple(edition for one, edition in self._lists if one.category == category)

    def any_in(self, text: str) -> bool:
        """Whether any phrase at all stands in the text, one to ignore as well."""
        return len(self._words) > 0 and next(self._words.iter(level(text)), None) is not None

    def find(self, text: str) -> tuple[Found, ...]:
        """Every phrase once for each list, at its first place, in order."""
        if not len(self._words):
            return ()
        searched = level(text[:MOST])
        places = [(end - len(word) + 1, end + 1, word, meant) for end, (word, meant) in self._words.iter(searched)]
        covered = [(start, end) for start, end, word, _ in places if word in self._ignored]
        found: dict[tuple[int, str], Found] = {}
        for start, end, _, meant in sorted(places, key=lambda place: place[:3]):
            if any(first <= start and end <= last for first, last in covered):
                continue
            for number, word in meant:
                one, edition = self._lists[number]
                near = searched[max(0, start - BEFORE) : end + AFTER]
                if (number, word) not in found and not any(level(other) in near for other in one.unless):
                    found[number, word] = Found(category=one.category, word=word, source=edition, start=start)
        return tuple(found.values())


def level(text: str) -> str:
    """Full-width letters as plain ones, all lower case; as long as before."""
    for sign, plain in _SIGNS:
        text = text.replace(sign, plain)
    return _TO_LEVEL.sub(lambda found: found[0].translate(_LEVEL), text)  # most of a text has nothing to change
