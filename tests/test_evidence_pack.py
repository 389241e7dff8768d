"""An evidence pack holds what a finding rests on, and anybody can check it by the procedure of the documents."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from mediawatch.cli import cli
from mediawatch.core.model import Look
from mediawatch.core.report_views import Pack
from mediawatch.core.wire import Exchange, asked
from mediawatch.packing import packs
from mediawatch.reports import evidence_pack, warc
from mediawatch.store.blobs import Blobs
from tests.office import Office, city
from tests.papers import Page, issue
from tests.stories import HOUR
from tests.test_docs import ROOT, blocks

OWN_NAME = "某市交警 13812345678"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    return asyncio.run(_lived(folder))


async def _lived(folder: Path) -> Pack:
    accounts = city(3, 2)
    accounts[1]["name"] = OWN_NAME
    async with Office(folder, {"accounts": accounts}, grain=HOUR * 8) as story:
        blobs = Blobs(folder / "answers")
        story.kept.keep = blobs.keep  # type: ignore[method-assign]
        await story.inspects("2026-q1", "day 3", "day 18 18:00")
        story.does("inspect.freeze", id="2026-q1")
        (found,) = packs(story.store, story.policy, blobs.recall, "a002", issue(), story.now)
        assert packs(story.store, story.policy, blobs.recall, "a001", issue(), story.now) == ()
        (frozen,) = packs(story.store, story.policy, blobs.recall, "a002", issue(), story.now, campaign="2026-q1")
        assert frozen.finding.judged_at == story.at("day 18 18:00")
        with pytest.raises(ValueError, match="is not asked X1; what is: U1"):
            packs(story.store, story.policy, blobs.recall, "a002", issue(), story.now, indicator="X1")
        with pytest.raises(KeyError):
            packs(story.store, story.policy, blobs.recall, "nobody", issue(), story.now)
        (passed,) = packs(story.store, story.policy, blobs.recall, "a001", issue(), story.now, indicator="U1")
        assert passed.finding.outcome.value == "pass"
    return found


def unpacked(pack: Pack, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(evidence_pack.render(pack))) as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path) -> tuple[int, str]:
    """What the documented script says of an unpacked pack, run without mediawatch."""
    script = folder.parent / "check.py"
    script.write_text(blocks("docs/evidence-pack.md", "example")["verify"], encoding="utf-8")
    ran = subprocess.run([sys.executable, "-I", script, folder], capture_output=True, text=True, timeout=30)
    return ran.returncode, ran.stdout + ran.stderr


def test_a_pack_is_checked_without_mediawatch(pack: Pack, tmp_path: Path) -> None:
    folder = unpacked(pack, tmp_path / "pack")
    assert checked(folder) == (0, "whole and unchanged\n")
    tool = shutil.which("sha256sum")
    assert tool is not None
    assert subprocess.run([tool, "--quiet", "-c", "SHA256SUMS"], cwd=folder, timeout=30).returncode == 0


def _changed_answer(folder: Path) -> None:
    name = next((folder / "answers").iterdir())
    name.write_bytes(name.read_bytes() + b" ")


def _changed_look(folder: Path) -> None:
    chain = folder / "chain.jsonl"
    lines = chain.read_text(encoding="utf-8").splitlines(keepends=True)
    chain.write_text("".join([lines[0].replace('"posts":', '"posts":1', 1), *lines[1:]]), encoding="utf-8")


def _lost_look(folder: Path) -> None:
    chain = folder / "chain.jsonl"
    chain.write_text("".join(chain.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")


def _cut_chain(folder: Path) -> None:
    chain = folder / "chain.jsonl"
    chain.write_text("".join(chain.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


def _changed_rule(folder: Path) -> None:
    book = folder / "rulebook.json"
    book.write_text(book.read_text(encoding="utf-8").replace('"stale"', '"gone"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_changed_answer, "answer"),
        (_changed_look, "look 1"),
        (_lost_look, "look 1"),
        (_cut_chain, "ends before its head"),
        (_changed_rule, "edition"),
    ],
)
def test_what_was_changed_afterwards_shows_even_with_new_sums(
    pack: Pack, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    folder = unpacked(pack, tmp_path / "pack")
    spoil(folder)
    code, told = checked(folder)
    assert (code, "SHA256SUMS" in told) == (1, True)
    names = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = "".join(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder)}\n" for one in names)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    code, told = checked(folder)
    assert (code, says in told, "SHA256SUMS" in told) == (1, True, False), told


def test_the_page_in_front_can_be_read_and_names_nobody_whole(pack: Pack, tmp_path: Path) -> None:
    folder = unpacked(pack, tmp_path / "pack")
    page = Page((folder / "index.html").read_bytes())
    assert "13812345678" not in page.text
    assert "某市交警 138******78" in page.text
    assert pack.rulebook.edition in page.text
    assert "（不作为条文引用）监测时间点前2周内无更新" in page.text, "its wording is not a checked one"
    assert "sha256sum -c SHA256SUMS" in page.text
    assert len(page.links) == len([one for one in pack.evidence.posts if one.url.startswith("http")])
    told = json.loads((folder / "finding.json").read_text(encoding="utf-8"))
    assert told["finding"]["outcome"] == "fail"
    assert told["missing_answers"] == []
    assert {path.name for path in (folder / "answers").iterdir()} == set(pack.answers)
    assert len(json.loads((folder / "looks.json").read_text(encoding="utf-8"))) == len(pack.evidence.looks)


def test_the_book_in_a_pack_is_one_edition_whatever_came_before_it(pack: Pack, tmp_path: Path) -> None:
    book = pack.rulebook.model_copy(update={"earlier": pack.rulebook})
    assert checked(unpacked(pack.model_copy(update={"rulebook": book}), tmp_path / "pack")) == (
        0,
        "whole and unchanged\n",
    )


def test_answers_that_are_no_longer_kept_are_named(pack: Pack) -> None:
    (first, *_) = pack.answers
    left = {digest: body for digest, body in pack.answers.items() if digest != first}
    poorer = pack.model_copy(update={"answers": left, "missing": (first,)})
    with zipfile.ZipFile(io.BytesIO(evidence_pack.render(poorer))) as archive:
        assert json.loads(archive.read("finding.json"))["missing_answers"] == [first]
        assert "有1份原始数据已不在库中" in Page(archive.read("index.html")).text
        assert f"answers/{first}" not in archive.namelist()


def test_the_warc_says_what_was_asked_and_how_it_was_answered(pack: Pack) -> None:
    answers: dict[str, bytes] = {}
    questions, again = [], []
    for record in ArchiveIterator(io.BytesIO(warc.render(pack)), check_digests="raise"):
        uri = record.rec_headers.get_header("WARC-Target-URI")
        if record.rec_type == "response":
            assert (record.http_headers.protocol, record.http_headers.statusline) == ("HTTP/1.1", "200 OK")
            assert record.http_headers.get_header("Content-Type").startswith("application/json")
            body = record.content_stream().read()
            digest = hashlib.sha256(body).hexdigest()
            assert record.rec_headers.get_header("WARC-Payload-Digest") == f"sha256:{digest}"
            answers[digest] = body
        elif record.rec_type == "request":
            questions.append((uri, record.http_headers.protocol, record.http_headers.statusline))
        elif record.rec_type == "revisit":
            again.append(record.rec_headers.get_header("WARC-Payload-Digest").removeprefix("sha256:"))
    assert answers == dict(pack.answers)
    assert set(again) <= answers.keys()
    assert len(questions) == sum(len(one.digests) for one in pack.evidence.looks)
    assert all(
        method == "GET" and f"{uri.partition('://')[2]}".endswith(line.split()[0]) for uri, method, line in questions
    )
    assert all("/api/container/getIndex?" in uri and "value=9900000002" in uri for uri, _, _ in questions)


def test_a_look_from_before_questions_were_kept_has_its_answers_as_resources(pack: Pack) -> None:
    older = pack.model_copy(update={"chain": tuple(one.model_copy(update={"asked": ""}) for one in pack.chain)})
    kinds = [one.rec_type for one in ArchiveIterator(io.BytesIO(warc.render(older)), check_digests="raise")]
    assert (kinds.count("resource"), kinds.count("response"), kinds.count("request")) == (len(pack.answers), 0, 0)


@pytest.mark.parametrize(
    ("url", "base", "shown"),
    [
        ("https://m.weibo.cn/api/x?uid=1&page=2", "https://m.weibo.cn", "https://m.weibo.cn/api/x?uid=1&page=2"),
        ("https://rss.example.cn/weibo/1?key=s3cret#x", "", "https://rss.example.cn/weibo/1?withheld"),
        (
            "https://m.weibo.cn.evil.example/x?token=s3cret",
            "https://m.weibo.cn",
            "https://m.weibo.cn.evil.example/x?withheld",
        ),
    ],
)
def test_of_a_question_nothing_is_kept_that_may_be_a_secret(url: str, base: str, shown: str) -> None:
    headers = (("Set-Cookie", "SUB=s3cret"), ("X-Token", "s3cret"), ("Content-Type", "text/html\r\nX: 1"))
    told = asked(Exchange(url=url, at=datetime(2026, 3, 1, tzinfo=UTC), status=200, headers=headers, body=b"1"), base)
    assert (told.url, told.headers) == (shown, (("content-type", "text/html X: 1"),))


def test_the_warc_holds_every_answer_once_and_no_name_forges_a_record(pack: Pack) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    forged = Look(
        target="a/weibo/1\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://forged.example/",
        adapter="weibo", platform="weibo", covers=frozenset(), at=at, digests=tuple(pack.answers),
    )  # fmt: skip
    hostile = pack.model_copy(
        update={"evidence": pack.evidence.model_copy(update={"looks": (forged, *pack.evidence.looks)})}
    )
    records = []
    for record in ArchiveIterator(io.BytesIO(warc.render(hostile)), check_digests="raise"):
        uri = record.rec_headers.get_header("WARC-Target-URI")
        records.append((record.rec_type, uri, record.content_stream().read()))
    kinds = [kind for kind, _, _ in records]
    assert kinds.count("response") == 0
    assert kinds.count("warcinfo") == 1
    assert kinds.count("metadata") == len(hostile.evidence.looks)
    kept = {uri: body for kind, uri, body in records if kind == "resource"}
    assert kept == {f"urn:sha256:{digest}": body for digest, body in pack.answers.items()}
    assert kinds.count("resource") == len(pack.answers)
    assert not [uri for _, uri, _ in records if uri and re.search(r"\s", uri)]


def test_screenshots_stand_apart_and_on_the_page(pack: Pack) -> None:
    shot = evidence_pack.PNG + b"a picture"
    digest = hashlib.sha256(shot).hexdigest()
    shown = pack.model_copy(update={"answers": {**pack.answers, digest: shot}})
    with zipfile.ZipFile(io.BytesIO(evidence_pack.render(shown))) as archive:
        assert archive.read(f"screenshots/{digest}.png") == shot
        assert "img" in Page(archive.read("index.html")).tags


def test_an_office_packs_the_evidence_on_the_command_line(
    pack: Pack, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)

    def packed(*words: str) -> tuple[int, str]:
        ran = CliRunner().invoke(cli, ["report", "evidence", *words, "--out", str(tmp_path)])
        return ran.exit_code, ran.output

    asked = ("a002", "--campaign", "2026-q1")
    assert packed(*asked, "--dry-run")[0] == 0
    assert list(tmp_path.iterdir()) == []
    assert packed(*asked)[0] == 0
    (made,) = tmp_path.iterdir()
    assert made.name == "a002-U1-20260320-evidence.zip"
    assert packed(*asked)[0] == 2, "nothing is written over"
    assert packed("a001", "--campaign", "2026-q1") == (1, "nothing was found against a001\n")
    assert packed("nobody") == (2, "there is no account nobody\n")
    words = [sys.executable, "-m", "mediawatch", "report", "evidence", "a001", "--campaign", "2026-q1"]
    ran = subprocess.run(words, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60)
    assert (ran.returncode, ran.stderr.decode()) == (1, "nothing was found against a001\n"), (
        "the code of a real process"
    )
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "pack")
    assert checked(tmp_path / "pack") == (0, "whole and unchanged\n")
