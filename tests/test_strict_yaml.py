"""The YAML reader: what stays text, what is refused, and where everything stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.strict_yaml import Document, parse, read


def yaml(text: str) -> Document:
    return parse(text.encode(), file="f.yaml")


def lines(document: Document) -> list[str]:
    return [str(problem) for problem in document.problems]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("0123", "0123"),
        ("1:30", "1:30"),
        ("08:30", "08:30"),
        ("22:00", "22:00"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("1e5", "1e5"),
        ("-0", "-0"),
        ("+5", "+5"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2019-04-01", "2019-04-01"),
        ("2019-04-01T12:00:00Z", "2019-04-01T12:00:00Z"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ("NO", "NO"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("1234567890123456789012", "1234567890123456789012"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("0", 0),
        ("5000609535", 5000609535),
        ("-12", -12),
        ("1.50", 1.5),
    ],
)
def test_a_scalar_is_read_as_people_mean_it(written: str, read_as: object) -> None:
    document = yaml(f"key: {written}\n")
    assert document.problems == []
    assert document.data == {"key": read_as}
    assert type(document.data["key"]) is type(read_as)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "f.yaml:2:1: `a` stands here twice; the first is on line 1"),
        ("a: {b: 1, b: 2}\n", "f.yaml:1:11: `b` stands here twice; the first is on line 1"),
        ("a: &x 1\n", "f.yaml:1:4: anchors (&name) are not allowed"),
        ("a: *x\n", "f.yaml:1:4: aliases (*name) are not allowed"),
        ("a: !!str 1\n", "f.yaml:1:4: tags (!name) are not allowed"),
        ("a: !!python/object/apply:os.system [x]\n", "f.yaml:1:4: tags (!name) are not allowed"),
        ("? [1]\n: 2\n", "f.yaml:1:3: a key must be plain text"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; only one is allowed"),
        ("a: b: c\n", "f.yaml:1:5: is not valid YAML: mapping values are not allowed in this context"),
        ("a:\n\t- b\n", "f.yaml:2:1: is not valid YAML: found character that cannot start any token"),
        ("a: b\nc: \x07\n", "f.yaml:2:4: holds a control character here"),
        ("[" * 40, "f.yaml:1:33: is nested deeper than 32 levels"),
    ],
)
def test_what_is_refused_is_refused_with_its_place(text: str, said: str) -> None:
    assert lines(yaml(text)) == [said]


def test_all_problems_of_a_file_are_told_at_once() -> None:
    document = yaml("a: &x 1\nb: *x\na: 2\nc: !t 3\n")
    assert [problem.line for problem in document.problems] == [1, 2, 3, 4]


def test_text_that_is_not_utf_8_is_refused_at_its_line() -> None:
    document = parse("a: 1\nb: 政务".encode("gbk"), file="f.yaml")
    assert lines(document) == ["f.yaml:2:4: is not UTF-8 text; save it as UTF-8"]
    assert parse("\ufeffa: 1".encode(), file="f.yaml").data == {"a": 1}


def test_a_file_that_is_too_large_is_not_parsed() -> None:
    assert lines(parse(b"a: " + b"x" * 2048, file="f.yaml", most_bytes=1024)) == ["f.yaml:1:1: is larger than 1 KiB"]


def test_five_thousand_levels_end_at_once() -> None:
    for opening in ("[", "- ", "? ", "{a: "):
        assert "nested deeper" in lines(yaml(opening * 5000))[0]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert "there is no such file" in str(read(tmp_path / "no.yaml").problems[0])
    assert "cannot be read" in str(read(tmp_path).problems[0])


def test_every_key_and_value_has_its_place() -> None:
    document = yaml("one:\n  - {two: 3}\n  - four\n")
    assert document.places == {
        (): (1, 1),
        ("one",): (2, 3),
        ("one", 0): (2, 5),
        ("one", 0, "two"): (2, 11),
        ("one", 1): (3, 5),
    }
    assert document.key_at(("one", 0, "two")) == (2, 6)
    assert document.value_at(("one", 0, "absent", "deeper")) == (2, 5)


def test_a_duplicate_key_that_is_a_secret_is_not_shown() -> None:
    secret = "https://hooks.example/?key=s3cr3t"
    assert "s3cr3t" not in "".join(lines(yaml(f'"{secret}": 1\n"{secret}": 2\n')))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_problems(raw: bytes) -> None:
    document = parse(raw, file="f.yaml")
    assert all(problem.line >= 1 and problem.column >= 1 for problem in document.problems)


@given(st.text(alphabet="ab:-[]{},&*!?|>'\"#\n \t01~%", max_size=60))
def test_any_text_gives_a_document_or_problems(text: str) -> None:
    document = parse(text.encode(), file="f.yaml")
    assert document.problems or isinstance(document.data, dict | list | str | int | float | bool | None)
