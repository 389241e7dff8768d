"""What is shipped is whole: the wheel, the lock file, the Makefile's commands and the container's few plain steps."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hatchling.builders.wheel import WheelBuilder

from mediawatch.cli import cli
from mediawatch.web.control import Control
from tests import audit
from tests.shell import files, write
from tests.test_web import Daemon

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
LINES = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def shipped() -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        wheel = next(iter(WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])))
        with zipfile.ZipFile(wheel) as archive:
            return set(archive.namelist())


def test_the_wheel_holds_every_module_and_all_data_beside_them(shipped: set[str]) -> None:
    wanted = ("*.py", "rulebooks/*.yaml", "locale/**/*.mo", "tui/*.tcss", "sim/worlds/*.yaml", "store/migrations/**/*")
    for pattern in wanted:
        found = [path for path in (ROOT / "mediawatch").rglob(pattern) if path.is_file() and path.suffix != ".pyc"]
        assert found, pattern
        assert {path.relative_to(ROOT).as_posix() for path in found} <= shipped


def test_the_wheel_holds_nothing_but_the_package_and_its_licence(shipped: set[str]) -> None:
    strangers = [name for name in shipped if not re.match(r"mediawatch(/|-[\d.]+\.dist-info/)", name)]
    assert not strangers
    assert any(name.endswith("/LICENSE") for name in shipped)
    assert not [name for name in shipped if name.endswith((".pyc", ".db", ".log"))]


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_every_dependency_is_locked_with_its_hashes(lock: str, extras: tuple[str, ...]) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.M))
    locked = {_normal(name) for name in pins}
    project = PYPROJECT["project"]
    asked = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    assert {_normal(re.split(r"[\[<>=!~; ]", one)[0]) for one in asked} <= locked
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry and not entry.startswith("#")] == []


@pytest.mark.parametrize(("given", "said", "code"), [([], "not done", 1), (["--where-reachable"], "skipped", 0)])
def test_an_audit_that_reaches_nobody_says_so_in_one_sentence_and_finds_nothing_sound(
    given: list[str], said: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "http://127.0.0.1:9"
    assert audit.main(given, nowhere) == code
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(f"audit: {said}, nothing was looked up: {nowhere} cannot be reached (")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_make_command_of_the_documents_exists(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / readme).read_text(encoding="utf-8"), re.M))
    assert named
    assert named <= targets


def test_both_readmes_name_the_two_commands_that_do_all_set_up() -> None:
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert "make demo" in text
        assert "make test" in text


def test_everything_that_the_image_copies_exists_and_is_let_through() -> None:
    sources = [word for line in LINES if line.startswith("COPY ") and "--from" not in line for word in _copied(line)]
    assert sources
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignore


def test_the_image_starts_from_a_named_release_and_fetches_nothing_but_locked_packages() -> None:
    assert LINES[0] == "ARG PYTHON=python:3.12-slim"
    assert [line for line in LINES if line.startswith("FROM ")] == [
        "FROM ${PYTHON}${DIGEST} AS build",
        "FROM ${PYTHON}${DIGEST}",
    ]
    assert LINES[1] == "ARG DIGEST=", "before the first FROM, so that both stages are of the same image"
    assert not [line for line in LINES if line.startswith("ADD ") or re.search(r"\b(curl|wget|git)\b|https?://", line)]
    installs = [step for line in LINES for step in line.split("&&") if re.search(r"\bpip\b.* install ", step)]
    assert installs
    assert all("--require-hashes" in step or step.rstrip().endswith("--no-deps .") for step in installs)


def test_the_image_does_not_run_as_root() -> None:
    last = max(index for index, line in enumerate(LINES) if line.startswith("FROM "))
    user = [line.split()[1] for line in LINES[last:] if line.startswith("USER ")]
    assert user
    assert all(int(one.partition(":")[0]) > 0 for one in user)


async def test_the_images_health_check_asks_the_daemon_itself(tmp_path: Path) -> None:
    line = next(line for line in LINES if line.startswith("HEALTHCHECK "))
    program, *arguments = json.loads(line[line.index("CMD ") + 4 :])
    assert program == "python"
    (tmp_path / "data").mkdir()
    age: float | None = 1.0

    async def code() -> int:
        run = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=tmp_path, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}
        )
        return await run.wait()

    assert await code() != 0  # no daemon
    socket = tmp_path / "data" / "control.sock"
    async with Control(socket, Daemon(), tick_age=lambda: age, problems=tuple):
        assert await code() == 0
        age = 3600.0
        assert await code() != 0  # it hangs


def test_the_composed_daemon_is_alone_unprivileged_and_keeps_its_state() -> None:
    compose: Any = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    alone = [name for name, one in compose["services"].items() if "profiles" not in one]
    assert alone == ["mediawatch"], "the fleet starts where it is asked for"
    service = compose["services"]["mediawatch"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "ports" not in service
    assert "privileged" not in service
    for volume in service["volumes"]:
        source, where, *_ = volume.split(":")
        assert where.startswith("/data")
        assert source in compose["volumes"] or (ROOT / source).is_file()


def test_the_composed_services_are_what_the_command_line_takes(tmp_path: Path) -> None:
    """Nobody starts Docker here: each command is asked for its options, and the settings it needs are checked by it."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    ours = {name: one for name, one in services.items() if one["image"].startswith("mediawatch")}
    assert ours.keys() == {"mediawatch", "web", "worker-a", "worker-b"}
    usual = json.loads(next(line for line in LINES if line.startswith("CMD ")).removeprefix("CMD "))
    commands = {name: one.get("command", usual) for name, one in ours.items()}
    assert commands == {
        "mediawatch": ["run"],
        "web": ["run", "--site", "web"],
        "worker-a": ["worker", "--site", "a"],
        "worker-b": ["worker", "--site", "b"],
    }
    for command in commands.values():
        assert CliRunner().invoke(cli, [*command, "--help"]).exit_code == 0
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "containers.md").read_text("utf-8"), re.S)
    settings = yaml.safe_load(shown)
    assert list(settings["sites"]) == [command[-1] for command in commands.values() if "--site" in command]
    assert services["web"]["ports"] == [f"127.0.0.1:8080:{settings['web']['listen'].rpartition(':')[2]}"]
    (password,) = services["web"]["environment"]
    assert f'"{settings["database"]}"' in (ROOT / "compose.yaml").read_text("utf-8")
    one = {"id": "one", "name": "某县发布", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "1000000001"}]}
    write(tmp_path, {"accounts": [one]}, shown)
    told = CliRunner().invoke(cli, ["check", *files(tmp_path)], env={password: "geheim"})
    assert told.exit_code == 0, told.stderr


def test_the_composed_services_are_asked_for_their_health_where_they_have_a_face() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    for name, one in services.items():
        worker_only = one.get("command", ["run"])[0] == "worker"
        assert (one.get("healthcheck") == {"disable": True}) == worker_only, name
    database = services["postgres"]
    user = database["environment"]["POSTGRES_USER"]
    assert database["healthcheck"]["test"] == ["CMD-SHELL", f"pg_isready -h 127.0.0.1 -U {user}"]
    for one in (services[name] for name in ("web", "worker-a", "worker-b")):
        assert one["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert (ROOT / "requirements-cluster.lock").is_file()


def test_each_image_of_ours_is_built_by_one_service_alone() -> None:
    """Several builds of one name at once fight over it; the others start from what the one has built."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].values()
    built = [one["image"] for one in services if "build" in one]
    assert sorted(built) == ["mediawatch", "mediawatch-fleet"]
    assert {one["image"] for one in services} == {*built, "postgres:17"}
    (fleet,) = (one["build"] for one in services if "build" in one and one["image"] == "mediawatch-fleet")
    assert fleet["args"] == {"LOCK": "requirements-cluster.lock"}


def _copied(line: str) -> list[str]:
    return [word for word in line.split()[1:-1] if not word.startswith("--")]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
