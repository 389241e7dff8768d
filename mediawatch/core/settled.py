"""Accounts whose answers a look that shows nothing new cannot change, for the rest of a Shanghai day. Pure.

Every line passes, each by a rule whose pass only what is seen or the next day can end, and nothing is missing that a
second look would miss again. Then such a look need not be judged: it would give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Finding, Listing, Outcome
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import RULES
from mediawatch.core.rules.vanished import reaches_behind

MOST_EDITIONS = 64  # of books that are remembered
_BY_DAY: dict[str, frozenset[str]] = {}


def settles(book: Rulebook, evidence: Evidence, findings: tuple[Finding, ...]) -> tuple[Finding, ...] | None:
    """What these findings prove ahead, where the account is settled by them; `None` where it is not.

    The evidence must end with a look of its own day, just taken: the one that later looks are held against.
    """
    if len(evidence.account.targets) != 1 or not evidence.looks or not findings:
        return None
    last = evidence.looks[-1]
    if day_of(last.at) != day_of(evidence.now) or not last.trusted or not isinstance(last.seen, Feed | Listing):
        return None
    if any(finding.outcome is not Outcome.PASS for finding in findings) or not _by_day(book, findings):
        return None
    if any(post.last_seen_at < last.at and reaches_behind(last, post) for post in evidence.posts):
        return None  # it is missing now, and is gone once it has been missing for a day
    return tuple(one for one in findings if one.holds_until > evidence.now or one.warns_at is not None)


def _by_day(book: Rulebook, findings: Iterable[Finding]) -> bool:
    if book.edition not in _BY_DAY:
        if len(_BY_DAY) >= MOST_EDITIONS:
            _BY_DAY.clear()
        _BY_DAY[book.edition] = frozenset(line.id for line in book.indicators if RULES[line.rule].by_day)
    return all(finding.indicator in _BY_DAY[book.edition] for finding in findings)
