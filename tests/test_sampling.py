"""A draw that anybody can make again: one seed, one sample; strata get their share, main accounts are always in."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mediawatch.core.sampling import (
    Candidate,
    Draw,
    Ratio,
    differences,
    draw,
    population_digest,
    share,
    ticket,
)
from tests.test_docs import blocks

BY = ("level", "platform", "region")
ALL = (Ratio(ratio="30%"),)

candidates = st.lists(
    st.builds(
        Candidate,
        account=st.text("abcdefghijk0123456789", min_size=1, max_size=8),
        level=st.sampled_from(["province", "city", "county"]),
        platform=st.sampled_from(["weibo", "wechat", "app"]),
        region=st.sampled_from(["620702", "620721", "630100"]),
        main=st.booleans(),
        failed_before=st.booleans(),
    ),
    max_size=60,
    unique_by=lambda one: one.account,
)
ratios = st.sampled_from(["1%", "7.5%", "0.3", "50%", "100%", "1"])
seeds = st.text(min_size=1, max_size=20).filter(lambda text: "\n" not in text and "\r" not in text)


@settings(max_examples=60)
@given(population=candidates, ratio=ratios, seed=seeds, order=st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_sample_in_whatever_order_the_register_comes(
    population: list[Candidate], ratio: str, seed: str, order: object
) -> None:
    first = draw(population, BY, (Ratio(ratio=ratio),), seed)
    shuffled = list(population)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(shuffled, BY, (Ratio(ratio=ratio),), seed) == first


@settings(max_examples=60)
@given(population=candidates, ratio=ratios, seed=seeds)
def test_every_stratum_gets_its_share_and_main_and_failed_accounts_are_always_in(
    population: list[Candidate], ratio: str, seed: str
) -> None:
    sample, strata = draw(population, BY, (Ratio(ratio=ratio),), seed)
    drawn = {one.account for one in sample}
    assert len(drawn) == len(sample)
    assert {one.account for one in population if one.main or one.failed_before} <= drawn
    assert sum(one.size for one in strata) == len(population)
    for stratum in strata:
        members = [one for one in population if (one.level, one.platform, one.region) == stratum.key]
        always = sum(one.main or one.failed_before for one in members)
        assert stratum.owed == ceil(share(ratio) * len(members))
        assert stratum.drawn == max(always, stratum.owed) == len(drawn & {one.account for one in members})


@settings(max_examples=40)
@given(population=candidates, seed=seeds)
def test_those_that_failed_last_time_come_first_then_main_accounts(population: list[Candidate], seed: str) -> None:
    sample, _ = draw(population, BY, ALL, seed)
    order = ["failed_before", "main", "drawn"]
    places = [order.index(one.because) for one in sample]
    assert places == sorted(places)


def test_a_ticket_is_what_the_document_says_it_is() -> None:
    assert ticket("2026", "a1") == hashlib.sha256(b"2026\na1").hexdigest()
    population = [Candidate(account=f"a{number}") for number in range(10)]
    sample, _ = draw(population, (), (Ratio(ratio="0.25"),), "2026")
    smallest = sorted((one.account for one in population), key=lambda name: ticket("2026", name))[:3]
    assert [one.account for one in sample] == smallest


def test_a_share_is_exact_and_rounded_up() -> None:
    assert share("10%") == Fraction(1, 10)
    population = [Candidate(account=f"a{number}") for number in range(30)]
    assert len(draw(population, (), (Ratio(ratio="10%"),), "s")[0]) == 3, "0.1 × 30 is 3, not 3.0000000000000004"
    assert len(draw(population, (), (Ratio(ratio="0.101"),), "s")[0]) == 4


def test_the_narrowest_ratio_that_fits_holds() -> None:
    population = [
        Candidate(account=f"{level}{number}", level=level) for level in ("city", "town") for number in range(10)
    ]
    _, strata = draw(population, ("level",), (Ratio(ratio="100%", level="city"), Ratio(ratio="20%")), "s")
    assert {one.key: one.drawn for one in strata} == {("city",): 10, ("town",): 2}
    _, strata = draw(
        [Candidate(account=f"a{number}", region="620702") for number in range(10)],
        ("region",),
        (Ratio(ratio="20%"), Ratio(ratio="50%", region="6207")),
        "s",
    )
    assert strata[0].drawn == 5, "a region's ratio holds for all codes that begin so"


def test_what_cannot_be_drawn_is_refused_in_words() -> None:
    town = [Candidate(account="a", level="town"), Candidate(account="b", level="city")]
    with pytest.raises(ValueError, match="no ratio says how much"):
        draw(town, ("level",), (Ratio(ratio="50%", level="city"),), "s")
    with pytest.raises(ValueError, match="several ratios hold in the stratum of all"):
        draw(town, (), (Ratio(ratio="50%", level="city"), Ratio(ratio="20%")), "s")
    for wrong in ("0", "101%", "1.5", "-1", "a third", ""):
        with pytest.raises(ValidationError):
            Ratio(ratio=wrong)


def published() -> Draw:
    population = tuple(Candidate(account=f"a{number:02d}", main=number == 3) for number in range(20))
    sample, _ = draw(population, (), ALL, "the numbers of Sunday")
    return Draw(
        campaign="q1",
        population_at="2026-03-01T00:00:00+08:00",
        population_digest=population_digest(population),
        by=(),
        ratios=ALL,
        seed="the numbers of Sunday",
        population=population,
        drawn=sample,
    )


def test_a_published_draw_can_be_made_again_by_anybody() -> None:
    assert differences(Draw.model_validate_json(published().model_dump_json())) == ()


def test_the_procedure_of_the_document_makes_it_again_without_us(tmp_path: Path) -> None:
    code = blocks("docs/inspections.md", "example")["draw"]
    (tmp_path / "again.py").write_text(code, encoding="utf-8")
    draw_ = published()
    other = (*draw_.population[:-1], draw_.population[-1].model_copy(update={"level": "town"}))
    for one, says in (
        (draw_, "as published"),
        (draw_.model_copy(update={"seed": "x"}), "NOT as published"),
        (draw_.model_copy(update={"population": other}), "NOT as published"),
    ):
        (tmp_path / "draw.json").write_text(one.model_dump_json(), encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "again.py", "draw.json"], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert ran.stdout.strip() == f"{says} {draw_.population_digest}", ran.stderr


def test_whatever_is_changed_in_a_published_draw_shows() -> None:
    draw_ = published()
    out = draw_.drawn[-1].account
    for change, says in (
        ({"drawn": draw_.drawn[:-1]}, f"{out}: the seed draws it, and it is not published"),
        ({"drawn": (*draw_.drawn[1:], draw_.drawn[0])}, "the order of the sample is not that of the draw"),
        ({"population": draw_.population[1:]}, "the population is not the one whose digest is published with it"),
        ({"ratios": (Ratio(ratio="31%"),)}, "the seed draws it, and it is not published"),
    ):
        assert any(says in one for one in differences(draw_.model_copy(update=change))), says
    other = differences(draw_.model_copy(update={"seed": "other numbers"}))
    assert any("published as drawn, and the seed does not draw it" in one for one in other)
