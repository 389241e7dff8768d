"""The first letters of Chinese words, by which they are found from a keyboard: `gzsrm` for 贵州省人民…. Pure.

It must not be asked for text of unbounded length: callers give names. The dictionary is loaded at the first question.
"""

from __future__ import annotations

from functools import lru_cache

LIBRARY = "pypinyin"
"""Whose dictionary it is: half a second and 55 MB that only an enrolment needs."""
_LONGEST = 200  # letters that are spelled; a longer name is no name


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """`云溪发布12` as `yxfb12`: the first letter of each Chinese word's syllable, other letters as they are.

    Words of several readings are read as the dictionary's phrases have them (长沙 is `cs`, 长安 `ca`). Without blanks,
    in small letters; empty for empty.
    """
    from pypinyin.seg.simpleseg import seg

    spelled = "".join(map(_spelled, seg(text[:_LONGEST])))
    return "".join(spelled.split()).casefold()


@lru_cache(maxsize=65536)
def _spelled(phrase: str) -> str:
    """One phrase of the dictionary: a nation's register is made of few."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(phrase, style=Style.FIRST_LETTER))
