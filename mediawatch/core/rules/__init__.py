"""The set of rules, by name, and the one function that applies a rulebook to evidence.

Adding a rule is one pure function with its `Params` and one line here. Pure: nothing here reads a clock or a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mediawatch.core.calendar import day_of
from mediawatch.core.lifecycle import ENDING
from mediawatch.core.model import Account, Evidence, Finding, Outcome
from mediawatch.core.rulebook import CLOSING, Indicator, Rulebook, Switch
from mediawatch.core.rules import (
    after_closing,
    app_closing,
    app_feedback,
    app_ladder,
    app_misuse,
    articles,
    backdated,
    bought_fans,
    burst,
    certificate,
    columns,
    content_hits,
    dead_links,
    deletions,
    empty_shell,
    filing,
    gone,
    hijacked_links,
    home_stale,
    ipv6,
    last_minute,
    menu,
    migration_notice,
    monthly_original,
    register_faults,
    renamed,
    replies,
    repost_share,
    required_reposts,
    sponsor_level,
    stale,
    unreachable,
    verification,
    weekly,
    zero_counts,
)
from mediawatch.core.rules.rule import Rule
from mediawatch.core.vantage import agreed
from mediawatch.core.workdays import Calendar

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        stale.RULE,
        empty_shell.RULE,
        gone.RULE,
        renamed.RULE,
        verification.RULE,
        register_faults.TWICE,
        register_faults.LOOK_ALIKE,
        register_faults.UNVERIFIED,
        register_faults.SHOWN_IN_STATE,
        bought_fans.RULE,
        menu.INTERACTION,
        menu.MENU,
        articles.ARTICLES,
        articles.MOVED,
        app_ladder.LISTED,
        app_ladder.DOWNLOADS,
        app_ladder.PACKAGE,
        app_ladder.CURRENT,
        app_ladder.BACK_END,
        app_ladder.OPENS,
        weekly.RULE,
        monthly_original.RULE,
        zero_counts.RULE,
        filing.RULE,
        sponsor_level.RULE,
        unreachable.RULE,
        certificate.RULE,
        ipv6.RULE,
        home_stale.RULE,
        columns.RULE,
        dead_links.RULE,
        hijacked_links.RULE,
        migration_notice.RULE,
        after_closing.POSTS_AGAIN,
        after_closing.STILL_ALIVE,
        after_closing.UNANNOUNCED,
        deletions.RULE,
        backdated.RULE,
        last_minute.RULE,
        content_hits.RULE,
        repost_share.RULE,
        burst.RULE,
        required_reposts.RULE,
        replies.RULE,
        app_closing.RULE,
        app_feedback.RULE,
        app_misuse.RULE,
    )
}


_IN_WORDS = {"number", "title", "fault", "boundary", "cites", "says"}
NO_SWITCHES: Mapping[str, Switch] = {}
NO_CALENDAR = Calendar()
ASKED_FROM = "asked_from"
MOST_EDITIONS = 64  # of books whose thresholds are remembered
MOST_ALIKE = 256  # kinds, states and days for which it is remembered what is asked
_RESOLVED: dict[str, tuple[tuple[Indicator, Any], ...]] = {}
_ASKED: dict[tuple[object, ...], tuple[tuple[Indicator, Any], ...]] = {}


def judge(book: Rulebook, evidence: Evidence) -> tuple[Finding, ...]:
    """Every indicator that is asked of the account at `evidence.now`, in the order of the book.

    The same evidence, book and instant give the same findings, today and in five years.
    """
    return tuple([_answer(evidence, indicator, params) for indicator, params in asked(book, evidence)])


def asked(book: Rulebook, evidence: Evidence) -> tuple[tuple[Indicator, Any], ...]:
    """The lines that are asked of an account like this one on that day, each with its thresholds."""
    day, account = day_of(evidence.now), evidence.account
    covers = frozenset().union(*[target.covers for target in account.targets])
    alike = (book.edition, day, account.kind, account.state, CLOSING in account.tags, covers)
    if alike not in _ASKED:
        if len(_ASKED) >= MOST_ALIKE:
            _ASKED.clear()
        _ASKED[alike] = tuple(
            (indicator, params)
            for indicator, params in _resolved(book)
            if applies(indicator, account) and indicator.in_force_on(day) and not _excused(account, params)
        )
    return _ASKED[alike]


def _resolved(book: Rulebook) -> tuple[tuple[Indicator, Any], ...]:
    """The book's lines, each with its thresholds: read once for each edition, not for each account."""
    if book.edition not in _RESOLVED:
        if len(_RESOLVED) >= MOST_EDITIONS:
            _RESOLVED.clear()
        _RESOLVED[book.edition] = tuple(
            (indicator, thresholds(indicator, book.switches, book.calendar, book.in_force_from))
            for indicator in book.indicators
        )
    return _RESOLVED[book.edition]


def decides_otherwise(book: Rulebook, before: Rulebook) -> frozenset[str] | None:
    """The lines, by id, by which an edition of a book may give another answer than the one before it; a line that only
    says it in other words is none of them. `None` where what both ask stands in another order: it decides which line
    speaks for an account."""
    mine, theirs = _deciding(book), _deciding(before)
    if [one for one in mine if one in theirs] != [one for one in theirs if one in mine]:
        return None
    return frozenset(one for one in {**mine, **theirs} if mine.get(one) != theirs.get(one))


def _deciding(book: Rulebook) -> dict[str, tuple[str, Any]]:
    """By its id, all of a line that an answer depends on."""
    return {line.id: (line.model_dump_json(exclude=_IN_WORDS), params) for line, params in _resolved(book)}


def other_thresholds(book: Rulebook, before: Rulebook) -> dict[str, Any]:
    """By id, of the lines that ask by other thresholds, and nothing else otherwise: the thresholds before."""
    exclude = _IN_WORDS | {"params"}
    were = {line.id: (line.model_dump_json(exclude=exclude), params) for line, params in _resolved(before)}
    now = {line.id: line.model_dump_json(exclude=exclude) for line in book.indicators}
    return {id_: params for id_, (text, params) in were.items() if now.get(id_) == text}


def restated(
    book: Rulebook, before: Mapping[str, Any], evidence: Evidence, stands: Mapping[str, Finding]
) -> tuple[Finding, ...] | None:
    """What the book's lines say of an account that nobody has looked at since answers of it were given by the
    thresholds before (`other_thresholds`); `None` where its evidence has to be read for any of them.

    evidence: nothing but the account and the instant. stands: its answers by id.
    """
    told: list[Finding] = []
    for line, params in asked(book, evidence):
        restates = RULES[line.rule].restated
        if restates is None or line.id not in before or line.id not in stands:
            return None
        answer = restates(stands[line.id], evidence, line, before[line.id], params)
        if answer is None:
            return None
        told.append(answer)
    return tuple(told)


def reads(book: Rulebook) -> frozenset[str]:
    """What of the evidence the book's lines rest on, beside the account and its looks (`rule.PARTS`)."""
    return frozenset[str]().union(*(RULES[line.rule].reads for line in book.indicators))


def judge_line(book: Rulebook, evidence: Evidence, indicator: str) -> Finding | None:
    """One line of a book, as `judge` answers it; `None` where it is not asked of the account now."""
    lines = (one for one in asked(book, evidence) if one[0].id == indicator)
    return next((_answer(evidence, line, params) for line, params in lines), None)


def judge_one(
    indicator: Indicator,
    evidence: Evidence,
    switches: Mapping[str, Switch] = NO_SWITCHES,
    calendar: Calendar = NO_CALENDAR,
) -> Finding:
    """One indicator. Raises KeyError for a rule that does not exist (settings refuse such a book)."""
    return _answer(evidence, indicator, thresholds(indicator, switches, calendar))


def _answer(evidence: Evidence, indicator: Indicator, params: Any) -> Finding:
    rule = RULES[indicator.rule].judge
    finding = rule(evidence, indicator, params)
    if indicator.vantages == 1 or finding.outcome is not Outcome.FAIL:
        return finding
    return agreed(finding, evidence, indicator.vantages, lambda seen: rule(seen, indicator, params))


def thresholds(
    indicator: Indicator,
    switches: Mapping[str, Switch],
    calendar: Calendar = NO_CALENDAR,
    begins: date | None = None,
) -> Any:
    """The rule's `Params`: what the indicator says, else how the book answers an open question, else the default.

    A rule that counts working days has a field `calendar`, which is the book's; one that asks for something in each
    week or month has `asked_from`, the first day on which it is asked (begins: the book's own).
    """
    params = RULES[indicator.rule].params
    open_: dict[str, object] = {name: one.value for name, one in switches.items() if name in params.model_fields}
    if "calendar" in params.model_fields:
        open_["calendar"] = calendar
    if ASKED_FROM in params.model_fields:
        open_[ASKED_FROM] = indicator.in_force_from or begins
    return params.model_validate({**open_, **indicator.params})


def _excused(account: Account, params: Any) -> bool:
    """Whether an account that is being closed is not asked, as the book decides (`exempt_while_closing`)."""
    closing = CLOSING in account.tags or account.state in ENDING
    return closing and bool(getattr(params, "exempt_while_closing", False))


def applies(indicator: Indicator, account: Account) -> bool:
    """Whether the indicator is asked of this account; a rung `if_watched` needs a channel that covers it."""
    if account.kind not in indicator.applies_to or not indicator.asked_in(account.state):
        return False
    if not indicator.if_watched:
        return True
    needed = indicator.needs_for(account.kind)
    return any(kind in target.covers for target in account.targets for kind in needed)
