"""The quality list of CONTRIBUTING.md, held for every adapter: one test for each of its lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mediawatch.adapters import ADAPTERS
from mediawatch.core.model import Blame, Feed, Listing
from mediawatch.core.wire import Failed
from mediawatch.core.wording import COVERAGE
from mediawatch.isolation import read_here
from mediawatch.register.shapes import ACCOUNTS
from mediawatch.rulebook_file import KINDS
from mediawatch.wires.replay import Replay
from tests.test_adapters import ASKING, FILES, FIXTURES, SITUATIONS, loaded
from tests.test_docs import rows, section, text, ticked

CUTS = 24  # places at which each answer is cut
each_adapter = pytest.mark.parametrize("kind", sorted(ASKING))


def test_the_written_list_names_the_tests_that_hold_it() -> None:
    table = rows(section("CONTRIBUTING.md", "### What every adapter must meet"))
    named = [name for row in table for name in ticked(row[1])]
    written = Path(__file__).read_text(encoding="utf-8")
    assert sorted(named) == sorted(re.findall(r"^@each_adapter\n(?:async )?def (\w+)", written, re.M))


@each_adapter
def test_it_has_the_five_situations(kind: str) -> None:
    names = {path.stem for path in FILES if path.parent.name == kind}
    assert names >= set(SITUATIONS)
    assert names & {"gone", "absent"}


@each_adapter
def test_it_says_what_it_needs_and_cannot_see_in_a_sentence(kind: str) -> None:
    for sentence in (ADAPTERS[kind].needs, ADAPTERS[kind].blind):
        assert re.fullmatch(r"[\w`].{10,}\.", sentence)


@each_adapter
def test_it_covers_what_has_a_name_for_accounts_that_exist(kind: str) -> None:
    adapter = ADAPTERS[kind]
    assert adapter.covers
    assert adapter.covers <= COVERAGE.keys()
    assert adapter.kinds <= set(KINDS)


@each_adapter
def test_it_has_a_pace_that_a_platform_can_bear(kind: str) -> None:
    pace = ADAPTERS[kind].pace
    assert 0 < pace.per_minute <= 240
    assert 1 <= pace.at_once <= 8


@each_adapter
def test_its_blindness_is_documented(kind: str) -> None:
    found = re.search(rf"^## `{re.escape(kind)}`.*?(?=^## |\Z)", text("docs/sources.md"), re.M | re.S)
    assert found is not None
    assert all(f"**{word}**" in found[0] for word in ("Asks", "Sees", "Cannot see", "Needs"))
    assert any(ticked(row[2]) for row in rows(found[0])), "no table of how it fails"


@each_adapter
async def test_an_answer_cut_at_any_byte_blames_nobody(kind: str) -> None:
    adapter, path = ADAPTERS[kind], FIXTURES / kind / "normal.yaml"
    fixture = loaded(path)
    address = adapter.address.model_validate(fixture["address"])
    wire = Replay.load(path, adapter.base_url).open(kind, fixture["at"])
    whole = await adapter.fetch(address, wire)
    blamed: list[int] = []
    for index, exchange in enumerate(whole):
        for cut in range(1, CUTS):  # no byte at all is an answer of its own with one store
            body = exchange.body[: len(exchange.body) * cut // CUTS]
            answers = (*whole[:index], exchange.model_copy(update={"body": body}), *whole[index + 1 :])
            try:
                seen = read_here(adapter, address, answers)
            except Failed as failed:
                blamed += [cut] if failed.failure.reason.blame is Blame.ACCOUNT else []
                continue
            assert not isinstance(seen, Listing) or seen.present
            assert not isinstance(seen, Feed) or seen.posts or seen.profile is None or seen.profile.posts != 0
    assert not blamed


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_no_part_of_an_address_is_called_like_a_column_of_its_account(kind: str) -> None:
    """In a table both are columns of one row."""
    assert not ADAPTERS[kind].address.model_fields.keys() & (ACCOUNTS.own | ACCOUNTS.within.keys())
