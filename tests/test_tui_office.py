"""What an office does from the console: acts that are tried before they are done, kept answers, documents, the tree."""

from __future__ import annotations

import hashlib
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from mediawatch.core.list_views import Group, UnitView
from mediawatch.core.model import Outcome
from mediawatch.tui.forms import campaign_form
from mediawatch.tui.screens.areas import units_of
from tests.tui_office import ANSWERS
from tests.tui_stage import press, screen, settle, shown, stage
from tests.tui_world import World


def fill(pilot: Pilot[None], **fields: str) -> None:
    """Types into the fields of a form."""
    for key, value in fields.items():
        pilot.app.screen.query_one(f"#field-{key}", Input).value = value


def written(folder: Path) -> list[str]:
    """The files of a folder, by name."""
    return sorted(file.name for file in folder.iterdir())


PICTURE = hashlib.sha256(ANSWERS[2]).hexdigest()


async def test_an_act_shows_what_it_would_be_before_it_is_done_and_a_change_is_tried_again() -> None:
    world = World(language="en")
    async with stage(world, (100, 36), "en", by="wang") as pilot:
        await press(pilot, "5", "n")
        fill(pilot, id="2026q5")
        await press(pilot, "enter")
        assert "It would be:" in shown(pilot)
        assert "2026q5: drawn" in shown(pilot)
        assert not world.said
        fill(pilot, id="2026q6")
        await settle(pilot)
        assert "It would be:" not in shown(pilot), "what was shown is not about this any more"
        await press(pilot, "enter", "enter")
        (name, said, by) = world.said[0]
        assert (name, by, said["id"]) == ("inspect.new", "wang", "2026q6")
        assert said["ratios"] == [{"ratio": "30%", "level": "", "platform": "", "region": ""}]
        assert said["judged_at"].endswith("23:59:59+08:00")
        assert said["previous"] == "2026q3", "the one that is frozen"

        await press(pilot, "n", "enter")
        assert "Something is missing: Id" in shown(pilot)
        fill(pilot, id="a", ratios="12x")
        await press(pilot, "enter")
        assert "12x: write 30%" in shown(pilot)
        world.refuses = ValueError("no account was in use")
        fill(pilot, ratios="12% level=city:100%")
        await press(pilot, "enter")
        assert "It would not be taken: ValueError: no account was in use" in shown(pilot)
        world.refuses = None
        await press(pilot, "escape", "enter", "w", "2", "enter", "enter")
        assert world.said[-1][:2] == ("inspect.judge", {"id": "2026q4"})
        await press(pilot, "escape", "end", "enter", "w")
        assert "Open the cases of its failures" in shown(pilot)


async def test_a_step_of_a_case_has_its_term_its_proof_and_its_form(tmp_path: Path) -> None:
    world = World(language="en")
    proof = tmp_path / "letter.pdf"
    proof.write_bytes(b"signed")
    async with stage(world, (100, 36), "en", by="wang", folder=tmp_path) as pilot:
        await press(pilot, "6", "enter", "w", "1")
        fill(pilot, due="30 June")
        await press(pilot, "enter")
        assert "30 June is no day" in shown(pilot)
        fill(pilot, due="2026-12-30")
        await press(pilot, "enter")
        assert "term until 2026-12-30" in shown(pilot)
        await press(pilot, "enter")
        assert world.said[-1][1]["due"] == "2026-12-30"
        await press(pilot, "w", "2")
        fill(pilot, note="done", proof=str(proof))
        await press(pilot, "enter")
        assert not world.kept, "a trial keeps nothing"
        await press(pilot, "enter")
        digest = hashlib.sha256(b"signed").hexdigest()
        assert world.said[-1][1]["proof"] == [digest]
        assert world.kept == {digest: b"signed"}
        await press(pilot, "w", "2")
        fill(pilot, note="done", proof="/none")
        await press(pilot, "enter")
        assert "No such file" in shown(pilot)
        await press(pilot, "escape", "w", "4")
        fill(pilot, step="3", person="Li", form="warning or demerit")
        await press(pilot, "enter", "enter")
        assert {"step": "talk", "person": "Li", "form": "warning"}.items() <= world.said[-1][1].items()

        await press(pilot, "d", "1")
        fill(pilot, issuer="City", to="All")
        await press(pilot, "enter")
        await press(pilot, "2", "enter", "d")
        pilot.app.obey("report work-year 2026")
        await settle(pilot)
        assert "Written as a draft" in shown(pilot)
        files = ["2026-work-year.zip", "acc-0207-evidence.zip", "case-acc-0107-notice.docx", "letter.pdf"]
        assert written(tmp_path) == files
        assert (tmp_path / files[2]).read_bytes() == b"City All"
        await press(pilot, "w")
        fill(pilot, problem="no filing number")
        await press(pilot, "enter", "enter")
        assert world.said[-1][:2] == ("case.open", {"account": "acc-0207", "problem": "no filing number"})
    async with stage(World(), read_only=True) as pilot:
        await press(pilot, "5", "n", "enter", "w")
        assert pilot.app.screen is pilot.app.pane


async def test_kept_answers_are_shown_inert_and_saved_byte_for_byte(tmp_path: Path) -> None:
    async with stage(World(), (100, 30), folder=tmp_path) as pilot:
        await press(pilot, "enter", "enter", "1", "enter")
        assert "查看哪份原始数据" in shown(pilot)
        await press(pilot, "1")
        assert '"text": "停水通知"' in shown(pilot), "JSON is set out, its escapes read"
        await press(pilot, "escape", "enter", "2")
        assert "<script>alert(1)</script>" in shown(pilot)
        await press(pilot, "e")
        assert written(tmp_path)[0].endswith(".txt"), "nothing that a double click would run"
        await press(pilot, "escape", "escape", "enter", "3")
        assert "89 50 4e 47" in shown(pilot)
        assert f"SHA-256 {PICTURE}" in shown(pilot)
        await press(pilot, "e", "e")
        assert (tmp_path / f"answer-{PICTURE[:16]}.png").read_bytes() == ANSWERS[2]
        assert "文件已存在" in shown(pilot)
        assert "原始数据" in screen(pilot)[4]


def test_the_tree_of_units_counts_all_below_and_shows_only_who_has_accounts() -> None:
    def unit(name: str, parent: str, depth: int) -> UnitView:
        return UnitView(id=name, name=name.upper(), parent=parent, depth=depth, accounts=0, by_outcome={})

    def group(key: str, failed: int) -> Group:
        return Group(key=key, name=key, total=failed + 1, by_outcome={Outcome.FAIL: failed, Outcome.PASS: 1})

    tree = (unit("prov", "", 0), unit("city", "prov", 1), unit("road", "city", 2), unit("idle", "city", 2))
    tree = (*tree, unit("town", "prov", 1))
    (city, town) = units_of(tree, [group("road", 2), group("town", 0), group("city", 1), group("", 9)], "")
    assert (city.name, city.total, city.by_outcome[Outcome.FAIL], city.deeper) == ("CITY", 5, 3, True)
    assert (town.total, town.deeper) == (1, False)
    assert [(one.key, one.name) for one in units_of(tree, [group("road", 2), group("city", 1)], "city")] == [
        ("road", "ROAD"),
        ("city", ""),
    ]
    assert units_of(tree, [], "") == []


async def test_a_statement_has_its_proof_and_a_circular_the_end_of_its_term(tmp_path: Path) -> None:
    world = World(language="en")
    proof = tmp_path / "statement.pdf"
    proof.write_bytes(b"we did post")
    async with stage(world, (100, 36), "en", by="wang", folder=tmp_path) as pilot:
        await press(pilot, "5", "enter", "d", "1")
        fill(pilot, issuer="City", due="tomorrow")
        await press(pilot, "enter")
        assert "tomorrow is no day" in shown(pilot)
        fill(pilot, due="2026-12-30")
        await press(pilot, "enter")
        assert (tmp_path / "2026q4-circular.docx").read_bytes() == b"City  2026-12-30"
        form = campaign_form("statement", "2026q4", proof=True)
        assert form is not None
        pilot.app.pane.ask_form(form, "2026q4")
        await settle(pilot)
        fill(pilot, account="acc-0007", text="we did", proof=str(proof))
        await press(pilot, "enter", "enter")
        digest = hashlib.sha256(b"we did post").hexdigest()
        assert world.said[-1][:2] == (
            "inspect.statement", {"id": "2026q4", "account": "acc-0007", "text": "we did", "proof": [digest]},
        )  # fmt: skip
        assert world.kept == {digest: b"we did post"}
    assert campaign_form("statement", "2026q4") != form, "from afar no file can be kept"
