"""What people type into a filter, and what it means: the grammar as tables."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.core.filtering import Filter, FilterProblem, Label, Text, compiled, matches, read, searchable
from mediawatch.core.pinyin import LIBRARY, initials
from mediawatch.memory import forget

GUIZHOU = searchable(
    "贵州省人民政府网", "gz-001", "贵州省人民政府办公厅", "520000", spelled=("贵州省人民政府网", "贵州省人民政府办公厅")
)
LABELS = {
    "kind": ("wechat",), "region": ("520000",), "outcome": ("at_risk",), "sponsor": ("贵州省人民政府办公厅",),
    "tag": ("重点", "b"), "state": ("running",),
}  # fmt: skip


FOUND = (
    "", "人民", "贵州 网", "GZ-001", "gz-00[12]", "gzsrm", "GZSRMZFW", '"贵州省人民"', "“贵州省人民”",
    "^贵州.*网$", "^贵州。*网", "（人民|军队）", "!云溪", "！云溪", "!^云", "-f gzrm", "-f 贵省府",
    "－f　贵省府", "-fgzrm", "!-f zq", "!", ".*人民.*", "。*", "-l kind=wechat", "-l　kind＝wechat",
    "-l 类型=微信", "-l kind=weibo|wechat", "-l kind!=weibo", "-l kind！＝weibo", "-l kind=wechat,region=52",
    "-l kind=wechat，region=52", "-l 地区=52 人民", "-l sponsor=人民政府", "-l tag=重点", "-l tag=B",
    "-l level=",
    "-l sponsor==贵州省人民政府办公厅", "-l level!=city",
    "-l 结果=临期", "-lkind=wechat", '-l "kind=wechat"', '-l sponsor="人民政府"',
)  # fmt: skip
OTHERS = (
    "云溪", "贵州 云溪", "!贵州", "!^贵州", "^人民", "政府$x", "-f rmgz云", "-l kind=weibo", "-l kind!=wechat",
    "-l region=62", "-l tag=", "-l level=city",
    "-l sponsor==人民政府", "-l kind=wech", "贵州省人民 -l 结果=失败", '"人民 政府"',
    "贵州.网",
)  # fmt: skip


@pytest.mark.parametrize("typed", FOUND)
def test_what_is_typed_finds_the_account(typed):
    assert matches(read(typed), GUIZHOU, LABELS)


@pytest.mark.parametrize("typed", OTHERS)
def test_what_is_typed_finds_others_only(typed):
    assert not matches(read(typed), GUIZHOU, LABELS)


def test_a_filter_is_a_value_that_can_be_translated():
    assert read("云溪 !^a.b -f Xy -l kind=a|b,tag!=") == Filter(
        terms=(
            Text(kind="text", value="云溪"),
            Text(kind="pattern", value="^a.b", inverse=True),
            Text(kind="fuzzy", value="xy"),
            Label(key="kind", values=("a", "b")),
            Label(key="tag", values=("",), inverse=True),
        )
    )


def test_a_pattern_that_is_not_whole_yet_is_searched_for_as_it_stands():
    assert read("云溪(") == Filter(terms=(Text(kind="text", value="云溪("),))
    assert matches(read("云溪（"), searchable("云溪（官方）"), {})


@pytest.mark.parametrize(
    "typed", ["(a+)+$", "(a|a)*b", "(?=a)b", r"(a)\1", "a*b*c*d", "a{1,}b{2,}c*d+", "a{1000}", "(ab){2}", "x" * 201]
)
def test_a_pattern_that_could_hold_up_everybody_is_refused(typed):
    with pytest.raises(FilterProblem) as refused:
        read(typed)
    assert refused.value.says.zh_CN
    assert refused.value.says.en


@pytest.mark.parametrize("typed", ["-l", "-l kind", "-l colour=red", "-f", "-l =x"])
def test_what_cannot_be_read_says_what_is_wanted(typed):
    with pytest.raises(FilterProblem, match=r"-[lf]"):
        read(typed)


@pytest.mark.parametrize("text", ["a" * 200, " " * 200, "[" * 200, "云" * 200])
def test_the_worst_pattern_that_is_taken_is_quick(text):
    pattern = compiled(read("a*a*b").texts[0].value)
    started = time.process_time()
    pattern.search(text)
    assert time.process_time() - started < 1.0


@given(st.text(max_size=220))
def test_anything_typed_is_read_or_refused_with_words(typed):
    try:
        found = read(typed)
    except FilterProblem as problem:
        found = Filter()
        refused = problem.says.zh_CN and problem.says.en
    else:
        refused = ""
    assert refused or matches(found, GUIZHOU, LABELS) in (True, False)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("贵州省人民政府", "gzsrmzf"), ("长沙发布", "csfb"), ("重庆发布 12", "cqfb12"), ("Yunxi 网", "yunxiw"), ("", "")],
)
def test_the_first_letters_of_a_name(name, letters):
    assert initials(name) == letters


def test_a_dictionary_that_was_let_go_is_loaded_again_where_it_is_asked() -> None:
    initials.cache_clear()
    assert initials("长沙晚报") == "cswb"
    assert "pypinyin.phrases_dict" in sys.modules
    forget(LIBRARY)
    assert not [name for name in sys.modules if name.startswith("pypinyin")]
    assert initials("重庆发布") == "cqfb"
