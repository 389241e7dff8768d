"""A kept answer as text: its digest, what it is, and its bytes as they may be shown to a person. Pure.

Nothing of it acts: every letter passes `safe`, markup is shown as its source, and what is no text as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from mediawatch.core.bodies import PICTURES, KeptAnswer
from mediawatch.locale import N_, Words
from mediawatch.tui.cells import Piece, safe
from mediawatch.tui.paper import section

_LETTERS = 48_000  # of a text that are shown
_BYTES = 512  # of what is no text
_PIECE = 1000  # letters of one line of the source, before it goes on in the next
Lines = Iterator[tuple[int, list[Piece]]]
_MEDIA = {
    "json": N_("JSON, set out for reading"),
    "markup": N_("markup, as its source"),
    "text": N_("text"),
    "png": N_("a picture (PNG)"),
    "jpeg": N_("a picture (JPEG)"),
    "package": N_("a package (ZIP)"),
    "binary": N_("no text"),
}
SUFFIX = {"json": "json", "markup": "txt", "text": "txt", "png": "png", "jpeg": "jpg", "package": "zip"}
"""How a saved answer is named: markup is no page that a double click would run."""


def answer_lines(view: KeptAnswer, _: Words) -> Lines:
    """The page of one answer."""
    yield 0, [(_(_MEDIA[view.media]), "strong"), ("  " + _("{n} bytes").format(n=f"{view.size:,}"), "")]
    yield 0, [(f"SHA-256 {safe(view.digest)}", "dim")]
    yield 0, [(_("As it was kept, byte for byte; no headers are kept. e saves it to a file."), "dim")]
    if view.media in PICTURES:
        yield 0, [(_("A terminal shows no picture: save it (e) and open the file."), "at_risk")]
    yield from section(_("What was answered"))
    text = _readable(view)
    yield from _hex(view, _) if text is None else _text(text, _)


def _readable(view: KeptAnswer) -> str | None:
    if view.media == "json" and view.whole:
        try:
            return json.dumps(json.loads(view.text.lstrip("\ufeff")), ensure_ascii=False, indent=1)
        except (ValueError, RecursionError):
            return view.text
    return view.text if view.media in ("json", "markup", "text") else None


def _text(text: str, _: Words) -> Lines:
    if not text.strip():
        yield 2, [(_("Nothing: the answer is empty."), "dim")]
    for line in text[:_LETTERS].splitlines():
        told = line.lstrip()
        deep = 2 + min(20, len(line) - len(told))
        for start in range(0, len(told), _PIECE):
            yield deep, [(safe(told[start : start + _PIECE]), "")]
    if len(text) > _LETTERS:
        said = _("... the first {shown} of {n} letters; e saves them all")
        yield 2, [(said.format(shown=f"{_LETTERS:,}", n=f"{len(text):,}"), "at_risk")]


def _hex(view: KeptAnswer, _: Words) -> Lines:
    for start in range(0, min(_BYTES, len(view.body)), 16):
        row = view.body[start : start + 16]
        letters = "".join(chr(byte) if 0x20 < byte < 0x7F else "." for byte in row)
        yield 2, [(f"{start:06x}  ", "dim"), (f"{row.hex(' '):<47}  {letters}", "")]
    if view.size > _BYTES:
        said = _("... the first {shown} of {n} bytes; e saves them all")
        yield 2, [(said.format(shown=_BYTES, n=f"{view.size:,}"), "at_risk")]
