"""Visits to a website as the store counts them, by Shanghai day, on both engines."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.model import Account, DayVisits, Failure, Observation, Page, Reason, Target
from mediawatch.core.schedule import Due
from mediawatch.store.store import Store
from tests.store_world import LEASE, enrolled, evidence

NOON = datetime(2026, 3, 10, 12, tzinfo=SHANGHAI)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
GOOD = Page(opened=True, status=200, title='a "notice":"" b', newest_at=NOON)
BAD = Page(opened=False, status=502, problem="status", title='{"kind":"page","opened":true')
MOVED = GOOD.model_copy(update={"notice": "本网站已迁移"})


def site(name: str = "site", covers: tuple[str, ...] = ("visits", "home")) -> Account:
    target = Target(
        id=f"{name}/website/1",
        account=name,
        adapter="website",
        platform="website:www.example",
        address={"url": "https://www.example/"},
        covers=frozenset(covers),
    )
    return Account(id=name, name="云溪县人民政府网", kind="website", targets=(target,))


def visit(store: Store, at: datetime, met: Page | Reason) -> None:
    (claim,) = store.claim_targets({"website:www.example": 1}, at, LEASE)
    seen = met if isinstance(met, Page) else None
    failure = Failure(reason=met) if isinstance(met, Reason) else None
    observation = Observation(target=claim.target.id, account="site", at=at, seen=seen, failure=failure)
    with store.writing() as ledger:
        assert ledger.record(claim, observation, ())
        assert ledger.reschedule(claim, Due.exactly(at))


def counted(store: Store, now: datetime) -> dict[date, tuple[int, int, int, int, int]]:
    found = evidence(store, "site", now).visits
    return {one.day: (one.total, one.spaced, one.failed, one.opened, one.noticed) for one in found}


def test_visits_are_counted_by_shanghai_day(store: Store) -> None:
    enrolled(store, site(), now=NOON)
    late = NOON.replace(hour=23, minute=59)
    for at, met in ((NOON, GOOD), (NOON + HOUR, BAD), (late, BAD), (late + MINUTE, GOOD), (late + 2 * HOUR, MOVED)):
        visit(store, at, met)
    days = counted(store, NOON + DAY)
    assert days == {date(2026, 3, 10): (3, 3, 2, 1, 0), date(2026, 3, 11): (2, 2, 0, 2, 1)}
    first = evidence(store, "site", NOON + DAY).visits[0]
    assert (first.first_failed_at, first.last_failed_at) == (NOON + HOUR, late)


def test_visits_close_together_are_one_and_failed_looks_are_none(store: Store) -> None:
    enrolled(store, site(), now=NOON)
    for minutes, met in ((0, GOOD), (19, BAD), (20, BAD), (25, GOOD), (39, BAD), (41, GOOD), (50, Reason.OWN_NETWORK)):
        visit(store, NOON + minutes * MINUTE, met)
    assert counted(store, NOON + HOUR) == {date(2026, 3, 10): (6, 3, 1, 3, 0)}


def test_visits_that_an_incident_covers_are_excluded_also_when_it_is_found_late(store: Store) -> None:
    enrolled(store, site(), now=NOON)
    for hours in range(4):
        visit(store, NOON + hours * HOUR, BAD)
    with store.writing() as ledger:
        ledger.open_incident("website:www.example", NOON + HOUR, "our own line")
        ledger.close_incident("website:www.example", NOON + 3 * HOUR)
    assert counted(store, NOON + 4 * HOUR) == {date(2026, 3, 10): (2, 2, 2, 0, 0)}


def test_visits_as_of_an_instant_are_those_of_its_last_month(store: Store) -> None:
    enrolled(store, site(), now=NOON)
    for days in range(40):
        visit(store, NOON + days * DAY, GOOD)
    assert len(counted(store, NOON + 39 * DAY)) == 31
    assert min(counted(store, NOON + 39 * DAY)) == (NOON + 9 * DAY).date()
    assert len(counted(store, NOON + 2 * DAY - MINUTE)) == 2


def test_only_a_target_that_covers_visits_has_any(store: Store) -> None:
    enrolled(store, site(covers=("home",)), now=NOON)
    visit(store, NOON, GOOD)
    assert evidence(store, "site", NOON).visits == ()


def test_the_facts_of_a_page_begin_as_the_count_expects() -> None:
    """The count reads our own JSON as text: these are the words it looks for."""
    assert GOOD.model_dump_json().startswith('{"kind":"page","opened":true')
    assert BAD.model_dump_json().startswith('{"kind":"page","opened":false')
    assert '"notice":""' in BAD.model_dump_json()
    assert '"notice":""' not in MOVED.model_dump_json()
    assert DayVisits.model_fields.keys() >= {"total", "spaced", "failed", "opened", "noticed"}
