"""An answer that comes and goes: told once as such, and not at every turn. Pure.

The share of changes among the last answers, the younger ones weighing more, with one threshold to enter and a lower one
to leave (figures as Icinga 2 has them: 20 states, weights from 0.8 to 1.15, more than 30 % in, less than 25 % out).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from mediawatch.core.alerting import Alert, State, alert_id, follow
from mediawatch.core.model import Finding, Outcome
from mediawatch.core.rulebook import Language, Words

KEPT = 21  # answers, between which lie 20 changes or none
LIGHTEST, HEAVIEST = 0.8, 1.15
ENTER, LEAVE = 0.30, 0.25

SAYS = Words(
    zh_CN="判定反复变化（最近 {kept} 次中变化 {changes} 次），稳定前不再逐次通知。",
    en="The answer comes and goes ({changes} changes in the last {kept}); no turn is told until it is steady.",
)


def remembered(history: str, outcome: Outcome) -> str:
    """The last answers with one more, from old to new: `f` fails, `p` does not. What could not be seen is no answer."""
    if outcome is Outcome.UNKNOWN:
        return history
    return (history + ("f" if outcome is Outcome.FAIL else "p"))[-KEPT:]


def same(history: str, longer: str) -> bool:
    """Whether one more answer says nothing new: a short history counts as steady before."""
    return history == longer or (bool(history) and len(set(longer)) == 1)


def share(history: str) -> float:
    """The weighted share of changes among the last answers, from 0 to 1; a short history counts as steady before."""
    if "f" not in history or "p" not in history:
        return 0.0
    turns = [before != after for before, after in pairwise(history)]
    turns = [False] * (KEPT - 1 - len(turns)) + turns
    step = (HEAVIEST - LIGHTEST) / (KEPT - 2)
    return sum(LIGHTEST + step * place for place, turned in enumerate(turns) if turned) / (KEPT - 1)


def flaps(history: str, before: bool) -> bool:
    """Whether the answer flaps now, if it did or did not before."""
    return share(history) > (LEAVE if before else ENTER)


def transition(
    live: Iterable[Alert], findings: Iterable[Finding], histories: dict[str, str], now: datetime, language: Language
) -> tuple[Alert, ...]:
    """The flapping alerts of one account that open or end now. histories: by indicator, with this answer in them."""
    standing = {alert.indicator: alert for alert in live if alert.live and alert.level == "flapping"}
    wanted = []
    for finding in findings:
        history, alert = histories.get(finding.indicator, ""), standing.get(finding.indicator)
        if flaps(history, alert is not None):
            wanted.append(alert or _opened(finding, history, now, language))
    return follow(standing.values(), wanted, now)


def _opened(finding: Finding, history: str, now: datetime, language: Language) -> Alert:
    changes = sum(before != after for before, after in pairwise(history))
    return Alert(
        id=alert_id(finding.account, finding.indicator, "flapping", now),
        subject=finding.account,
        indicator=finding.indicator,
        level="flapping",
        state=State.OPEN,
        since=finding.since,
        opened_at=now,
        confirmed_at=now,
        detail=SAYS.in_(language).format(changes=changes, kept=len(history)),
    )
