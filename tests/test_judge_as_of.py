"""The record judged again: as of an instant, by another book, and to rebuild the standing answers. Byte for byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from mediawatch.cli import cli
from mediawatch.conclude import conclude
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Finding, Outcome, Reason
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.policy import Policy
from mediawatch.rejudge import NoBook, Rebuilt, as_of, attempt, first_fails, rebuild
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.lock import OneWriter
from mediawatch.store.past import Past
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.store_world import DAY, HOUR, MINUTE, START, account, enrolled, look, post

NATIONAL = load_rulebook("national-2019")
BOOKS = {"national-2019": NATIONAL}
TEN = load_rulebook("minhou")
POLICY = Policy(books=BOOKS)


Said = dict[datetime, tuple[Finding, ...]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Forty days of three accounts, judged at every look as the daemon does: the file, and what was said then.

    `quiet` posts once and falls silent; `slow` posts every twelve days; `lively` every day.
    """
    path = tmp_path_factory.mktemp("lived") / "mediawatch.db"
    store = Store.open(f"sqlite:///{path}", now=START)
    names = {"quiet": 100, "slow": 12, "lively": 1}
    enrolled(store, *(account(name, adapters=(f"{name}-page",)) for name in names))
    said: Said = {}
    for day in range(40):
        for number, (name, every) in enumerate(names.items()):
            now = START + day * DAY + number * HOUR
            posts = [post(str(at), START + at * DAY - HOUR) for at in range(0, day + 1, every)]
            if name == "quiet" and day in (7, 8):
                claimed = look(store, now, reason=Reason.CAPTCHA, platform=f"{name}-page")
            else:
                claimed = look(store, now, *posts[-10:], platform=f"{name}-page")
            with store.writing() as ledger:
                said[now] = conclude(ledger, [claimed.account], POLICY, now)[claimed.account.id].findings
    store.close()
    return path, said


@pytest.fixture
def world(lived: tuple[Path, Said], tmp_path: Path) -> Iterator[tuple[Store, Said]]:
    """The same, each test with a copy of its own."""
    path, said = lived
    shutil.copy(path, tmp_path / "mediawatch.db")
    store = Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START)
    yield store, said
    store.close()


def stored(store: Store) -> dict[tuple[str, str], Finding]:
    with store.reading() as connection:
        found = connection.execute(text("SELECT finding FROM standing")).scalars()
        findings = [Finding.model_validate_json(one) for one in found]
    return {(one.account, one.indicator): one for one in findings}


# --- as of ------------------------------------------------------------------------------------------------------------


def test_every_judgement_of_the_past_comes_out_again_to_the_byte(
    world: tuple[Store, Said],
) -> None:
    """What the daemon said at each of 120 looks is said again from the record, whatever was seen since."""
    store, said = world
    past = Past(store)
    for at, findings in said.items():
        (again,) = as_of(past, BOOKS, at, account=findings[0].account)
        assert [one.model_dump_json() for one in again.findings] == [one.model_dump_json() for one in findings]
    assert {one.outcome for findings in said.values() for one in findings if one.account == "quiet"} >= {
        Outcome.PASS,
        Outcome.AT_RISK,
        Outcome.FAIL,
    }


def test_a_judgement_of_the_past_is_the_same_bytes_whatever_came_later(
    world: tuple[Store, Said], tmp_path: Path
) -> None:
    """Twice the same; and after posts were pinned, edited, taken away and shown again, dated, and another channel."""
    store, _ = world
    past = ("judge", "--as-of", "2026-04-08", "--json")
    before = run(tmp_path, *past).stdout
    assert before
    assert run(tmp_path, *past).stdout == before
    shown = [post(str(day), START + day * DAY - HOUR) for day in range(30, 40)]
    edited = [one.model_copy(update={"title": "停更公告", "pinned": True, "repost": True}) for one in shown]
    for number, posts in enumerate((shown[:3], edited, shown[5:], shown, [])):
        look(store, START + (41 + number) * DAY, *posts, platform="lively-page")
        assert run(tmp_path, *past).stdout == before, number
    again = [as_of(Past(store), BOOKS, START + day * DAY + 2 * HOUR, account="lively") for day in range(41, 46)]
    told = [[one.model_dump_json() for one in next(iter(each)).findings] for each in again]
    look(store, START + 50 * DAY, *edited, platform="lively-page")
    again = [as_of(Past(store), BOOKS, START + day * DAY + 2 * HOUR, account="lively") for day in range(41, 46)]
    assert [[one.model_dump_json() for one in next(iter(each)).findings] for each in again] == told


def test_what_the_register_said_then_is_judged_whatever_it_says_now(world: tuple[Store, Said]) -> None:
    """Closed since, renamed, put into another level: a state that is written down later was not that of the day."""
    store, said = world
    at = START + 20 * DAY
    names = ("quiet", "slow", "lively")
    accounts = {name: account(name, adapters=(f"{name}-page",)) for name in names}
    later = {"state": State.CLOSED, "state_since": (START + 41 * DAY).date(), "level": "town", "tags": ("closing",)}
    enrolled(store, *(one.model_copy(update=later) for one in accounts.values()), now=START + 41 * DAY)
    enrolled(
        store, *(one.model_copy(update=later | {"name": "新名"}) for one in accounts.values()), now=START + 42 * DAY
    )
    past = Past(store)
    assert past.account("quiet", at) == accounts["quiet"]
    assert past.account("quiet", START + 41 * DAY) == accounts["quiet"].model_copy(update=later)
    assert next(iter(as_of(past, BOOKS, at, account="quiet"))).findings == said[at]


def test_what_stands_is_what_is_judged_at_the_instant_of_its_last_look(
    world: tuple[Store, Said],
) -> None:
    """But for `since`: a standing answer remembers how long it has been so."""
    store, _ = world
    standing = stored(store)
    for (name, indicator), finding in standing.items():
        (again,) = as_of(Past(store), BOOKS, finding.judged_at, account=name)
        (one,) = (one for one in again.findings if one.indicator == indicator)
        assert one.model_copy(update={"since": finding.since}) == finding


def test_the_past_knows_only_the_accounts_and_channels_of_its_time(
    world: tuple[Store, Said],
) -> None:
    store, said = world
    later = START + 41 * DAY
    enrolled(store, account("quiet", adapters=("quiet-page", "second-page")), account("new"), now=later)
    past = Past(store)
    assert past.accounts(START) == ("lively", "quiet", "slow")
    assert past.accounts(later) == ("new", "quiet")
    assert [one.adapter for one in past.account("quiet", START).targets] == ["quiet-page"]
    assert len(past.account("quiet", later).targets) == 2
    at = START + 20 * DAY
    assert next(iter(as_of(past, BOOKS, at, account="quiet"))).findings == said[at]
    with pytest.raises(KeyError):
        past.account("nobody", later)


def test_a_book_that_the_settings_do_not_name_is_told(world: tuple[Store, object]) -> None:
    with pytest.raises(NoBook, match="lively: its rulebook national-2019"):
        list(as_of(Past(world[0]), {}, START + DAY))


# --- back-tests -------------------------------------------------------------------------------------------------------


def test_ten_days_instead_of_fourteen_says_who_else_and_why(world: tuple[Store, object]) -> None:
    judged, differences = attempt(Past(world[0]), BOOKS, TEN, START, START + 39 * DAY)
    assert judged == 3
    (update,) = (one for one in differences if one.indicator == "U1")
    assert update.thresholds == (("days", 10, 14),)
    assert [(one.what, one.account.id) for one in update.changes] == [("sooner", "quiet"), ("more", "slow")]
    sooner, more = update.changes
    assert sooner.before is not None
    assert (sooner.finding.judged_at, sooner.before.judged_at) == (START + 11 * DAY, START + 15 * DAY)
    assert more.finding.values["days_silent"] == 11
    assert [one.indicator for one in differences] == ["U1"]


def test_the_national_line_beside_a_local_one_is_neither_new_nor_given_up(world: tuple[Store, object]) -> None:
    """Both ways: what is compared is what is asked, under whatever id."""
    until = START + 39 * DAY
    _, there = attempt(Past(world[0]), {NATIONAL.id: TEN}, NATIONAL, START, until)
    assert [(one.indicator, one.thresholds) for one in there] == [("U1", (("days", 14, 10),))]
    assert [(one.what, one.account.id) for one in there[0].changes] == [("fewer", "slow")]
    assert attempt(Past(world[0]), {NATIONAL.id: TEN}, TEN, START, until) == (3, ())


def test_a_back_test_judges_where_an_answer_may_change_and_finds_what_judging_at_every_look_finds(
    world: tuple[Store, Said],
) -> None:
    store, said = world
    past = Past(store)
    for name in ("quiet", "slow", "lively"):
        of = past.account(name, START + 39 * DAY)
        for book in (NATIONAL, TEN, load_rulebook("gansu"), load_rulebook("yangling")):
            thorough: dict[str, Finding] = {}
            for at in (at for at, findings in said.items() if findings[0].account == name):
                for finding in judge(book, past.evidence(of, at)):
                    if finding.outcome is Outcome.FAIL:
                        thorough.setdefault(finding.indicator, finding)
            assert first_fails(past, name, [book], START, START + 40 * DAY) == (thorough,)


def test_a_back_test_of_ones_own_book_finds_no_difference(world: tuple[Store, object]) -> None:
    assert attempt(Past(world[0]), BOOKS, NATIONAL, START, START + 39 * DAY) == (3, ())


def test_new_and_dropped_lines_are_told(world: tuple[Store, object]) -> None:
    gansu = load_rulebook("gansu")
    without = Rulebook.model_validate(
        {
            **gansu.model_dump(by_alias=True),
            "indicators": [one.model_dump(by_alias=True) for one in gansu.indicators[1:]],
        }
    )
    _, differences = attempt(Past(world[0]), BOOKS, without, START, START + 39 * DAY)
    found = {one.indicator: [(change.what, change.account.id) for change in one.changes] for one in differences}
    assert found == {"U4": [("more", "quiet"), ("more", "slow")], "U1": [("fewer", "quiet")]}


# --- to rebuild -------------------------------------------------------------------------------------------------------


def test_the_standing_answers_are_rebuilt_from_the_record(world: tuple[Store, object], tmp_path: Path) -> None:
    store, _ = world
    now = START + 39 * DAY + 3 * HOUR
    assert rebuild(store, BOOKS, now) == Rebuilt(judged=0, stood=3), "nothing has turned since the last look"
    assert rebuild(store, BOOKS, now, whole=True) == Rebuilt(judged=3, stood=0)
    before, board = stored(store), tuple(Query(store, BOOKS, "en").rows(now))
    with store._database.writing() as connection:
        connection.execute(text("DELETE FROM standing"))
        connection.execute(text("UPDATE account SET outcome = 'pass', finding = NULL, rank = 3"))
    assert rebuild(store, BOOKS, now + MINUTE, whole=True).judged == 3
    after = stored(store)
    times = {"judged_at", "since", "holds_until", "values"}
    assert {key: one.model_dump(exclude=times) for key, one in after.items()} == {
        key: one.model_dump(exclude=times) for key, one in before.items()
    }
    assert [row.outcome for row in Query(store, BOOKS, "en").rows(now)] == [row.outcome for row in board]
    assert [row.account for row in board if row.outcome is Outcome.FAIL] == ["quiet"]
    with store.writing() as ledger:  # alerts are left to the next looks
        assert [alert.indicator for alert in ledger.live_alerts("quiet")] == ["U1"]


# --- the commands -----------------------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> Result:
    (folder / "accounts.yaml").write_text(
        "accounts: [{id: quiet, name: 甲, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]}]",
        encoding="utf-8",
    )
    (folder / "mediawatch.yaml").write_text("language: en\n", encoding="utf-8")
    files = ("--accounts", str(folder / "accounts.yaml"), "--settings", str(folder / "mediawatch.yaml"))
    return CliRunner().invoke(cli, [*arguments, *files])


def test_judge_says_the_same_twice_and_what_the_daemon_said(world: tuple[Store, Said], tmp_path: Path) -> None:
    at = START + 15 * DAY
    asked = ("judge", "--as-of", at.isoformat(), "--account", "quiet", "--json")
    once, again = run(tmp_path, *asked), run(tmp_path, *asked)
    assert once.exit_code == 0, once.stderr
    assert once.stdout == again.stdout
    lines = [json.loads(line) for line in once.stdout.splitlines()]
    assert [line["finding"] for line in lines] == [one.model_dump(mode="json") for one in world[1][at]]
    assert {line["edition"] for line in lines} == {NATIONAL.edition}
    assert lines[0]["cites"][0]["confidence"] == "verified"


def test_a_day_is_judged_at_its_end_and_another_book_may_be_asked(world: tuple[Store, object], tmp_path: Path) -> None:
    assert "fail" not in run(tmp_path, "judge", "--as-of", "2026-03-11").stdout
    ten = run(tmp_path, "judge", "--as-of", "2026-03-12", "--rulebook", "minhou", "--account", "quiet")
    assert "beyond the limit of 10 days" in ten.stdout
    early = run(tmp_path, "judge", "--as-of", "2026-03-12", "--rulebook", "apps-2026", "--account", "quiet")
    assert early.stderr == ""
    old = run(tmp_path, "judge", "--as-of", "2018-03-12", "--rulebook", "minhou")
    assert "minhou is not in force on 2018-03-12" in old.stderr
    for wrong in (("--account", "nobody"), ("--as-of", "2026-13-01"), ("--as-of", "soon"), ("--rulebook", "minhuo")):
        refused = run(tmp_path, "judge", *wrong)
        assert refused.exit_code == 2, wrong
        assert refused.stderr


def test_the_back_test_says_it_in_one_line(world: tuple[Store, object], tmp_path: Path) -> None:
    tried = run(tmp_path, "rulebook", "try", "minhou", "--since", "2026-03-01", "--until", "2026-04-08")
    lines = tried.stdout.splitlines()
    assert lines[0] == "U1 Content not updated (against national-2019): 10 days instead of 14: 1 more, 1 sooner"
    assert [line.split()[:2] for line in lines[1:3]] == [["<", "quiet"], ["+", "slow"]]
    assert lines[3].startswith("minhou: 3 accounts judged")
    answers = run(tmp_path, "rulebook", "try", "minhou", "--since", "2026-03-01", "--until", "2026-04-08", "--json")
    first, *changes = [json.loads(line) for line in answers.stdout.splitlines()]
    assert (first["indicator"], first["more"], first["fewer"], first["sooner"]) == ("U1", 1, 0, 1)
    assert [(one["change"], one["account"]) for one in changes] == [("sooner", "quiet"), ("more", "slow")]
    chinese = run(
        tmp_path, "rulebook", "try", "minhou", "--since", "2026-03-01", "--until", "2026-04-08", "--lang", "zh_CN"
    )
    assert (
        chinese.stdout.splitlines()[0] == "U1 内容不更新（对照 national-2019）: 10 天（原 14 天）: 多 1 个，提前 1 个"
    )
    assert run(tmp_path, "rulebook", "try", "minhou", "--since", "2026-05-01", "--until", "2026-04-08").exit_code == 2


def test_reading_commands_need_no_lock_and_rejudge_takes_it(world: tuple[Store, object], tmp_path: Path) -> None:
    with OneWriter(tmp_path / "mediawatch.db.lock"):
        assert run(tmp_path, "judge", "--as-of", "2026-03-12").exit_code == 0
        assert (
            run(tmp_path, "rulebook", "try", "minhou", "--since", "2026-03-01", "--until", "2026-03-20").exit_code == 0
        )
        assert run(tmp_path, "rejudge").exit_code == 4
    done = run(tmp_path, "rejudge")
    assert (done.exit_code, done.stderr) == (0, "judged 1 accounts again; 0 stand as they are\n")


def test_explain_shows_what_is_inside_and_what_needs_a_person(world: tuple[Store, object], tmp_path: Path) -> None:
    page = run(tmp_path, "explain", "quiet").stdout
    assert "boundary: Day 14 (Beijing time) is inside" in page
    by_hand = page.partition("needs a person (never judged by this program):")[2]
    assert "N1.2 State secrets disclosed" in by_hand
    assert "泄露国家秘密" in by_hand
    assert "[corroborated, original text not seen]" in by_hand
    view = json.loads(run(tmp_path, "explain", "quiet", "--json").stdout)
    assert [one["id"] for one in view["manual"]][:2] == ["N1.1", "N1.2"]


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["rulebook", *arguments])


def test_rulebook_list_show_diff_and_check(tmp_path: Path) -> None:
    listed = [json.loads(line) for line in command("list", "--json").stdout.splitlines()]
    assert {one["id"] for one in listed} >= {"national-2019", "apps-2026", "gansu", "beijing"}
    assert next(one for one in listed if one["id"] == "gansu")["edition"] == load_rulebook("gansu").edition
    shown = command("show", "apps-2026", "--lang", "en").stdout
    assert "from memory, not official text until checked" in shown
    assert "needs a person" in shown
    lines = [json.loads(line) for line in command("show", "gansu", "--json").stdout.splitlines()]
    assert [line["id"] for line in lines if line["kind"] == "indicator"][-1] == "U4"
    differs = command("diff", "national-2019", "minhou").stdout.splitlines()
    assert "~ U1.params.days: 14 -> 10" in differs
    assert not [line for line in differs if "U6" in line]
    assert "+ U4" in command("diff", "national-2019", "gansu").stdout.splitlines()
    assert "- U4" in command("diff", "gansu", "national-2019").stdout.splitlines()
    assert command("diff", "gansu", "gansu", "--lang", "en").stdout == "The two books say the same.\n"
    assert command("show", "gansuu").exit_code == 2


def test_a_copied_template_is_checked_and_a_wrong_one_told_with_places(tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(command("template").stdout, encoding="utf-8")
    fine = command("check", str(file))
    assert fine.exit_code == 0
    assert fine.stdout.startswith("ok: county, ")
    file.write_text(file.read_text(encoding="utf-8").replace("days: 10", "day: 10"), encoding="utf-8")
    wrong = command("check", str(file), "--json")
    assert wrong.exit_code == 2
    (problem,) = [json.loads(line) for line in wrong.stdout.splitlines()]
    assert (problem["line"], problem["message"]) == (
        23,
        "override.U1.params: unknown key `day`; did you mean `days`?",
    )
    assert "county.yaml:23:14: " in command("check", str(file)).stderr
