"""The fast reading of the usual feed: it gives what the patient one gives, or nothing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from mediawatch.adapters.feed import ADAPTER, Address
from mediawatch.adapters.feed_usual import MOST_DEPTH, MOST_ELEMENTS, read_usual
from mediawatch.core.model import Failure, Feed
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.replay import Replay
from tests.tables import at
from tests.test_adapters import FIXTURES, loaded

SAMPLES = os.environ.get("MEDIAWATCH_SAMPLES", "")
FEEDS = [path for path in sorted(Path(SAMPLES or "/nowhere").rglob("*")) if path.suffix in (".xml", ".rss", ".atom")]
URL = "https://bridge.example/feed"
ITEM = (
    "<item><title>路通了</title><link>https://a.example/1</link>"
    "<pubDate>Mon, 02 Mar 2026 10:00:00 +0800</pubDate>{}</item>"
)
ENTRY = (
    '<entry><id>tag:a,1</id><title>路通了</title><link href="https://a.example/1"/>'
    "<updated>2026-03-02T10:00:00Z</updated>{}</entry>"
)


def rss(*more: str, head: str = "") -> bytes:
    items = "".join(ITEM.format(one) for one in more or ("",))
    return f'{head}<rss version="2.0"><channel><title>某县发布</title>{items}</channel></rss>'.encode()


def atom(*more: str) -> bytes:
    entries = "".join(ENTRY.format(one) for one in more or ("",))
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>某县发布</title>{entries}</feed>'.encode()


def both(body: bytes, zone: str = "") -> tuple[object, Feed | Failure]:
    """What the fast reader gives, and what the patient one does."""
    address = Address(url=URL, zone=zone)
    exchanges = (Exchange(url=URL, at=at("2026-03-03"), status=200, headers=(), body=body, final_url=URL),)
    assert ADAPTER.quick is not None
    try:
        patient = ADAPTER.parse(address, exchanges)
    except Failed as failed:
        patient = failed.failure
    return ADAPTER.quick(address, exchanges), patient


@pytest.mark.skipif(not SAMPLES, reason="needs MEDIAWATCH_SAMPLES, a folder of recorded answers")
def test_nearly_every_recorded_feed_is_read_fast_and_reads_the_same() -> None:
    fast = 0
    for path in FEEDS:
        quick, patient = both(path.read_bytes())
        assert quick in (None, patient), path
        fast += quick is not None
    assert fast >= 0.9 * len(FEEDS), f"only {fast} of {len(FEEDS)}"


@pytest.mark.parametrize("path", sorted((FIXTURES / "feed").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_fixture_reads_the_same_or_is_left_to_the_patient_reader(path: Path) -> None:
    fixture = loaded(path)
    exchanges = Replay.load(path, ADAPTER.base_url).exchanges
    address = Address.model_validate(fixture["address"])
    assert ADAPTER.quick is not None
    try:
        patient: object = ADAPTER.parse(address, exchanges)
    except Failed as failed:
        patient = failed.failure
    try:
        quick: object = ADAPTER.quick(address, exchanges)
    except Failed as failed:
        quick = failed.failure
    assert quick in (None, patient)


@pytest.mark.parametrize(
    "body",
    [
        rss(),
        rss("<description>&lt;p&gt;正文&lt;/p&gt;</description>"),
        rss("<description><![CDATA[<p>转发 A &amp; B</p>]]></description>"),
        rss('<guid isPermaLink="false">第一条</guid>', "<guid>https://a.example/2</guid>"),
        rss("<author><name>张</name></author><category>通知</category>"),
        rss("<description>公文里的 xml:base 一词</description>"),
        rss('<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">全文</content:encoded>'),
        rss(
            '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">全文</content:encoded>'
            "<description>摘要</description>"
        ),
        rss('<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2026-03-01T00:00:00Z</dc:date>'),
        rss('<description/><source url="https://b.example">转自</source>'),
        rss(head='<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand -->\n'),
        atom(),
        atom("<published>2026-03-01T08:00:00.123+08:00</published>"),
        atom('<summary>摘要</summary><content type="html">&lt;b&gt;全文&lt;/b&gt;</content>'),
        atom('<content type="html">全文</content>', "<author><name>李</name><uri>https://a.example</uri></author>"),
    ],
)
def test_what_is_usual_is_read_fast_and_the_same(body: bytes) -> None:
    quick, patient = both(body)
    assert quick == patient
    assert isinstance(quick, Feed)


@pytest.mark.parametrize(
    "body",
    [
        rss(head='<!DOCTYPE rss [<!ENTITY a "b">]>'),
        rss(head='<?xml version="1.0" encoding="GBK"?>'),
        rss("<title>another</title>"),
        rss('<media:title xmlns:media="http://search.yahoo.com/mrss/">another</media:title>'),
        rss("<description>an <b>open</b> tag</description>"),
        rss("<link>https://a.example/2</link>"),
        rss("<guid>not an address</guid>"),
        rss("<description>caf\u00e9</description>"),  # might be a wrong encoding, which feedparser repairs
        rss("<description>\u516c\x96\u544a</description>"),  # so might letters of C1, however they are written
        rss("<description>\u516c&#150;\u544a</description>"),
        rss("<description>\u516c&#x0096;\u544a</description>"),
        rss().replace(b"+0800", b""),  # a date without a zone
        rss().replace(b"Mon, 02 Mar 2026", b"2026/03/02"),
        rss().replace(b'version="2.0"', b'version="0.91"'),
        rss().replace(b"https://a.example/1", b"javascript:alert(1)"),
        atom('<content type="xhtml"><div>x</div></content>'),
        atom('<content src="https://a.example/full"/>'),
        atom().replace(b"<entry>", b'<entry xml:base="https://b.example/">'),
        rss()[:-7],
        rss() + b"<p>",
        b"<html><body>captcha</body></html>",
        b"",
    ],
)
def test_whatever_is_unusual_is_left_to_the_patient_reader(body: bytes) -> None:
    assert read_usual(body) is None


def test_no_byte_at_which_a_feed_is_cut_gives_a_shorter_feed() -> None:
    body = rss("", "<description>二</description>")
    assert all(read_usual(body[:end]) is None for end in range(len(body)))


def test_a_document_without_end_in_depth_or_number_is_left_alone() -> None:
    deep = "<a>" * (MOST_DEPTH + 1) + "</a>" * (MOST_DEPTH + 1)
    many = "<a/>" * (MOST_ELEMENTS + 1)
    wide = "<a " + " ".join(f'b{number}=""' for number in range(100)) + "/>"
    for hostile in (deep, many, wide):
        assert read_usual(rss(hostile)) is None


def essence_of(body: bytes) -> str:
    assert ADAPTER.essence is not None
    return ADAPTER.essence((Exchange(url=URL, at=at("2026-03-03"), status=200, body=body, final_url=URL),))


BUILT = "<title>某县发布</title>"


def test_a_feed_that_was_only_built_anew_has_the_same_essence_and_reads_the_same() -> None:
    for feed, when in ((rss("", "<description>二</description>"), "lastBuildDate"), (atom(""), "updated")):
        anew = [
            feed.replace(BUILT.encode(), f"{BUILT}<{when}>2026-03-0{day}T00:00:00Z</{when}><!-- {day} -->".encode(), 1)
            + f"<!-- in {day} ms -->".encode()
            for day in (1, 2)
        ]
        assert essence_of(anew[0]) == essence_of(anew[1]) != ""
        assert both(anew[0])[1] == both(anew[1])[1] == both(feed)[1]


def test_whatever_is_read_of_a_feed_is_in_its_essence() -> None:
    feed = rss("", "<description>二</description>")
    others = [
        feed.replace("某县发布".encode(), "另一个".encode(), 1),
        feed.replace("路通了".encode(), "路不通".encode(), 1),
        feed.replace(b"10:00:00", b"10:00:01", 1),
        feed.replace("二".encode(), "三".encode()),
        feed.replace(b"<channel>", b"<channel><generator>Mp-We-Rss</generator>"),
    ]
    assert len({essence_of(one) for one in (feed, *others)}) == 1 + len(others)


def test_of_a_document_of_another_shape_every_byte_is_in_its_essence() -> None:
    feed = rss()
    shapes = (b"", b"<html></html>", rss()[:-7], feed + b"<p>", feed.replace(b"</item>", b"</item><title>x</title>"))
    assert [essence_of(body) for body in shapes] == [hashlib.sha256(body).hexdigest() for body in shapes]


def test_no_xml_declaration_keeps_the_patient_reader_busy() -> None:
    """It looks for the encoding in the first line again and again: one took it minutes, the other two seconds."""
    endless = b'<?xml version="1.0" encoding="UTF-8"' + b'"1.0" encoding="UTF-8"?' * 10_000
    _, patient = both(endless)
    assert isinstance(patient, Failure)
    assert patient.detail == "the XML declaration does not end"
    declared, quotes = '<?xml version="1.0" encoding="UTF-8"?>', "encoding=" + "'" * 200_000
    _, patient = both(rss(f"<description>{quotes}</description>", head=declared))
    assert isinstance(patient, Feed)
    assert len(patient.posts) == 1
