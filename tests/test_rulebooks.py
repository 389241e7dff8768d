"""The rulebooks that come with the program, and what a book of one's own may do with another: no code, only data."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import yaml

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Outcome
from mediawatch.core.rulebook import SWITCHES, Indicator, Manual, Rulebook
from mediawatch.core.rules import RULES, judge, thresholds
from mediawatch.rulebook_file import RulebookError, built_in, load_rulebook, template
from mediawatch.settings import load
from tests.indicators_page import MATTERS, PAGE, page
from tests.tables import account, at, evidence, look, post
from tests.test_docs import blocks
from tests.test_national_rulebook import VALUES, sentences

BOOKS = {name: load_rulebook(name) for name in built_in()}
NATIONAL = BOOKS["national-2019"]
INHERITED = (*NATIONAL.indicators, *NATIONAL.manual)
LINES = [
    (name, line)
    for name, book in BOOKS.items()
    for line in (*book.indicators, *book.manual)
    if book is NATIONAL or line not in INHERITED
]
INDICATORS = [(name, line) for name, line in LINES if isinstance(line, Indicator)]
OWN = """\
id: county
title: {zh_CN: 本县, en: County}
in_force_from: 2026-01-01
extends: national-2019
"""


def ids(pairs: list[tuple[str, Indicator | Manual]] | list[tuple[str, Indicator]]) -> list[str]:
    return [f"{name}-{line.id}" for name, line in pairs]


def written(folder: Path, text: str, name: str = "county.yaml") -> Rulebook:
    (folder / name).write_text(text, encoding="utf-8")
    return load_rulebook(f"./{name}", folder)


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        written(folder, text)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


# --- what comes with the program --------------------------------------------------------------------------------------


def test_the_books_that_are_promised_are_there() -> None:
    promised = {"national-2019", "apps-2026", "gansu", "minhou", "hedong", "guizhou", "yangling", "beijing"}
    assert promised <= set(built_in())
    assert "template" not in built_in()
    assert all(book.extends == "national-2019" for name, book in BOOKS.items() if name != "national-2019")


def test_every_book_is_itself_named_as_its_file_and_says_from_when_it_holds() -> None:
    for name, book in BOOKS.items():
        assert book.id == name
        assert book.in_force_from.year >= 2019
        assert not book.in_force_on(book.in_force_from.replace(year=2018))
    assert len({book.edition for book in BOOKS.values()}) == len(BOOKS)


@pytest.mark.parametrize(("book", "line"), LINES, ids=ids(LINES))
def test_every_line_has_its_chinese_text_and_says_how_sure_we_are_of_it(book: str, line: Indicator | Manual) -> None:
    assert line.cites
    for cited in line.cites:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in cited.text)
        if cited.confidence in ("verified", "corroborated", "from_memory") and not cited.clause:
            assert "民法典" in cited.text  # its clause is in the words
        if "要旨" in cited.text:  # what is no quotation is not shown as a text that was checked
            assert cited.confidence == "corroborated"
    assert line.title.zh_CN
    assert line.title.en


@pytest.mark.parametrize(("book", "line"), INDICATORS, ids=ids(INDICATORS))
def test_every_indicator_says_which_day_is_inside(book: str, line: Indicator) -> None:
    assert line.boundary is not None
    assert line.boundary.zh_CN
    assert line.boundary.en


@pytest.mark.parametrize(("book", "line"), INDICATORS, ids=ids(INDICATORS))
def test_every_sentence_names_only_what_its_rule_provides(book: str, line: Indicator) -> None:
    for outcome, text in sentences(line):
        named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        provided = {"why"} if outcome == "unknown" else set[str]()
        provided |= VALUES[line.rule].get(outcome, set())
        if line.params.get("months"):
            provided |= {"months"}
        assert named <= provided, (outcome, text)
        if outcome == "unknown":
            assert "不是该" in line.says.unknown.zh_CN
        if outcome == "fail" and line.finality == "candidate" and book != "national-2019":
            assert "人" in line.says.fail.zh_CN  # a candidate says that a person decides


def test_every_switch_has_a_default_and_a_reason_and_a_rule_that_asks_for_it() -> None:
    assert set(NATIONAL.switches) == set(SWITCHES)
    for name, switch in NATIONAL.switches.items():
        assert switch.reason.zh_CN
        assert switch.reason.en
        assert any(name in rule.params.model_fields for rule in RULES.values())
    answers = {name: switch.value for name, switch in NATIONAL.switches.items()}
    assert answers["reposts_count"]  # the lenient reading accuses nobody wrongly
    assert answers["published_counts"]
    assert not answers["exempt_while_closing"]


def test_what_no_channel_decides_is_shown_as_needing_a_person_and_never_judged() -> None:
    apps = BOOKS["apps-2026"]
    assert [one.id for one in apps.manual_for("app")] == [
        *("N1.1", "N1.2", "N1.3", "N1.4"),
        *("P4U", "P6", "P8", "P9"),
    ]
    of = account("app", a=["listing"]).model_copy(update={"level": "county"})
    judged = {one.indicator for one in judge(apps, evidence("2026-08-01", of=of))}
    assert judged == {"A3L", "A3V", "P3", "P4", "R9"}
    assert [one.id for one in BOOKS["hedong"].manual_for("weibo")][-1] == "R3"


def test_a_line_is_asked_on_its_own_days_only() -> None:
    """Existing apps had until 25 July 2026, that day included, to show their filing number."""
    of = account("app", a=["listing", "filing_shown"])
    for day, asked in (("2026-07-25 23:59:59", False), ("2026-07-26", True)):
        judged = {one.indicator for one in judge(BOOKS["apps-2026"], evidence(day, of=of))}
        assert ("P1" in judged) is asked


@pytest.mark.parametrize(
    ("book", "line", "params"),
    [
        ("national-2019", "U1", {"days": 14, "months": 0}),
        ("minhou", "U1", {"days": 10}),
        ("hedong", "U1", {"days": 10}),
        ("gansu", "U1", {"days": 14}),
        ("gansu", "U4", {"warn_on": "thursday"}),
        ("guizhou", "U3", {"months": 3}),
        ("beijing", "U3", {"months": 12}),
        ("beijing", "U6Z", {"counts": ("posts", "followers", "following")}),
        ("yangling", "U1", {"days": 14, "exempt_while_closing": False}),
        ("apps-2026", "P3", {"levels": ("town",)}),
        ("apps-2026", "P10", {"contains": "ICP备"}),
    ],
)
def test_each_place_asks_what_its_text_says(book: str, line: str, params: dict[str, object]) -> None:
    found = thresholds(BOOKS[book].indicator(line), BOOKS[book].switches)
    assert {name: getattr(found, name) for name in params} == params


def test_every_matter_that_data_may_decide_has_its_lines_and_says_who_judges() -> None:
    """U1–U11, A1–A8, I1–I6, C2–C7, R1–R10, P1–P5, P7 and P10: by what was seen, or by a person, and then why."""
    asked = {"U": range(1, 12), "A": range(1, 9), "I": range(1, 7), "C": range(2, 8), "R": range(1, 11)}
    numbers = {f"{letter}{number}" for letter, all_ in asked.items() for number in all_}
    assert set(MATTERS) == numbers | {"P1", "P2", "P3", "P4", "P5", "P7", "P10"}
    by_hand = set()
    for matter, lines in MATTERS.items():
        for book, name in lines:
            of = BOOKS[book]
            assert name in {line.id for line in (*of.indicators, *of.manual)}, (matter, book, name)
        if not {name for _, name in lines} & {line.id for book in BOOKS.values() for line in book.indicators}:
            by_hand.add(matter)
    assert by_hand == {"A5"}, "these, and no other, wait for a person's eyes"


def test_the_page_of_indicators_is_made_from_the_rulebooks() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make indicators`"


def test_the_template_can_be_copied_and_used(tmp_path: Path) -> None:
    book = written(tmp_path, template())
    assert (book.extends, book.indicator("U1").params["days"]) == ("national-2019", 10)
    with pytest.raises(KeyError):
        book.indicator("A3V")


# --- a book of one's own ----------------------------------------------------------------------------------------------


def test_a_new_provincial_book_needs_no_code(tmp_path: Path) -> None:
    """A province asks for six days: one file beside the register, and its accounts are judged by it."""
    (tmp_path / "xizang.yaml").write_text(
        OWN.replace("county", "xizang")
        + "override: {U1: {params: {days: 6, warn_days: [4]}, cites: [{text: 每6天更新, confidence: ours}]}}\n",
        encoding="utf-8",
    )
    (tmp_path / "accounts.yaml").write_text(
        "accounts: [{id: a, name: 甲, kind: weibo, rulebook: ./xizang.yaml, "
        "targets: [{adapter: weibo, uid: '1000000001'}]}]",
        encoding="utf-8",
    )
    loaded = load(tmp_path / "accounts.yaml", None, {})
    book = loaded.rulebooks["xizang"]
    on = evidence("2026-03-08", [look("2026-03-01 09:00"), look("2026-03-08")], [post("2026-03-01 09:00")])
    assert judge(NATIONAL, on)[0].outcome is Outcome.AT_RISK
    found = judge(book, on)[0]
    assert (found.outcome, found.values["days"], found.deadline) == (Outcome.FAIL, 6, at("2026-03-08"))
    assert loaded.accounts[0].rulebook == "xizang"


def test_the_local_book_of_the_recipe_builds_on_the_national_one(tmp_path: Path) -> None:
    book = written(tmp_path, blocks("CONTRIBUTING.md", "example")["local"])
    assert (book.extends, book.indicator("U1").params["days"], len(book.indicators)) == (
        "national-2019",
        10,
        len(NATIONAL.indicators) + 1,
    )
    assert book.indicator("U1N") == NATIONAL.indicator("U1").model_copy(update={"id": "U1N"})


def test_a_copy_of_a_book_has_an_edition_of_its_own() -> None:
    assert NATIONAL.model_copy(update={"id": "other"}).edition != NATIONAL.edition
    assert load_rulebook("national-2019") == NATIONAL


def test_mappings_are_merged_lists_are_replaced_and_null_takes_away(tmp_path: Path) -> None:
    book = written(
        tmp_path,
        OWN
        + """\
override:
  U1:
    severity: notice
    boundary: null
    params: {days: 9, classes: {STALE: 9, DEEP_ZOMBIE: null}}
    needs: {weibo: [profile]}
    says: {at_risk: null, fail: {en: Late.}}
""",
    )
    old, new = NATIONAL.indicator("U1"), book.indicator("U1")
    assert new.params == {
        "days": 9,
        "warn_days": [7, 10, 12, 13],
        "classes": {"STALE": 9, "SLEEPING": 30, "ZOMBIE": 90},
    }
    assert new.needs == {"weibo": ("profile",), "wechat": ("mass_sent", "published"), "any": ("posts",)}
    assert (new.severity, new.boundary, new.says.at_risk) == ("notice", None, None)
    assert (new.says.fail.en, new.says.fail.zh_CN) == ("Late.", old.says.fail.zh_CN)
    assert (new.cites, new.title, new.says.pass_) == (old.cites, old.title, old.says.pass_)
    others = [line for line in NATIONAL.indicators if line.id != "U1"]
    assert [line for line in book.indicators if line.id != "U1"] == others
    assert book.manual == NATIONAL.manual
    assert [line.id for line in book.indicators] == [line.id for line in NATIONAL.indicators]


def test_a_book_may_leave_lines_out_add_some_and_answer_open_questions(tmp_path: Path) -> None:
    added = yaml.safe_load(template())
    text = yaml.safe_dump(
        {
            **yaml.safe_load(OWN),
            "in_force_from": "2026-01-01",
            "drop": ["A6", "N1.4"],
            "add": added["add"],
            "manual": added["manual"],
            "switches": {"reposts_count": {"value": False}},
        },
        allow_unicode=True,
    )
    book = written(tmp_path, text)
    names = [line.id for line in NATIONAL.indicators if line.id != "A6"]
    assert [line.id for line in book.indicators] == [*names, "C1W", "C7"]
    assert [line.id for line in book.manual] == [line.id for line in NATIONAL.manual if line.id != "N1.4"] + ["M1"]
    switch = book.switches["reposts_count"]
    assert (switch.value, switch.title) == (False, NATIONAL.switches["reposts_count"].title)
    assert thresholds(book.indicator("U1"), book.switches).reposts_count is False
    assert thresholds(NATIONAL.indicator("U1"), NATIONAL.switches).reposts_count is True


def test_a_line_that_is_kept_stands_behind_the_one_that_takes_its_place_and_may_be_changed_too(tmp_path: Path) -> None:
    changes = "override: {U1: {params: {days: 10}}, U1N: {params: {warn_days: [13]}}}\n"
    book = written(tmp_path, OWN + "keep: {U1N: U1}\n" + changes)
    names = [line.id for line in NATIONAL.indicators]
    assert [line.id for line in book.indicators] == [names[0], "U1N", *names[1:]]
    assert [book.indicator(name).params["days"] for name in ("U1", "U1N")] == [10, 14]
    assert book.indicator("U1N").params["warn_days"] == [13]


def test_a_book_may_build_on_a_book_that_builds_on_another(tmp_path: Path) -> None:
    written(tmp_path, OWN + "override: {U1: {params: {days: 10}}}\n", "province.yaml")
    book = written(
        tmp_path,
        OWN.replace("national-2019", "./province.yaml").replace("county", "town")
        + "override: {U6: {params: {days: 9}}}\n",
    )
    assert (book.extends, book.indicator("U1").params["days"], book.indicator("U6").params["days"]) == ("county", 10, 9)


def test_the_edition_is_what_the_book_says_not_how_it_came_to_say_it(tmp_path: Path) -> None:
    book = written(tmp_path, OWN + "override: {U1: {params: {days: 10}}}\n")
    whole = book.model_dump(mode="json", by_alias=True, exclude={"extends"})
    alone = written(tmp_path, yaml.safe_dump(whole, allow_unicode=True), "alone.yaml")
    assert alone.extends == ""
    assert alone.edition == book.edition
    assert alone.indicators == book.indicators
    assert written(tmp_path, OWN + "override: {U1: {params: {days: 11}}}\n", "c.yaml").edition != book.edition
    assert written(tmp_path, OWN, "d.yaml").edition != NATIONAL.edition  # its own name and days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("override: {UU1: {number: x}}", "county.yaml:5:12: override.UU1: unknown indicator `UU1`; did you mean `U1`?"),
        ("override: {U1: {params: {day: 10}}}", "county.yaml:5:26: override.U1.params: unknown key `day`; "
         "did you mean `days`?"),
        ("override: {U1: {params: {days: x}}}", "county.yaml:5:32: override.U1.params.days: must be a whole number"),
        ("override: {U1: {rule: stael}}", "county.yaml:5:23: override.U1.rule: unknown rule `stael`; "
         "did you mean `stale`?"),
        ("override: {U1: {titel: x}}", "county.yaml:5:17: override.U1: unknown key `titel`; did you mean `title`?"),
        ("override: {U1: {title: null}}", "county.yaml:5:16: override.U1: `title` is missing"),
        ("override: {U1: {id: U2}}", "county.yaml:5:21: override.U1.id: must stay as it is; drop the line "
         "and add another"),
        ("override: {N1.1: {applies_to: [wiebo]}}", "county.yaml:5:32: override.…: unknown kind"),
        ("keep: {U1N: UU1}", "county.yaml:5:13: keep.U1N: unknown indicator `UU1`; did you mean `U1`?"),
        ("keep: {U6: U1}", "county.yaml:5:8: keep.U6: `U6` is used twice"),
        ("drop: [UU1]", "county.yaml:5:8: drop[0]: unknown indicator `UU1`; did you mean `U1`?"),
        ("switches: {repost_counts: {value: true, title: {zh_CN: a, en: a}, reason: {zh_CN: a, en: a}}}",
         "county.yaml:5:12: switches.repost_counts: unknown switch `repost_counts`; did you mean `reposts_count`?"),
        ("switches: {reposts_count: {value: maybe}}", "county.yaml:5:35: switches.reposts_count.value: must be "
         "true or false"),
        ("in_force_to: 2025-01-01", "county.yaml:5:14: in_force_to: lies before in_force_from"),
        ("indicators: []", "county.yaml:5:1: unknown key `indicators`"),
        ("override: [U1]", "county.yaml:5:11: override: must be a mapping (key: value)"),
    ],
)  # fmt: skip
def test_a_wrong_book_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    problems = refused(tmp_path, OWN + text + "\n")
    assert any(said.replace("…", "N1.1.applies_to[0]") in problem for problem in problems), problems


def test_an_id_that_is_there_already_cannot_be_added(tmp_path: Path) -> None:
    line = yaml.safe_dump({"add": [{**yaml.safe_load(template())["add"][0], "id": "U1"}]}, allow_unicode=True)
    (problem,) = refused(tmp_path, OWN + line)
    assert problem.endswith("add[0].id: `U1` is used twice")


def test_what_a_book_builds_on_must_be_there_and_sound_and_not_itself(tmp_path: Path) -> None:
    assert refused(tmp_path, OWN.replace("national-2019", "nation-2019")) == [
        "county.yaml:4:10: extends: unknown rulebook `nation-2019`; did you mean `national-2019`?"
    ]
    assert refused(tmp_path, OWN.replace("national-2019", "./county.yaml")) == [
        "county.yaml:4:10: extends: builds on itself"
    ]
    (tmp_path / "broken.yaml").write_text(OWN.replace("in_force_from", "from"), encoding="utf-8")
    problems = refused(tmp_path, OWN.replace("national-2019", "./broken.yaml"))
    assert problems[0].startswith("broken.yaml:1:1: ")
    assert problems[-1] == "county.yaml:4:10: extends: the rulebook it builds on cannot be used"


def test_days_in_force_are_days_in_shanghai() -> None:
    book = BOOKS["apps-2026"]
    assert not book.in_force_on(day_of(at("2026-01-24 23:59:59")))
    assert book.in_force_on(day_of(at("2026-01-25")))
