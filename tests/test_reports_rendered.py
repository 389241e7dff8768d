"""Documents as an office sees them: LibreOffice opens them, pages become pictures, long tables repeat their head."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mediawatch.core.bodies import Wanted
from mediawatch.documents import FORMS, written
from mediawatch.reports import circular as document
from mediawatch.reports.formats import rendered
from mediawatch.store.query import Query
from tests.papers import BOOK, FAIL, NOW, POLICY, campaign, many, member, opened, told
from tests.test_papers_whole import SUBJECTS, cases_of, two_quarters

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PICTURES, WORDS = shutil.which("pdftoppm"), shutil.which("pdftotext")
pytestmark = [
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: nothing can be opened with it"),
    pytest.mark.skipif(None in (PICTURES, WORDS), reason="poppler-utils is not installed: no pictures of pages"),
]
NUMBER = re.compile(r"—\s*\d+\s*—")


LONG = "long.docx"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of each page of every document, by the file's name: LibreOffice starts once for all."""
    folder = tmp_path_factory.mktemp("documents")
    return pages(folder, [long_list(folder), *every_document(folder)])


def long_list(folder: Path) -> Path:
    """A circular whose list of failures goes over pages."""
    (folder / "long").mkdir()
    store = opened(folder / "long")
    name = "某某县人民政府网络安全和信息化委员会办公室"
    campaign(store, "2020-q4", [*many(30, 22, "m", name=name), member("a1", FAIL, "A3L", kind="app")])
    paper = document.paper(told(store, "2020-q4", issuer="某市人民政府办公室"))
    store.close()
    file = folder / LONG
    file.write_bytes(rendered(paper, "docx"))
    return file


def every_document(folder: Path) -> list[Path]:
    """Each document in each of its forms."""
    store = two_quarters(folder)
    cases_of(store)
    query, files = Query(store, {BOOK.id: BOOK}, "zh_CN"), []
    for kind, forms in FORMS.items():
        for form in forms:
            wanted = Wanted(kind, SUBJECTS[kind], "zh_CN", form)
            (made,) = written(store, query, POLICY, lambda digest: None, wanted, NOW)
            files.append(folder / f"{form}-{made.name}")
            files[-1].write_bytes(made.body)
    store.close()
    return files


def pages(folder: Path, files: list[Path]) -> dict[str, list[str]]:
    """The text of each page by the file's name; each page was made a picture, too."""
    told: dict[str, list[str]] = {}
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    asked = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *files]
    subprocess.run([str(one) for one in asked], check=True, capture_output=True, timeout=200)
    for file in files:
        pdf = folder / f"{file.stem}.pdf"
        assert pdf.read_bytes().startswith(b"%PDF")
        subprocess.run([str(PICTURES), "-r", "30", "-png", pdf, folder / file.stem], check=True, timeout=60)
        text = subprocess.run([str(WORDS), "-layout", pdf, "-"], capture_output=True, check=True, timeout=60).stdout
        told[file.name] = text.decode().split("\f")[:-1]  # the last one ends with a form feed, too
        assert len(list(folder.glob(f"{file.stem}-*.png"))) == len(told[file.name])
    return told


@pytest.mark.timeout(240)
def test_every_page_of_a_long_list_has_its_head_row(shown: dict[str, list[str]]) -> None:
    long = shown[LONG]
    assert "草稿，未经审签，不得公开" in long[0].splitlines()[0]
    heads = [page for page in long if "整改" in page and "期限" in page and "备案" in page]
    assert len(heads) >= 2, "the list of failures goes over pages, each with the head row"
    numbers = [next(line for line in page.splitlines() if NUMBER.search(line)) for page in long]
    places = [line.index("—") for line in numbers]
    assert places[0] > 20 > places[1], "odd pages have their number on the right, even ones on the left"


@pytest.mark.timeout(240)
def test_every_document_opens_and_no_page_of_it_is_empty(shown: dict[str, list[str]]) -> None:
    assert len(shown) == 1 + sum(map(len, FORMS.values()))
    for name, made in shown.items():
        if name.endswith(".html") and not made[-1].strip():
            made = made[:-1]  # LibreOffice's own paragraph behind a table that fills its page; a browser prints none
        for number, page in enumerate(made, start=1):
            said = NUMBER.sub("", page).replace("草稿，未经审签，不得公开", "").replace("草稿，未经审签", "")
            assert len(said.split()) > 3, f"page {number} of {name} is empty"
            if "notice" in name and "制发机关" in said:
                assert "。" in said.partition("制发机关")[0], "who signs stands on a page with some of what is signed"
