"""Weibo's date forms: a table anybody can check by hand, and what must hold for every one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.adapters.weibo_dates import BEIJING, read_date

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=BEIJING)
NEW_YEAR = datetime(2027, 1, 1, 0, 10, tzinfo=BEIJING)

TABLE = [
    ("刚刚", NOON, "2026-03-02T12:00:00"),
    ("30秒前", NOON, "2026-03-02T11:59:30"),
    ("2分钟前", NOON, "2026-03-02T11:58:00"),
    ("2小时前", datetime(2018, 5, 7, 21, 30, tzinfo=BEIJING), "2018-05-07T19:30:00"),
    ("1小时前", NEW_YEAR, "2026-12-31T23:10:00"),
    ("3天前", NOON, "2026-02-27T12:00:00"),
    ("今天 08:05", NOON, "2026-03-02T08:05:00"),
    ("昨天 12:00", NEW_YEAR, "2026-12-31T12:00:00"),
    ("昨天23:59", NOON, "2026-03-01T23:59:00"),
    ("前天 06:07", NOON, "2026-02-28T06:07:00"),
    ("04-24", datetime(2020, 11, 3, tzinfo=BEIJING), "2020-04-24T00:00:00"),
    ("12-30", NEW_YEAR, "2026-12-30T00:00:00"),
    ("01-01", NEW_YEAR, "2027-01-01T00:00:00"),
    ("03-02", NOON, "2026-03-02T00:00:00"),
    ("03-03", NOON, "2025-03-03T00:00:00"),
    ("02-29", NOON, "2024-02-29T00:00:00"),
    ("2-9 08:00", NOON, "2026-02-09T08:00:00"),
    ("11月20日 08:30", NOON, "2025-11-20T08:30:00"),
    ("2019-12-31", NOON, "2019-12-31T00:00:00"),
    ("2019-12-31 23:59:58", NOON, "2019-12-31T23:59:58"),
    ("2019年1月2日 03:04", NOON, "2019-01-02T03:04:00"),
    ("Tue Aug 25 11:59:06 +0800 2026", NOON, "2026-08-25T11:59:06"),
    ("Sun Mar 01 23:00:00 +0000 2026", NOON, "2026-03-02T07:00:00"),
]


@pytest.mark.parametrize(("text", "at", "expected"), TABLE)
def test_each_form_reads_as_beijing_time(text: str, at: datetime, expected: str) -> None:
    assert read_date(text, at) == datetime.fromisoformat(expected).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    "text", ["", "上周", "13-01", "02-30", "2026-02-29", "今天 25:00", "Tue Foo 25 11:59:06 +0800 2026", "١٢-٣٠"]
)
def test_an_unknown_form_is_not_guessed(text: str) -> None:
    assert read_date(text, NOON) is None


moments = st.integers(1_325_376_000, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@given(moments, moments)
def test_the_english_form_survives_a_round_trip(at: datetime, moment: datetime) -> None:
    local = moment.astimezone(BEIJING)
    text = f"{DAYS[local.weekday()]} {MONTHS[local.month - 1]} {local:%d %H:%M:%S} +0800 {local.year}"
    assert read_date(text, at) == moment


@given(moments, st.integers(0, 364))
def test_a_day_without_a_year_is_the_last_such_day(at: datetime, days: int) -> None:
    day = at.astimezone(BEIJING) - timedelta(days=days)
    read = read_date(f"{day:%m-%d}", at)
    assert read is not None
    assert read.date() == day.date()


@given(moments, st.integers(0, 10_000), st.sampled_from(["秒前", "分钟前", "小时前"]))
def test_a_relative_form_never_lies_ahead(at: datetime, number: int, unit: str) -> None:
    read = read_date(f"{number}{unit}", at)
    assert read is not None
    assert read <= at
    assert read.utcoffset() == timedelta(hours=8)


@given(st.text(max_size=200), moments)
def test_any_text_reads_as_an_instant_or_as_nothing(text: str, at: datetime) -> None:
    read = read_date(text, at)
    assert read is None or read.tzinfo is not None


@pytest.mark.parametrize("letter", ["a", " ", "[", "<", "0", "-", "前"])
def test_long_text_costs_nothing(letter: str) -> None:
    assert read_date(letter * 50_000, NOON) is None
