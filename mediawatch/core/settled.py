"""Accounts whose answers a look that shows nothing new cannot change, until a known instant. Pure.

Every line says until when its answer stands while looks show what the last one showed (`Rule.stands`), and nothing is
missing that a second look would miss again. Until then such a look need not be judged: it would give the same answers.

And until when the clock alone changes no answer, whatever it is, while nobody looks (`Rule.keeps`): until then nothing
need be judged again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import FOREVER, day_of, midnight_after
from mediawatch.core.model import Evidence, Feed, Finding, Listing, Outcome
from mediawatch.core.profiles import SERIES_DAYS, SPARE_DAYS
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import RULES, asked
from mediawatch.core.rules.vanished import reaches_behind
from mediawatch.core.standing import worst

MOST_DAYS = 64  # of books, for which it is remembered when they ask otherwise
_OTHERWISE: dict[tuple[str, date], datetime] = {}


@dataclass(frozen=True)
class Stands:
    """ahead: what the findings prove ahead, and what is open. until: when all is judged again. counts_until: when the
    lines that go by daily counts alone are asked again of these (`answers_by_counts`)."""

    ahead: tuple[Finding, ...]
    until: datetime
    counts_until: datetime


def settles(book: Rulebook, evidence: Evidence, findings: tuple[Finding, ...]) -> Stands | None:
    """Until when these findings stand, where the account is settled by them; `None` where it is not.

    The evidence must end with a look of its own day, just taken: the one that later looks are held against.
    """
    if len(evidence.account.targets) != 1 or not evidence.looks or not findings:
        return None
    last, now = evidence.looks[-1], evidence.now
    if day_of(last.at) != day_of(now) or not last.trusted or not isinstance(last.seen, Feed | Listing):
        return None
    if any(post.last_seen_at < last.at and reaches_behind(last, post) for post in evidence.posts):
        return None  # it is missing now, and is gone once it has been missing for a day
    spoken = worst(findings)
    ends = {True: FOREVER, False: _asks_otherwise(book, day_of(now))}
    for (line, params), finding in zip(asked(book, evidence), findings, strict=True):
        rule = RULES[line.rule]
        until = rule.stands(evidence, params, finding) if rule.stands is not None else None
        if until is None:
            return None
        if until is not FOREVER:  # nearly all are, and instants of two zones are dear to compare
            alone = rule.by_counts and finding is not spoken
            ends[alone] = min(ends[alone], until)
    return Stands(tuple([one for one in findings if _plans(one, now)]), until=ends[False], counts_until=ends[True])


def _plans(finding: Finding, now: datetime) -> bool:
    """Whether anything of it ends or falls due ahead, or is open: what holds for ever plans no look."""
    ends = now < finding.holds_until < FOREVER or finding.warns_at is not None
    return ends or finding.deadline is not None or finding.outcome is Outcome.UNKNOWN


def keeps(book: Rulebook, evidence: Evidence, findings: tuple[Finding, ...]) -> datetime | None:
    """Until when judging this evidence later gives these findings again, as they are shown by then (`standing_at`);
    `None` where any instant may change one. When the next reminder falls due (`warns_at`) is none of an answer: only a
    look at or after that instant makes it one.
    """
    now, until = evidence.now, _asks_otherwise(book, day_of(evidence.now))
    for (line, params), finding in zip(asked(book, evidence), findings, strict=True):
        lasts, holds = RULES[line.rule].keeps, finding.holds_until
        if lasts is None or (ends := lasts(evidence, params, finding)) is None:
            return None
        if ends is not FOREVER:  # nearly all are, and instants of two zones are dear to compare
            until = min(until, ends)
        if holds is not now and holds is not FOREVER and now < holds < until:
            until = holds
    for counts in evidence.series[:1]:  # the oldest day of counts is the first that is known no more
        until = min(until, midnight_after(counts.day + timedelta(days=SERIES_DAYS + SPARE_DAYS - 1)))
    return until


def answers_by_counts(book: Rulebook, evidence: Evidence) -> tuple[Finding, ...]:
    """The lines that go by daily counts alone, of evidence that holds nothing else."""
    lines = ((line, params) for line, params in asked(book, evidence) if RULES[line.rule].by_counts)
    return tuple(RULES[line.rule].judge(evidence, line, params) for line, params in lines)


def _asks_otherwise(book: Rulebook, today: date) -> datetime:
    """The first instant at which the book begins or ceases to ask something."""
    if (book.edition, today) not in _OTHERWISE:
        if len(_OTHERWISE) >= MOST_DAYS:
            _OTHERWISE.clear()
        begins = [line.in_force_from - timedelta(days=1) for line in book.indicators if line.in_force_from is not None]
        ends = [line.in_force_to for line in book.indicators if line.in_force_to is not None]
        turns = (midnight_after(day) for day in (*begins, *ends) if day >= today)
        _OTHERWISE[book.edition, today] = min(turns, default=FOREVER)
    return _OTHERWISE[book.edition, today]
