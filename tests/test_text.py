"""Text from outside is made safe once: one line, nothing that moves a cursor, reverses a line or hides."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.text import _EASY, _FORBIDDEN, _MARKS, clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("某市发布", "某市发布"),
        ("  two\n lines\tand \r\n more ", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),  # the escape character itself is what is dangerous
        ("\x9b2J", "2J"),  # the eight-bit form of it
        ("a\x00b\x07c\x08d\x7fe", "a b c d e"),
        ("evil\u202egnp.exe", "evil gnp.exe"),  # reversed from here on
        ("a\u2066b\u2069c\u061cd", "a b c d"),  # isolates, the Arabic letter mark
        ("\ufeffname", "name"),
        ("in\u200bvi\u00adsi\u2060ble", "in vi si ble"),
        ("\u3164\u115f\uffa0", ""),  # letters that show as nothing
        ("flag\U000e0067\U000e007f", "flag"),
        ("\ud800lone", "lone"),
        ("\ufdd0\uffff", ""),
        ("line\u2028and\u2029paragraph", "line and paragraph"),
        ("全角\u3000空格", "全角 空格"),
        ("e\u0301", "é"),  # NFC
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),  # families keep their joiners
        ("نامه\u200cای", "نامه\u200cای"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),  # faces escape for their own medium
        ("", ""),
    ],
)
def test_what_could_deceive_is_dropped_and_words_stay(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_a_tower_of_marks_is_cut_down() -> None:
    assert len(clean("z" + "\u0335" * 1000)) == 9
    assert clean("a" + "\u0301" * 20 + "b").endswith("b")


@pytest.mark.parametrize("most", [1, 2, 10, 140])
def test_a_long_text_is_cut_with_an_ellipsis(most: int) -> None:
    assert clean("字" * most, most) == "字" * most
    cut = clean("字" * (most + 1), most)
    assert cut == "字" * (most - 1) + "…"


def test_a_huge_text_is_cut_before_it_is_worked_on() -> None:
    assert clean(" " * 10_000_000 + "x", 10) == ""


@given(st.text(st.characters(), max_size=200), st.integers(1, 60))
def test_cleaning_again_changes_nothing(text: str, most: int) -> None:
    once = clean(text, most)
    assert clean(once, most) == once
    assert len(once) <= most
    assert unicodedata.is_normalized("NFC", once)
    once.encode()  # no lone surrogates: it can be stored and sent


@given(st.text(st.characters(), max_size=200))
def test_nothing_that_controls_is_left(text: str) -> None:
    for letter in clean(text):
        assert unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(letter) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def test_every_combining_mark_is_in_a_block_that_is_looked_for() -> None:
    marks = [chr(code) for code in range(0x110000) if unicodedata.combining(chr(code))]
    assert len(marks) > 800
    assert [mark for mark in marks if _MARKS.match(mark) is None] == []


def test_any_line_of_letters_that_are_clean_as_they_come_is_clean() -> None:
    letters = "".join(letter for letter in map(chr, range(0x110000)) if _EASY.fullmatch(letter) is not None)
    assert len(letters) > 20_000
    assert letters.isprintable()
    assert _FORBIDDEN.search(letters) is None
    assert unicodedata.is_normalized("NFC", letters)
    composed = [unicodedata.decomposition(chr(code)).split() for code in range(0x110000)]
    seconds = {chr(int(one[1], 16)) for one in composed if len(one) == 2 and not one[0].startswith("<")}
    assert not seconds & set(letters), "two of them would become one letter"
