"""The house rules, checked by a machine: floors, clocks, names, lengths, quick help, nothing of any one machine."""

from __future__ import annotations

import ast
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
import types
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mediawatch"
SOURCES = sorted(PACKAGE.rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]

NAMES = {"manager", "util", "utils", "helper", "helpers", "service", "base", "common", "handler", "misc"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
# What the core would need for IO, a clock or chance.
NOT_IN_CORE = {
    "aiohttp", "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random",
    "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "uuid", "yaml",
}  # fmt: skip
HEAVY = ("aiohttp", "sqlmodel", "sqlalchemy", "textual", "feedparser", "apscheduler", "pydantic", "yaml")


def test_imports_go_down_only_and_every_library_stays_on_its_floor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    # In a process of its own: the linter sets up logging, and silences every logger that is there already.
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", ROOT / "pyproject.toml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout


def test_the_document_shows_the_floors_that_the_machine_checks() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = re.search(r"<!-- floors -->\n```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.S)
    assert drawn is not None
    shown = [line.split("  ")[0].strip() for line in drawn[1].splitlines()]
    assert shown == layers


def test_the_path_that_the_document_shows_is_the_one_the_code_takes() -> None:
    places = {"ledger": "store.ledger.Ledger", "rules": "core.rules", "adapter": "adapters.adapter.Adapter"}
    places |= {"alerting": "core.alerting", "flapping": "core.flapping", "schedule": "core.schedule"}
    story = re.search(r"## The one path\n\n```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.S)
    assert story is not None
    steps = [line.split()[0] for line in story[1].splitlines()]
    assert steps[0] == "daemon.Daemon.tick_polls"
    for step in steps:
        first, _, rest = step.partition(".")
        found = pkgutil.resolve_name("mediawatch." + places.get(first, first))
        for name in rest.split("."):
            found = found.__annotations__ if isinstance(found, type) and name in found.__annotations__ else found
            found = found[name] if isinstance(found, dict) else _inside(found, name)


def test_time_is_read_in_one_file_only() -> None:
    asked = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line, *call in _told(path).calls
        if tuple(call) in CLOCKS
    }
    assert {place.partition(":")[0] for place in asked} == {"mediawatch/clock.py"}, sorted(asked)
    for path in SOURCES:  # nor under another name
        assert not _told(path).taken & CLOCKS, path


def test_the_core_has_nothing_to_reach_the_world_with() -> None:
    for path in (PACKAGE / "core").rglob("*.py"):
        told = _told(path)
        names = told.imports | {module for module, _ in told.taken}
        assert not {name.partition(".")[0] for name in names} & NOT_IN_CORE, path
        assert "open" not in told.names, path


def test_no_file_or_class_has_a_name_that_explains_nothing() -> None:
    for path in ALL:
        assert not set(path.stem.lower().split("_")) & NAMES, path
        for name in re.findall(r"^\s*class\s+(\w+)", _text(path), re.M):
            words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
            assert not words & NAMES, f"{path}: {name}"


def test_no_file_is_longer_than_four_hundred_lines_nor_a_test_than_five_hundred() -> None:
    lengths = {str(path.relative_to(ROOT)): len(_text(path).splitlines()) for path in ALL}
    assert not {name: lines for name, lines in lengths.items() if lines > (500 if name.startswith("tests") else 400)}


def test_poll_stays_a_story_that_is_read_at_one_go() -> None:
    assert len(_text(PACKAGE / "poll.py").splitlines()) <= 120


def test_every_module_says_what_it_is() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if _text(path).strip() and not _told(path).docstring]
    assert not silent


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    code = (
        "import runpy, sys; sys.argv = ['mediawatch', '--help']\n"
        "try: runpy.run_module('mediawatch', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert "Commands" in ran.stdout
    assert ran.stderr.strip() == "[]"


def test_nothing_in_the_repository_names_a_machine_or_a_registry() -> None:
    folders = "|".join("/" + folder + "/" for folder in ("work", "root", "home/[a-z]", "Users"))
    registries = (
        "|".join("pyp" + end for end in ("i\\.org", "ihosted")) + "|python" + "hosted|index" + "-url|/simpl" + "e/"
    )
    forbidden = re.compile(f"{folders}|{registries}".encode())
    for path in _tracked():
        if found := forbidden.search(path.read_bytes()):
            pytest.fail(f"{path.relative_to(ROOT)}: {found[0]!r}")


def _tracked() -> list[Path]:
    """The files of the project: git's, or where there is no git all but what tools leave behind."""
    git = shutil.which("git")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=60) if git else None
    if listed is not None and listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()]
    left = re.compile(r"^(\.venv|\.git|\.\w+_cache|\.hypothesis|dist|build|data)$|\.egg-info$|^__pycache__$")
    found = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in found if not any(left.search(part) for part in path.relative_to(ROOT).parts)]


def _inside(where: object, name: str) -> object:
    """A name of a module (its own modules among them) or class. Raises AttributeError where there is none."""
    if isinstance(where, types.ModuleType) and not hasattr(where, name):
        return pkgutil.resolve_name(f"{where.__name__}.{name}")
    return getattr(where, name)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Told:
    """What a file of the package says of itself, read once for all rules: to read them all takes seconds.

    calls: of an attribute, as (line, what stands before the dot, what stands behind it). names: that are called.
    imports: modules. taken: (module, name) of `from module import name`.
    """

    docstring: str
    calls: tuple[tuple[int, str, str], ...]
    names: frozenset[str]
    imports: frozenset[str]
    taken: frozenset[tuple[str, str]]


@cache
def _told(path: Path) -> _Told:
    calls: list[tuple[int, str, str]] = []
    names, imports, taken = set[str](), set[str](), set[tuple[str, str]]()
    tree = ast.parse(_text(path), str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls.append((node.lineno, _last(node.func.value), node.func.attr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names.add(node.func.id)
        elif isinstance(node, ast.Import):
            imports |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            taken |= {(node.module or "", name.name) for name in node.names}
    return _Told(ast.get_docstring(tree) or "", tuple(calls), frozenset(names), frozenset(imports), frozenset(taken))


def _last(node: ast.expr) -> str:
    """The last name of `datetime.datetime` and the like."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
