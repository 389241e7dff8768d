"""The ninety-nine hostile names through everything that leaves the house: nothing runs, breaks or pretends."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from rich.cells import cell_len

from mediawatch.adapters.answers import plain, web_address
from mediawatch.commands.options import log_to
from mediawatch.commands.printing import table
from mediawatch.core.outgoing import Letter, Post
from mediawatch.core.text import clean
from mediawatch.receivers import RECEIVERS
from mediawatch.reports import warc
from mediawatch.reports.formats import FORMATS, rendered
from mediawatch.reports.paper import Annex, Paper, Table
from mediawatch.sheets import csv_bytes, xlsx_bytes
from mediawatch.tui.exporting import FORMATS as EXPORTS
from mediawatch.tui.exporting import Sheet
from tests.hostile_names import CLASSES, NAMES, acts
from tests.messages import AT, DIGEST, MESSAGES, SETTINGS, SILENT, message
from tests.papers import Page, issue

SHEET = Sheet(
    "名单", ("账号", "天"), ("name", "days"), tuple((name, 1) for name in NAMES), 99, datetime(2026, 3, 1, tzinfo=UTC)
)
RUN = re.compile(r"\s*[=+\-@＝＋－＠]")


def no_cell_runs(body: bytes, rows: int) -> list[list[str]]:
    """The cells of a CSV file, none of which a spreadsheet program would run."""
    cells = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(cells) == rows
    assert not [cell for row in cells for cell in row if RUN.match(cell) or acts(cell)]
    return cells


def no_part_runs(body: bytes) -> str:
    """The text of all parts of a workbook or a document, which are well formed, without formulas or ways out."""
    whole = ""
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        assert not [name for name in parts.namelist() if ".." in name or name.startswith("/")]
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(parts.read(name))  # noqa: S314 — our own file
                tags = {element.tag.rpartition("}")[2] for element in root.iter()}
                assert not tags & {"f", "hyperlink", "ddeLink", "oleObject"} - ({"f"} if "drawing" in name else set())
                assert not [element for element in root.iter() if element.get("TargetMode") == "External"]
                whole += "".join(root.itertext())
    assert not acts(whole, "\n")
    return whole


@pytest.mark.parametrize("form", EXPORTS)
def test_a_list_of_the_console_is_a_file_in_which_nothing_runs(form: str) -> None:
    body = EXPORTS[form](SHEET, "")
    if form == "csv":
        no_cell_runs(body, 100)
    elif form == "xlsx":
        assert "<script>alert(1)</script>" in no_part_runs(body)
    elif form == "json":
        told = json.loads(body)
        assert len(told["rows"]) == 99
    else:
        lines = body.decode().splitlines()
        assert len(lines) == 101
        assert not acts(body.decode(), "\n")
        for line in lines[2:]:
            bare = re.sub(r"\\.", "", line)
            assert bare.count("|") == 3, line
            assert not set(bare) & set("<>[]`*_~#")


def test_a_table_on_the_terminal_stays_straight_and_on_one_line_each() -> None:
    lines = table(("a", "b"), [(name, "|") for name in NAMES], most=(40, 0)).splitlines()
    assert len(lines) == 100
    assert {cell_len(line) for line in lines[1:]} == {43}
    assert not [line for line in lines if acts(line)]


def test_the_offices_sheets_hold_text_only() -> None:
    no_cell_runs(csv_bytes(("name",), [(clean(name, 2000),) for name in NAMES], mark=True), 100)
    no_part_runs(xlsx_bytes([("名单", ("name",), [(clean(name, 2000),) for name in NAMES])]))


@pytest.mark.parametrize("form", FORMATS)
def test_a_paper_says_every_name_and_does_nothing(form: Any) -> None:
    for some in (NAMES[:50], NAMES[50:]):
        block = Table(sheet=some[0], caption=some[1], head=("n", "name"), rows=tuple(enumerate(some)))
        made = Paper(
            language="zh_CN", title=some[2], mark=some[3], to=some[4], signed=some[5], day=issue().day,
            blocks=(block,), annexes=(Annex(title=some[6], blocks=(block,)),),
        )  # fmt: skip
        body = rendered(made, form)
        if form != "html":
            no_part_runs(body)
            continue
        page, text = Page(body), body.decode()
        assert not {"script", "img", "a", "iframe", "object", "base", "form"} & set(page.tags)
        assert not re.search(r"<[^>]*\son[a-z]+=", text)
        assert not acts(text, "\n")


@pytest.mark.parametrize("kind", RECEIVERS)
def test_a_message_is_whole_and_what_it_names_is_text(kind: str) -> None:
    fields = ("name", "says", "sponsor", "unit_name", "why", "acknowledged_by", "note")
    # What comes out of the store holds no lone surrogate: see `store/columns.py`.
    for name in dict.fromkeys(name.encode("utf-8", "replace").decode() for name in NAMES):
        digest = MESSAGES["digest"].model_copy(update={"digest": DIGEST.model_copy(update={"unit_name": name})})
        for told in (message(SILENT.model_copy(update=dict.fromkeys(fields, name)), summary=name), digest):
            for language in ("zh_CN", "en"):
                request = RECEIVERS[kind].render(told, SETTINGS[kind], AT, language)
                if isinstance(request, Post):
                    assert json.loads(request.body)
                    assert all(value.isascii() and value.isprintable() for _, value in request.headers)
                elif isinstance(request, Letter):
                    assert not acts(request.subject + request.message_id + request.date)
                    assert not acts(request.text, "\n")
                    assert "<script" not in request.html
                else:
                    assert not acts(request.title)
                    assert not acts(request.text, "\n")


def test_a_log_line_stays_one_line(tmp_path: Path) -> None:
    log_to(tmp_path / "log")
    logger = logging.getLogger("mediawatch")
    before = logger.handlers[:]
    try:
        for name in NAMES:
            logger.info("looked at %s", name)
    finally:
        for handler in before:
            handler.close()
        logger.handlers[:] = []
    lines = (tmp_path / "log").read_text(encoding="utf-8").split("\n")
    assert len(lines) == 100
    assert all("INFO    looked at" in line for line in lines[:-1])
    assert not [line for line in lines if acts(line)]


def test_no_name_makes_a_header_of_a_record_or_an_address_that_leads_inside() -> None:
    for name in NAMES:
        assert not set(warc.header(name)) & set("\r\n\x00")
        address = web_address(name)
        assert address == "" or address.startswith(("http://", "https://"))
        assert not acts(plain(name))
    assert web_address("https://a.example/\r\nX: 1") == "https://a.example/ X: 1", "and yarl quotes what is left"


def test_no_name_breaks_the_series_of_the_metrics() -> None:
    registry = CollectorRegistry()
    gauge = Gauge("mediawatch_x", "x", ["session"], registry=registry)
    for name in NAMES:
        gauge.labels(clean(name)).set(1)
    (family,) = text_string_to_metric_families(generate_latest(registry).decode())
    assert {sample.labels["session"] for sample in family.samples} == {clean(name) for name in NAMES}


@pytest.mark.parametrize("names", CLASSES.values(), ids=CLASSES)
def test_what_is_cleaned_once_is_harmless_and_words_stay(names: tuple[str, ...]) -> None:
    for name in names:
        once = clean(name, 200)
        assert not acts(once)
        assert len(once) <= 200
        once.encode()
        assert clean(once, 200) == once
