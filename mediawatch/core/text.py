"""Text from outside, made safe once, at ingest: one line, no control or bidi characters, bounded. Pure.

It must not translate, escape for a format, or guess an encoding: each face escapes for its own medium.
"""

from __future__ import annotations

import re
import unicodedata

# C0, C1, DEL, soft hyphen, line and paragraph separators, zero-width and bidi controls, letters that show as nothing
# (Hangul fillers), tag characters, surrogates, noncharacters.
_FORBIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]+"
)
_SPACE = re.compile(r"\s+")
# Blocks that hold combining marks: text without any of these letters, as most is, need not be walked through.
_IN_BLOCKS = (
    "\u0300-\u1fff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\ua6f1\ua806-\uabed"
    "\ufb1e\ufe20-\ufe2f\U00010000-\U0001ffff"
)
_MARKS = re.compile(f"[{_IN_BLOCKS}]")
# Letters of which any line is clean as it comes: most text is of them alone.
_EASY = re.compile("[\u4e00-\u9fff -~\u3001-\u3029\uff01-\uff5e\u2010-\u2027]*+")
# What may have to be cleaned in text that `str.isprintable` lets pass.
_UNCLEAN = re.compile(f"[\u3164\uffa0{_IN_BLOCKS}]")
_MOST_MARKS = 8  # combining marks on one base letter; more are a picture, not a word


def clean(text: str, most: int = 500) -> str:
    """The text as one safe line of at most `most` characters, in NFC. Idempotent.

    Zero-width joiners stay (emoji families need them); everything that could move a cursor, reverse a line or hide
    in a name is dropped.
    """
    text = text[: most * 4]  # bound the work before the regular expressions
    if "  " in text or "\n" in text:
        text = " ".join(text.split())
    if _EASY.fullmatch(text) is not None:
        return shortened(text.strip(), most)
    if not text.isprintable():
        text = " ".join(text.split())
    if text.isprintable() and _UNCLEAN.search(text) is None:
        text = unicodedata.normalize("NFC", text.strip())
    else:
        text = _SPACE.sub(" ", _FORBIDDEN.sub(" ", text)).strip()
        text = _few_marks(unicodedata.normalize("NFC", text))
    return shortened(text, most)


def shortened(text: str, most: int) -> str:
    """Clean text of at most `most` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _few_marks(text: str) -> str:
    if _MARKS.search(text) is None:
        return text
    kept: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def spelled(text: str) -> str:
    """A text as it is compared with another: wide letters, capitals and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
