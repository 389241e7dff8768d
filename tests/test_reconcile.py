"""The national filing against the register: the table that a jurist can read, and the command as people use it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mediawatch.cli import cli
from mediawatch.core.calendar import day_of
from mediawatch.core.filing import Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Account, Reason
from mediawatch.core.reconcile import Filed, Sight, Turned, reconcile
from mediawatch.core.seen import Feed, Profile
from mediawatch.core.workdays import Workdays
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.sheets import read_sheets
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.store_world import DAY, START, failed, post, saw
from tests.tables import at

OFFICE = "某市人民政府办公室"


def account(state: State = State.RUNNING, **more: object) -> Account:
    return Account.model_validate(
        {"id": "a", "name": "某市发布", "kind": "weibo", "sponsor": OFFICE, "state": state, **more}
    )


def row(**more: object) -> Filed:
    return Filed.model_validate(
        {"line": 2, "name": "某市发布", "kind": "weibo", "sponsor": OFFICE, "account": "a", "platform_id": "1", **more}
    )


ALIVE, GONE = Sight(alive_at=at("2026-03-01 09:00")), Sight(gone_at=at("2026-03-01 09:00"))
CLOSED = {"state": State.CLOSED, "ended_on": date(2026, 2, 1)}
# 2026-02-14 (Saturday) is a day of work; 15 to 23 February is the Spring Festival
BEFORE_SPRING = {"opened_on": date(2026, 2, 12), "filed_on": date(2026, 2, 26)}


def turned(there: str, back: str = "") -> Sight:
    """The account was renamed on that day, and on another took its old name again."""
    names = ("某市发布", "某市融媒")
    changes = [Turned(field="name", before=names[0], after=names[1], on=date.fromisoformat(there))]
    if back:
        changes.append(Turned(field="name", before=names[1], after=names[0], on=date.fromisoformat(back)))
    return Sight(names=names[:1] if back else names[1:], turned=tuple(changes))


TABLE = [
    # what is filed, what is registered, what the platform showed, what is said
    ([row()], [account()], Sight(), []),
    ([row()], [account()], ALIVE, []),
    ([], [account()], ALIVE, ["missing"]),
    ([], [account(filing=Filing(opened_on=date(2026, 3, 6)))], ALIVE, ["missing"]),
    ([], [account(filing=Filing(opened_on=date(2026, 3, 9)))], ALIVE, []),  # the fifth working day is not over
    ([], [account(filing=Filing(opened_on=date(1999, 3, 9)))], ALIVE, ["missing"]),
    ([], [account(State.CLOSED)], Sight(), []),
    ([], [account(State.APPLIED)], Sight(), []),
    ([row(account="", platform_id="2")], [account(State.CLOSED)], Sight(), ["extra"]),
    ([row(name="某市发布厅")], [account()], Sight(), ["renamed 某市发布"]),
    ([row(name="某市　发布")], [account()], Sight(), []),
    ([row()], [account()], Sight(names=("某市融媒",)), ["renamed 某市融媒"]),
    (
        [row(), row(line=3, account="", name="某市发布2", platform_id="2")],
        [account()],
        Sight(),
        ["extra", "duplicate 某市发布、某市发布2"],
    ),
    ([row(), row(line=3, account="", state=State.CLOSED)], [account()], Sight(), ["extra"]),
    ([row(kind="app"), row(line=3, kind="app")], [account(kind="app")], Sight(), ["duplicate 某市发布"]),
    ([row(**CLOSED)], [account()], ALIVE, ["closed_but_alive 2026-03-01"]),
    ([row(**{**CLOSED, "state": State.MIGRATED})], [account()], ALIVE, []),  # its notice is to stand there
    ([row(**{**CLOSED, "state": State.MIGRATED})], [account()], GONE, []),
    ([row(**CLOSED)], [account()], GONE, []),
    ([row(**CLOSED)], [account()], Sight(), []),
    ([row(state=State.CLOSED, ended_on=date(2026, 3, 2))], [account()], ALIVE, []),
    ([row()], [account()], GONE, ["running_but_gone 2026-03-01"]),
    ([row()], [account()], Sight(alive_at=at("2026-03-01"), gone_at=at("2026-03-02")), []),  # another channel shows it
    ([row(**BEFORE_SPRING)], [account()], Sight(), []),  # 13, 14, 24, 25, 26 February: five working days
    ([row(**{**BEFORE_SPRING, "filed_on": date(2026, 2, 27)})], [account()], Sight(), ["filed_late 1"]),
    ([row(filed_on=date(2026, 2, 27))], [account()], Sight(), []),
    # renamed on a Friday; by Friday a week later five working days have passed, by the Monday after that six
    ([row()], [account(name="某市融媒")], turned("2026-03-06"), ["renamed 某市融媒", "change_not_filed 1"]),
    ([row()], [account(name="某市融媒")], turned("2026-03-09"), ["renamed 某市融媒"]),
    ([row(name="某市融媒")], [account(name="某市融媒")], turned("2026-01-06"), []),
    ([row(name="某市官微")], [account(name="某市融媒")], turned("2026-01-06"), ["renamed 某市融媒"]),
    ([row(state=State.CLOSED)], [account(State.CLOSED)], turned("2026-01-06"), ["renamed 某市融媒"]),
    ([row()], [account()], turned("2026-01-06", "2026-01-08"), []),  # and back again
    (
        [row(verified_reason="某局")],
        [account()],
        Sight(turned=(Turned(field="verified_reason", before="某局", after="某中心", on=date(2026, 3, 5)),)),
        ["change_not_filed 2"],
    ),
    (
        [row(filed_on=date(2026, 2, 27))],
        [account(filing=Filing(opened_on=date(2026, 2, 12)))],
        Sight(),
        ["filed_late 1"],
    ),
    (
        [row(opened_on=date(1999, 1, 1), filed_on=date(2026, 1, 5))],
        [account()],
        Sight(),
        ["not_counted 1999-01-01 – 2026-01-05"],
    ),
]


@pytest.mark.parametrize(("filed", "accounts", "sight", "said"), TABLE)
def test_what_differs_is_told(filed: list[Filed], accounts: list[Account], sight: Sight, said: list[str]) -> None:
    told = reconcile(filed, accounts, {"a": sight}, Workdays(), 5, date(2026, 3, 16))
    assert [f"{one.code} {one.days or one.shown}".strip() for one in told] == said


def test_a_canary_is_no_account_of_the_register() -> None:
    assert reconcile([], [account(canary=True)], {}, Workdays(), 5, date(2026, 3, 16)) == ()


# --- the command ------------------------------------------------------------------------------------------------------

BY_HAND = """\
accounts:
  - {id: a, name: 某市发布, kind: weibo, sponsor: 某府, targets: [{adapter: weibo, uid: "1000000001"}]}
  - {id: b, name: 某县发布, kind: weibo, targets: [{adapter: weibo, uid: "1000000002"}]}
  - {id: c, name: 某区发布, kind: weibo, targets: [{adapter: weibo, uid: "1000000003"}]}
"""
FILING = """\
账号名称,平台类型,链接,主办单位,开通日期,备案日期,状态,注销日期
某市发布,新浪微博,https://weibo.com/u/1000000001,某府,2026-02-12,2026-03-02,正常,
某县发布,新浪微博,https://weibo.com/u/1000000002,某县,,,已注销,2026-02-01
某镇发布,新浪微博,https://weibo.com/u/1000000009,某镇,,,正常,
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    (tmp_path / "accounts.yaml").write_text(BY_HAND, encoding="utf-8")
    (tmp_path / "filing.csv").write_bytes(FILING.encode("gb18030"))
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["accounts", "reconcile", *args])


def test_a_filing_that_agrees_ends_well(here: Path) -> None:
    (here / "ok.csv").write_text(
        "name,kind,link\n某市发布,weibo,https://weibo.com/u/1000000001\n"
        "某县发布,weibo,https://weibo.com/u/1000000002\n某区发布,weibo,https://weibo.com/u/1000000003\n",
        encoding="utf-8",
    )
    result = run("ok.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "agree" in result.stderr


def test_differences_are_listed_and_written_in_every_form(here: Path) -> None:
    result = run("filing.csv", "--json")
    assert result.exit_code == 1
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["code"], one["account"], one["lines"]) for one in told] == [
        ("missing", "c", []),
        ("extra", "", [4]),
        ("filed_late", "a", [2]),
    ]
    assert told[2]["days"] == 3  # Saturday, 28 February, is a day of work
    for name in ("out.csv", "out.xlsx", "out.json"):
        assert run("filing.csv", "--out", name).exit_code == 1
    (sheet,) = read_sheets(here / "out.xlsx", [])
    assert len(list(sheet.rows)) == 4
    assert len(json.loads((here / "out.json").read_text(encoding="utf-8"))) == 3
    assert "registered here, not in the filing" in run("filing.csv").stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("none.csv",), "none.csv:1:1: there is no such file"),
        (("filing.csv", "--out", "x.pdf"), "must end in .csv, .xlsx or .json"),
    ],
)
def test_what_cannot_be_read_is_said(here: Path, args: tuple[str, ...], said: str) -> None:
    result = run(*args)
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_a_wrong_day_in_the_filing_is_told_with_its_row(here: Path) -> None:
    (here / "filing.csv").write_text(FILING.replace("2026-03-02", "2026-03-40"), encoding="utf-8")
    result = run("filing.csv")
    assert result.exit_code == 2
    assert "filing.csv:2:6: `filed_on` cannot be read" in result.stderr


def test_sights_come_from_the_last_trusted_look_of_each_channel(here: Path) -> None:
    store = Store.open(f"sqlite:///{here}/x.db", now=START)
    found = load()
    enroll(store, found, START)
    claims = {one.account.id: one for one in store.claim_targets({"weibo": 5}, START, DAY)}
    with store.writing() as ledger:
        ledger.record(claims["a"], saw(claims["a"], START, post("1", START)), ())
        ledger.record(claims["b"], failed(claims["b"], START, Reason.GONE), ())
        ledger.record(claims["c"], failed(claims["c"], START, Reason.BLOCKED), ())
    told = Query(store, {}, "en").sights()
    assert (told["a"].alive_at, told["a"].gone_at) == (START, None)
    assert (told["b"].alive_at, told["b"].gone_at) == (None, START)
    assert told.get("c", Sight()) == Sight()
    store.close()


def test_a_change_of_name_is_seen_from_look_to_look(here: Path) -> None:
    store = Store.open(f"sqlite:///{here}/x.db", now=START)
    enroll(store, load(), START)
    (one, *_) = store.claim_targets({"weibo": 1}, START, DAY)
    store.release([one])
    for day, name in enumerate(("某市发布", "某市发布", "某市融媒")):
        with store.writing() as ledger:
            taken = ledger.take(one.target.id, START + day * DAY, DAY)
            assert taken is not None
            feed = Feed(profile=Profile(name=name), posts=())
            ledger.record(taken, saw(one, START + day * DAY).model_copy(update={"seen": feed}), ())
    told = Query(store, {}, "en").sights()[one.account.id]
    assert told.turned == (Turned(field="name", before="某市发布", after="某市融媒", on=day_of(START + 2 * DAY)),)
    store.close()
