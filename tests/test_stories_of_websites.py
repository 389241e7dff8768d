"""Websites watched for days in virtual time: real adapters, rules and store; the site is a recording for each hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mediawatch import poll
from mediawatch.adapters import ADAPTERS
from mediawatch.core.calendar import day_of
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Account, Failure, Finality, Finding, Outcome, Reason
from mediawatch.core.routing import Step
from mediawatch.core.rules import judge_one
from mediawatch.core.wire import Exchange
from mediawatch.policy import Policy
from mediawatch.register.accounts_file import make_target
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.store import Store
from mediawatch.wires.replay import Replay
from tests.empty_store import new_store
from tests.stories import HereReaders

START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Shanghai: 2 March begins
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
URL = "https://www.yunxi.example/"
POLICY = Policy(
    books={"national-2019": load_rulebook("national-2019")}, ladder=(Step(after=timedelta(), to=("duty",)),)
)
Site = Callable[[datetime], "str | int | Reason"]


def page(newest: str, *more: str) -> str:
    rows = "".join(
        f'<li><a href="/{day}.html">县领导调研重点项目建设情况</a><span>{day}</span></li>' for day in (newest,) * 6
    )
    return f"<html><title>云溪县人民政府</title><body>{rows}{''.join(more)}</body></html>"


def fresh(now: datetime) -> str:
    return page(day_of(now).isoformat())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "websites.db", START)
    yield opened
    opened.close()


class Watched:
    """One website in a store of its own. `site` says what a visit at that hour meets: a page, a status, or a reason."""

    def __init__(self, store: Store, site: Site) -> None:
        target = make_target(ADAPTERS["website"], "site", {"url": URL}, ADAPTERS["website"].covers)
        self.account = Account(id="site", name="云溪县人民政府网", kind="website", targets=(target,))
        self.store, self.site, self.visits = store, site, list[datetime]()
        self.now = START
        store.enroll([self.account], START, lambda _: START)

    async def until(self, end: datetime) -> None:
        while (due := self.store.next_due_at()) is not None and due <= end:
            self.now = max(due, self.now)
            (claim,) = self.store.claim_targets({self.account.targets[0].platform: 1}, self.now, timedelta(minutes=5))
            looked = await poll.look(claim, self._wires(self.now), HereReaders(), self.now)
            poll.absorb(self.store, [looked], POLICY, self.now)
            self.visits.append(self.now)
        self.now = end

    def _wires(self, now: datetime) -> Replay:
        met = self.site(now)
        answer = Exchange(url=URL, at=now, status=met if isinstance(met, int) else 200, body=b"")
        control = Exchange(url="https://www.gov.cn/index.htm", at=now, status=200, body=b"")
        if met == "gone":
            unknown = Failure(reason=Reason.OWN_NETWORK, detail="name not resolved: Name or service not known")
            return Replay([control], silent=[(answer, unknown)])
        if met == "our line":
            return Replay((), silent=[(one, Failure(reason=Reason.TIMEOUT)) for one in (answer, control)])
        if isinstance(met, Reason):
            return Replay([control], silent=[(answer, Failure(reason=met))])
        body = met.encode() if isinstance(met, str) else b"<html>error</html>"
        return Replay([answer.model_copy(update={"body": body})])

    def finding(self, indicator: str) -> Finding:
        with self.store.writing() as ledger:
            evidence = ledger.evidence("site", self.now)
        book = POLICY.books["national-2019"]
        return judge_one(book.indicator(indicator), evidence, book.switches)

    def alerts(self) -> set[tuple[str, str]]:
        with self.store.writing() as ledger:
            return {(alert.indicator, alert.level) for alert in ledger.live_alerts("site")}


async def test_a_site_that_opens_is_visited_every_hour_and_passes_after_a_week(store: Store) -> None:
    watched = Watched(store, fresh)
    await watched.until(START + 7 * DAY - HOUR)
    early = watched.finding("A1")
    assert (early.outcome, early.values["why"], early.values["missing"]) == (Outcome.UNKNOWN, "too_few_visits", 20)
    await watched.until(START + 8 * DAY)
    by_day = [sum(day_of(visit) == day_of(START + number * DAY) for visit in watched.visits) for number in range(8)]
    assert by_day == [24] * 8
    passed = watched.finding("A1")
    assert (passed.outcome, passed.values["visits"], passed.values["failed"]) == (Outcome.PASS, 168, 0)
    assert watched.finding("U10").outcome is Outcome.PASS
    assert not watched.alerts()


async def test_a_site_long_unreachable_is_a_candidate_after_its_week_and_not_before(store: Store) -> None:
    """K8: 站点长期无法访问, and no notice of migration was seen."""
    watched = Watched(store, lambda now: Reason.PLATFORM_DOWN if now >= START + 2 * DAY else fresh(now))
    await watched.until(START + 2 * DAY - HOUR)
    await watched.until(START + 6 * DAY + 23 * HOUR)
    assert watched.alerts() == set()
    await watched.until(START + 7 * DAY + HOUR)
    found = watched.finding("A1")
    assert (found.outcome, found.finality, found.values["failed"]) == (Outcome.FAIL, "candidate", 120)
    assert (found.values["percent"], found.values["notice_days"]) == (71.4, 0)
    assert ("A1", "breach") in watched.alerts()
    (first, last) = found.proof
    assert (first[1], last[1]) == (START + 2 * DAY, START + 7 * DAY - HOUR)


async def test_one_hour_in_a_day_that_does_not_open_is_a_warning_and_then_a_breach(store: Store) -> None:
    """1 of 24 is 4.2 %; a second one each day makes 8.3 %."""
    watched = Watched(store, lambda now: 502 if now.hour < (1 if now < START + 8 * DAY else 2) else fresh(now))
    await watched.until(START + 8 * DAY)
    assert (watched.finding("A1").outcome, watched.alerts()) == (Outcome.AT_RISK, {("A1", "reminder")})
    await watched.until(START + 12 * DAY + HOUR)
    assert (watched.finding("A1").outcome, watched.alerts()) == (Outcome.FAIL, {("A1", "breach")})


async def test_a_site_whose_name_is_gone_is_found_within_its_week(store: Store) -> None:
    watched = Watched(store, lambda now: "gone" if now >= START + 2 * DAY else fresh(now))
    await watched.until(START + 8 * DAY)
    found = watched.finding("A1")
    assert (found.outcome, found.finality, found.values["failed"]) == (Outcome.FAIL, "candidate", 144)


async def test_two_hours_a_day_in_which_our_own_line_gives_up_count_against_nobody(store: Store) -> None:
    """Eight in a hundred visits end without an answer, and so does the control each time."""
    watched = Watched(store, lambda now: "our line" if now.hour < 2 else fresh(now))
    await watched.until(START + 8 * DAY)
    assert (watched.finding("A1").outcome, watched.finding("A1").values["failed"]) == (Outcome.PASS, 0)
    assert not watched.alerts()


@pytest.mark.parametrize("met", [Reason.OWN_NETWORK, 403], ids=str)
async def test_what_is_our_own_blindness_is_no_visit(store: Store, met: Reason | int) -> None:
    watched = Watched(store, lambda now: met if now >= START + DAY else page("2026-02-20"))
    await watched.until(START + 6 * DAY)
    found = watched.finding("A1")
    assert (found.outcome, found.values["why"], found.values["visits"]) == (Outcome.UNKNOWN, "too_few_visits", 24)
    assert watched.finding("U10").outcome is Outcome.UNKNOWN
    assert not watched.alerts()
    assert all(later - earlier <= HOUR for earlier, later in zip(watched.visits, watched.visits[1:], strict=False))


async def test_time_that_an_incident_covers_is_excluded(store: Store) -> None:
    watched = Watched(store, lambda now: Reason.PLATFORM_DOWN if day_of(now).day in (4, 5) else fresh(now))
    await watched.until(START + 8 * DAY + HOUR)
    assert watched.finding("A1").outcome is Outcome.FAIL
    with store.writing() as ledger:
        ledger.open_incident(watched.account.targets[0].platform, START + 2 * DAY, "the line of our office")
        ledger.close_incident(watched.account.targets[0].platform, START + 4 * DAY)
    found = watched.finding("A1")
    assert (found.outcome, found.values["missing"], found.values["failed"]) == (Outcome.UNKNOWN, 40, 0)


async def test_a_home_page_that_stops_is_found_at_its_deadline_and_confirmed(store: Store) -> None:
    watched = Watched(store, lambda now: page("2026-02-20"))
    await watched.until(START + 5 * DAY - timedelta(minutes=1))
    assert watched.finding("U10").outcome is Outcome.PASS
    assert not watched.alerts()
    await watched.until(START + 5 * DAY + HOUR)
    assert watched.finding("U10").outcome is Outcome.FAIL
    assert ("U10", "breach") in watched.alerts()
    assert START + 5 * DAY in watched.visits


def filled(newest: str) -> str:
    return page(newest, '<ul id="news"></ul><script src="/news.js"></script>')


@pytest.mark.parametrize(
    ("site", "doubts"),
    [
        # silent before the first visit: all that is known is what one page shows
        (lambda now: page("2026-02-10"), {14: "page_unwatched", 15: None}),
        # nobody who runs no scripts sees its news
        (lambda now: filled("2026-02-10"), {16: "page_filled"}),
        # rolled back on the 7th, when its news were of the day before
        (lambda now: fresh(now) if now < START + 5 * DAY else page("2026-02-10"), {19: "page_back"}),
        # it stopped on the 6th and is watched to the end
        (lambda now: page(min(day_of(now).isoformat(), "2026-03-06")), {19: None}),
    ],
)
async def test_a_home_page_is_accused_only_where_newer_dates_would_have_been_seen(
    store: Store, site: Site, doubts: dict[int, str | None]
) -> None:
    watched = Watched(store, site)
    for until, doubt in doubts.items():
        await watched.until(START + until * DAY - HOUR)
        early = watched.finding("U10")
        assert early.outcome is Outcome.PASS or early.finality is Finality.CANDIDATE
        await watched.until(START + until * DAY)
        found = watched.finding("U10")
        assert (found.outcome, found.values.get("doubts")) == (Outcome.FAIL, doubt)
        assert found.finality is (Finality.CANDIDATE if doubt else Finality.AUTO)
        assert watched.alerts() == {("U10", "breach")}


async def test_a_notice_that_is_taken_down_early_is_found(store: Store) -> None:
    notice = "<p>本网站已迁移至云溪县人民政府门户网站。</p>"
    shown = (START + DAY, START + 3 * DAY)
    watched = Watched(store, lambda now: page(day_of(now).isoformat(), notice if shown[0] <= now < shown[1] else ""))
    await watched.until(START + 3 * DAY - HOUR)
    assert watched.finding("R8").outcome is Outcome.PASS
    await watched.until(START + 5 * DAY)
    found = watched.finding("R8")
    assert (found.outcome, found.finality, found.values["kept"]) == (Outcome.FAIL, "candidate", 2)
    assert ("R8", "breach") in watched.alerts()


async def test_so_it_is_where_the_register_says_that_the_site_has_moved(store: Store) -> None:
    """The guilty was never found: thirty days are asked after the move, and nothing was asked of whoever had moved."""
    notice = "<p>本网站已迁移至云溪县人民政府门户网站。</p>"
    watched = Watched(store, lambda now: page("2026-02-20", notice if now < START + 3 * DAY else ""))
    await watched.until(START + DAY)
    moved = {"state": State.MIGRATED, "state_since": day_of(START + DAY)}
    store.enroll([watched.account.model_copy(update=moved)], START + DAY, lambda _: START + DAY)
    await watched.until(START + 6 * DAY)
    assert watched.alerts() == {("R8", "breach")}
