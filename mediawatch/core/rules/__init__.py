"""The set of rules, by name, and the one function that applies a rulebook to evidence.

Adding a rule is one pure function with its `Params` and one line here. Pure: nothing here reads a clock or a store.
"""

from __future__ import annotations

from mediawatch.core.model import Account, Evidence, Finding
from mediawatch.core.rulebook import Indicator, Rulebook
from mediawatch.core.rules import app_ladder, empty_shell, gone, stale
from mediawatch.core.rules.rule import Rule

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        stale.RULE,
        empty_shell.RULE,
        gone.RULE,
        app_ladder.LISTED,
        app_ladder.DOWNLOADS,
        app_ladder.PACKAGE,
        app_ladder.CURRENT,
        app_ladder.OPENS,
    )
}


def judge(book: Rulebook, evidence: Evidence) -> tuple[Finding, ...]:
    """Every indicator that applies to the account, judged at `evidence.now`, in the order of the book.

    The same evidence, book and instant give the same findings, today and in five years.
    """
    return tuple(
        judge_one(indicator, evidence) for indicator in book.indicators if applies(indicator, evidence.account)
    )


def judge_one(indicator: Indicator, evidence: Evidence) -> Finding:
    """One indicator. Raises KeyError for a rule that does not exist (settings refuse such a book)."""
    rule = RULES[indicator.rule]
    return rule.judge(evidence, indicator, rule.params.model_validate(indicator.params))


def applies(indicator: Indicator, account: Account) -> bool:
    """Whether the indicator is asked of this account; a rung `if_watched` needs a channel that covers it."""
    if account.kind not in indicator.applies_to:
        return False
    if not indicator.if_watched:
        return True
    needed = indicator.needs_for(account.kind)
    return any(kind in target.covers for target in account.targets for kind in needed)
