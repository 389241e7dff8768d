"""Judging again from the record: as of an instant, with another book, or to rebuild the standing answers.

The same evidence, book and instant give the same findings. It must never look, open an alert or tell anybody; only
`rebuild` writes, and only what the record already proves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from mediawatch.conclude import edition_of, lasting
from mediawatch.core.calendar import FOREVER, day_of, midnight_after
from mediawatch.core.model import Account, Evidence, Finding, Outcome
from mediawatch.core.rulebook import Indicator, Rulebook
from mediawatch.core.rules import decides_otherwise, judge, other_thresholds, reads, restated, thresholds
from mediawatch.core.settled import keeps
from mediawatch.memory import without_walks
from mediawatch.store.answers import Judged, Lines, Relined
from mediawatch.store.past import Past
from mediawatch.store.store import Ledger, Store

Progress = Callable[[int, int], None]


def nothing(done: int, total: int) -> None:
    """Nobody watches how far it is."""


SOME = 200  # accounts in one transaction of a rebuild
_UNTOLD = {"warn_days", "warn_on", "warn_day", "warn_percent", "classes"}  # what decides no fail


class NoBook(Exception):
    """An account asks for a rulebook that the settings do not name. `str()` says which."""


@dataclass(frozen=True)
class Verdict:
    """What one book says of one account at one instant."""

    account: Account
    book: Rulebook
    evidence: Evidence
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Change:
    """An account that fares otherwise under the tried book: `more` fails, `fewer` fails, or the same fail `sooner`.

    finding: the first fail of the tried book, or of the account's own where there is none any more.
    before: the first fail under the account's own book.
    """

    what: Literal["more", "fewer", "sooner"]
    account: Account
    finding: Finding
    before: Finding | None


@dataclass(frozen=True)
class Difference:
    """One line of the standard in which the tried book differs from an account's own, and what would follow.

    indicator: its id in the tried book, or in the own one where that alone has it. new, old: the line in either book.
    thresholds: `(name, tried, own)`, as the rule takes them.
    """

    indicator: str
    own_book: str
    new: Indicator | None
    old: Indicator | None
    thresholds: tuple[tuple[str, Any, Any], ...]
    changes: tuple[Change, ...]

    def count(self, what: str) -> int:
        return sum(1 for change in self.changes if change.what == what)


def as_of(
    past: Past,
    books: Mapping[str, Rulebook],
    at: datetime,
    *,
    book: Rulebook | None = None,
    account: str | None = None,
    progress: Progress = nothing,
) -> Iterator[Verdict]:
    """Every account of that time, by its own book or by `book`, each in the edition of that day.

    Raises NoBook, and KeyError for an unknown account.
    """
    day = day_of(at)
    ids = past.accounts(at) if account is None else (account,)
    for done, (of, evidence) in enumerate(past.many(ids, at)):
        progress(done, len(ids))
        applied = (book or _own(books, of)).on(day)
        yield Verdict(of, applied, evidence, judge(applied, evidence))
    progress(len(ids), len(ids))


def attempt(
    past: Past,
    books: Mapping[str, Rulebook],
    book: Rulebook,
    since: datetime,
    until: datetime,
    progress: Progress = nothing,
) -> tuple[int, tuple[Difference, ...]]:
    """Who would have failed under `book` in that time, beside what the accounts' own books say. Raises NoBook.

    Returns how many accounts were judged, and the lines of the standard that differ, in the order of the book.
    """
    ids = past.accounts(until)
    own_books: dict[str, Rulebook] = {}
    fared: dict[str, list[tuple[Account, dict[str, Finding], dict[str, Finding]]]] = {}
    for done, account_id in enumerate(ids):
        progress(done, len(ids))
        account = past.account(account_id, until)
        own = _own(books, account)
        own_books[own.id] = own
        after, before = first_fails(past, account_id, (book, own), since, until)
        fared.setdefault(own.id, []).append((account, after, before))
    progress(len(ids), len(ids))
    found = []
    for whole in own_books.values():
        own = whole.on(day_of(until))
        for new, old in _pairs(book, own):
            both = [
                (account, after.get(new.id) if new else None, before.get(old.id) if old else None)
                for account, after, before in fared[own.id]
            ]
            changes = [change for one in both if (change := _change(*one)) is not None]
            found.append(_difference(book, own, new, old, changes))
    return len(ids), tuple(one for one in found if one is not None)


def _pairs(book: Rulebook, own: Rulebook) -> tuple[tuple[Indicator | None, Indicator | None], ...]:
    """Which line of the tried book stands against which of the own: the one that asks the same, else of the same id.

    Ids alone would call a national line new, or no longer asked, where one of the books has it beside a local one.
    """
    pairs: list[tuple[Indicator | None, Indicator | None]] = []
    pairs += [(line, _counterpart(line, book, own)) for line in book.indicators]
    pairs += [(_counterpart(line, own, book), line) for line in own.indicators]
    return tuple({(new and new.id, old and old.id): (new, old) for new, old in pairs}.values())


def _counterpart(line: Indicator, of: Rulebook, other: Rulebook) -> Indicator | None:
    named = [one for one in other.indicators if one.id == line.id]
    same = [one for one in (*named, *other.indicators) if _asks_the_same(line, of, one, other)]
    return next(iter((*same, *named)), None)


def _asks_the_same(line: Indicator, of: Rulebook, one: Indicator, other: Rulebook) -> bool:
    """Of the same accounts, by the same rule and the same thresholds, as far as these decide a fail."""
    asked, asks = ((x.rule, x.needs, set(x.applies_to), set(x.states)) for x in (line, one))
    return asked == asks and not _told(line, of, one, other)


def _told(new: Indicator, book: Rulebook, old: Indicator, own: Rulebook) -> tuple[tuple[str, Any, Any], ...]:
    """The thresholds that differ between two lines of one rule, and decide a fail."""
    tried = thresholds(new, book.switches).model_dump(mode="json")
    before = thresholds(old, own.switches).model_dump(mode="json")
    return tuple((key, tried[key], before[key]) for key in tried if key not in _UNTOLD and tried[key] != before[key])


def first_fails(
    past: Past, account: str, books: Sequence[Rulebook], since: datetime, until: datetime
) -> tuple[dict[str, Finding], ...]:
    """For each book, the first fail of each indicator between two instants, both included, of the account as it was.

    Only a look proves a fail, so that nothing is judged between looks, nor while every answer is proven to hold.
    """
    evidence = cache(lambda at: past.evidence(past.account(account, at), at))
    looks = past.looks(account, since, until)
    found = []
    for book in books:
        days = [day - timedelta(days=1) for day in _first_days(book)]
        begins = {moment for day in days if since < (moment := midnight_after(day)) <= until}
        failed: dict[str, Finding] = {}
        quiet = since
        for at in sorted({since, *looks, *begins}):
            if at < quiet and at not in begins:
                continue
            findings = judge(book.on(day_of(at)), evidence(at))
            for finding in findings:
                if finding.outcome is Outcome.FAIL:
                    failed.setdefault(finding.indicator, finding)
            waiting = (
                at if finding.outcome is Outcome.UNKNOWN else finding.holds_until  # a look may prove what is open
                for finding in findings
                if finding.indicator not in failed
            )
            quiet = min(waiting, default=until + timedelta(days=1))
        found.append(failed)
    return tuple(found)


def _first_days(book: Rulebook) -> Iterator[date]:
    """The days on which more, or something else, is asked."""
    yield from (line.in_force_from for line in book.indicators if line.in_force_from is not None)
    if book.earlier is not None:
        yield book.in_force_from
        yield from _first_days(book.earlier)


@dataclass(frozen=True)
class Rebuilt:
    """How many accounts were judged again, and how many were found to stand without it."""

    judged: int
    stood: int


def rebuild(
    store: Store,
    books: Mapping[str, Rulebook],
    now: datetime,
    progress: Progress = nothing,
    *,
    whole: bool = False,
) -> Rebuilt:
    """Makes the standing answers those of the record at `now`. Alerts follow with the next looks. Raises NoBook.

    Judged are those whose answers may have turned since they were given (`store.lasting`), and by the lines alone that
    a new edition of their book decides otherwise; whole: all, whatever stands.
    """
    every = Past(store).accounts(now)
    if whole:
        judge_again(store, books, every, now, progress)
        return Rebuilt(judged=len(every), stood=0)
    current = [book.on(day_of(now)) for book in books.values()]
    changed = _changed(current, Past(store).editions())
    editions = {edition_of(one) for one in (*current, *(one.before for one in changed))}
    with store.writing() as ledger:
        ids = ledger.to_judge(editions, now)
        some = [part for one in changed for part in one.parted(ledger.given_by(edition_of(one.before), now))]
    total, done = len(ids) + sum(len(of) for _, of in some), 0
    for one, of in some:
        judge_lines(store, one, of, now, lambda more, _, begun=done: progress(begun + more, total))  # type: ignore[misc]
        done += len(of)
    judge_again(store, books, ids, now, lambda more, _: progress(done + more, total))
    return Rebuilt(judged=total, stood=len(every) - total)


@dataclass(frozen=True)
class Changed:
    """A book, an edition of it that held before, and the lines that decide otherwise since."""

    book: Rulebook
    before: Rulebook
    lines: frozenset[str]

    def parted(
        self, accounts: Iterable[tuple[str, str]]
    ) -> tuple[tuple[Changed, list[str]], tuple[Changed, list[str]]]:
        """Those whom a changed line asks anything, or asked, by their kind; and those for whom nothing has changed."""
        lines = (line for line in (*self.book.indicators, *self.before.indicators) if line.id in self.lines)
        kinds = {kind for line in lines for kind in line.applies_to}
        asked: tuple[list[str], list[str]] = ([], [])
        for id_, kind in accounts:
            asked[kind not in kinds].append(id_)
        return (self, asked[0]), (replace(self, lines=frozenset()), asked[1])


def _changed(current: Iterable[Rulebook], known: Iterable[Rulebook]) -> list[Changed]:
    """The editions whose answers need not all be given again; what stood in another order is judged anew."""
    both = [(book, one) for book in current for one in known if one.id == book.id and one.edition != book.edition]
    lines = [(book, one, decides_otherwise(book, one)) for book, one in both]
    return [Changed(book, one, some) for book, one, some in lines if some is not None]


def judge_lines(
    store: Store, changed: Changed, ids: Sequence[str], now: datetime, progress: Progress = nothing
) -> None:
    """Judges accounts by the lines that are others now; all else that stands of them stands by the new edition."""
    book = changed.book.alone()
    asks = book.model_copy(update={"indicators": tuple(one for one in book.indicators if one.id in changed.lines)})
    lines_now = [one.id for one in book.indicators]
    ids_of_all = (*sorted(changed.lines.difference(lines_now)), *lines_now)
    lines = Lines(changed.lines, ids_of_all, book.edition, edition_of(book), edition_of(changed.before))
    before = other_thresholds(asks, changed.before)
    for start in range(0, len(ids), SOME):
        progress(start, len(ids))
        some = ids[start : start + SOME]
        with without_walks(), store.writing() as ledger:
            judged = {one: Relined((), FOREVER) for one in some}
            if asks.indicators:
                judged = _restated(ledger, asks, before, some, now)
                unread = [one for one in some if one not in judged]
                for evidence in ledger.each_evidence(unread, now, reads(asks)):
                    findings = judge(asks, evidence)
                    judged[evidence.account.id] = Relined(findings, keeps(asks, evidence, findings))
            ledger.save_lines(judged, lines, now)
    progress(len(ids), len(ids))


def _restated(
    ledger: Ledger, asks: Rulebook, before: Mapping[str, Any], ids: Sequence[str], now: datetime
) -> dict[str, Relined]:
    """Those accounts of which what stands tells what the lines say by other thresholds: their evidence is not read."""
    stood: dict[str, dict[str, Finding]] = {one: {} for one in ids} if before else {}
    for (one, line), finding in ledger.standing_of({(one, line) for one in stood for line in before}).items():
        stood[one][line] = finding
    told: dict[str, Relined] = {}
    for one, account in ledger.accounts(stood.keys()).items():
        bare = Evidence(account=account, now=now)
        findings = restated(asks, before, bare, stood[one])
        if findings is not None:
            told[one] = Relined(findings, keeps(asks, bare, findings))
    return told


def judge_again(
    store: Store, books: Mapping[str, Rulebook], ids: Sequence[str], now: datetime, progress: Progress = nothing
) -> None:
    """Judges those accounts on all that the record holds of them. Raises NoBook."""
    for start in range(0, len(ids), SOME):
        progress(start, len(ids))
        with without_walks():
            _judge_some(store, books, ids[start : start + SOME], now)
    progress(len(ids), len(ids))


def _judge_some(store: Store, books: Mapping[str, Rulebook], ids: Sequence[str], now: datetime) -> None:
    with store.writing() as ledger:
        ledger.save_each(ids, _each_judged(ledger, books, ids, now))


def _each_judged(ledger: Ledger, books: Mapping[str, Rulebook], ids: Sequence[str], now: datetime) -> Iterator[Judged]:
    """One account after the other, so that what is known of each is in the processor's reach while it is needed."""
    marks: dict[str, str] = {}
    for evidence in ledger.each_evidence(ids, now):
        account = evidence.account
        if unmarked := {one.platform for one in account.targets} - marks.keys():
            marks |= ledger.incident_marks(unmarked)
        book = _own(books, account).on(day_of(now))
        findings = judge(book, evidence)
        yield Judged(account.id, findings, book.edition, lasting(book, evidence, findings, marks))


def _own(books: Mapping[str, Rulebook], account: Account) -> Rulebook:
    if account.rulebook not in books:
        raise NoBook(
            f"{account.id}: its rulebook {account.rulebook} is not in the settings; run the daemon once, or name it"
        )
    return books[account.rulebook]


def _change(account: Account, after: Finding | None, before: Finding | None) -> Change | None:
    if after is None:
        return Change("fewer", account, before, before) if before is not None else None
    if before is None:
        return Change("more", account, after, None)
    return Change("sooner", account, after, before) if after.judged_at < before.judged_at else None


def _difference(
    book: Rulebook, own: Rulebook, new: Indicator | None, old: Indicator | None, changes: Sequence[Change]
) -> Difference | None:
    line = new or old
    assert line is not None
    if new is None or old is None or new.rule != old.rule:
        return Difference(line.id, own.id, new, old, (), tuple(changes))
    told = _told(new, book, old, own)
    return Difference(line.id, own.id, new, old, told, tuple(changes)) if told or changes else None
