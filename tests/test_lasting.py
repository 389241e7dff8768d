"""Answers that last: whom nobody looks at and the clock does not turn is not judged again, and stands as if judged."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mediawatch import conclude
from mediawatch.conclude import due
from mediawatch.core.model import Evidence, Feed, Finding, Post, Profile, Reason
from mediawatch.core.review import Decision
from mediawatch.core.rulebook import Indicator, Rulebook, Words
from mediawatch.core.rules import RULES, asked, judge, judge_one, other_thresholds, restated
from mediawatch.core.rules.rule import PARTS
from mediawatch.core.settled import keeps
from mediawatch.core.value import made
from mediawatch.policy import Policy
from mediawatch.rejudge import rebuild
from mediawatch.rulebook_file import built_in, load_rulebook
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from mediawatch.store.tables import ACCOUNT, ALERT, STANDING
from tests.empty_store import new_store
from tests.indicator_rows import rows, with_tasks
from tests.store_world import DAY, HOUR, LEASE, START, account, failed, saw
from tests.tables import BOOK
from tests.test_less_sight import BY_RULE, histories
from tests.test_settled import counted, told

LASTING = sorted(name for name, rule in RULES.items() if rule.keeps is not None)
LINES = {line.model_dump_json(): line for name in built_in() for line in load_rulebook(name).indicators}
LATER = (*(timedelta(hours=hours) for hours in (0.01, 1, 7, 13)), *(timedelta(days=days) for days in (1, 3, 8, 20, 45)))
NATIONAL = load_rulebook("national-2019")
BOOKS = {"national-2019": NATIONAL}


def turned(line: Indicator, on: Evidence, later: timedelta) -> tuple[Any, Any] | None:
    """What the line says now and later, as it is shown then; `None` where it does not say that it lasts till then."""
    book = BOOK.model_copy(update={"indicators": (line,)})
    if not asked(book, on):
        return None
    now, before = on.now + later, judge_one(line, on)
    until = keeps(book, on, (before,))
    if until is None or now >= until:
        return None
    return shown(before, now), shown(judge_one(line, on.model_copy(update={"now": now})), now)


def shown(finding: Finding, now: datetime) -> dict[str, Any]:
    """As it is told, but for the next instant at which a look may make a reminder of it."""
    return told(finding, now) | {"warns_at": None}


def test_an_answer_that_lasts_is_given_again_at_any_instant_until_it_says() -> None:
    tried = set()
    for line in map(with_tasks, LINES.values()):
        for row in rows(line) if RULES[line.rule].keeps is not None else ():
            for on in (row.on, counted(row.on, row.on.looks)):
                for later in LATER:
                    both = turned(line, on, later)
                    if both is not None:
                        tried.add(line.rule)
                        assert both[0] == both[1], (line.id, row.says, later)
    assert tried == set(LASTING)


@pytest.mark.parametrize("rule", LASTING)
def test_whatever_was_seen_an_answer_lasts_as_long_as_it_says(rule: str) -> None:
    @given(histories(rule), st.timedeltas(timedelta(), timedelta(days=70)))
    @settings(suppress_health_check=list(HealthCheck), max_examples=60)
    def holds(history: tuple[Evidence, frozenset[int]], later: timedelta) -> None:
        both = turned(with_tasks(BY_RULE[rule]), history[0], later)
        assert both is None or both[0] == both[1]

    holds()


# --- of other thresholds ----------------------------------------------------------------------------------------------

RESTATED = sorted(name for name, rule in RULES.items() if rule.restated is not None)
OTHER = (
    {"days": 10}, {"days": 20}, {"days": 2}, {"months": 1}, {"warn_days": (3, 9)}, {"warn_days": ()},
    {"days": 8, "warn_days": (7,)}, {"classes": {}}, {"reposts_count": False}, {"deleted_count": False},
    {"watched_throughout": False},
)  # fmt: skip


def told_and_judged(line: Indicator, other: dict[str, Any], on: Evidence, later: timedelta) -> tuple[Any, Any] | None:
    """What is told of the line by other thresholds from what stands, and what judging says; `None` where it is read."""
    new = line.model_copy(update={"params": {**line.params, **other}})
    before, book = (BOOK.model_copy(update={"indicators": (one,)}) for one in (line, new))
    now = on.now + later
    stands = {line.id: judge_one(line, on, BOOK.switches)}
    told = restated(book, other_thresholds(book, before), Evidence(account=on.account, now=now), stands)
    if told is None:
        return None
    return told, judge(book, on.model_copy(update={"now": now}))


@pytest.mark.parametrize("rule", RESTATED)
def test_by_other_thresholds_what_stands_tells_what_the_evidence_says(rule: str) -> None:
    line, said = BY_RULE[rule], 0

    @given(histories(rule), st.sampled_from(OTHER), st.sampled_from(OTHER), st.sampled_from((timedelta(), *LATER)))
    @settings(suppress_health_check=list(HealthCheck), max_examples=200)
    def alike(history: Any, one: dict[str, Any], other: dict[str, Any], later: timedelta) -> None:
        both = told_and_judged(line.model_copy(update={"params": {**line.params, **one}}), other, history[0], later)
        assert both is None or both[0] == both[1]

    alike()
    for row in rows(line):
        for other in OTHER:
            both = told_and_judged(line, other, row.on, timedelta(hours=1))
            said += both is not None
            assert both is None or both[0] == both[1], (row.says, other)
    assert said


class Watched(Evidence):
    """Evidence that knows what of it was read."""

    def __getattribute__(self, name: str) -> Any:
        if name in PARTS:
            READ.add(name)
        return super().__getattribute__(name)


READ: set[str] = set()


@pytest.mark.parametrize("rule", sorted(name for name, rule in RULES.items() if rule.reads != PARTS))
def test_a_rule_reads_of_the_evidence_what_it_says(rule: str) -> None:
    READ.clear()
    for line in map(with_tasks, (one for one in LINES.values() if one.rule == rule)):
        for row in rows(line):
            judge_one(line, made(Watched, dict(row.on.__dict__)), BOOK.switches)
    assert RULES[rule].reads >= READ


# --- a whole record ---------------------------------------------------------------------------------------------------

LIVES = 8


def edition(change: Callable[[Indicator], Indicator | None], *, backwards: bool = False) -> Rulebook:
    """The national book with other lines."""
    lines = [other for one in NATIONAL.indicators if (other := change(one)) is not None]
    return NATIONAL.model_copy(update={"indicators": tuple(reversed(lines) if backwards else lines)})


def of(*ids: str, **more: Any) -> Callable[[Indicator], Indicator]:
    return lambda one: one.model_copy(update=more) if one.id in ids else one


EDITIONS = (
    NATIONAL,
    edition(lambda one: one.model_copy(update={"params": {**one.params, "days": 10}}) if one.id == "U1" else one),
    edition(of("U1", "U9", "C5", title=Words(zh_CN="另一种说法", en="In other words"))),
    edition(of("U7", "U8", "A6", severity="veto")),
    edition(of("U1", "R3N", severity="notice")),
    edition(lambda one: None if one.id in ("U1", "U9", "R2") else one),
    edition(lambda one: one.model_copy(update={"severity": "notice"}) if one.applies_to == ("app",) else one),
    edition(lambda one: one, backwards=True),
)


class Nation:
    """Some accounts that are looked at now and then, by chance, and live as it comes: they post, delete, fall silent,
    are gone, blind, and show other numbers."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.store, self.chance, self.now = store, chance, START
        self.accounts = [account(f"a{number}", adapters=("weibo", "feed")[: 1 + number % 2]) for number in range(LIVES)]
        self.posts: dict[str, list[Post]] = {one.id: [] for one in self.accounts}
        self.books: dict[str, Rulebook] = BOOKS
        self.store.enroll(self.accounts, START, lambda target: START)
        self.store.keep_books(self.books.values(), START)

    def live(self) -> None:
        """Some hours go by: everybody does something, and some are looked at."""
        self.now += timedelta(minutes=self.chance.choice([7, 90, 600, 1500, 4000]))
        for one in self.accounts:
            posts = self.posts[one.id]
            if self.chance.random() < 0.4:
                at = self.now - timedelta(hours=self.chance.choice([0.1, 3, 70]))
                posts.append(Post(key=f"{self.now:%m%d%H%M}", at=at, title="要闻", repost=self.chance.random() < 0.5))
            if posts and self.chance.random() < 0.1:
                posts.pop(self.chance.randrange(len(posts)))
        if self.chance.random() < 0.15:
            self._incident()
        if self.chance.random() < 0.3:
            self._dismiss()
        self._look(judged=self.chance.random() < 0.9)

    def _look(self, *, judged: bool) -> None:
        ids = [one.id for one in self.accounts if self.chance.random() < 0.4]
        self.store.make_due(self.now, ids)
        claims = self.store.claim_targets({"weibo": 99, "feed": 99}, self.now, LEASE)
        looked = [Looked(one, self._seen(one), ()) for one in claims]
        policy = Policy(books=self.books)
        with self.store.writing() as ledger:
            kept = ledger.record_all(looked)
            if not judged:  # as while the clock is in doubt
                return
            known = {one.claim.account.id: one.claim.account for one in looked}
            changed = {
                one.claim.account.id for one, new in zip(looked, kept, strict=True) if not new or not new.unchanged
            }
            said = conclude.conclude(ledger, known.values(), policy, self.now, known.keys() - changed)
            ledger.reschedule_all([(one.claim, due(one, said, {}, policy, self.now)) for one in looked])

    def _seen(self, claim: Any) -> Any:
        what = self.chance.random()
        if what < 0.15:
            reason = self.chance.choice([Reason.CAPTCHA, Reason.GONE, Reason.TIMEOUT])
            return failed(claim, self.now, reason)
        shown = sorted(self.posts[claim.account.id], key=lambda one: one.at or self.now, reverse=True)[:10]
        if what < 0.5:
            return saw(claim, self.now, *shown)
        followers = self.chance.choice([None, 0, 7, 5000, 9000])
        profile = Profile(name=self.chance.choice(["某市发布", "另一个"]), followers=followers, posts=len(shown))
        feed = Feed(profile=profile, posts=tuple(shown))
        return saw(claim, self.now).model_copy(update={"seen": feed})

    def _incident(self) -> None:
        with self.store.writing() as ledger:
            if ledger.incident("weibo") is None:
                ledger.open_incident("weibo", self.now - 3 * HOUR, "captcha")
            else:
                ledger.close_incident("weibo", self.now - HOUR)

    def _dismiss(self) -> None:
        """Somebody dismisses what an alert says, perhaps for a day."""
        with self.store.reading() as connection:
            alerts = connection.execute(select(ALERT).where(ALERT.c.state != "resolved").order_by(ALERT.c.id)).all()
        if not alerts:
            return
        one = self.chance.choice(alerts)
        ends = self.chance.choice([None, self.now + DAY])
        said = {"choice": "dismiss", "by": "A", "reason": "seen", "at": self.now, "expires_at": ends}
        with self.store.writing() as ledger:
            of = {"alert": one.id, "account": one.subject, "indicator": one.indicator, "since": one.since}
            ledger.decide(Decision.model_validate({**of, **said}))
            ledger.speak_again(one.subject, self.now)

    def judged_alike(self) -> bool:
        """Whether rules say the same of the record's own rows, of many at once, and of one account's values."""
        book = self.books["national-2019"]
        with self.store.writing() as ledger:
            rows_of = ledger.evidence_of([one.id for one in self.accounts], self.now)
            values_of = {id_: ledger.evidence(id_, self.now) for id_ in rows_of}
        return all(judge(book, of) == judge(book, values_of[id_]) for id_, of in rows_of.items())

    def stands(self) -> tuple[list[Any], list[Any]]:
        with self.store.reading() as connection:
            answers = connection.execute(select(STANDING).order_by(STANDING.c.account, STANDING.c.indicator))
            said = [
                (one.account, shown(Finding.model_validate_json(one.finding), self.now), one.edition) for one in answers
            ]
            names = ("id", "outcome", "rank", "indicator", "deadline", "order_at", "reason")
            board = connection.execute(select(*(ACCOUNT.c[name] for name in names)).order_by(ACCOUNT.c.id))
            return said, [tuple(row) for row in board]


@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=93004)  # the line that spoke is asked no more, and one that is another now passes behind one that stands
def test_judging_only_whom_anything_may_have_turned_leaves_what_judging_all_leaves(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Over chance histories, days, incidents, books that change and decisions of people."""
    chance = random.Random(seed)  # noqa: S311
    file = tmp_path_factory.mktemp("nation") / "m.db"
    store = new_store(file, START)
    nation = Nation(store, chance)
    for _ in range(14):
        nation.live()
        if chance.random() < 0.2:
            nation.books = {"national-2019": chance.choice(EDITIONS)}
            store.keep_books(nation.books.values(), nation.now)
        nation.now += timedelta(minutes=chance.choice([1, 30, 800, 3000]))
        if chance.random() < 0.5:
            rebuild(store, nation.books, nation.now)
            few = nation.stands()
            assert rebuild(store, nation.books, nation.now, whole=True).stood == 0
            assert few == nation.stands()
            assert nation.judged_alike()
    store.close()
