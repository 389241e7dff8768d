"""The catalogue: nothing untranslated, nothing left over, nothing stale."""

from __future__ import annotations

import ast
import io
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import mediawatch
from mediawatch.locale import catalogue
from tests.tui_stage import UPDATE

PACKAGE = Path(mediawatch.__file__).parent
FOLDER = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES"
SPEAKING = [*sorted((PACKAGE / "tui").rglob("*.py")), *sorted(PACKAGE.glob("cli*.py"))]


def texts() -> set[str]:
    """Every text that goes through `_`, `N_` or a screen's `words`."""
    found = set()
    for file in SPEAKING:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("_", "N_", "words") and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


@pytest.fixture(scope="module")
def source() -> Catalog:
    with (FOLDER / "mediawatch.po").open("rb") as stream:
        return read_po(stream, locale="zh_CN")


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_every_text_of_the_interface_is_translated(source):
    translated = {message.id for message in source if message.id and message.string and not message.fuzzy}
    assert sorted(texts() - translated) == []


def test_the_catalogue_holds_nothing_that_is_no_longer_said(source):
    assert sorted({message.id for message in source if message.id} - texts()) == []


def test_a_translation_fills_the_same_fields(source):
    wrong = [message.id for message in source if message.id and fields(message.id) != fields(message.string)]
    assert wrong == []


def test_the_compiled_catalogue_is_not_stale(source):
    fresh = io.BytesIO()
    write_mo(fresh, source)
    compiled = FOLDER / "mediawatch.mo"
    if UPDATE:
        compiled.write_bytes(fresh.getvalue())
    with compiled.open("rb") as stream:
        kept = GNUTranslations(stream)
    stale = [message.id for message in source if message.id and kept.gettext(message.id) != message.string]
    assert stale == [], "MEDIAWATCH_UPDATE=1 compiles it anew"


def test_english_is_what_stands_in_the_source():
    assert catalogue("en")("failed") == "failed"
    assert catalogue("zh_CN")("failed") == "失败"
    assert catalogue("zh_CN")("never written down") == "never written down"
    assert catalogue("zh_CN")("") == ""
