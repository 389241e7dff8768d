"""A frozen inspection held against what it rests on: whatever somebody changes in it afterwards is told."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mediawatch import frozen
from mediawatch.core.campaign import sealed
from mediawatch.store.blobs import Blobs
from mediawatch.store.inspections import Campaigns
from mediawatch.store.store import Store
from tests.office import Office, city
from tests.stories import HOUR, START

ASKED = "update campaign_member set result = replace(result, ?, ?) where account = 'a002'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store and the answers of an inspection of three accounts, of which one failed."""

    async def live(folder: Path) -> None:
        async with Office(folder, {"accounts": city(3, 2)}, grain=HOUR * 12) as story:
            story.kept.keep = Blobs(folder / "answers").keep  # type: ignore[method-assign]
            await story.inspects("q", "day 3", "day 18 18:00")
            story.does("inspect.freeze", id="q")

    folder = tmp_path_factory.mktemp("frozen")
    asyncio.run(live(folder))
    return folder


def changed_result(base: sqlite3.Connection) -> None:
    base.execute(ASKED, ('"verdict":"failed"', '"verdict":"passed"'))


def changed_result_with_a_new_digest(base: sqlite3.Connection, store: Callable[[], Store]) -> None:
    changed_result(base)
    base.commit()
    with closing(store()) as opened, opened.reading() as connection:
        campaigns = Campaigns(connection)
        one = campaigns.one("q")
        members = [member for member, _ in campaigns.members("q")]
        digest = sealed(one.plan, one.draw, members, campaigns.results("q"), campaigns.statements("q"))
    base.execute("update campaign set digest = ?", (digest,))


def another_seed(base: sqlite3.Connection) -> None:
    ((draw,),) = base.execute("select draw from campaign")
    told = json.loads(draw) | {"seed": "another", "drawn": json.loads(draw)["drawn"][1:]}
    base.execute("update campaign set draw = ?", (json.dumps(told, ensure_ascii=False),))


def another_post(base: sqlite3.Connection) -> None:
    base.execute("delete from post where account = 'a002'")


def another_look(base: sqlite3.Connection) -> None:
    base.execute("delete from observation where id = (select max(id) from observation where target like 'a002/%')")


def no_answers(base: sqlite3.Connection, answers: Path) -> None:
    for file in [one for one in answers.rglob("*") if one.is_file()]:
        file.unlink()


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda *_: None, None),
        (lambda base, *_: changed_result(base), "what is stored is not what was frozen: the digest differs"),
        (
            lambda base, answers, store: changed_result_with_a_new_digest(base, store),
            "the digest is not the one that was written down when it was frozen",
        ),
        (lambda base, *_: another_seed(base), "draw: a00"),
        (lambda base, *_: another_post(base), "a002: the record, judged again at T, does not say what was frozen"),
        (lambda base, *_: another_look(base), "is not in the record"),
        (lambda base, answers, _: no_answers(base, answers), "is missing or changed"),
    ],
    ids=["nothing", "result", "digest", "draw", "post", "look", "answers"],
)
def test_what_somebody_changes_afterwards_is_told(
    folder: Path, tmp_path: Path, tamper: Callable[..., None], says: str | None
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    database, answers = tmp_path / "copy" / "story.db", tmp_path / "copy" / "answers"

    def opened() -> Store:
        return Store.open(f"sqlite:///{database}", now=START, read_only=True)

    with closing(sqlite3.connect(database)) as base:
        tamper(base, answers, opened)
        base.commit()
    with closing(opened()) as store:
        problems = frozen.verify(store, "q", Blobs(answers).recall).problems
    assert bool(problems) is (says is not None), problems
    assert says is None or any(says in one for one in problems), problems
