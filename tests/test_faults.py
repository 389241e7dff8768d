"""The short forms of `make faults`: its sections are there and documented, and each finds what it looks for."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from mediawatch.adapters import feed
from mediawatch.adapters.markup import Markup
from mediawatch.core.wire import Exchange, Failed
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import World
from tests.bench.faults import SECTIONS
from tests.faults import full_disk, fuzz, kills, lies, model, powercut, receivers, upgrades
from tests.faults.disk import reachable
from tests.mutants import ROOT
from tests.stories import DAY, MINUTE, START, weibo

STRIDE = int(os.environ.get("MEDIAWATCH_KILL_STRIDE", "600"))
watched = pytest.mark.skipif(not reachable(), reason="this SQLite does not let its way to the disk be watched")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_the_faults_is_there_and_documented(section: str) -> None:
    assert callable(importlib.import_module(SECTIONS[section]).figures)
    assert f"| `{section}` |" in (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")


@watched
def test_killed_at_a_file_operation_nothing_is_lost_and_no_word_gets_a_second_id() -> None:
    assert [(where, flaws) for where, flaws in kills.sweep(STRIDE, first=57) if flaws] == []


@watched
def test_killed_at_any_moment_a_life_goes_on_where_it_was() -> None:
    assert [(times, flaws) for times, flaws in kills.at_random(1) if flaws] == []


@watched
def test_a_power_cut_takes_nothing_that_anybody_was_told() -> None:
    assert [(place, flaws) for place, flaws in powercut.cuts(10) if flaws] == []


@watched
def test_a_disk_that_refuses_an_operation_makes_nothing_worse() -> None:
    assert [(where, wrong) for where, wrong, _ in full_disk.sweep(900) if wrong] == []


@watched
def test_an_upgrade_killed_at_a_file_operation_leaves_the_old_store_or_the_new_one() -> None:
    assert [(where, wrong) for where, wrong in upgrades.sweep(90) if wrong] == []


def test_whatever_happens_in_whatever_order_no_promise_is_broken() -> None:
    model.lived(examples=2, steps=10)


async def test_a_receiver_that_is_back_is_told_within_a_minute_and_nobody_else_waits_for_it(tmp_path: Path) -> None:
    away, told = 4 * MINUTE, []
    for name in ("calm", "ill"):
        (folder := tmp_path / name).mkdir()
        told.append(await receivers.lived(folder, away, 4, ill=name == "ill"))
    calm, ill = told
    assert len(receivers.first_told(ill, "duty")) == 4
    assert max(receivers.first_told(ill, "duty").values()) <= START + away + MINUTE
    assert all(receivers.first_told(ill, name) == receivers.first_told(calm, name) for name in receivers.WELL)
    assert ill.signed == len(ill.tries)
    assert "elsewhere" not in {name for _, name in ill.attempts}


@pytest.mark.parametrize(("way", "rate"), [("gone", 0.5), ("dates_2099", 1.0), ("second_page", 0.5)])
async def test_a_lie_accuses_nobody_and_hides_nobody_for_long(tmp_path: Path, way: str, rate: float) -> None:
    told = []
    for mode in (None, Mode(way)):
        (folder := tmp_path / str(mode)).mkdir()
        told.append(await lies.run(folder, lies.Lie(mode, rate, warm=False, days=2, accounts=8)))
    verdict = lies.Verdict.of(told[1], told[0])
    assert (verdict.accused, verdict.missed, verdict.resolved, verdict.back) == (set(), set(), set(), True)
    assert verdict.notices == 1 if rate == 1.0 else verdict.notices <= 1
    assert told[0].found, "there is somebody to find"


@pytest.mark.parametrize("kind", sorted(fuzz.ASKING))
def test_no_answer_brings_an_adapter_down_or_turns_a_changed_page_against_an_account(kind: str) -> None:
    assert fuzz.fuzz(kind, 200).bad == []


@pytest.mark.parametrize("page", ["<![CUT", "<html><![if lt IE 9]><p>文</p><![endif]></html>", "<![CDATA[x]]>"])
def test_a_section_without_a_name_brings_no_reader_down(page: str) -> None:
    reader = Markup()
    reader.feed(page)
    reader.close()


def test_a_feed_whose_items_have_another_name_is_not_empty() -> None:
    address = feed.Address(url="https://b.example/f.xml")
    body = "<rss version='2.0'><channel><title>a</title><post><title>b</title></post></channel></rss>"
    answer = Exchange(url=address.url, at=START, status=200, body=body.encode())
    with pytest.raises(Failed, match="another name"):
        feed.parse(address, (answer,))
    assert feed.quick(address, (answer,)) is None


def test_a_lie_is_drawn_anew_for_every_look_or_never() -> None:
    def hit(**more: object) -> list[bool]:
        lie = {"mode": "gone", "where": "weibo", "from": "0s", "share": 0.5, **more}
        world = World.of({"name": "x", "accounts": [weibo("a")], "troubles": [lie]}, START)
        return [world.trouble("weibo", START + minute * DAY / 1440, "a") is not None for minute in range(60)]

    assert len(set(hit())) == 1
    assert 15 < sum(hit(anew="1m")) < 45
