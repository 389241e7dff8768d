"""The chart of posts, and the measuring of text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediawatch.locale import catalogue
from mediawatch.tui.cells import age, fit, left
from mediawatch.tui.chart import bars, known_days, per_day, spark
from mediawatch.tui.columns import Sorted, fitted, heading
from mediawatch.tui.screens.alerts import COLUMNS as ALERTS
from mediawatch.tui.screens.areas import COLUMNS as AREAS
from mediawatch.tui.screens.board import COLUMNS as BOARD
from mediawatch.tui.screens.log import COLUMNS as LOG
from mediawatch.tui.screens.platforms import COLUMNS as PLATFORMS
from tests.tui_world import NOW

ZH = catalogue("zh_CN")


def test_a_post_is_counted_on_its_shanghai_date():
    late = NOW.replace(hour=16, minute=30)  # already the next day in Shanghai
    assert per_day([late, None], NOW + timedelta(days=1), 3) == (0, 0, 1)
    assert per_day([late - timedelta(hours=1)], NOW + timedelta(days=1), 3) == (0, 1, 0)


def test_the_smallest_number_is_still_to_be_seen():
    assert bars((1, 100, 0), 3, 1, gap=0) == ("▁█_",)
    assert bars((1, 3), 2, 3) == ("  █", "  █", "█ █")


def test_days_before_the_posts_at_hand_have_no_foot():
    assert bars((0, 0, 0, 2), 2, 1, gap=0) == ("  _█",)
    assert known_days(date(2026, 11, 22), NOW) == 2
    assert known_days(date(2020, 1, 1), NOW) == 30
    assert known_days(None, NOW) == 0


def test_ages_and_deadlines_in_words():
    ago = (timedelta(seconds=12), timedelta(minutes=59), timedelta(hours=23), timedelta(days=400), timedelta(-5))
    assert [age(NOW - each, NOW, ZH) for each in ago] == ["12秒前", "59分前", "23时前", "400天前", "0秒前"]
    assert age(None, NOW, ZH) == "-"
    assert [left(days, ZH) for days in (None, -39, 0, 3)] == ["-", "超39天", "余0天", "余3天"]


@given(text=st.text(max_size=60), width=st.integers(1, 40), right=st.booleans())
def test_a_fitted_text_has_exactly_its_width(text, width, right):
    assert cell_len(fit(text, width, right)) == width


def test_where_only_ascii_may_be_drawn_a_chart_still_tells_most_from_least():
    assert bars((1, 100, 0), 3, 1, gap=0, plain=True) == (".#_",)
    assert (spark((1, 5, 9)) + spark((1, 5, 9), plain=True)).isascii() is False
    assert spark((1, 5, 9), plain=True).isascii()


@pytest.mark.parametrize("columns", [BOARD, ALERTS, AREAS, LOG, PLATFORMS])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("width", range(80, 220, 14))
def test_the_columns_fill_the_line(columns, language, width):
    words = catalogue(language)
    line = "".join(text for text, _style in heading(columns, width, Sorted(columns[0].key), "", words))
    assert cell_len(line) == width
    assert min(cells for _column, cells in fitted(columns, width - 1, words)) >= 4
