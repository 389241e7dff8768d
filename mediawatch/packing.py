"""Gathers the evidence of findings, each with all it rests on: looks, posts, kept answers, rule and the chain.

It judges the record again at the instant, by the book of the account or of a campaign, so that a pack says what the
record says. It must not write, and never take a look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mediawatch.core.calendar import day_of
from mediawatch.core.campaign import Line
from mediawatch.core.model import Account, Evidence, Finding, Outcome
from mediawatch.core.report_views import Issue, Pack
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.core.wording import say
from mediawatch.policy import Policy
from mediawatch.store import report_reads, setups
from mediawatch.store.inspections import Campaigns
from mediawatch.store.past import Past
from mediawatch.store.places import place_of
from mediawatch.store.store import Store


def packs(
    store: Store,
    policy: Policy,
    recall: Callable[[str], bytes | None],
    account: str,
    issue: Issue,
    at: datetime,
    *,
    indicator: str = "",
    campaign: str = "",
) -> tuple[Pack, ...]:
    """A pack for each fail that is more than a hint; with `indicator` of that line, whatever its outcome.

    campaign: as that one saw it at its T, by its own book, with what people decided. Raises KeyError for what is
    unknown, ValueError for a line that is not asked of the account.
    """
    lines: dict[str, Line] = {}
    if campaign:
        known, book, at, lines = _of_campaign(store, campaign, account)
    else:
        try:
            known = Past(store).account(account, at)
        except KeyError:
            raise KeyError(f"account {account}") from None
        book = Past(store).books(policy.books, at)[known.rulebook].on(day_of(at))
    evidence = Past(store).evidence(known, at)
    found = judge(book, evidence)
    if indicator:
        chosen = [one for one in found if one.indicator == indicator]
        if not chosen:
            raise ValueError(
                f"{account} is not asked {indicator}; what is: {', '.join(one.indicator for one in found)}"
            )
    else:
        chosen = [one for one in found if one.outcome is Outcome.FAIL and one.severity != "notice"]
    return tuple(_pack(store, book, evidence, one, issue, recall, lines.get(one.indicator)) for one in chosen)


def _of_campaign(store: Store, campaign: str, account: str) -> tuple[Account, Rulebook, datetime, dict[str, Line]]:
    with store.reading() as connection:
        campaigns = Campaigns(connection)
        plan = campaigns.one(campaign).plan
        result = next((one for one in campaigns.results(campaign) if one.account.id == account), None)
    if result is None:
        raise KeyError(f"{account} in the sample of {campaign}")
    return result.account, plan.rulebook, plan.judged_at, {one.finding.indicator: one for one in result.lines}


def _pack(
    store: Store,
    book: Rulebook,
    evidence: Evidence,
    finding: Finding,
    issue: Issue,
    recall: Callable[[str], bytes | None],
    line: Line | None,
) -> Pack:
    targets = sorted({look.target for look in evidence.looks} | {one.id for one in evidence.account.targets})
    with store.reading() as connection:
        chain = report_reads.chain(connection, targets, evidence.now)
        made_with = setups.named(connection, {look.setup for look in chain})
    digests = dict.fromkeys(digest for look in evidence.looks for digest in look.digests)
    answers = {digest: recall(digest) for digest in digests}
    indicator = book.indicator(finding.indicator)
    return Pack(
        issue=issue,
        finding=finding,
        indicator=indicator,
        rulebook=book,
        says=say(indicator, finding, issue.language, confirmed=line is not None and line.standing == "confirmed"),
        evidence=evidence,
        places=tuple(map(place_of, evidence.account.targets)),
        chain=chain,
        setups=made_with,
        answers={digest: body for digest, body in answers.items() if body is not None},
        missing=tuple(digest for digest, body in answers.items() if body is None),
        decided=line.decided if line else (),
    )
