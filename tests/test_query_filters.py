"""Filters, orders, windows and groups of the board: the store must show what a filter means in memory."""

from __future__ import annotations

import json

import pytest

from mediawatch.core.alerting import State
from mediawatch.core.filtering import Filter, Text, matches, read
from mediawatch.core.model import Outcome, Reason
from mediawatch.core.views import Row
from mediawatch.store import rows
from mediawatch.store.errors import StoreUnavailable, TookTooLong
from mediawatch.store.narrowing import needed_by
from mediawatch.store.query import ALERT_SORTS, GROUPS, SORTS
from mediawatch.store.store import Store
from tests.store_world import DAY, HOUR, MINUTE, START, account, alert, enrolled, look, post
from tests.test_query import judged, query

ACCOUNTS = (
    account("gz/1", name="贵州省人民政府网", region="520000", level="province", sponsor="贵州省人民政府办公厅"),
    account("gz/2", name="贵阳发布（官方）", region="520100", level="city", sponsor="贵阳市人民政府"),
    account("hz_3", name="杭州 100% 发布", region="330100", level="city", sponsor="杭州市人民政府"),
    account("yh", name="余杭公安[微博]", region="330110", sponsor="杭州市余杭区公安局", adapters=("feed",)),
    account("x\\y", name="Straße Ａpp", kind="app", sponsor=""),
)  # fmt: skip
FILTERS = (
    "",
    *r"""
杭州
gzsrm
GZSRM
!杭州
"杭州 100%"
_
100%
（官方）
(官方)
^贵.*政府
!^贵
公安|发布
\d{3}%
[微博]
\b100
-f 贵府网
-f gfb
!-f gfb
-l kind=weibo
-l kind=app|weibo
-l kind!=app
-l region=33
-l region=3301,level=county
-l sponsor=
-l sponsor=杭州
-l name=ａPP
-l tag=重点
-l tag=
-l tag!=重点
-l platform=feed
-l platform!=feed
-l outcome=fail
-l outcome=candidate
-l 结果=待核|失败
-l 结果=失败|未知
-l outcome!=pass
-l reason=captcha
-l reason=
-l state=running
-l id=gz/
-l rulebook=national-2019
-l supervisor=
-l sponsor==杭州市公安局
-l sponsor==杭州市
-l name!==余杭
-l region==330100
-l id==gz/1
-l kind==weibo
杭州 !公安 -l level=city
x\y
xyzzy
""".strip().splitlines(),
)


@pytest.fixture
def full(store: Store) -> Store:
    tagged = [one.model_copy(update={"tags": ("重点", "Ａ级")}) if one.id == "yh" else one for one in ACCOUNTS]
    enrolled(store, *tagged)
    judged(store, "gz/1", Outcome.FAIL, days=-3)
    judged(store, "gz/2", Outcome.AT_RISK, days=1)
    judged(store, "hz_3", Outcome.PASS, days=9)
    judged(store, "yh", Outcome.UNKNOWN, reason=Reason.CAPTCHA)
    return store


def labels(row: Row) -> dict[str, tuple[str, ...]]:
    """A row of the board as `matches` wants it, with what only the register knows."""
    known = {
        "kind": row.kind, "level": row.level, "region": row.region, "sponsor": row.sponsor, "state": row.state.value,
        "outcome": row.standing.value, "indicator": row.indicator, "reason": row.reason.value if row.reason else "",
        "id": row.account, "name": row.name, "rulebook": "national-2019",
    }  # fmt: skip
    more = {"tag": ("重点", "Ａ级")} if row.account == "yh" else {}
    platform = "feed" if row.account == "yh" else "weibo"
    return {**{key: (value,) for key, value in known.items()}, **more, "platform": (platform,)}


def test_the_store_shows_what_each_filter_means_and_filters_show_none_some_and_all(full: Store) -> None:
    every = query(full).page(START).rows
    searched = {one.id: str(rows.account_values(one)["search"]) for one in ACCOUNTS}
    found = []
    for text in FILTERS:
        only = read(text)
        wanted = [row.account for row in every if matches(only, searched[row.account], labels(row))]
        page = query(full).page(START, only=only)
        assert [row.account for row in page.rows] == wanted, text
        assert (page.matching, page.total) == (len(wanted), 5), text
        assert query(full).counts(START, only).total == len(wanted), text
        found.append(len(wanted))
    assert {0, 5} < set(found)
    assert sum(0 < one < 5 for one in found) > 25


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", SORTS)
def test_every_order_can_be_walked_by_marks_both_ways_and_by_numbers(full: Store, sort: str, descending: bool) -> None:
    look(full, START, post("1", START - DAY), platform="feed")
    asked = query(full)
    every = [row.account for row in asked.page(START, sort=sort, descending=descending).rows]
    assert sorted(every) == sorted(one.id for one in ACCOUNTS)
    forth, mark = [], ""
    while (page := asked.page(START, sort=sort, descending=descending, limit=2, after=mark)).rows:
        forth += [row.account for row in page.rows]
        mark = page.last
    assert forth == every
    back: list[str] = []
    mark = asked.page(START, sort=sort, descending=descending, limit=1, offset=4).last
    while (page := asked.page(START, sort=sort, descending=descending, limit=3, before=mark)).rows:
        back = [row.account for row in page.rows] + back
        mark = page.first
    assert back == every[:4]
    for offset in range(6):
        window = asked.page(START, sort=sort, descending=descending, limit=2, offset=offset)
        assert [row.account for row in window.rows] == every[offset : offset + 2]


def test_the_other_direction_is_the_same_list_from_its_end(full: Store) -> None:
    for sort in SORTS:
        up = [row.account for row in query(full).page(START, sort=sort).rows]
        assert [row.account for row in query(full).page(START, sort=sort, descending=True).rows] == up[::-1]


def test_a_mark_that_is_none_is_refused(full: Store) -> None:
    for mark in ("x", "[]", "[1]", '["a", "b", "c"]', '[0, "2026-01-01", "a"]', "[0, null, 5]", "{}", "[" * 5000):
        with pytest.raises(ValueError, match="no such place"):
            query(full).page(START, after=mark)


def test_a_listing_in_any_order_shows_every_account_once(full: Store) -> None:
    listed = [row.account for row in query(full).rows(START, sort="name", descending=True, only=read("!app"))]
    assert listed == [
        row.account for row in query(full).page(START, sort="name", descending=True).rows if row.kind != "app"
    ]


def test_a_pattern_that_takes_too_long_is_given_up_and_the_store_goes_on(full: Store) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000) SELECT max(x) FROM n"

    def ask() -> None:
        with full.reading(0.05) as connection:
            connection.exec_driver_sql(endless)

    with pytest.raises(StoreUnavailable, match="took too long") as raised:
        ask()
    assert isinstance(raised.value, TookTooLong)
    assert query(full).page(START).total == 5


def test_what_does_not_match_a_ready_made_pattern_costs_nothing_but_an_answer(full: Store) -> None:
    only = Filter(terms=(Text(kind="pattern", value="a" * 190 + "$"),))
    assert query(full).page(START, only=only).matching == 0


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("^贵.*气象", "气象"), ("ab*c+", "a"), ("ab?", "a"), ("a{0,2}bc", "bc"), (r"\d{3}元", "元"), ("a|b", ""),
        (r"\bABC", "abc"), ("(?:ab)c", "ab"), ("[^]x]y", "y"), ("x", "x"), (r"a\.b", "a"), (".*", ""), ("^$", ""),
        ("ab{2}", "a"), ("[abc]", ""),
    ],
)  # fmt: skip
def test_the_part_that_a_pattern_needs_is_in_all_that_it_finds(pattern: str, part: str) -> None:
    assert needed_by(pattern) == part


# --- what accounts have in common ---


def test_provinces_cities_and_units_are_counted_by_outcome_and_named(full: Store) -> None:
    first, none, second = query(full, "zh_CN").groups(START, "province")
    assert (first.key, first.name, first.total, first.by_outcome[Outcome.FAIL]) == ("52", "贵州", 2, 1)
    assert (second.key, second.name, second.by_outcome[Outcome.UNKNOWN]) == ("33", "浙江", 1)
    assert (none.key, none.total) == ("", 1)
    cities = query(full).groups(START, "city", read("-l region=52"))
    assert {one.name: one.total for one in cities} == {"Guizhou 5200": 1, "Guizhou 5201": 1}
    (unit,) = query(full).groups(START, "sponsor", read("-l region=3301 公安"))
    assert (unit.key, unit.by_outcome) == ("杭州市余杭区公安局", {one: int(one is Outcome.UNKNOWN) for one in Outcome})
    for by in GROUPS:
        assert sum(one.total for one in query(full).groups(START, by)) == 5
    with pytest.raises(ValueError, match="not counted by colour"):
        query(full).groups(START, "colour")


# --- alerts, log, changes ---


def test_alerts_are_filtered_ordered_and_counted(full: Store) -> None:
    with full.writing() as ledger:
        ledger.save_alert(alert("gz/1", "a1"))
        ledger.save_alert(alert("yh", "a2", indicator="gone", opened_at=START + HOUR))
    asked = query(full)
    page = asked.alert_page(START)
    assert ([one.account for one in page.alerts], page.matching, page.total) == (["yh", "gz/1"], 2, 2)
    assert [one.account for one in asked.alert_page(START, only=read("公安")).alerts] == ["yh"]
    only = read("-l indicator=stale,region=52", keys=("indicator", "region"))
    assert [one.name for one in asked.alert_page(START, only=only).alerts] == ["贵州省人民政府网"]
    assert asked.alert_page(START, only=only, offset=1).alerts == ()
    for sort in ALERT_SORTS:
        assert len(asked.alert_page(START, sort=sort, descending=False, limit=1).alerts) == 1
    with pytest.raises(ValueError, match="no such order"):
        asked.alert_page(START, sort="colour")


@pytest.mark.parametrize("descending", [True, False])
def test_a_list_of_alerts_goes_on_from_any_row_both_ways_in_every_order(full: Store, descending: bool) -> None:
    with full.writing() as ledger:
        for number, who in enumerate(("gz/1", "yh", "hz", "gz/1", "platform:weibo")):
            state = State.RESOLVED if number > 2 else State.OPEN
            opened, level = START + number // 2 * HOUR, ("breach", "reminder")[number % 2]
            ledger.save_alert(alert(who, f"a{number}", indicator=f"i{number}", opened_at=opened, state=state,
                                    level=level, resolved_at=opened if number > 2 else None))  # fmt: skip
    asked = query(full)
    for sort in ALERT_SORTS:
        how = {"sort": sort, "descending": descending, "live_only": False}
        whole = asked.alert_page(START, **how)  # type: ignore[arg-type]
        assert len(whole.alerts) == len(set(whole.marks)) == 5
        for place in range(5):
            on = asked.alert_page(START, after=whole.marks[place], limit=2, **how)  # type: ignore[arg-type]
            back = asked.alert_page(START, before=whole.marks[place], limit=2, **how)  # type: ignore[arg-type]
            assert on.alerts == whole.alerts[place + 1 : place + 3], sort
            assert back.alerts == whole.alerts[max(0, place - 2) : place], sort
            assert back.marks == whole.marks[max(0, place - 2) : place]
    for mark in ("x", "[1]", '[0, "2026-01-01", "2026-01-01", 1]'):
        with pytest.raises(ValueError, match="no such place"):
            asked.alert_page(START, after=mark)


def test_the_ids_of_accounts_stand_where_the_page_has_the_accounts(full: Store) -> None:
    asked = query(full)
    for sort in SORTS:
        page = asked.page(START, sort=sort, descending=True, marked=True)
        assert asked.ids(START, sort=sort, descending=True) == tuple(row.account for row in page.rows)
        assert asked.page(START, sort=sort, descending=True, after=page.marks[2]).rows == page.rows[3:]
    narrow = read("-l region=52")
    assert asked.ids(START, only=narrow, offset=1, limit=1) == (asked.page(START, only=narrow).rows[1].account,)
    assert asked.page(START).marks == ()


def test_the_log_goes_on_from_any_line_and_is_filtered_by_label(full: Store) -> None:
    for step in range(5):
        look(full, START + step * MINUTE, reason=None if step % 2 else Reason.CAPTCHA, platform="feed")
    asked, now = query(full), START + HOUR
    every = asked.log(now)
    assert [one.at for one in every] == sorted((one.at for one in every), reverse=True)
    assert {one.account for one in every} == {"yh"}
    assert asked.log(now, limit=2) + asked.log(now, limit=9, before=every[1].mark) == every
    keys = ("reason", "saw", "platform", "account", "adapter")
    assert len(asked.log(now, only=read("-l reason=captcha", keys=keys))) == 3
    assert len(asked.log(now, only=read("-l saw=yes", keys=keys))) == 2
    assert len(asked.log(START + MINUTE)) == 2
    for mark in ("x", "[1, 2]", json.dumps(["2026-01-01", 1])):
        with pytest.raises(ValueError, match="no such place"):
            asked.log(now, before=mark)


def test_what_changed_is_told_newest_first_and_its_instants_from_old_to_new(full: Store) -> None:
    look(full, START + MINUTE, post("1", START - DAY), platform="feed")
    with full.writing() as ledger:
        ledger.save_alert(alert("gz/1", opened_at=START + HOUR, confirmed_at=None))
    asked = query(full)
    told = asked.changes(START - HOUR, START + DAY)
    assert [(one.what, one.account) for one in told][:1] == [("opened", "gz/1")]
    assert [one.what for one in told].count("joined") == 5
    assert [one.what for one in asked.changes(START, START + DAY)] == ["opened"]
    assert asked.instants(START, START + DAY) == (START + MINUTE, START + HOUR)
    assert asked.instants(START, START + DAY, limit=1) == (START + MINUTE,)
