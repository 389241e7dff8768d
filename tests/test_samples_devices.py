"""Recorded texts of Android devices, read as their `expected.json` says; see `test_samples.py` for where they lie.

A text is one piece of evidence, read by the one reader that it is meant for.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from mediawatch.adapters.device_texts import NOTHING, Sign, exit_sign, front_of, install_sign, log_sign, start_sign

ROOT = os.environ.get("MEDIAWATCH_SAMPLES", "")
pytestmark = pytest.mark.skipif(not ROOT, reason="MEDIAWATCH_SAMPLES is not set: NO RECORDED SAMPLE WAS READ")
EXPECTED: dict[str, Any] = (
    {
        path: expected
        for path, expected in json.loads((Path(ROOT) / "expected.json").read_text(encoding="utf-8")).items()
        if expected["kind"] == "adb"
    }
    if ROOT
    else {}
)
ANY_OTHER = "cn.gov.yunxi.app"
# Who reads which text, by the beginning of its file name; a text of many cases is read block by block.
WHOLE = {"am_start": start_sign, "exit_info": exit_sign, "logcat": log_sign, "android": log_sign}


def text_of(path: str) -> str:
    return (Path(ROOT) / path).read_text(encoding="utf-8")


def blocks(path: str) -> dict[str, str]:
    """The cases of a file: headed by `## name`, or between lines of dashes."""
    text = text_of(path)
    if "----\n" in text and "## " not in text:
        return {f"block {number}": part for number, part in enumerate(text.split("----\n"), 1)}
    parts = re.split(r"^## (.*)\n", text, flags=re.M)
    return {name.partition("  (")[0].strip(): body for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def package_in(expected: dict[str, Any]) -> str:
    named = str(expected.get("package", ""))
    return named if "." in named else ANY_OTHER


def told(sign: Sign) -> tuple[bool | None, str]:
    return sign.opened, sign.blame


@pytest.mark.parametrize("path", [path for path, expected in EXPECTED.items() if "cases" not in expected])
def test_a_text_of_a_device_reads_as_expected(path: str) -> None:
    expected = EXPECTED[path]
    name = Path(path).name
    reader = next(reader for start, reader in WHOLE.items() if name.startswith(start))
    sign = reader(text_of(path), package_in(expected))
    assert told(sign) == (expected["opens"], expected["blame"])
    if package_in(expected) != ANY_OTHER:  # the same text says nothing against anybody else
        assert reader(text_of(path), ANY_OTHER).blame != "app" or name.startswith("am_start")


@pytest.mark.parametrize(
    ("path", "case"),
    [(path, case["case"]) for path, expected in EXPECTED.items() for case in expected.get("cases", ())],
)
def test_each_case_of_a_text_reads_as_expected(path: str, case: str) -> None:
    expected = next(one for one in EXPECTED[path]["cases"] if one["case"] == case)
    text = next(body for name, body in blocks(path).items() if name.startswith(case))
    if "foreground" in expected:
        assert front_of(text) == expected["foreground"]
        return
    if Path(path).name.startswith("install"):
        sign = install_sign(text, arm=True)
        assert (sign is NOTHING) == ("Success" in text)
    else:
        sign = start_sign(text, "com.example.app")
    assert told(sign) == (expected["opens"], expected["blame"])


def test_every_recorded_text_is_read() -> None:
    assert EXPECTED
    assert all(
        expected.get("cases") or any(Path(path).name.startswith(n) for n in WHOLE)
        for path, expected in EXPECTED.items()
    )


def test_only_what_is_newer_than_the_start_of_the_test_counts() -> None:
    path = next(path for path in EXPECTED if "exit_info" in path)
    text, package = text_of(path), EXPECTED[path]["package"]
    assert exit_sign(text, package, "2026-10-01 19:21:57").problem == "crash"
    assert exit_sign(text, package, "2026-10-01 19:21:58") is NOTHING
    path = next(path for path in EXPECTED if "java" in path)
    text, package = text_of(path), EXPECTED[path]["package"]
    assert log_sign(text, package, "2025-04-22 21:34:20").problem == "crash"
    assert log_sign(text, package, "2025-04-22 21:34:21") is NOTHING


def test_a_native_crash_counts_on_an_arm_device_only() -> None:
    path = next(path for path in EXPECTED if "native" in path)
    text, package = text_of(path), EXPECTED[path]["package"]
    assert [told(log_sign(text, package, arm=arm)) for arm in (True, False, None)] == [
        (False, "app"), (None, "bench"), (None, "bench"),
    ]  # fmt: skip
