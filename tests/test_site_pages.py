"""What must hold of every page of a site: order, markup and cuts make no page older; and visits over real wires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.adapters import columns, website
from mediawatch.adapters.site_dates import date_alone, date_at_end, date_in_address, date_in_text
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Page, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.http import Http
from tests.wire_server import NOW, Everywhere, door, raw, serving

AT = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
URL = "https://www.yunxi.example/"
SITE = website.Address(url=URL)
LISTS = columns.Address(url=URL, columns=(columns.List(name="动态", url="/dt/"),))
ages = st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True)
FORMS = ("{:%Y-%m-%d}", "{:%Y年%m月%d日}", "[{:%Y/%m/%d}]", "{:%Y.%m.%d} 08:00", "（{:%Y-%m-%d}）")


def page(days: list[int], form: str = FORMS[0], noise: str = "") -> bytes:
    rows = "".join(
        f'<li class="{noise}"><a href="/{age}.html">县领导调研第{age}号重点项目</a>{noise and "<svg></svg>"}'
        f"<span>{form.format(AT - timedelta(days=age))}</span></li>"
        for age in days
    )
    return f"<html><head><title>云溪</title></head><body><ul>{rows}</ul></body></html>".encode()


def read(body: bytes) -> Page:
    return website.parse(SITE, (Exchange(url=URL, at=AT, status=200, body=body),))


@given(ages, st.sampled_from(FORMS), st.sampled_from(["", "x", "news-list"]), st.randoms())
def test_the_newest_date_does_not_depend_on_order_form_or_markup(days: list[int], form: str, noise: str, draw) -> None:  # type: ignore[no-untyped-def]
    draw.shuffle(days)
    seen = read(page(days, form, noise))
    assert seen.newest_at is not None
    assert seen.newest_at.date() == (AT - timedelta(days=min(days))).date()
    assert seen.dates == len(days)


@given(ages, st.floats(0, 1, exclude_max=True))
def test_a_page_cut_anywhere_is_no_older_page_and_no_empty_column(days: list[int], where: float) -> None:
    whole = page(days)
    cut = whole[: int(len(whole) * where)]
    seen = seen_or_why(lambda: read(cut))
    if isinstance(seen, Page):
        assert seen.dates == 0 or seen.newest_at == read(whole).newest_at
    listed = seen_or_why(lambda: columns.parse(LISTS, (Exchange(url=f"{URL}dt/", at=AT, status=200, body=cut),)))
    if isinstance(listed, Page):
        assert listed.columns[0].items == len(days)
    assert {one for one in (seen, listed) if isinstance(one, Reason)} <= {Reason.UNREADABLE}


@given(st.binary(max_size=300) | st.text("<a href=>/li'\"!-[]&;2026年月日 ", max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    assert seen_or_why(lambda: read(b"<html>" + body + b"</html>")) is not Reason.GONE


def seen_or_why(reading: Callable[[], Page]) -> Page | Reason:
    try:
        return reading()
    except Failed as failed:
        return failed.failure.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01"),
        ("[2026/3/1]", "2026-03-01"),
        ("2026年3月1日 16:30", "2026-03-01 16:30"),
        ("03-01", "2026-03-01"),
        ("(12-28)", "2025-12-28"),
        ("3月1日", "2026-03-01"),
        ("2026-03-03", None),  # tomorrow
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("02-29", None),
        ("0571-85123456", None),
        ("10-12号楼", None),
        ("2026", None),
    ],
)
def test_a_date_that_stands_alone(text: str, expected: str | None) -> None:
    wanted = datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI) if expected else None
    assert date_alone(text, AT) == wanted


@pytest.mark.parametrize(
    ("shown", "address", "newest"),
    [
        # a page that has stood still since 2024: its days come round every year
        ("<span>02-26</span>", "/zw/202402/t20240226_1.html", "2024-02-26"),
        ("<span>[02-26]</span>", "/art/2024/2/26/art_1.html", "2024-02-26"),
        ("<b>2月26日</b>", "/zw/t20240226_1.html", "2024-02-26"),
        # what is published anew on another day says so, and a whole date needs nobody beside it
        ("<span>02-26</span>", "/zw/t20240225_1.html", "2026-02-26"),
        ("<span>2026-02-26</span>", "/zw/t20240226_1.html", "2026-02-26"),
        ("<span>02-26</span>", "/zw/1.html", "2026-02-26"),
    ],
)
def test_a_day_without_a_year_is_of_the_year_that_its_address_names(shown: str, address: str, newest: str) -> None:
    row = f'<li><a href="{address}">县领导调研重点项目建设情况</a>{shown}</li>'
    before = f'<li>{shown}<a href="{address}">县领导调研重点项目建设情况</a></li>'
    for rows in (row, before, row * 3):
        found = read(f"<html><body><ul>{rows}</ul></body></html>".encode()).newest_at
        assert found is not None
        assert found.date().isoformat() == newest


def test_dates_in_texts_and_addresses() -> None:
    day = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    assert date_in_text("发布时间：2026-03-01 来源：县政府办", AT) == day
    assert date_in_text("01 2026-03", AT) == date_in_text("2026-03 01", AT) == day
    for words in (
        "今天是2026年3月1日",
        "截止日期2026-03-01",
        "版权所有 2026-03-01",
        "2026-03-01 星期日",
        "192.2026.3.1",
    ):
        assert date_in_text(words, AT) is None, words
    assert date_at_end("关于开展年检的通知 [2026-03-01]", AT) == day
    assert date_at_end("2026年3月1日新闻发布会实录", AT) is None
    for path in (
        "/202603/t20260301_12.html",
        "/art/2026/3/1/art_1_2.html",
        "/20260301/a.html",
        "/2026-03/01/content.htm",
    ):
        assert date_in_address(URL + path[1:], AT) == day, path
    assert date_in_address(f"{URL}202603/content_123.html", AT) is None


# --- visits over a real wire ------------------------------------------------------------


async def visited(http: Http, url: str, control: str = "http://there.example/") -> Page:
    async with http.open(f"site:{url.split('/')[2]}", NOW) as wire:
        address = website.Address(url=url, control=control)
        return website.parse(address, await website.fetch(address, wire))


async def test_a_visit_over_a_real_connection_opens_and_its_time_is_measured() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(0.03)
        return web.Response(text=page([1]).decode(), content_type="text/html")

    async with serving(handler) as port, door() as http:
        seen = await visited(http, f"http://h.example:{port}/")
    assert (seen.opened, seen.status, seen.problem) == (True, 200, "")
    assert 0.03 <= seen.elapsed < 5


async def test_a_site_that_refuses_resets_or_speaks_no_tls_did_not_open() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    async with serving(handler) as there, door() as http:
        control = f"http://there.example:{there}/"
        async with serving(handler) as port, raw(b"", reset=True) as broken:
            assert (await visited(http, f"https://h.example:{port}/", control)).problem in ("tls", "no_connection")
            assert (await visited(http, f"http://h.example:{broken}/", control)).problem == "no_connection"
        assert (await visited(http, f"http://h.example:{port}/", control)).problem == "no_connection"


async def test_where_nothing_answers_it_is_our_own_network() -> None:
    async with raw(b"", reset=True) as broken, door() as http:
        with pytest.raises(Failed) as raised:
            await visited(http, f"http://h.example:{broken}/", f"http://there.example:{broken}/")
    assert raised.value.failure.reason is Reason.OWN_NETWORK


async def test_a_site_that_says_nothing_did_not_open_in_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visit has fifteen seconds whatever the settings allow other questions; here they are shorter."""
    never = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        await (never.wait() if request.path == "/never" else asyncio.sleep(0.0 if request.path == "/there" else 0.2))
        return web.Response(text=page([1]).decode(), content_type="text/html")

    async with serving(handler) as port, door(timeout=timedelta(seconds=0.05)) as http:
        assert (await visited(http, f"http://h.example:{port}/")).opened
        monkeypatch.setattr(website, "LIMIT", 0.1)
        late = await visited(http, f"http://h.example:{port}/never", f"http://there.example:{port}/there")
    assert (late.opened, late.problem, late.elapsed) == (False, "timeout", 0.1)


async def test_our_own_network_and_our_own_refusal_are_no_visits() -> None:
    async with door(resolver=Everywhere(lost_example="")) as http:
        with pytest.raises(Failed) as raised:
            await visited(http, "http://lost.example/")
        assert raised.value.failure.reason is Reason.OWN_NETWORK
    async with door(allow_private=()) as http:
        with pytest.raises(Failed) as raised:
            await visited(http, "http://127.0.0.1:9/")
        assert raised.value.failure.reason is Reason.NOT_ALLOWED
