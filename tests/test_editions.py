"""The past is judged by what held then: the edition of the day, the register of the day, what channels covered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from mediawatch.conclude import conclude
from mediawatch.core.filing import Filing
from mediawatch.core.model import Account, Finding, Outcome
from mediawatch.core.rulebook import Rulebook
from mediawatch.hindsight import as_it_stood
from mediawatch.policy import Policy
from mediawatch.rejudge import as_of, attempt
from mediawatch.rulebook_file import RulebookError, load_rulebook
from mediawatch.store.errors import StoreError
from mediawatch.store.past import Past
from mediawatch.store.store import Store
from tests.shell import call, write
from tests.store_world import DAY, START, account, enrolled, look, post

NATIONAL, TEN = load_rulebook("national-2019"), load_rulebook("minhou")
BEFORE = "id: county\ntitle: {zh_CN: 旧, en: old}\nin_force_from: 2025-01-01\nextends: national-2019\n"
AFTER = (
    "id: county\ntitle: {zh_CN: 新, en: new}\nin_force_from: 2026-03-20\nearlier: ./before.yaml\n"
    "extends: national-2019\noverride: {U1: {params: {days: 10, warn_days: [5]}}}\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START)
    yield opened
    opened.close()


@pytest.fixture
def county(tmp_path: Path) -> Rulebook:
    """Ten days from 20 March on, the national fourteen before."""
    (tmp_path / "before.yaml").write_text(BEFORE, encoding="utf-8")
    (tmp_path / "county.yaml").write_text(AFTER, encoding="utf-8")
    return load_rulebook("county.yaml", tmp_path)


def judged(store: Store, books: dict[str, Rulebook], at: datetime) -> tuple[Rulebook, Finding]:
    """By which edition, and what it says of U1."""
    past = Past(store)
    (verdict,) = as_of(past, past.books(books, at), at)
    return verdict.book, next(one for one in verdict.findings if one.indicator == "U1")


def silent(store: Store, of: Account, *days: int) -> None:
    """Its only post is of the first day; it is looked at on these days."""
    enrolled(store, of)
    for day in (0, *days):
        look(store, START + day * DAY, post("1", START))


# --- one book, an edition for each time -------------------------------------------------------------------------------


def test_a_book_is_judged_by_the_edition_that_is_in_force_on_the_day(store: Store, county: Rulebook) -> None:
    """Twelve days silent on 13 March, and again on 1 April: fourteen days held then, ten hold now."""
    silent(store, account("a", rulebook="county"), 12)
    book, finding = judged(store, {"county": county}, START + 12 * DAY)
    assert (book.title.en, finding.outcome) == ("old", Outcome.AT_RISK)
    look(store, START + 19 * DAY, post("1", START), post("2", START + 13 * DAY))
    book, finding = judged(store, {"county": county}, START + 24 * DAY)
    assert (book.title.en, finding.values["days"], finding.values["last_day"]) == ("new", 10, "2026-03-24")


def test_the_daemon_itself_changes_over_on_the_first_day(store: Store, county: Rulebook) -> None:
    policy = Policy(books={"county": county}, language="en")
    silent(store, account("a", rulebook="county"), 12)
    for day, days in ((18, 14), (19, 10)):  # 19 March and 20 March
        claimed = look(store, START + day * DAY, post("1", START), post("2", START + 8 * DAY))
        with store.writing() as ledger:
            found = conclude(ledger, [claimed.account], policy, START + day * DAY)["a"].findings
        assert next(one for one in found if one.indicator == "U1").values["days"] == days


def test_a_back_test_over_the_change_judges_each_day_by_its_own_edition(store: Store, county: Rulebook) -> None:
    """Twelve days of silence under the old edition were no fail, and are none in the trial either."""
    silent(store, account("a"), 12, 13)
    for day in (14, 21):
        look(store, START + day * DAY, post("1", START), post("2", START + (day // 21 * 7 + 13) * DAY))
    books = {"national-2019": NATIONAL}
    assert attempt(Past(store), books, county, START, START + 21 * DAY)[1][0].changes == ()
    (change,) = attempt(Past(store), books, TEN, START, START + 21 * DAY)[1][0].changes
    assert (change.what, change.finding.judged_at) == ("more", START + 12 * DAY)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (BEFORE.replace("county", "city"), "must be an edition of county; its id is city"),
        (BEFORE.replace("2025", "2027"), "must be in force earlier: 2027-01-01 is no day before 2026-03-20"),
        (BEFORE.replace("extends", "earlier: ./county.yaml\nextends"), "builds on itself"),
        (BEFORE.replace("national-2019", "national"), "no rulebook"),
    ],
)
def test_an_edition_before_must_be_one(tmp_path: Path, county: Rulebook, before: str, said: str) -> None:
    (tmp_path / "before.yaml").write_text(before, encoding="utf-8")
    with pytest.raises(RulebookError, match=said if said != "no rulebook" else "earlier"):
        load_rulebook("county.yaml", tmp_path)


# --- what the house used then, whatever the settings say now ----------------------------------------------------------


def test_the_past_is_judged_by_the_edition_that_was_used_then_not_by_the_file_of_now(store: Store) -> None:
    """The file was changed from 14 to 10 days on 20 March, without a word of its days."""
    was, is_ = NATIONAL, NATIONAL.model_copy(update={"indicators": TEN.indicators})
    store.keep_books([was], START)
    store.keep_books([was], START + DAY)
    store.keep_books([is_], START + 19 * DAY)
    silent(store, account("a"), 12)
    now_used = {"national-2019": is_}
    book, finding = judged(store, now_used, START + 12 * DAY)
    assert (book.edition, finding.outcome) == (was.edition, Outcome.AT_RISK)
    assert judged(store, now_used, START + 19 * DAY)[0].edition == is_.edition
    assert Past(store).books(now_used, START - DAY) == now_used, "before anything was kept"
    with store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT edition FROM book_edition ORDER BY id").scalars().all()
    assert kept == [was.edition, is_.edition]


def test_a_book_that_left_the_settings_still_judges_its_own_time(store: Store) -> None:
    store.keep_books([TEN], START)
    silent(store, account("a", rulebook="minhou"), 12)
    enrolled(store, account("a"), now=START + 20 * DAY)
    book, finding = judged(store, {"national-2019": NATIONAL}, START + 12 * DAY)
    assert (book.id, finding.outcome) == ("minhou", Outcome.FAIL)
    assert judged(store, {"national-2019": NATIONAL}, START + 21 * DAY)[0].id == "national-2019"


def test_an_edition_that_this_program_cannot_judge_by_is_said_to_be_one(store: Store) -> None:
    store.keep_books([TEN], START)
    with store.copying() as connection:
        connection.exec_driver_sql("UPDATE book_edition SET content = replace(content, '\"stale\"', '\"staleness\"')")
    with pytest.raises(StoreError, match="was made for another program"):
        Past(store).books({}, START)


# --- what the register said then --------------------------------------------------------------------------------------

LATER = {
    "name": "新名",
    "kind": "wechat",
    "sponsor": "另一局",
    "supervisor": "另一厅",
    "unit": "other",
    "region": "620700",
    "level": "town",
    "rulebook": "minhou",
    "tags": ("closing", "a b"),
    "stop_notice": "https://a.example/1",
    "stop_announced": date(2026, 3, 10),
    "filing": Filing(cac_no="网信备1号", app_stores=("huawei", "xiaomi"), main=True, opened_on=date(2020, 1, 1)),
}


def test_every_field_of_the_register_is_as_it_was_at_the_instant(store: Store) -> None:
    first = account("a", unit="own", region="350121", level="county").model_copy(update={"filing": Filing(main=False)})
    second = first.model_copy(update=LATER)
    third = second.model_copy(update={"filing": Filing(icp_no="闽ICP备1号-2A")})
    for number, one in enumerate((first, second, third)):
        enrolled(store, one, now=START + number * DAY)
    past = Past(store)
    for number, one in enumerate((first, second, third)):
        assert past.account("a", START + number * DAY) == one
    people = third.model_copy(update={"filing": Filing(icp_no="闽ICP备1号-2A", leader="某人")})
    enrolled(store, people, now=START + 3 * DAY)
    assert past.account("a", START + 2 * DAY) == third
    nobody = people.model_copy(update={"filing": third.filing})
    enrolled(store, nobody, now=START + 4 * DAY)
    assert past.account("a", START + 3 * DAY) == nobody, "who answered for it, by name, no history tells"


def test_what_a_channel_covered_then_is_what_its_looks_of_then_prove(store: Store) -> None:
    """A feed that was declared whole on 10 March proves no silence on 5 March."""
    whole = account("a")
    (target,) = whole.targets
    partly = whole.model_copy(update={"targets": (target.model_copy(update={"covers": frozenset({"profile"})}),)})
    silent(store, partly, 4)
    enrolled(store, whole, now=START + 9 * DAY)
    look(store, START + 20 * DAY, post("1", START))
    past = Past(store)
    assert past.account("a", START + 5 * DAY) == partly
    assert past.account("a", START + 9 * DAY) == whole
    assert {look.covers for look in past.evidence(partly, START + 5 * DAY).looks} == {frozenset({"profile"})}


def test_the_faces_show_the_register_as_it_stood(store: Store) -> None:
    first = account("a", unit="own", region="350121")
    enrolled(store, first)
    look(store, START, post("1", START))
    enrolled(store, first.model_copy(update=LATER | {"kind": "weibo"}), now=START + 9 * DAY)
    books = {"national-2019": NATIONAL, "minhou": TEN}
    shown = []
    for day in (1, 10):
        with as_it_stood(store, books, "en", (), START + day * DAY) as source:
            page = source.account("a", START)
            shown.append((page.row.name, page.row.unit, page.row.region, page.supervisor, page.rulebook))
    assert shown == [
        ("a发布", "own", "350121", "", "national-2019"),
        ("新名", "other", "620700", "另一厅", "minhou"),
    ]


# --- as a user --------------------------------------------------------------------------------------------------------


def test_judge_as_of_says_the_same_after_the_books_file_was_changed(tmp_path: Path, county: Rulebook) -> None:
    one = "accounts: [{id: a, name: 甲, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]}]"
    write(tmp_path, one, "language: en\nrulebook: ./county.yaml\n")
    with closing(Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START)) as store:
        store.keep_books([county], START)
        silent(store, account("a", rulebook="county"), 12)
    asked = ("judge", "--as-of", "2026-03-13", "--json")
    before = call(tmp_path, *asked).stdout
    (tmp_path / "before.yaml").write_text(BEFORE.replace("旧", "更旧"), encoding="utf-8")
    (tmp_path / "county.yaml").write_text(AFTER.replace("10", "9"), encoding="utf-8")
    assert call(tmp_path, *asked).stdout == before
    assert county.earlier is not None
    assert {json.loads(line)["edition"] for line in before.splitlines()} == {county.earlier.edition}
    old = call(tmp_path, "judge", "--as-of", "2026-03-13", "--rulebook", str(tmp_path / "county.yaml"), "--json")
    assert len(old.stdout.splitlines()) == len(before.splitlines())
