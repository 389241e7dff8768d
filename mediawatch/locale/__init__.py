"""The words of the interface: English is the message id, Chinese is a compiled gettext catalogue beside this file.

It translates what the interface itself says. It must not translate the standard: the sentences of a rulebook stand in
that rulebook in both languages, and legal wording never goes through a catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files

from mediawatch.core.rulebook import Language

Words = Callable[[str], str]


def N_(text: str) -> str:
    """Marks a text for the catalogue where it is written down; it is translated where it is shown."""
    return text


@cache
def catalogue(language: Language) -> Words:
    """The translation function of a language. A text without an entry comes back as it is, in English."""
    if language == "en":
        return N_
    compiled = files(__name__).joinpath(language, "LC_MESSAGES", "mediawatch.mo")
    with compiled.open("rb") as stream:
        translate = GNUTranslations(stream).gettext
    return lambda text: translate(text) if text else ""
