"""What a store says of an app (P4): from its answer to the candidate; its text is searched once and never kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mediawatch.core.content.phrases import Phrases
from mediawatch.core.content.screen import Screens, described, screened
from mediawatch.core.model import Account, Listing, Outcome, Target
from mediawatch.core.rules import judge
from mediawatch.rulebook_file import load_rulebook
from mediawatch.screening import record
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from mediawatch.wordlist_file import built_in
from tests.store_world import LEASE, START, enrolled, evidence, post, saw

SCREENS = Screens(phrases=Phrases(built_in()))
APPS = load_rulebook("apps-2026")
TEXT = "某市政务服务。每日打卡赢积分兑换礼品，张三13812345678管积分商城。"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'mediawatch.db'}", now=START)
    target = Target(
        id="a/t",
        account="a",
        adapter="appstore",
        platform="appstore",
        address={"track_id": "1400000001"},
        covers=frozenset({"listing"}),
    )
    enrolled(opened, Account(id="a", name="某市办", kind="app", sponsor="某局", level="city", targets=(target,)))
    yield opened
    opened.close()


def taken(store: Store, listing: Listing) -> str:
    """The look is written down as the daemon does; returns the facts as they are kept."""
    (claim,) = store.claim_targets({"appstore": 1}, START, LEASE)
    observation = saw(claim, START).model_copy(update={"seen": listing})
    with store.writing() as ledger:
        record(ledger, [Looked(claim, observation=observation, validators=())], SCREENS)
    with store.reading() as connection:
        return str(connection.exec_driver_sql("SELECT facts FROM observation").scalar_one())


def test_a_description_that_speaks_of_sign_ins_is_a_candidate_and_its_text_is_not_kept(store: Store) -> None:
    kept = taken(store, Listing(present=True, name="某市办", version="1.0", description=TEXT))
    assert "description" not in kept
    assert "13812345678" not in kept
    (found,) = [one for one in judge(APPS, evidence(store, "a", START)) if one.indicator == "P4"]
    assert (found.outcome, found.finality, found.severity) == (Outcome.FAIL, "candidate", "notice")
    assert found.values["terms"] == "打卡、积分兑换、积分商城"
    assert "138******78" in str(found.values["shown"])


@pytest.mark.parametrize(
    ("listing", "expected", "why"),
    [
        (Listing(present=True, version="1", description="某市政务服务，办事指南和投诉建议。"), "pass", None),
        (Listing(present=True, version="1", description="防汛应急打卡，仅供救援队伍使用。"), "pass", None),
        (Listing(present=True, version="1", description="发现身边的打卡地。"), "pass", None),
        (Listing(present=True, version="1", description="取消学习积分、不得在线时长排名。"), "pass", None),
        (Listing(present=True, version="1"), "unknown", "description_not_told"),
        (Listing(present=False), "unknown", "never_seen"),
    ],
)
def test_words_against_it_and_stores_that_say_nothing_accuse_nobody(
    store: Store, listing: Listing, expected: str, why: str | None
) -> None:
    taken(store, listing)
    (found,) = [one for one in judge(APPS, evidence(store, "a", START)) if one.indicator == "P4"]
    assert (found.outcome, found.values.get("why")) == (expected, why)


def test_what_is_looked_for_in_apps_is_not_looked_for_in_posts() -> None:
    assert screened(post("1", START, text="今日打卡本县美景，签到有礼"), "t", START, SCREENS) == ()
    assert described(Listing(present=True, description="扫码关注后办理"), SCREENS).marks == ()


def test_a_listing_that_is_not_described_is_written_as_it_always_was() -> None:
    assert set(Listing(present=True).model_dump()) == {
        *("kind", "present", "name", "seller", "bundle", "version", "updated_at", "url", "package_url", "filing_no")
    }
