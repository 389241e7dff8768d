"""The answers that stand of accounts, and the one of each that speaks for it on the board: a projection of the record.

What has not changed is not written again. It must never judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, case, delete, func, select, update

from mediawatch.core import flapping
from mediawatch.core.model import Finding, Outcome, worst
from mediawatch.core.value import made
from mediawatch.store import batches, reviews, rows
from mediawatch.store.columns import among, changing
from mediawatch.store.enroll import RANK
from mediawatch.store.lasting import NOT_LASTING, Lasting
from mediawatch.store.tables import ACCOUNT, FAR, STANDING
from mediawatch.store.upserts import Upserts


class _Stood(NamedTuple):
    """An answer that stood, as it is written down."""

    indicator: str
    outcome: str
    since: datetime | None
    judged_at: datetime
    edition: str
    finding: str
    history: str


_STANDING = select(STANDING.c.finding).where(STANDING.c.account == bindparam("one"))
_BEFORE = select(STANDING.c.account, *(STANDING.c[name] for name in _Stood._fields)).where(
    among(STANDING.c.account, "accounts")
)
_BEFORE_OF_LINES = _BEFORE.where(among(STANDING.c.indicator, "lines"))
_ON_BOARD = ("outcome", "rank", "indicator", "deadline", "order_at", "holds_until", "reason", "finding")
_SPOKE = select(ACCOUNT.c.id, ACCOUNT.c.settled_at, *(ACCOUNT.c[name] for name in _ON_BOARD)).where(
    among(ACCOUNT.c.id, "accounts")
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


def save_all(
    connection: Connection,
    upsert: Upserts,
    judged: Mapping[str, tuple[tuple[Finding, ...], str]],
    kept: Mapping[str, Lasting],
) -> dict[str, Saved]:
    """See `Ledger.save_findings`."""
    before = _before(connection, _BEFORE, judged)
    spoke = {row[0]: row for row in batches.read(connection, _SPOKE, {"accounts": sorted(judged)})}
    compared = {
        account_id: _compared(account_id, findings, edition, before[account_id], spoke[account_id][1])
        for account_id, (findings, edition) in judged.items()
    }
    told = {one: (compared[one].answers, _instant(findings)) for one, (findings, _) in judged.items()}
    dismissed = reviews.dismissed(connection, told)
    standing: list[dict[str, Any]] = []
    spoken: list[dict[str, Any]] = []
    gone: list[dict[str, str]] = []
    for account_id, stands in compared.items():
        asked = {one.indicator for one in stands.answers}
        gone += [{"of": account_id, "one": one} for one in sorted(before[account_id].keys() - asked)]
        standing += stands.changed
        speaks = board_values(stands.stand(dismissed[account_id]))
        if tuple([speaks[name] for name in _ON_BOARD]) != spoke[account_id][2:]:
            spoken.append({"one": account_id, **speaks})
    judged_at = [
        {
            "one": account_id,
            "settled": None,
            "settled_at": findings[0].judged_at,
            "keeps_until": (keeps := kept.get(account_id, NOT_LASTING)).until,
            "kept_by": keeps.by,
        }
        for account_id, (findings, _) in judged.items()
        if findings
    ]
    for statement, values in (
        (_OVER, gone),
        (upsert.standing, standing),
        (SPOKEN, spoken),
        (_JUDGED, judged_at),
    ):
        batches.run(connection, statement, values)
    return {one: Saved(dismissed[one], stands.histories) for one, stands in compared.items()}


def _instant(findings: Sequence[Finding]) -> datetime:
    return findings[0].judged_at if findings else FAR


@dataclass(frozen=True)
class Lines:
    """Lines of a book that a new edition of it decides otherwise. ids: theirs. order: the ids of all lines, in that of
    the book. edition: the new one. by, was_by: it and the one before, as `lasting.by` begins with them."""

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
    spoke = {row.id: row for row in connection.execute(_SPOKE, {"accounts": sorted(judged)}).all()}
    standing: list[dict[str, Any]] = []
    spoken: list[dict[str, Any]] = []
    gone: list[dict[str, str]] = []
    unsure: list[str] = []
    for account_id, told in judged.items():
        known, row = before[account_id], spoke[account_id]
        compared = _compared(account_id, told.findings, lines.edition, known, row.settled_at)
        standing += compared.changed
        gone += [{"of": account_id, "one": one} for one in sorted(known.keys() - compared.histories.keys())]
        was = rows.finding_of(row.finding)
        speaks = _speaks_now(was, compared.answers, lines)
        if speaks is None:
            unsure.append(account_id)
        elif speaks is not was:
            spoken.append({"one": account_id, **board_values((speaks,))})
    for statement, values in ((_OVER, gone), (upsert.standing, standing), (SPOKEN, spoken)):
        batches.run(connection, statement, values)
    connection.execute(_BY_EDITION, {"accounts": sorted(judged), "edition": lines.edition})
    batches.run(connection, SPOKEN, _all_weighed(connection, unsure, lines))
    begins = {"settled_at": now, "by": lines.by, "rest": len(lines.was_by) + 1}
    batches.run(connection, _RELINED, [{"one": one, "until": told.until, **begins} for one, told in judged.items()])


def _speaks_now(was: Finding | None, answers: tuple[Finding, ...], lines: Lines) -> Finding | None:
    """Which answer speaks for an account of which only these are new; `None` where all must be weighed."""
    kept = () if was is None or was.indicator in lines.ids else (was,)
    speaks = worst(tuple(sorted((*kept, *answers), key=lambda one: lines.order.index(one.indicator))))
    if was is None or speaks is None or speaks.counts_as is not speaks.outcome:
        return None
    if kept or worst((was, speaks)) is speaks:
        return speaks
    first = lines.order.index(speaks.indicator) <= lines.order.index(was.indicator)
    return speaks if first and worst((speaks, was)) is speaks else None


def _all_weighed(connection: Connection, accounts: list[str], lines: Lines) -> list[dict[str, Any]]:
    """What the board keeps of these accounts, from all that stands of them."""
    stand: dict[str, list[Finding]] = {one: [] for one in accounts}
    for row in connection.execute(_BEFORE, {"accounts": sorted(accounts)}).all() if accounts else ():
        finding = rows.finding_of(row.finding)
        if finding is not None:
            stand[row.account].append(finding)
    in_order = {one: sorted(found, key=lambda each: lines.order.index(each.indicator)) for one, found in stand.items()}
    return [{"one": one, **board_values(tuple(found))} for one, found in in_order.items()]


def save_some(connection: Connection, upsert: Upserts, judged: Mapping[str, tuple[tuple[Finding, ...], str]]) -> None:
    """See `Ledger.save_some`."""
    lines = {finding.indicator for findings, _ in judged.values() for finding in findings}
    before = _before(connection, _BEFORE_OF_LINES, judged, lines)
    standing: list[dict[str, Any]] = []
    for account_id, (findings, edition) in judged.items():
        standing += _compared(account_id, findings, edition, before[account_id], None).changed
    batches.run(connection, upsert.standing, standing)


def _before(
    connection: Connection, asked: Select[Any], judged: Iterable[str], lines: Iterable[str] = ()
) -> dict[str, dict[str, _Stood]]:
    """By account and indicator, the answers that stood."""
    before: dict[str, dict[str, _Stood]] = {account_id: {} for account_id in judged}
    for account_id, *stood in batches.read(connection, asked, {"accounts": sorted(before), "lines": sorted(lines)}):
        before[account_id][stood[0]] = _Stood._make(stood)
    return before


@dataclass(frozen=True)
class _Compared:
    """Answers held against what stood. as_written: the fields of those that are the same, given at another instant.
    changed: the rows of the others."""

    answers: tuple[Finding, ...]
    as_written: dict[str, dict[str, Any]]
    changed: list[dict[str, Any]]
    histories: dict[str, str]

    def stand(self, dismissed: frozenset[str]) -> tuple[Finding, ...]:
        """What stands now and is not dismissed. Only the one that speaks for the account need be as it is written."""
        stand = [one for one in self.answers if one.indicator not in dismissed]
        speaks = worst(tuple(stand))
        if speaks is not None and speaks.indicator in self.as_written:
            stand[stand.index(speaks)] = made(Finding, self.as_written[speaks.indicator])
        return tuple(stand)


def _compared(
    account_id: str,
    findings: Iterable[Finding],
    edition: str,
    known: Mapping[str, _Stood],
    settled_at: datetime | None,
) -> _Compared:
    answers: list[Finding] = []
    as_written: dict[str, dict[str, Any]] = {}
    changed: list[dict[str, Any]] = []
    histories: dict[str, str] = {}
    for answer in findings:
        was = known.get(answer.indicator)
        since = _since(answer, was, settled_at)
        if since != answer.since:
            answer = made(Finding, {**answer.__dict__, "since": since})
        answers.append(answer)
        histories[answer.indicator] = history = flapping.remembered(was.history if was else "", answer.outcome)
        if was is not None and was.edition == edition and flapping.same(was.history, history):
            until = answer.holds_until if answer.holds_until != answer.judged_at else was.judged_at
            then = {**answer.__dict__, "judged_at": was.judged_at, "holds_until": until}
            if rows.finding_text(then) == was.finding:
                as_written[answer.indicator] = then
                continue
        changed.append(standing_values(account_id, answer, edition, history))
    return _Compared(tuple(answers), as_written, changed, histories)


def speak_again(connection: Connection, account_id: str, now: datetime) -> None:
    """See `Ledger.speak_again`."""
    found = connection.execute(_STANDING, {"one": account_id})
    kept = tuple(finding for row in found if (finding := rows.finding_of(row.finding)) is not None)
    dismissed = reviews.dismissed(connection, {account_id: (kept, now)})[account_id]
    connection.execute(SPOKEN, {"one": account_id, **_spoken(kept, dismissed)})


def _since(finding: Finding, before: _Stood | None, settled_at: datetime | None) -> datetime | None:
    """From when on the outcome has held, as far as it is known."""
    if before is None or before.outcome != finding.outcome.value or before.since is None:
        return finding.since
    held_at = max(before.judged_at, settled_at or before.judged_at)
    if finding.since is not None and held_at < finding.since < finding.judged_at:
        return finding.since
    return before.since


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


def _spoken(findings: Iterable[Finding], dismissed: frozenset[str]) -> dict[str, Any]:
    """The finding that speaks for an account; a dismissed one does not."""
    return board_values(tuple(finding for finding in findings if finding.indicator not in dismissed))


def board_values(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """What the board keeps of an account. Where a hint speaks, the day that counts is the first of what it passes."""
    finding = worst(findings)
    outcome = finding.counts_as if finding else Outcome.UNKNOWN
    deadline = finding.deadline if finding else None
    if finding and outcome is not finding.outcome:
        good = (one.deadline for one in findings if one.outcome in (Outcome.PASS, Outcome.AT_RISK) and one.deadline)
        deadline = min(good, default=None)
    return {
        "outcome": outcome.value,
        "rank": RANK[outcome],
        "indicator": finding.indicator if finding else "",
        "deadline": deadline,
        "order_at": deadline or FAR,
        "holds_until": finding.holds_until if finding else None,
        "reason": finding.reason.value if finding and finding.reason else None,
        "finding": rows.finding_text(finding.__dict__) if finding else None,
        "settled": None,  # whoever judges anew says whether it is
    }
