"""Every document whole, in every format, read back from its bytes and held against what it is to say.

The texts are in `tests/fixtures/papers/`. With MEDIAWATCH_WRITE_GOLDEN=1 they are written: read them before they are
committed.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediawatch.core.bodies import Wanted
from mediawatch.core.rulebook import Language
from mediawatch.documents import FORMS, written
from mediawatch.office import act
from mediawatch.packing import packs
from mediawatch.reports import evidence_pack
from mediawatch.store.blobs import Blobs
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.office import Office, city
from tests.papers import BOOK, NOW, POLICY, issue, read_back, two_quarters
from tests.stories import HOUR

GOLDEN = Path(__file__).parent / "fixtures" / "papers"
SUBJECTS = {
    "circular": "2020-q4",
    "annex": "2020-q4",
    "notice": "2020-00001",
    "supervision-year": "2020",
    "work-year": "2020",
}
PAPERS = [(kind, form, "zh_CN") for kind, forms in FORMS.items() for form in forms]
PAPERS += [(kind, forms[0], "en") for kind, forms in FORMS.items()]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two quarters, and the cases of the second."""
    store = two_quarters(tmp_path_factory.mktemp("whole"))
    cases_of(store)
    yield store
    store.close()


def cases_of(store: Store) -> None:
    """The cases of the second quarter, with the terms of two."""
    for name, said in (
        ("case.open", '{"campaign": "2020-q4"}'),
        ("case.notify", '{"id": "2020-00001", "days": 10, "note": "整改通知〔2020〕1号"}'),
        ("case.notify", '{"id": "2020-00002", "days": 10}'),
    ):
        act(store, POLICY, name, said.encode(), "王芳", NOW)


def of_record(store: Store, kind: str, form: str, language: Language) -> str:
    """A document as it is written of the record, read back."""
    wanted = Wanted(kind, SUBJECTS[kind], language, form, issuer="某市人民政府办公室", to="各县（区）人民政府")
    (document,) = written(store, Query(store, {BOOK.id: BOOK}, language), POLICY, lambda digest: None, wanted, NOW)
    return read_back(form, document.body)


def held(name: str, text: str) -> None:
    """Fails where the text is not the one that is kept under that name; of a hash only that it is there."""
    text = re.sub(r"(?<![0-9a-z])(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?![0-9a-z])", "…", text)
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("MEDIAWATCH_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "form", "language"), PAPERS)
def test_a_document_says_what_it_is_to_say(
    store: Store, kind: str, form: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # charts as their numbers, whatever the machine has
    text = of_record(store, kind, form, language)
    held(f"{kind}.{form}.{language}", text)
    assert "13812345678" not in text, "numbers of people are masked"
    assert not re.search("下载量|安装量|登录数|排名|排行|活跃用户|downloads|ranking|active users", text), "no ranking"


def test_the_page_of_an_evidence_pack_says_what_it_is_to_say(tmp_path: Path) -> None:
    async def live() -> bytes:
        accounts = city(2, 2)
        accounts[1]["name"] = "某市交警 13812345678"
        async with Office(tmp_path, {"accounts": accounts}, grain=HOUR * 12) as story:
            blobs = Blobs(tmp_path / "answers")
            story.kept.keep = blobs.keep  # type: ignore[method-assign]
            await story.until("day 17 18:00")
            (found,) = packs(story.store, story.policy, blobs.recall, "a002", issue(), story.now)
        return evidence_pack.render(found)

    pack = zipfile.ZipFile(io.BytesIO(asyncio.run(live())))
    text = read_back("html", pack.read("index.html"))
    held("evidence.html.zh_CN", text)
    assert "13812345678" not in text


def test_every_golden_text_belongs_to_a_document() -> None:
    kept = {file.stem for file in GOLDEN.glob("*.txt")}
    assert kept == {f"{kind}.{form}.{language}" for kind, form, language in PAPERS} | {"evidence.html.zh_CN"}
