"""The planted bugs of `make mutants` still fit the code and name tests that exist; that command shows them found."""

from __future__ import annotations

import re

import pytest

from tests.mutants import BUGS, ROOT, Bug


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_bug_can_be_planted_and_names_its_tests(bug: Bug) -> None:
    planted = bug.planted((ROOT / "mediawatch" / bug.file).read_text(encoding="utf-8"))
    compile(planted, bug.file, "exec")
    files = [word for word in bug.tests if word.endswith(".py")]
    assert files
    assert all((ROOT / file).is_file() for file in files)
    if "-k" in bug.tests:
        named = re.compile(rf"def test_\w*{bug.tests[-1]}")
        assert any(named.search((ROOT / file).read_text(encoding="utf-8")) for file in files)


def test_the_bugs_are_many_and_none_is_told_twice() -> None:
    assert len({bug.name for bug in BUGS}) == len({(bug.file, bug.wrong, bug.right) for bug in BUGS}) == len(BUGS)
    assert len(BUGS) >= 25
