"""The sections of `make faults` are there, and said in docs/trust.md."""

from __future__ import annotations

import importlib

import pytest

from tests.bench.faults import SECTIONS
from tests.mutants import ROOT


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_the_faults_is_there_and_documented(section: str) -> None:
    assert callable(importlib.import_module(SECTIONS[section]).figures)
    assert f"| `{section}` |" in (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
