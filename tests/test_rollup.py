"""Roll-up and snapshot: what leaves the house, whose file is taken, and what nobody outside may read."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.commands.daily import daily_snapshot, write_if_due
from mediawatch.core.model import Outcome
from mediawatch.core.published import PublishedAccount, breaches_of, published
from mediawatch.core.views import AlertView, Row
from mediawatch.register.enroll import enroll
from mediawatch.rollup import NotTaken, Rollup, handed_up, held, new_key, opened, read_key, seal, take
from mediawatch.settings import SettingsError, load
from mediawatch.snapshot import FILES, is_due, schema, write_snapshot
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.store_world import DAY, HOUR, START, alert, finding

BY_HAND = """\
units: [{id: bureau, name: 某局, contacts: [{name: 张三, phone: 0571-1}]}]
accounts:
  - {id: a, name: "=某市发布", kind: weibo, unit: bureau, filing: {contact: 李四},
     targets: [{adapter: weibo, uid: "1000000001"}]}
  - {id: b, name: 某县发布, kind: weibo, targets: [{adapter: weibo, uid: "1000000002"}]}
"""


def run(folder: Path, *args: str) -> Result:
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(cli, list(args))
    finally:
        os.chdir(before)


def office(folder: Path, name: str, trusted: dict[str, str] | None = None) -> str:
    """An office with a register, a store and a key. Returns its public key."""
    folder.mkdir()
    (folder / "accounts.yaml").write_text(BY_HAND, encoding="utf-8")
    public = new_key(folder / "k.pem")
    trusts = json.dumps(trusted or {})
    (folder / "mediawatch.yaml").write_text(
        f"rollup: {{name: {name}, key: k.pem, trusted: {trusts}}}\nsnapshot: public\n", encoding="utf-8"
    )
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml")
    store = Store.open(found.settings.database, now=START)
    enroll(store, found, START)
    store.close()
    return public


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def test_a_county_hands_up_to_the_city_and_the_city_to_the_province(tmp_path: Path) -> None:
    county, city, province = (tmp_path / name for name in ("county", "city", "province"))
    of_county = office(county, "county")
    of_city = office(city, "city", {"county": of_county})
    office(province, "province", {"city": of_city})
    register = (city / "accounts.yaml").read_text(encoding="utf-8")

    assert run(county, "rollup", "export", "up.rollup").exit_code == 0
    dry = run(city, "rollup", "import", str(county / "up.rollup"), "--dry-run")
    assert "would be taken: 2 accounts of county" in dry.stderr
    assert run(city, "rollup", "import", str(county / "up.rollup")).exit_code == 0
    again = run(city, "rollup", "import", str(county / "up.rollup"))
    assert (again.exit_code, "is held already" in again.stderr) == (2, True)

    assert "4 accounts, 2 of them our own" in run(city, "rollup", "export", "up.rollup").stderr
    assert run(province, "rollup", "import", str(city / "up.rollup")).exit_code == 0
    told = [json.loads(line) for line in run(province, "rollup", "list", "--json").stdout.splitlines()]
    assert [(one["origin"], one["account"]) for one in told] == [
        ("city", "a"),
        ("city", "b"),
        ("city/county", "a"),
        ("city/county", "b"),
    ]
    assert (city / "accounts.yaml").read_text(encoding="utf-8") == register
    assert len(load(province / "accounts.yaml", province / "mediawatch.yaml").accounts) == 2
    raw = (city / "up.rollup").read_text(encoding="utf-8")
    assert "张三" not in raw
    assert "李四" not in raw


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[str, bytes, bytes]:
    """A public key, a file of `county`, and a newer one."""
    public = new_key(tmp_path / "k.pem")
    key = read_key(tmp_path / "k.pem")
    first = Rollup(format="mediawatch-rollup/1", origin="county", made_at=START, units=(), accounts=())
    return public, seal(first, key), seal(first.model_copy(update={"made_at": START + HOUR}), key)


def test_the_documented_check_by_hand_finds_the_signature_good(sealed: tuple[str, bytes, bytes]) -> None:
    public, raw, _ = sealed
    line, _, body = raw.partition(b"\n")
    head = json.loads(line)
    signed = f"mediawatch-rollup/1\n{head['origin']}\n".encode() + body
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(base64.b64decode(head["signature"]), signed)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda raw: raw.replace(b'"accounts":[]', b'"accounts":[] '), "was changed, or signed with another key"),
        (lambda raw: raw.replace(b'"origin": "county"', b'"origin": "other"'), "other is not trusted"),
        (lambda raw: raw.replace(b'"origin": "county"', b'"origin": "../x"'), "is no roll-up file of the form"),
        (lambda raw: raw[:40], "is no roll-up file"),
        (lambda raw: b"", "is no roll-up file"),
        (lambda raw: b"[" * 100_000, "is no roll-up file"),
    ],
)
def test_a_file_that_cannot_be_believed_is_not_taken(
    sealed: tuple[str, bytes, bytes], tmp_path: Path, spoil: Any, said: str
) -> None:
    public, raw, _ = sealed
    with pytest.raises(NotTaken, match=said):
        take(tmp_path / "in", spoil(raw), {"county": public}, START)
    assert not (tmp_path / "in").exists()


def test_an_older_file_never_replaces_a_newer_one(sealed: tuple[str, bytes, bytes], tmp_path: Path) -> None:
    public, old, new = sealed
    trusted = {"county": public}
    take(tmp_path / "in", new, trusted, START)
    for raw in (old, new):
        with pytest.raises(NotTaken, match="is held already"):
            take(tmp_path / "in", raw, trusted, START)
    (kept,), wrong = held(tmp_path / "in", trusted, START)
    assert (kept.made_at, wrong) == (START + HOUR, [])


def test_a_file_from_the_future_is_not_taken(sealed: tuple[str, bytes, bytes]) -> None:
    public, raw, _ = sealed
    with pytest.raises(NotTaken, match="in the future"):
        opened(raw, {"county": public}, START - 2 * DAY)


def test_a_sender_who_is_no_longer_trusted_is_no_longer_shown(sealed: tuple[str, bytes, bytes], tmp_path: Path) -> None:
    public, raw, _ = sealed
    take(tmp_path / "in", raw, {"county": public}, START)
    found, wrong = held(tmp_path / "in", {}, START)
    assert found == []
    assert "county is not trusted" in wrong[0]


def test_a_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    assert run(tmp_path, "rollup", "key", "k.pem").exit_code == 0
    assert (tmp_path / "k.pem").stat().st_mode & 0o777 == 0o600
    again = run(tmp_path, "rollup", "key", "k.pem")
    assert (again.exit_code, "never overwritten" in again.stderr) == (2, True)
    (tmp_path / "x.pem").write_text("no key", encoding="utf-8")
    with pytest.raises(NotTaken, match="holds no Ed25519 key"):
        read_key(tmp_path / "x.pem")


def test_wrong_settings_of_a_rollup_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BY_HAND, encoding="utf-8")
    (tmp_path / "m.yaml").write_text("rollup: {name: a/b, trusted: {x: short}}\n", encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"(?s)m\.yaml:1:16: rollup\.name: may hold.*rollup\.trusted: x has no public key"
    ):
        load(tmp_path / "a.yaml", tmp_path / "m.yaml")


def test_handing_up_leaves_out_who_to_turn_to(tmp_path: Path) -> None:
    office(tmp_path / "o", "o")
    units = load(tmp_path / "o/accounts.yaml", tmp_path / "o/mediawatch.yaml").units
    assert units[0].contacts
    assert handed_up("o", [], units, [], START).units[0].contacts == ()


# --- who is told of a fail --------------------------------------------------------------------------------------------


def shown(outcome: Outcome) -> Row:
    return Row(account="a", name="n", kind="weibo", outcome=outcome, indicator="U1", says="停更", holds_until=START)


@pytest.mark.parametrize(
    ("outcome", "level", "state", "review", "told"),
    [
        (Outcome.FAIL, "breach", "open", "not_needed", Outcome.FAIL),
        (Outcome.FAIL, "breach", "open", "confirmed", Outcome.FAIL),
        (Outcome.FAIL, "breach", "open", "waiting", Outcome.UNKNOWN),
        (Outcome.FAIL, "breach", "open", "dismissed", Outcome.UNKNOWN),
        (Outcome.FAIL, "breach", "pending", "not_needed", Outcome.UNKNOWN),
        (Outcome.FAIL, "reminder", "open", "not_needed", Outcome.UNKNOWN),
        (Outcome.PASS, "breach", "open", "not_needed", Outcome.PASS),
        (Outcome.AT_RISK, "reminder", "open", "not_needed", Outcome.AT_RISK),
    ],
)
def test_a_fail_is_told_outside_only_where_it_stands(
    outcome: Outcome, level: str, state: str, review: str, told: Outcome
) -> None:
    known = {"id": "x", "account": "a", "name": "n", "indicator": "U1", "since": None, "opened_at": START}
    fails = breaches_of([AlertView.model_validate({**known, "level": level, "state": state, "review": review})])
    one = published(shown(outcome), fails)
    assert one.outcome is told
    assert bool(one.says) == (told is outcome)
    assert (one.proven_until is not None) == (told in (Outcome.PASS, Outcome.AT_RISK))


def test_a_candidate_is_not_told_outside_because_another_breach_of_the_account_stands() -> None:
    known = {"account": "a", "name": "n", "since": None, "level": "breach", "state": "open"}
    waiting = AlertView.model_validate({**known, "id": "x", "indicator": "U1", "opened_at": START, "review": "waiting"})
    other = {"id": "y", "indicator": "A3L", "opened_at": START, "review": "not_needed", "says": "查无此应用"}
    one = published(shown(Outcome.FAIL), breaches_of([waiting, AlertView.model_validate({**known, **other})]))
    assert (one.outcome, one.indicator, one.says) == (Outcome.FAIL, "A3L", "查无此应用")


def test_a_hint_that_stands_makes_no_fail_of_an_account_whose_candidate_waits() -> None:
    """A home page that may be stale waits for a person, and a dead link on it is known: the site fails for neither."""
    known = {"account": "a", "name": "n", "since": None, "level": "breach", "state": "open", "opened_at": START}
    said = finding("a", Outcome.FAIL)
    waiting = {**known, "id": "x", "indicator": "U1", "review": "waiting", "finding": said}
    hint = {**known, "id": "y", "indicator": "A7", "finding": said.model_copy(update={"severity": "notice"})}
    one = published(shown(Outcome.FAIL), breaches_of(map(AlertView.model_validate, (waiting, hint))))
    assert (one.outcome, one.indicator, one.says) == (Outcome.UNKNOWN, "", "")


@pytest.mark.parametrize(
    ("state", "review", "told"),
    [
        ("open", "not_needed", Outcome.AT_RISK),
        ("open", "confirmed", Outcome.AT_RISK),
        ("open", "waiting", Outcome.PASS),
        ("pending", "not_needed", Outcome.PASS),
    ],
)
def test_a_hint_that_waits_for_a_person_is_not_told_outside(state: str, review: str, told: Outcome) -> None:
    """All of an account is well, and something is for a person to look into: that is nobody else's business."""
    known = {"id": "x", "account": "a", "name": "n", "indicator": "U1", "since": None, "opened_at": START}
    hint = finding("a", Outcome.FAIL).model_copy(update={"severity": "notice"})
    alerts = [AlertView.model_validate({**known, "level": "breach", "state": state, "review": review, "finding": hint})]
    one = published(shown(Outcome.AT_RISK), breaches_of(alerts))
    assert (one.outcome, bool(one.says)) == (told, told is Outcome.AT_RISK)


def test_numbers_of_people_are_masked_before_anything_leaves_the_house() -> None:
    row = shown(Outcome.PASS).model_copy(
        update={"name": "张13812345678", "sponsor": "李13812345679", "says": "13812345670"}
    )
    told = published(row, breaches_of([])).model_dump_json()
    assert "138******78" in told
    assert not [one for one in ("13812345678", "13812345679", "13812345670") if one in told]


# --- the snapshot -----------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    office(tmp_path / "o", "o")
    opened_ = Store.open(f"sqlite:///{tmp_path}/o/mediawatch.db", now=START)
    with opened_.writing() as ledger:
        ledger.save_findings("a", [finding("a", Outcome.FAIL)], "edition")
        ledger.save_alert(alert("a"))
    yield opened_
    opened_.close()


def test_the_snapshot_holds_all_and_those_that_fail_by_its_own_schema(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    assert write_snapshot(Query(store, {}, "zh_CN"), folder, START) == (2, 1)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    for name, ids in (("accounts", ["a", "b"]), ("failing", ["a"])):
        told = json.loads((folder / f"{name}.json").read_bytes())
        jsonschema.validate(told, schema(), format_checker=jsonschema.FormatChecker())
        jsonschema.validate(told, json.loads((folder / "schema.json").read_bytes()))
        assert [one["account"] for one in told["accounts"]] == ids
        assert (told["count"], told["day"]) == (len(ids), "2026-03-01")
        table = list(csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text(encoding="utf-8-sig"))))
        assert [row["account"] for row in table] == ids
    assert table[0]["name"] == "'=某市发布"
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert "张三" not in everything
    assert "李四" not in everything
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert set(told["accounts"][0]) == PublishedAccount.model_fields.keys() - {"origin"}


def test_a_snapshot_is_due_once_a_shanghai_day(store: Store, tmp_path: Path) -> None:
    found = load(tmp_path / "o/accounts.yaml", tmp_path / "o/mediawatch.yaml")
    night = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # one minute before midnight in Shanghai
    assert write_if_due(found, night)
    assert not write_if_due(found, night + timedelta(seconds=59))
    assert write_if_due(found, night + timedelta(minutes=1))
    assert not is_due(tmp_path / "o/public", night + timedelta(hours=1))
    (tmp_path / "o/public/failing.json").write_text("{", encoding="utf-8")
    assert is_due(tmp_path / "o/public", night + timedelta(hours=1))
    assert not write_if_due(load(tmp_path / "o/accounts.yaml", _without(tmp_path)), night)


def _without(folder: Path) -> Path:
    path = folder / "none.yaml"
    path.write_text("", encoding="utf-8")
    return path


async def test_a_running_daemon_writes_it_and_a_reload_may_move_it(store: Store, tmp_path: Path) -> None:
    found = load(tmp_path / "o/accounts.yaml", tmp_path / "o/mediawatch.yaml")
    async with daily_snapshot(found, wall_clock) as renew:
        renew(found)
    assert (tmp_path / "o/public/failing.json").exists()


async def test_a_folder_that_cannot_be_written_stops_nobody(store: Store, tmp_path: Path) -> None:
    (tmp_path / "o/public").write_text("a file", encoding="utf-8")
    found = load(tmp_path / "o/accounts.yaml", tmp_path / "o/mediawatch.yaml")
    with pytest.raises(OSError):
        write_if_due(found, START)
    async with daily_snapshot(found, wall_clock):
        pass
    assert (tmp_path / "o/public").read_text(encoding="utf-8") == "a file"


def test_the_command_writes_where_it_is_told(store: Store, tmp_path: Path) -> None:
    assert "dry run" in run(tmp_path / "o", "snapshot", "--dry-run").stderr
    assert not (tmp_path / "o/public").exists()
    done = run(tmp_path / "o", "snapshot", "--to", "elsewhere")
    assert (done.exit_code, "2 accounts, 1 of them fail" in done.stderr) == (0, True)
    (tmp_path / "o/mediawatch.yaml").write_text("", encoding="utf-8")
    assert run(tmp_path / "o", "snapshot").exit_code == 2
