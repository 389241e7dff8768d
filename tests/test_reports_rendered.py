"""Documents as an office sees them: LibreOffice opens them, pages become pictures, long tables repeat their head."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mediawatch.reports import circular as document
from mediawatch.reports.formats import rendered
from tests.papers import FAIL, campaign, many, member, opened, told

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PICTURES, WORDS = shutil.which("pdftoppm"), shutil.which("pdftotext")
pytestmark = [
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: nothing can be opened with it"),
    pytest.mark.skipif(None in (PICTURES, WORDS), reason="poppler-utils is not installed: no pictures of pages"),
]


@pytest.mark.timeout(240)
def test_libreoffice_opens_a_circular_and_every_page_of_a_long_list_has_its_head_row(tmp_path: Path) -> None:
    store = opened(tmp_path)
    name = "某某县人民政府网络安全和信息化委员会办公室"
    campaign(store, "2020-q4", [*many(30, 22, "m", name=name), member("a1", FAIL, "A3L", kind="app")])
    paper = document.paper(told(store, "2020-q4", issuer="某市人民政府办公室"))
    store.close()
    files = []
    for form in ("docx", "xlsx"):
        files.append(tmp_path / f"{form}-circular.{form}")
        files[-1].write_bytes(rendered(paper, form))  # type: ignore[arg-type]
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    asked = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, *files]
    subprocess.run([str(one) for one in asked], check=True, capture_output=True, timeout=200)
    for form in ("docx", "xlsx"):
        pdf = tmp_path / f"{form}-circular.pdf"
        assert pdf.read_bytes().startswith(b"%PDF")
        subprocess.run([str(PICTURES), "-r", "30", "-png", pdf, tmp_path / form], check=True, timeout=60)
        pictures = sorted(tmp_path.glob(f"{form}-*.png"))
        assert len(pictures) > 3
        assert min(one.stat().st_size for one in pictures) > 600, "no page is blank"
    text = subprocess.run([str(WORDS), "-layout", tmp_path / "docx-circular.pdf", "-"], capture_output=True, timeout=60)
    pages = text.stdout.decode().split("\f")
    assert "草稿，未经审签，不得公开" in pages[0].splitlines()[0]
    heads = [page for page in pages if "整改" in page and "期限" in page and "备案" in page]
    assert len(heads) >= 3, "the list of failures goes over pages, each with the head row"
    assert re.search(r"—\s*2\s*—", pages[1]), "pages are numbered"
