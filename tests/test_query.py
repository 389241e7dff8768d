"""What faces are shown of a store: the board in windows, an account's page, findings, alerts, platforms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from mediawatch import people
from mediawatch.core.alerting import State
from mediawatch.core.model import Account, Finality, Outcome, Reason, Target
from mediawatch.core.rulebook import Rulebook
from mediawatch.store.outbox import Promise
from mediawatch.store.places import place_of
from mediawatch.store.query import SORTS, Query
from mediawatch.store.store import Store
from tests.store_world import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    POLICY,
    START,
    account,
    alert,
    claim_messages,
    enrolled,
    finding,
    look,
    post,
    promise,
)

SAYS = {"zh_CN": "已{days}天未更新", "en": "silent for {days} days"}
PLAIN = {"zh_CN": "无", "en": "none"}


def indicator(name: str) -> dict[str, object]:
    return {
        "id": name,
        "number": "2.1",
        "title": {"zh_CN": f"指标{name}", "en": f"the {name} rule"},
        "rule": name,
        "applies_to": ("weibo",),
        "severity": "veto",
        "cites": [{"text": "国办秘函〔2019〕19号", "clause": "附件2", "confidence": "verified"}],
        "says": {"pass": SAYS, "fail": SAYS, "unknown": PLAIN},
    }


BOOK = Rulebook.model_validate(
    {
        "id": "national-2019",
        "title": {"zh_CN": "国家标准", "en": "the standard"},
        "in_force_from": "2019-04-01",
        "indicators": [indicator("stale"), indicator("gone")],
    }
)


def query(store: Store, language: str = "en") -> Query:
    return Query(store, {BOOK.id: BOOK}, language)  # type: ignore[arg-type]


def judged(store: Store, who: str, outcome: Outcome, *, days: int | None = None, **more: object) -> None:
    """A standing answer whose last allowed day is `days` from now."""
    deadline = None if days is None else datetime(2026, 3, 1, 16, tzinfo=UTC) + days * DAY  # midnight in Shanghai
    with store.writing() as ledger:
        ledger.save_findings(who, [finding(who, outcome, deadline=deadline, values={"days": 9}, **more)], "edition")


def names(store: Store, **how: object) -> list[str]:
    return [row.account for row in query(store).page(START, **how).rows]  # type: ignore[arg-type]


# --- the board -------------------------------------------------------------------------------------------------------


def test_problems_come_first_and_of_each_the_earliest_deadline(store: Store) -> None:
    enrolled(store, *(account(name) for name in ("new", "well", "soon", "later", "over", "blind", "gone")))
    judged(store, "well", Outcome.PASS, days=13)
    judged(store, "soon", Outcome.AT_RISK, days=1)
    judged(store, "later", Outcome.AT_RISK, days=3)
    judged(store, "over", Outcome.FAIL, days=-30)
    judged(store, "gone", Outcome.FAIL)
    judged(store, "blind", Outcome.UNKNOWN, days=2, reason=Reason.CAPTCHA)
    assert names(store) == ["over", "gone", "soon", "later", "blind", "new", "well"]


def test_a_row_says_where_the_account_stands(store: Store) -> None:
    enrolled(store, account("a", region="330100", level="city"))
    look(store, START, post("1", START - 3 * DAY), post("2", START - 2 * DAY))
    look(store, START + HOUR, reason=Reason.TIMEOUT)
    judged(store, "a", Outcome.AT_RISK, days=2)
    (row,) = query(store).page(START).rows
    assert (row.outcome, row.indicator, row.days_silent, row.days_left) == (Outcome.AT_RISK, "stale", 2, 2)
    assert (row.newest_post_at, row.looked_at, row.tried_at) == (START - 2 * DAY, START, START + HOUR)
    assert (row.says, row.region, row.level) == ("silent for 9 days", "330100", "city")
    assert query(store, "zh_CN").page(START).rows[0].says == "已9天未更新"


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC), 0),  # the last second of the last allowed day
        (datetime(2026, 3, 3, 16, 0, 0, tzinfo=UTC), -1),  # the first second after it
        (datetime(2026, 3, 1, 4, tzinfo=UTC), 2),
    ],
)
def test_days_left_are_shanghai_days(store: Store, now: datetime, left: int) -> None:
    enrolled(store, account("a"))
    judged(store, "a", Outcome.PASS, days=2)
    assert query(store).page(now).rows[0].days_left == left


def test_an_account_that_was_never_judged_is_unknown(store: Store) -> None:
    enrolled(store, account("a"))
    (row,) = query(store).page(START).rows
    assert (row.outcome, row.says, row.days_left, row.days_silent) == (Outcome.UNKNOWN, "", None, None)


def test_canaries_and_removed_accounts_are_on_no_board(store: Store) -> None:
    enrolled(store, account("a"), account("canary", canary=True), account("old"))
    store.enroll([account("a"), account("canary", canary=True)], START, lambda target: START)
    board = query(store)
    assert names(store) == ["a"]
    assert [row.account for row in board.rows(START)] == ["a"]
    assert board.counts(START).total == 1
    for name in ("canary", "old", "nobody"):
        with pytest.raises(KeyError):
            board.account(name, START)


def test_the_board_is_searched_in_any_case_and_literally(store: Store) -> None:
    enrolled(
        store,
        account("a", name="Hangzhou 100%"),
        account("b", name="HANGZHOU_1000"),
        account("c", name="余杭发布", sponsor="余杭区"),
    )
    assert names(store, contains="hangzhou") == ["a", "b"]
    assert names(store, contains="100%") == ["a"]
    assert names(store, contains="_") == ["b"]
    assert names(store, contains="余杭区") == ["c"]
    page = query(store).page(START, contains="hang", limit=1)
    assert (page.matching, page.total, len(page.rows)) == (2, 3, 1)


def test_the_board_is_filtered_by_outcome(store: Store) -> None:
    enrolled(store, *(account(name) for name in ("a", "b", "c")))
    judged(store, "a", Outcome.FAIL)
    judged(store, "b", Outcome.PASS)
    page = query(store).page(START, outcomes=frozenset({Outcome.FAIL, Outcome.PASS}))
    assert ([row.account for row in page.rows], page.matching, page.total) == (["a", "b"], 2, 3)


def test_every_order_shows_every_account_once(store: Store) -> None:
    enrolled(store, *(account(f"a{number:02}") for number in range(25)))
    for sort in SORTS:
        shown = [one for start in range(0, 30, 10) for one in names(store, sort=sort, offset=start, limit=10)]
        assert sorted(shown) == [f"a{number:02}" for number in range(25)]
    with pytest.raises(ValueError, match="days_left"):
        query(store).page(START, sort="name; DROP TABLE account")


def test_the_worst_finding_speaks_for_the_account(store: Store) -> None:
    enrolled(store, account("a"))
    with store.writing() as ledger:
        answers = [finding("a", Outcome.PASS), finding("a", Outcome.FAIL, indicator="gone", values={"days": 4})]
        ledger.save_findings("a", answers, "edition")
    (row,) = query(store).page(START).rows
    assert (row.outcome, row.indicator, row.says) == (Outcome.FAIL, "gone", "silent for 4 days")


def test_a_hint_that_could_not_be_looked_at_hides_no_reminder_and_paints_nobody_unknown(store: Store) -> None:
    enrolled(store, account("a"), account("b"))
    with store.writing() as ledger:
        for name, outcome in (("a", Outcome.AT_RISK), ("b", Outcome.PASS)):
            hint = finding(name, Outcome.UNKNOWN, indicator="links").model_copy(update={"severity": "notice"})
            ledger.save_findings(name, [hint, finding(name, outcome)], "edition")
    assert [row.outcome for row in query(store).page(START).rows] == [Outcome.AT_RISK, Outcome.PASS]
    assert query(store).counts(START).by_outcome[Outcome.UNKNOWN] == 0


def test_the_deadline_of_an_account_stands_on_the_board_beside_a_hint(store: Store) -> None:
    """And where it runs out before anybody looks, the account is unknown, as it would be without the hint."""
    enrolled(store, account("a"))
    with store.writing() as ledger:
        hint = finding("a", Outcome.FAIL, indicator="links").model_copy(update={"severity": "notice"})
        ledger.save_findings("a", [hint, finding("a", Outcome.PASS, deadline=START + 5 * DAY)], "edition")
    board = query(store)
    (row,) = board.page(START).rows
    assert (row.outcome, row.indicator, row.days_left) == (Outcome.AT_RISK, "links", 4)
    (row,) = board.page(START + 5 * DAY).rows
    assert (row.outcome, row.indicator) == (Outcome.UNKNOWN, "")
    assert row.says
    assert board.counts(START + 5 * DAY).by_outcome[Outcome.UNKNOWN] == 1


def test_a_window_of_ten_thousand_accounts_costs_no_scan(store: Store) -> None:
    accounts = [account(f"a{number:05}") for number in range(10_000)]
    store.enroll(accounts, START, lambda target: START)
    with store.writing() as ledger:
        for number in range(0, 10_000, 50):
            deadline = START + timedelta(hours=number)
            ledger.save_findings(f"a{number:05}", [finding(f"a{number:05}", Outcome.FAIL, deadline=deadline)], "e")
    board = query(store)
    pages = [board.page(START, offset=offset, limit=40) for offset in (0, 160, 5_000, 9_990, 20_000)]
    assert [len(page.rows) for page in pages] == [40, 40, 40, 10, 0]
    assert {(page.matching, page.total) for page in pages} == {(10_000, 10_000)}
    assert [row.account for row in pages[0].rows] == [f"a{number:05}" for number in range(0, 2000, 50)]
    assert [row.account for row in pages[1].rows] == [f"a{number:05}" for number in range(8000, 10_000, 50)]
    assert sum(1 for _ in board.rows(START)) == 10_000
    if store.url.startswith("sqlite"):
        with store.reading() as connection:
            plan = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT * FROM account WHERE account.removed_at IS NULL AND NOT account.canary "
                "ORDER BY rank, order_at, id LIMIT 40"
            ).all()
        assert [row[-1] for row in plan] == ["SCAN account USING INDEX account_board"]


def test_counts_are_the_board_in_one_line(store: Store) -> None:
    enrolled(store, *(account(name) for name in ("a", "b", "c")))
    judged(store, "a", Outcome.FAIL)
    judged(store, "b", Outcome.PASS)
    claims = store.claim_targets({"weibo": 1}, START, LEASE)
    with store.writing() as ledger:
        for name, state in [("1", State.OPEN), ("2", State.PENDING)]:
            ledger.save_alert(alert("a", name, indicator=name, state=state))
        ledger.save_alert(alert("b", "3", level="reminder"))
        ledger.outbox.promise([Promise(*promise(alert("a", "1"), "duty"))], START)
    store.release(claims)
    counts = query(store).counts(START)
    assert counts.by_outcome == {Outcome.PASS: 1, Outcome.AT_RISK: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 1}
    assert (counts.total, counts.alerts_open, counts.notices_owed, counts.due) == (3, 1, 1, 3)
    assert counts.last_look_at is None


# --- one account -----------------------------------------------------------------------------------------------------


def test_an_accounts_page_shows_what_was_seen_and_what_is_missing(store: Store) -> None:
    enrolled(store, account("a", adapters=("weibo", "feed"), supervisor="某市人民政府"))
    look(store, START, post("1", START - DAY, url="https://example.cn/1"))
    look(store, START + HOUR, reason=Reason.CAPTCHA)
    with store.writing() as ledger:
        ledger.open_incident("weibo", START + MINUTE, "captcha")
    judged(store, "a", Outcome.UNKNOWN, missing=("mass_sent",), finality=Finality.AUTO)
    page = query(store).account("a", START + HOUR)
    assert page.row.account == "a"
    assert (page.supervisor, page.rulebook, page.missing) == ("某市人民政府", "national-2019", ("mass_sent",))
    assert page.targets == ("feed uid=751940166801 zone=亚洲", "weibo uid=751940166801 zone=亚洲")
    assert [(one.at, one.ok, one.reason, one.trusted) for one in page.looks] == [
        (START + HOUR, False, Reason.CAPTCHA, False),
        (START, True, None, True),
    ]
    assert page.looks[1].digests == ("ab" * 32,)
    assert [one.url for one in page.posts] == ["https://example.cn/1"]
    assert page.next_due_at == START
    (one,) = page.findings
    assert (one.number, one.title, one.severity) == ("2.1", "the stale rule", "veto")
    assert [(cited.text, cited.clause, cited.confidence) for cited in one.cites] == [
        ("国办秘函〔2019〕19号", "附件2", "verified")
    ]


def test_addresses_are_shown_without_their_secrets() -> None:
    target = Target(
        id="a/feed/1",
        account="a",
        adapter="feed",
        platform="feed:bridge.example",
        address={"url": "https://user:secret@bridge.example/feeds/1.xml?key=secret#secret", "zone": None},
    )
    assert place_of(target) == "feed url=https://bridge.example/feeds/1.xml?…"


def test_findings_come_account_by_account_in_the_order_of_the_rulebook(store: Store) -> None:
    enrolled(store, account("a"), account("b"), account("c", canary=True))
    with store.writing() as ledger:
        for name in ("b", "a", "c"):
            answers = [finding(name, Outcome.PASS, indicator=one) for one in ("gone", "unheard-of", "stale")]
            ledger.save_findings(name, answers, "edition")
    board = query(store)
    told = [(one.finding.account, one.finding.indicator) for one in board.findings(START)]
    assert told == [(name, one) for name in ("a", "b") for one in ("stale", "gone", "unheard-of")]
    assert [one.finding.account for one in board.findings(START, "b")] == ["b"] * 3
    assert list(board.findings(START, "nobody")) == []


def test_long_listings_are_whole_and_leave_no_transaction_open(store: Store) -> None:
    store.enroll([account(f"a{number:04}") for number in range(1_200)], START, lambda target: START)
    with store.writing() as ledger:
        for number in range(1_200):
            ledger.save_findings(f"a{number:04}", [finding(f"a{number:04}", Outcome.PASS)], "edition")
    board = query(store)
    listing = board.findings(START)
    first = next(listing)
    judged(store, "a1100", Outcome.FAIL)  # a writer is not kept out by a half-read listing
    rest = list(listing)
    accounts = [first.finding.account, *(one.finding.account for one in rest)]
    assert len(accounts) == 1_200
    assert all(one < two for one, two in pairwise(accounts))
    assert [one.finding.account for one in rest if one.finding.outcome is Outcome.FAIL] == ["a1100"]


# --- alerts and platforms --------------------------------------------------------------------------------------------


def test_alerts_say_what_happened_and_who_was_told(store: Store) -> None:
    enrolled(store, Account(id="a", name="某市发布", kind="weibo"))
    with store.writing() as ledger:
        breach = alert("a", "1", finding=finding("a", Outcome.FAIL, values={"days": 15}))
        over = alert("a", "0", state=State.RESOLVED, resolved_at=START, opened_at=START + DAY)
        incident = alert("platform:weibo", "2", level="incident", finding=None, detail="weibo blind: captcha")
        for one in (breach, over, incident):
            ledger.save_alert(one)
        for receiver in ("duty", "boss"):
            ledger.outbox.promise([Promise(*promise(breach, receiver))], START)
    sent = next(one for one in claim_messages(store, START, "duty", "boss") if one.receiver == "duty")
    with store.writing() as ledger:
        ledger.outbox.delivered(sent, START, "HTTP 200")
    shown = query(store).alerts(START, live_only=False)
    assert [(one.id, one.name, one.says, one.state) for one in shown] == [
        ("1", "某市发布", "silent for 15 days", "open"),
        ("2", "weibo", "weibo blind: captcha", "open"),
        ("0", "某市发布", "silent for - days", "resolved"),
    ]
    assert (shown[0].told, shown[0].owed) == (1, 1)
    assert [one.id for one in query(store).alerts(START, live_only=True)] == ["1", "2"]


def test_an_acknowledged_breach_is_marked_on_the_board(store: Store) -> None:
    enrolled(store, account("a"))
    judged(store, "a", Outcome.FAIL)
    with store.writing() as ledger:
        ledger.save_alert(alert("a"))
    assert not query(store).page(START).rows[0].acknowledged
    people.acknowledge(store, POLICY, "alert-1", "王", "", START)
    assert query(store).page(START).rows[0].acknowledged


def test_platforms_say_how_their_last_looks_went(store: Store) -> None:
    enrolled(store, account("a", adapters=("weibo", "feed")))
    look(store, START, post("a-1", START))
    for hour, reason in [(1, Reason.CAPTCHA), (2, Reason.CAPTCHA), (3, Reason.TIMEOUT)]:
        look(store, START + hour * HOUR, reason=reason)
    with store.writing() as ledger:
        ledger.open_incident("weibo", START + HOUR, "blind: captcha")
    feed, weibo = query(store).platforms(START + 3 * HOUR, 150 * MINUTE)
    assert (feed.platform, feed.looks, feed.last_seen_at, feed.incident_since) == ("feed", 0, None, None)
    assert (weibo.looks, weibo.seen, weibo.last_seen_at) == (3, 0, START)
    assert weibo.reasons == {Reason.CAPTCHA: 2, Reason.TIMEOUT: 1}
    assert (weibo.incident_since, weibo.incident) == (START + HOUR, "it cannot be seen: captcha")
    assert query(store).platforms(START + 3 * HOUR, DAY)[1].seen == 1


def test_a_pass_whose_deadline_went_by_without_a_look_is_unknown_on_the_board(store: Store) -> None:
    store.enroll([account("silent")], START, lambda target: START)
    with store.writing() as ledger:
        ledger.save_findings(
            "silent", (finding("silent", Outcome.PASS, deadline=START + timedelta(days=1)),), "edition"
        )
    query = Query(store, {}, "en")
    assert [row.outcome for row in query.rows(START)] == [Outcome.PASS]
    late = START + timedelta(days=2)
    assert [row.outcome for row in query.rows(late)] == [Outcome.UNKNOWN]
    assert query.counts(late).by_outcome[Outcome.UNKNOWN] == 1
    assert query.page(late, outcomes=frozenset({Outcome.PASS})).matching == 0


def test_an_account_is_found_by_the_first_letters_of_its_name_and_its_office(store: Store) -> None:
    enrolled(store, account("a", name="贵州省人民政府网", sponsor="长沙市公安局"), account("b"))
    assert names(store, contains="gzsrm") == ["a"]
    assert names(store, contains="CSSGA") == ["a"]
    enrolled(store, account("a", name="云溪发布", sponsor="长沙市公安局"), account("b"))
    assert names(store, contains="gzsrm") == []
    assert names(store, contains="yxfb") == ["a"]
