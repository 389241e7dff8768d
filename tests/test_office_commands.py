"""`inspect` and `case` as people and scripts use them: exit codes, trials, files, and the same through a daemon."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.clock import wall_clock
from mediawatch.commands.options import USAGE
from mediawatch.house import held_store, policy_of
from mediawatch.office import act
from mediawatch.settings import load
from mediawatch.web.control import Control
from mediawatch.wires import control
from tests.office import Office, city
from tests.shell import call, lines, write

ACCOUNTS = {
    "accounts": [
        {
            "id": f"a{number}",
            "name": f"某县{number}",
            "kind": "weibo",
            "region": "620721",
            "level": "county",
            "targets": [{"adapter": "weibo", "uid": f"990000000{number}"}],
        }
        for number in range(5)
    ]
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, ACCOUNTS, {"database": f"sqlite:///{tmp_path}/mediawatch.db", "data_dir": str(tmp_path / "data")})
    return tmp_path


def instant(hours: int) -> str:
    return (wall_clock() + timedelta(hours=hours)).isoformat()


def ordered(folder: Path, *more: str) -> list[str]:
    return ["inspect", "new", "q1", "--from", instant(-1), "--until", instant(1), "--ratio", "40%", *more]


def test_a_campaign_from_the_order_to_the_seal_on_the_command_line(folder: Path) -> None:
    tried = call(folder, *ordered(folder, "--dry-run"))
    assert (tried.exit_code, tried.stderr.startswith("would be: q1 planned: population 5")) == (0, True)
    assert lines(call(folder, "inspect", "list", "--json")) == [], "a trial changes nothing"
    assert call(folder, *ordered(folder)).exit_code == 0
    again = call(folder, *ordered(folder))
    assert (again.exit_code, "there is a campaign q1 already" in again.stderr) == (USAGE, True)
    assert call(folder, "inspect", "freeze", "q1").exit_code == USAGE
    assert call(folder, "inspect", "look", "nothing").exit_code == USAGE

    (folder / "there.json").write_text("mine", encoding="utf-8")
    for more, says in (
        (("--seed", ""), "seed: must not be empty"),
        (("--seed", "1", "--to", str(folder / "none" / "draw.json")), "there is no folder"),
        (("--seed", "1", "--to", str(folder / "there.json")), "is there already"),
        (("--seed", "1", "--to", str(folder / "none")), "is no folder"),
    ):
        refused = call(folder, "inspect", "draw", "q1", *more)
        assert (refused.exit_code, says in refused.stderr) == (USAGE, True), refused.stderr
    (planned,) = lines(call(folder, "inspect", "list", "--json"))
    assert planned["stage"] == "planned", "nothing was drawn that could not be written"
    draw = folder / "draw.json"
    assert call(folder, "inspect", "draw", "q1", "--seed", "2026", "--to", str(draw), "--by", "王芳").exit_code == 0
    assert call(None, "inspect", "draw", "--verify", str(draw)).exit_code == 0
    bad = json.loads(draw.read_text(encoding="utf-8")) | {"seed": "another"}
    (folder / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    assert call(None, "inspect", "draw", "--verify", str(folder / "bad.json")).exit_code == 1
    (folder / "no.json").write_text("{}", encoding="utf-8")
    assert call(None, "inspect", "draw", "--verify", str(folder / "no.json")).exit_code == USAGE

    assert call(folder, "inspect", "look", "q1").exit_code == 0
    early = call(folder, "inspect", "judge", "q1")
    assert (early.exit_code, "it has not come yet" in early.stderr) == (USAGE, True)
    loaded = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    later = wall_clock() + timedelta(hours=2)
    with held_store(loaded.settings, later) as store:
        act(store, policy_of(loaded), "inspect.judge", b'{"id": "q1"}', "王芳", later)
    assert call(folder, "inspect", "verify", "q1").exit_code == USAGE, "it is not frozen yet"
    assert call(folder, "inspect", "freeze", "q1").exit_code == 0
    assert call(folder, "inspect", "verify", "q1").exit_code == 0
    (shown,) = lines(call(folder, "inspect", "show", "q1", "--json"))
    assert (shown["line"]["stage"], shown["line"]["overall"]["undetermined"]) == ("frozen", 2)
    page = call(folder, "inspect", "show", "q1", "--lang", "zh_CN").stdout
    assert "未能判定" in page
    assert "王芳 抽样" in page


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("inspect", "new", "a/../b"), "id: must have the form"),
        (("inspect", "new", "q", "--strata", "size"), "by.0: must be one of"),
        (("inspect", "new", "q", "--ratio", "300%"), "above 0 and at most 100%"),
        (("inspect", "new", "q", "--by", " "), "an act needs the name of who does it"),
        (("inspect", "new", "q", "--at", "2020-01-01"), "in use in the register at 2020-01-01 00:00+08:00"),
        (("inspect", "statement", "q", "--account", "a1", "--text", ""), "text: must not be empty"),
        (
            ("inspect", "statement", "q", "--account", "a1", "--text", "长" * 4001),
            "text: must have at most 4000 letters",
        ),
        (("inspect", "rule", "q", "1", "--reason", "x"), "say --uphold or --reject"),
        (("inspect", "rule", "q", "1", "--reject", "--reason", ""), "reason: must not be empty"),
        (("case", "report", "2026-00001", "--note", ""), "note: must not be empty"),
        (("case", "publish"), "name one case, or a --campaign"),
        (("case", "open", "--alert", "x", "--account", "a1"), "an --alert names its account and line itself"),
        (("case", "open", "--campaign", "q", "--problem", "x"), "a --campaign says itself what failed"),
        (("case", "notify", "2026-00001", "--days", "5", "--due", "2026-03-01"), "say --due or --days, not both"),
        (("case", "escalate", "2026-00001", "--step", "shout"), "'shout' is not one of 'supervise'"),
    ],
)
def test_what_is_said_wrong_is_refused_in_words(folder: Path, words: tuple[str, ...], says: str) -> None:
    if words[1] == "new":
        words = (
            *words,
            "--from",
            "2026-03-01",
            "--until",
            "2026-03-15",
            *(() if "--ratio" in words else ("--ratio", "1")),
        )
    refused = call(folder, *words)
    assert (refused.exit_code, says in refused.stderr) == (USAGE, True), refused.stderr
    assert "pydantic" not in refused.stderr


def test_a_case_by_hand_from_its_opening_to_its_closing(folder: Path) -> None:
    assert call(folder, "case", "open").exit_code == USAGE
    assert call(folder, "case", "open", "--account", "a1").exit_code == USAGE, "it needs its problem in words"
    opened = call(folder, "case", "open", "--account", "a1", "--problem", "二维码失效", "--json")
    (case,) = lines(opened)[0]["cases"]
    id_ = case["id"]
    assert call(folder, "case", "close", id_).exit_code == USAGE
    assert call(folder, "case", "notify", id_, "--days", "5", "--by", "王芳").exit_code == 0
    due = lines(call(folder, "case", "show", id_, "--json"))[0]["line"]["due"]
    assert call(folder, "case", "receive", id_, "--measures", "更换二维码", "--person", "李娜").exit_code == 0
    proof = folder / "report.txt"
    proof.write_text("已更换", encoding="utf-8")
    assert call(folder, "case", "report", id_, "--note", "已更换", "--file", str(proof)).exit_code == 0
    assert call(folder, "case", "close", id_).exit_code == USAGE, "nobody has seen it yet"
    assert call(folder, "case", "recheck", id_, "--cured", "--note", "扫码可用").exit_code == 0
    assert call(folder, "case", "close", id_).exit_code == 0
    page = call(folder, "case", "show", id_, "--lang", "zh_CN").stdout
    assert f"王芳  交办  {due}" in page, "a trace says what was said besides the note"
    (shown,) = lines(call(folder, "case", "show", id_, "--json"))
    assert [one["act"] for one in shown["trace"]] == [
        *("open", "notify", "receive", "plan", "report", "recheck", "cured", "close")
    ]
    assert len(next(one for one in shown["trace"] if one["act"] == "report")["proof"]) == 1
    assert lines(call(folder, "case", "list", "--json")) == []
    assert [one["state"] for one in lines(call(folder, "case", "list", "--all", "--json"))] == ["closed"]
    unknown = call(folder, "case", "show", "2026-99999")
    assert (unknown.exit_code, "there is no case" in unknown.stderr) == (USAGE, True)


async def test_a_daemon_does_the_same_acts_through_its_socket(tmp_path: Path) -> None:
    async with Office(tmp_path, {"accounts": city(3)}) as story:
        path = tmp_path / "control.sock"
        async with Control(path, story.daemon.desk, tick_age=lambda: 0.0, problems=tuple):
            book = next(iter(story.loaded.rulebooks.values())).model_dump(mode="json", by_alias=True)
            given = {"begins_at": story.at("day 1").isoformat(), "judged_at": story.at("day 2").isoformat()}
            order = {"id": "q", "rulebook": book, "ratios": [{"ratio": "1"}], **given}
            tried = await control.office(path, "inspect.new", order, "王芳", True)
            assert tried["told"]["population"] == "3"
            assert story.query.campaigns(story.now) == ()
            await control.office(path, "inspect.new", order, "王芳", False)
            assert story.campaign("q").line.population == 3
            for name, said, status in (("inspect.look", {"id": "q"}, 409), ("inspect.look", {"id": "x"}, 404)):
                with pytest.raises(control.ControlRefused) as refused:
                    await control.office(path, name, said, "王芳", False)
                assert refused.value.status == status
            with pytest.raises(control.ControlRefused, match="there is no paint"):
                await control.office(path, "paint", {}, "王芳", False)
