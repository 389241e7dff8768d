"""The answers that stand of accounts, and the one of each that speaks for it on the board: a projection of the record.

What has not changed is not written again. It must never judge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, bindparam, case, delete, func, select, update

from mediawatch.core import flapping
from mediawatch.core.alerting import State
from mediawatch.core.model import Finding, Outcome
from mediawatch.core.review import Review
from mediawatch.core.standing import Standing, standing_of, worst
from mediawatch.core.value import made
from mediawatch.store import batches, reviews, rows
from mediawatch.store.columns import BETWEEN, among, changing, joined
from mediawatch.store.enroll import RANK
from mediawatch.store.lasting import NOT_LASTING, Lasting
from mediawatch.store.tables import ACCOUNT, ALERT, FAR, STANDING
from mediawatch.store.upserts import Upserts


class _Told(msgspec.Struct):
    """Of an answer that stood, what the next one is held against by itself."""

    indicator: str
    outcome: str
    since: rows.Instant | None
    judged_at: rows.Instant


class _Stood(NamedTuple):
    """What stood of an account. edition: empty where its answers are not all of one. answers: by indicator, what it
    told, how that is written down, and the last answers."""

    edition: str
    answers: dict[str, tuple[_Told, str, str]]


_NOTHING = _Stood("", {})
_NONE: frozenset[str] = frozenset()
_OUTCOME = attrgetter("outcome")
_TELL = msgspec.json.Decoder(list[_Told])
_STANDING = select(STANDING.c.finding).where(STANDING.c.account == bindparam("one"))
_BEFORE = (
    select(
        *(STANDING.c.account, func.min(STANDING.c.edition), func.max(STANDING.c.edition)),
        *(joined(STANDING.c.finding), joined(STANDING.c.history)),
    )
    .where(among(STANDING.c.account, "accounts"))
    .group_by(STANDING.c.account)
)
_BEFORE_OF_LINES = _BEFORE.where(among(STANDING.c.indicator, "lines"))
_ON_BOARD = ("outcome", "rank", "indicator", "deadline", "order_at", "holds_until", "reason", "finding")
_SPOKE = select(ACCOUNT.c.id, ACCOUNT.c.settled_at, *(ACCOUNT.c[name] for name in _ON_BOARD)).where(
    among(ACCOUNT.c.id, "accounts")
)
_TOLD = select(ALERT.c.subject, ALERT.c.indicator).where(
    among(ALERT.c.subject, "accounts"),
    ALERT.c.state != State.RESOLVED.value,
    ALERT.c.level == "breach",
    ALERT.c.review != Review.WAITING.value,
)
_OVER = delete(STANDING).where(STANDING.c.account == bindparam("of"), STANDING.c.indicator == bindparam("one"))
_BY_EDITION = update(STANDING).where(among(STANDING.c.account, "accounts")).values(edition=bindparam("edition"))
_UNTIL = bindparam("until", type_=ACCOUNT.c.keeps_until.type)
_RELINED = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("one"))
    .values(
        settled_at=bindparam("settled_at"),
        keeps_until=case((ACCOUNT.c.keeps_until < _UNTIL, ACCOUNT.c.keeps_until), else_=_UNTIL),
        kept_by=bindparam("by", type_=ACCOUNT.c.kept_by.type) + func.substr(ACCOUNT.c.kept_by, bindparam("rest")),
    )
)
SPOKEN = changing(ACCOUNT, *_ON_BOARD, "settled")
SETTLED = changing(ACCOUNT, "settled", "settled_at")
_JUDGED = changing(ACCOUNT, "settled", "settled_at", "keeps_until", "kept_by")


@dataclass(frozen=True)
class Saved:
    """What stands of an account's answers once they are written. dismissed: the indicators whose fail a person has
    dismissed. histories: by indicator, its last answers, from old to new."""

    dismissed: frozenset[str]
    histories: dict[str, str]


class Judged(NamedTuple):
    """What an account was judged, by which edition of its book, and how long that lasts."""

    account: str
    findings: tuple[Finding, ...]
    edition: str
    lasts: Lasting = NOT_LASTING


def save_each(
    connection: Connection, upsert: Upserts, accounts: Collection[str], each: Iterable[Judged]
) -> dict[str, Saved]:
    """See `Ledger.save_findings`; each account is held against what stood before the next one is asked for."""
    before = _before(connection, _BEFORE, accounts)
    spoke = {row[0]: row for row in batches.read(connection, _SPOKE, {"accounts": sorted(accounts)})}
    standing: list[dict[str, Any]] = []
    spoken: list[dict[str, Any]] = []
    gone: list[dict[str, str]] = []
    judged_at: list[dict[str, Any]] = []
    saved: dict[str, Saved] = {}
    failing: dict[str, tuple[_Compared, datetime]] = {}

    def speak(account: str, stands: _Compared, dismissed: frozenset[str], told: frozenset[str]) -> None:
        saved[account] = Saved(dismissed, stands.histories)
        speaks = stands.spoken(dismissed, told, spoke[account][-1])
        if speaks is not None and tuple([speaks[name] for name in _ON_BOARD]) != spoke[account][2:]:
            spoken.append({"one": account, **speaks})

    for account, findings, edition, lasts in each:
        stands = _compared(account, findings, edition, _stood(before.get(account)), spoke[account][1])
        gone += [{"of": account, "one": one} for one in stands.over]
        standing += stands.changed
        if Outcome.FAIL in map(_OUTCOME, stands.answers):
            failing[account] = stands, findings[0].judged_at
        else:
            speak(account, stands, _NONE, _NONE)
        if findings:
            at, until, by = findings[0].judged_at, lasts.until, lasts.by
            judged_at.append({"one": account, "settled": None, "settled_at": at, "keeps_until": until, "kept_by": by})
    dismissed = reviews.dismissed(connection, {one: (of.answers, at) for one, (of, at) in failing.items()})
    told = _told(connection, failing)
    for account, (stands, _) in failing.items():
        speak(account, stands, dismissed[account], told[account])
    for statement, values in ((_OVER, gone), (upsert.standing, standing), (SPOKEN, spoken), (_JUDGED, judged_at)):
        batches.run(connection, statement, values)
    return saved


@dataclass(frozen=True)
class Lines:
    """Lines of a book that a new edition of it decides otherwise. ids: theirs. order: the ids of all lines, in that of
    the book; before them those that are asked no more, for what stood behind one of these is not known. edition: the
    new one. by, was_by: it and the one before, as `lasting.by` begins with them."""

    ids: frozenset[str]
    order: tuple[str, ...]
    edition: str
    by: str
    was_by: str


@dataclass(frozen=True)
class Relined:
    """What these lines say of an account, and until when that lasts, as in `Lasting`."""

    findings: tuple[Finding, ...]
    until: datetime | None


def save_lines(
    connection: Connection, upsert: Upserts, judged: Mapping[str, Relined], lines: Lines, now: datetime
) -> None:
    """See `Ledger.save_lines`. Nobody has decided anything of these accounts' alerts."""
    before = _before(connection, _BEFORE_OF_LINES, judged, lines.ids)
    told = _told(connection, judged)
    spoke = {row.id: row for row in connection.execute(_SPOKE, {"accounts": sorted(judged)}).all()}
    standing: list[dict[str, Any]] = []
    spoken: list[dict[str, Any]] = []
    gone: list[dict[str, str]] = []
    unsure: list[str] = []
    for account_id, relined in judged.items():
        known, row = _stood(before.get(account_id)), spoke[account_id]
        compared = _compared(account_id, relined.findings, lines.edition, known, row.settled_at)
        standing += compared.changed
        gone += [{"of": account_id, "one": one} for one in compared.over]
        was = rows.finding_of(row.finding)
        speaks = _speaks_now(was, compared.answers, lines, told[account_id])
        if speaks is None:
            unsure.append(account_id)
        elif speaks is not was:
            spoken.append({"one": account_id, **board_values((speaks,), told[account_id])})
    for statement, values in ((_OVER, gone), (upsert.standing, standing), (SPOKEN, spoken)):
        batches.run(connection, statement, values)
    connection.execute(_BY_EDITION, {"accounts": sorted(judged), "edition": lines.edition})
    batches.run(connection, SPOKEN, _all_weighed(connection, unsure, lines, told))
    begins = {"settled_at": now, "by": lines.by, "rest": len(lines.was_by) + 1}
    batches.run(connection, _RELINED, [{"one": one, "until": of.until, **begins} for one, of in judged.items()])


def _speaks_now(
    was: Finding | None, answers: tuple[Finding, ...], lines: Lines, told: frozenset[str]
) -> Finding | None:
    """Which answer speaks for an account of which only these are new; `None` where all must be weighed."""
    kept = () if was is None or was.indicator in lines.ids else (was,)
    speaks = worst(tuple(sorted((*kept, *answers), key=lambda one: lines.order.index(one.indicator))), told)
    if was is None or speaks is None or speaks.counts_as is not speaks.outcome:
        return None
    if kept or worst((was, speaks), told) is speaks:
        return speaks
    first = lines.order.index(speaks.indicator) <= lines.order.index(was.indicator)
    return speaks if first and worst((speaks, was), told) is speaks else None


def _all_weighed(
    connection: Connection, accounts: list[str], lines: Lines, told: Mapping[str, frozenset[str]]
) -> list[dict[str, Any]]:
    """What the board keeps of these accounts, from all that stands of them."""
    stand: dict[str, list[Finding]] = {one: [] for one in accounts}
    for account_id, stood in _before(connection, _BEFORE, accounts).items() if accounts else ():
        texts = (text for _, text, _ in _stood(stood).answers.values())
        stand[account_id] += [finding for text in texts if (finding := rows.finding_of(text))]
    in_order = {one: sorted(found, key=lambda each: lines.order.index(each.indicator)) for one, found in stand.items()}
    return [{"one": one, **board_values(tuple(found), told[one])} for one, found in in_order.items()]


def save_some(connection: Connection, upsert: Upserts, judged: Mapping[str, tuple[tuple[Finding, ...], str]]) -> None:
    """See `Ledger.save_some`."""
    lines = {finding.indicator for findings, _ in judged.values() for finding in findings}
    before = _before(connection, _BEFORE_OF_LINES, judged, lines)
    standing: list[dict[str, Any]] = []
    for account_id, (findings, edition) in judged.items():
        standing += _compared(account_id, findings, edition, _stood(before.get(account_id)), None).changed
    batches.run(connection, upsert.standing, standing)


def _before(
    connection: Connection, asked: Select[Any], accounts: Iterable[str], lines: Iterable[str] = ()
) -> dict[str, tuple[Any, ...]]:
    """By account, the answers that stood, to be read by `_stood`; none of those of which none did."""
    both = {"accounts": sorted(accounts), "lines": sorted(lines)}
    return {row[0]: row for row in batches.read(connection, asked, both)}


def _stood(row: tuple[Any, ...] | None) -> _Stood:
    if row is None:
        return _NOTHING
    _, first, last, findings, histories = row
    texts = findings.split(BETWEEN)
    told = _TELL.decode(f"[{','.join(texts)}]")
    each = zip(told, texts, histories.split(BETWEEN), strict=True)
    return _Stood(first if first == last else "", dict(zip([one.indicator for one in told], each, strict=True)))


@dataclass(frozen=True)
class _Compared:
    """Answers held against what stood. as_written: the fields of those that are the same, given at another instant, and
    texts: how they are written. changed: the rows of the others. over: what is asked no more."""

    answers: tuple[Finding, ...]
    as_written: dict[str, dict[str, Any]]
    texts: dict[str, str]
    changed: list[dict[str, Any]]
    histories: dict[str, str]
    over: list[str]

    def spoken(self, dismissed: frozenset[str], told: frozenset[str], spoke: str | None) -> dict[str, Any] | None:
        """What the board keeps of what stands now and is not dismissed; `None` where that is written there.

        Only the answer that speaks for the account need be as it is written. spoke: its text on the board.
        """
        stand = [one for one in self.answers if one.indicator not in dismissed] if dismissed else list(self.answers)
        speaks = worst(tuple(stand), told)
        if speaks is not None and speaks.indicator in self.as_written:
            if spoke == self.texts[speaks.indicator] and speaks.counts_as is speaks.outcome:
                return None
            stand[stand.index(speaks)] = made(Finding, self.as_written[speaks.indicator])
        return board_values(tuple(stand), told)


def _compared(
    account_id: str, findings: Iterable[Finding], edition: str, stood: _Stood, settled_at: datetime | None
) -> _Compared:
    answers: list[Finding] = []
    histories: dict[str, str] = {}
    then: dict[str, dict[str, Any]] = {}  # what is written, if it is the same
    texts: dict[str, str] = {}
    known, steady = stood.answers, stood.edition == edition
    for answer in findings:
        name, outcome = answer.indicator, answer.outcome
        answers.append(answer)
        answered = None if outcome is Outcome.UNKNOWN else outcome is Outcome.FAIL
        if name not in known:
            histories[name] = _remembered("", answered)[0]
            continue
        was, text, history = known[name]
        if was.since is not None and (since := _since(answer, was, settled_at)) != answer.since:
            answers[-1] = answer = made(Finding, {**answer.__dict__, "since": since})
        histories[name], same = _remembered(history, answered)
        if same and steady:
            at, until = was.judged_at, answer.holds_until
            until = at if until is answer.judged_at or until == answer.judged_at else until
            then[name] = {**answer.__dict__, "judged_at": at, "holds_until": until}
            texts[name] = text
    for name, text in zip(list(then), rows.finding_texts(list(then.values())), strict=True):
        if text != texts[name]:
            del then[name]
    changed = [
        standing_values(account_id, one, edition, histories[one.indicator])
        for one in (answers if len(then) < len(answers) else ())
        if one.indicator not in then
    ]
    over = sorted(known.keys() - histories.keys())
    return _Compared(tuple(answers), then, texts, changed, histories, over)


@lru_cache(maxsize=1024)
def _remembered(history: str, fails: bool | None) -> tuple[str, bool]:
    """The history with one more answer, and whether that says nothing new. fails: `None` of one that is unknown. Few
    histories are not steady."""
    outcome = Outcome.UNKNOWN if fails is None else Outcome.FAIL if fails else Outcome.PASS
    longer = flapping.remembered(history, outcome)
    return longer, flapping.same(history, longer)


def speak_again(connection: Connection, account_id: str, now: datetime) -> None:
    """See `Ledger.speak_again`."""
    found = connection.execute(_STANDING, {"one": account_id})
    kept = tuple(finding for row in found if (finding := rows.finding_of(row.finding)) is not None)
    dismissed = reviews.dismissed(connection, {account_id: (kept, now)})[account_id]
    stand = tuple([one for one in kept if one.indicator not in dismissed])
    connection.execute(SPOKEN, {"one": account_id, **board_values(stand, _told(connection, [account_id])[account_id])})


def _told(connection: Connection, accounts: Collection[str]) -> dict[str, frozenset[str]]:
    """By account, the indicators of whose fail is told: by their alert, no person need decide any more."""
    found: dict[str, frozenset[str]] = dict.fromkeys(accounts, _NONE)
    for account, indicator in batches.read(connection, _TOLD, {"accounts": sorted(accounts)}) if accounts else ():
        found[account] |= {indicator}
    return found


def _since(finding: Finding, before: _Told, settled_at: datetime | None) -> datetime | None:
    """From when on the outcome has held, as far as it is known."""
    if before.since is None or before.outcome != finding.outcome:
        return finding.since
    held_at = max(before.judged_at, settled_at or before.judged_at)
    if finding.since is not None and held_at < finding.since < finding.judged_at:
        return finding.since
    return before.since.astimezone(UTC)


def standing_values(account_id: str, finding: Finding, edition: str, history: str) -> dict[str, Any]:
    return {
        "account": account_id,
        "indicator": finding.indicator,
        "outcome": finding.outcome.value,
        "since": finding.since,
        "judged_at": finding.judged_at,
        "edition": edition,
        "finding": rows.finding_text(finding.__dict__),
        "history": history,
    }


def board_values(findings: tuple[Finding, ...], told: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the board keeps of an account. Where a hint speaks, the day that counts is the first of what it passes.
    told: as for `worst`."""
    finding = worst(findings, told)
    outcome = finding.counts_as if finding else Outcome.UNKNOWN
    deadline = finding.deadline if finding else None
    if finding and outcome is not finding.outcome:
        good = (one.deadline for one in findings if one.outcome in (Outcome.PASS, Outcome.AT_RISK) and one.deadline)
        deadline = min(good, default=None)
    return {
        "outcome": outcome.value,
        "rank": RANK[standing_of(finding, told) if finding else Standing.UNKNOWN],
        "indicator": finding.indicator if finding else "",
        "deadline": deadline,
        "order_at": deadline or FAR,
        "holds_until": finding.holds_until if finding else None,
        "reason": finding.reason.value if finding and finding.reason else None,
        "finding": rows.finding_text(finding.__dict__) if finding else None,
        "settled": None,  # whoever judges anew says whether it is
    }
